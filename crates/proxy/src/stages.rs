//! What a request on the TLS listener goes through, in order.
//!
//! [`serve`], [`Passing::admit`] and [`Passing::forward`] read top to bottom. A stage that refuses names a
//! [`Notice`] and a reason for the log, and nothing after it runs: the origin sees nothing
//! of a request that any stage refused. Clauses: RFC 9110, 7.4, 7.6, 7.8; RFC 6797, 7.1.
//!
//! Absent on purpose: framing, which the guard has judged before.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::header::{CONNECTION, RETRY_AFTER, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Version, request};
use hyper::body::{Body as _, Incoming};
use hyper::upgrade::OnUpgrade;
use policy::site::Affinity;
use policy::transport::TraceContext;
use transport::Encrypted;
use transport::certificate::Identity;
use transport::header;
use transport::host::Host;

use crate::activity::Activity;
use crate::affinity::{self, Visitor};
use crate::answer::{Answer, Carrier};
use crate::body::{Leftover, Reply, Source, Upload, UploadError};
use crate::check::{self, Refused};
use crate::form::counters;
use crate::gate::Home;
use crate::handshake::Proof;
use crate::limit::Permit;
use crate::manner::{Manner, Wishes};
use crate::mend::{self, Asked};
use crate::observe::{self, Observed};
use crate::record::Record;
use crate::respond::Notice;
use crate::rewrite::{self, Rewriting};
use crate::route::{Route, Snapshot};
use crate::tunnel::{self, Tunnel};
use crate::upstream::{Outbound, UpstreamError};
use crate::visit::is_trusted;

mod form;
mod known;
mod meter;

pub(crate) use form::MARK;
use form::Tries;
use known::Current;
pub(crate) use known::{Known, Memory};

/// A connection on the TLS listener, after its handshake.
pub(crate) struct Secure {
    pub(crate) shared: Home,
    pub(crate) memory: Memory,
    pub(crate) peer: SocketAddr,
    pub(crate) encrypted: Encrypted,
    /// The certificate that the client was shown.
    pub(crate) identity: Option<Arc<Identity>>,
    /// What the client has proved.
    pub(crate) proof: Proof,
    pub(crate) activity: Arc<Activity>,
    /// A tunnel outlives the HTTP connection and keeps its place.
    pub(crate) permit: Arc<Permit>,
}

/// Answers one request. Whatever happens, there is one answer, with its HSTS field.
pub(crate) async fn serve(
    secure: Arc<Secure>,
    request: Request<Incoming>,
) -> Result<Response<Reply>, Infallible> {
    let ticket = secure.activity.request();
    let current = secure.memory.current(&secure.shared.snapshot);
    let snapshot = &**current;
    let transport = snapshot.policy.transport();
    let wishes = Wishes::of_request(request.headers());
    let version = request.version();
    let record = Record::begin(
        &secure.shared,
        transport.access_log,
        secure.peer.ip(),
        Some(secure.encrypted.version()),
        &request,
    );
    let mut passing = Passing {
        secure: &secure,
        current: &current,
        snapshot,
        host: None,
        known: None,
        record: Some(record),
    };
    let answer = match passing.enter(request) {
        Ok((request, admitted)) if admitted.known.route.forms.is_none() => {
            passing.forward(request, admitted, Tries::default()).await
        }
        // Apart, so that requests of other sites do not carry its state.
        Ok((request, admitted)) => Box::pin(passing.protect(request, admitted)).await,
        Err(refused) => Err(refused),
    };
    let mut response = match answer {
        Ok(response) => response,
        Err(refused) => {
            let manner = wishes.manner(snapshot.policy.language());
            passing.refuse(refused, manner, version)
        }
    };
    let promise = passing.promise();
    let mut record = passing.record;
    if let Some(record) = &mut record {
        record.status(response.status());
    }
    promise.keep(response.headers_mut());
    if version < Version::HTTP_2
        && secure.shared.retiring.load(Ordering::Relaxed)
        && response.status() != StatusCode::SWITCHING_PROTOCOLS
    {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
    }
    Ok(response.map(|source| Reply::new(source, record, ticket)))
}

/// What is known of a request while it passes.
struct Passing<'a> {
    secure: &'a Secure,
    current: &'a Current,
    snapshot: &'a Snapshot,
    /// The host asked for, while its site is not known.
    host: Option<Host>,
    known: Option<Arc<Known>>,
    /// The line of the log, until a tunnel takes it.
    record: Option<Box<Record>>,
}

/// A request that may go to its origin.
struct Admitted {
    known: Arc<Known>,
    /// Largest body of it, in bytes.
    max_body: u64,
    asked: Asked,
    client: IpAddr,
}

impl Passing<'_> {
    /// The stages before the origin, and the request as it goes there.
    fn enter(&mut self, request: Request<Incoming>) -> Result<(Outbound, Admitted), Refused> {
        let (mut head, body) = request.into_parts();
        let leftover = Leftover::of(&head);
        match self.admit(&mut head, &body) {
            Ok(admitted) => {
                let transport = self.snapshot.policy.transport();
                let upload = Upload::new(body, admitted.max_body, transport, leftover);
                let upload = upload.observed(self.secure.shared.observe);
                Ok((Box::new(Request::from_parts(head, upload)), admitted))
            }
            Err(refused) => Err(refused.unless_read(leftover.leave(body))),
        }
    }

    /// Every check, then the head as the origin gets it.
    fn admit(&mut self, head: &mut request::Parts, body: &Incoming) -> Result<Admitted, Refused> {
        let transport = self.snapshot.policy.transport();
        check::line(head).map_err(|fault| {
            if let Some(record) = &self.record {
                record.fault(fault);
            }
            Refused::of_fault(fault)
        })?;
        check::size(head, &transport.limits)?;
        let known = self.recognise(head)?;
        let route = &known.route;
        check::change_password(head, &route.site)?;
        self.relax(Observed::Expectation, check::expectation(head))?;
        let max_body = route.caps.of(head.uri.path());
        let fits = check::length(head, body, max_body);
        self.relax(Observed::Body, fits)?;
        if self.secure.shared.observe && header::drop_ambiguous(&mut head.headers) {
            self.observe(Observed::FieldName);
        }
        let (mut asked, client) = mend::request(
            head,
            &known,
            self.secure.peer,
            transport,
            &self.secure.shared.pseudonym,
            !body.is_end_stream(),
        )?;
        if asked.tunnel && !route.origins.may_upgrade() {
            // RFC 9110, 7.8: an upgrade may be ignored, and over HTTP/2 it has to be.
            asked.tunnel = false;
            tunnel::renounce(&mut head.headers);
        }
        if route.clients.is_some() {
            mend::introduce(&mut head.headers, &self.secure.proof);
        }
        if !self.secure.shared.observe {
            rewrite::ask(&mut head.headers, route);
        }
        if let Some(record) = &mut self.record {
            record.client(client);
            let believed = match transport.trace_context {
                TraceContext::Off => None,
                TraceContext::Everyone => Some(true),
                TraceContext::TrustedProxies => Some(is_trusted(self.secure.peer, transport)),
            };
            if let Some(believed) = believed {
                record.trace(&mut head.headers, believed);
            }
        }
        Ok(Admitted {
            known,
            max_body,
            asked,
            client,
        })
    }

    /// The stage of forms, then the stages from the origin back.
    async fn protect(
        &mut self,
        request: Outbound,
        admitted: Admitted,
    ) -> Result<Response<Source>, Refused> {
        let mut tries = Tries::default();
        let (mut head, mut upload) = request.into_parts();
        if let Some(asked) = self.asked_of_meter(&head, &admitted) {
            return self.meter(asked, &head, upload, &admitted).await;
        }
        if let Some(forms) = &admitted.known.route.forms {
            (upload, tries) = self.examine(forms, &mut head, upload, &admitted).await?;
            counters::take_away(&mut head.headers);
        }
        let request = Box::new(Request::from_parts(head, upload));
        self.forward(request, admitted, tries).await
    }

    /// The stages from the origin back.
    async fn forward(
        &mut self,
        mut request: Outbound,
        admitted: Admitted,
        tries: Tries,
    ) -> Result<Response<Source>, Refused> {
        let Admitted {
            known,
            asked,
            client,
            ..
        } = admitted;
        let Known { host, route, .. } = &*known;
        let deadlines = &self.snapshot.policy.transport().deadlines;
        let http_port = self.secure.shared.http_port;
        let version = std::mem::take(request.version_mut());
        let asked_for = mend::Request::of(&request);
        let upgrade = request.extensions_mut().remove::<OnUpgrade>();
        request.extensions_mut().clear();
        let progress = request.body().progress();

        let remembers = route.origins.affinity() == Affinity::Cookie;
        let mut visitor = Visitor::new(client);
        if remembers {
            visitor = visitor.with_cookie(request.headers());
            affinity::strip(request.headers_mut());
        }
        let exchanged = route
            .origins
            .exchange(request, asked.tunnel, visitor, deadlines)
            .await;
        let ((answer, mut carrier), place) = match exchanged {
            Ok(exchanged) => exchanged,
            Err(error) => {
                if is_unsent(&error) {
                    Box::pin(tries.unsent()).await;
                }
                return Err(refuse_for_origin(error));
            }
        };
        if version >= Version::HTTP_2 {
            carrier.narrow();
        }
        if progress.is_over() {
            self.observe(Observed::Body);
        }
        if let Some(record) = &mut self.record {
            record.outcome("origin");
        }
        let (mut answer, ()) = answer.into_parts();
        answer.version = version;
        if answer.status == StatusCode::SWITCHING_PROTOCOLS {
            let matches = asked.tunnel && tunnel::names_websocket(&answer.headers);
            let Some(client) = upgrade.filter(|_| matches) else {
                let reason = "origin: upgrade not asked for";
                return Err(Refused::new(Notice::BadGateway, reason));
            };
            if !tries.is_empty() {
                Box::pin(tries.switched()).await;
            }
            self.mend(answer.status, &mut answer.headers, host, route)?;
            tunnel::announce(&mut answer.headers);
            self.secure.activity.switch();
            Box::pin(self.open_tunnel(client, carrier)).await?;
            return Ok(Response::from_parts(answer, Source::Own(Bytes::new())));
        }
        let answering = Answer::new(carrier, deadlines.body_idle, asked.trailers);
        let mut body = Box::new(answering);
        // Judged as the origin says it, before anything is mended.
        let mut known = None;
        if let (false, Some(forms)) = (tries.is_empty(), &route.forms) {
            let settle = self.settle(
                forms,
                tries,
                answer.status,
                &answer.headers,
                &mut body,
                client,
            );
            known = Box::pin(settle).await;
        }
        self.mend(answer.status, &mut answer.headers, host, route)?;
        if let Some(known) = known {
            answer.headers.append(SET_COOKIE, known);
        }
        let leads_on = asked_for.check(answer.status, &answer.headers, host, route);
        self.relax(Observed::Loop, leads_on)?;
        if remembers {
            visitor.remember(place, &mut answer.headers);
        }
        let status = answer.status;
        let path = asked_for.path();
        let page = if self.secure.shared.observe {
            // Whether it is one that would be rewritten is all that is asked.
            let mut headers = answer.headers.clone();
            if rewrite::start(status, &mut headers, host, route, http_port, path).is_some() {
                self.observe(Observed::Page);
            }
            None
        } else {
            rewrite::start(status, &mut answer.headers, host, route, http_port, path)
        };
        let source = match page {
            Some(page) => Source::Page(Box::new(Rewriting::new(*body, page))),
            None => Source::Origin(body),
        };
        Ok(Response::from_parts(answer, source))
    }

    /// The head of an answer as the client gets it.
    fn mend(
        &mut self,
        status: StatusCode,
        headers: &mut HeaderMap,
        host: &Host,
        route: &Route,
    ) -> Result<(), Refused> {
        let http_port = self.secure.shared.http_port;
        mend::answer(status, headers)?;
        if self.secure.shared.observe {
            let repair = |headers: &mut HeaderMap| mend::repair(headers, host, route, http_port);
            for observed in observe::repairs(headers, repair).iter() {
                self.observe(observed);
            }
        } else {
            mend::repair(headers, host, route, http_port);
        }
        Ok(())
    }

    /// A refusal that the policy asks for, unless it is only watched.
    fn relax(&mut self, observed: Observed, checked: Result<(), Refused>) -> Result<(), Refused> {
        if checked.is_err() && self.secure.shared.observe {
            self.observe(observed);
            return Ok(());
        }
        checked
    }

    fn observe(&mut self, observed: Observed) {
        if let Some(record) = &mut self.record {
            record.observe(observed);
        }
    }

    fn refuse(&mut self, refused: Refused, manner: Manner, version: Version) -> Response<Source> {
        let reference = self.record.as_ref().map(|record| record.id().to_string());
        let mut details = refused.details.unwrap_or_default();
        if refused.notice.is_of_forms() {
            let known = self.known.as_ref();
            details.template = known.and_then(|known| known.route.refusal_page.clone());
        }
        let mut response =
            refused
                .notice
                .explained(&details, manner, &reference.unwrap_or_default());
        if refused.closes && version < Version::HTTP_2 {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, close);
        }
        if let Some(after) = refused.retry_after {
            let seconds = HeaderValue::from(after.as_secs().max(1));
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        if let Some(record) = &mut self.record {
            record.refused(refused.notice, refused.reason);
        }
        response.map(Source::Own)
    }

    /// Joins the two sides. The tunnel takes over the record: its line is written when it
    /// ends.
    async fn open_tunnel(&mut self, client: OnUpgrade, carrier: Carrier) -> Result<(), Refused> {
        let Some((origin, early, lease)) = carrier.into_tunnel() else {
            let reason = "origin: 101 over HTTP/2";
            return Err(Refused::new(Notice::BadGateway, reason));
        };
        let Some(mut record) = self.record.take() else {
            return Ok(());
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
        let abort = self.secure.shared.ending.until_aborted();
        self.secure.shared.tasks.spawn(async move {
            tunnel.run(abort).await;
            drop((permit, lease));
        });
        Ok(())
    }
}

/// Whether no origin can have seen any of a request: then nobody has tried a password.
const fn is_unsent(error: &UpstreamError) -> bool {
    matches!(
        error,
        UpstreamError::Connect(_)
            | UpstreamError::ConnectTimeout
            | UpstreamError::Tls(_)
            | UpstreamError::NoneUp { .. }
    )
}

fn refuse_for_origin(error: UpstreamError) -> Refused {
    let mut after = None;
    let notice = match &error {
        UpstreamError::NoneUp { after: wait } => {
            after = Some(*wait);
            Notice::Unavailable
        }
        UpstreamError::Upload(UploadError::TooLarge) => Notice::BodyTooLarge,
        UpstreamError::Upload(UploadError::Idle | UploadError::Slow) => Notice::RequestTimeout,
        UpstreamError::Upload(UploadError::Broken) => Notice::BadRequest,
        UpstreamError::Upload(UploadError::Malformed(fault)) => Notice::of_fault(*fault),
        UpstreamError::ConnectTimeout | UpstreamError::AnswerTimeout => Notice::GatewayTimeout,
        UpstreamError::Connect(_)
        | UpstreamError::Tls(_)
        | UpstreamError::Ended(_)
        | UpstreamError::Framing(_)
        | UpstreamError::Malformed
        | UpstreamError::Lost
        | UpstreamError::Closed(_) => Notice::BadGateway,
    };
    Refused {
        retry_after: after,
        ..Refused::new(notice, error.to_string())
    }
}
