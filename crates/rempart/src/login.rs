//! Choosing a password and signing in, each safe by construction.
//!
//! Clauses: CNIL 2022-100, creation (checked at each choice), case 2 (the failure is counted
//! before the hash is computed), conservation. Every outcome takes the same work: see
//! [`crate::hashing`].

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use access::{Admission, KeyMaker, Memory, Restriction, Timestamp};
use password::hash::{Checked, RenewReason, StoredHash};
use password::{Assessment, Context, Judge, OpenError, Password};
use policy::{Loaded, Pending};

use crate::hashing::{HashingError, Service};

/// Accounts that may have failed in one day before unknown ones share counters.
const COUNTERS: usize = 100_000;

/// One policy at work. Clone it freely: clones share counters and hashing permits.
#[derive(Clone)]
pub struct Login {
    inner: Arc<Inner>,
}

struct Inner {
    max_length: usize,
    judge: Judge,
    hashing: Service,
    counters: Memory,
    keys: KeyMaker,
    started: Instant,
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
    /// The system gave no randomness.
    #[error("no randomness from the system")]
    Randomness,
    /// The hash could not be computed: overload, memory, or a hash that this policy cannot
    /// verify.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The runtime is shutting down.
    #[error("the judging thread ended early")]
    Stopped,
}

impl Login {
    /// A login flow under one policy, with its counters in this process. The files that the
    /// policy names are looked for from the current folder: see [`Login::open`].
    ///
    /// # Errors
    /// When the policy asks for what this version cannot do yet, a file that it names cannot
    /// be read whole, the system gives no randomness, or there is no memory for one hash.
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
        Ok(Self {
            inner: Arc::new(Inner {
                max_length: policy.password().max_length,
                judge: Judge::open(policy.password(), base)?,
                hashing: Service::open(policy.hash(), base)?,
                counters: Memory::new(Restriction::of(policy.access()), COUNTERS),
                keys: KeyMaker::random().map_err(|_| LoginError::Randomness)?,
                started: Instant::now(),
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
            Ok(accepted) => Ok(Choice::Kept(self.inner.hashing.hash(accepted).await?)),
            Err(refusal) => Ok(Choice::Refused(refusal.into_assessment())),
        }
    }

    /// Compares a typed password with the stored hash of an account, `None` if there is no
    /// such account. The attempt counts as a failure until the password proves right.
    ///
    /// # Errors
    /// When the hash cannot be computed. The failure stays counted.
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
    /// When the hash cannot be computed. The failure stays counted.
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
        let key = self.inner.keys.account(identifier);
        let now = Timestamp::new(self.inner.started.elapsed());
        let attempt = match self.inner.counters.admit(key, now, presence) {
            Admission::Go(attempt) => attempt,
            Admission::Wait(time) => return Ok(SignIn::Wait(time)),
            Admission::ProvePresence => return Ok(SignIn::ProvePresence),
            Admission::Blocked => return Ok(SignIn::Blocked),
        };
        let typed = Password::read(typed, self.inner.max_length);
        Ok(match self.inner.hashing.check(typed, stored).await? {
            Checked::No => SignIn::No,
            Checked::Yes(verified) => {
                attempt.succeed();
                SignIn::Yes {
                    renew: verified.reason(),
                }
            }
        })
    }

    /// Opens an account that is blocked or waits, after the application checked who asks.
    pub fn unlock(&self, identifier: &str) {
        let now = Timestamp::new(self.inner.started.elapsed());
        self.inner
            .counters
            .unlock(self.inner.keys.account(identifier), now);
    }
}

/// Whether a key of the policy is this library's to honour; the others are the gate's.
fn concerns(key: &str) -> bool {
    ["password", "preset", "hash", "access", "login"]
        .iter()
        .any(|table| key.starts_with(table))
}
