//! Connections: accept, hear who it is, shake hands, hand over to hyper.
//!
//! Each connection is one task on one thread of [`crate::threads`]. The limits and deadlines that
//! it gets are those of the policy in force when it was accepted. Clauses: RFC 9325, 3.8 (a handshake that fails ends
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
use hyper_util::rt::{TokioIo, TokioTimer};
use policy::transport::TransportPolicy;
use tokio::net::{TcpListener, TcpStream};
use transport::certificate::ACME_TLS;
use transport::{Encrypted, framing, hsts};

use crate::activity::Activity;
use crate::drive::{Leave, drive};
use crate::gate::Shared;
use crate::gather::{Gather, Promise, Turns};
use crate::guard::{Guard, Refuse, Unread};
use crate::handshake::Shaken;
use crate::manner::Manner;
use crate::metrics::{self, HandshakeFailure};
use crate::nap;
use crate::plain::{self, Plain};
use crate::record::Record;
use crate::respond::{Notice, serialise};
use crate::route::Snapshot;
use crate::seldom::Seldom;
use crate::stages::{self, Memory, Secure};
use crate::turn;
use crate::visit::{Opened, Visit, admit, limits_for};
use crate::wire::Wire;

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

/// What strangers can make the gate complain about.
#[derive(Debug, Default)]
pub(crate) struct Grumbles {
    accept: Seldom,
    pub(crate) announced: Seldom,
    pub(crate) handshakes: Seldom,
}

/// Accepts until the gate stops, on each thread that does.
///
/// # Errors
/// When the system has no descriptor left for it. Then nobody accepts.
pub(crate) fn open(
    shared: &Arc<Shared>,
    listener: &std::net::TcpListener,
    door: Door,
) -> io::Result<()> {
    let threads = shared.threads.acceptors();
    let listeners = threads.iter().map(|thread| {
        let listener = listener.try_clone()?;
        // Its events come to that thread.
        thread.here(|| TcpListener::from_std(listener))
    });
    let listeners: Vec<_> = listeners.collect::<io::Result<_>>()?;
    for (thread, listener) in threads.iter().zip(listeners) {
        let accept = accept(Arc::clone(shared), listener, door);
        thread.run(shared.tasks.track_future(accept));
    }
    Ok(())
}

/// A connection on its way to the thread that serves it.
enum Accepted {
    /// It stays on this one.
    Here(TcpStream),
    /// From its arrival there on, its events come to that thread.
    Elsewhere(std::net::TcpStream),
}

async fn accept(shared: Arc<Shared>, listener: TcpListener, door: Door) {
    const LONGEST_PAUSE: Duration = Duration::from_secs(1);
    let mut pause = Duration::ZERO;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shared.ending.retired() => return,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_of_the_client(&error) => continue,
            Err(error) => {
                metrics::add(&shared.metrics.gate.here().accept_errors, 1);
                // Out of descriptors or memory: trying again at once would only burn the
                // processor that is needed to end connections.
                pause = (pause * 2).clamp(Duration::from_millis(10), LONGEST_PAUSE);
                let say = |unsaid: u64| {
                    tracing::warn!(%error, unsaid, "cannot accept connections");
                };
                shared.grumbles.accept.say(say);
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
        let Some(thread) = shared.threads.next() else {
            continue;
        };
        let accepted = match thread.is_here() {
            true => Accepted::Here(stream),
            false => match stream.into_std() {
                Ok(stream) => Accepted::Elsewhere(stream),
                Err(_) => continue,
            },
        };
        let shared_here = Arc::clone(&shared);
        let serve = async move {
            let stream = match accepted {
                Accepted::Here(stream) => stream,
                Accepted::Elsewhere(stream) => match TcpStream::from_std(stream) {
                    Ok(stream) => stream,
                    Err(_) => return,
                },
            };
            let visit = Visit {
                shared: shared_here,
                snapshot,
                stream,
                peer,
                permit,
            };
            serve(visit, door).await;
        };
        thread.serve(shared.tasks.track_future(serve));
    }
}

/// Serves a connection until it ends.
async fn serve(visit: Visit, door: Door) {
    // Each stage has a block of memory of its own, given back at its end: a connection waits for
    // most of its life, and its task is as large as the largest stage inside it.
    let Some(visit) = Box::pin(visit.introduced(door)).await else {
        return;
    };
    match door {
        Door::Plain => {
            let activity = Activity::start();
            let wire = Wire::new(visit.stream, Arc::clone(&activity));
            let plain = serve_plain(visit.shared, visit.snapshot, wire, activity, visit.peer);
            Box::pin(plain).await;
            drop(visit.permit);
        }
        Door::Secure => serve_secure(visit).await,
    }
}

async fn serve_plain(
    shared: Arc<Shared>,
    snapshot: Arc<Snapshot>,
    wire: Wire,
    activity: Arc<Activity>,
    peer: SocketAddr,
) {
    let transport = snapshot.policy.transport();
    let refuse = refuse_plain(Arc::clone(&shared), Arc::clone(&snapshot), peer);
    let limits = framing::Limits::of(&transport.limits);
    let guard = Guard::new(wire, Arc::clone(&activity), limits, refuse);
    let plain = Arc::new(Plain {
        shared: Arc::new(Arc::clone(&shared)),
        peer,
        activity: Arc::clone(&activity),
    });
    let service = service_fn(move |request| {
        let plain = Arc::clone(&plain);
        async move { Ok::<_, Infallible>(plain::serve(plain, request).await) }
    });
    let connection = http1_builder(transport).serve_connection(TokioIo::new(guard), service);
    let close = |connection: Pin<&mut http1::Connection<_, _>>| connection.graceful_shutdown();
    let (connection, leave) = (pin!(connection), Leave::WithAnswer);
    let ending = &shared.ending;
    drive(connection, close, &activity, transport, ending, leave, None).await;
}

async fn serve_secure(visit: Visit) {
    let (shared, snapshot) = (Arc::clone(&visit.shared), Arc::clone(&visit.snapshot));
    let transport = snapshot.policy.transport();
    let peer = visit.peer;
    let activity = Activity::start();
    let open = Box::pin(visit.open(&activity));
    let opened = tokio::select! {
        result = tokio::time::timeout(transport.deadlines.handshake, open) => result,
        () = shared.ending.stopped() => return,
    };
    let counts = shared.metrics.gate.here();
    let (opened, permit) = match opened {
        Ok(Ok(Some(opened))) => opened,
        // Too many: closed like a connection over the caps.
        Ok(Ok(None)) => return counts.turned_away.one(Door::Secure as usize),
        // Late, or garbage: rustls has sent its alert, and there is nobody to tell more.
        Err(_) => return counts.failures.one(HandshakeFailure::Late as usize),
        Ok(Err(error)) => {
            return counts.failures.one(HandshakeFailure::of(&error) as usize);
        }
    };
    let shaken = match opened {
        Opened::Encrypted(shaken) => shaken,
        Opened::Clear(wire) => {
            metrics::add(&counts.clear, 1);
            return Box::pin(serve_plain(shared, snapshot, wire, activity, peer)).await;
        }
    };
    let Shaken { stream, proof } = *shaken;
    let stream = Box::new(stream);
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
    activity.open();
    let identity = snapshot.certificates.served(encrypted.server_name());
    let secure = Arc::new(Secure {
        shared: Arc::new(Arc::clone(&shared)),
        memory: Memory::default(),
        peer,
        identity: identity.cloned(),
        proof,
        encrypted: encrypted.clone(),
        activity: Arc::clone(&activity),
        permit: Arc::new(permit),
    });
    let remembered = Arc::clone(&secure);
    // In a block of its own: what is moved to where it is served, by hyper and by the runtime, is a
    // pointer.
    let service = service_fn(move |request| Box::pin(stages::serve(Arc::clone(&secure), request)));
    let ending = &shared.ending;
    if encrypted.alpn() == Some(b"h2") {
        let told = Arc::clone(&activity);
        let promise = promise(&shared, Arc::clone(&snapshot), encrypted);
        let activity = &*activity;
        let served = async move {
            let turns = Gather::turns(stream, told, promise, |stream| {
                http2_builder(transport).serve_connection(TokioIo::new(stream), service)
            });
            let close = |turns: Pin<&mut Turns<http2::Connection<_, _, _>, _>>| {
                Pin::new(turns.get_mut().connection()).graceful_shutdown();
            };
            let (turns, leave) = (pin!(turns), Leave::AtOnce);
            drive(turns, close, activity, transport, ending, leave, None).await
        };
        Box::pin(served).await;
    } else {
        let refuse = refuse_secure(Arc::clone(&shared), Arc::clone(&snapshot), peer, encrypted);
        let limits = framing::Limits::of(&transport.limits);
        let guard = Box::new(Guard::new(stream, Arc::clone(&activity), limits, refuse));
        let wake = |guard| {
            http1_builder(transport)
                .serve_connection(TokioIo::new(guard), service.clone())
                .with_upgrades()
        };
        let sleep = || remembered.memory.forget();
        nap::serve(guard, wake, sleep, &activity, transport, ending).await;
    }
}

fn http1_builder(transport: &TransportPolicy) -> http1::Builder {
    let head = usize::try_from(transport.limits.head.get()).unwrap_or(usize::MAX);
    let mut builder = http1::Builder::new();
    builder
        // `drive` keeps those of a head and of an idle connection: a second timer would be made
        // and unmade with each request.
        .header_read_timeout(None)
        .max_header_size(head)
        .max_buf_size(head.max(BUFFER));
    if transport.limits.fields != USUAL_FIELDS {
        builder.max_headers(transport.limits.fields);
    }
    builder
}

fn http2_builder(transport: &TransportPolicy) -> http2::Builder<turn::Executor> {
    let head = u32::try_from(transport.limits.head.get()).unwrap_or(u32::MAX);
    let mut builder = http2::Builder::new(turn::Executor);
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

/// The HSTS field of an answer that the HTTP/2 codec makes itself.
fn promise(shared: &Shared, snapshot: Arc<Snapshot>, encrypted: Encrypted) -> Promise {
    let observes = shared.observe;
    Box::new(move || {
        let name = encrypted.server_name().filter(|_| !observes)?;
        let route = snapshot.route(name)?;
        let hsts = &snapshot.policy.transport().hsts;
        hsts::field(hsts, &encrypted, name, &route.site)
    })
}

/// The answer to a head that no stage has seen, in clear.
fn refuse_plain(shared: Arc<Shared>, snapshot: Arc<Snapshot>, peer: SocketAddr) -> Refuse {
    let home = Arc::new(shared);
    Box::new(move |unread| {
        let access_log = snapshot.policy.transport().access_log;
        let record = Record::unread(&home, access_log, peer.ip(), None);
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
    let home = Arc::new(shared);
    Box::new(move |unread| {
        let transport = snapshot.policy.transport();
        let version = Some(encrypted.version());
        let record = Record::unread(&home, transport.access_log, peer.ip(), version);
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
    mut record: Box<Record>,
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
    let mut response = notice.response(manner, &record.id().to_string());
    finish(response.headers_mut());
    record.status(notice.status());
    record.sent(response.body().len());
    Bytes::from(serialise(&response))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The size of what a function of two arguments returns.
    const fn size<A, B, F>(_: &impl Fn(A, B) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn a_connection_that_waits_is_small() {
        let task = size(&serve);
        assert!(task <= 1200, "{task} bytes");
    }
}
