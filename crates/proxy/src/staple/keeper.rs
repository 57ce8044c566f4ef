//! The loop of a gate: asks when it is time, and puts what is good in front of the handshakes.
//!
//! Once a second it looks at what it knows, which costs nothing; certificates are read only when
//! those in force have changed. A few questions run at a time, each in a task of its own, so that
//! a responder that hangs holds back no other for long.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use transport::certificate::{Identity, Status, StatusError, StatusQuestion};

use super::{Leaf, Trouble, leaf, responder, schedule};
use crate::gate::Shared;
use crate::route::Snapshot;

/// Between two looks.
const POLL: Duration = Duration::from_secs(1);
/// Questions that run at one time.
const AT_ONCE: usize = 4;
/// What goes on is told again.
const TELL_AGAIN: Duration = Duration::from_secs(24 * 60 * 60);

/// Runs as long as the gate lives.
pub(crate) async fn keep(shared: Weak<Shared>) {
    let mut keeper = Keeper::default();
    loop {
        {
            let Some(shared) = shared.upgrade() else {
                return;
            };
            if shared.ending.is_stopped() {
                return;
            }
            keeper.tick(&shared).await;
        }
        sleep(POLL).await;
    }
}

#[derive(Default)]
struct Keeper {
    /// What the certificates below were read from.
    seen: Weak<Snapshot>,
    certificates: HashMap<Leaf, Certificate>,
    /// The questions that run. Dropping it ends them.
    asking: JoinSet<(Leaf, Result<Status, Trouble>)>,
}

/// A certificate in force that names a responder.
struct Certificate {
    /// The first host of its site.
    site: String,
    question: Arc<StatusQuestion>,
    /// Whether browsers refuse it without its status.
    must_staple: bool,
    /// From 0 to 1, drawn from the certificate.
    lot: f64,
    /// Not before this; `None` while it is being asked about.
    due: Option<Instant>,
    failures: u32,
    told: Option<(Told, Instant)>,
}

/// What was said of a certificate last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Stapled,
    Failed,
    Over,
    Revoked,
}

impl Keeper {
    async fn tick(&mut self, shared: &Shared) {
        let snapshot = shared.snapshot.load_full();
        if !std::ptr::eq(self.seen.as_ptr(), Arc::as_ptr(&snapshot)) {
            self.seen = Arc::downgrade(&snapshot);
            self.find(&snapshot, shared);
        }
        let mut changed = false;
        while let Some(done) = self.asking.try_join_next() {
            if let Ok((leaf, result)) = done {
                changed |= self.settle(leaf, result, shared);
            }
        }
        changed |= self.end(shared);
        self.start();
        if changed {
            publish(shared).await;
        }
    }

    /// Reads which certificates in force name a responder.
    fn find(&mut self, snapshot: &Snapshot, shared: &Shared) {
        let mut before = std::mem::take(&mut self.certificates);
        for (site, shown) in snapshot.policy.sites().iter().zip(&snapshot.shown) {
            for (_, identity) in &shown.entries {
                let leaf = leaf(identity);
                let found = before.remove(&leaf).or_else(|| {
                    let site = site.hosts.first().cloned().unwrap_or_default();
                    Certificate::of(identity, site, &leaf)
                });
                if let Some(found) = found {
                    self.certificates.insert(leaf, found);
                }
            }
        }
        let mut known = shared.workshop.staples.lock();
        known.retain(|leaf, _| self.certificates.contains_key(leaf));
        for leaf in self.certificates.keys() {
            known.entry(*leaf).or_default();
        }
    }

    /// Asks about those that are due.
    fn start(&mut self) {
        let now = Instant::now();
        for (leaf, certificate) in &mut self.certificates {
            if self.asking.len() >= AT_ONCE {
                return;
            }
            if certificate.due.is_some_and(|due| due <= now) {
                certificate.due = None;
                let (leaf, question) = (*leaf, Arc::clone(&certificate.question));
                self.asking
                    .spawn(async move { (leaf, responder::status(&question).await) });
            }
        }
    }

    /// Takes an answer; whether what is stapled changes.
    fn settle(&mut self, leaf: Leaf, result: Result<Status, Trouble>, shared: &Shared) -> bool {
        let answers = &shared.metrics.status_answers;
        answers.one(match &result {
            Ok(_) => 0,
            Err(trouble) if trouble.is_revoked() => 1,
            Err(_) => 2,
        });
        // Gone meanwhile, with its site.
        let Some(certificate) = self.certificates.get_mut(&leaf) else {
            return false;
        };
        let mut known = shared.workshop.staples.lock();
        let known = known.entry(leaf).or_default();
        let now = SystemTime::now();
        let left = |until: SystemTime| until.duration_since(now).unwrap_or_default();
        match result {
            Ok(status) => {
                certificate.failures = 0;
                let wait = schedule::after_good(left(status.next_update()), certificate.lot);
                certificate.due = Some(Instant::now() + wait);
                certificate.tell(Told::Stapled, None);
                known.trouble = None;
                let status = Arc::new(status);
                known.status.replace(Arc::clone(&status)) != Some(status)
            }
            Err(trouble) => {
                certificate.failures = certificate.failures.saturating_add(1);
                let mut changed = false;
                if trouble.is_revoked() {
                    // The gate does not go on showing what it knows to be true no more.
                    changed = known.status.take().is_some();
                    certificate.tell(Told::Revoked, Some(&trouble));
                } else {
                    let told = match known.status {
                        Some(_) => Told::Failed,
                        None => Told::Over,
                    };
                    certificate.tell(told, Some(&trouble));
                }
                let left = known
                    .status
                    .as_ref()
                    .map(|status| left(status.next_update()));
                let wait = schedule::after_failures(certificate.failures, left, certificate.lot);
                certificate.due = Some(Instant::now() + wait);
                known.trouble = Some(trouble);
                changed
            }
        }
    }

    /// Lets go of what is over; whether there was any.
    fn end(&mut self, shared: &Shared) -> bool {
        let now = SystemTime::now();
        let mut changed = false;
        let mut known = shared.workshop.staples.lock();
        for (leaf, known) in known.iter_mut() {
            let over = known.status.take_if(|status| status.next_update() <= now);
            let (Some(status), Some(certificate)) = (over, self.certificates.get_mut(leaf)) else {
                continue;
            };
            changed = true;
            let until = status.next_update();
            let over = Trouble::Status(StatusError::Over { until });
            let trouble = known.trouble.get_or_insert(over);
            certificate.tell(Told::Over, Some(trouble));
            // A clock that jumped may be the only reason.
            certificate.due = certificate.due.map(|_| Instant::now());
        }
        changed
    }
}

impl Certificate {
    fn of(identity: &Identity, site: String, leaf: &Leaf) -> Option<Self> {
        // Without the issuer the certificate itself was warned about.
        let question = identity.status_question().ok()??;
        let [first, second, ..] = leaf;
        Some(Self {
            site,
            question: Arc::new(question),
            must_staple: identity.must_staple(),
            lot: f64::from(u16::from_be_bytes([*first, *second])) / f64::from(u16::MAX),
            due: Some(Instant::now()),
            failures: 0,
            told: None,
        })
    }

    /// Says how it stands, when that is new and then daily.
    fn tell(&mut self, told: Told, trouble: Option<&Trouble>) {
        let again = |(before, at): (Told, Instant)| {
            before != told || told != Told::Stapled && at.elapsed() >= TELL_AGAIN
        };
        if !self.told.is_none_or(again) {
            return;
        }
        self.told = Some((told, Instant::now()));
        let site = self.site.as_str();
        let why = trouble.map(|trouble| trouble.text(policy::Language::En));
        let why = why.unwrap_or_default();
        match told {
            Told::Stapled => tracing::info!(site, "the certificate is shown with its OCSP status"),
            Told::Failed => tracing::warn!(
                site,
                "the OCSP status of the certificate was not renewed; the last one is shown to its end: {why}"
            ),
            Told::Over if self.must_staple => tracing::error!(
                site,
                "THE CERTIFICATE DEMANDS ITS OCSP STATUS and is shown without it; some browsers refuse it: {why}"
            ),
            Told::Over => tracing::warn!(
                site,
                "the certificate is shown without its OCSP status: {why}"
            ),
            Told::Revoked => tracing::error!(site, "{why}"),
        }
    }
}

/// Puts what is known in front of the handshakes.
async fn publish(shared: &Shared) {
    let _turn = shared.turn.lock().await;
    let snapshot = shared.snapshot.load_full();
    let shown = snapshot.shown.clone();
    match shared.workshop.recertify(&snapshot, shown) {
        Ok(next) => shared.snapshot.store(Arc::new(next)),
        Err(error) => tracing::error!("OCSP status not shown: {error}"),
    }
}
