//! Addresses of the site that lead to the window, and back; cookies that a browser keeps without
//! TLS.

use http::header::{
    CONTENT_LOCATION, CONTENT_SECURITY_POLICY, LOCATION, ORIGIN, REFERER, REFRESH, SET_COOKIE,
    STRICT_TRANSPORT_SECURITY,
};
use http::{HeaderMap, HeaderValue};
use memchr::memmem;
use policy::site::{Scheme, Upstream};
use transport::host::Host;

/// What the site is called.
#[derive(Debug)]
pub(super) struct Local {
    /// Authorities: host, and port where one is written. The longest first.
    names: Vec<String>,
    /// The origin of the site, as its own pages say it.
    origin: String,
}

/// The same, as the person's browser sees the window.
pub(super) struct Seen<'l> {
    local: &'l Local,
    /// The window's authority.
    here: String,
}

impl Local {
    pub(super) fn new(host: &Host, upstream: &Upstream) -> Self {
        let host = host.to_string();
        let address = format!("{}:{}", upstream.host, upstream.port);
        let mut names = vec![host.clone(), address];
        if !host.contains(':') {
            names.extend([format!("{host}:80"), format!("{host}:443")]);
        }
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        names.dedup();
        let scheme = match upstream.scheme {
            Scheme::Https => "https",
            Scheme::Http | Scheme::H2c => "http",
        };
        Self {
            names,
            origin: format!("{scheme}://{host}"),
        }
    }

    pub(super) fn seen_from(&self, here: &Host) -> Seen<'_> {
        Seen {
            local: self,
            here: here.to_string(),
        }
    }
}

impl Seen<'_> {
    /// Whether a page of another site made the browser send this: it is nothing that the person
    /// shows.
    pub(super) fn is_from_elsewhere(&self, headers: &HeaderMap) -> bool {
        let ours = format!("http://{}", self.here);
        let is_ours = |value: &HeaderValue| value == "null" || *value == *ours;
        headers.get_all(ORIGIN).iter().any(|value| !is_ours(value))
    }

    /// What the browser says of the page that it comes from, as the site knows it.
    pub(super) fn change_back(&self, headers: &mut HeaderMap) {
        let ours = format!("http://{}", self.here);
        for name in [ORIGIN, REFERER] {
            let changed = headers.get(&name).and_then(|value| {
                let rest = value.to_str().ok()?.strip_prefix(&ours)?;
                let whole = rest.is_empty() || rest.starts_with(['/', '?', '#']);
                whole.then(|| format!("{}{rest}", self.local.origin))
            });
            if let Some(Ok(value)) = changed.map(HeaderValue::try_from) {
                headers.insert(name, value);
            }
        }
    }

    /// The fields of an answer that would lead elsewhere, or ask for TLS.
    pub(super) fn change_fields(&self, headers: &mut HeaderMap) {
        headers.remove(STRICT_TRANSPORT_SECURITY);
        for name in [LOCATION, CONTENT_LOCATION, REFRESH, CONTENT_SECURITY_POLICY] {
            let changed = headers.get(&name).map(|value| {
                let mut text = self.change(value.as_bytes());
                if name == CONTENT_SECURITY_POLICY {
                    text = without(&text, b"upgrade-insecure-requests");
                }
                HeaderValue::from_bytes(&text)
            });
            if let Some(Ok(value)) = changed {
                headers.insert(name, value);
            }
        }
        let cookies: Vec<HeaderValue> = headers.get_all(SET_COOKIE).iter().cloned().collect();
        headers.remove(SET_COOKIE);
        for cookie in cookies {
            headers.append(SET_COOKIE, plain(&cookie));
        }
    }

    /// A text in which addresses of the site are those of the window.
    pub(super) fn change(&self, text: &[u8]) -> Vec<u8> {
        let mut text = text.to_vec();
        for name in &self.local.names {
            text = self.change_one(&text, name.as_bytes());
        }
        text
    }

    fn change_one(&self, text: &[u8], name: &[u8]) -> Vec<u8> {
        let mut changed = Vec::with_capacity(text.len());
        let mut from = 0;
        for at in memmem::find_iter(text, name) {
            let end = at + name.len();
            let goes_on = |byte: &u8| byte.is_ascii_alphanumeric() || b"-.:_".contains(byte);
            // JSON and scripts may escape the slashes.
            let slashes: [&[u8]; 2] = [b"//", b"\\/\\/"];
            let before = &text[from..at];
            let led = slashes.iter().find(|slashes| before.ends_with(slashes));
            let Some(slashes) = led.filter(|_| !text.get(end).is_some_and(goes_on)) else {
                continue;
            };
            let before = &before[..before.len() - slashes.len()];
            let schemes: [&[u8]; 2] = [b"https:", b"http:"];
            let scheme = schemes.iter().find(|scheme| before.ends_with(scheme));
            let kept = before.len() - scheme.map_or(0, |scheme| scheme.len());
            changed.extend_from_slice(&before[..kept]);
            if scheme.is_some() {
                changed.extend_from_slice(b"http:");
            }
            changed.extend_from_slice(slashes);
            changed.extend_from_slice(self.here.as_bytes());
            from = end;
        }
        changed.extend_from_slice(&text[from..]);
        changed
    }
}

/// A cookie that a browser keeps from this machine without TLS. One whose name asks for `Secure`
/// keeps it: most browsers trust loopback.
fn plain(cookie: &HeaderValue) -> HeaderValue {
    let bytes = cookie.as_bytes();
    let asks = bytes.starts_with(b"__Host-") || bytes.starts_with(b"__Secure-");
    let mut parts = bytes.split(|&byte| byte == b';');
    let mut left = parts.next().unwrap_or_default().to_vec();
    for part in parts {
        let lower = part.trim_ascii().to_ascii_lowercase();
        let needs_tls = match lower.as_slice() {
            b"secure" => !asks,
            b"partitioned" => true,
            lower => lower.starts_with(b"domain=") || lower == b"samesite=none",
        };
        if !needs_tls {
            left.push(b';');
            left.extend_from_slice(part);
        }
    }
    HeaderValue::from_bytes(&left).unwrap_or_else(|_| cookie.clone())
}

fn without(text: &[u8], word: &[u8]) -> Vec<u8> {
    match memmem::find(text, word) {
        Some(at) => [&text[..at], &text[at + word.len()..]].concat(),
        None => text.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local() -> Local {
        let policy = policy::load(
            "version = 1\n[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://127.0.0.1:8080\"\n\
             certificate = \"dev\"\n",
        );
        let policy = policy.expect("a policy").policy;
        let host = Host::parse("www.a.fr").expect("a host");
        Local::new(&host, &policy.sites()[0].upstreams[0])
    }

    #[test]
    fn addresses_of_the_site_lead_to_the_window() {
        let local = local();
        let here = Host::parse("127.0.0.1:9000").expect("a host");
        let seen = local.seen_from(&here);
        for (text, expected) in [
            ("https://www.a.fr/in", "http://127.0.0.1:9000/in"),
            ("http://www.a.fr", "http://127.0.0.1:9000"),
            ("http://www.a.fr:80/", "http://127.0.0.1:9000/"),
            ("http://127.0.0.1:8080/x", "http://127.0.0.1:9000/x"),
            ("//www.a.fr/x", "//127.0.0.1:9000/x"),
            (r"https:\/\/www.a.fr\/x", r"http:\/\/127.0.0.1:9000\/x"),
            ("https://www.a.fr.evil/x", "https://www.a.fr.evil/x"),
            ("https://www.a.fr:8443/x", "https://www.a.fr:8443/x"),
            ("https://xwww.a.fr/x", "https://xwww.a.fr/x"),
            ("mail@www.a.fr", "mail@www.a.fr"),
            ("/in", "/in"),
            (
                "<a href=\"https://www.a.fr/a\">www.a.fr</a> https://www.a.fr",
                "<a href=\"http://127.0.0.1:9000/a\">www.a.fr</a> http://127.0.0.1:9000",
            ),
        ] {
            let changed = seen.change(text.as_bytes());
            assert_eq!(String::from_utf8_lossy(&changed), expected, "{text}");
        }
        let mut headers = HeaderMap::new();
        for (sent, expected) in [
            ("http://127.0.0.1:9000/a?b", "http://www.a.fr/a?b"),
            ("http://127.0.0.1:90001/", "http://127.0.0.1:90001/"),
            ("https://other.fr/", "https://other.fr/"),
        ] {
            headers.insert(REFERER, HeaderValue::from_static(sent));
            seen.change_back(&mut headers);
            assert_eq!(headers[REFERER], expected);
        }
    }

    #[test]
    fn what_another_site_makes_a_browser_send_is_not_shown() {
        let local = local();
        let here = Host::parse("127.0.0.1:9000").expect("a host");
        let seen = local.seen_from(&here);
        let mut headers = HeaderMap::new();
        assert!(!seen.is_from_elsewhere(&headers));
        for (origin, elsewhere) in [
            ("http://127.0.0.1:9000", false),
            ("null", false),
            ("http://127.0.0.1:9001", true),
            ("https://evil.example", true),
        ] {
            headers.insert(ORIGIN, HeaderValue::from_static(origin));
            assert_eq!(seen.is_from_elsewhere(&headers), elsewhere, "{origin}");
        }
    }

    #[test]
    fn cookies_need_no_tls() {
        for (sent, kept) in [
            ("a=b; Secure; Path=/", "a=b; Path=/"),
            ("a=b;SECURE;HttpOnly", "a=b;HttpOnly"),
            ("a=b; Domain=.a.fr; SameSite=None; Secure", "a=b"),
            ("a=b; SameSite=Lax", "a=b; SameSite=Lax"),
            ("__Host-a=b; Secure; Path=/", "__Host-a=b; Secure; Path=/"),
            ("a=secure; Max-Age=9", "a=secure; Max-Age=9"),
        ] {
            assert_eq!(plain(&HeaderValue::from_static(sent)), kept);
        }
    }
}
