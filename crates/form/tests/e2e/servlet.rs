//! A servlet container's own view, by Tomcat: parameters, paths, and its form log-in.

use std::io::{BufRead, BufReader};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use form::Outcome;
use http::StatusCode;

use crate::ask::{URLENCODED, forms, plain, told};
use crate::corpus::{Request, requests};
use crate::wire::{self, Answer};

/// A running Tomcat; ends when dropped.
struct Tomcat {
    child: Child,
    port: u16,
}

impl Tomcat {
    fn start(folder: &Path) -> Self {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/Oracle.java");
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
        wire::ask((Ipv4Addr::LOCALHOST, self.port).into(), head, body)
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
        let Answer {
            status, body: text, ..
        } = tomcat.ask(&head, body);
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
        let text = tomcat.ask(&head, b"pass=p").body;
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
        let page = tomcat.ask("GET /app/inside/x", b"");
        let session = page.cookie("JSESSIONID").expect("a session");
        let head = format!("POST {path}\n{URLENCODED}\ncookie: JSESSIONID={session}");
        let body = format!("j_username=jean&j_password={password}");
        let answer = tomcat.ask(&head, body.as_bytes());
        assert_eq!(told(&preset, &head, body.as_bytes()), ours, "{path}");
        let outcome = form.outcome(
            answer.status,
            &answer.headers,
            answer.body.as_bytes(),
            &form::Brought::default(),
        );
        assert_eq!(outcome, expected, "{path} {password}: {}", answer.status);
    }
}
