//! Counters in this process, lost at restart.
//!
//! Bounded: a flood of invented identifiers can neither grow the table past its size nor
//! push a real account's counter out of it. Once full, unknown accounts share a fixed set
//! of overflow counters, so they are restricted too early rather than too late.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use crate::state::{Decision, Restriction, State};
use crate::{AccountKey, Timestamp};

const SHARDS: usize = 64;
const OVERFLOW_PER_SHARD: usize = 64;

/// The counters of every account, shared by cloning.
#[derive(Clone)]
pub struct Memory {
    inner: Arc<Inner>,
}

struct Inner {
    rule: Restriction,
    capacity_per_shard: usize,
    shards: Vec<Mutex<Shard>>,
}

struct Shard {
    accounts: HashMap<AccountKey, State>,
    overflow: Vec<State>,
    /// The shard is searched for idle counters at most once per minute when full.
    swept: Timestamp,
}

/// The answer to "may this account try now?".
#[must_use]
#[derive(Debug)]
pub enum Admission {
    /// Yes. Settle the attempt.
    Go(Attempt),
    /// Not before this much time.
    Wait(Duration),
    /// Only with a proof that a person is there.
    ProvePresence,
    /// Not until the account is unlocked.
    Blocked,
}

/// One permitted try. Its failure is already counted, so losing this value (panic, timeout,
/// closed connection) never helps an attacker.
///
/// ```compile_fail,E0451
/// // An attempt cannot be made by hand, only admitted.
/// fn forge(memory: access::Memory, key: access::AccountKey, admitted: access::Timestamp) -> access::Attempt {
/// access::Attempt { memory, key, admitted }
/// }
/// ```
#[must_use = "an attempt not settled stays a failure"]
pub struct Attempt {
    memory: Memory,
    key: AccountKey,
    admitted: Timestamp,
}

impl Memory {
    /// Empty counters for at most `capacity` accounts that failed in the last day (about
    /// 300 bytes each, a hundred thousand is a fair size for one site).
    pub fn new(rule: Restriction, capacity: usize) -> Self {
        let shard = || {
            Mutex::new(Shard {
                accounts: HashMap::new(),
                overflow: vec![State::default(); OVERFLOW_PER_SHARD],
                swept: Timestamp::default(),
            })
        };
        Self {
            inner: Arc::new(Inner {
                rule,
                capacity_per_shard: capacity.div_ceil(SHARDS).max(1),
                shards: (0..SHARDS).map(|_| shard()).collect(),
            }),
        }
    }

    /// Asks for an attempt on an account. `presence` says that the application has checked a
    /// captcha or another factor for it.
    pub fn admit(&self, key: AccountKey, now: Timestamp, presence: bool) -> Admission {
        let decision = self.with(key, now, |state, rule| state.admit(now, rule, presence));
        match decision {
            Decision::Admit => Admission::Go(Attempt {
                memory: self.clone(),
                key,
                admitted: now,
            }),
            Decision::Wait(time) => Admission::Wait(time),
            Decision::ProvePresence => Admission::ProvePresence,
            Decision::Blocked => Admission::Blocked,
        }
    }

    /// Opens an account, after the application has checked who asks.
    pub fn unlock(&self, key: AccountKey, now: Timestamp) {
        self.with(key, now, |state, _| state.unlock());
    }

    /// How many accounts have a counter of their own.
    pub fn len(&self) -> usize {
        (0..SHARDS)
            .map(|index| self.lock(index).accounts.len())
            .sum()
    }

    /// Whether no account has a counter.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn with<T>(
        &self,
        key: AccountKey,
        now: Timestamp,
        act: impl FnOnce(&mut State, &Restriction) -> T,
    ) -> T {
        let [shard, slot, ..] = *key.bytes();
        let mut shard = self.lock(usize::from(shard) % SHARDS);
        let rule = &self.inner.rule;
        if !shard.accounts.contains_key(&key)
            && shard.accounts.len() >= self.inner.capacity_per_shard
        {
            if now.since(shard.swept) >= Duration::from_secs(60) {
                shard.swept = now;
                shard.accounts.retain(|_, state| !state.is_idle(now, rule));
            }
            if shard.accounts.len() >= self.inner.capacity_per_shard {
                return act(
                    &mut shard.overflow[usize::from(slot) % OVERFLOW_PER_SHARD],
                    rule,
                );
            }
        }
        act(shard.accounts.entry(key).or_default(), rule)
    }

    /// Takes back one attempt; a counter that holds nothing any more makes room.
    fn succeed(&self, key: AccountKey, admitted: Timestamp) {
        self.with(key, admitted, |state, _| state.succeed(admitted));
        let mut shard = self.lock(usize::from(key.bytes()[0]) % SHARDS);
        let rule = &self.inner.rule;
        if shard
            .accounts
            .get(&key)
            .is_some_and(|state| state.is_idle(admitted, rule))
        {
            shard.accounts.remove(&key);
        }
    }

    fn lock(&self, shard: usize) -> MutexGuard<'_, Shard> {
        // A panic while a counter is held leaves at worst a failure too many, which is safe.
        self.inner.shards[shard]
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Attempt {
    /// The password was right: the account's failures in a row are taken back.
    pub fn succeed(self) {
        self.memory.succeed(self.key, self.admitted);
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attempt({:?})", self.key)
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Memory({} accounts)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KeyMaker;
    use policy::access::Delay;

    fn memory(capacity: usize) -> (Memory, KeyMaker) {
        (
            Memory::new(Restriction::Delay(Delay::default()), capacity),
            KeyMaker::with_secret([3; 32]),
        )
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::new(Duration::from_secs(seconds))
    }

    #[test]
    fn a_lost_attempt_stays_a_failure() {
        let (memory, keys) = memory(100);
        let key = keys.account("ana");
        drop(memory.admit(key, at(0), false));
        assert!(matches!(
            memory.admit(key, at(0), false),
            Admission::Wait(_)
        ));
    }

    #[test]
    fn success_opens_the_account_again() {
        let (memory, keys) = memory(100);
        let key = keys.account("ana");
        let Admission::Go(attempt) = memory.admit(key, at(0), false) else {
            panic!("first attempt")
        };
        attempt.succeed();
        assert!(memory.is_empty(), "a success leaves no counter behind");
        assert!(matches!(memory.admit(key, at(0), false), Admission::Go(_)));
    }

    #[test]
    fn a_flood_of_names_neither_grows_the_table_nor_frees_the_victim() {
        let (memory, keys) = memory(640);
        let victim = keys.account("victim");
        drop(memory.admit(victim, at(0), false));
        for name in 0..20_000 {
            drop(memory.admit(keys.account(&format!("invented-{name}")), at(1), false));
        }
        assert!(memory.len() <= 640, "{} counters", memory.len());
        assert!(matches!(
            memory.admit(victim, at(1), false),
            Admission::Wait(_)
        ));
    }

    #[test]
    fn idle_counters_make_room() {
        let (memory, keys) = memory(64);
        for name in 0..5_000 {
            drop(memory.admit(keys.account(&format!("old-{name}")), at(0), false));
        }
        let late = at(3 * 24 * 60 * 60);
        for name in 0..64 {
            drop(memory.admit(keys.account(&format!("late-{name}")), late, false));
        }
        let key = keys.account("late-1");
        assert!(matches!(memory.admit(key, late, false), Admission::Wait(_)));
    }

    #[test]
    fn parallel_attempts_never_exceed_one() {
        let (memory, keys) = memory(100);
        let key = keys.account("ana");
        let admitted: usize = std::thread::scope(|scope| {
            let tries: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        (0..125)
                            .filter(|_| matches!(memory.admit(key, at(0), false), Admission::Go(_)))
                            .count()
                    })
                })
                .collect();
            tries
                .into_iter()
                .map(|each| each.join().expect("no panic"))
                .sum()
        });
        assert_eq!(admitted, 1);
    }
}
