//! Origins that are down, slow, or answer garbage.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Answer, HOST, Origin, Setting, World, read_request};

#[tokio::test]
async fn garbage_is_502_and_shown_to_nobody() {
    for garbage in [
        &b"canary-garbage\r\n\r\n"[..],
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\ncanary",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\ncanary",
        b"HTTP/1.1 canary OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX\x01: canary\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: canary\r\nConnection: upgrade\r\n\r\n",
        b"\x16\x03\x01canary",
        b"",
    ] {
        let origin = Origin::raw(move |mut stream| async move {
            read_request(&mut stream, &mut Vec::new()).await;
            let _ = stream.write_all(garbage).await;
        })
        .await;
        let world = World::before(origin.address).await;
        let answer = world.get("/").await;
        let shown = String::from_utf8_lossy(garbage).into_owned();
        assert_eq!(answer.status, 502, "{shown}");
        assert_eq!(answer.all("strict-transport-security").len(), 1, "{shown}");
        assert!(!answer.text().contains("canary"), "{shown}");
        // The operator is told what the client is not.
        let line = world.log_lines(1).await.remove(0);
        assert!(line.contains("\"outcome\":\"origin: "), "{line}");
    }
}

#[tokio::test]
async fn an_origin_that_never_answers_is_504() {
    let origin = Origin::raw(|mut stream| async move {
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let world = World::with(
        origin.address,
        Setting {
            transport: "deadlines = { answer = \"1s\" }",
            ..Setting::default()
        },
    )
    .await;
    let begun = Instant::now();
    let answer = world.get("/").await;
    assert_eq!(answer.status, 504);
    assert_eq!(answer.all("strict-transport-security").len(), 1);
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_origin_that_only_answers_for_the_time_being_is_504() {
    let origin = Origin::raw(|mut stream| async move {
        let _ = stream.read(&mut [0; 1024]).await;
        // One now and then, for longer than the gate may wait.
        let interim = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
        let end = Instant::now() + Duration::from_secs(20);
        while Instant::now() < end && stream.write_all(interim).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    })
    .await;
    let world = World::with(
        origin.address,
        Setting {
            transport: "deadlines = { answer = \"1s\" }",
            ..Setting::default()
        },
    )
    .await;
    let begun = Instant::now();
    assert_eq!(world.get("/").await.status, 504);
    assert!(begun.elapsed() < Duration::from_secs(15));
}

#[tokio::test]
async fn an_answer_comes_whole_behind_interim_ones_and_nothing_of_those_with_it() {
    // In one piece with the answer, and in pieces of their own.
    for pause in [0, 50] {
        let origin = Origin::raw(move |mut stream| async move {
            let mut unread = Vec::new();
            while read_request(&mut stream, &mut unread).await.is_some() {
                let interim =
                    "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\nX-Early: yes\r\nSet-Cookie: a=b\r\n\r\n";
                let answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Late: yes\r\n\r\nhello";
                for piece in [interim, "HTTP/1.1 102 Processing\r\n\r\n", interim, answer] {
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                    let sent = stream.write_all(piece.as_bytes()).await;
                    if sent.is_err() {
                        return;
                    }
                }
            }
        })
        .await;
        let world = World::before(origin.address).await;
        let mut stream = world.tls(HOST).await;
        for _ in 0..2 {
            let request = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
            stream.write_all(request.as_bytes()).await.expect("sent");
            let answer = Answer::read(&mut stream).await;
            assert_eq!((answer.status, &answer.body[..]), (200, &b"hello"[..]));
            assert_eq!(answer.one("x-late"), "yes");
            for early in ["link", "x-early", "set-cookie"] {
                assert!(answer.all(early).is_empty(), "{early}");
            }
        }
        // And over HTTP/2.
        let stream = world.handshake(HOST, &[b"h2"]).await.expect("TLS");
        let io = TokioIo::new(stream);
        let (mut sender, connection) = http2::handshake(TokioExecutor::new(), io)
            .await
            .expect("HTTP/2");
        tokio::spawn(connection);
        for _ in 0..2 {
            let request = http::Request::builder().uri(format!("https://{HOST}/"));
            let request = request.body(Empty::<Bytes>::new()).expect("a request");
            let answer = sender.send_request(request).await.expect("an answer");
            assert_eq!(answer.status(), 200);
            assert_eq!(answer.headers()["x-late"], "yes");
            assert!(!answer.headers().contains_key("x-early"));
            let body = answer.into_body().collect().await.expect("whole");
            assert_eq!(body.to_bytes(), &b"hello"[..]);
        }
    }
}

#[tokio::test]
async fn a_truncated_body_is_an_aborted_stream() {
    for head in [
        "Content-Length: 100\r\n\r\nhalf",
        "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ] {
        let origin = Origin::raw(move |mut stream| async move {
            read_request(&mut stream, &mut Vec::new()).await;
            let _ = stream
                .write_all(format!("HTTP/1.1 200 OK\r\n{head}").as_bytes())
                .await;
            // Cut at once, even the head might not reach the client.
            tokio::time::sleep(Duration::from_millis(200)).await;
        })
        .await;
        let world = World::before(origin.address).await;
        let answer = world.get("/").await;
        assert_eq!(answer.status, 200);
        assert!(!answer.complete, "{head}");
        let line = world.log_lines(1).await.remove(0);
        assert!(line.contains("broke off the answer"), "{line}");
    }
}

#[tokio::test]
async fn a_body_that_stops_is_cut_at_its_deadline() {
    let origin = Origin::raw(|mut stream| async move {
        read_request(&mut stream, &mut Vec::new()).await;
        let _ = stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            .await;
        tokio::time::sleep(Duration::from_secs(60)).await;
    })
    .await;
    let world = World::with(
        origin.address,
        Setting {
            transport: "deadlines = { body-idle = \"1s\" }",
            ..Setting::default()
        },
    )
    .await;
    let begun = Instant::now();
    let answer = world.get("/").await;
    assert_eq!((answer.status, answer.complete), (200, false));
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_post_is_never_sent_twice() {
    // The second request of each connection is read and then dropped without an answer,
    // as by an origin whose keep-alive ends at the wrong moment.
    let origin = Origin::raw(|mut stream| async move {
        let mut rest = Vec::new();
        read_request(&mut stream, &mut rest).await;
        let _ = stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            .await;
        read_request(&mut stream, &mut rest).await;
    })
    .await;
    let world = World::before(origin.address).await;
    assert_eq!(world.get("/").await.status, 200);
    let post = format!("POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1\r\n\r\nx");
    assert_eq!(world.ask(&post).await.status, 502);
    assert_eq!(origin.connections(), 1);
}

#[tokio::test]
async fn a_connection_that_the_origin_closed_is_not_used_again() {
    let origin = Origin::raw(|mut stream| async move {
        read_request(&mut stream, &mut Vec::new()).await;
        let _ = stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            .await;
    })
    .await;
    let world = World::before(origin.address).await;
    for _ in 0..5 {
        let post = format!("POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1\r\n\r\nx");
        assert_eq!(world.ask(&post).await.status, 200);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(origin.connections(), 5);
}

#[tokio::test]
async fn a_connection_with_unasked_bytes_is_thrown_away() {
    // The second answer would go to whoever asks next.
    let origin = Origin::raw(|mut stream| async move {
        let mut rest = Vec::new();
        while read_request(&mut stream, &mut rest).await.is_some() {
            let _ = stream
                .write_all(
                    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok\
                      HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison",
                )
                .await;
        }
    })
    .await;
    let world = World::before(origin.address).await;
    for _ in 0..3 {
        assert_eq!(world.get("/").await.text(), "ok");
    }
    assert_eq!(origin.connections(), 3);
}

#[tokio::test]
async fn answers_without_a_body_leave_the_connection_usable() {
    let origin = Origin::answering(|seen| {
        let head = if seen.line.starts_with("HEAD") {
            "200 OK\r\nContent-Length: 1000"
        } else if seen.line.contains("/204") {
            "204 No Content"
        } else {
            "304 Not Modified\r\nContent-Length: 1000\r\nETag: \"a\""
        };
        format!("HTTP/1.1 {head}\r\n\r\n").into_bytes()
    })
    .await;
    let world = World::before(origin.address).await;
    let mut stream = world.tls(HOST).await;
    for (line, status, length) in [
        ("GET /304", 304, None),
        ("GET /204", 204, None),
        ("HEAD /", 200, Some("1000")),
        ("GET /304", 304, None),
    ] {
        let request = format!("{line} HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        if let Some(length) = length {
            let mut bytes = vec![0; 4096];
            let size = stream.read(&mut bytes).await.expect("read");
            let head = String::from_utf8_lossy(&bytes[..size]).to_ascii_lowercase();
            assert!(head.starts_with("http/1.1 200"), "{head}");
            assert!(
                head.contains(&format!("content-length: {length}")),
                "{head}"
            );
            assert!(head.ends_with("\r\n\r\n"), "{head}");
        } else {
            assert_eq!(Answer::read(&mut stream).await.status, status, "{line}");
        }
    }
    assert_eq!(origin.connections(), 1);
}

#[tokio::test]
async fn an_https_origin_is_verified() {
    let folder = tempfile::tempdir().expect("a folder");
    let trusted = Origin::site().await;
    // The front of the origin is another gate, whose certificate names another site.
    let front = World::before(trusted.address).await;
    let port = front.gate.https_addr().port();
    let setting = Setting {
        more: crate::support::site(
            &["other.example.test"],
            &format!("https://127.0.0.1:{port}"),
            "other.example.test",
        ),
        ..Setting::default()
    };
    let world = World::with(trusted.address, setting).await;
    let mut stream = world.tls("other.example.test").await;
    let request = b"GET / HTTP/1.1\r\nHost: other.example.test\r\n\r\n";
    stream.write_all(request).await.expect("sent");
    assert_eq!(Answer::read(&mut stream).await.status, 502);
    let line = world.log_lines(1).await.remove(0);
    assert!(line.contains("origin: TLS failed"), "{line}");
    assert!(trusted.seen().is_empty());
    drop(folder);
}

#[tokio::test]
async fn a_too_early_of_the_origin_passes() {
    // RFC 8470, 5.2: the client tries again, not the gate.
    let answer = b"HTTP/1.1 425 Too Early\r\nContent-Length: 0\r\n\r\n";
    let origin = Origin::answering(move |_| answer.to_vec()).await;
    let world = World::before(origin.address).await;
    assert_eq!(world.get("/").await.status, 425);
    assert_eq!(origin.seen().len(), 1);
}
