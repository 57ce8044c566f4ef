//! Real origins over TLS with a private authority: the right one is served, another is refused, and
//! one that is killed, hangs or comes and goes costs nobody an answer.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant};

use rempart_tests::authority::{Authority, Files, Validity};
use rempart_tests::binary;
use rempart_tests::curl::Curl;
use rempart_tests::gate::policy;
use rempart_tests::process::{Running, children, eventually, free_port, signal};
use rempart_tests::site::nginx;

const HOST: &str = "www.example.test";
const INNER: &str = "inner.example.test";

/// An nginx that serves TLS at this port and says its name.
fn origin(folder: &Path, name: &str, port: u16, files: &Files) -> Running {
    let home = folder.join(format!("{name}-{port}"));
    let _ = fs::create_dir(&home);
    let server = format!(
        "        listen 127.0.0.1:{port} ssl;\n        ssl_certificate {};\n        \
         ssl_certificate_key {};\n        location / {{ return 200 \"{name}\\n\"; }}",
        files.chain.display(),
        files.key.display()
    );
    let (mut running, _) = nginx::start(&home, &server);
    running.wait_for_port(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    running
}

/// A gate before origins of these ports, with these lines about them.
struct World {
    process: Running,
    curl: Curl,
    url: String,
}

impl World {
    fn start(folder: &Path, authority: &Authority, ports: &[u16], origin: &str) -> Self {
        let (http, https) = (free_port(), free_port());
        let files = authority.issue(folder, &[HOST], Validity::Good);
        let nobody = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
        let upstreams: Vec<String> = ports
            .iter()
            .map(|port| format!("https://127.0.0.1:{port}"))
            .collect();
        let text = policy(&[HOST], nobody, http, https, &files).replace(
            "upstream = \"http://127.0.0.1:9\"",
            &format!("upstream = {upstreams:?}"),
        ) + origin;
        let path = folder.join("policy.toml");
        fs::write(&path, text).expect("a policy");
        let mut command = binary::rempart();
        command
            .arg("--policy")
            .arg(&path)
            .args(["serve", "--state"])
            .arg(folder.join("state"));
        let mut process = Running::start("rempart", &mut command, folder);
        process.wait_for_gate(SocketAddr::from((Ipv4Addr::LOCALHOST, https)));
        Self {
            process,
            curl: Curl::new(HOST, authority.root()),
            url: format!("https://{HOST}:{https}/"),
        }
    }

    fn get(&self) -> (u16, String) {
        let answer = self.curl.fetch(&[&self.url]);
        (answer.status, answer.text().trim().to_owned())
    }

    /// Waits until so many answers in a row come from these origins alone.
    fn settles_on(&self, wanted: &[&str]) {
        eventually(&format!("only {wanted:?}"), || {
            let answers: Vec<_> = (0..6).map(|_| self.get()).collect();
            let fits = |(status, name): &(u16, String)| *status == 200 && wanted.contains(&&**name);
            let all = wanted
                .iter()
                .all(|name| answers.iter().any(|(_, answer)| answer == name));
            (answers.iter().all(fits) && all).then_some(())
        });
    }
}

fn pinned(authority: &Authority, name: &str) -> String {
    let root = authority.root().display();
    format!("[site.origin]\nroot = \"{root}\"\nserver-name = \"{name}\"\n")
}

#[test]
fn an_origin_of_another_name_or_authority_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = |name: &str| {
        let place = folder.path().join(name);
        fs::create_dir(&place).expect("a folder");
        place
    };
    let (ours, others) = (place("ours"), place("others"));
    let (authority, stranger) = (Authority::new(&ours), Authority::new(&others));
    let port = free_port();
    let files = authority.issue(&ours, &[INNER], Validity::Good);
    let _origin = origin(folder.path(), "a", port, &files);
    for (number, (lines, status)) in [
        (pinned(&authority, INNER), 200),
        (pinned(&authority, "other.example.test"), 502),
        // The address that it is reached by is not on its certificate.
        (
            format!("[site.origin]\nroot = \"{}\"\n", authority.root().display()),
            502,
        ),
        (pinned(&stranger, INNER), 502),
        // The system knows nothing of the private authority.
        (format!("[site.origin]\nserver-name = \"{INNER}\"\n"), 502),
    ]
    .into_iter()
    .enumerate()
    {
        let home = place(&format!("gate-{number}"));
        let world = World::start(&home, &authority, &[port], &lines);
        let (found, text) = world.get();
        assert_eq!(found, status, "{lines}: {text}");
        assert_eq!(text == "a", status == 200, "{lines}: {text}");
    }
}

#[test]
fn an_expired_origin_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let authority = Authority::new(folder.path());
    let port = free_port();
    let files = authority.issue(folder.path(), &[INNER], Validity::Expired);
    let _origin = origin(folder.path(), "a", port, &files);
    let world = World::start(
        folder.path(),
        &authority,
        &[port],
        &pinned(&authority, INNER),
    );
    assert_eq!(world.get().0, 502);
}

#[test]
fn origins_that_are_killed_hang_or_flap_cost_nobody_an_answer() {
    const HEALTH: &str = "[site.health]\npath = \"/\"\ninterval = \"1s\"\ntimeout = \"1s\"\n\
                          passes = 1\nfails = 1\n[transport.deadlines]\nanswer = \"3s\"\n";
    let folder = tempfile::tempdir().expect("a temporary folder");
    let authority = Authority::new(folder.path());
    let files = authority.issue(folder.path(), &[INNER], Validity::Good);
    let ports = [free_port(), free_port()];
    let start = |number: usize| origin(folder.path(), ["a", "b"][number], ports[number], &files);
    let (a, b) = (start(0), start(1));
    let lines = pinned(&authority, INNER) + HEALTH;
    let mut world = World::start(folder.path(), &authority, &ports, &lines);
    world.settles_on(&["a", "b"]);

    // Killed: connections are refused, and whoever asks gets the other one.
    let workers = children(a.id());
    signal(a.id(), "KILL");
    workers.iter().for_each(|worker| signal(*worker, "KILL"));
    drop(a);
    for _ in 0..10 {
        let (status, name) = world.get();
        assert!(status == 200 && name == "b", "{status} {name}");
    }
    let a = start(0);
    world.settles_on(&["a", "b"]);

    // Hung: it accepts and says nothing. Its checks fail, and it is asked no more.
    let stuck = children(b.id());
    stuck.iter().for_each(|worker| signal(*worker, "STOP"));
    world.settles_on(&["a"]);
    stuck.iter().for_each(|worker| signal(*worker, "CONT"));
    world.settles_on(&["a", "b"]);

    // Flapping: whatever it does, each request is answered in time, and nearly always by an origin.
    let (mut good, mut asked) = (0, 0);
    let workers = children(b.id());
    for _ in 0..4 {
        for state in ["STOP", "CONT"] {
            workers.iter().for_each(|worker| signal(*worker, state));
            let end = Instant::now() + Duration::from_millis(1500);
            while Instant::now() < end {
                let begun = Instant::now();
                let (status, name) = world.get();
                assert!([200, 502, 503, 504].contains(&status), "{status} {name}");
                assert!(begun.elapsed() < Duration::from_secs(20));
                asked += 1;
                good += u32::from(status == 200);
            }
        }
    }
    assert!(good * 2 > asked, "{good} of {asked}");
    world.settles_on(&["a", "b"]);
    drop((a, b));
    assert!(world.process.stop().success());
}
