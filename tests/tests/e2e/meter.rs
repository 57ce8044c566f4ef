//! The meter on a page that nobody can change: DokuWiki's registration behind the gate, as a person
//! with Chromium reads it.

use std::fs;
use std::io::Write;
use std::path::Path;

use rempart_tests::browser::Browser;
use rempart_tests::gate::Gate;
use rempart_tests::site::dokuwiki::DokuWiki;
use serde_json::Value;

use crate::forms::{STRONG, WEAK, open, picture};

const HOST: &str = "wiki.example.test";

/// What the meter shows, or nothing.
const SHOWN: &str = "const host = document.querySelector('[id^=rempart-meter]'); \
                     return host ? host.shadowRoot.textContent : ''";

struct World {
    gate: Gate,
    browser: Browser,
    _wiki: DokuWiki,
    _folder: tempfile::TempDir,
}

/// DokuWiki whose visitors open accounts with a password of their choice.
fn world(headers: &str) -> World {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let wiki = DokuWiki::start(folder.path());
    open_registration(folder.path());
    let more =
        format!("[[site.form]]\npreset = \"dokuwiki\"\nmeter = true\nattributes = true\n{headers}");
    let gate = Gate::start_with(folder.path(), HOST, wiki.address, &more);
    let browser = Browser::start(folder.path(), HOST, gate.authority.root());
    World {
        gate,
        browser,
        _wiki: wiki,
        _folder: folder,
    }
}

fn open_registration(folder: &Path) {
    let conf = folder.join("dokuwiki/conf/local.php");
    let mut file = fs::OpenOptions::new()
        .append(true)
        .open(conf)
        .expect("the configuration");
    file.write_all(b"$conf['disableactions'] = '';\n$conf['autopasswd'] = 0;\n")
        .expect("written");
}

fn fill(browser: &Browser, login: &str, password: &str) {
    browser.type_into("input[name=login]", login);
    browser.type_into("input[name=fullname]", "Camille Dupont");
    browser.type_into("input[name=email]", &format!("{login}@example.test"));
    browser.type_into("input[name=pass]", password);
}

fn says(browser: &Browser, what: &str) {
    browser.wait(what, |page| {
        page.script(SHOWN)
            .as_str()
            .is_some_and(|shown| shown.contains(what))
    });
}

#[test]
fn a_person_reads_the_verdict_while_they_type() {
    let World { gate, browser, .. } = &world("");
    open(browser, &gate.url("/doku.php?id=start&do=register"));
    for (field, expected) in [
        ("pass", "new-password"),
        ("passchk", "new-password"),
        ("login", "username"),
    ] {
        let script = format!(
            "return document.querySelector('input[name={field}]').getAttribute('autocomplete')"
        );
        assert_eq!(browser.script(&script), Value::from(expected), "{field}");
    }
    let rules = "return document.querySelector('input[name=pass]').getAttribute('passwordrules')";
    let rules = browser.script(rules);
    assert!(
        rules
            .as_str()
            .is_some_and(|rules| rules.starts_with("minlength: ")),
        "{rules}"
    );

    // The page is in French, so is the meter.
    browser.click("input[name=pass]");
    says(browser, "Règles : ");
    fill(browser, "camille.dupont", WEAK);
    says(browser, "✗ Ce mot de passe ne convient pas encore.");
    picture(browser, "meter-weak-fr");
    browser.resize(390, 844);
    browser.script("document.querySelector('input[name=pass]').scrollIntoView({block: 'center'})");
    picture(browser, "meter-weak-fr-phone");
    browser.script("document.documentElement.lang = 'en'");
    browser.type_into("input[name=pass]", WEAK);
    says(browser, "✗ This password will not do yet.");
    picture(browser, "meter-weak-en-phone");
    browser.resize(1200, 900);
    picture(browser, "meter-weak-en");
    browser.type_into("input[name=pass]", STRONG);
    says(browser, "✓ This password will do.");
    picture(browser, "meter-strong-en");
    // Another name, and the password is built on it.
    browser.type_into("input[name=pass]", "Dominique-Martin#7Dominique");
    browser.type_into("input[name=login]", "dominique.martin");
    says(browser, "✗");
    // What was said holds when the form is sent.
    fill(browser, "camille.dupont", STRONG);
    says(browser, "✓");
    browser.type_into("input[name=passchk]", STRONG);
    browser.click("#dw__register button[type=submit]");
    browser.wait("the account is open", |page| {
        page.script("return document.querySelector('.success') !== null") == Value::Bool(true)
    });
}

#[test]
fn a_strict_policy_of_the_page_does_not_concern_the_meter() {
    let policy = "[site.headers]\nreplace = true\n\
                  content-security-policy = \"default-src 'self'; img-src 'self' data:\"\n";
    let World { gate, browser, .. } = &world(policy);
    open(browser, &gate.url("/doku.php?id=start&do=register"));
    browser.log("browser");
    fill(browser, "camille", WEAK);
    says(browser, "✗");
    // Its looks are there: the bar is as wide as its place.
    let wide = "const host = document.querySelector('[id^=rempart-meter]'); \
                const bar = host.shadowRoot.querySelector('progress'); \
                return bar.clientWidth >= host.clientWidth - 2 && host.clientWidth > 100";
    assert_eq!(browser.script(wide), Value::Bool(true));
    picture(browser, "meter-strict");
    for line in browser.log("browser") {
        let line = line.to_string();
        assert!(
            !line.contains(".rempart") && !line.contains("apply inline style"),
            "{line}"
        );
    }
}

#[test]
fn without_scripts_the_form_works_as_it_did() {
    let World { gate, browser, .. } = &world("");
    browser.scripts(false);
    open(browser, &gate.url("/doku.php?id=start&do=register"));
    let send = |password: &str| {
        fill(browser, "camille.dupont", password);
        browser.type_into("input[name=passchk]", password);
        browser.click("#dw__register button[type=submit]");
    };
    send(WEAK);
    browser.wait("the refusal", |page| {
        let heading = page.text("h1");
        heading.contains("safe enough") || heading.contains("assez sûr")
    });
    open(browser, &gate.url("/doku.php?id=start&do=register"));
    send(STRONG);
    browser.wait("the account is open", |page| {
        let said = page.text("body");
        said.contains("camille.dupont") || said.contains("a été créé")
    });
}
