//! What is said of a restriction of attempts, or of the life of a password, that departs from
//! its preset.

use super::{held_against, verb};
use crate::clause::Clause;
use crate::preset::Preset;
use crate::read::Span;
use crate::report::Fault;
use crate::{Text, code};

pub(in crate::preset) fn renewal_imposed(preset: Preset, span: Span) -> Fault {
    let name = preset.name();
    Fault::error(
        code::PRESET_RENEWAL,
        span,
        Text::new(
            format!("le préréglage `{name}` n’admet pas de changement périodique"),
            format!("preset `{name}` admits no periodic change"),
        ),
    )
    .label(
        "un changement à échéance fixe",
        "a change after a fixed period",
    )
    .fix(
        "écrire `privileged-renewal = \"never\"`, ou retirer la ligne",
        "write `privileged-renewal = \"never\"`, or remove the line",
    )
}

pub(in crate::preset) fn renewal_missing(preset: Preset, too_long: bool, span: Span) -> Fault {
    let name = preset.name();
    let fault = Fault::warning(
        code::PRESET_RENEWAL,
        span,
        Text::new(
            format!(
                "le préréglage `{name}` recommande que les comptes à privilèges expirent, par exemple après un à trois ans"
            ),
            format!(
                "preset `{name}` recommends that privileged accounts expire, for instance after one to three years"
            ),
        ),
    );
    let fault = match too_long {
        true => fault.label("plus de trois ans", "over three years"),
        false => fault.label("jamais", "never"),
    };
    fault.fix(
        "écrire `privileged-renewal = \"365d\"`, ou retirer la ligne",
        "write `privileged-renewal = \"365d\"`, or remove the line",
    )
}

pub(in crate::preset) fn late_notice(preset: Preset, span: Span) -> Fault {
    let name = preset.name();
    Fault::warning(
        code::PRESET_COMPROMISE,
        span,
        Text::new(
            format!("le préréglage `{name}` recommande de renouveler sous un jour environ un mot de passe compromis"),
            format!("preset `{name}` recommends that a compromised password be renewed within about a day"),
        ),
    )
    .label(
        "la personne l’apprendrait plus tard",
        "the person would be told later",
    )
    .fix(
        "écrire `compromise-delay = \"24h\"` ou moins",
        "write `compromise-delay = \"24h\"` or less",
    )
}

pub(in crate::preset) fn unrestricted(preset: Preset, clause: &Clause, span: Span) -> Fault {
    let name = preset.name();
    let (fr, en) = verb(clause);
    held_against(
        clause,
        code::PRESET_THROTTLE,
        span,
        Text::new(
            format!("le préréglage `{name}` {fr} de restreindre les tentatives"),
            format!("preset `{name}` {en} a restriction of attempts"),
        ),
    )
    .label(
        "rien ne restreint les tentatives",
        "nothing restricts attempts",
    )
    .fix(
        "écrire `mechanism = \"delay\"` dans [access]",
        "write `mechanism = \"delay\"` in [access]",
    )
}

/// That a block of the account is such a way to lock others out is our reading.
pub(in crate::preset) fn locks_others_out(preset: Preset, span: Span) -> Fault {
    let name = preset.name();
    Fault::warning(
        code::PRESET_THROTTLE,
        span,
        Text::new(
            format!(
                "le préréglage `{name}` demande que personne ne puisse bloquer le compte d’autrui"
            ),
            format!("preset `{name}` asks that nobody can lock others out"),
        ),
    )
    .label(
        "quelques échecs volontaires suffisent à bloquer un compte, selon notre lecture",
        "a few failures on purpose are enough to block an account, in our reading",
    )
    .fix(
        "écrire `mechanism = \"delay\"` dans [access]",
        "write `mechanism = \"delay\"` in [access]",
    )
}

fn throttle(preset: Preset, span: Span) -> Fault {
    let (name, most) = (preset.name(), Preset::MOST_FAILURES);
    Fault::error(
        code::PRESET_THROTTLE,
        span,
        Text::new(
            format!(
                "le préréglage `{name}` demande qu’un mot de passe soit désactivé après {most} échecs de suite au plus"
            ),
            format!(
                "preset `{name}` asks that a password be disabled after {most} failures in a row at most"
            ),
        ),
    )
}

pub(in crate::preset) fn never_disabled(preset: Preset, span: Span) -> Fault {
    throttle(preset, span)
        .label("ne désactive jamais rien", "never disables anything")
        .fix(
            "écrire `mechanism = \"block\"` dans [access], ou retirer la ligne",
            "write `mechanism = \"block\"` in [access], or remove the line",
        )
}

pub(in crate::preset) fn block_after(preset: Preset, most: u32, span: Span) -> Fault {
    throttle(preset, span)
        .label(format!("plus de {most}"), format!("over {most}"))
        .fix(
            format!("écrire `after = {most}` ou moins dans [access.block]"),
            format!("write `after = {most}` or less in [access.block]"),
        )
}

pub(in crate::preset) fn reopened(preset: Preset, span: Span) -> Fault {
    throttle(preset, span)
        .label(
            "se rouvre tout seul, sans que rien soit désactivé",
            "opens again by itself, so that nothing is disabled",
        )
        .fix(
            "écrire `unlock = \"link\"` ou `unlock = \"operator\"`",
            "write `unlock = \"link\"` or `unlock = \"operator\"`",
        )
}
