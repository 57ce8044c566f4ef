//! Client certificates as openssl, curl and Chromium show them, from an authority made by openssl, with its
//! list of revoked ones and the end of that list.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use rempart_tests::gate::Gate;
use rempart_tests::process::output_of;
use rempart_tests::site::nginx;

const HOST: &str = "admin.example.test";

/// An authority of clients, in a folder of its own.
struct Clients(PathBuf);

impl Clients {
    fn new(folder: &Path, name: &str) -> Self {
        let home = folder.join(name);
        fs::create_dir(&home).expect("a folder");
        for (file, text) in [("index.txt", ""), ("crlnumber", "01\n"), ("serial", "01\n")] {
            fs::write(home.join(file), text).expect("written");
        }
        let configuration = "[ca]\ndefault_ca = this\n[this]\ndatabase = index.txt\n\
                             crlnumber = crlnumber\nserial = serial\nnew_certs_dir = .\n\
                             certificate = ca.pem\nprivate_key = ca.key\ndefault_md = sha256\n\
                             default_days = 30\npolicy = any\nx509_extensions = client\n\
                             [any]\ncommonName = supplied\n\
                             [client]\nextendedKeyUsage = clientAuth\n";
        fs::write(home.join("ca.cnf"), configuration).expect("written");
        let clients = Self(home);
        clients.openssl(&[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
            "-days",
            "30",
            "-subj",
            "/CN=clients",
            "-addext",
            "keyUsage=critical,keyCertSign,cRLSign",
        ]);
        clients
    }

    fn openssl(&self, arguments: &[&str]) -> String {
        output_of(Command::new("openssl").args(arguments).current_dir(&self.0))
    }

    /// The files of a certificate and its key.
    fn issue(&self, name: &str) -> (String, String) {
        let file = |kind: &str| format!("{name}.{kind}");
        self.openssl(&[
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-keyout",
            &file("key"),
            "-out",
            &file("csr"),
            "-subj",
            &format!("/CN={name}"),
        ]);
        self.openssl(&[
            "ca",
            "-batch",
            "-config",
            "ca.cnf",
            "-in",
            &file("csr"),
            "-out",
            &file("pem"),
        ]);
        let path = |kind: &str| self.0.join(file(kind)).display().to_string();
        (path("pem"), path("key"))
    }

    fn revoke(&self, name: &str) {
        self.openssl(&["ca", "-config", "ca.cnf", "-revoke", &format!("{name}.pem")]);
    }

    /// Writes the list, which ends after so many seconds.
    fn list(&self, seconds: u32) {
        let seconds = seconds.to_string();
        self.openssl(&[
            "ca",
            "-gencrl",
            "-config",
            "ca.cnf",
            "-crlsec",
            &seconds,
            "-out",
            "revoked.crl",
        ]);
    }

    fn path(&self, file: &str) -> String {
        self.0.join(file).display().to_string()
    }
}

/// What openssl gets over one version of TLS: whether the page came.
fn by_openssl(gate: &Gate, version: &str, shown: Option<&(String, String)>) -> bool {
    let mut command = Command::new("openssl");
    command
        .args([
            "s_client",
            "-quiet",
            version,
            "-servername",
            HOST,
            "-connect",
        ])
        .arg(gate.https.to_string())
        .arg("-CAfile")
        .arg(gate.authority.root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    if let Some((certificate, key)) = shown {
        command.args(["-cert", certificate, "-key", key]);
    }
    let child = command.spawn().expect("openssl");
    let request = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n");
    // Who is refused may be gone before this is written.
    let _ = std::io::Write::write_all(
        &mut child.stdin.as_ref().expect("a pipe"),
        request.as_bytes(),
    );
    let output = child.wait_with_output().expect("an end");
    String::from_utf8_lossy(&output.stdout).contains("HTTP/1.1 200")
}

fn by_curl(gate: &Gate, version: &[&str], shown: Option<&(String, String)>) -> bool {
    let url = gate.url("/");
    let mut arguments = vec![url.as_str(), "--fail", "--output", "/dev/null"];
    arguments.extend(version);
    if let Some((certificate, key)) = shown {
        arguments.extend(["--cert", certificate, "--key", key]);
    }
    gate.curl().exit_code(&arguments) == Some(0)
}

#[test]
fn openssl_and_curl_are_let_in_by_a_certificate_that_holds() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (ours, others) = (
        Clients::new(folder.path(), "ours"),
        Clients::new(folder.path(), "others"),
    );
    let (good, gone, stranger) = (ours.issue("good"), ours.issue("gone"), others.issue("good"));
    ours.revoke("gone");
    ours.list(3600);
    let (_origin, address) = nginx::start(
        folder.path(),
        "        location / { return 200 \"a page\\n\"; }",
    );
    let lines = format!(
        "[site.client-certificates]\nauthorities = \"{}\"\nrevoked = \"{}\"\n",
        ours.path("ca.pem"),
        ours.path("revoked.crl")
    );
    let mut gate = Gate::start_with(folder.path(), HOST, address, &lines);
    let check = |gate: &Gate, what: &str, shown: Option<&(String, String)>, expected: bool| {
        for (openssl, curl) in [
            ("-tls1_2", &["--tls-max", "1.2"][..]),
            ("-tls1_3", &["--tlsv1.3"]),
        ] {
            assert_eq!(
                by_openssl(gate, openssl, shown),
                expected,
                "{what} {openssl}"
            );
            assert_eq!(by_curl(gate, curl, shown), expected, "{what} {curl:?}");
        }
    };
    check(&gate, "good", Some(&good), true);
    check(&gate, "none", None, false);
    check(&gate, "revoked", Some(&gone), false);
    check(&gate, "another authority's", Some(&stranger), false);

    // A list that has ended says nothing of what was revoked since: nobody is let in by it.
    for (number, (what, seconds, expected)) in [
        ("good, by a list that has ended", 1, false),
        ("good, by a fresh list", 3600, true),
    ]
    .into_iter()
    .enumerate()
    {
        ours.list(seconds);
        gate.process.signal("HUP");
        gate.process.wait_for(|output| {
            (output.matches("policy reloaded").count() == number + 1).then_some(())
        });
        if !expected {
            std::thread::sleep(Duration::from_millis(2500));
        }
        check(&gate, what, Some(&good), expected);
    }
    check(&gate, "revoked, by a fresh list", Some(&gone), false);
}

/// What Chromium shows of the page when it may show this certificate to the site by itself, as an
/// administrator's policy lets it. The policy is of one process: its folder is seen by nobody else.
fn by_chromium(folder: &Path, gate: &Gate, shown: Option<&(String, String)>) -> String {
    const POLICY: &str = "mount -t tmpfs tmpfs /etc/chromium && mkdir -p /etc/chromium/policies/managed \
                          && cp \"$1\" /etc/chromium/policies/managed/ && shift && exec \"$@\"";
    let home = tempfile::tempdir_in(folder).expect("a temporary folder");
    let database = home.path().join(".pki/nssdb");
    fs::create_dir_all(&database).expect("a folder");
    let database = format!("sql:{}", database.display());
    output_of(Command::new("certutil").args(["-N", "--empty-password", "-d", &database]));
    output_of(
        Command::new("certutil")
            .args(["-A", "-n", "root", "-t", "C,,", "-d", &database, "-i"])
            .arg(gate.authority.root()),
    );
    if let Some((certificate, key)) = shown {
        let both = home.path().join("both.p12");
        output_of(
            Command::new("openssl")
                .args(["pkcs12", "-export", "-passout", "pass:", "-in", certificate])
                .args(["-inkey", key, "-out"])
                .arg(&both),
        );
        output_of(
            Command::new("pk12util")
                .args(["-W", "", "-d", &database, "-i"])
                .arg(&both),
        );
    }
    let policy = home.path().join("policy.json");
    let choice = format!("{{\\\"pattern\\\":\\\"https://{HOST}\\\",\\\"filter\\\":{{}}}}");
    let text = format!("{{\"AutoSelectCertificateForUrls\":[\"{choice}\"]}}");
    fs::write(&policy, text).expect("written");
    output_of(
        Command::new("unshare")
            .args(["--mount", "--map-root-user", "sh", "-ec", POLICY, "sh"])
            .arg(&policy)
            .args([
                "timeout",
                "60",
                "chromium",
                "--headless=new",
                "--no-sandbox",
            ])
            .args(["--disable-gpu", "--dump-dom"])
            .arg(format!("--host-resolver-rules=MAP {HOST} 127.0.0.1"))
            .arg(gate.url("/"))
            .env("HOME", home.path())
            .stderr(Stdio::null()),
    )
}

#[test]
fn chromium_is_let_in_by_a_certificate_that_holds() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (ours, others) = (
        Clients::new(folder.path(), "ours"),
        Clients::new(folder.path(), "others"),
    );
    let (good, stranger) = (ours.issue("good"), others.issue("good"));
    let (_origin, address) = nginx::start(
        folder.path(),
        "        location / { default_type text/html; return 200 \"$http_client_cert\"; }",
    );
    let lines = format!(
        "[site.client-certificates]\nauthorities = \"{}\"\n",
        ours.path("ca.pem")
    );
    let gate = Gate::start_with(folder.path(), HOST, address, &lines);
    // The origin says what the gate told it: a certificate between colons.
    assert!(by_chromium(folder.path(), &gate, Some(&good)).contains(":MII"));
    for shown in [None, Some(&stranger)] {
        let page = by_chromium(folder.path(), &gate, shown);
        assert!(!page.contains(":MII"), "{page}");
    }
}
