//! Passwords against whole policies, and what must hold for all of them.

use policy::Language;
use policy::password::{Case, Class, Example, Form};
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::*;

/// The default policy of a case, as `case = "…"` in a file gives it.
fn policy_of(case: Case) -> PasswordPolicy {
    let mut file = format!("version = 1\n[password]\ncase = \"{}\"\n", case.name());
    if case == Case::DeviceUnlock {
        file.push_str("[access]\nmechanism = \"block\"\n[access.block]\nafter = 3\n");
    }
    match policy::load(&file) {
        Ok(loaded) => loaded.policy.password().clone(),
        Err(_) => panic!("the default policy of {} does not load", case.name()),
    }
}

fn assess(judge: &Judge, text: &str, context: &Context) -> Assessment {
    judge.read_and_assess(text.as_bytes().to_vec(), context)
}

fn codes(assessment: &Assessment) -> Vec<&'static str> {
    assessment.findings().iter().map(Finding::code).collect()
}

#[test]
fn passwords_against_the_default_policy_of_each_case() {
    let context = Context::new(["jean.dupont@mairie-exemple.fr"]);
    let (alone, restricted, device) = (
        Case::PasswordAlone,
        Case::RestrictedAccess,
        Case::DeviceUnlock,
    );
    let rows: &[(Case, &str, &[&str])] = &[
        (alone, "9fK!r2Vq#tZ7", &[]),
        (alone, "aR3xbT7wKp2mQz", &[]),
        (alone, "cheval pile agrafe correct piano rivage onze", &[]),
        (alone, "9fK!r2Vq#tZ", &["too-few-characters"]),
        // 65 bits by the formula on the typed string, and worth nothing.
        (
            alone,
            "Password1!",
            &["too-few-characters", "common-password-decorated"],
        ),
        (alone, "Password1234!", &["common-password-decorated"]),
        (alone, "Soleil123456!", &["common-password-decorated"]),
        (alone, "Azertyuiop123!", &["common-password-decorated"]),
        (alone, "Jean.Dupont75!", &["context-word"]),
        (alone, "aaaaaaaaaaaA1!", &["guessable"]),
        (
            alone,
            "password",
            &["too-few-characters", "too-few-classes", "common-password"],
        ),
        (restricted, "9fK!r2Vq", &[]),
        (restricted, "7281930465728193", &[]),
        (restricted, "cheval pile agrafe correct piano", &[]),
        (restricted, "Azerty12", &["common-password"]),
        (restricted, "Soleil75", &["common-password-decorated"]),
        (restricted, "Soleil2024!", &["common-password-decorated"]),
        (
            restricted,
            "MotDePasse!2024",
            &["common-password-decorated"],
        ),
        (restricted, "Sunflower1!", &["common-password-decorated"]),
        (
            restricted,
            "Bienvenue@2024!",
            &["common-password-decorated"],
        ),
        (
            restricted,
            "Welcome2024!!!!",
            &["common-password-decorated"],
        ),
        // A common word among one's own signs, inside and not around.
        (restricted, "soleil!9fK#x", &[]),
        (alone, "Dragon2024!!", &["common-password-decorated"]),
        (restricted, "Dupont75!", &["context-word"]),
        (restricted, "1234567890123456", &["guessable"]),
        (restricted, "728193046572819", &["too-few-characters"]),
        (device, "7291", &[]),
        (device, "1234", &["common-code"]),
        (device, "729", &["too-few-characters"]),
        (device, "x7q2", &["too-few-characters"]),
    ];
    for (case, text, expected) in rows {
        let judge = Judge::new(&policy_of(*case));
        let assessment = assess(&judge, text, &context);
        assert_eq!(
            codes(&assessment),
            *expected,
            "{text}, {}: {assessment:?}",
            case.name()
        );
        assert_eq!(
            assessment.accepted(),
            expected.is_empty(),
            "{text}, {}",
            case.name()
        );
    }
}

#[test]
fn bits_are_those_of_the_form_and_never_of_the_string() {
    for (case, text, bits) in [
        (Case::PasswordAlone, "9fK!r2Vq#tZ7", "79.55"),
        (
            Case::PasswordAlone,
            "9fK!r2Vq#tZ7 and much more beside it",
            "79.55",
        ),
        (Case::PasswordAlone, "aR3xbT7wKp2mQz", "83.36"),
        (Case::PasswordAlone, "Password1!", "79.55"),
        (Case::RestrictedAccess, "9fK!r2Vq", "53.03"),
        (Case::RestrictedAccess, "7281930465728193", "53.15"),
        (Case::DeviceUnlock, "7291", "13.29"),
        (Case::PasswordAlone, "", "79.55"),
    ] {
        let judge = Judge::new(&policy_of(case));
        assert_eq!(
            assess(&judge, text, &Context::none()).bits().to_string(),
            bits,
            "{text}"
        );
    }
}

#[test]
fn bytes_that_are_no_password_are_a_refusal_with_a_reason() {
    let judge = Judge::new(&policy_of(Case::PasswordAlone));
    for (bytes, code) in [
        (b"".to_vec(), "password-empty"),
        (b"9fK!r2Vq#tZ7\0".to_vec(), "password-nul"),
        (b"9fK!r2Vq#tZ7\xff".to_vec(), "password-not-utf8"),
        (b"9fK!r2Vq\t#tZ7".to_vec(), "password-control"),
        (vec![b'a'; 10 * 1024 * 1024], "password-too-long"),
    ] {
        let refusal = judge
            .read_and_judge(bytes, &Context::none())
            .expect_err(code);
        assert_eq!(codes(refusal.assessment()), [code]);
        assert!(refusal.into_password().is_none());
    }
}

#[test]
fn a_refused_form_tells_what_is_missing_and_what_is_accepted() {
    let judge = Judge::new(&policy_of(Case::PasswordAlone));
    let assessment = assess(&judge, "9fK!r2Vq#t", &Context::none());
    let finding = &assessment.findings()[0];
    assert_eq!(finding.clause().id, "cnil-case-1");
    assert_eq!(finding.message(Language::Fr), "Il manque 2 caractères.");
    assert_eq!(
        finding.advice(Language::En),
        "Add 2 characters. Accepted: 12 characters with lower case, upper case, digit and special sign, \
         or 14 characters with lower case, upper case and digit, or 7 different words."
    );
}

#[test]
fn the_json_has_the_documented_shape() {
    let judge = Judge::new(&policy_of(Case::RestrictedAccess));
    let json = assess(&judge, "728193046572819", &Context::none()).to_json(Language::En);
    let guesses = json["guesses_log10"].as_f64().expect("a number");
    assert!(guesses > 6.0, "{guesses}");
    let mut expected = serde_json::json!({
        "accepted": false,
        "case": "restricted-access",
        "bits": 53.15,
        "guesses_log10": guesses,
        "findings": [{
            "code": "too-few-characters",
            "clause": "cnil-case-2",
            "message": "It is 1 digit short.",
            "advice": "",
        }],
    });
    expected["findings"][0]["advice"] = json["findings"][0]["advice"].clone();
    assert_eq!(json, expected);
}

#[test]
fn no_text_about_a_password_quotes_it() {
    let judge = Judge::new(&policy_of(Case::PasswordAlone));
    let context = Context::new(["canaryname@example.fr"]);
    for text in [
        "canary",
        "Canaryname2024!",
        "canarycanarycanary",
        "canary\0",
        "CANARY123",
    ] {
        let refusal = judge
            .read_and_judge(text.as_bytes().to_vec(), &context)
            .expect_err(text);
        for language in [Language::Fr, Language::En] {
            let said =
                format!("{refusal:?} {}", refusal.assessment().to_json(language)).to_lowercase();
            assert!(!said.contains("canary"), "{said}");
        }
    }
}

#[test]
fn rules_can_be_switched_off() {
    let mut policy = policy_of(Case::PasswordAlone);
    policy.guess.min_log10 = 0.0;
    policy.refuse.common = false;
    policy.refuse.context = false;
    let judge = Judge::new(&policy);
    assert!(assess(&judge, "Jean.Dupont75!", &Context::new(["jean.dupont"])).accepted());
}

#[test]
fn a_refused_password_comes_back_whole() {
    let judge = Judge::new(&policy_of(Case::PasswordAlone));
    let refusal = judge
        .read_and_judge(b"short".to_vec(), &Context::none())
        .expect_err("short");
    assert_eq!(
        refusal.into_password().expect("it was read").expose(),
        "short"
    );
}

/// Words for random phrases, French and English.
const WORDS: &str = "ancre balade cabane dossier envol fagot galet harpe iris jonque kayak loutre \
    marteau navette ocre palier quai rivage sillon tisane usine vallon wagon yourte zinc ardoise \
    bouleau cuivre digue escale falaise granit hameau argile jachère lavande mousse noyer orage \
    pinson amber basket candle drawer engine fabric garlic hollow island jacket kettle ladder \
    magnet needle orchard pebble quiver ribbon saddle thimble upland velvet willow yonder";

/// A verdict without what the estimator may say in two ways (see the guess rule).
fn verdict(assessment: &Assessment) -> (bool, Vec<&'static str>, bool) {
    (
        assessment.accepted(),
        codes(assessment),
        assessment.form_met(),
    )
}

/// A password of the form of an example, from a seed: a small generator is enough here.
fn random_of(example: Example, mut seed: u64) -> Option<String> {
    let mut next = |bound: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % bound
    };
    let Form::Characters(form) = example.form() else {
        let words: Vec<&str> = WORDS.split_whitespace().collect();
        let Form::Passphrase(form) = example.form() else {
            unreachable!()
        };
        let mut drawn: Vec<&str> = Vec::new();
        while drawn.len() < form.words {
            let word = words[next(words.len())];
            if !drawn.contains(&word) {
                drawn.push(word);
            }
        }
        return Some(drawn.join(" "));
    };
    let pool: Vec<char> = form
        .classes
        .iter()
        .flat_map(|class| match class {
            Class::Lower => ('a'..='z').collect(),
            Class::Upper => ('A'..='Z').collect(),
            Class::Digit => ('0'..='9').collect(),
            Class::Special => form.specials.iter().collect::<Vec<char>>(),
        })
        .collect();
    let text: String = (0..form.length).map(|_| pool[next(pool.len())]).collect();
    let present = form
        .classes
        .iter()
        .filter(|class| {
            text.chars()
                .any(|sign| crate::rule::form::class_of(sign, &form) == Some(**class))
        })
        .count();
    (present >= form.required).then_some(text)
}

#[test]
fn a_random_password_of_an_example_is_accepted_in_its_case() {
    for example in Example::ALL {
        let judge = Judge::new(&policy_of(example.case()));
        for seed in 0..300 {
            let Some(text) = random_of(example, seed * 7919) else {
                continue;
            };
            let assessment = assess(&judge, &text, &Context::none());
            let tried_first = codes(&assessment) == ["common-code"];
            assert!(
                assessment.accepted() || tried_first,
                "{} refused: {assessment:?}",
                example.name()
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_get_a_verdict_and_a_refusal_has_a_reason(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        let assessment = reference().read_and_assess(bytes, &Context::none());
        prop_assert_eq!(assessment.accepted(), assessment.findings().is_empty());
        for finding in assessment.findings() {
            for language in [Language::Fr, Language::En] {
                prop_assert!(finding.message(language).ends_with('.'));
                prop_assert!(finding.advice(language).ends_with('.'));
            }
        }
    }

    #[test]
    fn the_order_of_context_words_is_irrelevant(
        text in "[a-zA-Z0-9@!]{1,30}",
        words in proptest::collection::vec("[a-z]{2,8}", 0..40),
        turn in 0usize..40,
    ) {
        let mut turned = words.clone();
        turned.rotate_left(turn % words.len().max(1));
        turned.reverse();
        prop_assert_eq!(
            verdict(&assess(reference(), &text, &Context::new(&words))),
            verdict(&assess(reference(), &text, &Context::new(&turned)))
        );
    }

    #[test]
    fn composed_and_decomposed_text_get_one_verdict(text in "[a-zéèàçôÉÀüñ0-9!@ -]{1,30}") {
        let decomposed: String = text.nfd().collect();
        prop_assert_eq!(
            verdict(&assess(reference(), &text, &Context::none())),
            verdict(&assess(reference(), &decomposed, &Context::none()))
        );
    }

    #[test]
    fn adding_characters_keeps_a_form_of_characters_met(text in "[a-zA-Z0-9!]{12,20}", more in "\\PC{0,9}") {
        let before = assess(reference(), &text, &Context::none());
        let after = assess(reference(), &(text.clone() + &more), &Context::none());
        prop_assert!(!before.form_met() || after.form_met());
    }
}

/// A judge of the reference policy, made once.
fn reference() -> &'static Judge {
    static JUDGE: std::sync::LazyLock<Judge> =
        std::sync::LazyLock::new(|| Judge::new(policy::Policy::reference().password()));
    &JUDGE
}

#[test]
fn a_judge_is_shared_between_threads() {
    fn shared<T: Send + Sync + Clone>(_: &T) {}
    shared(reference());
}

/// A service that always says the same.
#[derive(Debug)]
struct Says(Option<bool>);

impl crate::LeakService for Says {
    fn has_leaked(&self, _: &breach::Digest) -> Option<bool> {
        self.0
    }
}

#[test]
fn an_online_service_is_asked_last_and_its_silence_is_the_policys_choice() {
    for (when_down, answer, expected) in [
        ("refuse", Some(true), &["leaked-password"][..]),
        ("refuse", Some(false), &[]),
        ("refuse", None, &["leak-unchecked"]),
        ("accept", Some(true), &["leaked-password"]),
        ("accept", None, &[]),
    ] {
        let text = format!(
            "version = 1\n[password.refuse.online]\nurl = \"https://range.example/\"\nwhen-down = \"{when_down}\"\n"
        );
        let policy = policy::load(&text).expect("a policy").policy;
        let says = Arc::new(Says(answer));
        let judge = Judge::with_service(policy.password(), Path::new(""), says).expect("no file");
        let none = Context::none();
        let password = Password::read(b"9fK!r2Vq#tZ7".to_vec(), 256).expect("a password");
        assert_eq!(
            codes(&judge.assess(&password, &none)),
            expected,
            "{when_down}"
        );
        // A meter asks nobody.
        assert!(judge.glance(&password, &none).accepted());
        // What is refused anyway is not asked about.
        let weak = Password::read(b"password".to_vec(), 256).expect("a password");
        assert!(!codes(&judge.assess(&weak, &none)).contains(&"leaked-password"));
    }
}

/// Without the feature nobody would be asked, and `when-down = "accept"` would hide it.
#[cfg(not(feature = "online"))]
#[test]
fn a_service_that_cannot_be_asked_is_no_silent_omission() {
    let text = "version = 1\n[password.refuse.online]\nurl = \"https://range.example/\"\nwhen-down = \"accept\"\n";
    let policy = policy::load(text).expect("a policy").policy;
    let error = Judge::open(policy.password(), Path::new("")).expect_err("no client");
    assert!(
        error.message(Language::En).contains("feature `online`"),
        "{error}"
    );
}

#[test]
fn an_index_of_leaked_passwords_is_read_beside_the_policy() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "version = 1\n[password.refuse]\nbreached = \"leaked.idx\"\n";
    let policy = policy::load(text).expect("a policy").policy;
    let absent = Judge::open(policy.password(), folder.path()).expect_err("no file");
    assert!(
        absent.message(Language::Fr).contains("leaked.idx"),
        "{absent}"
    );
    std::fs::write(folder.path().join("leaked.idx"), "not an index").expect("written");
    assert!(Judge::open(policy.password(), folder.path()).is_err());
}
