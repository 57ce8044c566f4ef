//! `hash` and `verify`: keeping a password, and comparing one with what was kept.

use password::hash::{HashError, Hasher, StoredHash, Verification};
use password::{Context, Password};
use policy::Language;

use crate::args::Cli;
use crate::{Answer, Failure, Outcome, check, rules, secret, source};

/// Hashes a password that the policy accepts; a refused one is not hashed (exit code 1).
pub(crate) fn hash(cli: &Cli) -> Outcome {
    let (judge, policy, language) = source::judge(cli, &["password", "preset", "hash"])?;
    let typed = secret::ask_to_keep(language)?;
    match judge.read_and_judge(typed, &Context::default()) {
        Err(refusal) => {
            anstream::eprint!("{}", check::text(refusal.assessment(), language));
            Ok(Answer::No)
        }
        Ok(accepted) => {
            let hasher = Hasher::new(policy.hash()).map_err(|error| failed(&error, language))?;
            let stored = hasher
                .hash(accepted)
                .map_err(|error| failed(&error, language))?;
            rules::print(&format!("{}\n", stored.as_str()));
            Ok(Answer::Yes)
        }
    }
}

/// Prints `match`, `match, renew: REASON` or `no match`.
pub(crate) fn verify(cli: &Cli, stored: &str) -> Outcome {
    let (_, policy, language) = source::open(cli, &["password", "preset", "hash"])?;
    // The stored hash first: nobody types a password for one that cannot be read.
    let stored = StoredHash::parse(stored.trim())
        .map_err(|error| Failure::new(format!("rempart: {}", error.message(language))))?;
    let hasher = Hasher::new(policy.hash()).map_err(|error| failed(&error, language))?;
    let typed = secret::ask(language)?;
    let Ok(password) = Password::read(typed, policy.password().max_length) else {
        rules::print("no match\n");
        return Ok(Answer::No);
    };
    let verification = hasher
        .verify(&password, &stored)
        .map_err(|error| failed(&error, language))?;
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

fn failed(error: &HashError, language: Language) -> Failure {
    Failure::new(match language {
        Language::Fr => format!("rempart : hachage impossible : {error}"),
        Language::En => format!("rempart: cannot hash: {error}"),
    })
}
