//! The arguments, and their help in French and English.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use policy::{Language, Preset};

use crate::acme::{self, Acme};
use crate::breach::args::{self as breach, Breach};
use crate::keep::args::{self as keep, Calibrate, Pepper, Wrap};
use crate::locale;

/// One policy for passwords and connections: check, keep, explain, serve.
#[derive(Debug, Parser)]
#[command(name = "rempart", version, disable_help_subcommand = true)]
pub(crate) struct Cli {
    /// The policy file; otherwise ./policy.toml, otherwise the built-in reference
    #[arg(long, global = true, value_name = "FILE", env = "REMPART_POLICY")]
    pub(crate) policy: Option<PathBuf>,
    /// The language of messages; otherwise the policy's
    #[arg(long, global = true, value_name = "fr|en", env = "REMPART_LANG")]
    pub(crate) lang: Option<Lang>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// `--lang`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    Fr,
    En,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve a small old-fashioned site safely, to try everything at once
    Demo(Demo),
    /// Write a policy to start from
    Init(Init),
    /// Check a policy: every fault in one run
    Lint(Lint),
    /// Print the JSON Schema of the policy file
    Schema,
    /// Check a password against the policy
    Check(Check),
    /// Hash a password that the policy accepts
    Hash,
    /// Compare a password with a stored hash
    Verify {
        /// The stored hash: $argon2id$…, a wrapped one, or one of an accepted format
        #[arg(value_name = "HASH")]
        stored: String,
    },
    /// Measure this machine and propose costs of hashes for the policy
    Calibrate(Calibrate),
    /// Lay Argon2 over every weak hash of a table, with nobody's password known
    Wrap(Wrap),
    /// Make and rotate the keys of the pepper
    Pepper {
        #[command(subcommand)]
        command: Pepper,
    },
    /// Make passwords and passphrases that satisfy the policy
    Generate(Generate),
    /// Make and ask an offline index of leaked passwords
    Breach {
        #[command(subcommand)]
        command: Breach,
    },
    /// Tell what a code or a clause means
    Explain {
        /// A code of a refusal or of a fault, or the name of a clause
        #[arg(value_name = "CODE|CLAUSE")]
        subject: String,
    },
    /// Run the gate in front of the sites of the policy
    Serve(Serve),
    /// See, renew and revoke the certificates ordered from an authority
    Acme {
        #[command(subcommand)]
        command: Acme,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write one per command
    Man {
        /// The folder to write to; otherwise the main page goes to standard output
        #[arg(value_name = "DIRECTORY")]
        directory: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// The port for https (the next free one if taken)
    #[arg(long, default_value_t = 8443)]
    pub(crate) https_port: u16,
    /// The port for plain http (the next free one if taken)
    #[arg(long, default_value_t = 8080)]
    pub(crate) http_port: u16,
}

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Where to write; - is standard output
    #[arg(default_value = "policy.toml", value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// The name of a site: a short policy for it instead of the whole reference
    #[arg(long, requires = "upstream")]
    pub(crate) host: Option<String>,
    /// Where that site is served now, such as http://127.0.0.1:8080
    #[arg(long, requires = "host")]
    pub(crate) upstream: Option<String>,
    /// The published rules to follow: a short policy of them instead of the whole reference
    #[arg(long, value_enum)]
    pub(crate) preset: Option<PresetName>,
}

#[derive(Debug, Args)]
pub(crate) struct Lint {
    /// The policy file, if not the one of --policy
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// How to print the faults
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Read one password per line; write one JSON object per line
    #[arg(long)]
    pub(crate) batch: bool,
    /// A word about the person or the service (login, name, site); may be repeated
    #[arg(long, value_name = "WORD")]
    pub(crate) context: Vec<String>,
    /// How to print the verdict
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Generate {
    /// How many
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) count: u32,
    /// Which form of the policy, counted from 1
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) form: Option<u32>,
    /// How many characters, at least what the policy asks
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) length: Option<u32>,
    /// How many words: a passphrase, of at least what the policy asks
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) words: Option<u32>,
    /// The list to draw words from: a file of one word per line, or a built-in list
    #[arg(long, value_name = "FILE|fr|en")]
    pub(crate) list: Option<PathBuf>,
    /// What stands between words, - otherwise
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) separator: Option<String>,
    /// Begin each word with a capital
    #[arg(long)]
    pub(crate) capitalize: bool,
    /// How to print them
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The folder where the gate keeps what it makes: certificates ordered, development authority
    #[arg(long, value_name = "DIRECTORY", env = "REMPART_STATE")]
    pub(crate) state: Option<PathBuf>,
}

/// `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
}

/// `--preset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PresetName {
    Cnil,
    Anssi,
    Nist,
    Asvs,
}

impl From<PresetName> for Preset {
    fn from(name: PresetName) -> Self {
        match name {
            PresetName::Cnil => Self::Cnil,
            PresetName::Anssi => Self::Anssi,
            PresetName::Nist => Self::Nist,
            PresetName::Asvs => Self::Asvs,
        }
    }
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::Fr => Self::Fr,
            Lang::En => Self::En,
        }
    }
}

/// Reads the arguments; a fault in them is printed by clap, which ends with code 2.
pub(crate) fn parse() -> Cli {
    let matches = command(locale::before_parsing()).get_matches();
    Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

/// The command with its help in one language.
pub(crate) fn command(language: Language) -> clap::Command {
    match language {
        Language::En => Cli::command(),
        Language::Fr => translate(Cli::command(), "rempart"),
    }
}

/// The layout of a help page in French.
const FRENCH_PAGE: &str = "{about-with-newline}\nUtilisation : {usage}\n\n{all-args}";

/// Replaces each help text by its French one.
fn translate(command: clap::Command, path: &str) -> clap::Command {
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
fn french(command: &str, argument: &str) -> Option<&'static str> {
    Some(match (command, argument) {
        ("rempart", "") => {
            "Une politique pour les mots de passe et les connexions : vérifier, conserver, expliquer, servir"
        }
        ("rempart", "policy") => {
            "Le fichier de politique ; sinon ./policy.toml, sinon la référence intégrée"
        }
        ("rempart", "lang") => "La langue des messages ; sinon celle de la politique",
        ("demo", "") => {
            "Sert un petit site à l’ancienne de façon sûre, pour tout essayer d’un coup"
        }
        ("demo", "https_port") => "Le port https (le prochain libre s’il est pris)",
        ("demo", "http_port") => "Le port http en clair (le prochain libre s’il est pris)",
        ("init", "") => "Écrit une politique de départ",
        ("init", "output") => "Où écrire ; - pour la sortie standard",
        ("init", "host") => {
            "Le nom d’un site : une courte politique pour lui au lieu de toute la référence"
        }
        ("init", "upstream") => {
            "Où ce site est servi aujourd’hui, par exemple http://127.0.0.1:8080"
        }
        ("init", "preset") => {
            "Les règles publiées à suivre : une courte politique d’après elles au lieu de toute la référence"
        }
        ("lint", "") => "Vérifie une politique : toutes les fautes en une fois",
        ("lint", "file") => "Le fichier de politique, si ce n’est pas celui de --policy",
        ("lint", "format") => "Forme de la liste des fautes",
        ("schema", "") => "Écrit le schéma JSON du fichier de politique",
        ("check", "") => "Vérifie un mot de passe selon la politique",
        ("check", "batch") => "Lit un mot de passe par ligne ; écrit un objet JSON par ligne",
        ("check", "context") => {
            "Un mot lié à la personne ou au service (identifiant, nom, site) ; peut être répété"
        }
        ("check", "format") => "Forme du verdict",
        ("hash", "") => "Hache un mot de passe que la politique accepte",
        ("verify", "") => "Compare un mot de passe à une empreinte conservée",
        ("verify", "stored") => {
            "L’empreinte conservée : $argon2id$…, une enveloppée, ou une d’un format accepté"
        }
        ("generate", "") => "Fabrique des mots et des phrases de passe conformes à la politique",
        ("generate", "count") => "Combien",
        ("generate", "form") => "Quelle forme de la politique, en comptant à partir de 1",
        ("generate", "length") => "Combien de caractères, au moins ce que demande la politique",
        ("generate", "words") => {
            "Combien de mots : une phrase de passe, d’au moins ce que demande la politique"
        }
        ("generate", "list") => {
            "La liste où tirer les mots : un fichier d’un mot par ligne, ou une liste intégrée"
        }
        ("generate", "separator") => "Ce qui sépare les mots ; - sinon",
        ("generate", "capitalize") => "Commence chaque mot par une majuscule",
        ("generate", "format") => "Forme de ce qui est écrit",
        ("explain", "") => "Dit ce que signifie un code ou une clause",
        ("explain", "subject") => "Le code d’un refus ou d’une faute, ou le nom d’une clause",
        ("serve", "") => "Met en service la porte devant les sites de la politique",
        ("serve", "state") => {
            "Le dossier où la porte garde ce qu’elle fabrique : certificats demandés, autorité de développement"
        }
        ("completions", "") => "Écrit un script de complétion pour un interpréteur de commandes",
        ("completions", "shell") => "L’interpréteur",
        ("man", "") => "Écrit la page de manuel, ou une page par commande",
        ("man", "directory") => {
            "Le dossier où écrire ; sinon la page principale va à la sortie standard"
        }
        _ => {
            return acme::french(command, argument)
                .or_else(|| keep::french(command, argument))
                .or_else(|| breach::french(command, argument));
        }
    })
}

#[cfg(test)]
mod tests {
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
