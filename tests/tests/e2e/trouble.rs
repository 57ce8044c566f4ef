//! Origins and clients that do not behave: each gets an answer, and the gate lives on.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use rempart_tests::gate::Gate;
use rempart_tests::process::free_port;
use rempart_tests::raw::{exchange, stubborn_origin};
use rempart_tests::site::nginx;

const HOST: &str = "wiki.example.test";
const HSTS: &str = "strict-transport-security";

#[test]
fn an_origin_that_fails_is_a_502_with_hsts_and_no_detail() {
    let nobody = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
    for (what, origin) in [
        ("nobody listens", nobody),
        ("closes at once", stubborn_origin(b"")),
        (
            "speaks no HTTP",
            stubborn_origin(b"SSH-2.0-OpenSSH_9.9\r\n"),
        ),
        (
            "an impossible status",
            stubborn_origin(b"HTTP/1.1 9999 Leak\r\n\r\n"),
        ),
        (
            "a head without end",
            stubborn_origin(b"HTTP/1.1 200 OK\r\nX-Leak: yes"),
        ),
        (
            "two lengths",
            stubborn_origin(
                b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nLeak",
            ),
        ),
    ] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let gate = Gate::start(folder.path(), HOST, origin);
        let answer = gate.curl().fetch(&[&gate.url("/")]);
        assert_eq!(answer.status, 502, "{what}: {}", answer.text());
        assert_eq!(answer.all(HSTS), ["max-age=63072000"], "{what}");
        assert!(
            !format!("{answer:?}").contains("Leak"),
            "{what}: {}",
            answer.text()
        );
    }
}

#[test]
fn a_body_cut_short_is_never_a_clean_end() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let origin = stubborn_origin(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    let gate = Gate::start(folder.path(), HOST, origin);
    // The exit codes of curl: a partial file, an empty reply (the end came before the head
    // was sent on), a reset connection, a reset stream.
    let cut = [18, 52, 56, 92].map(Some);
    for version in ["--http1.1", "--http2"] {
        let arguments = [&gate.url("/"), version, "--output", "/dev/null"];
        let code = gate.curl().exit_code(&arguments);
        assert!(cut.contains(&code), "{version}: {code:?}");
    }
}

#[test]
fn clients_that_send_garbage_are_refused_and_others_served() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (_origin, address) = nginx::start(
        folder.path(),
        "        location / { return 200 \"a page\\n\"; }",
    );
    let gate = Gate::start(folder.path(), HOST, address);
    let noise: Vec<u8> = (0..4096_u32).map(|at| (at * 167 + 13) as u8).collect();
    let long = [b"GET /".to_vec(), vec![b'a'; 2 << 20]].concat();
    for (what, bytes) in [
        ("noise", noise.as_slice()),
        ("zeros", &[0; 4096]),
        (
            "TLS in clear",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        ),
        ("HTTP/2 in clear", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        ("no version", b"GET /\r\n\r\n"),
        ("no host", b"GET / HTTP/1.1\r\n\r\n"),
        (
            "two hosts",
            b"GET / HTTP/1.1\r\nHost: wiki.example.test\r\nHost: b\r\n\r\n",
        ),
        ("a line of 2 MiB", &long),
    ] {
        let answer = String::from_utf8_lossy(&exchange(gate.http, bytes)).into_owned();
        let refused = answer.is_empty() || is_refusal(&answer);
        assert!(refused, "{what}: {answer}");
        assert!(
            !answer.to_lowercase().contains(HSTS),
            "{what}: HSTS in clear: {answer}"
        );
        // On the TLS listener the same bytes are no handshake: an alert, or, where they look
        // like HTTP in clear, the refusals of the plain listener.
        let bytes = exchange(gate.https, bytes);
        let answer = String::from_utf8_lossy(&bytes);
        let refused = bytes.len() <= 64 || is_refusal(&answer);
        assert!(refused, "{what}: {answer}");
        assert!(
            !answer.to_lowercase().contains(HSTS) && !answer.contains("a page"),
            "{what}: before any handshake: {answer}"
        );
    }
    let answer = gate.curl().fetch(&[&gate.url("/")]);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let log = gate.process.output();
    assert!(!log.contains("panicked"), "{log}");
}

/// The client is at fault, or speaks a version of HTTP that is not spoken there.
fn is_refusal(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.1 505 ")
}

#[test]
fn a_client_that_says_nothing_is_let_go() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let origin = stubborn_origin(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let gate = Gate::start(folder.path(), HOST, origin);
    // The default deadlines: 10 s for a handshake, 15 s for a head.
    for (address, bytes) in [(gate.https, &b"\x16\x03\x01"[..]), (gate.http, b"GET / HT")] {
        let mut stream = TcpStream::connect(address).expect("the gate listens");
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .expect("a timeout can be set");
        stream.write_all(bytes).expect("the gate reads");
        let ended = stream.read_to_end(&mut Vec::new());
        // A reset is an end too; only the timeout of this socket is none.
        let waiting = ended.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock);
        assert!(!waiting, "{address} still holds a silent connection");
    }
}

#[test]
fn a_bad_reload_changes_nothing_and_a_good_one_drops_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (_origin, address) = nginx::start(
        folder.path(),
        "        location / { return 200 \"a page\\n\"; }",
    );
    let mut gate = Gate::start(folder.path(), HOST, address);
    let policy = folder.path().join("policy.toml");
    let good = std::fs::read_to_string(&policy).expect("the policy of the gate");
    for (text, word, age) in [
        (
            good.replace("version = 1", "version = one"),
            "previous policy stays",
            "63072000",
        ),
        (good.replace("two-years", "week"), "reloaded", "604800"),
    ] {
        std::fs::write(&policy, text).expect("a temporary folder is writable");
        gate.process.signal("HUP");
        gate.process
            .wait_for(|output| output.contains(word).then_some(()));
        let answer = gate.curl().fetch(&[&gate.url("/")]);
        assert_eq!(answer.status, 200);
        assert_eq!(answer.all(HSTS), [format!("max-age={age}")], "{word}");
    }
    let status = gate.process.stop();
    assert!(status.success(), "SIGTERM drains: {status}");
}
