//! Start, reload, drain: what fails says why, and what runs goes on.

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use proxy::{Gate, LogSink, StartError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use transport::dev::Authority;

use crate::support::{
    Answer, HOST, Origin, Setting, World, issue, options, policy, read_request, site, statuses,
    text,
};

#[tokio::test]
async fn ipv6_listeners_serve_and_redirect() {
    let origin = Origin::site().await;
    let folder = tempfile::tempdir().expect("a folder");
    let authority = Authority::new(SystemTime::now()).expect("an authority");
    issue(&authority, folder.path(), HOST, &[HOST]);
    let text = text(origin.address, &Setting::default()).replace("127.0.0.1:0", "[::1]:0");
    let (sink, log) = LogSink::capture();
    let gate = Gate::start(policy(&text), options(folder.path(), sink, &authority))
        .await
        .expect("a gate");
    assert!(gate.https_addr().is_ipv6());
    let world = World {
        gate,
        folder,
        authority,
        log,
    };
    assert_eq!(world.get("/200").await.status, 200);
    assert_eq!(
        origin.only().all("forwarded"),
        [format!("for=\"[::1]\";host=\"{HOST}\";proto=https")]
    );
    let answer = world
        .ask_plain(&format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n"))
        .await;
    assert_eq!(answer.status, 308);
}

/// Why a gate with this policy text does not start.
async fn refusal(folder: &std::path::Path, authority: &Authority, text: &str) -> StartError {
    let (sink, _log) = LogSink::capture();
    Gate::start(policy(text), options(folder, sink, authority))
        .await
        .expect_err("a refusal")
}

#[tokio::test]
async fn a_port_in_use_is_named_with_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = taken.local_addr().expect("an address").port();
    let folder = tempfile::tempdir().expect("a folder");
    let authority = Authority::new(SystemTime::now()).expect("an authority");
    issue(&authority, folder.path(), HOST, &[HOST]);
    let origin = Origin::site().await;
    let text = text(origin.address, &Setting::default()).replace(
        "https = \"127.0.0.1:0\"",
        &format!("https = \"127.0.0.1:{port}\""),
    );
    let error = refusal(folder.path(), &authority, &text).await;
    assert!(matches!(
        error,
        StartError::Listen {
            key: "transport.https",
            ..
        }
    ));
    let told = error.text();
    for said in [&told.en, &told.fr] {
        assert!(
            said.contains(&port.to_string()) && said.contains("ss -ltnp"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn faulty_certificates_are_refused_with_their_file() {
    let origin = Origin::site().await;
    let authority = Authority::new(SystemTime::now()).expect("an authority");
    let text = text(origin.address, &Setting::default());
    type Fault = fn(&std::path::Path, &Authority);
    let faults: [(Fault, &str, &str); 6] = [
        (
            |folder, _| std::fs::remove_file(folder.join("www.example.test.pem")).expect("removed"),
            "no such file",
            "n’existe pas",
        ),
        (
            |folder, authority| {
                issue(authority, folder, "other", &["other.example.test"]);
                let key = folder.join("www.example.test-key.pem");
                std::fs::copy(folder.join("other-key.pem"), key).expect("copied");
            },
            "not the certificate’s",
            "n’est pas celle du certificat",
        ),
        (
            |folder, _| {
                let authority = Authority::new(SystemTime::UNIX_EPOCH + YEARS).expect("old");
                let issued = authority
                    .issue(&[HOST.to_owned()], SystemTime::UNIX_EPOCH + YEARS)
                    .expect("issued");
                std::fs::write(folder.join("www.example.test.pem"), &issued.chain)
                    .expect("written");
                std::fs::write(
                    folder.join("www.example.test-key.pem"),
                    issued.key.as_bytes(),
                )
                .expect("written");
            },
            "expired on 20",
            "a expiré le 20",
        ),
        (
            |folder, _| {
                let key = folder.join("www.example.test-key.pem");
                let open = std::fs::Permissions::from_mode(0o644);
                std::fs::set_permissions(key, open).expect("a mode");
            },
            "chmod 600",
            "chmod 600",
        ),
        (
            |folder, _| std::fs::write(folder.join("www.example.test.pem"), "x").expect("written"),
            "www.example.test.pem",
            "www.example.test.pem",
        ),
        (
            |folder, _| {
                std::fs::write(folder.join("www.example.test.pem"), vec![0; 2 << 20])
                    .expect("written");
            },
            "reading failed",
            "la lecture a échoué",
        ),
    ];
    for (fault, en, fr) in faults {
        let folder = tempfile::tempdir().expect("a folder");
        issue(&authority, folder.path(), HOST, &[HOST]);
        fault(folder.path(), &authority);
        let told = refusal(folder.path(), &authority, &text).await.text();
        assert!(told.en.contains(en), "{}", told.en);
        assert!(told.fr.contains(fr), "{}", told.fr);
    }
}

/// Long enough after 1970 for every date format, long enough ago to have expired.
const YEARS: Duration = Duration::from_secs(40 * 365 * 24 * 60 * 60);

#[tokio::test]
async fn a_reload_keeps_the_last_good_policy() {
    let first = Origin::site().await;
    let second = Origin::site().await;
    let world = World::before(first.address).await;
    let mut kept = world.tls(HOST).await;
    let request = format!("GET /200 HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
    kept.write_all(request.as_bytes()).await.expect("sent");
    assert_eq!(Answer::read(&mut kept).await.status, 200);

    // A certificate that broke meanwhile: nothing changes.
    let chain = world.folder.path().join("www.example.test.pem");
    let good = std::fs::read(&chain).expect("read");
    std::fs::write(&chain, "broken").expect("written");
    let moved = text(second.address, &Setting::default());
    let error = world.gate.reload(policy(&moved)).await;
    assert!(
        matches!(error, Err(StartError::Certificate { .. })),
        "{error:?}"
    );
    assert_eq!(world.get("/200").await.status, 200);
    assert_eq!((first.seen().len(), second.seen().len()), (2, 0));

    // A listener that changed: a restart is asked for.
    let elsewhere = moved.replace("http = \"127.0.0.1:0\"", "http = \"127.0.0.1:1\"");
    let error = world.gate.reload(policy(&elsewhere)).await;
    assert!(matches!(
        error,
        Err(StartError::RestartNeeded {
            key: "transport.http"
        })
    ));

    // Mended: new and open connections go to the new origin, with the new certificate.
    std::fs::write(&chain, good).expect("written");
    issue(&world.authority, world.folder.path(), HOST, &[HOST]);
    world.gate.reload(policy(&moved)).await.expect("reloaded");
    assert_eq!(world.get("/200").await.status, 200);
    kept.write_all(request.as_bytes()).await.expect("sent");
    assert_eq!(Answer::read(&mut kept).await.status, 200);
    assert_eq!((first.seen().len(), second.seen().len()), (2, 2));
}

#[tokio::test]
async fn a_request_keeps_the_policy_that_it_started_with() {
    let (release, hold) = tokio::sync::watch::channel(false);
    let slow = Origin::raw(move |mut stream| {
        let mut hold = hold.clone();
        async move {
            read_request(&mut stream, &mut Vec::new()).await;
            let _ = hold.wait_for(|&released| released).await;
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nold")
                .await;
        }
    })
    .await;
    let new = Origin::site().await;
    let world = World::before(slow.address).await;
    let mut stream = world.tls(HOST).await;
    let request = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    while slow.connections() == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let setting = Setting {
        transport: "hsts = { stage = \"week\" }",
        ..Setting::default()
    };
    let other = text(new.address, &setting);
    world.gate.reload(policy(&other)).await.expect("reloaded");
    release.send(true).expect("waited for");
    let answer = Answer::read(&mut stream).await;
    assert_eq!(answer.text(), "old");
    assert_eq!(answer.one("strict-transport-security"), "max-age=300");
    let answer = world.get("/").await;
    assert_eq!(answer.one("strict-transport-security"), "max-age=604800");
}

/// An origin that answers after a while.
async fn slow(wait: Duration) -> Origin {
    Origin::raw(move |mut stream| async move {
        read_request(&mut stream, &mut Vec::new()).await;
        tokio::time::sleep(wait).await;
        let _ = stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate")
            .await;
    })
    .await
}

#[tokio::test]
async fn a_drain_lets_a_running_request_finish() {
    let origin = slow(Duration::from_secs(1)).await;
    let world = World::before(origin.address).await;
    let mut busy = world.tls(HOST).await;
    let mut idle = world.tls(HOST).await;
    let request = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
    busy.write_all(request.as_bytes()).await.expect("sent");
    while origin.connections() == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let address = world.gate.https_addr();
    let begun = Instant::now();
    let drain = tokio::spawn(world.gate.drain());
    // What is idle ends at once, with a proper end of TLS.
    assert_eq!(idle.read(&mut [0; 8]).await.expect("close_notify"), 0);
    assert!(begun.elapsed() < Duration::from_millis(900));
    let answer = Answer::read(&mut busy).await;
    assert_eq!(answer.text(), "late");
    assert_eq!(drain.await.expect("drained").cut, 0);
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_drain_lets_an_http_2_stream_finish_and_takes_no_other() {
    let origin = slow(Duration::from_secs(1)).await;
    let world = World::before(origin.address).await;
    let stream = world.handshake(HOST, &[b"h2"]).await.expect("TLS");
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .expect("HTTP/2");
    tokio::spawn(connection);
    let request = || {
        http::Request::builder()
            .uri(format!("https://{HOST}/"))
            .body(Empty::<Bytes>::new())
            .expect("a request")
    };
    let answer = tokio::spawn(sender.send_request(request()));
    while origin.connections() == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let drain = tokio::spawn(world.gate.drain());
    tokio::time::sleep(Duration::from_millis(300)).await;
    // GOAWAY has come.
    assert!(sender.ready().await.is_err() || sender.send_request(request()).await.is_err());
    let answer = answer.await.expect("joined").expect("an answer");
    let body = answer.into_body().collect().await.expect("a body");
    assert_eq!(body.to_bytes(), "late");
    assert_eq!(drain.await.expect("drained").cut, 0);
    assert_eq!(origin.connections(), 1);
}

#[tokio::test]
async fn a_drain_cuts_what_outlasts_its_deadline_and_says_how_much() {
    let origin = slow(Duration::from_secs(60)).await;
    let world = World::with(
        origin.address,
        Setting {
            transport: "deadlines = { drain = \"1s\" }",
            ..Setting::default()
        },
    )
    .await;
    let mut busy = world.tls(HOST).await;
    let request = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
    busy.write_all(request.as_bytes()).await.expect("sent");
    while origin.connections() == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let begun = Instant::now();
    assert_eq!(world.gate.drain().await.cut, 1);
    assert!(begun.elapsed() < Duration::from_secs(4));
    assert_eq!(Answer::read(&mut busy).await.status, 0);
}

#[tokio::test]
async fn two_sites_of_one_origin_share_its_connections() {
    let origin = Origin::site().await;
    let more = site(
        &["other.example.test"],
        &format!("http://{}", origin.address),
        "other.example.test",
    );
    let world = World::with(
        origin.address,
        Setting {
            more,
            ..Setting::default()
        },
    )
    .await;
    assert_eq!(world.get("/").await.status, 200);
    let mut stream = world.tls("other.example.test").await;
    let request = b"GET / HTTP/1.1\r\nHost: other.example.test\r\n\r\n";
    stream.write_all(request).await.expect("sent");
    assert_eq!(Answer::read(&mut stream).await.status, 200);
    assert_eq!((origin.seen().len(), origin.connections()), (2, 1));
}

#[tokio::test]
async fn hosts_of_one_certificate_take_turns_on_one_connection() {
    let (one, two) = (Origin::site().await, Origin::site().await);
    let hosts = ["one.example.test", "two.example.test"];
    let mut more = String::new();
    for (host, origin) in hosts.iter().zip([&one, &two]) {
        more += &site(&[host], &format!("http://{}", origin.address), "both");
    }
    let setting = Setting {
        more,
        ..Setting::default()
    };
    let world = World::with(one.address, setting).await;
    let mut stream = world.tls(hosts[0]).await;
    // What is remembered of a host is never that of another, nor of none, nor of two.
    for host in [
        hosts[0],
        hosts[0],
        hosts[1],
        hosts[1],
        hosts[0],
        "ONE.example.test:443",
    ] {
        let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        assert_eq!(Answer::read(&mut stream).await.status, 200, "{host}");
    }
    let told = |origin: &Origin| -> Vec<String> {
        let seen = origin.seen();
        let hosts = seen.iter().map(|seen| {
            let [host, forwarded] = ["host", "x-forwarded-host"].map(|name| seen.all(name)[0]);
            assert_eq!(host, forwarded);
            host.to_owned()
        });
        hosts.collect()
    };
    let first = [hosts[0], hosts[0], hosts[0], "one.example.test:443"];
    assert_eq!(told(&one), first);
    assert_eq!(told(&two), [hosts[1], hosts[1]]);
    for (head, status) in [
        (format!("Host: {}\r\nHost: {}", hosts[0], hosts[0]), "400"),
        (format!("Host: {HOST}"), "421"),
    ] {
        let mut stream = world.tls(hosts[0]).await;
        let good = format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", hosts[0]);
        stream.write_all(good.as_bytes()).await.expect("sent");
        assert_eq!(Answer::read(&mut stream).await.status, 200);
        let request = format!("GET / HTTP/1.1\r\n{head}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        assert_eq!(statuses(&mut stream).await, [status], "{head}");
    }
}
