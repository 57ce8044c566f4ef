//! Who asks, as far as the request says: an extractor, so that no handler forgets the source.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use rempart::{Language, Visitor};

/// The name of the cookie of a session. The prefix makes a browser refuse it without `Secure`.
pub(crate) const SESSION: &str = "__Host-session";

/// What a request tells of its sender.
pub(crate) struct Sender {
    source: Option<IpAddr>,
    device: Option<String>,
    pub(crate) session: Option<String>,
    pub(crate) language: Language,
}

impl Sender {
    /// The same for a flow of rempart.
    pub(crate) fn visitor<'a>(&'a self, identifier: &'a str) -> Visitor<'a> {
        Visitor {
            source: self.source,
            device: self.device.as_deref(),
            ..Visitor::new(identifier)
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Sender {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self {
            source: peer.map(|ConnectInfo(peer)| source(peer.ip(), &parts.headers)),
            device: cookie(&parts.headers, rempart::accounts::DeviceCookie::NAME),
            session: cookie(&parts.headers, SESSION),
            language: language(&parts.headers),
        })
    }
}

/// A form of another site cannot be sent here in the name of who is signed in.
pub(crate) async fn same_origin(request: Request, next: Next) -> Result<Response, StatusCode> {
    let headers = request.headers();
    let origin = headers.get(header::ORIGIN).map(|value| value.as_bytes());
    let own = headers.get(header::HOST).is_some_and(|host| {
        let name = |origin: &'_ [u8]| {
            let at = origin.windows(3).position(|bytes| bytes == b"://");
            at.map(|at| origin[at + 3..].to_vec())
        };
        origin.is_none_or(|origin| name(origin).as_deref() == Some(host.as_bytes()))
    });
    if *request.method() == Method::POST && !own {
        return Err(StatusCode::FORBIDDEN);
    }
    Ok(next.run(request).await)
}

/// Behind the gate on this machine, what the gate saw; else the peer itself. The last address
/// is the gate's own word, those before it the client's.
fn source(peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let forwarded = headers
        .get("x-forwarded-for")
        .filter(|_| peer.is_loopback())
        .and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    forwarded.unwrap_or(peer)
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .find_map(|pair| {
            let (found, value) = pair.trim().split_once('=')?;
            (found == name).then(|| value.to_owned())
        })
}

/// French, unless the browser asks for English first.
fn language(headers: &HeaderMap) -> Language {
    let asked = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    match asked {
        Some(asked) if asked.trim_start().starts_with("en") => Language::En,
        _ => Language::Fr,
    }
}
