//! Who a connection is from, when an intermediary passes it on (PROXY protocol).
//!
//! The header is the first thing on the connection and comes once: what follows is judged as
//! TLS or HTTP, where a second header is as wrong as any other noise. Not one byte behind it is
//! taken from the socket.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use transport::proxy_protocol::{Announced, Fault, LONGEST, parse};

/// A client without an address: one source for all of them, which is nobody's trusted proxy, so
/// that what it forwards is not believed.
const NOBODY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

/// Why a connection is closed for its header.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AnnounceError {
    /// It is not in order.
    #[error(transparent)]
    Header(#[from] Fault),
    /// The connection ended before it.
    #[error("the connection ended before its PROXY header")]
    Socket(#[from] io::Error),
}

/// Reads the header; the client it names, `peer` when the connection is its own, or [`NOBODY`]. Bounded by
/// [`LONGEST`]; the caller keeps the deadline.
pub(crate) async fn client(
    stream: &mut TcpStream,
    peer: SocketAddr,
) -> Result<SocketAddr, AnnounceError> {
    let mut bytes = [0; LONGEST];
    let mut taken = 0;
    loop {
        let seen = stream.peek(&mut bytes[taken..]).await?;
        if seen == 0 {
            return Err(AnnounceError::Socket(io::ErrorKind::UnexpectedEof.into()));
        }
        let header = parse(&bytes[..taken + seen])?;
        // What is looked at is taken as well, or the next look would see it again at once.
        let end = header.map_or(taken + seen, |header| header.length);
        stream.read_exact(&mut bytes[taken..end]).await?;
        taken = end;
        match header.map(|header| header.announced) {
            Some(Announced::Client { source, .. }) => return Ok(source),
            Some(Announced::Peer) => return Ok(peer),
            Some(Announced::Unknown) => return Ok(NOBODY),
            None => {}
        }
    }
}
