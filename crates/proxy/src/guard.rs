//! The stream under an HTTP/1 connection: what hyper may read of it, and how a refusal ends it.
//!
//! hyper takes a bare LF for a line end, lets `Transfer-Encoding` win over `Content-Length`
//! and never looks at `Host`. So the bytes of a client pass [`Requests`] first, and a head
//! reaches hyper only when it is there whole and in order. One that is not is answered here,
//! with the page, its HSTS field and its line in the log, once the requests before it have
//! their answers; then hyper sees the end of the stream. A fault in a body whose head has
//! passed is an error to whoever reads that body.
//!
//! Clauses: RFC 9112, 2.2 to 7.1 by way of [`transport::framing`], 9.6 (the close by stages);
//! RFC 9110, 7.8 (what a client sends before the 101 goes nowhere).
//!
//! Absent on purpose: a copy. A head that comes in one piece is judged in hyper's own buffer;
//! only a piece of a head is held, and the policy's limit bounds it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use transport::framing::{Fault, Limits, Refusal, Requests, Then};

use crate::activity::Activity;
use crate::linger::Linger;
use crate::nap::Silent;

/// What a client may send ahead of the answer to its request for another protocol.
const AHEAD: usize = 16 * 1024;

/// A head that no stage has seen.
#[derive(Clone, Copy)]
pub(crate) enum Unread<'a> {
    /// The guard refused it; here is what came of it.
    Refused(Fault, &'a [u8]),
    /// The guard let it pass and hyper did not, with this status.
    Unparsed(u16),
}

/// Makes the whole answer, head and body, to a request that no stage has seen.
pub(crate) type Refuse = Box<dyn Fn(Unread<'_>) -> Bytes + Send + Sync>;

/// A stream that hyper may read as far as its framing is in order.
pub(crate) struct Guard<S> {
    stream: S,
    activity: Arc<Activity>,
    refuse: Refuse,
    requests: Requests,
    /// Read from the stream, and not by hyper.
    held: Vec<u8>,
    /// How many of them hyper may have.
    passed: usize,
    state: State,
    /// Whoever waits for the requests before a refusal to be answered.
    parked: Option<Waker>,
    /// How many requests had begun when everything written was flushed and none was open.
    /// What is written while this number stands is not an answer to a request.
    settled: Option<u64>,
    /// The answer of the gate's own that is being written.
    answer: Option<Bytes>,
    linger: Option<Linger>,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Open,
    /// Nothing passes any more, and hyper has not been told.
    Refused(Refusal),
    /// The answer is written and the stream closed, before hyper is told that it ended.
    Ending,
    /// hyper has been told, or has refused by itself.
    Over,
}

impl<S> Guard<S> {
    pub(crate) fn new(stream: S, activity: Arc<Activity>, limits: Limits, refuse: Refuse) -> Self {
        activity.is_told_of_flushes();
        Self {
            stream,
            activity,
            refuse,
            requests: Requests::new(limits),
            held: Vec::new(),
            passed: 0,
            state: State::Open,
            parked: None,
            settled: Some(0),
            answer: None,
            linger: None,
        }
    }

    /// Whether every request that passed is answered, to the last byte.
    fn is_settled(&self) -> bool {
        let (started, quiet) = self.activity.quiet();
        quiet && self.settled == Some(started) && started == self.requests.messages()
    }

    /// Judges what is held.
    fn judge_held(&mut self) {
        let scan = self.requests.scan(&self.held);
        self.passed = scan.pass;
        self.obey(scan.then);
    }

    fn obey(&mut self, then: Then) {
        if let Then::Refuse(refusal) = then {
            self.state = State::Refused(refusal);
        }
    }

    /// Gives hyper what it may have of what is held.
    fn give(&mut self, buffer: &mut ReadBuf<'_>) {
        let here = self.passed.min(buffer.remaining());
        buffer.put_slice(&self.held[..here]);
        self.passed -= here;
        if here == self.held.len() {
            // Between requests a connection holds nothing.
            self.held = Vec::new();
        } else {
            self.held.drain(..here);
        }
    }

    fn park<T>(&mut self, cx: &Context<'_>) -> Poll<T> {
        self.parked = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl<S: Silent> Guard<S> {
    /// Ready when the wire is not silent any more; nothing is read.
    pub(crate) fn poll_stir(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.stream.poll_stir(cx)
    }
}

impl<S: AsyncRead + Unpin> Guard<S> {
    /// Reads once and judges: `false` at the end of the stream.
    fn poll_fill(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<bool>> {
        let before = buffer.filled().len();
        if !self.held.is_empty() {
            // A head that began behind the last request has its deadline too.
            self.activity.bytes();
        }
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let between = self.held.is_empty() && self.requests.is_between();
        self.activity.set_between(between && read.is_pending());
        ready!(read)?;
        let fresh = &buffer.filled()[before..];
        if fresh.is_empty() {
            return Poll::Ready(Ok(false));
        }
        self.activity.bytes();
        if self.held.is_empty() && !self.requests.is_undecided() {
            let scan = self.requests.scan(fresh);
            self.held.extend_from_slice(&fresh[scan.pass..]);
            buffer.set_filled(before + scan.pass);
            self.obey(scan.then);
        } else {
            self.held.extend_from_slice(fresh);
            buffer.set_filled(before);
            self.judge_held();
        }
        Poll::Ready(Ok(true))
    }

    /// The last request asked for another protocol: ready when it has its answer, `false`
    /// when the client has left before.
    fn poll_decision(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<bool>> {
        loop {
            if self.activity.is_tunnel() {
                self.requests.tunnel();
            } else if self.is_settled() {
                self.requests.resume();
            } else if self.held.len() < AHEAD
                && let Poll::Ready(more) = self.poll_fill(cx, buffer)?
            {
                match more {
                    true => continue,
                    false => return Poll::Ready(Ok(false)),
                }
            } else {
                return self.park(cx);
            }
            self.judge_held();
            return Poll::Ready(Ok(true));
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Guard<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        loop {
            if this.passed > 0 {
                this.give(buffer);
                return Poll::Ready(Ok(()));
            }
            let more = match this.state {
                State::Open if this.requests.is_undecided() => {
                    ready!(this.poll_decision(cx, buffer))?
                }
                State::Open => ready!(this.poll_fill(cx, buffer))?,
                State::Refused(Refusal {
                    fault,
                    in_body: true,
                }) => {
                    this.state = State::Over;
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, fault)));
                }
                State::Refused(_) if !this.is_settled() => return this.park(cx),
                State::Refused(refusal) => {
                    let unread = Unread::Refused(refusal.fault, &this.held);
                    this.answer = Some((this.refuse)(unread));
                    this.state = State::Ending;
                    continue;
                }
                State::Ending => {
                    // Whether or not the client was there to read it.
                    let _ = ready!(this.poll_end(cx));
                    this.state = State::Over;
                    false
                }
                State::Over => false,
            };
            if !more || buffer.filled().len() > before {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> Guard<S> {
    /// Writes the gate's own answer to its end.
    fn poll_answer(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(bytes) = self.answer.as_mut().filter(|bytes| bytes.has_remaining()) {
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes.chunk()))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            bytes.advance(written);
        }
        Poll::Ready(Ok(()))
    }

    /// Whether `first` begins hyper's own refusal of a head, a bare status line, which the
    /// gate's answer replaces.
    fn replaces(&mut self, first: &[u8]) -> bool {
        if self.answer.is_some() {
            return true;
        }
        let (started, quiet) = self.activity.quiet();
        if !quiet || self.settled != Some(started) {
            return false;
        }
        let status = first
            .strip_prefix(b"HTTP/1.1 ")
            .and_then(|rest| rest.get(..3));
        let status = status.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
        let Some(status) = status else { return false };
        self.answer = Some((self.refuse)(Unread::Unparsed(status)));
        self.state = State::Over;
        true
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Guard<S> {
    /// Says what is left to say, closes, and listens on if somebody may still be sending.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.linger.is_none() {
            ready!(self.poll_answer(cx))?;
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
            if matches!(self.state, State::Open) {
                return Poll::Ready(Ok(()));
            }
        }
        let linger = self.linger.get_or_insert_with(Linger::start);
        linger.poll(cx, &mut self.stream).map(Ok)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Guard<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.replaces(bytes) {
            ready!(this.poll_answer(cx))?;
            return Poll::Ready(Ok(bytes.len()));
        }
        Pin::new(&mut this.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.replaces(slices.first().map_or(&[][..], |slice| slice)) {
            ready!(this.poll_answer(cx))?;
            return Poll::Ready(Ok(slices.iter().map(|slice| slice.len()).sum()));
        }
        Pin::new(&mut this.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(Pin::new(&mut this.stream).poll_flush(cx))?;
        let (started, quiet) = this.activity.quiet();
        this.settled = quiet.then_some(started);
        if quiet && started == this.requests.messages() {
            this.activity.flushed();
        }
        if quiet && let Some(waker) = this.parked.take() {
            waker.wake();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll_end(cx)
    }
}
