//! `report`, as an officer keeps it: golden files in both languages, the schema of its JSON,
//! what makes it answer no. `REMPART_BLESS=1` writes the golden files anew.

use std::path::Path;

use serde_json::Value;

use super::{err, folder, out, run};

/// A policy with something of everything: a restricted case, a site, two deviations.
const POLICY: &str = r#"version = 1
[password]
case = "restricted-access"
[hash]
memory = "12 MiB"
[journal]
folder = "journal"
[[deviation]]
clause = "asvs-hash-cost"
reason = "a machine of 2014 | <b>soon</b> replaced"
until = "2027-06-30"
[[site]]
hosts = ["www.example.fr"]
upstream = "http://127.0.0.1:8080"
certificate = { chain = "chain.pem", key = "key.pem" }
"#;

const DAY: [&str; 2] = ["--day", "2026-12-01"];

fn report(policy: &str, arguments: &[&str]) -> std::process::Output {
    let folder = folder();
    std::fs::write(folder.path().join("policy.toml"), policy).expect("written");
    run(
        folder.path(),
        &[&["report"], &DAY[..], arguments].concat(),
        "",
    )
}

#[test]
fn reports_read_as_the_golden_files() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/report");
    let bless = std::env::var_os("REMPART_BLESS").is_some();
    for (format, ending) in [
        ("text", "txt"),
        ("markdown", "md"),
        ("html", "html"),
        ("json", "json"),
    ] {
        for language in ["fr", "en"] {
            let output = report(POLICY, &["--lang", language, "--format", format]);
            assert_eq!(output.status.code(), Some(0), "{}", err(&output));
            let file = golden.join(format!("{language}.{ending}"));
            if bless {
                std::fs::write(&file, &output.stdout).expect("written");
            }
            let kept = std::fs::read_to_string(&file).unwrap_or_default();
            let version = env!("CARGO_PKG_VERSION");
            assert!(kept.contains(version), "{}", file.display());
            assert!(
                out(&output) == kept,
                "{} is not what report prints",
                file.display()
            );
        }
    }
}

#[test]
fn differences_read_as_the_golden_files() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/report");
    let folder = folder();
    let laxer = POLICY.replace("[hash]", "[login]\nreset-link-lifetime = \"2h\"\n[hash]");
    for (name, text) in [("old.toml", POLICY), ("new.toml", &laxer)] {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    for (format, ending) in [
        ("text", "txt"),
        ("markdown", "md"),
        ("html", "html"),
        ("json", "json"),
    ] {
        for language in ["fr", "en"] {
            let asked = ["--lang", language, "report", "--format", format];
            let files = ["--diff", "old.toml", "new.toml"];
            let output = run(folder.path(), &[&asked[..], &DAY[..], &files].concat(), "");
            assert_eq!(output.status.code(), Some(1), "{}", err(&output));
            let file = golden.join(format!("diff.{language}.{ending}"));
            if std::env::var_os("REMPART_BLESS").is_some() {
                std::fs::write(&file, &output.stdout).expect("written");
            }
            let kept = std::fs::read_to_string(&file).unwrap_or_default();
            assert!(
                out(&output) == kept,
                "{} is not what report prints",
                file.display()
            );
        }
    }
}

#[test]
fn nothing_of_a_policy_becomes_markup() {
    let page = out(&report(POLICY, &["--format", "html"]));
    assert!(page.contains("&lt;b&gt;soon&lt;/b&gt;"));
    assert!(!page.contains("<b>"));
    assert!(!page.contains("<script"));
    for fetched in ["src=", "href=", "url(", "@import"] {
        assert!(!page.contains(fetched), "a page that fetches: {fetched}");
    }
    let markdown = out(&report(POLICY, &["--format", "markdown"]));
    assert!(markdown.contains(r"2014 \| &lt;b&gt;soon"));
}

#[test]
fn an_expired_deviation_is_an_answer_of_no() {
    let expired = POLICY.replace("2027-06-30", "2026-11-30");
    let output = report(&expired, &["--lang", "en"]);
    assert_eq!(output.status.code(), Some(1));
    let text = out(&output);
    assert!(text.contains("(until 2026-11-30: EXPIRED)"), "{text}");
    assert!(text.contains("The policy does NOT do"), "{text}");
}

#[test]
fn every_clause_is_told_once() {
    let output = report(POLICY, &["--format", "json"]);
    let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let told: Vec<&str> = json["clauses"]
        .as_array()
        .expect("clauses")
        .iter()
        .map(|clause| clause["id"].as_str().expect("an id"))
        .collect();
    let register: Vec<&str> = policy::clause::register()
        .iter()
        .map(|clause| clause.id)
        .collect();
    assert_eq!(told, register);
}

#[test]
fn the_json_follows_its_published_schema() {
    let schema = run(folder().path(), &["report", "--schema"], "");
    let schema: Value = serde_json::from_slice(&schema.stdout).expect("a schema");
    for policy in [POLICY, "version = 1"] {
        let output = report(policy, &["--format", "json"]);
        let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        follows(&json, &schema, "$");
    }
}

/// The few words of JSON Schema that ours uses.
pub(super) fn follows(value: &Value, schema: &Value, at: &str) {
    if let Some(only) = schema.get("const") {
        assert_eq!(value, only, "{at}");
    }
    if let Some(words) = schema.get("enum") {
        assert!(
            words.as_array().expect("words").contains(value),
            "{at}: {value}"
        );
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if let Some(kinds) = schema.get("type") {
        let allowed = |name: &str| match kinds {
            Value::Array(kinds) => kinds.iter().any(|kind| kind == name),
            one => one == name,
        };
        let number = kind == "integer" && allowed("number");
        assert!(allowed(kind) || number, "{at}: {kind} for {kinds}");
    }
    match value {
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                follows(item, &schema["items"], &format!("{at}[{place}]"));
            }
        }
        Value::Object(fields) => {
            let required = schema["required"].as_array().expect("a closed object");
            for name in required {
                assert!(
                    fields.contains_key(name.as_str().expect("a name")),
                    "{at}: no {name}"
                );
            }
            for (name, field) in fields {
                let schema = schema["properties"].get(name);
                follows(
                    field,
                    schema.unwrap_or_else(|| panic!("{at}.{name}")),
                    &format!("{at}.{name}"),
                );
            }
        }
        _ => {}
    }
}

#[test]
fn two_policies_are_told_apart() {
    let folder = folder();
    let write =
        |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write("old.toml", "version = 1\n");
    write("same.toml", "version = 1\nlanguage = \"en\"\n");
    write(
        "new.toml",
        "version = 1\nlanguage = \"en\"\n[login]\nreset-link-lifetime = \"2h\"\nprivileged-renewal = \"never\"\n",
    );
    let diff = |new: &str, format: &str| {
        let arguments = ["report", "--format", format, "--diff", "old.toml", new];
        run(folder.path(), &[&arguments[..], &DAY[..]].concat(), "")
    };
    let same = diff("same.toml", "text");
    assert_eq!(same.status.code(), Some(0), "{}", err(&same));
    assert!(out(&same).contains("Nothing that a report tells is different."));

    let changed = diff("new.toml", "text");
    assert_eq!(changed.status.code(), Some(1));
    let text = out(&changed);
    for line in [
        "login.reset-link-lifetime: \"1h\" → \"2h\"",
        "[cnil-privileged-renewal]",
        "kept → not reached",
        "[asvs-no-rotation]",
        "not reached → kept",
    ] {
        assert!(text.contains(line), "{line} not in:\n{text}");
    }
    let json: Value = serde_json::from_slice(&diff("new.toml", "json").stdout).expect("JSON");
    let changes = json["changes"].as_array().expect("changes");
    let link = changes
        .iter()
        .find(|change| change["id"] == "cnil-reset-link")
        .expect("a change");
    assert_eq!(
        link["after"]["settings"]["login.reset-link-lifetime"],
        "\"2h\""
    );
}

/// What the gate does for a site depends on the forms that are described: without its sign-in
/// form, attempts are not restricted there any more, and a comparison says so.
#[test]
fn a_form_that_is_no_longer_described_is_told() {
    let folder = folder();
    let form = |kind: &str, path: &str| {
        let success = match kind {
            "sign-in" => "success = [{ status = \"302\" }]\n",
            _ => "",
        };
        format!(
            "[[site.form]]\nkind = \"{kind}\"\npath = \"{path}\"\nidentifier = \"email\"\npassword = \"pass\"\n{success}"
        )
    };
    let write =
        |name: &str, text: String| std::fs::write(folder.path().join(name), text).expect("written");
    let (sign_in, sign_up) = (form("sign-in", "/in"), form("sign-up", "/up"));
    write("old.toml", format!("{POLICY}{sign_in}{sign_up}"));
    write("same.toml", format!("{POLICY}{sign_up}{sign_in}"));
    write("new.toml", format!("{POLICY}{sign_up}"));
    write(
        "moved.toml",
        POLICY.replace("www.example.fr", "shop.example.fr") + &sign_in + &sign_up,
    );
    let diff = |new: &str, format: &str| {
        let arguments = [
            "--lang", "en", "report", "--format", format, "--diff", "old.toml", new,
        ];
        run(folder.path(), &[&arguments[..], &DAY[..]].concat(), "")
    };
    assert_eq!(diff("same.toml", "text").status.code(), Some(0));
    let changed = diff("new.toml", "text");
    assert_eq!(changed.status.code(), Some(1));
    for line in [
        "gone: www.example.fr sign-in /in",
        "kept → yours for the sites",
        "[cnil-restriction]",
    ] {
        assert!(
            out(&changed).contains(line),
            "{line} not in:\n{}",
            out(&changed)
        );
    }
    let moved = diff("moved.toml", "json");
    assert_eq!(moved.status.code(), Some(1));
    let json: Value = serde_json::from_slice(&moved.stdout).expect("JSON");
    assert_eq!(json["after"]["sites"][0], "shop.example.fr");
}

#[test]
fn a_faulty_policy_has_no_report() {
    let output = report("version = 1\n[password]\nmax-length = 8\n", &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(out(&output).is_empty());
    assert!(err(&output).contains("max-length"));
}

#[test]
fn a_report_goes_to_the_file_named() {
    let folder = folder();
    let output = run(
        folder.path(),
        &["report", "--format", "html", "--output", "report.html"],
        "",
    );
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(out(&output).is_empty());
    let page = std::fs::read_to_string(folder.path().join("report.html")).expect("written");
    assert!(page.starts_with("<!DOCTYPE html>"));
    let output = run(
        folder.path(),
        &["report", "--output", "absent/report.html"],
        "",
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err(&output).contains("absent/report.html"),
        "{}",
        err(&output)
    );
}
