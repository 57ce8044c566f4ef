//! Help in French: each text of the command line beside the English one that clap reads.
//!
//! A command's texts stand with its arguments; those of the program itself stand here.

use clap::{Arg, ArgAction};

use super::{gate, password, policy};
use crate::breach::args as breach;
use crate::keep::args as keep;
use crate::{acme, audit, hsts, learn, report, scan, unlock};

/// The layout of a help page in French.
const FRENCH_PAGE: &str = "{about-with-newline}\nUtilisation : {usage}\n\n{all-args}";

/// Replaces each help text by its French one.
pub(super) fn translate(command: clap::Command, path: &str) -> clap::Command {
    let name = command.get_name().to_owned();
    let args: Vec<String> = command
        .get_arguments()
        .map(|arg| arg.get_id().to_string())
        .collect();
    let subcommands: Vec<String> = command
        .get_subcommands()
        .map(|sub| sub.get_name().to_owned())
        .collect();
    let mut command = command
        .help_template(FRENCH_PAGE)
        .subcommand_help_heading("Commandes")
        .subcommand_value_name("COMMANDE")
        .disable_help_flag(true)
        .arg(
            Arg::new("help")
                .short('h')
                .long("help")
                .action(ArgAction::Help)
                .help("Affiche cette aide"),
        );
    if path == "rempart" {
        command = command.disable_version_flag(true).arg(
            Arg::new("version")
                .short('V')
                .long("version")
                .action(ArgAction::Version)
                .help("Affiche la version"),
        );
    }
    if let Some(about) = french(path, "") {
        command = command.about(about);
    }
    for arg in args {
        let text = french(path, &arg).or_else(|| french("rempart", &arg));
        command = command.mut_arg(arg, |arg| match text {
            Some(text) => arg.help(text),
            None => arg,
        });
    }
    for sub in subcommands {
        let path = if name == "rempart" {
            sub.clone()
        } else {
            format!("{path} {sub}")
        };
        command = command.mut_subcommand(sub, |sub| translate(sub, &path));
    }
    command
}

/// The French help of a command (`argument` empty) or of one of its arguments.
pub(super) fn french(command: &str, argument: &str) -> Option<&'static str> {
    Some(match (command, argument) {
        ("rempart", "") => {
            "Une politique pour les mots de passe et les connexions : vérifier, conserver, expliquer, servir"
        }
        ("rempart", "policy") => {
            "Le fichier de politique ; sinon ./policy.toml, sinon la référence intégrée"
        }
        ("rempart", "lang") => "La langue des messages ; sinon celle de la politique",
        ("completions", "") => "Écrit un script de complétion pour un interpréteur de commandes",
        ("completions", "shell") => "L’interpréteur",
        ("man", "") => "Écrit la page de manuel, ou une page par commande",
        ("man", "directory") => {
            "Le dossier où écrire ; sinon la page principale va à la sortie standard"
        }
        _ => {
            return gate::french(command, argument)
                .or_else(|| password::french(command, argument))
                .or_else(|| policy::french(command, argument))
                .or_else(|| acme::french(command, argument))
                .or_else(|| hsts::french(command, argument))
                .or_else(|| keep::french(command, argument))
                .or_else(|| breach::french(command, argument))
                .or_else(|| audit::french(command, argument))
                .or_else(|| report::french(command, argument))
                .or_else(|| scan::french(command, argument))
                .or_else(|| learn::french(command, argument))
                .or_else(|| unlock::french(command, argument));
        }
    })
}

#[cfg(test)]
mod tests {
    use ::policy::Language;
    use clap::CommandFactory;

    use super::super::{Cli, command};
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        command(Language::En).debug_assert();
        command(Language::Fr).debug_assert();
    }

    #[test]
    fn every_help_text_exists_in_french() {
        assert!(french("rempart", "").is_some());
        for sub in Cli::command().get_subcommands() {
            exists_in_french(sub, sub.get_name());
        }
    }

    fn exists_in_french(command: &clap::Command, path: &str) {
        assert!(french(path, "").is_some(), "{path}");
        for arg in command.get_arguments() {
            let id = arg.get_id().as_str();
            let text = french(path, id).or_else(|| french("rempart", id));
            assert!(text.is_some(), "{path} {id}");
        }
        for sub in command.get_subcommands() {
            exists_in_french(sub, &format!("{path} {}", sub.get_name()));
        }
    }
}
