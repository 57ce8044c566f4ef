//! Counters in this process, lost at restart.
//!
//! Clauses: as for [`Store`].
//!
//! Bounded: a flood of invented identifiers or sources can neither grow the tables past their
//! size nor push a counter out that still counts. Each scope has tables of its own, so that a
//! flood of one does not fill another. Once a table is full, counters that are not in it share
//! a fixed set of overflow counters: they are restricted too early rather than too late. An
//! overflow counter that blocks ends like any other, when one of its accounts is unlocked.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::store::Answer;
use crate::{
    Ask, Cell, Counter, CounterKey, Record, Scope, Store, StoreError, Timestamp, Verdict, decide,
    take_back,
};

/// The counters of every scope, shared by cloning.
#[derive(Clone)]
pub struct Memory {
    inner: Arc<Inner>,
}

struct Inner {
    most: usize,
    /// [`SHARDS`] for each scope, one scope after the other.
    shards: Vec<Mutex<Shard>>,
}

struct Shard {
    counters: HashMap<CounterKey, Kept, BuildHasherDefault<AsIs>>,
    /// Made when it is first needed.
    overflow: Vec<Option<Kept>>,
    /// A full shard is searched for idle counters at most once per [`SWEEP`].
    swept: Timestamp,
}

struct Kept {
    record: Record,
    idle_at: Option<Timestamp>,
}

impl Memory {
    /// Empty counters: at most `capacity` for each scope, of accounts, sources and so on that
    /// failed lately. An account with a day of failures takes about 300 bytes, the others
    /// about 100; a hundred thousand is a fair size for one site.
    pub fn new(capacity: usize) -> Self {
        let shard = || {
            Mutex::new(Shard {
                counters: HashMap::default(),
                overflow: Vec::new(),
                swept: Timestamp::default(),
            })
        };
        Self {
            inner: Arc::new(Inner {
                most: capacity.div_ceil(SHARDS).max(1),
                shards: (0..SCOPES * SHARDS).map(|_| shard()).collect(),
            }),
        }
    }

    /// How many counters there are, over all scopes.
    pub fn len(&self) -> usize {
        (0..SCOPES * SHARDS)
            .map(|index| self.lock(index).counters.len())
            .sum()
    }

    /// Whether nothing is counted.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Runs `act` on the cells of an ask, under the locks of all their shards, and keeps what
    /// it changed.
    fn with<T>(
        &self,
        ask: &Ask,
        act: impl FnOnce(&Ask, &mut [Cell]) -> T,
    ) -> Result<T, StoreError> {
        let mut locked = self.lock_all(ask);
        let cells: Result<Vec<Cell>, _> = ask
            .counters
            .iter()
            .map(|counter| {
                let shard = locked.shard(counter);
                shard.make_room(counter.key, self.inner.most, ask.now);
                let record = shard.slot(counter.key).map(|kept| kept.record.clone());
                Cell::new(&counter.rule, record)
            })
            .collect();
        let mut cells = cells.map_err(|error| StoreError::Corrupt(error.into()))?;
        let answer = act(ask, &mut cells);
        for (counter, cell) in ask.counters.iter().zip(cells) {
            if cell.changed() {
                locked
                    .shard(counter)
                    .keep(counter.key, cell, self.inner.most, ask.now);
            }
        }
        Ok(answer)
    }

    /// Locks the shards of an ask, each once and always in the same order, so that two asks
    /// never wait for each other.
    fn lock_all(&self, ask: &Ask) -> Locked<'_> {
        let mut indices: Vec<usize> = ask.counters.iter().map(shard_of).collect();
        indices.sort_unstable();
        indices.dedup();
        Locked(
            indices
                .into_iter()
                .map(|index| (index, self.lock(index)))
                .collect(),
        )
    }

    fn lock(&self, index: usize) -> MutexGuard<'_, Shard> {
        // Nothing in here panics between two writes; were it so, what was counted stays.
        self.inner.shards[index]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Memory {
    fn admit<'a>(&'a self, ask: &'a Ask) -> Answer<'a, Verdict> {
        Box::pin(std::future::ready(self.with(ask, decide)))
    }

    fn succeed<'a>(&'a self, ask: &'a Ask) -> Answer<'a, ()> {
        Box::pin(std::future::ready(self.with(ask, take_back)))
    }

    fn unlock(&self, key: CounterKey, _now: Timestamp) -> Answer<'_, ()> {
        let shard = usize::from(key.bytes()[0]) % SHARDS;
        for scope in 0..SCOPES {
            let mut shard = self.lock(scope * SHARDS + shard);
            if shard.counters.remove(&key).is_none()
                && let Some(overflow) = shard.overflow.get_mut(overflow_of(key))
            {
                *overflow = None;
            }
        }
        Box::pin(std::future::ready(Ok(())))
    }
}

/// The shards of one ask, in the order in which they were locked.
struct Locked<'a>(Vec<(usize, MutexGuard<'a, Shard>)>);

impl Locked<'_> {
    fn shard(&mut self, counter: &Counter) -> &mut Shard {
        let index = shard_of(counter);
        self.0
            .iter_mut()
            .find(|(locked, _)| *locked == index)
            .map(|(_, shard)| &mut **shard)
            .expect("the shards of all counters were locked")
    }
}

impl Shard {
    /// What counts for a key: its own counter, or its overflow counter. One that comes into the
    /// table out of the overflow brings along what was counted there.
    fn slot(&self, key: CounterKey) -> Option<&Kept> {
        self.counters
            .get(&key)
            .or_else(|| self.overflow.get(overflow_of(key))?.as_ref())
    }

    /// Drops idle counters if the table is full and a key is not in it.
    fn make_room(&mut self, key: CounterKey, most: usize, now: Timestamp) {
        let due = now.since(self.swept) >= SWEEP || self.swept.is_from_another_clock(now);
        if self.counters.len() < most || !due || self.counters.contains_key(&key) {
            return;
        }
        self.swept = now;
        self.counters.retain(|_, kept| !kept.is_idle(now));
    }

    fn keep(&mut self, key: CounterKey, cell: Cell, most: usize, now: Timestamp) {
        let kept = Kept {
            idle_at: cell.idle_at(),
            record: cell.into_record(),
        };
        let full = self.counters.len() >= most;
        if let Some(known) = self.counters.get_mut(&key) {
            if kept.is_idle(now) {
                self.counters.remove(&key);
            } else {
                *known = kept;
            }
        } else if full {
            self.overflow.resize_with(OVERFLOW_PER_SHARD, || None);
            self.overflow[overflow_of(key)] = (!kept.is_idle(now)).then_some(kept);
        } else if !kept.is_idle(now) {
            self.counters.insert(key, kept);
        }
    }
}

impl Kept {
    fn is_idle(&self, now: Timestamp) -> bool {
        self.idle_at.is_some_and(|moment| moment <= now)
    }
}

fn shard_of(counter: &Counter) -> usize {
    let scope = match counter.scope {
        Scope::Account => 0,
        Scope::Device => 1,
        Scope::Pair => 2,
        Scope::Source => 3,
        Scope::Site => 4,
    };
    scope * SHARDS + usize::from(counter.key.bytes()[0]) % SHARDS
}

fn overflow_of(key: CounterKey) -> usize {
    usize::from(key.bytes()[1]) % OVERFLOW_PER_SHARD
}

/// Takes the last bytes of a key as its hash: they come out of a keyed hash, so nobody who does
/// not know the key can choose them. The length that precedes the bytes is the same for all.
#[derive(Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(last) = bytes.last_chunk() {
            self.0 = u64::from_le_bytes(*last);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Memory({} counters)", self.len())
    }
}

const SCOPES: usize = 5;
const SHARDS: usize = 64;
const OVERFLOW_PER_SHARD: usize = 64;
const SWEEP: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests;
