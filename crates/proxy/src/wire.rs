//! A client's socket, below everything: what is written to it is counted.
//!
//! What hyper or TLS has taken is not yet read by anybody; what the system takes is, or will be
//! soon, since it is asked to hold little.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::activity::Activity;

/// How much of a body goes into one write: four records of TLS, which the system sends as one
/// segment of 64 KiB. A little more, and each write would end in a second, tiny segment, which
/// costs nearly as much as a full one.
pub(crate) const PIECE: usize = 65_024;

/// What the system may hold for a client beyond what is on its way: a client that does not read
/// costs no more. Smaller values wake the gate more often than a fast client deserves.
const UNSENT: u32 = 128 * 1024;

/// The socket of a client.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    activity: Arc<Activity>,
}

impl Wire {
    /// A connection that was accepted.
    pub(crate) fn new(stream: TcpStream, activity: Arc<Activity>) -> Self {
        // Not by way of the listener: a connection that waited before the gate had it (with its
        // keeper, or the service manager) would do without.
        let socket = SockRef::from(&stream);
        // Small answers must not wait for the acknowledgement of earlier ones. A socket that takes
        // no option is of a client that has left.
        let _ = socket.set_tcp_nodelay(true);
        let _ = socket.set_tcp_notsent_lowat(UNSENT);
        Self { stream, activity }
    }

    /// Ready when there is something to read, or the stream has ended.
    pub(crate) fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.poll_read_ready(cx)
    }
}

/// Writes slices; one alone goes by the cheaper of the two calls.
pub(crate) fn write_vectored(
    stream: &mut TcpStream,
    cx: &mut Context<'_>,
    slices: &[io::IoSlice<'_>],
) -> Poll<io::Result<usize>> {
    match slices {
        [only] => Pin::new(stream).poll_write(cx, only),
        slices => Pin::new(stream).poll_write_vectored(cx, slices),
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.activity.is_given_up() {
            // Otherwise the system keeps trying to deliver, long after we have forgotten.
            let _ = SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = ready!(Pin::new(&mut this.stream).poll_write(cx, bytes))?;
        this.activity.wrote(written);
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = ready!(write_vectored(&mut this.stream, cx, slices))?;
        this.activity.wrote(written);
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn whatever_its_listener_was_a_connection_waits_for_no_acknowledgement() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        // It waits before anybody accepts.
        let _client = TcpStream::connect(address).await.expect("connected");
        let (stream, _) = listener.accept().await.expect("accepted");
        assert!(!stream.nodelay().expect("an option"));
        let wire = Wire::new(stream, Activity::start());
        let socket = SockRef::from(&wire.stream);
        assert!(socket.tcp_nodelay().expect("an option"));
        assert_eq!(socket.tcp_notsent_lowat().expect("an option"), UNSENT);
    }
}
