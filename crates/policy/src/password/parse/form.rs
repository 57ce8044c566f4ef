//! Reads one `[[password.form]]`, and says what would make it enough.

use std::collections::BTreeSet;

use toml::Spanned;

use super::fault::{bad_specials, below_case, no_class, too_many_required};
use super::specials::{unfit, untypable, unused};
use crate::password::{Case, Characters, Class, Example, Form, Passphrase, Shape, Specials};
use crate::read::{Section, Span};
use crate::report::Fault;
use crate::{Text, code};

/// A form as a file has it, and where.
#[derive(Debug)]
pub(crate) struct ReadForm {
    pub(crate) form: Form,
    /// Its header.
    pub(crate) span: Span,
    /// What sets its length: `length`, `words` or `example`.
    pub(crate) length: Span,
    /// What sets its types: `required`, `classes`, `kind` or `example`.
    pub(crate) composition: Span,
    /// Whether it is an example of the CNIL, by name.
    pub(crate) is_example: bool,
}

/// One `[[password.form]]`; `None` when a fault leaves no form.
pub(super) fn parse(section: &mut Section<'_, '_>, case: Case) -> Option<ReadForm> {
    let example = section.read::<Example>("example");
    let shape = section.read::<Shape>("kind");
    let characters = characters(section);
    let passphrase = passphrase(section);

    if let Some(example) = &example {
        let others = [
            "kind",
            "length",
            "classes",
            "required",
            "specials",
            "words",
            "word-list",
        ];
        exclude(section, "example", &others);
        return Some(ReadForm {
            form: example_form(section, example, case),
            span: section.span(),
            length: example.span(),
            composition: example.span(),
            is_example: true,
        });
    }
    let form = match shape.map(Spanned::into_inner) {
        Some(Shape::Characters) => {
            exclude(section, "kind = \"characters\"", &["words", "word-list"]);
            Form::Characters(characters.or_else(|| {
                missing(
                    section,
                    "length",
                    "le nombre de caractères",
                    "the number of characters",
                )
            })?)
        }
        Some(Shape::Passphrase) => {
            let others = ["length", "classes", "required", "specials"];
            exclude(section, "kind = \"passphrase\"", &others);
            Form::Passphrase(passphrase.or_else(|| {
                missing(section, "words", "le nombre de mots", "the number of words")
            })?)
        }
        None => {
            if !section.has("kind") && !section.has("example") {
                missing::<()>(
                    section,
                    "kind",
                    "characters ou passphrase",
                    "characters or passphrase",
                );
            }
            return None;
        }
    };
    let length = section.key_span(match form {
        Form::Characters(_) => "length",
        Form::Passphrase(_) => "words",
    });
    if form.conformity(case).is_none() {
        section.depart(case.clause(), below_case(&form, case, length.clone()));
    }
    let types = ["required", "classes", "kind"];
    let composition = types.into_iter().find(|key| section.has(key));
    Some(ReadForm {
        form,
        span: section.span(),
        length,
        composition: composition.map_or(section.span(), |key| section.key_span(key)),
        is_example: false,
    })
}

fn example_form(section: &mut Section<'_, '_>, example: &Spanned<Example>, case: Case) -> Form {
    let form = example.get_ref().form();
    if form.conformity(case).is_some() {
        return form;
    }
    let names: Vec<_> = Example::ALL
        .into_iter()
        .filter(|example| example.form().conformity(case).is_some())
        .map(|example| format!("\"{}\"", example.name()))
        .collect();
    let names = names.join(", ");
    let (name, case_name) = (example.get_ref().name(), case.name());
    section.depart(
        case.clause(),
        Fault::error(
            code::FORM_OF_OTHER_CASE,
            example.span(),
            Text::new(
                format!("l’exemple `{name}` ne suffit pas dans le cas `{case_name}`"),
                format!("the example `{name}` is not enough in case `{case_name}`"),
            ),
        )
        .label(
            format!("vaut pour le cas `{}`", example.get_ref().case().name()),
            format!("belongs to case `{}`", example.get_ref().case().name()),
        )
        .fix(
            format!("choisir parmi : {names}"),
            format!("choose among: {names}"),
        ),
    );
    form
}

/// The characters of a form, `None` without a sound `length`.
fn characters(section: &mut Section<'_, '_>) -> Option<Characters> {
    let length = section.read::<usize>("length");
    let mut classes: BTreeSet<Class> = Class::ALL.into();
    if let Some(read) = section.read::<Vec<Spanned<Class>>>("classes") {
        if read.get_ref().is_empty() {
            section.fault(no_class(read.span()));
        } else {
            classes = read
                .into_inner()
                .into_iter()
                .map(Spanned::into_inner)
                .collect();
        }
    }
    let mut specials = section.read::<String>("specials");
    if let Some(read) = &specials
        && let Some(sign) = unfit(read.get_ref())
    {
        section.fault(bad_specials(sign, read.span()));
        specials = None;
    }
    let mut required = classes.len();
    let span = section.set("required", &mut required);
    if let Some(span) = span
        && required > classes.len()
    {
        section.fault(too_many_required(classes.len(), span));
        required = classes.len();
    }
    let mut form = Characters {
        length: length?.into_inner(),
        classes,
        required,
        specials: Specials::default(),
    };
    if let Some(specials) = specials {
        form.specials = Specials::new(specials.get_ref());
        let span = specials.span();
        let fault = unused(&form, span.clone()).or(untypable(&form, span));
        if let Some(fault) = fault {
            section.fault(fault);
        }
    }
    Some(form)
}

/// The words of a form, `None` without a sound `words`.
fn passphrase(section: &mut Section<'_, '_>) -> Option<Passphrase> {
    let words = section.read::<usize>("words");
    let mut word_list = None;
    section.set_some("word-list", &mut word_list);
    Some(Passphrase {
        words: words?.into_inner(),
        word_list,
    })
}

/// The least length with which the form would be enough for its case.
pub(super) fn least_length(form: &Form, case: Case) -> Option<usize> {
    (1..=256).find(|&length| resized(form, length).conformity(case).is_some())
}

/// A copy of the form with another length, in characters or in words.
fn resized(form: &Form, length: usize) -> Form {
    match form {
        Form::Characters(form) => Form::Characters(Characters {
            length,
            ..form.clone()
        }),
        Form::Passphrase(form) => Form::Passphrase(Passphrase {
            words: length,
            ..form.clone()
        }),
    }
}

/// Reports keys that mean nothing beside another one.
fn exclude(section: &mut Section<'_, '_>, beside: &str, names: &[&'static str]) {
    for name in names {
        if section.has(name) {
            let span = section.key_span(name);
            section.fault(
                Fault::error(
                    code::EXCLUSIVE_KEYS,
                    span,
                    Text::new(
                        format!("`{name}` n’a pas de sens avec `{beside}`"),
                        format!("`{name}` means nothing beside `{beside}`"),
                    ),
                )
                .label("à retirer", "to remove")
                .fix(
                    format!("retirer `{name}`, ou écrire la forme sans `{beside}`"),
                    format!("remove `{name}`, or write the form without `{beside}`"),
                ),
            );
        }
    }
}

/// Reports a key that this kind of form needs, unless it is written badly.
fn missing<T>(section: &mut Section<'_, '_>, name: &str, fr: &str, en: &str) -> Option<T> {
    if !section.has(name) {
        let span = section.span();
        section.fault(
            Fault::error(
                code::MISSING_KEY,
                span,
                Text::new(
                    format!("la clé `{name}` manque"),
                    format!("the key `{name}` is missing"),
                ),
            )
            .label("dans cette forme", "in this form")
            .fix(
                format!("ajouter `{name}` : {fr}"),
                format!("add `{name}`: {en}"),
            ),
        );
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    pub(super) fn least_lengths_are_those_of_the_arithmetic_table() {
        use Class::{Digit, Lower, Upper};
        let ascii = &Specials::DEFAULT[..32];
        let form = |classes: &[Class], required, specials: &str| {
            Form::Characters(Characters {
                length: 1,
                classes: classes.iter().copied().collect(),
                required,
                specials: Specials::new(specials),
            })
        };
        let cnil = Specials::DEFAULT;
        for (form, alone, restricted) in [
            // 12 is lawful by name, where the formula asks for 13.
            (form(&Class::ALL, 4, cnil), 12, 8),
            (form(&Class::ALL, 4, ascii), 13, 8),
            (form(&[Lower, Upper, Digit], 3, cnil), 14, 9),
            (form(&[Lower, Upper], 2, cnil), 15, 9),
            (form(&[Lower, Digit], 2, cnil), 16, 10),
            (form(&[Lower], 1, cnil), 18, 11),
            (form(&[Digit], 1, cnil), 25, 16),
        ] {
            assert_eq!(
                least_length(&form, Case::PasswordAlone),
                Some(alone),
                "{form:?}"
            );
            assert_eq!(
                least_length(&form, Case::RestrictedAccess),
                Some(restricted),
                "{form:?}"
            );
        }
        let hopeless = form(&[Class::Special], 1, "!");
        assert_eq!(least_length(&hopeless, Case::PasswordAlone), None);
    }
}
