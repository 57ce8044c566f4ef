//! `upstream`: where the requests of a site really go.
//!
//! Clause: [`clause::UPSTREAM_CLEAR`]. A cleartext origin is admitted on this machine; on
//! another one the file has to say so with a key whose name tells the danger.

use super::host::{self, NameKind};
use super::{Scheme, Upstream};
use crate::read::{Section, Span, shorten};
use crate::report::Fault;
use crate::{Text, clause, code};

/// The origin. `permission` is where a cleartext one is admitted.
pub(super) fn parse(section: &mut Section<'_, '_>, permission: Option<Span>) -> Option<Upstream> {
    let text = section.read::<String>("upstream")?;
    let Some(upstream) = read(text.get_ref()) else {
        section.fault(bad_upstream(text.get_ref(), text.span()));
        return None;
    };
    let exposed = upstream.scheme == Scheme::Http && !upstream.is_loopback();
    match permission {
        None if exposed => section.fault(cleartext(&upstream, text.span())),
        Some(span) if exposed => {
            section.depart(&clause::UPSTREAM_CLEAR, danger_taken(&upstream, span));
        }
        Some(span) => section.fault(danger_unneeded(span)),
        None => {}
    }
    Some(upstream)
}

fn read(text: &str) -> Option<Upstream> {
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

fn bad_upstream(text: &str, span: Span) -> Fault {
    // A user, an escape or a query may hold a password.
    let secret = text.contains(['@', '%', '?', '#']);
    let message = if secret {
        Text::new(
            "cette adresse n’est pas une origine",
            "this address is not an origin",
        )
    } else {
        let shown = shorten(text);
        Text::new(
            format!("« {shown} » n’est pas une origine"),
            format!("`{shown}` is not an origin"),
        )
    };
    let fault = Fault::error(code::BAD_UPSTREAM, span, message);
    let fault = if secret { fault.hidden() } else { fault };
    fault
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

fn danger_taken(upstream: &Upstream, span: Span) -> Fault {
    let host = shorten(&upstream.host);
    Fault::warning(
        code::DANGER_TAKEN,
        span,
        Text::new(
            format!("les mots de passe iront en clair jusqu’à `{host}`"),
            format!("passwords will travel in clear to `{host}`"),
        ),
    )
    .label(
        "permission dangereuse en vigueur",
        "dangerous permission in force",
    )
    .fix(
        "protéger ce réseau autrement, ou écrire une origine en https:// et retirer la ligne",
        "protect this network otherwise, or write an https:// origin and remove the line",
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
            assert_eq!(read(text), expected, "{text}");
        }
        let tls = read("https://origin.example.fr").expect("an origin");
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
            ("http://app.localhost", false),
            ("http://10.0.0.1", false),
            ("http://notlocalhost", false),
            ("http://[::ffff:10.0.0.1]", false),
        ] {
            let upstream = read(text).expect("an origin");
            assert_eq!(upstream.is_loopback(), loopback, "{text}");
        }
    }
}
