//! The arguments of `init` and `lint`, and their help in French, that of `schema` and `explain`
//! too.

use std::path::PathBuf;

use ::policy::Preset;
use clap::{Args, ValueEnum};

use super::Format;

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

/// The French help of these commands, as [`super::help::french`].
pub(super) fn french(command: &str, argument: &str) -> Option<&'static str> {
    Some(match (command, argument) {
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
        ("explain", "") => "Dit ce que signifie un code ou une clause",
        ("explain", "subject") => "Le code d’un refus ou d’une faute, ou le nom d’une clause",
        _ => return None,
    })
}
