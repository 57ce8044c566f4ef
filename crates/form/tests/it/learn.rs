//! From what was watched to the tables that are proposed, and that the policy admits.

use form::learn::{Exchange, Hint, Looked, Step, Watched, propose};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use policy::Language;
use zeroize::Zeroizing;

mod kinds;

const TYPED: &str = "camille-77";
const BAD: &str = "faux-mot-de-passe";
const GOOD: &str = "bon-mot-de-passe";
const NEW: &str = "nouveau-mot-de-passe";

/// An answer: status, fields, body.
type Answer<'a> = (u16, &'a [(&'a str, &'a str)], &'a str);

fn headers(fields: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(
            HeaderName::from_bytes(name.as_bytes()).expect("a name"),
            HeaderValue::from_str(value).expect("a value"),
        );
    }
    headers
}

fn exchange(
    method: &str,
    target: &str,
    sent: &[(&str, &str)],
    body: &str,
    answer: Answer<'_>,
) -> Exchange {
    let (path, query) = target
        .split_once('?')
        .map_or((target, None), |(path, query)| (path, Some(query)));
    let (status, fields, text) = answer;
    Exchange {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.map(|query| Zeroizing::new(query.to_owned())),
        headers: headers(sent),
        body: Zeroizing::new(body.as_bytes().to_vec()),
        status: StatusCode::from_u16(status).expect("a status"),
        answer: headers(fields),
        text: text.as_bytes().to_vec(),
    }
}

fn post(target: &str, body: &str, answer: Answer<'_>) -> Exchange {
    let form = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("referer", "http://127.0.0.1:9000/join"),
    ];
    exchange("POST", target, &form, body, answer)
}

fn json(target: &str, body: &str, answer: Answer<'_>) -> Exchange {
    exchange(
        "POST",
        target,
        &[("content-type", "application/json")],
        body,
        answer,
    )
}

fn page(fields: &[(&str, &str)]) -> Vec<Hint> {
    let hint = |(name, kind): &(&str, &str)| Hint {
        name: (*name).to_owned(),
        kind: (*kind).to_owned(),
        autocomplete: None,
    };
    fields.iter().map(hint).collect()
}

/// The tables that a policy takes, and all that is written.
fn told(watched: &Watched) -> (String, String) {
    let proposals = propose(watched);
    let lines = |language| {
        proposals
            .iter()
            .map(|one| one.lines(language))
            .collect::<String>()
    };
    let (fr, en) = (lines(Language::Fr), lines(Language::En));
    let tables: String = en
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| format!("{line}\n"))
        .collect();
    let same: String = fr
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_eq!(tables, same);
    let text = format!(
        "version = 1\n[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://127.0.0.1:1\"\ncertificate = \"dev\"\n{en}"
    );
    if let Err(report) = policy::load(&text) {
        panic!("{report:?}\n{en}");
    }
    for typed in [TYPED, BAD, GOOD, NEW] {
        assert!(!fr.contains(typed) && !en.contains(typed), "{typed}: {en}");
    }
    (tables, en)
}

fn sign_in(bad: Answer<'_>, good: Answer<'_>) -> Watched {
    let mut watched = Watched::new(Vec::new());
    let body = |password: &str| format!("user={TYPED}&pass={password}&go=1");
    assert_eq!(
        watched.look(Step::Failed, post("/login", &body(BAD), bad)),
        Looked::Taken
    );
    watched.look(Step::Good, post("/login", &body(GOOD), good));
    watched
}

#[test]
fn what_tells_a_good_sign_in_from_a_bad_one() {
    const PAGE: Answer<'_> = (200, &[], "<p>no</p><a href=\"/help\">?</a>");
    for (bad, good, expected) in [
        (
            PAGE,
            (200, &[("set-cookie", "sess=1; Path=/")][..], ""),
            Some("{ set-cookie = \"sess\" }"),
        ),
        // What comes with a failure too tells nothing.
        (
            (200, &[("set-cookie", "sess=1")][..], ""),
            (
                302,
                &[("set-cookie", "sess=2"), ("location", "/in")][..],
                "",
            ),
            Some("{ status = \"302\" }"),
        ),
        // Set and deleted at once.
        (
            PAGE,
            (
                303,
                &[("set-cookie", "sess=; Max-Age=0"), ("location", "/in")][..],
                "",
            ),
            Some("{ status = \"303\" }"),
        ),
        (
            PAGE,
            (
                302,
                &[("set-cookie", "csrftoken=a"), ("set-cookie", "flash=1")][..],
                "",
            ),
            Some("{ status = \"302\" }"),
        ),
        (
            PAGE,
            (
                302,
                &[(
                    "set-cookie",
                    "wp_logged_in_0123456789abcdef0123456789abcdef=a",
                )][..],
                "",
            ),
            Some("{ set-cookie = \"wp_logged_in_*\" }"),
        ),
        (
            (302, &[("location", "/login?error")][..], ""),
            (302, &[("location", "https://a.fr/home")][..], ""),
            Some("{ status = \"302\", location = \"/home\" }"),
        ),
        (
            (302, &[("location", "/login")][..], ""),
            (302, &[("location", "/")][..], ""),
            Some("{ status = \"302\", location = \"/\" }"),
        ),
        // Where it leads is made for one visit, or repeats what was typed.
        (
            (302, &[("location", "/login")][..], ""),
            (302, &[("location", "/home?t=0123456789abcdef01")][..], ""),
            Some("{ status = \"302\", location = \"/home*\" }"),
        ),
        (
            (302, &[("location", "/login")][..], ""),
            (302, &[("location", "/~camille-77")][..], ""),
            None,
        ),
        (
            (200, &[], r#"{"ok":false,"user":null}"#),
            (200, &[], r#"{"ok":true,"user":"camille-77","n":3}"#),
            Some("{ json = { \"/ok\" = \"true\" } }"),
        ),
        (
            (200, &[], r#"{"ok":true}"#),
            (200, &[], r#"{"ok":true,"as":"camille-77"}"#),
            None,
        ),
        (
            (401, &[], r#"{"result":"failed"}"#),
            (200, &[], r#"{"result":"welcome"}"#),
            Some("{ json = { \"/result\" = \"welcome\" } }"),
        ),
        (
            (200, &[], r#"{"error":{"code":4}}"#),
            (200, &[], r#"{"isLoggedIn":true,"premium":true}"#),
            Some("{ json = { \"/isLoggedIn\" = \"true\" } }"),
        ),
        // What may be one account's is nobody's business, and no rule for the others.
        (
            (200, &[], r#"{"error":"no"}"#),
            (
                200,
                &[],
                r#"{"name":"Jean","id":42,"premium":true,"user":{"status":"active"}}"#,
            ),
            None,
        ),
        (
            (302, &[("location", "/login")][..], ""),
            (302, &[("location", "/users/42")][..], ""),
            Some("{ status = \"302\", location = \"/users/*\" }"),
        ),
        (
            (302, &[("location", "/login")][..], ""),
            (302, &[("location", "/42")][..], ""),
            None,
        ),
        // Where the browser came from, or a field, is no sign of anything.
        (
            (302, &[("location", "/login?error")][..], ""),
            (302, &[("location", "/join")][..], ""),
            None,
        ),
        (
            PAGE,
            (
                200,
                &[],
                "<p>camille-77</p><a href=\"/help\">?</a><a href=\"/a\">a</a><a href=\"/logout\">x</a>",
            ),
            Some("{ body = 'href=\"/logout\"' }"),
        ),
        // The link repeats what was typed.
        (PAGE, (200, &[], "<a href=\"/u/camille-77\">a</a>"), None),
        (PAGE, PAGE, None),
        // A bad status is no success.
        (PAGE, (500, &[], ""), None),
    ] {
        let watched = sign_in(bad, good);
        let (tables, all) = told(&watched);
        match expected {
            Some(rule) => {
                let expected = format!(
                    "[[site.form]]\nkind = \"sign-in\"\npath = \"/login\"\nidentifier = \"user\"\n\
                     password = \"pass\"\nsuccess = [{rule}]\n"
                );
                assert_eq!(tables, expected, "{all}");
                assert!(all.contains("Tried: the gate reads"), "{all}");
            }
            None => {
                assert!(tables.is_empty(), "{all}");
                assert!(
                    all.contains("# [[site.form]]") && all.contains("by hand"),
                    "{all}"
                );
            }
        }
    }
}

#[test]
fn a_cookie_that_strangers_have_is_no_proof() {
    let mut watched = Watched::new(Vec::new());
    // The first visit, before anybody signs in.
    let visit = exchange(
        "GET",
        "/",
        &[],
        "",
        (200, &[("set-cookie", "PHPSESSID=1")], ""),
    );
    assert_eq!(watched.look(Step::Failed, visit), Looked::Other(Vec::new()));
    let body = |password: &str| format!("user={TYPED}&pass={password}");
    watched.look(Step::Failed, post("/login", &body(BAD), (200, &[], "no")));
    let good: Answer<'_> = (
        302,
        &[("set-cookie", "PHPSESSID=2"), ("location", "/in")],
        "",
    );
    assert_eq!(
        watched.look(Step::Good, post("/login", &body(GOOD), good)),
        Looked::Taken
    );
    assert!(
        told(&watched)
            .0
            .contains("success = [{ status = \"302\" }]")
    );

    // The browser had one from elsewhere, so that none is set before.
    let mut watched = Watched::new(Vec::new());
    let form = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("cookie", "a=b; PHPSESSID=0"),
    ];
    watched.look(
        Step::Failed,
        exchange("POST", "/login", &form, &body(BAD), (200, &[], "no")),
    );
    watched.look(Step::Good, post("/login", &body(GOOD), good));
    assert!(
        told(&watched)
            .0
            .contains("success = [{ status = \"302\" }]")
    );
}

#[test]
fn a_good_sign_in_that_looks_bad_was_bad() {
    let mut watched = Watched::new(Vec::new());
    let body = |password: &str| format!("user={TYPED}&pass={password}");
    let (bad, good): (Answer<'_>, Answer<'_>) =
        ((200, &[], "no"), (302, &[("location", "/in")], ""));
    watched.look(Step::Failed, post("/login", &body(BAD), bad));
    assert_eq!(
        watched.look(Step::Good, post("/login", &body(NEW), bad)),
        Looked::LooksFailed
    );
    assert_eq!(
        watched.look(Step::Good, post("/login", &body(GOOD), good)),
        Looked::Taken
    );
    let (tables, all) = told(&watched);
    assert!(tables.contains("302") && all.contains("Tried"), "{all}");
}

#[test]
fn which_field_is_the_password() {
    for (hints, body, expected) in [
        // By the page, whatever the names.
        (
            &[
                ("u", "text"),
                ("p", "password"),
                ("r", "checkbox"),
                ("do", "hidden"),
            ][..],
            "do=login&u=camille-77&p=X&r=1",
            Some(("u", "p")),
        ),
        (
            &[("zz", "text"), ("yy", "password")],
            "zz=camille-77&yy=X",
            Some(("zz", "yy")),
        ),
        // By names alone.
        (
            &[],
            "j_username=camille-77&j_password=X",
            Some(("j_username", "j_password")),
        ),
        (
            &[],
            "login=camille-77&mdp=X&token=0123456789abcdef0123",
            Some(("login", "mdp")),
        ),
        (
            &[],
            "email=camille-77&motDePasse=X",
            Some(("email", "motDePasse")),
        ),
        (
            &[],
            "auth[username]=camille-77&auth[password]=X",
            Some(("auth[username]", "auth[password]")),
        ),
        (&[], "q=passage&n=bypass", None),
        (&[], "password_reset_token=abc", None),
        (&[("pass", "hidden")], "pass=1&q=2", None),
        (&[], "user=camille-77&pass=", None),
    ] {
        let mut watched = Watched::new(Vec::new());
        watched.page(page(hints));
        let body = |password: &str| body.replace("=X", &format!("={password}"));
        let bad: Answer<'_> = (200, &[], "no");
        let looked = watched.look(Step::Failed, post("/in", &body(BAD), bad));
        let Some((identifier, password)) = expected else {
            assert!(matches!(looked, Looked::Other(_)), "{looked:?}");
            continue;
        };
        let good: Answer<'_> = (302, &[("set-cookie", "sess=1")], "");
        watched.look(Step::Good, post("/in", &body(GOOD), good));
        let (tables, all) = told(&watched);
        let names = format!("identifier = \"{identifier}\"\npassword = \"{password}\"\n");
        assert!(tables.contains(&names), "{all}");
    }
    let mut named = Watched::new(vec!["f7".to_owned()]);
    let odd = post("/in", "f3=camille-77&f7=x", (200, &[], ""));
    assert_eq!(named.look(Step::Failed, odd), Looked::Taken);
}

#[test]
fn new_passwords_by_what_is_equal() {
    let sign_up = format!("login={TYPED}&email=camille@a.fr&pw1={NEW}&pw2={NEW}&csrf=1");
    let change = format!("oldpw={GOOD}&newpw={NEW}&again_pw={NEW}");
    // Nothing but the value tells which one is in force.
    let blind = format!("a_pass={NEW}&b_pass={GOOD}");
    for (step, body, expected) in [
        (
            Step::SignUp,
            &sign_up,
            "kind = \"sign-up\"\npath = \"/p\"\nidentifier = \"login\"\npassword = \"pw1\"\nconfirm = \"pw2\"\ncontext = [\"email\"]\n",
        ),
        (
            Step::Change,
            &change,
            "kind = \"change\"\npath = \"/p\"\ncurrent = \"oldpw\"\npassword = \"newpw\"\nconfirm = \"again_pw\"\n",
        ),
        (
            Step::Change,
            &blind,
            "kind = \"change\"\npath = \"/p\"\ncurrent = \"b_pass\"\npassword = \"a_pass\"\n",
        ),
    ] {
        let mut watched = sign_in((200, &[], "no"), (302, &[("set-cookie", "sess=1")], ""));
        assert_eq!(
            watched.look(step, post("/p", body, (302, &[], ""))),
            Looked::Taken
        );
        let (tables, all) = told(&watched);
        assert!(tables.ends_with(expected), "{all}");
        assert_eq!(all.matches("Tried: ").count(), 2, "{all}");
    }
}

#[test]
fn the_page_of_a_person_is_that_of_everybody() {
    let mut watched = sign_in((200, &[], "no"), (302, &[("set-cookie", "sess=1")], ""));
    let body = format!("new_password={NEW}");
    let own = format!("/people/{TYPED}/password");
    watched.look(Step::Change, post(&own, &body, (302, &[], "")));
    let (tables, all) = told(&watched);
    assert!(tables.contains("path = \"/people/*/password\""), "{all}");
    assert!(all.contains("made for one visit"), "{all}");
}
