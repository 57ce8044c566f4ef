//! A bucket that leaks: how many failures a source, a source on one account, or a whole site
//! may make at once, and how fast room comes back.
//!
//! Clauses: CNIL 2022-100, case 2 (an unlock weighed against the lock-out of a victim) and
//! ANSSI PG-078 v2, R10 (attempts limited in time). The CNIL gives no figure for sources; the
//! policy's defaults are ours.
//!
//! One number is kept: the moment at which the bucket will be empty. Never more than the limit
//! passes at once, and never more than twice the limit in any window (a full bucket, and what
//! leaked meanwhile). A success gives its own place back, also when the attempt was already
//! under way as the window began.

use std::time::Duration;

use policy::access::Limit;

use crate::Timestamp;
use crate::state::Decision;
use crate::time::micros;

/// When a bucket refuses: `limit.failures` at once, freed evenly over `limit.window`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    most: u32,
    window: Duration,
}

/// What one bucket holds: the moment at which it will be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Level(Timestamp);

impl Bucket {
    /// The time in which one failure leaks out: the window over the limit, rounded up to the
    /// microsecond.
    pub fn cost(&self) -> Duration {
        Duration::from_micros(micros(self.window).div_ceil(u64::from(self.most)).max(1))
    }

    /// The time in which a full bucket empties: as many times [`cost`](Self::cost) as the limit
    /// allows failures.
    pub fn capacity(&self) -> Duration {
        self.cost().saturating_mul(self.most)
    }
}

impl Level {
    /// A bucket that will be empty at a moment.
    pub const fn empty_at(moment: Timestamp) -> Self {
        Self(moment)
    }

    /// The moment at which it will be empty.
    pub const fn moment(self) -> Timestamp {
        self.0
    }

    /// Asks for an attempt. If it is admitted, its failure is counted here and now.
    pub fn admit(&mut self, now: Timestamp, bucket: &Bucket) -> Decision {
        self.settle(now, bucket);
        let decision = self.check(now, bucket);
        if decision == Decision::Admit {
            self.count(now, bucket);
        }
        decision
    }

    /// Takes back the failure of one attempt that was admitted at `admitted` and succeeded. A
    /// bucket that was empty but for it becomes as if nothing had ever been counted.
    pub fn refund(&mut self, admitted: Timestamp, bucket: &Bucket) {
        let rest = self.0.micros().saturating_sub(micros(bucket.cost()));
        self.0 = if rest > admitted.micros() {
            Timestamp::from_micros(rest)
        } else {
            Timestamp::default()
        };
    }

    /// When the counter may be dropped, if nothing more happens, and no decision changes:
    /// [`Timestamp::SLACK`] after it is empty, for the sake of a clock that goes back.
    pub fn idle_at(&self) -> Timestamp {
        match self.0.micros() {
            0 => self.0,
            _ => self.0.after(Timestamp::SLACK),
        }
    }

    /// Brings a level from before the clock was set back to a full bucket, which it cannot
    /// pass. Says whether anything changed.
    pub(crate) fn settle(&mut self, now: Timestamp, bucket: &Bucket) -> bool {
        let full = now.after(bucket.capacity());
        let moved = self.0.is_from_another_clock(full);
        if moved {
            self.0 = full;
        }
        moved
    }

    pub(crate) fn check(&self, now: Timestamp, bucket: &Bucket) -> Decision {
        let filled = self.0.max(now).after(bucket.cost());
        match filled.since(now.after(bucket.capacity())) {
            Duration::ZERO => Decision::Admit,
            wait => Decision::Wait(wait),
        }
    }

    pub(crate) fn count(&mut self, now: Timestamp, bucket: &Bucket) {
        self.0 = self.0.max(now).after(bucket.cost());
    }
}

impl From<Limit> for Bucket {
    fn from(limit: Limit) -> Self {
        Self {
            most: limit.failures.max(1),
            window: limit.window,
        }
    }
}
