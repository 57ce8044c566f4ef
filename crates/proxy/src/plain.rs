//! What a request on the plain listener goes through, in order.
//!
//! Nothing of a site is served here and nothing reaches an origin: GET and HEAD are sent to https, and
//! whatever may carry credentials is refused with a page that says they were just exposed.
//! A silent redirect would hide the leak and teach the client to repeat it.
//!
//! Clauses: RFC 6797, 7.2 (a permanent redirect to the same place, or an error; never an
//! HSTS field in clear); RFC 9110, 15.4.9 (308). The target is built from the configured
//! name, never from the `Host` field.
//!
//! Absent on purpose: cookies as a reason to refuse. A browser sends those of an old site on
//! its first plain visit, and refusing it would shut the person out instead of leading her
//! to https, where they become `Secure`.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Method, Request, Response, request};
use hyper::body::Incoming;
use policy::transport::{CleartextCredentials, Redirect, TransportPolicy};
use transport::{hsts, redirect};

use crate::activity::Activity;
use crate::body::{Leftover, Reply, Source};
use crate::check::{self, Refused};
use crate::evidence::Seen;
use crate::gate::{Home, Shared};
use crate::manner::Manner;
use crate::observe::Observed;
use crate::record::Record;
use crate::respond::Notice;
use crate::route::Snapshot;

/// A connection on the plain listener.
pub(crate) struct Plain {
    pub(crate) shared: Home,
    pub(crate) peer: SocketAddr,
    pub(crate) activity: Arc<Activity>,
}

/// Answers one request.
pub(crate) async fn serve(plain: Arc<Plain>, request: Request<Incoming>) -> Response<Reply> {
    let ticket = plain.activity.request();
    let snapshot = plain.shared.snapshot.load_full();
    let transport = snapshot.policy.transport();
    let manner = Manner::of_request(request.headers(), snapshot.policy.language());
    let mut record = Record::begin(
        &plain.shared,
        transport.access_log,
        plain.peer.ip(),
        None,
        &request,
    );
    let (head, body) = request.into_parts();
    let mut response = match pass(&head, &plain.shared, &snapshot, &mut record) {
        Ok(Passed::Moved(location)) => {
            record.outcome("redirected to https");
            let mut response = Notice::Moved.response(manner, &record.id().to_string());
            response.headers_mut().insert(LOCATION, location);
            response
        }
        Ok(Passed::Challenge(answer)) => {
            record.outcome("challenge of a certificate authority answered");
            let mut response = Response::new(answer);
            let text = HeaderValue::from_static("application/octet-stream");
            response.headers_mut().insert(CONTENT_TYPE, text);
            response
        }
        Err(refused) => {
            record.refused(refused.notice, refused.reason);
            refused.notice.response(manner, &record.id().to_string())
        }
    };
    Leftover::of(&head).leave(body);

    hsts::remove(response.headers_mut());
    // There is no second request to wait for: the next one belongs on the other listener.
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(CONNECTION, close);
    record.status(response.status());
    response.map(|bytes| Reply::new(Source::Own(bytes), Some(record), ticket))
}

/// What a request that no stage refuses is answered with.
enum Passed {
    /// The target of the redirect.
    Moved(HeaderValue),
    /// Proof that a host is ours, for the authority that asked for it (RFC 8555, 8.3).
    Challenge(Bytes),
}

/// The stages.
fn pass(
    head: &request::Parts,
    shared: &Shared,
    snapshot: &Snapshot,
    record: &mut Record,
) -> Result<Passed, Refused> {
    let transport = snapshot.policy.transport();
    check::line(head).map_err(Refused::of_fault)?;
    let host = check::host(head)?;
    record.host(host.name());
    if let Some(answer) = shared.workshop.answers.file(head, host.name()) {
        return Ok(Passed::Challenge(answer));
    }
    let route = check::site(snapshot, &host)?;
    record.site(&Arc::new(Arc::clone(&route.counts)));
    let allowed = check_policy(head, transport);
    let seen = match allowed {
        Ok(()) => Seen::Redirected,
        Err(_) => Seen::Exposed,
    };
    shared.evidence.note(host.name(), seen);
    if let Err(refused) = allowed {
        if !shared.observe {
            return Err(refused);
        }
        record.observe(match refused.notice {
            Notice::CredentialsExposed => Observed::Credentials,
            _ => Observed::Cleartext,
        });
    }
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let target = redirect::target(host.name(), shared.https_port, path);
    target.map(Passed::Moved).map_err(Refused::bad_head)
}

/// What the policy sends to https, and what it refuses.
fn check_policy(head: &request::Parts, transport: &TransportPolicy) -> Result<(), Refused> {
    check_credentials(head, transport)?;
    match transport.redirect {
        Redirect::Https => Ok(()),
        Redirect::Refuse => Err(Refused::new(Notice::Cleartext, "policy: nothing in clear")),
    }
}

/// Everything but GET and HEAD may carry a form, and `Authorization` carries a secret.
fn check_credentials(head: &request::Parts, transport: &TransportPolicy) -> Result<(), Refused> {
    let redirected = transport.cleartext_credentials == CleartextCredentials::Redirect;
    let exposed = |reason| Err(Refused::new(Notice::CredentialsExposed, reason));
    match head.method {
        _ if redirected => Ok(()),
        _ if head.headers.contains_key(AUTHORIZATION) => exposed("credentials in clear: field"),
        Method::GET | Method::HEAD => Ok(()),
        // No body to speak of, so nothing was exposed; but a method that is not followed
        // through a redirect by every client.
        Method::OPTIONS => Err(Refused::new(Notice::Cleartext, "method in clear")),
        _ => exposed("credentials in clear: method"),
    }
}
