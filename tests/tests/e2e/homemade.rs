//! Sites that somebody made at home, of which no preset knows: what `learn` proposes is all that
//! they need; and what a framework's session remembers proves nothing.

use std::fs;
use std::path::Path;

use rempart_tests::binary;
use rempart_tests::browser::Browser;
use rempart_tests::clock::Clock;
use rempart_tests::gate::Gate;
use rempart_tests::process::eventually;
use rempart_tests::site::homemade::Homemade;
use rempart_tests::visitor::Visitor;

use crate::forms::{STRONG, WEAK, open, picture};
use crate::learn::Learning;

const HOST: &str = "cercle.example.test";
/// Somebody who has an account, with a password that the site took.
const MEMBER: &str = "dominique";
const OLD: &str = "soleil";
const WRONG: &str = "Un faux mot de passe 44";
const NEW: &str = "Zq8-Wm4=tRv6^Ks2p";
/// Somebody else.
const NEWCOMER: &str = "camille";

/// So long that a wrong guess is noticed, and no slow machine sees its end.
const DELAY: &str = "[access]\nmechanism = \"delay\"\n[access.delay]\nfirst = \"10m\"\n";

#[test]
fn what_learn_proposes_for_a_site_without_a_preset_is_all_that_it_needs() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let site = Homemade::start(folder.path(), "members.php");
    let clock = Clock::new(folder.path());
    let url = format!("http://{}/connexion.php", site.address);
    let authority = folder.path().join("nobody");
    fs::create_dir(&authority).expect("a folder");
    let nobody = rempart_tests::authority::Authority::new(&authority);
    let browser = Browser::start(folder.path(), HOST, nobody.root());
    let mut learning = Learning::attended(folder.path(), &["--host", HOST, &url]);
    let at = |path: &str| learning.window.replace("/connexion.php", path);
    let (log_in, change, join) = (
        at("/connexion.php"),
        at("/motdepasse.php"),
        at("/inscription.php"),
    );
    // The account is there before anything is looked at.
    sign_up(
        &browser,
        &format!("http://{}/inscription.php", site.address),
        MEMBER,
        OLD,
    );
    assert!(is_there(&browser, "#fait"));
    sign_in(&browser, &log_in, MEMBER, WRONG);
    learning.asks("2/4");
    sign_in(&browser, &log_in, MEMBER, OLD);
    assert!(is_there(&browser, "#dedans"));
    learning.asks("3/4");
    renew(&browser, &change, OLD, "azerty");
    assert!(is_there(&browser, "#fait"));
    learning.asks("4/4");
    sign_up(&browser, &join, "maurice", "voyance");
    let (tables, said) = learning.end();
    for typed in [MEMBER, OLD, WRONG, "azerty", "maurice", "voyance"] {
        assert!(!tables.contains(typed) && !said.contains(typed), "{typed}");
    }
    let written = |line: &str| assert!(tables.contains(line), "{line}: {tables}");
    written("success = [{ set-cookie = \"cercle_membre\" }]");
    written("confirm = \"confirmation\"");
    written("current = \"ancien\"");

    let gate = Gate::start_under(&clock, folder.path(), HOST, site.address, &(tables + DELAY));
    let policy = folder.path().join("policy.toml");
    let run = lint(&policy);
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
    assert!(!run.err.contains("warning"), "{}", run.err);
    at_the_gate(&clock, &gate, folder.path());
}

/// What holds at the gate with the tables as they were proposed.
fn at_the_gate(clock: &Clock, gate: &Gate, folder: &Path) {
    let own = folder.join("visitor");
    fs::create_dir(&own).expect("a folder");
    let browser = Browser::start(&own, HOST, gate.authority.root());
    let [log_in, change, join] =
        ["/connexion.php", "/motdepasse.php", "/inscription.php"].map(|path| gate.url(path));
    // A new account: weak, made of one's name, strong.
    for (number, password) in [WEAK, "Camille1932!"].into_iter().enumerate() {
        sign_up(&browser, &join, NEWCOMER, password);
        assert_eq!(browser.status(), Some(422), "{}", browser.text("body"));
        picture(&browser, &format!("homemade-sign-up-refused-{number}"));
    }
    sign_up(&browser, &join, NEWCOMER, STRONG);
    assert!(is_there(&browser, "#fait"));

    // Guesses: one, then a wait that the right password does not end either.
    sign_in(&browser, &log_in, NEWCOMER, WRONG);
    assert!(is_there(&browser, "#erreur"));
    sign_in(&browser, &log_in, NEWCOMER, STRONG);
    assert_eq!(browser.status(), Some(429));
    picture(&browser, "homemade-restricted");
    clock.set("+1h");
    sign_in(&browser, &log_in, NEWCOMER, STRONG);
    assert!(is_there(&browser, "#dedans"));
    // A success is proven: it takes the failure back.
    sign_in(&browser, &log_in, NEWCOMER, STRONG);
    assert!(is_there(&browser, "#dedans"));

    // A change: the old one may be weak, the new one not.
    browser.forget_cookies();
    sign_in(&browser, &log_in, MEMBER, "azerty");
    assert!(is_there(&browser, "#dedans"), "{}", browser.text("body"));
    renew(&browser, &change, "azerty", WEAK);
    assert_eq!(browser.status(), Some(422));
    renew(&browser, &change, "azerty", NEW);
    assert!(is_there(&browser, "#fait"));
    browser.forget_cookies();
    sign_in(&browser, &log_in, MEMBER, NEW);
    assert!(is_there(&browser, "#dedans"));
}

#[test]
fn what_a_session_remembers_proves_nothing_and_stays_in_the_day_s_cap() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let site = Homemade::start(folder.path(), "back.php");
    let clock = Clock::new(folder.path());
    let form = |success: &str| {
        format!(
            "[[site.form]]\nkind = \"sign-in\"\npath = \"/login\"\nidentifier = \"login\"\n\
             password = \"password\"\nsuccess = {success}\n{DELAY}[journal]\nfolder = \"journal\"\n"
        )
    };
    let by_place = form("[{ status = \"302\", location = \"/home*\" }]");
    let gate = Gate::start_under(&clock, folder.path(), HOST, site.address, &by_place);
    let policy = folder.path().join("policy.toml");
    let run = lint(&policy);
    assert!(run.err.contains("success-by-status"), "{}", run.err);

    // Bad and good lead to where the session was before: twenty-five in a day, and no more.
    for number in 1..=25 {
        let answer = attempt(&gate, &format!("guess {number}"));
        assert_eq!(
            (answer.0, answer.1.as_str()),
            (302, "/home?n=1"),
            "{number}"
        );
        assert!(!answer.2, "the browser is known after guess {number}");
    }
    assert_eq!(attempt(&gate, "guess 26").0, 429);
    assert_eq!(attempt(&gate, RIGHT).0, 429);
    clock.set("+25h");
    let visitor = Visitor::new(&gate);
    assert_eq!(visitor.get("/home?n=1").text(), "log in");
    assert_eq!(send(&visitor, &gate, RIGHT).0, 302);
    assert_eq!(visitor.get("/home").text(), "inside");
    let journal = eventually("a line of the journal", || {
        let entries = fs::read_dir(folder.path().join("journal")).ok()?;
        let text: String = entries
            .filter_map(|entry| fs::read_to_string(entry.ok()?.path()).ok())
            .collect();
        text.contains("sign-in-delayed").then_some(text)
    });
    assert!(!journal.contains("signed-in") && !journal.contains("device-trusted"));
    drop(gate);

    // Without a rule every try counts in full.
    let own = folder.path().join("strict");
    fs::create_dir(&own).expect("a folder");
    let clock = Clock::new(&own);
    let gate = Gate::start_under(&clock, &own, HOST, site.address, &form("[]"));
    assert_eq!(attempt(&gate, "guess").0, 302);
    assert_eq!(attempt(&gate, RIGHT).0, 429);
    clock.set("+1h");
    assert_eq!(attempt(&gate, RIGHT).0, 302);
}

fn lint(policy: &Path) -> binary::Run {
    let mut command = binary::rempart();
    command
        .args(["--lang", "en", "--policy"])
        .arg(policy)
        .arg("lint");
    binary::run(&mut command, b"")
}

/// What `back.php` lets in.
const RIGHT: &str = "Quatre vieux reverberes 1932 !";

/// A guesser who asks for a page first, so that the session leads back to it.
fn attempt(gate: &Gate, password: &str) -> (u16, String, bool) {
    let visitor = Visitor::new(gate);
    assert_eq!(visitor.get("/home?n=1").text(), "log in");
    send(&visitor, gate, password)
}

/// The status, where it leads, and whether the browser is known from now on.
fn send(visitor: &Visitor<'_>, gate: &Gate, password: &str) -> (u16, String, bool) {
    let referer = gate.url("/login");
    let password = format!("password={password}");
    let fields = ["--data", "login=jean", "--data-urlencode", &password];
    let answer = visitor.fetch("/login", &[&["--referer", &referer][..], &fields].concat());
    let place = answer.only("location").unwrap_or_default();
    let local = place.rsplit_once(&gate.https.port().to_string());
    let local = local.map_or(place, |(_, local)| local).to_owned();
    let cookies = answer.all("set-cookie");
    let known = cookies.iter().any(|cookie| cookie.contains("rempart"));
    (answer.status, local, known)
}

fn sign_in(browser: &Browser, url: &str, name: &str, password: &str) {
    open(browser, url);
    browser.type_into("input[name=pseudo]", name);
    browser.type_into("input[name=motdepasse]", password);
    browser.send_form("button");
}

fn sign_up(browser: &Browser, url: &str, name: &str, password: &str) {
    open(browser, url);
    browser.type_into("input[name=pseudo]", name);
    browser.type_into("input[name=courriel]", &format!("{name}@example.test"));
    browser.type_into("input[name=motdepasse]", password);
    browser.type_into("input[name=encore]", password);
    browser.send_form("button");
}

fn renew(browser: &Browser, url: &str, old: &str, new: &str) {
    open(browser, url);
    browser.type_into("input[name=ancien]", old);
    browser.type_into("input[name=nouveau]", new);
    browser.type_into("input[name=confirmation]", new);
    browser.send_form("button");
}

fn is_there(browser: &Browser, mark: &str) -> bool {
    let script = format!("return document.querySelector({mark:?}) !== null");
    browser.script(&script) == true
}
