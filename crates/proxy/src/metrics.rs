//! What the gate counts.
//!
//! A count is one relaxed addition to a cell of the thread that counts: no lock, no allocation,
//! and no line of cache that two threads write to in turn. Whoever reads adds the cells up, and
//! may see an event that another count has not seen yet.
//!
//! Every dimension is a list that the program or the policy bounds: kinds of refusal, classes of
//! status, sites by the first name of their table. Nothing that a client sends becomes a name
//! here, so that no client can make the gate remember more.
//!
//! Absent on purpose: rates and percentiles, which whoever reads computes better from counts.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use http::StatusCode;
use transport::framing::Fault;

use crate::form::FormEvent;
use crate::observe::Observed;
use crate::respond::Notice;
use crate::threads::PerThread;

mod handshake;

pub(crate) use handshake::HandshakeFailure;

/// Counts of one kind, by the place of each value in its list.
#[derive(Debug)]
pub(crate) struct Counts<const N: usize>([AtomicU64; N]);

impl<const N: usize> Default for Counts<N> {
    fn default() -> Self {
        Self(std::array::from_fn(|_| AtomicU64::new(0)))
    }
}

impl<const N: usize> Counts<N> {
    /// One more. A place that is not in the list counts for nothing.
    pub(crate) fn one(&self, place: usize) {
        self.add(place, 1);
    }

    fn add(&self, place: usize, count: u64) {
        if let Some(cell) = self.0.get(place) {
            cell.fetch_add(count, Ordering::Relaxed);
        }
    }

    pub(crate) fn at(&self, place: usize) -> u64 {
        self.0
            .get(place)
            .map_or(0, |cell| cell.load(Ordering::Relaxed))
    }
}

/// The upper ends of the buckets of durations, in milliseconds; one more has no end.
pub(crate) const BUCKETS: [u64; 12] = [
    1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000, 60_000,
];

/// Classes of status; the first is for a client that left without an answer.
pub(crate) const CLASSES: [&str; 6] = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"];

/// Protocols of a request.
pub(crate) const PROTOCOLS: [&str; 4] = ["unread", "HTTP/1.0", "HTTP/1.1", "HTTP/2"];

/// The listeners, by [`crate::listen::Door`].
pub(crate) const DOORS: [&str; 2] = ["http", "https"];

/// Versions of TLS that a profile may allow.
pub(crate) const VERSIONS: [&str; 2] = ["TLSv1_2", "TLSv1_3"];

/// What responders said of certificates.
pub(crate) const STATUS_ANSWERS: [&str; 3] = ["good", "revoked", "failed"];

/// What went wrong with the origin of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OriginFailure {
    /// It could not be reached, or its answer could not be used: the client got a 502.
    Unusable,
    /// It gave no answer in time: the client got a 504.
    Late,
    /// Its answer stopped coming.
    Stalled,
    /// Its answer broke off.
    Broken,
}

impl OriginFailure {
    pub(crate) const NAMES: [&str; 4] = ["unusable", "late", "stalled", "broken"];
}

/// Counts of one site.
#[derive(Debug, Default)]
pub(crate) struct SiteCounts {
    pub(crate) statuses: Counts<{ CLASSES.len() }>,
    pub(crate) durations: Counts<{ BUCKETS.len() + 1 }>,
    /// Microseconds.
    pub(crate) duration: AtomicU64,
    pub(crate) sent: AtomicU64,
    pub(crate) origin: Counts<{ OriginFailure::NAMES.len() }>,
    pub(crate) observed: Counts<{ Observed::ALL.len() }>,
    pub(crate) forms: Counts<{ FormEvent::ALL.len() }>,
}

/// Counts of the whole gate.
#[derive(Debug, Default)]
pub(crate) struct GateCounts {
    pub(crate) protocols: Counts<{ PROTOCOLS.len() }>,
    /// Requests begun less requests over: the sum over all threads is what is open.
    pub(crate) open: AtomicU64,
    pub(crate) refusals: Counts<{ Notice::ALL.len() }>,
    pub(crate) faults: Counts<{ Fault::ALL.len() }>,
    pub(crate) connections: Counts<{ DOORS.len() }>,
    /// Connections over a cap: closed without a word.
    pub(crate) turned_away: Counts<{ DOORS.len() }>,
    /// By version, then the same resumed.
    pub(crate) handshakes: Counts<{ 2 * VERSIONS.len() }>,
    pub(crate) failures: Counts<{ HandshakeFailure::ALL.len() }>,
    /// HTTP without TLS on the TLS listener.
    pub(crate) clear: AtomicU64,
    pub(crate) accept_errors: AtomicU64,
}

/// Everything that is counted, but for the sites: those lie with their routes.
#[derive(Debug)]
pub(crate) struct Metrics {
    pub(crate) gate: PerThread<GateCounts>,
    /// Requests of no known site.
    pub(crate) nobody: PerThread<SiteCounts>,
    pub(crate) started: SystemTime,
    pub(crate) reloads: Reloads,
    pub(crate) certificates_replaced: AtomicU64,
    pub(crate) orders_done: AtomicU64,
    pub(crate) orders_failed: AtomicU64,
    pub(crate) status_answers: Counts<{ STATUS_ANSWERS.len() }>,
}

/// How reloads of the policy went.
#[derive(Debug, Default)]
pub(crate) struct Reloads {
    pub(crate) done: AtomicU64,
    pub(crate) refused: AtomicU64,
    /// Seconds since 1970 of the last one that was taken; zero for none.
    pub(crate) last: AtomicU64,
    /// Whether the last one was refused.
    stale: std::sync::atomic::AtomicBool,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Self {
            gate: PerThread::default(),
            nobody: PerThread::default(),
            started: SystemTime::now(),
            reloads: Reloads::default(),
            certificates_replaced: AtomicU64::new(0),
            orders_done: AtomicU64::new(0),
            orders_failed: AtomicU64::new(0),
            status_answers: Counts::default(),
        }
    }

    /// How long ago it was made, by the clock of the machine.
    pub(crate) fn age(&self, now: SystemTime) -> Duration {
        now.duration_since(self.started).unwrap_or_default()
    }
}

impl Reloads {
    /// Whether the policy in force is older than the last one asked for.
    pub(crate) fn is_stale(&self) -> bool {
        self.stale.load(Ordering::Relaxed)
    }

    /// A reload was taken or refused.
    pub(crate) fn note(&self, taken: bool) {
        let count = if taken { &self.done } else { &self.refused };
        add(count, 1);
        self.stale.store(!taken, Ordering::Relaxed);
        if taken {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
            self.last
                .store(now.unwrap_or_default().as_secs(), Ordering::Relaxed);
        }
    }
}

impl SiteCounts {
    /// A request is over.
    pub(crate) fn over(&self, status: u16, duration: Duration, sent: u64) {
        self.statuses.one(usize::from(status / 100));
        let millis = duration.as_millis();
        let place = BUCKETS.partition_point(|&end| u128::from(end) < millis);
        self.durations.one(place);
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        add(&self.duration, micros);
        add(&self.sent, sent);
    }

    pub(crate) fn failed(&self, failure: OriginFailure) {
        self.origin.one(failure as usize);
    }
}

impl GateCounts {
    /// A handshake is done.
    pub(crate) fn shook_hands(&self, version: &str, resumed: bool) {
        if let Some(place) = VERSIONS.iter().position(|known| *known == version) {
            self.handshakes
                .one(place + VERSIONS.len() * usize::from(resumed));
        }
    }

    pub(crate) fn protocol(&self, protocol: &str) {
        let place = PROTOCOLS.iter().position(|known| *known == protocol);
        self.protocols.one(place.unwrap_or(0));
    }
}

/// Adds to a count.
pub(crate) fn add(count: &AtomicU64, more: u64) {
    count.fetch_add(more, Ordering::Relaxed);
}

/// What a count is at.
pub(crate) fn read(count: &AtomicU64) -> u64 {
    count.load(Ordering::Relaxed)
}

/// What the status of an answer that the gate makes says about the origin.
pub(crate) const fn failure_of(status: StatusCode) -> Option<OriginFailure> {
    match status {
        StatusCode::BAD_GATEWAY => Some(OriginFailure::Unusable),
        StatusCode::GATEWAY_TIMEOUT => Some(OriginFailure::Late),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_falls_into_the_first_bucket_that_holds_it() {
        for (millis, place) in [(0, 0), (1, 0), (2, 1), (5, 1), (60_000, 11), (60_001, 12)] {
            let counts = SiteCounts::default();
            counts.over(200, Duration::from_millis(millis), 0);
            assert_eq!(counts.durations.at(place), 1, "{millis} ms");
        }
    }

    #[test]
    fn a_status_falls_into_its_class_and_none_is_lost() {
        let counts = SiteCounts::default();
        for status in [0, 101, 200, 206, 308, 404, 499, 502] {
            counts.over(status, Duration::ZERO, 1);
        }
        let classes: Vec<u64> = (0..CLASSES.len())
            .map(|at| counts.statuses.at(at))
            .collect();
        assert_eq!(classes, [1, 1, 2, 1, 2, 1]);
        assert_eq!(read(&counts.sent), 8);
    }
}
