//! The `Strict-Transport-Security` field.
//!
//! Clauses: RFC 6797, 6.1 (grammar, each directive once), 7.1 (one field, over TLS only),
//! 7.2 (never in clear), 8.1.1 (never for an IP address); 8.4 and 11.3: a host that browsers
//! reach only by clicking through a warning must not pin itself, so a site with a
//! development certificate gets none.
//!
//! Absent on purpose: any check of the setting. `policy::load` refused a `max-age`, a
//! `preload` or an `include-subdomains` that may not be sent.

use http::header::STRICT_TRANSPORT_SECURITY;
use http::{HeaderMap, HeaderValue};
use policy::Site;
use policy::transport::Hsts;

use crate::Encrypted;

/// The field value for an answer of `site`, asked for as `host`; `None` when it must carry
/// none.
///
/// `host` is a name or an address without port, as [`Host::name`](crate::host::Host::name) gives it.
/// [`Encrypted`] is only asked for, not read: without a finished handshake there is no way
/// to call this.
///
/// ```
/// # fn over_tls(hsts: &policy::transport::Hsts, proof: &transport::Encrypted, site: &policy::Site) {
/// transport::hsts::field(hsts, proof, "www.example.fr", site);
/// # }
/// ```
///
/// ```compile_fail,E0061
/// # fn in_clear(hsts: &policy::transport::Hsts, site: &policy::Site) {
/// transport::hsts::field(hsts, "www.example.fr", site);
/// # }
/// ```
pub fn field(hsts: &Hsts, _proof: &Encrypted, host: &str, site: &Site) -> Option<HeaderValue> {
    if !site.announces_hsts(host) {
        return None;
    }
    let mut value = format!("max-age={}", hsts.max_age.as_secs());
    if hsts.include_subdomains {
        value.push_str("; includeSubDomains");
    }
    if hsts.preload {
        value.push_str("; preload");
    }
    // Digits and letters are always a field value.
    HeaderValue::try_from(value).ok()
}

/// Leaves exactly one field, or none when [`field`] gives none. What the origin sent goes:
/// one authority decides, and a second field would be ignored by browsers (8.1).
pub fn set(headers: &mut HeaderMap, hsts: &Hsts, proof: &Encrypted, host: &str, site: &Site) {
    remove(headers);
    if let Some(value) = field(hsts, proof, host, site) {
        headers.insert(STRICT_TRANSPORT_SECURITY, value);
    }
}

/// Removes every field: for answers in clear (RFC 6797, 7.2).
pub fn remove(headers: &mut HeaderMap) {
    headers.remove(STRICT_TRANSPORT_SECURITY);
}

/// A promise as browsers understand it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Announced {
    /// `max-age`, in seconds.
    pub max_age: u64,
    /// `includeSubDomains`.
    pub include_subdomains: bool,
    /// `preload`, which RFC 6797 does not know.
    pub preload: bool,
}

impl Announced {
    /// Reads a field value; `None` when browsers ignore it, as when a directive is there twice
    /// or `max-age` is absent (RFC 6797, 6.1).
    pub fn parse(value: &[u8]) -> Option<Self> {
        let value = std::str::from_utf8(value).ok()?;
        let (mut max_age, mut include_subdomains, mut preload) = (None, false, false);
        let mut seen = Vec::new();
        let directives = value.split(';').map(str::trim);
        for directive in directives.filter(|directive| !directive.is_empty()) {
            let (name, value) = match directive.split_once('=') {
                Some((name, value)) => (name.trim(), Some(value.trim())),
                None => (directive, None),
            };
            let name = name.to_ascii_lowercase();
            if seen.contains(&name) || seen.len() >= 16 {
                return None;
            }
            match name.as_str() {
                "max-age" => {
                    let digits = value?.trim_matches('"');
                    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                        return None;
                    }
                    max_age = Some(digits.parse().unwrap_or(u64::MAX));
                }
                "includesubdomains" => include_subdomains = true,
                "preload" => preload = true,
                _ => {}
            }
            seen.push(name);
        }
        Some(Self {
            max_age: max_age?,
            include_subdomains,
            preload,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use policy::clause;
    use policy::site::Certificate;

    use super::*;
    use crate::testing::{encrypted, site};

    fn setting(seconds: u64, include_subdomains: bool, preload: bool) -> Hsts {
        let mut hsts = Hsts::default();
        hsts.max_age = Duration::from_secs(seconds);
        hsts.include_subdomains = include_subdomains;
        hsts.preload = preload;
        hsts
    }

    fn files() -> Certificate {
        Certificate::Files {
            chain: PathBuf::from("chain.pem"),
            key: PathBuf::from("key.pem"),
        }
    }

    #[test]
    fn the_field_says_what_the_policy_says_and_no_more() {
        let proof = encrypted();
        let two_years = 63_072_000;
        let rows = [
            (
                &clause::HSTS_DIRECTIVES,
                setting(300, false, false),
                "max-age=300",
            ),
            (
                &clause::HSTS_SUBDOMAINS,
                setting(300, true, false),
                "max-age=300; includeSubDomains",
            ),
            (
                &clause::PRELOAD_HEADER,
                setting(two_years, true, true),
                "max-age=63072000; includeSubDomains; preload",
            ),
            (&clause::HSTS_FORGET, setting(0, false, false), "max-age=0"),
        ];
        for (clause, hsts, value) in rows {
            let site = site(files(), &["www.example.fr"]);
            let field = field(&hsts, &proof, "www.example.fr", &site);
            assert_eq!(field.unwrap(), value, "{}", clause.id);
        }
    }

    #[test]
    fn addresses_and_development_certificates_get_none() {
        let proof = encrypted();
        let rows = [
            (None, files(), "www.example.fr", true),
            (None, Certificate::Acme, "www.example.fr", true),
            (Some(&clause::HSTS_NO_IP), files(), "192.0.2.1", false),
            (Some(&clause::HSTS_NO_IP), files(), "2001:db8::1", false),
            (Some(&clause::HSTS_NO_IP), files(), "[2001:db8::1]", false),
            (
                Some(&clause::HSTS_NO_CLICK_THROUGH),
                Certificate::Dev,
                "www.example.fr",
                false,
            ),
        ];
        for (clause, certificate, host, sent) in rows {
            let site = site(certificate, &[host]);
            let field = field(&Hsts::default(), &proof, host, &site);
            assert_eq!(
                field.is_some(),
                sent,
                "{:?}: {host}",
                clause.map(|clause| clause.id)
            );
        }
    }

    #[test]
    fn exactly_one_field_or_none_is_left() {
        let proof = encrypted();
        let origin = || {
            let mut headers = HeaderMap::new();
            for value in ["max-age=1", "max-age=2; preload"] {
                headers.append(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(value));
            }
            headers
        };
        let count = |headers: &HeaderMap| headers.get_all(STRICT_TRANSPORT_SECURITY).iter().count();
        let site = site(Certificate::Acme, &["www.example.fr", "192.0.2.1"]);
        for mut headers in [HeaderMap::new(), origin()] {
            set(
                &mut headers,
                &Hsts::default(),
                &proof,
                "www.example.fr",
                &site,
            );
            assert_eq!(count(&headers), 1, "{}", clause::HSTS_ONE_FIELD.id);
            assert_eq!(headers[STRICT_TRANSPORT_SECURITY], "max-age=300");
        }
        let mut headers = origin();
        set(&mut headers, &Hsts::default(), &proof, "192.0.2.1", &site);
        assert_eq!(count(&headers), 0, "{}", clause::HSTS_NO_IP.id);
        let mut headers = origin();
        remove(&mut headers);
        assert_eq!(count(&headers), 0, "{}", clause::HSTS_ONLY_ENCRYPTED.id);
    }

    #[test]
    fn a_promise_is_read_as_browsers_read_it() {
        let announced = |max_age, include_subdomains, preload| {
            Some(Announced {
                max_age,
                include_subdomains,
                preload,
            })
        };
        for (value, expected) in [
            ("max-age=300", announced(300, false, false)),
            (
                "Max-Age = \"31536000\" ; includeSubdomains;;preload; x=y",
                announced(31_536_000, true, true),
            ),
            ("max-age=0", announced(0, false, false)),
            (
                "max-age=99999999999999999999",
                announced(u64::MAX, false, false),
            ),
            ("includeSubDomains", None),
            ("max-age", None),
            ("max-age=", None),
            ("max-age=-1", None),
            ("max-age=1; MAX-AGE=2", None),
            ("max-age=1; preload; preload", None),
            ("", None),
        ] {
            let clause = clause::HSTS_DIRECTIVES.id;
            assert_eq!(
                Announced::parse(value.as_bytes()),
                expected,
                "{clause}: {value}"
            );
        }
        assert_eq!(Announced::parse(b"max-age=1; \xff"), None);
    }
}
