//! Bodies of JSON that readers disagree on: of keys, of escapes, and of where a text ends.

use super::{JSON, MULTIPART, Request, URLENCODED, dice};

/// Every trap, then members in any order with one sign too many here and there.
pub(crate) fn json_requests(random: usize) -> Vec<Request> {
    let request = |media: &str, body: &[u8]| Request {
        method: "POST",
        query: String::new(),
        media: media.to_owned(),
        body: body.to_vec(),
    };
    let mut requests: Vec<Request> = TEXTS
        .iter()
        .map(|body| request(JSON, body.as_bytes()))
        .collect();
    for body in [
        &b"{\"pass\":\"\xe9\"}"[..],
        b"{\"p\xe9ss\":\"p\",\"pass\":\"q\"}",
        b"{\"pass\":\"\xed\xa0\x80\"}",
        b"{\"pass\":\"\xc0\xa0\"}",
        b"{\"pass\":\"\xf5\x80\x80\x80\"}",
        b"\xff\xfe{\0\"\0p\0a\0s\0s\0\"\0:\0\"\0p\0\"\0}\0",
        b"{\"pass\":\"p\"}\xa0",
        b"{\"pass\":\"p\"}\0",
        b"{\"pass\":\"p\"}\0{\"pass\":\"q\"}",
    ] {
        requests.push(request(JSON, body));
    }
    for levels in [100, 126, 128, 500] {
        let (open, close) = ("[".repeat(levels), "]".repeat(levels));
        let body = format!("{{\"x\":{open}{close},\"pass\":\"p\"}}");
        requests.push(request(JSON, body.as_bytes()));
    }
    for media in [
        "",
        "text/plain",
        URLENCODED,
        MULTIPART,
        "application/json; charset=utf-8",
        "application/json; charset=utf-16",
        "APPLICATION/JSON",
        "application/vnd.api+json",
        "text/json",
    ] {
        for body in [
            "{\"pass\":\"p\"}",
            " {\"pass\":\"p&q=\"}",
            "[{\"pass\":\"p\"}]",
        ] {
            requests.push(request(media, body.as_bytes()));
        }
    }
    let mut roll = dice();
    for _ in 0..random {
        let members: Vec<&str> = (0..roll(5)).map(|_| MEMBERS[roll(MEMBERS.len())]).collect();
        let mut body = format!("{{{}}}", members.join(","));
        // One sign somewhere, or none.
        if roll(3) == 0 {
            let at = roll(body.len() + 1);
            if body.is_char_boundary(at) {
                body.insert_str(at, SIGNS[roll(SIGNS.len())]);
            }
        }
        requests.push(request(JSON, body.as_bytes()));
    }
    requests
}

const TEXTS: &[&str] = &[
    r#"{"user":"u","pass":"p"}"#,
    r#" {"pass":"p\u00e9\ud83d\ude00\n\"\\\/\b"} "#,
    "\t{\r\n\"pass\" : \"p\"}\n",
    r#"{"user":"u"}"#,
    r#"{"pass":""}"#,
    r#"{"p\u0061ss":"p"}"#,
    r#"{"pass":"p","pass":"q"}"#,
    r#"{"pass":"p","p\u0061ss":"q"}"#,
    r#"{"pass":"p","pass":null}"#,
    r#"{"pass":["p"],"pass":"q"}"#,
    r#"{"Pass":"p"}"#,
    r#"{" pass":"p"}"#,
    r#"{"pass ":"p"}"#,
    r#"{"pa.ss":"p"}"#,
    r#"{"pass[]":"p"}"#,
    r#"{"pass":1}"#,
    r#"{"pass":1e999}"#,
    r#"{"pass":-0}"#,
    r#"{"pass":true}"#,
    r#"{"pass":null}"#,
    r#"{"pass":["p"]}"#,
    r#"{"pass":{"a":"p"}}"#,
    r#"{"pass":"p","n":1e999}"#,
    r#"{"pass":"p","n":123456789012345678901234567890}"#,
    r#"{"pass":"p","n":TRUE}"#,
    r#"{"n":nUll,"pass":"p"}"#,
    r#"{"pass":"p","n":NaN}"#,
    r#"{"pass":"p","n":01}"#,
    r#"{"pass":"p","n":1.}"#,
    r#"{"pass":"p","n":+1}"#,
    r#"{"pass":"p","n":0x1}"#,
    r#"{"pass":"p"}{}"#,
    r#"{"pass":"p"},"#,
    r#"{"pass":"p",}"#,
    r#"{"pass":"p";}"#,
    r#"{'pass':'p'}"#,
    r#"{pass:"p"}"#,
    r#"{"pass":"p"/**/}"#,
    "{\"pass\":\"p\"//\n}",
    r#"{"pass":"p\'"}"#,
    r#"{"pass":"p\x41"}"#,
    r#"{"pass":"\u00"}"#,
    r#"{"pass":"\ud83d"}"#,
    r#"{"pass":"\ude00"}"#,
    r#"{"pass":"\ude00\ud83d"}"#,
    r#"{"\ud83d":"x","pass":"p"}"#,
    r#"{"pass":"\u0000"}"#,
    r#"{"pass\u0000":"p"}"#,
    r#"{"\u0000pass":"p"}"#,
    r#"{"":"x","pass":"p"}"#,
    "{\"pass\":\"a\nb\"}",
    "{\"pass\":\"a\tb\"}",
    "{\"pass\":\"a\u{7f}b\"}",
    "\u{feff}{\"pass\":\"p\"}",
    "{\"pass\":\"p\"}\u{feff}",
    "\u{c}{\"pass\":\"p\"}",
    "\u{b}{\"pass\":\"p\"}",
    "\u{a0}{\"pass\":\"p\"}",
    r#"["pass","p"]"#,
    r#"[{"pass":"p"}]"#,
    r#""pass""#,
    "null",
    "",
    r#"{"model":{"pass":"p"}}"#,
    r#"{"model":{"user":"p"}}"#,
    r#"{"a":"b","c":[1,{"d":[]}]}"#,
    r#"{"pass":"p","#,
    r#"{"pass":"p"#,
    "pass=p",
    r#"{"user":"pass","u":"pass=p"}"#,
];

const MEMBERS: &[&str] = &[
    r#""pass":"p""#,
    r#""pass":"q""#,
    r#""pas\u0073":"r""#,
    r#""user":"u""#,
    r#""user":["u"]"#,
    r#""Pass":"s""#,
    r#""pass":7"#,
    r#""a":{"b":"pass"}"#,
    r#""a":{"pass":"t"}"#,
    r#""c":[true,null,-1.5e3]"#,
    r#""d":False"#,
    r#""e":"\ud83d\ude00\\""#,
    r#""f":"""#,
];

const SIGNS: &[&str] = &[
    "\"", "\\", "{", "}", ",", ":", " ", "\0", "\u{feff}", "\n", "/", "0", "-", "e",
];
