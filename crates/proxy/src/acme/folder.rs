//! What is kept on disk, and how several gates share it.
//!
//! ```text
//! FOLDER/                       0700
//!   lock                        held while ordering; says by whom
//!   accounts/ID.json            0600, the account at one authority and its key
//!   certificates/HOST.pem       0600, "Directory: …", the private key, the chain
//!   progress/HOST.json          how the last order went, what the authority suggests
//!   challenges/TOKEN.json       what answers a challenge in flight, for any gate
//! ```
//!
//! Each file is written whole beside its place and renamed into it, after its bytes have
//! reached the disk: whoever is killed at any moment leaves the old file or the new one. The
//! lock is the kernel's, which ends with the process that holds it, so none is ever stale.
//!
//! Clause: CNIL, private keys (ANSSI SDE-NT-35). Absent on purpose: a file opened by a name
//! that a client sent; [`Folder::challenges`] lists its own folder.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use transport::certificate::{CertificateError, Identity};
use zeroize::Zeroizing;

use super::progress::{Progress, system_time};
use super::trouble::Trouble;
use crate::state::{create_private_dir, own_like_parent, read, read_key, write_private};

/// What the first line of a certificate file begins with.
const DIRECTORY: &str = "Directory: ";
/// A challenge that nobody took away is forgotten after this.
const CHALLENGE_LIFE: Duration = Duration::from_secs(60 * 60);
/// More challenges than any set of gates has in flight.
const MOST_CHALLENGES: usize = 1000;
/// More certificates than are ever looked through.
const MOST_CERTIFICATES: usize = 1000;
/// Longest token: they have some 43 signs.
const LONGEST_TOKEN: usize = 128;

/// The folder of `[transport.acme]`.
#[derive(Debug, Clone)]
pub(crate) struct Folder(PathBuf);

/// A certificate as it is kept.
pub(crate) struct Kept {
    pub(crate) identity: Identity,
    /// The address of the directory that it came from.
    pub(crate) directory: String,
}

/// The right to order, until dropped.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "closing it gives the lock back")] File);

/// What answers one challenge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Challenge {
    pub(crate) kind: ChallengeKind,
    pub(crate) host: String,
    pub(crate) token: String,
    /// The key authorization (RFC 8555, 8.1).
    pub(crate) answer: String,
    pub(crate) made: jiff::Timestamp,
}

/// How a name is proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ChallengeKind {
    /// RFC 8555, 8.3.
    #[serde(rename = "http-01")]
    Http01,
    /// RFC 8737.
    #[serde(rename = "tls-alpn-01")]
    TlsAlpn01,
}

/// The account at one authority.
#[derive(Serialize, Deserialize)]
pub(crate) struct AccountFile {
    pub(crate) directory: String,
    pub(crate) contacts: Vec<String>,
    pub(crate) credentials: instant_acme::AccountCredentials,
}

impl Folder {
    /// The folder, made if it is not there.
    #[cfg(test)]
    pub(crate) fn open(path: PathBuf) -> Result<Self, Trouble> {
        let folder = Self::at(path);
        folder.make()?;
        Ok(folder)
    }

    /// The folder, whether or not it is there.
    pub(crate) const fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// Makes it if it is not there.
    pub(crate) fn make(&self) -> Result<(), Trouble> {
        let path = &self.0;
        for folder in [
            path.clone(),
            path.join("accounts"),
            path.join("certificates"),
            path.join("progress"),
            path.join("challenges"),
        ] {
            create_private_dir(&folder).map_err(|error| Trouble::folder(&folder, &error))?;
        }
        Ok(())
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The file of a site's certificate, by its first host.
    pub(crate) fn certificate_path(&self, host: &str) -> PathBuf {
        self.0.join("certificates").join(file_name(host) + ".pem")
    }

    /// The file that says how the orders of a site go, by its first host.
    pub(crate) fn progress_path(&self, host: &str) -> PathBuf {
        self.0.join("progress").join(file_name(host) + ".json")
    }

    fn account_path(&self, directory: &str) -> PathBuf {
        let id = hex(&Sha256::digest(directory)[..8]);
        self.0.join("accounts").join(id + ".json")
    }

    /// Tries to become the one that orders; `None` while another process is.
    pub(crate) fn lock(&self) -> Result<Option<Lock>, Trouble> {
        let path = self.0.join("lock");
        let failed = |error: &io::Error| Trouble::folder(&path, error);
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(|error| failed(&error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(failed(&error)),
        }
        own_like_parent(&path, &file).map_err(|error| failed(&error))?;
        // For people: whose it is. Nothing reads it, so a failure to say it matters little.
        let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let owner = format!(
            "pid {} on {} since {}\n",
            std::process::id(),
            host.trim(),
            jiff::Timestamp::now()
        );
        let _ = file
            .set_len(0)
            .and_then(|()| file.write_all(owner.as_bytes()));
        Ok(Some(Lock(file)))
    }

    /// The folder of all certificates.
    pub(crate) fn certificates(&self) -> PathBuf {
        self.0.join("certificates")
    }

    /// The certificate kept under a host's name, if it may be served at `now`.
    pub(crate) fn certificate(
        &self,
        host: &str,
        now: SystemTime,
    ) -> Result<Option<Kept>, CertificateTrouble> {
        let path = self.certificate_path(host);
        match path.exists() {
            true => Kept::read(&path, now).map(Some),
            false => Ok(None),
        }
    }

    /// Every certificate that may be served, the one that lasts longest first: for a site
    /// whose first host has changed.
    pub(crate) fn all_certificates(&self, now: SystemTime) -> Vec<Kept> {
        let entries = fs::read_dir(self.certificates());
        let entries = entries.into_iter().flatten().take(MOST_CERTIFICATES);
        let mut kept: Vec<Kept> = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|end| end == "pem"))
            .filter_map(|path| Kept::read(&path, now).ok())
            .collect();
        kept.sort_by_key(|kept| std::cmp::Reverse(kept.identity.not_after()));
        kept
    }
}

impl Kept {
    fn read(path: &Path, now: SystemTime) -> Result<Self, CertificateTrouble> {
        let pem = Zeroizing::new(read_key(path).map_err(CertificateTrouble::File)?);
        let identity = Identity::from_pem(&pem, &pem, now).map_err(CertificateTrouble::Refused)?;
        let first = pem.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let directory = String::from_utf8_lossy(first);
        let directory = directory.strip_prefix(DIRECTORY).unwrap_or_default();
        Ok(Self {
            identity,
            directory: directory.trim().to_owned(),
        })
    }
}

impl Folder {
    /// Keeps a certificate and its key under a host's name.
    pub(crate) fn keep_certificate(
        &self,
        host: &str,
        directory: &str,
        key: &str,
        chain: &str,
    ) -> Result<(), Trouble> {
        let path = self.certificate_path(host);
        // One file for both, so that a key never meets another chain.
        let text = Zeroizing::new(format!("{DIRECTORY}{directory}\n{key}{chain}"));
        write_private(&path, text.as_bytes()).map_err(|error| Trouble::folder(&path, &error))
    }

    /// Puts a revoked certificate aside, where nothing serves it.
    pub(crate) fn put_aside(&self, host: &str) -> Result<(), Trouble> {
        let path = self.certificate_path(host);
        fs::rename(&path, path.with_extension("revoked"))
            .map_err(|error| Trouble::folder(&path, &error))
    }

    /// The account at an authority.
    pub(crate) fn account(&self, directory: &str) -> Result<Option<AccountFile>, Trouble> {
        let path = self.account_path(directory);
        if !path.exists() {
            return Ok(None);
        }
        let text = read_key(&path).map_err(|error| Trouble::Folder {
            path: path.display().to_string(),
            detail: error.to_string(),
        })?;
        let text = Zeroizing::new(text);
        // A damaged account is opened anew, like one that the authority has forgotten.
        Ok(serde_json::from_slice(&text).ok())
    }

    /// Drops an account that the authority does not know any more.
    pub(crate) fn forget_account(&self, directory: &str) -> Result<(), Trouble> {
        let path = self.account_path(directory);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Trouble::folder(&path, &error))
            }
            _ => Ok(()),
        }
    }

    /// Keeps an account.
    pub(crate) fn keep_account(&self, account: &AccountFile) -> Result<(), Trouble> {
        write_json(&self.account_path(&account.directory), account)
    }

    /// How the orders of a site went; nothing known when the file is damaged.
    pub(crate) fn progress(&self, host: &str) -> Progress {
        read_json(&self.progress_path(host)).unwrap_or_default()
    }

    /// Keeps how they went.
    pub(crate) fn keep_progress(&self, host: &str, progress: &Progress) -> Result<(), Trouble> {
        write_json(&self.progress_path(host), progress)
    }

    /// Shows a challenge to every gate that shares the folder.
    pub(crate) fn show_challenge(&self, challenge: &Challenge) -> Result<(), Trouble> {
        write_json(&self.challenge_path(&challenge.token), challenge)
    }

    /// Takes a challenge away.
    pub(crate) fn hide_challenge(&self, token: &str) {
        // One that stays is forgotten after an hour.
        let _ = fs::remove_file(self.challenge_path(token));
    }

    fn challenge_path(&self, token: &str) -> PathBuf {
        self.0.join("challenges").join(format!("{token}.json"))
    }

    /// Every challenge in flight, of every gate.
    pub(crate) fn challenges(&self, now: SystemTime) -> Vec<Challenge> {
        let Ok(entries) = fs::read_dir(self.0.join("challenges")) else {
            return Vec::new();
        };
        let entries = entries.take(MOST_CHALLENGES).flatten();
        let mut found: Vec<Challenge> = entries
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|end| end == "json"))
            .filter_map(|path| read_json(&path))
            .filter(|challenge: &Challenge| {
                let age = now.duration_since(system_time(challenge.made));
                is_token(&challenge.token) && age.is_ok_and(|age| age < CHALLENGE_LIFE)
            })
            .collect();
        found.sort_by(|one, other| one.token.cmp(&other.token));
        found
    }

    /// Removes what a killed process left behind. Only for the holder of the lock.
    pub(crate) fn tidy(&self, _lock: &Lock) {
        let entries = fs::read_dir(self.0.join("challenges"));
        for entry in entries.into_iter().flatten().flatten() {
            // The one that orders has shown nothing yet, so none is in flight.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Why a kept certificate is not served.
#[derive(Debug)]
pub(crate) enum CertificateTrouble {
    /// The file cannot be read.
    File(crate::StartError),
    /// No client should meet it.
    Refused(CertificateError),
}

/// Whether a text may name a challenge: RFC 8555, 8.3 says base64url.
pub(crate) fn is_token(text: &str) -> bool {
    (1..=LONGEST_TOKEN).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A host as the name of a file: an address may hold colons.
fn file_name(host: &str) -> String {
    host.replace(
        |sign: char| !sign.is_ascii_alphanumeric() && !"-._".contains(sign),
        "_",
    )
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&read(path).ok()?).ok()
}

fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<(), Trouble> {
    let failed = |error: &io::Error| Trouble::folder(path, error);
    let text = serde_json::to_vec_pretty(value).map_err(|error| failed(&error.into()))?;
    write_private(path, &Zeroizing::new(text)).map_err(|error| failed(&error))
}
