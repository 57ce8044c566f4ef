//! The listening sockets of a gate: opened here, or handed over open.
//!
//! Whoever opens them may be another process than the one that serves: systemd, or a parent
//! that keeps them while the program is replaced. What every connection must have is set on
//! the listener, from which connections inherit it.

use std::io;
use std::net::{SocketAddr, TcpListener};

use policy::transport::TransportPolicy;
use socket2::{Domain, Protocol, Socket, Type};

use crate::error::StartError;

/// Connections that the system may hold until they are accepted.
const BACKLOG: i32 = 4096;

/// The listening sockets of a gate.
#[derive(Debug)]
pub struct Listeners {
    /// The plain listener, if there is one.
    pub http: Option<TcpListener>,
    /// The TLS listener.
    pub https: TcpListener,
}

impl Listeners {
    /// Opens those that a policy names.
    ///
    /// # Errors
    /// [`StartError::Listen`] for the first that the system refuses; nothing is left open.
    pub fn open(transport: &TransportPolicy) -> Result<Self, StartError> {
        let http = transport
            .http
            .map(|address| open("transport.http", address))
            .transpose()?;
        let https = open("transport.https", transport.https)?;
        Ok(Self { http, https })
    }
}

/// Opens a listener.
pub(crate) fn open(key: &'static str, address: SocketAddr) -> Result<TcpListener, StartError> {
    let open = || {
        let socket = bound(address)?;
        socket.listen(BACKLOG)?;
        io::Result::Ok(TcpListener::from(socket))
    };
    open().map_err(|error| StartError::Listen {
        key,
        address,
        error,
    })
}

/// A socket that has an address and does not listen yet.
pub(crate) fn bound(address: SocketAddr) -> io::Result<Socket> {
    let socket = unbound(address)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

/// A listener at whose address a predecessor may still listen, if it was opened here too.
pub(crate) fn open_beside(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = unbound(address)?;
    socket.set_reuse_port(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(TcpListener::from(socket))
}

fn unbound(address: SocketAddr) -> io::Result<Socket> {
    let domain = Domain::for_address(address);
    let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
    // A restart must not wait for the last connections of the previous run.
    socket.set_reuse_address(true)?;
    Ok(socket)
}

/// A listener made ready to serve, and its address.
pub(crate) fn ready(
    key: &'static str,
    asked: SocketAddr,
    listener: TcpListener,
) -> Result<(TcpListener, SocketAddr), StartError> {
    let prepare = || {
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        io::Result::Ok((listener, address))
    };
    prepare().map_err(|error| StartError::Listen {
        key,
        address: asked,
        error,
    })
}
