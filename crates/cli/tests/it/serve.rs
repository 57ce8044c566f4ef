//! `serve --check`: what it looks at, what it says, what it leaves alone.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::{err, folder, out, run};

/// A port that nobody has at this moment.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("bound").port()
}

fn write_policy(folder: &Path, https: u16, more: &str) {
    let text = format!(
        "version = 1\nlanguage = \"en\"\n[transport]\nhttp = \"off\"\nhttps = \"127.0.0.1:{https}\"\n\
         [[site]]\nhosts = [\"www.example.test\"]\nupstream = \"http://127.0.0.1:9\"\n\
         certificate = \"dev\"\n{more}"
    );
    std::fs::write(folder.join("policy.toml"), text).expect("written");
}

const CHECK: [&str; 4] = ["serve", "--check", "--state", "state"];

#[test]
fn a_policy_in_order_starts_and_nothing_is_made() {
    let here = folder();
    write_policy(here.path(), free_port(), "");
    let output = run(here.path(), &CHECK, b"");
    let text = out(&output);
    assert_eq!(output.status.code(), Some(0), "{text}{}", err(&output));
    for part in [
        "good   transport.https",
        "note   site www.example.test: the development authority is made at start",
        "note   upstream 127.0.0.1:9: does not answer",
        "policy.toml: the gate would start",
    ] {
        assert!(text.contains(part), "no {part:?} in:\n{text}");
    }
    assert!(!here.path().join("state").exists(), "nothing is made");
}

#[test]
fn every_fault_is_told_in_one_run_and_in_both_languages() {
    let here = folder();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("bound").port();
    let site = "[[site]]\nhosts = [\"other.example.test\"]\nupstream = \"http://127.0.0.1:9\"\n\
                certificate = { chain = \"absent.pem\", key = \"absent.pem\" }\n\
                [password.refuse]\nlists = [\"absent.txt\"]\n";
    write_policy(here.path(), port, site);
    let own = std::process::id().to_string();
    for (language, parts) in [
        (
            "en",
            [
                "FAULT  site other.example.test: ",
                "no such file",
                "FAULT  password: ",
                "already in use",
                "would not start",
            ],
        ),
        (
            "fr",
            [
                "FAUTE  site other.example.test : ",
                "n’existe pas",
                "FAUTE  password : ",
                "déjà pris",
                "ne démarrerait pas",
            ],
        ),
    ] {
        let arguments = [&["--lang", language][..], &CHECK].concat();
        let output = run(here.path(), &arguments, b"");
        let text = out(&output);
        assert_eq!(output.status.code(), Some(1), "{text}{}", err(&output));
        for part in parts.iter().copied().chain([own.as_str()]) {
            assert!(text.contains(part), "no {part:?} in:\n{text}");
        }
    }
}

#[test]
fn the_exit_code_tells_a_fault_from_a_question_that_could_not_be_asked() {
    let here = folder();
    let output = run(
        here.path(),
        &[&CHECK[..], &["--policy", "none.toml"]].concat(),
        b"",
    );
    assert_eq!(output.status.code(), Some(2), "{}", err(&output));

    write_policy(here.path(), free_port(), "unknown = 1\n");
    let output = run(here.path(), &CHECK, b"");
    assert_eq!(output.status.code(), Some(1), "{}", out(&output));
    assert!(err(&output).contains("unknown-key"), "{}", err(&output));

    // No site: `serve` itself refuses that.
    std::fs::write(here.path().join("policy.toml"), "version = 1\n").expect("written");
    let output = run(here.path(), &CHECK, b"");
    assert_eq!(output.status.code(), Some(1), "{}", out(&output));
    assert!(err(&output).contains("[[site]]"), "{}", err(&output));
}

#[test]
fn a_program_reads_the_same() {
    let here = folder();
    write_policy(here.path(), free_port(), "");
    let arguments = [&CHECK[..], &["--format", "json"]].concat();
    let output = run(here.path(), &arguments, b"");
    let document: serde_json::Value = serde_json::from_str(&out(&output)).expect("JSON");
    assert_eq!(document["starts"], true);
    let findings = document["findings"].as_array().expect("a list");
    let of = |subject: &str| {
        let found = findings
            .iter()
            .find(|finding| finding["subject"] == subject);
        found.unwrap_or_else(|| panic!("no {subject} in {document}"))["state"].clone()
    };
    assert_eq!(of("transport.https"), "good");
    assert_eq!(of("site www.example.test"), "note");

    write_policy(here.path(), free_port(), "unknown = 1\n");
    let output = run(here.path(), &arguments, b"");
    let document: serde_json::Value = serde_json::from_str(&out(&output)).expect("JSON");
    assert_eq!(document["starts"], false);
    assert_eq!(document["faults"][0]["code"], "unknown-key");
}

/// A gate of this program, ended with the test.
struct Gate(Child);

impl Drop for Gate {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A gate that listens, and what it said until then.
fn start(folder: &Path) -> (Gate, String) {
    let mut gate = Command::new(env!("CARGO_BIN_EXE_rempart"))
        .current_dir(folder)
        .args(["serve", "--state", "state"])
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let output = gate.stderr.take().expect("piped");
    let gate = Gate(gate);
    let mut said = String::new();
    for line in BufReader::new(output).lines() {
        let line = line.expect("a line");
        said += &format!("{line}\n");
        if line.contains("https 127.0.0.1") {
            return (gate, said);
        }
    }
    panic!("it does not listen:\n{said}")
}

#[test]
fn an_origin_that_strangers_reach_is_told() {
    let wide = TcpListener::bind("0.0.0.0:0").expect("a port");
    let narrow = TcpListener::bind("127.0.0.1:0").expect("a port");
    for (origin, told) in [(&wide, true), (&narrow, false)] {
        let here = folder();
        let port = origin.local_addr().expect("bound").port();
        let site = format!(
            "[[site]]\nhosts = [\"old.example.test\"]\nupstream = \"http://127.0.0.1:{port}\"\n\
             certificate = \"dev\"\n[[site.form]]\nkind = \"sign-up\"\npath = \"/\"\npassword = \"p\"\n"
        );
        write_policy(here.path(), free_port(), &site);
        let text = format!("the origin listens on port {port} of the whole machine");
        let checked = out(&run(here.path(), &CHECK, b""));
        let note = format!("note   site old.example.test: {text}");
        assert_eq!(checked.contains(&note), told, "{checked}");
        let (_gate, said) = start(here.path());
        assert_eq!(said.contains(&text), told, "{said}");
    }
}

#[test]
fn the_address_of_a_running_gate_is_in_order() {
    let here = folder();
    write_policy(here.path(), free_port(), "");
    let (gate, _) = start(here.path());
    let output = run(here.path(), &CHECK, b"");
    let text = out(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    let pid = gate.0.id();
    assert!(
        text.contains(&format!("held by the gate in service (process {pid})")),
        "{text}"
    );
    assert!(text.contains("certificate and key in order"), "{text}");
}
