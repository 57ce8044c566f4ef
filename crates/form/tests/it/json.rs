//! What bodies of JSON say.

use crate::{forms, plain, told};

#[test]
fn json_bodies() {
    let flat = plain();
    let nested = forms(
        "[[site.form]]\nkind = \"sign-up\"\npath = \"/join\"\npassword = \"user[pass]\"\n\
         identifier = \"user[name]\"\nencoding = [\"json\"]\n",
    );
    let head = "POST /join\ncontent-type: application/json";
    for (body, expected) in [
        (r#"{"user":"u","pass":"p"}"#, "new p +u"),
        (
            r#" {"pass":"p\u00e9\ud83d\ude00\n\"\\"} "#,
            "new pé😀\n\"\\",
        ),
        (r#"{"user":"u"}"#, "nothing"),
        (r#"{"pass":"p","pass":"q"}"#, "field-twice"),
        (r#"{"pass":"p","p\u0061ss":"q"}"#, "field-twice"),
        (r#"{"pass":"p","Pass":"q"}"#, "field-name-unclear"),
        (r#"{"pass":1}"#, "field-not-text"),
        (r#"{"pass":null}"#, "field-not-text"),
        (r#"{"pass":["p"]}"#, "field-not-text"),
        (r#"{"pass":{"a":"p"}}"#, "field-not-text"),
        (r#"{"pass":"p"}{}"#, "json-unclear"),
        (r#"{"pass":"p"},"#, "json-unclear"),
        (r#"{"pass":"p",}"#, "json-unclear"),
        (r#"{'pass':'p'}"#, "json-unclear"),
        (r#"{"pass":"p"/**/}"#, "json-unclear"),
        (r#"{"pass":"\ud83d"}"#, "json-unclear"),
        (r#"{"pass":"\ude00\ud83d"}"#, "json-unclear"),
        (r#"{"pass":"\u0000"}"#, "nul"),
        (r#"{"pass\u0000":"p"}"#, "nul"),
        ("\u{feff}{\"pass\":\"p\"}", "json-unclear"),
        (r#"["pass","p"]"#, "json-unclear"),
        (r#""pass""#, "json-unclear"),
        ("{\"pass\":\"a\nb\"}", "json-unclear"),
        (r#"{"\ud83d":"p"}"#, "json-unclear"),
        (r#"{"pass":"p","x":["\ud83da\ude00"]}"#, "json-unclear"),
        (r#"{"pass":"p","x":{"y":"\ude00"}}"#, "json-unclear"),
        (
            r#"{"pass":"p","x":{"y":"\\\ud83d\ude00\"\u0000"}}"#,
            "new p",
        ),
        // Inside other objects, as binders of models look for it.
        (r#"{"model":{"pass":"p"}}"#, "field-name-unclear"),
        (r#"{"model":{"Pass":"p"}}"#, "field-name-unclear"),
        (r#"{"model":{"pa\u0073s":"p"}}"#, "field-name-unclear"),
        (r#"{"model":{"paſs":"p"}}"#, "field-name-unclear"),
        (r#"{"model.Pass":"p"}"#, "field-name-unclear"),
        (r#"{"a":[1,{"b":{"pass":{"c":2}}}]}"#, "field-name-unclear"),
        (
            r#"{"user":"u","pass":"p","more":{"pass":"q"}}"#,
            "field-name-unclear",
        ),
        (
            r#"{"user":"u","pass":"p","more":{"user":"v"}}"#,
            "field-name-unclear",
        ),
        (
            r#"{"user":"u","pass":"p","a":{"passed":"q","b":["pass","{\"pass\":1}"],"c":{}}}"#,
            "new p +u",
        ),
        (r#"{"a":{"b":"\\","pas":"s"},"pass":"p"}"#, "new p"),
    ] {
        assert_eq!(told(&flat, head, body.as_bytes()), expected, "{body}");
    }
    for (body, expected) in [
        (r#"{"user":{"name":"u","pass":"p"}}"#, "new p +u"),
        (
            r#"{"user":{"pass":"p"},"user":{"pass":"q"}}"#,
            "field-twice",
        ),
        (r#"{"user":{"pass":"p","pass":"q"}}"#, "field-twice"),
        (
            r#"{"user":{"pass":"p"},"User":{"pass":"q"}}"#,
            "field-name-unclear",
        ),
        (r#"{"user":{"pass":"p"},"user[pass]":"q"}"#, "field-twice"),
        (r#"{"user":"p"}"#, "field-array"),
        (r#"{"user":[{"pass":"p"}]}"#, "field-array"),
        // Rails puts what stands at the top into an object of the controller's name.
        (r#"{"pass":"p"}"#, "field-name-unclear"),
        (r#"{"Pass":"p"}"#, "field-name-unclear"),
        (r#"{"user":{"pass":"p"},"pass":"q"}"#, "field-name-unclear"),
        (
            r#"{"user":{"name":"u","pass":"p"},"name":"v"}"#,
            "field-name-unclear",
        ),
        (r#"{"user":{"login":"u"},"passed":"p"}"#, "nothing"),
    ] {
        assert_eq!(told(&nested, head, body.as_bytes()), expected, "{body}");
    }
    let utf_16: Vec<u8> = r#"{"pass":"p"}"#.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(told(&flat, head, &utf_16), "json-unclear");
    let head = "POST /join\ncontent-type: application/json; charset=utf-16";
    assert_eq!(told(&flat, head, br#"{"pass":"p"}"#), "charset-unexpected");
    // No reader goes so deep, and neither depth nor breadth costs much.
    let deep = |depth: usize, inner: &str| {
        let (open, close) = ("{\"x\":[".repeat(depth / 2), "]}".repeat(depth / 2));
        format!("{{\"x\":{open}{inner}{close},\"pass\":\"p\"}}")
    };
    for (body, expected) in [
        (deep(900, "1"), "new p"),
        (deep(900, r#"{"pass":"q"}"#), "field-name-unclear"),
        (deep(5000, "1"), "json-unclear"),
        ("[".repeat(1_000_000), "json-unclear"),
        (
            deep(900, &format!("{{{}\"b\":1}}", "\"a\":1,".repeat(500_000))),
            "new p",
        ),
        (
            deep(
                900,
                &format!("{{{}\"b\":1}}", "\"pass\":1,".repeat(500_000)),
            ),
            "too-many-fields",
        ),
    ] {
        let found = told(
            &flat,
            "POST /join\ncontent-type: application/json",
            body.as_bytes(),
        );
        assert_eq!(found, expected, "{}", &body[..40]);
    }
}
