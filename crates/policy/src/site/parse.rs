//! Reads `[[site]]` and its tables.

use std::collections::BTreeMap;

use toml::Spanned;

use super::host::{self, NameKind};
use super::{Certificate, CertificateWord, Site, SiteLimit};
use super::{client, form, headers, origin, repair, upstream};
use crate::read::{Chain, Section, Span, Word, WordOr, shorten};
use crate::report::Fault;
use crate::{Size, Text, code};

impl Word for CertificateWord {
    const WORDS: &'static [(&'static str, Self)] = &[("acme", Self::Acme), ("dev", Self::Dev)];
}

/// The names already given to a site, with the number of the site, from 1.
pub(crate) type Taken = BTreeMap<String, usize>;

/// One `[[site]]`; `None` when a fault leaves no usable site.
pub(crate) fn parse(
    mut section: Section<'_, '_>,
    taken: &mut Taken,
    number: usize,
) -> Option<Site> {
    let hosts = hosts(&mut section, taken, number);
    let mut danger = false;
    let permission = section.set("danger-cleartext-upstream", &mut danger);
    let upstreams = upstream::parse(&mut section, permission.filter(|_| danger));
    let (origin, health) = origin::parse(&mut section, upstreams.as_deref().unwrap_or_default());
    let certificate = section
        .read::<WordOr<CertificateWord, Chain>>("certificate")
        .map(|certificate| match certificate.into_inner() {
            WordOr::Word(CertificateWord::Acme) => Certificate::Acme,
            WordOr::Word(CertificateWord::Dev) => Certificate::Dev,
            WordOr::Value(Chain { chain, key }) => Certificate::Files { chain, key },
        });
    let mut max_body = None;
    section.set_some("max-body", &mut max_body);
    let change_password = change_password(&mut section);
    let mut refusal_page = None;
    section.set_some("refusal-page", &mut refusal_page);

    let client_certificates = client::parse(section.table("client-certificates"));
    let repair = repair::parse(section.table("repair"));
    let headers = headers::parse(section.table("headers"));
    let mut limits = Vec::new();
    section.tables("limit", |section| limits.extend(limit(section, &limits)));
    let forms = form::parse::parse(&mut section);
    Some(Site {
        hosts: hosts?,
        upstreams: upstreams?,
        origin,
        health,
        certificate: certificate?,
        client_certificates,
        max_body,
        change_password,
        refusal_page,
        limits,
        repair,
        headers,
        forms,
    })
}

/// The names of a site, each of them its own alone.
fn hosts(section: &mut Section<'_, '_>, taken: &mut Taken, number: usize) -> Option<Vec<String>> {
    let list = section.read::<Vec<Spanned<String>>>("hosts")?;
    if list.get_ref().is_empty() {
        section.fault(no_host(list.span()));
        return None;
    }
    let mut hosts = Vec::new();
    for text in list.into_inner() {
        match host::read(text.get_ref(), NameKind::Host) {
            Ok(host) => match taken.get(&host) {
                Some(&first) => section.fault(host_twice(&host, first, text.span())),
                None => {
                    taken.insert(host.clone(), number);
                    hosts.push(host);
                }
            },
            Err(why) => section.fault(why.fault(text.get_ref(), text.span())),
        }
    }
    Some(hosts).filter(|hosts| !hosts.is_empty())
}

/// One `[[site.limit]]`; `None` when a fault leaves no usable limit.
fn limit(mut section: Section<'_, '_>, earlier: &[SiteLimit]) -> Option<SiteLimit> {
    let path = section.read::<String>("path");
    if let Some(path) = &path {
        let written = path.get_ref().as_str();
        let part = |path: &str| path.trim_end_matches('/').to_ascii_lowercase();
        if !is_path(written) || written.contains('*') {
            section.fault(bad_path(written, path.span()));
        } else if let Some(first) = earlier
            .iter()
            .position(|limit| part(&limit.path) == part(written))
        {
            section.fault(limit_twice(written, first + 1, path.span()));
        }
    }
    let max_body = section.read::<Size>("max-body");
    Some(SiteLimit {
        path: path?.into_inner(),
        max_body: max_body?.into_inner(),
    })
}

/// A path of the site itself, perhaps with a query: no other host, no fragment.
fn change_password(section: &mut Section<'_, '_>) -> Option<String> {
    let place = section.read::<String>("change-password")?;
    let path = place.get_ref().split('?').next().unwrap_or_default();
    let visible = place.get_ref().bytes().all(|byte| byte.is_ascii_graphic());
    if is_path(path) && !path.starts_with("//") && visible && !place.get_ref().contains('#') {
        return Some(place.into_inner());
    }
    section.fault(bad_path(place.get_ref(), place.span()));
    None
}

/// Visible ASCII from `/`, without query or fragment.
fn is_path(path: &str) -> bool {
    path.starts_with('/')
        && path
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#'))
}

fn no_host(span: Span) -> Fault {
    Fault::error(
        code::BAD_HOST,
        span,
        Text::new("un site a au moins un nom", "a site has at least one name"),
    )
    .label("liste vide", "empty list")
    .fix(
        "écrire un nom comme \"www.example.fr\"",
        "write a name such as \"www.example.fr\"",
    )
}

fn host_twice(host: &str, first: usize, span: Span) -> Fault {
    let host = shorten(host);
    Fault::error(
        code::HOST_TWICE,
        span,
        Text::new(
            format!("le nom `{host}` est écrit deux fois"),
            format!("the name `{host}` is written twice"),
        ),
    )
    .label(
        format!("appartient déjà au site numéro {first}"),
        format!("already belongs to site number {first}"),
    )
    .fix(
        "le retirer de l’un des deux",
        "remove it from one of the two",
    )
}

fn limit_twice(path: &str, first: usize, span: Span) -> Fault {
    let shown = shorten(path);
    Fault::error(
        code::LIMIT_TWICE,
        span,
        Text::new(
            format!("le chemin `{shown}` a deux limites"),
            format!("the path `{shown}` has two limits"),
        ),
    )
    .label(
        format!("a déjà la limite numéro {first} de ce site"),
        format!("has limit number {first} of this site already"),
    )
    .fix(
        "n’en garder qu’une : la casse et la barre finale n’en font pas un autre chemin",
        "keep one of them: letter case and a slash at the end make no other path of it",
    )
}

fn bad_path(path: &str, span: Span) -> Fault {
    let shown = shorten(path);
    Fault::error(
        code::BAD_FORM_PATH,
        span,
        Text::new(
            format!("« {shown} » n’est pas un chemin"),
            format!("`{shown}` is not a path"),
        ),
    )
    .label(
        "commence par /, sans espace, ? ni #",
        "starts with /, without space, ? or #",
    )
    .fix(
        "écrire le chemin seul, comme \"/fichiers/\"",
        "write the path alone, such as \"/files/\"",
    )
}
