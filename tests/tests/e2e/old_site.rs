//! A site with the faults of seven published decisions: `scan` and `audit` find every one; the
//! same site behind the gate keeps those that only its owner can mend, and they are listed.
//!
//! What a page states is a fault that stays, although the gate takes no such password: a scan
//! tries none.

use std::collections::BTreeSet;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;

use rempart_tests::authority::{Authority, Files, Validity};
use rempart_tests::curl::Curl;
use rempart_tests::process::{Running, free_port};
use rempart_tests::site::nginx;
use rempart_tests::{binary, gate, root};
use serde_json::Value;

const HOST: &str = "voyance.example.test";

/// A code, and the path of the page that shows it; none for what is found in the table.
type Fact = (&'static str, &'static str);

/// Decision, the findings on this site that name it, and those that show its facts and name
/// nobody: a secret question is no stored one, an unknown text is only perhaps a password.
const DECISIONS: [(&str, &[Fact], &[Fact]); 7] = [
    (
        "KG COM SAN-2023-008",
        &[
            ("scan-no-https", "/"),
            ("scan-clear-password-form", "/connexion"),
            ("scan-password-min-short", "/inscription"),
        ],
        &[],
    ),
    (
        "Doctissimo SAN-2023-006",
        &[("scan-no-https", "/"), ("audit-unsalted", "")],
        &[],
    ),
    (
        "Infogreffe SAN-2022-018",
        &[
            ("scan-password-max-restricted", "/inscription"),
            ("scan-password-by-mail", "/inscription"),
        ],
        &[
            ("scan-secret-question", "/inscription"),
            ("audit-unknown", ""),
        ],
    ),
    (
        "Discord SAN-2022-020",
        &[("scan-password-min-short", "/forum/register")],
        &[],
    ),
    (
        "EDF SAN-2022-021",
        &[("audit-unsalted", "")],
        &[("audit-equal", "")],
    ),
    (
        "Free SAN-2022-022",
        &[("scan-password-by-mail", "/compte/oublie")],
        &[("scan-form-get", "/compte/oublie"), ("audit-unknown", "")],
    ),
    (
        "Brico Privé SAN-2021-008",
        &[
            ("scan-password-digits", "/personnel/compte"),
            ("audit-unsalted", ""),
        ],
        &[],
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
const REMAINING: [&str; 7] = [
    "scan-cookie-prefix",
    "scan-password-by-mail",
    "scan-password-digits",
    "scan-password-max-restricted",
    "scan-password-min-short",
    "scan-paste-blocked",
    "scan-secret-question",
];

/// What the report says of the faults that are left: by clause, none of them "kept", although the
/// library would keep it; and of what the gate does for the forms that are described.
const REPORTED: [(&str, &str); 11] = [
    ("cnil-never-sent-in-clear", "library"),
    ("cnil-secret-questions", "library"),
    ("cnil-never-stored-in-clear", "library"),
    ("cnil-hash", "library"),
    ("cnil-obsolete-hash", "library"),
    ("cnil-notify-change", "library"),
    ("cnil-paste", "yours"),
    ("cnil-restriction", "kept"),
    ("cnil-case-2", "kept"),
    ("cnil-checked-at-creation", "kept"),
    ("cnil-no-clear-http", "kept"),
];

/// What the gate is told of the site. It takes eight signs at most, so that only the example of
/// 50 bits fits, and the sign-in is restricted. Its reset mails a short password that nobody has
/// to change: that door is shut.
const FORMS: &str = r#"
[site.repair]
html = true

[[site.repair.cookie]]
name = "PHPSESSID"
same-site = "lax"

[[site.form]]
kind = "sign-in"
path = "/entrer"
identifier = "email"
password = "pass"
success = [{ status = "200", body = "Bienvenue" }]
attributes = true

[[site.form]]
kind = "sign-up"
path = "/inscription"
identifier = "email"
password = "pass"
confirm = "pass2"

[[site.form]]
kind = "sign-up"
path = "/forum/register"
identifier = "email"
password = "pass"

[[site.form]]
kind = "change"
path = "/personnel/compte"
password = "code"

[[site.form]]
kind = "closed"
path = "/compte/oublie"
method = "any"
"#;

/// The requirement that the site can keep.
const EIGHT: &str = r#"
[password]
case = "restricted-access"

[[password.form]]
example = "8-characters"
"#;

/// Path, fields, the file where the site then keeps or mails a password, and what the gate answers.
const PASSWORDS: [(&str, &str, &str, u16); 6] = [
    ("/inscription", "email=gus&pass=a&pass2=a", "users.csv", 422),
    ("/forum/register", "email=hal&pass=soleil", "users.csv", 422),
    ("/personnel/compte", "code=123456", "staff.csv", 422),
    ("/compte/oublie?email=ana", "", "mail.txt", 403),
    // Eight signs of four types are enough where attempts are restricted …
    ("/inscription", STRONG, "users.csv", 200),
    // … and are mailed in clear all the same: that is the owner's.
    ("/inscription", STRONG, "mail.txt", 200),
];

const STRONG: &str = "email=ida&pass=k7%23Qw%212z&pass2=k7%23Qw%212z";

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
    let findings = |log: &Value| log.as_array().expect("findings").clone();
    let all = [
        findings(&before["sites"][0]["findings"]),
        findings(&audit["findings"]),
    ]
    .concat();
    for (decision, naming, besides) in DECISIONS {
        for fact in naming.iter().chain(besides) {
            let (code, path) = *fact;
            let of_fact = |finding: &&Value| {
                let url = finding["url"].as_str().unwrap_or_default();
                let at = url.splitn(4, '/').nth(3).map(|rest| format!("/{rest}"));
                finding["code"] == code && at.unwrap_or_default() == path
            };
            let decisions: Vec<String> = all
                .iter()
                .filter(of_fact)
                .map(|finding| finding["decisions"].to_string())
                .collect();
            assert!(!decisions.is_empty(), "{decision}: no {code} at {path}");
            let is_named = decisions
                .iter()
                .any(|decisions| decisions.contains(decision));
            assert_eq!(
                is_named,
                naming.contains(fact),
                "{decision}: {code} at {path}: {decisions:?}"
            );
        }
    }

    let curl = Curl::new(HOST, authority.root());
    let site = format!("http://{HOST}:{http}");
    for (path, fields, file, _) in PASSWORDS {
        let answer = send(&curl, &site, path, fields, folder, file);
        assert_eq!(answer, (200, true), "{path} {fields}");
    }
    assert_eq!(guesses(&curl, &site), [401, 401, 200]);

    let (_gate, http, https) = gate(folder, origin, &files, EIGHT);
    let after = scan(
        folder,
        &authority,
        &format!("https://{HOST}:{https}/"),
        &["--http-port", &http.to_string()],
    );
    let site = format!("https://{HOST}:{https}");
    for (path, fields, file, status) in PASSWORDS {
        let answer = send(&curl, &site, path, fields, folder, file);
        assert_eq!(answer, (status, status == 200), "{path} {fields}");
    }
    assert_eq!(guesses(&curl, &site), [401, 429, 429]);

    let left = codes(&after["sites"][0]["findings"]);
    assert_eq!(
        left,
        BTreeSet::from(REMAINING),
        "what is left, and what is listed"
    );
    for code in MENDED {
        assert!(seen.contains(code), "{code} was there");
    }

    // With the reference requirement the site takes no account, and the scan finds the same.
    let strict = folder.join("strict");
    fs::create_dir(&strict).expect("a temporary folder is writable");
    let (_strict, http_strict, https_strict) = gate(&strict, origin, &files, "");
    let after = scan(
        folder,
        &authority,
        &format!("https://{HOST}:{https_strict}/"),
        &["--http-port", &http_strict.to_string()],
    );
    let site = format!("https://{HOST}:{https_strict}");
    for (path, fields, file, status) in PASSWORDS {
        let status = if fields == STRONG { 422 } else { status };
        let answer = send(&curl, &site, path, fields, folder, file);
        assert_eq!(answer, (status, false), "{path} {fields}");
    }
    assert_eq!(
        codes(&after["sites"][0]["findings"]),
        BTreeSet::from(REMAINING)
    );

    let report = binary::run(
        binary::rempart()
            .arg("--policy")
            .arg(folder.join("policy.toml"))
            .args(["report", "--format", "json"]),
        b"",
    );
    assert_eq!(report.code, Some(0), "{}", report.err);
    let report: Value = serde_json::from_str(&report.out).expect("JSON");
    for (id, state) in REPORTED {
        let mut clauses = report["clauses"].as_array().expect("clauses").iter();
        let clause = clauses.find(|clause| clause["id"] == id).expect(id);
        assert_eq!(clause["state"], state, "{id}");
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
    let (gone, remaining) = compared
        .out
        .split_once("Remaining (")
        .expect("what remains is listed");
    for code in MENDED {
        assert!(gone.contains(&format!("[{code}]")), "{code} in:\n{gone}");
    }
    for code in REMAINING {
        assert!(
            compared.out.contains(&format!("[{code}]")),
            "{code} in:\n{remaining}"
        );
    }
}

/// A site whose first page leads to HTTPS, and whose sign-in is served in clear all the same.
#[test]
fn a_page_behind_a_redirect_is_asked_for_in_clear_too() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let authority = Authority::new(folder);
    let files = authority.issue(folder, &[HOST], Validity::Good);
    let https = free_port();
    let (chain, key) = (files.chain.display(), files.key.display());
    let (_nginx, http) = nginx::start(
        folder,
        &format!(
            "        listen 127.0.0.1:{https} ssl;
        ssl_certificate {chain}; ssl_certificate_key {key};
        default_type text/html;
        location = / {{
            if ($scheme = http) {{ return 308 https://{HOST}:{https}/; }}
            return 200 '<a href=/connexion>Connexion</a>';
        }}
        location / {{ return 200 '<form method=post><input type=password name=p></form>'; }}"
        ),
    );
    let seen = scan(
        folder,
        &authority,
        &format!("http://{HOST}:{}/", http.port()),
        &["--https-port", &https.to_string()],
    );
    let findings = seen["sites"][0]["findings"].as_array().expect("findings");
    let clear = findings
        .iter()
        .find(|finding| finding["code"] == "scan-clear-password-form")
        .expect("the sign-in in clear");
    assert_eq!(
        clear["url"],
        format!("http://{HOST}:{}/connexion", http.port())
    );
    assert!(!codes(&seen["sites"][0]["findings"]).contains("scan-no-https"));
}

/// What is answered to a chosen password, and whether the site kept or mailed it.
fn send(
    curl: &Curl,
    site: &str,
    path: &str,
    fields: &str,
    folder: &Path,
    file: &str,
) -> (u16, bool) {
    let lines = || fs::read_to_string(folder.join(file)).map_or(0, |text| text.lines().count());
    let before = lines();
    let answer = curl.fetch(&["--data", fields, &format!("{site}{path}")]);
    (answer.status, lines() > before)
}

/// Two guesses in a row, and the right password at once behind them.
fn guesses(curl: &Curl, site: &str) -> [u16; 3] {
    ["nuage", "orage", "soleil"].map(|password| {
        let fields = format!("email=ana@example.fr&pass={password}");
        curl.fetch(&["--data", &fields, &format!("{site}/entrer")])
            .status
    })
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
        .args(["scan", url, "--pages", "5", "--connect-to", "127.0.0.1"])
        .arg("--root")
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

/// The gate, told of the site's forms, and mending its pages.
fn gate(folder: &Path, origin: SocketAddr, files: &Files, password: &str) -> (Running, u16, u16) {
    let (http, https) = (free_port(), free_port());
    // The name has one other below it, which is served over HTTPS.
    let below =
        format!("[transport.hsts]\ninclude-subdomains = true\nsubdomains = [\"www.{HOST}\"]");
    let policy = gate::policy(&[HOST], origin, http, https, files);
    let policy = policy.replace("[transport.hsts]", &below) + FORMS + password;
    let path = folder.join("policy.toml");
    fs::write(&path, policy).expect("a temporary folder is writable");
    let mut command = binary::rempart();
    command
        .arg("--policy")
        .arg(path)
        .args(["serve", "--state"])
        .arg(folder.join("state"));
    let mut process = Running::start("rempart", &mut command, folder);
    process.wait_for_gate(SocketAddr::from((Ipv4Addr::LOCALHOST, https)));
    (process, http, https)
}
