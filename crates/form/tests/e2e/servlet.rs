//! A servlet container's own view, by Tomcat: parameters, paths, and its form log-in.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use form::Outcome;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::ask::{URLENCODED, forms, plain, told};
use crate::corpus::{Request, requests};

/// A running Tomcat; ends when dropped.
struct Tomcat {
    child: Child,
    port: u16,
}

/// An answer: status, fields, body.
struct Answer(StatusCode, HeaderMap, String);

impl Tomcat {
    fn start(folder: &Path) -> Self {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/Oracle.java");
        for (name, text) in [("login.html", "log in"), ("error.html", "wrong")] {
            fs::write(folder.join(name), text).expect("a page");
        }
        let mut child = Command::new("java")
            .args(["-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp"])
            .arg("/usr/share/java/tomcat10-embed-core.jar")
            .arg(source)
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("java starts; tests/run installs it");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let port = line.trim().strip_prefix("port ").expect("Tomcat listens");
        Self {
            port: port.parse().expect("a port"),
            child,
        }
    }

    fn ask(&self, head: &str, body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).expect("it listens");
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .expect("a deadline");
        let (first, fields) = head.split_once('\n').unwrap_or((head, ""));
        let mut bytes = format!("{first} HTTP/1.1\r\nHost: a.fr\r\nConnection: close\r\n");
        for field in fields.lines() {
            bytes += &format!("{field}\r\n");
        }
        bytes += &format!("Content-Length: {}\r\n\r\n", body.len());
        stream
            .write_all(bytes.as_bytes())
            .expect("the request goes out");
        // It may refuse before it has read everything.
        let _ = stream.write_all(body);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let text = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").expect("an answer");
        let mut lines = head.lines();
        let status = lines.next().expect("a line")[9..12]
            .parse()
            .expect("a status");
        let mut headers = HeaderMap::new();
        for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
            headers.append(
                HeaderName::from_bytes(name.as_bytes()).expect("a name"),
                HeaderValue::from_str(value).expect("a value"),
            );
        }
        Answer(
            StatusCode::from_u16(status).expect("a status"),
            headers,
            body.to_owned(),
        )
    }
}

impl Drop for Tomcat {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn what_a_servlet_reads_is_what_we_judge() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let tomcat = Tomcat::start(folder.path());
    parameters(&tomcat);
    paths(&tomcat);
    form_login(&tomcat);
}

fn parameters(tomcat: &Tomcat) {
    let forms = plain();
    let (mut judged, mut passed) = (0, 0);
    for request in requests(600) {
        let Request {
            method,
            query,
            media,
            body,
        } = &request;
        let mut head = format!("{method} /join");
        if !query.is_empty() {
            head += &format!("?{query}");
        }
        if !media.is_empty() {
            head += &format!("\ncontent-type: {media}");
        }
        let Answer(status, _, text) = tomcat.ask(&head, body);
        let seen: Vec<&str> = match status {
            StatusCode::OK => text.split(' ').skip(1).collect(),
            // What the container refuses it does not read.
            _ => Vec::new(),
        };
        let ours = told(&forms, &head, body);
        match ours.split(' ').next() {
            Some("new") if status == StatusCode::OK => {
                judged += 1;
                let password = ours["new ".len()..].split(" +").next().expect("a word");
                let hex: String = password.bytes().map(|byte| format!("{byte:02x}")).collect();
                assert_eq!(seen, [format!("s{hex}")], "{request:?}: {ours}");
            }
            Some("nothing" | "free") => {
                passed += 1;
                assert!(seen.is_empty(), "{request:?}: {ours}, {seen:?}");
            }
            _ => {}
        }
    }
    assert!(judged > 20 && passed > 20, "{judged} {passed}");
}

/// Whatever path leads to the servlet of the form, we do not let through unjudged.
fn paths(tomcat: &Tomcat) {
    let forms = forms(
        "[[site.form]]\nkind = \"sign-up\"\npath = [\"/join\", \"/join.jsp\"]\npassword = \"pass\"\n",
    );
    let mut reached = 0;
    for path in [
        "/join",
        "//join",
        "/./join",
        "/a/../join",
        "/join;a=b",
        "/;a=b/join",
        "/a;x/..;y/join",
        "/%6aoin",
        "/%6Aoin",
        "/join%3Ba",
        "/%2e/join",
        "/a/%2e%2e/join",
        "/a/..%2fjoin",
        "/join/",
        "/Join",
        "/join.jsp",
        "/join.jsp/x",
        "/join.jsp;a/x",
        "/x/../join.jsp/y",
        "/join%20",
        "/join%00",
        "/.;/join",
        "/%2fjoin",
        "/joi",
        "/joins",
        "/a/join",
        "/join.jspx",
    ] {
        let head = format!("POST {path}\n{URLENCODED}");
        let Answer(_, _, text) = tomcat.ask(&head, b"pass=p");
        let ours = told(&forms, &head, b"pass=p");
        if text.starts_with("join") {
            reached += 1;
            assert!(
                !["free", "nothing"].contains(&ours.as_str()),
                "{path}: {ours}"
            );
        }
    }
    assert!(reached > 12, "{reached}");
}

/// The preset on the real thing: where it may be sent, and what its answers mean.
fn form_login(tomcat: &Tomcat) {
    let preset = forms("[[site.form]]\npreset = \"tomcat-form\"\nbase = \"/app\"\n");
    let form = preset.iter().next().expect("one form");
    for (path, password, ours, expected) in [
        (
            "/app/inside/j_security_check",
            "wrong",
            "in jean:wrong",
            Outcome::Failure,
        ),
        (
            "/app/inside/j_security_check",
            "secret",
            "in jean:secret",
            Outcome::Success,
        ),
        (
            "/app/else/j_security_check",
            "secret",
            "in jean:secret",
            Outcome::Success,
        ),
        (
            "/app/j_security_check;a=b",
            "secret",
            "path-unclear",
            Outcome::Success,
        ),
        (
            "/app/x/..;/j_security_check",
            "secret",
            "path-unclear",
            Outcome::Success,
        ),
    ] {
        let Answer(_, headers, _) = tomcat.ask("GET /app/inside/x", b"");
        let cookie = headers["set-cookie"].to_str().expect("a cookie");
        let cookie = cookie.split(';').next().expect("a value");
        let head = format!("POST {path}\n{URLENCODED}\ncookie: {cookie}");
        let body = format!("j_username=jean&j_password={password}");
        let Answer(status, headers, text) = tomcat.ask(&head, body.as_bytes());
        assert_eq!(told(&preset, &head, body.as_bytes()), ours, "{path}");
        let outcome = form.outcome(status, &headers, text.as_bytes());
        assert_eq!(outcome, expected, "{path} {password}: {status} {text}");
    }
}
