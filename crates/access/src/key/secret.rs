//! Where the key comes from.
//!
//! Clause: CNIL 2022-100, conservation: a key is kept apart from what it protects. The policy
//! names a file or a variable; nothing that is read of it appears in an error.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use base64ct::{Base64, Base64Unpadded, Encoding};
use policy::Text;
use policy::access::Store;
use policy::hash::SecretSource;
use zeroize::Zeroizing;

use super::KeyMaker;

/// Why there is no key. No text of it holds anything of the key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The file cannot be read, or made.
    #[error("{}", self.text().en)]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// Others than its owner may open the file.
    #[error("{}", self.text().en)]
    Mode {
        /// Which file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The variable is not set, or is no text.
    #[error("{}", self.text().en)]
    Variable {
        /// Which variable.
        name: String,
    },
    /// What is there is not base64 of 32 to 1,024 bytes.
    #[error("{}", self.text().en)]
    Form {
        /// The file or the variable.
        place: String,
    },
    /// A shared store needs a key that all who share it have, and the policy names none.
    #[error("{}", self.text().en)]
    Needed,
    /// The system gave no randomness.
    #[error("{}", self.text().en)]
    Randomness,
}

impl KeyMaker {
    /// The maker that `[access]` asks for: with the key that it names, or else, for counters in
    /// memory, with one drawn now, and for counters in a file, with the one in the file beside
    /// it, `PATH.key`, which is made at the first time. Relative paths begin at `base`.
    ///
    /// Base64 may be broken into lines, and padded or not. The bytes must be random:
    /// `openssl rand -base64 32` makes 32.
    ///
    /// # Errors
    /// When there is no key where the policy says, it is no key, or others may read it.
    pub fn open(key: Option<&SecretSource>, store: &Store, base: &Path) -> Result<Self, KeyError> {
        match (key, store) {
            (Some(SecretSource::File(path)), _) => Self::read(&base.join(path)),
            (Some(SecretSource::Variable(name)), _) => {
                let text = std::env::var(name)
                    .map(Zeroizing::new)
                    .map_err(|_| KeyError::Variable { name: name.clone() })?;
                Self::parse(&text, || format!("${name}"))
            }
            (None, Store::Memory) => Self::random().map_err(|_| KeyError::Randomness),
            (None, Store::Redb(path)) => {
                let mut path = base.join(path).into_os_string();
                path.push(".key");
                Self::read_or_make(Path::new(&path))
            }
            (None, Store::Redis(_) | Store::Postgres(_)) => Err(KeyError::Needed),
        }
    }

    fn read_or_make(path: &Path) -> Result<Self, KeyError> {
        let failed = |error| KeyError::File {
            path: path.to_owned(),
            error,
        };
        if !path.try_exists().map_err(failed)? {
            let mut secret = Zeroizing::new([0; 32]);
            getrandom::fill(secret.as_mut()).map_err(|_| KeyError::Randomness)?;
            let text = Zeroizing::new(format!("{}\n", Base64::encode_string(secret.as_ref())));
            make_once(path, text.as_bytes()).map_err(failed)?;
        }
        // Also when it was made here: another process may have been quicker.
        Self::read(path)
    }

    fn read(path: &Path) -> Result<Self, KeyError> {
        let failed = |error| KeyError::File {
            path: path.to_owned(),
            error,
        };
        // A pipe would be waited for as it is opened, so the name is asked first.
        if !fs::metadata(path).map_err(failed)?.is_file() {
            return Err(failed(io::ErrorKind::InvalidInput.into()));
        }
        let file = File::open(path).map_err(failed)?;
        let mode = file.metadata().map_err(failed)?.mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(KeyError::Mode {
                path: path.to_owned(),
                mode,
            });
        }
        // Room for all of it, so that no copy is left behind by growing.
        let mut text = Zeroizing::new(String::with_capacity(LONGEST_TEXT + 1));
        let place = || path.display().to_string();
        match file.take(LONGEST_TEXT as u64 + 1).read_to_string(&mut text) {
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Err(KeyError::Form { place: place() })
            }
            Err(error) => Err(failed(error)),
            Ok(_) => Self::parse(&text, place),
        }
    }

    fn parse(text: &str, place: impl Fn() -> String) -> Result<Self, KeyError> {
        let form = || KeyError::Form { place: place() };
        if text.len() > LONGEST_TEXT {
            return Err(form());
        }
        let mut joined = Zeroizing::new(String::with_capacity(text.len()));
        joined.extend(text.split_ascii_whitespace());
        let mut bytes = Zeroizing::new([0; LONGEST]);
        let secret = if joined.ends_with('=') {
            Base64::decode(joined.as_bytes(), bytes.as_mut())
        } else {
            Base64Unpadded::decode(joined.as_bytes(), bytes.as_mut())
        };
        match secret {
            Ok(secret) if secret.len() >= SHORTEST => Ok(Self::keyed(secret)),
            _ => Err(form()),
        }
    }
}

/// Writes a whole file that only its owner may read, unless there is one already: a half-written
/// key is never in its place, and of two processes one only puts its key there.
fn make_once(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    let mut unique = [0; 8];
    getrandom::fill(&mut unique).map_err(io::Error::other)?;
    name.push(format!(".{:016x}", u64::from_le_bytes(unique)));
    let temporary = PathBuf::from(name);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary)?;
    let made = file
        .write_all(content)
        .and_then(|()| file.sync_all())
        // Unlike a rename, a link never replaces what is there.
        .and_then(|()| fs::hard_link(&temporary, path));
    let removed = fs::remove_file(&temporary);
    match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => made?,
    }
    removed?;
    match path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        Some(folder) => File::open(folder)?.sync_all(),
        None => File::open(".")?.sync_all(),
    }
}

impl KeyError {
    /// What happened and what to do, in both languages.
    pub fn text(&self) -> Text {
        match self {
            Self::File { path, error } => {
                let path = path.display();
                Text::new(
                    format!(
                        "la clé de [access] ne peut pas être lue dans {path} ({error}) ; \
                         la créer avec « openssl rand -base64 32 »"
                    ),
                    format!(
                        "the key of [access] cannot be read from {path} ({error}); make it with \
                         `openssl rand -base64 32`"
                    ),
                )
            }
            Self::Mode { path, mode } => {
                let path = path.display();
                Text::new(
                    format!(
                        "d’autres que son propriétaire peuvent ouvrir la clé {path} (mode \
                         {mode:04o}) ; « chmod 600 {path} » la protège"
                    ),
                    format!(
                        "others than its owner can open the key {path} (mode {mode:04o}); \
                         `chmod 600 {path}` protects it"
                    ),
                )
            }
            Self::Variable { name } => Text::new(
                format!(
                    "la variable {name}, où la clé de [access] doit se trouver, n’est pas définie"
                ),
                format!("the variable {name}, which must hold the key of [access], is not set"),
            ),
            Self::Form { place } => Text::new(
                format!(
                    "{place} n’est pas une clé : il faut de 32 à 1024 octets en base64, comme les \
                     écrit « openssl rand -base64 32 »"
                ),
                format!(
                    "{place} is not a key: 32 to 1024 bytes in base64 are needed, as \
                     `openssl rand -base64 32` writes them"
                ),
            ),
            Self::Needed => Text::new(
                "un dépôt partagé demande la même clé à tous : la nommer avec « key » dans [access]",
                "a shared store needs the same key everywhere: name it with `key` in [access]",
            ),
            Self::Randomness => Text::new(
                "le système ne donne pas d’aléa pour une clé",
                "the system gives no randomness for a key",
            ),
        }
    }
}

const SHORTEST: usize = 32;
const LONGEST: usize = 1024;

/// Base64 of [`LONGEST`] bytes, with room for line ends.
const LONGEST_TEXT: usize = 2048;

#[cfg(test)]
mod tests;
