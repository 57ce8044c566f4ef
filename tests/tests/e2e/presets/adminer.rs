//! Adminer in front of PostgreSQL: whoever signs in there signs in to the database, under fields
//! whose names are made of others.
//!
//! It answers good and bad passwords alike, so that every try counts, and a delay is the mechanism
//! that suits it.

use std::fmt::Write as _;

use rempart_tests::browser::Browser;
use rempart_tests::clock::Clock;
use rempart_tests::gate::Gate;
use rempart_tests::site::adminer::{Adminer, LOGIN, PASSWORD};
use rempart_tests::visitor::{Visitor, field};

use super::{
    DELAYED, STRONG, Told, WEAK, assert_refused, open, picture, refused_in, restricted_in,
};

const HOST: &str = "base.example.test";

/// The preset, and a table of accounts whose passwords are set in the editor of rows.
const FORMS: &str = "[[site.form]]\npreset = \"adminer\"\nbase = \"/adminer.php\"\n\
                     [[site.form]]\nkind = \"change\"\npath = \"/adminer.php\"\n\
                     password = \"fields[secret]\"\ncontext = [\"fields[name]\"]\n\
                     max-body = \"8 MiB\"\n\
                     [access]\nmechanism = \"delay\"\n[access.delay]\nfirst = \"10m\"\n";

#[test]
fn adminer_on_postgresql() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let site = Adminer::start(folder.path());
    let clock = Clock::new(folder.path());
    let gate = Gate::start_under(&clock, folder.path(), HOST, site.address, FORMS);

    // Every sign-in counts, a good one too; the right password after the delay is accepted.
    let attempt = |password: &str| sign_in(&site, &Visitor::new(&gate), password);
    let operator = Visitor::new(&gate);
    assert_eq!(sign_in(&site, &operator, PASSWORD), Told::SignedIn);
    for (offset, guess) in [("+1h", "guess 1"), ("+3h", "guess 2"), ("+7h", "guess 3")] {
        assert_eq!(attempt(guess), Told::Restricted, "{offset}");
        assert_eq!(attempt(PASSWORD), Told::Restricted, "{offset}");
        clock.set(offset);
        assert_eq!(attempt(guess), Told::Wrong, "{offset}");
    }
    clock.set("+20h");
    assert_eq!(attempt(PASSWORD), Told::SignedIn);
    // Two names of one field, and a piece of one, are nobody's form.
    for fields in [
        "auth[password]=x&auth=y",
        "auth[password][]=x",
        "auth[Password]=x",
    ] {
        let answer = operator.fetch("/adminer.php", &["--data", fields]);
        assert_eq!(answer.status, 400, "{fields}: {}", answer.text());
    }

    accounts_in_a_table(&site, &operator);
    many_fields(&site, &operator);
}

#[test]
fn adminer_on_postgresql_in_a_browser() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let site = Adminer::start(folder.path());
    let clock = Clock::new(folder.path());
    let gate = Gate::start_under(&clock, folder.path(), HOST, site.address, FORMS);
    let browser = Browser::start(folder.path(), HOST, gate.authority.root());
    let sign_in = |password: &str| {
        open(&browser, &gate.url("/adminer.php?pgsql="));
        browser.forget_cookies();
        open(&browser, &gate.url("/adminer.php?pgsql="));
        let server = format!("127.0.0.1:{}", site.postgres.port());
        browser.type_into("[name='auth[server]']", &server);
        browser.type_into("[name='auth[username]']", LOGIN);
        browser.type_into("[name='auth[password]']", password);
        browser.type_into("[name='auth[db]']", "postgres");
        browser.send_form("input[type=submit]");
        Told::shown(&browser, "[name=logout]")
    };
    assert_eq!(sign_in("guess"), Told::Wrong);
    assert!(browser.text(".error").contains("password"));
    restricted_in(&browser, "adminer-restricted", DELAYED, || {
        assert_eq!(sign_in(PASSWORD), Told::Restricted);
    });
    clock.set("+1h");
    assert_eq!(sign_in(PASSWORD), Told::SignedIn);
    picture(&browser, "adminer-signed-in");

    // A row whose password is the field of a form, under a name that is made of others.
    let table = "CREATE TABLE people (id int PRIMARY KEY, name text, secret varchar(80));
                 INSERT INTO people VALUES (1, 'Dominique', 'x'); GRANT ALL ON people TO";
    site.postgres.ask(&format!("{table} {LOGIN}"));
    let edit = site.page(LOGIN, "&ns=public&edit=people&where%5Bid%5D=1");
    open(&browser, &gate.url(&edit));
    let save = |secret: &str| {
        browser.type_into("[name='fields[secret]']", secret);
        browser.send_form("#form input[type=submit]");
    };
    let kept = || site.postgres.ask("SELECT secret FROM people");
    save(WEAK);
    refused_in(&browser, "adminer-row-refused");
    browser.find("[name='fields[secret]']");
    save("Dominique");
    refused_in(&browser, "adminer-row-name-refused");
    browser.find("[name='fields[secret]']");
    assert_eq!(kept(), "x");
    save(STRONG);
    browser.find(".message");
    assert_eq!(kept(), STRONG);
}

/// A password that the editor of rows sets.
fn accounts_in_a_table(site: &Adminer, operator: &Visitor<'_>) {
    site.postgres.ask(&format!(
        "CREATE TABLE people (id int PRIMARY KEY, name text, secret text, pass text, password text);
         INSERT INTO people VALUES (1, 'Dominique', 'x', 'x', 'x'); GRANT ALL ON people TO {LOGIN}"
    ));
    let edit = site.page(LOGIN, "&ns=public&edit=people&where%5Bid%5D=1");
    let page = operator.get(&edit).text();
    assert!(
        page.contains("name='fields[secret]'") || page.contains("name=\"fields[secret]\""),
        "{page}"
    );
    let save = |secret: &str| {
        let token = token(&page);
        let fields = [
            ("function[id]", ""),
            ("fields[id]", "1"),
            ("function[name]", ""),
            ("fields[name]", "Dominique"),
            ("function[secret]", ""),
            ("fields[secret]", secret),
            ("function[pass]", ""),
            // Fields of that name elsewhere are no passwords of this site.
            ("fields[pass]", "1"),
            ("function[password]", ""),
            ("fields[password]", "2"),
            ("token", &token),
            ("save", "1"),
        ];
        operator.post(&edit, &fields)
    };
    assert_refused(&save(WEAK));
    assert_refused(&save("Dominique"));
    let kept = || {
        site.postgres
            .ask("SELECT secret, pass, password FROM people")
    };
    assert_eq!(kept(), "x|x|x");
    let answer = save(STRONG);
    assert_eq!(answer.status, 302, "{}", answer.text());
    assert_eq!(kept(), format!("{STRONG}|1|2"));
    // The list of rows has names of its own.
    let list = site.page(LOGIN, "&ns=public&select=people");
    let page = operator.get(&list).text();
    let fields = format!(
        "val%5B%26where%255Bid%255D%3D1%5D%5Bpass%5D=3&token={}",
        token(&page)
    );
    let answer = operator.fetch(&list, &["--data", &fields]);
    assert_eq!(answer.status, 302, "{}", answer.text());
    assert_eq!(kept(), format!("{STRONG}|3|2"));
}

/// A row of many columns is saved whole.
fn many_fields(site: &Adminer, operator: &Visitor<'_>) {
    const COLUMNS: usize = 300;
    let columns: Vec<String> = (1..=COLUMNS)
        .map(|number| format!("c{number} text"))
        .collect();
    site.postgres.ask(&format!(
        "CREATE TABLE wide (id int PRIMARY KEY, {}); INSERT INTO wide VALUES (1);
         GRANT ALL ON wide TO {LOGIN}",
        columns.join(", ")
    ));
    let edit = site.page(LOGIN, "&ns=public&edit=wide&where%5Bid%5D=1");
    let page = operator.get(&edit).text();
    let mut fields = format!(
        "token={}&save=1&function%5Bid%5D=&fields%5Bid%5D=1",
        token(&page)
    );
    for number in 1..=COLUMNS {
        let _ = write!(
            fields,
            "&function%5Bc{number}%5D=&fields%5Bc{number}%5D=v{number}"
        );
    }
    let answer = operator.fetch(&edit, &["--data", &fields]);
    assert_eq!(answer.status, 302, "{}", answer.text());
    let kept = site.postgres.ask("SELECT c1, c150, c300 FROM wide");
    assert_eq!(kept, "v1|v150|v300");
}

fn token(page: &str) -> String {
    field(&page.replace('\'', "\""), "token")
}

fn sign_in(site: &Adminer, visitor: &Visitor<'_>, password: &str) -> Told {
    visitor.get("/adminer.php");
    let server = format!("127.0.0.1:{}", site.postgres.port());
    let answer = visitor.post(
        "/adminer.php",
        &[
            ("auth[driver]", "pgsql"),
            ("auth[server]", &server),
            ("auth[username]", LOGIN),
            ("auth[password]", password),
            ("auth[db]", "postgres"),
        ],
    );
    Told::by(&answer, || {
        assert_eq!(answer.status, 302, "{}", answer.text());
        visitor
            .get(&site.page(LOGIN, ""))
            .text()
            .contains("name=\"logout\"")
            || visitor
                .get(&site.page(LOGIN, ""))
                .text()
                .contains("name='logout'")
    })
}
