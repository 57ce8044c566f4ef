//! The two bodies of an exchange, streamed piece by piece with a cap and deadlines.
//!
//! Nothing here gathers: one piece is in flight each way, so memory does not depend on the
//! size of a body. Clauses: RFC 9112, 8 (a truncated body is an aborted stream, never a
//! clean end); RFC 9110, 6.5.1 (trailers may not carry what the head decides; they go to a
//! client only if it asked for them).

use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::header::EXPECT;
use http::{Version, request};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use policy::transport::TransportPolicy;
use tokio::time::Instant;
use transport::framing::Fault;

use crate::activity::Ticket;
use crate::answer::Answer;
use crate::linger;
use crate::pace::Pace;
use crate::record::Record;
use crate::rewrite::Rewriting;
use crate::turn;

mod idle;

pub(crate) use idle::Idle;
use idle::Late;

/// Why a request body could not be passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UploadError {
    /// It is larger than the policy allows.
    #[error("the request body is over the limit")]
    TooLarge,
    /// The client sent nothing for too long.
    #[error("the client stopped sending the request body")]
    Idle,
    /// It sent too little for too long.
    #[error("the client sent the request body too slowly")]
    Slow,
    /// The client left.
    #[error("the client broke off the request body")]
    Broken,
    /// Its framing is not in order.
    #[error("body: {0}")]
    Malformed(Fault),
}

/// A request body on its way to the origin.
pub(crate) struct Upload {
    /// What was read of it before it was sent.
    ahead: Option<Bytes>,
    /// `None` when there is none, and while it is dropped.
    body: Option<Incoming>,
    left: u64,
    /// Whether a body over its cap is only noted.
    observe: bool,
    idle: Idle,
    pace: Pace,
    progress: Arc<Progress>,
    leftover: Leftover,
}

/// What becomes of the part of a request body that nobody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leftover {
    /// HTTP/1.1: it is read and forgotten, so that the client can read the answer before its
    /// connection closes (RFC 9112, 9.6).
    Read,
    /// HTTP/1.1 with `Expect: 100-continue`: the client was never told to send it, so it is
    /// not waited for.
    NotAskedFor,
    /// HTTP/2: the stream is reset, a moment after the answer. A client that finds the reset before
    /// it has looked at the answer takes it for a failure of the connection (RFC 9113, 8.1).
    Reset,
}

impl Leftover {
    /// For the body behind this head.
    pub(crate) fn of(head: &request::Parts) -> Self {
        if head.version >= Version::HTTP_2 {
            Self::Reset
        } else if head.headers.contains_key(EXPECT) {
            Self::NotAskedFor
        } else {
            Self::Read
        }
    }

    /// Deals with a body. Whether there was anything left of it.
    pub(crate) fn leave(self, body: Incoming) -> bool {
        let left = !body.is_end_stream();
        let patience = match self {
            Self::Read => linger::TIME,
            Self::Reset => linger::MOMENT,
            Self::NotAskedFor => Duration::ZERO,
        };
        if left
            && !patience.is_zero()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(linger(body, patience));
        }
        left
    }
}

/// How far an upload is, seen from the side that waits for the answer.
#[derive(Debug)]
pub(crate) struct Progress {
    epoch: Instant,
    last: AtomicU64,
    done: AtomicBool,
    over: AtomicBool,
    failure: OnceLock<UploadError>,
}

impl Upload {
    /// Passes `body` on, up to `cap` bytes and as fast as the policy asks.
    pub(crate) fn new(
        body: Incoming,
        cap: u64,
        transport: &TransportPolicy,
        leftover: Leftover,
    ) -> Self {
        let TransportPolicy {
            limits, deadlines, ..
        } = transport;
        let progress = Arc::new(Progress {
            epoch: turn::now(),
            last: AtomicU64::new(0),
            done: AtomicBool::new(body.is_end_stream()),
            over: AtomicBool::new(false),
            failure: OnceLock::new(),
        });
        Self {
            ahead: None,
            body: Some(body),
            left: cap,
            observe: false,
            idle: Idle::new(deadlines.body_idle),
            pace: Pace::new(limits, deadlines),
            progress,
            leftover,
        }
    }

    /// Notes that it is over its cap instead of ending it there.
    pub(crate) const fn observed(mut self, observe: bool) -> Self {
        self.observe = observe;
        self
    }

    /// No body at all.
    pub(crate) fn none() -> Self {
        Self::whole(Bytes::new())
    }

    /// A body that has been read to its end.
    pub(crate) fn whole(bytes: Bytes) -> Self {
        let progress = Arc::new(Progress {
            epoch: turn::now(),
            last: AtomicU64::new(0),
            done: AtomicBool::new(bytes.is_empty()),
            over: AtomicBool::new(false),
            failure: OnceLock::new(),
        });
        Self {
            ahead: Some(bytes).filter(|bytes| !bytes.is_empty()),
            body: None,
            left: 0,
            observe: false,
            idle: Idle::new(Duration::ZERO),
            pace: Pace::any(),
            progress,
            leftover: Leftover::Reset,
        }
    }

    /// The same body, of which some has been read.
    pub(crate) fn behind(mut self, ahead: Bytes) -> Self {
        self.put_back(ahead);
        self
    }

    /// Takes back what has been read of it.
    pub(crate) fn put_back(&mut self, ahead: Bytes) {
        if !ahead.is_empty() {
            self.ahead = Some(ahead);
            self.progress.done.store(false, Ordering::Relaxed);
        }
    }

    /// The shared view of its progress.
    pub(crate) fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }
}

impl Progress {
    /// When the origin was last given something, or everything.
    pub(crate) fn last(&self) -> Instant {
        self.epoch + Duration::from_millis(self.last.load(Ordering::Relaxed))
    }

    /// Whether the whole body has been passed on.
    pub(crate) fn is_done(&self) -> bool {
        self.done.load(Ordering::Relaxed)
    }

    /// Whether it was let pass over its cap.
    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// What broke it, for a waiter that the error does not reach.
    pub(crate) fn failure(&self) -> Option<UploadError> {
        self.failure.get().copied()
    }

    /// Notes what broke it.
    fn fail(&self, error: UploadError) -> UploadError {
        *self.failure.get_or_init(|| error)
    }

    fn touch(&self, done: bool) {
        let since = turn::now().saturating_duration_since(self.epoch);
        let elapsed = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
        self.last.store(elapsed, Ordering::Relaxed);
        if done {
            self.done.store(true, Ordering::Relaxed);
        }
    }
}

/// Nothing of what passes: it may be a password.
impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Upload");
        shown.field("left", &self.left);
        shown.field("leftover", &self.leftover);
        shown.finish_non_exhaustive()
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = UploadError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, UploadError>>> {
        let this = &mut *self;
        if let Some(bytes) = this.ahead.take() {
            this.progress.touch(this.is_end_stream());
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        let Some(body) = &mut this.body else {
            return Poll::Ready(None);
        };
        let Poll::Ready(frame) = Pin::new(&mut *body).poll_frame(cx) else {
            let slow = this.pace.wait(Instant::now());
            return this.idle.poll_until(cx, slow).map(|late| {
                Some(Err(this.progress.fail(match late {
                    Late::Silent => UploadError::Idle,
                    Late::Slow => UploadError::Slow,
                })))
            });
        };
        this.idle.progress();
        this.pace.rest();
        Poll::Ready(match frame {
            None => {
                this.progress.touch(true);
                None
            }
            Some(Err(error)) => {
                let fault = fault_of(&error);
                let error = fault.map_or(UploadError::Broken, UploadError::Malformed);
                Some(Err(this.progress.fail(error)))
            }
            Some(Ok(frame)) => {
                let size = frame.data_ref().map_or(0, |data| data.len() as u64);
                if size > this.left {
                    if !this.observe {
                        let error = this.progress.fail(UploadError::TooLarge);
                        return Poll::Ready(Some(Err(error)));
                    }
                    this.progress.over.store(true, Ordering::Relaxed);
                }
                this.left = this.left.saturating_sub(size);
                this.pace.moved(size);
                if this.leftover == Leftover::NotAskedFor {
                    this.leftover = Leftover::Read;
                }
                this.progress.touch(body.is_end_stream());
                Some(Ok(mended(frame)))
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.ahead.is_none() && self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let ahead = self.ahead.as_ref().map_or(0, Bytes::len) as u64;
        match &self.body {
            None => SizeHint::with_exact(ahead),
            Some(body) if ahead == 0 => body.size_hint(),
            // What is ahead may be more than its part of the length that was announced.
            Some(_) => SizeHint::default(),
        }
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if let Some(body) = self.body.take()
            && !self.progress.is_done()
        {
            self.leftover.leave(body);
        }
    }
}

/// What the guard found wrong with the bytes that this error is about.
pub(crate) fn fault_of(error: &hyper::Error) -> Option<Fault> {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if let Some(error) = inner.downcast_ref::<std::io::Error>() {
            return error.get_ref()?.downcast_ref().copied();
        }
        source = inner.source();
    }
    None
}

/// The frame, its trailers without the fields that may not stand there.
pub(crate) fn mended(frame: Frame<Bytes>) -> Frame<Bytes> {
    match frame.into_trailers() {
        Ok(mut trailers) => {
            transport::header::sanitise_trailers(&mut trailers);
            Frame::trailers(trailers)
        }
        Err(frame) => frame,
    }
}

/// Reads and forgets, bounded in bytes and in time.
async fn linger(mut body: Incoming, patience: Duration) {
    let drain = async {
        let mut left = linger::BYTES;
        while left > 0 {
            let frame = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await;
            let Some(Ok(frame)) = frame else { break };
            left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
        }
    };
    // Over time or not, the connection closes now, or the stream is reset.
    let _ = tokio::time::timeout(patience, drain).await;
}

/// An answer on its way to the client; dropping it ends the request.
#[derive(Debug)]
pub(crate) struct Reply {
    source: Source,
    /// `None` when a tunnel took it.
    record: Option<Box<Record>>,
    ticket: Ticket,
}

/// Where the bytes of an answer come from.
#[derive(Debug)]
pub(crate) enum Source {
    /// The gate itself.
    Own(Bytes),
    /// The origin.
    Origin(Box<Answer>),
    /// The origin, through the rewriter.
    Page(Box<Rewriting>),
}

/// The origin's answer broke off; the client's stream is aborted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AnswerError {
    /// Nothing came for too long.
    #[error("the origin stopped sending the answer")]
    Idle,
    /// It is malformed or truncated.
    #[error("the origin broke off the answer")]
    Broken,
}

impl Reply {
    pub(crate) const fn new(source: Source, record: Option<Box<Record>>, ticket: Ticket) -> Self {
        Self {
            source,
            record,
            ticket,
        }
    }
}

impl Body for Reply {
    type Data = Bytes;
    type Error = AnswerError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, AnswerError>>> {
        let this = self.get_mut();
        this.ticket.wanted();
        let frame = match &mut this.source {
            Source::Own(bytes) if bytes.is_empty() => None,
            Source::Own(bytes) => Some(Ok(Frame::data(std::mem::take(bytes)))),
            Source::Origin(answer) => ready!(answer.poll_frame(cx)),
            Source::Page(page) => ready!(page.poll_frame(cx)),
        };
        match frame {
            None => Poll::Ready(None),
            Some(Ok(frame)) => {
                this.ticket.offer();
                if let Some(record) = &mut this.record {
                    record.sent(frame.data_ref().map_or(0, Bytes::len));
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Some(Err(error)) => {
                if let Some(record) = &mut this.record {
                    record.broke_off(error);
                }
                Poll::Ready(Some(Err(error)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Own(bytes) => bytes.is_empty(),
            Source::Origin(answer) => answer.is_end(),
            Source::Page(page) => page.is_end(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Own(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Source::Origin(answer) => answer.size_hint(),
            Source::Page(_) => SizeHint::default(),
        }
    }
}
