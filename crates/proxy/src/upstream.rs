//! The origin side: connections kept for reuse, one exchange at a time on each.
//!
//! An idle connection is looked at exactly when it is about to be reused. One that the origin
//! closed, or on which it sent something unasked, is thrown away then, before a byte of the
//! next request is risked on it.
//!
//! Clauses: RFC 9110, 9.2.2 (no automatic retry of what may have been processed: a request
//! is sent again only when not one byte of it had left); RFC 9112, 9.3 and 9.6.
//!
//! Absent on purpose: HTTP/2 to origins, health checks, several origins per site.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use policy::site::{Scheme, Upstream};
use policy::transport::Deadlines;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use transport::framing::Fault;

use crate::body::{Upload, UploadError, fault_of};
use crate::link::{Failed, Link};
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
    #[error("origin: no usable answer: {0}")]
    Garbage(hyper::Error),
    #[error("origin: {0}")]
    Framing(Fault),
    #[error("origin: closed before it answered: {0}")]
    Closed(hyper::Error),
    #[error("origin: the connection was lost")]
    Lost,
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
    /// Of each thread its own: a connection is read by the thread that opened it.
    idle: PerThread<Mutex<Vec<Link>>>,
}

impl Pool {
    pub(crate) fn new(upstream: Upstream, tls: Option<Arc<ClientConfig>>) -> Self {
        Self {
            upstream,
            tls,
            idle: PerThread::default(),
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
    pub(crate) fn keep(&self, mut link: Link) {
        link.rest();
        let mut idle = self.here();
        if idle.len() < KEPT {
            idle.push(link);
        }
    }

    /// Closes the connections that waited too long.
    pub(crate) fn sweep(&self) {
        for idle in self.idle.all() {
            let mut idle = idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.retain(|link| link.rested() < IDLE);
            if idle.is_empty() {
                idle.shrink_to_fit();
            }
        }
    }

    fn here(&self) -> MutexGuard<'_, Vec<Link>> {
        let idle = self.idle.here().lock();
        idle.unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection used last, if it is provably still clean.
    fn reuse(&self) -> Option<Link> {
        loop {
            let mut link = self.here().pop()?;
            if link.rested() < IDLE && link.is_clean() {
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
        Link::open(socket).await.map_err(UpstreamError::Closed)
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
        if let Some(fault) = fault_of(&error) {
            Self::Framing(fault)
        } else if error.is_parse() {
            Self::Garbage(error)
        } else {
            Self::Closed(error)
        }
    }
}
