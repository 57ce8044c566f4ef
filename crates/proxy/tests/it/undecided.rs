//! Sign-ins whose answer no rule knows: they are neither failures nor successes, and a day has so
//! many of them.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::sync::Barrier;

use crate::forms::{STRONG, post};
use crate::secrecy::Events;
use crate::support::{HOST, Origin, Seen, Setting, World, read_request};

const FORM: &str = "[[site.form]]\nkind = \"sign-in\"\npath = \"/login\"\nidentifier = \"log\"\n\
                    password = \"pwd\"\nsuccess = [{ set-cookie = \"sess*\" }]\n\
                    failure = [{ status = \"403\" }]\n";

/// Three failures in a row block an account, and its spellings have six tries a day.
const BLOCK: &str =
    "[access]\nmechanism = \"block\"\n[access.block]\nafter = 3\nunlock = \"12h\"\n";

const DELAY: &str = "[access.delay]\nfirst = \"10m\"\n";

fn setting(access: &str) -> Setting {
    Setting {
        transport: "admin = { listen = \"127.0.0.1:0\" }",
        site: FORM.to_owned(),
        more: access.to_owned(),
        ..Setting::default()
    }
}

/// 302 and a cookie for the right password, 403 for one that is wrong, and 404 for whatever else,
/// as on a page that is not there.
fn site(seen: &Seen) -> Vec<u8> {
    let body = String::from_utf8_lossy(&seen.body).into_owned();
    let head = if body.contains("pwd=Qv7%23mZ2") {
        "302 Found\r\nSet-Cookie: sess=1"
    } else if body.contains("pwd=wrong") {
        "403 Forbidden"
    } else {
        "404 Not Found"
    };
    format!("HTTP/1.1 {head}\r\nContent-Length: 0\r\n\r\n").into()
}

fn attempt(name: &str, password: &str) -> String {
    post("/login", &[("log", name), ("pwd", password)], "")
}

#[tokio::test]
async fn nobody_waits_after_one_and_nothing_before_it_is_forgotten() {
    let events = Events::default();
    // The only one of this program, where each test is one.
    tracing::subscriber::set_global_default(events.clone()).expect("the first");
    let origin = Origin::answering(site).await;
    let access = format!("{BLOCK}[journal]\nfolder = \"journal\"\n");
    let world = World::with(origin.address, setting(&access)).await;
    let ask = async |password| world.ask(&attempt("ana", password)).await;
    assert_eq!(ask("wrong").await.status, 403);
    for _ in 0..2 {
        let answer = ask("what").await;
        assert_eq!(answer.status, 404);
        // The browser stays unknown.
        assert!(answer.all("set-cookie").is_empty());
    }
    // As failures they would be three by now; as successes they would have forgotten the first.
    assert_eq!(ask("wrong").await.status, 403);
    assert_eq!(ask("wrong").await.status, 403);
    assert_eq!(ask(STRONG).await.status, 429);
    assert_eq!(world.metric("sign-in-undecided").await, 2);
    assert_eq!(world.metric("sign-in-failed").await, 3);
    assert_eq!(world.metric("signed-in").await, 0);
    let told = events.text();
    let times = told.matches("neither good nor bad").count();
    assert_eq!(times, 1, "once a day: {told}");
    assert!(!told.contains("what") && !told.contains("ana"), "{told}");

    let journal = world.journal_with("sign-in-blocked").await;
    assert_eq!(
        journal.matches("\"sign-in-failed\"").count(),
        3,
        "{journal}"
    );
    assert!(!journal.contains("signed-in"), "{journal}");
}

#[tokio::test]
async fn they_keep_their_place_in_the_day_however_the_name_is_written() {
    for (access, cap) in [(DELAY, 25), (BLOCK, 6)] {
        let origin = Origin::answering(site).await;
        let world = World::with(origin.address, setting(access)).await;
        for number in 1..=cap {
            let name = ["ana", "aná"][number % 2];
            let answer = world.ask(&attempt(name, &format!("guess-{number}"))).await;
            assert_eq!(answer.status, 404, "{number}");
        }
        let over = world.ask(&attempt("ana", STRONG)).await;
        assert_eq!(over.status, 429, "{}", over.text());
        let after: u64 = over.one("retry-after").parse().expect("seconds");
        assert!((86_000..=86_401).contains(&after), "{after}");
        assert_eq!(world.ask(&attempt("bob", STRONG)).await.status, 302);
        assert_eq!(origin.seen().len(), cap + 1);
    }
}

#[tokio::test]
async fn who_sets_a_password_in_the_same_request_fails_all_the_same() {
    let origin = Origin::answering(site).await;
    let mut both = setting(DELAY);
    both.site += "[[site.form]]\nkind = \"change\"\npath = \"/login\"\npassword = \"new\"\n";
    let world = World::with(origin.address, both).await;
    let fields = [("log", "ana"), ("pwd", "guess"), ("new", STRONG)];
    let answer = world.ask(&post("/login", &fields, "")).await;
    assert_eq!(answer.status, 404);
    assert_eq!(world.ask(&attempt("ana", STRONG)).await.status, 429);
    assert_eq!(world.metric("sign-in-undecided").await, 0);
}

#[tokio::test]
async fn a_client_with_basic_keeps_its_place_too_whatever_it_asks_for_at_once() {
    let barrier = Arc::new(Barrier::new(2));
    let origin = Origin::raw(move |mut stream| {
        let barrier = Arc::clone(&barrier);
        async move {
            let mut rest = Vec::new();
            while let Some(seen) = read_request(&mut stream, &mut rest).await {
                if seen.line.contains("together") {
                    barrier.wait().await;
                }
                let status = match seen.line.contains("/odd") {
                    true => "500 Internal Server Error",
                    false => {
                        // After the other one.
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        "200 OK"
                    }
                };
                let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
                if stream.write_all(answer.as_bytes()).await.is_err() {
                    return;
                }
            }
        }
    })
    .await;
    let mut basic = setting(BLOCK);
    basic.site = "[[site.form]]\nkind = \"sign-in\"\npath = \"/*\"\nencoding = [\"basic\"]\n\
                  failure = [{ status = \"401\" }]\nsuccess = [{ status = \"200-499\" }]\n"
        .to_owned();
    let world = World::with(origin.address, basic).await;
    let ask = async |path: &str| {
        let pair = "Authorization: Basic YW5hOnJpZ2h0";
        let request = format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\n{pair}\r\n\r\n");
        world.ask(&request).await.status
    };
    for _ in 0..5 {
        // A page that looks at no password, asked for at the same time, gives no place back.
        let (odd, public) = tokio::join!(ask("/odd?together"), ask("/public?together"));
        assert_eq!((odd, public), (500, 200));
    }
    for _ in 0..8 {
        assert_eq!(ask("/public").await, 200);
    }
    assert_eq!(ask("/odd").await, 500);
    assert_eq!(ask("/odd").await, 429, "after six");
}
