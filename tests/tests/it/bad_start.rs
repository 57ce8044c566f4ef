//! A gate that must not start: it says why in both languages and ends with code 2.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rempart_tests::authority::{Authority, Files, Validity};
use rempart_tests::binary::rempart;
use rempart_tests::gate::policy;
use rempart_tests::process::{Running, free_port};

const HOST: &str = "www.example.test";

#[test]
fn certificates_that_no_visitor_should_meet_are_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = |name: &str| {
        let path = folder.path().join(name);
        fs::create_dir(&path).expect("a temporary folder is writable");
        path
    };
    let authority = Authority::new(folder.path());
    let good = authority.issue(&place("good"), &[HOST], Validity::Good);
    let other = authority.issue(&place("other"), &[HOST], Validity::Good);
    let expired = authority.issue(&place("expired"), &[HOST], Validity::Expired);
    let open = authority.issue(&place("open"), &[HOST], Validity::Good);
    fs::set_permissions(&open.key, fs::Permissions::from_mode(0o644)).expect("a mode");
    let absent = Files {
        chain: PathBuf::from("absent.pem"),
        ..good.clone()
    };
    let noise = Files {
        chain: folder.path().join("noise.pem"),
        ..good.clone()
    };
    fs::write(&noise.chain, "-----BEGIN CERTIFICATE-----\nAAAA\n").expect("a file");

    for (what, files, fr, en) in [
        (
            "another key",
            &Files {
                key: other.key,
                ..good.clone()
            },
            "clé",
            "key",
        ),
        ("expired", &expired, "expiré", "expired"),
        (
            "a key that others may read",
            &open,
            "chmod 600",
            "chmod 600",
        ),
        ("no such file", &absent, "n’existe pas", "no such file"),
        ("no certificate", &noise, "noise.pem", "noise.pem"),
    ] {
        assert_refused(folder.path(), what, &text(files, free_port()), fr, en);
    }
}

#[test]
fn a_port_in_use_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let files = Authority::new(folder.path()).issue(folder.path(), &[HOST], Validity::Good);
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
    let port = taken
        .local_addr()
        .expect("a bound socket has an address")
        .port();
    let named = port.to_string();
    assert_refused(
        folder.path(),
        "port in use",
        &text(&files, port),
        "déjà pris",
        "in use",
    );
    assert_refused(
        folder.path(),
        "port in use",
        &text(&files, port),
        &named,
        &named,
    );
}

#[test]
fn what_the_gate_cannot_honour_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let files = Authority::new(folder.path()).issue(folder.path(), &[HOST], Validity::Good);
    let good = text(&files, free_port());
    let acme = "version = 1\n[[site]]\nhosts = [\"www.example.test\"]\nupstream = \"http://127.0.0.1:1\"\ncertificate = \"acme\"\n";
    let remote = good.replace("http://127.0.0.1:9", "http://192.0.2.1:9");
    for (what, text, fr, en) in [
        ("no site", "version = 1\n", "[[site]]", "[[site]]"),
        ("terms of ACME", acme, "agree-to-terms", "agree-to-terms"),
        (
            "origin in clear over a network",
            &remote,
            "danger-cleartext-upstream",
            "danger-cleartext-upstream",
        ),
    ] {
        assert_refused(folder.path(), what, text, fr, en);
    }
}

fn text(files: &Files, https: u16) -> String {
    let origin = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
    policy(&[HOST], origin, free_port(), https, files)
}

fn assert_refused(folder: &Path, what: &str, policy: &str, fr: &str, en: &str) {
    let path = folder.join("policy.toml");
    fs::write(&path, policy).expect("a policy");
    for (language, word) in [("fr", fr), ("en", en)] {
        let mut command = rempart();
        command
            .arg("--policy")
            .arg(&path)
            .args(["--lang", language, "serve", "--state"]);
        command.arg(folder.join("state"));
        let mut gate = Running::start("refused", &mut command, folder);
        let status = gate.ended();
        let said = gate.output();
        let code = status.map(|status| status.code());
        assert_eq!(code, Some(Some(2)), "{what}, {language}: {said}");
        assert!(
            said.contains(word),
            "{what}, {language}: no {word:?} in: {said}"
        );
        assert!(!said.contains("panicked"), "{what}: {said}");
    }
}
