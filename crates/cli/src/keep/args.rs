//! The arguments of `calibrate`, `wrap` and `pepper`, and their help in French.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use password::hash::KeyId;
use policy::Size;

use crate::args::Format;

#[derive(Debug, Args)]
pub(crate) struct Calibrate {
    /// The time that one hash may take while the others run
    #[arg(long, value_name = "TIME", default_value = "100ms", value_parser = time)]
    pub(crate) target: Duration,
    /// How many hashes run at once; otherwise the policy's workers
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) concurrency: Option<u16>,
    /// The memory that all of them may take together; otherwise the policy's budget
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) memory: Option<Size>,
    /// How to print the proposal
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Wrap {
    /// The table: one hash per line, or with --column a CSV or TSV file
    #[arg(value_name = "IN")]
    pub(crate) input: PathBuf,
    /// The table to write; never over a file. OUT.part beside it lets an interrupted run go on
    #[arg(value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// The column of the hashes: its name in the first line, or its number from 1
    #[arg(long, value_name = "NAME|N")]
    pub(crate) column: Option<String>,
    /// The first line is no header
    #[arg(long, requires = "column")]
    pub(crate) no_header: bool,
}

/// `pepper …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Pepper {
    /// Write a file with a first key, readable by its owner only
    New(Key),
    /// Add a key for new hashes to the file; the others still verify older ones
    Rotate(Key),
}

#[derive(Debug, Args)]
pub(crate) struct Key {
    /// The file of the keys
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The name of the key, 1 to 8 letters, digits, dots, hyphens or underscores; otherwise
    /// the date
    #[arg(long, value_name = "ID", value_parser = id)]
    pub(crate) id: Option<KeyId>,
}

fn id(text: &str) -> Result<KeyId, String> {
    KeyId::new(text).ok_or_else(|| "1 to 8 letters, digits, dots, hyphens or underscores".into())
}

/// Reads a time such as `100ms` or `1s`, from 1 ms to 10 s.
fn time(text: &str) -> Result<Duration, String> {
    let millis = match text.strip_suffix("ms") {
        Some(number) => number.parse::<u64>().ok(),
        None => text
            .strip_suffix('s')
            .and_then(|number| number.parse::<u64>().ok())
            .and_then(|seconds| seconds.checked_mul(1000)),
    };
    millis
        .filter(|millis| (1..=10_000).contains(millis))
        .map(Duration::from_millis)
        .ok_or_else(|| "a whole number, then ms or s, from 1ms to 10s".into())
}

/// Reads a size such as `512MiB`, from 12 MiB to 1 TiB, in English or French.
fn size(text: &str) -> Result<Size, String> {
    let end = text.find(|sign: char| !sign.is_ascii_digit());
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let mib = match unit.trim_start() {
        "MiB" | "Mio" => 1,
        "GiB" | "Gio" => 1024,
        _ => return Err("a whole number, then MiB or GiB (Mio, Gio)".into()),
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(mib))
        .filter(|mib| (12..=1024 * 1024).contains(mib))
        .map(Size::mib)
        .ok_or_else(|| "from 12MiB to 1024GiB".into())
}

/// The French help of these commands, as `args::french`.
pub(crate) fn french(command: &str, argument: &str) -> Option<&'static str> {
    Some(match (command, argument) {
        ("calibrate", "") => {
            "Mesure cette machine et propose les coûts des empreintes pour la politique"
        }
        ("calibrate", "target") => {
            "Le temps que peut prendre un calcul pendant que les autres tournent"
        }
        ("calibrate", "concurrency") => {
            "Combien de calculs tournent ensemble ; sinon `workers` de la politique"
        }
        ("calibrate", "memory") => {
            "La mémoire que tous peuvent prendre ensemble ; sinon le budget de la politique"
        }
        ("calibrate", "format") => "Forme de la proposition",
        ("wrap", "") => {
            "Enveloppe d’Argon2 toutes les empreintes faibles d’une table, sans connaître un seul mot de passe"
        }
        ("wrap", "input") => {
            "La table : une empreinte par ligne, ou avec --column un fichier CSV ou TSV"
        }
        ("wrap", "output") => {
            "La table à écrire, jamais par-dessus un fichier ; OUT.part à côté permet de reprendre"
        }
        ("wrap", "column") => {
            "La colonne des empreintes : son nom en première ligne, ou son numéro à partir de 1"
        }
        ("wrap", "no_header") => "La première ligne n’est pas un en-tête",
        ("pepper", "") => "Fabrique et remplace les clés du poivre",
        ("pepper new", "") => {
            "Écrit un fichier avec une première clé, lisible par son seul propriétaire"
        }
        ("pepper rotate", "") => {
            "Ajoute au fichier une clé pour les nouvelles empreintes ; les autres vérifient encore les anciennes"
        }
        ("pepper new" | "pepper rotate", "file") => "Le fichier des clés",
        ("pepper new" | "pepper rotate", "id") => {
            "Le nom de la clé, 1 à 8 lettres, chiffres, points, tirets ou tirets bas ; sinon la date"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_are_read_with_their_unit_only() {
        for (text, millis) in [
            ("100ms", Some(100)),
            ("1ms", Some(1)),
            ("2s", Some(2000)),
            ("10s", Some(10_000)),
            ("0ms", None),
            ("11s", None),
            ("100", None),
            ("1.5s", None),
            ("18446744073709551615s", None),
        ] {
            let read = time(text).ok().map(|time| time.as_millis());
            assert_eq!(read, millis, "{text}");
        }
        for (text, mib) in [
            ("12MiB", Some(12)),
            ("64 Mio", Some(64)),
            ("2GiB", Some(2048)),
            ("11MiB", None),
            ("1025GiB", None),
            ("64", None),
            ("18446744073709551615GiB", None),
        ] {
            assert_eq!(size(text).ok(), mib.map(Size::mib), "{text}");
        }
    }
}
