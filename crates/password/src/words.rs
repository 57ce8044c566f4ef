//! Forms of passwords in words, for people.
//!
//! `12 characters with lower case, upper case, digit and special sign`: what a sign-up page
//! shows before the choice, and what a refusal offers instead.

use policy::password::{Characters, Class, Form};
use policy::{Language, Text};

/// Every form of a policy as one phrase, the forms joined by "or".
pub(crate) fn forms(forms: &[Form]) -> Text {
    let join = |language, or| {
        let phrases: Vec<String> = forms.iter().map(|form| phrase(form, language)).collect();
        phrases.join(or)
    };
    Text::new(join(Language::Fr, ", ou "), join(Language::En, ", or "))
}

/// A number with its noun: `1 mot`, `2 mots`.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Classes as a list: `majuscule, chiffre et signe spécial`.
pub(crate) fn classes(classes: impl IntoIterator<Item = Class>, language: Language) -> String {
    let names: Vec<&str> = classes
        .into_iter()
        .map(|class| name(class, language))
        .collect();
    let and = match language {
        Language::Fr => " et ",
        Language::En => " and ",
    };
    match names.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{}{and}{last}", others.join(", ")),
    }
}

/// Whether the form is a code: digits are its only class, and only digits count.
pub(crate) fn is_code(form: &Characters) -> bool {
    form.classes.iter().eq(&[Class::Digit])
}

fn phrase(form: &Form, language: Language) -> String {
    match (form, language) {
        (Form::Passphrase(form), Language::Fr) => count(form.words, "mot", "mots différents"),
        (Form::Passphrase(form), Language::En) => count(form.words, "word", "different words"),
        (Form::Characters(form), Language::Fr) if is_code(form) => {
            count(form.length, "chiffre", "chiffres")
        }
        (Form::Characters(form), Language::En) if is_code(form) => {
            count(form.length, "digit", "digits")
        }
        (Form::Characters(form), Language::Fr) => {
            let length = count(form.length, "caractère", "caractères");
            composition(
                form,
                language,
                |classes| format!("{length} avec {classes}"),
                |classes, of| format!("{length} de {} types sur {of} ({classes})", form.required),
            )
            .unwrap_or(length)
        }
        (Form::Characters(form), Language::En) => {
            let length = count(form.length, "character", "characters");
            composition(
                form,
                language,
                |classes| format!("{length} with {classes}"),
                |classes, of| {
                    format!(
                        "{length} of {} types out of {of} ({classes})",
                        form.required
                    )
                },
            )
            .unwrap_or(length)
        }
    }
}

/// The phrase that the classes of a form ask for, `None` when it imposes none.
fn composition(
    form: &Characters,
    language: Language,
    all: impl Fn(String) -> String,
    some: impl Fn(String, usize) -> String,
) -> Option<String> {
    let names = || classes(form.classes.iter().copied(), language);
    match form.required {
        0 => None,
        required if required >= form.classes.len() => Some(all(names())),
        _ => Some(some(names(), form.classes.len())),
    }
}

const fn name(class: Class, language: Language) -> &'static str {
    match (class, language) {
        (Class::Lower, Language::Fr) => "minuscule",
        (Class::Lower, Language::En) => "lower case",
        (Class::Upper, Language::Fr) => "majuscule",
        (Class::Upper, Language::En) => "upper case",
        (Class::Digit, Language::Fr) => "chiffre",
        (Class::Digit, Language::En) => "digit",
        (Class::Special, Language::Fr) => "signe spécial",
        (Class::Special, Language::En) => "special sign",
    }
}

#[cfg(test)]
mod tests {
    use policy::password::Example;

    use super::*;

    #[test]
    fn examples_in_words() {
        for (example, fr, en) in [
            (
                Example::TwelveCharacters,
                "12 caractères avec minuscule, majuscule, chiffre et signe spécial",
                "12 characters with lower case, upper case, digit and special sign",
            ),
            (
                Example::EightCharacters,
                "8 caractères de 3 types sur 4 (minuscule, majuscule, chiffre et signe spécial)",
                "8 characters of 3 types out of 4 (lower case, upper case, digit and special sign)",
            ),
            (Example::SixteenDigits, "16 chiffres", "16 digits"),
            (
                Example::SevenWords,
                "7 mots différents",
                "7 different words",
            ),
        ] {
            let text = forms(&[example.form()]);
            assert_eq!((text.fr.as_str(), text.en.as_str()), (fr, en));
        }
    }

    #[test]
    fn forms_are_joined_and_may_impose_no_class() {
        let Form::Characters(mut free) = Example::TwelveCharacters.form() else {
            unreachable!("an example of characters");
        };
        free.required = 0;
        let text = forms(&[Form::Characters(free), Example::FiveWords.form()]);
        assert_eq!(text.fr, "12 caractères, ou 5 mots différents");
        assert_eq!(text.en, "12 characters, or 5 different words");
    }
}
