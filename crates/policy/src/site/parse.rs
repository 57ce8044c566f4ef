//! Reads `[[site]]` and its tables.

use std::collections::BTreeMap;

use toml::Spanned;

use super::host::{self, NameKind};
use super::{Certificate, CertificateWord, FormKind, Site, SiteForm, SiteLimit};
use super::{client, headers, origin, repair, upstream};
use crate::read::{Chain, Section, Span, Word, WordOr, shorten};
use crate::report::Fault;
use crate::{Size, Text, clause, code};

impl Word for CertificateWord {
    const WORDS: &'static [(&'static str, Self)] = &[("acme", Self::Acme), ("dev", Self::Dev)];
}

impl Word for FormKind {
    const WORDS: &'static [(&'static str, Self)] = &[
        (Self::SignUp.name(), Self::SignUp),
        (Self::SignIn.name(), Self::SignIn),
        (Self::Change.name(), Self::Change),
        (Self::Reset.name(), Self::Reset),
    ];
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

    let client_certificates = client::parse(section.table("client-certificates"));
    let repair = repair::parse(section.table("repair"));
    let headers = headers::parse(section.table("headers"));
    let mut limits = Vec::new();
    section.tables("limit", |section| limits.extend(limit(section)));
    let mut forms = Vec::new();
    section.tables("form", |section| forms.extend(form(section)));
    Some(Site {
        hosts: hosts?,
        upstreams: upstreams?,
        origin,
        health,
        certificate: certificate?,
        client_certificates,
        max_body,
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
fn limit(mut section: Section<'_, '_>) -> Option<SiteLimit> {
    let path = section.read::<String>("path");
    if let Some(path) = &path
        && !is_path(path.get_ref())
    {
        section.fault(bad_path(path.get_ref(), path.span()));
    }
    let max_body = section.read::<Size>("max-body");
    Some(SiteLimit {
        path: path?.into_inner(),
        max_body: max_body?.into_inner(),
    })
}

/// One `[[site.form]]`; `None` when a fault leaves no usable form.
fn form(mut section: Section<'_, '_>) -> Option<SiteForm> {
    let kind = section.read::<FormKind>("kind");
    let mut method = "POST".to_owned();
    if let Some(span) = section.set("method", &mut method) {
        match method.as_str() {
            "POST" | "PUT" | "PATCH" => {}
            "GET" => section.depart(&clause::CNIL_URL_SECRETS, secret_in_url(span)),
            _ => section.fault(bad_method(&method, span)),
        }
    }
    let path = section.read::<String>("path");
    if let Some(path) = &path
        && !is_path(path.get_ref())
    {
        section.fault(bad_path(path.get_ref(), path.span()));
    }
    let mut texts = |name| match section.read::<Vec<Spanned<String>>>(name) {
        Some(list) => list
            .into_inner()
            .into_iter()
            .map(Spanned::into_inner)
            .collect(),
        None => Vec::new(),
    };
    let (query, context) = (texts("query"), texts("context"));
    let password = section.read::<String>("password");
    let mut field = |name| section.read::<String>(name).map(Spanned::into_inner);
    let (confirm, current, identifier) = (field("confirm"), field("current"), field("identifier"));
    Some(SiteForm {
        kind: kind?.into_inner(),
        method,
        path: path?.into_inner(),
        query,
        password: password?.into_inner(),
        confirm,
        current,
        identifier,
        context,
    })
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

fn secret_in_url(span: Span) -> Fault {
    Fault::error(
        code::SECRET_IN_URL,
        span,
        Text::new(
            "ce formulaire met le mot de passe dans l’adresse",
            "this form puts the password in the address",
        ),
    )
    .label(
        "l’adresse reste dans les historiques et les journaux",
        "addresses stay in histories and logs",
    )
    .fix("envoyer le formulaire par POST", "submit the form by POST")
}

fn bad_method(method: &str, span: Span) -> Fault {
    let shown = shorten(method);
    Fault::error(
        code::UNKNOWN_WORD,
        span,
        Text::new(
            format!("la méthode « {shown} » n’est pas admise ici"),
            format!("the method `{shown}` is not admitted here"),
        ),
    )
    .label("admis : POST, PUT, PATCH", "admitted: POST, PUT, PATCH")
    .fix("écrire \"POST\"", "write \"POST\"")
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
        "écrire le chemin seul, comme \"/login\" ; les paramètres vont dans `query`",
        "write the path alone, such as \"/login\"; parameters go in `query`",
    )
}
