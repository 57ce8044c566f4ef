//! A site with the faults of seven published decisions: `scan` and `audit` find every one; the
//! same site behind the gate keeps those that only its owner can mend, and they are listed.

use std::collections::BTreeSet;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;

use rempart_tests::authority::{Authority, Files, Validity};
use rempart_tests::process::{Running, free_port};
use rempart_tests::{binary, gate, root};
use serde_json::Value;

const HOST: &str = "voyance.example.test";

/// Decision, and the codes that show its facts on this site.
const DECISIONS: [(&str, &[&str]); 7] = [
    (
        "KG COM SAN-2023-008",
        &[
            "scan-no-https",
            "scan-clear-password-form",
            "scan-password-min-short",
        ],
    ),
    (
        "Doctissimo SAN-2023-006",
        &["scan-no-https", "audit-unsalted"],
    ),
    (
        "Infogreffe SAN-2022-018",
        &[
            "scan-password-max-short",
            "scan-password-by-mail",
            "scan-secret-question",
            "audit-unknown",
        ],
    ),
    ("Discord SAN-2022-020", &["scan-password-min-short"]),
    ("EDF SAN-2022-021", &["audit-unsalted", "audit-equal"]),
    (
        "Free SAN-2022-022",
        &["scan-password-by-mail", "audit-unknown"],
    ),
    (
        "Brico Privé SAN-2021-008",
        &["scan-password-digits", "audit-unsalted"],
    ),
];

/// Faults of the connection, which are all gone behind the gate.
const MENDED: [&str; 10] = [
    "scan-clear-cookie",
    "scan-clear-page",
    "scan-clear-password-form",
    "scan-no-https",
    "scan-suite-cbc",
    "scan-suite-open",
    "scan-tls-obsolete",
    "scan-tls10",
    "scan-tls11",
    "scan-tls-any-name",
];

/// What the site itself has to mend, or its owner to decide.
const REMAINING: [&str; 11] = [
    "scan-autocomplete-off",
    "scan-cookie-prefix",
    "scan-cookie-same-site",
    "scan-form-get",
    "scan-hsts-subdomains",
    "scan-password-by-mail",
    "scan-password-digits",
    "scan-password-max-short",
    "scan-password-min-short",
    "scan-paste-blocked",
    "scan-secret-question",
];

#[test]
fn every_fault_is_found_and_the_gate_leaves_only_the_owners() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let authority = Authority::new(folder);
    let files = authority.issue(folder, &[HOST], Validity::Good);
    let (_php, origin) = php(folder);

    let (_nginx, http, https) = old_server(folder, origin, &files);
    let before = scan(
        folder,
        &authority,
        &format!("http://{HOST}:{http}/"),
        &["--https-port", &https.to_string()],
    );
    fs::write(folder.join("before.json"), before.to_string())
        .expect("a temporary folder is writable");
    let audit = binary::run(
        binary::rempart()
            .args(["audit", "--format", "json"])
            .arg(folder.join("users.csv")),
        b"",
    );
    let audit: Value = serde_json::from_str(&audit.out).expect("JSON");

    let seen = codes(&before["sites"][0]["findings"]);
    let kept = codes(&audit["findings"]);
    for (decision, faults) in DECISIONS {
        for code in faults {
            assert!(
                seen.contains(code) || kept.contains(code),
                "{decision}: no {code} in {seen:?} {kept:?}"
            );
        }
        let named = before.to_string() + &audit.to_string();
        assert!(named.contains(decision), "{decision} is not named");
    }

    let (_gate, http, https) = gate(folder, origin, &files);
    let after = scan(
        folder,
        &authority,
        &format!("https://{HOST}:{https}/"),
        &["--http-port", &http.to_string()],
    );
    let left = codes(&after["sites"][0]["findings"]);
    assert_eq!(
        left,
        BTreeSet::from(REMAINING),
        "what is left, and what is listed"
    );
    for code in MENDED {
        assert!(seen.contains(code), "{code} was there");
    }

    let compared = binary::run(
        command(
            folder,
            &authority,
            &format!("https://{HOST}:{https}/"),
            &["--http-port", &http.to_string()],
        )
        .args(["--lang", "en", "--compare"])
        .arg(folder.join("before.json")),
        b"",
    );
    assert_eq!(compared.code, Some(1), "{}", compared.err);
    for line in [
        "Gone (",
        "[scan-no-https]",
        "Remaining (",
        "[scan-secret-question]",
    ] {
        assert!(
            compared.out.contains(line),
            "no {line} in:\n{}",
            compared.out
        );
    }
}

fn codes(findings: &Value) -> BTreeSet<&str> {
    let findings = findings.as_array().expect("findings");
    findings
        .iter()
        .map(|finding| finding["code"].as_str().expect("a code"))
        .collect()
}

fn command(folder: &Path, authority: &Authority, url: &str, more: &[&str]) -> Command {
    let mut command = binary::rempart();
    command
        .current_dir(folder)
        .args(["scan", url, "--connect-to", "127.0.0.1", "--root"])
        .arg(authority.root())
        .args(more);
    command
}

fn scan(folder: &Path, authority: &Authority, url: &str, more: &[&str]) -> Value {
    let run = binary::run(
        command(folder, authority, url, more).args(["--format", "json"]),
        b"",
    );
    assert_eq!(run.code, Some(1), "{}", run.err);
    serde_json::from_str(&run.out).expect("JSON")
}

/// The site by PHP's own server; its files go to the folder.
fn php(folder: &Path) -> (Running, SocketAddr) {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
    let mut command = Command::new("php");
    command
        .args(["-n", "-S", &address.to_string()])
        .arg(root().join("tests/kgcom/site.php"))
        .env("SITE_DATA", folder);
    let mut process = Running::start("php", &mut command, folder);
    process.wait_for_port(address);
    (process, address)
}

/// The server of that time: plain HTTP beside TLS 1.0 and 1.1.
fn old_server(folder: &Path, origin: SocketAddr, files: &Files) -> (Running, u16, u16) {
    let (http, https) = (free_port(), free_port());
    let (place, chain, key) = (folder.display(), files.chain.display(), files.key.display());
    let text = format!(
        "daemon off; worker_processes 1; pid {place}/old.pid; error_log stderr warn; user root;
events {{ worker_connections 256; }}
http {{
    access_log off; client_body_temp_path {place}/b; proxy_temp_path {place}/p;
    fastcgi_temp_path {place}/f; uwsgi_temp_path {place}/u; scgi_temp_path {place}/s;
    server {{
        listen 127.0.0.1:{http};
        listen 127.0.0.1:{https} ssl;
        ssl_certificate {chain}; ssl_certificate_key {key};
        ssl_protocols TLSv1 TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;
        location / {{ proxy_pass http://{origin}; proxy_set_header Host $http_host; }}
    }}
}}
"
    );
    let path = folder.join("old.conf");
    fs::write(&path, text).expect("a temporary folder is writable");
    let mut command = Command::new("/usr/sbin/nginx");
    // The system's own limits on old versions are not in the way here.
    command
        .env("OPENSSL_CONF", "/dev/null")
        .args(["-e", "stderr", "-c"])
        .arg(&path)
        .arg("-p")
        .arg(folder);
    let mut process = Running::start("old", &mut command, folder);
    process.wait_for_port(SocketAddr::from((Ipv4Addr::LOCALHOST, https)));
    (process, http, https)
}

/// The gate with the reference policy, and pages mended.
fn gate(folder: &Path, origin: SocketAddr, files: &Files) -> (Running, u16, u16) {
    let (http, https) = (free_port(), free_port());
    let policy = gate::policy(&[HOST], origin, http, https, files) + "[site.repair]\nhtml = true\n";
    let path = folder.join("policy.toml");
    fs::write(&path, policy).expect("a temporary folder is writable");
    let mut command = binary::rempart();
    command
        .arg("--policy")
        .arg(path)
        .args(["serve", "--state"])
        .arg(folder.join("state"));
    let mut process = Running::start("rempart", &mut command, folder);
    for port in [http, https] {
        process.wait_for_port(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    }
    (process, http, https)
}
