//! Jumps of the system's clock, by libfaketime: the gate serves through them, and a policy that a
//! wrong clock refuses changes nothing.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use rempart_tests::authority::{Authority, Validity};
use rempart_tests::binary;
use rempart_tests::clock::Clock;
use rempart_tests::curl::Curl;
use rempart_tests::gate::policy;
use rempart_tests::process::{Running, free_port};

const HOST: &str = "www.example.test";
const PIECES: usize = 12;

/// An origin whose answers come in pieces, four a second.
fn slow_origin() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            thread::spawn(move || {
                let _ = stream.read(&mut [0; 4096]);
                let head = format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: {PIECES}\r\nConnection: close\r\n\r\n"
                );
                let _ = stream.write_all(head.as_bytes());
                for _ in 0..PIECES {
                    thread::sleep(Duration::from_millis(250));
                    let _ = stream.write_all(b"x");
                }
            });
        }
    });
    address
}

#[test]
fn the_gate_serves_through_jumps_of_the_clock() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let authority = Authority::new(folder.path());
    let files = authority.issue(folder.path(), &[HOST], Validity::Good);
    let (http, https) = (free_port(), free_port());
    let path = folder.path().join("policy.toml");
    fs::write(&path, policy(&[HOST], slow_origin(), http, https, &files)).expect("a policy");
    let clock = Clock::new(folder.path());
    let mut command = binary::rempart();
    command
        .arg("--policy")
        .arg(&path)
        .args(["serve", "--state"])
        .arg(folder.path().join("state"));
    let mut gate = Running::start("rempart", clock.rule(&mut command), folder.path());
    gate.wait_for(|output| output.contains("https 127").then_some(()));
    let curl = Curl::new(HOST, authority.root());
    let url = format!("https://{HOST}:{https}/");

    // A day on, ten years on, ten years back, and right again.
    for (jump, valid) in [
        ("+1d", true),
        ("+3650d", false),
        ("-3650d", false),
        ("+0", true),
    ] {
        let mut begun = curl
            .command(&[&url, "--output", "/dev/null"])
            .stderr(Stdio::null())
            .spawn()
            .expect("curl");
        thread::sleep(Duration::from_secs(1));
        clock.set(jump);
        assert!(
            begun.wait().is_ok_and(|status| status.success()),
            "{jump}: cut off"
        );
        let answer = curl.fetch(&[&url]);
        assert_eq!((answer.status, answer.body.len()), (200, PIECES), "{jump}");
        assert!(answer.only("strict-transport-security").is_some(), "{jump}");

        let before = told(&gate);
        gate.signal("HUP");
        let after = gate.wait_for(|output| Some(reloads(output)).filter(|now| *now != before));
        let (taken, refused) = (after.0 - before.0, after.1 - before.1);
        assert_eq!(
            (taken, refused),
            (usize::from(valid), usize::from(!valid)),
            "{jump}"
        );
        assert_eq!(curl.fetch(&[&url]).status, 200, "{jump}, after a reload");
    }
    let output = gate.output();
    assert!(!output.contains("panicked"), "{output}");
    assert!(gate.stop().success());
}

fn told(gate: &Running) -> (usize, usize) {
    reloads(&gate.output())
}

/// Policies taken and refused so far.
fn reloads(output: &str) -> (usize, usize) {
    let count = |text| output.matches(text).count();
    (count("policy reloaded"), count("the previous policy stays"))
}
