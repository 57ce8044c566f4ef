//! The four presets: each loads without a word against it, conforms to the CNIL, and differs
//! from the others where its text says so.

use std::time::Duration;

use policy::access::{Mechanism, Unlock};
use policy::password::{Case, Form};
use policy::transport::TlsProfile;
use policy::{Language, Policy, Preset, Severity, Text, Trouble, load, template};

const CASES: [Case; 3] = [
    Case::PasswordAlone,
    Case::RestrictedAccess,
    Case::DeviceUnlock,
];

fn policy_of(preset: Preset, rest: &str) -> Policy {
    let text = format!("version = 1\npreset = \"{}\"\n{rest}\n", preset.name());
    let loaded = load(&text).unwrap_or_else(|report| {
        panic!(
            "{}",
            report.render("policy.toml", &text, Language::En, false)
        )
    });
    assert!(loaded.warnings.is_empty(), "{text}: {:?}", loaded.warnings);
    loaded.policy
}

#[test]
fn every_preset_loads_without_a_fault_in_every_lawful_case() {
    for preset in Preset::ALL {
        assert_eq!(policy_of(preset, ""), Policy::of(preset));
        for case in CASES {
            // Under the other presets the delay that they fill in is no block, as case 3 asks.
            let block = match (case, preset) {
                (_, Preset::Nist) | (Case::PasswordAlone | Case::RestrictedAccess, _) => "",
                (Case::DeviceUnlock, Preset::Asvs) => {
                    "[access]\nmechanism = \"block\"\n[access.block]\nafter = 3\n\
                     [[deviation]]\nclause = \"asvs-throttle\"\nreason = \"case 3 asks for a block\""
                }
                (Case::DeviceUnlock, _) => {
                    "[access]\nmechanism = \"block\"\n[access.block]\nafter = 3"
                }
            };
            let rest = format!("[password]\ncase = \"{}\"\n{block}", case.name());
            let policy = policy_of(preset, &rest);
            for form in &policy.password().forms {
                assert!(
                    form.conformity(case).is_some(),
                    "{} {}: {form:?}",
                    preset.name(),
                    case.name()
                );
            }
        }
    }
}

#[test]
fn presets_differ_where_their_texts_do() {
    let rows = [
        // (preset, length alone, restricted, types required, failures, renewal, notice in hours)
        (Preset::Cnil, 12, 8, 4, None, true, 72),
        (Preset::Anssi, 13, 10, 4, None, true, 24),
        (Preset::Nist, 18, 15, 0, Some((100, 10)), false, 72),
        (Preset::Asvs, 18, 15, 0, None, false, 72),
    ];
    let restricted = "[password]\ncase = \"restricted-access\"";
    let first = |policy: &Policy| match &policy.password().forms[0] {
        Form::Characters(form) => (form.length, form.required),
        Form::Passphrase(_) => panic!("characters come first"),
    };
    let failures = |policy: &Policy| match policy.access().mechanism {
        Mechanism::Block(block) => {
            assert_eq!(block.unlock, Unlock::Link);
            Some(block.after)
        }
        Mechanism::Delay(_) => None,
        ref other => panic!("{other:?}"),
    };
    for (preset, alone, with_access, required, block, renewal, notice) in rows {
        let name = preset.name();
        let policy = policy_of(preset, "");
        let narrow = policy_of(preset, restricted);
        assert_eq!(policy.preset(), preset);
        assert_eq!(policy.password().case, Case::PasswordAlone, "{name}");
        assert_eq!(first(&policy), (alone, required), "{name}");
        assert_eq!(first(&narrow).0, with_access, "{name}");
        assert_eq!(failures(&policy), block.map(|(most, _)| most), "{name}");
        assert_eq!(failures(&narrow), block.map(|(_, most)| most), "{name}");
        assert_eq!(
            policy.login().privileged_renewal.is_some(),
            renewal,
            "{name}"
        );
        assert_eq!(
            policy.login().compromise_delay,
            Duration::from_secs(notice * 3600),
            "{name}"
        );
        assert!(policy.password().max_length >= 200, "{name}");
        assert!(policy.password().refuse.common && policy.password().refuse.context);
        let anssi = policy.transport().tls == TlsProfile::Anssi;
        assert_eq!(anssi, preset == Preset::Anssi, "{name}");
    }
}

#[test]
fn what_is_written_wins_over_the_preset() {
    let policy = policy_of(
        Preset::Anssi,
        "[transport]\ntls = \"modern\"\n[login]\nprivileged-renewal = \"365d\"\n\
         [password.guess]\nmin-log10 = 12",
    );
    assert_eq!(policy.transport().tls, TlsProfile::Modern);
    assert!(policy.password().guess.min_log10 > 11.0);
    let policy = policy_of(
        Preset::Nist,
        "[access.block]\nafter = 5\nunlock = \"operator\"",
    );
    let Mechanism::Block(block) = policy.access().mechanism else {
        panic!("the mechanism of the preset");
    };
    assert_eq!((block.after, block.unlock), (5, Unlock::Operator));
}

#[test]
fn a_must_is_an_error_a_should_a_warning_and_both_say_what_to_do() {
    for (preset, rest, severity, fr, en, fix) in [
        (
            "nist",
            "[[password.form]]\nexample = \"12-characters\"",
            Severity::Error,
            "le préréglage `nist` n’admet aucune règle de composition",
            "preset `nist` admits no composition rule",
            "`length = 18`, `required = 0`",
        ),
        (
            "asvs",
            "[password]\ncase = \"restricted-access\"\n[[password.form]]\nkind = \"characters\"\n\
             length = 9",
            Severity::Error,
            "n’admet aucune règle de composition",
            "admits no composition rule",
            "`required = 0` and `length = 15`",
        ),
        (
            "asvs",
            "[password]\ncase = \"restricted-access\"\n[[password.form]]\nkind = \"characters\"\n\
             length = 12\nrequired = 0",
            Severity::Warning,
            "conseille vivement 15 caractères",
            "strongly advises 15 characters",
            "`length = 15`",
        ),
        (
            "nist",
            "[password]\nmax-length = 60",
            Severity::Warning,
            "recommande d’accepter des mots de passe plus longs",
            "recommends longer passwords to be accepted",
            "`max-length = 64`",
        ),
        (
            "asvs",
            "[password]\nmax-length = 60",
            Severity::Error,
            "demande d’accepter des mots de passe plus longs",
            "asks for longer passwords to be accepted",
            "`max-length = 64`",
        ),
        (
            "nist",
            "[login]\nprivileged-renewal = \"90d\"",
            Severity::Error,
            "n’admet pas de changement périodique",
            "admits no periodic change",
            "`privileged-renewal = \"never\"`",
        ),
        (
            "anssi",
            "[login]\nprivileged-renewal = \"never\"",
            Severity::Warning,
            "après un à trois ans",
            "after one to three years",
            "`privileged-renewal = \"365d\"`",
        ),
        (
            "nist",
            "[access]\nmechanism = \"delay\"",
            Severity::Error,
            "désactivé après 100 échecs de suite",
            "disabled after 100 failures in a row",
            "`mechanism = \"block\"`",
        ),
    ] {
        let text = format!("version = 1\npreset = \"{preset}\"\n{rest}\n");
        let report = load(&text).map_or_else(|report| report, |loaded| loaded.warnings);
        let fault = &report.faults()[0];
        assert_eq!(fault.severity, severity, "{text}");
        assert!(fault.message.fr.contains(fr), "{}", fault.message.fr);
        assert!(fault.message.en.contains(en), "{}", fault.message.en);
        assert!(fault.fix.en.contains(fix), "{}", fault.fix.en);
        assert!(fault.fix.en.contains("[[deviation]]"), "{}", fault.fix.en);
        let clause = fault.clause.expect("a clause");
        let printed = report.render("policy.toml", &text, Language::En, false);
        assert_eq!(
            printed.contains("(to be confirmed)"),
            clause.to_be_confirmed(),
            "{printed}"
        );
    }
}

#[test]
fn fixes_of_a_preset_are_enough() {
    let rest = "[[password.form]]\nkind = \"characters\"\nlength = 12\n";
    for preset in ["nist", "asvs"] {
        for case in ["password-alone", "restricted-access"] {
            let text = format!(
                "version = 1\npreset = \"{preset}\"\n[password]\ncase = \"{case}\"\n{rest}"
            );
            let report = load(&text).expect_err("composition");
            let fix = &report.faults()[0].fix.en;
            let length = fix.split("length = ").nth(1).expect("a length");
            let length = length.split('`').next().expect("a number");
            let mended = text.replace("length = 12", &format!("length = {length}\nrequired = 0"));
            assert!(
                load(&mended).expect("mended").warnings.is_empty(),
                "{mended}"
            );
        }
    }
}

#[test]
fn notes_tell_the_next_level_and_what_another_setting_would_allow() {
    let captcha = "[access]\nmechanism = \"captcha\"\n[[site]]\nhosts = [\"a.fr\"]\n\
                   upstream = \"http://[::1]\"\ncertificate = \"dev\"\n[[site.form]]\n\
                   kind = \"sign-in\"\npath = \"/\"\npassword = \"p\"\nidentifier = \"u\"\n\
                   success = [{ set-cookie = \"s\" }]";
    for (preset, rest, clauses) in [
        (Preset::Cnil, "", &[][..]),
        (Preset::Anssi, "", &[]),
        (Preset::Nist, "", &["cnil-case-1", "rempart-careful-pool"]),
        (
            Preset::Nist,
            "[password]\ncase = \"restricted-access\"",
            &["rempart-careful-pool"],
        ),
        (
            Preset::Asvs,
            "",
            &["cnil-case-1", "rempart-careful-pool", "asvs-breached"],
        ),
        (
            Preset::Asvs,
            "[password.refuse]\nbreached = \"leaked.idx\"",
            &["cnil-case-1", "rempart-careful-pool"],
        ),
        (Preset::Cnil, "[access]\nmechanism = \"captcha\"", &[]),
        (Preset::Cnil, captcha, &["rempart-work-as-captcha"]),
    ] {
        let notes = policy_of(preset, rest).notes();
        let found: Vec<_> = notes.iter().map(|note| note.clause.id).collect();
        assert_eq!(found, clauses, "{} {rest}", preset.name());
        for note in notes {
            assert_ne!(note.text.fr, note.text.en);
        }
    }
}

#[test]
fn the_starter_file_of_every_preset_loads() {
    for preset in Preset::ALL {
        for language in [Language::Fr, Language::En] {
            for sites in [&[][..], &[("www.example.fr", "http://127.0.0.1:8080")]] {
                let text = template(preset, sites, language);
                let loaded = load(&text).unwrap_or_else(|report| {
                    panic!(
                        "{}",
                        report.render("policy.toml", &text, Language::En, false)
                    )
                });
                assert_eq!(loaded.policy.preset(), preset);
                assert_eq!(
                    loaded.policy.password().forms,
                    Policy::of(preset).password().forms
                );
                assert!(loaded.warnings.is_empty());
            }
        }
    }
}

#[test]
fn what_a_judge_finds_reads_like_any_other_fault() {
    let text = "version = 1\n[[password.form]]\nkind = \"passphrase\"\nwords = 7\n\
                word-list = \"w\"\n";
    let loaded = load(text).expect("no fault");
    let reason = || Text::new("fichier absent", "no such file");
    let troubles = [
        Trouble::AcceptsNothing { reason: reason() },
        Trouble::Longer {
            stated: 7,
            shortest: 9,
        },
        Trouble::ShortList {
            list: 1000,
            words: 9,
        },
        Trouble::UnreadableList { reason: reason() },
    ];
    let report = loaded
        .warnings
        .with(troubles.map(|trouble| trouble.of_form(0, text)));
    let found: Vec<_> = report.faults().iter().map(|fault| fault.code).collect();
    assert_eq!(
        found,
        [
            "form-accepts-nothing",
            "form-longer-than-stated",
            "word-list-short",
            "word-list-unreadable",
        ]
    );
    assert!(report.has_errors());
    for language in [Language::Fr, Language::En] {
        let printed = report.render("policy.toml", text, language, false);
        for words in ["policy.toml:2:1", "policy.toml:4:9", "policy.toml:5:13"] {
            assert!(printed.contains(words), "{printed}");
        }
    }
    for fault in report.faults() {
        for words in [&fault.message, &fault.label, &fault.fix] {
            assert!(!words.fr.is_empty() && words.fr != words.en, "{fault:?}");
        }
    }
}
