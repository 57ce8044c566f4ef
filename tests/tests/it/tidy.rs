//! The tree a newcomer sees: few things at the top, files of a readable size, nothing that
//! belongs to one machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rempart_tests::root;

/// Everything that may lie at the top, beside names that start with a dot.
const TOP: [&str; 16] = [
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "SECURITY.md",
    "clippy.toml",
    "crates",
    "deny.toml",
    "docs",
    "examples",
    "fuzz",
    "policy.toml",
    "rustfmt.toml",
    "tests",
];

/// Lines of one Rust file. Pleasant files stay far below; past this, it is two subjects.
const LINES: usize = 500;

/// What names a person's or a machine's own place, in two halves so that this file passes.
const PLACES: [(&str, &str); 6] = [
    ("/home", "/"),
    ("/root", "/"),
    ("/Users", "/"),
    ("/work", "/"),
    ("file", ":///"),
    ("git", "@"),
];

/// What marks unfinished work.
const MARKS: [(&str, &str); 3] = [("TO", "DO"), ("FIX", "ME"), ("todo", "!(")];

#[test]
fn the_top_holds_only_what_has_a_place_there() {
    for path in files() {
        let top = path.components().next().expect("a file has a path");
        let top = top.as_os_str().to_string_lossy();
        assert!(
            top.starts_with('.') || TOP.contains(&&*top),
            "{top} has no place at the top"
        );
    }
}

#[test]
fn rust_files_are_short() {
    for path in files() {
        if path.extension().is_some_and(|extension| extension == "rs") {
            let lines = read(&path).lines().count();
            assert!(lines <= LINES, "{} has {lines} lines", path.display());
        }
    }
}

#[test]
fn nothing_names_a_machine_or_is_left_undone() {
    for path in files() {
        let text = read(&path);
        for (first, second) in PLACES.into_iter().chain(MARKS) {
            let word = format!("{first}{second}");
            let line = text.lines().position(|line| line.contains(&word));
            assert_eq!(
                line,
                None,
                "{}: {word}, counted from line 0",
                path.display()
            );
        }
    }
}

/// Rust files open with what they are about. A module `tests` is about its parent.
#[test]
fn every_module_opens_with_its_subject() {
    for path in files() {
        let tests = path.ends_with("tests.rs");
        if path.extension().is_some_and(|extension| extension == "rs") && !tests {
            let text = read(&path);
            let first = text
                .lines()
                .find(|line| !line.starts_with("#!"))
                .unwrap_or_default();
            assert!(
                first.starts_with("//! "),
                "{} opens with {first:?}",
                path.display()
            );
        }
    }
}

/// `unsafe_code` is denied everywhere; what lifts it is one file, where it is explained.
#[test]
fn nothing_is_unsafe_but_the_map_of_an_index() {
    // In two parts, so that this file does not name itself.
    let lint = ["(unsafe", "_code"].concat();
    let lifted: Vec<PathBuf> = files()
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter(|path| read(path).contains(&lint))
        .collect();
    assert_eq!(lifted, [Path::new("crates/breach/src/index/store.rs")]);
}

/// What git knows or would take, relative to the root. Without git (a source archive), the
/// files on disk, build output apart.
fn files() -> Vec<PathBuf> {
    let listed = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root())
        .output();
    let listed = match listed {
        Ok(output) if output.status.success() => output.stdout,
        _ => return walk(&root()),
    };
    let files: Vec<PathBuf> = String::from_utf8_lossy(&listed)
        .split_terminator('\0')
        .map(PathBuf::from)
        // A file removed but not yet committed is still listed.
        .filter(|path| root().join(path).is_file())
        .collect();
    assert!(files.len() > 20, "the listing is whole");
    files
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable folder").path();
        if path.ends_with("target") || path.ends_with(".git") {
            continue;
        }
        if path.is_dir() {
            files.extend(walk(&path));
        } else if let Ok(relative) = path.strip_prefix(root()) {
            files.push(relative.to_path_buf());
        }
    }
    files
}

/// The text of a file; empty when it holds no text.
fn read(path: &Path) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_default()
}
