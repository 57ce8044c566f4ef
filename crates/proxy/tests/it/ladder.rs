//! What the gate writes down for the HSTS ladder, and a look at it from outside.

use proxy::evidence;
use proxy::probe::{Probe, ProbeTrouble};

use crate::support::{HOST, Origin, Setting, World};

#[tokio::test(flavor = "multi_thread")]
async fn connections_distrust_and_requests_in_clear_are_counted_by_host_and_nothing_else() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    assert_eq!(world.get("/canary-path").await.status, 200);
    assert_eq!(world.get("/").await.status, 200);
    let post = format!("POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(world.ask_plain(&post).await.status, 403);
    let get = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
    for _ in 0..3 {
        assert_eq!(world.ask_plain(&get).await.status, 308);
    }
    // A client that trusts nobody of ours, and one that leaves in the middle.
    let other = transport::dev::Authority::new(std::time::SystemTime::now()).expect("made");
    let config = crate::support::client_config(&other);
    let name = rustls::pki_types::ServerName::try_from(HOST).expect("a name");
    let stream = world.tcp().await;
    let connector = tokio_rustls::TlsConnector::from(std::sync::Arc::new(config));
    assert!(connector.connect(name, stream).await.is_err());
    // Hosts that are not ours are not counted, whatever they ask.
    assert!(world.handshake("stranger.example.test", &[]).await.is_err());
    let get = "GET / HTTP/1.1\r\nHost: stranger.example.test\r\n\r\n";
    assert_eq!(world.ask_plain(get).await.status, 421);

    let state = world.folder.path().join("state");
    world.gate.drain().await;
    let hosts = evidence::read(&state).expect("read");
    assert_eq!(hosts.keys().collect::<Vec<_>>(), [HOST]);
    let (day, counts) = hosts[HOST].last_key_value().expect("a day");
    assert!(*day >= evidence::today() - 1);
    assert_eq!((counts.served, counts.distrusted, counts.failed), (2, 1, 0));
    assert_eq!((counts.redirected, counts.exposed), (3, 1));
    assert_eq!(counts.max_age, Some(300));
    let text = std::fs::read_to_string(state.join("hsts.json")).expect("read");
    assert!(
        !text.contains("canary") && !text.contains("127.0.0.1"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_from_outside_sees_what_a_browser_would() {
    let origin = Origin::site().await;
    let setting = Setting {
        transport: "hsts = { stage = \"week\", include-subdomains = true, subdomains = [\"a\"] }",
        ..Setting::default()
    };
    let world = World::with(origin.address, setting).await;
    let root = world.folder.path().join("root.pem");
    std::fs::write(&root, world.authority.cert_pem()).expect("written");
    let address = world.gate.https_addr();
    let look = |root: Option<std::path::PathBuf>, host: &'static str| async move {
        let look = move || Probe::new(root.as_deref(), Some(address)).map(|eye| eye.look(host));
        tokio::task::spawn_blocking(look).await.expect("looked")
    };
    let seen = look(Some(root.clone()), HOST).await.expect("authorities");
    let seen = seen.expect("an answer");
    let said = seen.announced.expect("a promise");
    assert_eq!(seen.status, 200);
    assert_eq!((said.max_age, said.include_subdomains), (7 * 86_400, true));
    // A name without a certificate here, and an authority that nobody knows.
    let seen = look(Some(root), "a.www.example.test")
        .await
        .expect("authorities");
    assert!(matches!(seen, Err(ProbeTrouble::Tls(_))), "{seen:?}");
    if let Ok(seen) = look(None, HOST).await {
        assert!(matches!(seen, Err(ProbeTrouble::Tls(_))), "{seen:?}");
    }
}
