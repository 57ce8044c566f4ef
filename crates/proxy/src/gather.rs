//! What an HTTP/2 connection writes in one turn of its task, sent as one piece.
//!
//! The codec hands down the frames of each answer for themselves and flushes behind them. Over
//! TLS every such piece is a record and a call of the system, although answers that are ready
//! together go to the same client. Here they are gathered, and [`Turns`] sends them when the
//! codec has nothing more to say in this turn, or, while several requests of the client are open,
//! after one more turn of the event loop, which may bring their answers. Nothing waits longer.
//!
//! A large piece is passed on at once behind what was gathered, without a copy, so that memory
//! stays within [`MOST`] for each connection and a client that does not read holds the codec back
//! as before.
//!
//! The frames that pass are told apart, for [`Activity`]: a client that still takes the end of an
//! answer is not idle, and one that has its pings answered is. A head that holds a status and
//! nothing else is the codec's own answer, to what never became a request (a field block beyond
//! all limits): it gets the HSTS field here, since nobody above hears of it. Clauses: RFC 6797,
//! 7.1 (the field on every answer); RFC 7541, 6.2.2 (a literal leaves the decoder as it is); RFC 9113, 4.1 (frames),
//! 5.2 (flow control is the codec's), 6.8 (GOAWAY leaves before the connection closes).

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use http::HeaderValue;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::yield_now;

use crate::activity::Activity;

mod frames;

use frames::{Found, Frames, HEAD};

/// Bytes that are gathered: one full record of TLS.
const MOST: usize = 16 * 1024;
/// A piece of this size is not worth a copy.
const LARGE: usize = 8 * 1024;

/// A literal that is not indexed, with the name `strict-transport-security` of the static table.
const HSTS: [u8; 2] = [0x0f, 56 - 15];

/// The stream under an HTTP/2 connection; the other handle is that of [`Turns`].
pub(crate) struct Gather<S>(Arc<Mutex<Outbox<S>>>);

/// A connection whose writes leave at the end of a turn, or of the next.
pub(crate) struct Turns<C, S> {
    connection: C,
    outbox: Arc<Mutex<Outbox<S>>>,
    /// The turn of the event loop that is waited for, since it may bring more to send.
    pause: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    /// The client takes no more for now: what wakes this task is that it does.
    is_full: bool,
}

struct Outbox<S> {
    stream: S,
    /// Gathered and not sent. Without memory while it is empty.
    gathered: Vec<u8>,
    frames: Frames,
    activity: Arc<Activity>,
    /// The HSTS field of the site that the handshake named.
    promise: Promise,
}

/// What gives the HSTS field of a connection, if it has one.
pub(crate) type Promise = Box<dyn Fn() -> Option<HeaderValue> + Send>;

impl<S> Gather<S> {
    /// Serves a stream by what `serve` makes of it, and tells `activity` what leaves.
    pub(crate) fn turns<C>(
        stream: S,
        activity: Arc<Activity>,
        promise: Promise,
        serve: impl FnOnce(Self) -> C,
    ) -> Turns<C, S> {
        activity.is_told_of_flushes();
        let outbox = Arc::new(Mutex::new(Outbox {
            stream,
            gathered: Vec::new(),
            frames: Frames::default(),
            activity,
            promise,
        }));
        Turns {
            connection: serve(Self(Arc::clone(&outbox))),
            outbox,
            pause: None,
            is_full: false,
        }
    }

    /// Never waits: both handles are used by the same task, one after the other.
    fn outbox(&self) -> MutexGuard<'_, Outbox<S>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C, S> Turns<C, S> {
    /// What is served.
    pub(crate) const fn connection(&mut self) -> &mut C {
        &mut self.connection
    }
}

impl<C: Future + Unpin, S: AsyncWrite + Unpin> Future for Turns<C, S> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let ended = Pin::new(&mut this.connection).poll(cx).is_ready();
        let mut outbox = this.outbox.lock().unwrap_or_else(PoisonError::into_inner);
        if ended {
            // Its last words are behind its shutdown; a client that broke the protocol still gets
            // the answers that were on their way, as far as it takes them at once.
            if !outbox.gathered.is_empty() {
                let _ = outbox.poll_send(cx);
            }
            return Poll::Ready(());
        }
        if !this.is_full && outbox.may_grow() {
            let pause = this.pause.get_or_insert_with(|| Box::pin(yield_now()));
            if pause.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
        this.pause = None;
        let sent = outbox.poll_send(cx);
        this.is_full = sent.is_pending();
        match sent {
            // The client is gone.
            Poll::Ready(Err(_)) => Poll::Ready(()),
            Poll::Ready(Ok(())) => {
                outbox.activity.flushed();
                Poll::Pending
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S> Outbox<S> {
    /// Whether there is something to send, and answers to come that may leave with it.
    fn may_grow(&self) -> bool {
        !self.gathered.is_empty() && self.activity.open_requests() > 1
    }
}

impl<S: AsyncWrite + Unpin> Outbox<S> {
    /// Sends what was gathered.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.gathered.is_empty() {
            return Pin::new(&mut self.stream).poll_flush(cx);
        }
        let mut sent = 0;
        let result = loop {
            if sent == self.gathered.len() {
                break Poll::Ready(Ok(()));
            }
            match Pin::new(&mut self.stream).poll_write(cx, &self.gathered[sent..]) {
                Poll::Ready(Ok(0)) => break Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(written)) => sent += written,
                Poll::Ready(Err(error)) => break Poll::Ready(Err(error)),
                Poll::Pending => break Poll::Pending,
            }
        };
        self.sent(sent);
        ready!(result)?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    /// Sends what was gathered and some of `slices`, in one piece where the stream takes it.
    fn poll_pass(
        &mut self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        while !self.gathered.is_empty() {
            let mut all = Vec::with_capacity(1 + slices.len());
            all.push(IoSlice::new(&self.gathered));
            all.extend(slices.iter().copied());
            let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, &all))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            let own = written.min(self.gathered.len());
            self.sent(own);
            if written > own {
                return Poll::Ready(Ok(written - own));
            }
        }
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    /// Gathers what the codec has handed down.
    fn gather(&mut self, slices: &[IoSlice<'_>]) {
        let start = self.gathered.len();
        for slice in slices {
            self.gathered.extend_from_slice(slice);
        }
        let Found { data, bare } = self.frames.look(&self.gathered[start..]);
        // From behind, so that the places of the others stay.
        for at in bare.into_iter().rev() {
            self.promise(start + at);
        }
        if data > 0 {
            self.activity.passed(data);
        }
    }

    /// Adds the HSTS field to the head that begins here.
    fn promise(&mut self, at: usize) {
        let Some(value) = (self.promise)() else {
            return;
        };
        let Some(length) = u8::try_from(value.len()).ok().filter(|size| *size < 127) else {
            return;
        };
        let field = [&HSTS[..], &[length], value.as_bytes()].concat();
        let Some(&mut [a, b, ref mut size]) = self.gathered[at..].first_chunk_mut::<3>() else {
            return;
        };
        // A block of a few bytes, so that the sum has one byte as well.
        let grown = usize::from(*size) + field.len();
        let (0, 0, Ok(grown)) = (a, b, u8::try_from(grown)) else {
            return;
        };
        let end = at + HEAD + usize::from(*size);
        *size = grown;
        self.gathered.splice(end..end, field);
    }

    /// Tells how much of what the codec has just handed down, and was passed on, is of bodies.
    fn passed(&mut self, slices: &[IoSlice<'_>], mut passed: usize) {
        let mut data = 0;
        for slice in slices {
            let part = passed.min(slice.len());
            data += self.frames.look(&slice[..part]).data;
            passed -= part;
        }
        if data > 0 {
            self.activity.passed(data);
        }
    }

    fn sent(&mut self, count: usize) {
        if count == self.gathered.len() {
            // A connection that waits holds nothing.
            self.gathered = Vec::new();
        } else {
            self.gathered.drain(..count);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Gather<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.outbox().stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Gather<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut outbox = self.outbox();
        let size = slices.iter().map(|slice| slice.len()).sum::<usize>();
        if size >= LARGE || size + outbox.gathered.len() > MOST {
            let passed = ready!(outbox.poll_pass(cx, slices))?;
            outbox.passed(slices, passed);
            return Poll::Ready(Ok(passed));
        }
        outbox.gather(slices);
        Poll::Ready(Ok(size))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // At the end of this turn or the next.
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut outbox = self.outbox();
        ready!(outbox.poll_send(cx))?;
        Pin::new(&mut outbox.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests;
