//! What a client confides to a site reaches no log.

use crate::support::{HOST, Origin, Setting, World};

const CANARY: &str = "c4nary-Passw0rd";

#[tokio::test]
async fn no_secret_reaches_the_log_in_either_form() {
    for format in ["access-log = \"json\"", "access-log = \"human\""] {
        let origin = Origin::answering(|_| {
            format!(
                "HTTP/1.1 200 OK\r\nSet-Cookie: s={CANARY}\r\nX-Token: {CANARY}\r\n\
                 Content-Length: 15\r\n\r\n{CANARY}"
            )
            .into_bytes()
        })
        .await;
        let world = World::before(origin.address).await;
        let human = crate::support::text(origin.address, &Setting::default())
            .replace("access-log = \"json\"", format);
        let human = crate::support::policy(&human);
        world.gate.reload(human).await.expect("reloaded");
        let fields = format!(
            "Host: {HOST}\r\nCookie: a={CANARY}\r\nAuthorization: Bearer {CANARY}\r\n\
             Referer: https://{HOST}/?p={CANARY}\r\nUser-Agent: {CANARY}\r\n"
        );
        let body = format!("password={CANARY}");
        let length = body.len();
        let requests = [
            format!("GET /a?password={CANARY} HTTP/1.1\r\n{fields}\r\n"),
            format!("POST /a HTTP/1.1\r\n{fields}Content-Length: {length}\r\n\r\n{body}"),
            format!("GET /a?{CANARY} HTTP/1.1\r\n{fields}X_Y: {CANARY}\r\n\r\n"),
            format!("GET /?{CANARY} HTTP/1.1\r\nHost: {CANARY}@{HOST}\r\n\r\n"),
            format!("{CANARY} {CANARY}\r\n\r\n"),
        ];
        for request in &requests {
            assert_ne!(world.ask(request).await.status, 0, "{request}");
            assert_ne!(world.ask_plain(request).await.status, 0, "{request}");
        }
        let lines = world.log_lines(2 * requests.len()).await;
        let log = lines.join("\n");
        assert!(!log.contains(CANARY), "{log}");
        assert!(log.contains("/a?…"), "{log}");
    }
}

#[tokio::test]
async fn a_line_tells_what_happened() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    world.get("/200").await;
    let lines = world.log_lines(1).await;
    let line: serde_json::Value = serde_json::from_str(&lines[0]).expect("JSON");
    let expected: [(&str, serde_json::Value); 9] = [
        ("host", HOST.into()),
        ("method", "GET".into()),
        ("path", "/200".into()),
        ("status", 200.into()),
        ("bytes", 10.into()),
        ("protocol", "HTTP/1.1".into()),
        ("tls", "TLSv1_3".into()),
        ("outcome", "origin".into()),
        ("client", "127.0.0.1".into()),
    ];
    for (name, value) in expected {
        assert_eq!(line[name], value, "{name}");
    }
    assert!(line["time"].as_str().expect("a time").ends_with('Z'));
}
