//! Passwords of characters: the set that they are drawn from, and its exact size.
//!
//! Clause: [`policy::clause::CNIL_GENERATED`]. The signs are those that count in the form;
//! letters have no accents, which any keyboard has. A member of the set is any string of
//! them that meets the form, and each is as likely.

use policy::Bits;
use policy::password::{Case, Characters, Class};
use zeroize::Zeroizing;

use super::GenerateError;
use super::chance::Chance;
use crate::rule::form;

/// Sets no larger than this are read through, member by member.
const SMALL: usize = 1 << 14;

/// The passwords of a form that have one length.
pub(super) struct Strings<'a> {
    form: &'a Characters,
    case: Case,
    length: usize,
    pool: Vec<char>,
}

impl<'a> Strings<'a> {
    pub(super) fn new(form: &'a Characters, case: Case, length: usize) -> Self {
        Self {
            form,
            case,
            length,
            pool: form
                .classes
                .iter()
                .flat_map(|&class| signs(form, class))
                .collect(),
        }
    }

    /// How many signs there are to choose from.
    pub(super) const fn choices(&self) -> usize {
        self.pool.len()
    }

    /// The entropy of the set: inclusion and exclusion over the sets of classes.
    pub(super) fn bits(&self) -> Bits {
        let classes: Vec<Class> = self.form.classes.iter().copied().collect();
        let pool_of = |set: u32| -> usize {
            classes
                .iter()
                .enumerate()
                .filter(|(place, _)| set >> place & 1 == 1)
                .map(|(_, &class)| self.form.pool_of(class))
                .sum()
        };
        let whole = self.pool.len() as f64;
        // The share of strings whose classes are exactly those of `set`.
        let exactly = |set: u32| -> f64 {
            (0..=set)
                .filter(|&part| part & set == part)
                .map(|part| {
                    let even = (set ^ part).count_ones().is_multiple_of(2);
                    let share = (pool_of(part) as f64 / whole).powi(self.length as i32);
                    if even { share } else { -share }
                })
                .sum()
        };
        let share: f64 = (1..1u32 << classes.len())
            .filter(|set| set.count_ones() as usize >= self.form.required)
            .filter(|&set| !form::is_narrow(pool_of(set), self.length, self.form, self.case))
            .map(exactly)
            .sum();
        if share <= 0.0 {
            return Bits::new(0.0);
        }
        Bits::new(Bits::of(self.length, self.pool.len()).get() + share.log2())
    }

    /// A member of the set; `None` when the string drawn is none.
    pub(super) fn draw(
        &self,
        chance: &mut impl Chance,
    ) -> Result<Option<Zeroizing<String>>, GenerateError> {
        let mut text = Zeroizing::new(String::with_capacity(self.length * char::MAX.len_utf8()));
        for _ in 0..self.length {
            text.push(self.pool[chance.below(self.pool.len() as u32)? as usize]);
        }
        Ok(self.has(&text).then_some(text))
    }

    /// Every member, if they are few.
    pub(super) fn all(&self) -> Option<impl Iterator<Item = Zeroizing<String>> + '_> {
        let strings = self
            .pool
            .len()
            .checked_pow(u32::try_from(self.length).ok()?)
            .filter(|&strings| strings <= SMALL)?;
        Some(
            (0..strings)
                .map(|number| self.string(number))
                .filter(|text| self.has(text)),
        )
    }

    fn string(&self, mut number: usize) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(self.length * char::MAX.len_utf8()));
        for _ in 0..self.length {
            text.push(self.pool[number % self.pool.len()]);
            number /= self.pool.len();
        }
        text
    }

    fn has(&self, text: &str) -> bool {
        form::missing_characters(text, self.form, self.case).is_empty()
    }
}

fn signs(form: &Characters, class: Class) -> Vec<char> {
    match class {
        Class::Lower => ('a'..='z').collect(),
        Class::Upper => ('A'..='Z').collect(),
        Class::Digit => ('0'..='9').collect(),
        Class::Special => form.specials.iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use policy::password::{Example, Form};

    use super::super::chance::tests::{Dry, Repeatable, are_even};
    use super::*;

    fn characters(example: Example) -> Characters {
        match example.form() {
            Form::Characters(form) => form,
            Form::Passphrase(_) => unreachable!("an example of characters"),
        }
    }

    #[test]
    fn bits_count_the_required_classes() {
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
                Strings::new(&form, example.case(), length)
                    .bits()
                    .to_string(),
                bits,
                "{}",
                example.name()
            );
        }
    }

    /// The members of a set, found by trying every string.
    fn members(strings: &Strings<'_>) -> usize {
        let all = strings.pool.len().pow(strings.length as u32);
        (0..all)
            .filter(|&number| strings.has(&strings.string(number)))
            .count()
    }

    #[test]
    fn a_set_counted_one_by_one_has_the_same_bits() {
        use Class::{Digit, Lower, Special, Upper};
        // The last row has digits alone taken out, which are narrower than the form.
        for (classes, required, length) in [
            (&[Lower, Digit, Special][..], 2, 2),
            (&[Digit, Special], 2, 3),
            (&[Lower, Upper, Digit], 1, 2),
            (&[Digit], 1, 4),
            (&[Lower, Digit], 0, 3),
        ] {
            let mut form = characters(Example::TwelveCharacters);
            form.classes = classes.iter().copied().collect();
            (form.required, form.length) = (required, length);
            let strings = Strings::new(&form, Case::DeviceUnlock, length);
            let counted = (members(&strings) as f64).log2();
            assert!(
                (strings.bits().get() - counted).abs() < 1e-9,
                "{classes:?}, {required} of them: {} and {counted}",
                strings.bits().get()
            );
        }
    }

    #[test]
    fn no_member_is_as_many_bits_as_it_should_be() {
        let mut form = characters(Example::TwelveCharacters);
        form.length = 3;
        let strings = Strings::new(&form, Case::DeviceUnlock, 3);
        assert!(strings.bits().get() < 1e-9, "{}", strings.bits());
    }

    #[test]
    fn every_member_of_a_small_set_is_drawn_as_often() {
        let mut form = characters(Example::FourDigits);
        form.length = 2;
        let strings = Strings::new(&form, Case::DeviceUnlock, 2);
        let mut counts = BTreeMap::<String, u32>::new();
        for text in strings.all().expect("a small set") {
            counts.insert(text.to_string(), 0);
        }
        assert_eq!(counts.len(), 100);
        let mut chance = Repeatable(3);
        for _ in 0..5000 {
            let text = strings.draw(&mut chance).expect("never dry");
            *counts
                .get_mut(text.expect("every string is one").as_str())
                .expect("a member") += 1;
        }
        assert!(are_even(&counts.into_values().collect::<Vec<_>>()));
    }

    #[test]
    fn every_sign_of_the_pool_is_drawn_as_often() {
        let mut form = characters(Example::TwelveCharacters);
        form.required = 1;
        let strings = Strings::new(&form, Case::PasswordAlone, 9900);
        let text = strings
            .draw(&mut Repeatable(4))
            .expect("never dry")
            .expect("all classes in so many signs");
        let counts: Vec<u32> = strings
            .pool
            .iter()
            .map(|sign| text.chars().filter(|other| other == sign).count() as u32)
            .collect();
        assert_eq!(counts.len(), 99);
        assert!(are_even(&counts), "{counts:?}");
    }

    #[test]
    fn large_sets_are_not_read_through() {
        let twelve = characters(Example::TwelveCharacters);
        assert!(
            Strings::new(&twelve, Case::PasswordAlone, 12)
                .all()
                .is_none()
        );
        let digits = characters(Example::FourDigits);
        assert!(Strings::new(&digits, Case::DeviceUnlock, 5).all().is_none());
        assert_eq!(
            Strings::new(&digits, Case::DeviceUnlock, 4)
                .all()
                .map(Iterator::count),
            Some(10_000)
        );
    }

    #[test]
    fn without_randomness_there_is_no_password() {
        let form = characters(Example::TwelveCharacters);
        let drawn = Strings::new(&form, Case::PasswordAlone, 13).draw(&mut Dry);
        assert_eq!(drawn.unwrap_err(), GenerateError::Randomness);
    }
}
