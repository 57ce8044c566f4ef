//! Generators of whole policies.

use std::collections::BTreeSet;

use policy::password::{Case, Example};
use policy::{Language, Policy};
use proptest::prelude::*;

use super::chance::tests::{Dry, Repeatable};
use super::*;
use crate::rule::form::phrase as counted;
use crate::{Assessment, fold};

/// A policy of some forms, in the case of the first one.
fn policy_of(examples: &[Example]) -> PasswordPolicy {
    let mut policy = Policy::reference().password().clone();
    policy.case = examples[0].case();
    policy.forms = examples.iter().map(|example| example.form()).collect();
    policy.guess.min_log10 = match policy.case {
        Case::PasswordAlone => 8.0,
        Case::RestrictedAccess => 5.0,
        Case::DeviceUnlock => 0.0,
    };
    policy
}

fn wanted() -> Wishes {
    Wishes::new(Language::En)
}

fn error(policy: &PasswordPolicy, wishes: &Wishes) -> GenerateError {
    match Generator::new(policy, wishes) {
        Ok(generator) => panic!("{generator:?}"),
        Err(error) => error,
    }
}

/// Words of five letters, `count` of them, no two of which count as one.
fn list_of(count: usize) -> WordList {
    let letter = |number: usize| char::from(b'a' + (number % 12) as u8);
    WordList::of((0..count).map(|number| {
        [20_736, 1728, 144, 12, 1]
            .map(|step| letter(number / step))
            .iter()
            .collect()
    }))
}

#[test]
fn what_is_generated_reaches_the_floor_and_is_accepted() {
    for (example, size, least) in [
        (Example::TwelveCharacters, 13, 80.0),
        (Example::FourteenCharacters, 14, 80.0),
        (Example::SevenWords, 7, 80.0),
        (Example::EightCharacters, 8, 50.0),
        (Example::SixteenDigits, 16, 50.0),
        (Example::FiveWords, 5, 50.0),
        (Example::FourDigits, 4, 13.0),
    ] {
        let policy = policy_of(&[example]);
        let generator = Generator::new(&policy, &wanted()).expect("a generator");
        assert_eq!(generator.size(), size, "{}", example.name());
        assert!(generator.bits().get() >= least, "{}", generator.bits());
        let judge = Judge::new(&policy);
        for _ in 0..20 {
            let generated = generator.generate().expect("a password");
            assert_eq!(generated.bits(), generator.bits());
            let text = generated.into_text();
            let assessment = judge.read_and_assess(text.as_bytes().to_vec(), &Context::none());
            assert!(assessment.accepted(), "{assessment:?}");
        }
    }
}

#[test]
fn a_small_set_counts_what_the_judge_accepts() {
    // 10,000 codes, less the 38 that the rule against common ones refuses.
    let generator = Generator::new(&policy_of(&[Example::FourDigits]), &wanted()).expect("codes");
    assert!((generator.bits().get() - 9962_f64.log2()).abs() < 1e-9);
}

#[test]
fn the_number_of_words_follows_the_real_size_of_the_list() {
    let alone = policy_of(&[Example::SevenWords]);
    let restricted = policy_of(&[Example::FiveWords]);
    for (policy, size, words, bits) in [
        (&alone, 7776, 7, "90.47"),
        (&alone, 1000, 9, "89.64"),
        (&alone, 2758, 8, "91.42"),
        (&alone, 12_000, 7, "94.85"),
        (&restricted, 7776, 5, "64.62"),
        (&restricted, 1000, 6, "59.77"),
    ] {
        let generator = Generator::new(policy, &wanted().list(list_of(size))).expect("phrases");
        assert_eq!(generator.size(), words, "{size}");
        assert_eq!(generator.choices(), size);
        assert_eq!(generator.bits().to_string(), bits, "{size}");
    }
}

#[test]
fn a_phrase_is_written_as_wished() {
    let policy = policy_of(&[Example::SevenWords]);
    let text = |wishes: Wishes| {
        let generator = Generator::new(&policy, &wishes).expect("phrases");
        generator.generate().expect("a phrase").into_text()
    };
    for (wishes, separator, words) in [
        (wanted(), "-", 7),
        (wanted().separator(" "), " ", 7),
        (wanted().separator(", ").words(9), ", ", 9),
        (wanted().separator("4"), "4", 7),
        (Wishes::new(Language::Fr).words(8), "-", 8),
    ] {
        let text = text(wishes);
        assert_eq!(text.split(separator).count(), words, "{}", &*text);
        assert_eq!(counted::different_words(&fold::folded(&text)), words);
    }
    let capitals = text(wanted().capitalize(true));
    assert!(
        capitals
            .split('-')
            .all(|word| word.starts_with(char::is_uppercase)),
        "{}",
        &*capitals
    );
}

#[test]
fn wishes_choose_a_form() {
    use Example::{FourteenCharacters, SevenWords, TwelveCharacters};
    let all = policy_of(&[TwelveCharacters, FourteenCharacters, SevenWords]);
    let words_first = policy_of(&[SevenWords, TwelveCharacters]);
    let words_only = policy_of(&[SevenWords]);
    for (policy, wishes, form, size) in [
        (&all, wanted(), 0, 13),
        (&all, wanted().form(1), 1, 14),
        (&all, wanted().form(1).length(20), 1, 20),
        (&all, wanted().length(20), 0, 20),
        (&all, wanted().words(8), 2, 8),
        (&all, wanted().capitalize(true), 2, 7),
        (&all, wanted().form(2), 2, 7),
        (&words_first, wanted(), 1, 13),
        (&words_only, wanted(), 0, 7),
    ] {
        let generator = Generator::new(policy, &wishes).expect("a generator");
        assert_eq!(
            (generator.form(), generator.size()),
            (form, size),
            "{wishes:?}"
        );
    }
}

#[test]
fn what_cannot_be_made_is_an_error() {
    use Kind::{Characters, Words};
    let all = policy_of(&[Example::TwelveCharacters, Example::SevenWords]);
    let words = policy_of(&[Example::SevenWords]);
    let characters = policy_of(&[Example::TwelveCharacters]);
    let mut short = words.clone();
    short.max_length = 20;
    let mut tight = words.clone();
    tight.max_length = 50;
    let mut strict = policy_of(&[Example::FourDigits]);
    strict.guess.min_log10 = 19.0;
    strict.max_length = 6;
    let few = |kind, least| GenerateError::TooFew { kind, least };
    let many = |kind, most| GenerateError::TooMany { kind, most };
    for (policy, wishes, expected) in [
        (
            &all,
            wanted().form(2),
            GenerateError::NoSuchForm { forms: 2 },
        ),
        (&all, wanted().length(20).words(8), GenerateError::Mixed),
        (
            &all,
            wanted().form(0).words(8),
            GenerateError::OtherKind { wanted: Words },
        ),
        (
            &all,
            wanted().form(1).length(20),
            GenerateError::OtherKind { wanted: Characters },
        ),
        (
            &characters,
            wanted().separator(" "),
            GenerateError::OtherKind { wanted: Words },
        ),
        (
            &words,
            wanted().length(20),
            GenerateError::OtherKind { wanted: Characters },
        ),
        // Twelve conform by name, and are one short by the formula.
        (&all, wanted().length(12), few(Characters, 13)),
        (&all, wanted().length(257), many(Characters, 256)),
        (&all, wanted().words(6), few(Words, 7)),
        (&all, wanted().words(8).list(list_of(1000)), few(Words, 9)),
        // Words of five letters and their hyphens fill 256 signs with 42, and 50 with 8.
        (
            &all,
            wanted().words(usize::MAX).list(list_of(7776)),
            many(Words, 42),
        ),
        (
            &all,
            wanted().words(43).list(list_of(7776)),
            many(Words, 42),
        ),
        (
            &tight,
            wanted().words(9).list(list_of(7776)),
            many(Words, 8),
        ),
        (&all, wanted().separator(""), GenerateError::Separator),
        (&all, wanted().separator("x"), GenerateError::Separator),
        (&short, wanted().list(list_of(7776)), GenerateError::NoRoom),
        (&strict, wanted(), GenerateError::Unsatisfiable),
    ] {
        assert_eq!(error(policy, &wishes), expected, "{wishes:?}");
    }
}

#[test]
fn a_guess_threshold_makes_passwords_longer() {
    let mut policy = policy_of(&[Example::FourDigits]);
    policy.guess.min_log10 = 7.0;
    let generator = Generator::new(&policy, &wanted()).expect("codes");
    assert!((7..=14).contains(&generator.size()), "{generator:?}");
    for _ in 0..50 {
        generator.generate().expect("a code");
    }
}

#[test]
fn the_list_of_the_form_is_read_from_the_folder_of_the_policy() {
    let here = std::env::temp_dir().join(format!("rempart-generate-{}", std::process::id()));
    std::fs::create_dir_all(&here).expect("a folder");
    let text: String = list_of(1500)
        .up_to(5)
        .iter()
        .map(|word| format!("{}\n", word.text))
        .collect();
    std::fs::write(here.join("ours.txt"), text).expect("written");
    let mut policy = policy_of(&[Example::SevenWords]);
    let Form::Passphrase(form) = &mut policy.forms[0] else {
        unreachable!("a form of words");
    };
    form.word_list = Some("ours.txt".into());
    let generator = Generator::new(&policy, &wanted().base(&here)).expect("phrases");
    assert_eq!((generator.choices(), generator.size()), (1500, 8));
    std::fs::write(here.join("ours.txt"), "deux mots\n").expect("written");
    let message = error(&policy, &wanted().base(&here)).message(Language::Fr);
    std::fs::remove_dir_all(&here).expect("removed");
    assert!(message.contains("ours.txt:1 : "), "{message}");
    assert!(matches!(
        error(&policy, &wanted().base(&here)),
        GenerateError::List(_)
    ));
}

#[test]
fn two_passwords_differ() {
    let generator =
        Generator::new(&policy_of(&[Example::TwelveCharacters]), &wanted()).expect("passwords");
    let drawn: BTreeSet<String> = (0..50)
        .map(|_| {
            let generated = generator.generate().expect("a password");
            generated.into_text().to_string()
        })
        .collect();
    assert_eq!(drawn.len(), 50);
}

#[test]
fn the_same_chance_makes_the_same_password() {
    let policy = policy_of(&[Example::SevenWords]);
    let wishes = wanted().list(list_of(7776));
    let make = |seed| {
        let mut chance = Repeatable(seed);
        let generator = Generator::with(&policy, &wishes, &mut chance).expect("phrases");
        let generated = generator.generate_with(&mut chance).expect("a phrase");
        generated.into_text().to_string()
    };
    assert_eq!(make(1), make(1));
    assert_ne!(make(1), make(2));
    assert_eq!(
        Generator::with(&policy, &wishes, &mut Dry).unwrap_err(),
        GenerateError::Randomness
    );
}

/// A policy file with one form, lawful or not.
fn any_form() -> impl Strategy<Value = String> {
    let characters = (
        1_usize..40,
        1_usize..16,
        0_usize..5,
        prop::sample::select(vec!["!#$%&*+-=?@_€£§", "!", "~^µ"]),
    )
        .prop_map(|(length, classes, required, specials)| {
            let classes: Vec<&str> = ["\"lower\"", "\"upper\"", "\"digit\"", "\"special\""]
                .into_iter()
                .enumerate()
                .filter(|(place, _)| classes >> place & 1 == 1)
                .map(|(_, class)| class)
                .collect();
            format!(
                "kind = \"characters\"\nlength = {length}\nclasses = [{}]\nrequired = {}\nspecials = \"{specials}\"\n",
                classes.join(", "),
                required.min(classes.len()),
            )
        });
    let words = (1_usize..20).prop_map(|words| format!("kind = \"passphrase\"\nwords = {words}\n"));
    prop_oneof![characters, words]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_a_lawful_policy_asks_is_made(
        case in 0_usize..3,
        max_length in prop::sample::select(vec![50_usize, 64, 256]),
        forms in prop::collection::vec(any_form(), 1..4),
        min_log10 in prop::sample::select(vec![0_u8, 5, 8, 12]),
        language in prop::sample::select(vec![Language::Fr, Language::En]),
    ) {
        let (name, access) = [
            ("password-alone", ""),
            ("restricted-access", ""),
            ("device-unlock", "[access]\nmechanism = \"block\"\n[access.block]\nafter = 3\n"),
        ][case];
        let mut file = format!("version = 1\n[password]\ncase = \"{name}\"\nmax-length = {max_length}\n");
        for form in &forms {
            file += "[[password.form]]\n";
            file += form;
        }
        file += &format!("[password.guess]\nmin-log10 = {min_log10}\n{access}");
        let Ok(loaded) = policy::load(&file) else {
            return Err(TestCaseError::reject("not lawful"));
        };
        let policy = loaded.policy.password();
        let judge = Judge::new(policy);
        for place in 0..policy.forms.len() {
            let generator = match Generator::new(policy, &Wishes::new(language).form(place)) {
                Ok(generator) => generator,
                // Fifty signs may be too few for the words or the guesses asked.
                Err(GenerateError::NoRoom | GenerateError::Unsatisfiable) => continue,
                Err(error) => panic!("{error}"),
            };
            prop_assert!(generator.bits() >= policy.case.floor());
            for _ in 0..3 {
                let generated = generator.generate().expect("a password");
                let text = generated.into_text();
                prop_assert!(text.chars().count() <= policy.max_length);
                let verdict: Assessment = judge.read_and_assess(text.as_bytes().to_vec(), &Context::none());
                prop_assert!(verdict.accepted(), "{verdict:?}");
            }
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn asking_for_more_never_lowers_the_entropy(words in 1_usize..80, max_length in 50_usize..400, size in 1000_usize..3000) {
        let mut policy = policy_of(&[Example::SevenWords]);
        policy.max_length = max_length;
        policy.guess.min_log10 = 0.0;
        let wishes = wanted().list(list_of(size));
        let Ok(least) = Generator::new(&policy, &wishes) else {
            return Ok(());
        };
        match Generator::new(&policy, &wishes.words(words)) {
            Ok(asked) => {
                prop_assert!(asked.size() == words && words >= least.size());
                prop_assert!(asked.bits() >= least.bits());
            }
            Err(GenerateError::TooFew { least: told, .. }) => {
                prop_assert!(words < told && told == least.size());
            }
            Err(GenerateError::TooMany { most, .. }) => prop_assert!(words > most),
            Err(error) => panic!("{error}"),
        }
    }
}
