//! PHP's own view of each request, by php-cgi: `$_POST`, `$_GET` and `$_REQUEST`.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::ask::{plain, told};
use crate::corpus::{Request, requests};

/// Says how PHP sees the field `pass`: its bytes, an array, a file, or nothing.
const SCRIPT: &str = r#"<?php
header('Content-Type: text/plain');
foreach ([$_POST, $_GET, $_REQUEST] as $vars) {
    $v = $vars['pass'] ?? null;
    echo is_string($v) ? 's' . bin2hex($v) : (is_array($v) ? 'array' : 'none'), "\n";
}
echo isset($_FILES['pass']) ? 'file' : 'none', "\n";
"#;

#[test]
fn what_php_reads_is_what_we_judge() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let script = folder.path().join("join.php");
    fs::write(&script, SCRIPT).expect("a script");
    let forms = plain();
    let (mut judged, mut passed, mut refused) = (0, 0, 0);
    for request in requests(150) {
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
        let ours = told(&forms, &head, body);
        let seen = view(&script, &request);
        let [post, get, any, file] = &seen[..] else {
            panic!("{seen:?}")
        };
        match ours.split(' ').next() {
            Some("new") => {
                judged += 1;
                let password = ours["new ".len()..].split(" +").next().expect("a word");
                let hex: String = password.bytes().map(|byte| format!("{byte:02x}")).collect();
                assert_eq!(post, &format!("s{hex}"), "{request:?}: {ours}");
                assert_eq!(
                    (get.as_str(), any, file.as_str()),
                    ("none", post, "none"),
                    "{request:?}"
                );
            }
            Some("nothing" | "free") => {
                passed += 1;
                assert_eq!(
                    (any.as_str(), file.as_str()),
                    ("none", "none"),
                    "{request:?}: {ours}"
                );
                assert_eq!(
                    (post.as_str(), get.as_str()),
                    ("none", "none"),
                    "{request:?}"
                );
            }
            _ => refused += 1,
        }
    }
    assert!(
        judged > 20 && passed > 20 && refused > 60,
        "{judged} {passed} {refused}"
    );
}

fn view(script: &Path, request: &Request) -> Vec<String> {
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
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    // A warning about the body may come first.
    lines[lines.len().saturating_sub(4)..].to_vec()
}
