//! Nothing panics, and nothing is passed that PHP would take for a password field.

use proptest::prelude::*;

use crate::{plain, told};

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
    fn no_path_panics(path in "/[a-z%./;\\\\0-9]{0,30}", query in "[a-z=&;%\\[\\]]{0,20}") {
        told(&plain(), &format!("GET {path}?{query}"), b"");
    }
}
