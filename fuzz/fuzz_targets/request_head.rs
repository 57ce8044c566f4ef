//! What passes the guard is framed in the same way by the parser under hyper, by a reader of
//! bodies written apart, and by the guard itself when the bytes come in two pieces.
#![no_main]

use transport::framing::{Limits, Requests, Then};

const LIMITS: Limits = Limits {
    line: 512,
    head: 2048,
    fields: 16,
};

libfuzzer_sys::fuzz_target!(|input: (usize, &[u8])| {
    let (cut, bytes) = input;
    let (messages, passed, refused) = verdict(&[bytes]);
    let (first, second) = bytes.split_at(cut % (bytes.len() + 1));
    let (more, _, refused_in_two) = verdict(&[first, second]);
    assert_eq!(refused, refused_in_two);
    // A head whose body breaks has passed when it came before the fault.
    assert!(more == messages || (refused && more == messages + 1));

    let mut rest = &bytes[..passed];
    for _ in 0..messages {
        rest = &rest[message(rest)..];
    }
    // What is left is the empty line before a request, or nothing.
    assert!(rest.is_empty(), "{rest:?}");
});

/// How many heads passed, how many bytes of whole messages, and whether the rest was refused.
fn verdict(pieces: &[&[u8]]) -> (u64, usize, bool) {
    let mut requests = Requests::new(LIMITS);
    let (mut held, mut passed, mut refused) = (Vec::new(), 0, false);
    for piece in pieces {
        held.extend_from_slice(piece);
        loop {
            let scan = requests.scan(&held);
            held.drain(..scan.pass);
            passed += scan.pass;
            match scan.then {
                Then::Undecided => requests.resume(),
                Then::Refuse(_) => refused = true,
                Then::More => {}
            }
            if scan.then != Then::Undecided || held.is_empty() {
                break;
            }
        }
    }
    (requests.messages(), passed, refused)
}

/// The size of the message at the start, or of as much of it as there is.
fn message(bytes: &[u8]) -> usize {
    let mut fields = [httparse::EMPTY_HEADER; 16];
    let mut request = httparse::Request::new(&mut fields);
    let head = match request.parse(bytes) {
        Ok(httparse::Status::Complete(head)) => head,
        other => panic!("passed, and {other:?}"),
    };
    let target: http::Uri = request.path.expect("a target").parse().expect("a target for hyper");
    assert!(target.path().starts_with('/') || target == "*");
    http::Method::from_bytes(request.method.expect("a method").as_bytes()).expect("a method");
    let named = |name: &str| {
        let found = request.headers.iter().filter(|field| field.name.eq_ignore_ascii_case(name));
        found.map(|field| field.value).collect::<Vec<_>>()
    };
    assert_eq!(named("host").len(), 1);
    for field in request.headers.iter() {
        http::HeaderName::from_bytes(field.name.as_bytes()).expect("a name");
        http::HeaderValue::from_bytes(field.value).expect("a value");
    }
    let (lengths, codings) = (named("content-length"), named("transfer-encoding"));
    assert!(lengths.len() + codings.len() <= 1);
    let body = &bytes[head..];
    let size = match (lengths.first(), codings.first()) {
        (Some(length), _) => {
            let length = std::str::from_utf8(length).expect("digits");
            length.parse::<u64>().expect("a length")
        }
        (None, Some(coding)) => {
            assert!(coding.eq_ignore_ascii_case(b"chunked"));
            assert_eq!(request.version, Some(1));
            chunks(body) as u64
        }
        (None, None) => 0,
    };
    head + usize::try_from(size).unwrap_or(usize::MAX).min(body.len())
}

/// The size of a chunked body, or of as much of it as there is.
fn chunks(body: &[u8]) -> usize {
    let mut at = 0;
    loop {
        let Some(end) = find(&body[at..], b"\r\n") else { return body.len() };
        let line = &body[at..at + end];
        let digits = line.split(|byte| *byte == b';').next().unwrap_or_default();
        let digits = std::str::from_utf8(digits).expect("digits");
        let size = u64::from_str_radix(digits, 16).expect("a size");
        at += end + 2;
        if size == 0 {
            break;
        }
        let Some(data) = usize::try_from(size).ok().and_then(|size| body.get(at + size..)) else {
            return body.len();
        };
        at = body.len() - data.len();
        match data {
            [b'\r', b'\n', ..] => at += 2,
            [] | [b'\r'] => return body.len(),
            other => panic!("{other:?} behind a chunk"),
        }
    }
    loop {
        let Some(end) = find(&body[at..], b"\r\n") else { return body.len() };
        at += end + 2;
        if end == 0 {
            return at;
        }
    }
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}
