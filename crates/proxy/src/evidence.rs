//! What the gate sees of HTTPS, host by host and day by day, for the HSTS ladder.
//!
//! Counts only: no address, no path, no time of day. The file lies in the state folder; every
//! gate that shares the folder adds to it, under a lock, and nothing is taken away but days
//! that are too old. Only hosts of the policy are counted, so a stranger who asks for a million
//! names adds nothing. Writing is rare (every five minutes, and when the gate drains) and whole
//! or not at all; what a crash loses is a few minutes of counts.
//!
//! What the counts mean is said in [`transport::ladder`].

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::{AlertDescription, Error};
use serde::{Deserialize, Serialize};
use transport::ladder::{Counts, Day, Days};

use crate::gate::Shared;
use crate::state::{create_private_dir, own_like_parent, write_private};

/// The file, in the state folder.
const FILE: &str = "hsts.json";
/// What is held while it is written.
const LOCK: &str = "hsts.lock";
/// How often counts are written.
const INTERVAL: Duration = Duration::from_secs(300);
/// Days that are kept: the longest step asks for 30, and a quiet site has few visits.
const KEPT: Day = 120;
/// A file larger than this is not ours: some thousand hosts fit.
const LARGEST: u64 = 64 * 1024 * 1024;

/// The counts of a running gate that are not written yet.
#[derive(Debug)]
pub(crate) struct Evidence {
    state: PathBuf,
    waiting: Mutex<BTreeMap<String, Days>>,
}

/// One thing that was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// A connection over TLS, with a `max-age` in seconds to be announced on it.
    Served(Option<u64>),
    /// A handshake that did not end well.
    Broken {
        /// The client turned the certificate down.
        distrusted: bool,
    },
    /// A request in clear that was sent to https.
    Redirected,
    /// A request in clear that was refused.
    Exposed,
}

/// The file.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Written {
    version: u32,
    hosts: BTreeMap<String, BTreeMap<Day, Line>>,
}

/// Counts as they are written.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Line {
    served: u64,
    distrusted: u64,
    failed: u64,
    redirected: u64,
    exposed: u64,
    max_age: Option<u64>,
}

/// The days of every host in a state folder; none where no gate has written any.
///
/// # Errors
/// The file cannot be read, or is not one that a gate wrote.
pub fn read(state: &Path) -> io::Result<BTreeMap<String, Days>> {
    let path = state.join(FILE);
    match fs::metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(error),
        Ok(file) if file.len() > LARGEST => return Err(io::ErrorKind::FileTooLarge.into()),
        Ok(_) => {}
    }
    let written: Written = serde_json::from_slice(&fs::read(&path)?)?;
    if written.version != 1 {
        return Err(io::Error::other("written by another version of rempart"));
    }
    let hosts = written.hosts.into_iter().map(|(host, days)| {
        let days = days.into_iter().map(|(day, line)| (day, line.into()));
        (host, days.collect())
    });
    Ok(hosts.collect())
}

/// Today, as days are counted in the evidence.
pub fn today() -> Day {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let days = since.unwrap_or_default().as_secs() / (24 * 60 * 60);
    Day::try_from(days).unwrap_or(Day::MAX)
}

/// Whether a failed handshake was ended by the client because of the certificate (RFC 8446,
/// 6.2).
pub(crate) fn is_distrust(error: &io::Error) -> bool {
    let error = error.get_ref().and_then(|error| error.downcast_ref());
    matches!(
        error,
        Some(Error::AlertReceived(
            AlertDescription::BadCertificate
                | AlertDescription::UnsupportedCertificate
                | AlertDescription::CertificateRevoked
                | AlertDescription::CertificateExpired
                | AlertDescription::CertificateUnknown
                | AlertDescription::UnknownCA
                // What clients say of a signature that is not that of the authority they know.
                | AlertDescription::DecryptError
        ))
    )
}

impl Evidence {
    pub(crate) fn new(state: PathBuf) -> Self {
        Self {
            state,
            waiting: Mutex::default(),
        }
    }

    /// Counts something that was seen of a host of the policy.
    pub(crate) fn note(&self, host: &str, seen: Seen) {
        let mut counts = Counts::default();
        match seen {
            Seen::Served(max_age) => {
                counts.served = 1;
                counts.max_age = max_age;
            }
            Seen::Broken { distrusted: true } => counts.distrusted = 1,
            Seen::Broken { distrusted: false } => counts.failed = 1,
            Seen::Redirected => counts.redirected = 1,
            Seen::Exposed => counts.exposed = 1,
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if !waiting.contains_key(host) {
            waiting.insert(host.to_owned(), Days::new());
        }
        if let Some(days) = waiting.get_mut(host) {
            *days.entry(today()).or_default() += counts;
        }
    }

    /// Adds what waits to the file. Blocks on files; what cannot be written waits on.
    pub(crate) fn write(&self) -> io::Result<()> {
        let waiting = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *waiting)
        };
        if waiting.is_empty() {
            return Ok(());
        }
        let written = self.add(&waiting);
        if written.is_err() {
            let mut back = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            merge(&mut back, &waiting);
            for days in back.values_mut() {
                forget_old(days);
            }
        }
        written
    }

    fn add(&self, waiting: &BTreeMap<String, Days>) -> io::Result<()> {
        create_private_dir(&self.state)?;
        let path = self.state.join(LOCK);
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)?;
        own_like_parent(&path, &lock)?;
        // Given back when the file is closed.
        lock.lock()?;
        let mut hosts = read(&self.state)?;
        merge(&mut hosts, waiting);
        for days in hosts.values_mut() {
            forget_old(days);
        }
        let hosts = hosts.into_iter().filter(|(_, days)| !days.is_empty());
        let written = Written {
            version: 1,
            hosts: hosts
                .map(|(host, days)| {
                    let days = days.into_iter().map(|(day, counts)| (day, counts.into()));
                    (host, days.collect())
                })
                .collect(),
        };
        write_private(&self.state.join(FILE), &serde_json::to_vec(&written)?)
    }
}

fn merge(into: &mut BTreeMap<String, Days>, more: &BTreeMap<String, Days>) {
    for (host, days) in more {
        let known = into.entry(host.clone()).or_default();
        for (day, counts) in days {
            *known.entry(*day).or_default() += *counts;
        }
    }
}

fn forget_old(days: &mut Days) {
    let today = today();
    days.retain(|day, _| (today - KEPT..=today).contains(day));
}

impl From<Line> for Counts {
    fn from(line: Line) -> Self {
        Self {
            served: line.served,
            distrusted: line.distrusted,
            failed: line.failed,
            redirected: line.redirected,
            exposed: line.exposed,
            max_age: line.max_age,
        }
    }
}

impl From<Counts> for Line {
    fn from(counts: Counts) -> Self {
        Self {
            served: counts.served,
            distrusted: counts.distrusted,
            failed: counts.failed,
            redirected: counts.redirected,
            exposed: counts.exposed,
            max_age: counts.max_age,
        }
    }
}

/// Writes now and then, as long as the gate lives.
pub(crate) async fn keep(shared: Weak<Shared>) {
    loop {
        tokio::time::sleep(INTERVAL).await;
        let Some(shared) = shared.upgrade() else {
            return;
        };
        write(shared.evidence.clone()).await;
    }
}

/// Writes once, on a thread that may block.
pub(crate) async fn write(evidence: std::sync::Arc<Evidence>) {
    let written = tokio::task::spawn_blocking(move || evidence.write()).await;
    if let Ok(Err(error)) = written {
        tracing::warn!(
            %error,
            "cannot write {FILE} in the state folder: `rempart hsts advance` will miss these counts"
        );
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn gates_that_share_a_folder_add_up() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = folder.path().join("state");
        assert!(read(&state).expect("nothing yet").is_empty());
        let (one, two) = (Evidence::new(state.clone()), Evidence::new(state.clone()));
        one.note("a.fr", Seen::Served(Some(300)));
        one.note("a.fr", Seen::Redirected);
        two.note("a.fr", Seen::Served(Some(60)));
        two.note("a.fr", Seen::Broken { distrusted: true });
        two.note("b.fr", Seen::Broken { distrusted: false });
        two.note("b.fr", Seen::Exposed);
        one.write().expect("written");
        two.write().expect("written");
        // Nothing is counted twice.
        two.write().expect("written");
        let hosts = read(&state).expect("read");
        let expected = Counts {
            served: 2,
            distrusted: 1,
            redirected: 1,
            max_age: Some(60),
            ..Counts::default()
        };
        assert_eq!(hosts["a.fr"], Days::from([(today(), expected)]));
        let expected = Counts {
            failed: 1,
            exposed: 1,
            ..Counts::default()
        };
        assert_eq!(hosts["b.fr"][&today()], expected);
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&state.join(FILE)), 0o600);
        assert_eq!(mode(&state), 0o700);
    }

    #[test]
    fn old_days_go_and_a_file_that_is_not_ours_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(FILE);
        let line =
            r#"{"served":1,"distrusted":0,"failed":0,"redirected":0,"exposed":0,"max_age":null}"#;
        let old = today() - KEPT - 1;
        fs::write(
            &path,
            format!(
                r#"{{"version":1,"hosts":{{"a.fr":{{"{old}":{line},"{}":{line}}}}}}}"#,
                old + 1
            ),
        )
        .expect("written");
        let evidence = Evidence::new(folder.path().to_owned());
        evidence.note("a.fr", Seen::Redirected);
        evidence.write().expect("written");
        let days = &read(folder.path()).expect("read")["a.fr"];
        assert_eq!(days.keys().copied().collect::<Vec<_>>(), [old + 1, today()]);

        for other in ["{}", "no", r#"{"version":2,"hosts":{}}"#] {
            fs::write(&path, other).expect("written");
            evidence.note("a.fr", Seen::Redirected);
            assert!(evidence.write().is_err(), "{other}");
            assert_eq!(fs::read_to_string(&path).expect("read"), other);
        }
        // What could not be written is not lost.
        fs::remove_file(&path).expect("removed");
        evidence.write().expect("written");
        let days = &read(folder.path()).expect("read")["a.fr"];
        assert_eq!(days[&today()].redirected, 3);
    }
}
