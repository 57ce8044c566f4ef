//! Which language to speak.
//!
//! `--lang` wins, then the policy's `language`, then, where no policy speaks, the locale of
//! the environment. French is the default: the rules are French.

use policy::Language;

use crate::args::Cli;

/// The language of messages once a policy is read.
pub(crate) fn of(cli: &Cli, policy: &policy::Policy) -> Language {
    cli.lang.map_or(policy.language(), Language::from)
}

/// The language of messages while no policy is read.
pub(crate) fn without_policy(cli: &Cli) -> Language {
    cli.lang.map_or_else(of_environment, Language::from)
}

/// The language of the help, asked for before the arguments are understood.
pub(crate) fn before_parsing() -> Language {
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let value = match arg.strip_prefix("--lang") {
            Some("") => args.next(),
            Some(rest) => rest.strip_prefix('=').map(str::to_owned),
            None => continue,
        };
        match value.as_deref() {
            Some("fr") => return Language::Fr,
            Some("en") => return Language::En,
            _ => {}
        }
    }
    match std::env::var("REMPART_LANG").as_deref() {
        Ok("fr") => Language::Fr,
        Ok("en") => Language::En,
        _ => of_environment(),
    }
}

fn of_environment() -> Language {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty())
        .unwrap_or_default();
    if locale.starts_with("en") {
        Language::En
    } else {
        Language::Fr
    }
}

/// Chooses one of two sentences.
pub(crate) const fn pick<'a>(language: Language, fr: &'a str, en: &'a str) -> &'a str {
    match language {
        Language::Fr => fr,
        Language::En => en,
    }
}
