//! One connection to an origin that carries one exchange at a time.
//!
//! The connection is driven by the request that uses it, in the same task: there is no second
//! task to wake for every piece.
//!
//! Clause: RFC 9112, 9.3 (reuse only after a complete exchange).

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{self, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::task::coop::has_budget_remaining;
use tokio::time::{Instant, Sleep};

use crate::body::{Progress, Upload};
use crate::sieve::{Requested, Sieve};
use crate::socket::Socket;
use crate::upstream::UpstreamError;

/// Buffer of an origin connection, and so the largest head of an answer.
const BUFFER: usize = 128 * 1024;
/// Fields in the head of an answer.
const FIELDS: usize = 256;

/// One connection to an origin.
#[derive(Debug)]
pub(crate) struct Link {
    sender: SendRequest<Upload>,
    connection: Connection<TokioIo<Sieve<Socket>>, Upload>,
    requested: Requested,
    /// The connection has ended, or has left HTTP after a 101.
    over: bool,
    /// When it was last put aside.
    since: Instant,
    /// Of the answer that is waited for. It goes on to the next one: it is moved when it fires,
    /// and an exchange that is in time never touches it.
    timer: Pin<Box<Sleep>>,
}

/// What became of a request that got no answer.
pub(crate) enum Failed {
    /// Not one byte of it left, because of this; here it is.
    Unsent(Box<Request<Upload>>, UpstreamError),
    /// It may have left.
    Over(UpstreamError),
}

impl Link {
    /// A connection that has carried nothing yet.
    pub(crate) async fn open(socket: Socket) -> Result<Self, hyper::Error> {
        let requested = Requested::default();
        let sieve = Sieve::new(socket, BUFFER, requested.clone());
        let (sender, connection) = http1::Builder::new()
            .max_buf_size(BUFFER)
            .max_headers(FIELDS)
            .handshake(TokioIo::new(sieve))
            .await?;
        Ok(Self {
            sender,
            connection,
            requested,
            over: false,
            since: Instant::now(),
            timer: Box::pin(tokio::time::sleep(Duration::ZERO)),
        })
    }

    /// Puts it aside for the next request.
    pub(crate) fn rest(&mut self) {
        self.since = Instant::now();
    }

    /// How long it has been aside.
    pub(crate) fn rested(&self) -> Duration {
        self.since.elapsed()
    }

    /// Lets the connection work; after its end there is nothing left to do.
    ///
    /// The socket is never shut down here: after a 101 it goes on as a tunnel, and in every
    /// other case dropping the link closes it.
    pub(crate) fn drive(&mut self, cx: &mut Context<'_>) {
        self.over = self.over || self.connection.poll_without_shutdown(cx).is_ready();
    }

    /// Whether the connection is open, idle and silent.
    pub(crate) fn is_clean(&mut self) -> bool {
        self.drive(&mut Context::from_waker(Waker::noop()));
        !self.over && !self.requested.is_deaf() && self.sender.is_ready()
    }

    /// Whether it has ended.
    pub(crate) const fn is_over(&self) -> bool {
        self.over
    }

    /// Works until the exchange is over on both sides. Whether another may follow.
    pub(crate) async fn settle(&mut self) -> bool {
        std::future::poll_fn(|cx| {
            self.drive(cx);
            if self.over || self.sender.is_ready() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        self.is_clean()
    }

    /// Hands the socket over after a 101, with the bytes that came behind the head.
    pub(crate) async fn into_tunnel(mut self) -> (Socket, Bytes) {
        std::future::poll_fn(|cx| {
            self.drive(cx);
            if self.over {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        let parts = self.connection.into_parts();
        let (socket, rest) = parts.io.into_inner().into_parts();
        let early = match rest.is_empty() {
            true => parts.read_buf,
            false => [&parts.read_buf[..], &rest].concat().into(),
        };
        (socket, early)
    }

    /// Sends one request and waits for the head of its answer, for as long as `allowed` after
    /// the last piece of the upload.
    pub(crate) async fn send(
        &mut self,
        request: Request<Upload>,
        progress: &Progress,
        allowed: Duration,
    ) -> Result<Response<Incoming>, Failed> {
        self.requested.another();
        let sent = self.sender.try_send_request(request);
        let Self {
            connection,
            over,
            timer,
            ..
        } = self;
        in_time(sent, timer.as_mut(), progress, allowed, |cx| {
            *over = *over || connection.poll_without_shutdown(cx).is_ready();
            *over
        })
        .await
    }
}

/// Waits for the head of an answer, for as long as `allowed` after the last piece of the
/// upload. `drive` lets the connection work and tells whether it has ended.
pub(crate) async fn in_time(
    sent: impl Future<Output = Result<Response<Incoming>, TrySendError<Request<Upload>>>>,
    mut timer: Pin<&mut Sleep>,
    progress: &Progress,
    allowed: Duration,
    mut drive: impl FnMut(&mut Context<'_>) -> bool,
) -> Result<Response<Incoming>, Failed> {
    let mut sent = pin!(sent);
    let begun = Instant::now();
    let due = || begun.max(progress.last()) + allowed;
    if timer.deadline() > due() {
        timer.as_mut().reset(due());
    }
    std::future::poll_fn(|cx| {
        let over = drive(cx);
        // An origin that floods with interim answers uses up the task's budget, and
        // the timer below would never be asked: the clock is.
        if !has_budget_remaining() && Instant::now() >= due() {
            return Poll::Ready(Err(Failed::Over(UpstreamError::AnswerTimeout)));
        }
        if let Poll::Ready(result) = sent.as_mut().poll(cx) {
            return Poll::Ready(result.map_err(Failed::from));
        }
        if over {
            // It ended without settling what was sent, which hyper does not do.
            return Poll::Ready(Err(Failed::Over(UpstreamError::Lost)));
        }
        while timer.as_mut().poll(cx).is_ready() {
            // An upload that moves buys time; one that is over, or that the origin does
            // not take, buys none.
            if due() <= Instant::now() {
                return Poll::Ready(Err(Failed::Over(UpstreamError::AnswerTimeout)));
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

impl From<TrySendError<Request<Upload>>> for Failed {
    fn from(mut error: TrySendError<Request<Upload>>) -> Self {
        match error.take_message() {
            Some(request) => {
                let error = UpstreamError::from(error.into_error());
                Self::Unsent(Box::new(request), error)
            }
            None => Self::Over(UpstreamError::from(error.into_error())),
        }
    }
}
