//! `Location`, `Content-Location` and `Refresh` fields that would send people back to plain
//! HTTP.
//!
//! An old site behind the gate believes that it is served in clear, or at its own address,
//! and says so in its redirects. Clauses: RFC 9110, 10.2.2 (`Location` is a URI reference),
//! 8.7 (`Content-Location` too), 7.7 (path, query and fragment bytes unchanged). `Refresh` is
//! read as the HTML standard reads it ("shared declarative refresh steps").
//!
//! Absent on purpose: everything that is not surely this site. Another host, another port,
//! a relative reference, user information or a malformed authority stay as they are.

use http::HeaderValue;
use policy::site::{Scheme, Upstream};

use crate::host::Host;
use crate::redirect::origin;

/// The value over https, if it points at this site or at its origin; `None` to leave it.
///
/// `http://` with a name of the site is mended when the port is absent, 80, the origin's or
/// one of the gate's: any other port is another service. An address of the origin itself
/// becomes the first name of the site.
pub fn repair(value: &HeaderValue, site: Site<'_>) -> Option<HeaderValue> {
    HeaderValue::from_bytes(&mended(value.as_bytes(), site)?).ok()
}

/// A `Refresh` field, such as `5; url=http://…`, mended in the same way; `None` to leave it.
pub fn repair_refresh(value: &HeaderValue, site: Site<'_>) -> Option<HeaderValue> {
    let bytes = value.as_bytes();
    let place = refresh_target(bytes)?;
    let target = mended(&bytes[place.clone()], site)?;
    let parts = [&bytes[..place.start], &target, &bytes[place.end..]];
    HeaderValue::from_bytes(&parts.concat()).ok()
}

/// How a site is reached.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// Its names; first the one that the client asked for.
    pub names: &'a [String],
    /// Where its origins are.
    pub upstreams: &'a [Upstream],
    /// The port of the gate that the client came to.
    pub https_port: u16,
    /// The port of the gate's plain listener, if it has one.
    pub http_port: Option<u16>,
}

/// Where the target of a `Refresh` lies.
pub(crate) fn refresh_target(bytes: &[u8]) -> Option<std::ops::Range<usize>> {
    let separator = bytes.iter().position(|byte| matches!(byte, b';' | b','))?;
    let skip = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
        at
    };
    let mut start = skip(separator + 1);
    if bytes.get(start..start + 3)?.eq_ignore_ascii_case(b"url") {
        let sign = skip(start + 3);
        if bytes.get(sign) == Some(&b'=') {
            start = skip(sign + 1);
        }
    }
    let quote = bytes.get(start).filter(|byte| matches!(byte, b'"' | b'\''));
    let rest = start + usize::from(quote.is_some());
    let end = quote.and_then(|quote| bytes[rest..].iter().position(|byte| byte == quote));
    Some(rest..end.map_or(bytes.len(), |end| rest + end))
}

/// A URL over https, if it points at this site or at its origin.
pub(crate) fn mended(value: &[u8], site: Site<'_>) -> Option<Vec<u8>> {
    let (scheme, rest) = split_scheme(value)?;
    let end = rest
        .iter()
        .position(|byte| matches!(byte, b'/' | b'?' | b'#'))
        .unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let host = Host::parse(std::str::from_utf8(authority).ok()?).ok()?;
    let name = mended_host(scheme, &host, site)?;

    let mut target = origin(name, site.https_port).into_bytes();
    target.extend_from_slice(tail);
    Some(target)
}

fn mended_host<'a>(scheme: Scheme, host: &Host, site: Site<'a>) -> Option<&'a str> {
    let Site {
        names, upstreams, ..
    } = site;
    let same = |name: &str| name.eq_ignore_ascii_case(host.name());
    let port = host.port().unwrap_or(match scheme {
        Scheme::Https => 443,
        Scheme::Http | Scheme::H2c => 80,
    });
    if let Some(name) = names.iter().find(|name| same(name)) {
        let ours = [80, site.https_port].contains(&port)
            || site.http_port == Some(port)
            || upstreams.iter().any(|upstream| upstream.port == port);
        return (scheme == Scheme::Http && ours).then_some(name);
    }
    let is_upstream = upstreams.iter().any(|upstream| {
        let seen = match upstream.scheme {
            Scheme::Https => Scheme::Https,
            // What such an origin writes in an address.
            Scheme::Http | Scheme::H2c => Scheme::Http,
        };
        scheme == seen && same(&upstream.host) && port == upstream.port
    });
    names.first().map(String::as_str).filter(|_| is_upstream)
}

fn split_scheme(value: &[u8]) -> Option<(Scheme, &[u8])> {
    let schemes = [
        (Scheme::Http, &b"http://"[..]),
        (Scheme::Https, b"https://"),
    ];
    schemes.into_iter().find_map(|(scheme, prefix)| {
        let (start, rest) = value.split_at_checked(prefix.len())?;
        start.eq_ignore_ascii_case(prefix).then_some((scheme, rest))
    })
}

#[cfg(test)]
mod tests {
    use policy::clause;
    use proptest::prelude::*;

    use super::*;

    fn mended(value: &[u8], upstream: &Upstream, port: u16) -> Option<Vec<u8>> {
        let hosts = [
            "www.example.fr".to_owned(),
            "example.fr".to_owned(),
            "2001:db8::1".to_owned(),
        ];
        let value = HeaderValue::from_bytes(value).unwrap();
        let site = Site {
            names: &hosts,
            upstreams: std::slice::from_ref(upstream),
            https_port: port,
            http_port: Some(9080),
        };
        repair(&value, site).map(|value| value.as_bytes().to_vec())
    }

    #[test]
    fn a_refresh_keeps_all_but_its_scheme() {
        let upstream = Upstream::new(Scheme::Http, "127.0.0.1", 8080);
        let names = ["www.example.fr".to_owned()];
        let site = Site {
            names: &names,
            upstreams: std::slice::from_ref(&upstream),
            https_port: 443,
            http_port: None,
        };
        for (before, after) in [
            (
                "5; url=http://www.example.fr/a?b",
                Some("5; url=https://www.example.fr/a?b"),
            ),
            (
                "0;URL='http://www.example.fr/'; x",
                Some("0;URL='https://www.example.fr/'; x"),
            ),
            (
                "0, url = \"http://127.0.0.1:8080/\"",
                Some("0, url = \"https://www.example.fr/\""),
            ),
            (
                "3; http://www.example.fr/",
                Some("3; https://www.example.fr/"),
            ),
            (
                "3; url='http://www.example.fr/",
                Some("3; url='https://www.example.fr/"),
            ),
            ("3; url=https://www.example.fr/", None),
            ("3; url=http://other.example/", None),
            ("3; url=/a", None),
            ("3; url", None),
            ("3; u", None),
            ("3;", None),
            ("3", None),
            ("", None),
        ] {
            let found = repair_refresh(&HeaderValue::from_static(before), site);
            let found = found.as_ref().map(HeaderValue::as_bytes);
            assert_eq!(found, after.map(str::as_bytes), "{before}");
        }
    }

    #[test]
    fn only_this_site_is_mended() {
        let plain = Upstream::new(Scheme::Http, "127.0.0.1", 8080);
        let rows: &[(&str, Option<&str>)] = &[
            (
                "http://www.example.fr/a?b#c",
                Some("https://www.example.fr/a?b#c"),
            ),
            ("http://www.example.fr", Some("https://www.example.fr")),
            (
                "http://www.example.fr?x=http://www.example.fr/",
                Some("https://www.example.fr?x=http://www.example.fr/"),
            ),
            (
                "HTTP://WWW.Example.FR:80/A",
                Some("https://www.example.fr/A"),
            ),
            (
                "http://www.example.fr:8080/",
                Some("https://www.example.fr/"),
            ),
            (
                "http://www.example.fr:443/",
                Some("https://www.example.fr/"),
            ),
            ("http://example.fr/", Some("https://example.fr/")),
            // The gate's own plain listener.
            ("http://example.fr:9080/", Some("https://example.fr/")),
            ("http://[2001:db8::1]/", Some("https://[2001:db8::1]/")),
            ("http://127.0.0.1:8080/a", Some("https://www.example.fr/a")),
            // Another port is another service; another host is none of ours.
            ("http://www.example.fr:3000/", None),
            ("http://127.0.0.1/", None),
            ("http://127.0.0.1:8081/", None),
            ("https://127.0.0.1:8080/", None),
            ("https://www.example.fr/", None),
            ("http://other.example/", None),
            ("http://www.example.fr.evil.example/", None),
            ("http://evil-www.example.fr/", None),
            ("http://user@www.example.fr/", None),
            ("http://www.example.fr@evil.example/", None),
            ("http://www.example.fr\\@evil.example/", None),
            ("http://www.example.fr./", None),
            ("http://www.example.fr:80x/", None),
            ("/a", None),
            ("a/b", None),
            ("//www.example.fr/a", None),
            ("http:/www.example.fr/", None),
            ("http:www.example.fr", None),
            ("http://", None),
            ("", None),
            ("ftp://www.example.fr/", None),
        ];
        for (before, after) in rows {
            let found = mended(before.as_bytes(), &plain, 443);
            assert_eq!(found.as_deref(), after.map(str::as_bytes), "{before}");
        }
    }

    #[test]
    fn the_port_of_the_gate_is_told_when_it_is_not_443() {
        let plain = Upstream::new(Scheme::Http, "127.0.0.1", 8080);
        for before in [
            "http://www.example.fr/a",
            "http://www.example.fr:8443/a",
            "http://127.0.0.1:8080/a",
        ] {
            let found = mended(before.as_bytes(), &plain, 8443).unwrap();
            assert_eq!(found, b"https://www.example.fr:8443/a", "{before}");
        }
    }

    #[test]
    fn an_origin_over_tls_is_recognised_by_its_own_scheme() {
        let tls = Upstream::new(Scheme::Https, "app.internal", 443);
        let found = mended(b"https://app.internal/a", &tls, 443);
        assert_eq!(found.as_deref(), Some(&b"https://www.example.fr/a"[..]));
        assert_eq!(mended(b"http://app.internal:443/a", &tls, 443), None);
    }

    #[test]
    fn an_origin_with_the_name_of_the_site_makes_no_loop() {
        let same = Upstream::new(Scheme::Https, "www.example.fr", 443);
        assert_eq!(mended(b"https://www.example.fr/", &same, 443), None);
    }

    proptest! {
        #[test]
        fn path_query_and_fragment_bytes_never_change(tail: Vec<u8>) {
            let tail = [b"/", &tail[..]].concat();
            let value = [b"http://www.example.fr", &tail[..]].concat();
            if HeaderValue::from_bytes(&value).is_err() {
                return Ok(());
            }
            let plain = Upstream::new(Scheme::Http, "127.0.0.1", 8080);
            let expected = [b"https://www.example.fr", &tail[..]].concat();
            prop_assert_eq!(mended(&value, &plain, 443), Some(expected), "{}", clause::TARGET_UNTOUCHED.id);
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
            let upstream = Upstream::new(Scheme::Http, "::1", 8080);
            let value = [b"http://", &bytes[..]].concat();
            if HeaderValue::from_bytes(&value).is_ok() {
                mended(&value, &upstream, 443);
            }
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                let site = Site { names: &[], upstreams: &[upstream], https_port: 443, http_port: None };
                let _ = repair_refresh(&value, site);
            }
        }
    }
}
