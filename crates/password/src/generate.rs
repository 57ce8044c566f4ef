//! Makes a password that the policy accepts.
//!
//! Clause: [`policy::clause::CNIL_GENERATED`] (a secure generator, the entropy of the case).
//!
//! Every password of the form that has the required classes is as likely as any other:
//! signs are drawn one by one from the system's generator, and a draw without the required
//! classes is thrown away whole. The bits reported are those of that set, counted exactly,
//! and the length grows until they reach the case's floor by the formula: a form that
//! conforms by name only (12 characters, 78.99 bits) is generated one character longer.
//!
//! The judge then reads the draw like any other password. What it refuses (a share far too
//! small to move the figure) is drawn again, a bounded number of times.
//!
//! Absent: passphrases, for which a word list is needed. Asking for one is an error.

use policy::password::{Case, Characters, Class, Form};
use policy::{Bits, Language, PasswordPolicy};
use zeroize::Zeroizing;

use crate::rule::form::class_of;
use crate::{Accepted, Context, Judge, Password};

/// Draws before giving up. A policy that refuses so many random passwords refuses all.
const DRAWS: usize = 1000;

/// A password made here, accepted by the judge.
#[derive(Debug)]
pub struct Generated {
    accepted: Accepted,
    bits: Bits,
}

/// Why no password could be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum GenerateError {
    /// The policy has no form of that number.
    NoSuchForm {
        /// How many forms it has.
        forms: usize,
    },
    /// The form is a passphrase, which cannot be generated yet.
    Passphrase,
    /// The policy's other rules refuse what its form allows.
    Unsatisfiable,
    /// The system gave no randomness.
    Randomness,
}

/// Makes a password of a form of the policy, by its place in the file from 0; `None` takes
/// the first form of characters.
///
/// # Errors
/// When there is no such form, it is a passphrase, nothing of it is accepted, or the system
/// gives no randomness.
pub fn generate(policy: &PasswordPolicy, form: Option<usize>) -> Result<Generated, GenerateError> {
    let form = match form {
        Some(place) => policy.forms.get(place).ok_or(GenerateError::NoSuchForm {
            forms: policy.forms.len(),
        })?,
        None => policy
            .forms
            .iter()
            .find(|form| matches!(form, Form::Characters(_)))
            .ok_or(GenerateError::Passphrase)?,
    };
    let Form::Characters(form) = form else {
        return Err(GenerateError::Passphrase);
    };
    let (length, bits) =
        size(form, policy.case, policy.max_length).ok_or(GenerateError::Unsatisfiable)?;
    let judge = Judge::new(policy);
    for _ in 0..DRAWS {
        let text = draw(form, length)?;
        if !has_required(&text, form) {
            continue;
        }
        let Ok(password) = Password::read(text.as_bytes().to_vec(), policy.max_length) else {
            continue;
        };
        if let Ok(accepted) = judge.judge(password, &Context::none()) {
            return Ok(Generated { accepted, bits });
        }
    }
    Err(GenerateError::Unsatisfiable)
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

/// The signs that count in a form. Letters without accents: any keyboard has them.
fn pool(form: &Characters) -> Zeroizing<Vec<char>> {
    let mut pool = Vec::new();
    for class in &form.classes {
        match class {
            Class::Lower => pool.extend('a'..='z'),
            Class::Upper => pool.extend('A'..='Z'),
            Class::Digit => pool.extend('0'..='9'),
            Class::Special => pool.extend(form.specials.iter()),
        }
    }
    Zeroizing::new(pool)
}

/// The length to generate and the bits of that set: the form's length, or more where its
/// set is short of the case's floor.
fn size(form: &Characters, case: Case, max_length: usize) -> Option<(usize, Bits)> {
    (form.length..=max_length)
        .map(|length| (length, bits_of_set(form, length)))
        .find(|&(_, bits)| bits >= case.floor())
}

/// The entropy of the passwords of `length` signs that have the required classes, each as
/// likely as any other: inclusion and exclusion over the sets of classes.
fn bits_of_set(form: &Characters, length: usize) -> Bits {
    let sizes: Vec<usize> = form
        .classes
        .iter()
        .map(|&class| form.pool_of(class))
        .collect();
    let whole: usize = sizes.iter().sum();
    let sum = |set: u32| -> usize {
        sizes
            .iter()
            .enumerate()
            .filter(|(place, _)| set >> place & 1 == 1)
            .map(|(_, size)| size)
            .sum()
    };
    // The share of draws whose classes are exactly those of `set`.
    let exactly = |set: u32| -> f64 {
        (0..=set)
            .filter(|&part| part & set == part)
            .map(|part| {
                let sign = if (set ^ part).count_ones().is_multiple_of(2) {
                    1.0
                } else {
                    -1.0
                };
                sign * (sum(part) as f64 / whole as f64).powi(length as i32)
            })
            .sum()
    };
    let share: f64 = (1..1u32 << sizes.len())
        .filter(|set| set.count_ones() as usize >= form.required)
        .map(exactly)
        .sum();
    if share <= 0.0 {
        return Bits::new(0.0);
    }
    Bits::new(Bits::of(length, whole).get() + share.log2())
}

fn draw(form: &Characters, length: usize) -> Result<Zeroizing<String>, GenerateError> {
    let pool = pool(form);
    let mut text = Zeroizing::new(String::with_capacity(length * char::MAX.len_utf8()));
    for _ in 0..length {
        text.push(pool[below(pool.len() as u32)? as usize]);
    }
    Ok(text)
}

/// A number under `bound`, each as likely.
fn below(bound: u32) -> Result<u32, GenerateError> {
    loop {
        let drawn = getrandom::u32().map_err(|_| GenerateError::Randomness)?;
        if let Some(number) = fair(drawn, bound) {
            return Ok(number);
        }
    }
}

/// A draw over all of 32 bits brought under `bound`; `None` in the last, incomplete round,
/// which would make small numbers likelier.
const fn fair(drawn: u32, bound: u32) -> Option<u32> {
    let rounds = u32::MAX / bound * bound;
    if drawn < rounds {
        Some(drawn % bound)
    } else {
        None
    }
}

fn has_required(text: &str, form: &Characters) -> bool {
    form.classes
        .iter()
        .filter(|class| {
            text.chars()
                .any(|sign| class_of(sign, form) == Some(**class))
        })
        .count()
        >= form.required
}

impl GenerateError {
    /// What is wrong and what to do.
    pub fn message(self, language: Language) -> String {
        match (self, language) {
            (Self::NoSuchForm { forms }, Language::Fr) => {
                format!("La politique n’a pas de forme de ce numéro ; elle en compte {forms}.")
            }
            (Self::NoSuchForm { forms }, Language::En) => {
                format!("The policy has no form of that number; it counts {forms}.")
            }
            (Self::Passphrase, Language::Fr) => {
                "Les phrases de passe ne peuvent pas encore être créées ; choisissez une forme à caractères.".to_owned()
            }
            (Self::Passphrase, Language::En) => {
                "Passphrases cannot be generated yet; choose a form of characters.".to_owned()
            }
            (Self::Unsatisfiable, Language::Fr) => {
                "Les autres règles de la politique refusent tout ce que cette forme admet ; allongez la forme ou baissez `min-log10`.".to_owned()
            }
            (Self::Unsatisfiable, Language::En) => {
                "The other rules of the policy refuse all that this form allows; lengthen the form or lower `min-log10`.".to_owned()
            }
            (Self::Randomness, Language::Fr) => "Le système n’a pas fourni d’aléa ; réessayez plus tard.".to_owned(),
            (Self::Randomness, Language::En) => "The system gave no randomness; try again later.".to_owned(),
        }
    }
}

impl std::fmt::Display for GenerateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message(Language::En))
    }
}

impl std::error::Error for GenerateError {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use policy::password::Example;

    use super::*;

    fn characters(example: Example) -> Characters {
        match example.form() {
            Form::Characters(form) => form,
            Form::Passphrase(_) => unreachable!("an example of characters"),
        }
    }

    /// A policy of one form, in its own case.
    fn policy_of(example: Example) -> PasswordPolicy {
        let mut policy = policy::Policy::reference().password().clone();
        policy.case = example.case();
        policy.forms = vec![example.form()];
        if example.case() != Case::PasswordAlone {
            policy.guess.min_log10 = 0.0;
        }
        policy
    }

    #[test]
    fn bits_of_a_set_count_its_required_classes() {
        use Example::{
            EightCharacters, FourDigits, FourteenCharacters, SixteenDigits, TwelveCharacters,
        };
        for (example, length, bits) in [
            (TwelveCharacters, 12, "78.99"),
            (TwelveCharacters, 13, "85.70"),
            (FourteenCharacters, 14, "83.23"),
            (EightCharacters, 8, "52.94"),
            (SixteenDigits, 16, "53.15"),
            (FourDigits, 4, "13.29"),
        ] {
            let form = characters(example);
            assert_eq!(
                bits_of_set(&form, length).to_string(),
                bits,
                "{}",
                example.name()
            );
        }
    }

    #[test]
    fn a_set_counted_one_by_one_has_the_same_bits() {
        // Two of three classes over a pool of 26 + 10 + 2 signs, at three signs.
        let mut form = characters(Example::EightCharacters);
        form.classes.remove(&Class::Upper);
        form.required = 2;
        let pool = pool(&form);
        let mut members = 0u32;
        for &one in pool.iter() {
            for &two in pool.iter() {
                for &three in pool.iter() {
                    members +=
                        u32::from(has_required(&String::from_iter([one, two, three]), &form));
                }
            }
        }
        let counted = f64::from(members).log2();
        assert!(
            (bits_of_set(&form, 3).get() - counted).abs() < 1e-9,
            "{counted}"
        );
    }

    #[test]
    fn what_is_generated_reaches_the_floor_and_is_accepted() {
        for (example, length, least) in [
            (Example::TwelveCharacters, 13, 80.0),
            (Example::FourteenCharacters, 14, 80.0),
            (Example::EightCharacters, 8, 50.0),
            (Example::SixteenDigits, 16, 50.0),
            (Example::FourDigits, 4, 13.0),
        ] {
            let policy = policy_of(example);
            for _ in 0..20 {
                let generated = generate(&policy, None).expect("a password");
                assert!(generated.bits().get() >= least, "{}", example.name());
                assert!(generated.accepted.assessment().accepted());
                assert_eq!(
                    generated.into_text().chars().count(),
                    length,
                    "{}",
                    example.name()
                );
            }
        }
    }

    #[test]
    fn a_draw_of_the_incomplete_round_is_thrown_away() {
        const HALF: u32 = u32::MAX / 2 + 1;
        for (drawn, bound, number) in [
            (0, 99, Some(0)),
            (100, 99, Some(1)),
            (u32::MAX, 99, None),
            (HALF - 1, HALF, Some(HALF - 1)),
            (HALF, HALF, None),
        ] {
            assert_eq!(fair(drawn, bound), number, "{drawn} under {bound}");
        }
    }

    #[test]
    fn every_sign_of_the_pool_is_drawn_about_as_often() {
        let form = characters(Example::TwelveCharacters);
        let mut counts = std::collections::BTreeMap::<char, u32>::new();
        for sign in draw(&form, 99_000).expect("randomness").chars() {
            *counts.entry(sign).or_default() += 1;
        }
        assert_eq!(counts.len(), 99);
        // Each count is near 1,000 with a deviation of 32: eight deviations never happen.
        for (sign, count) in counts {
            assert!((744..=1256).contains(&count), "{sign}: {count}");
        }
    }

    #[test]
    fn two_passwords_differ() {
        let policy = policy_of(Example::TwelveCharacters);
        let drawn: BTreeSet<String> = (0..50)
            .map(|_| {
                generate(&policy, None)
                    .expect("a password")
                    .into_text()
                    .to_string()
            })
            .collect();
        assert_eq!(drawn.len(), 50);
    }

    #[test]
    fn what_cannot_be_made_is_an_error() {
        let words = policy_of(Example::SevenWords);
        assert_eq!(
            generate(&words, Some(0)).unwrap_err(),
            GenerateError::Passphrase
        );
        assert_eq!(
            generate(&words, None).unwrap_err(),
            GenerateError::Passphrase
        );
        assert_eq!(
            generate(&words, Some(1)).unwrap_err(),
            GenerateError::NoSuchForm { forms: 1 }
        );
        let mut strict = policy_of(Example::FourDigits);
        strict.guess.min_log10 = 19.0;
        assert_eq!(
            generate(&strict, None).unwrap_err(),
            GenerateError::Unsatisfiable
        );
    }
}
