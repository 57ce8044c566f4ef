//! DokuWiki: accounts that people make for themselves, passwords that they forget, and guesses at
//! its log-in, all typed in a browser.

use rempart_tests::browser::Browser;
use rempart_tests::clock::Clock;
use rempart_tests::gate::Gate;
use rempart_tests::process::eventually;
use rempart_tests::site::dokuwiki::{DokuWiki, LOGIN, PASSWORD};
use rempart_tests::visitor::Visitor;

use super::{
    BLOCKED, STRONG, STRONGER, Told, WEAK, assert_refused, gate, open, picture, refused_in,
    restricted_in, ten_guesses_and_no_more,
};

const HOST: &str = "wiki.example.test";
const PRESET: &str = "preset = \"dokuwiki\"";
/// Somebody who comes later.
const NEWCOMER: &str = "dominique";
/// There only for somebody signed in.
const LOG_OUT: &str = "a.logout, .action.logout a";

#[test]
fn dokuwiki_accounts_and_forgotten_passwords_in_a_browser() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let settings = "$conf['disableactions'] = '';\n$conf['autopasswd'] = 0;\n";
    let wiki = DokuWiki::start_with_settings(folder.path(), settings);
    let clock = Clock::new(folder.path());
    let gate = gate(&clock, folder.path(), HOST, wiki.address, PRESET);
    let browser = Browser::start(folder.path(), HOST, gate.authority.root());

    // A new account.
    open(&browser, &gate.url("/doku.php?id=start&do=register"));
    browser.type_into("#dw__register input[name=login]", NEWCOMER);
    browser.type_into("#dw__register input[name=fullname]", "Dominique du cercle");
    browser.type_into("#dw__register input[name=email]", "dominique@example.test");
    let choose = |password: &str| {
        browser.type_into("input[name=pass]", password);
        browser.type_into("input[name=passchk]", password);
        browser.send_form("#dw__register button[type=submit], #dw__resendpwd button[type=submit]");
    };
    choose(WEAK);
    refused_in(&browser, "dokuwiki-account-refused");
    browser.wait("the form again", |page| {
        page.script("return document.querySelector('input[name=login]')?.value") == NEWCOMER
    });
    choose(STRONG);
    browser.find(".success");
    assert_eq!(sign_in(&browser, &gate, NEWCOMER, STRONG), Told::SignedIn);

    // A forgotten password: a link by mail leads to a form.
    browser.forget_cookies();
    open(&browser, &gate.url("/doku.php?id=start&do=resendpwd"));
    browser.type_into("#dw__resendpwd input[name=login]", NEWCOMER);
    browser.send_form("#dw__resendpwd button[type=submit]");
    browser.find(".success");
    let link = link(&wiki);
    open(&browser, &link);
    choose(WEAK);
    refused_in(&browser, "dokuwiki-reset-refused");
    browser.wait("the form again", |page| page.url().contains("pwauth="));
    browser.speaks("fr");
    choose(NEWCOMER);
    refused_in(&browser, "dokuwiki-reset-name-refused");
    // What was refused used nothing up: the link still serves, and only once.
    choose(STRONGER);
    browser.find("#dw__login");
    picture(&browser, "dokuwiki-reset-done");
    open(&browser, &link);
    browser.find(".error");
    assert_eq!(sign_in(&browser, &gate, NEWCOMER, STRONG), Told::Wrong);
    assert_eq!(sign_in(&browser, &gate, NEWCOMER, STRONGER), Told::SignedIn);
}

#[test]
fn a_password_that_dokuwiki_draws_signs_in_and_is_renewed_for_a_better_one() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let wiki = DokuWiki::start(folder.path());
    let clock = Clock::new(folder.path());
    let preset = format!("{PRESET}\n[journal]\nfolder = \"journal\"");
    let gate = gate(&clock, folder.path(), HOST, wiki.address, &preset);
    let visitor = Visitor::new(&gate);
    let asked = [("do", "resendpwd"), ("save", "1"), ("login", LOGIN)];
    assert_eq!(visitor.post("/doku.php", &asked).status, 200);
    let link = link(&wiki);
    let (_, query) = link.split_once('?').expect("a query");
    assert_eq!(visitor.get(&format!("/doku.php?{query}")).status, 200);
    let drawn = eventually("a password by mail", || {
        let text = wiki.mail()?;
        let (_, rest) = text.split_once("Mot de passe : ")?;
        Some(rest.split_whitespace().next()?.to_owned())
    });
    let sign_in = |visitor: &Visitor<'_>, password: &str| {
        let fields = [("u", LOGIN), ("p", password), ("do", "login")];
        let answer = visitor.post("/doku.php?id=start", &fields);
        Told::by(&answer, || {
            let page = visitor.get("/doku.php?id=start").text();
            page.contains("do=logout")
        })
    };
    assert_eq!(sign_in(&Visitor::new(&gate), PASSWORD), Told::Wrong);
    assert_eq!(sign_in(&visitor, &drawn), Told::SignedIn);
    // Nobody chose it, so nobody is refused; it is told, and the next one is judged.
    let journal = eventually("a line of the journal", || {
        let entries = std::fs::read_dir(folder.path().join("journal")).ok()?;
        let text: String = entries
            .filter_map(|entry| std::fs::read_to_string(entry.ok()?.path()).ok())
            .collect();
        text.contains("weak-password").then_some(text)
    });
    assert!(!journal.contains(&drawn) && !journal.contains(LOGIN));
    let renew = |password: &str| {
        let page = visitor.get("/doku.php?id=start&do=profile").text();
        let token = rempart_tests::visitor::field(&page, "sectok");
        let fields = [
            ("sectok", token.as_str()),
            ("do", "profile"),
            ("save", "1"),
            ("fullname", "Camille"),
            ("email", "camille@example.test"),
            ("newpass", password),
            ("passchk", password),
            ("oldpass", &drawn),
        ];
        visitor.post("/doku.php?id=start", &fields)
    };
    assert_refused(&renew(WEAK));
    let answer = renew(STRONG);
    assert!(answer.status < 400, "{}", answer.text());
    assert_eq!(sign_in(&Visitor::new(&gate), &drawn), Told::Wrong);
    assert_eq!(sign_in(&Visitor::new(&gate), STRONG), Told::SignedIn);
}

#[test]
fn ten_guesses_are_typed_at_dokuwiki_and_no_more() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let wiki = DokuWiki::start(folder.path());
    let clock = Clock::new(folder.path());
    let gate = gate(&clock, folder.path(), HOST, wiki.address, PRESET);
    let browser = Browser::start(folder.path(), HOST, gate.authority.root());
    ten_guesses_and_no_more(&clock, PASSWORD, |number, password| {
        let told = sign_in(&browser, &gate, LOGIN, password);
        if number == 17 {
            restricted_in(&browser, "dokuwiki-restricted", BLOCKED, || {
                let told = sign_in(&browser, &gate, LOGIN, password);
                assert_eq!(told, Told::Restricted);
            });
        }
        told
    });
    picture(&browser, "dokuwiki-signed-in");
}

/// Somebody whom the browser does not remember.
fn sign_in(browser: &Browser, gate: &Gate, name: &str, password: &str) -> Told {
    open(browser, &gate.url("/doku.php?id=start&do=login"));
    browser.forget_cookies();
    open(browser, &gate.url("/doku.php?id=start&do=login"));
    browser.type_into("input[name=u]", name);
    browser.type_into("input[name=p]", password);
    browser.send_form("#dw__login button[type=submit]");
    Told::shown(browser, LOG_OUT)
}

/// The address in the mail about a forgotten password.
fn link(wiki: &DokuWiki) -> String {
    eventually("a mail with a link", || {
        let text = wiki.mail()?;
        let mut words = text.split_whitespace();
        let found = words.find(|word| word.contains("pwauth="))?;
        Some(found.to_owned())
    })
}
