//! The connections to one origin: those that carry one exchange at a time, kept for reuse, and
//! those that many exchanges share.
//!
//! An idle connection is looked at exactly when it is about to be reused. One that the origin
//! closed, or on which it sent something unasked, is thrown away then, before a byte of the
//! next request is risked on it.
//!
//! Clauses: RFC 9110, 9.2.2 (no automatic retry of what may have been processed: a request
//! is sent again only when not one byte of it had left, or when an HTTP/2 origin says that it
//! did not look at it); RFC 9112, 9.3 and 9.6; RFC 9113, 8.7 and 9.1.
//!
//! Absent on purpose: which of several origins is asked; see [`crate::origins`].

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{Request, Response};
use policy::transport::Deadlines;
use transport::framing::Fault;

use crate::answer::{Carrier, Wire};
use crate::body::{Progress, Upload, UploadError};
use crate::dial::{Spoken, Way};
use crate::link::{Failed, Link};
use crate::mux::{Mux, Stream};
use crate::socket::Socket;
use crate::threads::PerThread;

/// How long a connection waits for its next request: under the 5 s after which Apache
/// closes it.
const IDLE: Duration = Duration::from_secs(4);
/// Idle connections kept per origin and thread.
const KEPT: usize = 256;

/// Why the origin gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpstreamError {
    #[error("origin: cannot connect: {0}")]
    Connect(std::io::Error),
    #[error("origin: cannot connect in time")]
    ConnectTimeout,
    #[error("origin: TLS failed: {0}")]
    Tls(std::io::Error),
    #[error("origin: {0}")]
    Framing(Fault),
    #[error("origin: an answer that HTTP/1.1 cannot pass on")]
    Malformed,
    #[error("origin: closed before it answered: {0}")]
    Ended(std::io::Error),
    #[error("origin: closed before it answered: {0}")]
    Closed(hyper::Error),
    #[error("origin: the connection was lost")]
    Lost,
    #[error("origin: no answer in time")]
    AnswerTimeout,
    #[error("origin: none is up")]
    NoneUp {
        /// When to try again.
        after: Duration,
    },
    #[error("client: {0}")]
    Upload(UploadError),
}

/// The connections to one origin.
#[derive(Debug)]
pub(crate) struct Pool {
    way: Way,
    /// Of each thread its own: a connection is read by the thread that opened it.
    idle: PerThread<Arc<Shelf>>,
    shared: Mutex<Vec<Arc<Mux>>>,
    /// Held while a connection for many is opened, so that a burst opens one.
    opening: tokio::sync::Mutex<()>,
    /// An origin that was offered HTTP/2 and chose HTTP/1.1.
    single: AtomicBool,
}

/// Connections of one thread that wait for their next request.
#[derive(Debug, Default)]
#[expect(clippy::vec_box, reason = "a link is in its box wherever it is")]
pub(crate) struct Shelf(Mutex<Vec<Box<Link>>>);

impl Shelf {
    /// Takes back a connection whose exchange is over.
    pub(crate) fn keep(&self, mut link: Box<Link>) {
        link.rest();
        let mut idle = self.lock();
        if idle.len() < KEPT {
            idle.push(link);
        }
    }

    /// The connection used last, if it is provably still clean.
    fn reuse(&self) -> Option<Box<Link>> {
        loop {
            let mut link = self.lock().pop()?;
            let rested = link.rested();
            if rested < IDLE && link.is_clean(rested) {
                return Some(link);
            }
        }
    }

    fn sweep(&self) {
        let mut idle = self.lock();
        idle.retain(|link| link.rested() < IDLE);
        if idle.is_empty() {
            idle.shrink_to_fit();
        }
    }

    #[expect(clippy::vec_box, reason = "a link is in its box wherever it is")]
    fn lock(&self) -> MutexGuard<'_, Vec<Box<Link>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request on its way to an origin. It passes through many hands, and stays in its box.
pub(crate) type Outbound = Box<Request<Upload>>;

/// A connection that a request may be sent on.
enum Opened {
    Own(Box<Link>),
    Shared(Stream),
}

/// An answer's head, and what brings its body.
pub(crate) type Brought = (Response<()>, Carrier);

impl Pool {
    pub(crate) fn new(way: Way) -> Self {
        Self {
            way,
            idle: PerThread::default(),
            shared: Mutex::default(),
            opening: tokio::sync::Mutex::default(),
            single: AtomicBool::new(false),
        }
    }

    pub(crate) const fn way(&self) -> &Way {
        &self.way
    }

    /// Sends a request and waits for the head of its answer. A request that may end in an
    /// upgrade gets a connection to itself.
    pub(crate) async fn exchange(
        &self,
        mut request: Outbound,
        upgrade: bool,
        deadlines: &Deadlines,
    ) -> Result<Brought, Failed> {
        let progress = request.body().progress();
        let answer = deadlines.answer;
        // What was open before may have ended since: then not one byte has left, and a fresh
        // connection is tried.
        if let Some(mut link) = self.idle.here().reuse() {
            match link.send(request, &progress, answer).await {
                Ok(response) => return Ok((response, self.carrier(Wire::Own(link)))),
                Err(Failed::Unsent(whole, _)) => request = whole,
                Err(over) => return Err(over),
            }
        } else if !upgrade
            && self.way.may_share()
            && let Some(stream) = self.join()
        {
            match Box::pin(stream.send(request, &progress, answer)).await {
                Ok((response, body)) => {
                    let wire = Wire::Shared {
                        body,
                        _place: stream,
                    };
                    return Ok((response, self.carrier(wire)));
                }
                Err(Failed::Unsent(whole, _)) => request = whole,
                Err(over) => return Err(over),
            }
        }
        // Apart: what most requests do without is not to make the task of each larger.
        Box::pin(self.first(request, progress, upgrade, deadlines)).await
    }

    /// The same on a connection that is opened for it.
    async fn first(
        &self,
        request: Outbound,
        progress: Arc<Progress>,
        upgrade: bool,
        deadlines: &Deadlines,
    ) -> Result<Brought, Failed> {
        let answer = deadlines.answer;
        let opened = tokio::time::timeout(deadlines.connect, self.open(upgrade)).await;
        match opened.unwrap_or(Err(UpstreamError::ConnectTimeout)) {
            Ok(Opened::Own(mut link)) => {
                let response = link.send(request, &progress, answer).await?;
                Ok((response, self.carrier(Wire::Own(link))))
            }
            Ok(Opened::Shared(stream)) => {
                let (response, body) = stream.send(request, &progress, answer).await?;
                let wire = Wire::Shared {
                    body,
                    _place: stream,
                };
                Ok((response, self.carrier(wire)))
            }
            Err(error) => Err(Failed::Unsent(request, error)),
        }
    }

    /// Closes the connections that waited too long.
    pub(crate) fn sweep(&self) {
        for idle in self.idle.all() {
            idle.sweep();
        }
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.retain(|mux| mux.is_alive() && mux.rested() < IDLE);
    }

    fn carrier(&self, wire: Wire) -> Carrier {
        Carrier {
            wire,
            shelf: Arc::clone(self.idle.here()),
            lease: None,
        }
    }

    /// A place on a connection that others use too.
    fn join(&self) -> Option<Stream> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.retain(|mux| mux.is_alive());
        shared.iter().find_map(Mux::join)
    }

    async fn open(&self, upgrade: bool) -> Result<Opened, UpstreamError> {
        if upgrade || !self.way.may_share() || self.single.load(Ordering::Relaxed) {
            let (socket, spoken) = self.way.dial(upgrade).await?;
            return self.start(socket, spoken).await;
        }
        let turn = self.opening.lock().await;
        // Who waited for the turn finds what the one before has opened.
        if let Some(stream) = self.join() {
            return Ok(Opened::Shared(stream));
        }
        let (socket, spoken) = self.way.dial(false).await?;
        let wire = self.start(socket, spoken).await;
        drop(turn);
        wire
    }

    async fn start(&self, socket: Socket, spoken: Spoken) -> Result<Opened, UpstreamError> {
        match spoken {
            Spoken::Http11 => {
                if self.way.may_share() {
                    self.single.store(true, Ordering::Relaxed);
                }
                Ok(Opened::Own(Box::new(Link::new(socket))))
            }
            Spoken::Http2 => {
                self.single.store(false, Ordering::Relaxed);
                let mux = Mux::open(socket).await?;
                let stream = mux.join().ok_or(UpstreamError::Lost)?;
                self.shared
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(mux);
                Ok(Opened::Shared(stream))
            }
        }
    }
}

impl From<hyper::Error> for UpstreamError {
    fn from(error: hyper::Error) -> Self {
        let mut source = std::error::Error::source(&error);
        while let Some(inner) = source {
            if let Some(upload) = inner.downcast_ref::<UploadError>() {
                return Self::Upload(*upload);
            }
            source = inner.source();
        }
        Self::Closed(error)
    }
}
