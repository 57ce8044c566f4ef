//! What is said of a form that will not do.

use super::form::least_length;
use crate::password::{Case, Form};
use crate::read::{Span, shorten};
use crate::report::Fault;
use crate::{Text, code};

pub(super) fn below_case(form: &Form, case: Case, span: Span) -> Fault {
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

pub(super) fn beyond_maximum(least: usize, max: usize, span: Span) -> Fault {
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

pub(super) fn common_admitted(span: Span) -> Fault {
    Fault::error(
        code::COMMON_ADMITTED,
        span,
        Text::new(
            "les mots de passe les plus courants seraient acceptés",
            "the most common passwords would be accepted",
        ),
    )
    .label("liste écartée", "list set aside")
    .fix("écrire `common = true`", "write `common = true`")
}

pub(super) fn context_admitted(span: Span) -> Fault {
    Fault::error(
        code::CONTEXT_ADMITTED,
        span,
        Text::new(
            "un mot de passe tiré du nom de la personne ou du site serait accepté",
            "a password drawn from the name of the person or of the site would be accepted",
        ),
    )
    .label("contexte écarté", "context set aside")
    .fix("écrire `context = true`", "write `context = true`")
}

pub(super) fn no_class(span: Span) -> Fault {
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

pub(super) fn too_many_required(classes: usize, span: Span) -> Fault {
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

pub(super) fn bad_specials(sign: char, span: Span) -> Fault {
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
        "ni ponctuation ni symbole courant, ou déjà dans la liste",
        "neither punctuation nor a common symbol, or in the list already",
    )
    .fix(
        format!("retirer « {shown} » de la liste"),
        format!("remove `{shown}` from the list"),
    )
}

pub(super) fn insecure_service(url: &str, span: Span) -> Fault {
    // A user, an escape or a query may hold a password.
    let secret = url.contains(['@', '%', '?', '#']);
    let message = if secret {
        Text::new(
            "cette adresse ne peut pas être interrogée sans risque",
            "this address cannot be asked safely",
        )
    } else {
        let shown = shorten(url);
        Text::new(
            format!("`{shown}` ne peut pas être interrogé sans risque"),
            format!("`{shown}` cannot be asked safely"),
        )
    };
    let fault = Fault::error(code::INSECURE_SERVICE, span, message);
    let fault = if secret { fault.hidden() } else { fault };
    fault.label("adresse https attendue", "https address expected")
    .fix(
        "écrire une adresse `https://` sans identifiant ni paramètre ; `http://127.0.0.1` est admis pour un miroir sur cette machine",
        "write an `https://` address without credentials or parameters; `http://127.0.0.1` is admitted for a mirror on this machine",
    )
}
