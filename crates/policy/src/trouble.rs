//! Faults that a judge finds in a policy without fault.
//!
//! What a typed password is worth, and what a word list holds, is not for this crate to know:
//! whoever opens the lists and judges tells it here, and gets a [`Fault`] with its place, in
//! the same words and codes as the others.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::read::Span;
use crate::report::Fault;
use crate::{Text, code};

/// What was found of one form of a loaded policy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trouble {
    /// No password of the form is accepted.
    AcceptsNothing {
        /// Why the longest ones are refused, a sentence.
        reason: Text,
    },
    /// The shortest password accepted is longer than the form says.
    Longer {
        /// What the form says, in its own unit.
        stated: usize,
        /// What is accepted, in the same unit.
        shortest: usize,
    },
    /// A phrase drawn from the form's list takes more words than the form.
    ShortList {
        /// Words of the list.
        list: usize,
        /// Words that a phrase then takes.
        words: usize,
    },
    /// The form's list cannot be used.
    UnreadableList {
        /// Why, a sentence.
        reason: Text,
    },
}

impl Trouble {
    /// The fault, to be added to the report of the load. `text` is the text that was loaded,
    /// `form` the place of the form in the policy, from 0.
    pub fn of_form(self, form: usize, text: &str) -> Fault {
        let place = |key: &str| place_of(form, key, text);
        let number = form + 1;
        match self {
            Self::AcceptsNothing { reason } => Fault::error(
                code::FORM_ACCEPTS_NOTHING,
                place(""),
                Text::new(
                    format!("aucun mot de passe de la forme {number} n’est accepté"),
                    format!("no password of form {number} is accepted"),
                ),
            )
            .label(reason.fr, reason.en)
            .fix(
                "baisser `min-log10`, allonger `max-length`, ou retirer la forme",
                "lower `min-log10`, raise `max-length`, or remove the form",
            ),
            Self::Longer { stated, shortest } => Fault::warning(
                code::FORM_LONGER_THAN_STATED,
                place("length"),
                Text::new(
                    format!("un autre réglage refuse ce que la forme {number} admet de plus court"),
                    format!("another setting refuses the shortest that form {number} admits"),
                ),
            )
            .label(
                format!("la forme dit {stated}, le plus court accepté a {shortest}"),
                format!("the form says {stated}, the shortest accepted has {shortest}"),
            )
            .fix(
                format!("annoncer {shortest} dans une [[password.form]], ou baisser `min-log10` dans [password.guess]"),
                format!("state {shortest} in a [[password.form]], or lower `min-log10` in [password.guess]"),
            ),
            Self::ShortList { list, words } => Fault::warning(
                code::WORD_LIST_SHORT,
                place("word-list"),
                Text::new(
                    "cette liste est petite pour le cas",
                    "this list is small for the case",
                ),
            )
            .label(
                format!("{list} mots : une phrase fabriquée en prend {words}"),
                format!("{list} words: a generated phrase takes {words} of them"),
            )
            .fix(
                "nommer une liste plus longue, ou retirer `word-list` pour la liste intégrée",
                "name a longer list, or remove `word-list` for the built-in one",
            ),
            Self::UnreadableList { reason } => Fault::warning(
                code::WORD_LIST_UNREADABLE,
                place("word-list"),
                Text::new(
                    "aucune phrase de passe ne peut être tirée de cette liste",
                    "no passphrase can be drawn from this list",
                ),
            )
            .label("liste inutilisable", "list that cannot be used")
            .fix(reason.fr, reason.en),
        }
    }
}

/// Where a key of a form stands: the form itself if the key is not written. If no form is,
/// the guess threshold, and else the top of the file.
fn place_of(form: usize, key: &str, text: &str) -> Span {
    let (document, _) = DeTable::parse_recoverable(text);
    let table = |value: &'_ Spanned<DeValue<'_>>, key: &str| match value.get_ref() {
        DeValue::Table(table) => table.get(key).map(Spanned::span),
        _ => None,
    };
    let Some(DeValue::Table(password)) = document.get_ref().get("password").map(Spanned::get_ref)
    else {
        return 0..0;
    };
    let form = match password.get("form").map(Spanned::get_ref) {
        Some(DeValue::Array(forms)) => forms.get(form),
        _ => None,
    };
    let Some(form) = form else {
        let guess = password.get("guess");
        return guess
            .and_then(|guess| table(guess, "min-log10"))
            .unwrap_or(0..0);
    };
    let keys: &[&str] = match key {
        "length" => &["length", "words", "example"],
        "word-list" => &["word-list"],
        _ => &[],
    };
    keys.iter()
        .find_map(|key| table(form, key))
        .unwrap_or(form.span())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Position;

    #[test]
    fn a_trouble_points_at_its_form() {
        let text = "version = 1\n[[password.form]]\nexample = \"7-words\"\n[[password.form]]\n\
                    kind = \"passphrase\"\nwords = 7\nword-list = \"w\"\n";
        let longer = Trouble::Longer {
            stated: 7,
            shortest: 9,
        };
        let list = Trouble::ShortList {
            list: 1000,
            words: 9,
        };
        let nothing = Trouble::AcceptsNothing {
            reason: Text::new("trop simple", "too simple"),
        };
        for (trouble, form, place) in [
            (&nothing, 0, (2, 1)),
            (&longer, 0, (3, 11)),
            (&longer, 1, (6, 9)),
            (&list, 1, (7, 13)),
            (&nothing, 2, (1, 1)),
        ] {
            let fault = trouble.clone().of_form(form, text);
            let Position { line, column } = Position::of(text, fault.span.start);
            assert_eq!((line, column), place, "{}", fault.code);
        }
        let nowhere = nothing.clone().of_form(0, "version = 1\n");
        assert_eq!(nowhere.span, 0..0);
        let text = "version = 1\n[password.guess]\nmin-log10 = 40\n";
        let threshold = nothing.of_form(0, text);
        assert_eq!(&text[threshold.span], "40");
    }
}
