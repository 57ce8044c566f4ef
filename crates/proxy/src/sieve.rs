//! The stream under a connection to an origin: the head of each answer is judged before the
//! client above reads it.
//!
//! An answer that two programs may frame in two ways is an error to whoever waits for it, and
//! the connection is never used again. Clauses: RFC 9112, 4, 6.1, 6.3, by way of
//! [`transport::framing::Answers`].
//!
//! An origin that answers early and closes breaks the write of the rest of the request, while
//! its answer lies in the socket. That write is taken as done, so that the answer is read; the
//! end of the connection is found there. Clause: RFC 9112, 9.5 and 9.6.
//!
//! Absent on purpose: bodies, which pass untouched; see [`transport::framing`].

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
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
pub(crate) struct Requested(Arc<Sent>);

#[derive(Debug, Default)]
struct Sent {
    requests: AtomicU64,
    /// The origin hears no more.
    deaf: AtomicBool,
}

impl Requested {
    /// One more is about to be sent.
    pub(crate) fn another(&self) {
        self.0.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether the origin stopped listening, perhaps in the middle of a request.
    pub(crate) fn is_deaf(&self) -> bool {
        self.0.deaf.load(Ordering::Relaxed)
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

    /// What a write came to. The one that finds the other end closed counts as done, and so
    /// does everything after it.
    fn unless_deaf<T>(&self, written: io::Result<T>, done: T) -> io::Result<T> {
        match written {
            Err(error) if is_closed(&error) => {
                self.sent.0.deaf.store(true, Ordering::Relaxed);
                Ok(done)
            }
            written => written,
        }
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
            let sent = this.sent.0.requests.load(Ordering::Relaxed);
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
        let this = self.get_mut();
        let written = match this.sent.is_deaf() {
            true => return Poll::Ready(Ok(bytes.len())),
            false => ready!(Pin::new(&mut this.stream).poll_write(cx, bytes)),
        };
        Poll::Ready(this.unless_deaf(written, bytes.len()))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let whole = slices.iter().map(|slice| slice.len()).sum();
        let written = match this.sent.is_deaf() {
            true => return Poll::Ready(Ok(whole)),
            false => ready!(Pin::new(&mut this.stream).poll_write_vectored(cx, slices)),
        };
        Poll::Ready(this.unless_deaf(written, whole))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.sent.is_deaf() {
            return Poll::Ready(Ok(()));
        }
        let flushed = ready!(Pin::new(&mut this.stream).poll_flush(cx));
        Poll::Ready(this.unless_deaf(flushed, ()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

/// Whether the other end has closed, or reset, what is written to.
fn is_closed(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset
    )
}
