//! Rules for passwords that a page states in words.
//!
//! Clauses: CNIL 2022-100, cases 1 and 2 and the maximum length. Only a number that stands
//! beside "caractères" or "characters" (or "chiffres", "digits") in a sentence about passwords
//! is read. A sentence that is not understood says nothing: a rule is never made up.

/// What a page says of its passwords.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    /// The least length.
    pub min: Option<u32>,
    /// The greatest length.
    pub max: Option<u32>,
    /// Digits only.
    pub is_digits: bool,
    /// The sentence.
    pub sentence: String,
}

/// Sentences that are looked at, at most.
const MOST: usize = 400;
/// A longer one is no rule, in characters.
const LONGEST: usize = 240;
/// Numbers of signs that a rule can mean.
const SIGNS: std::ops::RangeInclusive<u32> = 1..=1024;

const SUBJECTS: [&str; 6] = [
    "mot de passe",
    "mots de passe",
    "password",
    "mdp",
    "code secret",
    "passphrase",
];
const SIGNS_WORDS: [&str; 6] = [
    "caractère",
    "caractères",
    "caracteres",
    "character",
    "characters",
    "signes",
];
const DIGIT_WORDS: [&str; 3] = ["chiffres", "digits", "numériques"];
const LEAST: [&str; 11] = [
    "au moins",
    "at least",
    "minimum",
    "min",
    "minimal",
    "minimale",
    "ou plus",
    "or more",
    "plus de",
    "more than",
    "minimally",
];
const MOST_OF: [&str; 12] = [
    "au plus",
    "at most",
    "maximum",
    "max",
    "maximal",
    "maximale",
    "dépasser",
    "exceed",
    "moins de",
    "less than",
    "up to",
    "jusqu à",
];

/// Every rule that a text states.
pub fn stated(text: &str) -> Vec<Stated> {
    let sentences = text.split(['.', '!', '?', ';', '\n', '•']).take(MOST);
    sentences.filter_map(rule).take(8).collect()
}

/// The sentence that announces a password sent by mail or message. A link that is sent, and a
/// password that is reset, are no such announcement.
pub fn announces_mail(text: &str) -> Option<String> {
    let sentences = text.split(['.', '!', '?', ';', '\n', '•']).take(MOST);
    let mut of_passwords = sentences.map(str::trim).filter(|sentence| {
        let lower = sentence.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        sentence.chars().count() <= LONGEST
            && has(&SUBJECTS)
            && has(&[
                "courriel",
                "e-mail",
                "email",
                "par mail",
                "sms",
                "by post",
                "par courrier",
            ])
            && has(&[
                "recevrez votre mot de passe",
                "recevrez un mot de passe",
                "mot de passe vous sera envoyé",
                "enverrons votre mot de passe",
                "envoyons votre mot de passe",
                "receive your password",
                "send you your password",
                "send your password",
                "password will be sent",
                "password by e",
            ])
            && !has(&["lien", "link", "réinitialis", "reset", "code"])
    });
    of_passwords.next().map(str::to_owned)
}

fn rule(sentence: &str) -> Option<Stated> {
    let sentence = sentence.trim();
    if sentence.is_empty() || sentence.chars().count() > LONGEST {
        return None;
    }
    let lower = sentence.to_lowercase();
    if !SUBJECTS.iter().any(|subject| lower.contains(subject)) {
        return None;
    }
    let words: Vec<&str> = lower
        .split(|sign: char| !sign.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let unit = |word: &str| {
        let digits = DIGIT_WORDS.contains(&word);
        (digits || SIGNS_WORDS.contains(&word)).then_some(digits)
    };
    let (mut min, mut max, mut is_digits, mut found) = (None, None, false, false);
    for (at, word) in words.iter().enumerate() {
        let Some(number) = number(word) else { continue };
        // "8 caractères", "8 or more characters", "6 à 8 caractères", "4 derniers chiffres" (no).
        let ahead = words
            .iter()
            .skip(at + 1)
            .take(4)
            .position(|word| unit(word).is_some());
        let Some(ahead) = ahead else { continue };
        let between = &words[at + 1..at + 1 + ahead];
        let until = between.iter().find_map(|word| self::number(word));
        let digits = unit(words[at + 1 + ahead]) == Some(true);
        if between
            .iter()
            .any(|word| ["derniers", "last", "premiers"].contains(word))
        {
            continue;
        }
        let bare = between.is_empty()
            || between.iter().all(|word| {
                [
                    "à",
                    "et",
                    "to",
                    "and",
                    "ou",
                    "or",
                    "more",
                    "plus",
                    "alphanumeric",
                ]
                .contains(word)
                    || self::number(word).is_some()
            });
        if !bare {
            continue;
        }
        // A number of digits inside a longer rule is a part of it: "12 caractères dont 2 chiffres".
        if digits && found {
            continue;
        }
        let before = &words[at.saturating_sub(3)..at];
        let after: Vec<&str> = words.iter().skip(at + 2 + ahead).take(2).copied().collect();
        // Three runs of words, so that no phrase is found across the number.
        let around = [before, between, &after].map(|words| format!(" {} ", words.join(" ")));
        let says = |list: &[&str]| {
            list.iter().any(|phrase| {
                around
                    .iter()
                    .any(|run| run.contains(&format!(" {phrase} ")))
            })
        };
        found = true;
        is_digits |= digits;
        if let Some(until) = until {
            (min, max) = (Some(number.min(until)), Some(number.max(until)));
            break;
        }
        let (low, high) = (says(&LEAST), says(&MOST_OF));
        match (low, high) {
            (true, false) => min = min.or(Some(number)),
            (false, true) => max = max.or(Some(number)),
            // A length alone, or both at once, is exact.
            _ if digits || (!low && !high) => {
                (min, max) = (
                    min.or(Some(number)),
                    if digits { max.or(Some(number)) } else { max },
                );
            }
            _ => {}
        }
    }
    (min.is_some() || max.is_some()).then(|| Stated {
        min,
        max,
        is_digits,
        sentence: sentence.to_owned(),
    })
}

fn number(word: &str) -> Option<u32> {
    let spelt = match word {
        "quatre" | "four" => 4,
        "cinq" | "five" => 5,
        "six" => 6,
        "sept" | "seven" => 7,
        "huit" | "eight" => 8,
        "dix" | "ten" => 10,
        "douze" | "twelve" => 12,
        word => word.parse().ok()?,
    };
    SIGNS.contains(&spelt).then_some(spelt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_as_they_are_meant() {
        for (text, min, max, digits) in [
            (
                "Votre mot de passe doit comporter au moins 6 caractères",
                Some(6),
                None,
                false,
            ),
            ("Mot de passe (8 caractères maximum)", None, Some(8), false),
            ("Mot de passe de 6 à 8 caractères", Some(6), Some(8), false),
            (
                "Le mot de passe ne doit pas dépasser 16 caractères",
                None,
                Some(16),
                false,
            ),
            (
                "Your password must be at least eight characters long",
                Some(8),
                None,
                false,
            ),
            ("Password: 8 or more characters", Some(8), None, false),
            (
                "Mot de passe de 10 caractères ou plus",
                Some(10),
                None,
                false,
            ),
            (
                "Un mot de passe de moins de 20 caractères",
                None,
                Some(20),
                false,
            ),
            (
                "Password must be between 6 and 20 characters",
                Some(6),
                Some(20),
                false,
            ),
            ("Mot de passe : 6 chiffres", Some(6), Some(6), true),
            (
                "Mot de passe : 12 caractères minimum dont 2 chiffres",
                Some(12),
                None,
                false,
            ),
            ("Mot de passe (1 caractère minimum)", Some(1), None, false),
        ] {
            let rules = stated(text);
            let [rule] = &rules[..] else {
                panic!("{text}: {rules:?}")
            };
            assert_eq!(
                (rule.min, rule.max, rule.is_digits),
                (min, max, digits),
                "{text}"
            );
        }
    }

    #[test]
    fn passwords_by_mail_are_told_from_links() {
        for (text, announced) in [
            ("Merci. Vous recevrez votre mot de passe par courriel", true),
            ("Votre mot de passe vous sera envoyé par e-mail", true),
            ("We will send you your password by email", true),
            (
                "Vous recevrez par courriel un lien pour choisir un mot de passe",
                false,
            ),
            ("Mot de passe oublié : entrez votre e-mail", false),
            ("We will email you a link to reset your password", false),
        ] {
            assert_eq!(announces_mail(text).is_some(), announced, "{text}");
        }
    }

    #[test]
    fn nothing_is_made_up() {
        for text in [
            "Un message de 8 caractères au moins",
            "Votre mot de passe expire dans 6 jours",
            "Mot de passe oublié ? Entrez les 4 derniers chiffres de votre carte",
            "Password reset in 3 steps",
            "Mot de passe",
            "",
        ] {
            assert_eq!(stated(text), [], "{text}");
        }
        assert_eq!(stated(&"mot de passe 6 caractères ".repeat(50)), []);
    }
}
