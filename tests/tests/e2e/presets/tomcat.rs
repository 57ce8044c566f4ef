//! The form log-in of a servlet container.

use rempart_tests::browser::Browser;
use rempart_tests::clock::Clock;
use rempart_tests::gate::Gate;
use rempart_tests::site::tomcat::{LOGIN, PASSWORD, Tomcat};
use rempart_tests::visitor::Visitor;

use super::{BLOCKED, Told, gate, open, restricted_in, ten_guesses_and_no_more};

const HOST: &str = "app.example.test";

#[test]
fn tomcat_form_log_in() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let tomcat = Tomcat::start(folder.path());
    let clock = Clock::new(folder.path());
    let preset = "preset = \"tomcat-form\"\nbase = \"/app\"";
    let gate = gate(&clock, folder.path(), HOST, tomcat.address, preset);
    // The container takes the form at any path of the application: one account, whichever.
    ten_guesses_and_no_more(&clock, PASSWORD, |number, password| {
        let path = ["/app/j_security_check", "/app/inside/deep/j_security_check"][number % 2];
        attempt(&gate, path, password)
    });
    // Nor is there a way around the form.
    for path in [
        "/app/j_security_check;a=b",
        "/app/%6a_security_check",
        "/app/x/..;/j_security_check",
        "/app/j_security_check/",
    ] {
        let body = format!("j_username={LOGIN}&j_password={PASSWORD}");
        let answer = Visitor::new(&gate).fetch(path, &["--path-as-is", "--data", &body]);
        assert_eq!(answer.status, 400, "{path}: {}", answer.text());
    }
}

#[test]
fn ten_guesses_are_typed_at_a_servlet_container_and_no_more() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let tomcat = Tomcat::start(folder.path());
    let clock = Clock::new(folder.path());
    let preset = "preset = \"tomcat-form\"\nbase = \"/app\"";
    let gate = gate(&clock, folder.path(), HOST, tomcat.address, preset);
    let browser = Browser::start(folder.path(), HOST, gate.authority.root());
    let sign_in = |password: &str| {
        open(&browser, &gate.url("/app/"));
        browser.forget_cookies();
        // The container asks who one is, and leads to where one was going.
        open(&browser, &gate.url("/app/inside/rapport"));
        browser.type_into("input[name=j_username]", LOGIN);
        browser.type_into("input[name=j_password]", password);
        browser.send_form("button");
        let told = Told::shown(&browser, "#inside");
        let there = browser.url().ends_with("/app/inside/rapport");
        assert_eq!(told == Told::SignedIn, there, "{}", browser.url());
        told
    };
    ten_guesses_and_no_more(&clock, PASSWORD, |number, password| {
        let told = sign_in(password);
        match number {
            1 => assert!(!browser.text("#error").is_empty()),
            17 => restricted_in(&browser, "tomcat-restricted", BLOCKED, || {
                assert_eq!(sign_in(password), Told::Restricted);
            }),
            _ => {}
        }
        told
    });
}

fn attempt(gate: &Gate, path: &str, password: &str) -> Told {
    let visitor = Visitor::new(gate);
    // The container asks who one is before it takes an answer.
    let page = visitor.get("/app/inside/x").text();
    assert!(page.contains("j_security_check"), "{page}");
    let answer = visitor.post(path, &[("j_username", LOGIN), ("j_password", password)]);
    Told::by(&answer, || {
        visitor.get("/app/inside/x").text().contains("id='inside'")
    })
}
