//! A form of any query, type and body: no panic, and where PHP's rules find a password field in
//! it, urlencoded, multipart or JSON, it is what was judged, or the request was refused. Nor does
//! a key of that name stand anywhere in JSON that was not.
#![no_main]

#[path = "../../crates/form/tests/ask/php.rs"]
mod php;

use std::sync::LazyLock;

use form::{Forms, Head, Reading, Recognised};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use php::{Seen, field, is_in_json, json, part};

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    let policy = policy::load(
        "version = 1\n[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\n\
         certificate = \"dev\"\n[[site.form]]\nkind = \"sign-up\"\npath = \"/join\"\n\
         password = \"pass\"\nconfirm = \"again\"\nidentifier = \"user\"\nmethod = \"any\"\n\
         encoding = [\"urlencoded\", \"multipart\", \"json\"]\n\
         [[site.form]]\nkind = \"sign-in\"\npath = \"/join\"\npassword = \"1\"\n\
         identifier = \"0\"\nencoding = [\"xml-rpc\"]\nsuccess = [{ status = \"200\" }]\n",
    );
    Forms::new(&policy.expect("a policy").policy.sites()[0].forms)
});

// A digit for the type, the query up to the end of the line, the body.
libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((&kind, rest)) = input.split_first() else {
        return;
    };
    let end = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
    let (query, body) = rest.split_at(end);
    let body = body.strip_prefix(b"\n").unwrap_or(body);
    let Ok(query) = std::str::from_utf8(query) else {
        return;
    };
    let types = [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=XX",
        "application/json",
        "text/xml",
    ];
    let media = types[usize::from(kind.wrapping_sub(b'0')) % types.len()];
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, media.parse().expect("a value"));
    let head = Head {
        method: "POST",
        path: "/join",
        query: Some(query),
        headers: &headers,
        has_body: !body.is_empty(),
    };
    let reading = match FORMS.recognise(&head) {
        Recognised::Protected(candidates) => match candidates.read(&head, body) {
            Ok(reading) => reading,
            Err(_) => return,
        },
        Recognised::Free => Reading::Nothing,
        Recognised::Refused(_) | Recognised::Closed(_) => return,
    };
    let get = field(b"pass", query.as_bytes());
    let post = match usize::from(kind.wrapping_sub(b'0')) % types.len() {
        0 => Some(field(b"pass", body)),
        1 => Some(part(b"pass", b"XX", body)),
        2 => json("pass", body),
        _ => return,
    };
    match reading {
        Reading::Nothing => {
            assert_eq!(get, Seen::Nothing);
            assert!(matches!(post, None | Some(Seen::Nothing)));
            assert!(media != types[2] || !is_in_json("pass", body));
        }
        Reading::Filled(filled) => {
            let Some(new) = filled.new else { return };
            assert_eq!(get, Seen::Nothing);
            let judged = Seen::Text(new.password.into_bytes());
            assert!(post.is_none_or(|post| post == judged));
        }
        Reading::Closed(_) => unreachable!("no door is shut"),
    }
});
