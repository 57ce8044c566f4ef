//! `scan`, on an old site that never changes: every form of output in both languages, exit
//! codes, comparison. What it finds on real servers is shown by the end-to-end tests.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Output;
use std::thread;

use serde_json::Value;

use super::report::follows;
use super::{err, folder, out, run};

const HOME: &str = r#"<!doctype html><title>Le club</title><a href="/connexion">Connexion</a>
<a href="/inscription.php">Inscription</a><a href="/boutique">Boutique</a>"#;
const SIGN_IN: &str = r#"<form action="/entrer" method="get"><input name="login">
<input type="password" name="mdp" maxlength="8" autocomplete="off" onpaste="return false"></form>"#;
const SIGN_UP: &str = r#"<form method="post"><input name="login"><input type="password" name="mdp">
<input type="password" name="mdp2"><select name="question_secrete"></select>
<p>Votre mot de passe doit faire au moins 6 caractères.</p><b>&lt;i&gt;</b></form>"#;

/// Serves the site until the test ends; the port.
fn site(mended: bool) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            answer(stream, mended);
        }
    });
    port
}

fn answer(mut stream: TcpStream, mended: bool) {
    let mut head = [0; 4096];
    let read = stream.read(&mut head).unwrap_or(0);
    let head = String::from_utf8_lossy(&head[..read]);
    let body = match head.split(' ').nth(1) {
        Some("/") => HOME,
        Some("/connexion") if mended => &SIGN_IN
            .replace("get", "post")
            .replace(r#"maxlength="8" "#, ""),
        Some("/connexion") => SIGN_IN,
        Some("/inscription.php") => SIGN_UP,
        // A handshake, or a page that is not there.
        _ => "",
    };
    let status = if body.is_empty() {
        "404 Not Found"
    } else {
        "200 OK"
    };
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nSet-Cookie: PHPSESSID=secret; path=/\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
}

fn scan(folder: &Path, port: u16, arguments: &[&str]) -> Output {
    let url = format!("http://127.0.0.1:{port}/");
    run(folder, &[&["scan", &url], arguments].concat(), "")
}

#[test]
fn every_form_is_as_kept() {
    let folder = folder();
    let port = site(false);
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/scan");
    for language in ["fr", "en"] {
        for (format, ending) in [
            ("text", "txt"),
            ("json", "json"),
            ("markdown", "md"),
            ("html", "html"),
            ("sarif", "sarif"),
            ("junit", "xml"),
        ] {
            let output = scan(
                folder.path(),
                port,
                &["--lang", language, "--format", format],
            );
            assert_eq!(output.status.code(), Some(1), "{}", err(&output));
            let printed = out(&output).replace(&format!(":{port}"), ":8080");
            assert!(
                !printed.contains("secret;"),
                "the value of a cookie is shown"
            );
            let file = kept.join(format!("{language}.{ending}"));
            if std::env::var_os("REMPART_BLESS").is_some() {
                std::fs::create_dir_all(&kept).expect("a folder");
                std::fs::write(&file, &printed).expect("written");
            }
            let kept = std::fs::read_to_string(&file).unwrap_or_default();
            assert!(
                printed == kept,
                "{} is not what scan prints",
                file.display()
            );
        }
    }
}

#[test]
fn every_form_of_a_comparison_is_as_kept() {
    let folder = folder();
    let before = site(false);
    // Kept in the other language than it is compared in.
    for (language, other) in [("fr", "en"), ("en", "fr")] {
        let keep = ["--lang", other, "--format", "json", "-o", "before.json"];
        assert_eq!(scan(folder.path(), before, &keep).status.code(), Some(1));
        let kept = folder.path().join("before.json");
        let text = std::fs::read_to_string(&kept).expect("read");
        std::fs::write(&kept, text.replace(&format!(":{before}"), ":8080")).expect("written");
        for (format, ending) in [
            ("text", "txt"),
            ("json", "json"),
            ("markdown", "md"),
            ("html", "html"),
        ] {
            let after = site(true);
            let asked = [
                "--lang",
                language,
                "--format",
                format,
                "--compare",
                "before.json",
            ];
            let output = scan(folder.path(), after, &asked);
            assert_eq!(output.status.code(), Some(1), "{}", err(&output));
            let printed = out(&output).replace(&format!(":{after}"), ":8080");
            let file = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join(format!("tests/golden/scan/compare.{language}.{ending}"));
            if std::env::var_os("REMPART_BLESS").is_some() {
                std::fs::write(&file, &printed).expect("written");
            }
            let kept = std::fs::read_to_string(&file).unwrap_or_default();
            assert!(
                printed == kept,
                "{} is not what scan prints",
                file.display()
            );
        }
    }
}

fn codes(json: &Value) -> Vec<&str> {
    let findings = json["sites"][0]["findings"].as_array().expect("findings");
    findings
        .iter()
        .map(|finding| finding["code"].as_str().expect("a code"))
        .collect()
}

#[test]
fn each_fault_of_the_site_is_found() {
    let folder = folder();
    let output = scan(folder.path(), site(false), &["--format", "json"]);
    let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    for code in [
        "scan-no-https",
        "scan-clear-password-form",
        "scan-clear-page",
        "scan-clear-cookie",
        "scan-form-get",
        "scan-password-max-restricted",
        "scan-password-min-short",
        "scan-autocomplete-off",
        "scan-paste-blocked",
        "scan-secret-question",
    ] {
        assert!(
            codes(&json).contains(&code),
            "{code} not in {:?}",
            codes(&json)
        );
    }
    // The shop is not a page that asks for a password.
    let pages = json["sites"][0]["pages"].to_string();
    assert!(
        pages.contains("/connexion") && !pages.contains("/boutique"),
        "{pages}"
    );
}

#[test]
fn the_json_follows_its_published_schema() {
    let folder = folder();
    let schema = run(folder.path(), &["scan", "--schema"], "");
    let schema: Value = serde_json::from_slice(&schema.stdout).expect("a schema");
    let output = scan(folder.path(), site(false), &["--format", "json"]);
    let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    follows(&json, &schema, "$");
}

#[test]
fn the_exit_code_follows_fail_on() {
    let folder = folder();
    let port = site(false);
    for (severity, code) in [("never", 0), ("high", 1), ("note", 1)] {
        let output = scan(folder.path(), port, &["--fail-on", severity]);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{severity}: {}",
            err(&output)
        );
    }
    let junit = out(&scan(
        folder.path(),
        port,
        &["--fail-on", "never", "--format", "junit"],
    ));
    assert!(
        junit.contains("failures=\"0\"") && !junit.contains("<failure"),
        "{junit}"
    );
    // What nobody listened for is left out, not passed.
    assert!(junit.contains("name=\"scan-tls10\"><skipped/>"), "{junit}");
}

#[test]
fn a_silent_site_is_neither_accused_nor_passed() {
    let folder = folder();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    // Takes connections, and never answers one.
    thread::spawn(move || listener.incoming().flatten().collect::<Vec<_>>());
    let url = format!("https://127.0.0.1:{port}/");
    // Silence is no finding, however grave the least that counts.
    for severity in ["high", "never", "low"] {
        let arguments = [
            "--lang",
            "en",
            "scan",
            &url,
            "--deadline",
            "1",
            "--fail-on",
            severity,
        ];
        let output = run(folder.path(), &arguments, "");
        assert_eq!(output.status.code(), Some(2), "{severity}");
        let told = format!("{url} answers neither over HTTP nor over HTTPS");
        assert!(err(&output).contains(&told), "{}", err(&output));
        assert!(out(&output).is_empty(), "{}", out(&output));
    }
}

#[test]
fn before_and_after_are_compared_whatever_the_port() {
    let folder = folder();
    let output = scan(
        folder.path(),
        site(false),
        &["--format", "json", "-o", "before.json"],
    );
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    let output = scan(
        folder.path(),
        site(true),
        &["--compare", "before.json", "--format", "json"],
    );
    let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let codes = |list: &str| -> Vec<String> {
        let list = json[list].as_array().expect("a list");
        list.iter()
            .map(|one| one["code"].as_str().expect("a code").to_owned())
            .collect()
    };
    assert_eq!(
        codes("mended"),
        ["scan-form-get", "scan-password-max-restricted"]
    );
    assert_eq!(codes("not-looked-at"), [""; 0]);
    assert_eq!(codes("new"), [""; 0]);
    assert!(codes("remaining").contains(&"scan-no-https".to_owned()));
    let text = out(&scan(
        folder.path(),
        site(true),
        &["--lang", "en", "--compare", "before.json"],
    ));
    assert!(
        text.contains("Mended (2)") && text.contains("✓ mended"),
        "{text}"
    );
}

/// A scan that was kept in one language is told in that of whoever compares.
#[test]
fn what_was_kept_in_another_language_is_told_in_this_one() {
    let folder = folder();
    let keep = ["--lang", "en", "--format", "json", "-o", "before.json"];
    scan(folder.path(), site(false), &keep);
    let kind = ::scan::kind::all().find(|kind| kind.code == "scan-form-get");
    let kind = kind.expect("a kind");
    for format in ["text", "json"] {
        let more = [
            "--lang",
            "fr",
            "--compare",
            "before.json",
            "--format",
            format,
        ];
        let told = out(&scan(folder.path(), site(true), &more));
        // Lines of the text are folded.
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains(kind.fr), "{told}");
        assert!(!told.contains(kind.en), "{told}");
    }
}

/// What was not asked for this time is not mended, and one site's findings are not another's.
#[test]
fn what_nobody_looked_at_is_not_mended() {
    let folder = folder();
    let port = site(false);
    let keep = |name: &str| scan(folder.path(), port, &["--format", "json", "-o", name]);
    assert_eq!(keep("before.json").status.code(), Some(1));
    // The mended site, but none of the pages behind its first.
    let after = site(true);
    let compare = |arguments: &[&str]| -> Value {
        let more = [&["--compare", "before.json", "--format", "json"], arguments].concat();
        let output = scan(folder.path(), after, &more);
        serde_json::from_slice(&output.stdout).expect("JSON")
    };
    let codes = |json: &Value, list: &str| -> Vec<String> {
        let list = json[list].as_array().expect("a list");
        let codes = list.iter().map(|one| one["code"].as_str().expect("a code"));
        codes.map(str::to_owned).collect()
    };
    let json = compare(&["--pages", "0"]);
    assert_eq!(codes(&json, "mended"), [""; 0]);
    let unseen = codes(&json, "not-looked-at");
    for code in [
        "scan-form-get",
        "scan-password-max-restricted",
        "scan-paste-blocked",
    ] {
        assert!(
            unseen.contains(&code.to_owned()),
            "{code} not in {unseen:?}"
        );
    }
    let schema = run(folder.path(), &["scan", "--schema"], "");
    let schema: Value = serde_json::from_slice(&schema.stdout).expect("a schema");
    follows(&json, &schema["$defs"]["comparison"], "$");

    // Two sites, one of them mended: what remains of the other is not hidden by it.
    let two = |port: u16, arguments: &[&str]| {
        let urls = ["localhost", "127.0.0.1"].map(|host| format!("http://{host}:{port}/"));
        let named = ["scan", &urls[0], &urls[1], "--connect-to", "127.0.0.1"];
        run(folder.path(), &[&named, arguments].concat(), "")
    };
    let output = two(port, &["--format", "json", "-o", "before.json"]);
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    let json = compare(&[]);
    let count = |list: &str, code: &str| {
        codes(&json, list)
            .iter()
            .filter(|known| *known == code)
            .count()
    };
    assert_eq!(
        (
            count("mended", "scan-form-get"),
            count("not-looked-at", "scan-form-get")
        ),
        (1, 1)
    );
    for format in ["sarif", "junit"] {
        let output = scan(
            folder.path(),
            after,
            &[
                "--lang",
                "en",
                "--compare",
                "before.json",
                "--format",
                format,
            ],
        );
        assert_eq!(output.status.code(), Some(2), "{format}");
        assert!(
            err(&output).contains("a comparison is written neither"),
            "{}",
            err(&output)
        );
    }
}

/// One name that leads nowhere takes nothing from the others, and is no pass either.
#[test]
fn a_silent_site_does_not_throw_the_others_away() {
    let folder = folder();
    let port = site(false);
    let closed = {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        listener.local_addr().expect("an address").port()
    };
    let urls = [closed, port].map(|port| format!("http://127.0.0.1:{port}/"));
    let both = |arguments: &[&str]| {
        let named = ["--lang", "en", "scan", &urls[0], &urls[1]];
        run(folder.path(), &[&named, arguments].concat(), "")
    };
    let told = format!("{} answers neither over HTTP nor over HTTPS", urls[0]);
    let output = both(&[]);
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    assert!(out(&output).contains("scan-form-get") && out(&output).contains(&told));
    assert!(err(&output).contains(&told), "{}", err(&output));
    let json: Value = serde_json::from_slice(&both(&["--format", "json"]).stdout).expect("JSON");
    assert_eq!(json["silent"], serde_json::json!([urls[0]]));
    assert_eq!(json["sites"].as_array().expect("sites").len(), 1);
    let sarif: Value = serde_json::from_slice(&both(&["--format", "sarif"]).stdout).expect("JSON");
    let run = &sarif["runs"][0]["invocations"][0];
    assert_eq!(run["executionSuccessful"], false);
    let notices = run["toolExecutionNotifications"].to_string();
    assert!(notices.contains(&told), "{notices}");
    let junit = out(&both(&["--format", "junit"]));
    assert!(
        junit.contains("errors=\"1\"") && junit.contains("<error message"),
        "{junit}"
    );
}

/// Time is counted for each site: one that uses up its own leaves the next what is its.
#[test]
fn a_slow_site_takes_no_time_from_the_next() {
    let folder = folder();
    let slow = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let slow_port = slow.local_addr().expect("an address").port();
    // Takes connections, and never answers one.
    thread::spawn(move || slow.incoming().flatten().collect::<Vec<_>>());
    let urls = [slow_port, site(false)].map(|port| format!("http://127.0.0.1:{port}/"));
    let arguments = [
        "scan",
        &urls[0],
        &urls[1],
        "--deadline",
        "3",
        "--format",
        "json",
    ];
    let output = run(folder.path(), &arguments, "");
    let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(json["silent"], serde_json::json!([urls[0]]));
    assert_eq!(json["sites"][0]["url"], urls[1]);
    assert!(
        codes(&json).contains(&"scan-form-get"),
        "{:?}",
        codes(&json)
    );
}

#[test]
fn what_cannot_be_scanned_is_told() {
    let folder = folder();
    std::fs::write(folder.path().join("other.json"), "{}").expect("written");
    let port = {
        // A port that nobody listens on any more.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        listener.local_addr().expect("an address").port()
    };
    let closed = format!("http://127.0.0.1:{port}/");
    for (arguments, words) in [
        (
            &["scan", "ftp://example.fr"][..],
            "ftp://example.fr is no http or https address",
        ),
        (
            &["scan", &closed],
            "answers neither over HTTP nor over HTTPS",
        ),
        (
            &["scan", &closed, "--compare", "other.json"],
            "other.json: this is no scan",
        ),
        (
            &["scan", &closed, "--compare", "absent.json"],
            "absent.json: no such file",
        ),
        (&["scan", &closed, "--root", "absent.pem"], "absent.pem"),
        (&["scan"], "URL"),
    ] {
        let output = run(folder.path(), &[&["--lang", "en"], arguments].concat(), "");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(out(&output).is_empty(), "{arguments:?}");
        assert!(
            err(&output).contains(words),
            "{arguments:?}: {}",
            err(&output)
        );
    }
}
