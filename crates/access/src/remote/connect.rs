//! A shared store, and a throttle over it, as the policy describes them.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use policy::Text;
use policy::access::{AccessPolicy, Server, Store as Place};
use policy::hash::SecretSource;
use zeroize::Zeroizing;

use super::{Endpoint, OpenError};
use crate::{KeyError, KeyMaker, Throttle};

/// Why there is no throttle over the policy's store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// There is no key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The shared store cannot be opened.
    #[error(transparent)]
    Remote(#[from] OpenError),
    /// The policy names another store, which cannot be opened.
    #[error(transparent)]
    Local(#[from] crate::OpenError),
}

impl Throttle {
    /// The throttle that a policy asks for, as [`Throttle::open`], with the stores that several
    /// programs share. Relative paths begin at `base`, the policy's folder. Belongs to the
    /// tokio runtime that calls it.
    ///
    /// # Errors
    /// When there is no key or no password where the policy says, or the store cannot be
    /// opened, or this program was built without it.
    pub async fn connect(policy: &AccessPolicy, base: &Path) -> Result<Self, ConnectError> {
        let keys = || KeyMaker::open(policy.key.as_ref(), &policy.store, base);
        match &policy.store {
            #[cfg(feature = "redis")]
            Place::Redis(server) => {
                let keys = keys()?;
                let endpoint = Endpoint::of(server, base)?;
                let store = crate::redis::Redis::open(&endpoint).await?;
                Ok(Self::new(store, keys, policy))
            }
            #[cfg(feature = "postgres")]
            Place::Postgres(server) => {
                let keys = keys()?;
                let endpoint = Endpoint::of(server, base)?;
                let store = crate::postgres::Postgres::open(&endpoint).await?;
                Ok(Self::new(store, keys, policy))
            }
            _ => Ok(Self::open(policy, base)?),
        }
    }
}

impl Endpoint {
    /// The server that a policy names, with the password from where the policy says. A
    /// relative path begins at `base`. A line end after the password is not part of it.
    ///
    /// # Errors
    /// [`OpenError::NoPassword`] when there is none, or others than its owner may open the file.
    pub fn of(server: &Server, base: &Path) -> Result<Self, OpenError> {
        let mut endpoint = Self::new(&server.url);
        if let Some(source) = &server.password {
            endpoint.password = Some(read(source, base)?);
        }
        Ok(endpoint)
    }
}

fn read(source: &SecretSource, base: &Path) -> Result<Zeroizing<String>, OpenError> {
    let (mut text, place) = match source {
        SecretSource::Variable(name) => {
            (std::env::var(name).ok().map(Zeroizing::new), name.clone())
        }
        SecretSource::File(path) => {
            let path = base.join(path);
            (read_file(&path), path.display().to_string())
        }
    };
    if let Some(text) = &mut text {
        let end = text.trim_end_matches(['\r', '\n']).len();
        text.truncate(end);
    }
    text.filter(|text| !text.is_empty())
        .ok_or(OpenError::NoPassword { place })
}

fn read_file(path: &Path) -> Option<Zeroizing<String>> {
    // A pipe would be waited for as it is opened, so the name is asked first.
    if !fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let file = File::open(path).ok()?;
    if file.metadata().ok()?.mode() & 0o077 != 0 {
        return None;
    }
    // Room for all of it, so that no copy is left behind by growing.
    let mut text = Zeroizing::new(String::with_capacity(LONGEST + 1));
    let read = file.take(LONGEST as u64 + 1).read_to_string(&mut text);
    read.is_ok_and(|length| length <= LONGEST).then_some(text)
}

impl ConnectError {
    /// What happened and what to do, in both languages.
    pub fn text(&self) -> Text {
        match self {
            Self::Key(error) => error.text(),
            Self::Remote(error) => error.text(),
            Self::Local(error) => error.text(),
        }
    }
}

/// The longest password of a server, in bytes.
const LONGEST: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_password_is_read_from_a_file_of_its_owner_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("redis.password");
        let source = SecretSource::File("redis.password".into());
        let long = "a".repeat(LONGEST + 1);
        for (content, mode, expected) in [
            ("hunter2 \n", 0o600, Some("hunter2 ")),
            ("hunter2\r\n", 0o400, Some("hunter2")),
            ("hunter2", 0o600, Some("hunter2")),
            ("hunter2", 0o640, None),
            ("hunter2", 0o604, None),
            ("\n", 0o600, None),
            (&long, 0o600, None),
        ] {
            fs::write(&path, content).expect("a file");
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
            let found = read(&source, folder.path());
            let found = found.as_ref().ok().map(|text| text.as_str());
            assert_eq!(found, expected, "{mode:o}");
            fs::remove_file(&path).expect("removed");
        }
        let error = read(&source, folder.path()).expect_err("no file");
        assert!(error.to_string().contains("redis.password"), "{error}");
        let variable = SecretSource::Variable("REMPART_TEST_NO_SUCH_VARIABLE".to_owned());
        assert!(read(&variable, folder.path()).is_err());
    }
}
