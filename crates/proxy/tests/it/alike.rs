//! What one version of HTTP refuses, the other refuses too: two ways to one origin, one rule.
//!
//! Clauses: RFC 9110, 9.1 (methods are case-sensitive); RFC 9112, 3 and 3.2; RFC 9113, 8.3.1
//! (`:method`, `:path`); RFC 3986, 2.

use tokio::io::AsyncWriteExt;

use crate::frames::{END_HEADERS, END_STREAM, End, HEADERS, block, end_of, frame, get, hello};
use crate::support::{HOST, Origin, World};

#[tokio::test]
async fn a_method_and_a_target_get_the_same_answer_over_both() {
    let rows: &[(&'static [u8], &'static [u8], u16)] = &[
        (b"GET", b"/200", 200),
        (b"GET", b"/200?a={b}|c", 200),
        (b"OPTIONS", b"*", 200),
        (b"get", b"/200", 501),
        (b"Get", b"/200", 501),
        (b"GET!", b"/200", 501),
        (b"PROPFIND-AND-MORE-THAN-32-LETTERS", b"/200", 501),
        (b"GET", b"*", 400),
        (b"GET", b"/200\\..\\admin", 400),
        (b"GET", b"/200`", 400),
        (b"GET", b"/200\"", 400),
        (b"GET", b"/200?a=\"", 400),
        (b"GET", b"/\xC3\xA9", 400),
        (b"GET", b"/200?\xC3\xA9", 400),
        (b"GET", b"/200<", 400),
    ];
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    let mut wrong = Vec::new();
    for (method, path, status) in rows.iter().copied() {
        let row = format!("{} {}", method.escape_ascii(), path.escape_ascii());
        let before = origin.seen().len();

        let mut stream = world.tls(HOST).await;
        let host = format!(" HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
        let head = [method, b" ", path, host.as_bytes()].concat();
        let _ = stream.write_all(&head).await;
        let answer = crate::support::Answer::read(&mut stream).await;
        if answer.status != status {
            wrong.push(format!("1.1: {row}: {}", answer.status));
        }

        let mut stream = world.handshake(HOST, &[b"h2"]).await.expect("TLS");
        hello(&mut stream).await;
        let mut fields = get(HOST, "/");
        fields[0].1 = method;
        for field in &mut fields {
            if field.0 == b":path" {
                field.1 = path;
            }
        }
        let bytes = frame(HEADERS, END_HEADERS | END_STREAM, 1, &block(&fields));
        let _ = stream.write_all(&bytes).await;
        match end_of(&mut stream, 1).await {
            End::Answer(found) if found == status => {}
            // The codec itself may refuse a target that is none, without an answer.
            End::Reset(_) | End::GoAway(_) if status == 400 => {}
            found => wrong.push(format!("2: {row}: {found:?}")),
        }
        let reached = origin.seen().len() - before;
        if reached != if status == 200 { 2 } else { 0 } {
            wrong.push(format!("{row} reached the origin {reached} times"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
