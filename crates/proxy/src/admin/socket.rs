//! Where the admin listener stands: a loopback address, or a unix socket with a mode.
//!
//! The mode is set before the socket has a name, so that there is no moment at which others could
//! connect. A socket that an ended process left behind is replaced; one on which somebody listens
//! is not, and neither is a file of another kind.

use std::fs::{self, Permissions};
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use policy::transport::{AdminListener, AdminPolicy};
use rustix::fs::{Mode, fchmod};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener, UnixSocket};

use crate::bind;
use crate::error::StartError;

/// Connections that the system may hold until they are accepted.
const BACKLOG: i32 = 64;

/// An open listener.
pub(crate) enum Listener {
    Loopback(TcpListener),
    Socket(UnixListener),
}

/// Where a listener stands. Dropping it removes a socket from the disk, if it is still the same.
#[derive(Debug)]
pub(crate) enum Place {
    Loopback(SocketAddr),
    Socket { path: PathBuf, identity: Identity },
}

/// What tells a file from one that takes its place: a number is soon given again, so the moment
/// of its making counts too.
pub(crate) type Identity = (u64, u64, i64, i64);

/// Either kind of connection.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

impl Listener {
    pub(crate) async fn accept(&self) -> io::Result<Box<dyn Stream>> {
        Ok(match self {
            Self::Loopback(listener) => Box::new(listener.accept().await?.0),
            Self::Socket(listener) => Box::new(listener.accept().await?.0),
        })
    }
}

impl Place {
    /// The address, if it is one.
    pub(crate) const fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Loopback(address) => Some(*address),
            Self::Socket { .. } => None,
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Loopback(address) => write!(f, "http://{address}/"),
            Self::Socket { path, .. } => write!(f, "unix:{}", path.display()),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Self::Socket { path, identity } = self
            && identity_of(path).is_ok_and(|there| there == *identity)
        {
            let _ = fs::remove_file(path);
        }
    }
}

/// Opens the listener that a policy asks for. A relative path starts from `base`. A `successor`
/// opens it beside, or in the place of, that of the gate which it takes over from.
pub(crate) fn open(
    policy: &AdminPolicy,
    base: &Path,
    successor: bool,
) -> Result<Option<(Listener, Place)>, StartError> {
    match &policy.listen {
        AdminListener::Off => Ok(None),
        AdminListener::Loopback(asked) => {
            const KEY: &str = "transport.admin.listen";
            let listener = match successor {
                true => bind::open_beside(*asked),
                false => bind::bound(*asked).and_then(|socket| {
                    socket.listen(BACKLOG)?;
                    Ok(socket.into())
                }),
            };
            let opened = listener.and_then(|listener| {
                listener.set_nonblocking(true)?;
                let address = listener.local_addr()?;
                Ok((TcpListener::from_std(listener)?, address))
            });
            let (listener, address) = opened.map_err(|error| StartError::Listen {
                key: KEY,
                address: *asked,
                error,
            })?;
            Ok(Some((
                Listener::Loopback(listener),
                Place::Loopback(address),
            )))
        }
        AdminListener::Socket(path) => {
            let path = base.join(path);
            match open_socket(&path, policy.mode.bits(), successor) {
                Ok(listener) => {
                    let identity = identity_of(&path).unwrap_or_default();
                    let place = Place::Socket { path, identity };
                    Ok(Some((Listener::Socket(listener), place)))
                }
                Err(error) => Err(StartError::Socket { path, error }),
            }
        }
    }
}

fn open_socket(path: &Path, mode: u32, successor: bool) -> io::Result<UnixListener> {
    if probe(path)? && !successor {
        return Err(io::ErrorKind::AddrInUse.into());
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let socket = UnixSocket::new_stream()?;
    // Before it has a name; what the process masks is taken away from this.
    fchmod(&socket, Mode::from_raw_mode(mode))?;
    socket.bind(path)?;
    // And what it masked is given back.
    fs::set_permissions(path, Permissions::from_mode(mode))?;
    socket.listen(BACKLOG.unsigned_abs())
}

/// Whether somebody listens on a socket of this path.
///
/// # Errors
/// When a file of another kind is there, or it cannot be told.
pub(crate) fn probe(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
        Ok(metadata) if !metadata.file_type().is_socket() => {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        Ok(_) => {}
    }
    match std::os::unix::net::UnixStream::connect(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(false),
        // Gone in between.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn identity_of(path: &Path) -> io::Result<Identity> {
    let made = fs::symlink_metadata(path)?;
    Ok((made.dev(), made.ino(), made.ctime(), made.ctime_nsec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_socket_has_its_mode_and_takes_the_place_of_a_dead_one_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("admin.sock");
        for mode in [0o600, 0o660] {
            let listener = open_socket(&path, mode, false).expect("opened");
            let metadata = fs::metadata(&path).expect("there");
            assert_eq!(metadata.permissions().mode() & 0o777, mode);
            // Alive: it stays.
            let error = open_socket(&path, mode, false).expect_err("taken");
            assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
            drop(listener);
            assert!(path.exists(), "left behind");
        }
        fs::remove_file(&path).expect("removed");
        fs::write(&path, "mine").expect("written");
        let error = open_socket(&path, 0o600, false).expect_err("a file");
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).expect("still there"), b"mine");
    }

    #[tokio::test]
    async fn a_place_removes_its_own_socket_and_no_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut policy = AdminPolicy::default();
        policy.listen = AdminListener::Socket("a.sock".into());
        let path = folder.path().join("a.sock");
        let opened = open(&policy, folder.path(), false).expect("opened");
        drop(opened);
        assert!(!path.exists());

        let (listener, place) = open(&policy, folder.path(), false)
            .expect("opened")
            .expect("a listener");
        drop(listener);
        let (_other, kept) = open(&policy, folder.path(), false)
            .expect("opened")
            .expect("another");
        drop(place);
        assert!(path.exists(), "the other one's");
        drop(kept);
        assert!(!path.exists());
    }
}
