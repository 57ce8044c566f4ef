//! What is known of a request while it is served; written to the log when it is over.
//!
//! The line is written when the record is dropped: a client that leaves, a task that is
//! aborted and a panic are logged like any other end.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderMap, Request, StatusCode, Version};
use policy::transport::AccessLog;
use tokio::time::Instant;
use transport::framing::{Fault, RequestLine};
use transport::trace::{self, TraceId};

use crate::body::AnswerError;
use crate::form::FormEvent;
use crate::gate::Shared;
use crate::log::{Event, path_without_query};
use crate::metrics::{self, OriginFailure, SiteCounts};
use crate::observe::{Observed, Set};
use crate::respond::Notice;
use crate::threads::PerThread;

/// The line of one request, growing.
pub(crate) struct Record {
    shared: Arc<Shared>,
    format: AccessLog,
    begun: Instant,
    /// What the request is to the origin, in a trace.
    span: u64,
    /// The site asked for, once it is known.
    site: Option<Arc<PerThread<SiteCounts>>>,
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
        shared: &Arc<Shared>,
        format: AccessLog,
        client: IpAddr,
        tls: Option<&'static str>,
        request: &Request<B>,
    ) -> Self {
        let protocol = protocol(request.version());
        let mut record = Self::of(shared, format, client, tls, protocol);
        if format != AccessLog::Off {
            record.event.method = request.method().as_str().to_owned();
            record.event.path = path_without_query(request.uri());
        }
        record
    }

    /// A request whose head could not be read.
    pub(crate) fn unread(
        shared: &Arc<Shared>,
        format: AccessLog,
        client: IpAddr,
        tls: Option<&'static str>,
    ) -> Self {
        Self::of(shared, format, client, tls, "-")
    }

    fn of(
        shared: &Arc<Shared>,
        format: AccessLog,
        client: IpAddr,
        tls: Option<&'static str>,
        protocol: &'static str,
    ) -> Self {
        let counts = shared.metrics.gate.here();
        metrics::add(&counts.open, 1);
        counts.protocol(protocol);
        let span = random(0);
        Self {
            shared: Arc::clone(shared),
            format,
            begun: Instant::now(),
            span,
            site: None,
            event: Event {
                id: format!("{span:016x}"),
                trace: None,
                client,
                host: "-".to_owned(),
                method: "-".to_owned(),
                path: "-".to_owned(),
                protocol,
                tls,
                status: 0,
                bytes: 0,
                duration: std::time::Duration::ZERO,
                outcome: "client left".to_owned(),
                observed: Set::default(),
            },
        }
    }

    /// The first line of a head that no stage has seen, if it can be read. Of a target only
    /// a path is kept: anything else may hold a password before its host.
    pub(crate) fn asked(&mut self, head: &[u8]) {
        let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let Ok(line) = RequestLine::parse(line) else {
            return;
        };
        self.event.method = String::from_utf8_lossy(line.method).into_owned();
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
    pub(crate) fn id(&self) -> &str {
        &self.event.id
    }

    /// The host asked for, once it is known to be well-formed.
    pub(crate) fn host(&mut self, host: &str) {
        self.event.host.clear();
        self.event.host.push_str(host);
    }

    /// The site asked for.
    pub(crate) fn site(&mut self, site: &Arc<PerThread<SiteCounts>>) {
        self.site = Some(Arc::clone(site));
    }

    /// Joins the request to a trace, which the origin is told of. The one that came goes on if
    /// it is `believed`.
    pub(crate) fn trace(&mut self, headers: &mut HeaderMap, believed: bool) {
        let fresh = TraceId::new(u128::from(random(1)) << 64 | u128::from(random(2)));
        let trace = trace::adopt(headers, believed, fresh, self.span);
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
    pub(crate) fn refused(&mut self, notice: Notice, reason: impl Into<String>) {
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
            .as_deref()
            .unwrap_or(&self.shared.metrics.nobody)
            .here()
    }

    /// The client behind the trusted proxies.
    pub(crate) const fn client(&mut self, client: IpAddr) {
        self.event.client = client;
    }

    /// What happened: with the origin, or why the gate answered itself.
    pub(crate) fn outcome(&mut self, outcome: impl Into<String>) {
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
        self.event.outcome = error.to_string();
        self.counts().failed(match error {
            AnswerError::Idle => OriginFailure::Stalled,
            AnswerError::Broken => OriginFailure::Broken,
        });
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let event = &mut self.event;
        event.duration = self.begun.elapsed();
        self.shared.log.write(self.format, event);
        let counts = self.counts();
        counts.over(self.event.status, self.event.duration, self.event.bytes);
        // One less, in a sum that wraps.
        metrics::add(&self.shared.metrics.gate.here().open, u64::MAX);
    }
}

/// A number that no other request has and that nobody outside can guess; `part` is for what it
/// becomes.
fn random(part: u8) -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    static KEY: std::sync::LazyLock<RandomState> = std::sync::LazyLock::new(RandomState::new);
    KEY.hash_one((part, NEXT.fetch_add(1, Ordering::Relaxed)))
}

const fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_11 => "HTTP/1.1",
        Version::HTTP_2 => "HTTP/2",
        _ => "HTTP",
    }
}
