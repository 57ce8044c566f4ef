//! The certificate of every site, at every moment: read at start, read again when its files
//! change.
//!
//! Files are watched by looking, once a second, at their times and sizes: that works on every
//! file system, for symbolic links that are turned to another target and for folders that are
//! mounted over. A change is taken up once it has stood still from one look to the next, so
//! that a pair whose second half is still being copied is left alone.
//!
//! What was read takes the place of the last good certificate only if it is at least as good:
//! readable, valid, with its own key, and covering every host that the last one covers. A
//! site without a certificate by ACME yet shows none, which ends handshakes for its names
//! (RFC 9325, 3.7).
//!
//! Clauses: CNIL, private keys; RFC 9325, 4.5 and ANSSI SDE-NT-35 through
//! [`Identity::from_pem`]. Absent on purpose: inotify, which misses the cases above.

use std::collections::HashMap;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use policy::site::Certificate;
use policy::{Language, Site};
use tokio::time::{Instant, sleep};
use transport::certificate::Identity;

use crate::acme::{CertificateTrouble, Desk, Kept};
use crate::error::StartError;
use crate::gate::Shared;
use crate::metrics;
use crate::route::{Snapshot, Workshop};
use crate::state::Files;

/// Between two looks.
const POLL: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// A development certificate, which lasts 30 days, is made anew this long before its end.
const DEV_RENEW: Duration = DAY.saturating_mul(10);

/// Hosts, and the certificate shown for them.
pub(crate) type Entry = (Vec<String>, Arc<Identity>);

/// What is shown for one site.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    /// The state of the files that it was read from.
    stamp: Stamp,
    pub(crate) entries: Vec<Entry>,
}

/// The state of some files: two equal ones mean that nothing was written between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp(Vec<Option<[i64; 5]>>);

impl Stamp {
    /// The state of these files now.
    pub(crate) fn of<P: AsRef<Path>>(paths: &[P]) -> Self {
        let of = |path: &P| {
            let metadata = std::fs::metadata(path).ok()?;
            Some([
                metadata.mtime(),
                metadata.mtime_nsec(),
                metadata.ctime_nsec(),
                i64::try_from(metadata.size()).unwrap_or(i64::MAX),
                // Only compared, so that a change of sign does no harm.
                metadata.ino().cast_signed(),
            ])
        };
        Self(paths.iter().map(of).collect())
    }
}

impl Shown {
    /// Reads the certificate of a site. `desk` is there when the policy has a site by ACME.
    pub(crate) fn read(
        files: &Files,
        desk: Option<&Desk>,
        site: &Site,
        now: SystemTime,
    ) -> Result<Self, StartError> {
        // Before the files, so that a change meanwhile is seen at the next look.
        let stamp = stamp(files, desk, site);
        let entries = match desk {
            Some(desk) if site.certificate == Certificate::Acme => ordered(desk, site, now),
            _ => vec![(site.hosts.clone(), Arc::new(files.identity(site, now)?))],
        };
        Ok(Self { stamp, entries })
    }

    /// The certificate shown for a host.
    pub(crate) fn for_host(&self, host: &str) -> Option<&Arc<Identity>> {
        let mut entries = self.entries.iter();
        let found = entries.find(|(hosts, _)| hosts.iter().any(|of| of == host));
        found.map(|(_, identity)| identity)
    }

    /// Takes over from `previous` the certificates of hosts that have none here.
    pub(crate) fn keep_from(&mut self, site: &Site, previous: &Snapshot) {
        for host in &site.hosts {
            let before = previous
                .policy
                .sites()
                .iter()
                .zip(&previous.shown)
                .find(|(of, _)| of.certificate == site.certificate && of.hosts.contains(host));
            if self.for_host(host).is_none()
                && let Some(identity) = before.and_then(|(_, shown)| shown.for_host(host))
            {
                self.entries
                    .push((vec![host.clone()], Arc::clone(identity)));
            }
        }
    }

    /// A host that `old` covers and this does not.
    fn loses<'s>(&self, old: &Self, site: &'s Site) -> Option<&'s str> {
        let covers = |shown: &Self, host: &str| {
            shown
                .for_host(host)
                .is_some_and(|identity| identity.covers(host))
        };
        let mut hosts = site.hosts.iter().map(String::as_str);
        hosts.find(|host| covers(old, host) && !covers(self, host))
    }
}

/// The certificates kept for a site by ACME: its own, and for hosts that it does not cover,
/// because the policy has changed since, any other that does.
fn ordered(desk: &Desk, site: &Site, now: SystemTime) -> Vec<Entry> {
    let name = site.hosts.first().map_or("", String::as_str);
    let own = match desk.folder.certificate(name, now) {
        Ok(own) => own,
        Err(trouble) => {
            let path = desk.folder.certificate_path(name);
            let why = match trouble {
                CertificateTrouble::File(error) => error.to_string(),
                CertificateTrouble::Refused(error) => error.text(Language::En),
            };
            tracing::warn!(site = name, path = %path.display(), "kept certificate not served: {why}");
            None
        }
    };
    let mut left = site.hosts.clone();
    let mut entries = Vec::new();
    let mut show = |kept: Kept, left: &mut Vec<String>| {
        let covered: Vec<String> = left
            .extract_if(.., |host| kept.identity.covers(host))
            .collect();
        if !covered.is_empty() {
            entries.push((covered, Arc::new(kept.identity)));
        }
    };
    if let Some(own) = own {
        show(own, &mut left);
    }
    if !left.is_empty() {
        for other in desk.folder.all_certificates(now) {
            show(other, &mut left);
        }
    }
    entries
}

fn stamp(files: &Files, desk: Option<&Desk>, site: &Site) -> Stamp {
    match (&site.certificate, desk) {
        (Certificate::Files { chain, key }, _) => {
            Stamp::of(&[files.base.join(chain), files.base.join(key)])
        }
        (Certificate::Acme, Some(desk)) => {
            let name = site.hosts.first().map_or("", String::as_str);
            Stamp::of(&[
                desk.folder.certificate_path(name),
                desk.folder.certificates(),
            ])
        }
        (Certificate::Acme, None) | (Certificate::Dev, _) => Stamp(Vec::new()),
    }
}

/// Tells what a person should know about the certificate of a site.
pub(crate) fn warn_about(shown: &Shown, site: &Site, now: SystemTime) {
    let name = site.hosts.first();
    match site.certificate {
        Certificate::Dev => {}
        // How late a renewal is comes from the schedule, which knows the certificate's life.
        Certificate::Acme => {
            let missing: Vec<&str> = site
                .hosts
                .iter()
                .map(String::as_str)
                .filter(|host| shown.for_host(host).is_none())
                .collect();
            if !missing.is_empty() {
                tracing::warn!(
                    site = name,
                    "no certificate yet for {}: handshakes for these names are refused until the authority has issued one",
                    missing.join(", ")
                );
            }
        }
        Certificate::Files { .. } => {
            for (_, identity) in &shown.entries {
                for warning in identity.warnings(now, &site.hosts) {
                    let text = warning.text(Language::En);
                    tracing::warn!(site = name, "{text}");
                }
            }
        }
    }
}

/// Whole days until a certificate ends; negative when it has ended.
pub(crate) fn days_left(identity: &Identity, now: SystemTime) -> i64 {
    let days = |length: Duration| i64::try_from(length.as_secs() / DAY.as_secs()).unwrap_or(0);
    match identity.not_after().duration_since(now) {
        Ok(left) => days(left),
        Err(over) => -days(over.duration()) - 1,
    }
}

/// Looks for changed certificates as long as the gate lives.
pub(crate) async fn watch(shared: Weak<Shared>) {
    let mut watch = Watch {
        warned: Instant::now(),
        last: HashMap::new(),
        refused: HashMap::new(),
    };
    loop {
        sleep(POLL).await;
        let Some(shared) = shared.upgrade() else {
            return;
        };
        if shared.ending.is_stopped() {
            return;
        }
        let snapshot = shared.snapshot.load_full();
        let workshop = Arc::clone(&shared.workshop);
        let seen = Arc::clone(&snapshot);
        let looked = tokio::task::spawn_blocking(move || {
            let changed = watch.look(&workshop, &seen, SystemTime::now());
            let next = changed.map(|shown| workshop.recertify(&seen, shown));
            (watch, next)
        });
        let Ok((again, next)) = looked.await else {
            return;
        };
        watch = again;
        match next {
            None => {}
            Some(Err(error)) => tracing::error!("certificates not replaced: {error}"),
            Some(Ok(next)) => {
                let _turn = shared.turn.lock().await;
                // A reload that came in between has read the files itself.
                if Arc::ptr_eq(&shared.snapshot.load(), &snapshot) {
                    shared.snapshot.store(Arc::new(next));
                    metrics::add(&shared.metrics.certificates_replaced, 1);
                }
            }
        }
    }
}

/// What was seen of the files, by the first host of their site.
struct Watch {
    warned: Instant,
    last: HashMap<String, Stamp>,
    /// Read, and not good enough: not to be read again until it changes.
    refused: HashMap<String, Stamp>,
}

impl Watch {
    /// What is to be shown from now on, if anything changed. Blocks on files.
    fn look(
        &mut self,
        workshop: &Workshop,
        snapshot: &Snapshot,
        now: SystemTime,
    ) -> Option<Vec<Shown>> {
        if self.warned.elapsed() >= DAY {
            self.warned = Instant::now();
            for (site, shown) in snapshot.policy.sites().iter().zip(&snapshot.shown) {
                warn_about(shown, site, now);
            }
        }
        let mut changed = None;
        for (index, site) in snapshot.policy.sites().iter().enumerate() {
            let desk = snapshot.desk.as_deref();
            let Some(old) = snapshot.shown.get(index) else {
                continue;
            };
            if let Some(new) = self.look_at(&workshop.files, desk, site, old, now) {
                let shown = changed.get_or_insert_with(|| snapshot.shown.clone());
                if let Some(place) = shown.get_mut(index) {
                    *place = new;
                }
            }
        }
        changed
    }

    fn look_at(
        &mut self,
        files: &Files,
        desk: Option<&Desk>,
        site: &Site,
        old: &Shown,
        now: SystemTime,
    ) -> Option<Shown> {
        let name = site.hosts.first()?;
        if site.certificate == Certificate::Dev {
            let ending = |(_, identity): &Entry| now + DEV_RENEW >= identity.not_after();
            if !old.entries.iter().any(ending) {
                return None;
            }
        } else {
            let stamp = stamp(files, desk, site);
            if stamp == old.stamp || self.refused.get(name) == Some(&stamp) {
                return None;
            }
            if self.last.get(name) != Some(&stamp) {
                self.last.insert(name.clone(), stamp);
                return None;
            }
        }
        let stays = "the last good certificate stays";
        let mut new = match Shown::read(files, desk, site, now) {
            Ok(new) => new,
            Err(error) => {
                self.refuse(name, stamp(files, desk, site));
                tracing::warn!(site = name, "{error} ({stays})");
                return None;
            }
        };
        if let Some(host) = new.loses(old, site) {
            self.refuse(name, new.stamp);
            tracing::warn!(
                site = name,
                "the new certificate does not cover {host} ({stays})"
            );
            return None;
        }
        let leaf = |shown: &Shown| -> Vec<Option<_>> {
            let entries = shown.entries.iter();
            entries
                .map(|(_, identity)| identity.certified_key().cert.first().cloned())
                .collect()
        };
        if leaf(&new) == leaf(old) {
            // Touched, not changed: what sessions refer to stays the same.
            new.entries.clone_from(&old.entries);
        } else {
            tracing::info!(site = name, "certificate replaced");
            warn_about(&new, site, now);
        }
        Some(new)
    }

    fn refuse(&mut self, name: &str, stamp: Stamp) {
        self.refused.insert(name.to_owned(), stamp);
    }
}
