//! Choosing a password and signing in, each safe by construction.
//!
//! Clauses: CNIL 2022-100, creation (checked at each choice), case 2 (the failure is counted
//! before the hash is computed), conservation. An unknown account costs one hash at
//! the policy's costs, so that time tells it from a known one only where the stored hash was
//! made at other costs and waits to be renewed.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use access::{Admission, Throttle, ThrottleError, Timestamp, Visitor};
use password::hash::{HashError, Hasher, RenewReason, StoredHash, Verification};
use password::{Assessment, Context, Judge, OpenError, Password};
use policy::{Loaded, Pending};
use tokio::sync::Semaphore;

/// One policy at work. Clone it freely: clones share counters and hashing permits.
#[derive(Clone)]
pub struct Login {
    inner: Arc<Inner>,
}

struct Inner {
    max_length: usize,
    judge: Judge,
    hasher: Hasher,
    throttle: Throttle,
    permits: Arc<Semaphore>,
}

/// What became of a chosen password.
#[must_use]
#[derive(Debug)]
pub enum Choice {
    /// It is good enough: keep this hash.
    Kept(StoredHash),
    /// It is not: show the findings. Never empty.
    Refused(Assessment),
}

/// What became of a sign-in.
#[must_use]
#[derive(Debug)]
pub enum SignIn {
    /// The password is right.
    Yes {
        /// Why the stored hash should be made again at the next occasion, if it should.
        renew: Option<RenewReason>,
    },
    /// The password is wrong or the account unknown; say no more than that.
    No,
    /// Too many failures: not before this much time.
    Wait(Duration),
    /// Too many failures: only after a captcha or another factor.
    ProvePresence,
    /// Too many failures: not until the account is unlocked.
    Blocked,
}

/// Why nothing could be decided. Refuse, and try later.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// The policy has a key that this version cannot honour yet.
    #[error("line {}: {}", .0.line, .0.message.en)]
    Pending(Pending),
    /// A word list or an index that the policy names could not be read whole.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The counters of `[access]` or their key cannot be opened.
    #[error(transparent)]
    Access(#[from] access::OpenError),
    /// The counters do not answer, and the policy says that nobody signs in meanwhile.
    #[error(transparent)]
    Throttle(#[from] ThrottleError),
    /// The hash could not be computed (memory, or a fault of the system).
    #[error("the hash could not be computed: {0}")]
    Hash(#[from] HashError),
    /// The runtime is shutting down.
    #[error("the hashing thread ended early")]
    Stopped,
}

impl Login {
    /// A login flow under one policy, with its counters in this process. The files that the
    /// policy names are looked for from the current folder: see [`Login::open`].
    ///
    /// # Errors
    /// When the policy asks for what this version cannot do yet, a file that it names cannot
    /// be read whole, the counters cannot be opened, or there is no memory for one hash.
    pub fn new(loaded: &Loaded) -> Result<Self, LoginError> {
        Self::open(loaded, Path::new(""))
    }

    /// The same, with the files that the policy names looked for from `base`, its folder.
    ///
    /// # Errors
    /// As for [`Login::new`].
    pub fn open(loaded: &Loaded, base: &Path) -> Result<Self, LoginError> {
        if let Some(pending) = loaded.pending.iter().find(|pending| concerns(&pending.key)) {
            return Err(LoginError::Pending(pending.clone()));
        }
        let policy = &loaded.policy;
        let workers = policy.hash().workers.unwrap_or_else(|| {
            std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
        });
        Ok(Self {
            inner: Arc::new(Inner {
                max_length: policy.password().max_length,
                judge: Judge::open(policy.password(), base)?,
                hasher: Hasher::new(policy.hash())?,
                throttle: Throttle::open(policy.access(), base)?,
                permits: Arc::new(Semaphore::new(workers)),
            }),
        })
    }

    /// Judges a password that a person chooses and hashes it if it is good enough.
    ///
    /// # Errors
    /// When the hash cannot be computed; a refused password is an answer, not an error.
    pub async fn choose(&self, typed: Vec<u8>, context: Context) -> Result<Choice, LoginError> {
        // Judged without a permit: a judgement costs little, but may wait for a service, and
        // those who sign in need the permits.
        let inner = self.inner.clone();
        let judged =
            tokio::task::spawn_blocking(move || inner.judge.read_and_judge(typed, &context))
                .await
                .map_err(|_| LoginError::Stopped)?;
        match judged {
            Ok(accepted) => {
                self.blocking(move |inner| Ok(Choice::Kept(inner.hasher.hash(accepted)?)))
                    .await
            }
            Err(refusal) => Ok(Choice::Refused(refusal.into_assessment())),
        }
    }

    /// Compares a typed password with the stored hash of an account, `None` if there is no
    /// such account. The attempt counts as a failure until the password proves right.
    ///
    /// # Errors
    /// When the counters do not answer, or the hash cannot be computed: the failure stays counted.
    pub async fn sign_in(
        &self,
        identifier: &str,
        typed: Vec<u8>,
        stored: Option<&StoredHash>,
    ) -> Result<SignIn, LoginError> {
        self.attempt(identifier, typed, stored, false).await
    }

    /// [`sign_in`](Self::sign_in), after the application has checked a captcha or another
    /// factor: what [`SignIn::ProvePresence`] asks for.
    ///
    /// # Errors
    /// When the counters do not answer, or the hash cannot be computed: the failure stays counted.
    pub async fn sign_in_with_presence(
        &self,
        identifier: &str,
        typed: Vec<u8>,
        stored: Option<&StoredHash>,
    ) -> Result<SignIn, LoginError> {
        self.attempt(identifier, typed, stored, true).await
    }

    async fn attempt(
        &self,
        identifier: &str,
        typed: Vec<u8>,
        stored: Option<&StoredHash>,
        presence: bool,
    ) -> Result<SignIn, LoginError> {
        let visitor = Visitor {
            presence,
            ..Visitor::new(identifier)
        };
        let attempt = match self.inner.throttle.admit(&visitor, now()).await? {
            Admission::Go(attempt) => attempt,
            Admission::Wait { time, .. } => return Ok(SignIn::Wait(time)),
            Admission::ProvePresence => return Ok(SignIn::ProvePresence),
            Admission::Blocked => return Ok(SignIn::Blocked),
        };
        let stored = stored.cloned();
        let verification = self
            .blocking(move |inner| {
                let password = Password::read(typed, inner.max_length);
                match (&password, &stored) {
                    (Ok(password), Some(stored)) => Ok(inner.hasher.verify(password, stored)?),
                    // Same work, and never a yes: nobody has the password of the decoy.
                    (Ok(password), None) => {
                        let _decoy = inner.hasher.verify(password, inner.hasher.decoy())?;
                        Ok(Verification::No)
                    }
                    (Err(_), _) => {
                        inner.hasher.spend()?;
                        Ok(Verification::No)
                    }
                }
            })
            .await?;
        Ok(match verification {
            Verification::No => SignIn::No,
            Verification::Yes => {
                attempt.succeed().await;
                SignIn::Yes { renew: None }
            }
            Verification::YesRenew(reason) => {
                attempt.succeed().await;
                SignIn::Yes {
                    renew: Some(reason),
                }
            }
        })
    }

    /// Opens an account that is blocked or waits, after the application checked who asks.
    ///
    /// # Errors
    /// When the counters do not answer.
    pub async fn unlock(&self, identifier: &str) -> Result<(), LoginError> {
        let visitor = Visitor::new(identifier);
        Ok(self.inner.throttle.unlock(&visitor, now()).await?)
    }

    /// Runs slow work on a blocking thread. The permit moves into the job, so that a
    /// request that goes away does not let another hash start beside the one still running.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, LoginError> + Send + 'static,
    ) -> Result<T, LoginError> {
        let permit = self
            .inner
            .permits
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| LoginError::Stopped)?;
        let inner = self.inner.clone();
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work(&inner)
        })
        .await
        .map_err(|_| LoginError::Stopped)?
    }
}

fn now() -> Timestamp {
    SystemTime::now().into()
}

/// Whether a key of the policy is this library's to honour; the others are the gate's.
fn concerns(key: &str) -> bool {
    ["password", "preset", "hash", "access", "login"]
        .iter()
        .any(|table| key.starts_with(table))
}
