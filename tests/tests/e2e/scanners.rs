//! What public scanners say of the gate with a normal chain: their own verdict lines.

use std::fs;
use std::path::Path;
use std::process::Command;

use rempart_tests::gate::Gate;
use rempart_tests::process::{Running, output_of};
use rempart_tests::root;
use rempart_tests::site::nginx;
use serde_json::Value;

const HOST: &str = "wiki.example.test";

#[test]
fn sslyze_finds_the_mozilla_intermediate_profile() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (_origin, gate) = start(folder.path());
    let program = root().join("target/sslyze/bin/sslyze");
    let output = Command::new(&program)
        .arg("--mozilla_config=intermediate")
        .arg("--certinfo_ca_file")
        .arg(gate.authority.root())
        .arg(format!("{HOST}:{}{{127.0.0.1}}", gate.https.port()))
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}; tests/run installs it", program.display()));
    let report = String::from_utf8_lossy(&output.stdout);
    for line in [
        &format!("{HOST}:{}: OK - Compliant.", gate.https.port()),
        "Supplied CA file CA Store (N/A):   OK - Certificate is trusted",
        "Received Chain Order:              OK - Order is valid",
        "OK - Not vulnerable to Heartbleed",
        "OK - Compression disabled",
        "Client Renegotiation DoS Attack:   OK - Not vulnerable",
    ] {
        assert!(report.contains(line), "no line {line:?} in:\n{report}");
    }
    assert!(output.status.success(), "{report}");
}

#[test]
fn testssl_finds_no_fault() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (_origin, gate) = start(folder.path());
    let findings = folder.path().join("findings.json");
    let report = Command::new("testssl")
        .args([
            "--quiet",
            "--color",
            "0",
            "--warnings",
            "batch",
            "--nodns",
            "none",
        ])
        .args(["--ip", "127.0.0.1", "--add-ca"])
        .arg(gate.authority.root())
        .arg("--jsonfile")
        .arg(&findings)
        .arg(gate.url("/"))
        .output()
        .unwrap_or_else(|error| panic!("testssl: {error}; tests/run installs it"));
    let report = String::from_utf8_lossy(&report.stdout);
    let findings = fs::read(&findings).expect("testssl writes its findings");
    let findings: Vec<Value> = serde_json::from_slice(&findings).expect("findings are JSON");
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();

    // It looked at everything that matters, to the end.
    for id in [
        "TLS1_2",
        "TLS1_3",
        "cert_chain_of_trust",
        "HSTS_time",
        "heartbleed",
        "LUCKY13",
        "RC4",
    ] {
        let seen = findings.iter().find(|finding| finding["id"] == id);
        let severity = seen.map(|finding| text(finding, "severity"));
        assert_eq!(severity.as_deref(), Some("OK"), "{id} in:\n{report}");
    }
    assert!(
        findings.iter().any(|finding| finding["id"] == "scanTime"),
        "cut short:\n{report}"
    );

    let faults: Vec<String> = findings
        .iter()
        .filter(|finding| !["OK", "INFO"].contains(&text(finding, "severity").as_str()))
        .filter(|finding| ACCEPTED.iter().all(|(id, _)| finding["id"] != *id))
        .map(|finding| format!("{}: {}", text(finding, "id"), text(finding, "finding")))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}\n{report}");
    for verdict in ["VULNERABLE", "NOT ok"] {
        let lines: Vec<&str> = report
            .lines()
            .filter(|line| line.contains(verdict))
            .filter(|line| ACCEPTED.iter().all(|(_, text)| !line.contains(text)))
            .collect();
        assert!(lines.is_empty(), "{lines:#?}");
    }
}

#[test]
fn nmap_finds_strong_ciphers_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (_origin, gate) = start(folder.path());
    let report = output_of(
        Command::new("nmap")
            // By force: it does not know the port for one of TLS.
            .args([
                "-Pn",
                "-n",
                "--script",
                "+ssl-enum-ciphers",
                "--script-args",
            ])
            .arg(format!("tls.servername={HOST}"))
            .args(["-p", &gate.https.port().to_string(), "127.0.0.1"]),
    );
    let lines: Vec<&str> = report
        .lines()
        .filter_map(|line| Some(line.strip_prefix('|')?.trim_start_matches('_').trim()))
        .collect();
    let versions: Vec<_> = lines
        .iter()
        .filter(|line| line.starts_with("TLSv") || line.starts_with("SSLv"))
        .collect();
    assert_eq!(versions, [&"TLSv1.2:", &"TLSv1.3:"], "{report}");
    let grades = lines.iter().filter(|line| line.starts_with("TLS_"));
    let grades: Vec<_> = grades.map(|line| line.ends_with(" - A")).collect();
    assert_eq!(grades, [true; 6], "{report}");
    assert!(lines.contains(&"least strength: A"), "{report}");
    assert!(!report.contains("warnings"), "{report}");
}

/// Findings that are no fault of the gate: the scanner's name for it, and its line.
const ACCEPTED: [(&str, &str); 4] = [
    // Mozilla's profile leaves the choice to the client, because every suite offered is as
    // strong as the next and the client knows its own processor.
    ("cipher_order", "Has server cipher order?"),
    // Public authorities no longer name a responder, nor does the test authority.
    ("cert_revocation", "neither CRL nor OCSP URI provided"),
    // The scanner's client ends its connection before a ticket of TLS 1.3 can reach it, unless it
    // is slow. That tickets resume is held by tests of our own.
    (
        "sessionresumption_ticket",
        "Ticket resumption test not possible",
    ),
    // The scanner speaks of itself.
    ("engine_problem", "No engine or GOST support"),
];

/// The scanners also connect without naming anybody, as very old clients do. Such a client
/// is only served where the policy gives the site an address among its hosts.
fn start(folder: &Path) -> (Running, Gate) {
    let page = "        location / { default_type text/html; return 200 \"a page\\n\"; }";
    let (origin, address) = nginx::start(folder, page);
    let gate = Gate::start_for(folder, &[HOST, "127.0.0.1"], address);
    (origin, gate)
}
