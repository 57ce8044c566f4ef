//! `Secure` on every cookie that travels over TLS; `HttpOnly` and `SameSite` by name.
//!
//! Clauses: RFC 6265bis, 4.1.2.5 (`Secure`), 4.1.2.6 (`HttpOnly`), 4.1.2.7 (`SameSite`), 4.1.3
//! (`__Host-` and `__Secure-` names stay valid: they only ask for more of the same), 5.6 (how
//! a browser splits a field); RFC 9110, 5.3 (`Set-Cookie` lines are never folded into one).
//!
//! The line is only ever appended to. A cookie library would rewrite it, and lose what it
//! does not know: attributes of tomorrow, odd bytes, an `Expires` date with its comma. An
//! attribute that is there stays as it is, and is not added again: of two `SameSite` a browser
//! obeys the last, and the origin has said what it means.
//!
//! Absent on purpose: rules of our own. `policy::site::Repair` tells which cookie gets what;
//! whatever gets anything here gets `Secure`, without which `SameSite=None` is refused.

use std::borrow::Cow;

use http::header::{Entry, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use policy::site::{Repair, SameSite};

/// One `Set-Cookie` value with what it lacks, each attribute added once; unchanged if
/// nothing is missing.
///
/// Attributes are found as a browser finds them: everything after the first `;`, split at
/// each further one, whatever the quotes.
pub fn repair<'a>(value: &'a HeaderValue, rules: &Repair) -> Cow<'a, HeaderValue> {
    let bytes = value.as_bytes();
    let (http_only, same_site) = rules.rule_for(name(bytes));
    let same_site = same_site.map(|same_site| match same_site {
        SameSite::Strict => "SameSite=Strict",
        SameSite::Lax => "SameSite=Lax",
        SameSite::None => "SameSite=None",
    });
    let wanted = [Some("Secure"), http_only.then_some("HttpOnly"), same_site];
    let missing = wanted
        .into_iter()
        .flatten()
        .filter(|wanted| !has(bytes, wanted.split('=').next().unwrap_or_default()));
    let mut line = Cow::Borrowed(bytes);
    for attribute in missing {
        let line = line.to_mut();
        let open = line.trim_ascii_end().ends_with(b";");
        line.extend_from_slice(if open { b" " } else { b"; " });
        line.extend_from_slice(attribute.as_bytes());
    }
    let Cow::Owned(line) = line else {
        return Cow::Borrowed(value);
    };
    match HeaderValue::from_bytes(&line) {
        Ok(mut repaired) => {
            repaired.set_sensitive(value.is_sensitive());
            Cow::Owned(repaired)
        }
        // A field value with visible letters after it is a field value.
        Err(_) => Cow::Borrowed(value),
    }
}

/// Repairs every `Set-Cookie` line where it stands: as many lines as before, in the same
/// order.
pub fn repair_all(headers: &mut HeaderMap, rules: &Repair) {
    if let Entry::Occupied(mut lines) = headers.entry(SET_COOKIE) {
        for line in lines.iter_mut() {
            if let Cow::Owned(repaired) = repair(line, rules) {
                *line = repaired;
            }
        }
    }
}

/// The name of the cookie: what stands before the first `=` of the first piece.
fn name(line: &[u8]) -> &[u8] {
    let pair = line.split(|byte| *byte == b';').next().unwrap_or_default();
    match pair.iter().position(|byte| *byte == b'=') {
        Some(end) => pair[..end].trim_ascii(),
        // A browser takes a piece without `=` for a value without a name.
        None => b"",
    }
}

fn has(line: &[u8], wanted: &str) -> bool {
    line.split(|byte| *byte == b';').skip(1).any(|attribute| {
        let name = attribute.split(|byte| *byte == b'=').next();
        name.unwrap_or_default()
            .trim_ascii()
            .eq_ignore_ascii_case(wanted.as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use policy::clause;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn secure_is_added_once_and_nothing_else_changes() {
        let rows: &[(&[u8], &[u8])] = &[
            (b"a=b", b"a=b; Secure"),
            (b"a=b; Path=/; HttpOnly", b"a=b; Path=/; HttpOnly; Secure"),
            (b"a=b;", b"a=b; Secure"),
            (b"a=b; ", b"a=b;  Secure"),
            (b"a=b; Secure", b"a=b; Secure"),
            (b"a=b;secure;Path=/", b"a=b;secure;Path=/"),
            (b"a=b; \tSECURE \t; Path=/", b"a=b; \tSECURE \t; Path=/"),
            (b"a=b; Secure=yes", b"a=b; Secure=yes"),
            // The name or the value of a cookie is not an attribute.
            (b"Secure", b"Secure; Secure"),
            (b"Secure=1; Path=/", b"Secure=1; Path=/; Secure"),
            (b"a=Secure", b"a=Secure; Secure"),
            // A browser splits at every semicolon, also between quotes.
            (b"a=\"x; Secure\"", b"a=\"x; Secure\"; Secure"),
            (b"a=\"x; Secure; y\"", b"a=\"x; Secure; y\""),
            (
                b"a=b; Insecure; Path=/Secure",
                b"a=b; Insecure; Path=/Secure; Secure",
            ),
            (
                b"a=b; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
                b"a=b; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Secure",
            ),
            (
                b"a=b; Priority=High; Partitioned; X=\"y\"",
                b"a=b; Priority=High; Partitioned; X=\"y\"; Secure",
            ),
            (b"a=\xe9t\xe9; Path=/", b"a=\xe9t\xe9; Path=/; Secure"),
            (b"", b"; Secure"),
        ];
        for (before, after) in rows {
            let value = HeaderValue::from_bytes(before).unwrap();
            let repaired = repair(&value, &Repair::default());
            assert_eq!(repaired.as_bytes(), *after, "{}", clause::COOKIE_SECURE.id);
        }
    }

    #[test]
    fn prefixed_names_stay_valid() {
        for line in ["__Host-a=b; Path=/", "__Secure-a=b; Domain=example.fr"] {
            let value = HeaderValue::from_static(line);
            let repaired = repair(&value, &Repair::default()).into_owned();
            assert_eq!(
                repaired,
                format!("{line}; Secure"),
                "{}",
                clause::COOKIE_PREFIX.id
            );
        }
    }

    #[test]
    fn rules_add_what_is_missing_by_name() {
        let text = "version = 1\n[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\n\
                    certificate = \"dev\"\n\
                    [[site.repair.cookie]]\nname = \"open\"\nhttp-only = false\n\
                    [[site.repair.cookie]]\nname = \"wp-*\"\nsame-site = \"lax\"\n\
                    [[site.repair.cookie]]\nname = \"__Host-*\"\nsame-site = \"strict\"\n\
                    [[site.repair.cookie]]\nname = \"pay\"\nsame-site = \"none\"\nhttp-only = false\n";
        let policy = policy::load(text).unwrap().policy;
        let rules = &policy.sites()[0].repair;
        for (before, after) in [
            ("open=1", "open=1; Secure"),
            (
                "wp-a=1; Path=/",
                "wp-a=1; Path=/; Secure; HttpOnly; SameSite=Lax",
            ),
            (" wp-a =1", " wp-a =1; Secure; HttpOnly; SameSite=Lax"),
            (
                "wp-a=1; httponly;SECURE",
                "wp-a=1; httponly;SECURE; SameSite=Lax",
            ),
            // What the origin says stays, and stands once.
            (
                "wp-a=1; samesite=None; HttpOnly",
                "wp-a=1; samesite=None; HttpOnly; Secure",
            ),
            ("wp-a=1; SameSite", "wp-a=1; SameSite; Secure; HttpOnly"),
            (
                "wp-a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
                "wp-a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Secure; HttpOnly; SameSite=Lax",
            ),
            (
                "__Host-a=1; Path=/; Secure",
                "__Host-a=1; Path=/; Secure; HttpOnly; SameSite=Strict",
            ),
            // SameSite=None is for Secure cookies only.
            ("pay=1", "pay=1; Secure; SameSite=None"),
            // Session cookies that are known by their names, and cookies without one.
            (
                "PHPSESSID=x; path=/",
                "PHPSESSID=x; path=/; Secure; HttpOnly",
            ),
            ("other=x", "other=x; Secure"),
            ("wp-a", "wp-a; Secure"),
            ("wp-a; a=b", "wp-a; a=b; Secure"),
        ] {
            let value = HeaderValue::from_static(before);
            let once = repair(&value, rules).into_owned();
            assert_eq!(once, after, "{}", clause::COOKIE_SAME_SITE.id);
            assert_eq!(repair(&once, rules).as_bytes(), once.as_bytes(), "{before}");
        }
    }

    #[test]
    fn every_line_stays_a_line_in_its_place() {
        let mut headers = HeaderMap::new();
        headers.append("x-first", HeaderValue::from_static("1"));
        for line in ["a=1", "b=2; Secure", "a=3; Path=/"] {
            headers.append(SET_COOKIE, HeaderValue::from_static(line));
        }
        repair_all(&mut headers, &Repair::default());
        let lines: Vec<_> = headers.get_all(SET_COOKIE).iter().collect();
        let expected = ["a=1; Secure", "b=2; Secure", "a=3; Path=/; Secure"];
        assert_eq!(lines, expected, "{}", clause::SET_COOKIE_LINES.id);
        assert_eq!(headers.len(), 4);

        let mut none = HeaderMap::new();
        repair_all(&mut none, &Repair::default());
        assert!(none.is_empty());
    }

    #[test]
    fn a_value_kept_out_of_logs_stays_out() {
        let mut value = HeaderValue::from_static("session=1");
        value.set_sensitive(true);
        assert!(repair(&value, &Repair::default()).is_sensitive());
    }

    proptest! {
        #[test]
        fn repair_is_idempotent_and_only_appends(bytes: Vec<u8>) {
            let Ok(value) = HeaderValue::from_bytes(&bytes) else { return Ok(()) };
            let once = repair(&value, &Repair::default()).into_owned();
            prop_assert!(once.as_bytes().starts_with(value.as_bytes()));
            prop_assert!(has(once.as_bytes(), "secure"));
            prop_assert_eq!(&*repair(&once, &Repair::default()), &once);
        }

        #[test]
        fn name_and_value_never_change(pair in "[ -:<-~]{0,40}", rest in "(;[ -~]{0,20}){0,3}") {
            let value = HeaderValue::try_from(format!("{pair}{rest}")).unwrap();
            let repaired = repair(&value, &Repair::default()).into_owned();
            prop_assert_eq!(repaired.to_str().unwrap().split(';').next(), Some(pair.as_str()));
        }
    }
}
