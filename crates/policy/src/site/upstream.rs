//! `upstream`: where the requests of a site really go.
//!
//! Clause: [`clause::UPSTREAM_CLEAR`]. A cleartext origin is admitted on this machine; on
//! another one the file has to say so with a key whose name tells the danger.

use super::host::{self, NameKind};
use super::{Scheme, Upstream};
use crate::read::{OneOrMore, Section, Span, shorten};
use crate::report::Fault;
use crate::{Text, clause, code};

/// The origins, at least one. `permission` is where cleartext ones are admitted.
pub(super) fn parse(
    section: &mut Section<'_, '_>,
    permission: Option<Span>,
) -> Option<Vec<Upstream>> {
    let list = section.read::<OneOrMore>("upstream")?;
    let span = list.span();
    let mut upstreams: Vec<Upstream> = Vec::new();
    let mut sound = true;
    let mut departs = None;
    for text in list.into_inner().0 {
        let Some(upstream) = read(text.get_ref()) else {
            section.fault(bad_upstream(text.get_ref(), text.span()));
            sound = false;
            continue;
        };
        if upstreams.contains(&upstream) {
            section.fault(upstream_twice(&upstream, text.span()));
            continue;
        }
        if upstream.scheme != Scheme::Https && !upstream.is_loopback() {
            match &permission {
                None => section.fault(cleartext(&upstream, text.span())),
                Some(_) => departs = departs.or(Some(upstream.clone())),
            }
        }
        upstreams.push(upstream);
    }
    match (permission, departs) {
        (Some(span), Some(upstream)) => {
            section.depart(&clause::UPSTREAM_CLEAR, danger_taken(&upstream, span));
        }
        (Some(span), None) if sound => section.fault(danger_unneeded(span)),
        _ => {}
    }
    if sound && upstreams.is_empty() {
        section.fault(no_upstream(span));
    }
    Some(upstreams).filter(|upstreams| sound && !upstreams.is_empty())
}

fn read(text: &str) -> Option<Upstream> {
    let (scheme, authority) = text.split_once("://")?;
    let (scheme, default_port) = match scheme.to_ascii_lowercase().as_str() {
        "http" => (Scheme::Http, 80),
        "https" => (Scheme::Https, 443),
        "h2c" => (Scheme::H2c, 80),
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
            "écrire \"http://127.0.0.1:8080\", \"https://hôte:port\" ou \"h2c://127.0.0.1:8080\"",
            "write \"http://127.0.0.1:8080\", \"https://host:port\" or \"h2c://127.0.0.1:8080\"",
        )
}

fn no_upstream(span: Span) -> Fault {
    Fault::error(
        code::BAD_UPSTREAM,
        span,
        Text::new(
            "un site a au moins une origine",
            "a site has at least one origin",
        ),
    )
    .label("liste vide", "empty list")
    .fix(
        "écrire une origine, comme \"http://127.0.0.1:8080\"",
        "write an origin, such as \"http://127.0.0.1:8080\"",
    )
}

fn upstream_twice(upstream: &Upstream, span: Span) -> Fault {
    let shown = shorten(&upstream.to_string());
    Fault::error(
        code::UPSTREAM_TWICE,
        span,
        Text::new(
            format!("l’origine {shown} est écrite deux fois"),
            format!("the origin {shown} is written twice"),
        ),
    )
    .label(
        "elle ne peut pas servir de relais à elle-même",
        "it cannot stand in for itself",
    )
    .fix("retirer l’une des deux", "remove one of the two")
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
        for (text, scheme, port) in [
            ("https://origin.example.fr", Scheme::Https, 443),
            ("h2c://origin.example.fr", Scheme::H2c, 80),
            ("H2C://[::1]:8080", Scheme::H2c, 8080),
        ] {
            let read = read(text).expect("an origin");
            assert_eq!((read.scheme, read.port), (scheme, port), "{text}");
        }
        for text in [
            "http://[::1]:8080",
            "https://a.fr:443",
            "h2c://127.0.0.1:80",
        ] {
            assert_eq!(read(text).expect("an origin").to_string(), text);
        }
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
