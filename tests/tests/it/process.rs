//! `rempart serve` on its machine: the keeper and its workers, their locks, their successors.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rempart_tests::gate::Gate;
use rempart_tests::process::{children, eventually, signal};
use rempart_tests::raw::stubborn_origin;

const HOST: &str = "www.example.test";

fn origin() -> std::net::SocketAddr {
    stubborn_origin(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
}

fn serves(gate: &Gate) -> bool {
    let answer = gate.curl().try_fetch(&[&gate.url("/")]);
    answer.is_some_and(|answer| answer.status == 200)
}

/// The only worker, once there is only one.
fn worker(gate: &Gate) -> u32 {
    eventually("one worker", || match children(gate.process.id())[..] {
        [one] => Some(one),
        _ => None,
    })
}

/// A field of `/proc/ID/status`.
fn status_of(id: u32, field: &str) -> String {
    let text = fs::read_to_string(format!("/proc/{id}/status")).expect("a process");
    let line = text.lines().find_map(|line| line.strip_prefix(field));
    line.expect("a field")
        .trim_start_matches(':')
        .trim()
        .to_owned()
}

#[test]
fn the_worker_is_locked_in_and_what_it_needs_goes_on() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut gate = Gate::start(folder.path(), HOST, origin());
    let told = gate.process.wait_for(|output| {
        let line = output.lines().find(|line| line.contains("confined:"))?;
        Some(line.to_owned())
    });
    assert!(told.contains("seccomp"), "{told}");
    let worker = worker(&gate);
    for (field, wanted) in [
        ("NoNewPrivs", "1"),
        ("Seccomp", "2"),
        ("CapEff", "0000000000000000"),
        ("CapPrm", "0000000000000000"),
    ] {
        assert_eq!(status_of(worker, field), wanted, "{field}");
    }
    assert!(serves(&gate));

    // A certificate renewed in its place is taken up; one in a folder that the policy did not
    // name at the start cannot even be read.
    let policy = folder.path().join("policy.toml");
    let good = fs::read_to_string(&policy).expect("the policy");
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    for (file, name) in [
        (&gate.files.chain, "chain.pem"),
        (&gate.files.key, "key.pem"),
    ] {
        fs::copy(file, elsewhere.path().join(name)).expect("copied");
        fs::copy(file, folder.path().join(format!("new-{name}"))).expect("copied");
    }
    let moved = |folder: &Path, prefix: &str| {
        let chain = folder.join(format!("{prefix}chain.pem"));
        let key = folder.join(format!("{prefix}key.pem"));
        good.replace(
            &gate.files.chain.display().to_string(),
            &chain.display().to_string(),
        )
        .replace(
            &gate.files.key.display().to_string(),
            &key.display().to_string(),
        )
    };
    for (text, word) in [
        (moved(folder.path(), "new-"), "policy reloaded"),
        (moved(elsewhere.path(), ""), "previous policy stays"),
    ] {
        fs::write(&policy, text).expect("written");
        gate.process.signal("HUP");
        gate.process
            .wait_for(|output| output.contains(word).then_some(()));
        assert!(serves(&gate), "{word}");
    }
    // A new worker is confined to what the policy names by then.
    gate.process.signal("USR2");
    gate.process
        .wait_for(|output| output.contains("the new program serves").then_some(()));
    assert!(serves(&gate));
    assert!(gate.process.stop().success());
}

/// Shakes hands under a version, with the session in a file or to keep one there; whether it was
/// resumed.
fn resumes(gate: &Gate, version: &str, session: &str, file: &Path) -> bool {
    let mut child = Command::new("openssl")
        .args(["s_client", version, session])
        .arg(file)
        .args(["-servername", HOST, "-connect"])
        .arg(gate.https.to_string())
        .args(["-CAfile"])
        .arg(gate.authority.root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl");
    let request = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n");
    // The tickets of TLS 1.3 come behind the handshake, before the answer.
    let mut input = child.stdin.take().expect("a pipe");
    std::io::Write::write_all(&mut input, request.as_bytes()).expect("sent");
    let mut output = String::new();
    let mut pipe = child.stdout.take().expect("a pipe");
    let _ = std::io::Read::read_to_string(&mut pipe, &mut output);
    drop(input);
    assert!(child.wait().is_ok());
    let (fresh, resumed) = (
        output.contains("\nNew, TLS"),
        output.contains("\nReused, TLS"),
    );
    assert!(output.contains("200 OK") && fresh != resumed, "{output}");
    resumed
}

#[test]
fn sessions_outlive_the_program_and_the_worker_and_not_the_gate() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut gate = Gate::start(folder.path(), HOST, origin());
    let versions = ["-tls1_2", "-tls1_3"];
    let file = |version: &str| folder.path().join(format!("session{version}"));
    for version in versions {
        assert!(!resumes(&gate, version, "-sess_out", &file(version)));
        assert!(resumes(&gate, version, "-sess_in", &file(version)));
    }
    let first = worker(&gate);
    gate.process.signal("USR2");
    gate.process
        .wait_for(|output| output.contains("the new program serves").then_some(()));
    let second = eventually("the old worker ends", || {
        let left = children(gate.process.id());
        (left.len() == 1 && left[0] != first).then(|| left[0])
    });
    for version in versions {
        assert!(
            resumes(&gate, version, "-sess_in", &file(version)),
            "{version}"
        );
    }
    signal(second, "KILL");
    gate.process
        .wait_for(|output| output.contains("another takes its place").then_some(()));
    eventually("another serves", || serves(&gate).then_some(()));
    for version in versions {
        assert!(
            resumes(&gate, version, "-sess_in", &file(version)),
            "{version}"
        );
    }
    gate.process.stop();
    let gate = gate.again(&rempart_tests::binary::path(), folder.path());
    for version in versions {
        assert!(
            !resumes(&gate, version, "-sess_in", &file(version)),
            "{version}"
        );
    }
}

#[test]
fn a_policy_without_a_sandbox_says_so() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let gate = Gate::start(folder.path(), HOST, origin());
    let policy = folder.path().join("policy.toml");
    let text = fs::read_to_string(&policy).expect("the policy") + "[process]\nsandbox = \"off\"\n";
    fs::write(&policy, text).expect("written");
    let mut gate = gate;
    gate.process
        .wait_for(|output| output.contains("https 127").then_some(()));
    gate.process.signal("USR2");
    gate.process
        .wait_for(|output| output.contains("nothing confines").then_some(()));
    gate.process
        .wait_for(|output| output.contains("the new program serves").then_some(()));
    let worker = worker(&gate);
    assert_eq!(status_of(worker, "Seccomp"), "0");
    // Passwords in memory get into no file all the same.
    let limits = fs::read_to_string(format!("/proc/{worker}/limits")).expect("limits");
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let figures = core.map(|line| line.split_whitespace().skip(4).take(2).collect::<Vec<_>>());
    assert_eq!(figures, Some(vec!["0", "0"]), "{limits}");
}

#[test]
fn a_worker_that_crashes_is_replaced_and_no_connection_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut gate = Gate::start(folder.path(), HOST, origin());
    assert!(serves(&gate));
    let first = worker(&gate);
    signal(first, "KILL");
    gate.process
        .wait_for(|output| output.contains("another takes its place").then_some(()));
    // The listener stayed open: this waits for the next worker.
    assert!(serves(&gate));
    assert_ne!(worker(&gate), first);
}

#[test]
fn a_worker_without_its_keeper_ends() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let gate = Gate::start(folder.path(), HOST, origin());
    assert!(serves(&gate));
    let worker = worker(&gate);
    gate.process.signal("KILL");
    // Whoever starts next gets the addresses, however soon.
    let gate = gate.again(&rempart_tests::binary::path(), folder.path());
    assert!(serves(&gate), "{}", gate.process.output());
    eventually("the worker ends", || {
        let state = fs::read_to_string(format!("/proc/{worker}/stat")).unwrap_or_default();
        (state.is_empty() || state.contains(") Z")).then_some(())
    });
}

#[test]
fn a_program_that_does_not_start_leaves_the_old_one_serving() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let program: PathBuf = folder.path().join("rempart");
    let install = || {
        let fresh = folder.path().join("rempart.new");
        let from = rempart_tests::binary::path();
        fs::hard_link(&from, &fresh)
            .or_else(|_| fs::copy(&from, &fresh).map(|_| ()))
            .expect("installed");
        fs::rename(&fresh, &program).expect("installed");
    };
    install();
    let mut gate = Gate::start_program(&program, folder.path(), &[HOST], origin());
    assert!(serves(&gate));
    let first = worker(&gate);

    fs::remove_file(&program).expect("removed");
    fs::write(&program, "#!/bin/sh\nexit 3\n").expect("written");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("a mode");
    gate.process.signal("USR2");
    gate.process.wait_for(|output| {
        output
            .contains("the new program did not start")
            .then_some(())
    });
    assert!(serves(&gate));
    assert_eq!(worker(&gate), first);

    install();
    gate.process.signal("USR2");
    gate.process
        .wait_for(|output| output.contains("the new program serves").then_some(()));
    assert!(serves(&gate));
    assert_ne!(worker(&gate), first);
    assert!(gate.process.stop().success());
}

#[test]
fn root_gives_its_rights_up() {
    let me = fs::read_to_string("/proc/self/status").expect("this process");
    let root = me.lines().any(|line| line.starts_with("Uid:\t0\t0"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut gate = Gate::start(folder.path(), HOST, origin());
    gate.process
        .wait_for(|output| output.contains("https 127").then_some(()));
    // Whoever becomes another user must be able to read what is served, and to start from here.
    let program = folder.path().join("rempart");
    fs::copy(rempart_tests::binary::path(), &program).expect("copied");
    let open = ["chmod", "-R", "a+rX"];
    let done = std::process::Command::new(open[0])
        .args(&open[1..])
        .arg(folder.path())
        .status();
    assert!(done.is_ok_and(|status| status.success()));
    let owner = if root { "nobody" } else { "root" };
    if root {
        let nobody = std::process::Command::new("chown")
            .arg("-R")
            .arg(owner)
            .arg(folder.path())
            .status();
        assert!(nobody.is_ok_and(|status| status.success()));
        fs::set_permissions(
            &gate.files.key,
            std::os::unix::fs::PermissionsExt::from_mode(0o600),
        )
        .expect("a mode");
    }
    assert!(gate.process.stop().success());
    let policy = folder.path().join("policy.toml");
    let text = fs::read_to_string(&policy).expect("the policy");
    fs::write(&policy, format!("{text}[process]\nuser = \"{owner}\"\n")).expect("written");
    let gate = gate.again(&program, folder.path());
    assert!(serves(&gate), "{}", gate.process.output());
    let uid = status_of(worker(&gate), "Uid");
    let wanted = if root { "65534" } else { "" };
    let own = status_of(std::process::id(), "Uid");
    // Who is not root can become nobody else, and does not try.
    assert_eq!(
        uid.split('\t').next(),
        if root {
            Some(wanted)
        } else {
            own.split('\t').next()
        }
    );
}
