//! The loop of a gate: shows the challenges in flight, has certificates ordered, tells how
//! late a renewal is.
//!
//! Once a second it looks at the folder, which costs a few `stat` calls; files are read only
//! when they changed. One order runs at a time, in a task of its own, which ends with the
//! gate.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use policy::site::Certificate;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::Trouble;
use super::desk::Desk;
use super::folder::Challenge;
use super::schedule::{Alarm, Standing, Step};
use super::work::{Done, Look, attend, first, held};
use crate::certify::Stamp;
use crate::gate::Shared;
use crate::metrics;
use crate::route::Snapshot;

/// Between two looks. A proof is shown for three times as long before it is needed.
const POLL: Duration = Duration::from_secs(1);
/// After another gate was found ordering.
const BUSY: Duration = Duration::from_secs(2);
/// An alarm that goes on is told again.
const TELL_AGAIN: Duration = Duration::from_secs(24 * 60 * 60);

/// Runs as long as the gate lives.
pub(crate) async fn keep(shared: Weak<Shared>) {
    let mut keeper = Keeper::default();
    loop {
        sleep(POLL).await;
        let Some(shared) = shared.upgrade() else {
            return;
        };
        if shared.ending.is_stopped() {
            return;
        }
        keeper.tick(&shared).await;
    }
}

#[derive(Default)]
struct Keeper {
    /// The order that runs, if one does. Dropping it ends it.
    job: JoinSet<(String, Result<Done, Trouble>)>,
    /// Not before this, because another process is ordering.
    busy_until: Option<Instant>,
    /// What the sites below were read with.
    desk: Option<Arc<Desk>>,
    shown: Vec<Challenge>,
    /// By the first host of a site.
    sites: HashMap<String, Known>,
}

/// What was read of a site, and from which state of its files.
struct Known {
    stamp: Stamp,
    hosts: Vec<String>,
    look: Look,
    told: Option<(Alarm, Instant)>,
}

impl Keeper {
    async fn tick(&mut self, shared: &Arc<Shared>) {
        let snapshot = shared.snapshot.load_full();
        let answers = &shared.workshop.answers;
        let Some(desk) = &snapshot.desk else {
            if !self.shown.is_empty() {
                self.shown.clear();
                answers.show(&[]);
            }
            self.sites.clear();
            return;
        };
        if !self
            .desk
            .as_ref()
            .is_some_and(|known| Arc::ptr_eq(known, desk))
        {
            // Another policy may have other authorities.
            self.sites.clear();
            self.desk = Some(Arc::clone(desk));
        }
        while let Some(done) = self.job.try_join_next() {
            if let Ok((name, result)) = done {
                self.tell(&name, result, shared);
            }
        }
        self.look(&snapshot, desk, shared).await;
        self.alarm(&snapshot, desk);
        self.start(desk);
    }

    /// Reads what changed.
    async fn look(&mut self, snapshot: &Arc<Snapshot>, desk: &Arc<Desk>, shared: &Shared) {
        let mut known = std::mem::take(&mut self.sites);
        let (snapshot, desk) = (Arc::clone(snapshot), Arc::clone(desk));
        let looked = tokio::task::spawn_blocking(move || {
            let now = SystemTime::now();
            let mut sites = HashMap::new();
            let asking = snapshot.policy.sites().iter();
            for site in asking.filter(|site| site.certificate == Certificate::Acme) {
                let name = first(&site.hosts);
                let stamp = Stamp::of(&[
                    &desk.folder.certificate_path(name),
                    &desk.folder.progress_path(name),
                ]);
                let before = known.remove(name);
                let told = before.as_ref().and_then(|known| known.told);
                let same = before.filter(|known| known.stamp == stamp && known.hosts == site.hosts);
                let look = match same {
                    Some(known) => known.look,
                    None => Look::at(&desk, &site.hosts, now),
                };
                sites.insert(
                    name.to_owned(),
                    Known {
                        stamp,
                        hosts: site.hosts.clone(),
                        look,
                        told,
                    },
                );
            }
            (sites, desk.folder.challenges(now))
        })
        .await;
        let Ok((sites, challenges)) = looked else {
            return;
        };
        self.sites = sites;
        let answers = &shared.workshop.answers;
        if challenges != self.shown {
            answers.show(&challenges);
            self.shown = challenges;
        }
        let troubles = self
            .sites
            .iter()
            .filter_map(|(name, known)| Some((name.clone(), known.look.progress.trouble.clone()?)));
        *answers
            .troubles
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = troubles.collect();
    }

    /// Starts the first order that is due.
    fn start(&mut self, desk: &Arc<Desk>) {
        let busy = self.busy_until.is_some_and(|until| Instant::now() < until);
        if busy || !self.job.is_empty() {
            return;
        }
        let now = SystemTime::now();
        let due = self.sites.iter().find(|(_, known)| {
            let step = known.look.standing.next(desk.policy.renew_before, now);
            !matches!(step, Step::Wait(_))
        });
        if let Some((name, known)) = due {
            let (name, hosts) = (name.clone(), known.hosts.clone());
            let desk = Arc::clone(desk);
            self.job
                .spawn(async move { (name, attend(desk, hosts, false).await) });
        }
    }

    /// Says how an order went.
    fn tell(&mut self, site: &str, result: Result<Done, Trouble>, shared: &Shared) {
        match result {
            Ok(Done::Ordered) => {
                metrics::add(&shared.metrics.orders_done, 1);
                tracing::info!(site, "certificate ordered and kept");
            }
            Ok(Done::Nothing) => {}
            Err(Trouble::Busy) => self.busy_until = Some(Instant::now() + BUSY),
            Err(trouble) => {
                metrics::add(&shared.metrics.orders_failed, 1);
                tracing::warn!(site, "no certificate: {trouble}");
                // A folder that cannot be written keeps no memory of the failure.
                if matches!(trouble, Trouble::Folder { .. }) {
                    self.busy_until = Some(Instant::now() + BUSY * 15);
                }
                let mut troubles = shared
                    .workshop
                    .answers
                    .troubles
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                troubles.insert(site.to_owned(), trouble);
            }
        }
    }

    /// Says how late the renewal of what is served is, once and then daily.
    fn alarm(&mut self, snapshot: &Snapshot, desk: &Desk) {
        let now = SystemTime::now();
        for (name, known) in &mut self.sites {
            let Some(identity) = snapshot.certificates.served(Some(name)) else {
                continue;
            };
            let standing = Standing {
                held: Some(held(identity, true)),
                ..Standing::default()
            };
            let alarm = standing.alarm(desk.policy.renew_before, now);
            let told = known
                .told
                .filter(|(before, at)| *before >= alarm && at.elapsed() < TELL_AGAIN);
            if alarm == Alarm::None {
                known.told = None;
                continue;
            }
            if told.is_some() {
                continue;
            }
            known.told = Some((alarm, Instant::now()));
            let end = jiff::Timestamp::try_from(identity.not_after());
            let end = end.map_or_else(|_| "?".to_owned(), |end| end.to_string());
            let trouble = known.look.progress.trouble.as_ref();
            let why = trouble.map_or_else(|| "-".to_owned(), ToString::to_string);
            match alarm {
                Alarm::Over => tracing::error!(
                    site = name, %end,
                    "THE CERTIFICATE HAS ENDED and could not be renewed; browsers refuse it: {why}"
                ),
                Alarm::Urgent => tracing::error!(
                    site = name, %end,
                    "THE CERTIFICATE ENDS SOON and could not be renewed: {why}"
                ),
                Alarm::Late | Alarm::None => tracing::warn!(
                    site = name, %end,
                    "the renewal of this certificate is late: {why}"
                ),
            }
        }
    }
}
