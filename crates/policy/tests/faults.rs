//! Every fault of a bad file: its code, its place, its clause.

use std::collections::BTreeSet;

use policy::{Language, Report, Severity, fault_codes, load};

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

const SITE: &str = "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://127.0.0.1\"\n";

/// A file after its first line, `version = 1`, and what is found in it.
const ROWS: &[(&str, &[&str])] = &[
    // Grammar and shape.
    ("x = = 1", &["syntax 2:5 -", "syntax 2:7 -"]),
    ("language = fr", &["syntax 2:12 -"]),
    ("version = 1", &["duplicate-key 2:1 -"]),
    ("[hash]\n[hash]", &["duplicate-key 3:2 -"]),
    ("langage = \"fr\"", &["unknown-key 2:1 -"]),
    (
        "[passwrd]\ncase = \"device-unlock\"",
        &["unknown-key 2:2 -"],
    ),
    ("mechanism = \"none\"", &["unknown-key 2:1 -"]),
    ("[hash.pepper]\nfile = \"a\"\nb = 1", &["wrong-type 2:1 -"]),
    (
        "[[password]]\ncase = \"device-unlock\"",
        &["wrong-type 2:1 -"],
    ),
    (
        "[password.form]\nkind = \"characters\"",
        &["wrong-type 2:1 -"],
    ),
    ("site = [1]", &["wrong-type 2:9 -"]),
    ("[password]\nmax-length = \"256\"", &["wrong-type 3:14 -"]),
    ("[password.refuse]\ncommon = 1", &["wrong-type 3:10 -"]),
    (
        "[password.refuse]\nlists = [1, \"\"]",
        &["wrong-type 3:10 -", "bad-text 3:13 -"],
    ),
    ("[password]\nmax-length = 5000", &["out-of-range 3:14 -"]),
    (
        "[password]\nmax-length = 99999999999999999999",
        &["out-of-range 3:14 -"],
    ),
    (
        "[password.guess]\nmin-log10 = nan\nmax-work = 0",
        &["out-of-range 3:13 -", "out-of-range 4:12 -"],
    ),
    ("[password]\ncase = \"alone\"", &["unknown-word 3:8 -"]),
    (
        "[transport.deadlines]\nidle = \"60\"\nhead = \"1 month\"",
        &["bad-duration 3:8 -", "bad-duration 4:8 -"],
    ),
    (
        "[transport.deadlines]\nidle = \"0s\"",
        &["out-of-range 3:8 -"],
    ),
    (
        "[transport.limits]\nbody = \"64 MB\"\nhead = \"1 KiB\"",
        &["bad-size 3:8 -", "out-of-range 4:8 -"],
    ),
    ("[[deviation]]", &["missing-key 2:1 -", "missing-key 2:1 -"]),
    // Passwords.
    (
        "[password]\nmax-length = 49",
        &["max-length-below-floor 3:14 cnil-max-length"],
    ),
    (
        "[[password.form]]\nexample = \"8-characters\"",
        &["form-of-other-case 3:11 cnil-case-1"],
    ),
    (
        "[[password.form]]\nexample = \"7-words\"\nlength = 3",
        &["exclusive-keys 4:1 -"],
    ),
    (
        "[[password.form]]\nkind = \"passphrase\"\nwords = 8\nspecials = \"!\"",
        &["exclusive-keys 5:1 -"],
    ),
    ("[[password.form]]\nlength = 20", &["missing-key 2:1 -"]),
    (
        "[[password.form]]\nkind = \"characters\"",
        &["missing-key 2:1 -"],
    ),
    (
        "[[password.form]]\nkind = \"characters\"\nlength = 12\nspecials = \"!?\"",
        &["form-below-case 4:1 cnil-case-1"],
    ),
    (
        "[[password.form]]\nkind = \"passphrase\"\nwords = 6",
        &["form-below-case 4:1 cnil-case-1"],
    ),
    (
        "[password]\ncase = \"restricted-access\"\n[[password.form]]\nkind = \"characters\"\n\
         length = 15\nclasses = [\"digit\"]",
        &["form-below-case 6:1 cnil-case-2"],
    ),
    (
        "[[password.form]]\nkind = \"characters\"\nlength = 20\nclasses = []",
        &["out-of-range 5:11 -"],
    ),
    (
        "[[password.form]]\nkind = \"characters\"\nlength = 30\nclasses = [\"lower\"]\nrequired = 2",
        &["out-of-range 6:12 -"],
    ),
    (
        "[[password.form]]\nkind = \"characters\"\nlength = 20\nspecials = \"!a\"",
        &["bad-specials 5:12 -"],
    ),
    (
        "[[password.form]]\nkind = \"characters\"\nlength = 20\nspecials = \"!\u{200b}\"",
        &["bad-specials 5:12 -"],
    ),
    (
        "[password]\nmax-length = 60\n[[password.form]]\nkind = \"characters\"\nlength = 61",
        &["form-beyond-maximum 4:1 -"],
    ),
    (
        "[[password.form]]\nexample = \"12-characters\"\n[[password.form]]\n\
         kind = \"characters\"\nlength = 13",
        &["form-redundant 4:1 -"],
    ),
    // Hashes.
    (
        "[hash]\nmemory = \"16 MiB\"",
        &["hash-cost-below-floor 3:10 owasp-argon2"],
    ),
    (
        "[hash]\niterations = 1",
        &["hash-cost-below-floor 3:14 owasp-argon2"],
    ),
    ("[hash]\nmemory = \"12 MiB\"\niterations = 3", &[]),
    ("[hash]\nmemory = \"2 GiB\"", &["out-of-range 3:10 -"]),
    (
        "[hash]\nmemory = \"100 KiB\"\nparallelism = 64",
        &["hash-cost-invalid 3:10 -"],
    ),
    (
        "[hash]\nmemory = \"512 MiB\"",
        &["hash-budget-too-small 3:1 -"],
    ),
    (
        "[hash]\npepper = \"s3cret\"",
        &["secret-in-file 3:10 rempart-no-secret-in-file"],
    ),
    // Access.
    ("[password]\ncase = \"restricted-access\"", &[]),
    (
        "[password]\ncase = \"restricted-access\"\n[access]\nmechanism = \"none\"",
        &["access-not-restricted 5:13 cnil-restriction"],
    ),
    ("[access]\nmechanism = \"none\"", &[]),
    (
        "[password]\ncase = \"device-unlock\"",
        &["access-not-restricted 3:8 cnil-case-3-block"],
    ),
    (
        "[password]\ncase = \"device-unlock\"\n[access]\nmechanism = \"block\"\n[access.block]\n\
         after = 4",
        &["block-too-late 7:9 cnil-case-3-block"],
    ),
    (
        "[password]\ncase = \"restricted-access\"\n[access]\nmechanism = \"block\"\n[access.block]\n\
         after = 11",
        &["block-too-late 7:9 cnil-block"],
    ),
    (
        "[password]\ncase = \"restricted-access\"\n[access]\nwhen-store-is-down = \"open\"",
        &["store-open-when-down 5:22 cnil-restriction"],
    ),
    (
        "[password]\ncase = \"restricted-access\"\n[access.delay]\nfirst = \"1s\"\n\
         attempts-per-day = 26",
        &[
            "delay-too-short 5:9 cnil-delay-figures",
            "too-many-attempts 6:20 cnil-delay-figures",
        ],
    ),
    ("[access.delay]\nattempts-per-day = 100", &[]),
    (
        "[access.delay]\nfactor = 1",
        &["delay-not-growing 3:10 cnil-delay"],
    ),
    (
        "[access.delay]\nfirst = \"1h\"",
        &["delay-not-growing 3:9 cnil-delay"],
    ),
    ("[access.block]\nafter = 3", &["table-unused 2:1 -"]),
    ("[access]\nstore = \"mysql://a\"", &["bad-store 3:9 -"]),
    (
        "[access]\nstore = \"redis://:pw@a\"",
        &["secret-in-file 3:9 rempart-no-secret-in-file"],
    ),
    (
        "[access]\nstore-password = { file = \"a\" }",
        &["exclusive-keys 3:1 -"],
    ),
    // Life of a password.
    (
        "[login]\nreset-link-lifetime = \"25h\"",
        &["reset-link-too-long 3:23 cnil-reset-link"],
    ),
    (
        "[login]\ncompromise-delay = \"4 days\"",
        &["compromise-notice-too-late 3:20 cnil-compromise"],
    ),
    // The gate.
    ("[transport]\nhttp = \":80\"", &["bad-address 3:8 -"]),
    (
        "[transport]\nhttp = \"0.0.0.0:443\"",
        &["same-listener 3:8 -"],
    ),
    (
        "[transport]\ncleartext-credentials = \"redirect\"",
        &["cleartext-credentials-redirected 3:25 cnil-no-clear-http"],
    ),
    (
        "[transport]\ntrusted-proxies = [\"10.0.0.0/33\", \"::/0\"]",
        &["bad-network 3:20 -", "trusts-everyone 3:35 forwarded-trust"],
    ),
    (
        "[transport.hsts]\nstage = \"week\"\nmax-age = \"7d\"",
        &["exclusive-keys 4:1 -"],
    ),
    (
        "[transport.hsts]\ninclude-subdomains = true",
        &["hsts-subdomains-unlisted 3:22 hsts-subdomains"],
    ),
    (
        "[transport.hsts]\ninclude-subdomains = true\nsubdomains = [\"*.a.fr\"]",
        &["bad-host 4:15 -"],
    ),
    (
        "[transport.hsts]\nstage = \"two-years\"\npreload = true",
        &["hsts-preload-unready 4:11 preload-header"],
    ),
    // Sites.
    (
        "[[site]]\nhosts = [\"*.a.fr\", \"a.fr:443\", \"é.fr\"]\nupstream = \"https://b.fr\"\n\
         certificate = \"dev\"",
        &["bad-host 3:10 -", "bad-host 3:20 -", "bad-host 3:32 -"],
    ),
    (
        "[[site]]\nhosts = []\nupstream = \"127.0.0.1:80\"\ncertificate = \"deb\"",
        &[
            "bad-host 3:9 -",
            "bad-upstream 4:12 -",
            "unknown-word 5:15 -",
        ],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://10.0.0.1\"\ncertificate = \"dev\"",
        &["upstream-cleartext 4:12 asvs-internal-hops"],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://10.0.0.1\"\ncertificate = \"dev\"\n\
         danger-cleartext-upstream = true",
        &[],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"https://10.0.0.1\"\ncertificate = \"dev\"\n\
         danger-cleartext-upstream = true",
        &["danger-unneeded 6:29 -"],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"\n\
         [[site]]\nhosts = [\"A.fr\"]\nupstream = \"http://[::1]\"\ncertificate = \"dev\"",
        &["host-twice 7:10 -"],
    ),
    (
        "[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\n\
         certificate = { chain = \"a\", key = \"b\" }",
        &["hsts-below-one-year 2:1 anssi-hsts"],
    ),
    (
        "[transport.hsts]\nmax-age = \"0s\"\n[[site]]\nhosts = [\"192.0.2.7\", \"a.fr\"]\n\
         upstream = \"http://[::1]\"\ncertificate = { chain = \"a\", key = \"b\" }",
        &["hsts-below-one-year 3:11 anssi-hsts"],
    ),
    // Deviations.
    (
        "[[deviation]]\nclause = \"cnil-max-lenght\"\nreason = \"a long enough reason\"",
        &["unknown-clause 3:10 -"],
    ),
    (
        "[[deviation]]\nclause = \"cnil-paste\"\nreason = \"because\"",
        &[
            "deviation-unused 3:10 cnil-paste",
            "deviation-without-reason 4:10 -",
        ],
    ),
    (
        "[[deviation]]\nclause = \"cnil-paste\"\nreason = \"a long enough reason\"\nuntil = \"2026\"",
        &["deviation-unused 3:10 cnil-paste", "bad-date 5:9 -"],
    ),
    (
        "[hash]\nmemory = \"16 MiB\"\n[[deviation]]\nclause = \"owasp-argon2\"\n\
         reason = \"a board of 64 MiB\"\nuntil = 2026-12-31",
        &[],
    ),
];

#[test]
fn bad_files_and_their_faults() {
    for (text, expected) in ROWS {
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
fn forms_of_a_site_are_checked() {
    let form = |line: &str| {
        let text = format!(
            "version = 1\n{SITE}certificate = \"dev\"\n[[site.form]]\nkind = \"sign-in\"\n{line}\n\
             password = \"p\"\n"
        );
        summary(&text)
    };
    assert_eq!(form("path = \"/in\""), [""; 0]);
    assert_eq!(form("path = \"/in?a=1\""), ["bad-form-path 8:8 -"]);
    assert_eq!(
        form("path = \"/\"\nmethod = \"get\""),
        ["unknown-word 9:10 -"]
    );
    assert_eq!(
        form("path = \"/\"\nmethod = \"GET\""),
        ["secret-in-url 9:10 cnil-url-secrets"]
    );
}

#[test]
fn every_code_has_a_bad_file() {
    let mut seen: BTreeSet<&str> = ROWS
        .iter()
        .flat_map(|(_, faults)| faults.iter())
        .map(|fault| fault.split(' ').next().expect("a code"))
        .collect();
    // These have a test of their own.
    seen.extend(["unsupported-version", "bad-form-path", "secret-in-url"]);
    seen.extend(["file-too-large", "too-many-faults"]);
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
            "hash-cost-below-floor 4:10 owasp-argon2",
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
    for (text, _) in ROWS {
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
    for (text, _) in ROWS {
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
