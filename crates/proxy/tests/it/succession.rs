//! Two gates on the same listeners: the first leaves, and no request is lost.

use std::net::TcpListener;
use std::time::Duration;

use proxy::{Gate, Listeners, LogSink};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Answer, HOST, Origin, Setting, World, options, policy, text};

#[tokio::test]
async fn a_gate_that_retires_answers_who_is_there_and_leaves_the_rest_to_its_successor() {
    let (old, new) = (Origin::site().await, Origin::site().await);
    let open = || TcpListener::bind("127.0.0.1:0").expect("a port");
    let (http, https) = (open(), open());
    let listeners = || {
        Some(Listeners {
            http: Some(http.try_clone().expect("a copy")),
            https: https.try_clone().expect("a copy"),
        })
    };
    let mut world = World::before(old.address).await;
    let start = |origin: &Origin| {
        let (sink, _log) = LogSink::capture();
        let mut options = options(world.folder.path(), sink, &world.authority);
        options.listeners = listeners();
        Gate::start(policy(&text(origin.address, &Setting::default())), options)
    };
    let first = start(&old).await.expect("a gate");
    let second = start(&new).await.expect("a gate");
    let address = https.local_addr().expect("an address");
    assert_eq!(
        (first.https_addr(), second.https_addr()),
        (address, address)
    );
    // Clients of the world find these two from here on.
    let unused = std::mem::replace(&mut world.gate, second);
    drop(unused);

    // Connections until one is the first gate's: they share what comes.
    let request = format!("GET /200 HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
    let mut kept = loop {
        let mut stream = world.tls(HOST).await;
        stream.write_all(request.as_bytes()).await.expect("sent");
        let answer = Answer::read(&mut stream).await;
        assert_eq!((answer.status, answer.all("connection").len()), (200, 0));
        if !old.seen().is_empty() {
            break stream;
        }
    };
    let retired = tokio::spawn(first.retire(std::future::pending()));
    // At rest it stays open, since a request may be on its way.
    let mut byte = [0];
    let early = tokio::time::timeout(Duration::from_millis(300), kept.read(&mut byte)).await;
    assert!(early.is_err(), "{early:?}");
    let served = old.seen().len();
    for _ in 0..20 {
        assert_eq!(world.get("/200").await.status, 200);
    }
    assert_eq!(old.seen().len(), served);
    kept.write_all(request.as_bytes()).await.expect("sent");
    let answer = Answer::read(&mut kept).await;
    assert_eq!((answer.status, answer.one("connection")), (200, "close"));
    assert_eq!(kept.read(&mut byte).await.expect("close_notify"), 0);
    assert_eq!(old.seen().len(), served + 1);
    let outcome = tokio::time::timeout(Duration::from_secs(10), retired).await;
    assert_eq!(outcome.expect("in time").expect("a task").cut, 0);
}

#[tokio::test]
async fn a_gate_that_retires_ends_at_once_when_it_is_hurried() {
    let origin = Origin::site().await;
    // Its open requests would have half a minute, twice.
    let world = World::before(origin.address).await;
    let mut kept = world.tls(HOST).await;
    let request = format!("GET /200 HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
    kept.write_all(request.as_bytes()).await.expect("sent");
    assert_eq!(Answer::read(&mut kept).await.status, 200);
    let (hurry, hurried) = tokio::sync::oneshot::channel::<()>();
    let retired = tokio::spawn(world.gate.retire(async {
        let _ = hurried.await;
    }));
    let mut byte = [0];
    let early = tokio::time::timeout(Duration::from_millis(300), kept.read(&mut byte)).await;
    assert!(early.is_err(), "{early:?}");
    drop(hurry);
    let outcome = tokio::time::timeout(Duration::from_secs(10), retired).await;
    assert_eq!(outcome.expect("in time").expect("a task").cut, 0);
    assert_eq!(kept.read(&mut byte).await.expect("close_notify"), 0);
}
