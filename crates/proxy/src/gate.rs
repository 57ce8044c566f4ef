//! The gate as a whole: start, reload, drain.
//!
//! A reload builds everything first and swaps it in one step; whatever fails on the way
//! leaves the last good policy and certificates in force. Open connections go on, and a
//! request keeps the policy that it started with.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use journal::Journal;
use policy::Policy;
use rustls::pki_types::CertificateDer;
use tokio_util::task::TaskTracker;
use transport::hops::Pseudonym;
use transport::tickets::Tickets;

use crate::acme;
use crate::admin;
use crate::bind::{self, Listeners};
use crate::certify;
use crate::drive::Ending;
use crate::error::StartError;
use crate::evidence::{self, Evidence};
use crate::form::{Bench, Checker, counters};
use crate::limit::Connections;
use crate::listen::{self, Door, Grumbles};
use crate::log::{Log, LogSink};
use crate::metrics::Metrics;
use crate::origins::OriginStatus;
use crate::rate::Handshakes;
use crate::route::{Snapshot, Workshop};
use crate::staple::{self, Staples};
use crate::state::Files;
use crate::threads::Threads;

/// What the gate needs beside its policy.
#[derive(Debug, Default)]
pub struct Options {
    /// What relative certificate paths start from: the folder of the policy file. Default:
    /// the current folder.
    pub base: PathBuf,
    /// Where what the gate makes is kept (folder 0700, files 0600), made when a site first
    /// asks for it: the development authority, and the folder of `[transport.acme]`. Default:
    /// the current folder.
    pub state: PathBuf,
    /// Where the access log goes. Default: standard output.
    pub log: LogSink,
    /// Authorities trusted for `https` origins, beside those of the system. Default: none.
    pub trust: Vec<CertificateDer<'static>>,
    /// How many threads serve, each with connections of its own to the origins. Default: one
    /// per processor that this process may use, which is also the most.
    pub threads: Option<NonZeroUsize>,
    /// Sockets opened before; they must be those of the policy. Default: the gate opens them.
    pub listeners: Option<Listeners>,
    /// What makes session tickets, when its keys are another's too. Default: one of its own.
    pub tickets: Option<Arc<Tickets>>,
    /// Whether what the policy would refuse or mend is only noted. Framing is judged all the
    /// same. Default: no.
    pub observe: bool,
}

/// A running gate. Dropping it stops it at once; [`Gate::drain`] lets requests finish.
pub struct Gate {
    shared: Arc<Shared>,
    http: Option<SocketAddr>,
    https: SocketAddr,
    /// Removed from the disk when the gate ends.
    admin: Option<admin::Place>,
}

/// How a [`Gate::drain`] went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DrainOutcome {
    /// Connections that had to be cut when the deadline came. Zero is a clean end.
    pub cut: usize,
}

/// The gate, counted by one connection: a count that two threads change at each request costs
/// both of them.
pub(crate) type Home = Arc<Arc<Shared>>;

/// What is shown for one site.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SiteCertificate {
    /// The hosts of the site.
    pub hosts: Vec<String>,
    /// Those for which handshakes are refused: no certificate was issued for them yet.
    pub missing: Vec<String>,
    /// The end of the certificate, or of the first to end; `None` without any.
    pub not_after: Option<SystemTime>,
    /// Why the last order of a certificate by ACME failed.
    pub trouble: Option<acme::Trouble>,
}

/// What is known of the origins of one site.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SiteOrigins {
    /// The hosts of the site.
    pub hosts: Vec<String>,
    /// Its origins, in the order of the policy.
    pub origins: Vec<OriginStatus>,
}

/// What all connections of a gate share.
pub(crate) struct Shared {
    pub(crate) snapshot: ArcSwap<Snapshot>,
    pub(crate) log: Log,
    pub(crate) metrics: Metrics,
    /// Whether the policy is only watched: see [`crate::observe`].
    pub(crate) observe: bool,
    pub(crate) connections: Arc<Connections>,
    pub(crate) handshakes: Handshakes,
    pub(crate) grumbles: Grumbles,
    pub(crate) tasks: TaskTracker,
    pub(crate) threads: Threads,
    pub(crate) ending: Ending,
    /// A successor serves already.
    pub(crate) retiring: AtomicBool,
    /// The port that redirects name.
    pub(crate) https_port: u16,
    /// The port of the plain listener, which redirects of an old site may name.
    pub(crate) http_port: Option<u16>,
    /// Its name in `Via`.
    pub(crate) pseudonym: Pseudonym,
    pub(crate) workshop: Arc<Workshop>,
    /// What is seen of HTTPS, for the HSTS ladder.
    pub(crate) evidence: Arc<Evidence>,
    /// What requests that are forms share.
    pub(crate) bench: Bench,
    /// Where sign-ins and choices of passwords are noted.
    pub(crate) journal: Journal,
    /// Held while the snapshot is replaced by one that was made from it.
    pub(crate) turn: tokio::sync::Mutex<()>,
}

impl Gate {
    /// Reads the certificates, opens the listeners and serves.
    ///
    /// Port 0 lets the system choose; see [`Gate::http_addr`] and [`Gate::https_addr`]. Accepts and
    /// serves on threads of its own, one per processor; the rest runs on the current tokio runtime.
    ///
    /// # Errors
    /// See [`StartError`]; nothing is left listening.
    pub async fn start(policy: Policy, options: Options) -> Result<Self, StartError> {
        let ticketer = match options.tickets {
            Some(given) => given,
            None => Arc::new(Tickets::alone().map_err(StartError::Tls)?),
        };
        let workshop = Arc::new(Workshop {
            files: Files {
                base: options.base,
                state: options.state,
            },
            trust: options.trust,
            ticketer,
            answers: Arc::default(),
            staples: Staples::default(),
        });
        let log = Log::start(options.log).map_err(StartError::Thread)?;
        let snapshot = build(&workshop, policy, None, options.observe).await?;
        let base = &workshop.files.base;
        let journal =
            Journal::open(snapshot.policy.journal(), base).map_err(StartError::Journal)?;
        let listeners = snapshot.policy.transport();
        let successor = options.listeners.is_some();
        let open = match options.listeners {
            Some(open) => open,
            None => Listeners::open(listeners)?,
        };
        let (https, https_addr) = bind::ready("transport.https", listeners.https, open.https)?;
        // One that the policy does not ask for is not listened to.
        let http = match (open.http, listeners.http) {
            (Some(http), Some(asked)) => Some(bind::ready("transport.http", asked, http)?),
            _ => None,
        };
        let http_addr = http.as_ref().map(|(_, address)| *address);

        let admin = admin::open(&snapshot.policy.transport().admin, base, successor)?;

        let shared = Arc::new(Shared {
            snapshot: ArcSwap::from_pointee(snapshot),
            log,
            metrics: Metrics::new(),
            observe: options.observe,
            connections: Arc::default(),
            handshakes: Handshakes::default(),
            grumbles: Grumbles::default(),
            tasks: TaskTracker::new(),
            threads: Threads::start(options.threads).map_err(StartError::Thread)?,
            ending: Ending::default(),
            retiring: AtomicBool::new(false),
            https_port: https_addr.port(),
            http_port: http_addr.map(|address| address.port()),
            pseudonym: Pseudonym::random().map_err(StartError::Tls)?,
            evidence: Arc::new(Evidence::new(workshop.files.state.clone())),
            workshop,
            bench: Bench::new(),
            journal,
            turn: tokio::sync::Mutex::default(),
        });
        if let Some((http, _)) = http {
            listen::open(&shared, &http, Door::Plain).map_err(StartError::Thread)?;
        }
        if let Err(error) = listen::open(&shared, &https, Door::Secure) {
            // Nobody accepts on the other one either.
            shared.ending.abort();
            return Err(StartError::Thread(error));
        }
        let admin = admin.map(|(listener, place)| {
            tokio::spawn(admin::serve(Arc::downgrade(&shared), listener));
            place
        });
        tokio::spawn(sweep(Arc::downgrade(&shared)));
        tokio::spawn(certify::watch(Arc::downgrade(&shared)));
        tokio::spawn(acme::keep(Arc::downgrade(&shared)));
        tokio::spawn(staple::keep(Arc::downgrade(&shared)));
        tokio::spawn(evidence::keep(Arc::downgrade(&shared)));
        Ok(Self {
            shared,
            http: http_addr,
            https: https_addr,
            admin,
        })
    }

    /// The address of the admin listener, if there is one on an address.
    pub fn admin_addr(&self) -> Option<SocketAddr> {
        self.admin.as_ref().and_then(admin::Place::address)
    }

    /// Where a person finds the admin page, if there is a listener for it.
    pub fn admin_place(&self) -> Option<String> {
        self.admin.as_ref().map(ToString::to_string)
    }

    /// The address of the plain listener, if there is one.
    pub const fn http_addr(&self) -> Option<SocketAddr> {
        self.http
    }

    /// The address of the TLS listener.
    pub const fn https_addr(&self) -> SocketAddr {
        self.https
    }

    /// What tells whether the gate lives, for as long as it does.
    pub fn pulse(&self) -> Pulse {
        Pulse(Arc::downgrade(&self.shared))
    }

    /// The judge of what forms send, under the policy in force.
    pub fn checker(&self) -> Checker {
        self.shared.snapshot.load().checker.clone()
    }

    /// What is shown for each site, in the order of the policy.
    pub fn certificates(&self) -> Vec<SiteCertificate> {
        let snapshot = self.shared.snapshot.load();
        let sites = snapshot.policy.sites().iter().zip(&snapshot.shown);
        sites
            .map(|(site, shown)| {
                let ends = shown
                    .entries
                    .iter()
                    .map(|(_, identity)| identity.not_after());
                let name = site.hosts.first().map_or("", String::as_str);
                SiteCertificate {
                    hosts: site.hosts.clone(),
                    missing: site
                        .hosts
                        .iter()
                        .filter(|host| shown.for_host(host).is_none())
                        .cloned()
                        .collect(),
                    not_after: ends.min(),
                    trouble: self.shared.workshop.answers.trouble(name),
                }
            })
            .collect()
    }

    /// What is known of the origins of each site, in the order of the policy.
    pub fn origins(&self) -> Vec<SiteOrigins> {
        let snapshot = self.shared.snapshot.load();
        let routes = snapshot.routes().iter();
        routes
            .map(|route| SiteOrigins {
                hosts: route.site.hosts.clone(),
                origins: route.origins.statuses(),
            })
            .collect()
    }

    /// Puts a new policy in force, with its certificates read again.
    ///
    /// # Errors
    /// See [`StartError`]; everything is as it was. [`StartError::RestartNeeded`] when a
    /// listener changed.
    pub async fn reload(&self, policy: Policy) -> Result<(), StartError> {
        let done = self.replace(policy).await;
        self.note_reload(done.is_ok());
        done
    }

    /// Notes in the metrics that a policy was taken, or refused before it came here.
    pub fn note_reload(&self, taken: bool) {
        self.shared.metrics.reloads.note(taken);
    }

    async fn replace(&self, policy: Policy) -> Result<(), StartError> {
        let _turn = self.shared.turn.lock().await;
        let current = self.shared.snapshot.load_full();
        let (old, new) = (current.policy.transport(), policy.transport());
        for (key, changed) in [
            ("transport.http", old.http != new.http),
            ("transport.https", old.https != new.https),
            ("transport.admin", old.admin != new.admin),
            ("journal", current.policy.journal() != policy.journal()),
        ] {
            if changed {
                return Err(StartError::RestartNeeded { key });
            }
        }
        let snapshot = build(
            &self.shared.workshop,
            policy,
            Some(current),
            self.shared.observe,
        )
        .await?;
        self.shared.snapshot.store(Arc::new(snapshot));
        Ok(())
    }

    /// Leaves the listeners to a successor that has them too, and loses no request of the
    /// connections that are open: an HTTP/1.1 client is told with its next answer to connect
    /// anew. What is open after `deadlines.drain`, or as soon as `hurry` ends, ends as by
    /// [`Gate::drain`], which returns within that time again.
    pub async fn retire(self, hurry: impl Future<Output = ()>) -> DrainOutcome {
        let deadline = self.drain_deadline();
        self.shared.retiring.store(true, Ordering::Relaxed);
        self.shared.ending.retire();
        self.shared.tasks.close();
        tokio::select! {
            () = self.shared.tasks.wait() => {
                evidence::write(Arc::clone(&self.shared.evidence)).await;
                return DrainOutcome { cut: 0 };
            }
            () = tokio::time::sleep(deadline) => {}
            () = hurry => {}
        }
        self.drain().await
    }

    /// `deadlines.drain` of the policy in force: for open requests to end.
    pub fn drain_deadline(&self) -> Duration {
        let snapshot = self.shared.snapshot.load();
        snapshot.policy.transport().deadlines.drain
    }

    /// Stops accepting, lets open requests and tunnels finish until `deadlines.drain`, then
    /// cuts what is left.
    pub async fn drain(self) -> DrainOutcome {
        let deadline = self.drain_deadline();
        self.shared.ending.stop();
        self.shared.tasks.close();
        let mut cut = 0;
        let ended = tokio::time::timeout(deadline, self.shared.tasks.wait()).await;
        if ended.is_err() {
            cut = self.shared.tasks.len();
            self.shared.ending.abort();
            // Cutting takes one turn of each task.
            let _ = tokio::time::timeout(Duration::from_secs(1), self.shared.tasks.wait()).await;
        }
        evidence::write(Arc::clone(&self.shared.evidence)).await;
        DrainOutcome { cut }
    }
}

/// Whether a gate lives; it is not kept alive by being asked.
#[derive(Clone)]
pub struct Pulse(Weak<Shared>);

impl Pulse {
    /// Ends when each thread of the gate has done a little work; `false` when there is no gate
    /// any more. Whoever asks sets the time that this may take.
    pub async fn beat(&self) -> bool {
        let Some(shared) = self.0.upgrade() else {
            return false;
        };
        shared.threads.beat().await
    }
}

impl std::fmt::Debug for Pulse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pulse(..)")
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.shared.ending.abort();
    }
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate")
            .field("http", &self.http)
            .field("https", &self.https)
            .finish_non_exhaustive()
    }
}

/// Reads files, so it works on a thread that may block.
async fn build(
    workshop: &Arc<Workshop>,
    policy: Policy,
    previous: Option<Arc<Snapshot>>,
    observe: bool,
) -> Result<Snapshot, StartError> {
    let workshop = Arc::clone(workshop);
    let before = previous.as_deref().and_then(|previous| {
        let counters = previous.counters.as_ref()?;
        Some((previous.policy.access(), counters))
    });
    let counters = counters::open(&policy, &workshop.files.base, before, observe);
    let counters = counters.await.map_err(StartError::Counters)?;
    let built =
        tokio::task::spawn_blocking(move || workshop.build(policy, counters, previous.as_deref()));
    match built.await {
        Ok(result) => {
            let snapshot = result?;
            if !observe {
                tell_what_is_taken_back(&snapshot.policy);
            }
            Ok(snapshot)
        }
        Err(error) => Err(StartError::Thread(std::io::Error::other(error))),
    }
}

/// Tells that browsers are made to forget HSTS (RFC 6797, 6.1.1): nobody should find out by an
/// attack that the promise had been taken back.
fn tell_what_is_taken_back(policy: &Policy) {
    if !policy.transport().hsts.max_age.is_zero() {
        return;
    }
    for site in policy.sites() {
        let hosts = site.hosts.iter().map(String::as_str);
        let hosts: Vec<&str> = hosts.filter(|host| site.announces_hsts(host)).collect();
        if !hosts.is_empty() {
            let site = site.hosts.first();
            tracing::warn!(
                site,
                "HSTS is taken back (max-age=0): at their next visit browsers forget it for {}",
                hosts.join(", ")
            );
        }
    }
}

/// Closes idle connections to origins, as long as the gate lives.
async fn sweep(shared: Weak<Shared>) {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        match shared.upgrade() {
            Some(shared) => shared.snapshot.load().sweep(),
            None => return,
        }
    }
}
