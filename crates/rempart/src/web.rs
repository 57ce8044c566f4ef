//! For applications on axum: who asks, the cookie of a device, and forms of other sites.
//!
//! Clauses: CNIL 2022-100, case 2 (a source is restricted, and a known browser is not locked
//! out), [`policy::clause::CNIL_COOKIES`].
//!
//! [`Client`] is an extractor, so that no handler forgets where a request comes from, and none
//! believes a field that the visitor may have written: `X-Forwarded-For` counts from loopback, where
//! the gate is, and from the policy's `trusted-proxies`. A [`DeviceCookie`] is a part of a response.
//! [`same_origin`] is a middleware.
//!
//! ```no_run
//! use axum::extract::{Form, State};
//! use axum::response::{IntoResponse, Redirect, Response};
//! use axum::{Router, middleware, routing::post};
//! use rempart::accounts::SignIn;
//! use rempart::web::{self, Client};
//! use rempart::{Accounts, Login, policy, store};
//!
//! #[derive(serde::Deserialize)]
//! struct Typed {
//!     identifier: String,
//!     password: String,
//! }
//!
//! async fn sign_in(
//!     State(accounts): State<Accounts>,
//!     client: Client,
//!     Form(typed): Form<Typed>,
//! ) -> Response {
//!     let visitor = client.visitor(&typed.identifier);
//!     match accounts.sign_in(&visitor, typed.password.into()).await {
//!         // Beside the cookie of your session.
//!         Ok(SignIn::Yes(signed_in)) => (signed_in.device, Redirect::to("/")).into_response(),
//!         Ok(_) => "wrong identifier or password, or later".into_response(),
//!         Err(error) => error.message(client.language()).into_response(),
//!     }
//! }
//!
//! # async fn demo() -> Result<(), Box<dyn std::error::Error>> {
//! let accounts = Accounts::new(Login::new(&policy::load("version = 1")?)?, store::Memory::new());
//! let app = Router::new()
//!     .route("/sign-in", post(sign_in))
//!     .layer(middleware::from_fn(web::same_origin))
//!     .with_state(accounts)
//!     .into_make_service_with_connect_info::<std::net::SocketAddr>();
//! axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await?, app).await?;
//! # Ok(()) }
//! ```
//!
//! Absent on purpose: pages, and the cookie of a session.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Once;

use access::Visitor;
use axum::extract::connect_info::ConnectInfo;
use axum::extract::{FromRef, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponseParts, Response, ResponseParts};
use policy::Language;

use crate::accounts::{Accounts, DeviceCookie};
use crate::login::Login;

/// Who sent a request, as far as it may be believed. The state of the router gives the policy:
/// [`Accounts`], [`Login`], or anything from which a [`Login`] is had by [`FromRef`].
///
/// Refuses with 500 where the server was not started with
/// `into_make_service_with_connect_info::<SocketAddr>()`: without it no source is restricted.
#[derive(Clone)]
pub struct Client {
    source: IpAddr,
    device: Option<String>,
    language: Language,
}

impl Client {
    /// The visitor of a flow, with the identifier as it was typed.
    pub fn visitor<'a>(&'a self, identifier: &'a str) -> Visitor<'a> {
        Visitor {
            source: Some(self.source),
            device: self.device.as_deref(),
            ..Visitor::new(identifier)
        }
    }

    /// Where the request comes from.
    pub const fn source(&self) -> IpAddr {
        self.source
    }

    /// The language that the browser prefers, or else that of the policy.
    pub const fn language(&self) -> Language {
        self.language
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Client
where
    Login: FromRef<S>,
{
    type Rejection = <ConnectInfo<SocketAddr> as FromRequestParts<S>>::Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let ConnectInfo(peer) = ConnectInfo::<SocketAddr>::from_request_parts(parts, state).await?;
        let login = Login::from_ref(state);
        let trusted = &login.policy().transport().trusted_proxies;
        let is_ours = |address: &IpAddr| {
            address.is_loopback() || trusted.iter().any(|network| network.contains(address))
        };
        Ok(Self {
            source: source(peer.ip(), &parts.headers, is_ours),
            device: cookie(&parts.headers, DeviceCookie::NAME).map(str::to_owned),
            language: language(&parts.headers).unwrap_or_else(|| login.policy().language()),
        })
    }
}

impl FromRef<Accounts> for Login {
    fn from_ref(accounts: &Accounts) -> Self {
        accounts.login().clone()
    }
}

/// A field that keeps the cookie.
impl IntoResponseParts for DeviceCookie {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        let value = HeaderValue::try_from(self.set_cookie());
        let value = value.expect("a device cookie holds no sign that a field may not");
        parts.headers_mut().append(header::SET_COOKIE, value);
        Ok(parts)
    }
}

/// Turns away what a page of another site sends in the name of who is signed in here, with 403:
/// everything but GET, HEAD and OPTIONS that a browser says to come from elsewhere, by
/// `Sec-Fetch-Site` or else by an `Origin` that is not the `Host`. A page in plain HTTP is elsewhere
/// too, since anybody on its way can write it, except on this machine (`localhost`). A program that
/// is no browser says neither, and brings no cookies of anybody.
///
/// # Errors
/// The status 403.
pub async fn same_origin(request: Request, next: Next) -> Result<Response, StatusCode> {
    if !is_welcome(&request) {
        return Err(StatusCode::FORBIDDEN);
    }
    Ok(next.run(request).await)
}

fn is_welcome(request: &Request) -> bool {
    if matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    ) {
        return true;
    }
    let headers = request.headers();
    if let Some(site) = headers.get("sec-fetch-site") {
        return matches!(site.as_bytes(), b"same-origin" | b"none");
    }
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let host = match headers.get(header::HOST) {
        Some(host) => host.to_str().ok(),
        None => request.uri().authority().map(|host| host.as_str()),
    };
    let origin = origin.to_str().ok();
    match origin.and_then(|origin| origin.split_once("://")) {
        Some(("https", name)) => Some(name) == host,
        Some(("http", name)) => Some(name) == host && is_this_machine(name),
        _ => false,
    }
}

/// Whether a browser takes a name, with or without a port, for the machine that it runs on.
fn is_this_machine(name: &str) -> bool {
    let Ok(authority) = name.parse::<Authority>() else {
        return false;
    };
    let host = authority.host();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.ends_with(".localhost")
        || address
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

/// The nearest address that is none of our own: each of ours is believed in what it says of the
/// one before it, and it alone.
fn source(peer: IpAddr, headers: &HeaderMap, is_ours: impl Fn(&IpAddr) -> bool) -> IpAddr {
    let mut source = peer.to_canonical();
    let lines = headers.get_all("x-forwarded-for").iter().rev();
    for hop in lines.flat_map(|line| line.as_bytes().rsplit(|&byte| byte == b',')) {
        if !is_ours(&source) {
            break;
        }
        let Some(hop) = str::from_utf8(hop).ok().and_then(address) else {
            WARNED.call_once(|| {
                tracing::warn!(
                    target: "rempart::web",
                    proxy = %source,
                    "this proxy of ours sends X-Forwarded-For without an address that can be read: \
                     all who come through it share the limits of one source"
                );
            });
            break;
        };
        source = hop.to_canonical();
    }
    source
}

/// Said once: every request would say it again.
static WARNED: Once = Once::new();

/// The address of a hop, which some proxies write with its port or in brackets: `192.0.2.1:5678`,
/// `[2001:db8::1]:443`.
fn address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let with_port = || Some(hop.parse::<SocketAddr>().ok()?.ip());
    let bracketed = || {
        hop.strip_prefix('[')?
            .strip_suffix(']')?
            .parse()
            .ok()
            .map(IpAddr::V6)
    };
    hop.parse().ok().or_else(with_port).or_else(bracketed)
}

/// The value of a cookie, if the browser sent one of that name.
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(header::COOKIE).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .find_map(|pair| {
            let (found, value) = pair.trim().split_once('=')?;
            (found == name).then_some(value)
        })
}

/// French or English, the one with the higher weight in `Accept-Language` (RFC 9110, 12.5.4); the
/// first of equals.
fn language(headers: &HeaderMap) -> Option<Language> {
    let asked = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut best: Option<(Language, f32)> = None;
    for entry in asked.split(',') {
        let (tag, weight) = entry.split_once(';').unwrap_or((entry, "q=1"));
        let language = match tag.trim().as_bytes() {
            [b'f' | b'F', b'r' | b'R'] | [b'f' | b'F', b'r' | b'R', b'-', ..] => Language::Fr,
            [b'e' | b'E', b'n' | b'N'] | [b'e' | b'E', b'n' | b'N', b'-', ..] => Language::En,
            _ => continue,
        };
        let weight = weight.trim().strip_prefix("q=");
        let weight = weight.and_then(|q| q.parse::<f32>().ok()).unwrap_or(0.0);
        if weight > best.map_or(0.0, |(_, weight)| weight) {
            best = Some((language, weight));
        }
    }
    best.map(|(language, _)| language)
}

#[cfg(test)]
mod tests;
