//! Rows keyed by clause: what the policy refuses, what the judge answers, and which test
//! proves what neither of them can show.
//!
//! The last test lists the clauses without a row in `without-row.txt`. A clause that is
//! added, or proved, changes that file, so nobody forgets one unseen;
//! `REMPART_BLESS=1 cargo test -p rempart-tests conformance` writes it anew.

use std::collections::BTreeSet;
use std::fs;

use policy::clause::{find, register};
use policy::{Language, Severity, load};
use proxy::form::Checker;
use rempart_tests::root;

/// Settings under a clause's floor: refused naming the clause, and accepted once a
/// deviation explains it.
const FLOORS: [(&str, &str); 11] = [
    ("cnil-max-length", "[password]\nmax-length = 49"),
    (
        "cnil-case-1",
        "[[password.form]]\nkind = \"passphrase\"\nwords = 6",
    ),
    (
        "cnil-case-2",
        "[password]\ncase = \"restricted-access\"\n[[password.form]]\nkind = \"characters\"\n\
         length = 15\nclasses = [\"digit\"]",
    ),
    (
        "cnil-restriction",
        "[password]\ncase = \"restricted-access\"\n[access]\nmechanism = \"none\"",
    ),
    (
        "cnil-block",
        "[password]\ncase = \"restricted-access\"\n[access]\nmechanism = \"block\"\n\
         [access.block]\nafter = 11",
    ),
    ("cnil-reset-link", "[login]\nreset-link-lifetime = \"25h\""),
    ("cnil-compromise", "[login]\ncompromise-delay = \"73h\""),
    ("asvs-hash-cost", "[hash]\nmemory = \"18 MiB\""),
    (
        "rempart-cleartext-credentials",
        "[transport]\ncleartext-credentials = \"redirect\"",
    ),
    ("cnil-common-list", "[password.refuse]\ncommon = false"),
    ("cnil-context", "[password.refuse]\ncontext = false"),
];

/// Passwords under the default policy of a case: whether they are accepted.
const PASSWORDS: [(&str, &str, &str, bool); 16] = [
    ("cnil-case-1-examples", ALONE, "Tulipe+Orage=27kW", true),
    ("cnil-case-1-examples", ALONE, "TulipeOrage27kWx", true),
    (
        "cnil-case-1-examples",
        ALONE,
        "granit ourlet vigie tilleul motte escale zinc",
        true,
    ),
    ("cnil-case-1", ALONE, "Tu+Or=27kWx", false),
    (
        "cnil-case-1",
        ALONE,
        "granit ourlet vigie tilleul motte escale",
        false,
    ),
    ("cnil-case-2-examples", RESTRICTED, "vR7xKq2m", true),
    ("cnil-case-2-examples", RESTRICTED, "8305174926605183", true),
    (
        "cnil-case-2-examples",
        RESTRICTED,
        "granit ourlet vigie tilleul motte",
        true,
    ),
    ("cnil-case-2", RESTRICTED, "830517492660518", false),
    ("cnil-case-2", RESTRICTED, "vR7xKq2", false),
    ("cnil-case-3", DEVICE, "8305", true),
    ("cnil-case-3", DEVICE, "830", false),
    ("cnil-common-list", ALONE, "Motdepasse123!", false),
    ("cnil-context", ALONE, "Camille.Martin+1", false),
    (
        "cnil-wide-characters",
        ALONE,
        "  \u{1f511} r\u{e9}verb\u{e8}re, \u{439}\u{6f22} 27 Kw",
        true,
    ),
    ("rfc8265-opaque", ALONE, "Tulipe\tOrage=27kW", false),
];

const ALONE: &str = "";
const RESTRICTED: &str = "[password]\ncase = \"restricted-access\"";
const DEVICE: &str = "[password]\ncase = \"device-unlock\"\n[access]\nmechanism = \"block\"\n[access.block]\nafter = 3";

/// Clauses that another test proves: each line a clause, a file and the name of a test.
const ELSEWHERE: &str = include_str!("proved-elsewhere.txt");

const LIST: &str = "tests/tests/it/without-row.txt";

#[test]
fn a_setting_under_a_floor_is_refused_until_explained() {
    for (clause, setting) in FLOORS {
        let text = format!("version = 1\n{setting}\n");
        let Err(report) = load(&text) else {
            panic!("{clause}: accepted: {setting}");
        };
        let cited = report.faults().iter().any(|fault| {
            matches!(fault.severity, Severity::Error)
                && fault.clause.is_some_and(|cited| cited.id == clause)
        });
        assert!(
            cited,
            "{clause}: {}",
            report.render("policy.toml", &text, Language::En, false)
        );

        let explained = format!(
            "{text}[[deviation]]\nclause = \"{clause}\"\nreason = \"a reason for this test\"\n"
        );
        match load(&explained) {
            Ok(loaded) => assert_eq!(loaded.policy.deviations()[0].clause.id, clause),
            Err(report) => {
                panic!(
                    "{}",
                    report.render("policy.toml", &explained, Language::En, false)
                )
            }
        }
    }
}

#[test]
fn passwords_get_the_verdict_of_the_clause() {
    for (clause, policy, password, accepted) in PASSWORDS {
        let loaded = load(&format!("version = 1\n{policy}\n")).expect("a policy without fault");
        let verdict = Checker::open(&loaded.policy, std::path::Path::new(""))
            .expect("no file is named")
            .check(password.as_bytes().to_vec(), ["camille.martin@example.fr"]);
        assert_eq!(
            verdict.accepted(),
            accepted,
            "{clause}: {password:?}: {}",
            verdict.to_json(Language::En)
        );
    }
}

#[test]
fn a_clause_proved_elsewhere_has_that_test() {
    for (clause, file, name) in elsewhere() {
        assert!(find(clause).is_some(), "no clause {clause}");
        let text = fs::read_to_string(root().join(file)).unwrap_or_default();
        assert!(
            text.contains(&format!("fn {name}(")),
            "{clause}: no test {name} in {file}"
        );
    }
}

#[test]
fn clauses_without_a_row_are_listed() {
    let with: BTreeSet<&str> = FLOORS
        .iter()
        .map(|(clause, _)| *clause)
        .chain(PASSWORDS.iter().map(|(clause, ..)| *clause))
        .chain(elsewhere().map(|(clause, ..)| clause))
        .collect();
    for clause in &with {
        assert!(
            find(clause).is_some(),
            "a row for {clause}, which is no clause"
        );
    }
    let mut without: Vec<&str> = register()
        .iter()
        .map(|clause| clause.id)
        .filter(|id| !with.contains(id))
        .collect();
    without.sort_unstable();
    let list = without.join("\n") + "\n";
    let path = root().join(LIST);
    if std::env::var_os("REMPART_BLESS").is_some() {
        fs::write(&path, &list).expect("the list can be written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        written, list,
        "{LIST} is stale: a clause gained or lost its row"
    );
}

fn elsewhere() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    ELSEWHERE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut words = line.split_whitespace();
            let mut word = || {
                words
                    .next()
                    .unwrap_or_else(|| panic!("three words in {line:?}"))
            };
            (word(), word(), word())
        })
}
