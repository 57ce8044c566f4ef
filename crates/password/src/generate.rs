//! Makes passwords and passphrases that the policy accepts.
//!
//! Clause: [`policy::clause::CNIL_GENERATED`] (a secure generator, the entropy of the case).
//!
//! A [`Generator`] holds one *set*: the strings of some length that meet a form of
//! characters, or the phrases of some number of words of a list. Each member is as likely as
//! any other, drawn from the system's randomness by rejection, and the bits reported are
//! those of the set, counted exactly. The length grows until they reach the case's floor by
//! the formula: a form that conforms by name only (12 characters, 78.99 bits) is generated
//! one character longer. A passphrase has the words of its form at least, and more where the
//! list is small.
//!
//! The judge then reads the draw like any other password, and what it refuses is drawn
//! again. That makes the set smaller, so it is looked at first: a small set is read through
//! and counted anew; of a large one, sixty-four draws are judged. One refusal among them
//! takes half a bit off the figure, and five make the generator go on to the next length.
//!
//! ```
//! use password::generate::{Generator, Wishes};
//! use policy::{Language, Policy};
//!
//! let policy = Policy::reference();
//! let generator = Generator::new(policy.password(), &Wishes::new(Language::En).words(8))?;
//! let generated = generator.generate()?;
//! println!("{} bits", generated.bits());
//! let accepted = generated.into_accepted();
//! # Ok::<(), password::generate::GenerateError>(())
//! ```
//!
//! Absent on purpose: showing or sending what was made. The text is wiped with its owner.

use std::path::{Path, PathBuf};

use policy::password::{Case, Characters, Form};
use policy::{Bits, Language, PasswordPolicy};
use zeroize::Zeroizing;

use chance::{Chance, System};
use characters::Strings;
use phrase::{Manner, Phrases};

use crate::{Accepted, Context, Judge, Password};

mod chance;
mod characters;
mod fault;
mod list;
mod phrase;

pub use fault::{GenerateError, Kind, ListError};
pub use list::WordList;

/// Draws before giving up. What [`Generator::new`] lets pass makes so many fail never.
const DRAWS: usize = 1000;
/// Draws of a large set that are judged beforehand.
const PROBES: usize = 64;
/// Refusals among them that are too many. With a fifth of the set refused, one generator in
/// a thousand would see fewer; half a bit is more than a quarter of the set.
const TOO_MANY_REFUSALS: usize = 5;
/// Taken off the figure when any was refused.
const REFUSAL_MARGIN: f64 = 0.5;

/// What is asked of a generator beyond the policy. Nothing asked is the policy's own.
#[derive(Debug, Clone)]
pub struct Wishes {
    language: Language,
    base: PathBuf,
    form: Option<usize>,
    length: Option<usize>,
    words: Option<usize>,
    list: Option<WordList>,
    separator: Option<String>,
    capitalize: bool,
}

impl Wishes {
    /// No wish; `language` chooses the built-in list of words.
    pub fn new(language: Language) -> Self {
        Self {
            language,
            base: PathBuf::new(),
            form: None,
            length: None,
            words: None,
            list: None,
            separator: None,
            capitalize: false,
        }
    }

    /// The folder that the policy's paths start from; otherwise the current one.
    #[must_use]
    pub fn base(mut self, folder: &Path) -> Self {
        folder.clone_into(&mut self.base);
        self
    }

    /// A form of the policy, by its place in the file from 0. Otherwise the first one of the
    /// kind that the other wishes are about; characters if there is no other wish.
    #[must_use]
    pub const fn form(mut self, place: usize) -> Self {
        self.form = Some(place);
        self
    }

    /// How many characters, at least what the form and the case's floor ask.
    #[must_use]
    pub const fn length(mut self, characters: usize) -> Self {
        self.length = Some(characters);
        self
    }

    /// How many words, at least what the form and the case's floor ask; 64 at most.
    #[must_use]
    pub const fn words(mut self, words: usize) -> Self {
        self.words = Some(words);
        self
    }

    /// The list to draw words from, instead of the form's own or the built-in one.
    #[must_use]
    pub fn list(mut self, list: WordList) -> Self {
        self.list = Some(list);
        self
    }

    /// What stands between words: one to eight signs or spaces, no letter. Otherwise `-`.
    #[must_use]
    pub fn separator(mut self, signs: &str) -> Self {
        self.separator = Some(signs.to_owned());
        self
    }

    /// Whether each word begins with a capital, which adds nothing to the entropy.
    #[must_use]
    pub const fn capitalize(mut self, capitalize: bool) -> Self {
        self.capitalize = capitalize;
        self
    }

    /// What the wishes are about, if they tell.
    fn kind(&self) -> Result<Option<Kind>, GenerateError> {
        let about_words = self.words.is_some()
            || self.list.is_some()
            || self.separator.is_some()
            || self.capitalize;
        match (self.length.is_some(), about_words) {
            (true, true) => Err(GenerateError::Mixed),
            (true, false) => Ok(Some(Kind::Characters)),
            (false, true) => Ok(Some(Kind::Words)),
            (false, false) => Ok(None),
        }
    }
}

/// Makes passwords of one form, all of the same size and from the same set.
#[derive(Debug)]
pub struct Generator {
    judge: Judge,
    place: usize,
    recipe: Recipe,
    size: usize,
    bits: Bits,
}

/// A password made here, accepted by the judge.
#[derive(Debug)]
pub struct Generated {
    accepted: Accepted,
    bits: Bits,
}

impl Generator {
    /// A generator for a policy. A list of words is read if one is needed.
    ///
    /// # Errors
    /// When the wishes do not fit the policy or each other, the list of words is no list,
    /// nothing of the form is accepted, or the system gives no randomness.
    ///
    /// # Panics
    /// If the policy has no form, which a loaded one cannot be.
    pub fn new(policy: &PasswordPolicy, wishes: &Wishes) -> Result<Self, GenerateError> {
        Self::with(policy, wishes, &mut System)
    }

    fn with(
        policy: &PasswordPolicy,
        wishes: &Wishes,
        chance: &mut impl Chance,
    ) -> Result<Self, GenerateError> {
        let place = choose(policy, wishes)?;
        let (recipe, smallest) = Recipe::new(policy, &policy.forms[place], wishes)?;
        let judge = Judge::new(policy);
        let floor = policy.case.floor();
        let reaches = |size| recipe.set(size).bits() >= floor;

        let mut all = smallest..=recipe.largest();
        let least = all
            .clone()
            .find(|&size| reaches(size))
            .ok_or(GenerateError::NoRoom)?;
        let sizes = match wishes.length.or(wishes.words) {
            None => least..=recipe.largest(),
            Some(least_asked) if least_asked < least => {
                let kind = recipe.kind();
                return Err(GenerateError::TooFew { kind, least });
            }
            // Where room is short, more words leave fewer to choose from.
            Some(asked)
                if asked > recipe.largest()
                    || recipe.set(asked).bits() < recipe.set(least).bits() =>
            {
                let worth = recipe.set(least).bits();
                return Err(GenerateError::TooMany {
                    kind: recipe.kind(),
                    most: all
                        .rfind(|&size| recipe.set(size).bits() >= worth)
                        .unwrap_or(least),
                });
            }
            Some(asked) => asked..=asked,
        };
        for size in sizes {
            let bits = accepted_bits(&recipe.set(size), &judge, chance)?;
            if bits >= floor {
                return Ok(Self {
                    judge,
                    place,
                    recipe,
                    size,
                    bits,
                });
            }
        }
        Err(GenerateError::Unsatisfiable)
    }

    /// Makes one.
    ///
    /// # Errors
    /// When the system gives no randomness, or in the last resort
    /// [`GenerateError::Unsatisfiable`].
    pub fn generate(&self) -> Result<Generated, GenerateError> {
        self.generate_with(&mut System)
    }

    fn generate_with(&self, chance: &mut impl Chance) -> Result<Generated, GenerateError> {
        let set = self.recipe.set(self.size);
        for _ in 0..DRAWS {
            let Some(text) = set.draw(chance)? else {
                continue;
            };
            if let Some(accepted) = judged(&text, &self.judge) {
                return Ok(Generated {
                    accepted,
                    bits: self.bits,
                });
            }
        }
        Err(GenerateError::Unsatisfiable)
    }

    /// The entropy of each password: that of the set it is drawn from.
    pub const fn bits(&self) -> Bits {
        self.bits
    }

    /// The form that is generated, by its place in the policy from 0.
    pub const fn form(&self) -> usize {
        self.place
    }

    /// What the form counts.
    pub const fn kind(&self) -> Kind {
        self.recipe.kind()
    }

    /// How many characters or words each password has.
    pub const fn size(&self) -> usize {
        self.size
    }

    /// How many signs or words there are to choose from each time.
    pub fn choices(&self) -> usize {
        self.recipe.set(self.size).choices()
    }
}

impl Generated {
    /// The entropy of the set that the password was drawn from.
    pub const fn bits(&self) -> Bits {
        self.bits
    }

    /// The text, to be shown once to the person it is for. Wiped when dropped.
    pub fn into_text(self) -> Zeroizing<String> {
        Zeroizing::new(self.accepted.password().expose().to_owned())
    }

    /// The proof that it is accepted, to be hashed.
    pub fn into_accepted(self) -> Accepted {
        self.accepted
    }
}

/// The form to generate.
fn choose(policy: &PasswordPolicy, wishes: &Wishes) -> Result<usize, GenerateError> {
    let forms = &policy.forms;
    let wanted = wishes.kind()?;
    match (wishes.form, wanted) {
        (Some(place), _) => {
            let form = forms
                .get(place)
                .ok_or(GenerateError::NoSuchForm { forms: forms.len() })?;
            match wanted {
                Some(wanted) if wanted != kind_of(form) => Err(GenerateError::OtherKind { wanted }),
                _ => Ok(place),
            }
        }
        (None, Some(wanted)) => forms
            .iter()
            .position(|form| kind_of(form) == wanted)
            .ok_or(GenerateError::OtherKind { wanted }),
        (None, None) => Ok(forms
            .iter()
            .position(|form| kind_of(form) == Kind::Characters)
            .unwrap_or(0)),
    }
}

const fn kind_of(form: &Form) -> Kind {
    match form {
        Form::Characters(_) => Kind::Characters,
        Form::Passphrase(_) => Kind::Words,
    }
}

/// What sets of every size are made from.
#[derive(Debug)]
struct Recipe {
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
    fn new(
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
    const fn largest(&self) -> usize {
        match self.stuff {
            Stuff::Characters { .. } => self.max_length,
            Stuff::Words { .. } => phrase::MOST_WORDS,
        }
    }

    const fn kind(&self) -> Kind {
        match self.stuff {
            Stuff::Characters { .. } => Kind::Characters,
            Stuff::Words { .. } => Kind::Words,
        }
    }

    fn set(&self, size: usize) -> Set<'_> {
        match &self.stuff {
            Stuff::Characters { form, case } => Set::Strings(Strings::new(form, *case, size)),
            Stuff::Words { list, manner } => {
                Set::Phrases(Phrases::new(list, size, manner, self.max_length))
            }
        }
    }
}

/// Texts of one size, each as likely.
enum Set<'a> {
    Strings(Strings<'a>),
    Phrases(Phrases<'a>),
}

impl Set<'_> {
    fn bits(&self) -> Bits {
        match self {
            Self::Strings(strings) => strings.bits(),
            Self::Phrases(phrases) => phrases.bits(),
        }
    }

    const fn choices(&self) -> usize {
        match self {
            Self::Strings(strings) => strings.choices(),
            Self::Phrases(phrases) => phrases.choices(),
        }
    }

    fn draw(&self, chance: &mut impl Chance) -> Result<Option<Zeroizing<String>>, GenerateError> {
        match self {
            Self::Strings(strings) => strings.draw(chance),
            Self::Phrases(phrases) => phrases.draw(chance),
        }
    }
}

/// The entropy of what the judge accepts of a set; zero where it refuses too much.
fn accepted_bits(
    set: &Set<'_>,
    judge: &Judge,
    chance: &mut impl Chance,
) -> Result<Bits, GenerateError> {
    let none = Bits::new(0.0);
    if let Set::Strings(strings) = set
        && let Some(all) = strings.all()
    {
        let accepted = all.filter(|text| judged(text, judge).is_some()).count();
        return Ok(Bits::new((accepted.max(1) as f64).log2()));
    }
    if set.bits() < judge.policy().case.floor() {
        return Ok(none);
    }
    let (mut drawn, mut refused) = (0, 0);
    for _ in 0..DRAWS {
        let Some(text) = set.draw(chance)? else {
            continue;
        };
        drawn += 1;
        refused += usize::from(judged(&text, judge).is_none());
        if refused == TOO_MANY_REFUSALS {
            return Ok(none);
        }
        if drawn == PROBES {
            let margin = if refused > 0 { REFUSAL_MARGIN } else { 0.0 };
            return Ok(Bits::new(set.bits().get() - margin));
        }
    }
    // So few draws are members that a password would take too long.
    Ok(none)
}

/// The proof that a text is accepted.
fn judged(text: &str, judge: &Judge) -> Option<Accepted> {
    let password = Password::read(text.as_bytes().to_vec(), judge.policy().max_length).ok()?;
    judge.judge(password, &Context::none()).ok()
}

#[cfg(test)]
mod tests;
