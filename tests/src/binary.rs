//! The program under test.

use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::thread;

use crate::root;

/// What a run of `rempart` gave.
#[derive(Debug)]
pub struct Run {
    /// The exit code; `None` after a signal.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// The path of the binary: `$REMPART_BIN`, or the one that cargo builds here.
///
/// A package cannot depend on another's binary, so cargo is asked; once built, that takes
/// a fraction of a second.
pub fn path() -> PathBuf {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        if let Some(path) = env::var_os("REMPART_BIN") {
            return path.into();
        }
        build("rempart-cli").join("rempart")
    })
    .clone()
}

/// An example program, built if need be.
pub fn example(name: &str) -> Command {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    Command::new(FOLDER.get_or_init(|| build("rempart-examples")).join(name))
}

/// Builds the programs of a package; the folder that they are in.
fn build(package: &str) -> PathBuf {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args([
            "build",
            "--quiet",
            "--locked",
            "--bins",
            "--package",
            package,
        ])
        .current_dir(root())
        .status();
    assert!(
        built.is_ok_and(|status| status.success()),
        "{package} does not build"
    );
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into);
    target.join("debug")
}

/// The binary with an environment of its own: nothing of the caller's settings reaches it.
pub fn rempart() -> Command {
    rempart_at(&path())
}

/// The same for a binary somewhere else.
pub fn rempart_at(program: &Path) -> Command {
    let mut command = Command::new(program);
    for name in [
        "REMPART_POLICY",
        "REMPART_LANG",
        "REMPART_STATE",
        "STATE_DIRECTORY",
    ] {
        command.env_remove(name);
    }
    command.env("LC_ALL", "C.UTF-8").env("NO_COLOR", "1");
    command
}

/// Runs a command with `input` on its standard input.
///
/// The input is written from a second thread, and a program that stops reading is no
/// fault: a limit on input is exactly what some tests look for.
pub fn run(command: &mut Command, input: &[u8]) -> Run {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("rempart starts");
    let mut stdin = child.stdin.take().expect("a pipe was asked for");
    let input = input.to_vec();
    let writer = thread::spawn(move || {
        let _ = stdin.write_all(&input);
    });
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().expect("rempart ends");
    writer.join().expect("the writer ends with the pipe");
    Run {
        code: status.code(),
        out: String::from_utf8_lossy(&stdout).into_owned(),
        err: String::from_utf8_lossy(&stderr).into_owned(),
    }
}
