//! The admin listener: how the gate is, for this machine alone.
//!
//! `/health` says that the process answers, `/ready` whether it can serve, `/metrics` everything
//! that it counts (Prometheus text format 0.0.4), `/` the same as a page for people. All of it is
//! read-only: there is nothing here that a request could change.
//!
//! Whoever can reach it needs no password, so it stands on a loopback address or on a unix socket
//! with a mode, which [`policy::transport::AdminPolicy`] sees to. A browser on this machine can
//! reach it too, and a page of a stranger in that browser through a name that he points here: so
//! the `Host` has to be one that nobody else can own (DNS rebinding), and no answer may be read by
//! another origin. Connections are few, short and one request each.
//!
//! Absent on purpose: TLS, passwords, reloading by request, and anything secret: neither keys nor
//! addresses of clients nor paths are shown.

use std::convert::Infallible;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST,
    HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use policy::Language;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Semaphore;

use crate::gate::Shared;

mod exposition;
mod overview;
mod page;
mod ready;
mod socket;

use overview::Overview;
pub(crate) use socket::{Listener, Place, open, probe};

/// Connections at once; more wait in the queue of the system.
const CONNECTIONS: usize = 16;
/// For one connection from its first byte to its last.
const PATIENCE: Duration = Duration::from_secs(10);
/// Of a request head, and so of what one connection holds.
const BUFFER: usize = 16 * 1024;

/// Serves until the gate ends.
pub(crate) async fn serve(shared: Weak<Shared>, listener: Listener) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let (stop, retire) = match shared.upgrade() {
        Some(shared) => (shared.ending.until_aborted(), shared.ending.until_retired()),
        None => return,
    };
    let mut ending = false;
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
            () = retire.cancelled(), if !ending => {
                // A successor answers from now on; without one, `/ready` says that this is the end.
                if shared.upgrade().is_none_or(|shared| shared.retiring.load(Ordering::Relaxed)) {
                    return;
                }
                ending = true;
                continue;
            }
        };
        let Ok(stream) = accepted else {
            // Out of descriptors, as a rule: see `listen.rs`.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let shared = Weak::clone(&shared);
        tokio::spawn(async move {
            let _ = tokio::time::timeout(PATIENCE, attend(shared, stream)).await;
            drop(place);
        });
    }
}

/// One connection, one request.
async fn attend(shared: Weak<Shared>, stream: impl AsyncRead + AsyncWrite + Unpin) {
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = match shared.upgrade() {
            Some(shared) => answer(
                &shared,
                request.method(),
                request.uri().path(),
                request.headers(),
            ),
            None => plain(StatusCode::SERVICE_UNAVAILABLE, "the gate has ended\n"),
        };
        async move { Ok::<_, Infallible>(answer.map(Full::new)) }
    });
    // An error is the client's affair.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .keep_alive(false)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// The answer to one request.
fn answer(shared: &Shared, method: &Method, path: &str, headers: &HeaderMap) -> Response<Bytes> {
    if !is_local(headers) {
        let why = "this listener answers to localhost, 127.0.0.1 and [::1] only\n";
        return plain(StatusCode::MISDIRECTED_REQUEST, why);
    }
    if ![Method::GET, Method::HEAD].contains(method) {
        let mut answer = plain(StatusCode::METHOD_NOT_ALLOWED, "GET or HEAD\n");
        let methods = HeaderValue::from_static("GET, HEAD");
        answer.headers_mut().insert(ALLOW, methods);
        return answer;
    }
    match path {
        "/health" => plain(StatusCode::OK, "ok\n"),
        "/ready" => ready::answer(shared),
        "/metrics" => {
            let text = exposition::text(&Overview::of(shared), shared);
            let kind = "text/plain; version=0.0.4; charset=utf-8";
            finish(StatusCode::OK, kind, text)
        }
        "/" => {
            let language = shared.snapshot.load().policy.language();
            let text = page::html(&Overview::of(shared), shared, language);
            let mut answer = finish(StatusCode::OK, "text/html; charset=utf-8", text);
            let tag = match language {
                Language::Fr => "fr",
                Language::En => "en",
            };
            let tag = HeaderValue::from_static(tag);
            answer.headers_mut().insert(CONTENT_LANGUAGE, tag);
            answer
        }
        _ => plain(StatusCode::NOT_FOUND, "/, /health, /ready, /metrics\n"),
    }
}

/// Whether there is one `Host` and it names this machine in a way that no name server decides.
fn is_local(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    let Ok(host) = host.to_str() else {
        return false;
    };
    // A port is whatever a tunnel has made of it.
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => {
            if !port.bytes().all(|byte| byte.is_ascii_digit()) {
                return false;
            }
            name
        }
        _ => host,
    };
    ["localhost", "127.0.0.1", "[::1]"]
        .iter()
        .any(|local| name.eq_ignore_ascii_case(local))
}

fn plain(status: StatusCode, text: &str) -> Response<Bytes> {
    finish(status, "text/plain; charset=utf-8", text.to_owned())
}

/// The fields of every answer: nothing is kept, nothing is framed, nothing is read by another
/// origin.
fn finish(status: StatusCode, kind: &'static str, body: String) -> Response<Bytes> {
    const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
    let mut answer = Response::new(Bytes::from(body));
    *answer.status_mut() = status;
    for (name, value) in [
        (CONTENT_TYPE, kind),
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, page::CSP),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (RESOURCE_POLICY, "same-origin"),
    ] {
        let value = HeaderValue::from_static(value);
        answer.headers_mut().insert(name, value);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_nobody_else_can_own_are_local() {
        for (hosts, local) in [
            (&["localhost"][..], true),
            (&["LocalHost:9180"], true),
            (&["127.0.0.1"], true),
            (&["127.0.0.1:80"], true),
            (&["[::1]:9180"], true),
            (&["[::1]"], true),
            (&["rebound.example"], false),
            (&["localhost.example:9180"], false),
            (&["127.0.0.1.example"], false),
            (&["localhost:x"], false),
            (&["localhost", "localhost"], false),
            (&["user@localhost"], false),
            (&[""], false),
            (&[], false),
        ] {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(HOST, HeaderValue::from_static(host));
            }
            assert_eq!(is_local(&headers), local, "{hosts:?}");
        }
    }
}
