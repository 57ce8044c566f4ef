//! What a store of counters must do.
//!
//! Clauses: CNIL 2022-100, case 2 and case 3. An attempt touches several counters at once
//! (the account, its source, both together, the site): it is admitted by all of them or
//! counted by none.
//!
//! A store decides with [`Rule`]s that it is handed and with the time that it is told, so that
//! every store gives the same answer: with [`decide`](crate::decide) where it can run our code,
//! and as the contract suite (feature `contract`) checks in any case. It must survive a caller that goes away between two
//! calls: what was admitted stays counted until it is taken back, and is taken back at most
//! once.
//!
//! Absent on purpose: deadlines, and what is answered while a store is down. Both belong to
//! whoever calls it: `Throttle`, with the feature `tokio`.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use policy::Text;

use crate::cause::in_french;
use crate::state::{Presence, Tally};
use crate::{Bucket, Restriction, Timestamp};

/// Where counters live. All methods may be called at once from any thread.
pub trait Store: Send + Sync + 'static {
    /// Asks every counter for an attempt at `ask.now`. If all admit it, its failure is counted
    /// in each; otherwise in none.
    fn admit<'a>(&'a self, ask: &'a Ask) -> Answer<'a, Verdict>;

    /// Takes back the failure of an attempt that was admitted at `ask.now` and succeeded, in
    /// every counter of it, and the failures in a row as `ask.taken_back` says. Called at most once for an attempt, and never again after an error:
    /// a store that repeats a call by itself would give a guesser attempts back.
    fn succeed<'a>(&'a self, ask: &'a Ask) -> Answer<'a, ()>;

    /// Forgets every failure of a counter, after the application has checked who asks.
    fn unlock(&self, key: CounterKey, now: Timestamp) -> Answer<'_, ()>;

    /// Whether a server may drop counters that still restrict, because it would not tell what
    /// it does when its memory is full. The operator must look.
    fn may_forget(&self) -> bool {
        false
    }
}

/// The answer of a store, later.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// One attempt, as the counters see it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Ask {
    /// The counters of the attempt, each key once, at most [`Ask::MOST`].
    pub counters: Vec<Counter>,
    /// When the attempt is made.
    pub now: Timestamp,
    /// What is known of whoever tries.
    pub presence: Presence,
    /// What a success takes back of the account. Default [`TakenBack::Row`].
    pub taken_back: TakenBack,
}

/// What a success takes back where failures in a row are counted. A bucket always gives back
/// the one failure of the attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TakenBack {
    /// All failures in a row: the person is known to be in.
    #[default]
    Row,
    /// The failure of this attempt, as if it had not been made: it was not refused, and may have
    /// reached nobody.
    One,
    /// The failure of this attempt in the row; the attempt stays in the day's cap. It was answered,
    /// and nothing but the answer's look says that it was not refused, or nothing says what the
    /// answer means: where a bad try can be made to look so, the cap is what is left.
    Unproven,
}

/// One counter, and how it decides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Counter {
    /// Which counter it is.
    pub key: CounterKey,
    /// What of the attempt it counts.
    pub scope: Scope,
    /// When it refuses.
    pub rule: Rule,
}

/// What a counter counts the failures of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scope {
    /// An account, known or not.
    Account,
    /// All spellings of one name, which may be one account.
    Alike,
    /// A device that has signed in to an account before.
    Device,
    /// A source on one account.
    Pair,
    /// A source, over all accounts.
    Source,
    /// The whole site.
    Site,
    /// Something else than sign-ins, such as the links sent to one address.
    Other,
}

/// When a counter refuses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// As `[access]` restricts an account.
    Restriction(Restriction),
    /// When it is full.
    Bucket(Bucket),
}

/// The name of a counter: 128 bits of a keyed hash, different for each [`Scope`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CounterKey([u8; 16]);

/// What the counters of an attempt say together.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// All admit it; its failure is counted.
    Admit,
    /// Not before this much time, says the slowest of them: see [`Verdict::stricter`].
    Wait(Scope, Duration),
    /// Only with a proof of presence; how the failures of that counter stand.
    ProvePresence(Scope, Tally),
    /// Not until the counter is unlocked.
    Blocked(Scope),
}

/// Why a store gave no answer. Whether the attempt was counted is not known.
///
/// A damaged record is told as [`StoreError::Corrupt`] each time that it is asked, until its
/// counter is unlocked; the other counters of the store go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store could not be reached, or the connection broke.
    #[error("the store of counters cannot be reached: {0}")]
    Unreachable(Why),
    /// The store answered what no store of ours answers.
    #[error("the store of counters is not as rempart left it: {0}")]
    Corrupt(Why),
    /// Another process uses the store, which is not shared.
    #[error("the store of counters is in use: {0}")]
    InUse(Why),
    /// The disk of the store is full or faulty.
    #[error("the store of counters cannot be written: {0}")]
    Storage(Why),
}

/// A cause, told without addresses of people, keys or passwords.
pub type Why = Box<dyn std::error::Error + Send + Sync>;

impl Ask {
    /// The most counters of one attempt.
    pub const MOST: usize = 8;

    /// An attempt on some counters, of whose presence nothing is known; `None` if they are too
    /// many or one is named twice.
    pub fn new(counters: Vec<Counter>, now: Timestamp) -> Option<Self> {
        let twice = |(index, counter): (usize, &Counter)| {
            counters[..index]
                .iter()
                .any(|before| before.key == counter.key)
        };
        if counters.len() > Self::MOST || counters.iter().enumerate().any(twice) {
            return None;
        }
        Some(Self {
            counters,
            now,
            presence: Presence::default(),
            taken_back: TakenBack::default(),
        })
    }
}

impl Verdict {
    /// The stricter of two answers: a block over a wait over a proof of presence, and the
    /// longer of two waits. One of [`Scope::Other`] comes after any other: how full the mailbox of
    /// a name is must not show where the source or the site waits anyway.
    pub fn stricter(self, other: Self) -> Self {
        let rank = |verdict: Self| match verdict {
            Self::Admit => (0, Duration::ZERO),
            Self::ProvePresence(..) => (1, Duration::ZERO),
            Self::Wait(Scope::Other, time) => (2, time),
            Self::Wait(_, time) => (3, time),
            Self::Blocked(_) => (4, Duration::ZERO),
        };
        if rank(other) > rank(self) {
            other
        } else {
            self
        }
    }
}

impl StoreError {
    /// What happened and what to do, in both languages. A cause that is no
    /// [`Cause`](crate::Cause) is told as it is.
    pub fn text(&self) -> Text {
        let (Self::Unreachable(why) | Self::Corrupt(why) | Self::InUse(why) | Self::Storage(why)) =
            self;
        let fr = in_french(why);
        match self {
            Self::Unreachable(_) => Text::new(
                format!("le dépôt des compteurs ne répond pas ({fr}) ; vérifier qu’il tourne"),
                format!("the store of counters does not answer ({why}); check that it runs"),
            ),
            Self::Corrupt(_) => Text::new(
                format!(
                    "le dépôt des compteurs est abîmé ({fr}) ; déverrouiller le compte, ou \
                     effacer le dépôt"
                ),
                format!(
                    "the store of counters is damaged ({why}); unlock the account, or remove \
                     the store"
                ),
            ),
            Self::InUse(_) => Text::new(
                format!(
                    "le dépôt des compteurs sert déjà à un autre processus ({fr}) ; l’arrêter, \
                     ou choisir un dépôt partagé"
                ),
                format!(
                    "the store of counters is in use by another process ({why}); stop it, or \
                     choose a shared store"
                ),
            ),
            Self::Storage(_) => Text::new(
                format!(
                    "le dépôt des compteurs ne peut pas être écrit ({fr}) ; vérifier la place \
                     et les droits"
                ),
                format!(
                    "the store of counters cannot be written ({why}); check the space and the \
                     permissions"
                ),
            ),
        }
    }
}

/// A store that is shared is a store.
impl<S: Store + ?Sized> Store for Arc<S> {
    fn admit<'a>(&'a self, ask: &'a Ask) -> Answer<'a, Verdict> {
        (**self).admit(ask)
    }

    fn succeed<'a>(&'a self, ask: &'a Ask) -> Answer<'a, ()> {
        (**self).succeed(ask)
    }

    fn unlock(&self, key: CounterKey, now: Timestamp) -> Answer<'_, ()> {
        (**self).unlock(key, now)
    }

    fn may_forget(&self) -> bool {
        (**self).may_forget()
    }
}

impl CounterKey {
    /// A key of uniformly distributed bytes.
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The key's bytes, uniformly distributed.
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// Enough of the key to follow one counter through a log.
impl fmt::Debug for CounterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CounterKey(")?;
        for byte in &self.0[..4] {
            write!(f, "{byte:02x}")?;
        }
        f.write_str("…)")
    }
}
