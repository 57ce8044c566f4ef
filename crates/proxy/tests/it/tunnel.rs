//! WebSocket through the gate, at the level of its bytes.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Answer, HOST, Origin, Setting, World, read_request, statuses};

fn upgrade() -> String {
    format!(
        "GET /live HTTP/1.1\r\nHost: {HOST}\r\nConnection: keep-alive, Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Key: a2V5\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
}

const SWITCH: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\
    Upgrade: websocket\r\nSec-WebSocket-Accept: eA==\r\n\r\nhello";

/// An origin that switches, says hello and echoes.
async fn echo() -> Origin {
    Origin::raw(|mut stream| async move {
        let seen = read_request(&mut stream, &mut Vec::new())
            .await
            .expect("a request");
        assert_eq!(seen.all("upgrade"), ["websocket"]);
        assert_eq!(seen.all("connection"), ["upgrade"]);
        assert_eq!(seen.all("sec-websocket-key"), ["a2V5"]);
        stream.write_all(SWITCH).await.expect("sent");
        let (mut reader, mut writer) = stream.split();
        let _ = tokio::io::copy(&mut reader, &mut writer).await;
        let _ = writer.shutdown().await;
    })
    .await
}

#[tokio::test]
async fn bytes_pass_both_ways_after_the_101() {
    let origin = echo().await;
    let world = World::before(origin.address).await;
    let mut stream = world.tls(HOST).await;
    stream.write_all(upgrade().as_bytes()).await.expect("sent");
    let answer = Answer::read(&mut stream).await;
    assert_eq!(answer.status, 101);
    assert_eq!(answer.one("upgrade"), "websocket");
    assert_eq!(answer.one("sec-websocket-accept"), "eA==");
    assert_eq!(answer.all("strict-transport-security").len(), 1);
    let mut bytes = answer.body;
    for word in ["ping", "pong"] {
        stream.write_all(word.as_bytes()).await.expect("sent");
    }
    while bytes.len() < "hellopingpong".len() {
        let mut piece = [0; 64];
        let size = stream.read(&mut piece).await.expect("read");
        assert_ne!(size, 0);
        bytes.extend_from_slice(&piece[..size]);
    }
    assert_eq!(bytes, b"hellopingpong");
    // One side ends, then the other.
    stream.shutdown().await.expect("ended");
    assert_eq!(stream.read(&mut [0; 8]).await.expect("ended"), 0);
    let line = world.log_lines(1).await.remove(0);
    assert!(
        line.contains("\"status\":101") && line.contains("tunnel: ended"),
        "{line}"
    );
}

#[tokio::test]
async fn bytes_sent_early_wait_for_the_101() {
    let early = Arc::new(Mutex::new(Vec::new()));
    let memory = Arc::clone(&early);
    let origin = Origin::raw(move |mut stream| {
        let memory = Arc::clone(&memory);
        async move {
            let mut rest = Vec::new();
            read_request(&mut stream, &mut rest)
                .await
                .expect("a request");
            // Whatever arrives before the answer came too early.
            let wait = tokio::time::timeout(Duration::from_millis(500), stream.read_buf(&mut rest));
            let _ = wait.await;
            *memory.lock().expect("memory") = std::mem::take(&mut rest);
            stream.write_all(SWITCH).await.expect("sent");
            let (mut reader, mut writer) = stream.split();
            let _ = tokio::io::copy(&mut reader, &mut writer).await;
        }
    })
    .await;
    let world = World::before(origin.address).await;
    let mut stream = world.tls(HOST).await;
    let request = upgrade() + "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.write_all(request.as_bytes()).await.expect("sent");
    let answer = Answer::read(&mut stream).await;
    assert_eq!(answer.status, 101);
    assert_eq!(*early.lock().expect("memory"), b"");
}

#[tokio::test]
async fn no_tunnel_without_a_matching_101() {
    for (answer, status) in [
        (
            "101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c",
            "502",
        ),
        ("101 Switching Protocols\r\nConnection: Upgrade", "502"),
        ("403 Forbidden\r\nContent-Length: 0", "403"),
        ("200 OK\r\nContent-Length: 0", "200"),
    ] {
        let origin =
            Origin::answering(move |_| format!("HTTP/1.1 {answer}\r\n\r\n").into_bytes()).await;
        let world = World::before(origin.address).await;
        let mut stream = world.tls(HOST).await;
        let smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        let request = upgrade() + smuggled;
        stream.write_all(request.as_bytes()).await.expect("sent");
        // What followed is a request of its own, judged as one: of an unknown host.
        assert_eq!(statuses(&mut stream).await, [status, "421"], "{answer}");
        assert_eq!(origin.seen().len(), 1);
    }
}

#[tokio::test]
async fn other_upgrades_are_not_passed_on() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    let answer = world
        .ask(&format!(
            "GET / HTTP/1.1\r\nHost: {HOST}\r\nConnection: Upgrade, HTTP2-Settings\r\n\
             Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n"
        ))
        .await;
    assert_eq!(answer.status, 200);
    let seen = origin.only();
    for name in ["upgrade", "connection", "http2-settings"] {
        assert!(seen.all(name).is_empty(), "{name}");
    }
}

#[tokio::test]
async fn a_silent_tunnel_ends_at_its_deadline() {
    let origin = echo().await;
    let world = World::with(
        origin.address,
        Setting {
            transport: "deadlines = { tunnel-idle = \"1s\" }",
            ..Setting::default()
        },
    )
    .await;
    let mut stream = world.tls(HOST).await;
    stream.write_all(upgrade().as_bytes()).await.expect("sent");
    assert_eq!(Answer::read(&mut stream).await.status, 101);
    let begun = Instant::now();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.ok();
    assert!(begun.elapsed() < Duration::from_secs(5));
    let line = world.log_lines(1).await.remove(0);
    assert!(line.contains("tunnel: idle for too long"), "{line}");
}
