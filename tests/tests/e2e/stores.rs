//! Shared stores on real servers: the contract, and everything that can go wrong between a
//! sign-in and its counter.
//!
//! Clauses: CNIL 2022-100, cases 2 and 3. Whatever happens to the server or to the cable, an
//! attempt that was answered "go on" stays counted, and a success is given back once at most.

mod faults;
mod gates;
mod history;
mod kill;
mod postgres;
mod redis;

use std::time::{Duration, SystemTime};

use access::contract::asks::{ask, block, bucket, delay, key};
use access::{Ask, Store, StoreError, Timestamp, Verdict};

fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
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
