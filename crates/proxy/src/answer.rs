//! An origin's answer on its way to the client, and the connection that brings it.
//!
//! Clauses: RFC 9112, 8 (a truncated answer is an error, not an end), 9.3 (reuse only after a
//! complete exchange); RFC 9110, 6.5.1 (trailers go to a client that asked for them).

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use crate::body::{AnswerError, Idle, mended};
use crate::link::Link;
use crate::mux::Stream;
use crate::origins::Lease;
use crate::socket::Socket;
use crate::upstream::Shelf;

/// How long an origin that answered early may take to read the rest of the request.
const SETTLING: Duration = Duration::from_secs(5);

/// The origin's answer: its body, and what brings it.
pub(crate) struct Answer {
    /// What was looked at before it was passed on.
    ahead: VecDeque<Frame<Bytes>>,
    /// Until all of it has come, or cannot come any more.
    carrier: Option<Carrier>,
    /// It broke off.
    broken: bool,
    idle: Idle,
    /// How much of the request had been taken when this was last looked at.
    moved: u64,
    /// Whether the client asked for trailers.
    trailers: bool,
}

/// What brings an answer; dropping it ends the exchange.
#[derive(Debug)]
pub(crate) struct Carrier {
    pub(crate) wire: Wire,
    /// Where it waits for the next exchange.
    pub(crate) shelf: Arc<Shelf>,
    /// Counts the exchange, where several origins share them.
    pub(crate) lease: Option<Lease>,
}

/// The connection of an exchange.
#[derive(Debug)]
pub(crate) enum Wire {
    /// Its own, for as long as it lasts.
    Own(Box<Link>),
    /// One that others use too, which runs by itself.
    Shared { body: Incoming, _place: Stream },
}

impl Wire {
    fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, AnswerError>>> {
        match self {
            Self::Own(link) => link.poll_frame(cx),
            Self::Shared { body, .. } => {
                let frame = ready!(Pin::new(body).poll_frame(cx));
                Poll::Ready(frame.map(|frame| frame.map_err(|_| AnswerError::Broken)))
            }
        }
    }

    /// How much of the request was taken, where that is known.
    const fn moved(&self) -> u64 {
        match self {
            Self::Own(link) => link.moved(),
            Self::Shared { .. } => 0,
        }
    }

    fn is_end(&self) -> bool {
        match self {
            Self::Own(link) => link.is_end(),
            Self::Shared { body, .. } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Own(link) => link.size_hint(),
            Self::Shared { body, .. } => body.size_hint(),
        }
    }
}

impl Carrier {
    /// The answer goes to a client that has many on their way: little of each is held.
    pub(crate) fn narrow(&mut self) {
        if let Wire::Own(link) = &mut self.wire {
            link.narrow();
        }
    }

    /// Hands the socket over after a 101, with the bytes that came behind the head. `None`
    /// for a connection that others use too: HTTP/2 has no 101.
    pub(crate) fn into_tunnel(self) -> Option<(Socket, Bytes, Option<Lease>)> {
        let Wire::Own(link) = self.wire else {
            return None;
        };
        let (socket, early) = link.into_tunnel();
        Some((socket, early, self.lease))
    }
}

/// Nothing of what passes.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Answer");
        shown.field("ahead", &self.ahead.len());
        shown.field("carrier", &self.carrier);
        shown.field("broken", &self.broken);
        shown.finish_non_exhaustive()
    }
}

impl Answer {
    /// The body of an answer whose head has come.
    pub(crate) fn new(carrier: Carrier, idle: Duration, trailers: bool) -> Self {
        let mut answer = Self {
            ahead: VecDeque::new(),
            carrier: Some(carrier),
            broken: false,
            idle: Idle::new(idle),
            moved: 0,
            trailers,
        };
        answer.finish_at_end();
        answer
    }

    /// The start of the body, at least so many bytes of it if there are and come in time. It
    /// is passed on all the same.
    pub(crate) async fn peek(&mut self, most: usize, patience: Duration) -> Vec<u8> {
        let mut start = Vec::new();
        let look = async {
            while start.len() < most {
                let frame = std::future::poll_fn(|cx| self.poll_new(cx)).await;
                // An answer that breaks off does so again, to whoever it is passed on to.
                let Some(Ok(frame)) = frame else { break };
                if let Some(data) = frame.data_ref() {
                    start.extend_from_slice(data);
                }
                self.ahead.push_back(frame);
            }
        };
        // What has come by then is all that is looked at.
        let _ = tokio::time::timeout(patience, look).await;
        start
    }

    /// The next piece.
    pub(crate) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, AnswerError>>> {
        match self.ahead.pop_front() {
            Some(frame) => Poll::Ready(Some(Ok(frame))),
            None => self.poll_new(cx),
        }
    }

    fn poll_new(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, AnswerError>>> {
        loop {
            let Some(carrier) = &mut self.carrier else {
                let broken = Some(Err(AnswerError::Broken)).filter(|_| self.broken);
                return Poll::Ready(broken);
            };
            let Poll::Ready(frame) = carrier.wire.poll_frame(cx) else {
                // An origin that still reads the request has time for its answer.
                let moved = carrier.wire.moved();
                if std::mem::replace(&mut self.moved, moved) != moved {
                    self.idle.progress();
                }
                ready!(self.idle.poll(cx));
                self.break_off();
                return Poll::Ready(Some(Err(AnswerError::Idle)));
            };
            self.idle.progress();
            match frame {
                None => {
                    self.finish();
                    return Poll::Ready(None);
                }
                Some(Err(error)) => {
                    self.break_off();
                    return Poll::Ready(Some(Err(error)));
                }
                Some(Ok(frame)) => {
                    self.finish_at_end();
                    if frame.is_trailers() && !self.trailers {
                        continue;
                    }
                    return Poll::Ready(Some(Ok(mended(frame))));
                }
            }
        }
    }

    fn break_off(&mut self) {
        self.carrier = None;
        self.broken = true;
    }

    /// Whether all of it has come, be it passed on or not.
    pub(crate) const fn is_read(&self) -> bool {
        self.carrier.is_none() && !self.broken
    }

    pub(crate) fn is_end(&self) -> bool {
        self.ahead.is_empty() && self.is_read()
    }

    pub(crate) fn size_hint(&self) -> SizeHint {
        match &self.carrier {
            _ if !self.ahead.is_empty() => SizeHint::default(),
            Some(carrier) => carrier.wire.size_hint(),
            // Whoever asks on is told that it broke off.
            None if self.broken => SizeHint::default(),
            None => SizeHint::with_exact(0),
        }
    }

    fn finish_at_end(&mut self) {
        if self
            .carrier
            .as_ref()
            .is_some_and(|carrier| carrier.wire.is_end())
        {
            self.finish();
        }
    }

    /// The answer is complete: the connection serves the next request, once it is clean.
    fn finish(&mut self) {
        let Some(Carrier { wire, shelf, .. }) = self.carrier.take() else {
            return;
        };
        let Wire::Own(mut link) = wire else {
            return;
        };
        if link.is_clean(Duration::ZERO) {
            shelf.keep(link);
        } else if link.is_sending() {
            // The origin answered before it had read the whole request. It is given a
            // moment to read the rest, so that neither side sees a reset.
            tokio::spawn(async move {
                let _ = tokio::time::timeout(SETTLING, link.settle()).await;
            });
        }
    }
}
