//! Redirects that lead nowhere but here.
//!
//! An origin behind the gate is asked in clear, takes the visitor to be in clear, and sends
//! her to https: to the very address that she asked for, for ever. It is the usual trouble of
//! a site that is put behind its first proxy. Clauses: RFC 9110, 15.4 (a client should
//! detect cyclical redirects) and 10.2.2 (`Location`).
//!
//! Only what cannot end by itself is called endless: the method and the cookies that the
//! client would come back with are those that it came with. A relative `Location` speaks of a
//! path and not of a scheme, and an origin that counts visits may have a reason for it.
//!
//! Absent on purpose: cycles of several addresses, and any memory of former requests.

use http::header::{LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::host::Host;

/// What a client asked for, as its origin was told.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// The method.
    pub method: &'a Method,
    /// The authority.
    pub host: &'a Host,
    /// Path and query, byte for byte.
    pub path: &'a str,
    /// The `Cookie` field, on one line.
    pub cookies: Option<&'a HeaderValue>,
}

/// Whether an answer, its `Location` mended already, sends the client to the address that it
/// came to over https, with nothing changed.
pub fn is_endless(status: StatusCode, answer: &HeaderMap, asked: &Asked<'_>) -> bool {
    let same_method = match status {
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER => {
            // After a POST, a GET of the same address is how a form ends.
            [Method::GET, Method::HEAD].contains(asked.method)
        }
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => true,
        _ => false,
    };
    let location = answer.get(LOCATION);
    same_method
        && location.is_some_and(|location| leads_back(location.as_bytes(), asked))
        && !changes_cookies(answer, asked)
}

fn leads_back(location: &[u8], asked: &Asked<'_>) -> bool {
    let Some((scheme, rest)) = location.split_at_checked("https://".len()) else {
        return false;
    };
    let rest = rest.split(|&byte| byte == b'#').next().unwrap_or_default();
    let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?'));
    let (authority, path) = rest.split_at(end.unwrap_or(rest.len()));
    let host = std::str::from_utf8(authority).ok().map(Host::parse);
    let Some(Ok(host)) = host else {
        return false;
    };
    let port = |host: &Host| host.port().unwrap_or(443);
    // A path that is absent, or before a query, is `/`.
    let bare = asked.path.strip_prefix('/');
    scheme.eq_ignore_ascii_case(b"https://")
        && host.name() == asked.host.name()
        && port(&host) == port(asked.host)
        && (path == asked.path.as_bytes()
            || !path.starts_with(b"/") && bare.is_some_and(|bare| bare.as_bytes() == path))
}

/// Whether the client would come back with another cookie than it came with.
fn changes_cookies(answer: &HeaderMap, asked: &Asked<'_>) -> bool {
    let sent = asked.cookies.map_or(&b""[..], HeaderValue::as_bytes);
    answer.get_all(SET_COOKIE).iter().any(|line| {
        let pair = line.as_bytes().split(|&byte| byte == b';').next();
        let pair = pair.unwrap_or_default().trim_ascii();
        let mut pairs = sent.split(|&byte| byte == b';');
        !pairs.any(|known| known.trim_ascii() == pair)
    })
}

#[cfg(test)]
mod tests {
    use policy::clause;

    use super::*;

    fn endless(method: &Method, path: &str, status: u16, fields: &[(&'static str, &str)]) -> bool {
        let host = Host::parse("www.example.fr").unwrap();
        let mut answer = HeaderMap::new();
        for (name, value) in fields {
            answer.append(*name, HeaderValue::try_from(*value).unwrap());
        }
        let cookies = HeaderValue::from_static("a=1; b=2");
        let asked = Asked {
            method,
            host: &host,
            path,
            cookies: Some(&cookies),
        };
        is_endless(StatusCode::from_u16(status).unwrap(), &answer, &asked)
    }

    #[test]
    fn only_the_very_address_is_endless() {
        for (path, location, expected) in [
            ("/a?b=1", "https://www.example.fr/a?b=1", true),
            ("/a?b=1", "HTTPS://WWW.example.fr:443/a?b=1#part", true),
            ("/", "https://www.example.fr", true),
            ("/?x", "https://www.example.fr?x", true),
            ("/a", "https://www.example.fr/a/", false),
            ("/a", "https://www.example.fr/A", false),
            ("/a?b=1", "https://www.example.fr/a", false),
            ("/a", "https://www.example.fr:8443/a", false),
            ("/a", "https://example.fr/a", false),
            ("/a", "https://www.example.fr@evil.example/a", false),
            ("/a", "http://www.example.fr/a", false),
            ("/a", "/a", false),
            ("/a", "a", false),
            ("/a", "", false),
        ] {
            let found = endless(&Method::GET, path, 301, &[("location", location)]);
            assert_eq!(
                found,
                expected,
                "{}: {location}",
                clause::REMPART_ENDLESS_REDIRECT.id
            );
        }
    }

    #[test]
    fn what_may_end_by_itself_is_not_endless() {
        let location = ("location", "https://www.example.fr/a");
        for (method, status, expected) in [
            (Method::GET, 302, true),
            (Method::HEAD, 303, true),
            (Method::POST, 303, false),
            (Method::POST, 302, false),
            (Method::POST, 307, true),
            (Method::POST, 308, true),
            (Method::GET, 201, false),
            (Method::GET, 304, false),
        ] {
            let found = endless(&method, "/a", status, &[location]);
            assert_eq!(found, expected, "{method} {status}");
        }
        for (lines, expected) in [
            (&["a=1; Path=/", "b=2"][..], true),
            (&["a=1", "c=3"], false),
            // An old cookie that is renewed.
            (&["a=2"], false),
            (&["A=1"], false),
        ] {
            let fields: Vec<_> = lines
                .iter()
                .map(|line| ("set-cookie", *line))
                .chain([location])
                .collect();
            assert_eq!(
                endless(&Method::GET, "/a", 302, &fields),
                expected,
                "{lines:?}"
            );
        }
        assert!(!endless(&Method::GET, "/a", 302, &[]));
    }
}
