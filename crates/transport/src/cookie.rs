//! `Secure` on every cookie that travels over TLS.
//!
//! Clauses: RFC 6265bis, 4.1.2.5 (`Secure`), 4.1.3 (`__Host-` and `__Secure-` names stay
//! valid: they only ask for more of the same), 5.6 (how a browser splits a field); RFC 9110,
//! 5.3 (`Set-Cookie` lines are never folded into one).
//!
//! The line is only ever appended to. A cookie library would rewrite it, and lose what it
//! does not know: attributes of tomorrow, odd bytes, an `Expires` date with its comma.
//!
//! Absent on purpose: `HttpOnly` and `SameSite`, which can break a site that reads its own
//! cookie or is embedded elsewhere.

use std::borrow::Cow;

use http::header::{Entry, SET_COOKIE};
use http::{HeaderMap, HeaderValue};

/// One `Set-Cookie` value with `Secure`, added once; unchanged if it is there or if
/// `secure` is false.
///
/// Attributes are found as a browser finds them: everything after the first `;`, split at
/// each further one, whatever the quotes.
pub fn repair(value: &HeaderValue, secure: bool) -> Cow<'_, HeaderValue> {
    if !secure || has_secure(value.as_bytes()) {
        return Cow::Borrowed(value);
    }
    let mut line = value.as_bytes().to_vec();
    let open = line.trim_ascii_end().ends_with(b";");
    line.extend_from_slice(if open { b" Secure" } else { b"; Secure" });
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
pub fn repair_all(headers: &mut HeaderMap) {
    if let Entry::Occupied(mut lines) = headers.entry(SET_COOKIE) {
        for line in lines.iter_mut() {
            if let Cow::Owned(repaired) = repair(line, true) {
                *line = repaired;
            }
        }
    }
}

fn has_secure(line: &[u8]) -> bool {
    line.split(|byte| *byte == b';').skip(1).any(|attribute| {
        let name = attribute.split(|byte| *byte == b'=').next();
        name.unwrap_or_default()
            .trim_ascii()
            .eq_ignore_ascii_case(b"Secure")
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
            let repaired = repair(&value, true);
            assert_eq!(repaired.as_bytes(), *after, "{}", clause::COOKIE_SECURE.id);
            assert_eq!(repair(&value, false).as_bytes(), *before);
        }
    }

    #[test]
    fn prefixed_names_stay_valid() {
        for line in ["__Host-a=b; Path=/", "__Secure-a=b; Domain=example.fr"] {
            let value = HeaderValue::from_static(line);
            let repaired = repair(&value, true).into_owned();
            assert_eq!(
                repaired,
                format!("{line}; Secure"),
                "{}",
                clause::COOKIE_PREFIX.id
            );
        }
    }

    #[test]
    fn every_line_stays_a_line_in_its_place() {
        let mut headers = HeaderMap::new();
        headers.append("x-first", HeaderValue::from_static("1"));
        for line in ["a=1", "b=2; Secure", "a=3; Path=/"] {
            headers.append(SET_COOKIE, HeaderValue::from_static(line));
        }
        repair_all(&mut headers);
        let lines: Vec<_> = headers.get_all(SET_COOKIE).iter().collect();
        let expected = ["a=1; Secure", "b=2; Secure", "a=3; Path=/; Secure"];
        assert_eq!(lines, expected, "{}", clause::SET_COOKIE_LINES.id);
        assert_eq!(headers.len(), 4);

        let mut none = HeaderMap::new();
        repair_all(&mut none);
        assert!(none.is_empty());
    }

    #[test]
    fn a_value_kept_out_of_logs_stays_out() {
        let mut value = HeaderValue::from_static("session=1");
        value.set_sensitive(true);
        assert!(repair(&value, true).is_sensitive());
    }

    proptest! {
        #[test]
        fn repair_is_idempotent_and_only_appends(bytes: Vec<u8>) {
            let Ok(value) = HeaderValue::from_bytes(&bytes) else { return Ok(()) };
            let once = repair(&value, true).into_owned();
            prop_assert!(once.as_bytes().starts_with(value.as_bytes()));
            prop_assert!(has_secure(once.as_bytes()));
            prop_assert_eq!(&*repair(&once, true), &once);
        }

        #[test]
        fn name_and_value_never_change(pair in "[ -:<-~]{0,40}", rest in "(;[ -~]{0,20}){0,3}") {
            let value = HeaderValue::try_from(format!("{pair}{rest}")).unwrap();
            let repaired = repair(&value, true).into_owned();
            prop_assert_eq!(repaired.to_str().unwrap().split(';').next(), Some(pair.as_str()));
        }
    }
}
