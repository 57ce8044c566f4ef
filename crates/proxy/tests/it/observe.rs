//! A gate that only observes: what it notes, what it lets be, what it refuses all the same.

use crate::support::{HOST, Origin, Setting, World, site};

/// An origin that thinks that it is on http, as old ones do.
async fn old_site() -> Origin {
    Origin::answering(|seen| {
        let path = seen.line.split(' ').nth(1).unwrap_or("/");
        match path {
            "/moved" => format!(
                "HTTP/1.1 302 Found\r\nLocation: http://{HOST}/there\r\n\
                 Strict-Transport-Security: max-age=1\r\nContent-Length: 0\r\n\r\n"
            ),
            "/cookie" => "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nContent-Length: 0\r\n\r\n".into(),
            _ => "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".into(),
        }
        .into_bytes()
    })
    .await
}

/// No security fields, which would be noted with every answer.
const BARE: &str =
    "headers = { content-type-options = \"off\", referrer-policy = \"off\", frames = \"off\" }\n";

async fn world(origin: &Origin, observe: bool) -> World {
    let setting = Setting {
        transport: "redirect = \"refuse\"\nadmin = { listen = \"127.0.0.1:0\" }",
        site: format!("max-body = \"1 KiB\"\nrepair = {{ html = true }}\n{BARE}"),
        more: site(
            &["other.example.test"],
            &format!("http://{}", origin.address),
            "other.example.test",
        ) + BARE,
        observe,
        ..Setting::default()
    };
    World::with(origin.address, setting).await
}

/// A request and what a policy in force answers, what an observing gate answers, what it notes.
const ROWS: [(&str, u16, u16, &str); 9] = [
    ("GET /moved", 302, 302, "location"),
    ("GET /cookie", 200, 200, "cookies"),
    ("BIG /", 413, 200, "body-too-large"),
    ("CHUNKED /", 413, 200, "body-too-large"),
    ("OTHER /", 421, 200, "not-on-certificate"),
    ("PORT /", 421, 200, "foreign-port"),
    ("EXPECT /", 417, 200, "unknown-expectation"),
    ("FIELD /", 400, 200, "field-name"),
    ("GET /quiet", 200, 200, ""),
];

fn request(what: &str) -> String {
    let big = "x".repeat(2000);
    match what.split_once(' ').expect("two words") {
        ("BIG", path) => {
            format!("POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 2000\r\n\r\n{big}")
        }
        ("CHUNKED", path) => format!(
            "POST {path} HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n{big}\r\n0\r\n\r\n"
        ),
        ("OTHER", path) => format!("GET {path} HTTP/1.1\r\nHost: other.example.test\r\n\r\n"),
        ("PORT", path) => format!("GET {path} HTTP/1.1\r\nHost: {HOST}:1\r\n\r\n"),
        ("EXPECT", path) => format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\nExpect: tea\r\n\r\n"),
        ("FIELD", path) => {
            format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\nX_Real_Ip: 6.6.6.6\r\n\r\n")
        }
        (method, path) => format!("{method} {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n"),
    }
}

#[tokio::test]
async fn what_the_policy_would_do_is_noted_and_not_done() {
    for observe in [false, true] {
        let origin = old_site().await;
        let world = world(&origin, observe).await;
        for (place, (what, enforced, observed, noted)) in ROWS.into_iter().enumerate() {
            let answer = world.ask(&request(what)).await;
            let status = if observe { observed } else { enforced };
            assert_eq!(answer.status, status, "{what}, observe: {observe}");
            let lines = world.log_lines(place + 1).await;
            let line: serde_json::Value = serde_json::from_str(&lines[place]).expect("JSON");
            let expected = match (observe, noted) {
                (false, _) | (_, "") => serde_json::Value::Null,
                (true, noted) => serde_json::json!([noted]),
            };
            assert_eq!(line["observed"], expected, "{what}");
            match (what, observe) {
                ("GET /moved", true) => {
                    assert_eq!(answer.one("location"), format!("http://{HOST}/there"));
                    // The origin's own promise, and none of ours.
                    assert_eq!(answer.one("strict-transport-security"), "max-age=1");
                }
                ("GET /moved", false) => {
                    assert!(answer.one("location").starts_with("https://"));
                    assert_eq!(answer.one("strict-transport-security"), "max-age=300");
                }
                ("GET /cookie", true) => assert_eq!(answer.one("set-cookie"), "a=1"),
                ("GET /cookie", false) => assert!(answer.one("set-cookie").contains("Secure")),
                _ => {}
            }
        }
        // Even then, no program behind may take the field for another.
        for seen in origin.seen() {
            assert!(seen.all("x_real_ip").is_empty());
        }
    }
}

#[tokio::test]
async fn what_is_no_matter_of_policy_is_refused_all_the_same() {
    let origin = old_site().await;
    let world = world(&origin, true).await;
    for (head, status) in [
        // Two programs would frame these in two ways.
        (
            format!(
                "POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1\r\nTransfer-Encoding: chunked"
            ),
            400,
        ),
        (
            format!("POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1\r\nContent-Length: 2"),
            400,
        ),
        (format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n X: folded"), 400),
        (format!("GET / HTTP/1.1\r\nHost : {HOST}"), 400),
        ("GET / HTTP/1.1".to_owned(), 400),
        (format!("TRACE / HTTP/1.1\r\nHost: {HOST}"), 405),
        (format!("CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}"), 405),
        (
            "GET / HTTP/1.1\r\nHost: unknown.example.test".to_owned(),
            421,
        ),
    ] {
        let answer = world.ask(&format!("{head}\r\n\r\n")).await;
        assert_eq!(answer.status, status, "{head}");
    }
    assert!(origin.seen().is_empty(), "{:?}", origin.seen());
}

#[tokio::test]
async fn in_clear_nothing_is_served_but_nothing_is_refused_either() {
    let origin = old_site().await;
    let world = world(&origin, true).await;
    for (place, (method, noted)) in [("GET", "cleartext"), ("POST", "credentials-in-clear")]
        .into_iter()
        .enumerate()
    {
        let request = format!("{method} /in HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 0\r\n\r\n");
        let answer = world.ask_plain(&request).await;
        assert_eq!(answer.status, 308, "{method}");
        assert!(answer.one("location").starts_with("https://"));
        let lines = world.log_lines(place + 1).await;
        assert!(
            lines[place].contains(&format!("\"observed\":[\"{noted}\"]")),
            "{lines:?}"
        );
    }
    assert!(origin.seen().is_empty());
}

#[tokio::test]
async fn what_was_noted_is_summed_up_on_the_page_and_in_the_metrics() {
    use tokio::io::AsyncWriteExt;
    let origin = old_site().await;
    let world = world(&origin, true).await;
    for _ in 0..3 {
        world.get("/cookie").await;
    }
    world.log_lines(3).await;
    let address = world.gate.admin_addr().expect("an admin listener");
    for (path, part) in [
        (
            "/metrics",
            "rempart_observed_total{site=\"www.example.test\",what=\"cookies\"} 3\n",
        ),
        ("/metrics", "rempart_observe 1\n"),
        ("/", "It only observes"),
        ("/", "would be mended (Secure, HttpOnly, SameSite)"),
    ] {
        let mut stream = tokio::net::TcpStream::connect(address)
            .await
            .expect("connected");
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let text = crate::support::Answer::read(&mut stream).await.text();
        assert!(text.contains(part), "no {part} in {text}");
    }
}
