//! The stream under a connection to an origin: the head of each answer is judged before the
//! client above reads it.
//!
//! An answer that two programs may frame in two ways is an error to whoever waits for it, and
//! the connection is never used again. Clauses: RFC 9112, 4, 6.1, 6.3, by way of
//! [`transport::framing::Answers`].
//!
//! Absent on purpose: bodies, which pass untouched; see [`transport::framing`].

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use transport::framing::{Answers, Then};

/// A stream whose answers have one framing.
#[derive(Debug)]
pub(crate) struct Sieve<S> {
    stream: S,
    answers: Answers,
    /// The beginning of a head that has not come whole, or the rest of what has passed.
    held: Vec<u8>,
    passed: usize,
    sent: Requested,
    seen: u64,
}

/// How many requests were sent on a connection; told to its [`Sieve`] by whoever sends them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Requested(Arc<AtomicU64>);

impl Requested {
    /// One more is about to be sent.
    pub(crate) fn another(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl<S> Sieve<S> {
    /// A stream whose heads have `most` bytes.
    pub(crate) fn new(stream: S, most: usize, sent: Requested) -> Self {
        Self {
            stream,
            answers: Answers::new(most),
            held: Vec::new(),
            passed: 0,
            sent,
            seen: 0,
        }
    }

    /// The stream, and what was read from it and by nobody else.
    pub(crate) fn into_parts(self) -> (S, Vec<u8>) {
        (self.stream, self.held)
    }

    fn give(&mut self, buffer: &mut ReadBuf<'_>) {
        let here = self.passed.min(buffer.remaining());
        buffer.put_slice(&self.held[..here]);
        self.held.drain(..here);
        self.passed -= here;
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Sieve<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.passed > 0 {
            this.give(buffer);
            return Poll::Ready(Ok(()));
        }
        loop {
            let before = buffer.filled().len();
            ready!(Pin::new(&mut this.stream).poll_read(cx, buffer))?;
            let fresh = &buffer.filled()[before..];
            if fresh.is_empty() {
                return Poll::Ready(Ok(()));
            }
            let sent = this.sent.0.load(Ordering::Relaxed);
            if this.seen != sent {
                this.seen = sent;
                this.answers.expect();
            }
            let scan = if this.held.is_empty() {
                let scan = this.answers.scan(fresh);
                this.held.extend_from_slice(&fresh[scan.pass..]);
                buffer.set_filled(before + scan.pass);
                scan
            } else {
                this.held.extend_from_slice(fresh);
                buffer.set_filled(before);
                let scan = this.answers.scan(&this.held);
                this.passed = scan.pass;
                this.give(buffer);
                scan
            };
            if let Then::Refuse(refusal) = scan.then {
                let error = io::Error::new(io::ErrorKind::InvalidData, refusal.fault);
                return Poll::Ready(Err(error));
            }
            if buffer.filled().len() > before {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Sieve<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(cx, slices)
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
