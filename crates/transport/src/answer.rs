//! The security fields of an answer that its origin forgot.
//!
//! Clauses: ASVS 5.0, 3.4.3 to 3.4.6; W3C CSP Level 3, 3.1 and 3.2 (a policy that enforces,
//! one that reports); RFC 7034 (`X-Frame-Options`). Which fields, and why the rest is off, is
//! said in `policy::site::Headers`.
//!
//! A field that the origin sends is its own affair and stays, unless the site says
//! `replace`. Policies about frames are one subject with two names: whoever wrote either has
//! decided both. `frame-ancestors` never goes into a policy of the origin, since browsers
//! enforce every policy that they are given.
//!
//! Absent on purpose: fields of the gate's own pages, which know what they hold.

use http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_REPORT_ONLY, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use policy::site::{Frames, Headers, Opener, Referrer};

use crate::csp;

const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");

/// The fields that answers of one site get, ready to be added.
#[derive(Debug, Clone)]
pub struct Fields {
    /// Those that stand alone.
    single: Vec<(HeaderName, HeaderValue)>,
    /// `X-Frame-Options` and `frame-ancestors`.
    frames: Option<(HeaderValue, HeaderValue)>,
    replace: bool,
}

impl Fields {
    /// What a site asks for.
    pub fn new(headers: &Headers) -> Self {
        let mut single = Vec::new();
        let mut add = |name, value: Option<HeaderValue>| {
            single.extend(value.map(|value| (name, value)));
        };
        let word = HeaderValue::from_static;
        // The policy holds visible ASCII only.
        let text = |text: &Option<String>| text.as_ref()?.parse().ok();
        add(
            X_CONTENT_TYPE_OPTIONS,
            headers.nosniff.then(|| word("nosniff")),
        );
        add(
            REFERRER_POLICY,
            headers.referrer.map(Referrer::name).map(word),
        );
        add(OPENER, headers.opener.map(Opener::name).map(word));
        add(PERMISSIONS, text(&headers.permissions));
        add(CONTENT_SECURITY_POLICY, text(&headers.content));
        add(
            CONTENT_SECURITY_POLICY_REPORT_ONLY,
            text(&headers.content_report_only),
        );
        let frames = headers.frames.map(|frames| match frames {
            Frames::SameOrigin => (word("SAMEORIGIN"), word("frame-ancestors 'self'")),
            Frames::Nobody => (word("DENY"), word("frame-ancestors 'none'")),
        });
        Self {
            single,
            frames,
            replace: headers.replace,
        }
    }

    /// Adds them to an answer of the origin. Doing it twice changes nothing more.
    pub fn set(&self, headers: &mut HeaderMap) {
        // Asked before our own policy is among them.
        let framed =
            headers.contains_key(X_FRAME_OPTIONS) || csp::has_directive(headers, "frame-ancestors");
        for (name, value) in &self.single {
            if self.replace || !headers.contains_key(name) {
                headers.insert(name, value.clone());
            }
        }
        let Some((option, ancestors)) = &self.frames else {
            return;
        };
        if framed && !self.replace {
            return;
        }
        headers.insert(X_FRAME_OPTIONS, option.clone());
        let mut said = headers.get_all(CONTENT_SECURITY_POLICY).iter();
        if csp::is_html(headers) && !said.any(|value| value == ancestors) {
            csp::add(headers, ancestors);
        }
    }
}

#[cfg(test)]
mod tests {
    use http::header::CONTENT_TYPE;
    use policy::clause;

    use super::*;

    /// The answer of a site with these lines in `[site.headers]`, twice mended.
    fn mended(lines: &str, kind: &str, origin: &[(&'static str, &'static str)]) -> Vec<String> {
        let text = format!(
            "version = 1\n[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\n\
             certificate = \"dev\"\n[site.headers]\n{lines}"
        );
        let policy = policy::load(&text).unwrap().policy;
        let fields = Fields::new(&policy.sites()[0].headers);
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::try_from(kind).unwrap());
        for (name, value) in origin {
            headers.append(*name, HeaderValue::from_static(value));
        }
        fields.set(&mut headers);
        let once = headers.clone();
        fields.set(&mut headers);
        assert_eq!(headers, once, "{lines}");
        headers.remove(CONTENT_TYPE);
        let line = |(name, value): (&HeaderName, &HeaderValue)| {
            format!("{name}: {}", value.to_str().unwrap())
        };
        let mut lines: Vec<String> = headers.iter().map(line).collect();
        lines.sort();
        lines
    }

    const NOSNIFF: &str = "x-content-type-options: nosniff";
    const REFERRER: &str = "referrer-policy: strict-origin-when-cross-origin";
    const OPTION: &str = "x-frame-options: SAMEORIGIN";
    const ANCESTORS: &str = "content-security-policy: frame-ancestors 'self'";

    #[test]
    fn what_is_missing_is_added_by_default() {
        let page = mended("", "text/html", &[]);
        for clause in [
            &clause::ASVS_NOSNIFF,
            &clause::ASVS_REFERRER,
            &clause::ASVS_FRAMES,
        ] {
            assert_eq!(page.len(), 4, "{}: {page:?}", clause.id);
        }
        for line in [NOSNIFF, REFERRER, OPTION, ANCESTORS] {
            assert!(page.contains(&line.to_owned()), "{page:?}");
        }
        let picture = mended("", "image/png", &[]);
        assert!(!picture.contains(&ANCESTORS.to_owned()), "{picture:?}");
        assert_eq!(picture.len(), 3);
    }

    #[test]
    fn what_the_origin_says_stays() {
        let origin = [
            ("x-content-type-options", "odd"),
            ("referrer-policy", "no-referrer"),
            ("content-security-policy", "img-src *; Frame-Ancestors b.fr"),
            ("permissions-policy", "camera=*"),
        ];
        let lines = "content-security-policy = \"base-uri 'none'\"\n\
                     permissions-policy = \"camera=()\"\n\
                     content-security-policy-report-only = \"img-src 'self'\"\n";
        let kept = mended(lines, "text/html", &origin);
        let mut expected: Vec<String> = origin
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .chain(["content-security-policy-report-only: img-src 'self'".to_owned()])
            .collect();
        expected.sort();
        assert_eq!(kept, expected, "{}", clause::ASVS_CSP.id);

        let option = mended("", "text/html", &[("x-frame-options", "ALLOWALL")]);
        assert_eq!(option, [REFERRER, NOSNIFF, "x-frame-options: ALLOWALL"]);
    }

    #[test]
    fn what_the_origin_says_goes_where_the_site_asks() {
        let origin = [
            ("x-content-type-options", "odd"),
            ("x-frame-options", "ALLOWALL"),
            ("content-security-policy", "img-src *"),
            ("content-security-policy", "font-src *"),
        ];
        let lines = "replace = true\nframes = \"none\"\nopener-policy = \"same-origin\"\n\
                     referrer-policy = \"no-referrer\"\n\
                     content-security-policy = \"base-uri 'none'\"\n";
        assert_eq!(
            mended(lines, "text/html", &origin),
            [
                "content-security-policy: base-uri 'none'",
                "content-security-policy: frame-ancestors 'none'",
                "cross-origin-opener-policy: same-origin",
                "referrer-policy: no-referrer",
                NOSNIFF,
                "x-frame-options: DENY",
            ]
        );
    }

    #[test]
    fn off_adds_nothing() {
        let lines = "content-type-options = \"off\"\nreferrer-policy = \"off\"\n\
                     frames = \"off\"\nopener-policy = \"off\"\n";
        assert!(mended(lines, "text/html", &[]).is_empty());
    }
}
