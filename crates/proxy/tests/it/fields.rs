//! What the origin is told, what the client is given back, and which site answers.

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::AsyncWriteExt;

use crate::support::{Answer, HOST, Origin, Setting, World, site};

#[tokio::test]
async fn the_origin_sees_the_same_request_and_our_own_forwarding_fields() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    let host = format!("{HOST}:{}", world.gate.https_addr().port());
    let answer = world
        .ask(&format!(
            "POST /a%2Fb/../c;x=1?q=%20&&r HTTP/1.1\r\nHost: {host}\r\nContent-Length: 3\r\n\
             X-Forwarded-For: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\nX-Forwarded-Proto: http\r\n\
             X-Real-IP: 6.6.6.6\r\nProxy: http://evil\r\nX-Rempart-User: admin\r\nCookie: a=1; b=2\r\n\
             Connection: keep-alive, X-Drop\r\nConnection: X-Drop-Too, Cookie\r\nX-Drop: 1\r\n\
             X-Drop-Too: 1\r\nKeep-Alive: 5\r\nTE: gzip\r\nX-Kept: one\r\nX-Kept: two\r\n\r\nabc"
        ))
        .await;
    assert_eq!(answer.status, 200);
    let seen = origin.only();
    assert_eq!(seen.line, "POST /a%2Fb/../c;x=1?q=%20&&r HTTP/1.1");
    assert_eq!(seen.body, b"abc");
    for (name, values) in [
        ("host", &[host.as_str()][..]),
        ("x-forwarded-for", &["127.0.0.1"]),
        ("x-forwarded-proto", &["https"]),
        ("x-forwarded-host", &[&host]),
        (
            "forwarded",
            &[&format!("for=127.0.0.1;host=\"{host}\";proto=https")],
        ),
        ("cookie", &["a=1; b=2"]),
        ("x-kept", &["one", "two"]),
        ("content-length", &["3"]),
        ("x-real-ip", &[]),
        ("proxy", &[]),
        ("x-rempart-user", &[]),
        ("connection", &[]),
        ("x-drop", &[]),
        ("x-drop-too", &[]),
        ("keep-alive", &[]),
        ("te", &[]),
    ] {
        assert_eq!(seen.all(name), values, "{name}");
    }
}

#[tokio::test]
async fn a_port_that_is_none_of_the_gate_is_misdirected() {
    let origin = Origin::site().await;
    let alone = World::before(origin.address).await;
    let trusting = Setting {
        transport: "trusted-proxies = [\"127.0.0.0/8\"]",
        ..Setting::default()
    };
    let behind = World::with(origin.address, trusting).await;
    let own = alone.gate.https_addr().port();
    for (world, port, status) in [
        (&alone, String::new(), 200),
        (&alone, ":443".to_owned(), 200),
        (&alone, format!(":{own}"), 200),
        (&alone, ":80".to_owned(), 421),
        (&alone, ":1".to_owned(), 421),
        // Whoever is believed about the client stands where it will.
        (&behind, ":1".to_owned(), 200),
    ] {
        let request = format!("GET / HTTP/1.1\r\nHost: {HOST}{port}\r\n\r\n");
        let answer = world.ask(&request).await;
        assert_eq!(answer.status, status, "{port}");
        answer.one("strict-transport-security");
        let seen = origin.seen();
        let known = seen
            .iter()
            .any(|seen| seen.all("host") == [format!("{HOST}{port}")]);
        assert_eq!(known, status == 200, "{port}");
    }
}

#[tokio::test]
async fn a_trusted_proxy_is_believed_about_the_client() {
    let origin = Origin::site().await;
    let world = World::with(
        origin.address,
        Setting {
            transport: "trusted-proxies = [\"127.0.0.0/8\"]",
            ..Setting::default()
        },
    )
    .await;
    world
        .ask(&format!(
            "GET / HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-For: 6.6.6.6, 192.0.2.7\r\n\r\n"
        ))
        .await;
    assert_eq!(
        origin.only().all("x-forwarded-for"),
        ["192.0.2.7, 127.0.0.1"]
    );
    let lines = world.log_lines(1).await;
    assert!(lines[0].contains("\"client\":\"192.0.2.7\""), "{lines:?}");
}

#[tokio::test]
async fn answers_are_mended_and_their_lines_kept() {
    let origin = Origin::answering(|seen| {
        let host = seen.all("host").first().copied().unwrap_or_default();
        format!(
            "HTTP/1.1 302 Found\r\nLocation: http://{host}/in\r\nSet-Cookie: a=1; Path=/\r\n\
             Set-Cookie: b=2; Secure\r\nContent-Type: text/html\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\
             Keep-Alive: timeout=5\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"
        )
        .into_bytes()
    })
    .await;
    let world = World::before(origin.address).await;
    let answer = world.get("/").await;
    assert_eq!(answer.one("location"), format!("https://{HOST}/in"));
    assert_eq!(
        answer.all("set-cookie"),
        ["a=1; Path=/; Secure", "b=2; Secure"]
    );
    assert_eq!(
        answer.all("content-security-policy"),
        ["upgrade-insecure-requests; frame-ancestors 'self'"]
    );
    for name in ["x-hop", "keep-alive", "proxy-authenticate"] {
        assert!(answer.all(name).is_empty(), "{name}");
    }
}

#[tokio::test]
async fn nothing_is_mended_where_the_site_says_so() {
    let origin = Origin::answering(|_| {
        format!(
            "HTTP/1.1 302 Found\r\nLocation: http://{HOST}/in\r\nSet-Cookie: a=1\r\n\
             Content-Type: text/html\r\nContent-Length: 0\r\n\r\n"
        )
        .into_bytes()
    })
    .await;
    let repair = "[site.repair]\ncookies = false\nlocation = false\nupgrade-insecure = false\n\
                  [site.headers]\nframes = \"off\"\n\
                  [[deviation]]\nclause = \"cnil-cookies\"\nreason = \"a reason for this test\"";
    let world = World::with(
        origin.address,
        Setting {
            site: repair.to_owned(),
            ..Setting::default()
        },
    )
    .await;
    let answer = world.get("/").await;
    assert_eq!(answer.one("location"), format!("http://{HOST}/in"));
    assert_eq!(answer.all("set-cookie"), ["a=1"]);
    assert!(answer.all("content-security-policy").is_empty());
}

#[tokio::test]
async fn each_name_gets_its_certificate_and_its_site() {
    let first = Origin::site().await;
    let other = Origin::site().await;
    let more = [
        site(
            &["other.example.test"],
            &format!("http://{}", other.address),
            "other.example.test",
        ),
        site(
            &["one.example.test", "two.example.test"],
            &format!("http://{}", other.address),
            "both",
        ),
    ]
    .concat();
    let world = World::with(
        first.address,
        Setting {
            more,
            ..Setting::default()
        },
    )
    .await;
    for (sni, host, status) in [
        (HOST, HOST, 200),
        ("other.example.test", "other.example.test", 200),
        // The certificate shown covers the name asked for: browsers share connections so.
        ("one.example.test", "two.example.test", 200),
        (HOST, "other.example.test", 421),
        ("other.example.test", HOST, 421),
        (HOST, "127.0.0.1", 421),
    ] {
        let mut stream = world.tls(sni).await;
        let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        assert_eq!(
            Answer::read(&mut stream).await.status,
            status,
            "{sni} {host}"
        );
    }
    assert_eq!((first.seen().len(), other.seen().len()), (1, 2));
    assert!(
        world
            .handshake("unknown.test", &[b"http/1.1"])
            .await
            .is_err()
    );
}

#[tokio::test]
async fn names_that_cgi_would_fold_and_foreign_hosts_never_reach_the_origin() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    let host = format!("Host: {HOST}\r\n");
    for (head, status) in [
        (
            format!("GET / HTTP/1.1\r\n{host}X_Forwarded_For: 1\r\n\r\n"),
            400,
        ),
        (
            format!("GET / HTTP/1.1\r\n{host}X.Forwarded.For: 1\r\n\r\n"),
            400,
        ),
        (format!("CONNECT {HOST}:443 HTTP/1.1\r\n{host}\r\n"), 405),
        (
            format!("GET https://{HOST}/ HTTP/1.1\r\nHost: other.test\r\n\r\n"),
            200,
        ),
    ] {
        let answer = world.ask(&head).await;
        assert_eq!(answer.status, status, "{head:?}");
    }
    // The absolute form wins, and the origin is told one host only.
    assert_eq!(origin.only().all("host"), [HOST]);
}

#[tokio::test]
async fn http_2_reaches_the_origin_as_one_plain_request() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    let stream = world.handshake(HOST, &[b"h2"]).await.expect("TLS");
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .expect("HTTP/2");
    tokio::spawn(connection);
    for (authority, status) in [(HOST, 200), ("elsewhere.test", 421)] {
        let request = http::Request::builder()
            .uri(format!("https://{authority}/a?b=c"))
            .header("cookie", "a=1")
            .header("cookie", "b=2")
            .body(Empty::<Bytes>::new())
            .expect("a request");
        let answer = sender.send_request(request).await.expect("an answer");
        assert_eq!(answer.status(), status);
        assert_eq!(answer.headers()["strict-transport-security"], "max-age=300");
        let body = answer.into_body().collect().await.expect("a body");
        assert!(!body.to_bytes().is_empty());
    }
    let seen = origin.only();
    assert_eq!(seen.line, "GET /a?b=c HTTP/1.1");
    assert_eq!(seen.all("host"), [HOST]);
    assert_eq!(seen.all("cookie"), ["a=1; b=2"]);
    assert!(seen.all("transfer-encoding").is_empty());
}

#[tokio::test]
async fn an_http_2_head_over_the_limits_is_431_with_its_hsts_field() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    let stream = world.handshake(HOST, &[b"h2"]).await.expect("TLS");
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .expect("HTTP/2");
    tokio::spawn(connection);
    for (fields, size) in [(120, 1), (40, 900)] {
        let mut request = http::Request::builder().uri(format!("https://{HOST}/"));
        for at in 0..fields {
            request = request.header(format!("x-{at}"), "a".repeat(size));
        }
        let request = request.body(Empty::<Bytes>::new()).expect("a request");
        let answer = sender.send_request(request).await.expect("an answer");
        assert_eq!(answer.status(), 431, "{fields} fields of {size}");
        assert_eq!(answer.headers()["strict-transport-security"], "max-age=300");
    }
    assert!(origin.seen().is_empty());
}

#[tokio::test]
async fn what_the_http_2_codec_refuses_itself_has_its_hsts_field_too() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    let stream = world.handshake(HOST, &[b"h2"]).await.expect("TLS");
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .expect("HTTP/2");
    tokio::spawn(connection);
    // Twice: the second time the codec names the status by its table. In between and at the end
    // an ordinary one, so that the client's table is known to be right.
    for (fields, status) in [(70, 431), (1, 200), (70, 431), (1, 200)] {
        let mut request = http::Request::builder().uri(format!("https://{HOST}/200"));
        for at in 0..fields {
            request = request.header(format!("x-{at}"), "a".repeat(1000));
        }
        let request = request.body(Empty::<Bytes>::new()).expect("a request");
        let answer = sender.send_request(request).await.expect("an answer");
        assert_eq!(answer.status(), status);
        assert_eq!(answer.headers()["strict-transport-security"], "max-age=300");
        assert_eq!(answer.headers().len() == 1, status == 431, "{answer:?}");
    }
    assert_eq!(origin.seen().len(), 2);
}

#[tokio::test]
async fn connections_to_the_origin_are_reused() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    for _ in 0..5 {
        assert_eq!(world.get("/200").await.status, 200);
    }
    assert_eq!((origin.seen().len(), origin.connections()), (5, 1));
}

#[tokio::test]
async fn lengths_said_twice_or_without_a_body_are_mended() {
    for (status, lines) in [
        (200, "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
        (204, "Content-Length: 0\r\n\r\n"),
    ] {
        let bytes = format!("HTTP/1.1 {status} X\r\n{lines}").into_bytes();
        let origin = Origin::answering(move |_| bytes.clone()).await;
        let world = World::before(origin.address).await;
        let answer = world.get("/").await;
        assert_eq!(answer.status, status);
        let lengths = answer.all("content-length").len();
        assert_eq!(lengths, usize::from(status == 200), "{status}");
    }
}
