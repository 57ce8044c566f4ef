//! Reads `[password]` and its tables.

use std::collections::BTreeSet;

use toml::Spanned;

use super::{Case, Characters, Class, Example, Form, Passphrase, PasswordPolicy, Shape, Specials};
use crate::read::{Section, Span, Word};
use crate::report::Fault;
use crate::{Clause, Text, clause, code};

impl Word for Case {
    const WORDS: &'static [(&'static str, Self)] = &[
        (Self::PasswordAlone.name(), Self::PasswordAlone),
        (Self::RestrictedAccess.name(), Self::RestrictedAccess),
        (Self::DeviceUnlock.name(), Self::DeviceUnlock),
    ];
}

impl Word for Shape {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("characters", Self::Characters),
        ("passphrase", Self::Passphrase),
    ];
}

impl Word for Class {
    const WORDS: &'static [(&'static str, Self)] = &[
        (Self::Lower.name(), Self::Lower),
        (Self::Upper.name(), Self::Upper),
        (Self::Digit.name(), Self::Digit),
        (Self::Special.name(), Self::Special),
    ];
}

impl Word for Example {
    const WORDS: &'static [(&'static str, Self)] = &[
        (Self::TwelveCharacters.name(), Self::TwelveCharacters),
        (Self::FourteenCharacters.name(), Self::FourteenCharacters),
        (Self::SevenWords.name(), Self::SevenWords),
        (Self::EightCharacters.name(), Self::EightCharacters),
        (Self::SixteenDigits.name(), Self::SixteenDigits),
        (Self::FiveWords.name(), Self::FiveWords),
        (Self::FourDigits.name(), Self::FourDigits),
    ];
}

impl Case {
    /// The clause that sets the floor of the case.
    pub const fn clause(self) -> &'static Clause {
        match self {
            Self::PasswordAlone => &clause::CNIL_CASE_1,
            Self::RestrictedAccess => &clause::CNIL_CASE_2,
            Self::DeviceUnlock => &clause::CNIL_CASE_3,
        }
    }
}

/// `[password]` with what the file leaves out.
pub(crate) fn parse(mut section: Section<'_, '_>) -> PasswordPolicy {
    let mut case = Case::PasswordAlone;
    section.set("case", &mut case);
    let mut policy = PasswordPolicy::of_case(case);

    let span = section.set("max-length", &mut policy.max_length);
    if let Some(span) = span
        && policy.max_length < PasswordPolicy::LEAST_MAX_LENGTH
    {
        section.depart(
            &clause::CNIL_MAX_LENGTH,
            short_maximum(policy.max_length, span),
        );
    }
    // A form is judged against the maximum as read, so the forms come after.
    let max_length = policy.max_length;

    let mut forms: Vec<(Form, Span)> = Vec::new();
    let written = section.tables("form", |mut section| {
        let span = section.span();
        let Some(form) = form(&mut section, case) else {
            return;
        };
        if shortest(&form) > max_length {
            section.fault(beyond_maximum(&form, max_length, span.clone()));
        }
        for (other, _) in &forms {
            if let Some(fault) = redundant(&form, other, span.clone()) {
                section.fault(fault);
                break;
            }
        }
        forms.push((form, span));
    });
    if written && !forms.is_empty() {
        policy.forms = forms.into_iter().map(|(form, _)| form).collect();
    }

    let mut guess = section.table("guess");
    guess.set("min-log10", &mut policy.guess.min_log10);
    guess.set("max-work", &mut policy.guess.max_work);

    let mut refuse = section.table("refuse");
    refuse.set("common", &mut policy.refuse.common);
    refuse.set("context", &mut policy.refuse.context);
    if let Some(lists) = refuse.read::<Vec<Spanned<String>>>("lists") {
        policy.refuse.lists = lists
            .into_inner()
            .into_iter()
            .map(|path| path.into_inner().into())
            .collect();
    }
    refuse.set_some("breached", &mut policy.refuse.breached);
    policy
}

/// One `[[password.form]]`; `None` when a fault leaves no form.
fn form(section: &mut Section<'_, '_>, case: Case) -> Option<Form> {
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
        return example_form(section, example, case);
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
    if form.conformity(case).is_none() {
        let span = section.key_span(match form {
            Form::Characters(_) => "length",
            Form::Passphrase(_) => "words",
        });
        section.depart(case.clause(), below_case(&form, case, span));
    }
    Some(form)
}

fn example_form(
    section: &mut Section<'_, '_>,
    example: &Spanned<Example>,
    case: Case,
) -> Option<Form> {
    let form = example.get_ref().form();
    if form.conformity(case).is_some() {
        return Some(form);
    }
    let names: Vec<_> = Example::ALL
        .into_iter()
        .filter(|example| example.form().conformity(case).is_some())
        .map(|example| format!("\"{}\"", example.name()))
        .collect();
    let names = names.join(", ");
    let (name, case_name) = (example.get_ref().name(), case.name());
    section.fault(
        Fault::error(
            code::FORM_OF_OTHER_CASE,
            example.span(),
            Text::new(
                format!("l’exemple `{name}` ne suffit pas dans le cas `{case_name}`"),
                format!("the example `{name}` is not enough in case `{case_name}`"),
            ),
        )
        .clause(case.clause())
        .label(
            format!("vaut pour le cas `{}`", example.get_ref().case().name()),
            format!("belongs to case `{}`", example.get_ref().case().name()),
        )
        .fix(
            format!("choisir parmi : {names}"),
            format!("choose among: {names}"),
        ),
    );
    None
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
    let mut required = classes.len();
    let span = section.set("required", &mut required);
    if let Some(span) = span
        && required > classes.len()
    {
        section.fault(too_many_required(classes.len(), span));
        required = classes.len();
    }
    let mut specials = Specials::default();
    if let Some(read) = section.read::<String>("specials") {
        match unfit_special(read.get_ref()) {
            Some(sign) => section.fault(bad_specials(sign, read.span())),
            None => specials = Specials::new(read.get_ref()),
        }
    }
    Some(Characters {
        length: length?.into_inner(),
        classes,
        required,
        specials,
    })
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

/// The first sign that may not stand in a list of specials, or that stands there twice. The
/// signs of the default list are all welcome, although `µ` is a letter to Unicode.
fn unfit_special(signs: &str) -> Option<char> {
    let mut seen = BTreeSet::new();
    let is_sign = |sign: char| {
        Specials::DEFAULT.contains(sign)
            || !(sign.is_alphanumeric() || sign.is_whitespace() || sign.is_control())
    };
    signs
        .chars()
        .find(|&sign| !is_sign(sign) || !seen.insert(sign))
}

/// The least number of code points that a password of the form may have. A word has at
/// least two letters, and a separator stands between two words.
fn shortest(form: &Form) -> usize {
    match form {
        Form::Characters(form) => form.length,
        Form::Passphrase(form) => form.words * 3 - 1,
    }
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

/// The least length with which the form would be enough for its case.
pub(super) fn least_length(form: &Form, case: Case) -> Option<usize> {
    (1..=256).find(|&length| resized(form, length).conformity(case).is_some())
}

fn below_case(form: &Form, case: Case, span: Span) -> Fault {
    let (name, floor) = (case.name(), case.floor());
    let (fr, en) = match form.bits() {
        Some(bits) => (
            format!("{bits} bits, sous les {floor} bits du cas"),
            format!("{bits} bits, under the {floor} bits of the case"),
        ),
        None => (
            "trop peu de mots pour le cas".to_owned(),
            "too few words for the case".to_owned(),
        ),
    };
    let fault = Fault::error(
        code::FORM_BELOW_CASE,
        span,
        Text::new(
            format!("cette forme ne suffit pas dans le cas `{name}`"),
            format!("this form is not enough in case `{name}`"),
        ),
    )
    .label(fr, en);
    match (least_length(form, case), form) {
        (Some(least), Form::Characters(_)) => fault.fix(
            format!("écrire `length = {least}` ou plus"),
            format!("write `length = {least}` or more"),
        ),
        (Some(least), Form::Passphrase(_)) => fault.fix(
            format!("écrire `words = {least}` ou plus"),
            format!("write `words = {least}` or more"),
        ),
        (None, _) => fault.fix(
            "admettre davantage de types de caractères ou de signes",
            "admit more character types or signs",
        ),
    }
}

/// A warning when one of two forms accepts all that the other one accepts.
fn redundant(form: &Form, other: &Form, span: Span) -> Option<Fault> {
    if !implies(form, other) && !implies(other, form) {
        return None;
    }
    Some(
        Fault::warning(
            code::FORM_REDUNDANT,
            span,
            Text::new(
                "deux formes dont l’une comprend l’autre",
                "two forms, one of which contains the other",
            ),
        )
        .label(
            "une forme plus haut dit la même chose, en plus large ou en plus étroit",
            "a form above says the same, wider or narrower",
        )
        .fix(
            "ne garder que la plus large des deux, celle qui s’applique en fait",
            "keep only the wider of the two, which is the one in force",
        ),
    )
}

/// Whether every password of `narrow` is one of `wide`.
fn implies(narrow: &Form, wide: &Form) -> bool {
    match (narrow, wide) {
        (Form::Passphrase(narrow), Form::Passphrase(wide)) => narrow.words >= wide.words,
        (Form::Characters(narrow), Form::Characters(wide)) => {
            narrow.length >= wide.length
                && narrow.required >= wide.required
                && narrow.classes == wide.classes
                && (!narrow.classes.contains(&Class::Special)
                    || narrow
                        .specials
                        .iter()
                        .all(|sign| wide.specials.contains(sign)))
        }
        _ => false,
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

fn short_maximum(max: usize, span: Span) -> Fault {
    let least = PasswordPolicy::LEAST_MAX_LENGTH;
    Fault::error(
        code::MAX_LENGTH_BELOW_FLOOR,
        span,
        Text::new(
            format!("une longueur maximale de {max} est trop courte pour une phrase de passe"),
            format!("a maximum length of {max} is too short for a passphrase"),
        ),
    )
    .label(format!("sous {least}"), format!("under {least}"))
    .fix(
        format!("écrire `max-length = {least}` ou plus"),
        format!("write `max-length = {least}` or more"),
    )
}

fn beyond_maximum(form: &Form, max: usize, span: Span) -> Fault {
    let least = shortest(form);
    Fault::error(
        code::FORM_BEYOND_MAXIMUM,
        span,
        Text::new(
            "aucun mot de passe ne peut avoir cette forme",
            "no password can have this form",
        ),
    )
    .label(
        format!("au moins {least} caractères, et `max-length` en admet {max}"),
        format!("at least {least} characters, and `max-length` admits {max}"),
    )
    .fix(
        format!("écrire `max-length = {least}` ou plus, ou raccourcir la forme"),
        format!("write `max-length = {least}` or more, or shorten the form"),
    )
}

fn no_class(span: Span) -> Fault {
    Fault::error(
        code::OUT_OF_RANGE,
        span,
        Text::new(
            "aucun type de caractères n’est admis",
            "no character type is admitted",
        ),
    )
    .label("liste vide", "empty list")
    .fix(
        "écrire au moins un type : lower, upper, digit, special",
        "write at least one type: lower, upper, digit, special",
    )
}

fn too_many_required(classes: usize, span: Span) -> Fault {
    Fault::error(
        code::OUT_OF_RANGE,
        span,
        Text::new(
            "plus de types exigés que de types admis",
            "more types required than admitted",
        ),
    )
    .label(format!("de 0 à {classes}"), format!("from 0 to {classes}"))
    .fix(
        format!("écrire `required = {classes}` ou moins"),
        format!("write `required = {classes}` or less"),
    )
}

fn bad_specials(sign: char, span: Span) -> Fault {
    let shown = sign.escape_debug();
    Fault::error(
        code::BAD_SPECIALS,
        span,
        Text::new(
            format!("« {shown} » ne convient pas dans cette liste de signes"),
            format!("`{shown}` does not do in this list of signs"),
        ),
    )
    .label(
        "lettre, chiffre, espace, contrôle ou doublon",
        "letter, digit, space, control or duplicate",
    )
    .fix(
        format!("retirer « {shown} » de la liste"),
        format!("remove `{shown}` from the list"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn least_lengths_are_those_of_the_arithmetic_table() {
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
        ] {
            assert_eq!(unfit_special(signs), unfit, "{signs}");
        }
    }
}
