//! The example of a whole life cycle, used by a person with Chromium behind the gate, on a real
//! PostgreSQL.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rempart_tests::binary;
use rempart_tests::browser::Browser;
use rempart_tests::gate::Gate;
use rempart_tests::postgres::Postgres;
use rempart_tests::process::{Running, free_port};
use serde_json::Value;

const HOST: &str = "members.example.test";
const FIRST: &str = "Tulipe+Orage=27kW";
const SECOND: &str = "Granit+Ourlet=58mZ";
const THIRD: &str = "Tilleul+Motte=94qB";

/// The club, its gate, its visitor.
struct World {
    browser: Browser,
    gate: Gate,
    mail: PathBuf,
    read: usize,
    _club: Running,
    _postgres: Postgres,
}

impl World {
    /// A club under a policy.
    fn new(folder: &Path, policy: &str) -> Self {
        let postgres = Postgres::start();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let gate = Gate::start(folder, HOST, address);
        let (home, mail) = (folder.join("club"), folder.join("mail"));
        fs::create_dir(&home).expect("a folder");
        fs::write(home.join("policy.toml"), policy).expect("a policy");
        let password = Postgres::PASSWORD.replace('\'', "%27").replace(' ', "%20");
        let owner = format!("{}:{password}", Postgres::OWNER);
        let mut command = binary::example("members");
        command
            .current_dir(&home)
            .env("MEMBERS_DATABASE", postgres.url(&owner))
            .args([&gate.url(""), &address.to_string()])
            .arg(&mail);
        let mut club = Running::start("members", &mut command, folder);
        club.wait_for_port(address);
        Self {
            browser: Browser::start(folder, HOST, gate.authority.root()),
            gate,
            mail,
            read: 0,
            _club: club,
            _postgres: postgres,
        }
    }

    fn open(&self, path: &str) {
        let url = self.gate.url(path);
        assert!(self.browser.open(&url).is_ok(), "{url}");
    }

    /// Fills the fields of the form on the page and sends it.
    fn send(&self, fields: &[(&str, &str)]) -> String {
        for (name, value) in fields {
            self.browser
                .type_into(&format!("input[name={name}]"), value);
        }
        self.browser.script("window.old = true");
        self.browser.click("form button");
        self.browser.wait("the next page", |page| {
            page.script("return window.old === undefined && document.readyState") == "complete"
        });
        self.browser.text("main")
    }

    /// The next message, once it is there.
    fn message(&mut self) -> String {
        let path = self.mail.join(format!("{:04}.txt", self.read));
        self.read += 1;
        let end = Instant::now() + Duration::from_secs(15);
        loop {
            match fs::read_to_string(&path) {
                Ok(text) if !text.is_empty() => return text,
                _ => assert!(Instant::now() < end, "no {}", path.display()),
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The path of the next link to a page.
    fn link(&mut self, page: &str) -> String {
        let start = self.gate.url(page);
        // Messages about new devices come between.
        loop {
            let text = self.message();
            let link = text
                .split_whitespace()
                .find(|word| word.starts_with(&start));
            if let Some(link) = link {
                return link[self.gate.url("").len()..].to_owned();
            }
        }
    }

    /// Reads messages up to one that says this.
    fn message_with(&mut self, words: &str) {
        while !self.message().contains(words) {}
    }

    fn sign_in(&self, password: &str) -> String {
        self.open("/sign-in");
        self.send(&[("identifier", "ana@example.fr"), ("password", password)])
    }

    fn sign_out(&self) {
        self.open("/");
        self.browser.click("form[action='/sign-out'] button");
        self.browser.wait("the way out", |page| {
            page.script("return document.querySelector('a[href=\"/sign-in\"]') !== null") == true
        });
    }

    /// An account that has been confirmed, signed in.
    fn member(&mut self) {
        self.open("/sign-up");
        let said = self.send(&[("identifier", "ana@example.fr"), ("password", FIRST)]);
        assert!(said.contains("a message is on its way"), "{said}");
        let link = self.link("/confirm");
        self.open(&link);
        let said = self.send(&[("password", FIRST)]);
        assert!(
            said.contains("Welcome") && said.contains("ana@example.fr"),
            "{said}"
        );
    }
}

#[test]
fn a_member_signs_up_changes_forgets_and_comes_back() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut world = World::new(folder.path(), "version = 1\n");

    // The meter says while one types what the server says when the form is sent.
    world.open("/sign-up");
    world
        .browser
        .type_into("input[name=password]", "motdepasse");
    world.browser.wait("the meter", |page| {
        page.script("return document.querySelector('#meter').dataset.accepted") == "false"
    });
    let meter = world.browser.text("#meter");
    let said = world.send(&[("identifier", "ana@example.fr")]);
    assert!(said.contains("will not do"), "{said}");
    let first = world.browser.text("[role=alert] li");
    assert!(meter.contains(&first), "{meter} / {first}");
    assert!(
        !said.contains("motdepasse"),
        "what was typed is not shown again"
    );
    world.browser.type_into("input[name=password]", FIRST);
    world.browser.wait("the meter", |page| {
        page.script("return document.querySelector('#meter').dataset.accepted") == "true"
    });

    // Password managers are told the rules, and pasting is not stopped.
    let attribute = |name: &str| {
        let script = format!(
            "return document.querySelector('[autocomplete=new-password]').getAttribute('{name}')"
        );
        world.browser.script(&script)
    };
    let rules = attribute("passwordrules");
    assert!(
        rules
            .as_str()
            .is_some_and(|rules| rules.contains("minlength: 12")),
        "{rules}"
    );
    for name in ["maxlength", "onpaste"] {
        assert_eq!(attribute(name), Value::Null, "{name}");
    }

    world.member();
    // Registering the same address again says the same, and the person is told.
    world.open("/sign-up");
    let again = world.send(&[("identifier", "Ana@Example.fr"), ("password", SECOND)]);
    assert!(again.contains("a message is on its way"), "{again}");
    world.message_with("already");

    // A change asks for the current password, and ends the other sessions.
    world.open("/password");
    let said = world.send(&[("current", "wrong"), ("password", SECOND)]);
    assert!(said.contains("Unknown identifier"), "{said}");
    std::thread::sleep(Duration::from_secs(5));
    world.open("/password");
    let said = world.send(&[("current", FIRST), ("password", FIRST)]);
    assert!(said.contains("used here before"), "{said}");
    let said = world.send(&[("current", FIRST), ("password", SECOND)]);
    assert!(said.contains("Welcome"), "{said}");
    world.message_with("changed");

    // Forgotten: one answer for everybody, a link that works once.
    world.sign_out();
    world.open("/forgotten");
    let unknown = world.send(&[("identifier", "bob@example.fr")]);
    world.open("/forgotten");
    let known = world.send(&[("identifier", "ana@example.fr")]);
    assert_eq!(known, unknown);
    let link = world.link("/reset");
    world.open(&link);
    let said = world.send(&[("password", THIRD)]);
    assert!(said.contains("is changed"), "{said}");
    world.open(&link);
    let said = world.send(&[("password", FIRST)]);
    assert!(said.contains("no longer works"), "{said}");
    assert!(world.sign_in(THIRD).contains("Welcome"));
    let session = world.browser.cookies();
    assert!(
        session
            .iter()
            .all(|cookie| cookie["secure"] == true && cookie["httpOnly"] == true),
        "{session:?}"
    );

    let kept = [FIRST, SECOND, THIRD];
    let holds = |path: &Path| {
        let bytes = fs::read(path).unwrap_or_default();
        kept.iter().any(|password| {
            bytes
                .windows(password.len())
                .any(|part| part == password.as_bytes())
        })
    };
    let messages = fs::read_dir(&world.mail).expect("the folder").flatten();
    assert!(
        !messages.map(|entry| entry.path()).any(|path| holds(&path)),
        "a password was sent"
    );
}

#[test]
fn a_blocked_member_is_let_in_by_a_link_and_a_known_browser_is_not_locked_out() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let policy = "version = 1\n[password]\ncase = \"restricted-access\"\n\
                  [access]\nmechanism = \"block\"\n[access.block]\nafter = 3\n";
    let mut world = World::new(folder.path(), policy);
    world.member();
    // A stranger, in a browser without the cookie of the device.
    let url = world.gate.url("/sign-in");
    let typed = "identifier=ana%40example.fr&password=wrong";
    let stranger = || world.gate.curl().fetch(&["--data", typed, &url]);
    for _ in 0..3 {
        assert_eq!(stranger().status, 401);
    }
    // A form of another site is not sent in anybody's name.
    let foreign = ["--header", "Origin: https://evil.example", "--data", typed];
    let foreign = world
        .gate
        .curl()
        .fetch(&[&foreign[..], &[url.as_str()]].concat());
    assert_eq!((foreign.status, foreign.text().len()), (403, 0));
    let blocked = stranger();
    assert_eq!(blocked.status, 403);
    assert!(blocked.text().contains("/blocked"), "{}", blocked.text());
    // The member's own browser has counters of its own.
    world.sign_out();
    assert!(world.sign_in(FIRST).contains("Welcome"));

    // On another device, a link opens the account.
    world.sign_out();
    world.browser.forget_cookies();
    assert!(world.sign_in(FIRST).contains("a link that unlocks it"));
    let said = world.send(&[]);
    assert!(said.contains("a message is on its way"), "{said}");
    let link = world.link("/unlock");
    world.open(&link);
    assert!(world.send(&[]).contains("is unlocked"));
    assert!(world.sign_in(FIRST).contains("Welcome"));
}
