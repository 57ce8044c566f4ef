//! One connection to an origin, and the answer that it brings.
//!
//! The connection is driven by the request that uses it, in the same task: there is no second
//! task to wake for every piece.
//!
//! Clauses: RFC 9112, 8 (a truncated answer is an error, not an end), 9.3 (reuse only after a
//! complete exchange).

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{self, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::time::Instant;

use crate::body::{AnswerError, Idle, Progress, Upload, mended};
use crate::sieve::{Requested, Sieve};
use crate::socket::Socket;
use crate::upstream::{Pool, UpstreamError};

/// Buffer of an origin connection, and so the largest head of an answer.
const BUFFER: usize = 128 * 1024;
/// Fields in the head of an answer.
const FIELDS: usize = 256;
/// How long an origin that answered early may take to read the rest of the request.
const SETTLING: Duration = Duration::from_secs(5);

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
}

/// The origin's answer: its body, and the connection that brings it.
#[derive(Debug)]
pub(crate) struct Answer {
    body: Incoming,
    link: Option<Link>,
    pool: Arc<Pool>,
    idle: Idle,
    /// Whether the client asked for trailers.
    trailers: bool,
}

/// What became of a request that got no answer.
pub(crate) enum Failed {
    /// It never left; here it is.
    Unsent(Box<Request<Upload>>),
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
        !self.over && self.sender.is_ready()
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
        let mut sent = pin!(self.sender.try_send_request(request));
        let mut timer = pin!(tokio::time::sleep(allowed));
        let begun = Instant::now();
        std::future::poll_fn(|cx| {
            self.drive(cx);
            // An origin that floods with interim answers uses up the task's budget, and
            // the timer below would never be asked: the clock is.
            if Instant::now() >= begun.max(progress.last()) + allowed {
                return Poll::Ready(Err(Failed::Over(UpstreamError::AnswerTimeout)));
            }
            if let Poll::Ready(result) = sent.as_mut().poll(cx) {
                return Poll::Ready(result.map_err(Failed::from));
            }
            if self.over {
                // It ended without settling what was sent, which hyper does not do.
                return Poll::Ready(Err(Failed::Over(UpstreamError::Lost)));
            }
            while timer.as_mut().poll(cx).is_ready() {
                // An upload that moves buys time; one that is over, or that the origin does
                // not take, buys none.
                let due = progress.last() + allowed;
                if due <= Instant::now() {
                    return Poll::Ready(Err(Failed::Over(UpstreamError::AnswerTimeout)));
                }
                timer.as_mut().reset(due);
            }
            Poll::Pending
        })
        .await
    }
}

impl From<TrySendError<Request<Upload>>> for Failed {
    fn from(mut error: TrySendError<Request<Upload>>) -> Self {
        match error.take_message() {
            Some(request) => Self::Unsent(Box::new(request)),
            None => Self::Over(UpstreamError::from(error.into_error())),
        }
    }
}

impl Answer {
    /// The body of an answer whose head has come.
    pub(crate) fn new(
        body: Incoming,
        link: Link,
        pool: Arc<Pool>,
        idle: Duration,
        trailers: bool,
    ) -> Self {
        let mut answer = Self {
            body,
            link: Some(link),
            pool,
            idle: Idle::new(idle),
            trailers,
        };
        if answer.body.is_end_stream() {
            answer.finish();
        }
        answer
    }

    /// The next piece.
    pub(crate) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, AnswerError>>> {
        loop {
            let mut frame = Pin::new(&mut self.body).poll_frame(cx);
            if frame.is_pending()
                && let Some(link) = &mut self.link
            {
                link.drive(cx);
                frame = Pin::new(&mut self.body).poll_frame(cx);
            }
            let frame = match frame {
                Poll::Ready(frame) => frame,
                Poll::Pending => {
                    return self.idle.poll(cx).map(|()| {
                        self.link = None;
                        Some(Err(AnswerError::Idle))
                    });
                }
            };
            self.idle.progress();
            match frame {
                None => {
                    self.finish();
                    return Poll::Ready(None);
                }
                Some(Err(_)) => {
                    self.link = None;
                    return Poll::Ready(Some(Err(AnswerError::Broken)));
                }
                Some(Ok(frame)) => {
                    if frame.is_trailers() && !self.trailers {
                        continue;
                    }
                    if self.body.is_end_stream() {
                        self.finish();
                    }
                    return Poll::Ready(Some(Ok(mended(frame))));
                }
            }
        }
    }

    pub(crate) fn is_end(&self) -> bool {
        self.body.is_end_stream()
    }

    pub(crate) fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }

    /// The answer is complete: the connection serves the next request, once it is clean.
    fn finish(&mut self) {
        let Some(mut link) = self.link.take() else {
            return;
        };
        if link.is_clean() {
            self.pool.keep(link);
        } else if !link.over {
            // The origin answered before it had read the whole request. It is given a
            // moment to read the rest, so that neither side sees a reset.
            let pool = Arc::clone(&self.pool);
            tokio::spawn(async move {
                let settled = std::future::poll_fn(|cx| {
                    link.drive(cx);
                    if link.over || link.sender.is_ready() {
                        Poll::Ready(())
                    } else {
                        Poll::Pending
                    }
                });
                let settled = tokio::time::timeout(SETTLING, settled).await;
                if settled.is_ok() && !link.over {
                    pool.keep(link);
                }
            });
        }
    }
}
