//! Nothing panics, and nothing that PHP would take for a password is passed unjudged.

use proptest::prelude::*;

use crate::php::{Seen, field, is_in_json, json, part};
use crate::{URLENCODED, plain, told};

/// Pieces that readers disagree on.
fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "pass",
        "user",
        "again",
        "=",
        "&",
        ";",
        "%",
        "%70",
        "%00",
        "+",
        "[",
        "]",
        "a",
        ".",
        "_",
        "\r\n",
        "--XX",
        "--",
        "Content-Disposition: form-data; name=\"",
        "\"",
        "{\"",
        "\":\"",
        "}",
        "\\u0070",
        "<value>",
        "</value>",
        "é",
    ])
}

/// Fields whose names are near `pass`.
fn pair() -> impl Strategy<Value = String> {
    let name = "[+ .]{0,2}(p|%70)ass?(%00|\\[|\\]|\\[\\]|\\[a\\]|\\.|;|%)?";
    (name, "=?", "[a-z%+;]{0,3}").prop_map(|(name, equals, value)| name + &equals + &value)
}

/// Parts of a body, nearly as browsers send them.
fn one_part() -> impl Strategy<Value = String> {
    // Mostly as they should be, or none would be read.
    let mostly = |good: &'static str, odd: &[&'static str]| {
        let odd = prop::sample::select(odd.to_vec());
        prop_oneof![12 => Just(good), 1 => odd]
    };
    let end = mostly("\r\n", &["\n", "\r", ""]);
    let opening = mostly("--XX", &["--XXX", "-XX", " --XX"]);
    let header = prop::sample::select(vec![
        "Content-Disposition: form-data; name=\"pass\"",
        "Content-Disposition: form-data; name=\"pass\"",
        "content-disposition:form-data;name=\"pass\"",
        "Content-Disposition: form-data; name=\"user\"; filename=\"pass\"",
        "Content-Disposition: form-data; name='pass'",
        "Content-Disposition: form-data; name=pass",
        "Content-Disposition: form-data; name=\"user\"; name=\"pass\"",
        "Content-Disposition: form-data; name=\"pa\\ss\"",
        "Content-Disposition: form-data; name=\" pass\"",
        "Content-Disposition: form-data; name=\"pass[]\"",
        "Content-Disposition: form-data; name=\"x\\\"; name=\"pass\"",
        "Content-Disposition: form-data; xname=\"user\"; name=\"again\"",
        "Content-Type: text/plain",
        "Content-Type: text/plain\r\nContent-Disposition: form-data; name=\"pass\"",
        "Content-Disposition: form-data;\r\n name=\"pass\"",
    ]);
    let value = "(p|q|\r|\n|--XX|\r\n--XX|--){0,4}";
    (opening, header, end.clone(), end.clone(), value, end).prop_map(
        |(opening, header, one, two, value, three)| {
            format!("{opening}\r\n{header}{one}{two}{value}{three}")
        },
    )
}

/// Objects whose keys are near `pass`.
fn members() -> impl Strategy<Value = String> {
    let key = "(pass|Pass|PASS|pa\\\\u0073s|pas|user|a\\.pass|a)";
    let leaf = "(\"[a-z]{0,2}(\\\\n|\\\\ud83d|\\\\u00e9|\\\\\\\\)?\"|1|null|\\[\"pass\"\\])";
    let member = (key, leaf).prop_map(|(key, value)| format!("\"{key}\":{value}"));
    let object = prop::collection::vec(member, 0..3).prop_map(|members| members.join(","));
    (object.clone(), object, key).prop_map(|(outer, inner, key)| match outer.is_empty() {
        true => format!("\"{key}\":[{{{inner}}}]"),
        false => format!("{outer},\"{key}\":{{{inner}}}"),
    })
}

proptest! {
    #[test]
    fn php_reads_the_parts_that_are_judged(
        parts in prop::collection::vec(one_part(), 0..3),
        end in prop::sample::select(vec!["--XX--\r\n", "--XX--", "--XX", "\r\n--XX--", ""]),
    ) {
        let body = parts.concat() + end;
        let head = "POST /join\ncontent-type: multipart/form-data; boundary=XX";
        let ours = told(&plain(), head, body.as_bytes());
        let post = part(b"pass", b"XX", body.as_bytes());
        if let Some(password) = ours.strip_prefix("new ") {
            let password = password.split(" +").next().unwrap_or_default();
            prop_assert_eq!(post, Seen::Text(password.as_bytes().to_vec()));
        } else if ours == "nothing" {
            prop_assert_eq!(post, Seen::Nothing);
        }
    }

    #[test]
    fn every_reader_of_json_reads_what_is_judged(members in members()) {
        let body = format!("{{{members}}}");
        let head = "POST /join\ncontent-type: application/json";
        let ours = told(&plain(), head, body.as_bytes());
        let post = json("pass", body.as_bytes()).expect("it is shallow");
        if let Some(password) = ours.strip_prefix("new ") {
            let password = password.split(" +").next().unwrap_or_default();
            prop_assert_eq!(post, Seen::Text(password.as_bytes().to_vec()));
        } else if ours == "nothing" {
            prop_assert_eq!(post, Seen::Nothing);
            prop_assert!(!is_in_json("pass", body.as_bytes()), "{}", body);
        }
    }

    #[test]
    fn no_body_panics(pieces in prop::collection::vec(piece(), 0..40), kind in 0..4usize) {
        let types = [
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=XX",
            "application/json",
            "text/xml",
        ];
        let head = format!("POST /join\ncontent-type: {}", types[kind]);
        told(&plain(), &head, pieces.concat().as_bytes());
    }

    #[test]
    fn no_path_panics(path in "/[a-z%./;\\\\0-9é]{0,30}", query in "[a-z=&;%\\[\\]é]{0,20}") {
        told(&plain(), &format!("GET {path}?{query}"), b"");
    }

    #[test]
    fn php_reads_what_is_judged(
        query in prop::collection::vec(pair(), 0..2),
        body in prop::collection::vec(pair(), 0..4),
    ) {
        let (query, body) = (query.join("&"), body.join("&"));
        let ours = told(&plain(), &format!("POST /join?{query}\n{URLENCODED}"), body.as_bytes());
        let get = field(b"pass", query.as_bytes());
        let post = field(b"pass", body.as_bytes());
        if let Some(password) = ours.strip_prefix("new ") {
            prop_assert_eq!(get, Seen::Nothing);
            prop_assert_eq!(post, Seen::Text(password.as_bytes().to_vec()));
        } else if ["free", "nothing"].contains(&&*ours) {
            prop_assert_eq!((get, post), (Seen::Nothing, Seen::Nothing));
        }
    }
}
