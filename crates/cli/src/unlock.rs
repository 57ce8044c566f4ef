//! `unlock`: opens an account that too many failed sign-ins through the gate have blocked.
//!
//! The identifier comes from a prompt or standard input: an argument would be seen by every
//! user of the machine.

use std::io::{self, BufRead, IsTerminal, Read, Write};

use clap::Args;
use policy::Language;

use crate::args::Cli;
use crate::locale::{self, pick};
use crate::source::Source;
use crate::{Answer, Failure, Outcome, serve};

/// More bytes than any identifier has.
const LONGEST: u64 = 4096;

#[derive(Debug, Args)]
pub(crate) struct Unlock {
    /// A host of the site whose account it is
    #[arg(value_name = "HOST")]
    host: String,
}

/// Checks nothing of who asks: that is the operator's to do before.
pub(crate) fn run(cli: &Cli, options: &Unlock) -> Outcome {
    let source = Source::find(cli)?;
    let loaded = source.load(cli)?;
    let language = locale::of(cli, &loaded.policy);
    let identifier = ask(language)?;
    let unlocked = serve::runtime(language)?.block_on(proxy::form::unlock(
        &loaded.policy,
        &source.base(),
        &options.host,
        &identifier,
    ));
    match unlocked {
        Ok(()) => {
            anstream::eprintln!(
                "{}",
                pick(
                    language,
                    "rempart : le compte est ouvert",
                    "rempart: the account is open"
                )
            );
            Ok(Answer::Yes)
        }
        Err(error) => Err(Failure::told(error.text().in_language(language), language)),
    }
}

fn ask(language: Language) -> Result<String, Failure> {
    if io::stdin().is_terminal() {
        anstream::eprint!("{}", pick(language, "Identifiant : ", "Identifier: "));
        let _ = io::stderr().flush();
    }
    let mut line = String::new();
    let read = io::stdin().lock().take(LONGEST).read_line(&mut line);
    match read {
        Ok(1..) if !line.trim().is_empty() => Ok(line.trim_end_matches(['\r', '\n']).to_owned()),
        _ => Err(Failure::new(pick(
            language,
            "rempart : aucun identifiant\n  à faire : donnez sur l’entrée standard celui que le formulaire de connexion demande",
            "rempart: no identifier\n  fix: give on standard input the one that the sign-in form asks for",
        ))),
    }
}

/// The French help of this command, as `french` of `args::help`.
pub(crate) fn french(command: &str, argument: &str) -> Option<&'static str> {
    Some(match (command, argument) {
        ("unlock", "") => "Ouvre un compte que trop de connexions manquées par la porte ont bloqué",
        ("unlock", "host") => "Un nom du site dont c’est le compte",
        _ => return None,
    })
}
