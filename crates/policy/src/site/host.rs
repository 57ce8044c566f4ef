//! Host names as the policy writes them.
//!
//! Names are ASCII: an accented name is written in its `xn--` form, which is what browsers
//! and certificates use. A wildcard is refused, because the redirect and the certificate
//! need names (RFC 9110, 7.4). A name that ends in a number is refused: browsers read
//! `127.1` as an address.

use std::net::IpAddr;

use crate::read::{Span, shorten};
use crate::report::Fault;
use crate::{Text, code};

/// What a name is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameKind {
    /// A name of a site, or an IP literal.
    Host,
    /// A part of a name, or a whole one; no address.
    Subdomain,
    /// An origin: internal names may hold `_`.
    Origin,
}

/// Why a text is no host name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadHost {
    /// `*.example.fr`.
    Wildcard,
    /// `https://…`, a path or a port.
    MoreThanAName,
    /// Letters outside ASCII.
    NotAscii,
    /// An IP address where a name is needed.
    Address,
    /// Anything else.
    Grammar,
}

/// The name in lower case, an IPv6 literal without its brackets.
pub(crate) fn read(text: &str, kind: NameKind) -> Result<String, BadHost> {
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    match bare.unwrap_or(text).parse::<IpAddr>() {
        Ok(_) if kind == NameKind::Subdomain => return Err(BadHost::Address),
        // Brackets are for IPv6 only.
        Ok(address) if bare.is_none() || address.is_ipv6() => return Ok(address.to_string()),
        _ => {}
    }
    if text.contains('*') {
        return Err(BadHost::Wildcard);
    }
    if text.contains(['/', ':', '@', '?', '#']) {
        return Err(BadHost::MoreThanAName);
    }
    if !text.is_ascii() {
        return Err(BadHost::NotAscii);
    }
    let name = text.to_ascii_lowercase();
    let last_is_number = name
        .rsplit('.')
        .next()
        .is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    let number_allowed = kind == NameKind::Subdomain && !name.contains('.');
    if name.len() > 253
        || !name.split('.').all(|label| is_label(label, kind))
        || (last_is_number && !number_allowed)
    {
        return Err(BadHost::Grammar);
    }
    Ok(name)
}

fn is_label(label: &str, kind: NameKind) -> bool {
    !label.is_empty()
        && label.len() <= 63
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| {
            byte.is_ascii_alphanumeric()
                || byte == b'-'
                || (byte == b'_' && kind == NameKind::Origin)
        })
}

impl BadHost {
    /// The fault of a name.
    pub(crate) fn fault(self, text: &str, span: Span) -> Fault {
        let shown = shorten(text);
        let fault = Fault::error(
            code::BAD_HOST,
            span,
            Text::new(
                format!("« {shown} » n’est pas un nom d’hôte"),
                format!("`{shown}` is not a host name"),
            ),
        );
        match self {
            Self::Wildcard => fault
                .label("joker", "wildcard")
                .fix("écrire chaque nom en entier", "write each name in full"),
            Self::MoreThanAName => fault.label("plus qu’un nom", "more than a name").fix(
                "n’écrire que le nom, sans « https:// », port ni chemin",
                "write the name alone, without `https://`, port or path",
            ),
            Self::NotAscii => fault
                .label("lettres hors de l’ASCII", "letters outside ASCII")
                .fix(
                    "écrire la forme en « xn-- » de ce nom, celle du certificat",
                    "write the `xn--` form of this name, the one in the certificate",
                ),
            Self::Address => fault
                .label("adresse IP", "IP address")
                .fix("écrire un nom", "write a name"),
            Self::Grammar => fault
                .label(
                    "lettres, chiffres et traits d’union, séparés par des points",
                    "letters, digits and hyphens, separated by dots",
                )
                .fix(
                    "écrire un nom comme \"www.example.fr\"",
                    "write a name such as \"www.example.fr\"",
                ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_sites() {
        use BadHost::{Grammar, MoreThanAName, NotAscii, Wildcard};
        for (text, expected) in [
            ("www.example.fr", Ok("www.example.fr")),
            ("WWW.Example.FR", Ok("www.example.fr")),
            ("localhost", Ok("localhost")),
            ("xn--dpt-bma.example.fr", Ok("xn--dpt-bma.example.fr")),
            ("192.0.2.7", Ok("192.0.2.7")),
            ("[2001:db8::1]", Ok("2001:db8::1")),
            ("2001:DB8::1", Ok("2001:db8::1")),
            ("*.example.fr", Err(Wildcard)),
            ("https://www.example.fr", Err(MoreThanAName)),
            ("www.example.fr:443", Err(MoreThanAName)),
            ("www.example.fr/path", Err(MoreThanAName)),
            ("dépt.example.fr", Err(NotAscii)),
            ("my_site.example.fr", Err(Grammar)),
            ("www..example.fr", Err(Grammar)),
            ("www.example.fr.", Err(Grammar)),
            ("-www.example.fr", Err(Grammar)),
            ("127.1", Err(Grammar)),
            ("[192.0.2.7]", Err(Grammar)),
            ("", Err(Grammar)),
        ] {
            assert_eq!(
                read(text, NameKind::Host),
                expected.map(str::to_owned),
                "{text}"
            );
        }
        assert_eq!(read(&"a".repeat(64), NameKind::Host), Err(Grammar));
        assert_eq!(read(&"a.".repeat(200), NameKind::Host), Err(Grammar));
    }

    #[test]
    fn subdomains_and_origins_differ_from_hosts() {
        assert_eq!(read("7", NameKind::Subdomain), Ok("7".to_owned()));
        assert_eq!(read("::1", NameKind::Subdomain), Err(BadHost::Address));
        assert_eq!(read("old_app", NameKind::Origin), Ok("old_app".to_owned()));
    }
}
