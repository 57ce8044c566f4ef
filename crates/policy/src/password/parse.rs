//! Reads `[password]` and its tables.

use toml::Spanned;

use super::{Case, Class, Example, Form, PasswordPolicy, Shape};
use crate::read::{Section, Span, Word};
use crate::report::Fault;
use crate::{Clause, Text, clause, code};

mod fault;
mod form;

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
        let Some(form) = form::parse(&mut section, case) else {
            return;
        };
        let least = shortest(&form);
        if least > max_length {
            section.fault(fault::beyond_maximum(least, max_length, span.clone()));
        }
        // A policy has a few forms; past that, comparing them all would cost too much.
        for (other, _) in forms.iter().take(64) {
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
    let span = refuse.set("common", &mut policy.refuse.common);
    if let Some(span) = span
        && !policy.refuse.common
    {
        refuse.depart(&clause::CNIL_COMMON_LIST, fault::common_admitted(span));
    }
    let span = refuse.set("context", &mut policy.refuse.context);
    if let Some(span) = span
        && !policy.refuse.context
    {
        refuse.depart(&clause::CNIL_CONTEXT, fault::context_admitted(span));
    }
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

/// The least number of code points that a password of the form may have. A word has at
/// least two letters, and a separator stands between two words.
fn shortest(form: &Form) -> usize {
    match form {
        Form::Characters(form) => form.length,
        Form::Passphrase(form) => form.words * 3 - 1,
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
