//! The calculation in the place of a captcha, before a site that nobody can change: DokuWiki behind
//! the gate, used by a person with Chromium, and two gates that share the counters.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use rempart_tests::browser::Browser;
use rempart_tests::gate::Gate;
use rempart_tests::redis::Redis;
use rempart_tests::site::dokuwiki::{DokuWiki, LOGIN, PASSWORD};
use serde_json::Value;

use crate::forms::{open, picture};
use crate::pages::is_accessible;

const HOST: &str = "wiki.example.test";

/// Two failures, then a question.
const CAPTCHA: &str = "[access]\nmechanism = \"captcha\"\n";
const AFTER: &str = "[access.captcha]\nafter = 2\n[access.limits]\npair = 0\n";

fn policy(access: &str) -> String {
    format!("[[site.form]]\npreset = \"dokuwiki\"\n{CAPTCHA}{access}{AFTER}")
}

fn send(browser: &Browser, password: &str) {
    browser.type_into("input[name=u]", LOGIN);
    browser.type_into("input[name=p]", password);
    browser.click("#dw__login button[type=submit]");
}

/// Wrong passwords until the question comes.
fn guess(browser: &Browser, gate: &Gate) {
    for number in 0..2 {
        open(browser, &gate.url("/doku.php?id=start&do=login"));
        send(browser, &format!("guess {number}"));
        browser.wait("the refusal of the site", |page| {
            page.script("return document.querySelector('.error') !== null") == Value::Bool(true)
        });
    }
    open(browser, &gate.url("/doku.php?id=start&do=login"));
    send(browser, PASSWORD);
    browser.wait("the question", |page| {
        page.script("return document.getElementById('check') !== null") == Value::Bool(true)
    });
}

fn is_done(browser: &Browser) {
    browser.wait("the answer", |page| {
        page.script("return !document.getElementById('back').hidden") == Value::Bool(true)
    });
}

fn proof(browser: &Browser) -> String {
    let cookies = browser.cookies();
    let proof = cookies
        .iter()
        .find(|cookie| cookie["name"] == "__Host-rempart-presence")
        .expect("the answer is kept");
    assert_eq!(proof["secure"], Value::Bool(true));
    assert_eq!(proof["sameSite"], Value::from("Strict"));
    proof["value"].as_str().expect("text").to_owned()
}

#[test]
fn a_person_does_nothing_but_go_back_and_send_the_form_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let wiki = DokuWiki::start(folder.path());
    let gate = Gate::start_with(folder.path(), HOST, wiki.address, &policy(""));
    let browser = Browser::start(folder.path(), HOST, gate.authority.root());
    for (language, said, done) in [
        ("fr", "vérification", "C’est fait."),
        ("en", "A check", "Done."),
    ] {
        browser.forget_cookies();
        browser.prefers(language);
        guess(&browser, &gate);
        assert!(browser.text("h1").contains(said), "{}", browser.text("h1"));
        is_done(&browser);
        assert!(browser.text("#said").starts_with(done));
        proof(&browser);
        picture(&browser, &format!("captcha-{language}"));
        browser.resize(380, 844);
        picture(&browser, &format!("captcha-{language}-phone"));
        is_accessible(&browser, &format!("the question in {language}"));
        browser.resize(1200, 900);
        // No policy of the page was broken by its own script.
        for line in browser.log("browser") {
            let line = line.to_string();
            assert!(!line.contains("Content Security Policy"), "{line}");
        }
        // The keyboard is where the hand needs it.
        let focused = browser.script("return document.activeElement.id");
        assert_eq!(focused, Value::from("back"));
        browser.click("#back");
        browser.wait("the form again", |page| page.url().contains("do=login"));
        let kept = browser.script("return document.querySelector('input[name=u]').value");
        assert_eq!(kept, Value::from(LOGIN));
        send(&browser, PASSWORD);
        browser.wait("signed in", |page| {
            let script = "return document.querySelector('a.logout, .action.logout a') !== null";
            page.script(script) == Value::Bool(true)
        });
    }

    // Without scripts the page says what is left.
    browser.forget_cookies();
    browser.scripts(false);
    guess_without_scripts(&browser, &gate);
    assert!(browser.text("noscript").contains("Without JavaScript"));
    picture(&browser, "captcha-without-scripts");
}

fn guess_without_scripts(browser: &Browser, gate: &Gate) {
    for number in 0..3 {
        open(browser, &gate.url("/doku.php?id=start&do=login"));
        send(browser, &format!("guess {number}"));
        browser.wait("an answer", |page| {
            let text = page.text("body");
            text.contains("est incorrect") || text.contains("A check")
        });
    }
}

#[test]
fn gates_that_share_counters_take_each_other_s_questions_and_one_answer_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut redis = Redis::start();
    let key = folder.path().join("access.key");
    fs::write(&key, "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n").expect("written");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("a mode");
    let shared = format!(
        "store = \"{}\"\nstore-deadline = \"10s\"\nkey = {{ file = \"{}\" }}\n",
        redis.url(),
        key.display()
    );
    let wiki = DokuWiki::start(folder.path());
    let start = |name: &str| {
        let own = folder.path().join(name);
        fs::create_dir(&own).expect("a folder");
        Gate::start_with(&own, HOST, wiki.address, &policy(&shared))
    };
    let (one, two) = (start("one"), start("two"));
    let browser = Browser::start(&folder.path().join("one"), HOST, one.authority.root());
    guess(&browser, &one);
    is_done(&browser);
    let cookie = format!("__Host-rempart-presence={}", proof(&browser));
    // Asked at one, answered at both, a hundred times at once.
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let guesses: Vec<_> = (0..100)
            .map(|number| {
                let (gate, cookie) = (if number % 2 == 0 { &one } else { &two }, &cookie);
                scope.spawn(move || {
                    let fields = format!("u={LOGIN}&p=guess{number}&do=login");
                    let url = gate.url("/doku.php?id=start");
                    let arguments = ["--cookie", cookie, "--data", &fields, &url];
                    gate.curl().fetch(&arguments).status
                })
            })
            .collect();
        let guesses = guesses.into_iter();
        guesses
            .map(|guess| guess.join().expect("a status"))
            .collect()
    });
    let refused = statuses.iter().filter(|&&status| status == 429).count();
    assert_eq!(refused, 99, "{statuses:?}");
    // The next question is harder, and answered at one, good at the other.
    open(&browser, &one.url("/doku.php?id=start&do=login"));
    send(&browser, PASSWORD);
    browser.wait("a harder question", |page| {
        page.script("return document.getElementById('check')?.dataset.bits") == "16"
    });
    is_done(&browser);
    let cookie = format!("__Host-rempart-presence={}", proof(&browser));
    assert!(sign_in(&two, &cookie) < 400);
    assert!(sign_in(&one, "a=b") < 400, "a success ends the questions");
    redis.stop();
}

fn sign_in(gate: &Gate, cookie: &str) -> u16 {
    let (name, password) = (format!("u={LOGIN}"), format!("p={PASSWORD}"));
    let url = gate.url("/doku.php?id=start");
    let fields = ["--data-urlencode", &name, "--data-urlencode", &password];
    let more = ["--cookie", cookie, "--data", "do=login", &url];
    let answer = gate.curl().fetch(&[&fields[..], &more[..]].concat());
    answer.status
}
