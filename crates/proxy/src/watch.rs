//! A window on a site for the person who shows how its forms work: what passes is seen whole.
//!
//! Clause: [`clause::CNIL_RESTRICTION`], which rests on knowing the forms. Unlike the gate it
//! speaks plain HTTP, on loopback alone, so that any browser of this machine can use it without
//! a certificate; it reaches the origin by the gate's own connections, as the gate would, and
//! passes what the person does on to whoever listens ([`Watch::next`]).
//!
//! It is no open proxy: it leads to one origin, and answers only those who ask for this machine
//! by name (a page of another site could otherwise reach it by a name that it points here). What
//! leads elsewhere on the way back is changed to lead here: addresses of the site in fields and
//! pages, attributes of cookies that need TLS. Nothing is kept and nothing is logged.
//!
//! Bounded: connections, the size of a body and of a page, the exchanges that wait to be looked
//! at.
//!
//! Absent on purpose: every stage of the gate, which would hide from the person what the site
//! does; WebSockets.
//!
//! [`clause::CNIL_RESTRICTION`]: policy::clause::CNIL_RESTRICTION

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use ::form::learn::Exchange;
use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING,
};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, request};
use hyper::body::{Body, Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use policy::Policy;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use transport::forwarded::{self, Proto};
use transport::header;
use transport::host::Host;
use zeroize::Zeroizing;

use crate::answer::Answer;
use crate::body::{AnswerError, Leftover, Upload};
use crate::error::StartError;
use crate::form::{Hold, HoldError};
use crate::link::Failed;
use crate::route;
use crate::stages::MARK;
use crate::upstream::{Brought, Pool};

mod local;

use local::Local;

/// Connections at once; a browser makes six.
const CONNECTIONS: usize = 64;
/// Largest body of a request, in bytes.
const BODY: u64 = 16 << 20;
/// Largest text of an answer that is seen and changed; a longer one passes as it is.
const TEXT: usize = 4 << 20;
/// Exchanges that wait to be looked at.
const WAITING: usize = 32;

/// The window, open until it is dropped.
#[derive(Debug)]
pub struct Watch {
    address: SocketAddr,
    seen: mpsc::Receiver<Exchange>,
    task: tokio::task::JoinHandle<()>,
}

struct Inner {
    pool: Arc<Pool>,
    policy: Policy,
    /// The site by the name that its origin knows.
    host: Host,
    local: Local,
    hold: Hold,
    seen: mpsc::Sender<Exchange>,
}

impl Watch {
    /// Opens a window on the origin of the only site of a policy, whose first host is the name
    /// that it is asked for. Relative paths of the policy begin at `base`.
    ///
    /// # Errors
    /// When the port is taken, or the authorities of an https origin cannot be had.
    pub async fn open(
        policy: &Policy,
        host: Host,
        base: &Path,
        port: u16,
    ) -> Result<Self, StartError> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listen = |error| StartError::Listen {
            key: "port",
            address,
            error,
        };
        let Some(site) = policy.sites().first() else {
            return Err(listen(std::io::ErrorKind::NotFound.into()));
        };
        let way = route::way_to(site, base)?;
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let (sender, seen) = mpsc::channel(WAITING);
        let inner = Arc::new(Inner {
            local: Local::new(&host, way.upstream()),
            pool: Arc::new(Pool::new(way)),
            policy: policy.clone(),
            host,
            hold: Hold::new(),
            seen: sender,
        });
        Ok(Self {
            address,
            seen,
            task: tokio::spawn(accept(listener, inner)),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next exchange. The person's browser gets its answer once it is taken.
    pub async fn next(&mut self) -> Option<Exchange> {
        self.seen.recv().await
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, inner: Arc<Inner>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    // The connections end with the window.
    let mut open = tokio::task::JoinSet::new();
    loop {
        while open.try_join_next().is_some() {}
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let Ok((stream, peer)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let inner = Arc::clone(&inner);
        open.spawn(async move {
            let _place = place;
            serve(stream, peer, inner).await;
        });
    }
}

async fn serve(stream: TcpStream, peer: SocketAddr, inner: Arc<Inner>) {
    let service = service_fn(move |request| {
        let inner = Arc::clone(&inner);
        async move { Ok::<_, Infallible>(inner.pass(request, peer).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(30))
        .serve_connection(TokioIo::new(stream), service);
    // A browser that leaves is no event.
    let _ = connection.await;
}

impl Inner {
    async fn pass(&self, request: Request<Incoming>, peer: SocketAddr) -> Response<Shown> {
        let (head, body) = request.into_parts();
        let here = match Host::of_request(head.version, &head.uri, &head.headers) {
            Ok(here) if is_this_machine(&here) => here,
            _ => {
                let text = "rempart learn: open it by 127.0.0.1 or localhost\n\
                            rempart learn : ouvrez-le par 127.0.0.1 ou localhost\n";
                return told(StatusCode::MISDIRECTED_REQUEST, text);
            }
        };
        match self.exchange(head, body, peer, &here).await {
            Ok(response) => response,
            Err((status, reason)) => told(status, &format!("rempart learn: {reason}\n")),
        }
    }

    async fn exchange(
        &self,
        mut head: request::Parts,
        body: Incoming,
        peer: SocketAddr,
        here: &Host,
    ) -> Result<Response<Shown>, (StatusCode, String)> {
        let leftover = Leftover::of(&head);
        let transport = self.policy.transport();
        let deadlines = &transport.deadlines;
        let mut upload = Upload::new(body, BODY, transport, leftover);
        let read = self
            .hold
            .read(peer.ip(), &mut upload, BODY, deadlines.body_idle);
        let (held, read) = read.await;
        match read {
            Ok(()) => {}
            Err(HoldError::TooLarge) => {
                let reason = "a body over 16 MiB is not watched; send it to the site itself";
                return Err((StatusCode::PAYLOAD_TOO_LARGE, reason.to_owned()));
            }
            Err(error) => return Err((StatusCode::BAD_REQUEST, format!("the body: {error:?}"))),
        }
        let local = self.local.seen_from(here);
        let is_shown = !local.is_from_elsewhere(&head.headers);
        self.prepare(&mut head, peer, held.bytes().len(), &local)?;
        let bad = |reason: &dyn std::fmt::Display| (StatusCode::BAD_GATEWAY, reason.to_string());

        let body = Zeroizing::new(held.bytes().to_vec());
        let sent = (head.method.clone(), head.uri.clone(), head.headers.clone());
        let mut request = Request::new(Upload::whole(held.into_bytes()));
        *request.method_mut() = head.method;
        *request.uri_mut() = head.uri;
        *request.headers_mut() = head.headers;
        let brought = self
            .pool
            .exchange(Box::new(request), false, deadlines)
            .await;
        let (response, carrier): Brought = brought
            .map_err(Failed::into_error)
            .map_err(|error| bad(&error))?;

        let (mut answer, ()) = response.into_parts();
        let mut stream = Answer::new(carrier, deadlines.body_idle, false);
        let mut text = None;
        if is_text(&answer.headers) {
            // One byte more tells whether that is all of it.
            let start = stream.peek(TEXT + 1, deadlines.answer).await;
            text = Some(start);
        }
        let whole = text.as_ref().filter(|_| stream.is_read()).cloned();
        let (method, uri, headers) = sent;
        let seen = Exchange {
            method: method.to_string(),
            path: uri.path().to_owned(),
            query: uri.query().map(|query| Zeroizing::new(query.to_owned())),
            headers,
            body,
            status: answer.status,
            answer: answer.headers.clone(),
            text: text.unwrap_or_default(),
        };
        if is_shown {
            // Whoever listens may have gone: the person goes on all the same.
            let _ = self.seen.send(seen).await;
        }

        header::strip_hop_by_hop(&mut answer.headers);
        local.change_fields(&mut answer.headers);
        let shown = match whole {
            Some(text) => {
                let text = local.change(&text);
                answer.headers.remove(CONTENT_LENGTH);
                Shown::Whole(text.into())
            }
            None => Shown::Passing(Box::new(stream)),
        };
        answer.version = http::Version::HTTP_11;
        answer.extensions.clear();
        Ok(Response::from_parts(answer, shown))
    }

    /// The head as the gate would send it, from a client that came by https.
    fn prepare(
        &self,
        head: &mut request::Parts,
        peer: SocketAddr,
        length: usize,
        local: &local::Seen<'_>,
    ) -> Result<(), (StatusCode, String)> {
        let bad = |reason: String| (StatusCode::BAD_REQUEST, reason);
        let has_body = length > 0
            || head.headers.contains_key(CONTENT_LENGTH)
            || head.headers.contains_key(TRANSFER_ENCODING);
        let headers = &mut head.headers;
        header::sanitise_request(headers).map_err(|error| bad(error.to_string()))?;
        header::strip_hop_by_hop(headers);
        headers.remove(http::header::EXPECT);
        headers.remove(MARK);
        forwarded::rebuild(headers, peer, &self.host, Proto::Https, &[]);
        local.change_back(headers);
        let host = HeaderValue::try_from(self.host.to_string());
        headers.insert(HOST, host.map_err(|error| bad(error.to_string()))?);
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if has_body {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        head.uri = path.parse().map_err(|_| bad("no path".to_owned()))?;
        Ok(())
    }
}

/// By its address or its own name: what else points here was set by somebody else.
fn is_this_machine(host: &Host) -> bool {
    let name = host.name();
    name == "localhost"
        || name
            .parse()
            .is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

/// Whether an answer is text that can be read and changed.
fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    let is_coded = headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"));
    let texts = [
        "text/",
        "application/json",
        "application/xhtml",
        "application/javascript",
    ];
    !is_coded && texts.iter().any(|text| kind.starts_with(text))
}

fn told(status: StatusCode, text: &str) -> Response<Shown> {
    let mut response = Response::new(Shown::Whole(Bytes::from(text.to_owned())));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// The body of an answer.
enum Shown {
    /// Changed, or our own.
    Whole(Bytes),
    /// As the origin sends it.
    Passing(Box<Answer>),
}

impl Body for Shown {
    type Data = Bytes;
    type Error = AnswerError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, AnswerError>>> {
        match self.get_mut() {
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Passing(answer) => answer.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_empty(),
            Self::Passing(answer) => answer.is_end(),
        }
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        match self {
            Self::Whole(bytes) => hyper::body::SizeHint::with_exact(bytes.len() as u64),
            Self::Passing(answer) => answer.size_hint(),
        }
    }
}
