//! Sockets: bind, accept, shake hands, hand over to hyper.
//!
//! Each connection is one task on one thread of [`crate::threads`]. The limits and deadlines that it gets are those of the
//! policy in force when it was accepted. Clauses: RFC 9325, 3.8 (a handshake that fails ends
//! the connection); RFC 9113, 10.5 (bounds on what an HTTP/2 client may make us keep).

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use policy::transport::{Limits, TransportPolicy};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use transport::certificate::ACME_TLS;
use transport::{Encrypted, framing, hsts};

use crate::activity::Activity;
use crate::drive::drive;
use crate::error::StartError;
use crate::gate::Shared;
use crate::guard::{Guard, Refuse, Unread};
use crate::handshake::{self, Shaken};
use crate::limit::Permit;
use crate::manner::Manner;
use crate::metrics::{self, HandshakeFailure};
use crate::nap;
use crate::observe::Observed;
use crate::plain::{self, Plain};
use crate::record::Record;
use crate::respond::{Notice, serialise};
use crate::route::Snapshot;
use crate::stages::{self, Secure};

/// Connections that the system may hold until they are accepted.
const BACKLOG: u32 = 4096;
/// Streams that one HTTP/2 client may have open.
const STREAMS: u32 = 128;
/// What one HTTP/2 stream may have sent or received beyond what was consumed.
const STREAM_WINDOW: u32 = 256 * 1024;
/// The same for a whole connection.
const CONNECTION_WINDOW: u32 = 1024 * 1024;
/// Streams that an HTTP/2 client may reset before the gate has looked at them. An honest
/// browser resets a few when somebody leaves a page; a flood resets every one that it opens
/// (CVE-2023-44487).
const RESETS: usize = 20;
/// Streams that the gate itself may have to reset for what the client sent. The codec's own
/// limit of 1024 is for servers; a browser makes no such error (CVE-2025-8671).
const ERRORS: usize = 64;
/// What one HTTP/2 client may make the gate remember of its field names and values.
const TABLE: u32 = 4096;
/// Buffer of a connection each way, when the head limit asks for no more.
const BUFFER: usize = 64 * 1024;
/// hyper's own number of fields, for which it needs no allocation.
const USUAL_FIELDS: usize = 100;

/// Which listener a connection came in by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// In clear.
    Plain,
    /// TLS.
    Secure,
}

/// Opens a listener.
pub(crate) fn bind(key: &'static str, address: SocketAddr) -> Result<TcpListener, StartError> {
    let open = || bound(address)?.listen(BACKLOG);
    open().map_err(|error| StartError::Listen {
        key,
        address,
        error,
    })
}

/// A socket that has an address and does not listen yet.
pub(crate) fn bound(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // A restart must not wait for the last connections of the previous run.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// Accepts until the gate stops.
pub(crate) async fn accept(shared: Arc<Shared>, listener: TcpListener, door: Door) {
    const LONGEST_PAUSE: Duration = Duration::from_secs(1);
    let mut pause = Duration::ZERO;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shared.ending.stop.cancelled() => return,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_of_the_client(&error) => continue,
            Err(error) => {
                metrics::add(&shared.metrics.gate.here().accept_errors, 1);
                // Out of descriptors or memory: trying again at once would only burn the
                // processor that is needed to end connections.
                pause = (pause * 2).clamp(Duration::from_millis(10), LONGEST_PAUSE);
                tracing::warn!(%error, "cannot accept connections");
                tokio::time::sleep(pause).await;
                continue;
            }
        };
        pause = Duration::ZERO;
        // A listener on `[::]` sees IPv4 clients in their IPv6 form.
        let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
        let snapshot = shared.snapshot.load_full();
        let limits = limits_for(peer, snapshot.policy.transport());
        let counts = shared.metrics.gate.here();
        let Some(permit) = admit(&shared, peer, limits) else {
            // Closed without a word: an answer would cost what the cap saves.
            counts.turned_away.one(door as usize);
            continue;
        };
        counts.connections.one(door as usize);
        // Small answers must not wait for the acknowledgement of earlier ones.
        let _ = stream.set_nodelay(true);
        let shared_here = Arc::clone(&shared);
        let Ok(stream) = stream.into_std() else {
            continue;
        };
        let serve = async move {
            // From here on its events come to the thread that serves it.
            let Ok(stream) = TcpStream::from_std(stream) else {
                return;
            };
            match door {
                Door::Plain => serve_plain(shared_here, snapshot, stream, peer, permit).await,
                Door::Secure => serve_secure(shared_here, snapshot, stream, peer, permit).await,
            }
        };
        shared.threads.spawn(shared.tasks.track_future(serve));
    }
}

/// A place for a connection. Whoever only observes notes the cap of a source and keeps to that
/// of all connections.
fn admit(shared: &Shared, peer: SocketAddr, mut limits: Limits) -> Option<Permit> {
    let permit = shared.connections.admit(peer.ip(), &limits);
    if permit.is_some() || !shared.observe {
        return permit;
    }
    limits.connections_per_source = limits.connections;
    let permit = shared.connections.admit(peer.ip(), &limits)?;
    let counts = shared.metrics.nobody.here();
    counts.observed.one(Observed::Source as usize);
    Some(permit)
}

/// The limits that a peer gets. A trusted proxy brings many clients: it may have every
/// connection there is.
fn limits_for(peer: SocketAddr, transport: &TransportPolicy) -> Limits {
    let mut limits = transport.limits;
    let address = peer.ip().to_canonical();
    if transport
        .trusted_proxies
        .iter()
        .any(|network| network.contains(&address))
    {
        limits.connections_per_source = limits.connections;
    }
    limits
}

async fn serve_plain(
    shared: Arc<Shared>,
    snapshot: Arc<Snapshot>,
    stream: TcpStream,
    peer: SocketAddr,
    _permit: Permit,
) {
    let activity = Activity::start();
    let transport = snapshot.policy.transport();
    let refuse = refuse_plain(Arc::clone(&shared), Arc::clone(&snapshot), peer);
    let limits = framing::Limits::of(&transport.limits);
    let guard = Guard::new(stream, Arc::clone(&activity), limits, refuse);
    let plain = Arc::new(Plain {
        shared: Arc::clone(&shared),
        peer,
        activity: Arc::clone(&activity),
    });
    let service = service_fn(move |request| {
        let plain = Arc::clone(&plain);
        async move { Ok::<_, Infallible>(plain::serve(plain, request).await) }
    });
    let connection = http1_builder(transport).serve_connection(TokioIo::new(guard), service);
    let close = |connection: Pin<&mut http1::Connection<_, _>>| connection.graceful_shutdown();
    drive(
        pin!(connection),
        close,
        &activity,
        &transport.deadlines,
        &shared.ending,
        None,
    )
    .await;
}

async fn serve_secure(
    shared: Arc<Shared>,
    snapshot: Arc<Snapshot>,
    stream: TcpStream,
    peer: SocketAddr,
    permit: Permit,
) {
    let transport = snapshot.policy.transport();
    let opened = async {
        if speaks_in_clear(&stream).await? {
            return Ok(Opened::Clear(stream));
        }
        let shaken = handshake::accept(stream, &snapshot, &shared.evidence).await?;
        io::Result::Ok(Opened::Encrypted(Box::new(shaken)))
    };
    let opened = tokio::select! {
        result = tokio::time::timeout(transport.deadlines.handshake, opened) => result,
        () = shared.ending.stop.cancelled() => return,
    };
    let counts = shared.metrics.gate.here();
    let Shaken { stream, proof } = match opened {
        Ok(Ok(Opened::Encrypted(shaken))) => *shaken,
        Ok(Ok(Opened::Clear(stream))) => {
            metrics::add(&counts.clear, 1);
            return serve_plain(
                Arc::clone(&shared),
                Arc::clone(&snapshot),
                stream,
                peer,
                permit,
            )
            .await;
        }
        // Late, or garbage: rustls has sent its alert, and there is nobody to tell more.
        Err(_) => return counts.failures.one(HandshakeFailure::Late as usize),
        Ok(Err(error)) => {
            return counts.failures.one(HandshakeFailure::of(&error) as usize);
        }
    };
    let Some(encrypted) = Encrypted::from_connection(stream.get_ref().1) else {
        return;
    };
    let kind = stream.get_ref().1.handshake_kind();
    let resumed = kind == Some(rustls::HandshakeKind::Resumed);
    counts.shook_hands(encrypted.version(), resumed);
    if encrypted.alpn() == Some(ACME_TLS) {
        // The handshake was the answer; nothing is ever said on such a connection.
        return;
    }
    let activity = Activity::start();
    let identity = snapshot.certificates.served(encrypted.server_name());
    let secure = Arc::new(Secure {
        shared: Arc::clone(&shared),
        peer,
        identity: identity.cloned(),
        proof,
        encrypted: encrypted.clone(),
        activity: Arc::clone(&activity),
        permit: Arc::new(permit),
    });
    let service = service_fn(move |request| {
        let secure = Arc::clone(&secure);
        async move { Ok::<_, Infallible>(stages::serve(secure, request).await) }
    });
    let deadlines = &transport.deadlines;
    if encrypted.alpn() == Some(b"h2") {
        let connection = http2_builder(transport).serve_connection(TokioIo::new(stream), service);
        let close =
            |connection: Pin<&mut http2::Connection<_, _, _>>| connection.graceful_shutdown();
        let connection = pin!(connection);
        drive(
            connection,
            close,
            &activity,
            deadlines,
            &shared.ending,
            None,
        )
        .await;
    } else {
        let refuse = refuse_secure(Arc::clone(&shared), Arc::clone(&snapshot), peer, encrypted);
        let limits = framing::Limits::of(&transport.limits);
        let guard = Guard::new(stream, Arc::clone(&activity), limits, refuse);
        let wake = |guard| {
            http1_builder(transport)
                .serve_connection(TokioIo::new(guard), service.clone())
                .with_upgrades()
        };
        nap::serve(guard, wake, &activity, deadlines, &shared.ending).await;
    }
}

/// What a connection on the TLS listener turned out to be.
enum Opened {
    /// TLS, handshake done.
    Encrypted(Box<Shaken>),
    /// HTTP without TLS: somebody wrote `http://name:443`. It is treated as on the plain
    /// listener, so that a link leads to https and a password in clear is told.
    Clear(TcpStream),
}

/// Whether the first byte is a letter, as in an HTTP method; a TLS record starts with 22.
async fn speaks_in_clear(stream: &TcpStream) -> io::Result<bool> {
    let mut first = [0];
    let read = stream.peek(&mut first).await?;
    Ok(read == 1 && first[0].is_ascii_uppercase())
}

fn http1_builder(transport: &TransportPolicy) -> http1::Builder {
    let head = usize::try_from(transport.limits.head.get()).unwrap_or(usize::MAX);
    let mut builder = http1::Builder::new();
    builder
        // hyper's deadlines are void without a timer.
        .timer(TokioTimer::new())
        // It counts idle time too; the nearer deadlines of a head are kept by `drive`.
        .header_read_timeout(transport.deadlines.idle + transport.deadlines.head)
        .max_header_size(head)
        .max_buf_size(head.max(BUFFER));
    if transport.limits.fields != USUAL_FIELDS {
        builder.max_headers(transport.limits.fields);
    }
    builder
}

fn http2_builder(transport: &TransportPolicy) -> http2::Builder<TokioExecutor> {
    let head = u32::try_from(transport.limits.head.get()).unwrap_or(u32::MAX);
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_pending_accept_reset_streams(RESETS)
        .max_local_error_reset_streams(ERRORS)
        .header_table_size(TABLE)
        // Twice the limit: what lies between is refused by the stages, with a page. The
        // number of CONTINUATION frames follows from it.
        .max_header_list_size(head.saturating_mul(2))
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(BUFFER)
        // A peer that is gone is noticed within two deadlines.
        .keep_alive_interval(transport.deadlines.idle)
        .keep_alive_timeout(transport.deadlines.head);
    builder
}

/// Errors of `accept` that concern one connection that is gone already.
fn is_of_the_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}

/// The answer to a head that no stage has seen, in clear.
fn refuse_plain(shared: Arc<Shared>, snapshot: Arc<Snapshot>, peer: SocketAddr) -> Refuse {
    Box::new(move |unread| {
        let access_log = snapshot.policy.transport().access_log;
        let record = Record::unread(&shared, access_log, peer.ip(), None);
        unseen(&snapshot, unread, record, |_| {})
    })
}

/// The answer to a head that no stage has seen, over TLS: with the HSTS field of the site that
/// the handshake named.
fn refuse_secure(
    shared: Arc<Shared>,
    snapshot: Arc<Snapshot>,
    peer: SocketAddr,
    encrypted: Encrypted,
) -> Refuse {
    Box::new(move |unread| {
        let transport = snapshot.policy.transport();
        let version = Some(encrypted.version());
        let record = Record::unread(&shared, transport.access_log, peer.ip(), version);
        unseen(&snapshot, unread, record, |headers| {
            let Some(name) = encrypted.server_name() else {
                return;
            };
            if let Some(route) = snapshot.route(name) {
                hsts::set(headers, &transport.hsts, &encrypted, name, &route.site);
            }
        })
    })
}

fn unseen(
    snapshot: &Snapshot,
    unread: Unread<'_>,
    mut record: Record,
    finish: impl FnOnce(&mut http::HeaderMap),
) -> Bytes {
    let (notice, head) = match unread {
        Unread::Refused(fault, head) => {
            record.asked(head);
            record.fault(fault);
            let notice = Notice::of_fault(fault);
            record.refused(notice, format!("head: {fault}"));
            (notice, head)
        }
        Unread::Unparsed(status) => {
            let notice = Notice::of_parse_error(status);
            record.refused(notice, "head: not HTTP/1.1");
            (notice, &[][..])
        }
    };
    let manner = Manner::of_bytes(head, snapshot.policy.language());
    let mut response = notice.response(manner, record.id());
    finish(response.headers_mut());
    record.status(notice.status());
    record.sent(response.body().len());
    Bytes::from(serialise(&response))
}
