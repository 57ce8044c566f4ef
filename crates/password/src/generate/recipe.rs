//! From a form of the policy to the sets of texts that it allows, one for each size.

use policy::password::{Case, Characters, Form};
use policy::{Bits, PasswordPolicy};
use zeroize::Zeroizing;

use super::chance::Chance;
use super::characters::Strings;
use super::phrase::{self, Manner, Phrases};
use super::{GenerateError, Kind, Wishes, WordList};

/// What sets of every size are made from.
#[derive(Debug)]
pub(super) struct Recipe {
    max_length: usize,
    stuff: Stuff,
}

#[derive(Debug)]
enum Stuff {
    Characters { form: Characters, case: Case },
    Words { list: WordList, manner: Manner },
}

impl Recipe {
    /// The recipe of a form, and the smallest size that the form allows.
    pub(super) fn new(
        policy: &PasswordPolicy,
        form: &Form,
        wishes: &Wishes,
    ) -> Result<(Self, usize), GenerateError> {
        let (stuff, smallest) = match form {
            Form::Characters(form) => (
                Stuff::Characters {
                    form: form.clone(),
                    case: policy.case,
                },
                form.length,
            ),
            Form::Passphrase(form) => {
                let mut manner = Manner {
                    capitalize: wishes.capitalize,
                    ..Manner::default()
                };
                if let Some(separator) = &wishes.separator {
                    if !phrase::is_separator(separator) {
                        return Err(GenerateError::Separator);
                    }
                    manner.separator.clone_from(separator);
                }
                let list = match (&wishes.list, &form.word_list) {
                    (Some(list), _) => list.clone(),
                    (None, Some(file)) => WordList::read(&wishes.base.join(file))?,
                    (None, None) => WordList::built_in(wishes.language),
                };
                (Stuff::Words { list, manner }, form.words)
            }
        };
        Ok((
            Self {
                max_length: policy.max_length,
                stuff,
            },
            smallest,
        ))
    }

    /// The largest size that there may be room for.
    pub(super) const fn largest(&self) -> usize {
        match self.stuff {
            Stuff::Characters { .. } => self.max_length,
            Stuff::Words { .. } => phrase::MOST_WORDS,
        }
    }

    pub(super) const fn kind(&self) -> Kind {
        match self.stuff {
            Stuff::Characters { .. } => Kind::Characters,
            Stuff::Words { .. } => Kind::Words,
        }
    }

    pub(super) fn set(&self, size: usize) -> Set<'_> {
        match &self.stuff {
            Stuff::Characters { form, case } => Set::Strings(Strings::new(form, *case, size)),
            Stuff::Words { list, manner } => {
                Set::Phrases(Phrases::new(list, size, manner, self.max_length))
            }
        }
    }
}

/// Texts of one size, each as likely.
pub(super) enum Set<'a> {
    Strings(Strings<'a>),
    Phrases(Phrases<'a>),
}

impl Set<'_> {
    pub(super) fn bits(&self) -> Bits {
        match self {
            Self::Strings(strings) => strings.bits(),
            Self::Phrases(phrases) => phrases.bits(),
        }
    }

    pub(super) const fn choices(&self) -> usize {
        match self {
            Self::Strings(strings) => strings.choices(),
            Self::Phrases(phrases) => phrases.choices(),
        }
    }

    pub(super) fn draw(
        &self,
        chance: &mut impl Chance,
    ) -> Result<Option<Zeroizing<String>>, GenerateError> {
        match self {
            Self::Strings(strings) => strings.draw(chance),
            Self::Phrases(phrases) => phrases.draw(chance),
        }
    }
}
