//! Sign-ins under `mechanism = "captcha"`: a question that a browser answers with work, and one
//! attempt for each answer.

use std::collections::HashMap;
use std::sync::Arc;

use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;

use crate::forms::{STRONG, post};
use crate::sign_in::{attempt, old_site, setting};
use crate::support::{Answer, HOST, Origin, Setting, World};

/// One failure, then a question.
const CAPTCHA: &str = "[access]\nmechanism = \"captcha\"\n[access.captcha]\nafter = 1\n";

/// What a page asks for, as its script reads it.
fn question(page: &Answer) -> (String, u32) {
    let text = page.text();
    let value = |name: &str| {
        let (_, rest) = text.split_once(&format!("data-{name}=\"")).expect("a page");
        rest.split('"').next().expect("a value").to_owned()
    };
    (value("question"), value("bits").parse().expect("a number"))
}

/// The cookie that answers it, as its script makes it.
fn solved((question, bits): &(String, u32)) -> String {
    let start = Sha256::new_with_prefix(Sha256::digest(question));
    let number = |part: u32| {
        let start = start.clone().chain_update(part.to_be_bytes());
        let is_found = |number: &u32| {
            let hash = start.clone().chain_update(number.to_be_bytes()).finalize();
            u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]).leading_zeros() >= *bits
        };
        (0..).find(is_found).expect("a number").to_be_bytes()
    };
    let numbers: Vec<u8> = (0..16).flat_map(number).collect();
    let numbers = Base64UrlUnpadded::encode_string(&numbers);
    format!("__Host-rempart-presence={question}.{numbers}")
}

async fn try_in(world: &World, name: &str, password: &str, cookie: &str) -> Answer {
    world
        .ask(&attempt(name, password, "192.0.2.1", cookie))
        .await
}

/// What the site's forms count, by the name of the event.
async fn counts(world: &World) -> HashMap<String, u64> {
    let address = world.gate.admin_addr().expect("an admin listener");
    let mut stream = tokio::net::TcpStream::connect(address)
        .await
        .expect("connected");
    let request = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
    stream.write_all(request).await.expect("sent");
    let text = Answer::read(&mut stream).await.text();
    let lines = text
        .lines()
        .filter(|line| line.starts_with("rempart_forms_total{"));
    lines
        .filter_map(|line| {
            let event = line.split('"').nth(3)?.to_owned();
            Some((event, line.rsplit(' ').next()?.parse().ok()?))
        })
        .collect()
}

#[tokio::test]
async fn each_answer_opens_one_attempt_and_a_success_ends_the_questions() {
    let origin = Origin::answering(old_site).await;
    let mut setting = setting(CAPTCHA);
    setting.transport = "trusted-proxies = [\"127.0.0.1\"]\nadmin = { listen = \"127.0.0.1:0\" }";
    let world = World::with(origin.address, setting).await;
    assert_eq!(try_in(&world, "ana", "wrong", "").await.status, 200);
    let page = try_in(&world, "ana", STRONG, "").await;
    assert_eq!(page.status, 429);
    assert_eq!(page.one("cache-control"), "no-store");
    assert!(page.all("retry-after").is_empty());
    let csp = page.one("content-security-policy");
    assert!(
        csp.contains("script-src 'sha256-") && !csp.contains("unsafe"),
        "{csp}"
    );
    // The form may stand in a frame of the site, and what answers it then does.
    assert!(csp.ends_with("frame-ancestors 'self'"), "{csp}");
    let text = page.text();
    for part in [
        "<noscript>",
        "role=\"status\"",
        "<label for=\"progress\">",
        "Back to the form",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let asked = question(&page);
    assert_eq!(asked.1, 15);
    let answer = solved(&asked);
    assert_eq!(try_in(&world, "ana", "wrong", &answer).await.status, 200);
    let harder = try_in(&world, "ana", STRONG, &answer).await;
    assert_eq!(harder.status, 429, "the answer was used");
    let asked = question(&harder);
    assert_eq!(asked.1, 16);
    let second = solved(&asked);
    // It is for this account.
    assert_eq!(try_in(&world, "bob", "wrong", &second).await.status, 200);
    assert_eq!(try_in(&world, "bob", STRONG, &second).await.status, 429);
    // And is forged by nobody.
    for cookie in [
        second.replacen('A', "B", 1),
        "__Host-rempart-presence=x".to_owned(),
        format!("__Host-rempart-presence={}.{}", asked.0, "A".repeat(86)),
        format!("__Host-rempart-presence={}", "A.".repeat(2_000)),
    ] {
        assert_eq!(
            try_in(&world, "ana", STRONG, &cookie).await.status,
            429,
            "{cookie}"
        );
    }
    assert_eq!(try_in(&world, "ana", STRONG, &second).await.status, 302);
    assert_eq!(try_in(&world, "ana", "wrong", "").await.status, 200);
    let seen = origin.seen();
    assert_eq!(seen.len(), 5);
    for request in &seen {
        let cookies: Vec<_> = request
            .all("cookie")
            .iter()
            .map(|line| line.trim_end_matches(';'))
            .collect();
        assert_eq!(cookies, ["a=b"], "{:?}", request.line);
    }
    let counts = counts(&world).await;
    let of = |event| counts[event];
    assert_eq!((of("presence-asked"), of("presence-proved")), (7, 2));
    // Of the four the last is no cookie that is read; that of another account is refused too.
    assert_eq!(of("presence-refused"), 4);
    assert_eq!((of("signed-in"), of("sign-in-failed")), (1, 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_guesses_at_once_with_one_answer_are_one() {
    let origin = Origin::answering(old_site).await;
    let world = Arc::new(World::with(origin.address, setting(CAPTCHA)).await);
    assert_eq!(try_in(&world, "ana", "wrong", "").await.status, 200);
    let answer = solved(&question(&try_in(&world, "ana", "wrong", "").await));
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..500_u32 {
        let (world, answer) = (Arc::clone(&world), answer.clone());
        tasks.spawn(async move {
            let from = format!("198.51.100.{}", number % 200);
            let guess = attempt("ana", &format!("guess-{number}"), &from, &answer);
            world.ask(&guess).await.status
        });
    }
    let statuses = tasks.join_all().await;
    let count = |wanted| statuses.iter().filter(|&&status| status == wanted).count();
    assert_eq!((count(200), count(429)), (1, 499), "{statuses:?}");
    assert_eq!(origin.seen().len(), 2);
}

#[tokio::test]
async fn a_program_gets_the_question_as_data_or_is_told_when_it_ends() {
    let origin = Origin::answering(old_site).await;
    let mut several = setting(CAPTCHA);
    several.site += "[[site.form]]\nkind = \"sign-in\"\npath = \"/api\"\nidentifier = \"user\"\n\
                     password = \"pass\"\nencoding = [\"json\"]\nsuccess = [{ status = \"201\" }]\n\
                     [[site.form]]\nkind = \"sign-in\"\npath = \"/x\"\nencoding = [\"xml-rpc\"]\n\
                     identifier = \"0\"\npassword = \"1\"\nsuccess = [{ body = \"<ok/>\" }]\n\
                     [[site.form]]\nkind = \"sign-in\"\npath = \"/*\"\nencoding = [\"basic\"]\n\
                     failure = [{ status = \"401\" }]\nsuccess = [{ status = \"200-499\" }]\n";
    let world = World::with(origin.address, several).await;
    assert_eq!(try_in(&world, "ana", "wrong", "").await.status, 200);

    let json = r#"{"user":"ana","pass":"x"}"#;
    let xml = "<?xml version=\"1.0\"?><methodCall><methodName>m</methodName><params>\
               <param><value><string>ana</string></value></param>\
               <param><value><string>x</string></value></param></params></methodCall>";
    let send = |path: &str, kind: &str, body: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: {kind}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let api = world.ask(&send("/api", "application/json", json)).await;
    assert_eq!(api.status, 429);
    assert_eq!(api.one("content-type"), "application/problem+json");
    let problem: serde_json::Value = serde_json::from_str(&api.text()).expect("JSON");
    assert_eq!(problem["code"], "presence-asked");
    let challenge = &problem["challenge"];
    assert_eq!(challenge["parts"], 16);
    assert_eq!(challenge["cookie"], "__Host-rempart-presence");
    let asked = (
        challenge["question"].as_str().expect("text").to_owned(),
        u32::try_from(challenge["bits"].as_u64().expect("a number")).expect("small"),
    );

    // Nobody is there who could answer: they are told what ends it.
    let basic = format!(
        "GET /in HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Basic YW5hOng=\r\n\
         Accept-Language: en\r\n\r\n"
    );
    for request in [basic.clone(), send("/x", "text/xml", xml)] {
        let answer = world.ask(&request).await;
        assert_eq!(answer.status, 429, "{}", answer.text());
        let after: u64 = answer.one("retry-after").parse().expect("seconds");
        // To the hour: a stranger is not told the second of the last failure.
        assert_eq!(after, 86_400);
        let text = answer.text();
        assert!(text.contains("if the site has a sign-in page"), "{text}");
        assert!(
            !text.contains("data-question") && !text.contains("<script"),
            "{text}"
        );
    }
    assert_eq!(origin.seen().len(), 1);
    // The answer to what the API was asked is one to the page, since the counters are the same.
    let answer = solved(&asked);
    assert_eq!(try_in(&world, "ana", STRONG, &answer).await.status, 302);
    assert_eq!(world.ask(&basic).await.status, 200);
}

#[tokio::test]
async fn questions_outlive_a_reload_and_are_noted_in_the_journal_and_nothing_typed_is() {
    const CANARY: &str = "c4nary-Passw0rd";
    let origin = Origin::answering(old_site).await;
    let lasting = setting(&format!("{CAPTCHA}[journal]\nfolder = \"journal\"\n"));
    let text = crate::support::text(origin.address, &lasting);
    let world = World::with(origin.address, lasting).await;
    assert_eq!(try_in(&world, CANARY, CANARY, "").await.status, 200);
    let page = try_in(&world, CANARY, CANARY, "").await;
    assert!(!page.text().contains(CANARY));
    let policy = crate::support::policy(&text);
    world.gate.reload(policy).await.expect("reloaded");
    let answer = solved(&question(&page));
    assert_eq!(try_in(&world, CANARY, CANARY, &answer).await.status, 200);
    let folder = world.folder.path().join("journal");
    let mut journal = String::new();
    for _ in 0..200 {
        journal = std::fs::read_dir(&folder)
            .expect("a folder")
            .filter_map(|entry| std::fs::read_to_string(entry.ok()?.path()).ok())
            .collect();
        if journal.contains("presence-asked") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(journal.contains("presence-asked"), "{journal}");
    let log = world.log_lines(3).await.join("\n");
    assert!(log.contains("a calculation is to be answered"), "{log}");
    let (_, secret) = answer.split_once('.').expect("an answer");
    for typed in [CANARY, secret] {
        assert!(
            !journal.contains(typed) && !log.contains(typed),
            "{typed}: {journal}{log}"
        );
    }
}

#[tokio::test]
async fn a_page_of_the_operator_has_the_question_where_reasons_stand() {
    let origin = Origin::answering(old_site).await;
    let mut own = setting(CAPTCHA);
    own.site = format!("refusal-page = \"own.html\"\n{}", own.site);
    let text = crate::support::text(origin.address, &own);
    let world = World::with(origin.address, setting(CAPTCHA)).await;
    let page = "<p>MINE {{text}}</p>{{reasons}}{{back}}";
    std::fs::write(world.folder.path().join("own.html"), page).expect("written");
    let policy = crate::support::policy(&text);
    world.gate.reload(policy).await.expect("reloaded");
    assert_eq!(try_in(&world, "ana", "wrong", "").await.status, 200);
    let page = try_in(&world, "ana", STRONG, "").await;
    let csp = page.one("content-security-policy");
    assert!(csp.ends_with("frame-ancestors 'self'"), "{csp}");
    let text = page.text();
    assert!(text.starts_with("<p>MINE Too many attempts"), "{text}");
    assert_eq!(text.matches("id=\"back\"").count(), 1, "{text}");
    let answer = solved(&question(&page));
    assert_eq!(try_in(&world, "ana", STRONG, &answer).await.status, 302);
}

#[tokio::test]
async fn a_gate_that_observes_asks_nobody() {
    let origin = Origin::answering(old_site).await;
    let observing = Setting {
        observe: true,
        ..setting(CAPTCHA)
    };
    let world = World::with(origin.address, observing).await;
    for _ in 0..3 {
        assert_eq!(try_in(&world, "ana", "wrong", "").await.status, 200);
    }
    let log = world.log_lines(3).await.join("\n");
    assert_eq!(log.matches("\"sign-in\"]").count(), 2, "{log}");
    let unasked = post("/login", &[("log", "bob"), ("pwd", STRONG)], "");
    assert_eq!(world.ask(&unasked).await.status, 302);
}
