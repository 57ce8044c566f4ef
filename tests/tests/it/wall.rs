//! The walls between the crates, as `docs/ARCHITECTURE.md` draws them.
//!
//! A wall that only a page describes falls at the first hurry, so cargo is asked what the
//! manifests and the lock file really say.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use rempart_tests::process::output_of;
use rempart_tests::root;
use serde_json::Value;

/// Our crates by their short names, and which of ours each may stand on. Examples and tests may use everything.
const HOUSE: [(&str, &[&str]); 11] = [
    ("policy", &[]),
    ("breach", &["policy"]),
    ("password", &["policy", "breach"]),
    ("access", &["policy"]),
    ("journal", &["policy", "access"]),
    (
        "rempart",
        &["policy", "breach", "password", "access", "journal"],
    ),
    ("transport", &["policy"]),
    ("form", &["policy"]),
    (
        "proxy",
        &[
            "policy",
            "breach",
            "password",
            "access",
            "journal",
            "transport",
            "form",
        ],
    ),
    ("scan", &["policy", "transport"]),
    // The command line stands on everything.
    (
        "cli",
        &[
            "policy",
            "breach",
            "password",
            "access",
            "journal",
            "rempart",
            "transport",
            "form",
            "proxy",
            "scan",
        ],
    ),
];

/// What a crate's own tree may not hold, directly or below.
const FORBIDDEN: [(&str, &[&str]); 9] = [
    // Text only.
    (
        "policy",
        &[
            "tokio",
            "hyper",
            "rustls",
            "mio",
            "socket2",
            "getrandom",
            "argon2",
        ],
    ),
    // Processor, randomness and list files.
    (
        "password",
        &["tokio", "hyper", "rustls", "mio", "socket2", "futures-util"],
    ),
    // `now` is an argument; the store in memory needs no runtime.
    ("access", &["tokio", "hyper", "rustls", "mio", "socket2"]),
    // Files and one thread.
    (
        "journal",
        &["tokio", "hyper", "rustls", "mio", "socket2", "argon2"],
    ),
    // A clock and blocking threads, no network.
    ("rempart", &["hyper", "rustls"]),
    // Bytes only.
    ("transport", &["tokio", "hyper", "mio", "socket2", "argon2"]),
    (
        "form",
        &["tokio", "hyper", "rustls", "mio", "socket2", "argon2"],
    ),
    // Sockets of the standard library; no password is ever handled.
    ("scan", &["tokio", "hyper", "mio", "socket2", "argon2"]),
    // The command line ships one TLS stack.
    ("cli", &["ring", "openssl-sys", "native-tls"]),
];

/// Crates that the shipped tree holds twice, and why that is so.
const TWICE: [(&str, &str); 2] = [
    (
        "untrusted",
        "aws-lc-rs reads keys with 0.7, rustls-webpki certificates with 0.9",
    ),
    (
        "base64",
        "instant-acme signs with 0.22, rcgen writes PEM with 0.23",
    ),
];

#[test]
fn each_crate_stands_only_on_those_below_it() {
    let metadata = metadata();
    let mut found = BTreeMap::new();
    for package in metadata["packages"].as_array().expect("packages") {
        let name = short(text(&package["name"]));
        let below: BTreeSet<&str> = package["dependencies"]
            .as_array()
            .expect("dependencies")
            .iter()
            // A development dependency is no part of what ships.
            .filter(|dependency| dependency["kind"].is_null() && dependency["path"].is_string())
            .map(|dependency| short(text(&dependency["name"])))
            .collect();
        found.insert(name, below);
    }
    for (name, below) in HOUSE {
        let found = found
            .remove(name)
            .unwrap_or_else(|| panic!("no crate {name}"));
        for dependency in &found {
            assert!(
                below.contains(dependency),
                "{name} may not stand on {dependency}"
            );
        }
    }
    let others: Vec<&str> = found.into_keys().collect();
    assert_eq!(
        others,
        ["examples", "tests"],
        "a crate that the table does not know"
    );
}

#[test]
fn each_tree_holds_only_what_its_crate_may_touch() {
    for (name, forbidden) in FORBIDDEN {
        let tree = tree(&package(name));
        assert!(tree.len() > 1, "{name} has a tree");
        for guest in forbidden {
            assert!(!tree.contains_key(*guest), "{name} pulls {guest}");
        }
    }
}

#[test]
fn nothing_ships_twice_without_a_reason() {
    let twice: Vec<String> = tree(&package("cli"))
        .into_iter()
        .filter(|(name, versions)| {
            versions.len() > 1 && TWICE.iter().all(|(known, _)| known != name)
        })
        .map(|(name, versions)| format!("{name}: {versions:?}"))
        .collect();
    assert!(twice.is_empty(), "{twice:#?}");
}

#[test]
fn the_lock_file_knows_one_registry() {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).expect("Cargo.lock");
    let sources: BTreeSet<&str> = lock
        .lines()
        .filter(|line| line.starts_with("source = "))
        .collect();
    let all: Vec<&str> = sources.into_iter().collect();
    let [one] = all[..] else { panic!("{all:?}") };
    assert!(one.starts_with("source = \"registry+"), "{one}");
}

/// The workspace's own packages, as their manifests describe them.
fn metadata() -> Value {
    let output = output_of(cargo().args(["metadata", "--no-deps", "--format-version", "1"]));
    serde_json::from_str(&output).expect("cargo writes JSON")
}

/// Name and versions of everything that ships with a package on this platform: normal
/// dependencies with the features that this package alone asks for.
fn tree(package: &str) -> BTreeMap<String, BTreeSet<String>> {
    let output = output_of(cargo().args([
        "tree",
        "--locked",
        "--package",
        package,
        "--edges",
        "normal,no-proc-macro",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]));
    let mut tree: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in output.lines() {
        let mut words = line.split(' ');
        let (Some(name), Some(version)) = (words.next(), words.next()) else {
            continue;
        };
        tree.entry(name.to_owned())
            .or_default()
            .insert(version.to_owned());
    }
    tree
}

fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// `rempart-policy` is called `policy` everywhere but on the registry.
fn short(name: &str) -> &str {
    name.strip_prefix("rempart-").unwrap_or(name)
}

fn package(short: &str) -> String {
    match short {
        "rempart" => short.to_owned(),
        _ => format!("rempart-{short}"),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}
