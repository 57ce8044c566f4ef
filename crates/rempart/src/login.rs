//! Choosing a password and signing in, each safe by construction.
//!
//! Clauses: CNIL 2022-100, creation (checked at each choice), case 2 (the failure is counted
//! before the hash is computed), conservation, logging. Every outcome takes the same work: see
//! [`crate::hashing`].
//!
//! [`Login`] is the smaller face of this library: the application hands it the stored hash.
//! [`Accounts`](crate::Accounts) stands on the same functions and keeps the hashes too.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use access::{Admission, Attempt, DeviceToken, Success, Throttle, Timestamp, Visitor};
use journal::{Event, Findings, Kind, Sink, StoreAnswer, Word};
use password::hash::{Checked, RenewReason, StoredHash, Verified};
use password::{Accepted, Assessment, Context, Judge, Password};
use policy::Loaded;
use zeroize::Zeroizing;

use crate::clock::{Clock, SystemClock};
use crate::error::{FlowError, LoginError};
use crate::hashing::Service;
use crate::judging::Judging;

/// One policy at work. Clone it freely: clones share counters and hashing permits.
#[derive(Clone)]
pub struct Login {
    parts: Arc<Parts>,
    throttle: Throttle,
    journal: Arc<dyn Sink>,
    clock: Arc<dyn Clock>,
}

struct Parts {
    policy: policy::Policy,
    base: PathBuf,
    judging: Judging,
    hashing: Service,
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
        /// A new hash of the same password, where the stored one is of another age or system.
        /// Write it if the stored hash is still the one that was compared, so that a change of
        /// the password in between is not undone.
        renewed: Option<StoredHash>,
        /// What the browser may keep, so that strangers cannot lock it out.
        device: Option<DeviceToken>,
    },
    /// The password is wrong or the account unknown; say no more than that.
    No,
    /// Too many failures: not before this much time.
    Wait(Duration),
    /// Too many failures: only after a captcha or another factor. Then ask again with
    /// [`Visitor::presence`].
    ProvePresence,
    /// Too many failures: not until the account is unlocked.
    Blocked,
}

/// What the comparison of a typed password says, before anything follows from it.
pub(crate) enum Compared {
    /// It is right. Nothing is taken back until the attempt succeeds.
    Right(Box<Verified>, Box<Attempt>),
    No,
    Wait(Duration),
    ProvePresence,
    Blocked,
}

impl Login {
    /// A login flow under one policy. The files that the policy names are looked for from the
    /// current folder: see [`Login::open`].
    ///
    /// # Errors
    /// When the policy asks for what this version cannot do yet, a file that it names cannot
    /// be read whole, or the counters or the journal cannot be opened.
    pub fn new(loaded: &Loaded) -> Result<Self, LoginError> {
        Self::open(loaded, Path::new(""))
    }

    /// The same, with the files that the policy names looked for from `base`, its folder.
    ///
    /// # Errors
    /// As for [`Login::new`].
    pub fn open(loaded: &Loaded, base: &Path) -> Result<Self, LoginError> {
        Self::build(loaded, base, || {
            Ok(Throttle::open(loaded.policy.access(), base)?)
        })
    }

    /// The same, also with counters in a store that several programs share. Belongs to the
    /// tokio runtime that calls it.
    ///
    /// # Errors
    /// As for [`Login::new`].
    #[cfg(any(feature = "redis", feature = "postgres"))]
    pub async fn connect(loaded: &Loaded, base: &Path) -> Result<Self, LoginError> {
        let throttle = Throttle::connect(loaded.policy.access(), base).await?;
        let login = Self::build(loaded, base, || Ok(throttle))?;
        login.doubt();
        Ok(login)
    }

    fn build(
        loaded: &Loaded,
        base: &Path,
        throttle: impl FnOnce() -> Result<Throttle, LoginError>,
    ) -> Result<Self, LoginError> {
        let policy = &loaded.policy;
        let login = Self {
            parts: Arc::new(Parts {
                policy: policy.clone(),
                base: base.to_owned(),
                judging: Judging::new(
                    Judge::open(policy.password(), base)?,
                    policy.hash().queue_deadline,
                ),
                hashing: Service::open(policy.hash(), base)?,
            }),
            throttle: throttle()?,
            #[cfg(unix)]
            journal: Arc::new(journal::Journal::open(policy.journal(), base)?),
            #[cfg(not(unix))]
            journal: Arc::new(journal::Traced),
            clock: Arc::new(SystemClock),
        };
        let kind = Kind::PolicyLoaded {
            preset: Word::new(policy.preset().name()),
            deviations: policy.deviations().len() as u64,
        };
        login.note(kind, None);
        Ok(login)
    }

    /// The same, with a journal of its own instead of the one that `[journal]` describes.
    #[must_use]
    pub fn with_journal(mut self, journal: impl Sink) -> Self {
        self.journal = Arc::new(journal);
        self.doubt();
        self
    }

    /// The same, with counters of the application's own instead of those that `[access]` names:
    /// its own store, or one of several sites.
    #[must_use]
    pub fn with_throttle(mut self, throttle: Throttle) -> Self {
        self.throttle = throttle;
        self.doubt();
        self
    }

    /// The same for names that are told apart exactly as [`Account`](crate::Account) does.
    #[must_use]
    pub(crate) fn with_exact_names(mut self) -> Self {
        self.throttle = self.throttle.with_exact_names();
        self
    }

    /// The same, with another clock, which must tell the time since the Unix epoch.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Judges a password that a person chooses and hashes it if it is good enough.
    ///
    /// # Errors
    /// When the hash cannot be computed; a refused password is an answer, not an error.
    pub async fn choose(&self, typed: Vec<u8>, context: Context) -> Result<Choice, FlowError> {
        match self.judged(Zeroizing::new(typed), context).await? {
            Ok(accepted) => {
                let hash = self.hash(accepted).await?;
                self.note(Kind::PasswordAccepted { account: None }, None);
                Ok(Choice::Kept(hash))
            }
            Err(assessment) => {
                self.note(refused(None, &assessment), None);
                Ok(Choice::Refused(assessment))
            }
        }
    }

    /// What the judge finds against a password while it is typed: what [`Login::choose`] would
    /// say, but for services that would be asked at each keystroke. For a meter on a page: it
    /// notes nothing, runs on half of the processors at most and waits a tenth of a second.
    ///
    /// # Errors
    /// When too many type at once: show nothing, and let the form say it when it is sent.
    pub async fn meter(&self, typed: Vec<u8>, context: Context) -> Result<Assessment, FlowError> {
        self.glance(Zeroizing::new(typed), context).await
    }

    pub(crate) async fn glance(
        &self,
        typed: Zeroizing<Vec<u8>>,
        context: Context,
    ) -> Result<Assessment, FlowError> {
        self.parts.judging.glance(typed, context).await
    }

    /// Compares a typed password with the stored hash of an account, `None` if there is no
    /// such account. The attempt counts as a failure until the password proves right. A stored
    /// hash that cannot be verified is answered like a wrong password, after the same work, and
    /// the journal says which account it is (`record-unreadable`): an error would tell strangers
    /// who has an account.
    ///
    /// Read the stored hash again before a session is opened, and open none if the password was
    /// changed meanwhile; [`Accounts`](crate::Accounts) does.
    ///
    /// # Errors
    /// When the counters do not answer, or no hash can be computed for anybody: a failure that
    /// was counted stays counted.
    pub async fn sign_in(
        &self,
        visitor: &Visitor<'_>,
        typed: Vec<u8>,
        stored: Option<&StoredHash>,
    ) -> Result<SignIn, FlowError> {
        let typed = Zeroizing::new(typed);
        let compared = self.compare(visitor, typed, stored, stored.is_some());
        let (verified, attempt) = match compared.await? {
            Compared::Right(verified, attempt) => (verified, attempt),
            Compared::No => {
                let account = stored.map(|_| self.key(visitor.identifier));
                self.note(Kind::SignInFailed { account }, Some(visitor));
                return Ok(SignIn::No);
            }
            Compared::Wait(time) => return Ok(SignIn::Wait(time)),
            Compared::ProvePresence => return Ok(SignIn::ProvePresence),
            Compared::Blocked => return Ok(SignIn::Blocked),
        };
        let success = self.signed_in(*attempt, visitor).await;
        let renewed = self.renewed(*verified).await.map(|(hash, reason)| {
            self.note_renewed(reason, visitor);
            hash
        });
        Ok(SignIn::Yes {
            renewed,
            device: success.device_token().ok().flatten(),
        })
    }

    /// Opens an account that is blocked or waits, after the application checked who asks and
    /// that there is such an account, which the journal names; with [`Visitor::source`] and
    /// [`Visitor::device`] theirs on this account too. What it does not open: see
    /// [`Throttle::unlock`].
    ///
    /// # Errors
    /// When the counters do not answer.
    pub async fn unlock(&self, visitor: &Visitor<'_>) -> Result<(), FlowError> {
        self.open_counters(visitor).await?;
        let kind = Kind::Unlocked {
            account: Some(self.key(visitor.identifier)),
            scope: journal::Scope::Account,
            by: journal::By::System,
        };
        self.note(kind, Some(visitor));
        Ok(())
    }

    /// The accepted forms and the rest of the judge, for pages and meters.
    pub fn judge(&self) -> &Judge {
        self.parts.judging.judge()
    }

    /// The service that computes hashes, for its load and its counts.
    pub fn hashing(&self) -> &Service {
        &self.parts.hashing
    }

    /// Admits an attempt and compares, which is one piece of work for every outcome. Says what
    /// it refused itself to the journal, by name only if there is an account (`known`); what
    /// becomes of `Right` and `No` is the caller's to say.
    pub(crate) async fn compare(
        &self,
        visitor: &Visitor<'_>,
        mut typed: Zeroizing<Vec<u8>>,
        stored: Option<&StoredHash>,
        known: bool,
    ) -> Result<Compared, FlowError> {
        let typed = std::mem::take(&mut *typed);
        let typed = Password::read(typed, self.policy().password().max_length);
        // Made for a name that nobody has too: it takes a microsecond.
        let key = self.throttle().account(visitor.identifier);
        let account: Option<journal::Account> = known.then(|| key.into());
        let mut admission = self.throttle().admit(visitor, self.now()).await;
        if visitor.device.is_some() && matches!(admission, Ok(Admission::Blocked)) {
            // A trusted device that is blocked is like any other: forgetting its cookie would
            // make it so, and no unlock of the account could reach a counter of its own.
            let stranger = Visitor {
                device: None,
                ..*visitor
            };
            admission = self.throttle().admit(&stranger, self.now()).await;
        }
        let attempt = match admission {
            Ok(Admission::Go(attempt)) => attempt,
            Ok(Admission::Wait { scope, time }) => {
                let kind = Kind::SignInDelayed {
                    account,
                    scope: scope.into(),
                    wait: time,
                };
                self.note(kind, Some(visitor));
                return Ok(Compared::Wait(time));
            }
            Ok(Admission::ProvePresence(_)) => {
                let scope = journal::Scope::Account;
                self.note(Kind::PresenceAsked { account, scope }, Some(visitor));
                return Ok(Compared::ProvePresence);
            }
            Ok(Admission::Blocked) => {
                let scope = journal::Scope::Account;
                self.note(Kind::SignInBlocked { account, scope }, Some(visitor));
                return Ok(Compared::Blocked);
            }
            Err(error) => {
                let answer = StoreAnswer::Closed;
                self.note(Kind::StoreDown { answer }, Some(visitor));
                return Err(error.into());
            }
        };
        if attempt.unrestricted().is_some() {
            let answer = StoreAnswer::Open;
            self.note(Kind::StoreDown { answer }, Some(visitor));
        }
        // Whoever tries a name again has the same decoys, and another name has others.
        let salt = *key.bytes();
        match self.parts.hashing.check(typed, stored, salt).await {
            Ok(Checked::Yes(verified)) => {
                Ok(Compared::Right(Box::new(verified), Box::new(attempt)))
            }
            Ok(Checked::No) => Ok(Compared::No),
            // The same work was done. Another answer would tell that there is an account.
            Err(error) if error.concerns_one_hash() && stored.is_some() => {
                if let Some(account) = account {
                    self.note(Kind::RecordUnreadable { account }, Some(visitor));
                }
                Ok(Compared::No)
            }
            Err(error) => {
                self.note(Kind::SignInOverloaded, Some(visitor));
                Err(error.into())
            }
        }
    }

    /// Notes a sign-in, and takes its failure back.
    pub(crate) async fn signed_in(&self, attempt: Attempt, visitor: &Visitor<'_>) -> Success {
        let account = attempt.account().into();
        self.note_signed_in(account, attempt.is_from_trusted_device(), visitor);
        self.settled(attempt, visitor).await
    }

    pub(crate) fn note_signed_in(
        &self,
        account: journal::Account,
        is_trusted: bool,
        visitor: &Visitor<'_>,
    ) {
        let device = match is_trusted {
            true => journal::Device::Trusted,
            false => journal::Device::Other,
        };
        self.note(Kind::SignedIn { account, device }, Some(visitor));
    }

    /// Takes the failure back, and says where it may stay counted.
    pub(crate) async fn settled(&self, attempt: Attempt, visitor: &Visitor<'_>) -> Success {
        // What was not counted has been told already.
        let counted = attempt.unrestricted().is_none();
        let success = attempt.succeed().await;
        if counted && success.unsettled().is_some() {
            let answer = StoreAnswer::Counted;
            self.note(Kind::StoreDown { answer }, Some(visitor));
        }
        success
    }

    /// The hash of a password just verified, made again if it should be. An overload is no
    /// reason to turn away somebody who has signed in: the next time will do.
    pub(crate) async fn renewed(&self, verified: Verified) -> Option<(StoredHash, RenewReason)> {
        let reason = verified.reason()?;
        let renewed = self.parts.hashing.renew(verified).await.ok()?;
        Some((renewed, reason))
    }

    pub(crate) fn note_renewed(&self, reason: RenewReason, visitor: &Visitor<'_>) {
        let kind = Kind::HashRenewed {
            account: self.key(visitor.identifier),
            reason: Word::new(reason.code()),
        };
        self.note(kind, Some(visitor));
    }

    /// Judges off the event loop, without a hashing permit: those who sign in need the permits.
    pub(crate) async fn judged(
        &self,
        typed: Zeroizing<Vec<u8>>,
        context: Context,
    ) -> Result<Result<Accepted, Assessment>, FlowError> {
        self.parts.judging.choice(typed, context).await
    }

    pub(crate) async fn hash(&self, accepted: Accepted) -> Result<StoredHash, FlowError> {
        Ok(self.parts.hashing.hash(accepted).await?)
    }

    pub(crate) async fn open_counters(&self, visitor: &Visitor<'_>) -> Result<(), FlowError> {
        Ok(self.throttle().unlock(visitor, self.now()).await?)
    }

    pub(crate) fn policy(&self) -> &policy::Policy {
        &self.parts.policy
    }

    /// Tells the operator of counters that may vanish.
    fn doubt(&self) {
        if self.throttle.may_forget() {
            self.note(Kind::StoreMayForget, None);
        }
    }

    /// The folder of the policy.
    pub(crate) fn base(&self) -> &Path {
        &self.parts.base
    }

    pub(crate) fn throttle(&self) -> &Throttle {
        &self.throttle
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// An account that exists, as the journal knows it.
    pub(crate) fn key(&self, identifier: &str) -> journal::Account {
        self.throttle().account(identifier).into()
    }

    pub(crate) fn note(&self, kind: Kind, visitor: Option<&Visitor<'_>>) {
        let micros = i64::try_from(self.now().micros()).unwrap_or(i64::MAX);
        let at = jiff::Timestamp::from_microsecond(micros).unwrap_or(jiff::Timestamp::MAX);
        let event = Event::new(at, kind);
        self.journal
            .note(match visitor.and_then(|visitor| visitor.source) {
                Some(source) => event.from(source),
                None => event,
            });
    }
}

/// The event of a password that was refused.
pub(crate) fn refused(account: Option<journal::Account>, assessment: &Assessment) -> Kind {
    let codes = assessment.findings().iter().map(password::Finding::code);
    Kind::PasswordRefused {
        account,
        findings: Findings::new(codes),
    }
}

#[cfg(test)]
mod tests;
