//! Refuses passwords that an attacker would guess soon, by an estimator (zxcvbn).
//!
//! Clause: [`policy::clause::CNIL_GUESS`]: it may complement the form and never replaces it.
//!
//! What bounds the work: `max-work` characters at most, and fewer where many signs stand for
//! letters. The estimator reads the text again for every way to undo such substitutions;
//! [`window`] keeps their number times the square of the length under [`WORK`]. The figure
//! is the estimate of what was read. What follows only adds guesses for an attacker, so it
//! is a floor, and adding characters never lowers it by narrowing the window.
//!
//! What it cannot say: it counts in 64 bits, so nothing above 10^19.3; it never shows that
//! 80 bits are reached. It compares years with today's, so a figure may move by a fraction
//! from one year to the next. It breaks ties in the order of hash tables, so the figure of
//! a password above 10^12 and the pattern that a finding names may differ from one call to
//! the next; the default thresholds lie well below. It keeps copies of the text that nobody
//! wipes.
//!
//! The default thresholds are steps of the estimator itself: three pieces in a row count for
//! 10^8 or more, two for 10^4 or more. Of random passwords in the form of a CNIL example,
//! none was refused in 300,000 draws of each, and 5 in a million of eight characters, which
//! happened to spell a word.

use policy::Language;
use zxcvbn::feedback::Warning;

use crate::rule::common::Core;
use crate::{Context, Password, fold};

/// Ways to undo substitutions times the square of the length. The
/// worst input found takes under 10 ms (`docs/PERFORMANCE.md`).
const WORK: u64 = 80_000;
/// Context words handed to the estimator, and how many of them are also joined in pairs.
const INPUTS: usize = 16;
const JOINED: usize = 4;

/// The letters that signs stand for, as the estimator has them.
const SUBSTITUTES: [&str; 12] = [
    "4@", "8", "({[<", "3", "69", "1!|", "1|7", "0", "$5", "+7", "%", "2",
];

/// What the estimator says.
pub(crate) struct Estimate {
    /// Base-10 logarithm of the number of guesses, from 0 to about 19.3.
    pub(crate) log10: f64,
    /// The pattern that makes it easy to guess, where one stands out.
    pub(crate) pattern: Option<Pattern>,
}

/// Patterns that are tried early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pattern {
    Keyboard,
    Repeat,
    Sequence,
    Year,
    Date,
    Common,
    Word,
    Name,
}

/// The estimate for a password, given the words that an attacker knows and a common core.
pub(crate) fn estimate(
    password: &Password,
    context: &Context,
    core: Option<&Core>,
    max_work: usize,
) -> Estimate {
    let text = fold::unaccented(password.expose());
    let read = &text[..window(&text, max_work)];
    if read.is_empty() {
        return Estimate {
            log10: 0.0,
            pattern: None,
        };
    }
    // The estimator knows no French word; the core is handed over as if it were personal.
    let french = core
        .filter(|core| core.french)
        .map(|core| core.text.to_string());
    let inputs: Vec<String> = french.into_iter().chain(context_inputs(context)).collect();
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let entropy = zxcvbn::zxcvbn(read, &inputs);
    Estimate {
        log10: entropy.guesses_log10().max(0.0),
        pattern: entropy
            .feedback()
            .and_then(|feedback| feedback.warning())
            .map(Pattern::of),
    }
}

/// The words of the context, then the longest of them joined in pairs: people type
/// `jeandupont` as readily as `dupontjean`. The order is that of the context, which has one.
fn context_inputs(context: &Context) -> Vec<String> {
    let words: Vec<&str> = context.words().take(INPUTS).collect();
    let longest = &words[..words.len().min(JOINED)];
    let joined = longest.iter().flat_map(|first| {
        longest
            .iter()
            .filter(move |second| *second != first)
            .map(move |second| format!("{first}{second}"))
    });
    words
        .iter()
        .map(|&word| word.to_owned())
        .chain(joined)
        .collect()
}

/// The length in bytes of the part that the estimator reads: the longest beginning of at
/// most `max_work` characters whose work stays within [`WORK`].
fn window(text: &str, max_work: usize) -> usize {
    let mut signs = String::new();
    let mut ways = 1;
    for (count, (start, sign)) in text.char_indices().enumerate() {
        if SUBSTITUTES.iter().any(|letter| letter.contains(sign)) && !signs.contains(sign) {
            signs.push(sign);
            ways = substitutions(&signs);
        }
        let length = count as u64 + 1;
        if count >= max_work || ways * length * length > WORK {
            return start;
        }
    }
    text.len()
}

/// How many ways the estimator finds to undo the substitutions of these signs, at most: for
/// each letter the sum over its signs, a sign shared with another letter counting twice.
fn substitutions(signs: &str) -> u64 {
    let ways = |letter: &str| -> u64 {
        letter
            .chars()
            .filter(|&sign| signs.contains(sign))
            .map(|sign| {
                if matches!(sign, '1' | '|' | '7') {
                    2
                } else {
                    1
                }
            })
            .sum()
    };
    SUBSTITUTES
        .iter()
        .map(|letter| ways(letter).max(1))
        .product()
}

impl Pattern {
    const fn of(warning: Warning) -> Self {
        match warning {
            Warning::StraightRowsOfKeysAreEasyToGuess
            | Warning::ShortKeyboardPatternsAreEasyToGuess => Self::Keyboard,
            Warning::RepeatsLikeAaaAreEasyToGuess
            | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => Self::Repeat,
            Warning::SequencesLikeAbcAreEasyToGuess => Self::Sequence,
            Warning::RecentYearsAreEasyToGuess => Self::Year,
            Warning::DatesAreOftenEasyToGuess => Self::Date,
            Warning::ThisIsATop10Password
            | Warning::ThisIsATop100Password
            | Warning::ThisIsACommonPassword
            | Warning::ThisIsSimilarToACommonlyUsedPassword => Self::Common,
            Warning::AWordByItselfIsEasyToGuess => Self::Word,
            Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
            | Warning::CommonNamesAndSurnamesAreEasyToGuess => Self::Name,
        }
    }

    /// Why the password is easy to guess.
    pub(crate) const fn message(self, language: Language) -> &'static str {
        let (fr, en) = match self {
            Self::Keyboard => (
                "Une suite de touches voisines se devine vite.",
                "A run of neighbouring keys is soon guessed.",
            ),
            Self::Repeat => (
                "Des caractères répétés se devinent presque aussi vite que sans répétition.",
                "Repeated characters are guessed almost as soon as without the repetition.",
            ),
            Self::Sequence => (
                "Une suite comme abc ou 6543 se devine vite.",
                "A sequence such as abc or 6543 is soon guessed.",
            ),
            Self::Year => (
                "Une année récente se devine vite.",
                "A recent year is soon guessed.",
            ),
            Self::Date => ("Une date se devine vite.", "A date is soon guessed."),
            Self::Common => (
                "Il ressemble à un mot de passe courant.",
                "It is like a common password.",
            ),
            Self::Word => (
                "Un seul mot se devine vite.",
                "A single word is soon guessed.",
            ),
            Self::Name => (
                "Un nom ou un prénom se devine vite.",
                "A first name or surname is soon guessed.",
            ),
        };
        match language {
            Language::Fr => fr,
            Language::En => en,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn log10(text: &str, context: &Context) -> f64 {
        let password = Password::read(text.as_bytes().to_vec(), 256).expect("a password");
        estimate(&password, context, None, 40).log10
    }

    #[test]
    fn known_words_lower_the_estimate_split_joined_and_accented() {
        let context = Context::new(["zoé.quintrand@exemple.fr"]);
        for text in [
            "Quintrand2024!",
            "ZoeQuintrand1!",
            "quintrandzoe1!",
            "Zoé-Quintrand!",
        ] {
            let (known, unknown) = (log10(text, &context), log10(text, &Context::none()));
            assert!(
                known < 8.5 && known + 2.0 < unknown,
                "{text}: {known} and {unknown}"
            );
        }
    }

    #[test]
    fn the_estimate_is_finite_and_saturates() {
        for (text, least, most) in [
            ("\u{301}", 0.0, 0.0),
            ("a", 0.0, 2.0),
            (&"\u{301}".repeat(200), 0.0, 0.0),
            ("9fK!r2Vq#tZ7wX3&mB8*dL5@hJ6%pQ1zN4yC0", 19.0, 19.3),
        ] {
            let log10 = log10(text, &Context::none());
            assert!((least..=most).contains(&log10), "{text}: {log10}");
        }
    }

    #[test]
    fn substitutions_narrow_the_window() {
        for (text, max_work, read) in [
            (
                "correct horse battery staple and many more words after",
                40,
                40,
            ),
            (
                "correct horse battery staple and many more words after",
                100,
                54,
            ),
            ("7281930465728193", 40, 16),
            ("9fK!r2Vq#tZ7", 40, 12),
            ("4@({[<69!|1$57+4@({[<69!|1$57+", 40, 12),
            ("éé", 1, 2),
        ] {
            assert_eq!(window(text, max_work), read, "{text}");
        }
    }

    proptest! {
        #[test]
        fn adding_characters_never_narrows_the_window(text in "[a-c4@8({\\[<369!|10$57+%2]{0,60}", more in "[4@(1|7$]{0,9}") {
            prop_assert!(window(&text, 40) <= window(&(text.clone() + &more), 40));
        }

        #[test]
        fn the_work_is_bounded_whatever_is_typed(text in "[ab4@8({\\[<369!|170$5+%2]{0,100}") {
            let read = &text[..window(&text, 100)];
            let length = read.chars().count() as u64;
            prop_assert!(substitutions(read) * length * length <= WORK);
        }

        #[test]
        fn the_estimator_survives_the_widest_window(text in "[ab0-9@({\\[<!|$+%.-]{1,100}") {
            let password = Password::read(text.into_bytes(), 256).expect("a password");
            prop_assert!(estimate(&password, &Context::none(), None, 100).log10.is_finite());
        }
    }
}
