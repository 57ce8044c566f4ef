//! Counters in a store of one's own: here a table that several programs reach over a network
//! and that can compare and set, as etcd, DynamoDB or FoundationDB can.
//!
//! `cargo run -p rempart-access --example own_store` runs the contract suite on it.
//!
//! The table stands for the service; the store above it is what an adapter is. It keeps no lock
//! while it waits: it reads, decides, and writes if nobody wrote meanwhile. A commit that was
//! refused has changed nothing, so it may be tried again; one that was lost may not.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use access::contract::{Lasting, check};
use access::store::Answer;
use access::{
    Ask, Cell, CounterKey, Record, Store, StoreError, Timestamp, Verdict, decide, take_back,
};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let table = Table::default();
    check(Lasting::Shared, async || OwnStore(table.clone())).await;
    println!("the store keeps the contract");
}

struct OwnStore(Table);

impl OwnStore {
    async fn transact<T>(
        &self,
        ask: &Ask,
        act: impl Fn(&Ask, &mut [Cell]) -> T,
    ) -> Result<T, StoreError> {
        let keys: Vec<_> = ask.counters.iter().map(|counter| counter.key).collect();
        loop {
            // 1. Read all records of the attempt, as they were at one moment.
            let (version, records) = self.0.read(&keys).await;
            // 2. One cell for each counter, in the order of the ask. A damaged record is an
            //    error, never an empty counter.
            let damaged = |error| StoreError::Corrupt(Box::new(error));
            let mut cells = Vec::with_capacity(keys.len());
            for (counter, bytes) in ask.counters.iter().zip(&records) {
                let record = bytes.as_deref().map(Record::decode).transpose();
                let cell = Cell::new(&counter.rule, record.map_err(damaged)?);
                cells.push(cell.map_err(damaged)?);
            }
            // 3. Decide, with the moment of the ask.
            let answer = act(ask, &mut cells);
            // 4. Keep what changed, all of it or nothing; drop what holds nothing any more. On
            //    disk before it is answered, if it is to survive.
            let changed = keys.iter().zip(cells).filter(|(_, cell)| cell.changed());
            let writes: Vec<Write> = changed
                .map(|(key, cell)| match cell.idle_at() {
                    Some(moment) if moment <= ask.now => (*key, None),
                    _ => (*key, Some(cell.into_record().encode())),
                })
                .collect();
            // A refused attempt changes nothing: what was read decides.
            if writes.is_empty() || self.0.commit(version, writes).await {
                return Ok(answer);
            }
        }
    }
}

impl Store for OwnStore {
    fn admit<'a>(&'a self, ask: &'a Ask) -> Answer<'a, Verdict> {
        Box::pin(self.transact(ask, decide))
    }

    fn succeed<'a>(&'a self, ask: &'a Ask) -> Answer<'a, ()> {
        Box::pin(self.transact(ask, take_back))
    }

    fn unlock(&self, key: CounterKey, _now: Timestamp) -> Answer<'_, ()> {
        Box::pin(async move {
            loop {
                let (version, _) = self.0.read(&[key]).await;
                if self.0.commit(version, vec![(key, None)]).await {
                    return Ok(());
                }
            }
        })
    }
}

/// The service, shared by cloning.
#[derive(Clone, Default)]
struct Table(Arc<Mutex<Rows>>);

/// Bytes under keys, and a version that each commit raises.
#[derive(Default)]
struct Rows {
    version: u64,
    records: HashMap<CounterKey, Vec<u8>>,
}

/// New bytes of a key, or none.
type Write = (CounterKey, Option<Vec<u8>>);

impl Table {
    async fn read(&self, keys: &[CounterKey]) -> (u64, Vec<Option<Vec<u8>>>) {
        tokio::task::yield_now().await;
        let rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let records = keys.iter().map(|key| rows.records.get(key).cloned());
        (rows.version, records.collect())
    }

    /// Writes everything if nobody has written since `version`; says whether it did.
    async fn commit(&self, version: u64, writes: Vec<Write>) -> bool {
        tokio::task::yield_now().await;
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if rows.version != version {
            return false;
        }
        rows.version += 1;
        for (key, bytes) in writes {
            match bytes {
                Some(bytes) => drop(rows.records.insert(key, bytes)),
                None => drop(rows.records.remove(&key)),
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_example_keeps_the_contract() {
        let table = Table::default();
        check(Lasting::Shared, async || OwnStore(table.clone())).await;
    }

    /// What `docs/STORES.md` shows is this file.
    #[test]
    fn the_documented_store_is_this_one() {
        let documented = include_str!("../../../docs/STORES.md");
        let (_, rest) = documented
            .split_once("<!-- own-store -->\n```rust,ignore\n")
            .expect("the example in docs/STORES.md");
        let (shown, _) = rest.split_once("```").expect("its end");
        let here = include_str!("own_store.rs");
        assert!(here.contains(shown), "docs/STORES.md shows another store");
    }
}
