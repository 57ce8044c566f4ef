//! `Authorization: Basic` through the gate: a client repeats it with every request, and sends
//! several at once.

use std::sync::Arc;

use tokio::io::AsyncWriteExt;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::forms::post;
use crate::support::{HOST, Origin, Seen, Setting, World, read_request};

const BASIC: &str = "[[site.form]]\nkind = \"sign-in\"\npath = \"/*\"\nencoding = [\"basic\"]\n\
                     failure = [{ status = \"401\" }]\nsuccess = [{ status = \"200-499\" }]\n";

/// Two failures block an account.
const BLOCK: &str =
    "[access]\nmechanism = \"block\"\n[access.block]\nafter = 2\nunlock = \"12h\"\n";

/// `ana:right`, `ana:wrong`, `ana:other`.
const RIGHT: &str = "YW5hOnJpZ2h0";
const WRONG: &str = "YW5hOndyb25n";
const OTHER: &str = "YW5hOm90aGVy";

fn setting(site: &str, access: &str) -> Setting {
    Setting {
        site: site.to_owned(),
        more: access.to_owned(),
        ..Setting::default()
    }
}

fn get(path: &str, pair: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Basic {pair}\r\n\r\n")
}

/// A site that looks at the password everywhere but under `/public`.
fn status(seen: &Seen) -> &'static str {
    let path = seen.line.split(' ').nth(1).unwrap_or_default();
    let right = seen.all("authorization") == [format!("Basic {RIGHT}")];
    match path {
        path if path.starts_with("/public") => "200 OK",
        _ if !right => "401 Unauthorized",
        "/none" => "404 Not Found",
        _ => "200 OK",
    }
}

fn answer(seen: &Seen) -> Vec<u8> {
    format!("HTTP/1.1 {}\r\nContent-Length: 0\r\n\r\n", status(seen)).into()
}

/// Answers when so many requests are there.
async fn patient(count: usize) -> Origin {
    let barrier = Arc::new(Barrier::new(count));
    Origin::raw(move |mut stream| {
        let barrier = Arc::clone(&barrier);
        async move {
            let mut rest = Vec::new();
            while let Some(seen) = read_request(&mut stream, &mut rest).await {
                barrier.wait().await;
                if stream.write_all(&answer(&seen)).await.is_err() {
                    return;
                }
            }
        }
    })
    .await
}

/// Sends them all at once; the statuses, in their order.
async fn at_once(world: &Arc<World>, requests: Vec<String>) -> Vec<u16> {
    let mut tasks = JoinSet::new();
    for (place, request) in requests.into_iter().enumerate() {
        let world = Arc::clone(world);
        tasks.spawn(async move { (place, world.ask(&request).await.status) });
    }
    let mut statuses = tasks.join_all().await;
    statuses.sort_unstable();
    statuses.into_iter().map(|(_, status)| status).collect()
}

#[tokio::test]
async fn basic_is_a_sign_in_too() {
    let origin = Origin::answering(answer).await;
    let world = World::with(origin.address, setting(BASIC, "")).await;
    let ask = async |pair: &str| world.ask(&get("/x", pair)).await.status;
    assert_eq!(ask(RIGHT).await, 200);
    assert_eq!(ask(WRONG).await, 401);
    assert_eq!(ask(RIGHT).await, 429);
    assert_eq!(world.get("/x").await.status, 401, "no credentials, no try");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_of_one_client_at_once_are_one_try() {
    const COUNT: usize = 20;
    let origin = patient(COUNT).await;
    let world = Arc::new(World::with(origin.address, setting(BASIC, BLOCK)).await);
    let all = |path: &str, pair| vec![get(path, pair); COUNT];
    // A page with its pictures, one of which is missing; as often as one likes.
    for _ in 0..3 {
        let mut page = all("/a", RIGHT);
        page[3] = get("/none", RIGHT);
        let statuses = at_once(&world, page).await;
        let (missing, there) = (statuses[3], &statuses);
        assert_eq!(missing, 404);
        assert!(
            there.iter().filter(|&&status| status == 200).count() == COUNT - 1,
            "{there:?}"
        );
    }
    // One wrong password is one failure however often it is sent.
    assert_eq!(at_once(&world, all("/a", WRONG)).await, [401; COUNT]);
    assert_eq!(at_once(&world, all("/a", RIGHT)).await, [200; COUNT]);
    // A page that looks at no password takes back nothing of what another one refused.
    let mut mixed = all("/public", OTHER);
    mixed[7] = get("/a", OTHER);
    let statuses = at_once(&world, mixed).await;
    assert_eq!(statuses[7], 401, "{statuses:?}");
    assert_eq!(world.ask(&get("/a", RIGHT)).await.status, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn different_passwords_at_once_are_as_many_tries() {
    let origin = Origin::answering(answer).await;
    let world = Arc::new(World::with(origin.address, setting(BASIC, BLOCK)).await);
    let pair = |number: usize| {
        use base64ct::{Base64, Encoding as _};
        Base64::encode_string(format!("ana:{number}").as_bytes())
    };
    let guesses = (0..100).map(|number| get("/a", &pair(number))).collect();
    let statuses = at_once(&world, guesses).await;
    let admitted = statuses.iter().filter(|&&status| status == 401).count();
    assert_eq!(admitted, 2, "{statuses:?}");
    assert_eq!(origin.seen().len(), 2);
}

#[tokio::test]
async fn a_web_server_that_asks_before_the_site_does_is_counted_beside_it() {
    // The web server knows `ana:right`, the site behind it `jean` and his password.
    let origin = Origin::answering(|seen| {
        if status(seen).starts_with("401") {
            return answer(seen);
        }
        let right = String::from_utf8_lossy(&seen.body).contains("pwd=right");
        let cookie = if right { "Set-Cookie: sess=1\r\n" } else { "" };
        format!("HTTP/1.1 200 OK\r\n{cookie}Content-Length: 0\r\n\r\n").into()
    })
    .await;
    let site = format!(
        "{BASIC}[[site.form]]\nkind = \"sign-in\"\npath = \"/login\"\nidentifier = \"log\"\n\
         password = \"pwd\"\nsuccess = [{{ set-cookie = \"sess*\" }}]\n"
    );
    let world = World::with(origin.address, setting(&site, BLOCK)).await;
    let ask = async |pair: &str, name: &str, password: &str| {
        let more = format!("Authorization: Basic {pair}\r\n");
        let request = post("/login", &[("log", name), ("pwd", password)], &more);
        world.ask(&request).await.status
    };
    for _ in 0..3 {
        assert_eq!(ask(RIGHT, "jean", "right").await, 200);
    }
    // A bad password of the site is one of that account alone.
    assert_eq!(ask(RIGHT, "jean", "guess").await, 200);
    assert_eq!(ask(RIGHT, "jean", "guess").await, 200);
    assert_eq!(ask(RIGHT, "jean", "right").await, 429);
    assert_eq!(ask(RIGHT, "paul", "right").await, 200);
    // And one of the web server is counted although the fields are those of an account of
    // one's own.
    assert_eq!(ask(WRONG, "eve", "right").await, 401);
    assert_eq!(ask(WRONG, "mallory", "right").await, 401);
    assert_eq!(ask(RIGHT, "paul", "right").await, 429);
    // What did not leave for the one is no failure of the other.
    for _ in 0..3 {
        assert_eq!(ask(RIGHT, "zoe", "right").await, 429);
    }
    let alone = post("/login", &[("log", "zoe"), ("pwd", "guess")], "");
    assert_eq!(world.ask(&alone).await.status, 401);
}

#[tokio::test]
async fn a_client_that_makes_accounts_or_changes_the_protocol_has_not_failed() {
    let origin = Origin::answering(|seen| match seen.all("upgrade")[..] {
        [] => answer(seen),
        _ => {
            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
                .into()
        }
    })
    .await;
    let site = format!(
        "{BASIC}[[site.form]]\nkind = \"sign-up\"\npath = \"/users\"\npassword = \"new\"\n"
    );
    let world = World::with(origin.address, setting(&site, BLOCK)).await;
    for _ in 0..3 {
        let more = format!("Authorization: Basic {RIGHT}\r\n");
        let create = post("/users", &[("new", crate::forms::STRONG)], &more);
        assert_eq!(world.ask(&create).await.status, 200);
        let upgrade = get("/a", RIGHT).replace(
            "Authorization",
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization",
        );
        assert_eq!(world.ask(&upgrade).await.status, 101);
    }
    assert_eq!(world.ask(&get("/a", RIGHT)).await.status, 200);
}
