//! Why an index could not be made, in words. No line of an input is ever shown.

use std::fmt;
use std::io;
use std::path::PathBuf;

use policy::{Language, Text};

use super::row::BadRow;
use super::runs;
use crate::{IndexError, Kind};

/// A build that ended without an index. What it had read is kept, and the same command goes
/// on from there, unless the message says otherwise.
#[derive(Debug)]
pub struct BuildError(pub(crate) Fault);

/// A line that is no row, by its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// The file.
    pub file: PathBuf,
    /// The line, counted from 1.
    pub line: u64,
    /// Why it is bad.
    pub reason: BadRow,
}

#[derive(Debug)]
pub(crate) enum Fault {
    /// A path could not be read.
    Read(PathBuf, io::Error),
    /// A path could not be written.
    Write(PathBuf, io::Error),
    /// Nothing was given to read.
    NoInput,
    /// A folder without range files.
    NoRanges(PathBuf),
    /// Too many bad lines, of which these are the first.
    Bad(u64, Vec<BadLine>),
    /// Not one password to keep.
    Nothing,
    /// Another build left its working files here.
    OtherBuild(PathBuf),
    /// Another build is using the working files.
    Busy(PathBuf),
    /// The working files contradict their own record.
    Damaged(PathBuf),
    /// Less memory than the least, both in bytes.
    Memory { least: u64 },
    /// Unordered input in more parts than can be merged.
    TooManyRuns,
    /// No rate of false hits: not between 0 and 1.
    NoRate,
    /// A rate that so many entries cannot have; the least that they can.
    Rate { least: f64 },
    /// The index to update cannot be used.
    Old(IndexError),
    /// The index to update is of another kind.
    OldKind { old: Kind, asked: Kind },
    /// The caller asked to stop.
    Stopped,
}

impl BadLine {
    /// The place and the reason.
    pub fn message(&self, language: Language) -> String {
        let place = self.file.display();
        let reason = self.reason.reason();
        let reason = reason.in_language(language);
        match language {
            Language::Fr => format!("{place}, ligne {} : {reason}", self.line),
            Language::En => format!("{place}, line {}: {reason}", self.line),
        }
    }
}

impl BuildError {
    /// The whole message in one language: what, where, why, and on the last line what to do.
    pub fn message(&self, language: Language) -> String {
        if let Fault::Old(error) = &self.0 {
            return error.message(language);
        }
        let (reason, fix) = self.0.words();
        let mut text = reason.in_language(language).to_owned();
        if let Fault::Bad(_, lines) = &self.0 {
            for line in lines {
                text += &format!("\n  {}", line.message(language));
            }
        }
        let fix = fix.in_language(language);
        match language {
            Language::Fr => format!("{text}\n  à faire : {fix}"),
            Language::En => format!("{text}\n  fix: {fix}"),
        }
    }

    /// Whether the caller asked to stop, which is no failure.
    pub const fn is_stop(&self) -> bool {
        matches!(self.0, Fault::Stopped)
    }
}

impl Fault {
    /// The reason and what to do.
    fn words(&self) -> (Text, Text) {
        match self {
            Self::Read(path, error) => (
                because("lecture impossible", "cannot be read", path, error),
                Text::new(
                    "vérifiez ce chemin, puis relancez la même commande : elle reprend où elle en était",
                    "check this path, then run the same command again: it goes on where it was",
                ),
            ),
            Self::Write(path, error) => (
                because("écriture impossible", "cannot be written", path, error),
                Text::new(
                    "libérez de la place ou choisissez un autre dossier, puis relancez la même commande",
                    "make room or choose another folder, then run the same command again",
                ),
            ),
            Self::NoInput => (
                Text::new("rien à lire", "nothing to read"),
                Text::new(
                    "nommez au moins un fichier ou un dossier, ou un index avec --update",
                    "name at least one file or folder, or an index with --update",
                ),
            ),
            Self::NoRanges(path) => (
                Text::new(
                    format!(
                        "{} : aucun fichier de plage dans ce dossier",
                        path.display()
                    ),
                    format!("{}: no range file in this folder", path.display()),
                ),
                Text::new(
                    "donnez un dossier dont les fichiers portent cinq chiffres hexadécimaux, de 00000 à FFFFF",
                    "give a folder whose files are named by five hexadecimal digits, from 00000 to FFFFF",
                ),
            ),
            Self::Bad(count, _) => (
                Text::new(
                    format!("trop de lignes fausses ({count}) ; les premières :"),
                    format!("too many bad lines ({count}); the first:"),
                ),
                Text::new(
                    "vérifiez le fichier, et --kind ou --plain",
                    "check the file, and --kind or --plain",
                ),
            ),
            Self::Nothing => (
                Text::new("aucun mot de passe à retenir", "no password to keep"),
                Text::new(
                    "vérifiez les fichiers et baissez --least-count",
                    "check the files and lower --least-count",
                ),
            ),
            Self::OtherBuild(path) => (
                Text::new(
                    format!(
                        "{} : reste d’une construction interrompue, aux entrées ou options différentes",
                        path.display()
                    ),
                    format!(
                        "{}: left by an interrupted build of other inputs or options",
                        path.display()
                    ),
                ),
                Text::new(
                    "relancez la commande d’alors, ou supprimez ce dossier pour tout recommencer",
                    "run the command of that build again, or delete this folder to start afresh",
                ),
            ),
            Self::Busy(path) => (
                Text::new(
                    format!("{} : une autre construction est en cours", path.display()),
                    format!("{}: another build is running", path.display()),
                ),
                Text::new(
                    "attendez sa fin, ou choisissez un autre fichier de sortie",
                    "wait for its end, or choose another output file",
                ),
            ),
            Self::Damaged(path) => (
                Text::new(
                    format!("{} : fichiers de travail abîmés", path.display()),
                    format!("{}: damaged working files", path.display()),
                ),
                Text::new(
                    "supprimez ce dossier et recommencez",
                    "delete this folder and start again",
                ),
            ),
            Self::Memory { least } => (
                Text::new("mémoire insuffisante", "not enough memory"),
                Text::new(
                    format!("donnez au moins {} Mio avec --memory", least >> 20),
                    format!("give at least {} MiB with --memory", least >> 20),
                ),
            ),
            Self::TooManyRuns => (
                Text::new(
                    format!("entrée en désordre, trop longue pour {} tris", runs::MOST),
                    format!("unordered input, too long for {} sorts", runs::MOST),
                ),
                Text::new(
                    "donnez plus de mémoire avec --memory",
                    "give more memory with --memory",
                ),
            ),
            Self::NoRate => (
                Text::new(
                    "le taux de fausses alertes n’est pas entre 0 et 1",
                    "the rate of false hits is not between 0 and 1",
                ),
                Text::new(
                    "donnez par exemple --false-hit-rate 0.000001",
                    "give for example --false-hit-rate 0.000001",
                ),
            ),
            Self::Rate { least } => (
                Text::new(
                    "taux de fausses alertes trop bas pour tant de mots de passe",
                    "the rate of false hits is too low for so many passwords",
                ),
                Text::new(
                    format!(
                        "donnez au moins --false-hit-rate {least:.1e} ; une mise à jour ne peut pas allonger les empreintes de l’ancien index"
                    ),
                    format!(
                        "give at least --false-hit-rate {least:.1e}; an update cannot lengthen the hashes of the old index"
                    ),
                ),
            ),
            Self::Old(error) => (
                Text::new(error.message(Language::Fr), error.message(Language::En)),
                Text::new("", ""),
            ),
            Self::OldKind { old, asked } => (
                Text::new(
                    format!("l’index à mettre à jour est fait d’empreintes {old}, pas {asked}"),
                    format!("the index to update is made of {old} hashes, not {asked}"),
                ),
                Text::new(
                    "donnez le même --kind que celui de l’index, ou un autre index",
                    "give the --kind of the index, or another index",
                ),
            ),
            Self::Stopped => (
                Text::new("construction interrompue", "the build was stopped"),
                Text::new(
                    "relancez la même commande : elle reprend où elle en était",
                    "run the same command again: it goes on where it was",
                ),
            ),
        }
    }
}

fn because(fr: &str, en: &str, path: &std::path::Path, error: &io::Error) -> Text {
    let path = path.display();
    let (why_fr, why_en) = match error.kind() {
        io::ErrorKind::NotFound => ("ce fichier n’existe pas".into(), "no such file".into()),
        io::ErrorKind::PermissionDenied => ("accès refusé".into(), "permission denied".into()),
        io::ErrorKind::IsADirectory => ("c’est un dossier".into(), "it is a folder".into()),
        io::ErrorKind::StorageFull => ("le disque est plein".into(), "the disk is full".into()),
        io::ErrorKind::UnexpectedEof => (
            "le fichier est incomplet".into(),
            "the file is cut short".into(),
        ),
        _ => (error.to_string(), error.to_string()),
    };
    Text::new(
        format!("{path} : {fr} : {why_fr}"),
        format!("{path}: {en}: {why_en}"),
    )
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Language::En))
    }
}

impl std::error::Error for BuildError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            Fault::Read(_, error) | Fault::Write(_, error) => Some(error),
            Fault::Old(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_says_what_to_do_in_both_languages() {
        let path = || PathBuf::from("dossier/liste.txt");
        let faults = [
            Fault::Read(path(), io::ErrorKind::NotFound.into()),
            Fault::Read(path(), io::ErrorKind::PermissionDenied.into()),
            Fault::Read(path(), io::ErrorKind::UnexpectedEof.into()),
            Fault::Read(path(), io::ErrorKind::IsADirectory.into()),
            Fault::Write(path(), io::ErrorKind::StorageFull.into()),
            Fault::NoInput,
            Fault::NoRanges(path()),
            Fault::Bad(1_001, Vec::new()),
            Fault::Nothing,
            Fault::OtherBuild(path()),
            Fault::Busy(path()),
            Fault::Damaged(path()),
            Fault::Memory { least: 16 << 20 },
            Fault::TooManyRuns,
            Fault::NoRate,
            Fault::Rate { least: 1.25e-7 },
            Fault::Old(crate::Index::open(&path()).expect_err("absent")),
            Fault::OldKind {
                old: Kind::Sha1,
                asked: Kind::Ntlm,
            },
            Fault::Stopped,
        ];
        let mut seen = std::collections::BTreeSet::new();
        for fault in faults {
            let named = format!("{fault:?}").contains("liste.txt");
            let error = BuildError(fault);
            let (fr, en) = (error.message(Language::Fr), error.message(Language::En));
            assert!(fr.contains("\n  à faire : "), "{fr}");
            assert!(en.contains("\n  fix: "), "{en}");
            assert_eq!(fr.contains("liste.txt"), named, "{fr}");
            assert_eq!(en.contains("liste.txt"), named, "{en}");
            assert!(
                seen.insert(fr) && seen.insert(en),
                "one message for two faults"
            );
        }
        for reason in BadRow::ALL {
            let line = BadLine {
                file: path(),
                line: 7,
                reason,
            };
            let (fr, en) = (line.message(Language::Fr), line.message(Language::En));
            assert!(fr.starts_with("dossier/liste.txt, ligne 7 : "), "{fr}");
            assert!(en.starts_with("dossier/liste.txt, line 7: "), "{en}");
            assert!(
                seen.insert(fr) && seen.insert(en),
                "one message for two reasons"
            );
        }
    }
}
