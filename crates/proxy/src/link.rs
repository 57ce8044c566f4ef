//! One HTTP/1.1 connection to an origin, which carries one exchange at a time.
//!
//! It is driven by the request that uses it, in the same task: there is no second task to wake
//! for every piece, and no channel between them. An answer that two programs may frame in two ways
//! is an error to whoever waits for it, and the connection is never used again. Clauses: RFC 9112,
//! 9.3 (reuse only after a complete exchange), 9.5.
//!
//! Absent on purpose: pipelining, which RFC 9112, 9.3.2 leaves to whoever can take back what was
//! not answered.

use std::io;
use std::mem::MaybeUninit;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Response};
use hyper::body::{Frame, SizeHint};
use socket2::SockRef;
use tokio::io::{AsyncRead as _, ReadBuf};
use tokio::task::coop::has_budget_remaining;
use tokio::task::yield_now;
use tokio::time::{Instant, Sleep};
use transport::framing::AnswerReader;

use crate::body::{AnswerError, Progress};
use crate::socket::Socket;
use crate::turn;
use crate::upstream::{Outbound, UpstreamError};

mod incoming;
mod outgoing;

use incoming::{FIRST, Incoming};
use outgoing::{Outgoing, Unfit};

/// The largest head of an answer, in bytes.
const HEAD: usize = 128 * 1024;
/// Fields in the head of an answer.
const FIELDS: usize = 256;
/// After so much rest the system is asked what came meanwhile, since the event loop may not have
/// heard yet of an origin that has just closed what it takes for forgotten.
const REST: Duration = Duration::from_millis(5);

/// One connection to an origin.
#[derive(Debug)]
pub(crate) struct Link {
    socket: Socket,
    outgoing: Outgoing,
    incoming: Incoming,
    /// The rest of the request does not come any more.
    cut: bool,
    /// The last answer came in two parts: its head, and a moment later the beginning of its body.
    in_parts: bool,
    /// When it was last put aside.
    since: Instant,
    /// Of the answer that is waited for. It goes on to the next one: it is moved when it fires,
    /// and an exchange that is in time never touches it.
    timer: Option<Pin<Box<Sleep>>>,
}

/// What became of a request that got no answer.
pub(crate) enum Failed {
    /// Not one byte of it left, because of this; here it is.
    Unsent(Outbound, UpstreamError),
    /// It may have left.
    Over(UpstreamError),
}

impl Link {
    /// A connection that has carried nothing yet.
    pub(crate) fn new(socket: Socket) -> Self {
        Self {
            socket,
            outgoing: Outgoing::default(),
            incoming: Incoming::new(),
            cut: false,
            in_parts: false,
            since: turn::now(),
            timer: None,
        }
    }

    /// Puts it aside for the next request.
    pub(crate) fn rest(&mut self) {
        self.since = turn::now();
        self.outgoing.shrink(FIRST);
        self.incoming.rest();
    }

    /// How long it has been aside.
    pub(crate) fn rested(&self) -> Duration {
        self.since.elapsed()
    }

    /// Whether the connection, which has been aside for so long, is open, idle and silent.
    pub(crate) fn is_clean(&mut self, rested: Duration) -> bool {
        self.incoming.is_clean()
            && self.outgoing.is_done()
            && !self.outgoing.is_deaf()
            && self.is_silent(rested > REST)
    }

    /// Whether the origin, which has answered, is still to get a part of the request.
    pub(crate) const fn is_sending(&self) -> bool {
        self.incoming.is_over() && !self.outgoing.is_done() && !self.cut
    }

    /// How many pieces of the request were taken so far: whoever waits for the answer can see that
    /// it moves.
    pub(crate) const fn moved(&self) -> u64 {
        self.outgoing.pieces()
    }

    /// Whether nothing came unasked: neither bytes nor the end.
    fn is_silent(&mut self, has_rested: bool) -> bool {
        let would_block = |read: io::Result<usize>| {
            read.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
        };
        match &mut self.socket {
            Socket::Plain(stream) if has_rested => {
                would_block(SockRef::from(&*stream).peek(&mut [MaybeUninit::uninit()]))
            }
            Socket::Plain(stream) => would_block(stream.try_read(&mut [0])),
            stream => {
                // Without budget a task reads nothing, whatever has come.
                let mut cx = Context::from_waker(Waker::noop());
                let (mut byte, budget) = ([0], has_budget_remaining());
                let mut buffer = ReadBuf::new(&mut byte);
                let read = Pin::new(stream).poll_read(&mut cx, &mut buffer);
                budget && read.is_pending()
            }
        }
    }

    /// Works until the request has left, so that the origin may read it to its end.
    pub(crate) async fn settle(&mut self) {
        // Whatever it comes to, the connection closes.
        let _ = std::future::poll_fn(|cx| self.outgoing.poll(cx, &mut self.socket)).await;
    }

    /// Hands the socket over after a 101, with the bytes that came behind the head.
    pub(crate) fn into_tunnel(self) -> (Socket, Bytes) {
        (self.socket, self.incoming.into_early())
    }

    /// Sends one request and waits for the head of its answer, for as long as `allowed` after
    /// the last piece of the upload.
    pub(crate) async fn send(
        &mut self,
        request: Outbound,
        progress: &Progress,
        allowed: Duration,
    ) -> Result<Response<()>, Failed> {
        let mut reader = AnswerReader::new(HEAD, FIELDS, request.method() == Method::HEAD);
        self.outgoing.begin(request);
        self.incoming.expect();
        let timer = self.timer.take();
        let mut timer = timer.unwrap_or_else(|| Box::pin(tokio::time::sleep(allowed)));
        let mut turn = pin!(yield_now());
        let mut waits = self.in_parts;
        let answered = in_time(timer.as_mut(), progress, allowed, |cx| {
            self.poll_send(cx)?;
            if waits {
                ready!(self.socket.poll_stir(cx));
                ready!(turn.as_mut().poll(cx));
                waits = false;
            }
            self.incoming.poll_head(cx, &mut self.socket, &mut reader)
        })
        .await;
        self.timer = Some(timer);
        match answered {
            None => Err(Failed::Over(UpstreamError::AnswerTimeout)),
            Some(Ok(response)) => {
                if !self.outgoing.is_done() {
                    // It answered without having read everything: what is left would be a request
                    // of its own to an origin that never meant to read it.
                    self.incoming.be_last();
                }
                self.wait_for_body().await;
                Ok(response)
            }
            Some(Err(error)) => Err(match (self.outgoing.take_back(), &error) {
                (Some(request), UpstreamError::Ended(_)) => Failed::Unsent(request, error),
                _ => Failed::Over(error),
            }),
        }
    }

    /// Sends what there is to send.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Result<(), UpstreamError> {
        match self.outgoing.poll(cx, &mut self.socket) {
            Poll::Ready(Err(Unfit::Upload(error))) => Err(UpstreamError::Upload(error)),
            Poll::Ready(Err(Unfit::Wire(error))) => Err(UpstreamError::Ended(error)),
            Poll::Ready(Ok(())) | Poll::Pending => Ok(()),
        }
    }

    /// Many origins send the head and the beginning of the body one after the other: what comes
    /// while the thread does its other work leaves with the head, in one record and one write.
    /// Of one that has done so, the next answer is read a turn after its first byte has come, for
    /// then one call of the system reads both.
    async fn wait_for_body(&mut self) {
        if !self.incoming.lacks_body() {
            return;
        }
        // If it was waited for already, this answer has a body that takes its time.
        self.in_parts = !self.in_parts;
        if !self.in_parts {
            return;
        }
        yield_now().await;
        std::future::poll_fn(|cx| {
            // What is not there yet is not waited for.
            let may_end = !self.outgoing.was_reset();
            let _ = self.incoming.poll_more(cx, &mut self.socket, may_end);
            Poll::Ready(())
        })
        .await;
    }

    /// The next piece of the body. Meanwhile the rest of the request goes on.
    pub(crate) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, AnswerError>>> {
        if !self.cut && !self.outgoing.is_done() {
            let left = self.outgoing.poll(cx, &mut self.socket);
            self.cut = matches!(left, Poll::Ready(Err(_)));
        }
        // A reset may have taken the end of an answer with it (RFC 9112, 9.6).
        let may_end = !self.outgoing.was_reset();
        self.incoming
            .poll_frame(cx, &mut self.socket, may_end, self.cut)
    }

    /// The answer goes to a client that has many on their way: little of each is held.
    pub(crate) fn narrow(&mut self) {
        self.incoming.narrow();
    }

    /// Whether all of the answer has come and been handed on.
    pub(crate) const fn is_end(&self) -> bool {
        self.incoming.is_over()
    }

    /// How much of the body is still to be handed on.
    pub(crate) fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

/// Polls until something is ready, for as long as `allowed` after the last piece of the upload;
/// nothing when that is over.
pub(crate) async fn in_time<T>(
    mut timer: Pin<&mut Sleep>,
    progress: &Progress,
    allowed: Duration,
    mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
) -> Option<T> {
    let begun = turn::now();
    let due = || begun.max(progress.last()) + allowed;
    if timer.deadline() > due() {
        timer.as_mut().reset(due());
    }
    std::future::poll_fn(|cx| {
        if let Poll::Ready(done) = poll(cx) {
            return Poll::Ready(Some(done));
        }
        // Where the task's budget is used up the timer below would not be asked: the clock is.
        if !has_budget_remaining() && Instant::now() >= due() {
            return Poll::Ready(None);
        }
        while timer.as_mut().poll(cx).is_ready() {
            // An upload that moves buys time; one that is over, or that the origin does
            // not take, buys none.
            if due() <= Instant::now() {
                return Poll::Ready(None);
            }
            timer.as_mut().reset(due());
        }
        Poll::Pending
    })
    .await
}

impl Failed {
    /// Why, when the request is given up.
    pub(crate) fn into_error(self) -> UpstreamError {
        match self {
            Self::Unsent(_, error) | Self::Over(error) => error,
        }
    }
}

#[cfg(test)]
mod tests;
