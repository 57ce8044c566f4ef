//! Several origins behind one site: shared work, origins that go and come back, sessions that
//! stay where they are.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use proxy::OriginState;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{Answer, HOST, Origin, PATIENCE, Setting, World, policy, read_request, text};

/// A gate whose site has these origins, and these lines behind.
async fn before(origins: &[SocketAddr], transport: &'static str, site: &str) -> World {
    World::with(origins[0], setting(origins, transport, site)).await
}

fn setting(origins: &[SocketAddr], transport: &'static str, site: &str) -> Setting {
    Setting {
        transport,
        site: site.to_owned(),
        upstreams: origins.iter().map(|at| format!("http://{at}")).collect(),
        ..Setting::default()
    }
}

/// An origin that answers with its name.
async fn named(name: &'static str) -> Origin {
    Origin::answering(move |_| answer(name)).await
}

fn answer(name: &str) -> Vec<u8> {
    let length = name.len();
    format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{name}").into_bytes()
}

/// Where nobody listens.
async fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    listener.local_addr().expect("an address")
}

fn states(world: &World) -> Vec<OriginState> {
    let sites = world.gate.origins();
    let origins = sites[0].origins.iter();
    origins.map(|origin| origin.state).collect()
}

/// Waits until the origins are in these states.
async fn settled(world: &World, expected: &[OriginState]) {
    let begun = Instant::now();
    while states(world) != expected {
        assert!(begun.elapsed() < PATIENCE, "{:?}", world.gate.origins());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn the_origin_with_fewer_open_requests_is_asked() {
    // It holds what it is asked, and says how much.
    let held = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&held);
    let slow = Origin::raw(move |mut stream| {
        let count = Arc::clone(&count);
        async move {
            if read_request(&mut stream, &mut Vec::new()).await.is_some() {
                count.fetch_add(1, Ordering::Relaxed);
                let _ = stream.read(&mut [0; 8]).await;
            }
        }
    })
    .await;
    let quick = named("quick").await;
    let world = before(&[slow.address, quick.address], "", "").await;
    // In turn while both are as busy: the slow one holds one request at most.
    let mut waiting = Vec::new();
    while held.load(Ordering::Relaxed) == 0 {
        let mut stream = world.tls(HOST).await;
        let request = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        waiting.push(stream);
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(waiting.len() < 10);
    }
    for _ in 0..20 {
        assert_eq!(world.get("/").await.text(), "quick");
    }
    assert_eq!(held.load(Ordering::Relaxed), 1);
    let open = world.gate.origins()[0].origins[0].open;
    assert_eq!(open, Some(1));
    // A client that leaves makes room again.
    drop(waiting);
    let begun = Instant::now();
    while world.gate.origins()[0].origins[0].open != Some(0) {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn equally_busy_origins_take_turns() {
    let (one, two) = (named("one").await, named("two").await);
    let world = before(&[one.address, two.address], "", "").await;
    for _ in 0..20 {
        assert_eq!(world.get("/").await.status, 200);
    }
    assert_eq!((one.seen().len(), two.seen().len()), (10, 10));
}

#[tokio::test]
async fn an_origin_that_refuses_is_passed_over_and_nobody_notices() {
    let good = named("good").await;
    let world = before(&[nobody().await, good.address], "", "").await;
    for _ in 0..20 {
        let post = format!("POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 4\r\n\r\nbody");
        let answer = world.ask(&post).await;
        assert_eq!((answer.status, answer.text().as_str()), (200, "good"));
    }
    assert_eq!(good.seen().len(), 20);
    assert!(good.seen().iter().all(|seen| seen.body == b"body"));
    let origins = world.gate.origins().remove(0).origins;
    assert_eq!(origins[0].state, OriginState::PassedOver);
    assert!(
        origins[0]
            .reason
            .as_deref()
            .is_some_and(|why| why.contains("cannot connect"))
    );
    assert_eq!(origins[1].state, OriginState::Up);
    assert_eq!(origins[1].reason, None);
}

#[tokio::test]
async fn without_any_origin_the_answer_is_503_and_says_when_to_come_back() {
    let world = before(&[nobody().await, nobody().await], "", "").await;
    // The first to find out has tried both.
    assert_eq!(world.get("/").await.status, 502);
    let answer = world.get("/").await;
    assert_eq!(answer.status, 503);
    let after: u64 = answer.one("retry-after").parse().expect("seconds");
    assert!((1..=30).contains(&after), "{after}");
    assert_eq!(answer.all("strict-transport-security").len(), 1);
    assert_eq!(answer.one("cache-control"), "no-store");
    let line = world.log_lines(2).await.remove(1);
    assert!(
        line.contains("\"outcome\":\"origin: none is up\""),
        "{line}"
    );
}

#[tokio::test]
async fn what_has_been_sent_is_never_sent_to_another_origin() {
    // It reads the request and goes away.
    let rude = Origin::raw(|mut stream| async move {
        read_request(&mut stream, &mut Vec::new()).await;
    })
    .await;
    let good = named("good").await;
    let world = before(&[rude.address, good.address], "", "").await;
    let mut lost = 0;
    for _ in 0..10 {
        let answer = world.get("/").await;
        assert!([200, 502].contains(&answer.status), "{answer:?}");
        lost += usize::from(answer.status == 502);
    }
    assert_eq!(lost, rude.connections());
    assert_eq!(lost + good.seen().len(), 10);
    assert!(lost > 0);
}

/// Whether an origin is well, as its checks see it.
async fn checked(well: Arc<AtomicBool>) -> Origin {
    Origin::answering(move |seen| {
        if !seen.line.starts_with("GET /health?deep HTTP/1.1") {
            return answer("checked");
        }
        assert_eq!(seen.all("host"), [HOST]);
        let status = match well.load(Ordering::Relaxed) {
            true => "200 OK",
            false => "503 Service Unavailable",
        };
        format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").into_bytes()
    })
    .await
}

const CHECKS: &str = "[site.health]\npath = \"/health?deep\"\ninterval = \"1s\"\n\
                      timeout = \"1s\"\nfails = 1\npasses = 1\n";

#[tokio::test]
async fn an_origin_that_fails_its_checks_is_asked_nothing_until_it_passes_them() {
    let well = Arc::new(AtomicBool::new(true));
    let checked = checked(Arc::clone(&well)).await;
    let other = named("other").await;
    let world = before(&[checked.address, other.address], "", CHECKS).await;
    well.store(false, Ordering::Relaxed);
    settled(&world, &[OriginState::Down, OriginState::Up]).await;
    let origins = world.gate.origins().remove(0).origins;
    assert_eq!(origins[0].reason.as_deref(), Some("check: status 503"));
    assert!(origins[0].checked);
    for _ in 0..10 {
        assert_eq!(world.get("/").await.text(), "other");
    }
    well.store(true, Ordering::Relaxed);
    settled(&world, &[OriginState::Up, OriginState::Up]).await;
    let mut texts = Vec::new();
    for _ in 0..4 {
        texts.push(world.get("/").await.text());
    }
    assert!(texts.contains(&"checked".to_owned()), "{texts:?}");
}

#[tokio::test]
async fn an_only_origin_that_fails_its_checks_is_not_asked_either() {
    let well = Arc::new(AtomicBool::new(false));
    let checked = checked(Arc::clone(&well)).await;
    let world = before(&[checked.address], "", CHECKS).await;
    settled(&world, &[OriginState::Down]).await;
    let answer = world.get("/").await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.one("retry-after"), "1");
    well.store(true, Ordering::Relaxed);
    settled(&world, &[OriginState::Up]).await;
    assert_eq!(world.get("/").await.status, 200);
}

#[tokio::test]
async fn a_hung_origin_is_found_by_its_checks() {
    // It accepts everything and answers nothing, as a stopped process does.
    let hung = Origin::raw(|mut stream| async move {
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let good = named("good").await;
    let world = before(&[hung.address, good.address], "", CHECKS).await;
    settled(&world, &[OriginState::Down, OriginState::Up]).await;
    for _ in 0..10 {
        assert_eq!(world.get("/").await.text(), "good");
    }
}

#[tokio::test]
async fn an_address_stays_with_its_origin() {
    let (one, two) = (named("one").await, named("two").await);
    let world = before(
        &[one.address, two.address],
        "trusted-proxies = [\"127.0.0.1\"]",
        "[site.origin]\naffinity = \"source\"\n",
    )
    .await;
    let mut texts = Vec::new();
    for last in 0..24 {
        let request =
            format!("GET / HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-For: 192.0.2.{last}\r\n\r\n");
        let text = world.ask(&request).await.text();
        for _ in 0..2 {
            assert_eq!(world.ask(&request).await.text(), text);
        }
        texts.push(text);
    }
    for name in ["one", "two"] {
        assert!(texts.contains(&name.to_owned()), "{texts:?}");
    }
}

#[tokio::test]
async fn a_cookie_stays_with_its_origin_and_moves_when_that_is_gone() {
    let (gone, two) = (nobody().await, named("two").await);
    let three = named("three").await;
    let world = before(
        &[gone, two.address, three.address],
        "",
        "[site.origin]\naffinity = \"cookie\"\n",
    )
    .await;
    let ask = |cookie: &str| {
        let request = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\nCookie: a=b; {cookie}\r\n\r\n");
        let world = &world;
        async move { world.ask(&request).await }
    };
    for (cookie, name) in [("2", "two"), ("3", "three")] {
        for _ in 0..3 {
            let answer = ask(&format!("__Host-rempart-origin={cookie}")).await;
            assert_eq!(answer.text(), name);
            // Remembered already.
            assert!(answer.all("set-cookie").is_empty(), "{answer:?}");
        }
    }
    for cookie in ["__Host-rempart-origin=1", "__Host-rempart-origin=9", "c=d"] {
        let answer = ask(cookie).await;
        let place = match answer.text().as_str() {
            "two" => 2,
            "three" => 3,
            other => panic!("{other}"),
        };
        assert_eq!(
            answer.one("set-cookie"),
            format!("__Host-rempart-origin={place}; Path=/; Secure; HttpOnly; SameSite=None"),
        );
    }
    // What the gate keeps for itself, no origin hears of.
    let (two, three) = (two.seen(), three.seen());
    assert!(!two.is_empty() && !three.is_empty());
    for request in two.iter().chain(&three) {
        let cookies = request.all("cookie");
        assert!(matches!(cookies[..], ["a=b"] | ["a=b; c=d"]), "{cookies:?}");
    }
}

#[tokio::test]
async fn a_reload_keeps_what_did_not_change() {
    let well = Arc::new(AtomicBool::new(false));
    let checked = checked(well).await;
    let other = named("other").await;
    let origins = [checked.address, other.address];
    let world = before(&origins, "", CHECKS).await;
    settled(&world, &[OriginState::Down, OriginState::Up]).await;
    assert_eq!(world.get("/").await.text(), "other");
    let connections = other.connections();
    let again = policy(&text(
        origins[0],
        &setting(&origins, "redirect = \"refuse\"", CHECKS),
    ));
    world.gate.reload(again).await.expect("reloaded");
    assert_eq!(states(&world), [OriginState::Down, OriginState::Up]);
    // Used at once, before a check could open another.
    assert_eq!(world.get("/").await.text(), "other");
    let opened = other.connections() - connections;
    assert!(
        opened <= 1,
        "{opened} connections, of which one may be a check"
    );
    // Checked otherwise, it is another origin, of which nothing is known.
    let other = CHECKS.replace("fails = 1", "fails = 9");
    let again = policy(&text(origins[0], &setting(&origins, "", &other)));
    world.gate.reload(again).await.expect("reloaded");
    assert_eq!(states(&world), [OriginState::Up, OriginState::Up]);
}

/// An origin that is there for a while, then gone with all its connections, again and again.
async fn flapping(address: SocketAddr, end: Arc<AtomicBool>) {
    while !end.load(Ordering::Relaxed) {
        let Ok(listener) = TcpListener::bind(address).await else {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let mut connections = tokio::task::JoinSet::new();
        let serve = async {
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(flap(stream));
            }
        };
        let _ = tokio::time::timeout(Duration::from_millis(300), serve).await;
        drop(listener);
        connections.shutdown().await;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

async fn flap(mut stream: TcpStream) {
    let mut rest = Vec::new();
    while read_request(&mut stream, &mut rest).await.is_some() {
        if stream.write_all(&answer("flapping")).await.is_err() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_others_are_served_while_an_origin_flaps() {
    let steady = named("steady").await;
    let address = nobody().await;
    let end = Arc::new(AtomicBool::new(false));
    let flaps = tokio::spawn(flapping(address, Arc::clone(&end)));
    let world = Arc::new(before(&[address, steady.address], "", "").await);
    let clients = (0..4).map(|_| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let (mut served, mut lost) = (0, 0);
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_secs(4) {
                let mut stream = world.tls(HOST).await;
                for _ in 0..50 {
                    let request = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
                    stream.write_all(request.as_bytes()).await.expect("sent");
                    match Answer::read(&mut stream).await.status {
                        200 => served += 1,
                        // It was with the origin that went away.
                        502 => lost += 1,
                        status => panic!("{status}"),
                    }
                }
            }
            (served, lost)
        })
    });
    let (mut served, mut lost) = (0, 0);
    for client in clients.collect::<Vec<_>>() {
        let (of_these, of_those) = client.await.expect("a client");
        served += of_these;
        lost += of_those;
    }
    end.store(true, Ordering::Relaxed);
    flaps.await.expect("the origin");
    // Each time it goes, it takes at most what is open on it: one request of each client.
    assert!(lost <= 4 * 8, "{lost} lost, {served} served");
    assert!(served > 200, "{served}");
}
