//! The facts of published decisions: each is found, by a code that names the decision, or cannot
//! be seen, for a reason. The same table stands in `docs/SCAN.md`.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::thread;

use serde_json::Value;

use super::{folder, run};

/// What shows a fact, or why nothing does.
enum Shown {
    /// A page in clear, found by `scan` under this code.
    Page(&'static str, &'static str),
    /// A dump, found by `audit` under this code.
    Dump(&'static str, &'static str),
    /// Codes of `scan` that a whole server has to show: the test that starts it, and its file.
    Server(&'static [&'static str], &'static str, &'static str),
    /// It is not visible.
    No(&'static str),
}
use Shown::{Dump, No, Page, Server};

const MD5: &str = "6d33843ec7f0f7a4ba46bed3b1e0f9ef\n";
const SHA1: &str = "6d33843ec7f0f7a4ba46bed3b1e0f9ef6d33843e\n";
const SHA512: &str = "6d33843ec7f0f7a4ba46bed3b1e0f9ef6d33843ec7f0f7a4ba46bed3b1e0f9ef6d33843ec7f0f7a4ba46bed3b1e0f9ef6d33843ec7f0f7a4ba46bed3b1e0f9ef\n";
const CLEAR: &str = "{noop}Soleil2024!\n";
const ONE: &str =
    "<form method=post><input type=password name=p></form>Mot de passe : 1 caractère minimum.";
const SIX: &str =
    "<form method=post><input type=password name=p minlength=6 autocomplete=new-password></form>";
const EIGHT: &str = "<form method=post><input type=password name=p maxlength=8></form>";
const DIGITS: &str =
    "<form method=post><input type=password name=p></form>Mot de passe : 6 chiffres.";
const MAILED: &str = "<form method=post><input type=password name=p></form>Vous recevrez votre mot de passe par courriel.";
const NAMELESS: &str = "<p>Bonjour";
const PERSON: &str = "<form><input name=email></form>";
const OLD_SITE: &str = "tests/tests/e2e/old_site.rs";
const OLD_SITE_TEST: &str = "every_fault_is_found_and_the_gate_leaves_only_the_owners";

/// Who, as a finding names it; the fact, as reported; what shows it.
const FACTS: &[(&str, &str, Shown)] = &[
    (
        "KG COM SAN-2023-008",
        "one character accepted",
        Page(ONE, "scan-password-min-short"),
    ),
    (
        "KG COM SAN-2023-008",
        "HTTP, no HTTPS",
        Page(NAMELESS, "scan-no-https"),
    ),
    (
        "KG COM SAN-2023-008",
        "bank data encrypted with an abandoned extension",
        No("what encrypts data at rest shows neither on a page nor in a table of hashes"),
    ),
    (
        "Doctissimo SAN-2023-006",
        "HTTP",
        Page(NAMELESS, "scan-no-https"),
    ),
    (
        "Doctissimo SAN-2023-006",
        "MD5",
        Dump(MD5, "audit-unsalted"),
    ),
    (
        "Doctissimo SAN-2023-006",
        "addresses hashed without a key",
        No("identifiers are no passwords"),
    ),
    (
        "Infogreffe SAN-2022-018",
        "eight characters at most",
        Page(EIGHT, "scan-password-max-restricted"),
    ),
    (
        "Infogreffe SAN-2022-018",
        "no measure besides",
        No("no password is tried; the report says what the policy restricts"),
    ),
    (
        "Infogreffe SAN-2022-018",
        "passwords kept in clear",
        Dump(CLEAR, "audit-plaintext"),
    ),
    (
        "Infogreffe SAN-2022-018",
        "answers to secret questions kept in clear",
        No(
            "that a question is offered is found, and names no decision: how its answer is kept is not seen",
        ),
    ),
    (
        "Infogreffe SAN-2022-018",
        "lasting passwords mailed",
        Page(MAILED, "scan-password-by-mail"),
    ),
    (
        "Infogreffe SAN-2022-018",
        "a password given by telephone",
        No("it is the organisation's; the report lists it as such"),
    ),
    (
        "Infogreffe SAN-2022-018",
        "no notice of a change",
        No("no account is changed; the report has `cnil-notify-change`"),
    ),
    (
        "Discord SAN-2022-020",
        "six characters accepted",
        Page(SIX, "scan-password-min-short"),
    ),
    (
        "Discord SAN-2022-020",
        "a defence that did not suffice",
        No("no password is tried"),
    ),
    ("EDF SAN-2022-021", "MD5", Dump(MD5, "audit-unsalted")),
    (
        "EDF SAN-2022-021",
        "hashes without salt",
        Dump(SHA512, "audit-unsalted"),
    ),
    (
        "Free SAN-2022-022",
        "short passwords of one class generated",
        No("no account is opened"),
    ),
    (
        "Free SAN-2022-022",
        "passwords kept in clear",
        Dump(CLEAR, "audit-plaintext"),
    ),
    (
        "Free SAN-2022-022",
        "passwords sent in clear",
        Page(MAILED, "scan-password-by-mail"),
    ),
    (
        "Free Mobile SAN-2021-021",
        "lasting passwords mailed",
        Page(MAILED, "scan-password-by-mail"),
    ),
    (
        "Brico Privé SAN-2021-008",
        "six digits accepted",
        Page(DIGITS, "scan-password-digits"),
    ),
    (
        "Brico Privé SAN-2021-008",
        "MD5",
        Dump(MD5, "audit-unsalted"),
    ),
    (
        "Brico Privé SAN-2021-008",
        "passwords of a database in a text file, an account that is shared",
        No("neither a page nor a table of hashes shows it"),
    ),
    (
        "Brico Privé SAN-2021-008",
        "eight characters for the staff's customer database",
        No("a scan opens no inside door; what such a form takes is a length like any other"),
    ),
    (
        "Spartoo SAN-2020-003",
        "six characters accepted",
        Page(SIX, "scan-password-min-short"),
    ),
    (
        "Spartoo SAN-2020-003",
        "scans of cards by mail, kept in clear",
        No("they are no passwords"),
    ),
    (
        "NS Cards SAN-2023-023",
        "passwords kept in clear",
        Dump(CLEAR, "audit-plaintext"),
    ),
    (
        "NS Cards SAN-2023-023",
        "SHA-1",
        Dump(SHA1, "audit-unsalted"),
    ),
    (
        "NS Cards SAN-2023-023",
        "permissive rules",
        No("no figure is reported, so no figure is like it"),
    ),
    (
        "Active Assurances SAN-2019-007",
        "the date of birth imposed",
        No("no account is opened, and words about a date are not read as a rule"),
    ),
    (
        "Active Assurances SAN-2019-007",
        "a password that cannot be changed",
        No("no account is opened, so nobody sees whether a change is offered"),
    ),
    (
        "Active Assurances SAN-2019-007",
        "passwords sent in clear",
        Page(MAILED, "scan-password-by-mail"),
    ),
    (
        "PAP SAN-2024-002",
        "accounts and passwords not secure",
        No("the exact facts are not established"),
    ),
    (
        "Nestor SAN-2020-018",
        "a breach of Article 32",
        No("the rule for passwords is not established"),
    ),
    (
        "15 formal notices",
        "HTTP possible",
        Page(NAMELESS, "scan-clear-page"),
    ),
    (
        "15 formal notices",
        "obsolete TLS, suites that do not conform",
        Server(
            &[
                "scan-tls10",
                "scan-tls11",
                "scan-tls-obsolete",
                "scan-suite-open",
            ],
            OLD_SITE_TEST,
            OLD_SITE,
        ),
    ),
    (
        "15 formal notices",
        "certificates that do not conform",
        Server(
            &[
                "scan-certificate-expired",
                "scan-certificate-name",
                "scan-certificate-self-signed",
            ],
            "bad_certificates_are_told_by_the_code_of_each_fault",
            "crates/scan/tests/it/handshake.rs",
        ),
    ),
    (
        "15 formal notices",
        "abnormal sign-ins not traced",
        No("a log shows from inside only; the report has `cnil-log-attempts`"),
    ),
    (
        "15 formal notices",
        "weak passwords, unsafe resets",
        No("no figure is reported, so no figure is like it"),
    ),
    (
        "reminder to the Sénat",
        "personal data sent in clear",
        Page(PERSON, "scan-clear-form"),
    ),
];

/// A server that answers every request with one page.
fn serve(page: &'static str) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\r\n{page}",
                page.len()
            );
        }
    });
    port
}

/// The decisions that findings of a code name.
fn decisions(findings: &Value, code: &str) -> Vec<String> {
    let findings = findings.as_array().expect("findings").iter();
    let of_code = findings.filter(|finding| finding["code"] == code);
    let named = of_code.flat_map(|finding| finding["decisions"].as_array().expect("a list"));
    named
        .map(|decision| decision.as_str().expect("a reference").to_owned())
        .collect()
}

#[test]
fn each_fact_of_a_decision_is_found_or_cannot_be_seen() {
    let folder = folder();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let decisions_known: BTreeSet<&str> = FACTS.iter().map(|(who, ..)| *who).collect();
    assert_eq!(decisions_known.len(), 15);
    for (who, fact, shown) in FACTS {
        let (named, code) = match shown {
            Page(page, code) => {
                let url = format!("http://127.0.0.1:{}/", serve(page));
                let arguments = ["--lang", "en", "scan", &url, "--format", "json"];
                let output = run(folder.path(), &arguments, "");
                let json: Value = serde_json::from_slice(&output.stdout).expect(who);
                (decisions(&json["sites"][0]["findings"], code), code)
            }
            Dump(dump, code) => {
                let arguments = [
                    "--lang", "en", "audit", "-", "--kind", "lines", "--format", "json",
                ];
                let output = run(folder.path(), &arguments, dump);
                let json: Value = serde_json::from_slice(&output.stdout).expect(who);
                (decisions(&json["findings"], code), code)
            }
            Server(codes, test, file) => {
                let text = std::fs::read_to_string(root.join(file)).expect("a file of tests");
                assert!(text.contains(test), "{file} has no {test}");
                for code in *codes {
                    let kind = ::scan::kind::all().find(|kind| kind.code == *code);
                    let decisions = kind.expect("a code").decisions.iter();
                    let named: Vec<String> = decisions
                        .map(|one| one.reference(policy::Language::En))
                        .collect();
                    assert!(
                        named.iter().any(|one| one.starts_with(who)),
                        "{code}: {named:?}"
                    );
                }
                continue;
            }
            No(_) => continue,
        };
        let is_named = named.iter().any(|decision| decision.starts_with(who));
        assert!(is_named, "{who}, {fact}: {code} names {named:?}");
    }
}

#[test]
fn the_documentation_has_the_same_table() {
    let mut table = String::from("| decision | fact, as reported | found by |\n|-|-|-|\n");
    let mut before = "";
    for (who, fact, shown) in FACTS {
        let found = match shown {
            Page(_, code) | Dump(_, code) => format!("`{code}`"),
            Server(codes, _, file) => format!("`{}`: `{file}`", codes.join("`, `")),
            No(why) => format!("not visible: {why}"),
        };
        let name = if *who == before { "" } else { who };
        table.push_str(&format!("| {name} | {fact} | {found} |\n"));
        before = who;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let document = std::fs::read_to_string(root.join("docs/SCAN.md")).expect("docs/SCAN.md");
    assert!(document.contains(&table), "docs/SCAN.md has not:\n{table}");
}
