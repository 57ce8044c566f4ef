//! Whether a folder can be written to, and whether a server accepts connections.

use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::time::Duration;

use rustix::fs::{Access, access};

/// How long an origin or a store may take to accept a connection.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether files can be made in a folder, or the folder itself in the nearest one that is
/// there.
pub(super) fn may_keep_files(folder: &Path) -> io::Result<()> {
    let mut place = folder;
    loop {
        match place.metadata() {
            Ok(metadata) if metadata.is_dir() => {
                let modes = Access::WRITE_OK | Access::EXEC_OK;
                return access(place, modes).map_err(io::Error::from);
            }
            Ok(_) => return Err(io::ErrorKind::NotADirectory.into()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Err(error) => match place.parent() {
                Some(parent) if parent.as_os_str().is_empty() => place = Path::new("."),
                Some(parent) => place = parent,
                None => return Err(error),
            },
        }
    }
}

/// Connects and says nothing.
pub(super) fn reach(host: &str, port: u16) -> io::Result<()> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for address in (bare, port).to_socket_addrs()?.take(4) {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(_) => return Ok(()),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// The host and port of `scheme://[user@]host[:port]/…`.
pub(super) fn reach_url(url: &str, default: u16) -> io::Result<()> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or(rest);
    let place = authority.rsplit('@').next().unwrap_or(authority);
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().unwrap_or(default)),
        _ => (place, default),
    };
    reach(host, port)
}
