//! Rates: handshakes per second, and bytes per second of clients that take their time.

use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio_rustls::TlsConnector;

use crate::support::{Answer, HOST, Origin, PATIENCE, Setting, World, client_config, read_request};

#[tokio::test]
async fn a_source_that_shakes_hands_too_often_is_held_to_its_rate() {
    let origin = Origin::site().await;
    let world = World::with(
        origin.address,
        Setting {
            transport: "limits = { handshakes-per-source = 1 }",
            ..Setting::default()
        },
    )
    .await;
    // Whoever asks for none takes none: connections that begin a record and say nothing more.
    let mut silent = Vec::new();
    for _ in 0..40 {
        let mut stream = world.tcp().await;
        stream.write_all(&[22]).await.expect("sent");
        silent.push(stream);
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    // Twenty seconds' worth at once, and no more.
    let mut made = 0;
    while world.handshake(HOST, &[b"http/1.1"]).await.is_ok() {
        made += 1;
        assert!(made < 40, "never refused");
    }
    assert!((20..=22).contains(&made), "{made} handshakes");
    // Whoever has a connection goes on, and time brings the next handshake.
    tokio::time::sleep(Duration::from_millis(1300)).await;
    assert_eq!(world.get("/200").await.status, 200);
}

#[tokio::test]
async fn handshakes_of_all_wait_for_their_turn() {
    let origin = Origin::site().await;
    let world = World::with(
        origin.address,
        Setting {
            transport: "limits = { handshakes-per-second = 5 }",
            ..Setting::default()
        },
    )
    .await;
    let begun = Instant::now();
    for _ in 0..8 {
        world.handshake(HOST, &[b"http/1.1"]).await.expect("a turn");
    }
    let took = begun.elapsed().as_secs_f64();
    assert!(took >= 0.4, "{took} s for three more than the burst");
}

/// Rates high enough to be met or missed within a test.
const FAST: &str = "limits = { min-rate = \"8 KiB\" }\ndeadlines = { rate-window = \"2s\" }";

#[tokio::test]
async fn a_body_that_trickles_is_408_and_one_that_flows_arrives() {
    let origin = Origin::site().await;
    let setting = Setting {
        transport: FAST,
        ..Setting::default()
    };
    let world = World::with(origin.address, setting).await;
    for (piece, status, least) in [(10, 408, 1.5), (4096, 200, 3.0)] {
        let stream = world.tls(HOST).await;
        let (mut reader, mut writer) = tokio::io::split(stream);
        let sending = tokio::spawn(async move {
            let head =
                format!("POST /200 HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n\r\n");
            writer.write_all(head.as_bytes()).await.ok();
            let chunk = format!("{piece:x}\r\n{}\r\n", "a".repeat(piece));
            for _ in 0..16 {
                if writer.write_all(chunk.as_bytes()).await.is_err() {
                    return;
                }
                writer.flush().await.ok();
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            writer.write_all(b"0\r\n\r\n").await.ok();
            writer.flush().await.ok();
        });
        let begun = Instant::now();
        assert_eq!(Answer::read(&mut reader).await.status, status);
        let took = begun.elapsed().as_secs_f64();
        assert!((least..5.0).contains(&took), "{piece}: {took} s");
        sending.abort();
    }
}

/// An origin whose answers have no end.
async fn fountain() -> Origin {
    Origin::raw(|mut stream| async move {
        read_request(&mut stream, &mut Vec::new()).await;
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n";
        let _ = stream.write_all(head.as_bytes()).await;
        let piece = vec![b'a'; 64 * 1024];
        while stream.write_all(&piece).await.is_ok() {}
    })
    .await
}

#[tokio::test]
async fn a_reader_that_trickles_is_reset_and_one_that_flows_reads_on() {
    let origin = fountain().await;
    let setting = Setting {
        transport: FAST,
        ..Setting::default()
    };
    let world = World::with(origin.address, setting).await;
    for (piece, cut) in [(200, true), (64 * 1024, false)] {
        let socket = TcpSocket::new_v4().expect("a socket");
        // What the client's system takes ahead would hide how slowly it reads.
        socket.set_recv_buffer_size(8 * 1024).expect("a size");
        let stream = socket
            .connect(world.gate.https_addr())
            .await
            .expect("connected");
        let name = ServerName::try_from(HOST).expect("a name");
        let mut stream = TlsConnector::from(Arc::new(client_config(&world.authority)))
            .connect(name, stream)
            .await
            .expect("TLS");
        let request = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let begun = Instant::now();
        let mut bytes = vec![0; piece];
        while begun.elapsed() < Duration::from_secs(6) {
            let read = tokio::time::timeout(PATIENCE, stream.read(&mut bytes)).await;
            if !matches!(read.expect("in time"), Ok(1..)) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        // What TLS had already decrypted hides the end: the rest is read at once.
        let mut bytes = vec![0; 64 * 1024];
        let rest = async { while matches!(stream.read(&mut bytes).await, Ok(1..)) {} };
        let ended = tokio::time::timeout(Duration::from_secs(3), rest).await;
        assert_eq!(ended.is_ok(), cut, "{piece} bytes at a time");
    }
}
