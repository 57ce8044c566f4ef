//! PHP's own view of each request, by php-cgi: `$_POST`, `$_GET`, `$_REQUEST` and `json_decode`.
//!
//! What it reads is what was judged, or the request was refused; and it is what the model says by
//! which the fuzz target knows PHP.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use form::Forms;

use crate::ask::{plain, told};
use crate::corpus::{JSON, MULTIPART, Request, URLENCODED, json_requests, requests};
use crate::model::{self, Seen};

/// Says how PHP sees the field `pass`: its bytes, an array, a file, or nothing.
const SCRIPT: &str = r#"<?php
header('Content-Type: text/plain');
function told($v) { return is_null($v) ? 'none' : (is_string($v) ? 's' . bin2hex($v) : 'array'); }
foreach ([$_POST, $_GET, $_REQUEST] as $vars) echo told($vars['pass'] ?? null), "\n";
$object = json_decode(file_get_contents('php://input'), true);
$is_there = is_array($object) && array_key_exists('pass', $object);
echo $is_there ? told($object['pass'] ?? 0) : 'none', "\n";
echo isset($_FILES['pass']) ? 'file' : 'none', "\n";
"#;

/// How often a request was judged, let pass and refused.
#[derive(Default)]
struct Tally {
    judged: usize,
    passed: usize,
    refused: usize,
}

/// What PHP finds under `pass`.
struct View {
    post: String,
    get: String,
    any: String,
    json: String,
    file: String,
}

#[test]
fn what_php_reads_is_what_we_judge_and_what_the_model_says() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let script = folder.path().join("join.php");
    fs::write(&script, SCRIPT).expect("a script");
    let forms = plain();
    for (all, [judged, passed, refused]) in [
        (requests(150), [20, 20, 60]),
        (json_requests(150), [15, 15, 60]),
    ] {
        let mut tally = Tally::default();
        for request in all {
            let view = View::by(&script, &request);
            compare(&forms, &request, &view, &mut tally);
            is_modelled(&request, &view);
        }
        assert!(
            tally.judged > judged && tally.passed > passed && tally.refused > refused,
            "{} {} {}",
            tally.judged,
            tally.passed,
            tally.refused
        );
    }
}

/// What PHP reads is what was judged, whichever way the site takes it.
fn compare(forms: &Forms, request: &Request, view: &View, tally: &mut Tally) {
    let mut head = format!("{} /join", request.method);
    if !request.query.is_empty() {
        head += &format!("?{}", request.query);
    }
    if !request.media.is_empty() {
        head += &format!("\ncontent-type: {}", request.media);
    }
    let ours = told(forms, &head, &request.body);
    let all = [&view.post, &view.json, &view.get, &view.any, &view.file].map(String::as_str);
    match ours.split(' ').next() {
        Some("new") => {
            tally.judged += 1;
            let password = ours["new ".len()..].split(" +").next().expect("a word");
            let text = hex(password.as_bytes());
            let media = request.media.to_ascii_lowercase();
            let is_json = media.contains("json");
            let expected = match is_json {
                true => ["none", &text, "none", "none", "none"],
                false => [&text, "none", "none", &text, "none"],
            };
            assert_eq!(all, expected, "{request:?}: {ours}");
        }
        Some("nothing" | "free") => {
            tally.passed += 1;
            assert_eq!(all, ["none"; 5], "{request:?}: {ours}");
            let is_there = model::is_in_json("pass", &request.body);
            assert!(request.media != JSON || !is_there, "{request:?}: {ours}");
        }
        _ => tally.refused += 1,
    }
}

/// What PHP reads is what the model reads, of the types that it knows.
fn is_modelled(request: &Request, view: &View) {
    let get = model::field(b"pass", request.query.as_bytes());
    assert_eq!(shown(&get), view.get, "{request:?}");
    let post = match request.media.as_str() {
        URLENCODED => model::field(b"pass", &request.body),
        MULTIPART => model::part(b"pass", b"XX", &request.body),
        _ => Seen::Nothing,
    };
    if [URLENCODED, MULTIPART, JSON].contains(&request.media.as_str()) {
        assert_eq!(shown(&post), view.post, "{request:?}");
    }
    if request.media == JSON
        && let Some(seen) = model::json("pass", &request.body)
    {
        assert_eq!(shown(&seen), view.json, "{request:?}");
    }
}

fn shown(seen: &Seen) -> String {
    match seen {
        Seen::Nothing => "none".to_owned(),
        Seen::Text(text) => hex(text),
        Seen::Array => "array".to_owned(),
    }
}

fn hex(text: &[u8]) -> String {
    let digits: String = text.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("s{digits}")
}

impl View {
    fn by(script: &Path, request: &Request) -> Self {
        let mut child = Command::new("php-cgi")
            .arg("-q")
            .env_clear()
            .env("REDIRECT_STATUS", "200")
            .env("GATEWAY_INTERFACE", "CGI/1.1")
            .env("SERVER_PROTOCOL", "HTTP/1.1")
            .env("SCRIPT_FILENAME", script)
            .env("REQUEST_METHOD", request.method)
            .env("QUERY_STRING", &request.query)
            .env("CONTENT_TYPE", &request.media)
            .env("CONTENT_LENGTH", request.body.len().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("php-cgi starts; tests/run installs it");
        let mut stdin = child.stdin.take().expect("a pipe");
        // PHP may leave a body unread.
        let _ = stdin.write_all(&request.body);
        drop(stdin);
        let output = child.wait_with_output().expect("php-cgi ends");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        // A warning about the body may come first.
        let [.., post, get, any, json, file] = &lines[..] else {
            panic!("{text}")
        };
        Self {
            post: (*post).to_owned(),
            get: (*get).to_owned(),
            any: (*any).to_owned(),
            json: (*json).to_owned(),
            file: (*file).to_owned(),
        }
    }
}
