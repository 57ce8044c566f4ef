//! May this visitor try this account now: a store, its keys, the rules, a deadline, and what is
//! answered while the store is down.
//!
//! Clauses: CNIL 2022-100, case 2 and case 3. Unknown accounts count like known ones, because
//! nothing here knows which accounts exist.
//!
//! An attempt asks up to four counters at once: the account (or the trusted device), the source
//! on it, the source, the site. Its failure is counted in all of them before anybody computes a
//! hash, and taken back only by [`Attempt::succeed`].
//!
//! Absent on purpose: the clock. `now` must be time since the Unix epoch, unless the counters
//! are in memory and no device is trusted.

use std::fmt;
use std::future::poll_fn;
use std::net::IpAddr;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use policy::access::{AccessPolicy, Limit, WhenStoreIsDown};

use crate::device::{Device, DeviceToken};
use crate::store::Answer;
use crate::{
    AccountKey, Ask, Bucket, Counter, CounterKey, KeyMaker, Restriction, Rule, Scope, Source,
    Store, StoreError, Timestamp, Verdict,
};

mod attempt;
mod open;

pub use attempt::{Attempt, Success};
pub use open::OpenError;

/// The restriction of attempts, ready for use. Clone it freely: clones share the counters.
#[derive(Clone)]
pub struct Throttle {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<dyn Store>,
    keys: KeyMaker,
    rules: Rules,
}

#[derive(Clone, Copy)]
struct Rules {
    account: Restriction,
    pair: Option<Bucket>,
    source: Option<Bucket>,
    site: Option<Bucket>,
    trusted_device: Option<Duration>,
    deadline: Duration,
    when_down: WhenStoreIsDown,
}

/// Who tries to sign in.
#[derive(Clone, Copy)]
pub struct Visitor<'a> {
    /// The identifier as it was typed, whether or not there is such an account.
    pub identifier: &'a str,
    /// The address that the connection comes from, if it is known. Never one that the visitor
    /// can write himself, such as a forwarding field of an untrusted proxy.
    pub source: Option<IpAddr>,
    /// The text of the [`DeviceToken`](crate::DeviceToken) that the browser sent, if it did.
    pub device: Option<&'a str>,
    /// Whether the application has checked a captcha or another factor for this attempt.
    pub presence: bool,
}

/// The answer to "may this visitor try now?".
#[must_use]
#[derive(Debug)]
pub enum Admission {
    /// Yes. Settle the attempt.
    Go(Attempt),
    /// Not before some time. Whom it concerns is for the journal, not for the visitor.
    Wait {
        /// The counter with the longest wait.
        scope: Scope,
        /// How long.
        time: Duration,
    },
    /// Only with a proof that a person is there: check one, and ask again with
    /// [`Visitor::presence`].
    ProvePresence,
    /// Not until the account is unlocked: see [`Throttle::unlock`].
    Blocked,
}

/// Why there is no answer. Refuse, and try later.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ThrottleError {
    /// The store did not answer in time.
    #[error("the store of counters did not answer within {0:?}")]
    Late(Duration),
    /// The store gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Throttle {
    /// A throttle over any store. `keys` must be the same for all who share the store.
    pub fn new(store: impl Store, keys: KeyMaker, policy: &AccessPolicy) -> Self {
        Self::of(Arc::new(store), keys, Rules::of(policy))
    }

    /// The same store and keys under other rules, such as those for the links that are sent to
    /// one address. Counters with rules of their own need names of their own: see
    /// [`Throttle::for_site`].
    #[must_use]
    pub fn under(&self, policy: &AccessPolicy) -> Self {
        let Inner { store, keys, .. } = &*self.inner;
        Self::of(store.clone(), keys.clone(), Rules::of(policy))
    }

    /// The same for one of several sites: see [`KeyMaker::for_site`].
    #[must_use]
    pub fn for_site(&self, name: &str) -> Self {
        let Inner { store, keys, rules } = &*self.inner;
        Self::of(store.clone(), keys.for_site(name), *rules)
    }

    fn of(store: Arc<dyn Store>, keys: KeyMaker, rules: Rules) -> Self {
        Self {
            inner: Arc::new(Inner { store, keys, rules }),
        }
    }

    /// Whether the store could not tell that it keeps every counter: see [`Store::may_forget`].
    /// For the journal.
    pub fn may_forget(&self) -> bool {
        self.inner.store.may_forget()
    }

    /// The key of an account, for a journal.
    pub fn account(&self, identifier: &str) -> AccountKey {
        self.inner.keys.account(identifier)
    }

    /// Asks for an attempt at `now`. If it is admitted, its failure is counted already.
    ///
    /// # Errors
    /// When the store gives no answer within the policy's deadline and the policy says
    /// `when-store-is-down = "closed"`. Under `"open"` the attempt is admitted and says so:
    /// [`Attempt::unrestricted`]. A damaged counter is an error under both: that is not an
    /// outage, and ends when the account is unlocked.
    pub async fn admit(
        &self,
        visitor: &Visitor<'_>,
        now: Timestamp,
    ) -> Result<Admission, ThrottleError> {
        let account = self.inner.keys.account(visitor.identifier);
        let device = self.device(visitor, account, now);
        let ask = Ask {
            counters: self.counters(visitor, account, device),
            now,
            presence: visitor.presence,
        };
        let mut unrestricted = None;
        if !ask.counters.is_empty() {
            match self.within(self.inner.store.admit(&ask)).await {
                Ok(Verdict::Admit) => {}
                Ok(Verdict::Wait(scope, time)) => return Ok(Admission::Wait { scope, time }),
                Ok(Verdict::ProvePresence(_)) => return Ok(Admission::ProvePresence),
                Ok(Verdict::Blocked(_)) => return Ok(Admission::Blocked),
                Err(error) if self.opens_after(&error) => unrestricted = Some(error),
                Err(error) => return Err(error),
            }
        }
        Ok(Admission::Go(Attempt {
            throttle: self.clone(),
            account,
            device,
            ask,
            unrestricted,
        }))
    }

    /// Opens an account that is blocked or waits, after the application has checked who asks
    /// (a link over a channel validated beforehand, or a person).
    ///
    /// With [`Visitor::device`] and [`Visitor::source`] their counters on this account open
    /// too, which whoever asks from his own browser expects. Those of the source over all
    /// accounts and of the site stay.
    ///
    /// # Errors
    /// When the store gives no answer; whether the account is open is not known then.
    pub async fn unlock(&self, visitor: &Visitor<'_>, now: Timestamp) -> Result<(), ThrottleError> {
        let account = self.inner.keys.account(visitor.identifier);
        let device = self
            .device(visitor, account, now)
            .map(|device| device.counter(account, &self.inner.keys));
        let pair = visitor
            .source
            .map(|source| self.inner.keys.pair(account, source.into()));
        for key in [Some(CounterKey::from(account)), device, pair]
            .into_iter()
            .flatten()
        {
            self.within(self.inner.store.unlock(key, now)).await?;
        }
        Ok(())
    }

    /// A token for the browser of somebody who proved otherwise than by a password to be the
    /// owner of an account, such as by a link sent to its address. `None` under
    /// `trusted-device = "never"`.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn trust(
        &self,
        identifier: &str,
        now: Timestamp,
    ) -> Result<Option<DeviceToken>, getrandom::Error> {
        self.token(self.account(identifier), None, now)
    }

    /// The token of a device, or of one that is drawn.
    fn token(
        &self,
        account: AccountKey,
        device: Option<Device>,
        now: Timestamp,
    ) -> Result<Option<DeviceToken>, getrandom::Error> {
        let Some(lifetime) = self.inner.rules.trusted_device else {
            return Ok(None);
        };
        let device = match device {
            Some(device) => device,
            None => Device::drawn()?,
        };
        Ok(Some(device.token(account, &self.inner.keys, now, lifetime)))
    }

    /// Which of some tokens is valid for an account at `now`, if one is: a browser that several
    /// people share may send several, and [`Visitor::device`] takes one.
    pub fn known<'t>(
        &self,
        identifier: &str,
        tokens: impl IntoIterator<Item = &'t str>,
        now: Timestamp,
    ) -> Option<&'t str> {
        let lifetime = self.inner.rules.trusted_device?;
        let (account, keys) = (self.account(identifier), &self.inner.keys);
        let mut tokens = tokens.into_iter();
        tokens.find(|token| Device::of(token, account, keys, now, lifetime).is_some())
    }

    fn device(&self, visitor: &Visitor<'_>, account: AccountKey, now: Timestamp) -> Option<Device> {
        let lifetime = self.inner.rules.trusted_device?;
        Device::of(visitor.device?, account, &self.inner.keys, now, lifetime)
    }

    fn counters(
        &self,
        visitor: &Visitor<'_>,
        account: AccountKey,
        device: Option<Device>,
    ) -> Vec<Counter> {
        let rules = &self.inner.rules;
        let source = visitor.source.map(Source::from);
        let mut counters = Vec::with_capacity(4);
        if rules.account != Restriction::None {
            let (key, scope) = match device {
                Some(device) => (device.counter(account, &self.inner.keys), Scope::Device),
                None => (account.into(), Scope::Account),
            };
            let rule = Rule::Restriction(rules.account);
            counters.push(Counter { key, scope, rule });
        }
        let mut cap = |scope, bucket: Option<Bucket>, key: Option<CounterKey>| {
            if let (Some(bucket), Some(key)) = (bucket, key) {
                let rule = Rule::Bucket(bucket);
                counters.push(Counter { key, scope, rule });
            }
        };
        if device.is_none() {
            let pair = source.map(|source| self.inner.keys.pair(account, source));
            cap(Scope::Pair, rules.pair, pair);
        }
        cap(
            Scope::Source,
            rules.source,
            source.map(|source| self.inner.keys.source(source)),
        );
        cap(Scope::Site, rules.site, Some(self.inner.keys.site()));
        counters
    }

    fn opens_after(&self, error: &ThrottleError) -> bool {
        matches!(self.inner.rules.when_down, WhenStoreIsDown::Open)
            && !matches!(error, ThrottleError::Store(StoreError::Corrupt(_)))
    }

    /// Waits for a store until the deadline. One that answers at once needs no runtime.
    async fn within<T>(&self, mut answer: Answer<'_, T>) -> Result<T, ThrottleError> {
        let first = poll_fn(|context| Poll::Ready(answer.as_mut().poll(context))).await;
        let answered = match first {
            Poll::Ready(answered) => answered,
            Poll::Pending => tokio::time::timeout(self.inner.rules.deadline, answer)
                .await
                .map_err(|_| ThrottleError::Late(self.inner.rules.deadline))?,
        };
        Ok(answered?)
    }
}

impl Rules {
    fn of(policy: &AccessPolicy) -> Self {
        let bucket = |limit: Option<Limit>| limit.map(Bucket::from);
        Self {
            account: Restriction::of(policy),
            pair: bucket(policy.limits.pair),
            source: bucket(policy.limits.source),
            site: bucket(policy.limits.site),
            trusted_device: policy.trusted_device,
            deadline: policy.store_deadline,
            when_down: policy.when_store_is_down,
        }
    }
}

impl<'a> Visitor<'a> {
    /// A visitor of whom only the identifier is known.
    pub const fn new(identifier: &'a str) -> Self {
        Self {
            identifier,
            source: None,
            device: None,
            presence: false,
        }
    }
}

impl fmt::Debug for Throttle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Throttle(..)")
    }
}

/// Nothing of a visitor is for logs: an unknown identifier may be a password.
impl fmt::Debug for Visitor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Visitor(..)")
    }
}

#[cfg(test)]
mod tests;
