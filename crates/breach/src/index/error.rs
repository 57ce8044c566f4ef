//! Why an index cannot be used, in words: what, where, why, and how to fix it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use policy::{Language, Text};

use super::shape::VERSION;
use crate::Kind;

/// An index that cannot answer. No password and no hash is part of any message.
#[derive(Debug)]
pub struct IndexError {
    /// The file, if the index is one.
    path: Option<PathBuf>,
    pub(crate) fault: Fault,
}

/// What is wrong.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The file could not be read.
    Io(io::Error),
    /// It does not begin like an index.
    Foreign,
    /// It is an index of another layout.
    Version(u32),
    /// It ends too early. Both lengths are in bytes.
    Truncated { found: u64, expected: u64 },
    /// Something follows its end. Both lengths are in bytes.
    Extended { found: u64, expected: u64 },
    /// A part contradicts its checksum or itself.
    Damaged(Part),
    /// A hash of one kind was asked of an index of the other.
    OtherKind { index: Kind, asked: Kind },
}

/// A part of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Header,
    Table,
    Sums,
    /// The MiB of entries that begins at this byte of the file.
    Entries(u64),
}

impl IndexError {
    pub(crate) const fn new(path: Option<PathBuf>, fault: Fault) -> Self {
        Self { path, fault }
    }

    /// The file that the message is about, if the index is one.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The whole message in one language: the file, the reason, and on a second line what to
    /// do.
    pub fn message(&self, language: Language) -> String {
        let place = match &self.path {
            Some(path) => path.display().to_string(),
            None => "index".to_owned(),
        };
        let (reason, fix) = (self.fault.reason(), self.fault.fix());
        let (reason, fix) = (reason.in_language(language), fix.in_language(language));
        match language {
            Language::Fr => format!("{place} : {reason}\n  à faire : {fix}"),
            Language::En => format!("{place}: {reason}\n  fix: {fix}"),
        }
    }
}

impl Fault {
    fn reason(&self) -> Text {
        match self {
            Self::Io(error) => match error.kind() {
                io::ErrorKind::NotFound => Text::new("ce fichier n’existe pas", "no such file"),
                io::ErrorKind::PermissionDenied => Text::new("accès refusé", "permission denied"),
                io::ErrorKind::IsADirectory => Text::new("c’est un dossier", "it is a folder"),
                _ => Text::new(
                    format!("lecture impossible ({error})"),
                    format!("it cannot be read ({error})"),
                ),
            },
            Self::Foreign => Text::new(
                "ce fichier n’est pas un index de mots de passe divulgués : il n’en a pas le début",
                "this file is not an index of leaked passwords: it does not begin like one",
            ),
            Self::Version(version) => Text::new(
                format!("index de format {version} ; ce programme lit le format {VERSION}"),
                format!("an index of layout {version}; this program reads layout {VERSION}"),
            ),
            Self::Truncated { found, expected } => Text::new(
                format!("index incomplet : {found} octets au lieu de {expected}"),
                format!("the index is cut short: {found} bytes instead of {expected}"),
            ),
            Self::Extended { found, expected } => Text::new(
                format!("index suivi d’autre chose : {found} octets au lieu de {expected}"),
                format!("something follows the index: {found} bytes instead of {expected}"),
            ),
            Self::Damaged(part) => part.damaged(),
            Self::OtherKind { index, asked } => Text::new(
                format!("index d’empreintes {index}, interrogé avec une empreinte {asked}"),
                format!("an index of {index} hashes, asked for an {asked} hash"),
            ),
        }
    }

    fn fix(&self) -> Text {
        match self {
            Self::Io(_) => Text::new(
                "nommez un index lisible, ou construisez-en un avec `rempart breach build`",
                "name a readable index, or make one with `rempart breach build`",
            ),
            Self::Foreign => Text::new(
                "si c’est une liste publiée, faites-en un index avec `rempart breach build` ; sinon, nommez le bon fichier",
                "if it is a published list, make an index of it with `rempart breach build`; otherwise name the right file",
            ),
            Self::Version(_) => Text::new(
                "reconstruisez l’index avec ce programme : `rempart breach build`",
                "rebuild the index with this program: `rempart breach build`",
            ),
            Self::Truncated { .. } | Self::Extended { .. } | Self::Damaged(_) => Text::new(
                "copiez l’index à nouveau, ou reconstruisez-le avec `rempart breach build`",
                "copy the index again, or rebuild it with `rempart breach build`",
            ),
            Self::OtherKind { index, .. } => Text::new(
                format!("donnez une empreinte {index}, ou un autre index"),
                format!("give an {index} hash, or another index"),
            ),
        }
    }
}

impl Part {
    fn damaged(self) -> Text {
        match self {
            Self::Header => Text::new(
                "index abîmé : son en-tête ne correspond pas à sa somme de contrôle",
                "the index is damaged: its header does not match its checksum",
            ),
            Self::Table => Text::new(
                "index abîmé : sa table ne correspond pas à sa somme de contrôle",
                "the index is damaged: its table does not match its checksum",
            ),
            Self::Sums => Text::new(
                "index abîmé : la liste de ses sommes de contrôle ne correspond pas à la sienne",
                "the index is damaged: its list of checksums does not match its own",
            ),
            Self::Entries(at) => Text::new(
                format!("index abîmé : entrées fausses dans le mébioctet qui suit l’octet {at}"),
                format!("the index is damaged: wrong entries in the MiB after byte {at}"),
            ),
        }
    }
}

impl fmt::Display for IndexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Language::En))
    }
}

impl std::error::Error for IndexError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.fault {
            Fault::Io(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_says_where_why_and_what_to_do_in_both_languages() {
        let faults = [
            Fault::Io(io::ErrorKind::NotFound.into()),
            Fault::Io(io::ErrorKind::PermissionDenied.into()),
            Fault::Io(io::ErrorKind::IsADirectory.into()),
            Fault::Io(io::ErrorKind::TimedOut.into()),
            Fault::Foreign,
            Fault::Version(9),
            Fault::Truncated {
                found: 1,
                expected: 2,
            },
            Fault::Extended {
                found: 2,
                expected: 1,
            },
            Fault::Damaged(Part::Header),
            Fault::Damaged(Part::Table),
            Fault::Damaged(Part::Sums),
            Fault::Damaged(Part::Entries(4096)),
            Fault::OtherKind {
                index: Kind::Sha1,
                asked: Kind::Ntlm,
            },
        ];
        let mut seen = std::collections::BTreeSet::new();
        for fault in faults {
            let error = IndexError::new(Some("divulgues.idx".into()), fault);
            let (fr, en) = (error.message(Language::Fr), error.message(Language::En));
            assert!(
                fr.starts_with("divulgues.idx : ") && fr.contains("\n  à faire : "),
                "{fr}"
            );
            assert!(
                en.starts_with("divulgues.idx: ") && en.contains("\n  fix: "),
                "{en}"
            );
            assert!(
                seen.insert(fr) && seen.insert(en),
                "one message for two faults"
            );
        }
    }
}
