//! `Content-Security-Policy: upgrade-insecure-requests` on HTML.
//!
//! An old page links its images and scripts by `http://`. With this directive a browser
//! fetches them over https instead of blocking them or asking in clear (W3C Upgrade
//! Insecure Requests, 3.1).
//!
//! [`admits_own`] tells whether a page may load a script of its own origin at all.
//!
//! Absent on purpose: any other directive (see [`crate::answer`]), and any change to a policy
//! of the origin. A field of its own is joined to the others by the browser and can only add.

use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};

const DIRECTIVE: &str = "upgrade-insecure-requests";

/// Adds the directive to an HTML answer, in a field of its own, unless it is there.
pub fn upgrade_insecure(headers: &mut HeaderMap) {
    if is_html(headers) && !has_directive(headers, DIRECTIVE) {
        headers.append(CONTENT_SECURITY_POLICY, HeaderValue::from_static(DIRECTIVE));
    }
}

/// Whether a page under one policy may load a script of its own origin that has neither nonce
/// nor hash, and ask its own origin from it (CSP Level 3, 6.1 and 6.7).
///
/// In doubt it may not: hosts written out are not compared, and under `'strict-dynamic'` no
/// address counts.
pub fn admits_own(policy: &str) -> bool {
    let directives: Vec<Vec<String>> = policy
        .split(';')
        .map(|directive| {
            let words = directive.split_ascii_whitespace();
            words.map(str::to_ascii_lowercase).collect()
        })
        .collect();
    // The first of a name counts.
    let find = |name: &str| {
        let mut found = directives.iter();
        found.find(|words| words.first().is_some_and(|first| first == name))
    };
    let first_of = |names: &[&str]| names.iter().find_map(|name| find(name));
    let has = |words: &[String], wanted: &[&str]| {
        let mut words = words.iter().skip(1);
        words.any(|word| wanted.contains(&word.as_str()))
    };
    let own = ["'self'", "*", "https:"];
    let script = first_of(&["script-src-elem", "script-src", "default-src"]);
    let asks = first_of(&["connect-src", "default-src"]);
    let boxed = find("sandbox");
    script.is_none_or(|words| has(words, &own) && !has(words, &["'strict-dynamic'"]))
        && asks.is_none_or(|words| has(words, &own))
        && boxed.is_none_or(|words| {
            has(words, &["allow-scripts"]) && has(words, &["allow-same-origin"])
        })
}

/// The policies that an answer enforces.
pub fn policies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(CONTENT_SECURITY_POLICY)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .filter_map(|policy| std::str::from_utf8(policy).ok())
}

/// Adds a policy of one directive: to the field of our own that is alone there, since scanners
/// frown at two, otherwise in a field of its own, which can only narrow what the origin says.
pub(crate) fn add(headers: &mut HeaderMap, directive: &HeaderValue) {
    let mut said = headers.get_all(CONTENT_SECURITY_POLICY).iter();
    let ours = said.next().is_some_and(|policy| policy == DIRECTIVE) && said.next().is_none();
    let joined = [DIRECTIVE.as_bytes(), b"; ", directive.as_bytes()].concat();
    match HeaderValue::from_bytes(&joined) {
        Ok(joined) if ours => {
            headers.insert(CONTENT_SECURITY_POLICY, joined);
        }
        _ => {
            headers.append(CONTENT_SECURITY_POLICY, directive.clone());
        }
    }
}

/// Whether an answer is a page.
pub fn is_html(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return false;
    };
    let essence = value.as_bytes().split(|byte| *byte == b';').next();
    let essence = essence.unwrap_or_default().trim_ascii();
    essence.eq_ignore_ascii_case(b"text/html")
        || essence.eq_ignore_ascii_case(b"application/xhtml+xml")
}

/// Whether any policy of an answer has a directive.
pub(crate) fn has_directive(headers: &HeaderMap, directive: &str) -> bool {
    let mut fields = headers.get_all(CONTENT_SECURITY_POLICY).iter();
    fields.any(|field| names(field.as_bytes(), directive))
}

/// Whether any policy of a field has a directive. A field holds policies separated by commas,
/// each of directives separated by semicolons (W3C CSP Level 3, 2.2).
pub fn names(field: &[u8], directive: &str) -> bool {
    field
        .split(|byte| matches!(byte, b',' | b';'))
        .filter_map(|found| found.trim_ascii().split(u8::is_ascii_whitespace).next())
        .any(|name| name.eq_ignore_ascii_case(directive.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_of_the_page_s_own_origin_is_admitted_where_the_policy_surely_says_so() {
        for (policy, admitted) in [
            ("", true),
            ("upgrade-insecure-requests", true),
            ("frame-ancestors 'self'; object-src 'none'", true),
            ("default-src 'self'", true),
            ("default-src 'none'", false),
            ("default-src https:", true),
            ("default-src *; script-src 'none'", false),
            ("Script-Src 'SELF' 'nonce-abc' 'sha256-x'", true),
            ("script-src 'self' 'strict-dynamic' 'nonce-abc'", false),
            ("script-src 'nonce-abc'", false),
            ("script-src 'unsafe-inline'", false),
            ("script-src https://www.example.fr", false),
            ("script-src 'none'; script-src-elem 'self'", true),
            ("script-src-elem 'none'; script-src 'self'", false),
            ("script-src 'self'; script-src 'none'", true),
            ("script-src", false),
            ("script-src 'self'; connect-src 'none'", false),
            ("default-src 'none'; script-src 'self'", false),
            (
                "default-src 'none'; script-src 'self'; connect-src 'self'",
                true,
            ),
            ("sandbox", false),
            ("sandbox allow-scripts", false),
            ("sandbox allow-scripts allow-same-origin allow-forms", true),
            ("require-trusted-types-for 'script'", true),
        ] {
            assert_eq!(admits_own(policy), admitted, "{policy}");
        }
    }

    #[test]
    fn html_gets_the_directive_once_in_a_field_of_its_own() {
        const REPORT: &str = "content-security-policy-report-only";
        const ADDED: &str = "upgrade-insecure-requests";
        let rows: &[(&str, &[&str], &[&str])] = &[
            ("text/html", &[], &[ADDED]),
            ("TEXT/HTML; charset=iso-8859-1", &[], &[ADDED]),
            ("application/xhtml+xml", &[], &[ADDED]),
            (
                "text/html",
                &["default-src 'self'"],
                &["default-src 'self'", ADDED],
            ),
            (
                "text/html",
                &["default-src 'self'", "img-src *"],
                &["default-src 'self'", "img-src *", ADDED],
            ),
            (
                "text/html",
                &["a 'b' ;Upgrade-Insecure-Requests;"],
                &["a 'b' ;Upgrade-Insecure-Requests;"],
            ),
            (
                "text/html",
                &["a 'b', upgrade-insecure-requests"],
                &["a 'b', upgrade-insecure-requests"],
            ),
            (
                "text/html",
                &["report-uri /upgrade-insecure-requests"],
                &["report-uri /upgrade-insecure-requests", ADDED],
            ),
            ("text/plain", &[], &[]),
            (
                "application/json",
                &["default-src 'none'"],
                &["default-src 'none'"],
            ),
            ("", &[], &[]),
        ];
        for (kind, before, after) in rows {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            // A report-only policy upgrades nothing, so it does not count.
            headers.insert(REPORT, HeaderValue::from_static(ADDED));
            for policy in *before {
                headers.append(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
            }
            for _ in 0..2 {
                upgrade_insecure(&mut headers);
                let found: Vec<_> = headers.get_all(CONTENT_SECURITY_POLICY).iter().collect();
                assert_eq!(found, *after, "{kind} {before:?}");
            }
        }
        let mut headers = HeaderMap::new();
        upgrade_insecure(&mut headers);
        assert!(headers.is_empty(), "no content type, no HTML");
    }
}
