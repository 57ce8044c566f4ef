//! The origins of one site: which of them is asked, and what is done when it cannot be
//! reached.
//!
//! The one with the fewest open requests is asked, in turn when several have as few; affinity
//! puts the one that a visitor had before in front of that. A request goes to a second origin
//! only when no connection to the first could be made, so that not one byte of it has left;
//! a request that may have been read is never sent again. A site with one origin pays for
//! none of this. Clauses: RFC 9110, 9.2.2, 10.2.3 and 15.6.4.
//!
//! Absent on purpose: weights, and slow starts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use policy::site::{Affinity, Health};
use policy::transport::Deadlines;
use tokio::time::Instant;

use crate::affinity::{Place, Visitor};
use crate::dial::Way;
use crate::health::{Admission, Change, Condition, OriginState};
use crate::link::Failed;
use crate::upstream::{Brought, Outbound, Pool, UpstreamError};

/// When to try again, said of origins that fail their checks without an interval known.
const LATER: Duration = Duration::from_secs(5);

/// The origins of one site, at least one.
#[derive(Debug)]
pub(crate) struct Origins {
    all: Box<[Arc<Origin>]>,
    affinity: Affinity,
    /// Where the search starts among origins that are equally busy.
    turn: AtomicUsize,
}

/// One origin, as one site sees it.
#[derive(Debug)]
pub(crate) struct Origin {
    /// The first name of the site.
    site: String,
    /// As the policy writes it.
    name: String,
    health: Option<Health>,
    pool: Arc<Pool>,
    condition: Condition,
    epoch: Instant,
    /// Requests that are not over.
    open: AtomicUsize,
}

/// Counts one open request of an origin until it is dropped.
#[derive(Debug)]
pub(crate) struct Lease(Arc<Origin>);

/// What others see of one origin of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OriginStatus {
    /// As the policy writes it, such as `http://127.0.0.1:8080`.
    pub address: String,
    /// Whether it is asked.
    pub state: OriginState,
    /// Since when.
    pub since: SystemTime,
    /// Why it is not asked, in English, for an operator; `None` while it is.
    pub reason: Option<String>,
    /// Whether it is checked (`[site.health]`).
    pub checked: bool,
    /// Requests open on it; `None` for an only origin, whose requests are not counted.
    pub open: Option<usize>,
}

impl OriginStatus {
    /// Whether anything would be known of an origin that serves no more: it is checked, or one of
    /// several.
    pub(crate) const fn is_watched(&self) -> bool {
        self.checked || self.open.is_some()
    }
}

impl Origins {
    pub(crate) fn new(all: Vec<Arc<Origin>>, affinity: Affinity) -> Self {
        Self {
            all: all.into(),
            affinity,
            turn: AtomicUsize::new(0),
        }
    }

    /// Each of them, in the order of the policy.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Arc<Origin>> {
        self.all.iter()
    }

    /// What others see of each of them, in the order of the policy.
    pub(crate) fn statuses(&self) -> Vec<OriginStatus> {
        let alone = self.all.len() == 1;
        self.all.iter().map(|origin| origin.status(alone)).collect()
    }

    /// Whether an upgrade can be asked of any of them.
    pub(crate) fn may_upgrade(&self) -> bool {
        self.all
            .iter()
            .any(|origin| origin.pool.way().may_upgrade())
    }

    /// What keeps a visitor with an origin.
    pub(crate) const fn affinity(&self) -> Affinity {
        self.affinity
    }

    /// Sends a request and waits for the head of its answer. Also tells which origin gave it,
    /// from 0.
    pub(crate) async fn exchange(
        &self,
        request: Outbound,
        upgrade: bool,
        visitor: Visitor,
        deadlines: &Deadlines,
    ) -> Result<(Brought, Place), UpstreamError> {
        if let [only] = &*self.all {
            if only.health.is_some() && only.condition.admit(0) == Admission::Down {
                return Err(UpstreamError::NoneUp {
                    after: only.interval(),
                });
            }
            let brought = only.pool.exchange(request, upgrade, deadlines).await;
            return brought
                .map(|brought| (brought, Place(0)))
                .map_err(Failed::into_error);
        }
        Box::pin(self.exchange_with_any(request, upgrade, visitor, deadlines)).await
    }

    /// The same where there are several.
    async fn exchange_with_any(
        &self,
        request: Outbound,
        upgrade: bool,
        visitor: Visitor,
        deadlines: &Deadlines,
    ) -> Result<(Brought, Place), UpstreamError> {
        let first = self.choose(upgrade, visitor, None)?;
        let (request, error) = match self.ask(first, request, upgrade, deadlines).await {
            Ok(brought) => return Ok((brought, Place(first))),
            Err(Failed::Over(error)) => return Err(error),
            Err(Failed::Unsent(request, error)) => (request, error),
        };
        let Ok(second) = self.choose(upgrade, visitor, Some(first)) else {
            return Err(error);
        };
        let brought = self.ask(second, request, upgrade, deadlines).await;
        brought
            .map(|brought| (brought, Place(second)))
            .map_err(Failed::into_error)
    }

    async fn ask(
        &self,
        place: usize,
        request: Outbound,
        upgrade: bool,
        deadlines: &Deadlines,
    ) -> Result<Brought, Failed> {
        let origin = &self.all[place];
        let lease = Lease::of(origin);
        match origin.pool.exchange(request, upgrade, deadlines).await {
            Ok((response, mut carrier)) => {
                origin.tell(origin.condition.connected());
                carrier.lease = Some(lease);
                Ok((response, carrier))
            }
            Err(Failed::Unsent(request, error)) => {
                if is_its_own(&error) {
                    let now = origin.now();
                    origin.tell(origin.condition.refused(now, &error.to_string()));
                }
                Err(Failed::Unsent(request, error))
            }
            Err(Failed::Over(error)) => {
                // Whatever became of the request, the connection was made.
                origin.tell(origin.condition.connected());
                Err(Failed::Over(error))
            }
        }
    }

    /// The origin for a visitor: theirs if it serves, else the least busy.
    fn choose(
        &self,
        upgrade: bool,
        visitor: Visitor,
        not: Option<usize>,
    ) -> Result<usize, UpstreamError> {
        let fits = |place: usize| {
            Some(place) != not && (!upgrade || self.all[place].pool.way().may_upgrade())
        };
        let mut after = None;
        let mut admitted = |place: usize| {
            let origin = &self.all[place];
            match origin.condition.admit(origin.now()) {
                Admission::Yes | Admission::Trial => true,
                no => {
                    let wait = no.after(origin.interval());
                    after = Some(after.map_or(wait, |after: Duration| after.min(wait)));
                    false
                }
            }
        };
        let start = match self.affinity {
            Affinity::None => None,
            Affinity::Cookie => visitor.remembered(self.all.len()),
            Affinity::Source => {
                let names = self.all.iter().map(|origin| origin.name.as_str());
                let order = visitor.order(names);
                let mut order = order.into_iter().filter(|&place| fits(place));
                return order
                    .find(|&place| admitted(place))
                    .ok_or_else(|| none(after));
            }
        };
        if let Some(place) = start
            && fits(place)
            && admitted(place)
        {
            return Ok(place);
        }
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let count = self.all.len();
        let mut places: Vec<usize> = (0..count)
            .map(|step| turn.wrapping_add(step) % count)
            .filter(|&place| fits(place))
            .collect();
        // The sort is stable: equally busy ones keep their turn.
        places.sort_by_key(|&place| self.all[place].open.load(Ordering::Relaxed));
        let found = places.into_iter().find(|&place| admitted(place));
        found.ok_or_else(|| none(after))
    }
}

impl Origin {
    pub(crate) fn new(site: String, health: Option<Health>, pool: Arc<Pool>) -> Arc<Self> {
        let name = pool.way().upstream().to_string();
        Arc::new(Self {
            site,
            name,
            health,
            pool,
            condition: Condition::new(),
            epoch: Instant::now(),
            open: AtomicUsize::new(0),
        })
    }

    /// Whether it is this origin of this site, checked in the same way.
    pub(crate) fn is(&self, site: &str, health: Option<&Health>, way: &Way) -> bool {
        self.site == site && self.health.as_ref() == health && self.pool.way() == way
    }

    pub(crate) const fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }

    pub(crate) const fn health(&self) -> Option<&Health> {
        self.health.as_ref()
    }

    /// The first name of its site.
    pub(crate) fn site(&self) -> &str {
        &self.site
    }

    /// What the checks have come to.
    pub(crate) fn concluded(&self, serves: bool, reason: Option<&str>) {
        self.tell(self.condition.concluded(serves, reason));
    }

    /// What others see; `alone` when it is the only origin of its site.
    pub(crate) fn status(&self, alone: bool) -> OriginStatus {
        let (state, since, reason) = self.condition.seen();
        OriginStatus {
            address: self.name.clone(),
            state,
            since,
            reason,
            checked: self.health.is_some(),
            open: (!alone).then(|| self.open.load(Ordering::Relaxed)),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn interval(&self) -> Duration {
        self.health.as_ref().map_or(LATER, |health| health.interval)
    }

    /// One event per change.
    fn tell(&self, change: Option<Change>) {
        let Some(change) = change else { return };
        let (_, _, reason) = self.condition.seen();
        let reason = reason.unwrap_or_default();
        let (site, origin) = (&self.site, &self.name);
        match change {
            Change::Returned => tracing::info!(site, origin, "this origin serves again"),
            Change::PassedOver => {
                tracing::warn!(
                    site,
                    origin,
                    reason,
                    "this origin is passed over for a while"
                );
            }
            Change::Down => {
                tracing::warn!(
                    site,
                    origin,
                    reason,
                    "this origin fails its checks: it is asked nothing"
                );
            }
        }
    }
}

impl Lease {
    fn of(origin: &Arc<Origin>) -> Self {
        origin.open.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(origin))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

const fn none(after: Option<Duration>) -> UpstreamError {
    UpstreamError::NoneUp {
        after: match after {
            Some(after) => after,
            None => LATER,
        },
    }
}

/// Whether a connection failed because of the origin: without descriptors, ports or memory of
/// our own, every origin would seem to be down.
fn is_its_own(error: &UpstreamError) -> bool {
    use std::io::ErrorKind;
    match error {
        UpstreamError::Connect(error) => {
            !matches!(
                error.kind(),
                ErrorKind::AddrNotAvailable | ErrorKind::OutOfMemory
            ) && !error
                .raw_os_error()
                .is_some_and(|code| OURS.contains(&code))
        }
        UpstreamError::ConnectTimeout | UpstreamError::Tls(_) => true,
        UpstreamError::Ended(_) | UpstreamError::Closed(_) => true,
        _ => false,
    }
}

/// ENFILE, EMFILE, ENOBUFS.
const OURS: [i32; 3] = [23, 24, 105];
