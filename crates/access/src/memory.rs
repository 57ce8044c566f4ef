//! Counters in this process, lost at restart.
//!
//! Clauses: as for [`Store`].
//!
//! Bounded: a flood of invented identifiers or sources can neither grow the tables past their
//! size nor push a counter out that still counts. Each scope has tables of its own, so that a
//! flood of one does not fill another. Once a table is full, counters that are not in it share
//! as many overflow counters: see [`overflow`]. They restrict too early rather than too late,
//! and `docs/STORES.md` says what it takes to fill them.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use smallvec::SmallVec;

use crate::state::{DAY, State};
use crate::store::Answer;
use crate::{
    Ask, Cell, Counter, CounterKey, Level, Record, RecordError, Scope, Store, StoreError,
    Timestamp, Verdict, decide,
};

mod overflow;

use overflow::Overflow;

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
    overflow: Overflow,
    /// A full shard is searched for idle counters at most once per [`SWEEP`].
    swept: Timestamp,
}

struct Kept {
    record: Record,
    idle_at: Option<Timestamp>,
    /// It keeps its place until then although it may hold nothing.
    held_until: Timestamp,
}

impl Memory {
    /// Empty counters: at most `capacity` for each scope, of accounts, sources and so on that
    /// failed lately, and as many that those beyond share. An account with a day of failures
    /// takes about 300 bytes, the others about 100; a hundred thousand is a fair size for one
    /// site.
    pub fn new(capacity: usize) -> Self {
        let shard = || {
            Mutex::new(Shard {
                counters: HashMap::default(),
                overflow: Overflow::default(),
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

    fn admit_now(&self, ask: &Ask) -> Result<Verdict, StoreError> {
        let mut locked = self.lock_all(ask);
        let cells: Result<Few<Cell>, _> = ask
            .counters
            .iter()
            .map(|counter| {
                let shard = locked.shard(counter);
                shard.make_room(counter.key, self.inner.most, ask.now);
                Cell::new(&counter.rule, shard.record(counter.key, ask.now))
            })
            .collect();
        let mut cells = cells.map_err(damaged)?;
        let verdict = decide(ask, &mut cells);
        for (counter, cell) in ask.counters.iter().zip(cells) {
            if cell.changed() {
                let counted = (verdict == Verdict::Admit).then_some(ask.now);
                locked
                    .shard(counter)
                    .keep(counter, cell, self.inner.most, ask.now, counted);
            }
        }
        Ok(verdict)
    }

    fn succeed_now(&self, ask: &Ask) -> Result<(), StoreError> {
        let mut locked = self.lock_all(ask);
        for counter in &ask.counters {
            let shard = locked.shard(counter);
            shard.take_back(counter, ask).map_err(damaged)?;
        }
        Ok(())
    }

    /// Locks the shards of an ask, each once and always in the same order, so that two asks
    /// never wait for each other.
    fn lock_all(&self, ask: &Ask) -> Locked<'_> {
        let mut indices: Few<usize> = ask.counters.iter().map(shard_of).collect();
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
        Box::pin(std::future::ready(self.admit_now(ask)))
    }

    fn succeed<'a>(&'a self, ask: &'a Ask) -> Answer<'a, ()> {
        Box::pin(std::future::ready(self.succeed_now(ask)))
    }

    fn unlock(&self, key: CounterKey, now: Timestamp) -> Answer<'_, ()> {
        let shard = usize::from(key.bytes()[0]) % SHARDS;
        for scope in 0..SCOPES {
            self.lock(scope * SHARDS + shard).unlock(key, scope, now);
        }
        Box::pin(std::future::ready(Ok(())))
    }
}

/// One thing for each counter of an ask, without an allocation for as many as a policy has.
type Few<T> = SmallVec<[T; SCOPES]>;

/// The shards of one ask, in the order in which they were locked.
struct Locked<'a>(Few<(usize, MutexGuard<'a, Shard>)>);

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
    fn record(&self, key: CounterKey, now: Timestamp) -> Option<Record> {
        match self.counters.get(&key) {
            Some(kept) => Some(kept.record.clone()),
            None => self.overflow.record(key, now),
        }
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

    fn keep(
        &mut self,
        counter: &Counter,
        cell: Cell,
        most: usize,
        now: Timestamp,
        counted: Option<Timestamp>,
    ) {
        let full = self.counters.len() >= most;
        if let Some(known) = self.counters.get_mut(&counter.key) {
            known.idle_at = cell.idle_at();
            known.record = cell.into_record();
            if known.is_idle(now) {
                self.counters.remove(&counter.key);
            }
        } else if full {
            self.overflow.keep(counter, cell, most, now, counted);
        } else {
            let kept = Kept {
                idle_at: cell.idle_at(),
                record: cell.into_record(),
                held_until: Timestamp::default(),
            };
            if !kept.is_idle(now) {
                self.counters.insert(counter.key, kept);
            }
        }
    }

    fn take_back(&mut self, counter: &Counter, ask: &Ask) -> Result<(), RecordError> {
        let Some(known) = self.counters.get_mut(&counter.key) else {
            return self.overflow.take_back(counter, ask);
        };
        let mut cell = Cell::new(&counter.rule, Some(known.record.clone()))?;
        cell.take_back(ask);
        known.idle_at = cell.idle_at();
        known.record = cell.into_record();
        if known.is_idle(ask.now) {
            self.counters.remove(&counter.key);
        }
        Ok(())
    }

    /// Forgets a counter. One that shares an overflow counter gets a place of its own for a day
    /// instead, also in a full table: the failures of the others stay, and there are no more
    /// such places than accounts that the application has checked.
    fn unlock(&mut self, key: CounterKey, scope: usize, now: Timestamp) {
        self.counters.remove(&key);
        if self.overflow.record(key, now).is_some() {
            let kept = Kept {
                record: match scope {
                    ACCOUNT | DEVICE | ALIKE => Record::State(State::default()),
                    _ => Record::Level(Level::default()),
                },
                idle_at: Some(Timestamp::default()),
                held_until: now.after(DAY).after(Timestamp::SLACK),
            };
            self.counters.insert(key, kept);
        }
    }
}

impl Kept {
    fn is_idle(&self, now: Timestamp) -> bool {
        self.idle_at
            .is_some_and(|moment| moment.max(self.held_until) <= now)
    }
}

fn shard_of(counter: &Counter) -> usize {
    let scope = match counter.scope {
        Scope::Account => ACCOUNT,
        Scope::Device => DEVICE,
        Scope::Pair => 2,
        Scope::Source => 3,
        Scope::Site => 4,
        Scope::Alike => ALIKE,
        Scope::Other => 6,
    };
    scope * SHARDS + usize::from(counter.key.bytes()[0]) % SHARDS
}

fn damaged(error: RecordError) -> StoreError {
    StoreError::Corrupt(error.into())
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

const SCOPES: usize = 7;
const ACCOUNT: usize = 0;
const DEVICE: usize = 1;
const ALIKE: usize = 5;
const SHARDS: usize = 64;
const SWEEP: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests;
