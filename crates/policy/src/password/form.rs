//! `[[password.form]]`: the shapes that a password may have, and what they are worth.
//!
//! Clauses: CNIL 2022-100, definitions (entropy belongs to the policy) and the three cases.
//! The pool of a form is our own, careful reading: the classes that it imposes.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::{Case, Example};
use crate::Bits;

/// `kind` of a `[[password.form]]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A number of characters.
    Characters,
    /// A number of words.
    Passphrase,
}

/// One acceptable shape of password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// A number of characters of some classes.
    Characters(Characters),
    /// A number of words.
    Passphrase(Passphrase),
}

/// `kind = "characters"`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Characters {
    /// Least number of code points.
    pub length: usize,
    /// The classes that count, at least one.
    pub classes: BTreeSet<Class>,
    /// How many of `classes` must appear, from 0 to `classes.len()`.
    pub required: usize,
    /// The signs of class [`Class::Special`].
    pub specials: Specials,
}

/// The four classes of the CNIL's calculator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Lower-case letters, and letters of scripts without case. Counted as 26.
    Lower,
    /// Upper-case letters. Counted as 26.
    Upper,
    /// Digits. Counted as 10.
    Digit,
    /// The operator's list of other signs. Counted as the length of the list.
    Special,
}

impl Class {
    /// Every class, in the order of the policy file.
    pub const ALL: [Self; 4] = [Self::Lower, Self::Upper, Self::Digit, Self::Special];

    /// The word of the policy file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lower => "lower",
            Self::Upper => "upper",
            Self::Digit => "digit",
            Self::Special => "special",
        }
    }
}

/// The signs that count as special. The first CNIL example asks for a list of at least 37.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Specials(BTreeSet<char>);

/// `kind = "passphrase"`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Passphrase {
    /// Least number of different words.
    pub words: usize,
    /// The list that generated passphrases are drawn from; `None` is the built-in one.
    pub word_list: Option<PathBuf>,
}

/// Why a form conforms to its case.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Conformity {
    /// The formula gives at least the floor.
    Formula(Bits),
    /// The CNIL names this form as an example; the formula may give less (79.55 for 80).
    Example(Example),
}

impl Specials {
    /// The 32 punctuation signs of ASCII and the five others of a French keyboard: 37 signs.
    pub const DEFAULT: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~€£§µ°";

    /// A list of signs; the loader refuses all but punctuation and common symbols.
    pub(crate) fn new(signs: &str) -> Self {
        Self(signs.chars().collect())
    }

    /// How many different signs.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the list has no sign.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `sign` counts as special.
    pub fn contains(&self, sign: char) -> bool {
        self.0.contains(&sign)
    }

    /// The signs in code point order.
    pub fn iter(&self) -> impl Iterator<Item = char> + '_ {
        self.0.iter().copied()
    }
}

impl Default for Specials {
    fn default() -> Self {
        Self::new(Self::DEFAULT)
    }
}

impl Characters {
    /// How many signs a class counts for.
    pub fn pool_of(&self, class: Class) -> usize {
        match class {
            Class::Lower | Class::Upper => 26,
            Class::Digit => 10,
            Class::Special => self.specials.len(),
        }
    }

    /// The pool that every password of this form is sure to draw from: the smallest
    /// `required` classes together. With none required, one alphabet of 26 letters if
    /// letters are allowed (the judge then refuses digits alone), else the smallest class.
    ///
    /// This is our own, careful reading; the CNIL's calculator counts each class allowed.
    pub fn pool(&self) -> usize {
        let mut pools: Vec<usize> = self
            .classes
            .iter()
            .map(|&class| self.pool_of(class))
            .collect();
        pools.sort_unstable();
        match self.required {
            0 if self.classes.contains(&Class::Lower) || self.classes.contains(&Class::Upper) => 26,
            0 => pools.first().copied().unwrap_or(0),
            required => pools.iter().take(required).sum(),
        }
    }
}

impl Form {
    /// The least number of code points that a password of the form may have. A word has at
    /// least two letters, and a separator stands between two words.
    pub fn shortest(&self) -> usize {
        match self {
            Self::Characters(form) => form.length,
            Self::Passphrase(form) => (form.words * 3).saturating_sub(1),
        }
    }

    /// The entropy of the form by the formula, `None` for words chosen by people: no size
    /// of dictionary is established for them.
    pub fn bits(&self) -> Option<Bits> {
        match self {
            Self::Characters(form) => Some(Bits::of(form.length, form.pool())),
            Self::Passphrase(_) => None,
        }
    }

    /// Why this form is enough for `case`; `None` when it is not.
    ///
    /// A form at least as strict as one of the CNIL's examples conforms by that name,
    /// even where the formula gives less.
    pub fn conformity(&self, case: Case) -> Option<Conformity> {
        if let Some(bits) = self.bits().filter(|&bits| bits >= case.floor()) {
            return Some(Conformity::Formula(bits));
        }
        Example::ALL
            .into_iter()
            .filter(|example| example.case().floor() >= case.floor())
            .find(|example| example.is_met_by(self))
            .map(Conformity::Example)
    }
}

impl Conformity {
    /// The bits to print: those of the formula, or those of the CNIL's own count.
    pub fn bits(self) -> Bits {
        match self {
            Self::Formula(bits) => bits,
            Self::Example(example) => example.bits(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn characters(length: usize, classes: &[Class], required: usize, specials: &str) -> Form {
        Form::Characters(Characters {
            length,
            classes: classes.iter().copied().collect(),
            required,
            specials: Specials::new(specials),
        })
    }

    #[test]
    fn default_specials_are_the_thirty_seven_of_the_first_example() {
        assert_eq!(Specials::default().len(), 37);
    }

    #[test]
    fn forms_against_their_case() {
        use Class::{Digit, Lower, Special, Upper};
        let all = &Class::ALL[..];
        let cnil = Specials::DEFAULT;
        let ascii = &cnil[..32];
        let (alone, restricted, device) = (
            Case::PasswordAlone,
            Case::RestrictedAccess,
            Case::DeviceUnlock,
        );
        let rows: &[(&str, Form, Case, bool)] = &[
            (
                "79.55 bits pass by name",
                characters(12, all, 4, cnil),
                alone,
                true,
            ),
            (
                "32 specials are outside the example",
                characters(12, all, 4, ascii),
                alone,
                false,
            ),
            (
                "32 specials need 13 characters",
                characters(13, all, 4, ascii),
                alone,
                true,
            ),
            (
                "14 letters and digits",
                characters(14, &[Lower, Upper, Digit], 3, cnil),
                alone,
                true,
            ),
            (
                "13 letters and digits",
                characters(13, &[Lower, Upper, Digit], 3, cnil),
                alone,
                false,
            ),
            (
                "8 of three classes",
                characters(8, all, 3, cnil),
                restricted,
                true,
            ),
            (
                "8 of three classes, alone",
                characters(8, all, 3, cnil),
                alone,
                false,
            ),
            (
                "8 of three classes, 32 specials",
                characters(8, all, 3, ascii),
                restricted,
                false,
            ),
            (
                "8 of two classes",
                characters(8, all, 2, cnil),
                restricted,
                false,
            ),
            (
                "15 digits",
                characters(15, &[Digit], 1, cnil),
                restricted,
                false,
            ),
            (
                "16 digits",
                characters(16, &[Digit], 1, cnil),
                restricted,
                true,
            ),
            (
                "16 digits, alone",
                characters(16, &[Digit], 1, cnil),
                alone,
                false,
            ),
            ("25 digits", characters(25, &[Digit], 1, cnil), alone, true),
            (
                "15 characters without composition",
                characters(15, all, 0, cnil),
                alone,
                false,
            ),
            (
                "15 characters without composition",
                characters(15, all, 0, cnil),
                restricted,
                true,
            ),
            (
                "18 characters without composition",
                characters(18, all, 0, cnil),
                alone,
                true,
            ),
            ("7 words", Example::SevenWords.form(), alone, true),
            ("5 words", Example::FiveWords.form(), restricted, true),
            ("5 words, alone", Example::FiveWords.form(), alone, false),
            ("4 digits", Example::FourDigits.form(), device, true),
            (
                "4 digits on the web",
                Example::FourDigits.form(),
                restricted,
                false,
            ),
            (
                "16 specials",
                characters(16, &[Special], 1, cnil),
                alone,
                true,
            ),
        ];
        for (name, form, case, conforms) in rows {
            assert_eq!(
                form.conformity(*case).is_some(),
                *conforms,
                "{name}, {}",
                case.name()
            );
        }
    }
}
