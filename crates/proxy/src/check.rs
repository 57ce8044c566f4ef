//! The questions that a request head must answer before anything is done for it.
//!
//! Each one is a function from what was asked to "go on" or a [`Refused`]. Clauses:
//! RFC 9110, 7.4 (421), 9.1 (methods), 9.3.6 and 9.3.8 (`CONNECT`, `TRACE`), 10.1.1 (`Expect`), 15.5.14
//! (413); RFC 9112, 3.2 (`Host`); RFC 6585, 5 (431).

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_LENGTH, EXPECT};
use http::{HeaderValue, Method, Version, request};
use hyper::body::{Body, Incoming};
use policy::Site;
use policy::transport::{Limits, Listener, TransportPolicy};
use transport::Encrypted;
use transport::certificate::Identity;
use transport::framing::{Fault, RequestLine};
use transport::host::Host;

use crate::body::UploadError;
use crate::handshake::Proof;
use crate::respond::{Details, Notice};
use crate::route::{Route, Snapshot};
use crate::visit::is_trusted;

/// A stage said no.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) notice: Notice,
    /// For the log; nothing that the client sent.
    pub(crate) reason: String,
    /// Whether an HTTP/1.1 connection cannot go on: what follows on it may not be a request,
    /// or is the rest of a body.
    pub(crate) closes: bool,
    /// When to try again, if that helps.
    pub(crate) retry_after: Option<Duration>,
    /// What there is to say beside the words of the notice.
    pub(crate) details: Option<Box<Details>>,
}

impl Refused {
    pub(crate) fn new(notice: Notice, reason: impl Into<String>) -> Self {
        Self {
            notice,
            reason: reason.into(),
            retry_after: None,
            details: None,
            closes: matches!(
                notice,
                Notice::BadRequest
                    | Notice::BodyTooLarge
                    | Notice::RequestTimeout
                    | Notice::UnknownCoding
                    | Notice::HeadTooLarge
            ),
        }
    }

    /// The same, with more to say.
    pub(crate) fn explained(mut self, details: Details) -> Self {
        self.details = Some(Box::new(details));
        self
    }

    /// The connection also closes when some of the body is unread.
    pub(crate) fn unless_read(self, unread: bool) -> Self {
        Self {
            closes: self.closes || unread,
            ..self
        }
    }

    /// A request line that the guard would have refused.
    pub(crate) fn of_fault(fault: Fault) -> Self {
        Self::new(Notice::of_fault(fault), format!("head: {fault}"))
    }

    /// A head that breaks a rule of its grammar.
    pub(crate) fn bad_head(fault: impl std::fmt::Display) -> Self {
        Self::new(Notice::BadRequest, format!("head: {fault}"))
    }
}

/// The method and the target, by the rules that the guard keeps for HTTP/1.1: an origin must
/// not get over HTTP/2 what it would never get over the other.
pub(crate) fn line(head: &request::Parts) -> Result<(), Fault> {
    let target = head.uri.path_and_query().map_or("/", |path| path.as_str());
    RequestLine::check(head.method.as_str().as_bytes(), target.as_bytes())
}

/// The limits that hyper keeps for HTTP/1.1, kept here for HTTP/2, whose own refusal would
/// come without an HSTS field.
pub(crate) fn size(head: &request::Parts, limits: &Limits) -> Result<(), Refused> {
    let refused = |reason| Err(Refused::new(Notice::HeadTooLarge, reason));
    if head.headers.len() > limits.fields {
        return refused("head: too many fields");
    }
    if head.version == Version::HTTP_2 {
        // RFC 9113, 6.5.2: 32 bytes are counted beside each field.
        let fields = head.headers.iter();
        let size: usize = fields
            .map(|(name, value)| name.as_str().len() + value.len() + 32)
            .sum();
        if size as u64 > limits.head.get() {
            return refused("head: too large");
        }
    }
    Ok(())
}

/// The one host that is asked for.
pub(crate) fn host(head: &request::Parts) -> Result<Host, Refused> {
    Host::of_request(head.version, &head.uri, &head.headers).map_err(Refused::bad_head)
}

/// The site of a host.
pub(crate) fn site<'a>(snapshot: &'a Snapshot, host: &Host) -> Result<&'a Arc<Route>, Refused> {
    let misdirected = || Refused::new(Notice::Misdirected, "route: no such site");
    snapshot.route(host.name()).ok_or_else(misdirected)
}

/// Whether the client was shown a certificate for this host. A name that the certificate
/// covers passes without being the one of the handshake: browsers share HTTP/2 connections
/// like that.
pub(crate) fn certificate(
    host: &Host,
    encrypted: &Encrypted,
    shown: Option<&Arc<Identity>>,
) -> Result<(), Refused> {
    let asked = encrypted.server_name() == Some(host.name());
    if asked || shown.is_some_and(|identity| identity.covers(host.name())) {
        return Ok(());
    }
    Err(Refused::new(
        Notice::Misdirected,
        "route: not on this certificate",
    ))
}

/// Whether the port that is asked for is one of this gate: none said, that of https, or that of its
/// listener. An origin writes it into addresses, and a shared cache would pass them on to others.
/// An intermediary that is trusted, or passes on TCP, may stand on any port.
pub(crate) fn port(
    host: &Host,
    peer: SocketAddr,
    listener: u16,
    transport: &TransportPolicy,
) -> Result<(), Refused> {
    const HTTPS: u16 = 443;
    match host.port() {
        None | Some(HTTPS) => Ok(()),
        Some(port) if port == listener => Ok(()),
        Some(_) if transport.proxy_protocol.contains(&Listener::Https) => Ok(()),
        Some(_) if is_trusted(peer, transport) => Ok(()),
        Some(_) => Err(Refused::new(
            Notice::Misdirected,
            "route: not a port of this gate",
        )),
    }
}

/// Whether the handshake asked the client what the site asks. Another name on the same
/// certificate was asked something else, or nothing: the client has to connect again.
pub(crate) fn client(route: &Route, proof: &Proof) -> Result<(), Refused> {
    match &route.clients {
        Some(clients) if !proof.fits(clients) => Err(Refused::new(
            Notice::Misdirected,
            "route: a client certificate was not asked for on this connection",
        )),
        _ => Ok(()),
    }
}

/// `/.well-known/change-password` leads where the site says (W3C, A Well-Known URL for Changing
/// Passwords, draft); the origin answers where it says nothing.
pub(crate) fn change_password(head: &request::Parts, site: &Site) -> Result<(), Refused> {
    let Some(place) = &site.change_password else {
        return Ok(());
    };
    let asked = head.uri.path() == "/.well-known/change-password"
        && matches!(head.method, Method::GET | Method::HEAD);
    match HeaderValue::from_str(place) {
        Ok(location) if asked => {
            let refused = Refused::new(Notice::ChangePassword, "change-password");
            Err(refused.explained(Details {
                location: Some(location),
                ..Details::default()
            }))
        }
        _ => Ok(()),
    }
}

/// Nothing but `100-continue` is expected.
pub(crate) fn expectation(head: &request::Parts) -> Result<(), Refused> {
    let known = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"100-continue");
    if head.headers.get_all(EXPECT).iter().all(known) {
        return Ok(());
    }
    Err(Refused::new(
        Notice::ExpectationFailed,
        "head: unknown expectation",
    ))
}

/// A body that is announced over the limit is refused before the origin hears of it.
pub(crate) fn length(head: &request::Parts, body: &Incoming, most: u64) -> Result<(), Refused> {
    let known = body.size_hint().exact();
    // Over HTTP/2 the field may promise what the frames do not tell yet.
    let promised = head.headers.get(CONTENT_LENGTH);
    let promised = promised.and_then(|value| value.to_str().ok()?.parse().ok());
    if known.max(promised).is_some_and(|length| length > most) {
        let reason = UploadError::TooLarge.to_string();
        return Err(Refused::new(Notice::BodyTooLarge, reason));
    }
    Ok(())
}
