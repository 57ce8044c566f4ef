//! `preset`: the published rule set that fills what the file leaves out.
//!
//! | | `cnil` | `anssi` | `nist` | `asvs` |
//! |-|-|-|-|-|
//! | form, `password-alone` | the CNIL's examples | 13 characters of all types, 7 words | 18 characters | 18 characters |
//! | form, `restricted-access` | the CNIL's examples | 10 characters of all types, 5 words | 15 characters | 15 characters |
//! | form, `device-unlock` | 4 digits | 10 characters of all types | 8 characters | 8 characters |
//! | `mechanism` | delay | delay | block after 100 (10, 3 by case) | delay |
//! | `privileged-renewal` | 365 days | 365 days | never | never |
//! | `compromise-delay` | 72 h | 24 h | 72 h | 72 h |
//! | `tls` | mozilla-intermediate | anssi | mozilla-intermediate | mozilla-intermediate |
//!
//! The CNIL's floors hold under every preset. NIST and ASVS impose no composition, so the
//! pool that a form is sure of is 26 letters: fifteen of them are 70.51 bits, over the 50 of
//! case 2 and under the 80 of case 1, which takes eighteen (84.61). Hence 15 where attempts
//! are restricted and 18 where nothing else protects the account. These figures are derived;
//! the clauses that they start from are [`clause::NIST_LENGTH`] and [`clause::ASVS_LENGTH`].
//!
//! ANSSI grades length by sensitivity, which no policy file tells. We take the first level of
//! [`clause::ANSSI_LENGTH`] whose bits reach the case's floor (about 65 for 50, about 85 for
//! 80), and in it the least length that reaches those bits over all four classes: 10
//! characters (66.29 bits) and 13 (86.18).
//!
//! Absent on purpose: `case`. It states what else protects the account, which is a fact and
//! no rule; no preset may assume it. Also `max-length`: 256 suits all four texts.

use std::time::Duration;

use crate::access::{AccessPolicy, Block, Mechanism, Unlock};
use crate::clause::{self, Clause, Source};
use crate::login::LoginPolicy;
use crate::password::{Case, Characters, Class, Example, Form, Passphrase, Specials};
use crate::transport::{TlsProfile, TransportPolicy};

pub(crate) mod check;
mod fault;
mod note;

pub use note::Note;

/// Which published rule set fills the settings that the file leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// CNIL délibération 2022-100.
    Cnil,
    /// ANSSI-PG-078, and the ANSSI's profile of TLS.
    Anssi,
    /// NIST SP 800-63B-4.
    Nist,
    /// OWASP ASVS 5.0.
    Asvs,
}

/// What a preset asks of the types of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Composition {
    /// As the form's author likes.
    Any,
    /// Rules of complexity over the widest set (a recommendation of the clause).
    Widest(&'static Clause),
    /// No rule at all.
    None(&'static Clause),
}

impl Preset {
    /// Every preset, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Cnil, Self::Anssi, Self::Nist, Self::Asvs];

    /// The word of the policy file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cnil => "cnil",
            Self::Anssi => "anssi",
            Self::Nist => "nist",
            Self::Asvs => "asvs",
        }
    }

    /// The text that the preset follows.
    pub const fn source(self) -> Source {
        match self {
            Self::Cnil => Source::Cnil2022,
            Self::Anssi => Source::AnssiPg078,
            Self::Nist => Source::Nist80063b,
            Self::Asvs => Source::Asvs5,
        }
    }

    /// The forms of a case. Each conforms to the case, and none departs from the preset.
    pub(crate) fn forms(self, case: Case) -> Vec<Form> {
        match (self, case) {
            (Self::Cnil, _) => Example::ALL
                .into_iter()
                .filter(|example| example.case() == case)
                .map(Example::form)
                .collect(),
            (Self::Anssi, Case::PasswordAlone) => vec![characters(13, 4), words(7)],
            (Self::Anssi, Case::RestrictedAccess) => vec![characters(10, 4), words(5)],
            (Self::Anssi, Case::DeviceUnlock) => vec![characters(10, 4)],
            (Self::Nist | Self::Asvs, _) => vec![characters(self.free_length(case), 0)],
        }
    }

    /// The least length of a password, in characters.
    ///
    /// In case `device-unlock` the device in hand is another factor: NIST then asks for 8.
    pub(crate) const fn least_length(self, case: Case) -> Option<(usize, &'static Clause)> {
        match (self, case) {
            (Self::Cnil, _) => None,
            (Self::Anssi, _) => Some((9, &clause::ANSSI_LENGTH)),
            (Self::Nist, Case::DeviceUnlock) => Some((8, &clause::NIST_LENGTH)),
            (Self::Nist, _) => Some((15, &clause::NIST_LENGTH)),
            (Self::Asvs, _) => Some((8, &clause::ASVS_LENGTH)),
        }
    }

    /// The length that the text advises beyond the least one. That it says so of a password
    /// and not of the code of a device is our reading.
    pub(crate) const fn advised_length(self, case: Case) -> Option<(usize, &'static Clause)> {
        match (self, case) {
            (Self::Asvs, Case::PasswordAlone | Case::RestrictedAccess) => {
                Some((15, &clause::ASVS_LENGTH))
            }
            _ => None,
        }
    }

    /// The least length without composition that suits the preset and the CNIL's case.
    pub(crate) fn free_length(self, case: Case) -> usize {
        let least = self.least_length(case).map_or(1, |(least, _)| least);
        let advised = self.advised_length(case).map_or(1, |(advised, _)| advised);
        (least.max(advised)..)
            .find(|&length| characters(length, 0).conformity(case).is_some())
            .expect("26 letters reach any floor within 80 characters")
    }

    /// What it asks of the types of characters.
    pub(crate) const fn composition(self) -> Composition {
        match self {
            Self::Cnil => Composition::Any,
            Self::Anssi => Composition::Widest(&clause::ANSSI_COMPLEXITY),
            Self::Nist => Composition::None(&clause::NIST_NO_COMPOSITION),
            Self::Asvs => Composition::None(&clause::ASVS_NO_COMPOSITION),
        }
    }

    /// The least that `max-length` may be. "Several hundred" is at least 200 in our reading.
    pub(crate) const fn least_maximum(self) -> Option<(usize, &'static Clause)> {
        match self {
            Self::Cnil => None,
            Self::Anssi => Some((200, &clause::ANSSI_MAX_LENGTH)),
            Self::Nist => Some((64, &clause::NIST_MAX_LENGTH)),
            Self::Asvs => Some((64, &clause::ASVS_MAX_LENGTH)),
        }
    }

    /// The clause on common passwords, besides the CNIL's.
    pub(crate) const fn common(self) -> Option<&'static Clause> {
        match self {
            Self::Cnil => None,
            Self::Anssi => Some(&clause::ANSSI_AUTOMATIC_CHECK),
            Self::Nist => Some(&clause::NIST_BLOCKLIST),
            Self::Asvs => Some(&clause::ASVS_COMMON),
        }
    }

    /// The clause on words of the context, besides the CNIL's.
    pub(crate) const fn context(self) -> Option<&'static Clause> {
        match self {
            Self::Cnil | Self::Nist => None,
            Self::Anssi => Some(&clause::ANSSI_AUTOMATIC_CHECK),
            Self::Asvs => Some(&clause::ASVS_CONTEXT),
        }
    }

    /// `[access]`, empty. NIST disables a password after 100 failures in a row, which only a
    /// block does; the CNIL's figure is lower in cases 2 and 3. The highest figure lawful is
    /// taken, so that locking somebody out costs the most.
    pub(crate) fn access(self, case: Case) -> AccessPolicy {
        AccessPolicy {
            mechanism: match self {
                Self::Nist => Mechanism::Block(self.block(case)),
                _ => Mechanism::Delay(crate::access::Delay::default()),
            },
            ..AccessPolicy::default()
        }
    }

    /// `[access.block]`, empty.
    pub(crate) fn block(self, case: Case) -> Block {
        match (self, case) {
            (Self::Nist, Case::PasswordAlone) => Block {
                after: Self::MOST_FAILURES,
                unlock: Unlock::Link,
            },
            (Self::Nist, Case::DeviceUnlock) => Block {
                after: 3,
                unlock: Unlock::Link,
            },
            _ => Block::default(),
        }
    }

    /// Failures in a row after which NIST disables a password.
    pub(crate) const MOST_FAILURES: u32 = 100;

    /// `[login]`, empty.
    pub(crate) fn login(self) -> LoginPolicy {
        let default = LoginPolicy::default();
        match self {
            Self::Cnil => default,
            Self::Anssi => LoginPolicy {
                compromise_delay: Self::ANSSI_COMPROMISE_DELAY,
                ..default
            },
            Self::Nist | Self::Asvs => LoginPolicy {
                privileged_renewal: None,
                ..default
            },
        }
    }

    /// About a day, within which a compromised password is renewed: its owner has to be told
    /// by then.
    pub(crate) const ANSSI_COMPROMISE_DELAY: Duration = Duration::from_secs(24 * 60 * 60);

    /// The longest of ANSSI's periods for privileged accounts, three years with a leap day.
    pub(crate) const ANSSI_LONGEST_RENEWAL: Duration =
        Duration::from_secs((3 * 365 + 1) * 24 * 60 * 60);

    /// `[transport]`, empty.
    pub(crate) fn transport(self) -> TransportPolicy {
        let default = TransportPolicy::default();
        match self {
            Self::Anssi => TransportPolicy {
                tls: TlsProfile::Anssi,
                ..default
            },
            _ => default,
        }
    }
}

fn characters(length: usize, required: usize) -> Form {
    Form::Characters(Characters {
        length,
        classes: Class::ALL.into(),
        required,
        specials: Specials::default(),
    })
}

fn words(words: usize) -> Form {
    Form::Passphrase(Passphrase {
        words,
        word_list: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASES: [Case; 3] = [
        Case::PasswordAlone,
        Case::RestrictedAccess,
        Case::DeviceUnlock,
    ];

    #[test]
    fn every_preset_conforms_to_the_cnil_in_every_case() {
        for preset in Preset::ALL {
            for case in CASES {
                let forms = preset.forms(case);
                assert!(!forms.is_empty());
                for form in forms {
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
    fn lengths_of_the_table_above() {
        // The first form; 0 is an example of the CNIL with another length.
        for (preset, lengths) in [
            (Preset::Cnil, [12, 8, 4]),
            (Preset::Anssi, [13, 10, 10]),
            (Preset::Nist, [18, 15, 8]),
            (Preset::Asvs, [18, 15, 8]),
        ] {
            let found = CASES.map(|case| match &preset.forms(case)[0] {
                Form::Characters(form) => form.length,
                Form::Passphrase(form) => form.words,
            });
            assert_eq!(found, lengths, "{}", preset.name());
        }
    }

    #[test]
    fn the_bits_behind_the_lengths() {
        for (length, required, bits) in [
            (15, 0, "70.51"),
            (18, 0, "84.61"),
            (10, 4, "66.29"),
            (13, 4, "86.18"),
        ] {
            let found = characters(length, required)
                .bits()
                .map(|bits| bits.to_string());
            assert_eq!(found.as_deref(), Some(bits));
        }
    }
}
