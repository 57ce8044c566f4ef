//! phpMyAdmin in front of MariaDB: whoever signs in there signs in to the database.

use rempart_tests::clock::Clock;
use rempart_tests::curl::Answer;
use rempart_tests::site::phpmyadmin::{LOGIN, PASSWORD, PhpMyAdmin};
use rempart_tests::visitor::{Visitor, field};

use super::{STRONG, Told, WEAK, assert_refused, gate, ten_guesses_and_no_more};

const HOST: &str = "base.example.test";
const CHANGE: &str = "/index.php?route=/user-password";

#[test]
fn phpmyadmin_log_in_and_password() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let site = PhpMyAdmin::start(folder.path());
    let clock = Clock::new(folder.path());
    let preset = "preset = \"phpmyadmin\"";
    let gate = gate(&clock, folder.path(), HOST, site.address, preset);

    let visitor = Visitor::new(&gate);
    assert_eq!(
        sign_in(&visitor, "/index.php?route=/", PASSWORD),
        Told::SignedIn
    );
    assert_refused(&change(&visitor, WEAK, "0"));
    // A box of the page takes the password away altogether.
    assert_eq!(change(&visitor, "", "1").status, 403);
    assert_eq!(change(&visitor, STRONG, "1").status, 403);
    // PHP takes these for it too.
    for none in ["01", "1.0", " 1", "+1"] {
        let answer = change(&visitor, STRONG, none);
        assert_eq!(answer.status, 400, "{none}: {}", answer.text());
    }
    // The same for an account that is made.
    for (kind, status) in [("none", 403), ("NONE", 400)] {
        let answer = create(&visitor, STRONG, kind);
        assert_eq!(answer.status, status, "{kind}: {}", answer.text());
    }
    assert_refused(&create(&visitor, WEAK, "userdefined"));
    let answer = change(&visitor, STRONG, "0");
    assert_eq!(answer.status, 200, "{}", answer.text());

    // The database itself knows the new password, and only that.
    for (password, told) in [(PASSWORD, Told::Wrong), (STRONG, Told::SignedIn)] {
        assert_eq!(sign_in(&Visitor::new(&gate), "/", password), told);
    }
    ten_guesses_and_no_more(&clock, STRONG, |number, password| {
        let path = ["/", "/index.php", "/index.php?route=/"][number % 3];
        sign_in(&Visitor::new(&gate), path, password)
    });
}

/// Sets a password as the page of the account does.
fn change(visitor: &Visitor<'_>, password: &str, none: &str) -> Answer {
    let page = visitor.get(CHANGE).text();
    visitor.post(
        CHANGE,
        &[
            ("token", &field(&page, "token")),
            ("nopass", none),
            ("pma_pw", password),
            ("pma_pw2", password),
            ("authentication_plugin", "mysql_native_password"),
            ("change_pw", "Go"),
        ],
    )
}

/// Makes an account as the page of privileges does.
fn create(visitor: &Visitor<'_>, password: &str, kind: &str) -> Answer {
    let page = visitor.get(CHANGE).text();
    visitor.post(
        "/index.php?route=/server/privileges",
        &[
            ("token", &field(&page, "token")),
            ("adduser_submit", "1"),
            ("pred_username", "userdefined"),
            ("username", "dominique"),
            ("pred_hostname", "localhost"),
            ("hostname", "localhost"),
            ("pred_password", kind),
            ("pma_pw", password),
            ("pma_pw2", password),
            ("authentication_plugin", "mysql_native_password"),
        ],
    )
}

fn sign_in(visitor: &Visitor<'_>, path: &str, password: &str) -> Told {
    let page = visitor.get("/index.php?route=/").text();
    let answer = visitor.post(
        path,
        &[
            ("set_session", &field(&page, "set_session")),
            ("token", &field(&page, "token")),
            ("pma_username", LOGIN),
            ("pma_password", password),
            ("server", "1"),
        ],
    );
    Told::by(&answer, || {
        visitor
            .get(CHANGE)
            .text()
            .contains("id=\"change_password_form\"")
    })
}
