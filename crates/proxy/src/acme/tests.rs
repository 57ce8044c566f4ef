//! The folder, what is kept in it, and what answers a challenge.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::Request;
use tempfile::TempDir;
use transport::dev::Authority;

use super::desk::Desk;
use super::folder::{Challenge, ChallengeKind, Folder};
use super::progress::Progress;
use super::schedule::{Advice, Attempt};
use super::trouble::Trouble;
use super::work::Look;
use super::{Answers, order};

mod authority;

const HOST: &str = "www.example.test";

#[test]
fn one_process_orders_at_a_time_and_the_next_one_after_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let one = Folder::open(folder.path().join("acme")).expect("a folder");
    let two = Folder::open(folder.path().join("acme")).expect("the same");
    let lock = one.lock().expect("readable").expect("free");
    assert!(two.lock().expect("readable").is_none(), "held");
    let owner = fs::read_to_string(folder.path().join("acme/lock")).expect("an owner");
    assert!(owner.contains(&std::process::id().to_string()), "{owner}");
    drop(lock);
    assert!(two.lock().expect("readable").is_some(), "given back");
}

#[test]
fn damaged_files_are_as_good_as_none_and_others_stay() {
    let (folder, authority) = (tempfile::tempdir().expect("a folder"), new_authority());
    let address = SocketAddr::from(([127, 0, 0, 1], 1));
    let desk = desk(&folder, &authority, address);
    keep(&desk, &authority);
    let now = SystemTime::now();
    let acme = folder.path().join("state/acme");
    let account = acme.join("accounts");
    let write = |path: &Path, bytes: &[u8]| {
        fs::write(path, bytes).expect("written");
    };
    for damage in [&b""[..], b"{", b"\xff\xfe", b"[1,2]", b"{\"failures\":-1}"] {
        write(&acme.join("progress/www.example.test.json"), damage);
        assert_eq!(desk.folder.progress(HOST), Progress::default());
    }
    // Numbers that no program wrote are bounded.
    write(
        &acme.join("progress/www.example.test.json"),
        br#"{"at":"2026-01-01T00:00:00Z","failures":9,"wait-seconds":18446744073709551615}"#,
    );
    let last = look(&desk).standing.last.expect("read");
    assert!(last.wait <= Duration::from_secs(30 * 24 * 60 * 60));

    let names: Vec<_> = fs::read_dir(&account).expect("a folder").collect();
    assert!(names.is_empty(), "no account was opened");
    assert!(
        desk.folder
            .account("https://a.fr")
            .expect("readable")
            .is_none()
    );

    let path = desk.folder.certificate_path(HOST);
    let good = fs::read(&path).expect("a certificate");
    assert!(
        desk.folder
            .certificate(HOST, now)
            .is_ok_and(|kept| kept.is_some())
    );
    let half = &good[..good.len() / 2];
    for damage in [&b""[..], half, b"-----BEGIN CERTIFICATE-----"] {
        write(&path, damage);
        assert!(desk.folder.certificate(HOST, now).is_err());
        assert!(look(&desk).standing.held.is_none());
    }
    write(&path, &good);
    assert!(look(&desk).standing.held.is_some_and(|held| held.fits));
}

#[test]
fn a_certificate_of_another_authority_or_without_a_host_does_not_fit() {
    let (folder, authority) = (tempfile::tempdir().expect("a folder"), new_authority());
    let address = SocketAddr::from(([127, 0, 0, 1], 1));
    let desk = desk(&folder, &authority, address);
    keep(&desk, &authority);
    let fits = |hosts: &[&str]| {
        let hosts: Vec<String> = hosts.iter().map(|&host| host.to_owned()).collect();
        let look = Look::at(&desk, &hosts, SystemTime::now());
        look.standing.held.map(|held| held.fits)
    };
    assert_eq!(fits(&[HOST]), Some(true));
    assert_eq!(fits(&[HOST, "more.example.test"]), Some(false));
    assert_eq!(fits(&["more.example.test", HOST]), None);
    let issued = authority
        .issue(&hosts(), SystemTime::now())
        .expect("issued");
    desk.folder
        .keep_certificate(HOST, "https://a.fr/dir", &issued.key, &issued.chain)
        .expect("kept");
    assert_eq!(fits(&[HOST]), Some(false));
    // Expired or not yet valid, its dates are still known.
    for now in [
        SystemTime::UNIX_EPOCH,
        SystemTime::now() + Duration::from_secs(1 << 32),
    ] {
        let look = Look::at(&desk, &hosts(), now);
        assert!(look.standing.held.is_some(), "{now:?}");
    }
}

#[test]
fn progress_is_read_back_as_it_was_noted() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = Folder::open(folder.path().join("acme")).expect("a folder");
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let attempt = Attempt {
        at,
        failures: 3,
        wait: Duration::from_secs(1200),
    };
    let advice = Advice {
        window: Some((at, at + Duration::from_secs(86_400))),
        given: at,
        good_for: Duration::from_secs(3600),
    };
    let mut progress = Progress::default();
    progress.note_attempt(Some(attempt), Some(Trouble::Slow));
    progress.note_advice("abc", advice);
    folder.keep_progress(HOST, &progress).expect("kept");
    let read = folder.progress(HOST);
    assert_eq!(read, progress);
    let standing = read.standing(None, Some("abc"));
    assert_eq!(
        (standing.last, standing.advice),
        (Some(attempt), Some(advice))
    );
    // What was suggested for one certificate says nothing about another.
    assert_eq!(read.standing(None, Some("def")).advice, None);
}

fn challenge(kind: ChallengeKind, token: &str) -> Challenge {
    Challenge {
        kind,
        host: HOST.to_owned(),
        token: token.to_owned(),
        answer: format!("{token}.thumb"),
        made: jiff::Timestamp::now(),
    }
}

#[test]
fn only_proofs_in_flight_are_seen_and_old_ones_are_tidied() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = Folder::open(folder.path().join("acme")).expect("a folder");
    let good = challenge(ChallengeKind::Http01, "good");
    let aged = |seconds: i64, token: &str| Challenge {
        made: jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds),
        ..challenge(ChallengeKind::Http01, token)
    };
    for challenge in [&good, &aged(-4000, "old"), &aged(4000, "future")] {
        folder.show_challenge(challenge).expect("shown");
    }
    assert_eq!(folder.challenges(SystemTime::now()), [good]);
    let lock = folder.lock().expect("readable").expect("free");
    folder.tidy(&lock);
    assert!(folder.challenges(SystemTime::now()).is_empty());
}

#[test]
fn a_proof_answers_its_own_token_host_and_method_and_nothing_else() {
    let answers = Answers::default();
    answers.show(&[
        challenge(ChallengeKind::Http01, "token"),
        challenge(ChallengeKind::TlsAlpn01, "other"),
    ]);
    let path = "/.well-known/acme-challenge/token";
    for (method, target, host, expected) in [
        ("GET", path, HOST, true),
        ("HEAD", path, HOST, true),
        ("POST", path, HOST, false),
        ("GET", path, "example.test", false),
        ("GET", "/.well-known/acme-challenge/token?a", HOST, false),
        ("GET", "/.well-known/acme-challenge/token/", HOST, false),
        ("GET", "/.well-known/acme-challenge/TOKEN", HOST, false),
        ("GET", "/.well-known/acme-challenge/%74oken", HOST, false),
        ("GET", "/.well-known/acme-challenge/other", HOST, false),
        ("GET", "/.well-known/acme-challenge/", HOST, false),
        ("GET", "//.well-known/acme-challenge/token", HOST, false),
        ("GET", "/token", HOST, false),
    ] {
        let request = Request::builder().method(method).uri(target).body(());
        let (head, ()) = request.expect("a request").into_parts();
        let answer = answers.file(&head, host);
        assert_eq!(answer.is_some(), expected, "{method} {target} {host}");
        assert!(answer.is_none_or(|answer| answer == "token.thumb"));
    }
    answers.show(&[]);
    let request = Request::builder().uri(path).body(());
    let (head, ()) = request.expect("a request").into_parts();
    assert_eq!(answers.file(&head, HOST), None, "taken away");
}

#[test]
fn a_gate_sees_a_proof_before_the_authority_is_told() {
    // The keeper looks once a second, and may have just looked.
    assert!(order::SETTLE >= Duration::from_secs(1) * 3);
}

/// What orders from `address` are made with.
fn desk(folder: &TempDir, authority: &Authority, address: SocketAddr) -> Arc<Desk> {
    let root = folder.path().join("root.pem");
    fs::write(&root, authority.cert_pem()).expect("written");
    let text = format!(
        "version = 1\n[transport.acme]\ndirectory = \"https://{address}/dir\"\n\
         root = {root:?}\nagree-to-terms = true\n"
    );
    let policy = policy::load(&text).expect("a policy").policy;
    let desk = Desk::open(
        policy.transport(),
        folder.path(),
        &folder.path().join("state"),
    );
    Arc::new(desk.expect("a desk"))
}

fn hosts() -> Vec<String> {
    vec![HOST.to_owned()]
}

/// Keeps a certificate for `HOST` from the directory at `address`.
fn keep(desk: &Desk, authority: &Authority) {
    let issued = authority
        .issue(&hosts(), SystemTime::now())
        .expect("issued");
    let directory = desk.policy.directory.url();
    desk.folder
        .keep_certificate(HOST, directory, &issued.key, &issued.chain)
        .expect("kept");
}

fn new_authority() -> Authority {
    Authority::new(SystemTime::now()).expect("an authority")
}

fn look(desk: &Desk) -> Look {
    Look::at(desk, &hosts(), SystemTime::now())
}
