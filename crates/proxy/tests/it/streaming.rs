//! Large bodies pass in bounded memory: whoever does not read holds back whoever sends.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Answer, HOST, Origin, PATIENCE, Setting, World, find, read_request};

/// More than every buffer between two ends that do not read: sockets, TLS and the gate's
/// own, which are at most a few hundred KiB. Loopback sockets may take several MiB.
const BOUND: usize = 24 << 20;
const LARGE: usize = 64 << 20;

#[tokio::test]
async fn a_large_upload_arrives_whole() {
    let origin = Origin::raw(|mut stream| async move {
        let seen = read_request(&mut stream, &mut Vec::new())
            .await
            .expect("a request");
        let sum: u64 = seen.body.iter().map(|&byte| u64::from(byte)).sum();
        let body = format!("{} {sum}", seen.body.len());
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        let _ = stream.write_all((head + &body).as_bytes()).await;
    })
    .await;
    let world = World::before(origin.address).await;
    let body: Vec<u8> = (0..8 << 20).map(|at| (at % 251) as u8).collect();
    let sum: u64 = body.iter().map(|&byte| u64::from(byte)).sum();
    let (mut reader, mut writer) = tokio::io::split(world.tls(HOST).await);
    let head = format!(
        "POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let expected = format!("{} {sum}", body.len());
    tokio::spawn(async move {
        writer.write_all(head.as_bytes()).await.expect("sent");
        writer.write_all(&body).await.expect("sent");
        writer.flush().await.expect("sent");
    });
    assert_eq!(Answer::read(&mut reader).await.text(), expected);
}

#[tokio::test]
async fn an_origin_that_does_not_read_holds_the_client_back() {
    let origin = Origin::raw(|stream| async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(stream);
    })
    .await;
    let world = World::before(origin.address).await;
    let mut stream = world.tls(HOST).await;
    let head = format!("POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {LARGE}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("sent");
    let piece = vec![b'a'; 64 * 1024];
    let mut sent = 0;
    while sent < LARGE {
        let write = tokio::time::timeout(Duration::from_secs(1), stream.write_all(&piece)).await;
        match write {
            Ok(result) => result.expect("still open"),
            Err(_blocked) => break,
        }
        sent += piece.len();
    }
    assert!(sent < BOUND, "{sent} bytes went somewhere");
}

/// An origin that sends without end and counts.
async fn fountain() -> (Origin, Arc<AtomicUsize>) {
    let sent = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&sent);
    let origin = Origin::raw(move |mut stream| {
        let count = Arc::clone(&count);
        async move {
            read_request(&mut stream, &mut Vec::new()).await;
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {LARGE}\r\n\r\n");
            let _ = stream.write_all(head.as_bytes()).await;
            let piece = vec![b'a'; 64 * 1024];
            for _ in 0..LARGE / piece.len() {
                if stream.write_all(&piece).await.is_err() {
                    return;
                }
                count.fetch_add(piece.len(), Ordering::Relaxed);
            }
        }
    })
    .await;
    (origin, sent)
}

/// Waits until the count stands still.
async fn settled(sent: &AtomicUsize) -> usize {
    let mut before = usize::MAX;
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let now = sent.load(Ordering::Relaxed);
        if now == before {
            return now;
        }
        before = now;
    }
}

#[tokio::test]
async fn a_client_that_does_not_read_holds_the_origin_back() {
    let (origin, sent) = fountain().await;
    let world = World::before(origin.address).await;
    let mut stream = world.tls(HOST).await;
    let request = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let held = settled(&sent).await;
    assert!((1..BOUND).contains(&held), "{held} bytes went somewhere");
    // And the rest comes when it reads.
    let answer = Answer::read(&mut stream).await;
    assert_eq!((answer.body.len(), answer.complete), (LARGE, true));
}

#[tokio::test]
async fn an_http_2_client_that_does_not_read_holds_the_origin_back() {
    let (origin, sent) = fountain().await;
    let world = World::before(origin.address).await;
    let stream = world.handshake(HOST, &[b"h2"]).await.expect("TLS");
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .expect("HTTP/2");
    tokio::spawn(connection);
    let request = http::Request::builder()
        .uri(format!("https://{HOST}/"))
        .body(Empty::<Bytes>::new())
        .expect("a request");
    let mut answer = sender.send_request(request).await.expect("an answer");
    let held = settled(&sent).await;
    assert!((1..BOUND).contains(&held), "{held} bytes went somewhere");
    let mut size = 0;
    while let Some(frame) = answer.body_mut().frame().await {
        size += frame.expect("a frame").data_ref().map_or(0, Bytes::len);
    }
    assert_eq!(size, LARGE);
}

#[tokio::test]
async fn a_client_that_stops_reading_is_cut_at_its_deadline() {
    let (origin, _sent) = fountain().await;
    let world = World::with(
        origin.address,
        Setting {
            transport: "deadlines = { body-idle = \"1s\", idle = \"2s\" }",
            ..Setting::default()
        },
    )
    .await;
    let mut stream = world.tls(HOST).await;
    let request = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    // The line of the log is written when the answer is over, whole or not.
    let line = world.log_lines(1).await.remove(0);
    assert!(!line.contains(&format!("\"bytes\":{LARGE}")), "{line}");
    let answer = Answer::read(&mut stream).await;
    assert!(!answer.complete);
}

#[tokio::test]
async fn pieces_pass_as_they_come() {
    let origin = Origin::raw(|mut stream| async move {
        read_request(&mut stream, &mut Vec::new()).await;
        let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n";
        let _ = stream.write_all(head).await;
        // The second piece waits until the client has the first.
        let mut more = [0; 1];
        let _ = tokio::time::timeout(PATIENCE, stream.read(&mut more)).await;
    })
    .await;
    let world = World::before(origin.address).await;
    let mut stream = world.tls(HOST).await;
    let request = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut bytes = Vec::new();
    let first = async {
        while find(&bytes, b"first").is_none() {
            let mut piece = [0; 1024];
            let size = stream.read(&mut piece).await.expect("read");
            bytes.extend_from_slice(&piece[..size]);
        }
    };
    tokio::time::timeout(Duration::from_secs(5), first)
        .await
        .expect("the first piece at once");
}

#[tokio::test]
async fn a_chunked_get_keeps_its_body() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    let answer = world
        .ask(&format!(
            "GET / HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        ))
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(origin.only().body, b"abc");
}

#[tokio::test]
async fn an_answer_before_the_end_of_the_upload_reaches_the_client() {
    let origin = Origin::raw(|mut stream| async move {
        let mut head = vec![0; 256];
        let _ = stream.read(&mut head).await;
        let answer =
            b"HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 5\r\n\r\nearly";
        let _ = stream.write_all(answer).await;
        let _ = stream.shutdown().await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    })
    .await;
    let world = World::before(origin.address).await;
    let (mut reader, mut writer) = tokio::io::split(world.tls(HOST).await);
    let head = format!("POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {LARGE}\r\n\r\n");
    tokio::spawn(async move {
        let _ = writer.write_all(head.as_bytes()).await;
        while writer.write_all(&[b'a'; 8192]).await.is_ok() {}
    });
    let answer = Answer::read(&mut reader).await;
    assert_eq!((answer.status, answer.text().as_str()), (403, "early"));
}
