//! WebSocket: after a matching 101, bytes both ways until either side ends.
//!
//! Clauses: RFC 9110, 7.8 (`Upgrade` from HTTP/1.1 only; the new protocol begins after the
//! 101 and not before). What a client sends early waits in the gate until then.
//!
//! Absent on purpose: other protocols than WebSocket (an `h2c` upgrade would lead past every
//! check of the gate), WebSocket over HTTP/2, and reading frames.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, UPGRADE};
use http::{HeaderMap, HeaderValue, Method, Version, request};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::record::Record;
use crate::socket::Socket;

const WEBSOCKET: HeaderValue = HeaderValue::from_static("websocket");
const BUFFER: usize = 16 * 1024;

/// Whether the request asks for a WebSocket in the only form that is passed on.
pub(crate) fn is_wanted(head: &request::Parts) -> bool {
    head.version == Version::HTTP_11
        && head.method == Method::GET
        && names_websocket(&head.headers)
        && head
            .headers
            .get_all(CONNECTION)
            .iter()
            .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
            .any(|option| option.trim_ascii().eq_ignore_ascii_case(b"upgrade"))
}

/// Whether there is one `Upgrade` line and it names WebSocket alone.
pub(crate) fn names_websocket(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(UPGRADE).iter();
    lines
        .next()
        .is_some_and(|line| line.as_bytes().eq_ignore_ascii_case(b"websocket"))
        && lines.next().is_none()
}

/// Writes the two fields of this hop, after the previous hop's were removed.
pub(crate) fn announce(headers: &mut HeaderMap) {
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, WEBSOCKET);
}

/// Takes them back: no origin of the site could answer.
pub(crate) fn renounce(headers: &mut HeaderMap) {
    headers.remove(CONNECTION);
    headers.remove(UPGRADE);
}

/// What joins a client and an origin.
pub(crate) struct Tunnel {
    /// The client's side, once the 101 is written.
    pub(crate) client: OnUpgrade,
    /// The origin's side.
    pub(crate) origin: Socket,
    /// What the origin sent right behind its 101.
    pub(crate) early: Bytes,
    /// The deadline without traffic.
    pub(crate) idle: Duration,
    /// The line of the log, written at the end of the tunnel.
    pub(crate) record: Box<Record>,
}

impl Tunnel {
    /// Passes bytes until either side ends, nothing moves for too long, or `abort`.
    pub(crate) async fn run(mut self, abort: CancellationToken) {
        let outcome = tokio::select! {
            outcome = self.pass() => outcome,
            () = abort.cancelled() => "tunnel: cut at shutdown",
        };
        self.record.outcome(outcome);
    }

    async fn pass(&mut self) -> &'static str {
        const HANDOVER: Duration = Duration::from_secs(30);
        // The client may leave before it has read the 101, or not read it at all.
        let Ok(Ok(client)) = tokio::time::timeout(HANDOVER, &mut self.client).await else {
            return "tunnel: client left";
        };
        let mut client = TokioIo::new(client);
        let early = async {
            client.write_all(&self.early).await?;
            client.flush().await
        };
        if !matches!(tokio::time::timeout(HANDOVER, early).await, Ok(Ok(()))) {
            return "tunnel: client left";
        }
        self.record.sent(self.early.len());
        let traffic = Traffic::new();
        let mut origin = Watched {
            socket: &mut self.origin,
            traffic: &traffic,
        };
        let copy =
            tokio::io::copy_bidirectional_with_sizes(&mut client, &mut origin, BUFFER, BUFFER);
        let outcome = tokio::select! {
            result = copy => match result {
                Ok(_) => "tunnel: ended",
                Err(_) => "tunnel: broken off",
            },
            () = traffic.silence(self.idle) => "tunnel: idle for too long",
        };
        let sent = traffic.to_client.load(Ordering::Relaxed);
        self.record
            .sent(usize::try_from(sent).unwrap_or(usize::MAX));
        outcome
    }
}

/// When something last moved, and how much reached the client.
#[derive(Debug)]
struct Traffic {
    epoch: Instant,
    last: AtomicU64,
    to_client: AtomicU64,
}

impl Traffic {
    fn new() -> Self {
        Self {
            epoch: Instant::now(),
            last: AtomicU64::new(0),
            to_client: AtomicU64::new(0),
        }
    }

    fn touch(&self) {
        let elapsed = u64::try_from(self.epoch.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(elapsed, Ordering::Relaxed);
    }

    /// Ends when nothing has moved for `allowed`.
    async fn silence(&self, allowed: Duration) {
        loop {
            let last = Duration::from_millis(self.last.load(Ordering::Relaxed));
            let due = self.epoch + last + allowed;
            if due <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(due).await;
        }
    }
}

/// The origin's side, through which every byte of either direction passes.
struct Watched<'a> {
    socket: &'a mut Socket,
    traffic: &'a Traffic,
}

impl AsyncRead for Watched<'_> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        ready!(Pin::new(&mut *this.socket).poll_read(cx, buffer))?;
        let read = buffer.filled().len() - before;
        this.traffic.touch();
        this.traffic
            .to_client
            .fetch_add(read as u64, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Watched<'_> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = ready!(Pin::new(&mut *this.socket).poll_write(cx, bytes))?;
        this.traffic.touch();
        Poll::Ready(Ok(written))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.get_mut().socket).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.get_mut().socket).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_websocket_over_http_1_1_is_passed_on() {
        for (version, method, upgrade, connection, wanted) in [
            (Version::HTTP_11, "GET", "websocket", "Upgrade", true),
            (
                Version::HTTP_11,
                "GET",
                "WebSocket",
                "keep-alive, UPGRADE",
                true,
            ),
            (Version::HTTP_11, "GET", "websocket", "keep-alive", false),
            (Version::HTTP_11, "GET", "h2c", "upgrade", false),
            (Version::HTTP_11, "GET", "websocket, h2c", "upgrade", false),
            (Version::HTTP_11, "POST", "websocket", "upgrade", false),
            (Version::HTTP_10, "GET", "websocket", "upgrade", false),
            (Version::HTTP_2, "GET", "websocket", "upgrade", false),
        ] {
            let (head, ()) = http::Request::builder()
                .version(version)
                .method(method)
                .header(UPGRADE, upgrade)
                .header(CONNECTION, connection)
                .body(())
                .expect("a request")
                .into_parts();
            assert_eq!(
                is_wanted(&head),
                wanted,
                "{version:?} {method} {upgrade} {connection}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_counted_from_the_last_byte() {
        let traffic = Traffic::new();
        let allowed = Duration::from_secs(60);
        tokio::time::advance(Duration::from_secs(50)).await;
        traffic.touch();
        let begun = Instant::now();
        traffic.silence(allowed).await;
        assert_eq!(begun.elapsed().as_secs(), 60);
    }
}
