//! What the answers of an origin mean.

use form::{ANSWER_BYTES, Outcome};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::forms;

/// The outcome of one answer under some rules: status, fields, body.
fn outcome(rules: &str, status: u16, fields: &[(&str, &str)], body: &[u8]) -> Outcome {
    let forms = forms(&format!(
        "[[site.form]]\nkind = \"sign-in\"\npath = \"/\"\nidentifier = \"u\"\npassword = \"p\"\n{rules}\n"
    ));
    let form = forms.iter().next().expect("one form");
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(
            HeaderName::from_bytes(name.as_bytes()).expect("a name"),
            HeaderValue::from_bytes(value.as_bytes()).expect("a value"),
        );
    }
    form.outcome(
        StatusCode::from_u16(status).expect("a status"),
        &headers,
        body,
    )
}

#[test]
fn rules_about_heads() {
    use Outcome::{Failure, Success, Undecided, Unproven};
    const MOVED: &str = "success = [{ status = \"302-303\", location = \"/home*\" }]";
    const COOKIE: &str = "success = [{ set-cookie = \"*sid\" }]\nfailure = [{ status = \"403\" }]";
    const STATUS: &str = "success = [{ status = \"200\" }, { status = \"302\", location = \"*\" },\
                          { status = \"302\", set-cookie = \"sid\" }]";
    for (rules, status, fields, expected) in [
        (STATUS, 200, &[][..], Unproven),
        (STATUS, 200, &[("set-cookie", "sid=1")], Unproven),
        (STATUS, 302, &[("location", "/")], Unproven),
        (
            STATUS,
            302,
            &[("location", "/"), ("set-cookie", "sid=1")],
            Success,
        ),
        (STATUS, 302, &[("set-cookie", "sid=1")], Success),
        (STATUS, 302, &[], Failure),
        (MOVED, 302, &[("location", "/home?x")][..], Success),
        (MOVED, 303, &[("location", "https://a.fr/home")], Success),
        (MOVED, 302, &[("location", "/login?to=/home")], Failure),
        (MOVED, 302, &[("location", "https://a.fr")], Failure),
        (MOVED, 302, &[], Failure),
        (MOVED, 200, &[("location", "/home")], Failure),
        (COOKIE, 200, &[("set-cookie", "sid=1; Path=/")], Success),
        (COOKIE, 200, &[("set-cookie", "my_sid=1")], Success),
        (COOKIE, 200, &[("set-cookie", "side=1")], Undecided),
        (COOKIE, 200, &[], Undecided),
        (COOKIE, 403, &[("set-cookie", "sid=1")], Failure),
        (COOKIE, 200, &[("set-cookie", "sid=")], Undecided),
        (
            COOKIE,
            200,
            &[("set-cookie", "sid=deleted; Max-Age=9")],
            Undecided,
        ),
        (
            COOKIE,
            200,
            &[("set-cookie", "sid=1; max-age=0")],
            Undecided,
        ),
        (
            COOKIE,
            200,
            &[("set-cookie", "sid=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT")],
            Undecided,
        ),
        (
            COOKIE,
            200,
            &[("set-cookie", "sid=1"), ("set-cookie", "sid=; Max-Age=0")],
            Undecided,
        ),
        (
            COOKIE,
            200,
            &[("set-cookie", "sid=; Max-Age=0"), ("set-cookie", "sid=1")],
            Success,
        ),
    ] {
        assert_eq!(
            outcome(rules, status, fields, b""),
            expected,
            "{rules} {status} {fields:?}"
        );
    }
}

#[test]
fn rules_about_bodies() {
    use Outcome::{Failure, Success, Undecided, Unproven};
    const JSON: &str =
        "success = [{ json = { \"/ok\" = \"true\", \"/user/id\" = [\"1\", \"2\"] } }]";
    const TEXT: &str = "failure = [{ body = \"<fault>\" }]\nsuccess = [{ status = \"200\" }]";
    for (rules, status, body, expected) in [
        (JSON, 200, &br#"{"ok":true,"user":{"id":2}}"#[..], Success),
        (JSON, 200, br#"{"ok":"true","user":{"id":"1"}}"#, Success),
        (JSON, 200, br#"{"ok":true,"user":{"id":3}}"#, Failure),
        (JSON, 200, br#"{"ok":[true],"user":{"id":1}}"#, Failure),
        (JSON, 200, b"ok", Failure),
        (TEXT, 200, b"<params>", Unproven),
        (TEXT, 200, b"a <fault> b", Failure),
        (TEXT, 500, b"", Undecided),
    ] {
        assert_eq!(
            outcome(rules, status, &[], body),
            expected,
            "{rules} {body:?}"
        );
    }
    let gzip = [("content-encoding", "gzip")];
    // What cannot be read is no success.
    assert_eq!(outcome(TEXT, 200, &gzip, b"<params>"), Failure);
    assert_eq!(
        outcome(JSON, 200, &gzip, br#"{"ok":true,"user":{"id":2}}"#),
        Failure
    );
    let mut late = vec![b' '; ANSWER_BYTES];
    late.extend(b"<fault>");
    assert_eq!(outcome(TEXT, 200, &[], &late), Unproven);
}
