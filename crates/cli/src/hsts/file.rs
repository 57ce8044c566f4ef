//! Puts an edited policy in the place of the old one: whole, or not at all.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::Path;

use policy::edit::Promise;
use policy::{Language, Text};

use crate::Failure;
use crate::source::Source;

/// Writes a promise in the policy file; the line that says it, from 1.
pub(super) fn write(
    source: &Source,
    promise: Promise,
    language: Language,
) -> Result<usize, Failure> {
    let by_hand = promise.line();
    let Some(file) = &source.file else {
        return Err(Failure::new(match language {
            Language::Fr => format!(
                "rempart : aucun fichier de politique où écrire\n  à faire : nommez-en un avec --policy, ou écrivez `{by_hand}` dans [transport.hsts]"
            ),
            Language::En => format!(
                "rempart: no policy file to write in\n  fix: name one with --policy, or write `{by_hand}` in [transport.hsts]"
            ),
        }));
    };
    let edited = promise.write(&source.text).map_err(|_| {
        Failure::new(match language {
            Language::Fr => format!(
                "rempart : {} ne laisse pas de place pour cette ligne ; rien n’a été changé\n  à faire : écrivez vous-même `{by_hand}` dans [transport.hsts]",
                source.name
            ),
            Language::En => format!(
                "rempart: {} leaves no place for this line; nothing was changed\n  fix: write `{by_hand}` in [transport.hsts] yourself",
                source.name
            ),
        })
    })?;
    replace(file, &source.text, &edited.text).map_err(|error| {
        let said = Text::of_system(&error);
        let error = said.in_language(language);
        Failure::new(match language {
            Language::Fr => format!(
                "rempart : impossible d’écrire {} : {error}\n  à faire : écrivez vous-même `{by_hand}` dans [transport.hsts]",
                source.name
            ),
            Language::En => format!(
                "rempart: cannot write {}: {error}\n  fix: write `{by_hand}` in [transport.hsts] yourself",
                source.name
            ),
        })
    })?;
    Ok(edited.line)
}

/// The new file has the owner and the mode of the old one, and takes its name in one step. A
/// link stays a link.
fn replace(file: &Path, before: &str, after: &str) -> io::Result<()> {
    let file = fs::canonicalize(file)?;
    if fs::read_to_string(&file)? != before {
        return Err(io::Error::other("somebody else is writing it"));
    }
    let old = fs::metadata(&file)?;
    let folder = file.parent().unwrap_or(Path::new("/"));
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    new.write_all(after.as_bytes())?;
    let made = new.as_file().metadata()?;
    if (made.uid(), made.gid()) != (old.uid(), old.gid()) {
        fchown(new.as_file(), Some(old.uid()), Some(old.gid()))?;
    }
    new.as_file().set_permissions(old.permissions())?;
    new.as_file().sync_all()?;
    new.persist(&file)?;
    fs::File::open(folder)?.sync_all()
}
