//! What is said of a form or of a maximum that departs from its preset.

use super::Preset;
use crate::clause::{Clause, Force};
use crate::code::{self, Code};
use crate::password::{Case, Class, Form, ReadForm};
use crate::read::Span;
use crate::report::Fault;
use crate::{Text, clause};

mod life;

pub(super) use life::{
    block_after, late_notice, locks_others_out, never_disabled, renewal_imposed, renewal_missing,
    reopened, unrestricted,
};

/// A fault as grave as its clause is strong.
fn held_against(clause: &Clause, code: Code, span: Span, message: Text) -> Fault {
    match clause.force {
        Force::Must => Fault::error(code, span, message),
        Force::Should | Force::May => Fault::warning(code, span, message),
    }
}

/// How the text puts it: `demande`, `recommande`.
fn verb(clause: &Clause) -> (&'static str, &'static str) {
    match clause.force {
        Force::Must => ("demande", "asks for"),
        Force::Should | Force::May => ("recommande", "recommends"),
    }
}

pub(super) fn short_form(
    preset: Preset,
    case: Case,
    read: &ReadForm,
    least: usize,
    clause: &Clause,
) -> Fault {
    let name = preset.name();
    let (fr, en) = verb(clause);
    let message = Text::new(
        format!("le préréglage `{name}` {fr} au moins {least} caractères"),
        format!("preset `{name}` {en} at least {least} characters"),
    );
    with_length(
        held_against(clause, code::PRESET_LENGTH, read.length.clone(), message),
        preset,
        case,
        read,
        least,
    )
}

pub(super) fn form_under_advice(
    preset: Preset,
    case: Case,
    read: &ReadForm,
    advised: usize,
) -> Fault {
    let name = preset.name();
    let message = Text::new(
        format!("le préréglage `{name}` conseille vivement {advised} caractères"),
        format!("preset `{name}` strongly advises {advised} characters"),
    );
    with_length(
        Fault::warning(code::PRESET_LENGTH, read.length.clone(), message),
        preset,
        case,
        read,
        advised,
    )
}

/// The label and the fix of a form that is too short for `least`.
fn with_length(fault: Fault, preset: Preset, case: Case, read: &ReadForm, least: usize) -> Fault {
    let shortest = read.form.shortest();
    let fault = fault.label(
        format!("{shortest} caractères au plus court"),
        format!("{shortest} characters at the shortest"),
    );
    match &read.form {
        _ if read.is_example => instead(fault, preset, case, read),
        Form::Characters(_) => fault.fix(
            format!("écrire `length = {least}` ou plus"),
            format!("write `length = {least}` or more"),
        ),
        Form::Passphrase(_) => {
            let words = (least + 1).div_ceil(3);
            fault.fix(
                format!("écrire `words = {words}` ou plus"),
                format!("write `words = {words}` or more"),
            )
        }
    }
}

/// The fix of a form that no single key mends: the preset's own.
fn instead(fault: Fault, preset: Preset, case: Case, read: &ReadForm) -> Fault {
    let own = preset.forms(case).into_iter().find_map(|form| match form {
        Form::Characters(form) => Some(form),
        Form::Passphrase(_) => None,
    });
    let Some(own) = own else {
        return fault;
    };
    let lines = match own.required {
        0 => format!(
            "`kind = \"characters\"`, `length = {}`, `required = 0`",
            own.length
        ),
        _ => format!("`kind = \"characters\"`, `length = {}`", own.length),
    };
    let key = if read.is_example {
        "`example`"
    } else {
        "`kind`"
    };
    fault.fix(
        format!("écrire {lines} à la place de {key}"),
        format!("write {lines} in the place of {key}"),
    )
}

pub(super) fn imposed_types(preset: Preset, case: Case, read: &ReadForm) -> Fault {
    let name = preset.name();
    let fault = Fault::error(
        code::PRESET_COMPOSITION,
        read.composition.clone(),
        Text::new(
            format!("le préréglage `{name}` n’admet aucune règle de composition"),
            format!("preset `{name}` admits no composition rule"),
        ),
    );
    let Form::Characters(form) = &read.form else {
        let fault = fault.label(
            "des mots, et aucune forme qui laisse le choix",
            "words, and no form that leaves the choice",
        );
        let length = preset.free_length(case);
        return fault.fix(
            format!(
                "ajouter une forme `kind = \"characters\"`, `length = {length}`, `required = 0`"
            ),
            format!("add a form `kind = \"characters\"`, `length = {length}`, `required = 0`"),
        );
    };
    let fault = match form.required {
        0 => fault.label("aucune lettre parmi `classes`", "no letter among `classes`"),
        required => fault.label(
            format!("{required} type(s) de caractères exigé(s)"),
            format!("{required} character type(s) required"),
        ),
    };
    if read.is_example {
        return instead(fault, preset, case, read);
    }
    let length = preset.free_length(case).max(form.length);
    match form.classes.contains(&Class::Lower) || form.classes.contains(&Class::Upper) {
        true => fault.fix(
            format!("écrire `required = 0` et `length = {length}`"),
            format!("write `required = 0` and `length = {length}`"),
        ),
        false => fault.fix(
            format!("retirer `classes`, écrire `required = 0` et `length = {length}`"),
            format!("remove `classes`, write `required = 0` and `length = {length}`"),
        ),
    }
}

pub(super) fn narrow_types(preset: Preset, case: Case, read: &ReadForm) -> Fault {
    let name = preset.name();
    let fault = held_against(
        &clause::ANSSI_COMPLEXITY,
        code::PRESET_COMPOSITION,
        read.composition.clone(),
        Text::new(
            format!("le préréglage `{name}` recommande des règles de complexité sur le jeu de caractères le plus large"),
            format!("preset `{name}` recommends complexity rules over the widest set of characters"),
        ),
    )
    .label("moins des quatre types", "fewer than the four types");
    if read.is_example {
        return instead(fault, preset, case, read);
    }
    fault.fix(
        "retirer `classes` et `required` : les quatre types sont alors exigés",
        "remove `classes` and `required`: all four types are then required",
    )
}

pub(super) fn short_maximum(preset: Preset, least: usize, clause: &Clause, span: Span) -> Fault {
    let name = preset.name();
    let (fr, en) = verb(clause);
    let fault = held_against(
        clause,
        code::PRESET_MAX_LENGTH,
        span,
        Text::new(
            format!("le préréglage `{name}` {fr} d’accepter des mots de passe plus longs"),
            format!("preset `{name}` {en} longer passwords to be accepted"),
        ),
    );
    let fault = match preset {
        Preset::Anssi => fault.label(
            format!("moins de {least}, notre lecture de « plusieurs centaines »"),
            format!("under {least}, our reading of \"several hundred\""),
        ),
        _ => fault.label(format!("moins de {least}"), format!("under {least}")),
    };
    fault.fix(
        format!("écrire `max-length = {least}` ou plus"),
        format!("write `max-length = {least}` or more"),
    )
}
