//! An HTTP/2 connection to an origin, shared by many exchanges at once.
//!
//! The windows are such that a client that does not read its answer holds back its own stream
//! only: the connection's window is the sum of the streams'. A connection is opened when the
//! others have as many streams as their origin allows, closed when it is idle, and asked for a
//! sign of life while something waits on it. Clauses: RFC 9113, 5.1.2, 6.7, 6.9, 8.2.2, 8.3.1
//! and 8.7.
//!
//! Absent on purpose: server push, which is refused; and upgrades, which HTTP/2 has not.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TE, TRANSFER_ENCODING, UPGRADE};
use http::uri::{Authority, Parts, PathAndQuery, Scheme};
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::TrySendError;
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper::rt::Executor;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::body::{Progress, Upload};
use crate::link::{Failed, in_time};
use crate::socket::Socket;
use crate::upstream::{Outbound, UpstreamError};

/// Exchanges on one connection at once, if the origin allows as many.
const STREAMS: usize = 100;
/// What one answer may have on the way, unread.
const WINDOW: u32 = 128 * 1024;
/// Size of the head of an answer, as RFC 9113, 6.5.2 counts it.
const HEAD: u32 = 128 * 1024;
/// How often, and for how long, an origin is asked for a sign of life while it owes an answer.
const LIFE: Duration = Duration::from_secs(10);

/// One connection.
#[derive(Debug)]
pub(crate) struct Mux {
    sender: SendRequest<Upload>,
    scheme: Scheme,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    epoch: Instant,
    /// Exchanges that are not over.
    open: AtomicUsize,
    /// Exchanges that the origin allows.
    most: AtomicUsize,
    /// Nothing new is sent on it any more.
    retired: AtomicBool,
    /// Milliseconds from `epoch` to the end of the last exchange.
    last: AtomicU64,
}

/// Runs what drives a connection, and tells of each time that it has been polled, for as long as
/// somebody wants to know.
#[derive(Debug, Clone, Default)]
struct Polls(Arc<Polled>);

#[derive(Debug, Default)]
struct Polled {
    another: Notify,
    enough: AtomicBool,
}

impl Polls {
    /// Ends after the next poll, or the one since this was last asked.
    async fn another(&self) {
        self.0.another.notified().await;
    }

    /// Nobody wants to know any more.
    fn enough(&self) {
        self.0.enough.store(true, Ordering::Relaxed);
    }
}

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Polls {
    fn execute(&self, future: F) {
        let polled = Arc::clone(&self.0);
        tokio::spawn(async move {
            let mut future = pin!(future);
            std::future::poll_fn(|cx| {
                let end = future.as_mut().poll(cx);
                if !polled.enough.load(Ordering::Relaxed) {
                    polled.another.notify_one();
                }
                end
            })
            .await;
        });
    }
}

/// One exchange on a connection; dropping it makes room for another.
#[derive(Debug)]
pub(crate) struct Stream {
    mux: Arc<Mux>,
}

impl Mux {
    /// Starts on a socket whose other end speaks HTTP/2.
    ///
    /// Ends when the origin has said how many exchanges it takes, which is for the caller to bound.
    pub(crate) async fn open(socket: Socket) -> Result<Arc<Self>, UpstreamError> {
        let scheme = match &socket {
            Socket::Plain(_) => Scheme::HTTP,
            Socket::Tls(_) => Scheme::HTTPS,
        };
        let polls = Polls::default();
        let (sender, connection) = Builder::new(polls.clone())
            .timer(TokioTimer::new())
            .initial_stream_window_size(WINDOW)
            .initial_connection_window_size(WINDOW * STREAMS as u32)
            .max_header_list_size(HEAD)
            .keep_alive_interval(LIFE)
            .keep_alive_timeout(LIFE)
            // Not heard yet, see below.
            .initial_max_send_streams(0_usize)
            .handshake(TokioIo::new(socket))
            .await
            .map_err(UpstreamError::Closed)?;
        let mut connection = Box::pin(connection);
        // The first frame of an origin says how many exchanges it takes (RFC 9113, 3.4 and
        // 5.1.2). Until then nothing is sent, so that none waits on a connection that has no
        // place for it. The task that reads the frame wakes nobody for it: each poll of it does.
        let most = loop {
            let polled = std::future::poll_fn(|cx| Poll::Ready(connection.as_mut().poll(cx)));
            match polled.await {
                Poll::Ready(Ok(())) => return Err(UpstreamError::Lost),
                Poll::Ready(Err(error)) => return Err(UpstreamError::Closed(error)),
                Poll::Pending => {}
            }
            match connection.current_max_send_streams() {
                0 => polls.another().await,
                most => break most.min(STREAMS),
            }
        };
        polls.enough();
        let state = Arc::new(State {
            epoch: Instant::now(),
            open: AtomicUsize::new(0),
            most: AtomicUsize::new(most),
            retired: AtomicBool::new(false),
            last: AtomicU64::new(0),
        });
        let seen = Arc::clone(&state);
        tokio::spawn(async move {
            std::future::poll_fn(|cx| {
                let end = connection.as_mut().poll(cx);
                let most = connection.current_max_send_streams();
                // An origin that takes none for a while takes them again on this connection.
                seen.most.store(most.clamp(1, STREAMS), Ordering::Relaxed);
                end
            })
            .await
            .ok();
            seen.retired.store(true, Ordering::Relaxed);
        });
        Ok(Arc::new(Self {
            sender,
            scheme,
            state,
        }))
    }

    /// A place for one more exchange, if there is one.
    pub(crate) fn join(self: &Arc<Self>) -> Option<Stream> {
        let most = self.state.most.load(Ordering::Relaxed);
        let joins = |open: usize| (open < most).then_some(open + 1);
        let joined = self
            .state
            .open
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, joins);
        joined.ok().map(|_| Stream {
            mux: Arc::clone(self),
        })
    }

    /// Whether it takes new exchanges at all.
    pub(crate) fn is_alive(&self) -> bool {
        !self.state.retired.load(Ordering::Relaxed) && !self.sender.is_closed()
    }

    /// How long nothing has been open on it.
    pub(crate) fn rested(&self) -> Duration {
        if self.state.open.load(Ordering::Relaxed) > 0 {
            return Duration::ZERO;
        }
        let last = Duration::from_millis(self.state.last.load(Ordering::Relaxed));
        self.state.epoch.elapsed().saturating_sub(last)
    }

    /// Gives it no new exchange; those that are open go on.
    pub(crate) fn retire(&self) {
        self.state.retired.store(true, Ordering::Relaxed);
    }
}

impl Stream {
    /// Sends one request and waits for the head of its answer, for as long as `allowed` after
    /// the last piece of the upload.
    pub(crate) async fn send(
        &self,
        request: Outbound,
        progress: &Progress,
        allowed: Duration,
    ) -> Result<(Response<()>, Incoming), Failed> {
        let spare = Spare::of(&request);
        let request = self.dressed(*request)?;
        let mut sender = self.mux.sender.clone();
        let mut sent = pin!(sender.try_send_request(request));
        let timer = pin!(tokio::time::sleep(allowed));
        let answered = in_time(timer, progress, allowed, |cx| sent.as_mut().poll(cx)).await;
        let Some(answered) = answered else {
            let late = UpstreamError::AnswerTimeout;
            return Err(Failed::Over(broken_by(progress).unwrap_or(late)));
        };
        match answered.map_err(Failed::from) {
            Ok(response) if ambiguous(response.headers()) => {
                self.mux.retire();
                Err(Failed::Over(UpstreamError::Malformed))
            }
            Ok(response) => {
                let (head, body) = response.into_parts();
                Ok((Response::from_parts(head, ()), body))
            }
            Err(Failed::Unsent(request, error)) => {
                self.mux.retire();
                Err(Failed::Unsent(Box::new(undressed(*request)), error))
            }
            Err(Failed::Over(UpstreamError::Closed(error))) if was_refused(&error) => {
                self.mux.retire();
                let error = UpstreamError::Closed(error);
                Err(match spare {
                    Some(spare) => Failed::Unsent(Box::new(spare.request()), error),
                    None => Failed::Over(error),
                })
            }
            Err(Failed::Over(error)) => {
                let error = broken_by(progress).unwrap_or(error);
                if matches!(error, UpstreamError::Closed(_) | UpstreamError::Lost) {
                    self.mux.retire();
                }
                Err(Failed::Over(error))
            }
        }
    }

    /// The request as HTTP/2 has it.
    fn dressed(&self, request: Request<Upload>) -> Result<Request<Upload>, Failed> {
        let (mut head, body) = request.into_parts();
        let authority = head
            .headers
            .get(HOST)
            .and_then(|host| Authority::try_from(host.as_bytes()).ok());
        let mut parts = Parts::default();
        parts.scheme = Some(self.mux.scheme.clone());
        parts.authority = authority;
        parts.path_and_query = head.uri.path_and_query().cloned();
        let Ok(uri) = Uri::from_parts(parts) else {
            // A host that passed every check is an authority.
            return Err(Failed::Over(UpstreamError::Malformed));
        };
        head.uri = uri;
        for name in [HOST, CONNECTION, TRANSFER_ENCODING, UPGRADE] {
            head.headers.remove(name);
        }
        Ok(Request::from_parts(head, body))
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let state = &self.mux.state;
        let elapsed = u64::try_from(state.epoch.elapsed().as_millis()).unwrap_or(u64::MAX);
        state.last.store(elapsed, Ordering::Relaxed);
        state.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// An upload is another task's here, and what broke it is told apart.
fn broken_by(progress: &Progress) -> Option<UpstreamError> {
    progress.failure().map(UpstreamError::Upload)
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

/// A request without a body, kept for when the origin says that it did not look at it.
struct Spare(Method, Uri, HeaderMap);

impl Spare {
    fn of(request: &Request<Upload>) -> Option<Self> {
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let whole = request.body().is_end_stream();
        whole.then(|| Self(method, uri, request.headers().clone()))
    }

    fn request(self) -> Request<Upload> {
        let mut request = Request::new(Upload::none());
        *request.method_mut() = self.0;
        *request.uri_mut() = self.1;
        *request.headers_mut() = self.2;
        request
    }
}

/// Whether the origin itself says that it has not processed a request (RFC 9113, 8.7): it
/// refused the stream, or is leaving and named an earlier one as its last.
fn was_refused(error: &hyper::Error) -> bool {
    let source = std::error::Error::source(error);
    source
        .and_then(|source| source.downcast_ref::<h2::Error>())
        .is_some_and(|error| {
            error.is_remote()
                && match error.reason() {
                    Some(h2::Reason::REFUSED_STREAM) => error.is_reset(),
                    Some(h2::Reason::NO_ERROR) => error.is_go_away(),
                    _ => false,
                }
        })
}

/// The request as HTTP/1.1 has it, after all.
fn undressed(request: Request<Upload>) -> Request<Upload> {
    let (mut head, body) = request.into_parts();
    if let Some(host) = head.uri.authority()
        && let Ok(host) = HeaderValue::try_from(host.as_str())
    {
        head.headers.insert(HOST, host);
    }
    let path = head.uri.path_and_query().cloned();
    head.uri = Uri::from(path.unwrap_or(PathAndQuery::from_static("/")));
    if !body.is_end_stream() && !head.headers.contains_key(CONTENT_LENGTH) {
        let chunked = HeaderValue::from_static("chunked");
        head.headers.insert(TRANSFER_ENCODING, chunked);
    }
    if head.headers.contains_key(TE) {
        head.headers
            .insert(CONNECTION, HeaderValue::from_static("te"));
    }
    Request::from_parts(head, body)
}

/// Whether an answer has two lengths, of which a reader on HTTP/1.1 would have to choose one.
fn ambiguous(headers: &HeaderMap) -> bool {
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    let Some(first) = lengths.next() else {
        return false;
    };
    !first.as_bytes().iter().all(u8::is_ascii_digit) || lengths.any(|length| length != first)
}
