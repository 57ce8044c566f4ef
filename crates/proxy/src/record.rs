//! What is known of a request while it is served; written to the log when it is over.
//!
//! The line is written when the record is dropped: a client that leaves, a task that is
//! aborted and a panic are logged like any other end.

use std::borrow::Cow;
use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::Arc;

use http::{HeaderMap, Method, Request, StatusCode, Version};
use policy::transport::AccessLog;
use tokio::time::Instant;
use transport::framing::{Fault, RequestLine};
use transport::trace::{self, TraceId};

use crate::body::AnswerError;
use crate::form::FormEvent;
use crate::gate::Home;
use crate::log::{Event, RequestId, path_without_query};
use crate::metrics::{self, OriginFailure, SiteCounts};
use crate::observe::{Observed, Set};
use crate::respond::Notice;
use crate::threads::PerThread;
use crate::turn;

/// The counts of a site, by a count of references that is one connection's own.
pub(crate) type SiteCells = Arc<Arc<PerThread<SiteCounts>>>;

/// The line of one request, growing. It goes from the head of a request to the end of its answer,
/// and stays in its box.
pub(crate) struct Record {
    shared: Home,
    format: AccessLog,
    begun: Instant,
    /// The site asked for, once it is known.
    site: Option<SiteCells>,
    event: Event,
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Record")
            .field("event", &self.event)
            .finish_non_exhaustive()
    }
}

impl Record {
    /// A request has arrived from `client`.
    pub(crate) fn begin<B>(
        shared: &Home,
        format: AccessLog,
        client: IpAddr,
        tls: Option<&'static str>,
        request: &Request<B>,
    ) -> Box<Self> {
        let protocol = protocol(request.version());
        let mut record = Self::of(shared, format, client, tls, protocol);
        if format != AccessLog::Off {
            record.event.method = Some(request.method().clone());
            record.event.path = path_without_query(request.uri());
        }
        record
    }

    /// A request whose head could not be read.
    pub(crate) fn unread(
        shared: &Home,
        format: AccessLog,
        client: IpAddr,
        tls: Option<&'static str>,
    ) -> Box<Self> {
        Self::of(shared, format, client, tls, "-")
    }

    fn of(
        shared: &Home,
        format: AccessLog,
        client: IpAddr,
        tls: Option<&'static str>,
        protocol: &'static str,
    ) -> Box<Self> {
        let counts = shared.metrics.gate.here();
        metrics::add(&counts.open, 1);
        counts.protocol(protocol);
        let id = RequestId(random());
        Box::new(Self {
            shared: Arc::clone(shared),
            format,
            begun: turn::now(),
            site: None,
            event: Event {
                id,
                trace: None,
                client,
                host: String::new(),
                method: None,
                path: String::new(),
                protocol,
                tls,
                status: 0,
                bytes: 0,
                duration: std::time::Duration::ZERO,
                outcome: Cow::Borrowed("client left"),
                observed: Set::default(),
            },
        })
    }

    /// The first line of a head that no stage has seen, if it can be read. Of a target only
    /// a path is kept: anything else may hold a password before its host.
    pub(crate) fn asked(&mut self, head: &[u8]) {
        let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let Ok(line) = RequestLine::parse(line) else {
            return;
        };
        self.event.method = Method::from_bytes(line.method).ok();
        self.event.protocol = match line.is_1_1 {
            true => "HTTP/1.1",
            false => "HTTP/1.0",
        };
        if let Some(uri) = std::str::from_utf8(line.target)
            .ok()
            .filter(|target| target.starts_with('/'))
            .and_then(|target| target.parse().ok())
        {
            self.event.path = path_without_query(&uri);
        }
    }

    /// The identifier shown in the log and on the gate's own pages.
    pub(crate) const fn id(&self) -> RequestId {
        self.event.id
    }

    /// The host asked for, once it is known to be well-formed.
    pub(crate) fn host(&mut self, host: &str) {
        if self.format != AccessLog::Off {
            self.event.host.clear();
            self.event.host.push_str(host);
        }
    }

    /// The site asked for.
    pub(crate) fn site(&mut self, site: &SiteCells) {
        self.site = Some(Arc::clone(site));
    }

    /// Joins the request to a trace, which the origin is told of. The one that came goes on if
    /// it is `believed`.
    pub(crate) fn trace(&mut self, headers: &mut HeaderMap, believed: bool) {
        let fresh = TraceId::new(u128::from(random()) << 64 | u128::from(random()));
        let trace = trace::adopt(headers, believed, fresh, self.event.id.0);
        self.event.trace = Some(trace);
    }

    /// Something was seen that the policy would have refused or mended. See
    /// [`crate::observe`].
    pub(crate) fn observe(&mut self, observed: Observed) {
        if self.event.observed.add(observed) {
            self.counts().observed.one(observed as usize);
        }
    }

    /// Something became of a protected request.
    pub(crate) fn form(&self, event: FormEvent) {
        self.counts().forms.one(event as usize);
    }

    /// The gate answers itself.
    pub(crate) fn refused(&mut self, notice: Notice, reason: impl Into<Cow<'static, str>>) {
        self.outcome(reason);
        self.shared
            .metrics
            .gate
            .here()
            .refusals
            .one(notice as usize);
        if let Some(failure) = metrics::failure_of(notice.status()) {
            self.counts().failed(failure);
        }
    }

    /// What was wrong with a head that no stage has seen.
    pub(crate) fn fault(&self, fault: Fault) {
        self.shared.metrics.gate.here().faults.one(fault as usize);
    }

    /// The counts of the site, or of nobody's requests.
    fn counts(&self) -> &SiteCounts {
        self.site
            .as_ref()
            .map_or(&self.shared.metrics.nobody, |site| &***site)
            .here()
    }

    /// The client behind the trusted proxies.
    pub(crate) const fn client(&mut self, client: IpAddr) {
        self.event.client = client;
    }

    /// What happened: with the origin, or why the gate answered itself.
    pub(crate) fn outcome(&mut self, outcome: impl Into<Cow<'static, str>>) {
        self.event.outcome = outcome.into();
    }

    /// The status of the answer.
    pub(crate) fn status(&mut self, status: StatusCode) {
        self.event.status = status.as_u16();
    }

    /// More of the answer's body was handed over.
    pub(crate) const fn sent(&mut self, bytes: usize) {
        self.event.bytes += bytes as u64;
    }

    /// The answer was cut short.
    pub(crate) fn broke_off(&mut self, error: AnswerError) {
        self.event.outcome = error.to_string().into();
        self.counts().failed(match error {
            AnswerError::Idle => OriginFailure::Stalled,
            AnswerError::Broken => OriginFailure::Broken,
        });
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let event = &mut self.event;
        // Not the time of the turn: an answer that waits for nothing begins and ends in one.
        event.duration = self.begun.elapsed();
        self.shared.log.write(self.format, event);
        let counts = self.counts();
        counts.over(self.event.status, self.event.duration, self.event.bytes);
        // One less, in a sum that wraps.
        metrics::add(&self.shared.metrics.gate.here().open, u64::MAX);
    }
}

/// A number that no other request has and that nobody outside can guess.
fn random() -> u64 {
    // Each thread has a key of its own, so that none waits for another.
    thread_local! {
        static KEY: RandomState = RandomState::new();
        static NEXT: Cell<u64> = const { Cell::new(0) };
    }
    let next = NEXT.get().wrapping_add(1);
    NEXT.set(next);
    KEY.with(|key| key.hash_one(next))
}

const fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_11 => "HTTP/1.1",
        Version::HTTP_2 => "HTTP/2",
        _ => "HTTP",
    }
}
