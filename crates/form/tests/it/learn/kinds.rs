//! Encodings, presets and forms that share a place; and whatever else a site may say.

use form::learn::{Looked, Note, Step, Watched, propose};
use policy::Language;
use proptest::prelude::*;

use super::{Answer, BAD, GOOD, NEW, TYPED, exchange, json, page, post, told};

#[test]
fn json_and_basic_and_parts() {
    let mut watched = Watched::new(Vec::new());
    let body = |password: &str| {
        format!(r#"{{"user":{{"name":"{TYPED}","password":"{password}"}},"keep":true}}"#)
    };
    watched.look(
        Step::Failed,
        json("/api/login", &body(BAD), (401, &[], "{}")),
    );
    watched.look(
        Step::Good,
        json("/api/login", &body(GOOD), (200, &[], "{}")),
    );
    let (tables, all) = told(&watched);
    assert_eq!(
        tables,
        "[[site.form]]\nkind = \"sign-in\"\npath = \"/api/login\"\nencoding = [\"json\"]\n\
         identifier = \"user[name]\"\npassword = \"user[password]\"\nsuccess = [{ status = \"200\" }]\n",
        "{all}"
    );
    assert!(all.contains("Tried: "), "{all}");

    let mut watched = Watched::new(Vec::new());
    let ask = |pair: &str, status| {
        let field = [("authorization", pair)];
        exchange("GET", "/files/a/b", &field, "", (status, &[], ""))
    };
    watched.look(Step::Failed, ask("Basic Y2FtaWxsZS03Nzp4", 401));
    assert_eq!(
        watched.look(Step::Good, ask("Basic Y2FtaWxsZS03Nzp5", 200)),
        Looked::Taken
    );
    let (tables, all) = told(&watched);
    assert_eq!(
        tables,
        "[[site.form]]\nkind = \"sign-in\"\npath = \"/files/a/*\"\nencoding = [\"basic\"]\n\
         failure = [{ status = \"401\" }]\nsuccess = [{ status = \"200-599\" }]\n",
        "{all}"
    );
    assert!(all.contains("Tried: "), "{all}");

    let mut watched = Watched::new(Vec::new());
    let part = |password: &str| {
        format!(
            "--b\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\n{TYPED}\r\n--b\r\n\
             Content-Disposition: form-data; name=\"password\"\r\n\r\n{password}\r\n--b--\r\n"
        )
    };
    let multipart = |password: &str, answer: Answer<'_>| {
        let kind = [("content-type", "multipart/form-data; boundary=b")];
        exchange("POST", "/se%20connecter", &kind, &part(password), answer)
    };
    watched.look(Step::Failed, multipart(BAD, (200, &[], "")));
    watched.look(Step::Good, multipart(GOOD, (302, &[], "")));
    let proposals = propose(&watched);
    let lines = proposals[0].lines(Language::En);
    assert!(lines.contains("password = \"password\""), "{lines}");
}

#[test]
fn forms_of_one_path_are_told_apart_by_what_their_pages_fill_in() {
    let mut watched = Watched::new(Vec::new());
    watched.page(page(&[
        ("action", "hidden"),
        ("name", "text"),
        ("password", "password"),
    ]));
    let body =
        |action: &str, password: &str| format!("action={action}&name={TYPED}&password={password}");
    watched.look(
        Step::Failed,
        post("/index.php", &body("login", BAD), (200, &[], "no")),
    );
    watched.look(
        Step::Good,
        post(
            "/index.php",
            &body("login", GOOD),
            (302, &[("set-cookie", "sess=1")], ""),
        ),
    );
    watched.look(
        Step::SignUp,
        post("/index.php", &body("register", NEW), (302, &[], "")),
    );
    let (tables, all) = told(&watched);
    assert!(
        tables.contains("when = { \"action\" = \"login\" }"),
        "{all}"
    );
    assert!(
        tables.contains("when = { \"action\" = \"register\" }"),
        "{all}"
    );
    assert_eq!(all.matches("Tried: ").count(), 2, "{all}");
}

#[test]
fn a_preset_is_proposed_where_its_software_answers() {
    let wordpress = |password: &str| format!("log={TYPED}&pwd={password}&wp-submit=x&testcookie=1");
    let cookie = "wordpress_logged_in_0123456789abcdef0123456789abcdef=a; path=/blog/";
    let mut watched = Watched::new(Vec::new());
    watched.look(
        Step::Failed,
        post("/blog/wp-login.php", &wordpress(BAD), (200, &[], "no")),
    );
    watched.look(
        Step::Good,
        post(
            "/blog/wp-login.php",
            &wordpress(GOOD),
            (302, &[("set-cookie", cookie)], ""),
        ),
    );
    let change = format!("pass1={NEW}&pass2={NEW}&email=a@b.fr");
    watched.look(
        Step::Change,
        post("/blog/wp-admin/profile.php", &change, (302, &[], "")),
    );
    let (tables, all) = told(&watched);
    assert_eq!(
        tables, "[[site.form]]\npreset = \"wordpress\"\nbase = \"/blog\"\n",
        "{all}"
    );
    assert!(all.contains("kind \"change\""), "{all}");

    // Another site with the same names.
    let watched = {
        let mut watched = Watched::new(Vec::new());
        let body =
            |password: &str| format!("username={TYPED}&password={password}&csrfmiddlewaretoken=1");
        watched.look(Step::Failed, post("/login/", &body(BAD), (200, &[], "no")));
        watched.look(
            Step::Good,
            post("/login/", &body(GOOD), (302, &[("location", "/")], "")),
        );
        watched
    };
    let (tables, all) = told(&watched);
    assert!(
        tables.contains("path = \"/login/\"") && !tables.contains("preset"),
        "{all}"
    );
}

#[test]
fn what_the_gate_would_refuse_is_said() {
    let mut watched = Watched::new(Vec::new());
    let body = |password: &str| format!("user={TYPED}&password={password}&password={password}");
    watched.look(Step::Failed, post("/login", &body(BAD), (200, &[], "no")));
    watched.look(Step::Good, post("/login", &body(GOOD), (302, &[], "")));
    let proposals = propose(&watched);
    let refused = |note: &Note| matches!(note, Note::WouldRefuse(_));
    assert!(
        proposals[0].notes().iter().any(refused),
        "{:?}",
        proposals[0].notes()
    );
    let unread = post("/login", "a;b=password", (200, &[], ""));
    assert!(matches!(
        watched.look(Step::Good, unread),
        Looked::Unreadable(_)
    ));
}

#[test]
fn nothing_watched_is_nothing_proposed() {
    let watched = Watched::new(Vec::new());
    assert!(watched.is_empty() && propose(&watched).is_empty());
    let mut half = Watched::new(Vec::new());
    half.look(
        Step::Good,
        post("/login", "user=camille-77&pass=x", (302, &[], "")),
    );
    let (tables, all) = told(&half);
    assert!(
        tables.is_empty() && all.contains("No failed sign-in"),
        "{all}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever a site is called and says, what is proposed is read by the policy and repeats
    /// nothing that was typed.
    #[test]
    fn whatever_is_watched_is_proposed_soundly(
        path in "/[a-z%2;*?\"'\\\\\\[\\] é#/.]{0,14}",
        field in "[a-z\"'\\\\\\[\\].%=é]{0,3}pass[a-z\"'\\[\\]]{0,4}",
        location in "[/a-z\"'*?=]{0,6}(camille-77)?[/a-z\"\\\\]{0,6}",
        cookie in "[a-z-]{0,4}(camille-77|0123456789abcdef0)?",
        text in "(\\{\"[a-z~/]{1,3}\":(true|\"[a-z]{1,3}\")\\}|<a href=\"[a-z/'-]{0,9}(camille-77)?\">)",
        status in prop::sample::select(vec![200, 204, 302, 303, 401, 500]),
    ) {
        let mut watched = Watched::new(Vec::new());
        let escaped: String = field.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let body = |password: &str| format!("user={TYPED}&{escaped}={password}");
        let cookie = format!("{cookie}=1");
        let said = [("location", location.as_str()), ("set-cookie", cookie.as_str())];
        watched.look(Step::Failed, post(&path, &body(BAD), (200, &[], "no")));
        watched.look(Step::Good, post(&path, &body(GOOD), (status, &said, &text)));
        watched.look(Step::SignUp, post(&path, &body(NEW), (status, &said, &text)));
        told(&watched);
    }
}
