//! Where the keys of a pepper are read from: a file that nobody else reads, or a variable.
//!
//! Clauses: [`clause::CNIL_KEY_APART`], [`clause::CNIL_KEY_CARE`]. A file that others may
//! read, or that another account owns, is refused: its key is not secret, and whoever owns
//! it could have chosen it. The check is made on the open file, so that nothing can be put
//! in its place between the two.
//!
//! [`clause::CNIL_KEY_APART`]: policy::clause::CNIL_KEY_APART
//! [`clause::CNIL_KEY_CARE`]: policy::clause::CNIL_KEY_CARE

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use policy::Text;
use policy::hash::SecretSource;
use zeroize::Zeroizing;

use super::Pepper;
use crate::OpenError;

/// Bytes of a file of keys, at most.
const FILE: u64 = 128 * 1024;

impl Pepper {
    /// Reads the keys. A relative path starts from `base`, the folder of the policy. In a
    /// variable, commas may stand for the ends of lines.
    ///
    /// # Errors
    /// When the file or variable is missing, is not readable by its owner alone (mode 0600 or
    /// stricter, owned by this account or root), or holds anything but keys.
    pub fn open(source: &SecretSource, base: &Path) -> Result<Self, OpenError> {
        match source {
            SecretSource::File(path) => {
                let path = base.join(path);
                let text = read(&path).map_err(|fault| in_file(&path, &fault))?;
                Self::parse(text.lines()).map_err(|fault| in_file(&path, &fault))
            }
            SecretSource::Variable(name) => {
                let text = std::env::var(name).map(Zeroizing::new).map_err(|_| {
                    in_variable(
                        name,
                        &Text::new(
                            "elle n’est pas définie, ou n’est pas du texte ; définissez-la ou nommez un fichier",
                            "it is not set, or is no text; set it or name a file",
                        ),
                    )
                })?;
                Self::parse(text.split([',', '\n'])).map_err(|fault| in_variable(name, &fault))
            }
        }
    }
}

fn read(path: &Path) -> Result<Zeroizing<String>, Text> {
    let mut file = open(path).map_err(|error| unreadable(&error))?;
    check(&file, path)?;
    // Reserved whole, so that growth leaves no copy behind.
    let mut text = Zeroizing::new(String::with_capacity(FILE as usize + 1));
    file.by_ref()
        .take(FILE + 1)
        .read_to_string(&mut text)
        .map_err(|error| unreadable(&error))?;
    if text.len() as u64 > FILE {
        return Err(Text::new(
            "plus de 128 Kio ; ce n’est pas un fichier de clés",
            "over 128 KiB; it is no file of keys",
        ));
    }
    Ok(text)
}

/// Opens a file for reading, without waiting for the writer of a pipe.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags);
    }
    options.open(path)
}

fn unreadable(error: &io::Error) -> Text {
    Text::new(
        format!(
            "illisible ({error}) ; corrigez le chemin dans la politique ou les droits du fichier"
        ),
        format!("cannot be read ({error}); mend the path in the policy or the rights of the file"),
    )
}

/// Whether only its owner can read it, and the owner is this account or root.
#[cfg(unix)]
fn check(file: &File, path: &Path) -> Result<(), Text> {
    use std::os::unix::fs::MetadataExt;

    let about = file.metadata().map_err(|error| unreadable(&error))?;
    if !about.is_file() {
        return Err(Text::new(
            "ce n’est pas un fichier ordinaire",
            "it is no ordinary file",
        ));
    }
    let (mode, name) = (about.mode() & 0o7777, path.display());
    if mode & 0o077 != 0 {
        return Err(Text::new(
            format!(
                "d’autres comptes y ont accès (mode {mode:04o}) ; lancez `chmod 600 {name}`, et changez de clé si elle a pu être lue"
            ),
            format!(
                "other accounts have access to it (mode {mode:04o}); run `chmod 600 {name}`, and change the key if it may have been read"
            ),
        ));
    }
    let us = rustix::process::geteuid().as_raw();
    let owner = about.uid();
    if owner != us && owner != 0 {
        return Err(Text::new(
            format!(
                "il appartient au compte {owner}, qui n’est ni le nôtre ({us}) ni root ; lancez `chown {us} {name}`"
            ),
            format!(
                "it belongs to account {owner}, which is neither ours ({us}) nor root; run `chown {us} {name}`"
            ),
        ));
    }
    Ok(())
}

/// Other systems have no modes to look at.
#[cfg(not(unix))]
fn check(_: &File, _: &Path) -> Result<(), Text> {
    Ok(())
}

fn in_file(path: &Path, fault: &Text) -> OpenError {
    let name = path.display();
    OpenError::of_file(
        path,
        Text::new(
            format!("fichier du poivre {name} : {}", fault.fr),
            format!("file of the pepper {name}: {}", fault.en),
        ),
    )
}

fn in_variable(name: &str, fault: &Text) -> OpenError {
    OpenError::without_file(Text::new(
        format!("variable du poivre {name} : {}", fault.fr),
        format!("variable of the pepper {name}: {}", fault.en),
    ))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use policy::Language;

    use super::*;
    use crate::hash::KeyId;

    fn file(mode: u32, text: &[u8]) -> (tempfile::TempDir, SecretSource) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("pepper");
        std::fs::write(&path, text).expect("written");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).expect("ours");
        (folder, SecretSource::File("pepper".into()))
    }

    fn line() -> Zeroizing<String> {
        Pepper::new_line(KeyId::new("2026").expect("a name")).expect("randomness")
    }

    #[test]
    fn a_file_of_its_owner_alone_is_read() {
        for mode in [0o600, 0o400] {
            let (folder, source) = file(mode, line().as_bytes());
            let pepper = Pepper::open(&source, folder.path()).expect("a pepper");
            assert_eq!(pepper.ids().count(), 1, "{mode:o}");
        }
    }

    #[test]
    fn a_file_that_others_may_touch_is_refused_with_the_command_to_run() {
        for mode in [0o644, 0o640, 0o660, 0o604, 0o610, 0o602] {
            let (folder, source) = file(mode, line().as_bytes());
            let error = Pepper::open(&source, folder.path()).expect_err("open to others");
            let path = folder.path().join("pepper");
            assert_eq!(error.file(), Some(path.as_path()));
            for language in [Language::Fr, Language::En] {
                let message = error.message(language);
                assert!(
                    message.contains(&format!("chmod 600 {}", path.display())),
                    "{message}"
                );
            }
        }
    }

    #[test]
    fn a_file_of_a_stranger_is_refused() {
        let (folder, source) = file(0o600, line().as_bytes());
        let path = folder.path().join("pepper");
        // Only root can give a file away.
        if std::os::unix::fs::chown(&path, Some(12_345), None).is_err() {
            return;
        }
        let error = Pepper::open(&source, folder.path()).expect_err("a stranger's");
        assert!(
            error.message(Language::En).contains("account 12345"),
            "{error}"
        );
    }

    #[test]
    fn what_is_no_file_of_keys_is_refused() {
        let rows: [(&[u8], &str); 3] = [
            (&[b'#'; FILE as usize + 1], "over 128 KiB"),
            (b"2026 \xff", "cannot be read"),
            (b"", "no key"),
        ];
        for (bytes, expected) in rows {
            let (folder, source) = file(0o600, bytes);
            let error = Pepper::open(&source, folder.path()).expect_err(expected);
            assert!(error.message(Language::En).contains(expected), "{error}");
        }
        let folder = tempfile::tempdir().expect("a folder");
        for (name, expected) in [("absent", "cannot be read"), (".", "no ordinary file")] {
            let error = Pepper::open(&SecretSource::File(name.into()), folder.path());
            let error = error.expect_err(expected);
            assert!(error.message(Language::En).contains(expected), "{error}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_pipe_is_refused_and_not_waited_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("pepper");
        let (kind, mode) = (
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::from_raw_mode(0o600),
        );
        rustix::fs::mknodat(rustix::fs::CWD, &path, kind, mode, 0).expect("a pipe");
        let error = Pepper::open(&SecretSource::File("pepper".into()), folder.path());
        let error = error.expect_err("a pipe");
        assert!(
            error.message(Language::En).contains("no ordinary file"),
            "{error}"
        );
    }

    #[test]
    fn a_variable_that_is_not_set_is_named() {
        let name = "REMPART_TEST_NO_SUCH_PEPPER";
        let error = Pepper::open(&SecretSource::Variable(name.into()), Path::new(""));
        let error = error.expect_err("not set");
        assert!(error.message(Language::Fr).contains(name), "{error}");
        assert_eq!(error.file(), None);
    }
}
