//! `breach` as a person or a program uses it: files, answers, exit codes.

use std::process::Output;

use crate::run;

/// SHA-1 and NTLM of "password".
const SHA1: &str = "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8";
const NTLM: &str = "8846F7EAEE8FB117AD06BDD830B7586C";

fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (text(&output.stdout), text(&output.stderr))
}

/// A folder with a plain list, its index, an NTLM index and a policy that names the first.
fn folder() -> tempfile::TempDir {
    let here = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        std::fs::write(here.path().join(name), text).expect("written");
    };
    write("list.txt", "password\nazerty\nété\n");
    write("ntlm.txt", &format!("{NTLM}:3\r\n"));
    write("corpus.txt", &format!("{SHA1}:3\n"));
    write(
        "policy.toml",
        "version = 1\nlanguage = \"en\"\n[password.refuse]\nbreached = \"leaked.idx\"\n",
    );
    for arguments in [
        &["breach", "build", "leaked.idx", "list.txt", "--plain"][..],
        &["breach", "build", "ntlm.idx", "ntlm.txt", "--kind", "ntlm"],
    ] {
        let output = run(here.path(), arguments, "");
        assert_eq!(output.status.code(), Some(0), "{:?}", texts(&output));
        assert!(output.stdout.is_empty());
    }
    here
}

/// An accent typed apart is the same password, for `query` as for `check`.
#[test]
fn query_reads_a_password_as_check_does() {
    let here = folder();
    for typed in ["été", "e\u{301}te\u{301}"] {
        let output = run(here.path(), &["breach", "query"], typed);
        assert_eq!(
            output.status.code(),
            Some(1),
            "{typed:?} {:?}",
            texts(&output)
        );
        let output = run(here.path(), &["check", "--format", "json"], typed);
        assert!(texts(&output).0.contains("leaked-password"), "{typed:?}");
    }
    let output = run(here.path(), &["breach", "query"], "a\u{7}b");
    assert_eq!(output.status.code(), Some(2), "{:?}", texts(&output));
}

#[test]
fn the_exit_code_says_whether_a_password_leaked() {
    let here = folder();
    let mut bytes = std::fs::read(here.path().join("leaked.idx")).expect("read");
    let middle = bytes.len() - 20;
    bytes[middle] ^= 1;
    std::fs::write(here.path().join("damaged.idx"), &bytes).expect("written");
    std::fs::write(here.path().join("cut.idx"), &bytes[..100]).expect("written");
    let query = ["breach", "query"];
    let rows: [(&[&str], &str, i32); 19] = [
        (&["--index", "leaked.idx"], "azerty", 1),
        (&["--index", "leaked.idx"], "été\r\n", 1),
        (&["--index", "leaked.idx"], "Azerty", 0),
        (&["--index", "leaked.idx", "--verify"], "azerty", 1),
        (&["--index", "leaked.idx", "--hash"], SHA1, 1),
        (
            &["--index", "leaked.idx", "--hash"],
            &SHA1.to_lowercase(),
            1,
        ),
        (
            &["--index", "leaked.idx", "--hash"],
            &SHA1.replace('5', "6"),
            0,
        ),
        (&["--index", "leaked.idx", "--hash"], NTLM, 2),
        (&["--index", "leaked.idx", "--hash"], "azerty", 2),
        (&["--index", "ntlm.idx"], "password", 1),
        (&["--index", "ntlm.idx"], "azerty", 0),
        (&["--index", "ntlm.idx", "--hash"], NTLM, 1),
        (&["--index", "damaged.idx", "--verify"], "azerty", 2),
        (&["--index", "cut.idx"], "azerty", 2),
        (&["--index", "list.txt"], "azerty", 2),
        (&["--index", "absent.idx"], "azerty", 2),
        (&["--index", "leaked.idx"], "", 2),
        (&[], "azerty", 1),
        (&["--format", "json"], "tulipe", 0),
    ];
    for (arguments, input, code) in rows {
        let output = run(here.path(), &[&query[..], arguments].concat(), input);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments:?} {:?}",
            texts(&output)
        );
        let (out, err) = texts(&output);
        assert_eq!(code == 2, out.is_empty(), "{arguments:?} {out}");
        for text in [&out, &err] {
            assert!(
                !text.contains("azerty") && !text.contains(SHA1),
                "{arguments:?} writes back what was typed: {text}"
            );
        }
    }
}

#[test]
fn without_an_index_a_question_has_no_answer() {
    let here = tempfile::tempdir().expect("a folder");
    let output = run(here.path(), &["breach", "query", "--lang", "en"], "azerty");
    assert_eq!(output.status.code(), Some(2));
    assert!(texts(&output).1.contains("fix: name one with --index"));
}

#[test]
fn answers_state_the_rate_of_false_hits_in_both_languages() {
    let here = folder();
    let ask = |language: &str| {
        let arguments = [
            "breach",
            "query",
            "--index",
            "leaked.idx",
            "--lang",
            language,
        ];
        texts(&run(here.path(), &arguments, "azerty")).0
    };
    // Three entries by the 22 bits that one in a million needs.
    assert!(
        ask("en").starts_with("leaked: ") && ask("en").contains("1 in 1,398,101"),
        "{}",
        ask("en")
    );
    assert!(
        ask("fr").starts_with("divulgué : ") && ask("fr").contains("1 sur 1\u{202f}398\u{202f}101")
    );
    let arguments = ["breach", "query", "--format", "json"];
    let (json, _) = texts(&run(here.path(), &arguments, "azerty"));
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["leaked"], true);
    assert_eq!(json["index"]["entries"], 3);
    assert!(
        json["index"]["false_hit_rate"]
            .as_f64()
            .is_some_and(|rate| rate < 1e-6)
    );
    let arguments = [
        "breach",
        "info",
        "leaked.idx",
        "--verify",
        "--format",
        "json",
    ];
    let (info, _) = texts(&run(here.path(), &arguments, ""));
    let info: serde_json::Value = serde_json::from_str(&info).expect("JSON");
    assert_eq!(info, json["index"]);
}

#[test]
fn an_update_keeps_the_old_and_its_kind() {
    let here = folder();
    let more = format!("{}:9\nnot a row\n", NTLM.replace('8', "9"));
    std::fs::write(here.path().join("more.txt"), more).expect("written");
    let arguments = [
        "breach", "build", "--update", "ntlm.idx", "ntlm.idx", "more.txt", "--lang", "en",
    ];
    let output = run(here.path(), &arguments, "");
    let (_, err) = texts(&output);
    assert_eq!(output.status.code(), Some(0), "{err}");
    assert!(
        err.contains("2 leaked passwords") && err.contains("more.txt, line 2: "),
        "{err}"
    );
    assert!(!err.contains("not a row"), "{err}");
    for hash in [NTLM, &NTLM.replace('8', "9")] {
        let output = run(
            here.path(),
            &["breach", "query", "--index", "ntlm.idx", "--hash"],
            hash,
        );
        assert_eq!(output.status.code(), Some(1));
    }
}

#[test]
fn what_cannot_be_built_ends_with_2_and_leaves_no_index() {
    let here = folder();
    let rows: [&[&str]; 7] = [
        &["out.idx"],
        &["out.idx", "absent.txt"],
        &["out.idx", "list.txt", "--kind", "ntlm"],
        &["out.idx", "corpus.txt", "--least-count", "4"],
        &["out.idx", "corpus.txt", "--false-hit-rate", "0"],
        &["out.idx", "corpus.txt", "--memory", "1MiB"],
        &["out.idx", "--update", "ntlm.idx", "--kind", "sha1"],
    ];
    for arguments in rows {
        let output = run(here.path(), &[&["breach", "build"], arguments].concat(), "");
        assert_eq!(
            output.status.code(),
            Some(2),
            "{arguments:?} {:?}",
            texts(&output)
        );
        for name in ["out.idx", "out.idx.partial"] {
            assert!(
                !here.path().join(name).exists(),
                "{arguments:?} left {name}"
            );
        }
    }
}
