//! May this visitor try this account now: a store, its keys, the rules, a deadline, and what is
//! answered while the store is down.
//!
//! Clauses: CNIL 2022-100, case 2 and case 3. Unknown accounts count like known ones, because
//! nothing here knows which accounts exist.
//!
//! An attempt asks up to five counters at once: the account (or the trusted device), all
//! spellings of its name, the source on it, the source, the site. Its failure is counted in all
//! of them before anybody computes a hash, and taken back only by [`Attempt::succeed`].
//!
//! Two names that are spelt alike may be one account to a directory that folds them, or two to
//! one that does not, and nothing here knows which. So each has the counter that a success or an
//! unlock empties, and together they have a day's cap, from which a success takes back no more
//! than itself: neither does a guesser get the tries of many spellings, nor does the owner of
//! one account free the counter of another. See [`Throttle::with_exact_names`].
//!
//! Absent on purpose: the clock. `now` must be time since the Unix epoch, unless the counters
//! are in memory and no device is trusted.

use std::fmt;
use std::future::poll_fn;
use std::net::IpAddr;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use policy::access::{AccessPolicy, Delay, Limit, WhenStoreIsDown};

use crate::captcha::Challenge;
use crate::device::Device;
use crate::store::{Answer, TakenBack};
use crate::{
    AccountKey, Ask, Bucket, Counter, CounterKey, KeyMaker, Presence, Restriction, Rule, Scope,
    Source, Store, StoreError, Timestamp, Verdict,
};

mod attempt;
mod device;
mod open;
mod question;

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
    /// For all spellings of a name together.
    alike: Option<Restriction>,
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
    /// What all spellings of the identifier have in common, where the caller knows more of it
    /// than [`KeyMaker::alike`] does; the identifier itself otherwise.
    pub alike: Option<&'a str>,
    /// The address that the connection comes from, if it is known. Never one that the visitor
    /// can write himself, such as a forwarding field of an untrusted proxy.
    pub source: Option<IpAddr>,
    /// The text of the [`DeviceToken`](crate::DeviceToken) that the browser sent, if it did.
    pub device: Option<&'a str>,
    /// Whether the application has checked a captcha or another factor for this attempt.
    pub presence: bool,
    /// The answer to a [`Challenge`], as the browser sent it, if it did: checked here, and good
    /// for one attempt.
    pub answer: Option<&'a str>,
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
    /// Only with a proof of presence: check one, and ask again with [`Visitor::presence`]; or
    /// have this question answered, and ask again with [`Visitor::answer`].
    ProvePresence(Challenge),
    /// Not until the account is unlocked: see [`Throttle::unlock`].
    Blocked,
}

/// The answer to "is there room for one more?": see [`Throttle::count`].
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// Yes, and it is counted.
    Yes,
    /// The name had too many: not before this much time.
    Full(Duration),
    /// The source or the site had, whichever waits longer, which says nothing about the name.
    Wait(Scope, Duration),
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

    /// The same store and keys under the rules of another policy.
    #[must_use]
    pub fn under(&self, policy: &AccessPolicy) -> Self {
        let Inner { store, keys, .. } = &*self.inner;
        Self::of(store.clone(), keys.clone(), Rules::of(policy))
    }

    /// The same for a directory that tells names apart exactly as [`KeyMaker::account`] does:
    /// spellings have no cap in common. **Not** for one that folds accents, such as MySQL and
    /// SQL Server by default: each spelling would have tries of its own.
    #[must_use]
    pub fn with_exact_names(&self) -> Self {
        let Inner { store, keys, rules } = &*self.inner;
        let rules = Rules {
            alike: None,
            ..*rules
        };
        Self::of(store.clone(), keys.clone(), rules)
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
        let answered = self.answered(visitor.answer, self.counter(account, device), now);
        let ask = Ask {
            counters: self.counters(visitor, account, device),
            now,
            presence: match answered {
                _ if visitor.presence => Presence::Proved,
                Some(Ok(tally)) => Presence::ProvedAt(tally),
                Some(Err(_)) | None => Presence::Unproved,
            },
            taken_back: TakenBack::Row,
        };
        let mut unrestricted = None;
        if !ask.counters.is_empty() {
            match self.within(self.inner.store.admit(&ask)).await {
                Ok(Verdict::Admit) => {}
                Ok(Verdict::Wait(scope, time)) => return Ok(Admission::Wait { scope, time }),
                Ok(Verdict::ProvePresence(_, tally)) => {
                    let counter = self.counter(account, device);
                    let question = self.question(counter, tally, answered, now);
                    return Ok(Admission::ProvePresence(question));
                }
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
    /// accounts and of the site stay, and so does the day's cap on all spellings of the name,
    /// or the owner of one account would open another's: give him a token by
    /// [`Throttle::trust`], with which no such cap concerns him.
    ///
    /// # Errors
    /// When the store gives no answer; whether the account is open is not known then.
    pub async fn unlock(&self, visitor: &Visitor<'_>, now: Timestamp) -> Result<(), ThrottleError> {
        let keys = &self.inner.keys;
        let account = keys.account(visitor.identifier);
        let device = self.device(visitor, account, now);
        let day = device.map(|device| device.day(account, keys));
        let device = device.map(|device| device.counter(account, keys));
        let pair = visitor
            .source
            .map(|source| keys.pair(self.paired(visitor, account), source.into()));
        for key in [Some(CounterKey::from(account)), device, day, pair]
            .into_iter()
            .flatten()
        {
            self.within(self.inner.store.unlock(key, now)).await?;
        }
        Ok(())
    }

    /// Opens all spellings of a name together, for an operator who has looked whose they are:
    /// see [`Throttle::unlock`].
    ///
    /// # Errors
    /// As for [`Throttle::unlock`].
    pub async fn unlock_alike(
        &self,
        visitor: &Visitor<'_>,
        now: Timestamp,
    ) -> Result<(), ThrottleError> {
        let key = self.alike(visitor).into();
        self.within(self.inner.store.unlock(key, now)).await
    }

    /// Counts something else than a sign-in, such as a link sent to an address: `name` is what
    /// `kind` is counted for, under `limit`; `source`, where it is to be counted too, has the
    /// same counter as for its sign-ins, and is counted whether or not there is room for the name:
    /// who asks over and over is at work all the same. What is counted is never taken back. Over all
    /// names of one kind no more is counted than the policy lets the whole site fail.
    ///
    /// # Errors
    /// As for [`Throttle::admit`].
    pub async fn count(
        &self,
        kind: &str,
        name: &str,
        limit: Limit,
        source: Option<IpAddr>,
        now: Timestamp,
    ) -> Result<Room, ThrottleError> {
        let Inner { keys, rules, .. } = &*self.inner;
        let counter = |scope, key, bucket| Counter {
            key,
            scope,
            rule: Rule::Bucket(bucket),
        };
        let named = counter(Scope::Other, keys.other(kind, name), Bucket::from(limit));
        let of_source = rules.source.zip(source).map(|(bucket, source)| {
            let key = keys.source(source.into());
            vec![counter(Scope::Source, key, bucket)]
        });
        let of_site = rules.site;
        let of_site = of_site.map(|bucket| counter(Scope::Site, keys.all_other(kind), bucket));
        let of_name = [Some(named), of_site].into_iter().flatten().collect();
        // First who asks: the answer and its time are the same for every name.
        for counters in of_source.into_iter().chain([of_name]) {
            let ask = Ask {
                counters,
                now,
                presence: Presence::Unproved,
                taken_back: TakenBack::Row,
            };
            match self.within(self.inner.store.admit(&ask)).await {
                Ok(Verdict::Wait(Scope::Other, time)) => return Ok(Room::Full(time)),
                Ok(Verdict::Wait(scope, time)) => return Ok(Room::Wait(scope, time)),
                // No bucket asks for more.
                Ok(Verdict::Admit | Verdict::ProvePresence(..) | Verdict::Blocked(_)) => {}
                Err(error) if self.opens_after(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Room::Yes)
    }

    /// The counter that `[access]` restricts.
    fn counter(&self, account: AccountKey, device: Option<Device>) -> CounterKey {
        match device {
            Some(device) => device.counter(account, &self.inner.keys),
            None => account.into(),
        }
    }

    fn alike(&self, visitor: &Visitor<'_>) -> AccountKey {
        let name = visitor.alike.unwrap_or(visitor.identifier);
        self.inner.keys.alike(name)
    }

    /// The name on which a source is counted: all its spellings, but where they are apart.
    fn paired(&self, visitor: &Visitor<'_>, account: AccountKey) -> AccountKey {
        match self.inner.rules.alike {
            Some(_) => self.alike(visitor),
            None => account,
        }
    }

    fn counters(
        &self,
        visitor: &Visitor<'_>,
        account: AccountKey,
        device: Option<Device>,
    ) -> Vec<Counter> {
        let rules = &self.inner.rules;
        let source = visitor.source.map(Source::from);
        let mut counters = Vec::with_capacity(5);
        if rules.account != Restriction::None {
            let key = self.counter(account, device);
            let scope = match device {
                Some(_) => Scope::Device,
                None => Scope::Account,
            };
            let rule = Rule::Restriction(rules.account);
            counters.push(Counter { key, scope, rule });
        }
        if let (Some(device), Some(rule)) = (device, rules.device_day()) {
            counters.push(Counter {
                key: device.day(account, &self.inner.keys),
                scope: Scope::Device,
                rule: Rule::Restriction(rule),
            });
        }
        if let (Some(rule), None) = (rules.alike, device) {
            counters.push(Counter {
                key: self.alike(visitor).into(),
                scope: Scope::Alike,
                rule: Rule::Restriction(rule),
            });
        }
        let mut cap = |scope, bucket: Option<Bucket>, key: Option<CounterKey>| {
            if let (Some(bucket), Some(key)) = (bucket, key) {
                let rule = Rule::Bucket(bucket);
                counters.push(Counter { key, scope, rule });
            }
        };
        if device.is_none() {
            let name = self.paired(visitor, account);
            let pair = source.map(|source| self.inner.keys.pair(name, source));
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
        let account = Restriction::of(policy);
        Self {
            account,
            alike: alike(&account),
            pair: bucket(policy.limits.pair),
            source: bucket(policy.limits.source),
            site: bucket(policy.limits.site),
            trusted_device: policy.trusted_device,
            deadline: policy.store_deadline,
            when_down: policy.when_store_is_down,
        }
    }

    /// The day's cap on a trusted device, where its counter has none: what a success that nothing
    /// proves takes back of the failures in a row stays counted there.
    fn device_day(&self) -> Option<Restriction> {
        match self.account {
            Restriction::Delay(_) | Restriction::None => None,
            Restriction::Block(_) | Restriction::Captcha { .. } => self.alike,
        }
    }
}

/// The day's cap on all spellings of a name: as many attempts as one of them has, or where they
/// are not limited by the day, room for a block to be ended once, and under a captcha the number of
/// the CNIL's delay: each spelling has tries of which none is asked for a proof.
fn alike(account: &Restriction) -> Option<Restriction> {
    let attempts = match account {
        Restriction::Delay(delay) => delay.attempts_per_day,
        Restriction::Block(block) => block.after.saturating_mul(2),
        Restriction::Captcha { .. } => 25,
        Restriction::None => return None,
    };
    Some(Restriction::Delay(Delay::only_per_day(attempts)))
}

impl<'a> Visitor<'a> {
    /// A visitor of whom only the identifier is known: without [`Visitor::source`] no limit of a
    /// source applies.
    pub const fn new(identifier: &'a str) -> Self {
        Self {
            identifier,
            alike: None,
            source: None,
            device: None,
            presence: false,
            answer: None,
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
