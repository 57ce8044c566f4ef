//! The origin side: connections kept for reuse, one exchange at a time on each.
//!
//! A connection is driven by the request that uses it, in the same task: no second task to
//! wake for every piece, and an idle connection is looked at exactly when it is about to be
//! reused. One that the origin closed, or on which it sent something unasked, is thrown away
//! then, before a byte of the next request is risked on it.
//!
//! Clauses: RFC 9110, 9.2.2 (no automatic retry of what may have been processed: a request
//! is sent again only when not one byte of it had left); RFC 9112, 9.3 and 9.6.
//!
//! Absent on purpose: HTTP/2 to origins, health checks, several origins per site.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{self, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use policy::site::{Scheme, Upstream};
use policy::transport::Deadlines;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::body::{AnswerError, Idle, Progress, Upload, UploadError, mended};
use crate::socket::Socket;

/// How long a connection waits for its next request: under the 5 s after which Apache
/// closes it.
const IDLE: Duration = Duration::from_secs(4);
/// Idle connections kept per origin.
const KEPT: usize = 256;
/// Buffer of an origin connection, and so the largest head of an answer.
const BUFFER: usize = 128 * 1024;
/// Fields in the head of an answer.
const FIELDS: usize = 256;

/// Why the origin gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpstreamError {
    #[error("origin: cannot connect: {0}")]
    Connect(std::io::Error),
    #[error("origin: cannot connect in time")]
    ConnectTimeout,
    #[error("origin: TLS failed: {0}")]
    Tls(std::io::Error),
    #[error("origin: no usable answer: {0}")]
    Garbage(hyper::Error),
    #[error("origin: closed before it answered: {0}")]
    Closed(hyper::Error),
    #[error("origin: no answer in time")]
    AnswerTimeout,
    #[error("client: {0}")]
    Upload(UploadError),
}

/// The connections to one origin.
#[derive(Debug)]
pub(crate) struct Pool {
    upstream: Upstream,
    tls: Option<Arc<ClientConfig>>,
    idle: Mutex<Vec<Link>>,
}

/// One connection to an origin.
#[derive(Debug)]
pub(crate) struct Link {
    sender: SendRequest<Upload>,
    /// `None` once it is over.
    connection: Option<Connection<TokioIo<Socket>, Upload>>,
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

impl Pool {
    pub(crate) const fn new(upstream: Upstream, tls: Option<Arc<ClientConfig>>) -> Self {
        Self {
            upstream,
            tls,
            idle: Mutex::new(Vec::new()),
        }
    }

    pub(crate) const fn upstream(&self) -> &Upstream {
        &self.upstream
    }

    /// Sends a request and waits for the head of its answer.
    pub(crate) async fn exchange(
        &self,
        mut request: Request<Upload>,
        deadlines: &Deadlines,
    ) -> Result<(Response<Incoming>, Link), UpstreamError> {
        let progress = request.body().progress();
        if let Some(mut link) = self.reuse() {
            match link.send(request, &progress, deadlines.answer).await {
                Ok(response) => return Ok((response, link)),
                // Not one byte had left: the request is whole, and a fresh connection is tried.
                Err(Failed::Unsent(whole)) => request = *whole,
                Err(Failed::Over(error)) => return Err(error),
            }
        }
        let mut link = match tokio::time::timeout(deadlines.connect, self.connect()).await {
            Ok(link) => link?,
            Err(_elapsed) => return Err(UpstreamError::ConnectTimeout),
        };
        match link.send(request, &progress, deadlines.answer).await {
            Ok(response) => Ok((response, link)),
            Err(Failed::Over(error)) => Err(error),
            Err(Failed::Unsent(_)) => Err(UpstreamError::Connect(
                std::io::ErrorKind::ConnectionAborted.into(),
            )),
        }
    }

    /// Takes back a connection whose exchange is over.
    fn keep(&self, mut link: Link) {
        link.since = Instant::now();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push(link);
        }
    }

    /// Closes the connections that waited too long.
    pub(crate) fn sweep(&self) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|link| link.since.elapsed() < IDLE);
        if idle.is_empty() {
            idle.shrink_to_fit();
        }
    }

    /// The connection used last, if it is provably still clean.
    fn reuse(&self) -> Option<Link> {
        loop {
            let mut link = self
                .idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop()?;
            if link.since.elapsed() < IDLE && link.is_clean() {
                return Some(link);
            }
        }
    }

    async fn connect(&self) -> Result<Link, UpstreamError> {
        let stream = TcpStream::connect((self.upstream.host.as_str(), self.upstream.port))
            .await
            .map_err(UpstreamError::Connect)?;
        // Without it the last piece of a request waits for an acknowledgement.
        let _ = stream.set_nodelay(true);
        let socket = match (&self.tls, self.upstream.scheme) {
            (Some(config), Scheme::Https) => {
                let name = ServerName::try_from(self.upstream.host.clone())
                    .map_err(|error| UpstreamError::Tls(std::io::Error::other(error)))?;
                let connector = tokio_rustls::TlsConnector::from(Arc::clone(config));
                let stream = connector
                    .connect(name, stream)
                    .await
                    .map_err(UpstreamError::Tls)?;
                Socket::Tls(Box::new(stream))
            }
            (_, Scheme::Http) => Socket::Plain(stream),
            (None, Scheme::Https) => {
                // The snapshot gives every https origin a configuration; without one, no
                // byte leaves.
                return Err(UpstreamError::Tls(std::io::Error::other("no TLS settings")));
            }
        };
        let (sender, connection) = http1::Builder::new()
            .max_buf_size(BUFFER)
            .max_headers(FIELDS)
            .handshake(TokioIo::new(socket))
            .await
            .map_err(UpstreamError::Closed)?;
        Ok(Link {
            sender,
            connection: Some(connection),
            since: Instant::now(),
        })
    }
}

/// What became of a request that got no answer.
enum Failed {
    /// It never left; here it is.
    Unsent(Box<Request<Upload>>),
    /// It may have left.
    Over(UpstreamError),
}

impl Link {
    /// Lets the connection work; after its end there is nothing left to do.
    pub(crate) fn drive(&mut self, cx: &mut Context<'_>) {
        if let Some(connection) = &mut self.connection
            && Pin::new(connection).poll(cx).is_ready()
        {
            self.connection = None;
        }
    }

    /// Whether the connection is open, idle and silent.
    fn is_clean(&mut self) -> bool {
        self.drive(&mut Context::from_waker(Waker::noop()));
        self.connection.is_some() && self.sender.is_ready()
    }

    /// Hands the socket over after a 101, with the bytes that came behind the head.
    pub(crate) async fn into_tunnel(mut self) -> Option<(Socket, Bytes)> {
        let mut connection = self.connection.take()?;
        std::future::poll_fn(|cx| connection.poll_without_shutdown(cx))
            .await
            .ok()?;
        let parts = connection.into_parts();
        Some((parts.io.into_inner(), parts.read_buf))
    }

    async fn send(
        &mut self,
        request: Request<Upload>,
        progress: &Progress,
        allowed: Duration,
    ) -> Result<Response<Incoming>, Failed> {
        let mut sent = pin!(self.sender.try_send_request(request));
        let connection = &mut self.connection;
        let mut timer = pin!(tokio::time::sleep(allowed));
        std::future::poll_fn(|cx| {
            loop {
                if let Poll::Ready(result) = sent.as_mut().poll(cx) {
                    return Poll::Ready(result.map_err(Failed::from));
                }
                let Some(open) = connection.as_mut() else { break };
                if Pin::new(open).poll(cx).is_ready() {
                    *connection = None;
                    continue;
                }
                // The poll above may have brought the answer.
                if let Poll::Ready(result) = sent.as_mut().poll(cx) {
                    return Poll::Ready(result.map_err(Failed::from));
                }
                break;
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

impl From<hyper::Error> for UpstreamError {
    fn from(error: hyper::Error) -> Self {
        let mut source = std::error::Error::source(&error);
        while let Some(inner) = source {
            if let Some(upload) = inner.downcast_ref::<UploadError>() {
                return Self::Upload(*upload);
            }
            source = inner.source();
        }
        if error.is_parse() {
            Self::Garbage(error)
        } else {
            Self::Closed(error)
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
        } else if link.connection.is_some() {
            // The origin answered before it had read the whole request. It is given a
            // moment to read the rest, so that neither side sees a reset.
            let pool = Arc::clone(&self.pool);
            tokio::spawn(async move {
                let settled = std::future::poll_fn(|cx| {
                    link.drive(cx);
                    match link.connection {
                        Some(_) if !link.sender.is_ready() => Poll::Pending,
                        _ => Poll::Ready(()),
                    }
                });
                let settled = tokio::time::timeout(Duration::from_secs(5), settled).await;
                if settled.is_ok() && link.connection.is_some() {
                    pool.keep(link);
                }
            });
        }
    }
}
