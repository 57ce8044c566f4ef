//! What systemd hears of `rempart serve`, and the listeners that it hands over.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr as UnixAddress, UnixDatagram};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rempart_tests::authority::{Authority, Validity};
use rempart_tests::binary;
use rempart_tests::curl::Curl;
use rempart_tests::gate::policy;
use rempart_tests::process::{Running, free_port};
use rempart_tests::raw::stubborn_origin;

const HOST: &str = "www.example.test";

fn origin() -> SocketAddr {
    stubborn_origin(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
}

/// Waits for a datagram that has this line; everything heard before it.
fn hear(socket: &UnixDatagram, line: &str) -> String {
    let mut heard = String::new();
    let end = Instant::now() + Duration::from_secs(20);
    let mut buffer = [0; 4096];
    socket
        .set_read_timeout(Some(Duration::from_secs(1)))
        .expect("a timeout");
    while Instant::now() < end {
        let Ok(size) = socket.recv(&mut buffer) else {
            continue;
        };
        let message = String::from_utf8_lossy(&buffer[..size]).into_owned();
        heard += &message;
        heard += "\n";
        if message.lines().any(|said| said.starts_with(line)) {
            return heard;
        }
    }
    panic!("{line} was not heard, but: {heard}");
}

#[test]
fn systemd_hears_of_readiness_reloads_life_and_the_end() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let authority = Authority::new(folder.path());
    let files = authority.issue(folder.path(), &[HOST], Validity::Good);
    let file = folder.path().join("notify");
    let abstract_name = format!("rempart-test-{}", std::process::id());
    let place = UnixAddress::from_abstract_name(&abstract_name).expect("a name");
    for (name, socket) in [
        (file.display().to_string(), UnixDatagram::bind(&file)),
        (format!("@{abstract_name}"), UnixDatagram::bind_addr(&place)),
    ] {
        let socket = socket.expect("a socket");
        let path = folder.path().join("policy.toml");
        let good = policy(&[HOST], origin(), free_port(), free_port(), &files);
        fs::write(&path, &good).expect("a policy");
        let mut command = binary::rempart();
        command
            .arg("--policy")
            .arg(&path)
            .args(["serve", "--state"])
            .arg(folder.path().join("state"))
            .env("NOTIFY_SOCKET", &name)
            .env("WATCHDOG_USEC", "600000");
        let mut running = Running::start("rempart", &mut command, folder.path());
        let heard = hear(&socket, "READY=1");
        assert!(heard.contains("STATUS="), "{heard}");
        for _ in 0..3 {
            hear(&socket, "WATCHDOG=1");
        }
        for (text, status) in [(good.as_str(), "STATUS=serves"), ("version = 2", "fault")] {
            fs::write(&path, text).expect("a policy");
            running.signal("HUP");
            let heard = hear(&socket, "RELOADING=1");
            assert!(heard.contains("MONOTONIC_USEC="), "{heard}");
            let heard = hear(&socket, "READY=1");
            assert!(heard.contains(status), "{heard}");
        }
        running.signal("TERM");
        hear(&socket, "STOPPING=1");
        assert!(running.stop().success());
    }
}

#[test]
fn a_listener_of_systemd_is_used_and_outlives_the_program() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let authority = Authority::new(folder.path());
    let files = authority.issue(folder.path(), &[HOST], Validity::Good);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    // The policy names another port, which is not free; the name of the socket decides.
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let other = taken.local_addr().expect("an address").port();
    let text = policy(&[HOST], origin(), free_port(), other, &files);
    let path = folder.path().join("policy.toml");
    let http = text
        .lines()
        .find(|line| line.starts_with("http ="))
        .expect("a line");
    fs::write(&path, text.replace(http, "http = \"off\"")).expect("a policy");
    let start = |names: &str, mode: &[&str]| {
        let handed = OwnedFd::from(listener.try_clone().expect("a copy"));
        // A shell puts the socket where systemd does, and keeps its number as `exec` does.
        let mut command = Command::new("sh");
        command
            .args([
                "-c",
                "exec 3<&0 </dev/null; exec env LISTEN_FDS=1 LISTEN_PID=$$ \"$0\" \"$@\"",
            ])
            .arg(binary::path())
            .args(["--lang", "en", "--policy"])
            .arg(&path)
            .args(["serve", "--state"])
            .arg(folder.path().join("state"))
            .args(mode)
            .env("LISTEN_FDNAMES", names)
            .stdin(Stdio::from(handed))
            .stdout(Stdio::null());
        command
    };
    let curl = Curl::new(HOST, authority.root());
    let url = format!("https://{HOST}:{port}/");
    for _ in 0..2 {
        let mut child = start("https", &[])
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        assert_eq!(curl.fetch(&[&url]).status, 200);
        let done = Command::new("kill").arg(child.id().to_string()).status();
        assert!(done.is_ok_and(|status| status.success()));
        assert!(child.wait().expect("a child").success());
        // Whoever comes now waits for the next program.
    }
    // What the policy names is somebody else's, and not asked for.
    let checked = start("https", &["--check"])
        .stdout(Stdio::piped())
        .spawn()
        .and_then(|child| child.wait_with_output())
        .expect("a shell");
    let told = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert_eq!(checked.status.code(), Some(0), "{told}");
    let received = format!("transport.https: 127.0.0.1:{port} is received open from systemd");
    assert!(told.contains(&received), "{told}");

    let output = start("other", &[]).stderr(Stdio::piped()).spawn();
    let output = output
        .and_then(|child| child.wait_with_output())
        .expect("a shell");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("FileDescriptorName=https"), "{told}");
}
