//! Rules for passwords that a page states in words.
//!
//! Clauses: CNIL 2022-100, cases 1 and 2 and the maximum length. A finding from here can name a
//! company that was fined, so a sentence is read only when every word around its number is known
//! (`rules/words.rs`): a number beside "caractères" or "characters" (or "chiffres", "digits"), about a
//! password and nothing else, and not one part of it. A sentence that is not understood says
//! nothing: a rule is never made up.
//!
//! Absent on purpose: single-use codes, temporary passwords, and advice about weak ones.

mod words;

use words::{Bound, FILLERS, Unit, starts};

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
const MOST: usize = 2000;
/// Rules that are kept of one page.
const RULES: usize = 8;
/// A longer sentence is no rule, in characters.
const LONGEST: usize = 240;
/// Numbers of signs that a rule can mean.
const SIGNS: std::ops::RangeInclusive<u32> = 1..=1024;
/// Under this many "characters" a sentence most likely speaks of a part of the password.
const FEW: u32 = 4;
/// Words that are passed over between a number and what bounds it.
const REACH: usize = 8;

/// Every rule that a text states. Lines are elements of a page: a line that is nothing but a
/// rule belongs to the line about passwords that stands before it.
pub fn stated(text: &str) -> Vec<Stated> {
    let (mut found, mut is_led) = (Vec::new(), false);
    for sentence in sentences(text) {
        if sentence.chars().count() > LONGEST {
            is_led = false;
            continue;
        }
        let plain = words::plain(sentence);
        let words = words::split(&plain);
        let own = subject(&words);
        let is_bare = own.is_none() && words.iter().all(|word| words::is_of_rules(word));
        let stated = rule(&words, is_led && is_bare);
        is_led = own.unwrap_or(is_led && is_bare);
        if let Some((min, max, is_digits)) = stated {
            found.push(Stated {
                min,
                max,
                is_digits,
                sentence: sentence.to_owned(),
            });
        }
        if found.len() == RULES {
            break;
        }
    }
    found
}

/// The sentence that announces a password sent by mail or message. A link that is sent, a
/// password that is reset, and a promise never to send one, are no such announcement.
pub fn announces_mail(text: &str) -> Option<String> {
    let mut sentences = sentences(text).filter(|sentence| {
        let plain = words::plain(sentence);
        let has = |words: &[&str]| words.iter().any(|word| plain.contains(word));
        let words = words::split(&plain);
        sentence.chars().count() <= LONGEST
            && has(&words::MAILS)
            && has(&words::SENDINGS)
            && !has(&words::LINKS)
            && !words::NOT.any(&words)
    });
    sentences.next().map(str::to_owned)
}

/// The sentences of a text, at most [`MOST`]. A point ends one unless it stands in a number or
/// behind an abbreviation, as in "8 car. min.".
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let ends = move |(at, sign): (usize, char)| match sign {
        '!' | '?' | ';' | '\n' | '•' => true,
        '.' => {
            let is_last = !text[at + 1..].starts_with(|next: char| !next.is_whitespace());
            let word = text[..at]
                .rsplit(|sign: char| !sign.is_alphanumeric())
                .next()
                .unwrap_or_default();
            is_last && !words::ABBREVIATIONS.has(&word.to_lowercase())
        }
        _ => false,
    };
    let mut rest = 0;
    let mut signs = text.char_indices();
    std::iter::from_fn(move || {
        if rest >= text.len() {
            return None;
        }
        let from = rest;
        let end = signs.find(|sign| ends(*sign));
        let to = end.map_or(text.len(), |(at, _)| at);
        rest = end.map_or(text.len(), |(at, sign)| at + sign.len_utf8());
        Some(text[from..to].trim())
    })
    .filter(|sentence| !sentence.is_empty())
    .take(MOST)
}

/// Whether the last thing that words speak of is a password; `None` when it is nothing known.
fn subject(words: &[&str]) -> Option<bool> {
    (0..words.len()).rev().find_map(|at| subject_at(words, at))
}

fn subject_at(words: &[&str], at: usize) -> Option<bool> {
    let rest = &words[at..];
    if words::PASSWORDS.iter().any(|name| starts(rest, name)) {
        Some(true)
    } else if words::OTHERS.has(words[at]) {
        Some(false)
    } else {
        None
    }
}

/// One number of signs in a sentence.
struct Length {
    from: u32,
    to: Option<u32>,
    bound: Bound,
    is_digits: bool,
}

/// The least and the greatest length, and whether only digits are meant.
fn rule(words: &[&str], is_led: bool) -> Option<(Option<u32>, Option<u32>, bool)> {
    // "one-time" is "one time".
    let apart: Vec<&str> = words.iter().copied().filter(|word| *word != "-").collect();
    let holds = |phrase: &&str| (0..apart.len()).any(|at| starts(&apart[at..], phrase));
    if words::NO_RULES.any(words) || words::NO_RULE_PHRASES.iter().any(holds) {
        return None;
    }
    let lengths: Vec<Length> = (0..words.len())
        .filter_map(|at| length(words, at, is_led))
        .collect();
    // A number of digits beside a number of signs is a part of it.
    let is_digits = lengths.iter().all(|length| length.is_digits);
    let (mut min, mut max) = (None, None);
    for length in lengths
        .iter()
        .filter(|length| length.is_digits == is_digits)
    {
        let (low, high) = match (length.to, length.bound) {
            (Some(to), _) => (Some(length.from.min(to)), Some(length.from.max(to))),
            (None, Bound::Exact) if is_digits => (Some(length.from), Some(length.from)),
            (None, Bound::Exact | Bound::Least) => (Some(length.from), None),
            (None, Bound::Most) => (None, Some(length.from)),
            (None, Bound::More) => (Some(length.from + 1), None),
            (None, Bound::Less) => (None, Some(length.from - 1)),
        };
        // Of two that differ, the one that asks more.
        min = min.max(low);
        max = match (max, high) {
            (Some(one), Some(other)) => Some(u32::min(one, other)),
            (one, other) => one.or(other),
        };
    }
    (min.is_some() || max.is_some()).then_some((min, max, is_digits))
}

/// Reads the number that belongs to the unit at a place, with all that stands around it.
fn length(words: &[&str], at: usize, is_led: bool) -> Option<Length> {
    let mut unit = words::unit(words[at])?;
    let mut end = at + 1;
    if unit == Unit::Signs && words.get(end).is_some_and(|next| words::NUMERIC.has(next)) {
        (unit, end) = (Unit::Digits, end + 1);
    }
    let is_digits = unit == Unit::Digits;

    // "8 or more characters", "8+ caractères", "6 à 8 caractères".
    let mut start = at;
    let mut bound = None;
    while start > 0 && words::number(words[start - 1]).is_none() {
        let (phrase, kind) = words::between(&words[..start])?;
        start -= phrase;
        bound = bound.or(kind);
    }
    let number = words::number(words.get(start.checked_sub(1)?)?)?;
    start -= 1;
    let (mut from, mut to) = (number, None);
    if let [.., low, join] = &words[..start]
        && words::RANGES.has(join)
        && let Some(low) = words::number(low)
    {
        (from, to) = (low, Some(number));
        start -= 2;
    }
    if !SIGNS.contains(&from) || !to.is_none_or(|to| SIGNS.contains(&to)) {
        return None;
    }

    // What bounds it, before and behind.
    let (mut before, mut is_named) = (start, false);
    for _ in 0..REACH {
        if let Some((phrase, kind)) = words::before(&words[..before]) {
            bound = bound.or(Some(kind));
            before -= phrase;
            break;
        }
        // "longueur maximale du mot de passe : 8", but not "sécurité maximum : mot de passe de 8".
        match words[..before].last() {
            Some(&(":" | "(")) if is_named => break,
            Some(word) if FILLERS.has(word) => {
                is_named |= matches!(*word, "passe" | "password");
                before -= 1;
            }
            _ => break,
        }
    }
    while let Some(long) = words::long(&words[end..]) {
        end += long;
    }
    if let Some((phrase, kind)) = words::behind(&words[end..]) {
        bound = bound.or(Some(kind));
        end += phrase;
    }
    if !words::may_follow(&words[end..]) {
        return None;
    }

    // What it is about: the last thing named before it, else the first behind it.
    let is_password = subject(&words[..start])
        .or(is_led.then_some(true))
        .or_else(|| (end..words.len()).find_map(|at| subject_at(words, at)));
    if is_password != Some(true) {
        return None;
    }

    let bound = denied(words, before, bound.unwrap_or(Bound::Exact))?;
    let is_part = words::CLASSES.any(words);
    let is_whole = match unit {
        // "2 chiffres" may be a part; "mot de passe à 6 chiffres" is the whole.
        Unit::Digits => {
            let is_said = words::ONLY.any(words);
            let is_inside = words[..start]
                .last()
                .is_some_and(|word| words::HOLDS.has(word));
            let has_subject = (0..words.len()).any(|at| subject_at(words, at) == Some(true));
            let is_exact = to.is_some() || bound == Bound::Exact;
            from >= FEW && !is_part && has_subject && (is_said || (is_exact && !is_inside))
        }
        // "1 caractère (majuscule)", "2 caractères : …".
        Unit::Signs if from < FEW => {
            !is_part && matches!(words.get(end), None | Some(&(")" | "," | "et" | "and")))
        }
        Unit::Signs => true,
    };
    is_whole.then_some(Length {
        from,
        to,
        bound,
        is_digits,
    })
}

/// What a bound means under a "not" of the same clause; `None` when nobody can tell.
fn denied(words: &[&str], at: usize, bound: Bound) -> Option<Bound> {
    let clause = words[..at].iter().rposition(|word| words::BREAKS.has(word));
    let is_denied = words::NOT.any(&words[clause.unwrap_or(0)..at]);
    match (bound, is_denied) {
        // "moins de 8 caractères : refusé" and "trop court" speak of what is not a rule.
        (Bound::More | Bound::Less, _) if words::REFUSED.any(words) => None,
        (Bound::More, true) => Some(Bound::Most),
        (Bound::Less, true) => Some(Bound::Least),
        (Bound::Less, false) => words::MUST.any(words).then_some(Bound::Less),
        (Bound::More, false) => Some(Bound::More),
        (_, true) => None,
        (bound, false) => Some(bound),
    }
}

#[cfg(test)]
mod tests;
