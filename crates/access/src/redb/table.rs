//! The one table of the file: a counter's key, and when it may be dropped before its record.

use std::ops::Bound;

use redb::{ReadableTable, StorageError, Table, TableDefinition};

use crate::{Cell, Counter, CounterKey, Record, RecordError, StoreError, Timestamp};

/// Eight bytes, the lowest last, for the moment in microseconds (all ones for never), then the
/// record.
pub(super) const COUNTERS: TableDefinition<'_, &[u8; 16], &[u8]> =
    TableDefinition::new("counters-1");

/// The table within one transaction.
pub(super) struct Counters<'txn> {
    table: Table<'txn, &'static [u8; 16], &'static [u8]>,
    writes: usize,
}

/// Why a call fails: alone, or with its whole transaction.
pub(super) enum Trouble {
    /// The counter of the call is damaged.
    Damaged(RecordError),
    /// Nothing can be read or written.
    Storage(StorageError),
}

impl<'txn> Counters<'txn> {
    pub(super) const fn new(table: Table<'txn, &'static [u8; 16], &'static [u8]>) -> Self {
        Self { table, writes: 0 }
    }

    /// How many entries were written or removed.
    pub(super) const fn writes(&self) -> usize {
        self.writes
    }

    pub(super) fn cell(&self, counter: &Counter) -> Result<Cell, Trouble> {
        let record = match self.table.get(counter.key.bytes())? {
            None => None,
            Some(entry) => {
                let (_, record) = split(entry.value()).ok_or(RecordError::Damaged)?;
                Some(Record::decode(record)?)
            }
        };
        Ok(Cell::new(&counter.rule, record)?)
    }

    /// Keeps what changed; a counter that holds nothing any more is removed.
    pub(super) fn keep(
        &mut self,
        counter: &Counter,
        cell: Cell,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        if !cell.changed() {
            return Ok(());
        }
        let idle_at = cell.idle_at();
        if idle_at.is_some_and(|moment| moment <= now) {
            return self.remove(counter.key);
        }
        let micros = idle_at.map_or(NEVER, Timestamp::micros);
        let mut entry = micros.to_be_bytes().to_vec();
        entry.extend(cell.into_record().encode());
        self.table.insert(counter.key.bytes(), entry.as_slice())?;
        self.writes += 1;
        Ok(())
    }

    pub(super) fn remove(&mut self, key: CounterKey) -> Result<(), StorageError> {
        if self.table.remove(key.bytes())?.is_some() {
            self.writes += 1;
        }
        Ok(())
    }

    /// Looks at the next `count` entries after `from`, going on at the start after the end, and
    /// removes those that may be dropped at `now`. Gives where to go on. Damaged entries stay.
    pub(super) fn sweep(
        &mut self,
        from: Option<CounterKey>,
        count: usize,
        now: Timestamp,
    ) -> Result<Option<CounterKey>, StorageError> {
        let (last, seen) = self.sweep_after(from, count, now)?;
        match from {
            Some(_) if seen < count => Ok(self.sweep_after(None, count - seen, now)?.0),
            _ => Ok(last),
        }
    }

    /// Gives the last entry that was looked at, unless it was the last of all, and how many.
    fn sweep_after(
        &mut self,
        from: Option<CounterKey>,
        count: usize,
        now: Timestamp,
    ) -> Result<(Option<CounterKey>, usize), StorageError> {
        let start = match &from {
            Some(key) => Bound::Excluded(key.bytes()),
            None => Bound::Unbounded,
        };
        let mut idle = Vec::new();
        let mut last = None;
        let mut seen = 0;
        let entries = self.table.range::<&[u8; 16]>((start, Bound::Unbounded))?;
        for entry in entries.take(count) {
            let (key, value) = entry?;
            let key = CounterKey::new(*key.value());
            if split(value.value()).is_some_and(|(moment, _)| moment <= now.micros()) {
                idle.push(key);
            }
            last = Some(key);
            seen += 1;
        }
        for key in idle {
            self.remove(key)?;
        }
        Ok((last.filter(|_| seen == count), seen))
    }
}

fn split(entry: &[u8]) -> Option<(u64, &[u8])> {
    let (moment, record) = entry.split_first_chunk()?;
    Some((u64::from_be_bytes(*moment), record))
}

impl From<StorageError> for Trouble {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl From<RecordError> for Trouble {
    fn from(error: RecordError) -> Self {
        Self::Damaged(error)
    }
}

impl From<RecordError> for StoreError {
    fn from(error: RecordError) -> Self {
        Self::Corrupt(error.into())
    }
}

const NEVER: u64 = u64::MAX;
