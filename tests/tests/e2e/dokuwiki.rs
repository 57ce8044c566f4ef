//! DokuWiki behind the gate, used by a person with Chromium.

use std::fs;
use std::path::Path;
use std::process::Command;

use rempart_tests::browser::Browser;
use rempart_tests::gate::Gate;
use rempart_tests::process::output_of;
use rempart_tests::site::dokuwiki::{DokuWiki, LOGIN, PASSWORD};
use serde_json::Value;

const HOST: &str = "wiki.example.test";

#[test]
fn a_person_reads_signs_in_edits_uploads_and_downloads() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let wiki = DokuWiki::start(folder.path());
    let gate = Gate::start(folder.path(), HOST, wiki.address);
    let browser = Browser::start(folder.path(), HOST, gate.authority.root());

    // The first visit is in clear, as when someone types the bare name.
    open(&browser, &gate.plain_url("/doku.php?id=start"));
    assert_eq!(browser.url(), gate.url("/doku.php?id=start"));
    assert!(browser.text("#dokuwiki__content").contains("Bienvenue"));
    assert_hybrid_key_exchange(&browser.log("performance"));

    // Signing in ends with a redirect that the wiki writes as http://.
    open(&browser, &gate.url("/doku.php?id=start&do=login"));
    browser.type_into("input[name=u]", LOGIN);
    browser.type_into("input[name=p]", PASSWORD);
    browser.click("#dw__login button[type=submit]");
    browser.wait("signed in", |page| {
        page.script(SIGNED_IN) == Value::Bool(true)
    });
    assert!(
        browser.url().starts_with(&gate.url("/")),
        "{}",
        browser.url()
    );
    assert_cookies_are_secure(&browser);

    // Editing and saving is a POST, then another absolute redirect.
    open(&browser, &gate.url("/doku.php?id=salle&do=edit"));
    let sentence = "Réservée le mardi — à l’heure du thé.";
    browser.type_into(
        "#wiki__text",
        &format!("====== La salle ======\n\n{sentence}\n"),
    );
    browser.click("#edbtn__save");
    browser.wait("the page is saved", |page| {
        page.script("return document.querySelector('#wiki__text') === null") == Value::Bool(true)
    });
    assert!(
        browser.url().starts_with(&gate.url("/")),
        "{}",
        browser.url()
    );
    assert!(browser.text("#dokuwiki__content").contains(sentence));
    if let Some(path) = std::env::var_os("REMPART_SCREENSHOT") {
        browser.screenshot(Path::new(&path));
    }

    // 20 MiB up through the wiki's own form, and down again.
    let sent = folder.path().join("plans.zip");
    write_noise(&sent, 20);
    open(
        &browser,
        &gate.url("/doku.php?id=start&do=media&ns=&tab_files=upload"),
    );
    browser.type_into("input[type=file]", &sent.display().to_string());
    browser.click("#mediamanager__uploader .qq-upload-action, #mediamanager__upload_button, form#dw__upload button");
    browser.wait("the upload is done", |page| {
        page.script("return document.body.innerText.includes('plans.zip') && document.querySelector('.qq-upload-success, .success') !== null")
            == Value::Bool(true)
    });
    let _ = browser.open(&gate.url("/lib/exe/fetch.php?media=plans.zip"));
    let received = browser.downloaded("plans.zip");
    assert_eq!(sha256(&sent), sha256(&received));

    let complaints: Vec<_> = browser
        .log("browser")
        .into_iter()
        .filter(is_serious)
        .collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[test]
fn a_browser_that_came_once_never_speaks_plain_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let wiki = DokuWiki::start(folder.path());
    let gate = Gate::start(folder.path(), HOST, wiki.address);
    let browser = Browser::start(folder.path(), HOST, gate.authority.root());
    open(&browser, &gate.url("/doku.php?id=start"));
    // HSTS turns http into https and keeps the port (RFC 6797, 8.3), so the browser speaks
    // TLS to the plain listener. Without HSTS it would have followed the redirect.
    let refusal = browser.open(&gate.plain_url("/doku.php?id=start"));
    let message = refusal
        .expect_err("the plain listener speaks no TLS")
        .message;
    assert!(message.contains("ERR_SSL_PROTOCOL_ERROR"), "{message}");
}

/// The account link is only there for somebody signed in.
const SIGNED_IN: &str = "return document.querySelector('a.logout, .action.logout a') !== null";

fn open(browser: &Browser, url: &str) {
    if let Err(refusal) = browser.open(url) {
        panic!("{url}: {}", refusal.message);
    }
}

fn assert_cookies_are_secure(browser: &Browser) {
    let cookies = browser.cookies();
    assert!(!cookies.is_empty(), "the wiki sets cookies");
    for cookie in cookies {
        assert_eq!(cookie["secure"], Value::Bool(true), "{}", cookie["name"]);
    }
}

/// The browser reports what it negotiated for the page itself.
fn assert_hybrid_key_exchange(log: &[Value]) {
    let exchanges: Vec<Value> = log
        .iter()
        .filter_map(|entry| serde_json::from_str::<Value>(entry["message"].as_str()?).ok())
        .filter(|event| event["message"]["method"] == "Network.responseReceived")
        .map(|event| event["message"]["params"]["response"]["securityDetails"].clone())
        .filter(Value::is_object)
        .collect();
    assert!(!exchanges.is_empty(), "no answer over TLS in the log");
    for details in exchanges {
        assert_eq!(details["protocol"], "TLS 1.3", "{details}");
        assert_eq!(details["keyExchangeGroup"], "X25519MLKEM768", "{details}");
    }
}

/// Errors of the console. Mixed content is logged there, also when it is only upgraded.
fn is_serious(entry: &Value) -> bool {
    let message = entry["message"].as_str().unwrap_or_default();
    entry["level"] == "SEVERE" || message.contains("Mixed Content")
}

/// A file that does not compress, so that no stage can shorten it unseen.
fn write_noise(path: &Path, mebibytes: usize) {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(mebibytes << 20);
    while bytes.len() < mebibytes << 20 {
        // xorshift64: repeatable and without pattern.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    fs::write(path, bytes).expect("a temporary folder is writable");
}

fn sha256(path: &Path) -> String {
    let line = output_of(Command::new("sha256sum").arg("--binary").arg(path));
    line.split(' ').next().unwrap_or_default().to_owned()
}
