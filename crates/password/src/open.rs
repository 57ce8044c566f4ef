//! Opens the files that `[password]` names: word lists, refused passwords, leaked ones.
//!
//! Clauses: [`policy::clause::CNIL_COMMON_LIST`], [`policy::clause::ASVS_BREACHED`]. A file
//! that cannot be read whole is an error and never a shorter list.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use policy::{Language, PasswordPolicy, Text};

use crate::fold;
use crate::guess::Lists;

/// Bytes of one list at most.
const BYTES: u64 = 64 * 1024 * 1024;

/// What the files of a policy hold.
pub(crate) struct Files {
    pub(crate) lists: Lists,
    /// Refused passwords, folded.
    pub(crate) refused: Option<fst::Set<Vec<u8>>>,
    pub(crate) leaked: Option<breach::Index>,
}

/// Why what a policy names could not be opened: a file, its online service, a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenError {
    file: Option<PathBuf>,
    text: Text,
}

impl Files {
    /// The files of a policy; relative paths start from `base`.
    pub(crate) fn open(policy: &PasswordPolicy, base: &Path) -> Result<Self, OpenError> {
        let mut words = Vec::new();
        for list in &policy.guess.lists {
            words.push((list.replaces, read(&base.join(&list.path))?));
        }
        let mut refused = BTreeSet::new();
        for list in &policy.refuse.lists {
            let text = read(&base.join(list))?;
            refused.extend(
                text.lines()
                    .map(|line| fold::folded(line.trim()).to_string())
                    .filter(|line| !line.is_empty()),
            );
        }
        let leaked = match &policy.refuse.breached {
            Some(path) => {
                let path = base.join(path);
                let index = breach::Index::open(&path).map_err(|error| {
                    let text = Text::new(error.message(Language::Fr), error.message(Language::En));
                    OpenError {
                        file: Some(path),
                        text,
                    }
                })?;
                Some(index)
            }
            None => None,
        };
        Ok(Self {
            lists: if words.is_empty() {
                Lists::built_in()
            } else {
                Lists::with_own(words.iter().map(|(kind, text)| (*kind, text.as_str())))
            },
            refused: (!refused.is_empty())
                .then(|| fst::Set::from_iter(refused).expect("a set of texts is sorted")),
            leaked,
        })
    }
}

fn read(file: &Path) -> Result<String, OpenError> {
    let fail = |fr: String, en: String| OpenError {
        file: Some(file.to_owned()),
        text: Text::new(fr, en),
    };
    let mut bytes = Vec::new();
    File::open(file)
        .and_then(|opened| opened.take(BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| {
            fail(
                format!(
                    "liste illisible : {} : {error} ; corriger le chemin dans la politique ou les droits du fichier",
                    file.display()
                ),
                format!(
                    "cannot read the list: {}: {error}; mend the path in the policy or the rights of the file",
                    file.display()
                ),
            )
        })?;
    if bytes.len() as u64 > BYTES {
        return Err(fail(
            format!(
                "liste trop grande : {} dépasse 64 Mio ; la raccourcir, ou en faire un index avec `rempart breach build --plain`",
                file.display()
            ),
            format!(
                "list too large: {} is over 64 MiB; shorten it, or make an index of it with `rempart breach build --plain`",
                file.display()
            ),
        ));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.iter().filter(|&&byte| byte == b'\n').count() + 1;
        fail(
            format!(
                "liste illisible : {}, ligne {line} : ce n’est pas de l’UTF-8 ; la convertir, par exemple avec `iconv -f latin1 -t utf-8`",
                file.display()
            ),
            format!(
                "cannot read the list: {}, line {line}: it is not UTF-8; convert it, for instance with `iconv -f latin1 -t utf-8`",
                file.display()
            ),
        )
    })?;
    if text.trim().is_empty() {
        return Err(fail(
            format!(
                "liste vide : {} ; y mettre une entrée par ligne, ou la retirer de la politique",
                file.display()
            ),
            format!(
                "empty list: {}; put one entry per line in it, or take it out of the policy",
                file.display()
            ),
        ));
    }
    Ok(text)
}

impl OpenError {
    pub(crate) fn of_file(file: &Path, text: Text) -> Self {
        Self {
            file: Some(file.to_owned()),
            text,
        }
    }

    pub(crate) const fn without_file(text: Text) -> Self {
        Self { file: None, text }
    }

    /// The file, if it is about one.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// What, where, why and how to fix it.
    pub fn message(&self, language: Language) -> &str {
        self.text.in_language(language)
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message(Language::En))
    }
}

impl std::error::Error for OpenError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_that_cannot_be_used_say_why_and_what_to_do() {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, bytes, fr, en) in [
            ("absent.txt", None, "illisible", "cannot read"),
            ("empty.txt", Some(&b" \n\n"[..]), "vide", "empty"),
            ("latin.txt", Some(b"ok\n\xe9t\xe9\n"), "ligne 2", "line 2"),
        ] {
            let path = folder.path().join(name);
            if let Some(bytes) = bytes {
                std::fs::write(&path, bytes).expect("written");
            }
            let error = read(&path).expect_err(name);
            assert_eq!(error.file(), Some(path.as_path()));
            for (language, words) in [(Language::Fr, fr), (Language::En, en)] {
                let message = error.message(language);
                assert!(
                    message.contains(words) && message.contains(name),
                    "{message}"
                );
            }
        }
    }
}
