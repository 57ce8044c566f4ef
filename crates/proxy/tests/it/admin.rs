//! The admin listener: what it shows, whom it answers, what it never says.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpStream, UnixStream};

use crate::support::{Answer, HOST, Origin, Setting, World, policy, text};

const ADMIN: &str = "admin = { listen = \"127.0.0.1:0\" }";

async fn world(origin: &Origin) -> World {
    let setting = Setting {
        transport: ADMIN,
        ..Setting::default()
    };
    World::with(origin.address, setting).await
}

async fn send(world: &World, request: &str) -> Answer {
    let address = world.gate.admin_addr().expect("an admin listener");
    let mut stream = TcpStream::connect(address).await.expect("connected");
    stream.write_all(request.as_bytes()).await.expect("sent");
    Answer::read(&mut stream).await
}

async fn get(world: &World, path: &str) -> Answer {
    send(
        world,
        &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    )
    .await
}

/// Every sample of `/metrics`, after a look at the rules of the format.
async fn samples(world: &World) -> BTreeMap<String, f64> {
    let answer = get(world, "/metrics").await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.one("content-type"),
        "text/plain; version=0.0.4; charset=utf-8"
    );
    let text = answer.text();
    let mut families = BTreeSet::new();
    let mut family = String::new();
    let mut samples = BTreeMap::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            family = rest.split(' ').next().expect("a name").to_owned();
            assert!(families.insert(family.clone()), "{family} twice");
        } else if !line.starts_with('#') {
            let (name, value) = line.rsplit_once(' ').expect("a value");
            assert!(name.starts_with(&family), "{name} under {family}");
            let value = value.parse().expect("a number");
            assert!(
                samples.insert(name.to_owned(), value).is_none(),
                "{name} twice"
            );
        }
    }
    assert!(families.len() > 25, "{families:?}");
    samples
}

#[tokio::test]
async fn there_is_none_unless_it_is_asked_for() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    assert_eq!(world.gate.admin_addr(), None);
    assert_eq!(world.gate.admin_place(), None);
}

#[tokio::test]
async fn it_answers_reads_of_this_machine_and_nothing_else() {
    let origin = Origin::site().await;
    let world = world(&origin).await;
    for (request, status) in [
        ("GET /health HTTP/1.1\r\nHost: localhost", 200),
        ("GET /health HTTP/1.1\r\nHost: 127.0.0.1:9180", 200),
        ("GET /ready HTTP/1.1\r\nHost: [::1]", 200),
        ("GET / HTTP/1.1\r\nHost: localhost", 200),
        ("HEAD / HTTP/1.1\r\nHost: localhost", 200),
        ("GET /other HTTP/1.1\r\nHost: localhost", 404),
        // A stranger's page in a browser on this machine (DNS rebinding).
        ("GET / HTTP/1.1\r\nHost: rebound.example:9180", 421),
        ("GET /metrics HTTP/1.1\r\nHost: rebound.example", 421),
        ("GET / HTTP/1.0", 421),
        (
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0",
            405,
        ),
        ("DELETE /metrics HTTP/1.1\r\nHost: localhost", 405),
    ] {
        if request.starts_with("HEAD") {
            let address = world.gate.admin_addr().expect("an admin listener");
            let mut stream = TcpStream::connect(address).await.expect("connected");
            let request = format!("{request}\r\n\r\n");
            stream.write_all(request.as_bytes()).await.expect("sent");
            let mut all = Vec::new();
            let end = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut all);
            end.await.expect("an end");
            let all = String::from_utf8(all).expect("text");
            assert!(
                all.starts_with("HTTP/1.1 200") && all.ends_with("\r\n\r\n"),
                "{all}"
            );
            continue;
        }
        let answer = send(&world, &format!("{request}\r\n\r\n")).await;
        assert_eq!(answer.status, status, "{request}");
        assert_eq!(answer.one("cache-control"), "no-store", "{request}");
        assert_eq!(answer.one("cross-origin-resource-policy"), "same-origin");
        assert!(
            answer
                .one("content-security-policy")
                .contains("default-src 'none'")
        );
        assert!(answer.all("access-control-allow-origin").is_empty());
    }
    assert!(origin.seen().is_empty());
    assert!(world.log.text().is_empty(), "no visitor");
}

#[tokio::test]
async fn what_happens_is_counted_where_it_belongs() {
    let origin = Origin::site().await;
    let world = world(&origin).await;
    let before = samples(&world).await;
    for path in ["/200", "/404", "/302"] {
        world.get(path).await;
    }
    // A head that two programs could frame in two ways.
    let twice = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\nHost: {HOST}\r\n\r\n");
    assert_eq!(world.ask(&twice).await.status, 400);
    let unknown = "GET / HTTP/1.1\r\nHost: unknown.example.test\r\n\r\n";
    assert_eq!(world.ask(unknown).await.status, 421);
    let plain = format!("POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(world.ask_plain(&plain).await.status, 403);
    assert!(
        world
            .handshake("nobody.example.test", &[b"http/1.1"])
            .await
            .is_err()
    );
    world.log_lines(6).await;

    let after = samples(&world).await;
    let grown = |name: &str| {
        let of = |samples: &BTreeMap<String, f64>| {
            let found = samples.get(name);
            *found.unwrap_or_else(|| panic!("no {name} in {samples:#?}"))
        };
        of(&after) - of(&before)
    };
    for (name, count) in [
        (
            "rempart_requests_total{site=\"www.example.test\",status=\"2xx\"}",
            1.0,
        ),
        (
            "rempart_requests_total{site=\"www.example.test\",status=\"3xx\"}",
            1.0,
        ),
        // The 404 of the origin, and the 403 in clear.
        (
            "rempart_requests_total{site=\"www.example.test\",status=\"4xx\"}",
            2.0,
        ),
        // A bad head is nobody's, and so is an unknown host.
        ("rempart_requests_total{site=\"\",status=\"4xx\"}", 2.0),
        ("rempart_refusals_total{reason=\"bad-request\"}", 1.0),
        ("rempart_refusals_total{reason=\"misdirected\"}", 1.0),
        (
            "rempart_refusals_total{reason=\"credentials-exposed\"}",
            1.0,
        ),
        ("rempart_framing_faults_total{fault=\"two-hosts\"}", 1.0),
        (
            "rempart_tls_handshakes_total{version=\"TLSv1_3\",resumed=\"false\"}",
            5.0,
        ),
        (
            "rempart_tls_handshake_failures_total{reason=\"no-certificate\"}",
            1.0,
        ),
        ("rempart_connections_accepted_total{listener=\"http\"}", 1.0),
        (
            "rempart_connections_accepted_total{listener=\"https\"}",
            6.0,
        ),
        (
            "rempart_requests_by_protocol_total{protocol=\"HTTP/1.1\"}",
            5.0,
        ),
        (
            "rempart_requests_by_protocol_total{protocol=\"unread\"}",
            1.0,
        ),
        (
            "rempart_request_duration_seconds_count{site=\"www.example.test\"}",
            4.0,
        ),
        ("rempart_log_lines_lost_total", 0.0),
        (
            "rempart_observed_total{site=\"www.example.test\",what=\"cookies\"}",
            0.0,
        ),
    ] {
        assert_eq!(grown(name), count, "{name}");
    }
    let end = after["rempart_certificate_expiry_timestamp_seconds{site=\"www.example.test\"}"];
    let now = std::time::SystemTime::now()
        .duration_since(std::time::SystemTime::UNIX_EPOCH)
        .expect("after 1970")
        .as_secs_f64();
    assert!(end > now && end < now + 100.0 * 86_400.0, "{end}");
    assert_eq!(after["rempart_requests_in_flight"], 0.0);
    assert_eq!(
        after["rempart_hsts_max_age_seconds{site=\"www.example.test\"}"],
        300.0
    );
    assert!(after["process_resident_memory_bytes"] > 1e6);
}

#[tokio::test]
async fn an_origin_that_fails_is_counted_for_its_site() {
    let origin = Origin::raw(|stream| async move { drop(stream) }).await;
    let world = world(&origin).await;
    assert_eq!(world.get("/").await.status, 502);
    world.log_lines(1).await;
    let samples = samples(&world).await;
    let name = "rempart_origin_failures_total{site=\"www.example.test\",kind=\"unusable\"}";
    assert_eq!(samples[name], 1.0);
    assert_eq!(
        samples["rempart_refusals_total{reason=\"bad-gateway\"}"],
        1.0
    );
    let page = get(&world, "/").await.text();
    assert!(
        page.contains("failures of the origin: <strong>1</strong>"),
        "{page}"
    );
}

#[tokio::test]
async fn origins_are_shown_as_they_are_known_to_be() {
    let good = Origin::site().await;
    let gone = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        listener
            .and_then(|listener| listener.local_addr())
            .expect("a port")
    };
    let setting = Setting {
        transport: ADMIN,
        upstreams: [gone, good.address].map(|at| format!("http://{at}")).into(),
        ..Setting::default()
    };
    let world = World::with(good.address, setting).await;
    for _ in 0..4 {
        assert_eq!(world.get("/").await.status, 200);
    }
    world.log_lines(4).await;
    let samples = samples(&world).await;
    for (address, up) in [(gone, 0.0), (good.address, 1.0)] {
        let labels = format!("{{site=\"{HOST}\",origin=\"http://{address}\"}}");
        assert_eq!(samples[&format!("rempart_origin_up{labels}")], up);
        assert_eq!(
            samples[&format!("rempart_origin_requests_in_flight{labels}")],
            0.0
        );
    }
    let page = get(&world, "/").await.text();
    for told in [
        format!("http://{gone} <strong>REFUSES CONNECTIONS</strong> since"),
        format!("http://{}, serves", good.address),
        "(origin: cannot connect".to_owned(),
    ] {
        assert!(page.contains(&told), "{told}: {page}");
    }
}

#[tokio::test]
async fn an_only_origin_without_checks_has_no_state_to_show() {
    let origin = Origin::site().await;
    let world = world(&origin).await;
    let samples = samples(&world).await;
    let shown = samples
        .keys()
        .filter(|name| name.starts_with("rempart_origin_up"));
    assert_eq!(shown.count(), 0);
    assert!(!get(&world, "/").await.text().contains("serves<"));
}

#[tokio::test]
async fn counts_of_a_site_outlive_a_reload_and_reloads_are_counted() {
    let origin = Origin::site().await;
    let world = world(&origin).await;
    world.get("/200").await;
    world.log_lines(1).await;
    let setting = Setting {
        transport: ADMIN,
        ..Setting::default()
    };
    let same = text(origin.address, &setting);
    world.gate.reload(policy(&same)).await.expect("reloaded");
    let chain = world.folder.path().join("www.example.test.pem");
    std::fs::write(chain, "broken").expect("written");
    world.gate.reload(policy(&same)).await.expect_err("refused");
    // Another listener asks for a restart.
    let moved = same.replace("127.0.0.1:0\" }", "127.0.0.1:1\" }");
    world
        .gate
        .reload(policy(&moved))
        .await
        .expect_err("refused");
    let samples = samples(&world).await;
    for (name, value) in [
        (
            "rempart_requests_total{site=\"www.example.test\",status=\"2xx\"}",
            1.0,
        ),
        ("rempart_reloads_total{result=\"taken\"}", 1.0),
        ("rempart_reloads_total{result=\"refused\"}", 2.0),
        ("rempart_last_reload_refused", 1.0),
    ] {
        assert_eq!(samples[name], value, "{name}");
    }
    let page = get(&world, "/").await.text();
    assert!(page.contains("The last policy was refused"), "{page}");
}

#[tokio::test]
async fn nothing_that_a_client_sends_is_shown() {
    let origin = Origin::site().await;
    let world = world(&origin).await;
    let request = format!(
        "GET /c4n4ry?password=c4n4ry HTTP/1.1\r\nHost: {HOST}\r\nUser-Agent: c4n4ry\r\n\
         Cookie: c4n4ry\r\nAuthorization: c4n4ry\r\nReferer: https://c4n4ry/\r\n\r\n"
    );
    assert_eq!(world.ask(&request).await.status, 200);
    let unknown = "GET / HTTP/1.1\r\nHost: c4n4ry.example.test\r\n\r\n";
    assert_eq!(world.ask(unknown).await.status, 421);
    world.log_lines(2).await;
    for path in ["/", "/metrics", "/ready", "/health", "/c4n4ry"] {
        let answer = get(&world, path).await.text();
        assert!(!answer.contains("c4n4ry"), "{path}: {answer}");
        assert!(!answer.contains("PRIVATE KEY"), "{path}");
    }
}

#[tokio::test]
async fn the_page_is_in_the_language_of_the_policy() {
    let origin = Origin::site().await;
    let world = world(&origin).await;
    let english = get(&world, "/").await;
    assert_eq!(english.one("content-language"), "en");
    let setting = Setting {
        transport: ADMIN,
        ..Setting::default()
    };
    let text = text(origin.address, &setting).replace("language = \"en\"", "language = \"fr\"");
    world.gate.reload(policy(&text)).await.expect("reloaded");
    let french = get(&world, "/").await;
    assert_eq!(french.one("content-language"), "fr");
    for (page, parts) in [
        (
            english.text(),
            [
                "lang=\"en\"",
                "days left",
                "stage 1 of 4",
                "serves all its sites",
            ],
        ),
        (
            french.text(),
            [
                "lang=\"fr\"",
                "jours restants",
                "palier 1 sur 4",
                "sert tous ses sites",
            ],
        ),
    ] {
        for part in parts {
            assert!(page.contains(part), "no {part} in {page}");
        }
        assert!(
            !page.contains("<script") && !page.contains(" style="),
            "{page}"
        );
        assert!(page.contains(HOST));
    }
}

#[tokio::test]
async fn a_gate_that_ends_is_alive_and_not_ready() {
    let origin = Origin::raw(|mut stream| async move {
        crate::support::read_request(&mut stream, &mut Vec::new()).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate";
        let _ = stream.write_all(answer).await;
    })
    .await;
    let world = world(&origin).await;
    assert_eq!(get(&world, "/ready").await.status, 200);
    let address = world.gate.admin_addr().expect("an admin listener");
    let mut busy = world.tls(HOST).await;
    let request = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
    busy.write_all(request.as_bytes()).await.expect("sent");
    while origin.connections() == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let drain = tokio::spawn(world.gate.drain());
    tokio::time::sleep(Duration::from_millis(200)).await;
    for (path, status) in [("/ready", 503), ("/health", 200)] {
        let mut stream = TcpStream::connect(address).await.expect("connected");
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        assert_eq!(Answer::read(&mut stream).await.status, status, "{path}");
    }
    assert_eq!(Answer::read(&mut busy).await.text(), "late");
    assert_eq!(drain.await.expect("drained").cut, 0);
}

#[tokio::test]
async fn a_socket_is_its_owners_and_goes_with_the_gate() {
    let origin = Origin::site().await;
    let setting = Setting {
        transport: "admin = { listen = \"unix:admin.sock\" }",
        ..Setting::default()
    };
    let world = World::with(origin.address, setting).await;
    let path = world.folder.path().join("admin.sock");
    let metadata = std::fs::metadata(&path).expect("a socket");
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    let mut stream = UnixStream::connect(&path).await.expect("connected");
    let request = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    stream.write_all(request).await.expect("sent");
    assert_eq!(Answer::read(&mut stream).await.text(), "ok\n");
    world.gate.drain().await;
    assert!(!path.exists(), "left behind");
}

#[tokio::test]
async fn a_crowd_at_the_admin_listener_is_served_in_turn() {
    let origin = Origin::site().await;
    let world = world(&origin).await;
    let address = world.gate.admin_addr().expect("an admin listener");
    // More silent connections than there are places.
    let mut silent = Vec::new();
    for _ in 0..40 {
        silent.push(TcpStream::connect(address).await.expect("connected"));
    }
    // Visitors are served all the same.
    assert_eq!(world.get("/200").await.status, 200);
    drop(silent);
    assert_eq!(get(&world, "/health").await.status, 200);
}
