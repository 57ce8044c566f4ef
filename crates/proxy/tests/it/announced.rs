//! Connections that an intermediary passes on with a PROXY header.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::support::{Answer, HOST, Origin, PATIENCE, Setting, World, client_config};

const LINE: &[u8] = b"PROXY TCP4 198.51.100.9 192.0.2.1 50000 443\r\n";
/// The same client in version 2.
const BINARY: &[u8] =
    b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc6\x33\x64\x09\xc0\x00\x02\x01\xc3\x50\x01\xbb";
const LOCAL: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";

/// A gate behind an intermediary on this machine.
async fn behind(origin: &Origin, more: &'static str) -> World {
    let transport = match more {
        "" => "trusted-proxies = [\"127.0.0.1\"]\nproxy-protocol = [\"http\", \"https\"]",
        more => more,
    };
    let setting = Setting {
        transport,
        ..Setting::default()
    };
    World::with(origin.address, setting).await
}

/// A connection that begins with these bytes, then TLS.
async fn tls(world: &World, header: &[u8]) -> std::io::Result<TlsStream<TcpStream>> {
    let mut stream = world.tcp().await;
    stream.write_all(header).await?;
    let name = ServerName::try_from(HOST).expect("a name");
    let mut config = client_config(&world.authority);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

async fn get(stream: &mut TlsStream<TcpStream>) -> u16 {
    let request = format!("GET /200 HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    Answer::read(stream).await.status
}

/// Everything that comes until the end, and how long that took.
async fn rest(mut stream: TcpStream) -> (Vec<u8>, Duration) {
    let begun = Instant::now();
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes);
    let _ = tokio::time::timeout(PATIENCE, end).await.expect("closed");
    (bytes, begun.elapsed())
}

#[tokio::test]
async fn the_client_is_the_one_that_the_intermediary_announces() {
    let origin = Origin::site().await;
    let world = behind(&origin, "").await;
    for (header, client) in [
        (LINE, "198.51.100.9"),
        (BINARY, "198.51.100.9"),
        (LOCAL, "127.0.0.1"),
        (b"PROXY UNKNOWN\r\n", "0.0.0.0"),
    ] {
        let mut stream = tls(&world, header).await.expect("TLS");
        assert_eq!(get(&mut stream).await, 200);
        let seen = origin.seen().pop().expect("a request");
        let forwarded = seen.all("forwarded").join(", ");
        assert!(
            forwarded.starts_with(&format!("for={client};")),
            "{forwarded}"
        );
        let line = world
            .log_lines(origin.seen().len())
            .await
            .pop()
            .expect("a line");
        assert!(line.contains(client), "{line}");
    }
    // In clear.
    let mut stream = world.plain().await;
    let request = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
    let bytes = [LINE, request.as_bytes()].concat();
    stream.write_all(&bytes).await.expect("sent");
    assert_eq!(Answer::read(&mut stream).await.status, 308);
}

/// The intermediary is trusted, a client that it knows nothing of is not.
#[tokio::test]
async fn a_client_without_an_address_is_not_believed() {
    let origin = Origin::site().await;
    let world = behind(&origin, "").await;
    for (header, believed) in [(LOCAL, true), (b"PROXY UNKNOWN\r\n", false)] {
        let mut stream = tls(&world, header).await.expect("TLS");
        let request =
            format!("GET /200 HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-For: 203.0.113.5\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        assert_eq!(Answer::read(&mut stream).await.status, 200);
        let seen = origin.seen().pop().expect("a request");
        let forwarded = seen.all("forwarded").join(", ");
        assert_eq!(forwarded.contains("203.0.113.5"), believed, "{forwarded}");
    }
}

#[tokio::test]
async fn a_header_may_come_in_pieces_and_takes_nothing_of_what_follows() {
    let origin = Origin::site().await;
    let world = behind(&origin, "").await;
    for header in [LINE, BINARY] {
        let mut stream = world.plain().await;
        let request = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
        for byte in [header, request.as_bytes()].concat() {
            stream.write_all(&[byte]).await.expect("sent");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        assert_eq!(Answer::read(&mut stream).await.status, 308);
    }
}

#[tokio::test]
async fn a_connection_without_a_header_in_order_is_closed_without_a_word() {
    let origin = Origin::site().await;
    let world = behind(&origin, "").await;
    let request = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
    for header in [
        &b""[..],
        b"PROXY TCP4 198.51.100.9 192.0.2.1 50000 443\n",
        b"PROXY TCP4 198.51.100.9 192.0.2.1 0443 443\r\n",
        b"\r\n\r\n\0\r\nQUIT\n\x31\x11\0\x0c",
    ] {
        for mut stream in [world.plain().await, world.tcp().await] {
            let bytes = [header, request.as_bytes()].concat();
            let _ = stream.write_all(&bytes).await;
            let (said, took) = rest(stream).await;
            assert_eq!(said, b"", "{}", header.escape_ascii());
            assert!(took < Duration::from_secs(4), "{}", header.escape_ascii());
        }
    }
    assert_eq!(origin.connections(), 0);
}

#[tokio::test]
async fn a_second_header_is_noise() {
    let origin = Origin::site().await;
    let world = behind(&origin, "").await;
    for (first, second) in [
        (LINE, LINE),
        (LINE, BINARY),
        (BINARY, LINE),
        (LOCAL, BINARY),
    ] {
        assert!(tls(&world, &[first, second].concat()).await.is_err());
        let mut stream = world.plain().await;
        let request = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
        let bytes = [first, second, request.as_bytes()].concat();
        let _ = stream.write_all(&bytes).await;
        assert_eq!(Answer::read(&mut stream).await.status, 400);
    }
    assert_eq!(origin.connections(), 0);
}

#[tokio::test]
async fn a_header_that_does_not_come_is_waited_for_until_its_deadline() {
    let origin = Origin::site().await;
    let world = behind(
        &origin,
        "trusted-proxies = [\"127.0.0.1\"]\nproxy-protocol = [\"https\"]\ndeadlines = { proxy-header = \"1s\" }",
    )
    .await;
    let mut stream = world.tcp().await;
    stream.write_all(&BINARY[..20]).await.expect("sent");
    let (said, took) = rest(stream).await;
    assert_eq!(said, b"");
    let took = took.as_secs_f64();
    assert!((0.9..3.0).contains(&took), "{took} s");
    // The plain listener asks for none, so a header there is no request.
    let mut stream = world.plain().await;
    stream.write_all(LINE).await.expect("sent");
    assert_eq!(Answer::read(&mut stream).await.status, 400);
}

#[tokio::test]
async fn nobody_else_may_announce_a_client() {
    let origin = Origin::site().await;
    let world = behind(
        &origin,
        "trusted-proxies = [\"192.0.2.1\"]\nproxy-protocol = [\"https\"]",
    )
    .await;
    assert!(tls(&world, LINE).await.is_err());
    assert!(tls(&world, b"").await.is_err());
    assert_eq!(origin.connections(), 0);
}

#[tokio::test]
async fn each_announced_client_has_its_own_share() {
    let origin = Origin::site().await;
    let world = behind(
        &origin,
        "trusted-proxies = [\"127.0.0.1\"]\nproxy-protocol = [\"https\"]\nlimits = { connections-per-source = 1 }",
    )
    .await;
    let other = b"PROXY TCP4 198.51.100.10 192.0.2.1 50000 443\r\n";
    let _first = tls(&world, LINE).await.expect("TLS");
    assert!(tls(&world, BINARY).await.is_err());
    assert!(tls(&world, other).await.is_ok());
}
