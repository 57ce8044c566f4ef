//! The password as the matchers read it: one entry per sign, folded, with what was typed.
//!
//! Positions count signs, not bytes and not characters: `œ` is two signs. Both copies are
//! wiped, and their room is reserved beforehand so that growth leaves no copy behind.

use zeroize::Zeroizing;

use crate::fold;

/// Guesses for one sign that nothing explains, as base-10 logarithms. A letter counts less
/// than one of 26: people type what they can pronounce, and attackers know it.
const DIGIT: f64 = 1.0;
const LETTER: f64 = 1.2;
const CAPITAL: f64 = 0.3;
const SPECIAL: f64 = 1.5;
const USUAL_SPECIAL: f64 = 1.0;
const SEPARATOR: f64 = 0.5;
const FOREIGN: f64 = 1.9;

/// The specials that people add to satisfy a rule.
const USUAL: &str = "!.@*?-_#$+&";

/// A password, sign by sign.
pub(super) struct Text {
    /// Lower case, without accents.
    pub(super) plain: Zeroizing<Vec<char>>,
    /// As typed.
    pub(super) typed: Zeroizing<Vec<char>>,
    /// Capitals before each position.
    capitals: Zeroizing<Vec<u16>>,
}

impl Text {
    /// Reads at most `most` signs of a text.
    pub(super) fn read(text: &str, most: usize) -> Self {
        // No sign folds to more than a few letters.
        let room = (text.len() * 2).min(most + 8);
        let mut plain = Zeroizing::new(Vec::with_capacity(room));
        let mut typed = Zeroizing::new(Vec::with_capacity(room));
        for sign in text.chars() {
            if plain.len() >= most {
                break;
            }
            let before = plain.len();
            let room_left = room - before;
            let mut taken = 0;
            fold::fold(sign, |letter| {
                if taken < room_left {
                    plain.push(letter);
                    taken += 1;
                }
            });
            if plain.len() == before {
                plain.push(sign);
            }
            typed.resize(plain.len(), sign);
        }
        let mut capitals = Zeroizing::new(Vec::with_capacity(typed.len() + 1));
        let mut count = 0_u16;
        capitals.push(count);
        for sign in typed.iter() {
            count += u16::from(sign.is_uppercase());
            capitals.push(count);
        }
        Self {
            plain,
            typed,
            capitals,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.plain.len()
    }

    /// Capitals from `start` to `end`.
    pub(super) fn capitals(&self, start: usize, end: usize) -> usize {
        usize::from(self.capitals[end] - self.capitals[start])
    }

    pub(super) fn is_letter(&self, at: usize) -> bool {
        self.plain[at].is_ascii_lowercase()
    }

    pub(super) fn digit(&self, at: usize) -> Option<u32> {
        self.plain.get(at).and_then(|sign| sign.to_digit(10))
    }

    /// What choosing the case of a word costs: nothing for lower case, a factor of two for
    /// the usual ways, and the number of such mixtures otherwise.
    pub(super) fn case_cost(&self, start: usize, end: usize) -> f64 {
        let capitals = self.capitals(start, end);
        let length = end - start;
        if capitals == 0 {
            return 0.0;
        }
        let first = self.capitals(start, start + 1) == 1;
        let last = self.capitals(end - 1, end) == 1;
        if capitals == length || capitals == 1 && (first || last) {
            return CAPITAL;
        }
        CAPITAL + log10_binomial(length, capitals)
    }

    /// What one sign costs that nothing explains.
    pub(super) fn sign_cost(&self, at: usize) -> f64 {
        let typed = self.typed[at];
        match typed {
            '0'..='9' => DIGIT,
            'a'..='z' => LETTER,
            'A'..='Z' => LETTER + CAPITAL,
            ' ' => SEPARATOR,
            _ if self.is_letter(at) => LETTER + CAPITAL,
            // The same separator again is no new choice.
            _ if typed.is_ascii()
                && self.typed[..at]
                    .iter()
                    .rev()
                    .take(32)
                    .any(|&sign| sign == typed) =>
            {
                SEPARATOR
            }
            _ if USUAL.contains(typed) => USUAL_SPECIAL,
            _ if typed.is_ascii() => SPECIAL,
            _ => FOREIGN,
        }
    }
}

/// The base-10 logarithm of the ways to choose `some` among `all`.
fn log10_binomial(all: usize, some: usize) -> f64 {
    let some = some.min(all - some);
    (1..=some)
        .map(|step| ((all - some + step) as f64 / step as f64).log10())
        .sum()
}
