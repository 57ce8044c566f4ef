//! What a client confides to a site reaches no log.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::support::{Answer, HOST, Origin, Setting, World};

const CANARY: &str = "c4nary-Passw0rd";

/// Fields by which a client or an origin may confide something, those that the gate reads itself
/// among them: each holds a canary in a request of its own, and in an answer of its own.
const FIELDS: [&str; 64] = [
    "Accept",
    "Accept-Charset",
    "Accept-Encoding",
    "Accept-Language",
    "Accept-Ranges",
    "Age",
    "Allow",
    "Alt-Svc",
    "Authorization",
    "Cache-Control",
    "Client-Cert",
    "Connection",
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-Location",
    "Content-Range",
    "Content-Security-Policy",
    "Content-Type",
    "Cookie",
    "Date",
    "Early-Data",
    "ETag",
    "Expect",
    "Expires",
    "Forwarded",
    "From",
    "Host",
    "If-Match",
    "If-None-Match",
    "If-Range",
    "Keep-Alive",
    "Last-Modified",
    "Link",
    "Location",
    "Max-Forwards",
    "Origin",
    "Proxy",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Range",
    "Referer",
    "Refresh",
    "Retry-After",
    "Sec-WebSocket-Key",
    "Server",
    "Set-Cookie",
    "Strict-Transport-Security",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "User-Agent",
    "Vary",
    "Via",
    "Warning",
    "WWW-Authenticate",
    "X-Auth_Token",
    "X-Forwarded-For",
    "X-Rempart-Password",
    "X-Token",
    "traceparent",
    "tracestate",
    "c4nary-Passw0rd",
];

/// Every event of the program, with all that it says.
#[derive(Clone, Default)]
pub(crate) struct Events(Arc<Mutex<String>>);

impl Events {
    /// What was told until now.
    pub(crate) fn text(&self) -> String {
        self.0.lock().expect("the text").clone()
    }
}

impl tracing::Subscriber for Events {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        span.record(&mut self.clone());
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, values: &tracing::span::Record<'_>) {
        values.record(&mut self.clone());
    }

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

impl tracing::field::Visit for Events {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        let mut text = self.0.lock().expect("the text");
        let _ = writeln!(text, "{}={value:?}", field.name());
    }
}

/// A request that confides the canary in one field, in its query and in its body.
fn request(method: &str, field: &str) -> String {
    let fields = match field {
        "Host" => format!("Host: {CANARY}\r\n"),
        field => format!("Host: {HOST}\r\n{field}: {CANARY}\r\n"),
    };
    let body = match method {
        "POST" => format!("password={CANARY}"),
        _ => String::new(),
    };
    let length = match (body.len(), field) {
        (0, _) | (_, "Content-Length" | "Transfer-Encoding") => String::new(),
        (length, _) => format!("Content-Length: {length}\r\n"),
    };
    format!("{method} /a?password={CANARY} HTTP/1.1\r\n{fields}{length}\r\n{body}")
}

#[tokio::test]
async fn no_secret_reaches_a_log_a_metric_an_event_or_a_page() {
    let events = Events::default();
    // The only one of this program, where each test is one.
    let told = tracing::subscriber::set_global_default(events.clone()).is_ok();
    for format in ["json", "human", "combined"] {
        // Of what a request asks for, in its last field, the answer is made.
        let origin = Origin::answering(|seen| {
            let target = seen.line.split(' ').nth(1).unwrap_or("/");
            if target.starts_with("/loop") {
                // Which is told to the operator.
                let place = format!("Location: https://{HOST}{target}");
                let head = format!("HTTP/1.1 302 Found\r\n{place}\r\nContent-Length: 0\r\n\r\n");
                return head.into_bytes();
            }
            let asked = seen.all("x-answer").first().map_or("X-Token", |name| *name);
            format!("HTTP/1.1 200 OK\r\n{asked}: {CANARY}\r\nContent-Length: 15\r\n\r\n{CANARY}")
                .into_bytes()
        })
        .await;
        let setting = || Setting {
            transport: "admin = { listen = \"127.0.0.1:0\" }",
            ..Setting::default()
        };
        let world = World::with(origin.address, setting()).await;
        let written = crate::support::text(origin.address, &setting()).replace(
            "access-log = \"json\"",
            &format!("access-log = \"{format}\""),
        );
        let policy = crate::support::policy(&written);
        world.gate.reload(policy).await.expect("reloaded");
        let mut requests = vec![
            format!("GET /loop?{CANARY} HTTP/1.1\r\nHost: {HOST}\r\n\r\n"),
            format!("GET /?{CANARY} HTTP/1.1\r\nHost: {CANARY}@{HOST}\r\n\r\n"),
            format!("GET http://{CANARY}@{HOST}/ HTTP/1.1\r\nHost: {HOST}\r\n\r\n"),
            format!("GET /;jsessionid={CANARY} HTTP/1.1\r\nHost: {HOST}\r\n\r\n"),
            format!("{CANARY} {CANARY}\r\n\r\n"),
            format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n{CANARY}\r\n\r\n"),
            format!("CONNECT {CANARY}:443 HTTP/1.1\r\nHost: {CANARY}\r\n\r\n"),
        ];
        for field in FIELDS {
            requests.push(request("GET", field));
            requests.push(request("POST", field));
            requests.push(format!(
                "GET / HTTP/1.1\r\nHost: {HOST}\r\nX-Answer: {field}\r\n\r\n"
            ));
        }
        for request in &requests {
            for (is_plain, answer) in [
                (false, world.ask(request).await),
                (true, world.ask_plain(request).await),
            ] {
                assert_ne!(answer.status, 0, "{request}");
                // What is the gate's own says nothing of it; what the origin says passes, and a
                // redirect leads to where the client was going.
                let is_own = answer.all("x-token").is_empty() && answer.text() != CANARY;
                if is_own && !is_plain {
                    let page = answer.text();
                    assert!(!page.contains(CANARY), "{request}\n{page}");
                }
            }
        }
        let lines = world.log_lines(2 * requests.len()).await;
        let log = lines.join("\n");
        assert!(!log.contains(CANARY), "{log}");
        assert!(log.contains("/a?"), "{log}");
        let admin = world.gate.admin_addr().expect("an admin listener");
        for path in ["/metrics", "/"] {
            let mut stream = TcpStream::connect(admin).await.expect("connected");
            let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
            stream.write_all(request.as_bytes()).await.expect("sent");
            let answer = Answer::read(&mut stream).await;
            assert_eq!(answer.status, 200);
            assert!(!answer.text().contains(CANARY), "{path}");
        }
    }
    let events = events.0.lock().expect("the text");
    assert!(!told || !events.is_empty(), "nothing was told at all");
    assert!(!events.contains(CANARY), "{events}");
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
