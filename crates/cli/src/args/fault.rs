//! A fault in the arguments, in French: what clap says in English, from what it knows of it.

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

/// Whether it is a fault, rather than a page that was asked for or that stands for one.
pub(super) fn is_one(error: &Error) -> bool {
    let page = ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    error.use_stderr() && error.kind() != page
}

/// The whole message, with what to do.
pub(super) fn french(error: &Error) -> String {
    let what = what(error);
    let mut text = format!("rempart : {what}");
    for (kind, name) in [
        (ContextKind::ValidValue, "valeurs"),
        (ContextKind::ValidSubcommand, "commandes"),
    ] {
        if let Some(known) = words(error, kind).filter(|known| !known.is_empty()) {
            text.push_str(&format!("\n  {name} : {known}"));
        }
    }
    let meant = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ];
    let meant = meant.into_iter().find_map(|kind| words(error, kind));
    match meant.filter(|meant| !meant.is_empty()) {
        Some(meant) => text.push_str(&format!("\n  à faire : vouliez-vous dire {meant} ?")),
        None => text.push_str("\n  à faire : voyez l’aide avec --help"),
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        let usage = usage.trim_start_matches("Usage:").trim();
        text.push_str(&format!("\n\nUtilisation : {usage}"));
    }
    text
}

fn what(error: &Error) -> String {
    let of = |kind| words(error, kind).unwrap_or_default();
    let (arg, value) = (of(ContextKind::InvalidArg), of(ContextKind::InvalidValue));
    match error.kind() {
        ErrorKind::InvalidValue if value.is_empty() => format!("il manque une valeur à {arg}"),
        ErrorKind::InvalidValue => format!("« {value} » n’est pas une valeur de {arg}"),
        ErrorKind::ValueValidation => {
            let reason = std::error::Error::source(error).map(ToString::to_string);
            // The only reason that says more than the value itself.
            let range = reason
                .as_deref()
                .and_then(|reason| reason.split_once(" is not in "));
            match range {
                Some((_, range)) => format!("« {value} » n’est pas une valeur de {arg} ({range})"),
                None => format!("« {value} » n’est pas une valeur de {arg}"),
            }
        }
        ErrorKind::UnknownArgument => format!("argument inconnu : {arg}"),
        ErrorKind::InvalidSubcommand => {
            format!("commande inconnue : {}", of(ContextKind::InvalidSubcommand))
        }
        ErrorKind::MissingRequiredArgument => format!("il manque : {arg}"),
        ErrorKind::MissingSubcommand => "il manque une commande".to_owned(),
        ErrorKind::ArgumentConflict => {
            let other = of(ContextKind::PriorArg);
            match other.is_empty() || other == arg {
                true => format!("{arg} ne se donne qu’une fois"),
                false => format!("{arg} ne va pas avec {other}"),
            }
        }
        ErrorKind::TooManyValues => format!("valeur de trop pour {arg} : « {value} »"),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("{arg} ne prend pas ce nombre de valeurs")
        }
        ErrorKind::NoEquals => format!("{arg} veut un signe = devant sa valeur"),
        ErrorKind::InvalidUtf8 => "un argument n’est pas de l’UTF-8".to_owned(),
        _ => "les arguments ne conviennent pas".to_owned(),
    }
}

/// What stands between several words: one of them was meant, or all of them are missing.
const fn separator(kind: ContextKind) -> &'static str {
    match kind {
        ContextKind::SuggestedArg
        | ContextKind::SuggestedSubcommand
        | ContextKind::SuggestedValue => " ou ",
        _ => ", ",
    }
}

/// What is known of one thing, as words of a line.
fn words(error: &Error, kind: ContextKind) -> Option<String> {
    Some(match error.get(kind)? {
        ContextValue::String(word) => word.clone(),
        ContextValue::Strings(words) => words.join(separator(kind)),
        ContextValue::StyledStr(text) => text.to_string(),
        ContextValue::StyledStrs(texts) => {
            let texts = texts.iter().map(ToString::to_string);
            texts.collect::<Vec<_>>().join(separator(kind))
        }
        ContextValue::Number(number) => number.to_string(),
        ContextValue::Bool(_) | ContextValue::None => return None,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use policy::Language;

    use super::super::command;
    use super::*;

    #[test]
    fn a_page_of_help_is_no_fault() {
        for arguments in [&["breach"][..], &["scan", "--help"], &["--version"], &[]] {
            let line = ["rempart"].iter().chain(arguments);
            let error = command(Language::Fr).try_get_matches_from(line);
            assert!(!is_one(&error.expect_err("a page")), "{arguments:?}");
        }
    }

    #[test]
    fn a_fault_in_the_arguments_is_told_in_french() {
        for (arguments, told) in [
            (&["scan"][..], "il manque : <URL>"),
            (
                &["scan", "a.fr", "--format", "pdf"],
                "« pdf » n’est pas une valeur de --format <FORME>",
            ),
            (
                &["scan", "a.fr", "--format", "pdf"],
                "valeurs : text, json, markdown, html, sarif, junit",
            ),
            (
                &["scan", "a.fr", "--deadline", "0"],
                "« 0 » n’est pas une valeur de --deadline <SECONDES> (1..=3600)",
            ),
            (
                &["scan", "a.fr", "--deadline", "x"],
                "« x » n’est pas une valeur de --deadline <SECONDES>",
            ),
            (
                &["scan", "a.fr", "--deadline"],
                "il manque une valeur à --deadline <SECONDES>",
            ),
            (&["scan", "a.fr", "--depth"], "argument inconnu : --depth"),
            (
                &["scan", "a.fr", "--formt", "json"],
                "vouliez-vous dire --format",
            ),
            (&["scna"], "commande inconnue : scna"),
            (&["scna"], "vouliez-vous dire schema ou scan ?"),
            (
                &["scan", "a.fr", "--pages", "1", "--pages", "2"],
                "ne se donne qu’une fois",
            ),
            (
                &["report", "--diff", "a"],
                "ne prend pas ce nombre de valeurs",
            ),
            (&["--lang", "fr"], "il manque une commande"),
            (&["--lang", "fr"], "commandes : demo, init"),
        ] {
            let line = ["rempart"].iter().chain(arguments);
            let error = command(Language::Fr)
                .try_get_matches_from(line)
                .expect_err(told);
            assert!(is_one(&error), "{arguments:?}");
            let text = french(&error);
            assert!(text.contains(told), "{arguments:?}: {told} not in:\n{text}");
            for word in ["error", "Usage", "possible", "required", "tip"] {
                assert!(!text.contains(word), "{arguments:?}: {word} in:\n{text}");
            }
        }
    }
}
