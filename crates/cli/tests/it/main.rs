//! The command line as a person or a program uses it: output, exit code, files.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

mod acme;
mod audit;
mod breach;
mod commands;
mod generate;
mod hsts;
mod keep;
mod law;
mod learn;
mod lint;
mod report;
mod scan;
mod serve;

/// A password that the reference policy accepts.
const GOOD: &str = "Tulipe+Orage=27kW";

/// Runs the command in a folder with text on standard input.
fn run(folder: &Path, arguments: &[&str], input: impl AsRef<[u8]>) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rempart"))
        .current_dir(folder)
        .args(arguments)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut stdin = child.stdin.take().expect("piped");
    let input = input.as_ref().to_vec();
    // A command that has read enough closes its input early, which is not a fault here.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().expect("the command ends");
    writer.join().expect("the writer ends");
    output
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8 output")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8 messages")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}
