//! Input that is no password, no hash and no policy: the exit code, the words, and nothing
//! repeated.
//!
//! 0 is yes, 1 is no, 2 is "could not decide": a refused password is an answer, a policy
//! that cannot be read is not.

use std::fs;
use std::path::Path;

use rempart_tests::binary::{Run, rempart, run};

/// What a run gave, in words that both languages must hold.
struct Row<'a> {
    what: &'a str,
    arguments: &'a [&'a str],
    input: &'a [u8],
    code: i32,
    fr: &'a [&'a str],
    en: &'a [&'a str],
}

const GOOD: &str = "version = 1\n";

#[test]
fn bytes_that_are_no_password_are_refused() {
    let long = [vec![b'a'; 10 << 20], b"\n".to_vec()].concat();
    let rows = [
        Row {
            what: "not UTF-8",
            arguments: &["check"],
            input: b"Canari\xff7 valise\n",
            code: 1,
            fr: &["refusé", "UTF-8"],
            en: &["refused", "UTF-8"],
        },
        Row {
            what: "NUL",
            arguments: &["check"],
            input: b"Canari\0 7 valises\n",
            code: 1,
            fr: &["refusé", "octet nul"],
            en: &["refused", "NUL byte"],
        },
        Row {
            what: "10 MiB on one line",
            arguments: &["check"],
            input: &long,
            code: 1,
            fr: &["refusé", "long"],
            en: &["refused", "long"],
        },
        Row {
            what: "nothing at all",
            arguments: &["check"],
            input: b"",
            code: 2,
            fr: &["vide", "à faire"],
            en: &["empty", "fix"],
        },
        Row {
            what: "a weak password to be kept",
            arguments: &["hash"],
            input: b"Canari1\n",
            code: 1,
            fr: &["à faire"],
            en: &["fix"],
        },
        Row {
            what: "a hash that is none",
            arguments: &["verify", "$argon2id$Canari"],
            input: b"Canari7 valises\n",
            code: 2,
            fr: &["coûts", "attendu"],
            en: &["costs", "expected"],
        },
        Row {
            what: "a hash that asks for 4 TiB",
            arguments: &[
                "verify",
                "$argon2id$v=19$m=4294967295,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            ],
            input: b"Canari7 valises\n",
            code: 2,
            fr: &["Gio"],
            en: &["GiB"],
        },
    ];
    let folder = tempfile::tempdir().expect("a temporary folder");
    let policy = folder.path().join("policy.toml");
    fs::write(&policy, GOOD).expect("a policy");
    assert_rows(&policy, &rows);
}

#[test]
fn a_batch_numbers_bad_lines_and_goes_on() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let policy = folder.path().join("policy.toml");
    fs::write(&policy, GOOD).expect("a policy");
    let good = "sept valises bleues, 31 Canaris & un ph\u{e9}nix";
    let lines: [&[u8]; 5] = [
        b"Canari\xff",
        &vec![b'a'; 10 << 20],
        b"Canari\0",
        b"",
        good.as_bytes(),
    ];
    let input = lines.join(&b'\n');
    let Run { code, out, err } = run(
        rempart()
            .arg("--policy")
            .arg(&policy)
            .args(["check", "--batch"]),
        &input,
    );
    assert_eq!(code, Some(1), "{err}");
    let verdicts: Vec<serde_json::Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).expect("one object per line"))
        .collect();
    for (at, accepted) in [false, false, false, false, true].into_iter().enumerate() {
        assert_eq!(verdicts[at]["line"], at + 1, "{out}");
        assert_eq!(verdicts[at]["accepted"], accepted, "line {}: {out}", at + 1);
    }
    assert_eq!(verdicts.len(), lines.len());
    assert!(!out.contains("anari") && err.is_empty(), "{out}{err}");
}

#[test]
fn a_policy_that_cannot_be_used_is_named_with_its_fault() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("a policy");
        path
    };
    let input = b"Canari7 valises\n";
    for (path, fr, en) in [
        (
            folder.path().join("absent.toml"),
            &["absent.toml", "n’existe pas"][..],
            &["absent.toml", "no such file"][..],
        ),
        (folder.path().to_owned(), &["dossier"], &["folder"]),
        (
            write("latin1.toml", b"version = 1 # caf\xe9\n"),
            &["latin1.toml", "UTF-8"],
            &["latin1.toml", "UTF-8"],
        ),
        (
            write("typo.toml", b"version = 1\n[pasword]\n"),
            &["typo.toml:2:2", "password", "^^^^^^^"],
            &["typo.toml:2:2", "password", "^^^^^^^"],
        ),
        (
            write("low.toml", b"version = 1\n[hash]\nmemory = \"1 MiB\"\n"),
            &["low.toml:3", "clause"],
            &["low.toml:3", "clause"],
        ),
        (
            write("syntax.toml", b"version = \n"),
            &["syntax.toml:1"],
            &["syntax.toml:1"],
        ),
    ] {
        let row = Row {
            what: "policy",
            arguments: &["check"],
            input,
            code: 2,
            fr,
            en,
        };
        assert_rows(&path, &[row]);
    }
}

#[test]
fn wrong_usage_is_code_2() {
    for arguments in [
        &["no-such-command"][..],
        &["check", "--no-such-option"],
        &["verify"],
    ] {
        let Run { code, out, err } = run(rempart().args(arguments), b"");
        assert_eq!(code, Some(2), "{arguments:?}: {err}");
        assert!(
            out.is_empty() && !err.is_empty(),
            "{arguments:?}: help goes to standard error"
        );
    }
}

/// Runs every row in both languages. Inputs hold the word *Canari*, which nothing may
/// repeat.
fn assert_rows(policy: &Path, rows: &[Row<'_>]) {
    for row in rows {
        for (language, words) in [("fr", row.fr), ("en", row.en)] {
            let mut command = rempart();
            command
                .arg("--policy")
                .arg(policy)
                .args(["--lang", language])
                .args(row.arguments);
            let Run { code, out, err } = run(&mut command, row.input);
            let said = format!("{out}{err}");
            assert_eq!(code, Some(row.code), "{}, {language}: {said}", row.what);
            for word in words {
                assert!(
                    said.contains(word),
                    "{}, {language}: no {word:?} in: {said}",
                    row.what
                );
            }
            assert!(
                !said.contains("Canari"),
                "{}, {language} repeats: {said}",
                row.what
            );
            assert!(
                said.len() < 4096,
                "{}, {language}: {} bytes",
                row.what,
                said.len()
            );
            assert!(!said.contains("panicked"), "{}: {said}", row.what);
        }
    }
}
