//! Shared stores on real servers: the contract, and everything that can go wrong between a
//! sign-in and its counter.
//!
//! Clauses: CNIL 2022-100, cases 2 and 3. Whatever happens to the server or to the cable, an
//! attempt that was answered "go on" stays counted, and a success is given back once at most.

mod faults;
mod gates;
mod history;
mod postgres;
mod redis;

use std::time::{Duration, SystemTime};

use access::{
    Ask, Bucket, Counter, CounterKey, Restriction, Rule, Scope, Store, StoreError, Timestamp,
    Verdict,
};
use policy::access::{Block, Delay, Limit};

/// A key that no other number has.
fn key(number: u64) -> CounterKey {
    let mut bytes = [0xa5; 16];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    CounterKey::new(bytes)
}

fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}

fn delay() -> Rule {
    Rule::Restriction(Restriction::Delay(Delay::default()))
}

fn block(after: u32) -> Rule {
    let mut block = Block::default();
    block.after = after;
    Rule::Restriction(Restriction::Block(block))
}

fn bucket(failures: u32) -> Rule {
    Rule::Bucket(Bucket::from(Limit {
        failures,
        window: Duration::from_secs(3_600),
    }))
}

fn ask(counters: &[(CounterKey, Rule)], now: Timestamp) -> Ask {
    let counters = counters
        .iter()
        .map(|&(key, rule)| Counter {
            key,
            scope: match rule {
                Rule::Restriction(_) => Scope::Account,
                Rule::Bucket(_) => Scope::Source,
            },
            rule,
        })
        .collect();
    Ask::new(counters, now, false).expect("a few different counters")
}

/// An attempt, waited for as a sign-in waits.
async fn admit(store: &impl Store, ask: &Ask) -> Result<Verdict, StoreError> {
    let deadline = Duration::from_millis(500);
    match tokio::time::timeout(deadline, store.admit(ask)).await {
        Ok(answer) => answer,
        Err(_) => Err(StoreError::Unreachable("the deadline".into())),
    }
}

/// Attempts until the store answers again, each on a counter of its own.
async fn answers_again(store: &impl Store) {
    for number in 0..200 {
        let ask = ask(&[(key(u64::MAX - number), bucket(1))], now());
        if admit(store, &ask).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the store never answered again");
}
