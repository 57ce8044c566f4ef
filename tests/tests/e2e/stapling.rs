//! The status of certificates as OpenSSL's responder tells it, and as openssl and curl get it
//! with the handshake; responders that are dead, mad or not to be believed.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rempart_tests::binary;
use rempart_tests::clock::Clock;
use rempart_tests::curl::Curl;
use rempart_tests::process::{Running, free_port, output_of};
use rempart_tests::raw::stubborn_origin;

/// An authority made by openssl, in a folder of its own.
struct Authority(PathBuf);

impl Authority {
    fn new(folder: &Path, name: &str) -> Self {
        let home = folder.join(name);
        fs::create_dir(&home).expect("a folder");
        for (file, text) in [("index.txt", ""), ("serial", "1001\n")] {
            fs::write(home.join(file), text).expect("written");
        }
        let configuration = "[ca]\ndefault_ca = this\n[this]\ndatabase = index.txt\n\
                             serial = serial\nnew_certs_dir = .\ncertificate = ca.pem\n\
                             private_key = ca.key\ndefault_md = sha256\ndefault_days = 30\n\
                             policy = any\n[any]\ncommonName = supplied\n";
        fs::write(home.join("ca.cnf"), configuration).expect("written");
        let authority = Self(home);
        let subject = format!("/CN={name}");
        authority.key("ca", &["-x509", "-days", "30", "-subj", &subject]);
        authority
    }

    fn openssl(&self, arguments: &[&str]) {
        output_of(Command::new("openssl").args(arguments).current_dir(&self.0));
    }

    /// A key, and what openssl makes with it.
    fn key(&self, name: &str, more: &[&str]) {
        let (key, out) = (format!("{name}.key"), format!("{name}.pem"));
        let mut arguments = vec![
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
        ];
        arguments.extend(["-nodes", "-keyout", &key, "-out", &out]);
        arguments.extend(more);
        self.openssl(&arguments);
    }

    /// A certificate with these extensions, and its chain.
    fn issue(&self, name: &str, extensions: &str) {
        self.key(name, &["-subj", &format!("/CN={name}")]);
        fs::write(self.0.join("extensions"), extensions).expect("written");
        let (request, leaf) = (format!("{name}.pem"), format!("{name}.leaf"));
        let mut arguments = vec!["ca", "-batch", "-notext", "-config", "ca.cnf"];
        arguments.extend(["-extfile", "extensions", "-in", &request, "-out", &leaf]);
        self.openssl(&arguments);
        let chain = [leaf.as_str(), "ca.pem"].map(|file| fs::read(self.0.join(file)));
        let chain = chain.map(|part| part.expect("a certificate")).concat();
        fs::write(self.0.join(format!("{name}.chain")), chain).expect("written");
    }

    /// The certificate of a site that names a responder.
    fn issue_site(&self, host: &str, responder: &str, more: &str) {
        let extensions = format!(
            "subjectAltName = DNS:{host}\nextendedKeyUsage = serverAuth\n\
             authorityInfoAccess = OCSP;URI:{responder}\n{more}"
        );
        self.issue(host, &extensions);
    }

    fn revoke(&self, host: &str) {
        let leaf = format!("{host}.leaf");
        self.openssl(&["ca", "-config", "ca.cnf", "-revoke", &leaf]);
    }

    /// OpenSSL's responder, under a clock that is off by `offset`.
    fn responder(&self, name: &str, offset: &str, port: u16, more: &[&str]) -> Running {
        let (certificate, key) = (format!("{name}.leaf"), format!("{name}.key"));
        let certificate = if name == "ca" { "ca.pem" } else { &certificate };
        let home = self.0.join(port.to_string());
        fs::create_dir_all(&home).expect("a folder");
        let clock = Clock::new(&home);
        clock.set(offset);
        let mut command = Command::new("openssl");
        command
            .args(["ocsp", "-index", "index.txt", "-CA", "ca.pem"])
            .args(["-rsigner", certificate, "-rkey", &key])
            .args(["-port", &port.to_string()])
            .args(more)
            .current_dir(&self.0);
        clock.rule(&mut command);
        let mut running = Running::start(&format!("responder-{port}"), &mut command, &self.0);
        // It serves one connection after the other, and hangs on one that asks nothing.
        running.wait_for(|output| output.contains("waiting for OCSP").then_some(()));
        running
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

/// A gate for sites of one certificate each.
struct Gate {
    process: Running,
    https: SocketAddr,
    admin: SocketAddr,
    root: PathBuf,
}

impl Gate {
    fn start(folder: &Path, authority: &Authority, hosts: &[&str]) -> Self {
        let origin =
            stubborn_origin(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
        let (http, https, admin) = (free_port(), free_port(), free_port());
        let mut policy = format!(
            "version = 1\nlanguage = \"en\"\n[transport]\n\
             http = \"127.0.0.1:{http}\"\nhttps = \"127.0.0.1:{https}\"\n\
             [transport.admin]\nlisten = \"127.0.0.1:{admin}\"\n"
        );
        for host in hosts {
            let chain = authority.file(&format!("{host}.chain"));
            let key = authority.file(&format!("{host}.key"));
            policy += &format!(
                "[[site]]\nhosts = [\"{host}\"]\nupstream = \"http://{origin}\"\n\
                 certificate = {{ chain = \"{}\", key = \"{}\" }}\n",
                chain.display(),
                key.display(),
            );
        }
        let path = folder.join("policy.toml");
        fs::write(&path, policy).expect("written");
        let mut command = binary::rempart();
        command.arg("--policy").arg(&path);
        command
            .arg("serve")
            .arg("--state")
            .arg(folder.join("state"));
        let mut process = Running::start("rempart", &mut command, folder);
        let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        process.wait_for_gate(at(https));
        Self {
            process,
            https: at(https),
            admin: at(admin),
            root: authority.file("ca.pem"),
        }
    }

    /// What openssl says of the status that comes with the handshake.
    fn shown(&self, host: &str, version: &str) -> String {
        let output = Command::new("openssl")
            .args(["s_client", "-status", version, "-servername", host])
            .arg("-connect")
            .arg(self.https.to_string())
            .arg("-CAfile")
            .arg(&self.root)
            .stdin(Stdio::null())
            .output()
            .expect("openssl");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            text.contains("Verify return code: 0 (ok)"),
            "{host}: {text}"
        );
        text
    }

    fn is_stapled(&self, host: &str) -> bool {
        let text = self.shown(host, "-tls1_3");
        let bare = text.contains("OCSP response: no response sent");
        let good =
            text.contains("OCSP Response Status: successful") && text.contains("Cert Status: good");
        assert!(bare != good, "{host}: {text}");
        good
    }

    /// Waits up to 40 s; what the gate wrote is in the message when it was in vain.
    fn eventually<T>(&self, what: &str, mut found: impl FnMut() -> Option<T>) -> T {
        let end = Instant::now() + Duration::from_secs(40);
        loop {
            if let Some(value) = found() {
                return value;
            }
            let log = || self.process.output();
            assert!(Instant::now() < end, "never: {what}: {}", log());
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn metric(&self, name: &str, host: &str) -> Option<String> {
        let page = output_of(
            Command::new("curl").args(["-sS", &format!("http://{}/metrics", self.admin)]),
        );
        let start = format!("{name}{{site=\"{host}\"}} ");
        let mut lines = page.lines();
        lines.find_map(|line| line.strip_prefix(&start).map(str::to_owned))
    }

    fn page(&self) -> String {
        output_of(Command::new("curl").args(["-sS", &format!("http://{}/", self.admin)]))
    }
}

/// Something on a port that answers every connection in its own way.
fn mad(answer: impl Fn(&mut std::net::TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut head = [0; 4096];
            let _ = stream.read(&mut head);
            answer(&mut stream);
        }
    });
    format!("http://{address}/")
}

#[test]
fn a_good_status_is_stapled_renewed_and_gone_when_the_certificate_is_revoked() {
    let folder = tempfile::tempdir().expect("a folder");
    let authority = Authority::new(folder.path(), "authority");
    authority.issue("delegate", "extendedKeyUsage = OCSPSigning\n");
    let (own, short) = (free_port(), free_port());
    let at = |port| format!("http://127.0.0.1:{port}/");
    authority.issue_site("a.test", &at(own), "");
    authority.issue_site("b.test", &at(short), "tlsfeature = status_request\n");
    // Signed by the authority itself, good for an hour; and by its delegate, for ten seconds.
    let _own = authority.responder("ca", "+0s", own, &["-nmin", "60"]);
    let brief = ["-nmin", "1"];
    let _short = authority.responder("delegate", "-50s", short, &brief);
    let gate = Gate::start(folder.path(), &authority, &["a.test", "b.test"]);

    for host in ["a.test", "b.test"] {
        gate.eventually("a status is stapled", || {
            gate.is_stapled(host).then_some(())
        });
        assert!(gate.shown(host, "-tls1_2").contains("Cert Status: good"));
        // curl verifies it.
        let curl = Curl::new(host, &gate.root);
        let url = format!("https://{host}:{}/", gate.https.port());
        let answer = curl.fetch(&["--cert-status", &url]);
        assert_eq!(answer.status, 200);
        assert_eq!(
            gate.metric("rempart_ocsp_stapled", host).as_deref(),
            Some("1")
        );
        assert_eq!(
            gate.metric("rempart_ocsp_revoked", host).as_deref(),
            Some("0")
        );
    }
    assert!(gate.page().contains("OCSP status stapled, good until"));

    // Renewed before it is over.
    let until = |host| gate.metric("rempart_ocsp_expiry_timestamp_seconds", host);
    let first = until("b.test");
    gate.eventually("another status", || {
        let found = until("b.test");
        assert!(gate.is_stapled("b.test"));
        (found.is_some() && found != first).then_some(())
    });
    assert!(gate.is_stapled("a.test"));

    authority.revoke("b.test");
    gate.eventually("the gate hears of it", || {
        (gate.metric("rempart_ocsp_revoked", "b.test")? == "1").then_some(())
    });
    gate.eventually("nothing is stapled", || {
        (!gate.is_stapled("b.test")).then_some(())
    });
    let log = gate.process.output();
    assert!(
        log.contains("THE AUTHORITY REVOKED THIS CERTIFICATE"),
        "{log}"
    );
    assert!(
        gate.page()
            .contains("THE AUTHORITY REVOKED THIS CERTIFICATE")
    );
    assert!(gate.is_stapled("a.test"));

    // A reload forgets nothing.
    gate.process.signal("HUP");
    thread::sleep(Duration::from_millis(500));
    assert!(gate.is_stapled("a.test") && !gate.is_stapled("b.test"));
}

#[test]
fn what_is_over_is_not_shown_and_a_dead_responder_stops_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let authority = Authority::new(folder.path(), "authority");
    let port = free_port();
    authority.issue_site(
        "a.test",
        &format!("http://127.0.0.1:{port}/"),
        "tlsfeature = status_request\n",
    );
    let mut responder = authority.responder("ca", "-45s", port, &["-nmin", "1"]);
    let gate = Gate::start(folder.path(), &authority, &["a.test"]);
    gate.eventually("a status is stapled", || {
        gate.is_stapled("a.test").then_some(())
    });
    responder.stop();
    // Shown on while it is good, and then no more.
    assert!(gate.is_stapled("a.test"));
    gate.eventually("it is over", || (!gate.is_stapled("a.test")).then_some(()));
    gate.eventually("the log says so", || {
        let log = gate.process.output();
        log.contains("THE CERTIFICATE DEMANDS ITS OCSP STATUS")
            .then_some(())
    });
    assert!(gate.page().contains("WITHOUT ITS OCSP STATUS"));
    // Asked again, and there again.
    let _responder = authority.responder("ca", "+0s", port, &["-nmin", "60"]);
    gate.eventually("a status is stapled again", || {
        gate.is_stapled("a.test").then_some(())
    });
}

#[test]
fn nothing_that_is_not_to_be_believed_is_stapled_and_nothing_waits_for_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let authority = Authority::new(folder.path(), "authority");
    let other = Authority::new(folder.path(), "other");
    authority.issue("delegate", "extendedKeyUsage = OCSPSigning\n");
    authority.issue("web", "extendedKeyUsage = serverAuth\n");
    other.issue("delegate", "extendedKeyUsage = OCSPSigning\n");
    let good = free_port();
    let hour = ["-nmin", "60"];
    let _good = authority.responder("delegate", "+0s", good, &hour);
    let at = |port: u16| format!("http://127.0.0.1:{port}/");

    // Started when the certificates are there: OpenSSL reads its list once.
    let mut later = Vec::new();
    let mut real = |authority, name, offset, more| {
        let port = free_port();
        later.push((authority, name, offset, port, more));
        at(port)
    };
    let (day, none): (&[&str], &[&str]) = (&["-ndays", "1"], &[]);
    let hour: &[&str] = &hour;
    let elsewhere = at(good);
    let rows = [
        ("dead.test", at(free_port()), "does not answer"),
        (
            "hanging.test",
            mad(|_| thread::sleep(Duration::from_secs(60))),
            "does not answer (15 s)",
        ),
        (
            "noise.test",
            mad(|stream| {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nnoise");
            }),
            "no OCSP response",
        ),
        (
            "moved.test",
            mad(move |stream| {
                let head = format!(
                    "HTTP/1.1 302 Found\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\n\r\n"
                );
                let _ = stream.write_all(head.as_bytes());
            }),
            "status 302",
        ),
        (
            "endless.test",
            mad(|stream| {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
                while stream.write_all(&[0x30; 4096]).is_ok() {}
            }),
            "over 16 KiB",
        ),
        ("unknown.test", at(good), "does not know"),
        (
            "past.test",
            real(&authority, "delegate", "-2d", day),
            "only held until",
        ),
        (
            "future.test",
            real(&authority, "delegate", "+1d", day),
            "only holds from",
        ),
        (
            "unending.test",
            real(&authority, "delegate", "+0s", none),
            "nextUpdate",
        ),
        (
            "web.test",
            real(&authority, "web", "+0s", hour),
            "neither by the authority",
        ),
        (
            "stranger.test",
            real(&other, "delegate", "+0s", hour),
            "neither by the authority",
        ),
        (
            "secure.test",
            "https://127.0.0.1:1/".to_owned(),
            "not at an http address",
        ),
    ];
    for (host, responder, _) in &rows {
        authority.issue_site(host, responder, "");
    }
    let running = later.into_iter();
    let _running: Vec<Running> = running
        .map(|(authority, name, offset, port, more)| authority.responder(name, offset, port, more))
        .collect();
    authority.issue("plain.test", "subjectAltName = DNS:plain.test\n");
    let mut hosts: Vec<&str> = rows.iter().map(|(host, _, _)| *host).collect();
    hosts.push("plain.test");
    let start = Instant::now();
    let gate = Gate::start(folder.path(), &authority, &hosts);
    for host in &hosts {
        assert!(!gate.is_stapled(host), "{host}");
    }
    assert!(start.elapsed() < Duration::from_secs(14), "nothing waits");
    for (host, _, why) in &rows {
        let line = format!("site=\"{host}\"");
        gate.eventually(&format!("{host} is told with {why:?}"), || {
            let log = gate.process.output();
            let mut lines = log.lines();
            let said = |of: &str| of.contains(&line) && of.contains("OCSP") && of.contains(why);
            lines.any(said).then_some(())
        });
    }
    // Its list has the certificate by now, and it is asked again.
    gate.eventually("a status is stapled", || {
        gate.is_stapled("unknown.test").then_some(())
    });
    hosts.retain(|host| *host != "unknown.test");
    for host in &hosts {
        assert!(!gate.is_stapled(host), "{host}");
        let expected = (*host != "plain.test").then_some("0");
        assert_eq!(
            gate.metric("rempart_ocsp_stapled", host).as_deref(),
            expected,
            "{host}"
        );
    }
    let log = gate.process.output();
    assert!(
        !log.contains("site=\"plain.test\"") && !log.contains("panicked"),
        "{log}"
    );
}
