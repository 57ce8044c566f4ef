//! What passes the sieve is a head that the parser under hyper reads as one, in one piece or
//! in two.
#![no_main]

use transport::framing::{Answers, Then};

const MOST: usize = 2048;

libfuzzer_sys::fuzz_target!(|input: (usize, &[u8])| {
    let (cut, bytes) = input;
    let (passed, refused) = verdict(&[bytes]);
    let (first, second) = bytes.split_at(cut % (bytes.len() + 1));
    assert_eq!(verdict(&[first, second]).1, refused);
    let mut rest = &bytes[..passed];
    while !rest.is_empty() {
        let mut fields = [httparse::EMPTY_HEADER; 1024];
        let mut answer = httparse::Response::new(&mut fields);
        let Ok(httparse::Status::Complete(head)) = answer.parse(rest) else {
            panic!("passed, and not a head: {rest:?}");
        };
        let code = answer.code.expect("a status");
        rest = &rest[head..];
        if code == 101 || code >= 200 {
            break;
        }
    }
});

/// How many bytes pass, and whether the rest is refused.
fn verdict(pieces: &[&[u8]]) -> (usize, bool) {
    let mut answers = Answers::new(MOST);
    answers.expect();
    let (mut held, mut passed, mut refused) = (Vec::new(), 0, false);
    for piece in pieces {
        held.extend_from_slice(piece);
        let scan = answers.scan(&held);
        held.drain(..scan.pass);
        passed += scan.pass;
        refused |= matches!(scan.then, Then::Refuse(_));
    }
    (passed, refused)
}
