//! The shortest password that each form of a policy really admits.
//!
//! A form states a length, and the rest of `[password]` may ask for more: a guess threshold
//! that no password so short is worth, a maximum that leaves no room. So each form is tried:
//! passwords are drawn from it, shorter and shorter, until the judge refuses them all. Draws
//! are random, so that what is found is what a person without a pattern gets; the length is
//! the least at which one draw in [`DRAWS`] is accepted.
//!
//! Absent on purpose: the online service of leaked passwords, which is not asked, and the
//! context of a person, which is not known.

use std::path::Path;

use password::generate::{Generator, Kind, Wishes, WordList};
use password::{Context, Judge, Password};
use policy::password::{Case, Form, PasswordPolicy};
use policy::{Language, Text, Trouble};
use zeroize::Zeroizing;

/// Draws of one size before it counts as refused.
const DRAWS: usize = 32;
/// The most words that a generator draws.
const MOST_WORDS: usize = 64;

/// What a form admits.
#[derive(Debug)]
pub(crate) struct Shortest {
    /// The form in words, such as `12 characters with lower case and digit`.
    pub(crate) shape: Text,
    /// What its sizes count.
    pub(crate) kind: Kind,
    /// What the form states, in characters or words.
    pub(crate) stated: usize,
    /// The shortest accepted, or why none is.
    pub(crate) found: Result<Found, Text>,
}

/// A password that the judge accepts.
#[derive(Debug)]
pub(crate) struct Found {
    /// Its characters or words.
    pub(crate) size: usize,
    /// The text itself, drawn for this answer and kept nowhere.
    pub(crate) example: Zeroizing<String>,
}

/// What every form of a policy admits, in their order. `base` is where its paths start.
pub(crate) fn of_forms(
    policy: &PasswordPolicy,
    judge: &Judge,
    language: Language,
) -> Vec<Shortest> {
    let forms = policy.forms.iter();
    forms
        .map(|form| of_form(policy, form, judge, language))
        .collect()
}

fn of_form(policy: &PasswordPolicy, form: &Form, judge: &Judge, language: Language) -> Shortest {
    let loose = loosened(policy, form);
    let (kind, stated, most) = match form {
        Form::Characters(form) => (Kind::Characters, form.length, policy.max_length),
        Form::Passphrase(form) => {
            // Two letters a word, and a sign between two.
            let most = MOST_WORDS.min((policy.max_length + 1) / 3);
            (Kind::Words, form.words, most)
        }
    };
    let mut reason = Text::new(
        "la longueur maximale ne laisse pas la place d’en tirer un",
        "the maximum length leaves no room to draw one",
    );
    let found = least(stated, most, |size| {
        draw(&loose, kind, size, judge, language)
            .map_err(|why| reason = why.unwrap_or_else(|| reason.clone()))
    });
    Shortest {
        shape: shape(policy, form),
        kind,
        stated,
        found: found
            .map(|(size, example)| Found { size, example })
            .ok_or(reason),
    }
}

/// A form in words, such as `12 characters with lower case and digit`.
pub(crate) fn shape(policy: &PasswordPolicy, form: &Form) -> Text {
    Judge::new(&loosened(policy, form)).forms().clone()
}

/// The policy of one form, with nothing else that stands in the way: what it draws is then
/// judged by the whole policy.
fn loosened(policy: &PasswordPolicy, form: &Form) -> PasswordPolicy {
    let mut loose = policy.clone();
    loose.forms = vec![form.clone()];
    // The lowest floor, so that the generator adds nothing to the length asked for.
    loose.case = Case::DeviceUnlock;
    loose.guess.min_log10 = 0.0;
    loose.guess.lists.clear();
    loose.refuse.common = false;
    loose.refuse.context = false;
    loose.refuse.lists.clear();
    loose.refuse.breached = None;
    loose.refuse.online = None;
    loose
}

/// The least size from `first` to `last` that is accepted, and what was accepted. Sizes are
/// tried in growing steps, then in between: what is accepted of one size is taken to be
/// accepted of the longer ones.
fn least<T>(
    first: usize,
    last: usize,
    mut accepted: impl FnMut(usize) -> Result<T, ()>,
) -> Option<(usize, T)> {
    let mut refused = None;
    let mut step = 1;
    let mut size = first;
    let mut best = loop {
        if size > last {
            return None;
        }
        match accepted(size) {
            Ok(found) => break (size, found),
            Err(()) if size == last => return None,
            Err(()) => {
                refused = Some(size);
                size = (size + step).min(last);
                step *= 2;
            }
        }
    };
    let mut low = refused.map_or(first, |refused| refused + 1);
    while low < best.0 {
        let middle = low + (best.0 - low) / 2;
        match accepted(middle) {
            Ok(found) => best = (middle, found),
            Err(()) => low = middle + 1,
        }
    }
    Some(best)
}

/// A password of a size that the judge accepts, or why the last one drawn is refused.
fn draw(
    loose: &PasswordPolicy,
    kind: Kind,
    size: usize,
    judge: &Judge,
    language: Language,
) -> Result<Zeroizing<String>, Option<Text>> {
    let wishes = Wishes::new(language);
    let wishes = match kind {
        Kind::Characters => wishes.length(size),
        Kind::Words => wishes.words(size).list(WordList::built_in(language)),
    };
    let mut reason = None;
    // A size that the generator cannot draw is one that nobody could write either.
    let generator = Generator::new(loose, &wishes).map_err(|_| None)?;
    for _ in 0..DRAWS {
        let text = generator.generate().map_err(|_| None)?.into_text();
        let Ok(password) = Password::read(text.as_bytes().to_vec(), loose.max_length) else {
            continue;
        };
        let assessment = judge.glance(&password, &Context::none());
        if assessment.accepted() {
            return Ok(text);
        }
        reason = assessment
            .findings()
            .first()
            .map(|finding| Text::new(finding.message(Language::Fr), finding.message(Language::En)));
    }
    Err(reason)
}

impl Shortest {
    /// What is wrong with the form, if something is.
    pub(crate) fn trouble(&self) -> Option<Trouble> {
        match &self.found {
            Err(reason) => Some(Trouble::AcceptsNothing {
                reason: reason.clone(),
            }),
            Ok(found) if found.size > self.stated => Some(Trouble::Longer {
                stated: self.stated,
                shortest: found.size,
            }),
            Ok(_) => None,
        }
    }
}

/// What is wrong with the word list of a form, if it has one.
pub(crate) fn list_trouble(
    policy: &PasswordPolicy,
    form: &Form,
    base: &Path,
    language: Language,
) -> Option<Trouble> {
    let Form::Passphrase(phrase) = form else {
        return None;
    };
    let reason = |message: &dyn Fn(Language) -> String| {
        let line = |language| message(language).lines().next().unwrap_or("").to_owned();
        Trouble::UnreadableList {
            reason: Text::new(line(Language::Fr), line(Language::En)),
        }
    };
    let list = match WordList::read(&base.join(phrase.word_list.as_ref()?)) {
        Ok(list) => list,
        Err(error) => return Some(reason(&|language| error.message(language))),
    };
    let words = list.len();
    let mut loose = loosened(policy, form);
    loose.case = policy.case;
    match Generator::new(&loose, &Wishes::new(language).list(list)) {
        Ok(generator) if generator.size() > phrase.words => Some(Trouble::ShortList {
            list: words,
            words: generator.size(),
        }),
        Ok(_) => None,
        Err(error) => Some(reason(&|language| error.message(language))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_size_is_found_whatever_the_threshold() {
        for first in [1, 8, 12] {
            for threshold in 0..80 {
                let mut tried = 0;
                let found = least(first, 64, |size| {
                    tried += 1;
                    if size >= threshold { Ok(size) } else { Err(()) }
                });
                let expected = (threshold <= 64).then(|| threshold.max(first));
                assert_eq!(found, expected.map(|size| (size, size)));
                assert!(tried <= 16, "{tried} sizes tried");
            }
        }
        assert_eq!(least(9, 8, Ok), None);
    }
}
