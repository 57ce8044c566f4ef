//! `pepper`: making and rotating the keys of the pepper.
//!
//! Clauses: [`clause::CNIL_KEY_CARE`] (from a secure random generator, protected,
//! replaceable), [`clause::CNIL_KEY_APART`]. No key is ever shown.
//!
//! [`clause::CNIL_KEY_CARE`]: policy::clause::CNIL_KEY_CARE
//! [`clause::CNIL_KEY_APART`]: policy::clause::CNIL_KEY_APART

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use password::hash::{KeyId, Pepper as Keys};
use policy::Language;
use policy::hash::SecretSource;

use super::args::{Key, Pepper};
use crate::args::Cli;
use crate::locale;
use crate::source::io_reason;
use crate::{Answer, Failure, Outcome};

/// One of the commands below `pepper`.
pub(crate) fn run(cli: &Cli, command: &Pepper) -> Outcome {
    let language = locale::without_policy(cli);
    match command {
        Pepper::New(key) => new(key, language),
        Pepper::Rotate(key) => rotate(key, language),
    }
}

fn new(key: &Key, language: Language) -> Outcome {
    let id = name(key);
    let line = line(id, language)?;
    create(&key.file)
        .and_then(|mut file| {
            file.write_all(line.as_bytes())?;
            file.sync_all()
        })
        .map_err(|error| not_written(&key.file, &error, language))?;
    let name = key.file.display();
    anstream::eprintln!(
        "{}",
        match language {
            Language::Fr => format!(
                "{name} est écrit, avec la clé « {id} ». Gardez-en une copie à l’abri, loin de la base : sans elle, aucun mot de passe ne se vérifie plus.\nEnsuite, dans la politique : [hash] pepper = {{ file = \"{name}\" }}"
            ),
            Language::En => format!(
                "{name} is written, with the key \"{id}\". Keep a copy in a safe place, far from the database: without it, no password verifies any more.\nNext, in the policy: [hash] pepper = {{ file = \"{name}\" }}"
            ),
        }
    );
    Ok(Answer::Yes)
}

fn rotate(key: &Key, language: Language) -> Outcome {
    // Read as the hasher reads it: a file that it would refuse gets no key.
    let keys = Keys::open(&SecretSource::File(key.file.clone()), Path::new(""))
        .map_err(|error| Failure::told(error.message(language), language))?;
    let id = name(key);
    if keys.ids().any(|other| other == id) {
        return Err(Failure::told(
            &match language {
                Language::Fr => format!(
                    "le fichier a déjà une clé « {id} »\n  à faire : donnez un autre nom avec --id"
                ),
                Language::En => format!(
                    "the file has a key \"{id}\" already\n  fix: give another name with --id"
                ),
            },
            language,
        ));
    }
    let line = line(id, language)?;
    append(&key.file, &line).map_err(|error| not_written(&key.file, &error, language))?;
    anstream::eprintln!(
        "{}",
        match language {
            Language::Fr => format!(
                "La clé « {id} » sert aux nouvelles empreintes dès le prochain démarrage ; les anciennes sont refaites à chaque connexion. Copiez le fichier sur chaque machine avant de redémarrer la première, et gardez les clés précédentes."
            ),
            Language::En => format!(
                "The key \"{id}\" is for new hashes from the next start; older ones are made again at each sign-in. Copy the file to every machine before the first one restarts, and keep the keys before it."
            ),
        }
    );
    Ok(Answer::Yes)
}

/// The name asked for, or the date (UTC).
fn name(key: &Key) -> KeyId {
    key.id.unwrap_or_else(|| {
        let today = jiff::Timestamp::now().strftime("%Y%m%d").to_string();
        KeyId::new(&today).expect("a date has eight digits")
    })
}

fn line(id: KeyId, language: Language) -> Result<zeroize::Zeroizing<String>, Failure> {
    Keys::new_line(id).map_err(|error| super::failed(error, language))
}

/// A file for its owner alone from the moment it exists.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Written at the end of the file as it is, so that its owner and mode stay.
fn append(path: &Path, line: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).append(true).open(path)?;
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    let mut text = zeroize::Zeroizing::new(String::with_capacity(line.len() + 1));
    if last != *b"\n" {
        text.push('\n');
    }
    text.push_str(line);
    // In one call, so that no half of a key is left by an interruption.
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn not_written(path: &Path, error: &io::Error, language: Language) -> Failure {
    let (name, (fr, en)) = (path.display(), io_reason(error));
    Failure::told(
        &match language {
            Language::Fr => format!("{name} n’est pas écrit : {fr}"),
            Language::En => format!("{name} not written: {en}"),
        },
        language,
    )
}
