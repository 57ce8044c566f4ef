//! Nothing panics, and nothing that PHP would take for a password is passed unjudged.

use proptest::prelude::*;

use crate::php::{Seen, field};
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

proptest! {
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
