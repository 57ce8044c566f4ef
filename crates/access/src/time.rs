//! Moments, in whole microseconds.
//!
//! Whole, so that every store keeps a moment as it was told, also those that count in floating
//! point. Absent on purpose: the clock. A moment is an argument everywhere in this crate.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Time since a fixed moment of the caller's choice. Counters that outlive the process or are
/// shared, and the tokens of trusted devices, need the Unix epoch: see the conversion from
/// [`SystemTime`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The latest moment, 2^53 - 1 microseconds: the year 2255 since the Unix epoch. Later ones
    /// are taken as this one.
    pub const MAX: Self = Self((1 << 53) - 1);

    /// How far a clock may be behind another, or behind itself, and be believed: 10 s. A clock
    /// that goes back further was set, and moments that it has not reached are taken as the
    /// present, so that nobody waits for it to catch up.
    pub const SLACK: Duration = Duration::from_secs(10);

    /// A moment, as the time since the caller's fixed moment, down to the microsecond.
    pub const fn new(since: Duration) -> Self {
        let micros = since.as_micros();
        if micros > Self::MAX.0 as u128 {
            Self::MAX
        } else {
            Self(micros as u64)
        }
    }

    /// A moment, as microseconds since the caller's fixed moment.
    pub const fn from_micros(micros: u64) -> Self {
        if micros > Self::MAX.0 {
            Self::MAX
        } else {
            Self(micros)
        }
    }

    /// Microseconds since the caller's fixed moment.
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// The time from `earlier` to this moment; zero if the clock went back.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// The moment after some time, rounded up to the microsecond.
    #[must_use]
    pub fn after(self, time: Duration) -> Self {
        Self::from_micros(self.0.saturating_add(micros(time)))
    }

    /// Whether this moment lies so far ahead of `now` that the clock must have been set back.
    pub(crate) fn is_from_another_clock(self, now: Self) -> bool {
        self.since(now) > Self::SLACK
    }
}

/// A moment since the Unix epoch; the epoch itself for a clock set before it.
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        Self::new(time.duration_since(UNIX_EPOCH).unwrap_or_default())
    }
}

/// A time in whole microseconds, rounded up, so that no wait ends early.
pub(crate) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_nanos().div_ceil(1000)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_whole_and_bounded() {
        let moment = Timestamp::new(Duration::from_nanos(1_999));
        assert_eq!(moment.micros(), 1);
        assert_eq!(moment.after(Duration::from_nanos(1)).micros(), 2);
        assert_eq!(Timestamp::new(Duration::MAX), Timestamp::MAX);
        assert_eq!(Timestamp::MAX.after(Duration::MAX), Timestamp::MAX);
        assert_eq!(
            Timestamp::from(UNIX_EPOCH - Duration::from_secs(1)),
            Timestamp::default()
        );
    }
}
