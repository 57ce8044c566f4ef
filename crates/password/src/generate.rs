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

use policy::password::Form;
use policy::{Bits, PasswordPolicy};
use zeroize::Zeroizing;

use chance::{Chance, System};
use recipe::{Recipe, Set};

use crate::{Accepted, Context, Judge, Password};

mod chance;
mod characters;
mod fault;
mod list;
mod phrase;
mod recipe;
mod wishes;

pub use fault::{GenerateError, Kind, ListError};
pub use list::WordList;
pub use wishes::Wishes;

/// Draws before giving up. What [`Generator::new`] lets pass makes so many fail never.
const DRAWS: usize = 1000;
/// Draws of a large set that are judged beforehand.
const PROBES: usize = 64;
/// Refusals among them that are too many. With a fifth of the set refused, one generator in
/// a thousand would see fewer; half a bit is more than a quarter of the set.
const TOO_MANY_REFUSALS: usize = 5;
/// Taken off the figure when any was refused.
const REFUSAL_MARGIN: f64 = 0.5;
/// Sizes tried when the judge refuses too much of the first one.
const SIZES: usize = 64;

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
        // A random password is in no leak that a service would know: nobody is asked.
        let mut offline = policy.clone();
        offline.refuse.online = None;
        let judge = Judge::open(&offline, &wishes.base)?;
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
        for size in sizes.take(SIZES) {
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

    /// Both: the text for the person and the proof to be hashed.
    pub fn into_parts(self) -> (Zeroizing<String>, Accepted) {
        let text = Zeroizing::new(self.accepted.password().expose().to_owned());
        (text, self.accepted)
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
