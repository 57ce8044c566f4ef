//! Clients that take without end, and more of them than there are descriptors.

use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use rempart_tests::authority::{Authority, Validity};
use rempart_tests::binary;
use rempart_tests::curl::Curl;
use rempart_tests::gate::{Gate, policy};
use rempart_tests::process::{Running, children, free_port};
use rempart_tests::raw::stubborn_origin;

const HOST: &str = "www.example.test";

/// An origin whose answers have no end.
fn fountain() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            thread::spawn(move || {
                let head = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n";
                let _ = stream.write_all(head.as_bytes());
                let piece = vec![b'a'; 64 * 1024];
                while stream.write_all(&piece).is_ok() {}
            });
        }
    });
    address
}

/// Clients that read 2 KiB a second, as slowly as an old telephone.
struct Slow(Vec<Child>);

impl Drop for Slow {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Memory of its own that the worker of a gate holds, in KiB.
fn memory(gate: &Gate) -> u64 {
    let worker = children(gate.process.id())[0];
    let status = fs::read_to_string(format!("/proc/{worker}/status")).expect("a process");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
    number.expect("a number")
}

#[test]
fn slow_readers_of_an_endless_answer_cost_little_memory_each() {
    /// Two pieces of 127 KiB from the origin, as much ahead of the client, and TLS.
    const EACH: u64 = 700;
    const CLIENTS: u64 = 40;
    for version in ["--http1.1", "--http2"] {
        // A gate for each: what the first clients gave back would be there for the second.
        let folder = tempfile::tempdir().expect("a temporary folder");
        let gate = Gate::start(folder.path(), HOST, fountain());
        let url = gate.url("/");
        let first = gate.curl().exit_code(&[
            &url,
            version,
            "--max-filesize",
            "1",
            "--output",
            "/dev/null",
        ]);
        assert_ne!(first, Some(0));
        let before = memory(&gate);
        let clients: Vec<Child> = (0..CLIENTS)
            .map(|_| {
                let mut command = gate.curl().command(&[&url, version, "--limit-rate", "2k"]);
                command.args(["--output", "/dev/null"]);
                command.stderr(Stdio::null()).spawn().expect("curl")
            })
            .collect();
        let clients = Slow(clients);
        let mut most = 0;
        for _ in 0..12 {
            thread::sleep(Duration::from_millis(500));
            most = memory(&gate).max(most);
        }
        let grown = most.saturating_sub(before);
        assert!(
            grown < EACH * CLIENTS,
            "{version}: {grown} KiB for {CLIENTS} clients"
        );
        // They were served meanwhile, or this would prove nothing.
        assert!(grown > CLIENTS, "{version}: {grown} KiB");
        drop(clients);
    }
}

#[test]
fn a_gate_out_of_descriptors_serves_again_when_there_are_some() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let authority = Authority::new(folder.path());
    let files = authority.issue(folder.path(), &[HOST], Validity::Good);
    let origin =
        stubborn_origin(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    let (http, https) = (free_port(), free_port());
    let path = folder.path().join("policy.toml");
    fs::write(&path, policy(&[HOST], origin, http, https, &files)).expect("a policy");
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -n 64 && exec \"$0\" \"$@\""])
        .arg(binary::path())
        .arg("--policy")
        .arg(&path)
        .args(["serve", "--state"])
        .arg(folder.path().join("state"));
    let mut running = Running::start("rempart", &mut command, folder.path());
    running.wait_for(|output| output.contains("https 127").then_some(()));
    let curl = Curl::new(HOST, authority.root());
    let url = format!("https://{HOST}:{https}/");
    assert_eq!(curl.fetch(&[&url]).status, 200);

    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, https));
    let held: Vec<TcpStream> = (0..100)
        .map(|_| TcpStream::connect(address).expect("the system takes it"))
        .collect();
    running.wait_for(|output| output.contains("cannot accept connections").then_some(()));
    assert_ne!(curl.exit_code(&[&url, "--max-time", "1"]), Some(0));
    drop(held);
    assert_eq!(curl.fetch(&[&url]).status, 200);
    let output = running.output();
    let told = output.matches("cannot accept connections").count();
    assert_eq!(told, 1, "{output}");
    assert!(running.stop().success());
}
