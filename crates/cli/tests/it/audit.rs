//! `audit`, on dumps of each kind: what it finds, what it never shows, when it answers no, and
//! golden files of each form in both languages. `REMPART_BLESS=1` writes them anew.

use std::path::Path;

use serde_json::Value;

use super::{err, folder, out, run};

/// A password's MD5, and hashes of other functions; what must never be shown of them.
const MD5: &str = "6d33843ec7f0f7a4ba46bed3b1e0f9ef";
const BCRYPT: &str = "$2y$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";
const STRONG: &str = "$argon2id$v=19$m=19456,t=2,p=1$MTIzNDU2Nzg5MDEyMzQ1Ng$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI";
const CHEAP: &str = "$argon2id$v=19$m=4096,t=1,p=1$YTIzNDU2Nzg5MDEyMzQ1Ng$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI";

fn audit(dump: &str, arguments: &[&str]) -> std::process::Output {
    let folder = folder();
    std::fs::write(folder.path().join("dump"), dump).expect("written");
    run(
        folder.path(),
        &[&["--lang", "en", "audit", "dump"], arguments].concat(),
        "",
    )
}

fn json(dump: &str, arguments: &[&str]) -> Value {
    let output = audit(dump, &[arguments, &["--format", "json"]].concat());
    assert_ne!(output.status.code(), Some(2), "{}", err(&output));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn found(audit: &Value) -> Vec<(String, u64)> {
    audit["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|finding| {
            let code = finding["code"].as_str().expect("a code").to_owned();
            (code, finding["count"].as_u64().expect("a count"))
        })
        .collect()
}

#[test]
fn a_table_is_told_by_what_it_holds() {
    let dump = format!(
        "id,email,password\n1,ana@example.fr,{MD5}\n2,bob@example.fr,{MD5}\n3,cyd@example.fr,{BCRYPT}\n\
         4,dan@example.fr,\"{STRONG}\"\n5,eve@example.fr,\"{CHEAP}\"\n6,flo@example.fr,Soleil2024!\n7,gus@example.fr,\n"
    );
    let audit = json(&dump, &[]);
    assert_eq!(audit["records"], 7);
    assert_eq!(audit["empty"], 1);
    assert_eq!(audit["wrappable"], 3);
    assert_eq!(
        found(&audit),
        [
            ("audit-unknown", 1),
            ("audit-unsalted", 2),
            ("audit-equal", 2),
            ("audit-cheap", 1),
            ("audit-legacy", 1),
        ]
        .map(|(code, count)| (code.to_owned(), count))
    );
}

#[test]
fn every_form_is_as_kept() {
    let sha1 = "a".repeat(40);
    let texts = [
        MD5,
        MD5,
        &sha1,
        BCRYPT,
        STRONG,
        CHEAP,
        "Soleil2024!",
        "{noop}orage",
        "!",
        "",
        "sha1$abc$x",
    ];
    let rows = texts.iter().enumerate();
    let rows = rows.map(|(id, text)| format!("{id},p{id}@example.fr,\"{text}\"\n"));
    let dump = "id,email,password\n".to_owned() + &rows.collect::<String>();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/audit");
    let folder = folder();
    std::fs::write(folder.path().join("users.csv"), dump).expect("written");
    for language in ["fr", "en"] {
        for (format, ending) in [
            ("text", "txt"),
            ("json", "json"),
            ("markdown", "md"),
            ("html", "html"),
        ] {
            let arguments = ["--lang", language, "audit", "users.csv", "--format", format];
            let output = run(folder.path(), &arguments, "");
            assert_eq!(output.status.code(), Some(1), "{}", err(&output));
            let file = kept.join(format!("{language}.{ending}"));
            if std::env::var_os("REMPART_BLESS").is_some() {
                std::fs::create_dir_all(&kept).expect("a folder");
                std::fs::write(&file, out(&output)).expect("written");
            }
            let kept = std::fs::read_to_string(&file).unwrap_or_default();
            assert!(
                out(&output) == kept,
                "{} is not what audit prints",
                file.display()
            );
        }
    }
}

#[test]
fn no_hash_and_no_identifier_is_shown() {
    let dump = format!("email,password\nana@example.fr,{MD5}\nbob@example.fr,Soleil2024!\n");
    for format in ["text", "json", "markdown", "html"] {
        let output = audit(&dump, &["--format", format]);
        assert_eq!(output.status.code(), Some(1), "{}", err(&output));
        let told = out(&output) + &err(&output);
        for secret in [MD5, "Soleil2024!", "ana@", "bob@"] {
            assert!(!told.contains(secret), "{format} shows {secret}");
        }
        assert!(told.contains("Doctissimo SAN-2023-006"), "{format}: {told}");
    }
    // A first line that is a record is not shown as names of columns either.
    let headless = format!("1,ana@example.fr,{MD5}\n2,bob@example.fr,{MD5}\n");
    let output = audit(&headless, &["--kind", "table"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err(&output).contains("there are 3 columns"),
        "{}",
        err(&output)
    );
    assert!(!err(&output).contains("ana@"), "{}", err(&output));
}

#[test]
fn every_kind_of_dump_is_read() {
    for (dump, arguments) in [
        (format!("{MD5}\n{MD5}\n"), vec![]),
        (format!("ana:{MD5}\nbob:{MD5}\n"), vec![]),
        (format!("id;mot_de_passe\n1;{MD5}\n2;{MD5}\n"), vec![]),
        (format!("id\tsecret\n1\t{MD5}\n2\t{MD5}\n"), vec!["--kind", "table", "--column", "secret"]),
        (format!("{{\"hash\":\"{MD5}\"}}\n{{\"hash\":\"{MD5}\"}}\n"), vec![]),
        (
            "dn: uid=ana\nuserPassword:: e01ENX1iVE9FUHNmdzk2U2tHRjA3TzlIMlhnPT0=\n\ndn: uid=bob\nuserPassword: {MD5}bTOEPsfw96SkGF07O9H2Xg==\n".into(),
            vec![],
        ),
    ] {
        let audit = json(&dump, &arguments);
        let expected = [("audit-unsalted".to_owned(), 2), ("audit-equal".to_owned(), 2)];
        assert_eq!(found(&audit), expected, "{dump}");
    }
}

#[test]
fn a_table_as_the_policy_asks_answers_yes() {
    let output = audit(&format!("{STRONG}\n"), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(out(&output).contains("Nothing to say"), "{}", out(&output));
}

#[test]
fn a_pepper_that_hashes_lack_is_told() {
    let folder = folder();
    let policy = "version = 1\n[hash]\npepper = { file = \"pepper\" }\n";
    std::fs::write(folder.path().join("policy.toml"), policy).expect("written");
    std::fs::write(folder.path().join("dump"), format!("{STRONG}\n")).expect("written");
    let output = run(folder.path(), &["audit", "dump", "--format", "json"], "");
    let audit: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(found(&audit), [("audit-unkeyed".to_owned(), 1)]);
}

#[test]
fn a_dump_may_come_through_a_pipe() {
    let dump = format!("{MD5}\n").repeat(10_000);
    let output = run(folder().path(), &["audit", "-", "--format", "json"], dump);
    let audit: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(audit["records"], 10_000);
}

#[test]
fn no_hash_at_all_is_no_good_news() {
    for (dump, arguments) in [
        (String::new(), &[][..]),
        ("\n\n".to_owned(), &[]),
        (format!("{{\"hash\":\"{MD5}\"}}\n"), &["--column", "hsah"]),
        ("{\"hash\":null}\n{\"hash\":\"a".to_owned(), &[]),
        ("dn: uid=ana\ncn: Ana\n".to_owned(), &[]),
        ("root:x:0:0:root:/root:/bin/sh\n".to_owned(), &[]),
        ("id,password\n1,\n".to_owned(), &[]),
    ] {
        let output = audit(&dump, arguments);
        assert_eq!(output.status.code(), Some(2), "{dump}");
        assert!(out(&output).is_empty(), "{dump}");
        let told = err(&output);
        assert!(
            told.contains("no hash seen") && told.contains("--column"),
            "{told}"
        );
    }
}

/// A table whose columns have no names is no list of passwords in clear.
#[test]
fn rows_without_names_of_columns_ask_for_the_column() {
    let rows = format!("1,ana@example.fr,{MD5}\n2,bob@example.fr,{MD5}\n");
    for (language, told) in [
        (
            "en",
            "give the number of the column of the hashes with --column",
        ),
        ("fr", "donnez avec --column le numéro de la colonne"),
    ] {
        let folder = folder();
        std::fs::write(folder.path().join("dump"), &rows).expect("written");
        let output = run(folder.path(), &["--lang", language, "audit", "dump"], "");
        assert_eq!(output.status.code(), Some(2));
        assert!(out(&output).is_empty(), "{}", out(&output));
        assert!(err(&output).contains(told), "{}", err(&output));
        assert!(!err(&output).contains("ana@"), "{}", err(&output));
    }
    let unknown = [("audit-unknown".to_owned(), 2)];
    assert_eq!(found(&json(&rows, &["--kind", "lines"])), unknown);
    // A line that is no row, or a hash among them: each line is a text.
    assert_eq!(found(&json("orage,1\nSoleil2024!\n", &[])), unknown);
}

#[test]
fn what_was_not_read_is_not_judged() {
    let dump = format!("{{\"hash\":\"{STRONG}\"}}\n{{\"hash\":\"{STRONG}");
    let output = audit(&dump, &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(out(&output).contains("Unreadable"), "{}", out(&output));
    assert!(
        !out(&output).contains("each hash is what"),
        "{}",
        out(&output)
    );
    assert!(
        err(&output).contains("1 records could not be read"),
        "{}",
        err(&output)
    );
    // Something grave beside it is an answer.
    let output = audit("{\"hash\":123456}\n{\"hash\":\"a", &[]);
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
}

#[test]
fn the_column_that_is_named_makes_a_table() {
    let weak = ("audit-unsalted".to_owned(), 1);
    for dump in [
        format!("id,secret\n1,{MD5}\n"),
        format!("secret\n{MD5}\n"),
        format!("1;{MD5};x@example.fr\n"),
    ] {
        let column = if dump.contains("secret") {
            "secret"
        } else {
            "2"
        };
        assert_eq!(
            found(&json(&dump, &["--column", column])),
            vec![weak.clone()],
            "{dump}"
        );
    }
    assert_eq!(found(&json(&format!("password\n{MD5}\n"), &[])), [weak]);
    let output = audit(
        &format!("{MD5}\n"),
        &["--kind", "lines", "--column", "secret"],
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err(&output).contains("this form has no columns"),
        "{}",
        err(&output)
    );
    // What may be a hash or a person's name is not printed as the name of a column.
    for first in ["ad33843ec7f0f7a4ba46bed3b1e0f9ef", "ana,dupont"] {
        let output = audit(&format!("{first}\n"), &["--column", "secret"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(
            !err(&output).contains("ad33843") && !err(&output).contains("dupont"),
            "{first}"
        );
    }
}

/// What is outdated is grave, whether it may be verified for a while or is not computed here; what
/// is only not computed here is not.
#[test]
fn only_what_is_known_to_be_weak_is_grave() {
    for (text, code, is_grave) in [
        (
            "{SSHA}bTOEPsfw96SkGF07O9H2XmFiY2QhISEhYWJjZA==",
            "audit-fast",
            true,
        ),
        ("$P$BIRXVj/ZG0YRiBH8gnRy0chBx67WuK/", "audit-fast", true),
        ("$1$abcdefgh$G8kXQz1YTxgMhF0mPYrHP/", "audit-fast", true),
        ("rl.3StKT.4T8M", "audit-obsolete", true),
        (
            "$3$$8846f7eaee8fb117ad06bdd830b7586c",
            "audit-obsolete",
            true,
        ),
        (
            "$7$DU..../....2Q9obwLhin8qvQl6sisAO/$E1HizYWxBmnIH4sdPkd1UOML9t62Gf.wvNTnt5XFzs8",
            "audit-unsupported",
            false,
        ),
        (BCRYPT, "audit-legacy", false),
        (
            "$2y$31$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
            "audit-unsupported",
            false,
        ),
    ] {
        let output = audit(
            &format!("{text}\n"),
            &["--kind", "lines", "--format", "json"],
        );
        let audit: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(found(&audit), [(code.to_owned(), 1)], "{text}");
        assert_eq!(output.status.code(), Some(i32::from(is_grave)), "{text}");
    }
}

/// A cost is judged by its own function's figure, printed, and grave only where it is none at all.
#[test]
fn costs_of_other_functions_are_judged_and_printed() {
    let pbkdf2 = |rounds: u32| {
        format!(
            "$pbkdf2-sha256${rounds}$MTIzNDU2Nzg5MDEyMzQ1Ng$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI"
        )
    };
    let bcrypt = |cost: u8| BCRYPT.replace("$10$", &format!("${cost:02}$"));
    for (text, code, cost, is_grave) in [
        (bcrypt(4), Some("audit-as-fast"), "bcrypt cost=4", true),
        (bcrypt(8), Some("audit-low-cost"), "bcrypt cost=8", false),
        (bcrypt(10), None, "bcrypt cost=10", false),
        (pbkdf2(1), Some("audit-as-fast"), "PBKDF2-SHA-256 i=1", true),
        (
            pbkdf2(29_000),
            Some("audit-low-cost"),
            "PBKDF2-SHA-256 i=29000",
            false,
        ),
        (pbkdf2(600_000), None, "PBKDF2-SHA-256 i=600000", false),
    ] {
        let dump = format!("{text}\n");
        let codes = [code, Some("audit-legacy")];
        let expected: Vec<_> = codes
            .into_iter()
            .flatten()
            .map(|code| (code.to_owned(), 1))
            .collect();
        let told = json(&dump, &["--kind", "lines"]);
        assert_eq!(found(&told), expected, "{text}");
        assert_eq!(told["other-functions"][0]["cost"], cost);
        let output = audit(&dump, &["--kind", "lines"]);
        assert_eq!(output.status.code(), Some(i32::from(is_grave)), "{text}");
        assert!(out(&output).contains(cost), "{}", out(&output));
    }
    // Salts of other lengths make no other cost.
    let digest = ".".repeat(86);
    let crypt = |salt: &str| format!("$6${salt}${digest}");
    let told = json(
        &format!("{}\n{}\n", crypt("abcdefgh"), crypt("abcdefg")),
        &[],
    );
    assert_eq!(told["other-functions"][0]["count"], 2, "{told}");
}

/// A decision is named for the function that it was about, and says how it is known.
#[test]
fn a_hash_names_only_decisions_about_its_function() {
    let sha1 = "a".repeat(40);
    let sha256 = "a".repeat(64);
    let django = format!("sha1$abc${sha1}");
    let (doctissimo, edf, brico, cards) = (
        "Doctissimo SAN-2023-006 2023-05-11 (to be confirmed)",
        "EDF SAN-2022-021 2022-11-24 (to be confirmed)",
        "Brico Privé SAN-2021-008 2021-06 (to be confirmed)",
        "NS Cards SAN-2023-023 2023-12-29 (to be confirmed)",
    );
    for (text, code, decisions) in [
        (MD5, "audit-unsalted", &[doctissimo, edf, brico][..]),
        (&sha1, "audit-unsalted", &[cards, edf]),
        (&sha256, "audit-unsalted", &[edf]),
        (&django, "audit-fast", &[cards]),
        (
            "{SMD5}bTOEPsfw96SkGF07O9H2XmFiY2Q=",
            "audit-fast",
            &[doctissimo, edf, brico],
        ),
        ("$1$abcdefgh$G8kXQz1YTxgMhF0mPYrHP/", "audit-fast", &[]),
    ] {
        let audit = json(&format!("{text}\n"), &["--kind", "lines"]);
        let finding = &audit["findings"][0];
        assert_eq!(finding["code"], code, "{text}");
        let named: Vec<&str> = finding["decisions"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| one.as_str().expect("a decision"))
            .collect();
        assert_eq!(named, decisions, "{text}");
    }
}

#[test]
fn what_cannot_be_read_is_told_with_a_way_out() {
    let output = run(folder().path(), &["--lang", "en", "audit", "absent"], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err(&output).contains("absent: no such file"),
        "{}",
        err(&output)
    );
    let output = audit(&"x".repeat((1 << 20) + 10), &["--kind", "lines"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("more than 1 MiB"), "{}", err(&output));
    let output = audit("id,note\n1,x\n", &["--kind", "table"]);
    assert!(
        err(&output).contains("there are id, note"),
        "{}",
        err(&output)
    );
    assert!(err(&output).contains("--column"), "{}", err(&output));
}
