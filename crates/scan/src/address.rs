//! Addresses of pages, and where a reference in a page or a redirect leads.
//!
//! Clauses: RFC 3986, 5.2 (references), kept to what http and https need; RFC 9110, 4.2. The
//! host is read by [`transport::host`], so that no two readings of one name exist here.

use std::fmt;

use transport::host::Host;

/// The longest address that is followed or shown.
const LONGEST: usize = 2048;

/// An http or https address, without its fragment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    /// Whether it is https.
    pub is_https: bool,
    /// The name, lower-case, or the address; IPv6 without brackets.
    pub host: String,
    /// The port, written or not.
    pub port: u16,
    /// Path and query; begins with `/`.
    pub path: String,
}

/// What a reference is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reference {
    /// An address of the web.
    Web(Address),
    /// Something else: `mailto:`, `javascript:`, `data:`.
    Other,
    /// Nothing that can be read.
    Unreadable,
}

impl Address {
    /// Reads what a person typed: an address, or a host alone, which is taken for https.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let whole = if text.contains("://") {
            text.to_owned()
        } else {
            format!("https://{text}")
        };
        match reference(&whole, None) {
            Reference::Web(address) => Some(address),
            Reference::Other | Reference::Unreadable => None,
        }
    }

    /// Where a reference that stands at this address leads.
    pub(crate) fn join(&self, text: &str) -> Reference {
        reference(text, Some(self))
    }

    /// Host and port, as the `Host` field writes them.
    pub(crate) fn authority(&self) -> String {
        let usual = if self.is_https { 443 } else { 80 };
        let host = if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        };
        if self.port == usual {
            host
        } else {
            format!("{host}:{}", self.port)
        }
    }

    /// The path without its query.
    pub(crate) fn bare_path(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_https { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority(), self.path)
    }
}

fn reference(text: &str, base: Option<&Address>) -> Reference {
    // Browsers drop these wherever they stand, and trim the rest.
    let text: String = text
        .chars()
        .filter(|sign| !matches!(sign, '\t' | '\n' | '\r'))
        .collect();
    let text = text.trim_matches(|sign: char| sign <= ' ');
    let text = text.split('#').next().unwrap_or_default();
    if text.len() > LONGEST || text.chars().any(char::is_control) {
        return Reference::Unreadable;
    }
    if let Some((scheme, rest)) = scheme(text) {
        let is_https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Reference::Other,
        };
        // Browsers take any number of slashes, of either kind, for two.
        let rest = rest.trim_start_matches(['/', '\\']);
        return authority(is_https, rest);
    }
    let Some(base) = base else {
        return Reference::Unreadable;
    };
    let slash = |sign: char| sign == '/' || sign == '\\';
    if text.starts_with(slash) && text[1..].starts_with(slash) {
        return authority(base.is_https, &text[2..]);
    }
    let path = match text.chars().next() {
        None => base.path.clone(),
        Some(sign) if slash(sign) => normal(&text.replacen('\\', "/", 1)),
        Some('?') => format!("{}{text}", base.bare_path()),
        Some(_) => {
            let folder = base
                .bare_path()
                .rfind('/')
                .map_or("/", |end| &base.bare_path()[..=end]);
            normal(&format!("{folder}{text}"))
        }
    };
    Reference::Web(Address {
        path: encoded(&path),
        ..base.clone()
    })
}

fn scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let letters = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '+' | '-' | '.');
    let is_scheme =
        scheme.starts_with(|sign: char| sign.is_ascii_alphabetic()) && scheme.chars().all(letters);
    is_scheme.then_some((scheme, rest))
}

fn authority(is_https: bool, rest: &str) -> Reference {
    let end = rest.find(['/', '\\', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    // What stands before an @ is no part of the host.
    let authority = authority.rsplit('@').next().unwrap_or_default();
    let Ok(host) = Host::parse(authority) else {
        return Reference::Unreadable;
    };
    let usual = if is_https { 443 } else { 80 };
    let path = match path.strip_prefix(['/', '\\']) {
        Some(rest) => normal(&format!("/{rest}")),
        None => format!("/{path}"),
    };
    Reference::Web(Address {
        is_https,
        host: host.name().to_owned(),
        port: host.port().unwrap_or(usual),
        path: encoded(&path),
    })
}

/// Removes `.` and `..` from a path (RFC 3986, 5.2.4).
fn normal(path: &str) -> String {
    let (path, query) = match path.find('?') {
        Some(at) => path.split_at(at),
        None => (path, ""),
    };
    let mut parts: Vec<&str> = Vec::new();
    let mut open = false;
    for part in path.split('/').skip(1) {
        open = matches!(part, "." | "..");
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    if open {
        parts.push("");
    }
    format!("/{}{query}", parts.join("/"))
}

/// A request line holds neither spaces nor letters with accents.
fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'!'..=b'~' if !matches!(byte, b'"' | b'<' | b'>') => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_types_is_read() {
        for (text, address) in [
            ("example.fr", Some("https://example.fr/")),
            (
                " http://Example.FR:8080/a?b#c ",
                Some("http://example.fr:8080/a?b"),
            ),
            ("https://[::1]:443/", Some("https://[::1]/")),
            (
                "localhost:8443/connexion",
                Some("https://localhost:8443/connexion"),
            ),
            ("ftp://example.fr", None),
            ("https://exa mple.fr", None),
            ("https://", None),
            ("", None),
        ] {
            let read = Address::parse(text).map(|address| address.to_string());
            assert_eq!(read.as_deref(), address, "{text}");
        }
    }

    #[test]
    fn references_lead_where_a_browser_goes() {
        let base = Address::parse("https://a.fr/x/y?z").expect("an address");
        for (text, to) in [
            ("", "https://a.fr/x/y?z"),
            ("w", "https://a.fr/x/w"),
            ("../w", "https://a.fr/w"),
            ("../../..", "https://a.fr/"),
            ("/w/./v/..", "https://a.fr/w/"),
            ("?q", "https://a.fr/x/y?q"),
            ("#f", "https://a.fr/x/y?z"),
            ("//b.fr/w", "https://b.fr/w"),
            ("\\\\b.fr\\w", "https://b.fr/w"),
            ("http:b.fr", "http://b.fr/"),
            ("HTTP://b.fr?q", "http://b.fr/?q"),
            ("ht\ntp://user:pass@b.fr/", "http://b.fr/"),
            ("/été page", "https://a.fr/%C3%A9t%C3%A9%20page"),
        ] {
            let Reference::Web(address) = base.join(text) else {
                panic!("{text}")
            };
            assert_eq!(address.to_string(), to, "{text}");
        }
        assert_eq!(base.join("mailto:a@b.fr"), Reference::Other);
        assert_eq!(base.join("javascript:void(0)"), Reference::Other);
        assert_eq!(base.join("http://a..b/"), Reference::Unreadable);
        assert_eq!(base.join("/a\u{0}b"), Reference::Unreadable);
    }
}
