//! Certificates that change on disk while the gate serves: a good one takes over, any other
//! leaves the last good one in place, and no connection notices.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use proxy::{Gate, LogSink};
use rustls::pki_types::CertificateDer;
use tokio::io::AsyncWriteExt;

use crate::support::{
    Answer, HOST, Origin, PATIENCE, Setting, World, issue, options, policy, site, text,
};

/// Another site of the same gate.
const NEIGHBOUR: &str = "other.example.test";

/// The certificate that a new connection for a name is shown.
async fn shown(world: &World, name: &str) -> CertificateDer<'static> {
    let stream = world.tls(name).await;
    let (_, connection) = stream.get_ref();
    let chain = connection.peer_certificates().expect("a chain");
    chain[0].clone().into_owned()
}

/// Waits until another certificate than `before` is shown for a name.
async fn another(
    world: &World,
    name: &str,
    before: &CertificateDer<'static>,
) -> CertificateDer<'static> {
    let changed = async {
        loop {
            let now = shown(world, name).await;
            if now != *before {
                return now;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, changed)
        .await
        .expect("the new certificate is taken up")
}

/// Copies a pair in the place of a site's.
fn replace(folder: &Path, name: &str, chain: &str, key: &str) {
    for (from, to) in [
        (chain, format!("{name}.pem")),
        (key, format!("{name}-key.pem")),
    ] {
        // As renewal programs do: written beside, then renamed.
        let beside = folder.join("beside");
        fs::copy(folder.join(from), &beside).expect("copied");
        fs::rename(&beside, folder.join(to)).expect("renamed");
    }
}

#[tokio::test]
async fn a_new_pair_takes_over_without_a_word_from_anyone() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    let first = shown(&world, HOST).await;
    let mut open = world.tls(HOST).await;

    issue(&world.authority, world.folder.path(), "new", &[HOST]);
    replace(world.folder.path(), HOST, "new.pem", "new-key.pem");
    let second = another(&world, HOST, &first).await;
    assert_ne!(first, second);
    assert_eq!(world.get("/200").await.status, 200);

    // A connection from before goes on.
    let request = format!("GET /200 HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
    open.write_all(request.as_bytes()).await.expect("sent");
    assert_eq!(Answer::read(&mut open).await.status, 200);
    assert!(world.gate.certificates()[0].missing.is_empty());
}

/// A good pair for the neighbour, written after the other change: once it is shown, the other
/// change has been looked at too.
async fn wait_for_a_look(world: &World) {
    let before = shown(world, NEIGHBOUR).await;
    let folder = world.folder.path();
    issue(&world.authority, folder, "next", &[NEIGHBOUR]);
    replace(folder, NEIGHBOUR, "next.pem", "next-key.pem");
    another(world, NEIGHBOUR, &before).await;
}

#[tokio::test]
async fn what_is_not_as_good_leaves_the_last_good_one() {
    let origin = Origin::site().await;
    let neighbour = site(
        &[NEIGHBOUR],
        &format!("http://{}", origin.address),
        NEIGHBOUR,
    );
    let setting = Setting {
        more: neighbour,
        ..Setting::default()
    };
    let world = World::with(origin.address, setting).await;
    let folder = world.folder.path();
    let first = shown(&world, HOST).await;
    issue(&world.authority, folder, "good", &[HOST]);
    fs::write(folder.join("noise.pem"), "noise").expect("written");
    let half = fs::read(folder.join("good.pem")).expect("a chain");
    fs::write(folder.join("half.pem"), &half[..half.len() / 2]).expect("written");
    let past = SystemTime::now() - Duration::from_secs(200 * 24 * 60 * 60);
    let old = transport::dev::Authority::new(past).expect("an authority");
    let expired = old.issue(&[HOST.to_owned()], past).expect("issued");
    fs::write(folder.join("expired.pem"), &expired.chain).expect("written");
    fs::write(folder.join("expired-key.pem"), expired.key.as_bytes()).expect("written");
    for (what, chain, key) in [
        ("noise", "noise.pem", "good-key.pem"),
        ("cut short", "half.pem", "good-key.pem"),
        ("another key", "good.pem", "both-key.pem"),
        ("expired", "expired.pem", "expired-key.pem"),
        ("other hosts", "both.pem", "both-key.pem"),
    ] {
        replace(folder, HOST, chain, key);
        wait_for_a_look(&world).await;
        assert_eq!(shown(&world, HOST).await, first, "{what}");
        assert_eq!(world.get("/200").await.status, 200, "{what}");
    }
    fs::remove_file(folder.join(format!("{HOST}.pem"))).expect("removed");
    wait_for_a_look(&world).await;
    assert_eq!(shown(&world, HOST).await, first, "removed");
    // And a good one is still taken up after all that.
    replace(folder, HOST, "good.pem", "good-key.pem");
    another(&world, HOST, &first).await;
}

#[tokio::test]
async fn a_site_without_a_certificate_yet_refuses_its_names_and_nobody_else_s() {
    let origin = Origin::site().await;
    let folder = tempfile::tempdir().expect("a folder");
    let authority = transport::dev::Authority::new(SystemTime::now()).expect("an authority");
    issue(&authority, folder.path(), HOST, &[HOST]);
    // Nobody listens at the directory.
    let acme = format!(
        "[[site]]\nhosts = [\"new.example.test\"]\nupstream = \"http://{}\"\ncertificate = \"acme\"\n\
         [transport.acme]\ndirectory = \"https://127.0.0.1:1/dir\"\nagree-to-terms = true\n",
        origin.address
    );
    let setting = Setting {
        more: acme,
        ..Setting::default()
    };
    let (sink, log) = LogSink::capture();
    let options = options(folder.path(), sink, &authority);
    let gate = Gate::start(policy(&text(origin.address, &setting)), options)
        .await
        .expect("a gate that does not wait for an authority");
    let world = World {
        gate,
        folder,
        authority,
        log,
    };
    assert_eq!(world.get("/200").await.status, 200);
    let refused = world.handshake("new.example.test", &[b"http/1.1"]).await;
    assert!(refused.is_err());
    let challenge = world.handshake("new.example.test", &[b"acme-tls/1"]).await;
    assert!(challenge.is_err(), "no challenge is in flight");
    let answer = world
        .ask_plain("GET /a HTTP/1.1\r\nHost: new.example.test\r\n\r\n")
        .await;
    assert_eq!(answer.status, 308);
    let states = world.gate.certificates();
    assert_eq!(states[1].missing, ["new.example.test"]);
    // What failed is told there too, once it was tried.
    let trouble = async {
        while world.gate.certificates()[1].trouble.is_none() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, trouble).await.expect("told");
    // The site that is served keeps its certificate over a reload; the other is still asked for.
    let again = policy(&text(
        origin.address,
        &Setting {
            more: site(&["one.example.test"], "http://127.0.0.1:9", HOST),
            ..Setting::default()
        },
    ));
    world.gate.reload(again).await.expect("reloaded");
    assert_eq!(world.get("/200").await.status, 200);
}
