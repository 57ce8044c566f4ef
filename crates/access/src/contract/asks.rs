//! Asks for an adapter's own tests: of a server that is killed, of a cable that is cut, of
//! speed. The suite is made of the same.

use std::time::Duration;

use policy::access::{Block, Delay, Limit};

use crate::state::Restriction;
use crate::{Ask, Bucket, Counter, CounterKey, Rule, Scope, Timestamp};

/// The default delay.
pub fn delay() -> Rule {
    Rule::Restriction(Restriction::Delay(Delay::default()))
}

/// A block after a number of failures that somebody must end.
pub fn block(after: u32) -> Rule {
    let mut block = Block::default();
    block.after = after;
    Rule::Restriction(Restriction::Block(block))
}

/// So many failures in an hour.
pub fn bucket(failures: u32) -> Rule {
    Rule::Bucket(Bucket::from(Limit {
        failures,
        window: Duration::from_secs(3_600),
    }))
}

/// A key that no other number has; the keys of greater numbers are greater.
pub fn key(number: u64) -> CounterKey {
    let mut bytes = [0xa5; 16];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    CounterKey::new(bytes)
}

/// An attempt on a few counters: accounts under a restriction, sources under a bucket.
///
/// # Panics
/// When there are more than [`Ask::MOST`], or one is named twice.
pub fn ask(counters: &[(CounterKey, Rule)], now: Timestamp) -> Ask {
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
    Ask::new(counters, now).expect("a few different counters")
}

/// An attempt on an account from a source as the default policy counts it: three counters, with
/// keys spread like those of a keyed hash.
pub fn sign_in(account: u64, source: u64, now: Timestamp) -> Ask {
    let counter = |scope, number, rule| Counter {
        key: spread(scope, number),
        scope,
        rule,
    };
    let counters = vec![
        counter(Scope::Account, account, delay()),
        counter(Scope::Pair, account, bucket(8)),
        counter(Scope::Source, source, bucket(100)),
    ];
    Ask::new(counters, now).expect("three counters")
}

/// The counter of a whole site that [`sign_in`] leaves out, with room for a million failures.
pub fn site() -> Counter {
    Counter {
        key: spread(Scope::Site, 0),
        scope: Scope::Site,
        rule: bucket(1_000_000),
    }
}

fn spread(scope: Scope, number: u64) -> CounterKey {
    let first = (number ^ ((scope as u64) << 40)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let last = first.rotate_left(29).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&first.to_be_bytes());
    bytes[8..].copy_from_slice(&last.to_be_bytes());
    CounterKey::new(bytes)
}
