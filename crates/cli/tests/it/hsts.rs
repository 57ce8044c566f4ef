//! `hsts`: the ladder, on what a gate would have written.

use std::path::Path;

use crate::{err, folder, out, run};

/// Days since 1970.
fn today() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.expect("after 1970").as_secs() / 86_400).expect("a day")
}

fn policy(folder: &Path, hsts: &str) {
    let text = format!(
        "version = 1 # kept\nlanguage = \"en\"\n[transport.hsts]\n{hsts}\n[[site]]\n\
         hosts = [\"www.example.test\"]\nupstream = \"http://127.0.0.1:1\"\n\
         certificate = {{ chain = \"c.pem\", key = \"k.pem\" }}\n"
    );
    std::fs::write(folder.join("policy.toml"), text).expect("written");
}

/// What a gate writes: `count` days up to yesterday under a `max-age`, each with these refusals.
fn evidence(folder: &Path, count: i64, max_age: u64, distrusted: u64, redirected: u64) {
    let days: Vec<String> = (1..=count)
        .map(|ago| {
            format!(
                "\"{}\":{{\"served\":100,\"distrusted\":{distrusted},\"failed\":3,\
                 \"redirected\":{redirected},\"exposed\":1,\"max_age\":{max_age}}}",
                today() - ago
            )
        })
        .collect();
    let text = format!(
        "{{\"version\":1,\"hosts\":{{\"www.example.test\":{{{}}}}}}}",
        days.join(",")
    );
    std::fs::create_dir_all(folder.join("state")).expect("a folder");
    std::fs::write(folder.join("state/hsts.json"), text).expect("written");
}

const WEEK: u64 = 7 * 86_400;

#[test]
fn a_stage_is_climbed_after_its_days_and_the_file_keeps_the_rest() {
    let here = folder();
    let advance = ["hsts", "advance", "--state", "state"];
    policy(here.path(), "stage = \"week\" # why");
    let read = || std::fs::read_to_string(here.path().join("policy.toml")).expect("read");
    let before = read();
    for (days, max_age, distrusted, redirected, why) in [
        (0, WEEK, 0, 0, "7 more whole day(s)"),
        (6, WEEK, 0, 0, "1 more whole day(s)"),
        // Seven days, but at the stage below.
        (7, 300, 0, 0, "7 more whole day(s)"),
        (7, WEEK, 2, 0, "refused the certificate"),
        (7, WEEK, 0, 200, "most requests still come in clear"),
    ] {
        evidence(here.path(), days, max_age, distrusted, redirected);
        let output = run(here.path(), &advance, b"");
        assert_eq!(output.status.code(), Some(1), "{}", err(&output));
        assert!(out(&output).contains(why), "{why}: {}", out(&output));
        assert_eq!(read(), before);
    }
    evidence(here.path(), 7, WEEK, 1, 50);
    let status = ["hsts", "status", "--state", "state", "--format", "json"];
    let output = run(here.path(), &status, b"");
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let state: serde_json::Value = serde_json::from_str(&out(&output)).expect("JSON");
    assert_eq!(state["next"], "month");
    assert_eq!(state["hosts"][0]["clean_days"], 7);
    assert_eq!(state["hosts"][0]["served"], 700);

    let output = run(here.path(), &advance, b"");
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(
        err(&output).contains("policy.toml:4: stage = \"month\""),
        "{}",
        err(&output)
    );
    assert_eq!(read(), before.replace("\"week\"", "\"month\""));
    // The next one asks for its own days.
    let output = run(here.path(), &advance, b"");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        out(&output).contains("0 clean day(s) of 30"),
        "{}",
        out(&output)
    );
}

#[test]
fn the_way_back_is_one_step_and_needs_nothing() {
    let here = folder();
    policy(
        here.path(),
        "stage = \"two-years\"\ninclude-subdomains = true\nsubdomains = [\"a\"]\npreload = true",
    );
    let output = run(here.path(), &["hsts", "forget"], b"");
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let text = std::fs::read_to_string(here.path().join("policy.toml")).expect("read");
    assert!(
        text.contains("\nmax-age = \"0s\"\n") && text.contains("preload = false"),
        "{text}"
    );
    // And up again from the lowest stage.
    let policy = text.replace("include-subdomains = true\n", "");
    std::fs::write(here.path().join("policy.toml"), policy).expect("written");
    let output = run(here.path(), &["hsts", "advance", "--state", "state"], b"");
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let text = std::fs::read_to_string(here.path().join("policy.toml")).expect("read");
    assert!(text.contains("\nstage = \"five-minutes\"\n"), "{text}");
}

#[test]
fn covered_subdomains_must_answer_and_preloading_is_told_with_its_evidence() {
    let here = folder();
    policy(
        here.path(),
        "stage = \"week\"\ninclude-subdomains = true\nsubdomains = [\"mail\"]",
    );
    evidence(here.path(), 7, WEEK, 0, 0);
    // Nobody listens on port 1.
    let advance = [
        "hsts",
        "advance",
        "--state",
        "state",
        "--connect-to",
        "127.0.0.1:1",
    ];
    let output = run(here.path(), &advance, b"");
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    let text = out(&output);
    assert!(
        text.contains("https://mail.www.example.test/: nobody answers"),
        "{text}"
    );
    assert!(text.contains("no: All subdomains"), "{text}");
    assert!(text.contains("no: The base domain announces"), "{text}");
    assert!(text.contains("?: If port 80 answers"), "{text}");
    // Without a look, nothing is claimed.
    let output = run(here.path(), &["hsts", "status", "--state", "state"], b"");
    let text = out(&output);
    assert!(text.contains("?: All subdomains"), "{text}");
    assert!(
        text.contains("?: The domain shows a valid certificate"),
        "{text}"
    );
}

#[test]
fn what_cannot_be_decided_is_code_2() {
    let here = folder();
    // The built-in reference is no file.
    let output = run(here.path(), &["hsts", "forget"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("--policy"), "{}", err(&output));
    policy(here.path(), "stage = \"week\"");
    std::fs::create_dir(here.path().join("state")).expect("a folder");
    std::fs::write(here.path().join("state/hsts.json"), "{").expect("written");
    let output = run(here.path(), &["hsts", "status", "--state", "state"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("hsts.json"), "{}", err(&output));
}
