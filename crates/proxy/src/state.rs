//! Certificates and keys on disk: read with care for who else may read them.
//!
//! A private key that others can read is refused, not warned about: it may already be
//! known. The development authority is made once and kept, so that a person trusts it once.
//!
//! Clauses: ANSSI SDE-NT-35 (protection of private keys). Absent on purpose: repairing the
//! mode of a file that is not ours.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use policy::Site;
use policy::site::Certificate;
use transport::certificate::Identity;
use transport::dev::Authority;

use crate::acme::Trouble;
use crate::error::StartError;

/// The certificate of the development authority, in the state folder: what a client trusts
/// to open a site with a development certificate without a warning.
pub const AUTHORITY_FILE: &str = "dev-authority.pem";
const AUTHORITY_KEY: &str = "dev-authority-key.pem";

/// Largest file read as a certificate or a key; real ones take a few KiB.
const LARGEST: u64 = 1 << 20;

/// Where certificates come from.
#[derive(Debug)]
pub(crate) struct Files {
    /// What relative paths of the policy start from.
    pub(crate) base: PathBuf,
    /// Where the development authority is kept.
    pub(crate) state: PathBuf,
}

impl Files {
    /// The certificate of a site, and what a person should know about it.
    pub(crate) fn identity(&self, site: &Site, now: SystemTime) -> Result<Identity, StartError> {
        let name = site.hosts.first().cloned().unwrap_or_default();
        match &site.certificate {
            Certificate::Files { chain, key } => {
                let chain = self.base.join(chain);
                let key = self.base.join(key);
                let chain_pem = read(&chain)?;
                let key_pem = zeroize::Zeroizing::new(read_key(&key)?);
                Identity::from_pem(&chain_pem, &key_pem, now).map_err(|error| {
                    StartError::Certificate {
                        site: name,
                        path: chain,
                        error,
                    }
                })
            }
            Certificate::Dev => {
                let authority = self.authority(now)?;
                let failed = |error| StartError::Development {
                    path: self.state.join(AUTHORITY_FILE),
                    error,
                };
                let issued = authority.issue(&site.hosts, now).map_err(failed)?;
                Identity::from_pem(issued.chain.as_bytes(), issued.key.as_bytes(), now).map_err(
                    |error| StartError::Certificate {
                        site: name,
                        path: self.state.join(AUTHORITY_FILE),
                        error,
                    },
                )
            }
            // Without a desk there is nothing kept; see `Shown::read`.
            Certificate::Acme => Err(StartError::Acme(Trouble::NoCertificate { host: name })),
        }
    }

    /// Whether a development authority is kept.
    pub(crate) fn has_authority(&self) -> bool {
        self.state.join(AUTHORITY_FILE).exists()
    }

    /// The development authority: the one kept, else a new one that is kept from now on.
    fn authority(&self, now: SystemTime) -> Result<Authority, StartError> {
        let certificate = self.state.join(AUTHORITY_FILE);
        let key = self.state.join(AUTHORITY_KEY);
        let failed = |error| StartError::Development {
            path: certificate.clone(),
            error,
        };
        if certificate.exists() {
            let certificate_pem = read(&certificate)?;
            let key_pem = zeroize::Zeroizing::new(read_key(&key)?);
            let authority = Authority::from_pem(
                &String::from_utf8_lossy(&certificate_pem),
                &zeroize::Zeroizing::new(String::from_utf8_lossy(&key_pem).into_owned()),
            )
            .map_err(failed)?;
            if now < authority.not_after() {
                return Ok(authority);
            }
            // An expired one can sign nothing any more; its successor takes its place.
        }
        let authority = Authority::new(now).map_err(failed)?;
        let kept = |path: &Path| {
            let path = path.to_owned();
            move |error| StartError::File { path, error }
        };
        create_private_dir(&self.state).map_err(kept(&self.state))?;
        // The key first: a certificate without its key would be taken for a damaged pair.
        write_private(&key, authority.key_pem().as_bytes()).map_err(kept(&key))?;
        write_private(&certificate, authority.cert_pem().as_bytes()).map_err(kept(&certificate))?;
        Ok(authority)
    }
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, StartError> {
    let failed = |error| StartError::File {
        path: path.to_owned(),
        error,
    };
    let size = fs::metadata(path).map_err(failed)?.len();
    if size > LARGEST {
        return Err(failed(io::ErrorKind::FileTooLarge.into()));
    }
    fs::read(path).map_err(failed)
}

/// Reads a private key, unless others than its owner can. A group that may only read is
/// accepted with a warning: Debian gives keys to the group `ssl-cert`.
pub(crate) fn read_key(path: &Path) -> Result<Vec<u8>, StartError> {
    let metadata = fs::metadata(path).map_err(|error| StartError::File {
        path: path.to_owned(),
        error,
    })?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o027 != 0 {
        return Err(StartError::KeyMode {
            path: path.to_owned(),
            mode,
        });
    }
    if mode & 0o050 != 0 {
        tracing::warn!(path = %path.display(), "the group of this private key can read it");
    }
    read(path)
}

pub(crate) fn create_private_dir(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    own_like_parent(path, &File::open(path)?)
}

/// Gives what the super-user made to the owner of the folder that it lies in: the gate, which
/// runs as another user, has to read what a command renewed.
pub(crate) fn own_like_parent(path: &Path, made: &File) -> io::Result<()> {
    let Some(folder) = path.parent() else {
        return Ok(());
    };
    // A relative path of one name lies in the current folder.
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let (folder, own) = (fs::metadata(folder)?, made.metadata()?);
    if own.uid() != 0 || folder.uid() == 0 {
        return Ok(());
    }
    fchown(made, Some(folder.uid()), Some(folder.gid()))
}

/// Writes a whole file that only its owner may read, or none: a half-written key is never
/// in its place.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let temporary = PathBuf::from(name);
    // What an interrupted run left behind is not to be appended to, nor its mode trusted.
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary)?;
    own_like_parent(&temporary, &file)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    match path.parent() {
        // The new name has to reach the disk too.
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(folder: &Path) -> Files {
        Files {
            base: folder.to_owned(),
            state: folder.join("state"),
        }
    }

    fn mode(path: &Path) -> u32 {
        let metadata = fs::metadata(path).expect("a file");
        metadata.permissions().mode() & 0o777
    }

    #[test]
    fn the_authority_is_made_once_and_kept_for_its_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = files(folder.path());
        let now = SystemTime::now();
        let first = files.authority(now).expect("an authority");
        let second = files.authority(now).expect("the same authority");
        assert_eq!(first.cert_pem(), second.cert_pem());
        assert_eq!(mode(&files.state), 0o700);
        assert_eq!(mode(&files.state.join(AUTHORITY_KEY)), 0o600);
        let left: Vec<_> = fs::read_dir(&files.state)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        assert_eq!(left.len(), 2, "{left:?}");
    }

    #[test]
    fn what_is_made_belongs_to_the_owner_of_its_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = folder.path().join("state");
        create_private_dir(&state).expect("made");
        let of = |path: &Path| fs::metadata(path).expect("there").uid();
        if of(&state) == 0 {
            // As for a service with a user of its own.
            std::os::unix::fs::chown(&state, Some(65534), Some(65534)).expect("given away");
        }
        write_private(&state.join("key"), b"x").expect("written");
        create_private_dir(&state.join("inner")).expect("made");
        assert_eq!(of(&state.join("key")), of(&state));
        assert_eq!(of(&state.join("inner")), of(&state));
        assert_eq!(mode(&state.join("inner")), 0o700);
    }

    #[test]
    fn an_expired_authority_is_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = files(folder.path());
        let now = SystemTime::now();
        let first = files.authority(now).expect("an authority");
        let later = first.not_after() + std::time::Duration::from_secs(1);
        let second = files.authority(later).expect("another authority");
        assert_ne!(first.cert_pem(), second.cert_pem());
    }

    #[test]
    fn a_key_open_to_others_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let key = folder.path().join("key.pem");
        for (bits, accepted) in [
            (0o600, true),
            (0o400, true),
            (0o640, true),
            (0o644, false),
            (0o660, false),
            (0o604, false),
        ] {
            fs::write(&key, "x").expect("written");
            fs::set_permissions(&key, fs::Permissions::from_mode(bits)).expect("a mode");
            assert_eq!(read_key(&key).is_ok(), accepted, "{bits:o}");
            fs::remove_file(&key).expect("removed");
        }
    }
}
