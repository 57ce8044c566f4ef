//! What a request on the TLS listener goes through, in order.
//!
//! [`serve`] reads top to bottom; a stage that refuses names a [`Notice`] and a reason for
//! the log, and nothing after it runs. The origin sees nothing of a request that any stage
//! refused. Clauses: RFC 9110, 7.2, 7.4, 7.6, 9.3.6, 9.3.8, 10.1.1; RFC 9112, 3.2;
//! RFC 6797, 7.1.
//!
//! Absent on purpose: framing, which hyper has decided before; and forms.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    CONNECTION, CONTENT_LENGTH, COOKIE, EXPECT, HOST, LOCATION, TE, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, Version, request};
use hyper::body::{Body, Incoming};
use transport::Encrypted;
use transport::certificate::Identity;
use transport::forwarded::{self, Proto};
use transport::host::Host;
use transport::{cookie, csp, header, hsts, location};

use crate::activity::Activity;
use crate::body::{Reply, Source, Upload, UploadError, linger};
use crate::gate::Shared;
use crate::limit::Permit;
use crate::record::Record;
use crate::respond::{Manner, Notice};
use crate::route::{Route, Snapshot};
use crate::tunnel::{self, Tunnel};
use crate::upstream::{Answer, UpstreamError};

/// A connection on the TLS listener, after its handshake.
pub(crate) struct Secure {
    pub(crate) shared: Arc<Shared>,
    pub(crate) peer: SocketAddr,
    pub(crate) encrypted: Encrypted,
    /// The certificate that the client was shown.
    pub(crate) identity: Option<Arc<Identity>>,
    pub(crate) activity: Arc<Activity>,
    /// A tunnel outlives the HTTP connection and keeps its place.
    pub(crate) permit: Arc<Permit>,
}

/// A stage said no.
pub(crate) struct Refused {
    pub(crate) notice: Notice,
    /// For the log; nothing that the client sent.
    pub(crate) reason: String,
}

impl Refused {
    pub(crate) fn new(notice: Notice, reason: impl Into<String>) -> Self {
        Self {
            notice,
            reason: reason.into(),
        }
    }
}

/// What is known of a request while it passes.
struct Passing<'a> {
    secure: &'a Arc<Secure>,
    snapshot: &'a Snapshot,
    host: Option<Host>,
    route: Option<Arc<Route>>,
    /// The request body, until a stage takes it.
    body: Option<Incoming>,
    record: &'a mut Option<Record>,
}

/// Answers one request. Whatever happens, there is one answer, with its HSTS field.
pub(crate) async fn serve(secure: Arc<Secure>, request: Request<Incoming>) -> Response<Reply> {
    let ticket = secure.activity.request();
    let snapshot = secure.shared.snapshot.load_full();
    let transport = snapshot.policy.transport();
    let manner = Manner::of_request(request.headers(), snapshot.policy.language());
    let version = request.version();
    let mut record = Some(Record::begin(
        &secure.shared.log,
        transport.access_log,
        secure.peer.ip(),
        Some(secure.encrypted.version()),
        &request,
    ));
    let (head, body) = request.into_parts();
    let mut passing = Passing {
        secure: &secure,
        snapshot: &snapshot,
        host: None,
        route: None,
        body: Some(body),
        record: &mut record,
    };
    let answer = passing.pass(head).await;
    let Passing {
        host, route, body, ..
    } = passing;

    let mut response = match answer {
        Ok(response) => response,
        Err(refused) => {
            let reference = record.as_ref().map_or("", Record::id);
            let mut response = refused.notice.response(manner, reference);
            let unread = body.is_some_and(|body| leave_unread(body, version));
            let close = unread || closes(refused.notice);
            if close && version < Version::HTTP_2 {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(CONNECTION, close);
            }
            if let Some(record) = &mut record {
                record.outcome(refused.reason);
            }
            response.map(Source::Own)
        }
    };
    if let Some(record) = &mut record {
        record.status(response.status());
    }
    // Without a known site, the one that the client was promised by its certificate.
    let promised = secure.encrypted.server_name();
    let route = route.as_ref().or_else(|| snapshot.route(promised?));
    let name = host.as_ref().map(Host::name).or(promised);
    match (route, name) {
        (Some(route), Some(name)) => hsts::set(
            response.headers_mut(),
            &transport.hsts,
            &secure.encrypted,
            name,
            &route.site,
        ),
        _ => hsts::remove(response.headers_mut()),
    }
    response.map(|source| Reply::new(source, record, ticket))
}

impl Passing<'_> {
    /// The stages.
    async fn pass(&mut self, mut head: request::Parts) -> Result<Response<Source>, Refused> {
        let transport = self.snapshot.policy.transport();
        check_method(&head)?;
        check_head_size(&head, transport.limits.fields)?;
        let host = self.check_host(&head)?;
        let route = self.check_route(&host)?;
        check_expectation(&head)?;
        self.check_length(&head, &route)?;

        let wants_tunnel = tunnel::is_wanted(&head);
        let wants_trailers = header::accepts_trailers(&head.headers);
        let is_chunked = head.headers.contains_key(TRANSFER_ENCODING);
        let version = head.version;
        header::sanitise_request(&mut head.headers)
            .map_err(|fault| Refused::new(Notice::BadRequest, format!("head: {fault}")))?;
        header::strip_hop_by_hop(&mut head.headers);
        let client = forwarded::rebuild(
            &mut head.headers,
            self.secure.peer,
            &host,
            Proto::Https,
            &transport.trusted_proxies,
        );
        if let Some(record) = self.record {
            record.client(client);
        }
        let upgrade = wants_tunnel.then(|| {
            let pending = head.extensions.remove::<hyper::upgrade::OnUpgrade>();
            tunnel::announce(&mut head.headers);
            pending
        });
        let upgrade = upgrade.flatten();
        let request = self.to_origin(head, &host, &route, is_chunked, wants_trailers)?;

        let (response, link) = route
            .pool
            .exchange(request, &transport.deadlines)
            .await
            .map_err(refuse_for_origin)?;
        self.record_origin();
        let (mut answer, body) = response.into_parts();
        if answer.status == StatusCode::SWITCHING_PROTOCOLS {
            let (Some(client), true) = (upgrade, tunnel::names_websocket(&answer.headers)) else {
                return Err(Refused::new(Notice::BadGateway, "origin: upgrade not asked for"));
            };
            let Some((origin, early)) = link.into_tunnel().await else {
                return Err(Refused::new(Notice::BadGateway, "origin: left after its 101"));
            };
            header::strip_hop_by_hop(&mut answer.headers);
            tunnel::announce(&mut answer.headers);
            self.repair(&mut answer.headers, &host, &route);
            self.open_tunnel(client, origin, early);
            let mut response = Response::new(Source::Own(Bytes::new()));
            *response.status_mut() = answer.status;
            *response.headers_mut() = answer.headers;
            return Ok(response);
        }

        // RFC 9112, 6.3: with both, the length is not to be believed, nor passed on.
        if answer.headers.contains_key(TRANSFER_ENCODING) {
            answer.headers.remove(CONTENT_LENGTH);
        }
        header::strip_hop_by_hop(&mut answer.headers);
        self.repair(&mut answer.headers, &host, &route);
        answer.version = version;
        answer.extensions.clear();
        let body = Answer::new(
            body,
            link,
            Arc::clone(&route.pool),
            transport.deadlines.body_idle,
            wants_trailers,
        );
        Ok(Response::from_parts(answer, Source::Origin(Box::new(body))))
    }

    fn check_host(&mut self, head: &request::Parts) -> Result<Host, Refused> {
        let host = Host::of_request(head.version, &head.uri, &head.headers)
            .map_err(|fault| Refused::new(Notice::BadRequest, format!("head: {fault}")))?;
        if let Some(record) = self.record {
            record.host(host.name());
        }
        self.host = Some(host.clone());
        Ok(host)
    }

    /// The site, if it is served here and the client was shown a certificate for it. A name
    /// that the certificate covers passes without being the one of the handshake: browsers
    /// share HTTP/2 connections like that.
    fn check_route(&mut self, host: &Host) -> Result<Arc<Route>, Refused> {
        let Some(route) = self.snapshot.route(host.name()) else {
            return Err(Refused::new(Notice::Misdirected, "route: no such site"));
        };
        self.route = Some(Arc::clone(route));
        let asked = self.secure.encrypted.server_name() == Some(host.name());
        let covered = || {
            let identity = self.secure.identity.as_ref();
            identity.is_some_and(|identity| identity.covers(host.name()))
        };
        if asked || covered() {
            Ok(Arc::clone(route))
        } else {
            Err(Refused::new(Notice::Misdirected, "route: not on this certificate"))
        }
    }

    fn check_length(&self, head: &request::Parts, route: &Route) -> Result<(), Refused> {
        let length = self.body.as_ref().and_then(|body| body.size_hint().exact());
        if length.is_some_and(|length| length > route.max_body) {
            return Err(too_large());
        }
        // A body that is announced and cannot be is refused here rather than cut later.
        let announced = head.headers.get(CONTENT_LENGTH);
        let announced = announced.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|length| length > route.max_body) {
            return Err(too_large());
        }
        Ok(())
    }

    /// The request as the origin gets it: same method, path, query and body bytes.
    fn to_origin(
        &mut self,
        mut head: request::Parts,
        host: &Host,
        route: &Route,
        is_chunked: bool,
        wants_trailers: bool,
    ) -> Result<Request<Upload>, Refused> {
        let Some(body) = self.body.take() else {
            return Err(Refused::new(Notice::BadGateway, "gate: the body is gone"));
        };
        let deadlines = &self.snapshot.policy.transport().deadlines;
        let lingers = head.version < Version::HTTP_2;
        let body = Upload::new(body, route.max_body, deadlines.body_idle, lingers);

        head.uri = origin_form(&head.uri)?;
        let host = HeaderValue::try_from(host.to_string())
            .map_err(|_| Refused::new(Notice::BadRequest, "head: host is not a field value"))?;
        head.headers.insert(HOST, host);
        join_cookies(&mut head.headers);
        head.headers.remove(EXPECT);
        if is_chunked {
            // A GET with a chunked body would lose it otherwise.
            head.headers
                .insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        }
        if wants_trailers && !head.headers.contains_key(UPGRADE) {
            for (name, value) in [(TE, "trailers"), (CONNECTION, "te")] {
                head.headers.insert(name, HeaderValue::from_static(value));
            }
        }
        let mut request = Request::new(body);
        *request.method_mut() = head.method;
        *request.uri_mut() = head.uri;
        *request.headers_mut() = head.headers;
        Ok(request)
    }

    /// Mends the origin's head as the site asks.
    fn repair(&self, headers: &mut HeaderMap, host: &Host, route: &Route) {
        let repair = &route.site.repair;
        if repair.cookies {
            cookie::repair_all(headers);
        }
        if repair.location
            && let Some(value) = headers.get(LOCATION)
        {
            let asked = host.name();
            // The name asked for first: an address of the origin becomes that one.
            let mut names = route.site.hosts.clone();
            names.sort_by_key(|name| name != asked);
            let port = host.port().unwrap_or(443);
            if let Some(mended) = location::repair(value, &names, &route.site.upstream, port) {
                headers.insert(LOCATION, mended);
            }
        }
        if repair.upgrade_insecure {
            csp::upgrade_insecure(headers);
        }
    }

    fn record_origin(&mut self) {
        if let Some(record) = self.record {
            record.outcome("origin");
        }
    }

    /// The tunnel takes over the record: its line is written when it ends.
    fn open_tunnel(
        &mut self,
        client: hyper::upgrade::OnUpgrade,
        origin: crate::socket::Socket,
        early: Bytes,
    ) {
        let Some(mut record) = self.record.take() else {
            return;
        };
        record.status(StatusCode::SWITCHING_PROTOCOLS);
        let tunnel = Tunnel {
            client,
            origin,
            early,
            idle: self.snapshot.policy.transport().deadlines.tunnel_idle,
            record,
        };
        let permit = Arc::clone(&self.secure.permit);
        let abort = self.secure.shared.ending.abort.clone();
        self.secure.shared.tasks.spawn(async move {
            tunnel.run(abort).await;
            drop(permit);
        });
    }
}

/// `CONNECT` would open a tunnel past every check; `TRACE` would echo cookies.
pub(crate) fn check_method(head: &request::Parts) -> Result<(), Refused> {
    if [Method::CONNECT, Method::TRACE].contains(&head.method) {
        return Err(Refused::new(Notice::MethodNotAllowed, "head: method refused"));
    }
    Ok(())
}

/// HTTP/1.1 is counted by hyper's own limit; HTTP/2 only by the size of its list.
fn check_head_size(head: &request::Parts, fields: usize) -> Result<(), Refused> {
    if head.headers.len() > fields {
        return Err(Refused::new(Notice::HeadTooLarge, "head: too many fields"));
    }
    Ok(())
}

fn check_expectation(head: &request::Parts) -> Result<(), Refused> {
    let known = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"100-continue");
    if head.headers.get_all(EXPECT).iter().all(known) {
        Ok(())
    } else {
        Err(Refused::new(Notice::ExpectationFailed, "head: unknown expectation"))
    }
}

fn too_large() -> Refused {
    Refused::new(Notice::BodyTooLarge, UploadError::TooLarge.to_string())
}

fn refuse_for_origin(error: UpstreamError) -> Refused {
    let notice = match &error {
        UpstreamError::Upload(UploadError::TooLarge) => Notice::BodyTooLarge,
        UpstreamError::Upload(UploadError::Idle) => Notice::RequestTimeout,
        UpstreamError::Upload(UploadError::Broken) => Notice::BadRequest,
        UpstreamError::ConnectTimeout | UpstreamError::AnswerTimeout => Notice::GatewayTimeout,
        UpstreamError::Connect(_)
        | UpstreamError::Tls(_)
        | UpstreamError::Garbage(_)
        | UpstreamError::Closed(_) => Notice::BadGateway,
    };
    Refused::new(notice, error.to_string())
}

/// Whether the connection cannot go on after this refusal: what follows on it may not be a
/// request, or the body is partly read.
pub(crate) const fn closes(notice: Notice) -> bool {
    matches!(
        notice,
        Notice::BadRequest | Notice::BodyTooLarge | Notice::RequestTimeout
    )
}

/// Reads the rest of a refused body in the background. Whether there was any.
pub(crate) fn leave_unread(body: Incoming, version: Version) -> bool {
    if body.is_end_stream() {
        return false;
    }
    if version < Version::HTTP_2 {
        tokio::spawn(linger(body));
    }
    true
}

/// Path and query, byte for byte; `*` for `OPTIONS *`.
fn origin_form(uri: &Uri) -> Result<Uri, Refused> {
    let mut parts = http::uri::Parts::default();
    parts.path_and_query = Some(match uri.path_and_query() {
        Some(path) => path.clone(),
        None => http::uri::PathAndQuery::from_static("/"),
    });
    Uri::from_parts(parts).map_err(|_| Refused::new(Notice::BadRequest, "head: bad target"))
}

/// HTTP/2 may split the cookies over several fields; HTTP/1.1 has one (RFC 9113, 8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    let mut lines = headers.get_all(COOKIE).iter();
    let (Some(first), Some(second)) = (lines.next(), lines.next()) else {
        return;
    };
    let mut joined = first.as_bytes().to_vec();
    for line in std::iter::once(second).chain(lines) {
        joined.extend_from_slice(b"; ");
        joined.extend_from_slice(line.as_bytes());
    }
    if let Ok(value) = HeaderValue::from_bytes(&joined) {
        headers.insert(COOKIE, value);
    }
}
