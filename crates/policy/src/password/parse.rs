//! Reads `[password]` and its tables.

use std::time::Duration;

use toml::Spanned;

use super::{
    Case, Class, Example, Form, ListKind, Online, PasswordPolicy, Shape, WhenDown, WordList,
};
use crate::preset::check;
use crate::read::{Section, Span, Word};
use crate::report::Fault;
use crate::{Clause, Preset, Text, clause, code};

mod contradiction;
mod fault;
mod form;
mod specials;

pub(crate) use form::ReadForm;

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

impl Word for WhenDown {
    const WORDS: &'static [(&'static str, Self)] =
        &[("accept", Self::Accept), ("refuse", Self::Refuse)];
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
pub(crate) fn parse(mut section: Section<'_, '_>, preset: Preset) -> PasswordPolicy {
    let mut case = Case::PasswordAlone;
    section.set("case", &mut case);
    let mut policy = PasswordPolicy::of(preset, case);

    let span = section.set("max-length", &mut policy.max_length);
    if let Some((clause, fault)) = check::maximum(preset, policy.max_length, span.clone()) {
        section.depart(clause, fault);
    }
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

    let mut forms: Vec<ReadForm> = Vec::new();
    let written = section.tables("form", |mut section| {
        let Some(read) = form::parse(&mut section, case) else {
            return;
        };
        let least = read.form.shortest();
        if least > max_length {
            section.fault(fault::beyond_maximum(least, max_length, read.span.clone()));
        }
        // A policy has a few forms; past that, comparing them all would cost too much.
        for other in forms.iter().take(64) {
            if let Some(fault) = redundant(&read.form, &other.form, read.span.clone()) {
                section.fault(fault);
                break;
            }
        }
        forms.push(read);
    });
    for (clause, fault) in check::forms(preset, case, &forms) {
        section.depart(clause, fault);
    }
    if written && !forms.is_empty() {
        policy.forms = forms.iter().map(|read| read.form.clone()).collect();
    }

    let mut guess = section.table("guess");
    let asked = guess.set("min-log10", &mut policy.guess.min_log10);
    for fault in contradiction::guesses_above_forms(&policy, &forms, asked.as_ref()) {
        guess.fault(fault);
    }
    guess.set("max-work", &mut policy.guess.max_work);
    guess.set("reference-year", &mut policy.guess.reference_year);
    let mut lists = guess.table("lists");
    if let Some(added) = lists.read::<Vec<Spanned<String>>>("added") {
        policy
            .guess
            .lists
            .extend(added.into_inner().into_iter().map(|path| WordList {
                replaces: None,
                path: path.into_inner().into(),
            }));
    }
    for (key, kind) in ListKind::ALL {
        let mut path = None;
        lists.set_some(key, &mut path);
        policy.guess.lists.extend(path.map(|path| WordList {
            replaces: Some(kind),
            path,
        }));
    }

    let mut refuse = section.table("refuse");
    let span = refuse.set("common", &mut policy.refuse.common);
    if let Some(span) = span
        && !policy.refuse.common
    {
        let clauses = [Some(&clause::CNIL_COMMON_LIST), preset.common()];
        for clause in clauses.into_iter().flatten() {
            refuse.depart(clause, fault::common_admitted(span.clone()));
        }
    }
    let span = refuse.set("context", &mut policy.refuse.context);
    if let Some(span) = span
        && !policy.refuse.context
    {
        let clauses = [Some(&clause::CNIL_CONTEXT), preset.context()];
        for clause in clauses.into_iter().flatten() {
            refuse.depart(clause, fault::context_admitted(span.clone()));
        }
    }
    if let Some(lists) = refuse.read::<Vec<Spanned<String>>>("lists") {
        policy.refuse.lists = lists
            .into_inner()
            .into_iter()
            .map(|path| path.into_inner().into())
            .collect();
    }
    refuse.set_some("breached", &mut policy.refuse.breached);
    let has_index = policy.refuse.breached.is_some();
    let online = refuse.table("online");
    if online.is_present() {
        policy.refuse.online = online_service(online, has_index);
    }
    policy
}

/// `[password.refuse.online]`; `None` when something is missing, which is reported.
fn online_service(mut section: Section<'_, '_>, has_index: bool) -> Option<Online> {
    let mut deadline = Duration::from_secs(2);
    section.set("deadline", &mut deadline);
    let when_down = section.read::<WhenDown>("when-down");
    if let Some(when_down) = &when_down
        && *when_down.get_ref() == WhenDown::Accept
        && !has_index
    {
        section.depart(
            &clause::REMPART_CLOSED,
            contradiction::unchecked_when_down(when_down.span()),
        );
    }
    let url = section.read::<String>("url")?;
    let span = url.span();
    let url = url.into_inner();
    if !is_range_address(&url) {
        section.fault(fault::insecure_service(&url, span));
        return None;
    }
    Some(Online {
        url,
        when_down: when_down?.into_inner(),
        deadline,
    })
}

/// Whether an address may be asked: encrypted, or a mirror on this machine.
fn is_range_address(url: &str) -> bool {
    let host = |rest: &str| {
        rest.split(['/', ':', '?', '#'])
            .next()
            .is_some_and(|host| !host.is_empty())
    };
    let local = ["127.0.0.1", "localhost", "[::1]"];
    // A user in front of the host would make another host of it.
    if url.contains(['@', '%', '?', '#', ' ', '\\']) {
        return false;
    }
    match url.split_once("://") {
        Some(("https", rest)) => host(rest),
        Some(("http", rest)) => local.iter().any(|name| {
            rest.strip_prefix(name)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
        }),
        _ => false,
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
        // A phrase is a text of letters: long enough, it is one of a form that asks for no
        // type.
        (Form::Passphrase(_), Form::Characters(wide)) => {
            let letters = [Class::Lower, Class::Upper];
            wide.required == 0
                && letters.iter().any(|class| wide.classes.contains(class))
                && narrow.shortest() >= wide.length
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
