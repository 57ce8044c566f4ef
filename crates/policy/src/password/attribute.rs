//! What the password field of a page says to a password manager: the `passwordrules`
//! attribute and the `minlength` and `maxlength` of HTML.
//!
//! Clauses: CNIL 2022-100, creation (the rules are told and help is given to choose, password
//! managers are encouraged). `passwordrules` is the proposal that Safari and several managers
//! read; a browser without it sees an attribute that it does not know.
//!
//! The attribute describes one form of the policy, the shortest one of characters, and asks
//! for all its classes: whatever a manager draws by it meets that form.
//!
//! Absent on purpose: `pattern`. A form that a manager need not meet must not be imposed on a
//! person who types a passphrase.

use std::fmt::Write;

use super::{Characters, Class, Form, PasswordPolicy, Specials};

impl PasswordPolicy {
    /// The value of `passwordrules`, to be escaped like any attribute. `None` when no form can
    /// be said in it: passphrases only, or a required class without an ASCII sign.
    pub fn password_rules(&self) -> Option<String> {
        let mut forms: Vec<&Characters> = self
            .forms
            .iter()
            .filter_map(|form| match form {
                Form::Characters(characters) => Some(characters),
                Form::Passphrase(_) => None,
            })
            .collect();
        forms.sort_by_key(|form| form.length);
        let (form, classes) = forms
            .into_iter()
            .find_map(|form| Some((form, sayable(form)?)))?;
        let mut rules = format!(
            "minlength: {}; maxlength: {};",
            form.length, self.max_length
        );
        for class in classes {
            let _ = write!(rules, " required: {class};");
        }
        Some(rules)
    }

    /// The `minlength` of the field, in characters: under it no form can be met.
    pub fn min_length(&self) -> usize {
        let lengths = self.forms.iter().map(|form| match form {
            Form::Characters(characters) => characters.length,
            // A word has two letters at least, and a separator stands between two of them.
            Form::Passphrase(passphrase) => (3 * passphrase.words).saturating_sub(1),
        });
        lengths.min().unwrap_or(1)
    }
}

/// The classes of a form as the attribute names them; `None` when too few of them can be.
fn sayable(form: &Characters) -> Option<Vec<String>> {
    let classes: Vec<String> = form
        .classes
        .iter()
        .filter_map(|class| match class {
            Class::Lower | Class::Upper | Class::Digit => Some(class.name().to_owned()),
            Class::Special => signs(&form.specials),
        })
        .collect();
    (!classes.is_empty() && classes.len() >= form.required && classes.len() <= form.length)
        .then_some(classes)
}

/// The ASCII signs of a list as a class of the attribute, in which `-` comes first and `]`
/// last.
fn signs(specials: &Specials) -> Option<String> {
    let ascii = || specials.iter().filter(char::is_ascii_punctuation);
    let mut class: String = ascii().filter(|&sign| sign == '-').collect();
    class.extend(ascii().filter(|sign| !matches!(sign, '-' | ']')));
    class.extend(ascii().filter(|&sign| sign == ']'));
    (!class.is_empty()).then(|| format!("[{class}]"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load;

    fn policy(text: &str) -> PasswordPolicy {
        let loaded = load(&format!("version = 1\n[password]\n{text}")).expect("a lawful policy");
        loaded.policy.password().clone()
    }

    #[test]
    fn rules_of_a_policy() {
        for (text, expected) in [
            (
                "",
                Some(
                    "minlength: 12; maxlength: 256; required: lower; required: upper; \
                     required: digit; required: [-!\"#$%&'()*+,./:;<=>?@[\\^_`{|}~]];",
                ),
            ),
            (
                "max-length = 64\n[[password.form]]\nexample = \"14-characters\"",
                Some(
                    "minlength: 14; maxlength: 64; required: lower; required: upper; required: digit;",
                ),
            ),
            ("[[password.form]]\nexample = \"7-words\"", None),
            // Said in the longer form, since the shorter one has no sign of ASCII.
            (
                "[[password.form]]\nkind = \"characters\"\nlength = 20\n\
                 classes = [\"lower\", \"digit\", \"special\"]\nspecials = \"€£§µ\"\n\
                 [[password.form]]\nkind = \"characters\"\nlength = 22\nclasses = [\"lower\"]",
                Some("minlength: 22; maxlength: 256; required: lower;"),
            ),
        ] {
            assert_eq!(policy(text).password_rules().as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn the_least_length_is_that_of_the_shortest_form() {
        for (text, expected) in [
            ("", 12),
            ("[[password.form]]\nexample = \"7-words\"", 20),
            ("case = \"restricted-access\"", 8),
        ] {
            assert_eq!(policy(text).min_length(), expected, "{text}");
        }
    }
}
