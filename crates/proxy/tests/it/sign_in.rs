//! Sign-ins through the gate: guesses are restricted by the answers of an origin that knows
//! nothing of it.

use std::sync::Mutex;
use std::time::Duration;

use crate::forms::{STRONG, post};
use crate::support::{Answer, HOST, Origin, Seen, Setting, World};

pub(crate) const FORM: &str = "[[site.form]]\nkind = \"sign-in\"\npath = \"/login\"\nidentifier = \"log\"\n\
                    password = \"pwd\"\nsuccess = [{ set-cookie = \"sess*\" }]\n";

/// A short first delay, so that tests can wait for its end.
const SHORT: &str = "[access.delay]\nfirst = \"1s\"\n";

pub(crate) fn setting(access: &str) -> Setting {
    Setting {
        transport: "trusted-proxies = [\"127.0.0.1\"]",
        site: FORM.to_owned(),
        more: access.to_owned(),
        ..Setting::default()
    }
}

/// Lets in whoever types one of two passwords, as an old site would.
pub(crate) fn old_site(seen: &Seen) -> Vec<u8> {
    let body = String::from_utf8_lossy(&seen.body).into_owned();
    let right = body.contains("pwd=Qv7%23mZ2") || body.contains("pwd=azertyuiop");
    match right {
        true => {
            "HTTP/1.1 302 Found\r\nLocation: /in\r\nSet-Cookie: sess=1\r\n\
                 Content-Length: 0\r\n\r\n"
        }
        false => "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong",
    }
    .into()
}

/// One try from an address, perhaps by a browser that is known.
pub(crate) fn attempt(name: &str, password: &str, from: &str, cookie: &str) -> String {
    let more =
        format!("X-Forwarded-For: {from}\r\nCookie: a=b; {cookie}\r\nAccept-Language: en\r\n");
    post("/login", &[("log", name), ("pwd", password)], &more)
}

#[tokio::test]
async fn a_failure_delays_the_next_try_and_a_success_takes_it_back() {
    let origin = Origin::answering(old_site).await;
    let world = World::with(origin.address, setting(SHORT)).await;
    let ask = async |password| world.ask(&attempt("ana", password, "192.0.2.1", "")).await;
    assert_eq!(ask("wrong").await.status, 200);
    let early = ask(STRONG).await;
    assert_eq!(early.status, 429, "{}", early.text());
    assert!(early.text().contains("Try again in"), "{}", early.text());
    let after: u64 = early.one("retry-after").parse().expect("seconds");
    assert!((1..=3).contains(&after));
    assert_eq!(origin.seen().len(), 1);
    tokio::time::sleep(Duration::from_secs(after)).await;
    assert_eq!(ask(STRONG).await.status, 302);
    // Nothing is left of the failure: two successes follow each other at once.
    assert_eq!(ask(STRONG).await.status, 302);
    // The same account however it is written.
    assert_eq!(ask("wrong").await.status, 200);
    let other = attempt(" ANA", STRONG, "192.0.2.2", "");
    assert_eq!(world.ask(&other).await.status, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_guesses_at_once_are_one() {
    let origin = Origin::answering(old_site).await;
    // So long that no slow machine sees its end.
    let long = "[access.delay]\nfirst = \"10m\"\n";
    let world = World::with(origin.address, setting(long)).await;
    let world = std::sync::Arc::new(world);
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..500_u32 {
        let world = std::sync::Arc::clone(&world);
        tasks.spawn(async move {
            let from = format!("198.51.100.{}", number % 200);
            let guess = attempt("ana", &format!("guess-{number}"), &from, "");
            world.ask(&guess).await.status
        });
    }
    let statuses = tasks.join_all().await;
    let admitted = statuses.iter().filter(|&&status| status == 200).count();
    let refused = statuses.iter().filter(|&&status| status == 429).count();
    assert_eq!((admitted, refused), (1, 499), "{statuses:?}");
    assert_eq!(origin.seen().len(), 1);
}

#[tokio::test]
async fn a_known_browser_is_not_locked_out_by_strangers() {
    let origin = Origin::answering(old_site).await;
    let world = World::with(origin.address, setting("")).await;
    let first = world.ask(&attempt("ana", STRONG, "192.0.2.1", "")).await;
    assert_eq!(first.status, 302);
    let cookies = first.all("set-cookie");
    let mine = cookies
        .iter()
        .find(|cookie| cookie.starts_with("__Host-rempart-gate="));
    let mine = mine.expect("a token").split(';').next().expect("a pair");
    // Somebody else fails; now only the known browser may try.
    let strange = attempt("ana", "wrong", "203.0.113.9", "");
    assert_eq!(world.ask(&strange).await.status, 200);
    let unknown = attempt("ana", STRONG, "192.0.2.1", "");
    assert_eq!(world.ask(&unknown).await.status, 429);
    let known = attempt("ana", STRONG, "192.0.2.1", mine);
    assert_eq!(world.ask(&known).await.status, 302);
    // The token is between the browser and the gate.
    let seen = origin.seen();
    let cookies: Vec<_> = seen.iter().map(|seen| seen.all("cookie")).collect();
    assert_eq!(cookies.last().expect("a request"), &["a=b"], "{cookies:?}");
    // The token is for one account.
    let other = attempt("bob", "wrong", "203.0.113.9", "");
    assert_eq!(world.ask(&other).await.status, 200);
    let other = attempt("bob", STRONG, "192.0.2.1", mine);
    assert_eq!(world.ask(&other).await.status, 429);
}

#[tokio::test]
async fn forms_of_a_site_share_the_counters_and_a_reload_keeps_them() {
    let origin = Origin::answering(old_site).await;
    let mut both = setting("");
    both.site += "[[site.form]]\nkind = \"sign-in\"\npath = \"/api\"\nidentifier = \"user\"\n\
                  password = \"pass\"\nencoding = [\"json\"]\nsuccess = [{ status = \"201\" }]\n";
    let text = crate::support::text(origin.address, &both);
    let world = World::with(origin.address, both).await;
    let first = attempt("ana", "wrong", "192.0.2.1", "");
    assert_eq!(world.ask(&first).await.status, 200);
    let body = r#"{"user":"ana","pass":"x"}"#;
    let api = format!(
        "POST /api HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n\
         Accept: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    for _ in 0..2 {
        let answer = world.ask(&api).await;
        assert_eq!(answer.status, 429);
        assert_eq!(answer.one("content-type"), "application/problem+json");
        let policy = crate::support::policy(&text);
        world.gate.reload(policy).await.expect("reloaded");
    }
    assert_eq!(origin.seen().len(), 1);
}

#[tokio::test]
async fn who_sets_a_password_of_their_own_takes_back_nothing_of_another_account() {
    // The site gives a new cookie to whoever changes a password, and looks at no other field.
    let origin = Origin::answering(|_| {
        "HTTP/1.1 302 Found\r\nSet-Cookie: sess=1\r\nContent-Length: 0\r\n\r\n".into()
    })
    .await;
    let mut both = setting("");
    both.site += "[[site.form]]\nkind = \"change\"\npath = \"/login\"\npassword = \"new\"\n";
    let world = World::with(origin.address, both).await;
    let fields = [("log", "ana"), ("pwd", "guess"), ("new", STRONG)];
    let answer = world.ask(&post("/login", &fields, "")).await;
    assert_eq!(answer.status, 302);
    let cookies = answer.all("set-cookie");
    assert!(cookies.iter().all(|cookie| !cookie.contains("rempart")));
    let again = world.ask(&attempt("ana", "guess", "192.0.2.1", "")).await;
    assert_eq!(again.status, 429);
}

#[tokio::test]
async fn a_weak_password_that_signs_in_is_marked_and_only_by_the_gate() {
    let origin = Origin::answering(old_site).await;
    let world = World::with(origin.address, setting("")).await;
    let weak = attempt("ana", "azertyuiop", "192.0.2.1", "");
    assert_eq!(world.ask(&weak).await.status, 302);
    let good = post(
        "/login",
        &[("log", "bob"), ("pwd", STRONG)],
        "Rempart-Password: strong\r\n",
    );
    assert_eq!(world.ask(&good).await.status, 302);
    let get = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\nRempart-Password: x\r\n\r\n");
    world.ask(&get).await;
    let seen = origin.seen();
    let mark = seen[0].all("rempart-password");
    assert_eq!(mark.len(), 1);
    assert!(
        mark[0].starts_with("weak; codes=\"") && mark[0].contains("common-password"),
        "{mark:?}"
    );
    assert!(seen[1].all("rempart-password").is_empty());
    assert!(seen[2].all("rempart-password").is_empty());
}

#[tokio::test]
async fn rules_on_the_body_decide_and_the_answer_arrives_whole() {
    let page = format!("<p>hello ana</p>{}", "x".repeat(200_000));
    let shown = page.clone();
    let origin = Origin::answering(move |seen| {
        let right = String::from_utf8_lossy(&seen.body).contains("Qv7");
        let body = if right {
            shown.as_str()
        } else {
            "<p>wrong</p>"
        };
        format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    })
    .await;
    let mut by_body = setting("");
    by_body.site = FORM.replace(
        "success = [{ set-cookie = \"sess*\" }]",
        "success = [{ body = \"hello\" }]\nfailure = [{ body = \"wrong\" }]",
    );
    let world = World::with(origin.address, by_body).await;
    let more = "Accept-Encoding: gzip\r\n";
    let right = post("/login", &[("log", "ana"), ("pwd", STRONG)], more);
    for _ in 0..2 {
        let answer = world.ask(&right).await;
        assert_eq!(answer.status, 200);
        assert!(answer.complete && answer.body == page.as_bytes());
        assert_eq!(answer.all("set-cookie").len(), 1);
    }
    assert_eq!(origin.seen()[0].all("accept-encoding"), ["identity"]);
    let wrong = post("/login", &[("log", "ana"), ("pwd", "x")], "");
    let answer = world.ask(&wrong).await;
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (200, "<p>wrong</p>")
    );
    assert_eq!(world.ask(&right).await.status, 429);
}

#[tokio::test]
async fn a_blocked_account_is_told_when_it_opens() {
    let origin = Origin::answering(old_site).await;
    let access = "[access]\nmechanism = \"block\"\n[access.block]\nafter = 2\nunlock = \"12h\"\n";
    let world = World::with(origin.address, setting(access)).await;
    for _ in 0..2 {
        let wrong = attempt("ana", "wrong", "192.0.2.1", "");
        assert_eq!(world.ask(&wrong).await.status, 200);
    }
    let answer = world.ask(&attempt("ana", STRONG, "192.0.2.1", "")).await;
    assert_eq!(answer.status, 429);
    let text = answer.text();
    assert!(text.contains("opens by itself within 12 hours"), "{text}");
    assert!(!text.contains("operator"), "{text}");
    assert_eq!(answer.one("retry-after"), "43200");
    let french = attempt("ana", STRONG, "192.0.2.1", "").replace("Language: en", "Language: fr");
    let text = world.ask(&french).await.text();
    assert!(
        text.contains("se rouvre de lui-même en 12 heures"),
        "{text}"
    );
}

#[tokio::test]
async fn a_status_alone_takes_back_its_own_failure_and_makes_no_browser_known() {
    let origin = Origin::answering(old_site).await;
    let mut by_status =
        setting("[access]\nmechanism = \"block\"\n[access.block]\nafter = 3\nunlock = \"12h\"\n");
    by_status.site = FORM.replace("set-cookie = \"sess*\"", "status = \"302\"");
    let world = World::with(origin.address, by_status).await;
    let ask = async |password| world.ask(&attempt("ana", password, "192.0.2.1", "")).await;
    assert_eq!(ask("wrong").await.status, 200);
    for _ in 0..3 {
        let answer = ask(STRONG).await;
        assert_eq!(answer.status, 302);
        let cookies = answer.all("set-cookie");
        assert!(
            cookies.len() == 1 && cookies[0].starts_with("sess=1"),
            "{cookies:?}"
        );
    }
    // The failure before them is still there.
    for _ in 0..2 {
        assert_eq!(ask("wrong").await.status, 200);
    }
    let blocked = ask(STRONG).await;
    assert_eq!(blocked.status, 429);
    let text = blocked.text();
    assert!(text.contains("it is blocked"), "{text}");
}

#[tokio::test]
async fn answers_that_all_look_good_leave_the_day_s_cap() {
    let good =
        |_: &Seen| b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n".to_vec();
    let block = "[access]\nmechanism = \"block\"\n[access.block]\nafter = 10\nunlock = \"12h\"\n";
    for (access, cap) in [("", 25), (block, 20)] {
        let origin = Origin::answering(good).await;
        let mut by_status = setting(access);
        by_status.site = FORM.replace("set-cookie = \"sess*\"", "status = \"302\"");
        let world = World::with(origin.address, by_status).await;
        for number in 1..=cap {
            // Each from elsewhere, and under another spelling.
            let name = ["ana", "aná"][number % 2];
            let guess = attempt(
                name,
                &format!("guess-{number}"),
                &format!("192.0.2.{number}"),
                "",
            );
            assert_eq!(world.ask(&guess).await.status, 302, "{number}");
        }
        let over = world.ask(&attempt("ana", STRONG, "198.51.100.1", "")).await;
        assert_eq!(over.status, 429, "{}", over.text());
        let after: u64 = over.one("retry-after").parse().expect("seconds");
        assert!((86_000..=86_401).contains(&after), "{after}");
        let other = world.ask(&attempt("bob", STRONG, "198.51.100.1", "")).await;
        assert_eq!(other.status, 302);
        assert_eq!(origin.seen().len(), cap + 1);
    }
}

/// Sends a bad sign-in back, as Laravel does: to the `Referer`, else to the page that this session
/// asked for before.
fn laravel(seen: &Seen, before: &Mutex<String>) -> Vec<u8> {
    let mut before = before.lock().expect("a lock");
    let path = seen.line.split(' ').nth(1).expect("a target");
    if seen.line.starts_with("GET") {
        path.clone_into(&mut before);
        return "HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n".into();
    }
    let right = String::from_utf8_lossy(&seen.body).contains("pwd=Qv7%23mZ2");
    let back = seen.all("referer").first().map(|page| (*page).to_owned());
    let to = match right {
        true => "/home".to_owned(),
        false => back.unwrap_or_else(|| format!("https://{HOST}{before}")),
    };
    format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n").into()
}

#[tokio::test]
async fn a_guesser_who_says_where_a_failure_leads_makes_no_success_of_it() {
    let before = Mutex::new("/login".to_owned());
    let origin = Origin::answering(move |seen| laravel(seen, &before)).await;
    let mut by_place =
        setting("[access]\nmechanism = \"block\"\n[access.block]\nafter = 2\nunlock = \"12h\"\n");
    by_place.site = FORM.replace(
        "set-cookie = \"sess*\"",
        "status = \"302\", location = \"/home*\"",
    );
    let world = World::with(origin.address, by_place).await;
    let ask = async |name: &str, password: &str, page: Option<&str>| {
        let more = page.map_or(String::new(), |page| format!("Referer: {page}\r\n"));
        let fields = [("log", name), ("pwd", password)];
        let answer = world.ask(&post("/login", &fields, &more)).await;
        let cookies = answer.all("set-cookie");
        assert!(cookies.is_empty(), "a browser is known: {cookies:?}");
        answer.status
    };
    let login = format!("https://{HOST}/login");
    let home = format!("https://{HOST}/home");
    for (name, page) in [
        ("ana", Some(home.as_str())),
        ("bob", Some("/home?a=b")),
        ("eve", None),
    ] {
        // So that the session says so too.
        assert_eq!(world.get("/home").await.status, 302);
        for number in 1..=2 {
            assert_eq!(ask(name, "guess", page).await, 302, "{name} {number}");
        }
        assert_eq!(ask(name, STRONG, Some(&login)).await, 429, "{name}");
    }
    // Whoever comes from the page of the form is believed as far as a status is: twice what blocks
    // in a day, and the failure before stays.
    assert_eq!(ask("jean", "wrong", Some(&login)).await, 302);
    for _ in 0..2 {
        assert_eq!(ask("jean", STRONG, Some(&login)).await, 302);
    }
    assert_eq!(ask("jean", "wrong", Some(&login)).await, 302);
    assert_eq!(ask("jean", STRONG, Some(&login)).await, 429);
}

#[tokio::test]
async fn an_origin_that_is_gone_uses_up_nobody_s_tries() {
    let port = {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        taken.local_addr().expect("bound")
    };
    let access = "[access]\nmechanism = \"block\"\n[access.block]\nafter = 2\nunlock = \"12h\"\n";
    let mut both = setting(access);
    both.site += "[[site.form]]\nkind = \"sign-in\"\npath = \"/*\"\nencoding = [\"basic\"]\n\
                  success = [{ status = \"200-399\" }]\n";
    let world = World::with(port, both).await;
    for number in 1..=5 {
        let answer = world.ask(&attempt("ana", STRONG, "192.0.2.1", "")).await;
        assert!(
            matches!(answer.status, 502 | 503),
            "{number}: {}",
            answer.status
        );
        let basic =
            format!("GET / HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Basic YW5hOnJpZ2h0\r\n\r\n");
        let answer = world.ask(&basic).await;
        assert!(
            matches!(answer.status, 502 | 503),
            "{number}: {}",
            answer.status
        );
    }
    // One that takes the request and ends is another matter: it may have looked.
    let origin = Origin::raw(|mut stream| async move {
        crate::support::read_request(&mut stream, &mut Vec::new()).await;
    })
    .await;
    let world = World::with(origin.address, setting(access)).await;
    for expected in [502, 502, 429] {
        let answer = world.ask(&attempt("ana", STRONG, "192.0.2.1", "")).await;
        assert_eq!(answer.status, expected);
    }
}

#[tokio::test]
async fn the_journal_says_what_happened_and_nothing_of_what_was_typed() {
    const CANARY: &str = "c4nary-Passw0rd";
    let origin = Origin::answering(old_site).await;
    let access = format!("{SHORT}[journal]\nfolder = \"journal\"\n");
    let world = World::with(origin.address, setting(&access)).await;
    let ask = async |name: &str, password: &str| {
        let answer: Answer = world.ask(&attempt(name, password, "192.0.2.1", "")).await;
        answer.status
    };
    assert_eq!(ask("ana", "azertyuiop").await, 302);
    assert_eq!(ask(CANARY, CANARY).await, 200);
    assert_eq!(ask(CANARY, CANARY).await, 429);
    let text = world.journal_with("sign-in-delayed").await;
    for kind in [
        "signed-in",
        "weak-password",
        "device-trusted",
        "sign-in-failed",
        "sign-in-delayed",
    ] {
        assert!(text.contains(kind), "{kind}: {text}");
    }
    assert!(text.contains(HOST) && text.contains("192.0.2.1"), "{text}");
    let log = world.log_lines(3).await.join("\n");
    for typed in [CANARY, "azertyuiop", "ana\""] {
        assert!(
            !text.contains(typed) && !log.contains(typed),
            "{typed}: {text}{log}"
        );
    }
}
