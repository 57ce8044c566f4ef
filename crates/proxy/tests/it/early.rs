//! Answers that come before the request has gone, and clients that leave before the answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Answer, HOST, Origin, PATIENCE, World, read_request};

/// Larger than every buffer on the way.
const LARGE: usize = 32 << 20;

/// An origin that answers at once and closes, with most of the request unread: its socket
/// resets whoever writes on.
async fn hasty() -> Origin {
    Origin::raw(|mut stream| async move {
        let mut head = vec![0; 256];
        let _ = stream.read(&mut head).await;
        let _ = stream
            .write_all(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 5\r\n\r\nearly")
            .await;
    })
    .await
}

#[tokio::test]
async fn an_answer_reaches_the_client_although_the_origin_hung_up_on_the_upload() {
    let origin = hasty().await;
    let world = World::before(origin.address).await;
    for round in 0..20 {
        let (mut reader, mut writer) = tokio::io::split(world.tls(HOST).await);
        let head = format!("POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {LARGE}\r\n\r\n");
        let upload = tokio::spawn(async move {
            let _ = writer.write_all(head.as_bytes()).await;
            let piece = [b'a'; 16 * 1024];
            for _ in 0..LARGE / piece.len() {
                if writer.write_all(&piece).await.is_err() {
                    return;
                }
            }
        });
        let answer = Answer::read(&mut reader).await;
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (413, "early"),
            "round {round}"
        );
        upload.abort();
    }
    // Such a connection serves nobody else.
    assert_eq!(origin.connections(), 20);
}

#[tokio::test]
async fn it_reaches_a_client_on_http_2_as_well() {
    let origin = hasty().await;
    let world = World::before(origin.address).await;
    let stream = world.handshake(HOST, &[b"h2"]).await.expect("TLS");
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .expect("HTTP/2");
    tokio::spawn(connection);
    for _ in 0..5 {
        let request = http::Request::post(format!("https://{HOST}/"))
            .body(Full::new(Bytes::from(vec![b'a'; LARGE])))
            .expect("a request");
        let answer = sender.send_request(request).await.expect("an answer");
        assert_eq!(answer.status(), 413);
        let body = answer.into_body().collect().await.expect("a body");
        assert_eq!(body.to_bytes(), "early");
    }
}

#[tokio::test]
async fn the_request_of_a_client_that_has_left_ends_at_the_origin() {
    let gone = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&gone);
    let origin = Origin::raw(move |mut stream| {
        let seen = Arc::clone(&seen);
        async move {
            read_request(&mut stream, &mut Vec::new()).await;
            if let Ok(0) | Err(_) = stream.read(&mut [0; 8]).await {
                seen.store(true, Ordering::Relaxed);
            }
        }
    })
    .await;
    let world = World::before(origin.address).await;
    let mut stream = world.tls(HOST).await;
    let request = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    tokio::time::sleep(Duration::from_millis(200)).await;
    // Closing one's side of TLS says that one has left, as a browser does.
    stream.shutdown().await.expect("closed");
    let begun = Instant::now();
    while !gone.load(Ordering::Relaxed) {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(begun.elapsed() < Duration::from_secs(5));
}
