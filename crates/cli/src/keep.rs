//! `hash`, `verify`, `calibrate`, `wrap` and `pepper`: keeping a password, comparing one with
//! what was kept, what that costs here, saving a weak table, and the keys beside it.

pub(crate) mod accepted;
pub(crate) mod args;
pub(crate) mod calibrate;
pub(crate) mod pepper;
pub(crate) mod wrap;

use password::hash::{HashError, Hasher, Matrix, StoredHash, Verification};
use password::{Context, Password};
use policy::{Language, Policy};

use crate::args::Cli;
use crate::source::{self, Source};
use crate::{Answer, Failure, Outcome, check, rules, secret};

/// Hashes a password that the policy accepts; a refused one is not hashed (exit code 1).
pub(crate) fn hash(cli: &Cli) -> Outcome {
    let (source, policy, language) = source::open(cli)?;
    let judge = source::judge_of(&source, &policy, language)?;
    let hasher = open(&source, &policy, language)?;
    let typed = secret::ask_to_keep(language)?;
    match judge.read_and_judge(typed, &Context::default()) {
        Err(refusal) => {
            anstream::eprint!("{}", check::text(refusal.assessment(), language));
            Ok(Answer::No)
        }
        Ok(accepted) => {
            let stored = hasher
                .hash(accepted, &mut Matrix::new())
                .map_err(|error| failed(error, language))?;
            rules::print(&format!("{}\n", stored.as_str()));
            Ok(Answer::Yes)
        }
    }
}

/// Prints `match`, `match, renew: REASON` or `no match`.
pub(crate) fn verify(cli: &Cli, stored: &str) -> Outcome {
    let (source, policy, language) = source::open(cli)?;
    // The stored hash first: nobody types a password for one that cannot be read.
    let stored = StoredHash::parse(stored.trim())
        .map_err(|error| Failure::told(&error.message(language), language))?;
    let hasher = open(&source, &policy, language)?;
    let typed = secret::ask(language)?;
    let Ok(password) = Password::read(typed, policy.password().max_length) else {
        rules::print("no match\n");
        return Ok(Answer::No);
    };
    let verification = hasher
        .verify(&password, &stored, &mut Matrix::new())
        .map_err(|error| failed(error, language))?;
    let (line, answer) = match verification {
        Verification::No => ("no match".to_owned(), Answer::No),
        Verification::Yes => ("match".to_owned(), Answer::Yes),
        Verification::YesRenew(reason) => (
            format!("match, renew: {}", reason.message(language)),
            Answer::Yes,
        ),
    };
    rules::print(&format!("{line}\n"));
    Ok(answer)
}

/// The hasher of a policy, with the keys of its pepper.
pub(crate) fn open(
    source: &Source,
    policy: &Policy,
    language: Language,
) -> Result<Hasher, Failure> {
    Hasher::open(policy.hash(), &source.base())
        .map_err(|error| Failure::told(error.message(language), language))
}

pub(crate) fn failed(error: HashError, language: Language) -> Failure {
    Failure::told(&error.message(language), language)
}
