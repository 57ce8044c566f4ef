use super::*;
use crate::load;

fn state_of(text: &str, id: &str) -> String {
    let loaded = load(text).expect("a policy without fault");
    let standing = loaded.policy.standing();
    let found = standing.iter().find(|standing| standing.clause.id == id);
    found
        .expect("a clause of the register")
        .state
        .name()
        .to_owned()
}

#[test]
fn every_clause_has_one_row_and_every_row_a_clause() {
    let rows = || TABLES.iter().flat_map(|rows| rows.iter());
    for clause in register() {
        let count = rows().filter(|row| row.clause == clause.id).count();
        assert_eq!(count, 1, "{}", clause.id);
    }
    for row in rows() {
        assert!(crate::clause::find(row.clause).is_some(), "{}", row.clause);
    }
}

const SIGN_IN: &str = r#"[[site.form]]
kind = "sign-in"
path = "/in"
identifier = "email"
password = "pass"
success = [{ status = "302" }]
"#;
const SIGN_UP: &str = r#"[[site.form]]
kind = "sign-up"
path = "/up"
identifier = "email"
password = "pass"
"#;

#[test]
fn the_state_of_a_clause_follows_the_settings() {
    let restricted = "version = 1\n[password]\ncase = \"restricted-access\"\n";
    let with = |more: &str| format!("{restricted}{more}");
    let site = "[[site]]\nhosts = [\"www.example.fr\"]\nupstream = \"http://127.0.0.1:8080\"\ncertificate = { chain = \"c.pem\", key = \"k.pem\" }\n";
    let restricted_only = "[password]\ncase = \"restricted-access\"\n";
    let sited = |more: &str| format!("version = 1\n{more}{site}");
    for (text, clause, state) in [
        ("version = 1".to_owned(), "cnil-case-1", "kept"),
        ("version = 1".to_owned(), "cnil-case-2", "apart"),
        (with(""), "cnil-case-1", "apart"),
        (with(""), "cnil-case-2", "kept"),
        (with(""), "cnil-delay-figures", "kept"),
        (with("[access.delay]\nattempts-per-day = 20\n"), "cnil-delay-figures", "kept"),
        (with("[access]\nmechanism = \"block\"\n"), "cnil-delay", "apart"),
        (with("[access]\nmechanism = \"block\"\n"), "cnil-block", "kept"),
        (with("[access]\nmechanism = \"captcha\"\n"), "cnil-captcha", "kept"),
        (with("[access]\nmechanism = \"captcha\"\n"), "rempart-work-as-captcha", "apart"),
        ("version = 1\n[login]\nprivileged-renewal = \"never\"".into(), "cnil-privileged-renewal", "below"),
        ("version = 1\n[login]\nprivileged-renewal = \"never\"".into(), "asvs-no-rotation", "kept"),
        ("version = 1".into(), "asvs-no-rotation", "below"),
        ("version = 1".into(), "cnil-log-attempts", "below"),
        ("version = 1\n[journal]\nfolder = \"journal\"".into(), "cnil-log-attempts", "kept"),
        ("version = 1".into(), "cnil-awareness", "yours"),
        ("version = 1".into(), "cnil-scope", "stated"),
        // No site, nothing for the gate to keep.
        ("version = 1".into(), "hsts-only-encrypted", "apart"),
        (sited(""), "hsts-only-encrypted", "kept"),
        (sited(""), "asvs-hsts", "below"),
        (sited("[transport.hsts]\nstage = \"two-years\"\n"), "asvs-hsts", "kept"),
        ("version = 1\n[hash]\nmemory = \"46 MiB\"\niterations = 1\n".into(), "asvs-hash-cost", "kept"),
        // A site keeps its own accounts and hashes, whatever the file says of ours.
        (sited("[hash]\nmemory = \"46 MiB\"\niterations = 1\n"), "asvs-hash-cost", "library"),
        (sited(""), "cnil-never-stored-in-clear", "library"),
        (sited(""), "cnil-hash", "library"),
        (sited(""), "cnil-never-sent-in-clear", "library"),
        (sited(""), "cnil-secret-questions", "library"),
        (sited(""), "cnil-notify-change", "library"),
        (sited(""), "cnil-self-change", "library"),
        (sited(""), "rfc8265-opaque", "library"),
        (sited(""), "cnil-state-of-the-art", "kept"),
        (sited(""), "cnil-channel", "kept"),
        ("version = 1".into(), "cnil-never-stored-in-clear", "kept"),
        // The gate restricts a sign-in, and judges a new password, where the form is described.
        (sited(restricted_only), "cnil-restriction", "library"),
        (sited(restricted_only) + SIGN_IN, "cnil-restriction", "kept"),
        (sited(restricted_only) + SIGN_IN, "cnil-case-2", "library"),
        // Of what the gate has in the place of a captcha it is to be confirmed.
        (sited("[access]\nmechanism = \"captcha\"\n") + SIGN_IN, "rempart-work-as-captcha", "yours"),
        (sited("[access]\nmechanism = \"captcha\"\n") + SIGN_IN, "cnil-captcha", "yours"),
        (sited("[access]\nmechanism = \"captcha\"\n") + SIGN_IN, "cnil-restriction", "yours"),
        (with("[access]\nmechanism = \"captcha\"\n") + site + SIGN_IN + SIGN_UP, "cnil-case-2", "yours"),
        (sited("[access]\nmechanism = \"captcha\"\n"), "cnil-captcha", "library"),
        (sited(restricted_only) + SIGN_IN + SIGN_UP, "cnil-case-2", "kept"),
        (sited("") + SIGN_UP, "cnil-checked-at-creation", "kept"),
        (sited("") + SIGN_IN, "cnil-checked-at-creation", "library"),
        (sited("") + SIGN_UP, "cnil-generated", "library"),
        (
            "version = 1\n[hash]\nmemory = \"12 MiB\"\n[[deviation]]\nclause = \"asvs-hash-cost\"\nreason = \"old machine\"".into(),
            "asvs-hash-cost",
            "explained",
        ),
    ] {
        assert_eq!(state_of(&text, clause), state, "{clause} of:\n{text}");
    }
}

#[test]
fn a_policy_of_reference_falls_short_of_no_must_of_the_cnil() {
    let policy = Policy::reference();
    for standing in policy.standing() {
        let ours =
            standing.clause.id.starts_with("cnil-") || standing.clause.id.starts_with("rempart-");
        let must = standing.clause.force == crate::clause::Force::Must;
        assert!(
            !(ours && must && standing.state == State::Below),
            "{}",
            standing.clause.id
        );
    }
}

#[test]
fn what_rests_on_settings_shows_them() {
    let loaded = load("version = 1\n[journal]\nfolder = \"journal\"\n[hash]\nmemory = \"64 MiB\"")
        .expect("without fault");
    let standing = loaded.policy.standing();
    let settings = |id: &str| {
        let found = standing.iter().find(|standing| standing.clause.id == id);
        let settings = &found.expect("a clause").settings;
        settings
            .iter()
            .map(|setting| format!("{} = {}", setting.key, setting.value))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        settings("cnil-case-1"),
        ["password.case = \"password-alone\""]
    );
    for id in [
        "asvs-hash-cost",
        "owasp-argon2",
        "rfc9106-first",
        "rfc9106-second",
    ] {
        let costs = [
            "hash.memory = \"64 MiB\"",
            "hash.iterations = 2",
            "hash.parallelism = 1",
        ];
        assert_eq!(settings(id), costs, "{id}");
    }
    assert_eq!(settings("cnil-log-retention"), ["journal.keep = \"183d\""]);
    assert_eq!(settings("cnil-block"), Vec::<String>::new());
}
