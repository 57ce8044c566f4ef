//! Reads `[[site]]` and its tables.

use std::collections::BTreeMap;

use toml::Spanned;

use super::host::{self, NameKind};
use super::{Certificate, CertificateWord, FormKind, Repair, Scheme, Site, SiteForm, Upstream};
use crate::read::{Chain, Section, Span, Word, WordOr, shorten};
use crate::report::Fault;
use crate::{Text, clause, code};

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
    let upstream = upstream(&mut section, permission.filter(|_| danger));
    let certificate = section
        .read::<WordOr<CertificateWord, Chain>>("certificate")
        .map(|certificate| match certificate.into_inner() {
            WordOr::Word(CertificateWord::Acme) => Certificate::Acme,
            WordOr::Word(CertificateWord::Dev) => Certificate::Dev,
            WordOr::Value(Chain { chain, key }) => Certificate::Files { chain, key },
        });
    let mut max_body = None;
    section.set_some("max-body", &mut max_body);

    let mut repair = Repair::default();
    let mut table = section.table("repair");
    table.set("cookies", &mut repair.cookies);
    table.set("location", &mut repair.location);
    table.set("upgrade-insecure", &mut repair.upgrade_insecure);
    table.set("html", &mut repair.html);

    let mut forms = Vec::new();
    section.tables("form", |section| forms.extend(form(section)));
    Some(Site {
        hosts: hosts?,
        upstream: upstream?,
        certificate: certificate?,
        max_body,
        repair,
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

/// The origin. `permission` is where a cleartext one is admitted.
fn upstream(section: &mut Section<'_, '_>, permission: Option<Span>) -> Option<Upstream> {
    let text = section.read::<String>("upstream")?;
    let Some(upstream) = read_upstream(text.get_ref()) else {
        section.fault(bad_upstream(text.get_ref(), text.span()));
        return None;
    };
    let exposed = upstream.scheme == Scheme::Http && !upstream.is_loopback();
    match permission {
        None if exposed => section.fault(cleartext(&upstream, text.span())),
        Some(span) if !exposed => section.fault(danger_unneeded(span)),
        _ => {}
    }
    Some(upstream)
}

fn read_upstream(text: &str) -> Option<Upstream> {
    let (scheme, authority) = text.split_once("://")?;
    let (scheme, default_port) = match scheme.to_ascii_lowercase().as_str() {
        "http" => (Scheme::Http, 80),
        "https" => (Scheme::Https, 443),
        _ => return None,
    };
    // The last colon starts the port, unless it belongs to a bracketed address.
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let port = match port {
        Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => port.parse().ok()?,
        Some(_) => return None,
        None => default_port,
    };
    // An IPv6 address without brackets would have lost its last group to the port.
    if port == 0 || (host.contains(':') && !host.starts_with('[')) {
        return None;
    }
    let host = host::read(host, NameKind::Origin).ok()?;
    Some(Upstream { scheme, host, port })
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

fn bad_upstream(text: &str, span: Span) -> Fault {
    // What stands before an `@` may be a password.
    let shown = shorten(text.rsplit('@').next().unwrap_or(text));
    Fault::error(
        code::BAD_UPSTREAM,
        span,
        Text::new(
            format!("« {shown} » n’est pas une origine"),
            format!("`{shown}` is not an origin"),
        ),
    )
    .label(
        "un protocole, un hôte, un port, rien d’autre",
        "a scheme, a host, a port, nothing else",
    )
    .fix(
        "écrire \"http://127.0.0.1:8080\" ou \"https://hôte:port\"",
        "write \"http://127.0.0.1:8080\" or \"https://host:port\"",
    )
}

fn cleartext(upstream: &Upstream, span: Span) -> Fault {
    let host = shorten(&upstream.host);
    Fault::error(
        code::UPSTREAM_CLEARTEXT,
        span,
        Text::new(
            format!("les mots de passe iraient en clair jusqu’à `{host}`"),
            format!("passwords would travel in clear to `{host}`"),
        ),
    )
    .clause(&clause::UPSTREAM_CLEAR)
    .label("en clair, sur une autre machine", "in clear, to another machine")
    .fix(
        "écrire une origine en https://, ou ajouter `danger-cleartext-upstream = true` si ce réseau est protégé autrement",
        "write an https:// origin, or add `danger-cleartext-upstream = true` if this network is protected otherwise",
    )
}

fn danger_unneeded(span: Span) -> Fault {
    Fault::warning(
        code::DANGER_UNNEEDED,
        span,
        Text::new(
            "cette permission dangereuse ne sert pas",
            "this dangerous permission is not needed",
        ),
    )
    .label(
        "l’origine est protégée sans elle",
        "the origin is protected without it",
    )
    .fix("retirer la ligne", "remove the line")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_scheme_host_and_port() {
        let http = |host: &str, port| {
            Some(Upstream {
                scheme: Scheme::Http,
                host: host.to_owned(),
                port,
            })
        };
        for (text, expected) in [
            ("http://127.0.0.1:8080", http("127.0.0.1", 8080)),
            ("http://127.0.0.1", http("127.0.0.1", 80)),
            ("HTTP://LocalHost:3000", http("localhost", 3000)),
            ("http://[::1]:8080", http("::1", 8080)),
            ("http://[::1]", http("::1", 80)),
            ("http://old_app:80", http("old_app", 80)),
            ("http://::1:8080", None),
            ("http://127.0.0.1:0", None),
            ("http://127.0.0.1:99999", None),
            ("http://127.0.0.1:+80", None),
            ("http://127.0.0.1:8080/", None),
            ("http://user@127.0.0.1", None),
            ("http://", None),
            ("ftp://127.0.0.1", None),
            ("127.0.0.1:8080", None),
        ] {
            assert_eq!(read_upstream(text), expected, "{text}");
        }
        let tls = read_upstream("https://origin.example.fr").expect("an origin");
        assert_eq!((tls.scheme, tls.port), (Scheme::Https, 443));
    }

    #[test]
    fn loopback_is_this_machine_only() {
        for (text, loopback) in [
            ("http://127.0.0.1", true),
            ("http://127.8.8.8", true),
            ("http://[::1]", true),
            ("http://[::ffff:127.0.0.1]", true),
            ("http://localhost", true),
            ("http://app.localhost", true),
            ("http://10.0.0.1", false),
            ("http://notlocalhost", false),
            ("http://[::ffff:10.0.0.1]", false),
        ] {
            let upstream = read_upstream(text).expect("an origin");
            assert_eq!(upstream.is_loopback(), loopback, "{text}");
        }
    }
}
