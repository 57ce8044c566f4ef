//! The meter of a form, and the attributes of its fields: what the gate adds to a site's own pages.
//!
//! Clauses: [`clause::CNIL_TELL_THE_RULES`] (the rules are told before the choice, and the person
//! is helped), [`clause::REMPART_DEADLINES`]. Whoever types a new password reads what the gate
//! will say of it when the form is sent, since the same judge is asked under the same policy. The
//! page is marked while it streams ([`page`]); one script of this gate's own origin does the rest,
//! and without scripts nothing changes.
//!
//! Nothing is inline, so a page's `Content-Security-Policy` needs `'self'` and no more; the
//! looks of the meter are a sheet that the script makes, which no policy of styles is asked
//! about. Where the policy has no `'self'`, the page is left as it is and the operator is told.
//!
//! What is typed goes to this gate only, which would see it anyway, in a body of a few KiB that
//! is held in memory that is wiped. It is a type of its own, which another site cannot send
//! without asking first, and asking is refused.
//!
//! [`clause::CNIL_TELL_THE_RULES`]: policy::clause::CNIL_TELL_THE_RULES
//! [`clause::REMPART_DEADLINES`]: policy::clause::REMPART_DEADLINES

use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

use http::header::{CONTENT_TYPE, ORIGIN};
use http::{HeaderMap, HeaderName};
use policy::{PasswordPolicy, Site};
use sha2::{Digest, Sha256};
use transport::host::Host;
use transport::redirect;

pub(crate) mod page;
mod question;

pub(crate) use question::{Question, verdict};

/// Where the script is.
pub(crate) const SCRIPT_PATH: &str = "/.rempart/meter.js";
/// Where it asks.
pub(crate) const VERDICT_PATH: &str = "/.rempart/verdict";
/// The type of a question.
const KIND: &str = "application/vnd.rempart.meter";
/// The largest question, in bytes.
pub(crate) const MOST: u64 = 8 * 1024;

/// The script.
pub(crate) const SCRIPT: &str = include_str!("meter/meter.js");
/// Stands for its text, so that a browser that has it need not ask again.
pub(crate) static VERSION: LazyLock<String> = LazyLock::new(|| {
    let digest = Sha256::digest(SCRIPT.as_bytes());
    digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
});

/// What the pages of a site get.
#[derive(Debug)]
pub(crate) struct Marking {
    /// Whether a form has a meter; without one nothing answers at the paths above.
    pub(crate) meter: bool,
    /// `passwordrules`.
    rules: Option<String>,
    /// `minlength`.
    min_length: usize,
    told_policy: AtomicBool,
    told_short: AtomicBool,
}

/// What a request asks of the meter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Script,
    Verdict,
}

impl Marking {
    /// `None` for a site whose pages stay as they are.
    pub(crate) fn of(site: &Site, password: &PasswordPolicy) -> Option<Self> {
        let meter = site.forms.iter().any(|form| form.meter);
        let attributes = site.forms.iter().any(|form| form.attributes);
        (meter || attributes).then(|| Self {
            meter,
            rules: password.password_rules(),
            min_length: password.min_length(),
            told_policy: AtomicBool::new(false),
            told_short: AtomicBool::new(false),
        })
    }

    /// What a path asks, if the site has a meter.
    pub(crate) fn asked(&self, path: &str) -> Option<Asked> {
        match path {
            SCRIPT_PATH if self.meter => Some(Asked::Script),
            VERDICT_PATH if self.meter => Some(Asked::Verdict),
            _ => None,
        }
    }

    /// Tells once that a page cannot have its meter.
    fn tell_policy(&self, site: &str) {
        if !self.told_policy.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                site,
                "a page has no meter, since its Content-Security-Policy admits no script of its \
                 own origin or no request to it; fix: add 'self' to its script-src and connect-src \
                 (without 'strict-dynamic'), or set `meter = false`"
            );
        }
    }

    /// Tells once that a field is too short for every password that the policy accepts.
    fn tell_short(&self, site: &str, most: usize) {
        if !self.told_short.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                site,
                "a field takes {most} characters at most (`maxlength`), and the policy accepts no \
                 password under {}: nobody can choose one there; fix: the site must take longer \
                 passwords",
                self.min_length
            );
        }
    }
}

/// Whether a page of the same origin asks, as its browser says (Fetch Metadata; RFC 6454, 7). A
/// browser says either.
pub(crate) fn is_own(headers: &HeaderMap, host: &Host) -> bool {
    const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
    let only = |name: &HeaderName, expected: &str| {
        let mut values = headers.get_all(name).iter();
        values.next().is_some_and(|value| value == expected) && values.next().is_none()
    };
    let origin = || redirect::origin(host.name(), host.port().unwrap_or(443));
    match headers.contains_key(SITE) {
        true => only(&SITE, "same-origin"),
        false => only(&ORIGIN, &origin()),
    }
}

/// Whether it is a question by its type.
pub(crate) fn is_question(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind == KIND)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_a_page_of_the_same_origin_asks() {
        let host = Host::parse("www.example.fr").expect("a host");
        let other = Host::parse("www.example.fr:8443").expect("a host");
        for (host, fields, own) in [
            (&host, &[][..], false),
            (&host, &[("sec-fetch-site", "same-origin")], true),
            (&host, &[("sec-fetch-site", "same-site")], false),
            (&host, &[("sec-fetch-site", "cross-site")], false),
            (&host, &[("sec-fetch-site", "none")], false),
            (
                &host,
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("origin", "https://www.example.fr"),
                ],
                false,
            ),
            (
                &host,
                &[
                    ("sec-fetch-site", "same-origin"),
                    ("sec-fetch-site", "none"),
                ],
                false,
            ),
            (&host, &[("origin", "https://www.example.fr")], true),
            (&host, &[("origin", "http://www.example.fr")], false),
            (&host, &[("origin", "https://www.example.fr:8443")], false),
            (&host, &[("origin", "null")], false),
            (&other, &[("origin", "https://www.example.fr:8443")], true),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in fields {
                headers.append(*name, HeaderValue::from_static(value));
            }
            assert_eq!(is_own(&headers, host), own, "{fields:?}");
        }
    }

    #[test]
    fn the_script_asks_where_the_gate_answers() {
        for text in [VERDICT_PATH, KIND, "data-rempart-meter"] {
            assert!(
                SCRIPT.contains(&format!("\"{text}\"")) || SCRIPT.contains(text),
                "{text}"
            );
        }
        // What a policy of the page could forbid.
        for text in [
            "innerHTML",
            "eval(",
            "style=",
            ".cssText",
            "setAttribute(\"style",
        ] {
            assert!(!SCRIPT.contains(text), "{text}");
        }
    }
}
