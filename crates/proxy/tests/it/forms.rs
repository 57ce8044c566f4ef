//! Passwords that are chosen through the gate: judged as the library judges them, and never
//! seen by the origin when they are refused.

use std::fmt::Write as _;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Answer, HOST, Origin, Setting, World, statuses};

/// Drawn at random, so good enough for the default policy.
pub(crate) const STRONG: &str = "Qv7#mZ2!pLx9&Td4";

/// A password that must be nowhere.
const CANARY: &str = "azertyuiop";

fn setting(form: &str) -> Setting {
    Setting {
        site: format!("[[site.form]]\n{form}\n"),
        ..Setting::default()
    }
}

const SIGN_UP: &str = "kind = \"sign-up\"\npath = \"/register\"\nidentifier = \"login\"\n\
                       password = \"pass\"\nencoding = [\"urlencoded\", \"multipart\", \"json\"]";

/// A form as a browser sends it.
pub(crate) fn post(path: &str, fields: &[(&str, &str)], more: &str) -> String {
    let mut body = String::new();
    for (name, value) in fields {
        if !body.is_empty() {
            body.push('&');
        }
        let _ = write!(body, "{name}=");
        for byte in value.bytes() {
            let _ = match byte {
                byte if byte.is_ascii_alphanumeric() => write!(body, "{}", char::from(byte)),
                byte => write!(body, "%{byte:02X}"),
            };
        }
    }
    format!(
        "POST {path} HTTP/1.1\r\nHost: {HOST}\r\n{more}\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn a_weak_password_is_refused_with_reasons_and_the_origin_sees_nothing() {
    let origin = Origin::site().await;
    let world = World::with(origin.address, setting(SIGN_UP)).await;
    let fields = [("login", "jean.dupont"), ("pass", CANARY)];
    for (language, title, reason) in [
        ("fr", "n’est pas assez sûr", "parmi les plus courants"),
        ("en", "is not safe enough", "among the most common"),
    ] {
        let more = format!("Accept: text/html\r\nAccept-Language: {language}\r\n");
        let answer = world.ask(&post("/register", &fields, &more)).await;
        let page = answer.text();
        assert_eq!(answer.status, 422, "{page}");
        assert!(page.contains(title) && page.contains(reason), "{page}");
        assert!(!page.contains(CANARY) && !page.contains("dupont"), "{page}");
        assert_eq!(answer.one("cache-control"), "no-store");
        assert_eq!(answer.one("content-language"), language);
        assert_eq!(answer.all("strict-transport-security").len(), 1);
    }
    let more = "Accept: application/json\r\nAccept-Language: en\r\n";
    let answer = world.ask(&post("/register", &fields, more)).await;
    assert_eq!(answer.one("content-type"), "application/problem+json");
    let problem: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(problem["status"], 422);
    assert_eq!(problem["code"], "weak-password");
    assert!(
        problem["findings"]
            .as_array()
            .expect("findings")
            .iter()
            .any(|finding| finding["code"] == "common-password"),
        "{problem}"
    );
    assert!(origin.seen().is_empty());
    assert!(!world.log.text().contains(CANARY));
}

#[tokio::test]
async fn blanks_around_a_password_make_it_no_longer() {
    let origin = Origin::site().await;
    let world = World::with(origin.address, setting(SIGN_UP)).await;
    for (password, status) in [
        (format!("{}Qv7#{}", " ".repeat(9), " ".repeat(9)), 422),
        (" ".repeat(20), 422),
        (format!(" {STRONG} "), 200),
    ] {
        let fields = [("login", "jean"), ("pass", password.as_str())];
        let answer = world.ask(&post("/register", &fields, "")).await;
        assert_eq!(answer.status, status, "{password:?}");
    }
    let seen = origin.seen();
    assert!(seen[0].body.ends_with(b"%20"), "what goes on is what came");
}

#[tokio::test]
async fn a_strong_password_reaches_the_origin_byte_for_byte() {
    let origin = Origin::site().await;
    let world = World::with(origin.address, setting(SIGN_UP)).await;
    let json = format!("{{ \"login\":\"ana\",\n \"pass\": \"{STRONG}\" }}");
    let parts = format!(
        "--x\r\nContent-Disposition: form-data; name=\"login\"\r\n\r\nana\r\n\
         --x\r\nContent-Disposition: form-data; name=\"pass\"\r\n\r\n{STRONG}\r\n--x--\r\n"
    );
    let plain = "pass=Qv7%23mZ2%21pLx9%26Td4&login=ana";
    for (kind, body) in [
        ("application/json", json.as_str()),
        ("multipart/form-data; boundary=x", parts.as_str()),
        ("application/x-www-form-urlencoded", plain),
    ] {
        for chunked in [false, true] {
            let (framing, sent) = match chunked {
                false => (format!("Content-Length: {}", body.len()), body.to_owned()),
                true => {
                    let (first, rest) = body.split_at(7);
                    let rest_size = rest.len();
                    let chunks = format!("7\r\n{first}\r\n{rest_size:x}\r\n{rest}\r\n0\r\n\r\n");
                    ("Transfer-Encoding: chunked".to_owned(), chunks)
                }
            };
            let answer = world
                .ask(&format!(
                    "POST /register HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: {kind}\r\n\
                     {framing}\r\n\r\n{sent}"
                ))
                .await;
            assert_eq!(answer.status, 200, "{kind} {}", answer.text());
            let seen = origin.seen();
            let last = seen.last().expect("a request");
            assert_eq!(String::from_utf8_lossy(&last.body), body, "{kind}");
            assert_eq!(last.all("content-type"), [kind]);
        }
    }
}

#[tokio::test]
async fn words_about_the_person_and_the_site_are_no_password() {
    let origin = Origin::site().await;
    let world = World::with(origin.address, setting(SIGN_UP)).await;
    for password in ["Jean.Dupont-1234#Jean", "Www.Example.Test-1#example"] {
        let fields = [("login", "jean.dupont@exemple.fr"), ("pass", password)];
        let answer = world.ask(&post("/register", &fields, "")).await;
        assert_eq!(answer.status, 422, "{password}");
    }
    assert!(origin.seen().is_empty());
}

#[tokio::test]
async fn what_is_no_form_passes_and_what_is_ambiguous_closes() {
    let origin = Origin::site().await;
    let world = World::with(origin.address, setting(SIGN_UP)).await;
    assert_eq!(world.get("/register").await.status, 200);
    let other = post("/other", &[("pass", CANARY)], "");
    assert_eq!(world.ask(&other).await.status, 200);
    let search = post("/register", &[("q", "x")], "");
    assert_eq!(world.ask(&search).await.status, 200);
    let before = origin.seen().len();
    for (request, status) in [
        (post("//register", &[("pass", CANARY)], ""), "400"),
        (
            post("/register", &[("pass", STRONG), ("pass", CANARY)], ""),
            "400",
        ),
        (post("/register", &[("pass[]", CANARY)], ""), "400"),
        (post("/register?pass=x", &[("pass", STRONG)], ""), "400"),
        (
            post(
                "/register",
                &[("pass", STRONG)],
                "Content-Encoding: gzip\r\n",
            ),
            "415",
        ),
        (
            post("/register", &[("pass", STRONG)], "")
                .replace("application/x-www-form-urlencoded", "text/plain"),
            "415",
        ),
    ] {
        let mut stream = world.tls(HOST).await;
        let twice = format!("{request}GET /after HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
        stream.write_all(twice.as_bytes()).await.expect("sent");
        // Closed behind it: the second request is never answered.
        assert_eq!(statuses(&mut stream).await, [status], "{request}");
    }
    // A field that a client has taken away: what is judged is what the origin would see.
    let named = post(
        "/register",
        &[("pass", CANARY)],
        "Connection: content-type\r\n",
    );
    let status = world.ask(&named).await.status;
    assert!(matches!(status, 415 | 422), "{status}");
    assert_eq!(origin.seen().len(), before);
}

#[tokio::test]
async fn a_body_over_the_cap_of_its_form_is_refused() {
    let origin = Origin::site().await;
    let form = format!("{SIGN_UP}\nmax-body = \"2 KiB\"");
    let world = World::with(origin.address, setting(&form)).await;
    let long = "x".repeat(3000);
    let known = post("/register", &[("pass", STRONG), ("bio", &long)], "");
    assert_eq!(world.ask(&known).await.status, 413);
    let head = format!(
        "POST /register HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    );
    let mut stream = world.tls(HOST).await;
    stream.write_all(head.as_bytes()).await.expect("sent");
    let chunk = format!("bb8\r\n{long}\r\n");
    stream.write_all(chunk.as_bytes()).await.expect("sent");
    assert_eq!(Answer::read(&mut stream).await.status, 413);
    assert!(origin.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_with_uploads_shut_no_form_of_other_people() {
    const UPLOAD: usize = 16 * 1024 * 1024;
    let origin = Origin::site().await;
    let form = format!("{SIGN_UP}\nmax-body = \"16 MiB\"");
    let trusting = Setting {
        transport: "trusted-proxies = [\"127.0.0.1\"]",
        ..setting(&form)
    };
    let world = World::with(origin.address, trusting).await;
    // Four sources hold all that they can get, never a whole body.
    let piece = vec![b'x'; 1024 * 1024];
    let mut held = Vec::new();
    for (number, pieces) in (0..12).map(|number| (number, [15, 15, 2][number / 4])) {
        let head = format!(
            "POST /register HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-For: 192.0.2.{}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {UPLOAD}\r\n\r\n",
            number % 4
        );
        let mut stream = world.tls(HOST).await;
        stream.write_all(head.as_bytes()).await.expect("sent");
        for _ in 0..pieces {
            // The gate may have had enough of it.
            if stream.write_all(&piece).await.is_err() {
                break;
            }
        }
        held.push(stream);
    }
    let fields = [("login", "ana"), ("pass", STRONG)];
    for last in 1..=5 {
        let more = format!("X-Forwarded-For: 198.51.100.{last}\r\n");
        let answer = world.ask(&post("/register", &fields, &more)).await;
        assert_eq!(answer.status, 200, "{last}: {}", answer.text());
    }
    // Another upload waits in vain.
    let long = "x".repeat(5 * 1024 * 1024);
    let fields = [("login", "ana"), ("pass", STRONG), ("bio", &long)];
    let more = "X-Forwarded-For: 198.51.100.9\r\n";
    let answer = world.ask(&post("/register", &fields, more)).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    drop(held);
}

#[tokio::test]
async fn a_client_that_waits_to_be_asked_is_asked() {
    let origin = Origin::site().await;
    let world = World::with(origin.address, setting(SIGN_UP)).await;
    let request = post(
        "/register",
        &[("login", "a"), ("pass", STRONG)],
        "Expect: 100-continue\r\n",
    );
    let (head, body) = request.split_once("\r\n\r\n").expect("a body");
    let mut stream = world.tls(HOST).await;
    let head = format!("{head}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("sent");
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).await.expect("100");
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(body.as_bytes()).await.expect("sent");
    assert_eq!(Answer::read(&mut stream).await.status, 200);
    assert_eq!(origin.only().body, body.as_bytes());
    assert!(origin.only().all("expect").is_empty());
}

#[tokio::test]
async fn a_side_door_is_shut_to_every_method() {
    let origin = Origin::site().await;
    let form = "kind = \"closed\"\npath = \"/xmlrpc.php\"";
    let world = World::with(origin.address, setting(form)).await;
    assert_eq!(world.get("/xmlrpc.php").await.status, 403);
    let answer = world.ask(&post("/xmlrpc.php", &[("a", "b")], "")).await;
    assert_eq!(answer.status, 403);
    assert!(origin.seen().is_empty());
    assert_eq!(world.get("/index.php").await.status, 200);
}

#[tokio::test]
async fn observing_notes_and_lets_pass() {
    let origin = Origin::site().await;
    let observing = Setting {
        observe: true,
        ..setting(&format!("{SIGN_UP}\nmax-body = \"1 KiB\""))
    };
    let world = World::with(origin.address, observing).await;
    let long = "x".repeat(100_000);
    for (request, noted) in [
        (post("/register", &[("pass", CANARY)], ""), "weak-password"),
        (post("/register", &[("pass[]", CANARY)], ""), "unclear-form"),
        (
            post("/register", &[("pass", CANARY), ("bio", &long)], ""),
            "body-too-large",
        ),
    ] {
        let (_, body) = request.split_once("\r\n\r\n").expect("a body");
        let count = origin.seen().len();
        assert_eq!(world.ask(&request).await.status, 200, "{noted}");
        let seen = origin.seen();
        assert_eq!(seen.len(), count + 1);
        assert!(seen[count].body == body.as_bytes(), "{noted}");
        let lines = world.log_lines(count + 1).await;
        assert!(lines[count].contains(noted), "{}", lines[count]);
    }
}

#[tokio::test]
async fn a_browser_finds_where_a_password_is_changed() {
    let origin = Origin::site().await;
    let place = Setting {
        site: "change-password = \"/account?tab=password\"\n".to_owned(),
        ..Setting::default()
    };
    let world = World::with(origin.address, place).await;
    let answer = world.get("/.well-known/change-password").await;
    assert_eq!(answer.status, 302);
    assert_eq!(answer.one("location"), "/account?tab=password");
    assert!(origin.seen().is_empty());
    // Nothing said: the origin answers.
    let world = World::before(origin.address).await;
    assert_eq!(world.get("/.well-known/change-password").await.status, 200);
}

#[tokio::test]
async fn an_operator_s_page_says_why_and_a_bad_one_is_never_in_force() {
    let origin = Origin::site().await;
    let world = World::with(origin.address, setting(SIGN_UP)).await;
    let own = format!("refusal-page = \"own.html\"\n[[site.form]]\n{SIGN_UP}\n");
    let own = Setting {
        site: own,
        ..Setting::default()
    };
    let file = world.folder.path().join("own.html");
    let page = "<h1>{{title}}</h1>{{text}}{{reasons}}{{back}}{{fr}}appelez{{/fr}}{{en}}call{{/en}}";
    std::fs::write(&file, page).expect("written");
    let policy = || crate::support::policy(&crate::support::text(origin.address, &own));
    world.gate.reload(policy()).await.expect("a good page");
    let refused = |language| {
        let more = format!("Accept: text/html\r\nAccept-Language: {language}\r\n");
        let fields = [("login", "<jean>"), ("pass", CANARY)];
        post("/register", &fields, &more)
    };
    for (language, said, other) in [("fr", "appelez", "call"), ("en", "call", "appelez")] {
        let answer = world.ask(&refused(language)).await;
        let text = answer.text();
        assert_eq!(answer.status, 422);
        assert!(text.starts_with("<h1>") && text.contains("<li>"), "{text}");
        assert!(text.contains(said) && !text.contains(other), "{text}");
        assert!(!text.contains(CANARY) && !text.contains("jean"), "{text}");
        let csp = answer.one("content-security-policy");
        assert!(csp.contains("default-src 'self'"), "{csp}");
    }
    // Other refusals have the gate's own.
    let answer = world
        .ask(&format!("CONNECT /x HTTP/1.1\r\nHost: {HOST}\r\n\r\n"))
        .await;
    assert!(!answer.text().contains("call"), "{}", answer.text());
    std::fs::write(&file, format!("{page}\n{{{{reason}}}}")).expect("written");
    let error = world.gate.reload(policy()).await.expect_err("a bad page");
    let told = error.text();
    assert!(
        told.en.contains("own.html: line 2: {{reason}}"),
        "{}",
        told.en
    );
    // The last good one stays.
    assert!(world.ask(&refused("en")).await.text().contains("call"));
}
