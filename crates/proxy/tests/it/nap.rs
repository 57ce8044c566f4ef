//! A connection that sleeps between requests is the same connection when it wakes.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::support::{Answer, HOST, Origin, PATIENCE, Setting, World, client_config, statuses};

/// Longer than the silence after which a connection sleeps.
const SILENCE: Duration = Duration::from_millis(600);

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n")
}

#[tokio::test]
async fn requests_come_through_whole_before_and_after() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    let mut stream = world.tls(HOST).await;
    // Asleep before it has asked anything; then whole, in pieces, and two at once.
    tokio::time::sleep(SILENCE).await;
    for number in 0..2 {
        let request = get(&format!("/{number}"));
        stream.write_all(request.as_bytes()).await.expect("sent");
        assert_eq!(Answer::read(&mut stream).await.status, 200);
        tokio::time::sleep(SILENCE).await;
    }
    let both = get("/2") + &get("/3");
    let (first, second) = both.split_at(both.len() / 3);
    stream.write_all(first.as_bytes()).await.expect("sent");
    tokio::time::sleep(Duration::from_millis(50)).await;
    stream.write_all(second.as_bytes()).await.expect("sent");
    assert_eq!(Answer::read(&mut stream).await.status, 200);
    assert_eq!(Answer::read(&mut stream).await.status, 200);
    let lines: Vec<_> = origin.seen().into_iter().map(|seen| seen.line).collect();
    let wanted: Vec<_> = (0..4).map(|n| format!("GET /{n} HTTP/1.1")).collect();
    assert_eq!(lines, wanted);
}

#[tokio::test]
async fn half_a_head_is_not_slept_on_and_what_wakes_it_is_judged() {
    let origin = Origin::site().await;
    let setting = Setting {
        transport: "deadlines = { head = \"5s\", idle = \"20s\" }",
        ..Setting::default()
    };
    let world = World::with(origin.address, setting).await;
    let mut stream = world.tls(HOST).await;
    // A head that stops in its middle for longer than a nap goes on afterwards.
    let request = get("/whole");
    let (first, second) = request.split_at(10);
    stream.write_all(first.as_bytes()).await.expect("sent");
    tokio::time::sleep(SILENCE).await;
    stream.write_all(second.as_bytes()).await.expect("sent");
    assert_eq!(Answer::read(&mut stream).await.status, 200);

    tokio::time::sleep(SILENCE).await;
    let bad = format!("GET /bad HTTP/1.1\r\nHost: {HOST}\r\nX : 1\r\n\r\n");
    stream.write_all(bad.as_bytes()).await.expect("sent");
    assert_eq!(statuses(&mut stream).await, ["400"]);
    assert_eq!(origin.only().line, "GET /whole HTTP/1.1");
}

#[tokio::test]
async fn a_sleeper_is_sent_home_at_its_deadline_and_at_the_end_of_the_gate() {
    let origin = Origin::site().await;
    let setting = Setting {
        transport: "deadlines = { idle = \"4s\" }",
        ..Setting::default()
    };
    let world = World::with(origin.address, setting).await;
    let mut stream = world.tls(HOST).await;
    stream.write_all(get("/").as_bytes()).await.expect("sent");
    assert_eq!(Answer::read(&mut stream).await.status, 200);
    let begun = std::time::Instant::now();
    // The end is the one of TLS, not of the socket alone: reading it is no error.
    assert_eq!(stream.read(&mut [0]).await.expect("a goodbye"), 0);
    let lasted = begun.elapsed().as_secs();
    assert!((3..8).contains(&lasted), "{lasted} s");

    let mut stream = world.tls(HOST).await;
    tokio::time::sleep(SILENCE).await;
    let outcome = world.gate.drain().await;
    assert_eq!(outcome.cut, 0, "a sleeper is no open request");
    assert_eq!(stream.read(&mut [0]).await.expect("a goodbye"), 0);
}

/// A client that reads little at a time, so that the end of an answer waits in the gate.
pub(crate) async fn narrow(world: &World, alpn: &[&[u8]]) -> TlsStream<TcpStream> {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small buffer");
    let address = world.gate.https_addr();
    let stream = socket.connect(address).await.expect("connected");
    let mut config = client_config(&world.authority);
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    let name = ServerName::try_from(HOST).expect("a name");
    let connector = TlsConnector::from(Arc::new(config));
    connector.connect(name, stream).await.expect("TLS")
}

#[tokio::test]
async fn the_end_of_an_answer_is_not_slept_on() {
    // Around what the system, TLS and hyper hold of an answer that is read by nobody.
    const STEP: usize = 24 * 1024;
    let origin = Origin::answering(|seen| {
        let length = seen.line.split(['/', ' ']).nth(2).expect("a length");
        let length = length.parse::<usize>().expect("a number");
        let mut answer =
            format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n").into_bytes();
        answer.resize(answer.len() + length, b'x');
        answer
    })
    .await;
    let world = World::before(origin.address).await;
    for number in 1..24 {
        let length = number * STEP;
        let mut stream = narrow(&world, &[]).await;
        let request = get(&format!("/{length}"));
        stream.write_all(request.as_bytes()).await.expect("sent");
        tokio::time::sleep(SILENCE).await;
        let answer = timeout(PATIENCE, Answer::read(&mut stream)).await;
        let answer = answer.unwrap_or_else(|_| panic!("the end of {length} bytes is late"));
        assert_eq!(answer.body.len(), length);
        // And the connection is as good as before.
        stream.write_all(get("/1").as_bytes()).await.expect("sent");
        assert_eq!(Answer::read(&mut stream).await.body, b"x");
    }
}
