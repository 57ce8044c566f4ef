//! How a report prints, in both languages, for people and for programs.

use policy::{Language, load};

#[test]
fn a_report_reads_like_a_compiler_in_english() {
    let text = "version = 1\n\n[transport.hsts]\ninclude-subdomains = true\n";
    let report = load(text).expect_err("a fault");
    assert_eq!(
        report.render("policy.toml", text, Language::En, false),
        "\
error[hsts-subdomains-unlisted]: `include-subdomains` would lock hosts that nobody listed
 --> policy.toml:4:22
  |
4 | include-subdomains = true
  |                      ^^^^ no `subdomains` in this table
  |
  = clause: RFC 6797, 11.4 (to be confirmed)
  = fix: add `subdomains = [\"www\", \"mail\"]`, or remove the line
"
    );
    assert!(
        report
            .render("p", text, Language::En, true)
            .contains("\u{1b}[")
    );
}

#[test]
fn a_report_reads_like_a_compiler_in_french() {
    let text = "version = 1\n[password]\nmax-length = 20 # été\n[access.block]\n";
    let report = load(text).expect_err("a fault");
    assert_eq!(
        report.render("politique.toml", text, Language::Fr, false),
        "\
erreur[max-length-below-floor]: une longueur maximale de 20 est trop courte pour une phrase de passe
 --> politique.toml:3:14
  |
3 | max-length = 20 # été
  |              ^^ sous 50
  |
  = exigence\u{a0}: CNIL 2022-100, §31 (à confirmer)
  = correction\u{a0}: écrire `max-length = 50` ou plus, ou expliquer l’écart : [[deviation]] clause = \"cnil-max-length\"

attention[table-unused]: cette table est sans effet
 --> politique.toml:4:1
  |
4 | [access.block]
  | ^^^^^^^^^^^^^^ le mécanisme en vigueur est `delay`
  |
  = correction\u{a0}: retirer la table, ou changer `mechanism` dans [access]
"
    );
}

#[test]
fn a_report_is_whole_as_json() {
    let text = "version = 1\n[password]\nmax-length = 20\n";
    let report = load(text).expect_err("a fault");
    assert_eq!(
        report.to_json("policy.toml", text, Language::En),
        serde_json::json!([{
            "code": "max-length-below-floor",
            "severity": "error",
            "message": "a maximum length of 20 is too short for a passphrase",
            "label": "under 50",
            "file": "policy.toml",
            "line": 3,
            "column": 14,
            "end": { "line": 3, "column": 16 },
            "clause": {
                "id": "cnil-max-length",
                "reference": "CNIL 2022-100, §31 (to be confirmed)",
            },
            "fix": "write `max-length = 50` or more, or explain the deviation: \
                    [[deviation]] clause = \"cnil-max-length\"",
        }])
    );
}

#[test]
fn secrets_are_never_printed_back() {
    for line in [
        "pepper = \"s3cret\"",
        "pepper = s3cret",
        "pepper = { secret = \"s3cret\" }",
        "url = \"https://bob:s3cret@h.example/range/\"",
        "url = \"https://bob%3As3cret%40h.example/range/\"",
        "url = \"https://h.example/range/?key=s3cret\"",
        "url = \"ftp://h.example/s3cret@x\"",
        "pepper-password = \"s3cret\"",
        "bogus2 = x, pepper = \"s3cret\"",
        "peper = \"s3cret\"",
        "peper = s3cret",
        "bogus2 = x, peper = s3cret",
        "pwd = \"s3cret\"",
        "passwd = \"s3cret\"",
        "store = \"redis://:s3cret@a\"",
        "store = \"redis://user%3As3cret@a\"",
        "store = \"redis://:x/s3cret@a\"",
        "store = \"postgres://a/b?sslkey=s3cret\"",
        "store = \"redis:/:s3cret@a\"",
        "store = redis://:s3cret@a",
        "stor = \"redis://:s3cret@a\"",
        "upstream = \"http://user:s3cret@a\"",
        "upstream = \"http://user:s3cret%40a\"",
        "upstream = \"http://a/?key=s3cret\"",
        "upstraem = \"http://user:s3cret@a\"",
    ] {
        let table = match line {
            line if line.starts_with("stor") => "access",
            line if line.starts_with("up") => "site",
            line if line.starts_with("url") => "online",
            _ => "hash",
        };
        let (inline, header) = match table {
            "site" => (format!("site = [{{ {line}, bogus = 1 }}]"), "[[site]]"),
            "online" => (
                format!("password = {{ refuse = {{ online = {{ {line}, bogus = 1 }} }} }}"),
                "[password.refuse.online]",
            ),
            "access" => (format!("access = {{ {line}, bogus = 1 }}"), "[access]"),
            _ => (format!("hash = {{ {line}, bogus = 1 }}"), "[hash]"),
        };
        let inline = format!("version = 1\n{inline}\n");
        let block = format!("version = 1\n{header}\n{line}\nbogus = 1\n");
        let twice = format!("version = 1\n{header}\n{line}\n{line}\n");
        for text in [inline, block, twice] {
            let report = load(&text).expect_err("a fault");
            for language in [Language::Fr, Language::En] {
                let printed = report.render("policy.toml", &text, language, true);
                assert!(!printed.contains("s3cret"), "{printed}");
                let json = report.to_json("policy.toml", &text, language).to_string();
                assert!(!json.contains("s3cret"), "{json}");
            }
            assert!(!format!("{report:?} {report}").contains("s3cret"));
        }
    }
}
