//! Asks an online service about leaked passwords, without telling it which.
//!
//! Only the first five digits of the SHA-1 leave this machine; the service answers with all
//! leaked hashes of that range, padded so that even the size says nothing (`Add-Padding`).
//!
//! One thread with a runtime of its own speaks to the service, so that a judge on any thread
//! may ask and wait. What bounds it: a deadline for the whole look-up, [`WAITING`] look-ups at
//! once, [`range::BYTES`] per answer, [`CACHED`] ranges kept for [`FRESH`]. After
//! [`PATIENCE`] failures in a row the service counts as down for [`PAUSE`], so that people do
//! not each wait for the whole deadline.
//!
//! Absent on purpose: redirects, cookies, proxies, and what becomes of a password without an
//! answer: that is the policy's choice.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use policy::{Language, Text};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::range::{self, Range};
use crate::{Digest, LeakService};

mod fetch;

use fetch::Target;

/// Look-ups on their way at once, connections included; one more is answered "down".
pub const WAITING: usize = 64;
/// Ranges kept at most, and for how long.
pub const CACHED: usize = 256;
/// How long a range is kept.
pub const FRESH: Duration = Duration::from_secs(24 * 60 * 60);
/// Failures in a row after which the service counts as down.
pub const PATIENCE: u32 = 3;
/// For how long it then counts as down; after that, one look-up tries.
pub const PAUSE: Duration = Duration::from_secs(30);

/// How to reach a service.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What the five digits are added to: `https://host/range/`. Clear text is only for this
    /// machine.
    pub url: String,
    /// How long one look-up may take, the connection included.
    pub deadline: Duration,
    /// Authorities trusted beside those of the system.
    pub trust: Vec<CertificateDer<'static>>,
}

/// A service that is asked over the network. Dropping it ends its thread.
pub struct Client {
    jobs: mpsc::Sender<Job>,
    permits: Arc<Semaphore>,
    deadline: Duration,
    state: Mutex<State>,
}

/// One question on its way.
struct Job {
    prefix: String,
    /// Held until the question is answered or given up.
    permit: OwnedSemaphorePermit,
    answer: std::sync::mpsc::SyncSender<Result<Range, Down>>,
}

#[derive(Default)]
struct State {
    ranges: HashMap<String, (Instant, Arc<Range>)>,
    failures: u32,
    down_until: Option<Instant>,
}

/// Why no answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Down {
    /// Not within the deadline.
    Late,
    /// The connection could not be made, or broke.
    Unreachable,
    /// The service answered with this status.
    Status(u16),
    /// What came is no range.
    Nonsense,
    /// Too many look-ups wait already.
    Crowded,
    /// It failed several times in a row a moment ago.
    Paused,
}

/// Why a client cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientError {
    text: Text,
}

impl Client {
    /// A client of one service. Connects to nothing yet.
    ///
    /// # Errors
    /// When the address is not `https://` (or `http://` to this machine), the system trusts
    /// no authority, or gives no thread.
    pub fn new(settings: Settings) -> Result<Self, ClientError> {
        let target = Target::parse(&settings.url).ok_or_else(|| {
            ClientError::new(
                // The address itself may hold a password, and is not repeated.
                "l’adresse du service n’est pas `https://`, ou porte un identifiant ou un paramètre ; `http://` n’est admis que vers cette machine".into(),
                "the address of the service is not `https://`, or has credentials or a query; `http://` is only for this machine".into(),
            )
        })?;
        let tls = target.encrypted().then(|| tls(&settings)).transpose()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| no_thread(&error))?;
        let (jobs, mut waiting) = mpsc::channel::<Job>(WAITING);
        let deadline = settings.deadline;
        std::thread::Builder::new()
            .name("leaked passwords".into())
            .spawn(move || {
                let target = Arc::new(target);
                runtime.block_on(async {
                    while let Some(job) = waiting.recv().await {
                        let (target, tls) = (Arc::clone(&target), tls.clone());
                        tokio::spawn(async move {
                            let asked = fetch::range(&target, tls, &job.prefix);
                            let answer = tokio::time::timeout(deadline, asked)
                                .await
                                .unwrap_or(Err(Down::Late));
                            drop(job.permit);
                            // Whoever asked may have gone.
                            let _ = job.answer.send(answer);
                        });
                    }
                });
            })
            .map_err(|error| no_thread(&error))?;
        Ok(Self {
            jobs,
            permits: Arc::new(Semaphore::new(WAITING)),
            deadline,
            state: Mutex::default(),
        })
    }

    /// Whether the password of a SHA-1 has leaked. Blocks for the deadline at most.
    ///
    /// # Errors
    /// When no answer came, with the reason.
    pub fn look_up(&self, sha1: &Digest) -> Result<bool, Down> {
        self.look_up_at(sha1, Instant::now())
    }

    fn look_up_at(&self, sha1: &Digest, now: Instant) -> Result<bool, Down> {
        let prefix = range::prefix_of(sha1);
        if let Some(range) = self.kept(&prefix, now)? {
            return Ok(range.contains(sha1));
        }
        let (answer, answered) = std::sync::mpsc::sync_channel(1);
        let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() else {
            return Err(Down::Crowded);
        };
        let job = Job {
            prefix: prefix.clone(),
            permit,
            answer,
        };
        let fetched = match self.jobs.try_send(job) {
            Err(_) => return Err(Down::Crowded),
            Ok(()) => answered
                .recv_timeout(self.deadline)
                .unwrap_or(Err(Down::Late)),
        };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match fetched {
            Ok(range) => {
                let leaked = range.contains(sha1);
                state.keep(prefix, Arc::new(range), now);
                Ok(leaked)
            }
            Err(down) => {
                state.failures += 1;
                if state.failures >= PATIENCE || state.down_until.is_some() {
                    state.down_until = Some(now.max(Instant::now()) + PAUSE);
                    state.failures = 0;
                }
                Err(down)
            }
        }
    }

    /// The range if it is kept and fresh, or the pause if the service is having one.
    fn kept(&self, prefix: &str, now: Instant) -> Result<Option<Arc<Range>>, Down> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = |made: Instant| now.saturating_duration_since(made) < FRESH;
        if let Some((made, range)) = state.ranges.get(prefix)
            && fresh(*made)
        {
            return Ok(Some(Arc::clone(range)));
        }
        match state.down_until {
            Some(until) if now < until => Err(Down::Paused),
            Some(_) => {
                // One look-up tries; the others wait for what it finds.
                state.down_until = Some(now + PAUSE);
                Ok(None)
            }
            None => Ok(None),
        }
    }
}

impl State {
    fn keep(&mut self, prefix: String, range: Arc<Range>, now: Instant) {
        self.failures = 0;
        self.down_until = None;
        if self.ranges.len() >= CACHED
            && let Some(oldest) = self
                .ranges
                .iter()
                .min_by_key(|(_, (made, _))| *made)
                .map(|(prefix, _)| prefix.clone())
        {
            self.ranges.remove(&oldest);
        }
        self.ranges.insert(prefix, (now, range));
    }
}

impl LeakService for Client {
    fn has_leaked(&self, sha1: &Digest) -> Option<bool> {
        self.look_up(sha1).ok()
    }
}

fn tls(settings: &Settings) -> Result<Arc<rustls::ClientConfig>, ClientError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots.add_parsable_certificates(settings.trust.iter().cloned());
    if roots.is_empty() {
        return Err(ClientError::new(
            "le système n’a aucune autorité de confiance ; installer le paquet `ca-certificates`"
                .into(),
            "the system trusts no authority; install the package `ca-certificates`".into(),
        ));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .expect("the provider's suites serve both versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn no_thread(error: &std::io::Error) -> ClientError {
    ClientError::new(
        format!("aucun fil d’exécution pour interroger le service : {error}"),
        format!("no thread to ask the service: {error}"),
    )
}

impl Down {
    /// What a person who operates the service reads.
    pub fn text(self) -> Text {
        let (fr, en) = match self {
            Self::Late => (
                "le service n’a pas répondu dans le délai",
                "the service did not answer within the deadline",
            ),
            Self::Unreachable => (
                "le service est injoignable",
                "the service cannot be reached",
            ),
            Self::Status(status) => {
                return Text::new(
                    format!("le service a répondu par le code {status}"),
                    format!("the service answered with status {status}"),
                );
            }
            Self::Nonsense => (
                "la réponse du service n’est pas une tranche d’empreintes",
                "the answer of the service is not a range of hashes",
            ),
            Self::Crowded => (
                "trop de vérifications attendent déjà",
                "too many look-ups wait already",
            ),
            Self::Paused => (
                "le service vient d’échouer plusieurs fois ; nouvel essai sous 30 secondes",
                "the service has just failed several times; it is asked again within 30 seconds",
            ),
        };
        Text::new(fr, en)
    }
}

impl ClientError {
    fn new(fr: String, en: String) -> Self {
        Self {
            text: Text::new(fr, en),
        }
    }

    /// What a person reads.
    pub fn message(&self, language: Language) -> &str {
        self.text.in_language(language)
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message(Language::En))
    }
}

impl std::error::Error for ClientError {}

/// Shows no range: which ones are kept says something of the passwords that were asked about.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
