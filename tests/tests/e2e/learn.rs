//! What `learn` proposes for a real site makes the gate keep the rules there: DokuWiki, in clear with
//! curl as the browser, and over https in Chromium.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use rempart_tests::binary;
use rempart_tests::browser::Browser;
use rempart_tests::curl::Curl;
use rempart_tests::gate::Gate;
use rempart_tests::process::{Running, output_of};
use rempart_tests::site::dokuwiki::{DokuWiki, LOGIN, PASSWORD};

const HOST: &str = "wiki.example.test";
const WRONG: &str = "Un faux mot de passe 44";
const NEW: &str = "Qv7#mZ2!pLx9&Td4";

/// `learn` before somebody who is there and presses no key.
pub(crate) struct Learning {
    process: Running,
    keys: Option<File>,
    learned: PathBuf,
    /// The address of its window.
    pub(crate) window: String,
}

impl Learning {
    /// Starts it, in English, with more arguments.
    pub(crate) fn attended(folder: &Path, more: &[&str]) -> Self {
        let keys = folder.join("keys");
        output_of(Command::new("mkfifo").arg(&keys));
        let held = File::options().read(true).write(true).open(&keys);
        let learned = folder.join("learned.toml");
        let mut command = Command::new("sh");
        command
            .args(["-c", "exec \"$0\" \"$@\" < \"$KEYS\""])
            .env("KEYS", &keys)
            .arg(binary::path())
            .args(["--lang", "en", "learn", "--minutes", "2", "--output"])
            .arg(&learned)
            .args(more);
        let mut process = Running::start("learn", &mut command, folder);
        let window = process.wait_for(window);
        Self {
            process,
            keys: Some(held.expect("a pipe")),
            learned,
            window,
        }
    }

    /// Waits until it asks for a step.
    pub(crate) fn asks(&mut self, step: &str) {
        self.process
            .wait_for(|said| said.contains(step).then_some(()));
    }

    /// Lets it skip what is left. Gives the tables that it proposes, and all that it said.
    pub(crate) fn end(mut self) -> (String, String) {
        drop(self.keys.take());
        let ended = self.process.ended().expect("it ends by itself");
        let said = self.process.output();
        assert!(ended.success(), "{said}");
        let tables = fs::read_to_string(&self.learned).expect("written");
        (tables, said)
    }
}

/// The address of the window, once the first step is asked for.
fn window(said: &str) -> Option<String> {
    let start = said.find("http://127.0.0.1:")?;
    let line = said[start..].lines().next()?;
    said.contains("1/4").then(|| line.trim().to_owned())
}

#[test]
fn what_was_shown_once_restricts_and_judges_at_the_gate() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let wiki = DokuWiki::start(folder.path());
    let learned = folder.path().join("learned.toml");
    let mut command = binary::rempart();
    command
        .args([
            "--lang",
            "en",
            "learn",
            "--minutes",
            "2",
            "--host",
            HOST,
            "--output",
        ])
        .arg(&learned)
        .arg(format!("http://{}/doku.php", wiki.address));
    let mut learning = Running::start("learn", &mut command, folder.path());
    let window = learning.wait_for(window);

    // As a browser does it: the page with the form, then the form, with the cookies.
    let jar = folder.path().join("cookies").display().to_string();
    let curl = Curl::new(HOST, Path::new("/dev/null"));
    let page = curl.fetch(&["--cookie-jar", &jar, &format!("{window}?id=start&do=login")]);
    assert_eq!(page.status, 200);
    let sign_in = |password: &str| {
        let fields = [
            "id=start",
            "do=login",
            "sectok=",
            &format!("u={LOGIN}"),
            &format!("p={password}"),
        ]
        .map(str::to_owned);
        let mut arguments = vec!["--cookie", &jar, "--cookie-jar", &jar];
        for field in &fields {
            arguments.extend(["--data-urlencode", field]);
        }
        let url = format!("{window}?id=start");
        arguments.push(&url);
        curl.fetch(&arguments)
    };
    sign_in(WRONG);
    learning.wait_for(|said| said.contains("2/4").then_some(()));
    let good = sign_in(PASSWORD);
    assert_eq!(good.status, 302);
    // Nobody is there to press a key: what may be skipped is.
    let ended = learning.ended().expect("it ends by itself");
    let said = learning.output();
    assert!(ended.success(), "{said}");
    let tables = fs::read_to_string(&learned).expect("written");
    assert!(tables.contains("\npreset = \"dokuwiki\"\n"), "{tables}");
    for typed in [LOGIN, PASSWORD, WRONG] {
        assert!(!tables.contains(typed) && !said.contains(typed), "{typed}");
    }

    let gate = Gate::start_with(folder.path(), HOST, wiki.address, &tables);
    let post = |fields: &[String]| {
        let mut arguments: Vec<&str> = Vec::new();
        for field in fields {
            arguments.extend(["--data-urlencode", field]);
        }
        let url = gate.url("/doku.php?id=start");
        arguments.push(&url);
        gate.curl().fetch(&arguments)
    };
    let guess = |password: &str| {
        let fields = [
            format!("u={LOGIN}"),
            format!("p={password}"),
            "do=login".to_owned(),
        ];
        post(&fields).status
    };
    assert_eq!(guess(PASSWORD), 302);
    assert_ne!(guess(WRONG), 429);
    assert_eq!(guess(PASSWORD), 429, "even the right one waits");
    for (password, status) in [("azertyuiop", 422), (NEW, 200)] {
        let fields = [
            format!("newpass={password}"),
            format!("passchk={password}"),
            "do=profile".to_owned(),
        ];
        let answer = post(&fields);
        assert_eq!(answer.status == 422, status == 422, "{}", answer.text());
    }
}

#[test]
fn a_site_over_https_is_learnt_in_a_browser() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let wiki = DokuWiki::start(folder.path());
    // The site over https: another gate without forms.
    let own = folder.path().join("site");
    fs::create_dir(&own).expect("a folder");
    let site = Gate::start(&own, "localhost", wiki.address);
    let url = format!("https://localhost:{}/doku.php", site.https.port());
    let root = site.authority.root().display().to_string();
    let mut learning = Learning::attended(folder.path(), &["--root", &root, &url]);
    let window = learning.window.clone();

    let browser = Browser::start(folder.path(), HOST, site.authority.root());
    let sign_in = |password: &str| {
        let page = format!("{window}?id=start&do=login");
        browser.open(&page).expect("the page");
        browser.type_into("input[name=u]", LOGIN);
        browser.type_into("input[name=p]", password);
        browser.click("#dw__login button[type=submit]");
    };
    sign_in(WRONG);
    learning.asks("2/4");
    sign_in(PASSWORD);
    learning.asks("3/4");
    let page = format!("{window}?id=start&do=profile");
    browser.open(&page).expect("the page");
    browser.type_into("input[name=newpass]", NEW);
    browser.type_into("input[name=passchk]", NEW);
    browser.type_into("#dw__register input[name=oldpass]", PASSWORD);
    browser.click("#dw__register button[type=submit]");
    learning.asks("4/4");
    // Nobody may sign up there: the end of the keys skips it.
    let (tables, said) = learning.end();
    assert!(tables.contains("\npreset = \"dokuwiki\"\n"), "{tables}");
    assert!(tables.contains("form of kind \"change\""), "{tables}");
    for typed in [LOGIN, PASSWORD, WRONG, NEW] {
        assert!(!tables.contains(typed) && !said.contains(typed), "{typed}");
    }
    // The password was changed through the window.
    let fields = [
        format!("u={LOGIN}"),
        format!("p={NEW}"),
        "do=login".to_owned(),
    ];
    let mut arguments: Vec<&str> = Vec::new();
    for field in &fields {
        arguments.extend(["--data-urlencode", field]);
    }
    let url = site.url("/doku.php?id=start");
    arguments.push(&url);
    assert_eq!(site.curl().fetch(&arguments).status, 302);
}
