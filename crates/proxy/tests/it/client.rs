//! Clients that send garbage, too slowly, or too much.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::frames::{
    DATA, END_HEADERS, END_STREAM, HEADERS, SETTINGS, WINDOW_UPDATE, block, frame, get, hello,
};
use crate::support::{Answer, HOST, Origin, PATIENCE, Setting, World, statuses};

/// Bytes that look random and are the same in every run.
fn noise(size: usize, seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as u8
    };
    (0..size).map(|_| next()).collect()
}

#[tokio::test]
async fn noise_on_either_port_harms_nobody() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    for seed in 0..40 {
        for mut stream in [world.plain().await, world.tcp().await] {
            let _ = stream.write_all(&noise(4096, seed)).await;
            let _ = stream.shutdown().await;
            let mut bytes = Vec::new();
            let end = stream.read_to_end(&mut bytes);
            tokio::time::timeout(PATIENCE, end)
                .await
                .expect("closed in time")
                .ok();
        }
        let mut stream = world.tls(HOST).await;
        let _ = stream.write_all(&noise(4096, seed)).await;
        let answer = Answer::read(&mut stream).await;
        assert!([0, 400, 431].contains(&answer.status), "{answer:?}");
    }
    assert_eq!(world.get("/200").await.status, 200);
    assert_eq!(origin.seen().len(), 1);
}

/// How long the gate holds a connection on which nothing more comes.
async fn held(stream: &mut (impl AsyncReadExt + Unpin)) -> Duration {
    let begun = Instant::now();
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes);
    tokio::time::timeout(PATIENCE, end)
        .await
        .expect("closed in time")
        .ok();
    begun.elapsed()
}

#[tokio::test]
async fn each_deadline_closes_what_it_is_for() {
    let origin = Origin::site().await;
    let world = World::with(
        origin.address,
        Setting {
            transport: "deadlines = { handshake = \"1s\", head = \"2s\", idle = \"4s\" }",
            ..Setting::default()
        },
    )
    .await;
    let handshake = async {
        let mut stream = world.tcp().await;
        stream.write_all(&[0x16, 0x03, 0x01]).await.expect("sent");
        held(&mut stream).await
    };
    let head = async {
        let mut stream = world.tls(HOST).await;
        stream.write_all(b"GET / HT").await.expect("sent");
        held(&mut stream).await
    };
    // Bytes that trickle buy no time.
    let trickle = async {
        let (mut reader, mut writer) = tokio::io::split(world.tls(HOST).await);
        let trickle = tokio::spawn(async move {
            writer.write_all(b"GET / HTTP/1.1\r\nX: ").await.ok();
            while writer.write_all(b"a").await.is_ok() {
                writer.flush().await.ok();
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        });
        let held = held(&mut reader).await;
        trickle.abort();
        held
    };
    let plain_head = async {
        let mut stream = world.plain().await;
        stream.write_all(b"GET / HT").await.expect("sent");
        held(&mut stream).await
    };
    let idle = async {
        let mut stream = world.tls(HOST).await;
        let request = format!("GET /200 HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        assert_eq!(Answer::read(&mut stream).await.status, 200);
        held(&mut stream).await
    };
    let idle_http_2 = async {
        let mut stream = world.handshake(HOST, &[b"h2"]).await.expect("TLS");
        stream
            .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
            .await
            .expect("sent");
        held(&mut stream).await
    };
    let (handshake, head, trickle, plain_head, idle, idle_http_2) =
        tokio::join!(handshake, head, trickle, plain_head, idle, idle_http_2);
    for (what, took, least, most) in [
        ("handshake", handshake, 0.9, 1.9),
        ("head", head, 1.9, 3.5),
        ("trickle", trickle, 1.9, 3.5),
        ("plain head", plain_head, 1.9, 3.5),
        ("idle", idle, 3.8, 5.5),
        ("idle HTTP/2", idle_http_2, 3.8, 11.0),
    ] {
        let took = took.as_secs_f64();
        assert!((least..most).contains(&took), "{what}: {took} s");
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_413_before_the_origin_or_as_it_streams() {
    let origin = Origin::raw(|mut stream| async move {
        let mut sink = tokio::io::sink();
        let _ = tokio::io::copy(&mut stream, &mut sink).await;
    })
    .await;
    let world = World::with(
        origin.address,
        Setting {
            site: "max-body = \"64 KiB\"".to_owned(),
            ..Setting::default()
        },
    )
    .await;
    // Announced: the origin is not even connected to. The client sends all of it before it
    // reads, and still gets the answer.
    let mut stream = world.tls(HOST).await;
    let head = format!("POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 3000000\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("sent");
    stream
        .write_all(&vec![b'a'; 3_000_000])
        .await
        .expect("read by the gate");
    let answer = Answer::read(&mut stream).await;
    assert_eq!(answer.status, 413);
    assert_eq!(answer.one("connection"), "close");
    assert_eq!(origin.connections(), 0);

    // Not announced.
    let mut stream = world.tls(HOST).await;
    let head = format!("POST / HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("sent");
    for _ in 0..20 {
        stream.write_all(b"2000\r\n").await.expect("sent");
        stream.write_all(&vec![b'a'; 0x2000]).await.expect("sent");
        stream.write_all(b"\r\n").await.expect("sent");
    }
    stream.write_all(b"0\r\n\r\n").await.expect("sent");
    let answer = Answer::read(&mut stream).await;
    assert_eq!(answer.status, 413);
    // Opened by another thread: the test may not have accepted it yet.
    while origin.connections() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(origin.connections(), 1);
}

#[tokio::test]
async fn each_part_of_a_site_has_its_own_limit() {
    let origin = Origin::site().await;
    let world = World::with(
        origin.address,
        Setting {
            site:
                "max-body = \"4 KiB\"\n[[site.limit]]\npath = \"/files/\"\nmax-body = \"16 KiB\"\n\
                   [[site.limit]]\npath = \"/files/notes\"\nmax-body = \"1 KiB\""
                    .to_owned(),
            ..Setting::default()
        },
    )
    .await;
    for (path, length, status) in [
        ("/", 4096, 200),
        ("/", 4097, 413),
        ("/files/a", 16_384, 200),
        ("/files/a", 16_385, 413),
        ("/files/notes/1", 1025, 413),
        ("/files/notes", 1024, 200),
        // What an origin may take for another path.
        ("/files/x/../notes", 1025, 413),
        ("/files/%6eotes", 1025, 413),
    ] {
        let body = "a".repeat(length);
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        assert_eq!(world.ask(&request).await.status, status, "{path} {length}");
    }
}

#[tokio::test]
async fn a_body_that_stops_is_408_and_one_that_breaks_is_400() {
    let origin = Origin::raw(|mut stream| async move {
        let mut sink = tokio::io::sink();
        let _ = tokio::io::copy(&mut stream, &mut sink).await;
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
    let chunked = format!("POST / HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (rest, status) in [
        ("5\r\nab", 408),
        ("5\r\nabcdefgh\r\n", 400),
        ("zz\r\n", 400),
    ] {
        let answer = world.ask(&format!("{chunked}{rest}")).await;
        assert_eq!(answer.status, status, "{rest:?}");
        assert_eq!(answer.one("connection"), "close");
    }
}

#[tokio::test]
async fn a_continue_is_sent_when_the_body_is_wanted_and_only_then() {
    let origin = Origin::site().await;
    let world = World::with(
        origin.address,
        Setting {
            site: "max-body = \"1 KiB\"".to_owned(),
            ..Setting::default()
        },
    )
    .await;
    for (length, first) in [(5, "HTTP/1.1 100"), (5000, "HTTP/1.1 413")] {
        let mut stream = world.tls(HOST).await;
        let head = format!(
            "POST / HTTP/1.1\r\nHost: {HOST}\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.expect("sent");
        let mut bytes = vec![0; 12];
        stream.read_exact(&mut bytes).await.expect("an answer");
        assert_eq!(String::from_utf8_lossy(&bytes), first);
        if length == 5000 {
            // A body that nobody asked for is not waited for either.
            assert!(held(&mut stream).await < Duration::from_secs(2));
        }
    }
}

#[tokio::test]
async fn a_source_has_its_share_of_connections_and_no_more() {
    let origin = Origin::site().await;
    let world = World::with(
        origin.address,
        Setting {
            transport: "limits = { connections-per-source = 2 }",
            ..Setting::default()
        },
    )
    .await;
    let first = world.tls(HOST).await;
    let _second = world.tls(HOST).await;
    assert!(world.handshake(HOST, &[b"http/1.1"]).await.is_err());
    drop(first);
    for _ in 0..100 {
        if world.handshake(HOST, &[b"http/1.1"]).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the place was not given back");
}

#[tokio::test]
async fn a_trusted_proxy_may_bring_many_clients() {
    let origin = Origin::site().await;
    let world = World::with(
        origin.address,
        Setting {
            transport: "limits = { connections-per-source = 2 }\ntrusted-proxies = [\"127.0.0.0/8\"]",
            ..Setting::default()
        },
    )
    .await;
    let mut open = Vec::new();
    for _ in 0..5 {
        open.push(world.tls(HOST).await);
    }
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    let mut stream = world.tls(HOST).await;
    let one = |path| format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
    let all = [one("/302"), one("/302"), "garbage\r\n\r\n".to_owned()].concat();
    stream.write_all(all.as_bytes()).await.expect("sent");
    assert_eq!(statuses(&mut stream).await, ["302", "302", "400"]);
}

#[tokio::test]
async fn a_connection_over_tls_ends_with_close_notify() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    let mut stream = world.tls(HOST).await;
    let request = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n");
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes())
        .await
        .expect("sent");
    // Without the alert this would be an unexpected end (RFC 9112, 9.8).
    let mut bytes = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut bytes)
        .await
        .expect("close_notify");
    assert!(bytes.starts_with(b"HTTP/1.1 200"));
}

#[tokio::test]
async fn an_http_2_client_that_takes_the_end_of_an_answer_slowly_gets_it_whole() {
    const LENGTH: usize = 250_000;
    let origin = Origin::answering(|_| {
        let mut answer =
            format!("HTTP/1.1 200 OK\r\nContent-Length: {LENGTH}\r\n\r\n").into_bytes();
        answer.resize(answer.len() + LENGTH, b'x');
        answer
    })
    .await;
    let setting = Setting {
        transport: "deadlines = { idle = \"1s\" }",
        ..Setting::default()
    };
    let world = World::with(origin.address, setting).await;
    let mut stream = crate::nap::narrow(&world, &[b"h2"]).await;
    hello(&mut stream).await;
    // Room for all of it at once, so that what waits is held by the gate alone, whose origin has
    // long been done: the codec, TLS and the system.
    let room = 1_000_000_u32.to_be_bytes();
    let settings = frame(SETTINGS, 0, 0, &[&[0, 4][..], &room].concat());
    let flags = END_HEADERS | END_STREAM;
    let request = frame(HEADERS, flags, 1, &block(&get(HOST, "/")));
    let bytes = [settings, frame(WINDOW_UPDATE, 0, 0, &room), request].concat();
    stream.write_all(&bytes).await.expect("sent");
    let begun = Instant::now();
    let (mut unread, mut came) = (Vec::new(), 0);
    while came < LENGTH {
        let mut piece = [0; 512];
        let size = stream.read(&mut piece).await.expect("the answer goes on");
        assert!(size > 0, "cut after {came} bytes");
        unread.extend_from_slice(&piece[..size]);
        while let Some(head) = unread.first_chunk::<9>() {
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
            let kind = head[3];
            if unread.len() < 9 + length {
                break;
            }
            came += if kind == DATA { length } else { 0 };
            unread.drain(..9 + length);
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    // Longer than an idle connection has with its goodbye.
    assert!(begun.elapsed() > Duration::from_secs(8));
}
