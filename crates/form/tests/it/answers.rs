//! What the answers of an origin mean.

use form::{ANSWER_BYTES, Outcome, Reading};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::{URLENCODED, asked, forms};

/// The outcome of one answer under some rules: status, fields, body.
fn outcome(rules: &str, status: u16, fields: &[(&str, &str)], body: &[u8]) -> Outcome {
    let head = "POST /\nreferer: https://a.fr/login";
    answered(rules, head, "u=jean&p=x", status, fields, body)
}

/// The same for a request of some head and fields.
fn answered(
    rules: &str,
    head: &str,
    sent: &str,
    status: u16,
    fields: &[(&str, &str)],
    body: &[u8],
) -> Outcome {
    let forms = forms(&format!(
        "[[site.form]]\nkind = \"sign-in\"\npath = \"/\"\nidentifier = \"u\"\npassword = \"p\"\n{rules}\n"
    ));
    let head = format!("{head}\n{URLENCODED}");
    let read = asked(&forms, &head, sent.as_bytes(), |read| read).expect("a form");
    let Ok(Reading::Filled(mut filled)) = read else {
        panic!("{head} is {read:?}");
    };
    let sign_in = filled.sign_ins.remove(0);
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(
            HeaderName::from_bytes(name.as_bytes()).expect("a name"),
            HeaderValue::from_bytes(value.as_bytes()).expect("a value"),
        );
    }
    sign_in.form.outcome(
        StatusCode::from_u16(status).expect("a status"),
        &headers,
        body,
        &sign_in.brought,
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
        (MOVED, 302, &[("location", "/home?x")][..], Unproven),
        (MOVED, 303, &[("location", "https://a.fr/home")], Unproven),
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
fn where_an_answer_leads_is_no_evidence_if_the_request_says_so_itself() {
    use Outcome::{Failure, Success, Unproven};
    const MOVED: &str = "success = [{ status = \"302\", location = \"/home*\" }]";
    const EITHER: &str = "success = [{ location = \"/home*\" }, { set-cookie = \"sid\" }]";
    const BOTH: &str = "success = [{ location = \"/home*\", set-cookie = \"sid\" }]";
    let from = |page: &str| format!("POST /\nreferer: {page}");
    let login = from("https://a.fr/login");
    for (head, more, to, expected) in [
        (login.clone(), "", "/home", Unproven),
        (login.clone(), "", "https://a.fr/home?a=b", Unproven),
        (from("/login"), "", "/home", Unproven),
        // Laravel's `back()`, Rails' `redirect_back`.
        (from("https://a.fr/home"), "", "https://a.fr/home", Failure),
        (
            from("https://evil.fr/home"),
            "",
            "https://evil.fr/home",
            Failure,
        ),
        (from("/home"), "", "https://a.fr/home", Failure),
        (from("home"), "", "/home", Failure),
        (
            from("https://a.fr/home%2F"),
            "",
            "https://a.fr/home",
            Failure,
        ),
        (
            from("https://a.fr/%68ome"),
            "",
            "https://a.fr/home",
            Failure,
        ),
        (
            from("https://a.fr/home?a=b"),
            "",
            "https://a.fr/home?a=b",
            Failure,
        ),
        (
            from("https://a.fr/home"),
            "",
            "https://a.fr/home?error=1",
            Failure,
        ),
        (
            from("https://a.fr/homes"),
            "",
            "https://a.fr/homely",
            Unproven,
        ),
        // The page of the session, which the guesser asked for before.
        ("POST /".to_owned(), "", "/home", Failure),
        // A field, the query, a cookie.
        (login.clone(), "&next=/home", "/home", Failure),
        (
            login.clone(),
            "&next=%2Fhome%2f",
            "https://a.fr/home",
            Failure,
        ),
        (login.clone(), "&next=home", "/home", Failure),
        (login.clone(), "&next=/", "/home", Unproven),
        (
            login.replace("POST /", "POST /?to=/home"),
            "",
            "/home",
            Failure,
        ),
        (
            login.replace("POST /", "POST /?a;/home"),
            "",
            "/home",
            Failure,
        ),
        (
            format!("{login}\ncookie: a=b; back=%2Fhome"),
            "",
            "/home",
            Failure,
        ),
        (
            format!("{login}\ncookie: a=b; back=/else"),
            "",
            "/home",
            Unproven,
        ),
    ] {
        let sent = format!("u=jean&p=x{more}");
        let place = [("location", to)];
        let told = |rules, fields| answered(rules, &head, &sent, 302, fields, b"");
        assert_eq!(told(MOVED, &place), expected, "{head} {more} {to}");
        // A cookie tells all the same, and only where it comes.
        let both = [("location", to), ("set-cookie", "sid=1")];
        assert_eq!(told(EITHER, &place), expected, "{head} {more} {to}");
        assert_eq!(told(EITHER, &both), Success, "{head} {more} {to}");
        assert_eq!(told(BOTH, &both), Success, "{head} {more} {to}");
        assert_eq!(told(BOTH, &place), Failure, "{head} {more} {to}");
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

#[test]
fn many_addresses_hide_none() {
    const MOVED: &str = "success = [{ status = \"302\", location = \"/home*\" }]";
    let head = "POST /\nreferer: https://a.fr/login";
    let asks = |more: &str, to: &str| {
        let sent = format!("u=jean&p=x{more}");
        answered(MOVED, head, &sent, 302, &[("location", to)], b"")
    };
    let decoys = |count| -> String { (0..count).map(|at| format!("&a{at}=/home{at}")).collect() };
    let next = "&next=/home";
    assert_eq!(asks(&decoys(20), "/home"), Outcome::Unproven);
    assert_eq!(asks(&(decoys(200) + next), "/home"), Outcome::Failure);
    let long = format!("/home?{}", "x".repeat(9_000));
    assert_eq!(asks(&format!("&next={long}"), &long), Outcome::Failure);
    // What a page keeps of itself in a field is long, and no address.
    let state = format!("&state=/wEP{}", "x".repeat(20_000));
    assert_eq!(asks(&state, "/home"), Outcome::Unproven);
}
