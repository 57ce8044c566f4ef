//! The arguments of `check` and `generate`, and their help in French, that of `hash` and
//! `verify` too.

use std::path::PathBuf;

use clap::Args;

use super::Format;

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

/// The French help of these commands, as [`super::help::french`].
pub(super) fn french(command: &str, argument: &str) -> Option<&'static str> {
    Some(match (command, argument) {
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
        _ => return None,
    })
}
