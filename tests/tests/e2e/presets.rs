//! The presets of `[[site.form]]` on the software that they are for: each of Debian's packages
//! behind the gate, by a few lines of the policy and nothing else.
//!
//! Guesses are made by curl, and what a person does by Chromium where there is something to see.
//! Whether somebody is signed in is asked of the software, never of the gate.

mod adminer;
mod basic;
mod django;
mod dokuwiki;
mod mediawiki;
mod parallel;
mod phpmyadmin;
mod tomcat;
mod wordpress;

use std::path::Path;

use rempart_tests::browser::Browser;
use rempart_tests::clock::Clock;
use rempart_tests::curl::Answer;
use rempart_tests::gate::Gate;

/// Too weak.
const WEAK: &str = "azertyuiop1987";
/// Drawn at random.
const STRONG: &str = "Qv7#mZ2!pLx9&Td4";
/// Another.
const STRONGER: &str = "Zq8-Wm4=tRv6^Ks2p";

/// Ten failures block an account for two hours. One source may fail as often as it likes, so
/// that only the account's own counter is looked at.
const BLOCK: &str = "[access]\nmechanism = \"block\"\n[access.block]\nafter = 10\n\
                     unlock = \"2h\"\n[access.limits]\npair = 0\nsource = 0\n";

/// The title of a refusal and what it says of its end, in each language.
type Words = [(&'static str, &'static str, &'static str); 2];

/// Of a block.
const BLOCKED: Words = [
    ("fr", "Compte bloqué", "se rouvre de lui-même en 2 heures"),
    ("en", "Account blocked", "opens by itself within 2 hours"),
];

/// Of a delay.
const DELAYED: Words = [
    ("fr", "Trop d’essais", "Réessayez dans"),
    ("en", "Too many attempts", "Try again in"),
];

/// What came of one try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// The software shows what only the account may see.
    SignedIn,
    /// The software does not.
    Wrong,
    /// The gate did not let the try through.
    Restricted,
}

impl Told {
    /// What an answer to a sign-in and the page after it mean.
    fn by(answer: &Answer, signed_in: impl FnOnce() -> bool) -> Self {
        match answer.status {
            429 => Self::Restricted,
            _ if signed_in() => Self::SignedIn,
            _ => Self::Wrong,
        }
    }

    /// What the page that a browser shows means; `mark` is there only for the account.
    fn shown(browser: &Browser, mark: &str) -> Self {
        let script = format!("return document.querySelector({mark:?}) !== null");
        match browser.status() {
            Some(429) => Self::Restricted,
            _ if browser.script(&script) == true => Self::SignedIn,
            _ => Self::Wrong,
        }
    }
}

/// A gate with a preset, where ten failures block an account.
fn gate(
    clock: &Clock,
    folder: &Path,
    host: &str,
    origin: std::net::SocketAddr,
    preset: &str,
) -> Gate {
    let more = format!("[[site.form]]\n{preset}\n{BLOCK}");
    Gate::start_under(clock, folder, host, origin, &more)
}

/// Ten guesses are let through, the eleventh is not, nor is the right password; until the block
/// ends by time. A success in between takes back what was counted. `attempt` is told the number
/// of the try, for software with several doors.
fn ten_guesses_and_no_more(clock: &Clock, right: &str, attempt: impl Fn(usize, &str) -> Told) {
    let wrong = |number: usize, expected| {
        let told = attempt(number, &format!("guess number {number}"));
        assert_eq!(told, expected, "guess {number}");
    };
    // The day has twenty for all spellings of a name, from which a success takes back only itself.
    for number in 1..=5 {
        wrong(number, Told::Wrong);
    }
    assert_eq!(attempt(6, right), Told::SignedIn, "after five guesses");
    for number in 7..=16 {
        wrong(number, Told::Wrong);
    }
    for number in 17..=20 {
        wrong(number, Told::Restricted);
    }
    assert_eq!(attempt(21, right), Told::Restricted);
    clock.set("+3h");
    assert_eq!(attempt(22, right), Told::SignedIn, "after the block");
}

/// The page with which the gate refuses a password.
fn assert_refused(answer: &Answer) {
    let page = answer.text();
    assert_eq!(answer.status, 422, "{page}");
    assert!(
        page.contains("safe enough") && page.contains("<li"),
        "{page}"
    );
    assert!(!page.contains(WEAK), "{page}");
}

/// A weak password typed in a browser is refused with reasons, and the way back leads to the
/// form.
fn refused_in(browser: &Browser, name: &str) {
    browser.wait("the refusal", |page| {
        let language = page.script("return document.documentElement.lang");
        let words = match language == "fr" {
            true => "assez sûr",
            false => "safe enough",
        };
        page.text("h1").contains(words)
    });
    let page = browser.text("body");
    assert!(!page.contains(WEAK), "{page}");
    assert!(browser.text("li").len() > 10, "{page}");
    picture(browser, name);
    browser.click("#back");
}

/// The page with which the gate lets no guess through, in both languages: what happened and when
/// it ends, and nothing of what was typed.
fn restricted_in(browser: &Browser, name: &str, words: Words, try_again: impl Fn()) {
    for (language, title, end) in words {
        browser.speaks(language);
        try_again();
        assert_eq!(browser.status(), Some(429));
        assert_eq!(browser.text("h1"), title);
        let page = browser.text("body");
        assert!(page.contains(end) && !page.contains("guess"), "{page}");
        picture(browser, &format!("{name}-{language}"));
    }
}

fn open(browser: &Browser, url: &str) {
    if let Err(refusal) = browser.open(url) {
        panic!("{url}: {}", refusal.message);
    }
}

/// For whoever wants to look: `REMPART_SCREENSHOTS` names a folder.
fn picture(browser: &Browser, name: &str) {
    if let Some(folder) = std::env::var_os("REMPART_SCREENSHOTS") {
        browser.screenshot(&Path::new(&folder).join(format!("{name}.png")));
    }
}
