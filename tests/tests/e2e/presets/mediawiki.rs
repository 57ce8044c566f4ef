//! MediaWiki: log-in by its page and by its interface, new accounts, a changed password, and one
//! sent by mail.

use std::fs;

use rempart_tests::clock::Clock;
use rempart_tests::curl::Answer;
use rempart_tests::gate::Gate;
use rempart_tests::process::eventually;
use rempart_tests::site::mediawiki::{LOGIN, MediaWiki, PASSWORD};
use rempart_tests::visitor::{Visitor, field};

use super::{STRONG, STRONGER, Told, WEAK, assert_refused, gate, ten_guesses_and_no_more};

const HOST: &str = "wiki.example.test";
/// A second account, with a name that would be half a good password for anybody else.
const NEWCOMER: &str = "Qwvzkxjtrb";
const NAMED: &str = "Qwvzkxjtrb#7";
const LOG_IN: &str = "/index.php?title=Special:UserLogin";
const CREATE: &str = "/index.php?title=Special:CreateAccount";
const CHANGE: &str =
    "/index.php?title=Special:ChangeCredentials/MediaWiki%5CAuth%5CPasswordAuthenticationRequest";

#[test]
fn mediawiki_log_in_accounts_and_passwords() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let wiki = MediaWiki::start(folder.path());
    let clock = Clock::new(folder.path());
    let preset = "preset = \"mediawiki\"";
    let gate = gate(&clock, folder.path(), HOST, wiki.address, preset);

    let visitor = Visitor::new(&gate);
    assert_eq!(by_page(&visitor, LOGIN, PASSWORD), Told::SignedIn);
    assert_refused(&change(&visitor, LOGIN, WEAK));
    let answer = change(&visitor, LOGIN, STRONG);
    assert!(
        answer.text().contains("credentials have been changed"),
        "{}",
        answer.text()
    );
    assert_eq!(by_page(&Visitor::new(&gate), LOGIN, PASSWORD), Told::Wrong);
    assert_eq!(by_page(&Visitor::new(&gate), LOGIN, STRONG), Told::SignedIn);

    // A new account.
    let newcomer = Visitor::new(&gate);
    assert_refused(&create(&newcomer, WEAK));
    assert_refused(&create(&newcomer, NAMED));
    let answer = create(&newcomer, STRONG);
    assert!(answer.text().contains("Welcome"), "{}", answer.text());
    assert!(is_signed_in(&newcomer));
    assert_refused(&change(&newcomer, NEWCOMER, NAMED));
    assert_eq!(
        by_page(&Visitor::new(&gate), NEWCOMER, STRONG),
        Told::SignedIn
    );

    // A forgotten password.
    let forgetful = Visitor::new(&gate);
    let page = forgetful
        .get("/index.php?title=Special:PasswordReset")
        .text();
    let token = field(&page, "wpEditToken");
    let fields = [("wpUsername", NEWCOMER), ("wpEditToken", &token)];
    forgetful.post("/index.php?title=Special:PasswordReset", &fields);
    let sent = eventually("a mail", || {
        let text = fs::read_to_string(&wiki.mail).ok()?;
        let (_, rest) = text.split_once("Temporary password:\n")?;
        Some(rest.split_once('\n')?.0.trim().to_owned())
    });
    let page = log_in(&forgetful, NEWCOMER, &sent).text();
    let renew = |password: &str| {
        let fields = [
            ("wpName", NEWCOMER),
            ("wpPassword", password),
            ("retype", password),
            ("authAction", "login-continue"),
            ("wpLoginToken", &field(&page, "wpLoginToken")),
        ];
        forgetful.post(LOG_IN, &fields)
    };
    assert_refused(&renew(WEAK));
    let answer = renew(STRONGER);
    assert_eq!(answer.status, 302, "{}", answer.text());
    assert!(is_signed_in(&forgetful));
    assert_eq!(
        by_page(&Visitor::new(&gate), NEWCOMER, STRONGER),
        Told::SignedIn
    );

    // The page and both ways of the interface are doors of one account. Whoever has another one
    // gets a cookie for it, which is no proof for the first.
    let neighbour = Visitor::new(&gate);
    assert_eq!(by_page(&neighbour, NEWCOMER, STRONGER), Told::SignedIn);
    ten_guesses_and_no_more(&clock, STRONG, |number, password| match number % 4 {
        0 => by_neighbour(&neighbour),
        1 => by_interface(&gate, "clientlogin", ["username", "password"], password),
        2 => by_page(&Visitor::new(&gate), LOGIN, password),
        _ => by_interface(&gate, "login", ["lgname", "lgpassword"], password),
    });
}

/// Somebody who changes a password of their own and adds the name of the account.
fn by_neighbour(neighbour: &Visitor<'_>) -> Told {
    let page = neighbour.get(CHANGE).text();
    let answer = neighbour.post(
        CHANGE,
        &[
            ("password", STRONGER),
            ("retype", STRONGER),
            ("wpusername", NEWCOMER),
            ("wpName", LOGIN),
            ("wpPassword", STRONGER),
            ("authAction", "change"),
            ("wpEditToken", &field(&page, "wpEditToken")),
            ("wpAuthToken", &field(&page, "wpAuthToken")),
        ],
    );
    Told::by(&answer, || {
        assert!(answer.text().contains("credentials have been changed"));
        false
    })
}

fn log_in(visitor: &Visitor<'_>, name: &str, password: &str) -> Answer {
    let page = visitor.get(LOG_IN).text();
    visitor.post(
        LOG_IN,
        &[
            ("wpName", name),
            ("wpPassword", password),
            ("authAction", "login"),
            ("wpLoginToken", &field(&page, "wpLoginToken")),
        ],
    )
}

fn by_page(visitor: &Visitor<'_>, name: &str, password: &str) -> Told {
    let answer = log_in(visitor, name, password);
    Told::by(&answer, || is_signed_in(visitor))
}

fn by_interface(gate: &Gate, action: &str, [name, secret]: [&str; 2], password: &str) -> Told {
    let visitor = Visitor::new(gate);
    let told = visitor.get("/api.php?action=query&meta=tokens&type=login&format=json");
    let told: serde_json::Value = serde_json::from_slice(&told.body).expect("JSON");
    let token = &told["query"]["tokens"]["logintoken"];
    let token = token.as_str().expect("a token");
    let token_name = match action {
        "login" => "lgtoken",
        _ => "logintoken",
    };
    let answer = visitor.post(
        "/api.php",
        &[
            ("action", action),
            ("format", "json"),
            ("loginreturnurl", "https://wiki.example.test/"),
            (name, LOGIN),
            (secret, password),
            (token_name, token),
        ],
    );
    Told::by(&answer, || is_signed_in(&visitor))
}

/// The wiki's own word.
fn is_signed_in(visitor: &Visitor<'_>) -> bool {
    let told = visitor.get("/api.php?action=query&meta=userinfo&format=json");
    let told: serde_json::Value = serde_json::from_slice(&told.body).expect("JSON");
    let user = &told["query"]["userinfo"];
    assert!(user["id"].is_u64(), "{told}");
    user["id"] != 0
}

fn change(visitor: &Visitor<'_>, name: &str, password: &str) -> Answer {
    let page = visitor.get(CHANGE).text();
    visitor.post(
        CHANGE,
        &[
            ("password", password),
            ("retype", password),
            ("wpusername", name),
            ("authAction", "change"),
            ("wpEditToken", &field(&page, "wpEditToken")),
            ("wpAuthToken", &field(&page, "wpAuthToken")),
        ],
    )
}

fn create(visitor: &Visitor<'_>, password: &str) -> Answer {
    let page = visitor.get(CREATE).text();
    visitor.post(
        CREATE,
        &[
            ("wpName", NEWCOMER),
            ("wpPassword", password),
            ("retype", password),
            ("email", "dominique@example.test"),
            ("realname", ""),
            ("authAction", "create"),
            (
                "wpCreateaccountToken",
                &field(&page, "wpCreateaccountToken"),
            ),
        ],
    )
}
