//! `rempart generate` as a person or a program uses it.

use std::collections::BTreeSet;

use crate::{err, folder, out, run};

#[test]
fn generated_passwords_are_accepted_and_differ() {
    let here = folder();
    for options in [
        &["generate", "--count", "20"][..],
        &["generate", "--count", "20", "--form", "2", "--length", "30"],
        &["generate", "--count", "20", "--words", "7"],
        &["generate", "--count", "20", "--list", "fr"],
        &[
            "generate",
            "--count",
            "20",
            "--separator",
            " ",
            "--capitalize",
        ],
        &[
            "generate",
            "--count",
            "20",
            "--separator",
            "--",
            "--list",
            "en",
        ],
    ] {
        let output = run(here.path(), options, b"");
        assert_eq!(
            output.status.code(),
            Some(0),
            "{options:?}: {}",
            err(&output)
        );
        let passwords = out(&output);
        let distinct: BTreeSet<&str> = passwords.lines().collect();
        assert_eq!(distinct.len(), 20, "{options:?}");
        let check = run(here.path(), &["check", "--batch"], passwords.as_bytes());
        assert_eq!(check.status.code(), Some(0), "{options:?}: {}", out(&check));
    }
}

#[test]
fn generate_tells_the_entropy_and_where_it_comes_from() {
    let here = folder();
    for (options, message) in [
        (
            &["--lang", "en"][..],
            "drawn at random: 85.70 bits of entropy each (13 signs out of 99)",
        ),
        (
            &["--lang", "fr"],
            "tiré au hasard : 85.70 bits d’entropie chacun (13 signes parmi 99)",
        ),
        (&["--lang", "en", "--length", "20"], " (20 signs out of 99)"),
        (&["--lang", "en", "--words", "9"], " (9 words out of "),
        (&["--lang", "fr", "--words", "9"], " (9 mots parmi "),
    ] {
        let output = run(here.path(), &[&["generate"], options].concat(), b"");
        assert!(err(&output).contains(message), "{}", err(&output));
    }
    let output = run(
        here.path(),
        &[
            "generate", "--words", "8", "--format", "json", "--count", "3",
        ],
        b"",
    );
    assert_eq!(err(&output), "");
    assert_eq!(out(&output).lines().count(), 3);
    for line in out(&output).lines() {
        let object: serde_json::Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(object.as_object().map(|object| object.len()), Some(3));
        let words = object["password"].as_str().expect("a text").split('-');
        assert_eq!(words.count(), 8);
        assert!(object["bits"].as_f64().expect("a number") > 90.0);
        assert_eq!(object["form"], 3);
    }
}

#[test]
fn generate_says_what_cannot_be_made_and_what_to_do() {
    let here = folder();
    let words: String = (b'a'..=b'z')
        .flat_map(|one| (b'a'..=b'z').map(move |two| (one, two)))
        .flat_map(|(one, two)| {
            [b'e', b'o']
                .map(|end| String::from_utf8_lossy(&[b'q', one, two, end, b'\n']).into_owned())
        })
        .collect();
    let file = |name: &str, text: String| {
        std::fs::write(here.path().join(name), text).expect("written");
    };
    file("good.txt", format!("# ours\n{words}"));
    file("bad.txt", format!("{words}deux mots\nqaae\nx\n"));
    file("short.txt", "mot\nmots\n".to_owned());
    file(
        "policy.toml",
        "version = 1\n[[password.form]]\nexample = \"7-words\"\n\
         [[password.form]]\nkind = \"passphrase\"\nwords = 9\nword-list = \"good.txt\"\n"
            .to_owned(),
    );
    for (options, fr, en) in [
        (
            &["--words", "6"][..],
            "demandez au moins 7 mots.",
            "ask for at least 7 words.",
        ),
        (&["--words", "70"], "mots au plus.", "words at most."),
        (&["--form", "3"], "elle en compte 2.", "it counts 2."),
        (
            &["--length", "20"],
            "demandez un nombre de mots.",
            "ask for a number of words.",
        ),
        (
            &["--length", "20", "--words", "8"],
            "demandez l’un ou l’autre.",
            "ask for one or the other.",
        ),
        (&["--separator", "x"], "sans lettre.", "without letters."),
        (
            &["--list", "missing.txt"],
            "missing.txt : ce fichier n’existe pas",
            "missing.txt: no such file",
        ),
        (
            &["--list", "."],
            ". : c’est un dossier",
            ".: it is a folder",
        ),
        (
            &["--list", "bad.txt"],
            "bad.txt:1353 : autre chose qu’un mot",
            "bad.txt:1353: something else than a word",
        ),
        (
            &["--list", "bad.txt"],
            "bad.txt:1354 : le même mot que ligne 1 ;",
            "bad.txt:1354: the same word as on line 1;",
        ),
        (
            &["--list", "bad.txt"],
            "bad.txt:1355 : moins de deux lettres",
            "bad.txt:1355: fewer than two letters",
        ),
        (
            &["--list", "short.txt"],
            "short.txt : 2 mots ; il en faut au moins 1000",
            "short.txt: 2 words; at least 1000 are needed",
        ),
    ] {
        for (language, message) in [("fr", fr), ("en", en)] {
            let options = [&["generate", "--lang", language], options].concat();
            let output = run(here.path(), &options, b"");
            assert_eq!(output.status.code(), Some(2), "{options:?}");
            assert_eq!(out(&output), "", "{options:?}");
            assert!(
                err(&output).contains(message),
                "{options:?}: {}",
                err(&output)
            );
        }
    }
    // The list of a form is read from the folder of the policy.
    let elsewhere = folder();
    let policy = here.path().join("policy.toml");
    let policy = policy.to_str().expect("UTF-8");
    let options = [
        "generate", "--lang", "en", "--form", "2", "--policy", policy,
    ];
    let output = run(elsewhere.path(), &options, b"");
    assert!(
        err(&output).contains("(9 words out of 1352)"),
        "{}",
        err(&output)
    );
    assert!(
        out(&output).split('-').all(|word| word.starts_with('q')),
        "{}",
        out(&output)
    );
}
