//! A site that nobody can change, made to keep the rules by a few lines of the policy: DokuWiki
//! behind the gate, used by a person with Chromium and attacked with curl.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use rempart_tests::binary;
use rempart_tests::browser::Browser;
use rempart_tests::gate::Gate;
use rempart_tests::redis::Redis;
use rempart_tests::site::dokuwiki::{DokuWiki, LOGIN, PASSWORD};
use serde_json::Value;

const HOST: &str = "wiki.example.test";

/// Too weak, and nowhere to be found afterwards.
pub(crate) const WEAK: &str = "azertyuiop1987";
/// Drawn at random.
pub(crate) const STRONG: &str = "Qv7#mZ2!pLx9&Td4";

/// The account link is only there for somebody signed in.
const SIGNED_IN: &str = "return document.querySelector('a.logout, .action.logout a') !== null";

#[test]
fn a_weak_password_is_refused_in_a_browser_and_a_strong_one_works() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let wiki = DokuWiki::start(folder.path());
    let more = "[[site.form]]\npreset = \"dokuwiki\"\n[journal]\nfolder = \"journal\"\n";
    let mut gate = Gate::start_with(folder.path(), HOST, wiki.address, more);
    let browser = Browser::start(folder.path(), HOST, gate.authority.root());
    sign_in(&browser, &gate, PASSWORD);

    open(&browser, &gate.url("/doku.php?id=start&do=profile"));
    let renew = |password: &str| {
        browser.type_into("input[name=newpass]", password);
        browser.type_into("input[name=passchk]", password);
        browser.type_into("input[name=oldpass]", PASSWORD);
        browser.click("#dw__register button[type=submit]");
    };
    browser.type_into("input[name=fullname]", "Camille du cercle");
    renew(WEAK);
    browser.wait("the refusal", |page| {
        page.text("h1").contains("safe enough") || page.text("h1").contains("assez sûr")
    });
    let page = browser.text("body");
    assert!(
        !page.contains(WEAK) && browser.text("li").len() > 10,
        "{page}"
    );
    picture(&browser, "refusal");
    // The way back keeps the rest of the form.
    browser.click("#back");
    browser.wait("the form again", |page| page.url().contains("do=profile"));
    let kept = browser.script("return document.querySelector('input[name=fullname]').value");
    assert_eq!(kept, Value::from("Camille du cercle"));
    renew(STRONG);
    browser.wait("the profile is saved", |page| {
        page.script("return document.querySelector('.success') !== null") == Value::Bool(true)
    });

    // The new password opens the account, the old one does not.
    browser.forget_cookies();
    sign_in(&browser, &gate, STRONG);
    gate.process.signal("TERM");
    gate.process.ended();
    let output = gate.process.output();
    let journal = read_all(&folder.path().join("journal"));
    for kind in ["password-refused", "password-accepted", "signed-in"] {
        assert!(journal.contains(kind), "{kind}: {journal}");
    }
    for typed in [WEAK, STRONG, PASSWORD, LOGIN] {
        assert!(
            !journal.contains(typed) && !output.contains(typed),
            "{typed}"
        );
    }
}

#[test]
fn the_eleventh_guess_is_refused_at_both_gates_and_nobody_signs_in_without_counters() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut redis = Redis::start();
    let key = folder.path().join("access.key");
    fs::write(&key, "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n").expect("written");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("a mode");
    let more = format!(
        "[[site.form]]\npreset = \"dokuwiki\"\n[access]\nmechanism = \"block\"\n\
         store = \"{}\"\nkey = {{ file = \"{}\" }}\n[access.block]\nunlock = \"operator\"\n\
         [access.limits]\npair = 0\n",
        redis.url(),
        key.display()
    );
    let wiki = DokuWiki::start(folder.path());
    let gates: Vec<Gate> = ["one", "two"]
        .iter()
        .map(|name| {
            let own = folder.path().join(name);
            fs::create_dir(&own).expect("a folder");
            Gate::start_with(&own, HOST, wiki.address, &more)
        })
        .collect();
    let guess = |gate: &Gate, password: &str| {
        let fields = format!("u={LOGIN}&p={password}&do=login");
        gate.curl()
            .fetch(&["--data", &fields, &gate.url("/doku.php?id=start")])
            .status
    };
    for number in 0..10 {
        let status = guess(&gates[number % 2], &format!("guess{number}"));
        assert!(status < 400 || status == 403, "guess {number}: {status}");
    }
    for gate in &gates {
        assert_eq!(guess(gate, "guess11"), 429);
        // Nobody but the operator ends it, so no time is told.
        let fields = format!("u={LOGIN}&p=guess12&do=login");
        let url = gate.url("/doku.php?id=start");
        let english = "Accept-Language: en";
        let told = gate
            .curl()
            .fetch(&["--header", english, "--data", &fields, &url]);
        assert!(told.text().contains("Ask the operator"), "{}", told.text());
        assert!(told.all("retry-after").is_empty());
    }
    // Nor is the right password accepted, until the operator opens the account.
    let sign_in = |gate: &Gate| {
        let (name, password) = (format!("u={LOGIN}"), format!("p={PASSWORD}"));
        let url = gate.url("/doku.php?id=start");
        let fields = ["--data-urlencode", &name, "--data-urlencode", &password];
        let more = ["--data", "do=login", &url];
        gate.curl().fetch(&[&fields[..], &more[..]].concat()).status
    };
    assert_eq!(sign_in(&gates[1]), 429);
    unlock(&folder.path().join("one/policy.toml"));
    let status = sign_in(&gates[1]);
    assert!(status < 400, "{status}");
    // Another account is not concerned; without its counters it is, too.
    redis.freeze();
    let fields = "u=somebody&p=x&do=login";
    let answer = gates[0]
        .curl()
        .fetch(&["--data", fields, &gates[0].url("/doku.php")]);
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert_eq!(
        gates[0].curl().fetch(&[&gates[0].url("/doku.php")]).status,
        200
    );
    redis.thaw();
    redis.stop();
}

/// The operator opens the account, whose name is no argument.
fn unlock(policy: &Path) {
    let mut child = binary::rempart_at(&binary::path())
        .arg("--policy")
        .arg(policy)
        .args(["unlock", HOST])
        .stdin(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut input = child.stdin.take().expect("a pipe");
    writeln!(input, "{LOGIN}").expect("written");
    drop(input);
    assert!(child.wait().expect("ended").success());
}

fn sign_in(browser: &Browser, gate: &Gate, password: &str) {
    open(browser, &gate.url("/doku.php?id=start&do=login"));
    browser.type_into("input[name=u]", LOGIN);
    browser.type_into("input[name=p]", password);
    browser.click("#dw__login button[type=submit]");
    browser.wait("signed in", |page| {
        page.script(SIGNED_IN) == Value::Bool(true)
    });
}

pub(crate) fn open(browser: &Browser, url: &str) {
    if let Err(refusal) = browser.open(url) {
        panic!("{url}: {}", refusal.message);
    }
}

/// For whoever wants to look: `REMPART_SCREENSHOTS` names a folder.
pub(crate) fn picture(browser: &Browser, name: &str) {
    if let Some(folder) = std::env::var_os("REMPART_SCREENSHOTS") {
        browser.screenshot(&Path::new(&folder).join(format!("{name}.png")));
    }
}

fn read_all(folder: &Path) -> String {
    let entries = fs::read_dir(folder).expect("a folder");
    entries
        .filter_map(|entry| fs::read_to_string(entry.ok()?.path()).ok())
        .collect()
}
