//! The forms that the CNIL itself gives as examples of its cases.
//!
//! They conform by name: 12 characters over 99 signs compute to 79.55 bits, which the CNIL
//! takes for 80. The numbers of words are its own count; no dictionary size is established.

use super::{Case, Characters, Class, Form, Passphrase, Specials};
use crate::Bits;

/// The forms that the CNIL itself gives as examples of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Example {
    /// Case 1: 12 characters of all four classes, specials from a list of at least 37.
    TwelveCharacters,
    /// Case 1: 14 characters with upper, lower and digit.
    FourteenCharacters,
    /// Case 1: 7 words.
    SevenWords,
    /// Case 2: 8 characters with three of the four classes.
    EightCharacters,
    /// Case 2: 16 digits.
    SixteenDigits,
    /// Case 2: 5 words.
    FiveWords,
    /// Case 3: 4 digits.
    FourDigits,
}

impl Example {
    /// Every example.
    pub const ALL: [Self; 7] = [
        Self::TwelveCharacters,
        Self::FourteenCharacters,
        Self::SevenWords,
        Self::EightCharacters,
        Self::SixteenDigits,
        Self::FiveWords,
        Self::FourDigits,
    ];

    /// The case that the example belongs to.
    pub const fn case(self) -> Case {
        match self {
            Self::TwelveCharacters | Self::FourteenCharacters | Self::SevenWords => {
                Case::PasswordAlone
            }
            Self::EightCharacters | Self::SixteenDigits | Self::FiveWords => Case::RestrictedAccess,
            Self::FourDigits => Case::DeviceUnlock,
        }
    }

    /// The stable name, used in the policy file (`example = "…"`) and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TwelveCharacters => "12-characters",
            Self::FourteenCharacters => "14-characters",
            Self::SevenWords => "7-words",
            Self::EightCharacters => "8-characters",
            Self::SixteenDigits => "16-digits",
            Self::FiveWords => "5-words",
            Self::FourDigits => "4-digits",
        }
    }

    /// The bits as the CNIL counts them: allowed classes over 99 signs, or, for words, the
    /// floor that the example is declared equivalent to.
    pub fn bits(self) -> Bits {
        match self {
            Self::TwelveCharacters => Bits::of(12, 99),
            Self::FourteenCharacters => Bits::of(14, 62),
            Self::EightCharacters => Bits::of(8, 99),
            Self::SixteenDigits => Bits::of(16, 10),
            Self::FourDigits => Bits::of(4, 10),
            Self::SevenWords | Self::FiveWords => self.case().floor(),
        }
    }

    /// The form that the example describes, with the default list of specials.
    pub fn form(self) -> Form {
        use Class::{Digit, Lower, Special, Upper};
        let characters = |length, classes: &[Class], required| {
            Form::Characters(Characters {
                length,
                classes: classes.iter().copied().collect(),
                required,
                specials: Specials::default(),
            })
        };
        match self {
            Self::TwelveCharacters => characters(12, &Class::ALL, 4),
            Self::FourteenCharacters => characters(14, &[Lower, Upper, Digit], 3),
            Self::EightCharacters => characters(8, &[Lower, Upper, Digit, Special], 3),
            Self::SixteenDigits => characters(16, &[Digit], 1),
            Self::FourDigits => characters(4, &[Digit], 1),
            Self::SevenWords => Form::Passphrase(Passphrase {
                words: 7,
                word_list: None,
            }),
            Self::FiveWords => Form::Passphrase(Passphrase {
                words: 5,
                word_list: None,
            }),
        }
    }

    /// Whether `form` is at least as strict as this example: no shorter, no class fewer
    /// that must appear, no smaller list of specials than the 37 of the example.
    pub fn is_met_by(self, form: &Form) -> bool {
        match (self.form(), form) {
            (Form::Passphrase(example), Form::Passphrase(form)) => form.words >= example.words,
            (Form::Characters(example), Form::Characters(form)) => {
                form.length >= example.length
                    && form.required >= example.required
                    && form.classes == example.classes
                    && (!example.classes.contains(&Class::Special)
                        || form.specials.len() >= example.specials.len())
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_conforms_to_its_own_case() {
        for example in Example::ALL {
            assert!(
                example.form().conformity(example.case()).is_some(),
                "{}",
                example.name()
            );
        }
    }
}
