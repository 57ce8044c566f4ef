//! WordPress on MariaDB, from its installation to its interfaces.

use std::fs;
use std::path::Path;

use rempart_tests::browser::Browser;
use rempart_tests::clock::Clock;
use rempart_tests::curl::Answer;
use rempart_tests::gate::Gate;
use rempart_tests::process::{eventually, output_of};
use rempart_tests::site::nginx;
use rempart_tests::site::wordpress::WordPress;
use rempart_tests::visitor::Visitor;
use serde_json::Value;

use super::{
    STRONG, STRONGER, Told, WEAK, assert_refused, gate, open, picture, refused_in,
    ten_guesses_and_no_more,
};

const HOST: &str = "blog.example.test";
const LOGIN: &str = "camille";
/// What the account begins with.
const FIRST: &str = "Quatre vieux reverberes 1932 !";

#[test]
fn wordpress_pages_in_a_browser() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let site = WordPress::start(folder.path());
    let clock = Clock::new(folder.path());
    let gate = gate(
        &clock,
        folder.path(),
        HOST,
        site.address,
        "preset = \"wordpress\"",
    );
    install(&gate);
    let browser = Browser::start(folder.path(), HOST, gate.authority.root());

    sign_in(&browser, &gate, "wrong");
    browser.find("#login_error");
    sign_in(&browser, &gate, FIRST);
    browser.find("#wpadminbar");

    // The profile, whose own script asks to confirm a weak password, and takes it then.
    open(&browser, &gate.url("/wp-admin/profile.php"));
    browser.type_into("#first_name", "Camille");
    let renew = |password: &str| {
        if !is_shown(&browser, "#pass1") {
            browser.click(".wp-generate-pw");
        }
        choose(&browser, password);
        browser.click("#submit");
    };
    renew(WEAK);
    refused_in(&browser, "wordpress-profile-refused");
    browser.wait("the profile again", |page| {
        page.url().contains("profile.php")
    });
    let kept = browser.script("return document.querySelector('#first_name').value");
    assert_eq!(kept, Value::from("Camille"));
    renew(STRONG);
    browser.find("#message.updated");
    picture(&browser, "wordpress-profile-saved");
    browser.forget_cookies();
    sign_in(&browser, &gate, FIRST);
    browser.find("#login_error");
    sign_in(&browser, &gate, STRONG);
    browser.find("#wpadminbar");

    // A link by mail.
    browser.forget_cookies();
    open(&browser, &gate.url("/wp-login.php?action=lostpassword"));
    browser.type_into("#user_login", LOGIN);
    browser.click("#wp-submit");
    open(&browser, &link(&site.mail));
    browser.wait("the field", |page| is_shown(page, "#pass1"));
    choose(&browser, WEAK);
    browser.click("#wp-submit");
    refused_in(&browser, "wordpress-reset-refused");
    browser.wait("the form again", |page| is_shown(page, "#pass1"));
    choose(&browser, STRONGER);
    browser.click("#wp-submit");
    browser.find(".reset-pass");
    sign_in(&browser, &gate, STRONGER);
    browser.find("#wpadminbar");
    assert_eq!(by_page(&gate, STRONG), Told::Wrong);
}

#[test]
fn every_door_of_wordpress_is_counted_or_shut() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let site = WordPress::start(folder.path());
    let clock = Clock::new(folder.path());
    let gate = gate(
        &clock,
        folder.path(),
        HOST,
        site.address,
        "preset = \"wordpress\"",
    );
    install(&gate);

    // Hundreds of guesses in one request, and what asks for no account.
    let one = "<value><struct><member><name>methodName</name><value>wp.getUsersBlogs</value>\
               </member></struct></value>";
    let many = format!("<param><value><array><data>{one}</data></array></value></param>");
    for (method, parameters) in [("system.multicall", many.as_str()), ("pingback.ping", "")] {
        assert_eq!(
            call(&gate, "/xmlrpc.php", method, parameters).status,
            403,
            "{method}"
        );
    }

    // One more field opens none of them, nor does another type: what is not counted is shut.
    let asked = || nginx::answered(folder.path(), "POST /xmlrpc.php");
    let before = asked();
    for (media, method) in [
        ("text/xml", "pingback.ping"),
        ("text/xml", "system.multicall"),
        ("text/xml", "demo.sayHello"),
        ("application/x-www-form-urlencoded", "wp.getUsersBlogs"),
        ("application/x-www-form-urlencoded", "system.multicall"),
    ] {
        let body = body_of(method, &many);
        let media_field = format!("Content-Type: {media}");
        let basic = ["--user", "nobody:guess", "--header", &media_field];
        let answer =
            Visitor::new(&gate).fetch("/xmlrpc.php", &[&basic[..], &["--data", &body]].concat());
        assert_eq!(answer.status, 403, "{media} {method}: {}", answer.text());
    }
    assert_eq!(asked(), before, "the site has seen one");

    // By the page, and by methods that carry the account in three different places. What is
    // answered before the password is looked at takes nothing back.
    ten_guesses_and_no_more(&clock, FIRST, |number, password| match number % 5 {
        0 => by_page(&gate, password),
        1 => by_method(&gate, "wp.getUsersBlogs", &[LOGIN, password]),
        2 => by_method(&gate, "wp.getProfile", &["1", LOGIN, password]),
        3 => by_method(
            &gate,
            "blogger.getRecentPosts",
            &["", "1", LOGIN, password, "1"],
        ),
        _ => {
            let answer = call_at(
                &gate,
                "/xmlrpc.php?rsd",
                "wp.getUsersBlogs",
                &[LOGIN, "guess"],
            );
            Told::by(&answer, || {
                assert!(answer.text().contains("<rsd"));
                false
            })
        }
    });
    // Whoever may only have an application password is never taken for the account's owner.
    let visitor = Visitor::new(&gate);
    let basic = format!("{LOGIN}:guess");
    for path in ["/", "/wp-json/"] {
        let answer = visitor.fetch(path, &["--user", &basic]);
        let cookies = answer.all("set-cookie");
        assert!(
            !cookies.iter().any(|cookie| cookie.contains("rempart-gate")),
            "{path}: {cookies:?}"
        );
    }

    // Passwords by the other interface are judged before it asks who sends them.
    for path in [
        "/wp-json/wp/v2/users",
        "/?rest_route=/wp/v2/users",
        "/index.php/wp-json/wp/v2/users/1",
    ] {
        let visitor = Visitor::new(&gate);
        let fields = [
            ("username", "dominique"),
            ("email", "d@example.test"),
            ("password", WEAK),
        ];
        assert_refused(&visitor.post(path, &fields));
    }
}

#[test]
fn a_client_with_an_application_password_is_one_try_at_a_time() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let site = WordPress::start(folder.path());
    let clock = Clock::new(folder.path());
    let preset = "preset = \"wordpress\"";
    let gate = gate(&clock, folder.path(), HOST, site.address, preset);
    install(&gate);
    let visitor = Visitor::new(&gate);
    visitor.get("/wp-login.php");
    let fields = [("log", LOGIN), ("pwd", FIRST), ("testcookie", "1")];
    assert_eq!(visitor.post("/wp-login.php", &fields).status, 302);
    let nonce = visitor
        .get("/wp-admin/admin-ajax.php?action=rest-nonce")
        .text();
    let path = "/?rest_route=/wp/v2/users/me/application-passwords";
    let nonce = format!("X-WP-Nonce: {nonce}");
    let answer = visitor.fetch(path, &["--header", &nonce, "--data", "name=telephone"]);
    let told: Value = serde_json::from_slice(&answer.body)
        .unwrap_or_else(|_| panic!("{}: {}", answer.status, answer.text()));
    let password = told["password"].as_str();
    let password = password.unwrap_or_else(|| panic!("{told}")).to_owned();

    // On the page of the log-in nobody looks at it.
    let visitor = Visitor::new(&gate);
    visitor.get("/wp-login.php");
    let password_field = format!("pwd={FIRST}");
    let answer = visitor.fetch(
        "/wp-login.php",
        &[
            "--user",
            "nobody:guess",
            "--data",
            "log=camille&testcookie=1",
            "--data-urlencode",
            &password_field,
        ],
    );
    assert_eq!(answer.status, 302, "{}", answer.text());

    // Twice as many as block, all at once, of pages that are there and one that is not.
    let at_once = |password: &str, path: &str| {
        let user = format!("{LOGIN}:{password}");
        let told = output_of(&mut gate.curl().command(&[
            "--parallel",
            "--parallel-immediate",
            "--user",
            &user,
            "--output",
            "/dev/null",
            "--write-out",
            "%{http_code} ",
            &gate.url(path),
        ]));
        told.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let mine = "/?rest_route=/wp/v2/posts&context=edit&number=[1-20]";
    for _ in 0..2 {
        assert_eq!(at_once(&password, mine), ["200"; 20]);
        assert_eq!(
            at_once(&password, "/?rest_route=/wp/v2/posts/9999[10-29]"),
            ["404"; 20]
        );
    }
    // A bad one is answered as nobody is: 401 where an account is needed. Ten of them block.
    let needy = [
        "/wp/v2/users/me",
        "/wp/v2/posts&context=edit",
        "/wp/v2/settings",
    ];
    for number in 0..10 {
        let path = format!("/?rest_route={}", needy[number % needy.len()]);
        let guess = format!("guess {number}");
        assert_eq!(at_once(&guess, &path), ["401"], "{path}");
    }
    assert_eq!(at_once(&password, "/?rest_route=/wp/v2/posts"), ["429"]);
}

/// What a first visitor does; the site takes any password.
fn install(gate: &Gate) {
    let send = |password: &str| {
        let fields = [
            ("weblog_title", "Le site"),
            ("user_name", LOGIN),
            ("admin_password", password),
            ("admin_password2", password),
            ("pw_weak", "on"),
            ("admin_email", "camille@example.test"),
            ("blog_public", "0"),
        ];
        Visitor::new(gate).post("/wp-admin/install.php?step=2", &fields)
    };
    assert_refused(&send(WEAK));
    let answer = send(FIRST);
    assert!(answer.text().contains("wp-login.php"), "{}", answer.text());
}

fn sign_in(browser: &Browser, gate: &Gate, password: &str) {
    open(browser, &gate.url("/wp-login.php"));
    // The page moves the cursor by itself, a moment after it is loaded.
    browser.wait("the cursor", |page| {
        page.script("return document.activeElement.id") == "user_login"
    });
    browser.type_into("#user_login", LOGIN);
    browser.type_into("#user_pass", password);
    browser.click("#wp-submit");
}

/// Types a new password, and confirms it to the page where the page finds it weak.
fn choose(browser: &Browser, password: &str) {
    browser.type_into("#pass1", password);
    browser.wait("the page's verdict", |page| {
        !page.text("#pass-strength-result").is_empty()
    });
    if is_shown(browser, ".pw-checkbox:not(:checked)") {
        browser.click(".pw-checkbox");
    }
}

fn is_shown(browser: &Browser, selector: &str) -> bool {
    let script = format!("return document.querySelector({selector:?})?.offsetParent != null");
    browser.script(&script) == Value::Bool(true)
}

/// The address in the last mail about a forgotten password.
fn link(mail: &Path) -> String {
    eventually("a mail with a link", || {
        let text = fs::read_to_string(mail).ok()?;
        let start = text.rfind("action=rp&")?;
        let start = text[..start].rfind("https://")?;
        Some(text[start..].split_once('\n')?.0.trim().to_owned())
    })
}

fn by_page(gate: &Gate, password: &str) -> Told {
    let visitor = Visitor::new(gate);
    visitor.get("/wp-login.php");
    let fields = [("log", LOGIN), ("pwd", password), ("testcookie", "1")];
    let answer = visitor.post("/wp-login.php", &fields);
    Told::by(&answer, || {
        visitor
            .get("/wp-admin/profile.php")
            .text()
            .contains("id=\"your-profile\"")
    })
}

fn by_method(gate: &Gate, method: &str, parameters: &[&str]) -> Told {
    let answer = call_at(gate, "/xmlrpc.php", method, parameters);
    Told::by(&answer, || !answer.text().contains("<fault>"))
}

fn call_at(gate: &Gate, path: &str, method: &str, parameters: &[&str]) -> Answer {
    let parameters: String = parameters
        .iter()
        .map(|value| format!("<param><value><string>{value}</string></value></param>"))
        .collect();
    call(gate, path, method, &parameters)
}

fn call(gate: &Gate, path: &str, method: &str, parameters: &str) -> Answer {
    let body = body_of(method, parameters);
    let arguments = ["--header", "Content-Type: text/xml", "--data", &body];
    Visitor::new(gate).fetch(path, &arguments)
}

fn body_of(method: &str, parameters: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><methodCall><methodName>{method}</methodName>\
         <params>{parameters}</params></methodCall>"
    )
}
