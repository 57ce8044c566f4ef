//! Help in French: each text of the command line beside the English one that clap reads.
//!
//! A command's texts stand with its arguments; those of the program itself stand here, and with
//! them the words that clap writes by itself: headings, names of values, defaults.

use clap::{Arg, ArgAction};

use super::{gate, password, policy};
use crate::breach::args as breach;
use crate::keep::args as keep;
use crate::{acme, audit, hsts, learn, report, scan, unlock};

/// The layout of a help page in French.
const FRENCH_PAGE: &str = "{about-with-newline}\nUtilisation : {usage}\n\n{all-args}";

/// The heading of options; the space stands before a colon in French.
const OPTIONS: &str = "Options ";

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
        .subcommand_help_heading("Commandes ")
        .subcommand_value_name("COMMANDE")
        .disable_help_flag(true);
    if let Some(about) = french(path, "") {
        command = command.about(about);
    }
    for arg in args {
        let text = french(path, &arg).or_else(|| french("rempart", &arg));
        command = command.mut_arg(arg, |arg| in_french(arg, text.unwrap_or_default()));
    }
    let flag = |id: &'static str, short, action, help| {
        let flag = Arg::new(id).short(short).long(id).action(action);
        flag.help_heading(OPTIONS).help(help)
    };
    // Behind the others: headings stand in the order of their first argument.
    command = command.arg(flag("help", 'h', ArgAction::Help, "Affiche cette aide"));
    if path == "rempart" {
        command = command.disable_version_flag(true).arg(flag(
            "version",
            'V',
            ArgAction::Version,
            "Affiche la version",
        ));
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

/// An argument with its French help, and in French what clap would add to it in English.
fn in_french(arg: Arg, text: &str) -> Arg {
    let heading = if arg.is_positional() {
        "Arguments "
    } else {
        OPTIONS
    };
    let mut arg = arg.help_heading(heading);
    let mut help = text.to_owned();
    if arg.get_action().takes_values() {
        let names = arg.get_value_names().unwrap_or_default().iter();
        let names: Vec<&str> = names.filter_map(|name| value_name(name)).collect();
        let defaults = arg.get_default_values().iter();
        let defaults: Vec<String> = defaults
            .map(|value| value.to_string_lossy().into_owned())
            .collect();
        let values = arg.get_possible_values();
        let values: Vec<&str> = values.iter().map(|value| value.get_name()).collect();
        if let Some(name) = arg.get_env() {
            help.push_str(&format!(" [variable\u{a0}: {}]", name.to_string_lossy()));
        }
        if !defaults.is_empty() && !arg.is_hide_default_value_set() {
            help.push_str(&format!(" [par défaut\u{a0}: {}]", defaults.join(" ")));
        }
        if !values.is_empty() && !arg.is_hide_possible_values_set() {
            help.push_str(&format!(" [valeurs\u{a0}: {}]", values.join(", ")));
        }
        arg = arg
            .hide_env(true)
            .hide_default_value(true)
            .hide_possible_values(true);
        if !names.is_empty() {
            arg = arg.value_names(names);
        }
    }
    arg.help(help)
}

/// The French name of a value; `None` for one that nobody has translated.
fn value_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "ADDRESS" => "ADRESSE",
        "ADDRESS:PORT" => "ADRESSE:PORT",
        "BEFORE.json" => "AVANT.json",
        "CODE|CLAUSE" => "CODE|EXIGENCE",
        "COUNT" => "NOMBRE",
        "DAY" => "JOUR",
        "DIRECTORY" => "DOSSIER",
        "FILE" => "FICHIER",
        "FILE|fr|en" => "FICHIER|fr|en",
        "FORM" => "FORME",
        "FORMAT" => "FORME",
        "HASH" => "EMPREINTE",
        "HOST" => "HÔTE",
        "HTTP_PORT" => "PORT_HTTP",
        "HTTPS_PORT" => "PORT_HTTPS",
        "ID" => "NUMÉRO",
        "IN" => "ENTRÉE",
        "INPUT" => "ENTRÉE",
        "KIND" => "SORTE",
        "LENGTH" => "LONGUEUR",
        "MINUTES" => "MINUTES",
        "N" => "N",
        "NAME" => "NOM",
        "NAME|N" => "NOM|N",
        "NAME|NUMBER" => "NOM|NUMÉRO",
        "NEW" => "NOUVELLE",
        "NUMBER" => "NOMBRE",
        "OLD" => "ANCIENNE",
        "OUT" => "SORTIE",
        "PORT" => "PORT",
        "PRESET" => "PRÉRÉGLAGE",
        "RATE" => "TAUX",
        "REASON" => "RAISON",
        "SECONDS" => "SECONDES",
        "SEVERITY" => "GRAVITÉ",
        "SHELL" => "INTERPRÉTEUR",
        "SIZE" => "TAILLE",
        "TEXT" => "TEXTE",
        "TIME" => "DURÉE",
        "UPSTREAM" => "ORIGINE",
        "URL" => "URL",
        "WORD" => "MOT",
        "WORDS" => "MOTS",
        "fr|en" => "fr|en",
        _ => return None,
    })
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

    /// No word of clap's own is left in a page of French help.
    #[test]
    fn no_english_is_left_in_the_french_help() {
        fn pages(command: &mut clap::Command, all: &mut Vec<String>) {
            all.push(command.render_long_help().to_string());
            command
                .get_subcommands_mut()
                .for_each(|sub| pages(sub, all));
        }
        let mut command = command(Language::Fr);
        command.build();
        let mut all = Vec::new();
        pages(&mut command, &mut all);
        assert!(all.len() > 20, "{}", all.len());
        for page in all {
            let place = |heading| page.find(heading);
            if let (Some(arguments), Some(options)) = (place("Arguments :"), place("Options :")) {
                assert!(arguments < options, "{page}");
            }
            for word in [
                "Usage",
                "Options:",
                "Arguments:",
                "Commands",
                "default",
                "possible",
                "env:",
                "FILE",
                "DIRECTORY",
                "Print",
                "NUMBER",
            ] {
                assert!(!page.contains(word), "{word} in:\n{page}");
            }
        }
    }

    fn exists_in_french(command: &clap::Command, path: &str) {
        assert!(french(path, "").is_some(), "{path}");
        for arg in command.get_arguments() {
            let id = arg.get_id().as_str();
            let text = french(path, id).or_else(|| french("rempart", id));
            assert!(text.is_some(), "{path} {id}");
            if arg.get_action().takes_values() {
                for name in arg.get_value_names().unwrap_or_default() {
                    assert!(value_name(name).is_some(), "{path} {id}: {name}");
                }
            }
        }
        for sub in command.get_subcommands() {
            exists_in_french(sub, &format!("{path} {}", sub.get_name()));
        }
    }
}
