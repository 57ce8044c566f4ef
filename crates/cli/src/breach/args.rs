//! The arguments of `breach`, and their help in French.

use std::path::PathBuf;

use breach::Kind;
use breach::build::Options;
use clap::{Args, Subcommand, ValueEnum};

use crate::args::Format;

/// `breach …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Breach {
    /// Make an index of published leaked passwords, or update one; go on after an interruption
    Build(Build),
    /// Ask whether a password leaked: exit code 1 if it did, 0 if not
    Query(Query),
    /// Tell what an index holds
    Info(Info),
}

#[derive(Debug, Args)]
pub(crate) struct Build {
    /// The index to write; an old one there is replaced at the end
    #[arg(value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// Files of hashes in the published form, packed with gzip or not, or folders of ranges
    #[arg(value_name = "INPUT", required_unless_present = "update")]
    pub(crate) inputs: Vec<PathBuf>,
    /// Keep what this index holds too; it may be OUT
    #[arg(long, value_name = "OLD")]
    pub(crate) update: Option<PathBuf>,
    /// The hash of the inputs; otherwise that of the index to update, otherwise sha1
    #[arg(long, value_enum)]
    pub(crate) kind: Option<KindName>,
    /// The inputs are passwords, one per line
    #[arg(long, conflicts_with = "least_count")]
    pub(crate) plain: bool,
    /// Leave out passwords seen fewer times
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) least_count: u64,
    /// The highest rate of false hits [default: 0.000001, or the hash length of OLD]
    #[arg(long, value_name = "RATE")]
    pub(crate) false_hit_rate: Option<f64>,
    /// The memory to use, such as 64MiB or 2GiB
    #[arg(long, value_name = "SIZE", default_value = "256MiB", value_parser = size)]
    pub(crate) memory: u64,
}

#[derive(Debug, Args)]
pub(crate) struct Query {
    /// The index; otherwise the one that the policy names
    #[arg(long, value_name = "FILE")]
    pub(crate) index: Option<PathBuf>,
    /// Read a hash (SHA-1 or NTLM, hexadecimal) instead of a password
    #[arg(long)]
    pub(crate) hash: bool,
    /// Check every byte of the index first
    #[arg(long)]
    pub(crate) verify: bool,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Info {
    /// The index
    #[arg(value_name = "FILE")]
    pub(crate) index: PathBuf,
    /// Check every byte of it
    #[arg(long)]
    pub(crate) verify: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// `--kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum KindName {
    Sha1,
    Ntlm,
}

impl From<KindName> for Kind {
    fn from(name: KindName) -> Self {
        match name {
            KindName::Sha1 => Self::Sha1,
            KindName::Ntlm => Self::Ntlm,
        }
    }
}

/// Reads a size in bytes: a whole number and a unit of 1,024, in English or French.
fn size(text: &str) -> Result<u64, String> {
    let end = text
        .find(|sign: char| !sign.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let shift = match unit.trim_start() {
        "KiB" | "Kio" => 10,
        "MiB" | "Mio" => 20,
        "GiB" | "Gio" => 30,
        _ => return Err("a whole number, then KiB, MiB or GiB (Kio, Mio, Gio)".into()),
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(1 << shift))
        .filter(|size| *size >= Options::LEAST_MEMORY)
        .ok_or_else(|| format!("at least {} MiB", Options::LEAST_MEMORY >> 20))
}

/// The French help of `breach` and below, as `args::french`.
pub(crate) fn french(command: &str, argument: &str) -> Option<&'static str> {
    Some(match (command, argument) {
        ("breach", "") => "Construit et interroge un index de mots de passe divulgués, sans réseau",
        ("breach build", "") => {
            "Construit un index de mots de passe divulgués, ou en met un à jour ; reprend après une interruption"
        }
        ("breach build", "output") => {
            "L’index à écrire ; celui qui s’y trouve est remplacé à la fin"
        }
        ("breach build", "inputs") => {
            "Fichiers d’empreintes tels que publiés, compressés par gzip ou non, ou dossiers de plages"
        }
        ("breach build", "update") => "Garde aussi le contenu de cet index ; ce peut être OUT",
        ("breach build", "kind") => {
            "L’empreinte des fichiers ; sinon celle de l’index à mettre à jour, sinon sha1"
        }
        ("breach build", "plain") => "Les fichiers contiennent un mot de passe par ligne",
        ("breach build", "least_count") => "Laisse de côté les mots de passe vus moins souvent",
        ("breach build", "false_hit_rate") => {
            "Le taux de fausses alertes à ne pas dépasser [par défaut : 0.000001, ou la longueur d’empreinte de OLD]"
        }
        ("breach build", "memory") => "La mémoire à employer, par exemple 64Mio ou 2Gio",
        ("breach query", "") => {
            "Dit si un mot de passe est divulgué : code de sortie 1 s’il l’est, 0 sinon"
        }
        ("breach query", "index") => "L’index ; sinon celui que nomme la politique",
        ("breach query", "hash") => {
            "Lit une empreinte (SHA-1 ou NTLM, hexadécimale) au lieu d’un mot de passe"
        }
        ("breach query", "verify") => "Contrôle d’abord chaque octet de l’index",
        ("breach query", "format") => "Forme de la réponse",
        ("breach info", "") => "Dit ce que contient un index",
        ("breach info", "index") => "L’index",
        ("breach info", "verify") => "En contrôle chaque octet",
        ("breach info", "format") => "Forme de la réponse",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_their_unit_only() {
        for (text, bytes) in [
            ("16MiB", Some(16 << 20)),
            ("64 Mio", Some(64 << 20)),
            ("2GiB", Some(2 << 30)),
            ("1048576KiB", Some(1 << 30)),
            ("15MiB", None),
            ("0GiB", None),
            ("256", None),
            ("256MB", None),
            ("-1GiB", None),
            ("1.5GiB", None),
            ("GiB", None),
            ("99999999999999999999GiB", None),
            ("18446744073709551615GiB", None),
        ] {
            assert_eq!(size(text).ok(), bytes, "{text}");
        }
    }
}
