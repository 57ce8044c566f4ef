//! What every [`Store`] must do, as a suite that an adapter runs against itself.
//!
//! Clauses: CNIL 2022-100, case 2 and case 3, for counters that survive concurrency, a restart
//! and a clock that goes back.
//!
//! The suite needs no runtime of its own: [`check`] is a future to be awaited where the store
//! works, and makes its concurrency by keeping many calls under way at once. Its moments are
//! told to the store, none is waited for. Its keys are drawn, so that what an earlier run left
//! in a database does not matter; it leaves some counters behind.
//!
//! Absent on purpose: deadlines, cut networks, full disks. A store answers them with an error,
//! and how they are brought about is the adapter's to know.
//!
//! ```
//! # async fn doc() {
//! use access::Memory;
//! use access::contract::{Lasting, check};
//!
//! check(Lasting::Process, async || Memory::new(100_000)).await;
//! # }
//! # let mut future = std::pin::pin!(doc());
//! # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
//! # assert!(future.as_mut().poll(&mut context).is_ready());
//! ```

use std::time::Duration;

use crate::{Ask, CounterKey, Store, StoreError, Timestamp, Verdict};

pub mod asks;
mod at_once;
mod in_order;
mod model;
mod together;

use asks::{ask, bucket};

/// How long the counters of a store last, which decides what the suite may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    /// As long as the store's value. Opening it again begins anew.
    Process,
    /// They are there when the store is opened again, once the first value is dropped.
    Restart,
    /// They are there, also while another value is open: several processes share them.
    Shared,
}

/// Checks everything. `open` opens the store, each time the same one.
///
/// # Panics
/// When the store does not do what it must; the message says what.
pub async fn check<S: Store>(lasting: Lasting, open: impl AsyncFn() -> S) {
    let store = open().await;
    in_order::check(&store).await;
    if lasting == Lasting::Shared {
        let other = open().await;
        at_once::check(&[&store, &other]).await;
    } else {
        at_once::check(&[&store]).await;
    }
    if lasting != Lasting::Process {
        restart(store, open).await;
    }
}

/// What was counted, given back and unlocked before a restart is so after it.
async fn restart<S: Store>(store: S, open: impl AsyncFn() -> S) {
    let keys = Keys::drawn();
    let now = at(1_000);
    let asks: Vec<Ask> = (0..3)
        .map(|key| ask(&[(keys.key(key), bucket(2))], now))
        .collect();
    for ask in &asks {
        for _ in 0..2 {
            expect(&store, ask, Verdict::Admit, "before the restart").await;
        }
    }
    succeed(&store, &asks[1]).await;
    unlock(&store, keys.key(2), now).await;
    drop(store);
    let store = open().await;
    for (ask, left) in asks.iter().zip([0, 1, 2]) {
        for _ in 0..left {
            expect(&store, ask, Verdict::Admit, "given back before the restart").await;
        }
        let verdict = admit(&store, ask).await;
        assert!(
            matches!(verdict, Verdict::Wait(..)),
            "counted before the restart, {verdict:?} after it"
        );
    }
}

/// Keys that no other run has.
struct Keys([u8; 14]);

impl Keys {
    fn drawn() -> Self {
        let mut bytes = [0; 14];
        getrandom::fill(&mut bytes).expect("randomness from the system");
        Self(bytes)
    }

    /// Keys of one run differ in their last two bytes only.
    fn key(&self, number: u16) -> CounterKey {
        let mut bytes = [0; 16];
        bytes[..14].copy_from_slice(&self.0);
        bytes[14..].copy_from_slice(&number.to_be_bytes());
        CounterKey::new(bytes)
    }
}

/// A moment in this century, some seconds into the suite's own day.
fn at(seconds: u64) -> Timestamp {
    Timestamp::new(Duration::from_secs(1_800_000_000 + seconds))
}

async fn expect(store: &impl Store, ask: &Ask, verdict: Verdict, when: &str) {
    assert_eq!(admit(store, ask).await, verdict, "{when}");
}

async fn admit(store: &impl Store, ask: &Ask) -> Verdict {
    answer(store.admit(ask).await, "an attempt")
}

async fn succeed(store: &impl Store, ask: &Ask) {
    answer(store.succeed(ask).await, "a success");
}

async fn unlock(store: &impl Store, key: CounterKey, now: Timestamp) {
    answer(store.unlock(key, now).await, "an unlock");
}

fn answer<T>(answer: Result<T, StoreError>, to: &str) -> T {
    match answer {
        Ok(answer) => answer,
        Err(error) => panic!("no answer to {to}: {error}"),
    }
}
