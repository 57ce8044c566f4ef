//! The commands together: exit codes, verdicts, files, languages, the demonstration.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::{GOOD, err, folder, out, run};

#[test]
fn the_exit_code_is_the_answer() {
    let here = folder();
    std::fs::write(here.path().join("bad.toml"), "version = 2\n").expect("written");
    let rows: &[(&[&str], &[u8], i32)] = &[
        (&["check"], GOOD.as_bytes(), 0),
        (&["check"], b"azerty\n", 1),
        (&["check"], b"", 2),
        (&["check", "--policy", "missing.toml"], GOOD.as_bytes(), 2),
        (&["check", "--policy", "bad.toml"], GOOD.as_bytes(), 2),
        (&["check", "password-as-argument"], b"", 2),
        (&["hash"], b"azerty", 1),
        (&["verify", "not-a-hash"], b"", 2),
        (&["generate"], b"", 0),
        (&["generate", "--form", "9"], b"", 2),
        (&["generate", "--words", "8"], b"", 0),
        (&["generate", "--words", "0"], b"", 2),
        (&["generate", "--count", "10001"], b"", 2),
        (&["lint"], b"", 0),
        (&["lint", "bad.toml"], b"", 1),
        (&["lint", "missing.toml"], b"", 2),
        (&["lint", "."], b"", 2),
        (&["explain", "cnil-case-1"], b"", 0),
        (&["explain", "no-such-thing"], b"", 2),
        (&["serve"], b"", 2),
        (&["no-such-command"], b"", 2),
        (&["schema"], b"", 0),
        (&["completions", "bash"], b"", 0),
        (&["man"], b"", 0),
    ];
    for (arguments, input, code) in rows {
        let output = run(here.path(), arguments, input);
        assert_eq!(
            output.status.code(),
            Some(*code),
            "{arguments:?}\n{}{}",
            out(&output),
            err(&output)
        );
    }
}

#[test]
fn a_verdict_is_one_json_object_and_echoes_nothing() {
    let here = folder();
    let output = run(
        here.path(),
        &["check", "--format", "json", "--lang", "en"],
        b"Xylophage\n",
    );
    let verdict: serde_json::Value = serde_json::from_str(&out(&output)).expect("JSON");
    assert_eq!(verdict["accepted"], false);
    assert_eq!(verdict["case"], "password-alone");
    assert_eq!(verdict["bits"], 79.55);
    assert!(verdict["guesses_log10"].is_number());
    for finding in verdict["findings"].as_array().expect("a list") {
        for key in ["code", "clause", "message", "advice"] {
            assert!(
                finding[key].as_str().is_some_and(|text| !text.is_empty()),
                "{key} in {finding}"
            );
        }
    }
    assert!(!out(&output).contains("Xylophage") && !err(&output).contains("Xylophage"));
}

#[test]
fn a_batch_numbers_its_lines_and_survives_bad_ones() {
    let here = folder();
    let mut input = Vec::new();
    input.extend_from_slice(GOOD.as_bytes());
    input.extend_from_slice(b"\r\n\n\xff\xfe\nwith\0nul\n");
    input.extend_from_slice(&vec![b'a'; 10 * 1024 * 1024]);
    input.extend_from_slice(b"\n1234567890123456\nlast");
    let output = run(here.path(), &["check", "--batch"], &input);
    assert_eq!(output.status.code(), Some(1));
    let verdicts: Vec<serde_json::Value> = out(&output)
        .lines()
        .map(|line| serde_json::from_str(line).expect("one object per line"))
        .collect();
    let accepted: Vec<bool> = verdicts
        .iter()
        .map(|verdict| verdict["accepted"] == true)
        .collect();
    assert_eq!(accepted, [true, false, false, false, false, false, false]);
    let code = |line: usize| {
        verdicts[line]["findings"][0]["code"]
            .as_str()
            .expect("a code")
            .to_owned()
    };
    assert_eq!(verdicts[6]["line"], 7);
    let codes: Vec<String> = (1..5).map(code).collect();
    assert_eq!(
        codes,
        [
            "password-empty",
            "password-not-utf8",
            "password-nul",
            "password-too-long"
        ]
    );
}

#[test]
fn what_was_hashed_is_verified() {
    let here = folder();
    let stored = out(&run(here.path(), &["hash"], GOOD.as_bytes()));
    assert!(
        stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{stored}"
    );
    let again = out(&run(here.path(), &["hash"], GOOD.as_bytes()));
    assert_ne!(stored, again, "each hash has a salt of its own");

    let right = run(here.path(), &["verify", stored.trim()], GOOD.as_bytes());
    assert_eq!(
        (out(&right).as_str(), right.status.code()),
        ("match\n", Some(0))
    );
    let wrong = run(here.path(), &["verify", stored.trim()], b"another");
    assert_eq!(
        (out(&wrong).as_str(), wrong.status.code()),
        ("no match\n", Some(1))
    );

    std::fs::write(
        here.path().join("policy.toml"),
        "version = 1\nlanguage = \"en\"\n[hash]\nmemory = \"20 MiB\"\niterations = 3\n",
    )
    .expect("written");
    let renew = run(here.path(), &["verify", stored.trim()], GOOD.as_bytes());
    assert!(out(&renew).starts_with("match, renew: "), "{}", out(&renew));
    assert_eq!(renew.status.code(), Some(0));
}

#[test]
fn init_writes_a_policy_that_conforms_and_never_overwrites() {
    let here = folder();
    let whole = run(here.path(), &["init"], b"");
    assert_eq!(whole.status.code(), Some(0), "{}", err(&whole));
    let file = here.path().join("policy.toml");
    assert_eq!(
        std::fs::read_to_string(&file).expect("written"),
        policy::reference_text()
    );
    assert_eq!(run(here.path(), &["init"], b"").status.code(), Some(2));

    let site = [
        "init",
        "site.toml",
        "--host",
        "www.example.fr",
        "--upstream",
        "http://127.0.0.1:8080",
    ];
    assert_eq!(run(here.path(), &site, b"").status.code(), Some(0));
    let lint = run(here.path(), &["lint", "site.toml"], b"");
    assert_eq!(lint.status.code(), Some(0), "{}", err(&lint));

    // A name that would break the file is refused, and nothing is written.
    let bad = [
        "init",
        "bad.toml",
        "--host",
        "a\"\nb",
        "--upstream",
        "http://127.0.0.1:8080",
    ];
    assert_eq!(run(here.path(), &bad, b"").status.code(), Some(2));
    assert!(!here.path().join("bad.toml").exists());
}

#[test]
fn the_policy_is_found_in_its_order() {
    let here = folder();
    let case = |arguments: &[&str]| {
        let output = run(here.path(), arguments, b"azerty");
        let verdict: serde_json::Value = serde_json::from_str(&out(&output)).expect("JSON");
        verdict["case"].as_str().expect("a case").to_owned()
    };
    assert_eq!(case(&["check", "--format", "json"]), "password-alone");
    std::fs::write(
        here.path().join("policy.toml"),
        "version = 1\n[password]\ncase = \"restricted-access\"\n",
    )
    .expect("written");
    assert_eq!(case(&["check", "--format", "json"]), "restricted-access");
    std::fs::write(here.path().join("other.toml"), "version = 1\n").expect("written");
    assert_eq!(
        case(&["check", "--format", "json", "--policy", "other.toml"]),
        "password-alone"
    );
}

#[test]
fn messages_follow_the_language_asked_for() {
    let here = folder();
    for (arguments, word) in [
        (&["--lang", "fr", "check"][..], "refusé"),
        (&["--lang", "en", "check"], "refused"),
        (&["--lang", "fr", "--help"], "Affiche cette aide"),
        (&["--lang=en", "--help"], "Print help"),
    ] {
        let output = run(here.path(), arguments, b"azerty");
        assert!(
            out(&output).contains(word),
            "{arguments:?}: {}",
            out(&output)
        );
    }
}

#[test]
fn every_code_and_clause_is_explained_in_both_languages() {
    let here = folder();
    let names: Vec<&str> = password::all_codes()
        .iter()
        .chain(policy::fault_codes())
        .copied()
        .chain(policy::clause::register().iter().map(|clause| clause.id))
        .collect();
    assert!(names.len() > 50);
    // One process per name would be slow: a sample of them, spread over the list.
    for name in names.iter().step_by(9) {
        for lang in ["fr", "en"] {
            let output = run(here.path(), &["--lang", lang, "explain", name], b"");
            assert_eq!(output.status.code(), Some(0), "{name} in {lang}");
            assert!(out(&output).len() > 20, "{name} in {lang}");
        }
    }
    let distinct: std::collections::BTreeSet<&&str> = names.iter().collect();
    assert_eq!(distinct.len(), names.len(), "a name means one thing");
}

#[test]
fn lint_names_each_deviation_and_fails_on_an_expired_one() {
    let here = folder();
    let policy = |until: &str| {
        format!(
            "version = 1\nlanguage = \"en\"\n[password]\nmax-length = 49\n[[deviation]]\n\
             clause = \"cnil-max-length\"\nreason = \"the old directory stores no more\"\nuntil = \"{until}\"\n"
        )
    };
    for (until, code, word) in [
        ("2999-12-31", 0, "with 1 explained"),
        ("2001-01-01", 1, "EXPIRED"),
    ] {
        std::fs::write(here.path().join("policy.toml"), policy(until)).expect("written");
        let output = run(here.path(), &["lint"], b"");
        assert_eq!(
            output.status.code(),
            Some(code),
            "{}{}",
            out(&output),
            err(&output)
        );
        assert!(
            out(&output).contains(word) && out(&output).contains("cnil-max-length"),
            "{}",
            out(&output)
        );
    }
}

#[test]
fn a_verdict_that_would_leave_a_rule_out_is_refused() {
    let here = folder();
    std::fs::write(
        here.path().join("policy.toml"),
        "version = 1\nlanguage = \"en\"\n[password.refuse]\nlists = [\"ours.txt\"]\n",
    )
    .expect("written");
    for command in ["check", "hash", "generate"] {
        let output = run(here.path(), &[command], GOOD.as_bytes());
        assert_eq!(output.status.code(), Some(2), "{command}: {}", out(&output));
        assert!(
            err(&output).contains("ours.txt"),
            "{command}: {}",
            err(&output)
        );
    }
    assert_eq!(run(here.path(), &["lint"], b"").status.code(), Some(0));
}

#[test]
fn lists_of_the_operator_are_found_beside_the_policy() {
    let here = folder();
    let folder = here.path().join("etc");
    std::fs::create_dir(&folder).expect("a folder");
    let policy = folder.join("rempart.toml");
    std::fs::write(
        &policy,
        "version = 1\nlanguage = \"en\"\n[password.refuse]\nlists = [\"ours.txt\"]\n",
    )
    .expect("written");
    std::fs::write(
        folder.join("ours.txt"),
        format!("other\r\n{}\r\n", GOOD.to_uppercase()),
    )
    .expect("written");
    let policy = policy.to_str().expect("a path");
    let arguments = ["--policy", policy, "check", "--format", "json"];
    let output = run(here.path(), &arguments, GOOD.as_bytes());
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    assert!(out(&output).contains("listed-password"), "{}", out(&output));
}

#[test]
fn an_index_that_breach_build_makes_is_honoured_by_check() {
    let here = folder();
    std::fs::write(here.path().join("leaks.txt"), format!("other\n{GOOD}\n")).expect("written");
    let arguments = ["breach", "build", "--plain", "leaked.idx", "leaks.txt"];
    let output = run(here.path(), &arguments, b"");
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let policy = "version = 1\nlanguage = \"en\"\n[password.refuse]\nbreached = \"leaked.idx\"\n";
    std::fs::write(here.path().join("policy.toml"), policy).expect("written");
    let output = run(here.path(), &["check", "--format", "json"], GOOD.as_bytes());
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    assert!(
        out(&output).contains("\"leaked-password\""),
        "{}",
        out(&output)
    );
    assert!(!out(&output).contains(GOOD), "{}", out(&output));
    // One byte fewer, and nothing is judged by it.
    let index = here.path().join("leaked.idx");
    let bytes = std::fs::read(&index).expect("an index");
    std::fs::write(&index, &bytes[..bytes.len() - 1]).expect("written");
    let output = run(here.path(), &["check"], GOOD.as_bytes());
    assert_eq!(output.status.code(), Some(2), "{}", out(&output));
    assert!(err(&output).contains("leaked.idx"), "{}", err(&output));
}

#[test]
fn the_demonstration_takes_free_ports_and_leaves_nothing() {
    let here = folder();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("bound").port();
    let mut demo = Command::new(env!("CARGO_BIN_EXE_rempart"))
        .args([
            "--lang",
            "en",
            "demo",
            "--https-port",
            &port.to_string(),
            "--http-port",
            &port.to_string(),
        ])
        .current_dir(here.path())
        .env_clear()
        .env("TMPDIR", here.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the demonstration starts");
    let mut guide = String::new();
    let mut output = BufReader::new(demo.stdout.take().expect("piped"));
    while !guide.contains("Ctrl-C") {
        assert_ne!(
            output.read_line(&mut guide).expect("the guide"),
            0,
            "{guide}"
        );
    }
    let after = |text: &str| {
        let rest = guide.split_once(text).expect("in the guide").1;
        rest.split(|letter: char| !letter.is_ascii_digit())
            .next()
            .expect("a port")
            .to_owned()
    };
    let (https, http) = (after("https://localhost:"), after("'http://localhost:"));
    assert_ne!(https, port.to_string());
    assert_ne!(http, https);

    let plain = ask(
        &http,
        "GET /old-address?x=1 HTTP/1.1\r\nhost: localhost\r\n\r\n",
    );
    assert!(plain.starts_with("HTTP/1.1 308"), "{plain}");
    assert!(
        plain.contains(&format!(
            "location: https://localhost:{https}/old-address?x=1\r\n"
        )),
        "{plain}"
    );
    let exposed = ask(
        &http,
        "POST /sign-in HTTP/1.1\r\nhost: localhost\r\ncontent-length: 21\r\n\r\nlogin=ana&password=ab",
    );
    assert!(exposed.starts_with("HTTP/1.1 403"), "{exposed}");
    assert!(
        !exposed.to_lowercase().contains("strict-transport-security"),
        "{exposed}"
    );

    let stop = Command::new("sh")
        .args(["-c", &format!("kill -INT {}", demo.id())])
        .status();
    assert!(stop.expect("a shell").success());
    assert_eq!(demo.wait().expect("it ends").code(), Some(0));
    let left: Vec<_> = std::fs::read_dir(here.path())
        .expect("the folder")
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

/// One request on a connection of its own, and the whole answer.
fn ask(port: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).expect("a connection");
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .expect("a deadline");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}
