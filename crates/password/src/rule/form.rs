//! Refuses passwords that meet no form of the policy.
//!
//! Clauses: [`clause::CNIL_CASE_1`], [`clause::CNIL_CASE_2`], [`clause::CNIL_CASE_3`]. The
//! bits belong to the form; the typed password is only measured against it.
//!
//! How a form of characters is read:
//! - every code point counts in the length, spaces and unlisted signs included; but in a
//!   code (digits are the only class) only digits do;
//! - the operator's specials come first, so that `µ` is one; then any numeric sign is a
//!   digit, upper and title case are upper, all other letters are lower, and the rest
//!   counts for no class;
//! - the classes present must together count for the pool that the policy computed with.
//!   Where no class is required, digits alone (10 signs) fall short of it, and are accepted
//!   only at the length where they reach the case's floor by themselves.
//!
//! How the words of a passphrase are counted: [`phrase`].
//!
//! [`clause::CNIL_CASE_1`]: policy::clause::CNIL_CASE_1
//! [`clause::CNIL_CASE_2`]: policy::clause::CNIL_CASE_2
//! [`clause::CNIL_CASE_3`]: policy::clause::CNIL_CASE_3

use std::collections::BTreeSet;
use std::sync::Arc;

use policy::password::{Case, Characters, Class, Form, Passphrase};
use policy::{Bits, PasswordPolicy, Text};

use crate::finding::Kind;
use crate::{Finding, Password, fold, sign, words};

pub(crate) mod phrase;

#[cfg(test)]
mod attribute_tests;

/// How far one missing word is, in characters: a short word and its separator.
const WORD_DISTANCE: usize = 5;

/// How a password stands against the forms of a policy.
pub(crate) struct Shape {
    /// The form met, or the nearest one, by its place in the policy.
    pub(crate) form: usize,
    /// Whether that form is met.
    pub(crate) met: bool,
    /// What is missing from the nearest form; empty if met.
    pub(crate) findings: Vec<Finding>,
}

/// The first form that the password meets, or the nearest one and what it misses.
pub(crate) fn check(password: &Password, policy: &PasswordPolicy, forms: &Arc<Text>) -> Shape {
    let (distance, form, mut missing) = policy
        .forms
        .iter()
        .enumerate()
        .map(|(place, form)| {
            let missing = missing(password.expose(), form, policy.case);
            (missing.iter().map(distance).sum::<usize>(), place, missing)
        })
        .min_by_key(|&(distance, place, _)| (distance, place))
        .expect("the judge holds a policy with at least one form");
    // The list of accepted forms stands once, after the last thing to do.
    let last = missing
        .pop()
        .map(|kind| Finding::with_forms(kind, policy.case, forms));
    Shape {
        form,
        met: distance == 0,
        findings: missing
            .into_iter()
            .map(|kind| Finding::new(kind, policy.case))
            .chain(last)
            .collect(),
    }
}

/// Whether a text meets a form of the policy.
pub(crate) fn is_met(text: &str, policy: &PasswordPolicy) -> bool {
    policy
        .forms
        .iter()
        .any(|form| missing(text, form, policy.case).is_empty())
}

/// What a text lacks of one form; empty if it meets it.
fn missing(text: &str, form: &Form, case: Case) -> Vec<Kind> {
    match form {
        Form::Characters(form) => missing_characters(text, form, case),
        Form::Passphrase(form) => missing_words(text, form),
    }
}

/// The bits that a form is worth in its case; zero where nothing gives a figure.
pub(crate) fn bits(form: &Form, case: Case) -> Bits {
    form.conformity(case)
        .map(policy::password::Conformity::bits)
        .or_else(|| form.bits())
        .unwrap_or(Bits::new(0.0))
}

/// The class of a sign, whether or not the form lists it.
pub(crate) fn class_of(sign: char, form: &Characters) -> Option<Class> {
    if form.classes.contains(&Class::Special) && form.specials.contains(sign) {
        Some(Class::Special)
    } else if sign::is_number(sign) {
        Some(Class::Digit)
    } else if sign.is_uppercase() {
        Some(Class::Upper)
    } else if !sign::is_letter(sign) {
        None
    } else if is_title_case(sign) {
        Some(Class::Upper)
    } else {
        Some(Class::Lower)
    }
}

/// Whether a sign of this class counts for the length. A sign of a class that the form does not list
/// counts unless that class is smaller than each one listed: eighteen "lower-case letters"
/// of which seventeen are digits would be far from the bits of the form.
fn counts(kind: Option<Class>, least: Option<usize>, form: &Characters) -> bool {
    let Some(class) = kind else {
        return true;
    };
    form.classes.contains(&class) || least.is_none_or(|least| form.pool_of(class) >= least)
}

/// `ǅ` and its kind: letters that are neither lower nor upper and yet have a lower case.
fn is_title_case(letter: char) -> bool {
    !letter.is_lowercase() && !letter.to_lowercase().eq([letter])
}

pub(crate) fn missing_characters(text: &str, form: &Characters, case: Case) -> Vec<Kind> {
    let code = words::is_code(form);
    let mut present = BTreeSet::new();
    let mut counted = 0;
    let least = form.classes.iter().map(|&class| form.pool_of(class)).min();
    for sign in text.chars() {
        let kind = class_of(sign, form);
        let class = kind.filter(|class| form.classes.contains(class));
        present.extend(class);
        counted += usize::from(if code {
            class.is_some()
        } else {
            counts(kind, least, form)
        });
    }
    let absent: Vec<Class> = form.classes.difference(&present).copied().collect();

    let mut missing = Vec::new();
    if counted < form.length {
        missing.push(Kind::TooFewCharacters {
            missing: form.length - counted,
            code,
        });
    }
    if code {
        return missing;
    }
    if present.len() < form.required {
        missing.push(Kind::TooFewClasses {
            missing: form.required - present.len(),
            absent,
        });
        return missing;
    }
    let pool: usize = present.iter().map(|&class| form.pool_of(class)).sum();
    if is_narrow(pool, counted, form, case) {
        missing.push(Kind::NarrowClasses {
            length: length_for(pool, case.floor()),
            absent,
        });
    }
    missing
}

/// Whether classes that together have `pool` signs fall short of the form's pool, and of the
/// case's floor by themselves.
pub(crate) fn is_narrow(pool: usize, length: usize, form: &Characters, case: Case) -> bool {
    pool < form.pool() && length_for(pool, case.floor()).is_none_or(|least| length < least)
}

fn missing_words(text: &str, form: &Passphrase) -> Vec<Kind> {
    match form
        .words
        .checked_sub(phrase::different_words(&fold::folded(text)))
    {
        None | Some(0) => Vec::new(),
        Some(missing) => vec![Kind::TooFewWords { missing }],
    }
}

/// The least number of free choices among `pool` signs that reaches `floor`.
fn length_for(pool: usize, floor: Bits) -> Option<usize> {
    (1..=floor.get() as usize + 1).find(|&length| Bits::of(length, pool) >= floor)
}

/// How far a fault is from being mended, in characters to type.
fn distance(kind: &Kind) -> usize {
    match kind {
        Kind::TooFewCharacters { missing, .. } | Kind::TooFewClasses { missing, .. } => *missing,
        Kind::NarrowClasses { .. } => 1,
        Kind::TooFewWords { missing } => missing * WORD_DISTANCE,
        Kind::Read(_)
        | Kind::Common
        | Kind::CommonDecorated
        | Kind::Listed
        | Kind::Leaked
        | Kind::Unchecked
        | Kind::CommonDigits
        | Kind::Quotation
        | Kind::Context
        | Kind::Guess { .. } => 0,
    }
}

#[cfg(test)]
mod tests {
    use policy::password::Example;

    use super::*;

    fn password(text: &str) -> Password {
        Password::read(text.as_bytes().to_vec(), 256).expect("a password")
    }

    fn characters(example: Example) -> Characters {
        match example.form() {
            Form::Characters(form) => form,
            Form::Passphrase(_) => unreachable!("an example of characters"),
        }
    }

    #[test]
    fn signs_and_their_class() {
        let form = characters(Example::TwelveCharacters);
        for (signs, class) in [
            ("azéñßªх中ひ", Some(Class::Lower)),
            ("AZÉÑХǅΩ", Some(Class::Upper)),
            ("09٣½Ⅷ", Some(Class::Digit)),
            ("!~€£§µ°", Some(Class::Special)),
            (" ’«😀\u{301}", None),
        ] {
            for sign in signs.chars() {
                assert_eq!(class_of(sign, &form), class, "{sign:?}");
            }
        }
    }

    /// What is missing, as `characters`, `classes`, `narrow`, with the number.
    fn missing(text: &str, form: &Characters, case: Case) -> Vec<(&'static str, usize)> {
        missing_characters(text, form, case)
            .into_iter()
            .map(|kind| match kind {
                Kind::TooFewCharacters { missing, .. } => ("characters", missing),
                Kind::TooFewClasses { missing, .. } => ("classes", missing),
                Kind::NarrowClasses { length, .. } => ("narrow", length.unwrap_or(0)),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn characters_against_a_form() {
        let twelve = characters(Example::TwelveCharacters);
        let eight = characters(Example::EightCharacters);
        let digits = characters(Example::SixteenDigits);
        let fourteen = characters(Example::FourteenCharacters);
        let only = |class, length| {
            let mut form = characters(Example::TwelveCharacters);
            (form.classes, form.required, form.length) = (BTreeSet::from([class]), 1, length);
            form
        };
        let lower = only(Class::Lower, 18);
        let specials = only(Class::Special, 16);
        let alone = Case::PasswordAlone;
        let restricted = Case::RestrictedAccess;
        type Row<'a> = (&'a str, &'a Characters, Case, &'a [(&'a str, usize)]);
        let rows: &[Row<'_>] = &[
            ("aB3!aB3!aB3!", &twelve, alone, &[]),
            ("aB3!aB3!aB3", &twelve, alone, &[("characters", 1)]),
            ("ab3!ab3!ab3!", &twelve, alone, &[("classes", 1)]),
            ("ab", &twelve, alone, &[("characters", 10), ("classes", 3)]),
            // A letter with an accent counts once, and as a letter.
            ("éÉ3!éÉ3!éÉ3!", &twelve, alone, &[]),
            ("éB3éB3éB3éB3", &twelve, alone, &[("classes", 1)]),
            // Spaces and emoji count in the length and for no class.
            ("aB3!        ", &twelve, alone, &[]),
            ("aB3😀aB3😀aB3😀", &twelve, alone, &[("classes", 1)]),
            // Signs outside the classes of a form count in its length.
            ("aB3!aB3!aB3!aB", &fourteen, alone, &[]),
            // Unless their class is smaller than those of the form.
            ("83920175664203917k", &lower, alone, &[("characters", 17)]),
            ("XXXXXXXXXXXXXXXXX!k", &lower, alone, &[]),
            ("8392017566420391!", &specials, alone, &[("characters", 15)]),
            ("abcdefghijklmno!", &specials, alone, &[("characters", 15)]),
            ("aB345678", &eight, restricted, &[]),
            ("ab345678", &eight, restricted, &[("classes", 1)]),
            // In a code only digits count.
            ("7281930465728193", &digits, restricted, &[]),
            ("728193046572819", &digits, restricted, &[("characters", 1)]),
            ("7281 9304 6572 8193", &digits, restricted, &[]),
            (
                "7aaaaaaaaaaaaaaa",
                &digits,
                restricted,
                &[("characters", 15)],
            ),
        ];
        for (text, form, case, expected) in rows {
            assert_eq!(missing(text, form, *case), *expected, "{text}");
        }
    }

    #[test]
    fn without_required_classes_digits_alone_need_their_own_length() {
        let mut free = characters(Example::TwelveCharacters);
        free.length = 15;
        free.required = 0;
        let case = Case::RestrictedAccess;
        for (text, expected) in [
            ("abcdefghijklmno", &[][..]),
            ("a23456789012345", &[]),
            ("!23456789012345", &[]),
            ("123456789012345", &[("narrow", 16)]),
            ("1234567890123456", &[]),
            ("               ", &[("narrow", 0)]),
            ("12345", &[("characters", 10), ("narrow", 16)]),
        ] {
            assert_eq!(missing(text, &free, case), expected, "{text}");
        }
        free.length = 18;
        let alone = Case::PasswordAlone;
        assert_eq!(missing(&"7".repeat(24), &free, alone), [("narrow", 25)]);
        assert_eq!(missing(&"7".repeat(25), &free, alone), []);
    }

    #[test]
    fn words_against_a_form() {
        let Form::Passphrase(seven) = Example::SevenWords.form() else {
            unreachable!("an example of words");
        };
        for (text, missing) in [
            ("un deux trois quatre cinq six sept", 0),
            ("un deux trois quatre cinq six sept huit", 0),
            ("un deux trois quatre cinq six sixs", 1),
            ("un deux trois quatre cinq quatres six", 1),
            ("un deux trois 4 5 6 7", 4),
            ("", 7),
        ] {
            let found = missing_words(text, &seven);
            let expected = (missing > 0).then_some(Kind::TooFewWords { missing });
            assert_eq!(found, Vec::from_iter(expected), "{text}");
        }
    }

    /// Each clause with texts that meet the form it gives, and texts that just do not.
    #[test]
    fn forms_of_the_law() {
        use Example::{
            EightCharacters, FiveWords, FourDigits, FourteenCharacters, SevenWords, SixteenDigits,
            TwelveCharacters,
        };
        let rows: &[(&str, Example, &str, bool)] = &[
            (
                "cnil-case-1-examples",
                TwelveCharacters,
                "éÀ3€éÀ3€éÀ3€",
                true,
            ),
            (
                "cnil-case-1-examples",
                TwelveCharacters,
                "éÀ3€éÀ3€éÀ3",
                false,
            ),
            // An é is a letter, so there is no special sign.
            (
                "cnil-case-1-examples",
                TwelveCharacters,
                "aB3éaB3éaB3é",
                false,
            ),
            (
                "cnil-case-1-examples",
                FourteenCharacters,
                "aB3aB3aB3aB3aB",
                true,
            ),
            (
                "cnil-case-1-examples",
                FourteenCharacters,
                "ab3ab3ab3ab3ab",
                false,
            ),
            (
                "cnil-case-1-words",
                SevenWords,
                "un deux trois quatre cinq six sept",
                true,
            ),
            (
                "cnil-case-1-words",
                SevenWords,
                "un deux trois quatre cinq six à 7 !",
                false,
            ),
            (
                "cnil-case-1-words",
                SevenWords,
                "un deux trois quatre cinq six SIX",
                false,
            ),
            ("cnil-case-2-examples", EightCharacters, "éÀ3éÀ3éÀ", true),
            ("cnil-case-2-examples", EightCharacters, "éÀéÀéÀéÀ", false),
            (
                "cnil-case-2-examples",
                SixteenDigits,
                "7281930465728193",
                true,
            ),
            (
                "cnil-case-2-examples",
                SixteenDigits,
                "728193046572819a",
                false,
            ),
            (
                "cnil-case-2-words",
                FiveWords,
                "un-deux-trois-quatre-cinq",
                true,
            ),
            (
                "cnil-case-2-words",
                FiveWords,
                "UnDeuxTroisQuatreCinq",
                false,
            ),
            ("cnil-case-3", FourDigits, "7291", true),
            ("cnil-case-3", FourDigits, "729", false),
            ("cnil-case-3", FourDigits, "abcd", false),
        ];
        for (clause, example, text, met) in rows {
            let found = super::missing(text, &example.form(), example.case()).is_empty();
            assert_eq!(found, *met, "{clause}: {text}");
            assert!(policy::clause::find(clause).is_some(), "{clause}");
        }
    }

    #[test]
    fn the_nearest_form_is_the_one_spoken_of() {
        let policy = policy::Policy::reference().password().clone();
        let forms = Arc::new(words::forms(&policy.forms));
        for (text, form, codes) in [
            ("aB3!aB3!aB3!", 0, &[][..]),
            ("aB3aB3aB3aB3aB", 1, &[]),
            ("un deux trois quatre cinq six sept", 2, &[]),
            ("aB3!aB3!aB", 0, &["too-few-characters"]),
            ("aB3aB3aB3aB3a", 0, &["too-few-classes"]),
            ("un deux trois quatre cinq six", 1, &["too-few-classes"]),
            ("ab", 0, &["too-few-characters", "too-few-classes"]),
        ] {
            let shape = check(&password(text), &policy, &forms);
            let found: Vec<&str> = shape.findings.iter().map(Finding::code).collect();
            assert_eq!((shape.form, found.as_slice()), (form, codes), "{text}");
            assert_eq!(shape.met, codes.is_empty(), "{text}");
        }
    }
}
