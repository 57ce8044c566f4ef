//! The keeper when things go badly: signals that come early, workers that are stuck, a keeper that
//! is killed, a standard error that nobody takes.

use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use rempart_tests::binary;
use rempart_tests::gate::Gate;
use rempart_tests::process::{Running, children, eventually, signal};
use rempart_tests::raw::stubborn_origin;

const HOST: &str = "www.example.test";

fn origin() -> std::net::SocketAddr {
    stubborn_origin(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
}

fn serves(gate: &Gate) -> bool {
    let answer = gate.curl().try_fetch(&[&gate.url("/")]);
    answer.is_some_and(|answer| answer.status == 200)
}

/// Whether a process runs, or stands still.
fn is_there(id: u32) -> bool {
    let state = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    !state.is_empty() && !state.contains(") Z")
}

fn only_worker(gate: &Gate) -> u32 {
    eventually("one worker", || match children(gate.process.id())[..] {
        [one] => Some(one),
        _ => None,
    })
}

#[test]
fn a_worker_that_is_stuck_is_ended_by_force() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let short = "[transport.deadlines]\ndrain = \"1s\"\n";
    let mut gate = Gate::start_with(folder.path(), HOST, origin(), short);
    let stuck = only_worker(&gate);
    signal(stuck, "STOP");
    gate.process.signal("USR2");
    gate.process
        .wait_for(|output| output.contains("the new program serves").then_some(()));
    gate.process
        .wait_for(|output| output.contains("ended by force").then_some(()));
    eventually("the worker is gone", || (!is_there(stuck)).then_some(()));
    assert!(serves(&gate));
    // The same when everything ends.
    let stuck = only_worker(&gate);
    signal(stuck, "STOP");
    gate.process.signal("TERM");
    assert!(gate.process.ended().is_some_and(|status| status.success()));
    assert!(!is_there(stuck));
}

#[test]
fn a_worker_that_leaves_does_not_stay_when_its_keeper_is_killed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    // It would have two minutes.
    let long = "[transport.deadlines]\ndrain = \"60s\"\n";
    let mut gate = Gate::start_with(folder.path(), HOST, origin(), long);
    let old = only_worker(&gate);
    // A connection at rest: a worker that leaves waits for it, one that stops does not.
    let mut kept = Command::new("openssl")
        .args(["s_client", "-quiet", "-servername", HOST, "-connect"])
        .arg(gate.https.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("openssl");
    // It tells of the certificate when hands are shaken.
    let mut told = kept.stderr.take().expect("a pipe");
    told.read_exact(&mut [0; 1]).expect("a word");
    gate.process.signal("USR2");
    gate.process
        .wait_for(|output| output.contains("the new program serves").then_some(()));
    assert!(is_there(old), "{}", gate.process.output());
    gate.process.signal("KILL");
    eventually("the old worker ends", || (!is_there(old)).then_some(()));
    let _ = kept.kill();
    let _ = kept.wait();
}

#[test]
fn a_signal_that_comes_before_the_listeners_ends_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut gate = Gate::start(folder.path(), HOST, origin());
    assert!(gate.process.stop().success());
    // While another holds the address, a keeper waits for it a moment.
    let taken = TcpListener::bind(gate.http).expect("a port");
    let mut command = binary::rempart();
    command
        .arg("--policy")
        .arg(folder.path().join("policy.toml"))
        .args(["serve", "--state"])
        .arg(folder.path().join("state"));
    let mut running = Running::start("early", &mut command, folder.path());
    sleep(Duration::from_millis(500));
    for name in ["HUP", "USR2"] {
        running.signal(name);
    }
    sleep(Duration::from_millis(200));
    drop(taken);
    running.wait_for_gate(gate.https);
    assert!(serves(&gate));
    // The policy that was asked for then was read after that, once.
    running.wait_for(|output| output.contains("policy reloaded").then_some(()));
    assert!(running.stop().success());
}

#[test]
fn a_standard_error_that_is_full_stops_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut gate = Gate::start(folder.path(), HOST, origin());
    assert!(gate.process.stop().success());
    let policy = folder.path().join("policy.toml");
    let mut child = Command::new("sh")
        .args(["-c", "exec \"$0\" \"$@\" 2>/dev/full"])
        .arg(binary::path())
        .arg("--policy")
        .arg(&policy)
        .args(["serve", "--state"])
        .arg(folder.path().join("state"))
        .stdout(Stdio::null())
        .spawn()
        .expect("a shell");
    eventually("it serves", || serves(&gate).then_some(()));
    let good = fs::read_to_string(&policy).expect("the policy");
    let worker = eventually("a worker", || children(child.id()).first().copied());
    let promise = |seconds: u32| format!("max-age={seconds}");
    for (text, seconds) in [
        (good.replace("two-years", "five-minutes"), 300),
        // A fault, which nobody reads of; then what was in force stays.
        (good.replace("two-years", "ten-years"), 300),
        (good.clone(), 63_072_000),
    ] {
        fs::write(&policy, text).expect("written");
        signal(child.id(), "HUP");
        eventually("the promise", || {
            let answer = gate.curl().try_fetch(&[&gate.url("/")])?;
            let field = answer.only("strict-transport-security")?;
            (field == promise(seconds)).then_some(())
        });
    }
    assert_eq!(children(child.id()), [worker], "nobody crashed");
    signal(child.id(), "TERM");
    assert!(child.wait().expect("a child").success());
}
