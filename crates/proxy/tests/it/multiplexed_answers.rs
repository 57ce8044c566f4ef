//! Answers that an HTTP/2 origin must not give, and origins that are about to leave: by
//! hand-written frames.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::frames::{
    ACK, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, RST_STREAM, SETTINGS, block, frame, next,
};
use crate::support::{HOST, Origin, Setting, World};

const PREFACE: usize = 24;
const REFUSED_STREAM: u32 = 7;
const NO_ERROR: u32 = 0;

/// Reads to the next request and tells its stream; `None` at the end.
async fn request(stream: &mut TcpStream) -> Option<u32> {
    loop {
        let frame = next(stream).await?;
        match frame.kind {
            HEADERS => return Some(frame.stream),
            SETTINGS if frame.flags & ACK == 0 => {
                let ack = self::frame(SETTINGS, ACK, 0, &[]);
                stream.write_all(&ack).await.ok()?;
            }
            _ => {}
        }
    }
}

/// Reads the preface, and says hello.
async fn greet(stream: &mut TcpStream) -> Option<()> {
    stream.read_exact(&mut [0; PREFACE]).await.ok()?;
    let hello = frame(SETTINGS, 0, 0, &[]);
    stream.write_all(&hello).await.ok()
}

fn answer(stream: u32, fields: &[(&[u8], &[u8])], body: &[u8]) -> Vec<u8> {
    let mut bytes = frame(HEADERS, END_HEADERS, stream, &block(fields));
    bytes.extend(frame(DATA, END_STREAM, stream, body));
    bytes
}

/// GOAWAY: the last stream that was looked at, and why.
fn goaway(last: u32, code: u32) -> Vec<u8> {
    let payload = [last.to_be_bytes(), code.to_be_bytes()].concat();
    frame(GOAWAY, 0, 0, &payload)
}

/// An origin that answers each request with what `answer` makes of its stream, and of how many
/// requests came before.
async fn origin(answer: impl Fn(u32, usize) -> Vec<u8> + Send + Sync + 'static) -> Origin {
    let count = Arc::new(AtomicUsize::new(0));
    let answer = Arc::new(answer);
    Origin::raw(move |mut stream| {
        let (count, answer) = (Arc::clone(&count), Arc::clone(&answer));
        async move {
            if greet(&mut stream).await.is_none() {
                return;
            }
            while let Some(id) = request(&mut stream).await {
                let bytes = answer(id, count.fetch_add(1, Ordering::Relaxed));
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
        }
    })
    .await
}

async fn before(origin: &Origin) -> World {
    let setting = Setting {
        upstreams: vec![format!("h2c://{}", origin.address)],
        ..Setting::default()
    };
    World::with(origin.address, setting).await
}

type Fields = &'static [(&'static [u8], &'static [u8])];

#[tokio::test]
async fn a_bad_answer_is_502_and_its_connection_is_left() {
    const OK: (&[u8], &[u8]) = (b":status", b"200");
    let rows: [(&str, Fields); 12] = [
        ("8.2.2 Connection", &[OK, (b"connection", b"canary")]),
        (
            "8.2.2 Transfer-Encoding",
            &[OK, (b"transfer-encoding", b"chunked")],
        ),
        ("8.2.2 Upgrade", &[OK, (b"upgrade", b"canary")]),
        ("8.2.1 a name in capitals", &[OK, (b"X-Canary", b"canary")]),
        (
            "8.2.1 CR LF in a value",
            &[OK, (b"x-a", b"canary\r\nset-cookie: a=b")],
        ),
        ("8.2.1 NUL in a value", &[OK, (b"x-a", b"canary\0")]),
        ("8.3 a pseudo-field behind", &[(b"x-a", b"canary"), OK]),
        ("8.3.2 no status", &[(b"x-a", b"canary")]),
        ("8.3.2 two statuses", &[OK, (b":status", b"404")]),
        (
            "8.1.1 two lengths",
            &[OK, (b"content-length", b"6"), (b"content-length", b"7")],
        ),
        ("8.1.1 a signed length", &[OK, (b"content-length", b"+6")]),
        (
            "8.6 a switch of protocols",
            &[(b":status", b"101"), (b"x-a", b"canary")],
        ),
    ];
    for (rule, fields) in rows {
        let origin = origin(move |id, _| answer(id, fields, b"canary")).await;
        let world = before(&origin).await;
        for _ in 0..2 {
            let answer = world.get("/").await;
            assert_eq!(answer.status, 502, "{rule}: {answer:?}");
            assert!(!answer.text().contains("canary"), "{rule}");
            assert_eq!(answer.all("strict-transport-security").len(), 1, "{rule}");
        }
        assert_eq!(origin.connections(), 2, "{rule}");
        let line = world.log_lines(1).await.remove(0);
        assert!(line.contains("\"outcome\":\"origin: "), "{rule}: {line}");
    }
}

#[tokio::test]
async fn an_origin_that_speaks_something_else_is_502() {
    for bytes in [
        &b"HTTP/1.1 400 Bad Request\r\nContent-Length: 6\r\n\r\ncanary"[..],
        b"",
    ] {
        let origin = Origin::raw(move |mut stream| async move {
            let _ = stream.read(&mut [0; 64]).await;
            let _ = stream.write_all(bytes).await;
        })
        .await;
        let world = before(&origin).await;
        let answer = world.get("/").await;
        assert_eq!(answer.status, 502);
        assert!(!answer.text().contains("canary"));
    }
}

#[tokio::test]
async fn an_origin_that_leaves_after_each_answer_loses_nothing() {
    let origin = origin(|id, _| {
        let mut bytes = answer(id, &[(b":status", b"200")], b"ok");
        bytes.extend(goaway(id, NO_ERROR));
        bytes
    })
    .await;
    let world = before(&origin).await;
    for _ in 0..10 {
        assert_eq!(world.get("/").await.text(), "ok");
    }
    assert_eq!(origin.connections(), 10);
}

#[tokio::test]
async fn only_what_an_origin_says_it_did_not_look_at_is_asked_again() {
    let reset = |id, code: u32| frame(RST_STREAM, 0, id, &code.to_be_bytes());
    // Each row: what the second request of a connection gets, the body of that request, and
    // the status that its client sees.
    for (row, body, status) in [
        ("refused", "", 200),
        ("left", "", 200),
        ("refused", "body", 502),
        ("cancelled", "", 502),
        ("failed", "", 502),
    ] {
        let origin = origin(move |id, before| match (before, row) {
            (1, "refused") => reset(id, REFUSED_STREAM),
            (1, "left") => goaway(id - 2, NO_ERROR),
            (1, "cancelled") => reset(id, 8),
            (1, "failed") => goaway(id - 2, 1),
            _ => answer(id, &[(b":status", b"200")], b"ok"),
        })
        .await;
        let world = before(&origin).await;
        assert_eq!(world.get("/").await.status, 200);
        let length = body.len();
        let request =
            format!("POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {length}\r\n\r\n{body}");
        assert_eq!(world.ask(&request).await.status, status, "{row} {body}");
        assert_eq!(world.get("/").await.status, 200, "{row} {body}");
    }
}
