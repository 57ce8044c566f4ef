//! `[password]`: which passwords are good enough.
//!
//! Clauses: the three cases of CNIL 2022-100 (80, 50 and 13 bits). The bits belong to a
//! [`Form`], that is to the policy; no function here looks at a typed password.

use std::path::PathBuf;

use crate::{Bits, Preset};

mod attribute;
mod example;
mod form;
pub(crate) mod parse;

pub use example::Example;
pub(crate) use form::Shape;
pub use form::{Characters, Class, Conformity, Form, Passphrase, Specials};
pub(crate) use parse::ReadForm;

/// `[password]`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PasswordPolicy {
    /// Which of the CNIL's three situations this account is in.
    pub case: Case,
    /// Longest password read, in code points after NFC. At least 50, default 256.
    pub max_length: usize,
    /// The forms of which a password must meet one. Never empty; each conforms to `case`,
    /// unless a deviation names the clause of the case.
    pub forms: Vec<Form>,
    /// The guess estimate asked of each password, besides its form.
    pub guess: GuessPolicy,
    /// What is refused whatever its form.
    pub refuse: Refuse,
}

/// The CNIL's cases: what else protects the account decides how much entropy is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// Case 1, the password is the only protection: 80 bits.
    PasswordAlone,
    /// Case 2, attempts are really restricted (`[access]`): 50 bits.
    RestrictedAccess,
    /// Case 3, the secret unlocks a device that its owner holds, blocked after 3 failures: 13 bits.
    DeviceUnlock,
}

impl Case {
    /// The least entropy that the case accepts.
    pub const fn floor(self) -> Bits {
        match self {
            Self::PasswordAlone => Bits::new(80.0),
            Self::RestrictedAccess => Bits::new(50.0),
            Self::DeviceUnlock => Bits::new(13.0),
        }
    }

    /// The word of the policy file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PasswordAlone => "password-alone",
            Self::RestrictedAccess => "restricted-access",
            Self::DeviceUnlock => "device-unlock",
        }
    }
}

/// `[password.guess]`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct GuessPolicy {
    /// Least base-10 logarithm of the estimated number of guesses; 0 asks for nothing.
    pub min_log10: f64,
    /// Ceiling of the estimator's work, in steps per password (4,000 to 200,000).
    pub max_work: usize,
    /// The year from which the years in passwords are counted (2020 to 2059), so that a
    /// password is worth the same on any day.
    pub reference_year: usize,
    /// Word lists of the operator, in the place of a built-in one or besides them.
    pub lists: Vec<WordList>,
}

/// A word list of the operator: a file of one entry per line, the most frequent first.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WordList {
    /// The built-in list that it replaces; `None` adds it to them.
    pub replaces: Option<ListKind>,
    /// The file, relative to the policy's folder.
    pub path: PathBuf,
}

/// The built-in word lists that an operator may replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListKind {
    /// French words.
    French,
    /// English words.
    English,
    /// First names.
    FirstNames,
    /// Surnames.
    Surnames,
    /// Towns.
    Towns,
    /// Brands, clubs, countries, months and the like.
    Others,
}

impl ListKind {
    /// All of them, with the key of the policy file.
    pub const ALL: [(&'static str, Self); 6] = [
        ("french", Self::French),
        ("english", Self::English),
        ("first-names", Self::FirstNames),
        ("surnames", Self::Surnames),
        ("towns", Self::Towns),
        ("others", Self::Others),
    ];
}

/// `[password.refuse]`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refuse {
    /// Passwords of the built-in list of common passwords.
    pub common: bool,
    /// Passwords built on a context word (name, login, e-mail, site).
    pub context: bool,
    /// Files of further refused passwords, one per line.
    pub lists: Vec<PathBuf>,
    /// The offline index of leaked passwords to ask, if any.
    pub breached: Option<PathBuf>,
    /// The online service to ask about leaked passwords, if any.
    pub online: Option<Online>,
}

/// `[password.refuse.online]`: a service that knows leaked passwords by range.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Online {
    /// Where the ranges are: the first five digits of the hash are added to it.
    pub url: String,
    /// Whether a password is accepted when the service does not answer in time.
    pub when_down: WhenDown,
    /// How long a password waits for the answer, connection included.
    pub deadline: std::time::Duration,
}

/// What becomes of a password that could not be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenDown {
    /// It is accepted, if nothing else stands against it.
    Accept,
    /// It is refused, with a message to try again later.
    Refuse,
}

impl PasswordPolicy {
    /// The least that `max-length` may be: a passphrase must fit (CNIL 2022-100, §31, to be
    /// confirmed).
    pub const LEAST_MAX_LENGTH: usize = 50;

    /// The defaults of a preset in a case: its forms, and a guess threshold that a password
    /// drawn at random in one of them meets, unless it spells words (a few in a million of
    /// eight characters).
    pub(crate) fn of(preset: Preset, case: Case) -> Self {
        Self {
            case,
            max_length: 256,
            forms: preset.forms(case),
            guess: GuessPolicy {
                min_log10: match case {
                    Case::PasswordAlone => 9.0,
                    Case::RestrictedAccess => 6.0,
                    Case::DeviceUnlock => 0.0,
                },
                max_work: 60_000,
                reference_year: 2026,
                lists: Vec::new(),
            },
            refuse: Refuse {
                common: true,
                context: true,
                lists: Vec::new(),
                breached: None,
                online: None,
            },
        }
    }
}
