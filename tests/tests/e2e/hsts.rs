//! What a client that is not a browser sees: redirects, refusals and the HSTS header.
//!
//! RFC 6797, 7.1: one header on every answer over TLS, whoever made the answer; 7.2: none
//! in clear, refusals included. DESIGN calls this "the gate, seen from a client".

use std::fs;

use rempart_tests::curl::Answer;
use rempart_tests::gate::Gate;
use rempart_tests::site::dokuwiki::{DokuWiki, LOGIN, PASSWORD};

const HOST: &str = "wiki.example.test";
const HSTS: &str = "strict-transport-security";

#[test]
fn every_answer_over_tls_has_one_hsts_header() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut wiki = DokuWiki::start(folder.path());
    let gate = Gate::start(folder.path(), HOST, wiki.address);
    let curl = gate.curl();
    let large = folder.path().join("large");
    fs::write(&large, vec![b'x'; 65 << 20]).expect("a temporary folder is writable");
    let upload = format!("@{}", large.display());

    let sign_in: Vec<String> = [&gate.url("/doku.php"), "--data", &form(LOGIN, PASSWORD)]
        .map(str::to_owned)
        .to_vec();

    // Of the site: found, redirect, absent. Of the gate: too large (its default is 64 MiB).
    for version in ["--http1.1", "--http2"] {
        for (what, status, arguments) in [
            ("page", 200, vec![gate.url("/doku.php?id=start")]),
            ("redirect", 302, sign_in.clone()),
            ("absent", 404, vec![gate.url("/data/pages/start.txt")]),
            (
                "too large",
                413,
                vec![
                    gate.url("/doku.php"),
                    "--data-binary".to_owned(),
                    upload.clone(),
                ],
            ),
        ] {
            let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            arguments.push(version);
            let answer = curl.fetch(&arguments);
            assert_eq!(
                answer.status,
                status,
                "{what}, {version}: {}",
                answer.text()
            );
            if let Some(location) = answer.only("location") {
                // The wiki wrote http://. A browser under HSTS would mend that by itself.
                assert!(location.starts_with(&gate.url("/")), "{what}: {location}");
            }
            assert_one_hsts(what, &answer);
        }
    }

    wiki.nginx.stop();
    for (language, sentence) in [
        (
            "fr",
            "Le site n’a pas pu répondre. Réessayez dans quelques minutes.",
        ),
        (
            "en",
            "The site could not answer. Try again in a few minutes.",
        ),
    ] {
        let accept = format!("Accept-Language: {language}");
        let answer = curl.fetch(&[&gate.url("/doku.php"), "--header", &accept]);
        assert_eq!(answer.status, 502);
        assert_one_hsts("the site is down", &answer);
        let page = answer.text();
        assert!(page.contains(sentence), "{page}");
        let port = wiki.address.port().to_string();
        for leak in ["127.0.0.1", &port, "refused", "os error", "hyper", "nginx"] {
            assert!(!page.contains(leak), "the page tells {leak}: {page}");
        }
    }
}

#[test]
fn plain_http_is_redirected_or_refused_and_never_sets_hsts() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let wiki = DokuWiki::start(folder.path());
    let gate = Gate::start(folder.path(), HOST, wiki.address);
    let curl = gate.curl();
    let path = "/doku.php?id=a%20b&x=%2F..%2f;y";
    let form = form(LOGIN, "CanaryPassword-1");
    let plain = gate.plain_url(path);
    let elsewhere = format!("Host: other.example:{}", gate.http.port());
    for (what, status, arguments) in [
        ("GET", 308, vec![]),
        ("HEAD", 308, vec!["--head"]),
        ("POST of a password", 403, vec!["--data", &form]),
        (
            "Authorization",
            403,
            vec!["--user", "camille:CanaryPassword-1"],
        ),
        ("another host", 421, vec!["--header", &elsewhere]),
    ] {
        let mut arguments: Vec<&str> = arguments;
        arguments.push(&plain);
        let answer = curl.fetch(&arguments);
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
        assert_eq!(answer.all(HSTS), [""; 0], "{what}");
        let location = (status == 308).then(|| gate.url(path));
        assert_eq!(answer.only("location"), location.as_deref(), "{what}");
        assert!(
            !answer.text().contains("Canary"),
            "{what}: an answer repeats the password"
        );
    }
    let log = gate.process.output();
    assert!(!log.contains("Canary"), "the log holds a password: {log}");
}

/// The body of the wiki's sign-in form.
fn form(login: &str, password: &str) -> String {
    let password: String = password
        .bytes()
        .map(|byte| format!("%{byte:02X}"))
        .collect();
    format!("id=start&do=login&u={login}&p={password}")
}

fn assert_one_hsts(what: &str, answer: &Answer) {
    assert_eq!(answer.all(HSTS), ["max-age=63072000"], "{what}");
}
