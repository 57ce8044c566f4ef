//! A bucket that leaks: how many failures a source, a source on one account, or a whole site
//! may make at once, and how fast room comes back.
//!
//! Clauses: CNIL 2022-100, case 2 (an unlock weighed against the lock-out of a victim) and
//! ANSSI R. on limiting attempts. The CNIL gives no figure for sources; the policy's defaults
//! are ours.
//!
//! One number is kept: the moment at which the bucket will be empty. In any window at most
//! twice the limit passes (a full bucket, and what leaked meanwhile).

use std::time::Duration;

use policy::access::Limit;

use crate::Timestamp;

/// When a bucket refuses: `limit.failures` at once, freed evenly over `limit.window`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    most: u32,
    window: Duration,
}

/// What one bucket holds: the moment at which it will be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Level(Timestamp);

impl From<Limit> for Bucket {
    fn from(limit: Limit) -> Self {
        Self {
            most: limit.failures.max(1),
            window: limit.window,
        }
    }
}
