//! RFC 6797: exactly one field on every answer over TLS, none in clear.

use tokio::io::AsyncWriteExt;

use crate::secrecy::Events;
use crate::support::{Answer, HOST, Origin, Setting, World, policy, text};

const ONE: &str = "max-age=300";

#[tokio::test]
async fn one_field_on_every_status() {
    let origin = Origin::site().await;
    let world = World::with(
        origin.address,
        Setting {
            site: "max-body = \"1 KiB\"".to_owned(),
            ..Setting::default()
        },
    )
    .await;
    for (request, status) in [
        (format!("GET /200 HTTP/1.1\r\nHost: {HOST}\r\n\r\n"), 200),
        (format!("HEAD /200 HTTP/1.1\r\nHost: {HOST}\r\n\r\n"), 200),
        (format!("GET /302 HTTP/1.1\r\nHost: {HOST}\r\n\r\n"), 302),
        (format!("GET /404 HTTP/1.1\r\nHost: {HOST}\r\n\r\n"), 404),
        (
            format!("POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 2000\r\n\r\n"),
            413,
        ),
        (format!("TRACE / HTTP/1.1\r\nHost: {HOST}\r\n\r\n"), 405),
        (
            format!("GET / HTTP/1.1\r\nHost: {HOST}\r\nExpect: tea\r\n\r\n"),
            417,
        ),
        (
            format!("GET / HTTP/1.1\r\nHost: {HOST}\r\nX_Y: 1\r\n\r\n"),
            400,
        ),
        (
            "GET / HTTP/1.1\r\nHost: elsewhere.test\r\n\r\n".to_owned(),
            421,
        ),
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), 400),
        // Refused before any stage.
        ("not http\r\n\r\n".to_owned(), 400),
        (
            format!(
                "GET /{} HTTP/1.1\r\nHost: {HOST}\r\n\r\n",
                "a".repeat(70_000)
            ),
            414,
        ),
        (
            format!(
                "GET / HTTP/1.1\r\nHost: {HOST}\r\n{}\r\n",
                "X: 1\r\n".repeat(120)
            ),
            431,
        ),
    ] {
        let mut stream = world.tls(HOST).await;
        // The gate may answer and close before it has read everything.
        let _ = stream.write_all(request.as_bytes()).await;
        let answer = if request.starts_with("HEAD") {
            let mut bytes = vec![0; 4096];
            let size = tokio::io::AsyncReadExt::read(&mut stream, &mut bytes)
                .await
                .expect("read");
            let head = String::from_utf8_lossy(&bytes[..size]).to_ascii_lowercase();
            assert_eq!(
                head.matches("strict-transport-security").count(),
                1,
                "{head}"
            );
            continue;
        } else {
            Answer::read(&mut stream).await
        };
        let shown = &request[..request.len().min(60)];
        assert_eq!(answer.status, status, "{shown}");
        assert_eq!(answer.one("strict-transport-security"), ONE, "{shown}");
    }
}

#[tokio::test]
async fn one_field_on_502_and_none_of_the_origin_shown() {
    let address = closed_port().await;
    let world = World::before(address).await;
    let answer = world.get("/").await;
    assert_eq!(answer.status, 502);
    assert_eq!(answer.one("strict-transport-security"), ONE);
    let page = answer.text();
    assert!(page.contains("could not answer"), "{page}");
    assert!(
        !page.contains("127.0.0.1") && !page.contains("refused"),
        "{page}"
    );
}

#[tokio::test]
async fn fields_of_the_origin_are_replaced_however_they_are_written() {
    let origin = Origin::answering(|_| {
        b"HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=1\r\n\
          strict-transport-SECURITY: max-age=0; includeSubDomains\r\nContent-Length: 0\r\n\r\n"
            .to_vec()
    })
    .await;
    let world = World::before(origin.address).await;
    assert_eq!(world.get("/").await.one("strict-transport-security"), ONE);
}

#[tokio::test]
async fn never_in_clear() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    for request in [
        format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n"),
        format!("POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1\r\n\r\nx"),
        "GET / HTTP/1.1\r\nHost: elsewhere.test\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\n\r\n".to_owned(),
        "not http\r\n\r\n".to_owned(),
    ] {
        let answer = world.ask_plain(&request).await;
        assert_ne!(answer.status, 0, "{request}");
        assert!(
            answer.all("strict-transport-security").is_empty(),
            "{request}"
        );
    }
    assert!(origin.seen().is_empty());
}

#[tokio::test]
async fn none_for_a_development_certificate() {
    let origin = Origin::site().await;
    let more = format!(
        "[[site]]\nhosts = [\"localhost\"]\nupstream = \"http://{}\"\ncertificate = \"dev\"\n",
        origin.address
    );
    let world = World::with(
        origin.address,
        Setting {
            more,
            ..Setting::default()
        },
    )
    .await;
    let stored = std::fs::read_to_string(world.folder.path().join("state/dev-authority.pem"));
    let key = std::fs::read_to_string(world.folder.path().join("state/dev-authority-key.pem"));
    let authority =
        transport::dev::Authority::from_pem(&stored.expect("an authority"), &key.expect("its key"))
            .expect("readable");
    let world = World { authority, ..world };
    let mut stream = world.tls("localhost").await;
    let request = b"GET /200 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    stream.write_all(request).await.expect("sent");
    let answer = Answer::read(&mut stream).await;
    assert_eq!(answer.status, 200);
    assert!(answer.all("strict-transport-security").is_empty());
}

/// An address where nothing listens.
async fn closed_port() -> std::net::SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    listener.local_addr().expect("an address")
}

#[tokio::test]
async fn what_is_taken_back_is_told_at_start_and_at_each_reload() {
    const TOLD: &str = "HSTS is taken back (max-age=0): at their next visit browsers forget it for www.example.test";
    let origin = Origin::site().await;
    let zero = "hsts.max-age = \"0s\"";
    for (transport, observe, starts, reloads) in
        [(zero, false, 1, 2), (zero, true, 0, 0), ("", false, 0, 0)]
    {
        let events = Events::default();
        let _here = tracing::subscriber::set_default(events.clone());
        let setting = || Setting {
            transport,
            observe,
            ..Setting::default()
        };
        let world = World::with(origin.address, setting()).await;
        assert_eq!(events.text().matches(TOLD).count(), starts, "{transport}");
        let same = policy(&text(origin.address, &setting()));
        world.gate.reload(same).await.expect("reloaded");
        assert_eq!(events.text().matches(TOLD).count(), reloads, "{transport}");
        let sent = world.get("/200").await;
        let sent = sent.all("strict-transport-security");
        assert_eq!(sent.contains(&"max-age=0"), starts == 1, "{sent:?}");
    }
}
