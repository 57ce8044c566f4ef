//! Reads one `[[password.form]]`, and says what would make it enough.

use std::collections::BTreeSet;

use toml::Spanned;

use super::contradiction::{specials_untypable, specials_unused};
use super::fault::{bad_specials, below_case, no_class, too_many_required};
use crate::password::{
    Case, Characters, Class, Example, Form, Passphrase, ReadForm, Shape, Specials,
};
use crate::read::Section;
use crate::report::Fault;
use crate::{Text, code};

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
        && let Some(sign) = unfit_special(read.get_ref())
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
        let fault = specials_unused(&form, span.clone()).or(specials_untypable(&form, span));
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

/// The first sign that may not stand in a list of specials, or that stands there twice.
fn unfit_special(signs: &str) -> Option<char> {
    let mut seen = BTreeSet::new();
    signs
        .chars()
        .find(|&sign| !is_sign(sign) || !seen.insert(sign))
}

/// Whether a person can see and type this sign, and whether it reaches the judge as typed:
/// the ranges hold no invisible or combining sign and nothing that NFC replaces. The signs of
/// the default list are all welcome, although `µ` is a letter to Unicode.
fn is_sign(sign: char) -> bool {
    match sign {
        '\u{b5}' => true,
        // The soft hyphen is invisible.
        '\u{ad}' => false,
        '\u{a1}'..='\u{bf}'
        | '\u{d7}'
        | '\u{f7}'
        | '\u{2010}'..='\u{2027}'
        | '\u{2030}'..='\u{205e}'
        | '\u{20a0}'..='\u{20c0}'
        | '\u{2100}'..='\u{214f}'
        // NFC replaces the angle brackets U+2329 and U+232A.
        | '\u{2190}'..='\u{2328}'
        | '\u{232b}'..='\u{23ff}'
        | '\u{2500}'..='\u{27bf}' => !sign.is_alphanumeric(),
        _ => sign.is_ascii_punctuation(),
    }
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

    #[test]
    fn a_list_of_specials_holds_signs_only_and_once() {
        for (signs, unfit) in [
            ("!?€", None),
            (Specials::DEFAULT, None),
            ("!a", Some('a')),
            ("!9", Some('9')),
            ("! ", Some(' ')),
            ("!\u{a0}", Some('\u{a0}')),
            ("!?!", Some('!')),
            ("é", Some('é')),
            ("µ¿×÷–…€↑⌘─✔", None),
            ("!ª", Some('ª')),
            ("!²", Some('²')),
            ("!½", Some('½')),
            ("!\u{2126}", Some('\u{2126}')),
            ("!➀", Some('➀')),
            ("!\u{ad}", Some('\u{ad}')),
            ("!\u{7f}", Some('\u{7f}')),
            ("!\u{301}", Some('\u{301}')),
            ("!\u{200b}", Some('\u{200b}')),
            ("!\u{202e}", Some('\u{202e}')),
            ("!\u{2060}", Some('\u{2060}')),
            ("!\u{2329}", Some('\u{2329}')),
            ("!\u{1fef}", Some('\u{1fef}')),
            ("!\u{37e}", Some('\u{37e}')),
            ("!\u{fe0f}", Some('\u{fe0f}')),
            ("!\u{fdd0}", Some('\u{fdd0}')),
            ("!\u{ffff}", Some('\u{ffff}')),
            ("!\u{e000}", Some('\u{e000}')),
            ("!\u{1f600}", Some('\u{1f600}')),
        ] {
            assert_eq!(unfit_special(signs), unfit, "{signs}");
        }
    }
}
