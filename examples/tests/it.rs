//! Each example is started and used over real sockets.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A running example, ended when dropped.
struct Example {
    child: Child,
    address: String,
}

impl Example {
    fn login(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_login"))
            .current_dir(folder)
            .args(["accounts.redb", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the example starts");
        let mut line = String::new();
        let output = child.stdout.take().expect("piped");
        BufReader::new(output).read_line(&mut line).expect("a line");
        let address = line
            .trim()
            .strip_prefix("listening on ")
            .expect("an address")
            .to_owned();
        Self { child, address }
    }

    fn post(&self, path: &str, identifier: &str, password: &str) -> String {
        let body = format!("identifier={identifier}&password={password}");
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .expect("a deadline");
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\naccept-language: en\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_person_signs_up_and_signs_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let example = Example::login(folder.path());
    let good = "Tulipe%2BOrage%3D27kW";

    let weak = example.post("/sign-up", "ana@example.fr", "azerty");
    assert!(
        weak.starts_with("HTTP/1.1 422") && weak.contains("<li>"),
        "{weak}"
    );
    assert!(
        !weak.contains("azerty"),
        "what was typed is not shown again"
    );

    let kept = example.post("/sign-up", "ana@example.fr", good);
    assert!(kept.starts_with("HTTP/1.1 200"), "{kept}");

    let right = example.post("/sign-in", "ana@example.fr", good);
    assert!(
        right.starts_with("HTTP/1.1 200") && right.contains("Welcome"),
        "{right}"
    );

    let shouted = example.post("/sign-in", "+Ana@Example.FR", good);
    assert!(shouted.starts_with("HTTP/1.1 200"), "{shouted}");

    let unknown = example.post("/sign-in", "bob@example.fr", good);
    let wrong = example.post("/sign-in", "ana@example.fr", "another");
    let body = |answer: &str| {
        answer
            .split_once("\r\n\r\n")
            .map(|(_, body)| body.to_owned())
    };
    assert!(wrong.starts_with("HTTP/1.1 401"), "{wrong}");
    assert_eq!(
        body(&wrong),
        body(&unknown),
        "a wrong password and an unknown account look alike"
    );

    let hurried = example.post("/sign-in", "ana@example.fr", good);
    assert!(
        hurried.starts_with("HTTP/1.1 429") && hurried.contains("retry-after"),
        "{hurried}"
    );
}

#[test]
fn accounts_outlive_a_restart_and_the_file_holds_no_password() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = Example::login(folder.path());
    let kept = first.post("/sign-up", "ana@example.fr", "Tulipe%2BOrage%3D27kW");
    assert!(kept.starts_with("HTTP/1.1 200"), "{kept}");
    drop(first);

    let file = std::fs::read(folder.path().join("accounts.redb")).expect("the file");
    assert!(
        !file.windows(8).any(|bytes| bytes == b"Tulipe+O"),
        "the password is in the file"
    );

    let second = Example::login(folder.path());
    // Somebody else's sign-up under the same name changes nothing.
    let _ = second.post("/sign-up", "ana@example.fr", "Autre%2BPlume%3D31zQ");
    let right = second.post("/sign-in", "ana@example.fr", "Tulipe%2BOrage%3D27kW");
    assert!(right.starts_with("HTTP/1.1 200"), "{right}");
}
