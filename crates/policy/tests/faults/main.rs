//! Every fault of a bad file: its code, its place, its clause.

use std::collections::BTreeSet;

use policy::{Language, Report, Severity, fault_codes, load};

mod acme;
mod admin;
mod forms;
mod origins;
mod presets;
mod repair;
mod rows;
mod sites;

use acme::ACME;
use admin::ADMIN;
use forms::FORMS;
use origins::ORIGINS;
use presets::PRESETS;
use repair::REPAIR;
use rows::ROWS;
use sites::SITES;

/// Every bad file, and what is found in it.
fn rows() -> impl Iterator<Item = &'static (&'static str, &'static [&'static str])> {
    ROWS.iter()
        .chain(PRESETS)
        .chain(ACME)
        .chain(ADMIN)
        .chain(ORIGINS)
        .chain(REPAIR)
        .chain(SITES)
        .chain(FORMS)
}

/// The report of a text: that of the error, or the warnings.
fn report(text: &str) -> Report {
    match load(text) {
        Ok(loaded) => loaded.warnings,
        Err(report) => report,
    }
}

/// `code line:column clause` of every fault, in order.
fn summary(text: &str) -> Vec<String> {
    let json = report(text).to_json("policy.toml", text, Language::En);
    let faults = json.as_array().expect("an array");
    faults
        .iter()
        .map(|fault| {
            let clause = fault["clause"]["id"].as_str().unwrap_or("-");
            let code = fault["code"].as_str().expect("a code");
            format!("{code} {}:{} {clause}", fault["line"], fault["column"])
        })
        .collect()
}

#[test]
fn bad_files_and_their_faults() {
    for (text, expected) in rows() {
        let text = format!("version = 1\n{text}\n");
        assert_eq!(&summary(&text), expected, "{text}");
    }
}

#[test]
fn the_version_is_asked_for() {
    assert_eq!(summary(""), ["missing-key 1:1 -"]);
    assert_eq!(summary("version = 2"), ["unsupported-version 1:11 -"]);
    assert_eq!(summary("version = \"1\""), ["wrong-type 1:11 -"]);
}

#[test]
fn every_code_has_a_bad_file() {
    let mut seen: BTreeSet<&str> = rows()
        .flat_map(|(_, faults)| faults.iter())
        .map(|fault| fault.split(' ').next().expect("a code"))
        .collect();
    // These have a test of their own.
    seen.insert("unsupported-version");
    seen.extend(["file-too-large", "too-many-faults"]);
    // A judge finds these, in a file without fault: `tests/presets.rs` has them.
    seen.extend([
        "form-accepts-nothing",
        "form-longer-than-stated",
        "word-list-short",
        "word-list-unreadable",
    ]);
    let all: BTreeSet<&str> = fault_codes().iter().copied().collect();
    assert_eq!(seen, all);
}

#[test]
fn one_run_tells_every_fault() {
    let text = "versoin = 1\nlanguage = \"de\"\n[hash]\nmemory = \"1 MiB\"\n[transport]\n\
                http = \"x\"\n[[site]]\nhosts = [\"a b\"]\n";
    assert_eq!(
        summary(text),
        [
            "unknown-key 1:1 -",
            "missing-key 1:1 -",
            "unknown-word 2:12 -",
            "hash-cost-below-floor 4:10 asvs-hash-cost",
            "bad-address 6:8 -",
            "missing-key 7:1 -",
            "missing-key 7:1 -",
            "bad-host 8:10 -",
        ]
    );
}

#[test]
fn a_line_that_is_not_toml_hides_no_other_line() {
    let text = "version = 1\nlanguage = fr\n[password]\nmax-length = 20\n";
    assert_eq!(
        summary(text),
        [
            "syntax 2:12 -",
            "max-length-below-floor 4:14 cnil-max-length"
        ]
    );
}

#[test]
fn reports_stay_small() {
    let large = "#".repeat((1 << 20) + 1);
    assert_eq!(summary(&large), ["file-too-large 1:1 -"]);
    let many: String = (0..10_000).map(|key| format!("k{key} = 1\n")).collect();
    let found = report(&many);
    assert_eq!(found.faults().len(), 101);
    assert!(
        found
            .faults()
            .iter()
            .any(|fault| fault.code == "too-many-faults")
    );
}

#[test]
fn a_deviation_excuses_its_clause_only() {
    let text = |clause: &str| {
        format!(
            "version = 1\n[password]\nmax-length = 49\n[[deviation]]\nclause = \"{clause}\"\n\
             reason = \"the old form has 49 places\"\n"
        )
    };
    let loaded = load(&text("cnil-max-length")).expect("excused");
    assert_eq!(loaded.policy.password().max_length, 49);
    assert!(loaded.warnings.is_empty());
    assert_eq!(
        summary(&text("cnil-case-1")),
        [
            "max-length-below-floor 3:14 cnil-max-length",
            "deviation-unused 5:10 cnil-case-1",
        ]
    );
}

#[test]
fn a_deviation_runs_out_after_its_last_day() {
    let text = "version = 1\n[password]\nmax-length = 49\n[[deviation]]\n\
                clause = \"cnil-max-length\"\nreason = \"the old form has 49 places\"\n\
                until = 2026-12-31\n";
    let policy = load(text).expect("excused").policy;
    let expired = |day: &str| {
        let day = day.parse().expect("a day");
        policy.expired_deviations(day).count()
    };
    assert_eq!(expired("2026-12-31"), 0);
    assert_eq!(expired("2027-01-01"), 1);
}

#[test]
fn the_printed_place_is_the_computed_place() {
    for (text, _) in rows() {
        let text = format!("version = 1\n{text}\n");
        let report = report(&text);
        let json = report.to_json("p.toml", &text, Language::En);
        let printed = report.render("p.toml", &text, Language::En, false);
        for fault in json.as_array().expect("an array") {
            let place = format!("--> p.toml:{}:{}\n", fault["line"], fault["column"]);
            assert!(printed.contains(&place), "{place} in {printed}");
        }
    }
}

#[test]
fn fixes_name_the_least_that_would_do() {
    for (form, fix) in [
        (
            "kind = \"characters\"\nlength = 8\nspecials = \"!?\"",
            "length = 14",
        ),
        ("kind = \"characters\"\nlength = 8", "length = 12"),
        (
            "kind = \"characters\"\nlength = 8\nrequired = 0",
            "length = 18",
        ),
        ("kind = \"passphrase\"\nwords = 3", "words = 7"),
    ] {
        let text = format!("version = 1\n[[password.form]]\n{form}\n");
        let report = load(&text).expect_err("too weak");
        let fault = &report.faults()[0];
        assert!(fault.fix.en.contains(fix), "{form}: {}", fault.fix.en);
        assert_eq!(fault.severity, Severity::Error);
        let mended = text.replace("length = 8", fix).replace("words = 3", fix);
        assert!(load(&mended).is_ok(), "{mended}");
    }
}

#[test]
fn every_fault_speaks_both_languages_and_says_what_to_do() {
    for (text, _) in rows() {
        let text = format!("version = 1\n{text}\n");
        for fault in report(&text).faults() {
            for words in [&fault.message, &fault.label, &fault.fix] {
                assert!(!words.fr.is_empty() && !words.en.is_empty(), "{fault:?}");
            }
            assert_ne!(fault.message.fr, fault.message.en);
            assert_ne!(fault.fix.fr, fault.fix.en);
        }
    }
}
