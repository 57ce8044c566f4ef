//! What `rempart lint` says of a policy, in both languages, and as JSON.

use crate::run;

/// The output of `lint` for a policy, the examples left out, then what is on standard error.
fn lint(rest: &str, language: &str) -> (i32, String, String) {
    let here = tempfile::tempdir().expect("a folder");
    std::fs::write(here.path().join("p.toml"), format!("version = 1\n{rest}\n")).expect("written");
    let output = run(here.path(), &["--lang", language, "lint", "p.toml"], "");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let masked: Vec<&str> = text
        .lines()
        .map(|line| {
            let example = [", comme ", ", such as "]
                .iter()
                .find_map(|word| Some(line.find(word)? + word.len()));
            match example {
                Some(start) => &line[..start],
                None => line,
            }
        })
        .collect();
    let errors = String::from_utf8(output.stderr).expect("UTF-8");
    (
        output.status.code().expect("an exit code"),
        masked.join("\n"),
        errors,
    )
}

#[test]
fn a_good_policy_says_what_it_admits_at_the_shortest() {
    for (policy, language, expected) in [
        (
            "",
            "en",
            "\
p.toml: form 1: 12 characters with lower case, upper case, digit and special sign
  at the shortest: 12 characters, such as \n\
p.toml: form 2: 14 characters with lower case, upper case and digit
  at the shortest: 14 characters, such as \n\
p.toml: form 3: 7 different words
  at the shortest: 7 words, such as \n\
p.toml: the policy conforms",
        ),
        (
            "preset = \"anssi\"",
            "fr",
            "\
p.toml: forme 1 : 13 caractères avec minuscule, majuscule, chiffre et signe spécial
  au plus court : 13 caractères, comme \n\
p.toml: forme 2 : 7 mots différents
  au plus court : 7 mots, comme \n\
p.toml: préréglage anssi, d’après ANSSI-PG-078 v2.0
p.toml: politique conforme",
        ),
        (
            "preset = \"asvs\"\n[password]\ncase = \"restricted-access\"",
            "en",
            "\
p.toml: form 1: 15 characters
  at the shortest: 15 characters, such as \n\
p.toml: preset asvs, after OWASP ASVS 5.0
  rempart’s own rule [rempart-careful-pool]: no type is required, but digits alone have to be more numerous to reach the bits of the case: a length and no composition, in our reading
  OWASP ASVS 5.0, 6.2.12 [asvs-breached]: level 1; from level 2 on, name a set of leaked passwords: `breached` or [password.refuse.online]
p.toml: the policy conforms",
        ),
        (
            "preset = \"nist\"",
            "fr",
            "\
p.toml: forme 1 : 18 caractères
  au plus court : 18 caractères, comme \n\
p.toml: préréglage nist, d’après NIST SP 800-63B-4
  CNIL 2022-100 [cnil-case-1] : rien d’autre ne protège le compte, d’où 18 caractères (80 bits) ; 15 suffisent avec `case = \"restricted-access\"`, quand [access] restreint vraiment les tentatives
  règle propre à rempart [rempart-careful-pool] : aucun type n’est exigé, mais des chiffres seuls doivent être plus nombreux pour atteindre les bits du cas : c’est une longueur, pas une composition, selon notre lecture
p.toml: politique conforme",
        ),
    ] {
        assert_eq!(
            lint(policy, language),
            (0, expected.to_owned(), String::new()),
            "{policy}"
        );
    }
}

#[test]
fn settings_that_cannot_be_met_are_told_with_the_shortest_that_would_do() {
    // The policy, the exit code, the code told, and words of the report and of the summary in
    // French and English.
    #[expect(clippy::type_complexity, reason = "a table, read once")]
    let rows: &[(&str, i32, &str, [&str; 2], [&str; 2])] = &[
        (
            "[password.guess]\nmin-log10 = 20",
            0,
            "form-longer-than-stated",
            [
                "la forme dit 12, le plus court accepté a 1",
                "the form says 12, the shortest accepted has 1",
            ],
            ["politique conforme", "the policy conforms"],
        ),
        (
            "[password.guess]\nmin-log10 = 30",
            0,
            "guess-above-form",
            ["10^23.95 au plus", "10^23.95 at most"],
            ["au plus court : 2", "at the shortest: 2"],
        ),
        (
            "[password]\nmax-length = 30\n[[password.form]]\nkind = \"passphrase\"\nwords = 8\n\
             [password.guess]\nmin-log10 = 40\n[[deviation]]\nclause = \"cnil-max-length\"\n\
             reason = \"an old directory has no more room\"",
            1,
            "form-accepts-nothing",
            [
                "aucun mot de passe de la forme 1 n’est accepté",
                "no password of form 1 is accepted",
            ],
            [
                "politique NON conforme : une forme n’accepte aucun mot de passe",
                "the policy does NOT conform: a form accepts no password",
            ],
        ),
        (
            "[[password.form]]\nkind = \"passphrase\"\nwords = 7\nword-list = \"absent.txt\"",
            0,
            "word-list-unreadable",
            ["ce fichier n’existe pas", "no such file"],
            ["7 mots", "7 words"],
        ),
        (
            "preset = \"asvs\"\n[[password.form]]\nexample = \"12-characters\"",
            1,
            "preset-composition",
            [
                "écrire `kind = \"characters\"`, `length = 18`, `required = 0`",
                "write `kind = \"characters\"`, `length = 18`, `required = 0`",
            ],
            ["", ""],
        ),
    ];
    for (policy, code, fault, report, summary) in rows {
        for (place, language) in ["fr", "en"].into_iter().enumerate() {
            let (found, text, errors) = lint(policy, language);
            assert_eq!(found, *code, "{policy}\n{text}\n{errors}");
            assert!(errors.contains(&format!("[{fault}]")), "{errors}");
            assert!(errors.contains(report[place]), "{errors}");
            assert!(text.contains(summary[place]), "{text}");
        }
    }
}

#[test]
fn a_short_word_list_is_told_with_the_words_that_it_takes() {
    let here = tempfile::tempdir().expect("a folder");
    let letters = ["ba", "cu", "di", "fo", "gu", "la", "mi", "no", "pa", "ro"];
    let mut list = String::new();
    for first in letters {
        for second in letters {
            for third in letters {
                list += &format!("{first}{second}{third}\n");
            }
        }
    }
    std::fs::write(here.path().join("mots.txt"), list).expect("written");
    std::fs::write(
        here.path().join("p.toml"),
        "version = 1\n[[password.form]]\nkind = \"passphrase\"\nwords = 7\nword-list = \"mots.txt\"\n",
    )
    .expect("written");
    let output = run(here.path(), &["--lang", "en", "lint", "p.toml"], "");
    let errors = String::from_utf8_lossy(&output.stderr);
    // Eight words of a thousand are 79.7 bits.
    assert!(
        errors.contains("word-list-short") && errors.contains("a generated phrase takes 9"),
        "{errors}"
    );
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn json_says_the_same_and_its_examples_are_accepted() {
    let here = tempfile::tempdir().expect("a folder");
    for preset in ["cnil", "anssi", "nist", "asvs"] {
        let init = ["init", "--preset", preset, "--lang", "en", "policy.toml"];
        let file = here.path().join("policy.toml");
        let _ = std::fs::remove_file(&file);
        assert_eq!(
            run(here.path(), &init, "").status.code(),
            Some(0),
            "{preset}"
        );
        let written = std::fs::read_to_string(&file).expect("written");
        assert!(
            written.contains(&format!("preset = \"{preset}\"")),
            "{written}"
        );

        let output = run(here.path(), &["lint", "--format", "json"], "");
        assert_eq!(output.status.code(), Some(0), "{preset}");
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(answer["conforms"], true);
        assert_eq!(answer["preset"], preset);
        assert_eq!(answer["faults"], serde_json::json!([]));
        let notes = answer["notes"].as_array().expect("a list");
        assert_eq!(notes.is_empty(), ["cnil", "anssi"].contains(&preset));
        let forms = answer["forms"].as_array().expect("a list");
        assert!(!forms.is_empty());
        for (place, form) in forms.iter().enumerate() {
            assert_eq!(form["form"], place + 1);
            assert_eq!(form["shortest"], form["stated"], "{form}");
            assert!(form["reason"].is_null());
            let example = form["example"].as_str().expect("an example");
            let unit = form["unit"].as_str().expect("a unit");
            if unit == "characters" {
                assert_eq!(form["shortest"], example.chars().count());
            }
            let check = run(here.path(), &["check"], example);
            assert_eq!(check.status.code(), Some(0), "{preset}: {example}");
        }
    }
}

#[test]
fn files_that_are_not_here_leave_the_rest_of_the_answer() {
    let (code, text, _) = lint("[password.refuse]\nlists = [\"absent.txt\"]", "en");
    assert_eq!(code, 0);
    assert!(
        text.contains("the forms are not tried") && text.contains("absent.txt"),
        "{text}"
    );
    assert!(text.ends_with("p.toml: the policy conforms"), "{text}");
}

#[test]
fn a_preset_and_a_site_make_one_starter_file() {
    let here = tempfile::tempdir().expect("a folder");
    let init = [
        "init",
        "--preset",
        "nist",
        "--host",
        "www.example.fr",
        "--upstream",
        "http://127.0.0.1:8080",
        "-",
    ];
    let output = run(here.path(), &init, "");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(
        text.contains("preset = \"nist\"") && text.contains("hosts = [\"www.example.fr\"]"),
        "{text}"
    );
    let refused = run(here.path(), &["init", "--preset", "owasp", "-"], "");
    assert_eq!(refused.status.code(), Some(2));
}
