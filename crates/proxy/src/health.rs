//! Whether an origin is to be asked: what its connections and its checks have shown.
//!
//! An origin that cannot be connected to is passed over for a second, then twice as long each
//! time, up to half a minute; one request tries it when that time is over. An origin that
//! fails its checks serves nothing until it passes them. Time is an argument here, in
//! milliseconds from the start of the [`Condition`].
//!
//! Absent on purpose: what an origin answered. A slow page or a 500 may be the fault of the
//! request, and whoever can ask for one could have every origin passed over in turn. Checks
//! are for that.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// For how long an origin is passed over, the first time and at most, in milliseconds.
const FIRST: u64 = 1_000;
const LONGEST: u64 = 30_000;
/// For how long the one request that tries again keeps the others away; it is over when that
/// request has connected or not.
const TRIAL: u64 = 10_000;

/// What is known of one origin.
#[derive(Debug)]
pub(crate) struct Condition {
    /// Until when it is passed over; zero for an origin that is not.
    until: AtomicU64,
    /// Connections refused in a row.
    refused: AtomicU32,
    /// It has failed its checks.
    down: AtomicBool,
    /// When and why that last changed; touched by changes alone.
    note: Mutex<Note>,
}

#[derive(Debug, Clone)]
struct Note {
    since: SystemTime,
    reason: Option<String>,
}

/// Whether an origin may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It serves.
    Yes,
    /// By this request alone, to see whether it serves again.
    Trial,
    /// Not before this many milliseconds.
    In(u64),
    /// Not before its checks pass.
    Down,
}

/// What others see of an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OriginState {
    /// It is asked like any other.
    Up,
    /// It refused connections, and is passed over for a while.
    PassedOver,
    /// It failed its checks, and is asked nothing.
    Down,
}

/// What a change of state is told with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// It serves again.
    Returned,
    /// It refused a connection.
    PassedOver,
    /// It failed its checks.
    Down,
}

impl Condition {
    /// An origin that nothing is known of is taken to serve.
    pub(crate) fn new() -> Self {
        Self {
            until: AtomicU64::new(0),
            refused: AtomicU32::new(0),
            down: AtomicBool::new(false),
            note: Mutex::new(Note {
                since: SystemTime::now(),
                reason: None,
            }),
        }
    }

    /// Whether it may be asked. Takes the place of the one that tries again, if it is free.
    pub(crate) fn admit(&self, now: u64) -> Admission {
        if self.down.load(Ordering::Relaxed) {
            return Admission::Down;
        }
        let until = self.until.load(Ordering::Relaxed);
        match until.saturating_sub(now) {
            _ if until == 0 => Admission::Yes,
            0 => {
                let next = now + TRIAL;
                match self
                    .until
                    .compare_exchange(until, next, Ordering::Relaxed, Ordering::Relaxed)
                {
                    Ok(_) => Admission::Trial,
                    // Another request was faster.
                    Err(_) => Admission::In(TRIAL),
                }
            }
            left => Admission::In(left),
        }
    }

    /// A connection was made.
    pub(crate) fn connected(&self) -> Option<Change> {
        // The common case writes nothing.
        if self.until.load(Ordering::Relaxed) == 0 {
            return None;
        }
        self.refused.store(0, Ordering::Relaxed);
        let before = self.until.swap(0, Ordering::Relaxed);
        (before != 0 && !self.down.load(Ordering::Relaxed))
            .then(|| self.noted(Change::Returned, None))
    }

    /// A connection could not be made. Told once, however often it is tried again.
    pub(crate) fn refused(&self, now: u64, reason: &str) -> Option<Change> {
        let before = self.refused.fetch_add(1, Ordering::Relaxed);
        let pause = FIRST.saturating_mul(1 << before.min(16)).min(LONGEST);
        let until = (now + pause).max(1);
        if self.until.swap(until, Ordering::Relaxed) == 0 {
            return (!self.down.load(Ordering::Relaxed))
                .then(|| self.noted(Change::PassedOver, Some(reason)));
        }
        None
    }

    /// The checks have come to a conclusion.
    pub(crate) fn concluded(&self, serves: bool, reason: Option<&str>) -> Option<Change> {
        let was_down = self.down.swap(!serves, Ordering::Relaxed);
        if serves {
            // A check connects like any request.
            let connected = self.connected();
            return match was_down {
                true => Some(self.noted(Change::Returned, None)),
                false => connected,
            };
        }
        (!was_down).then(|| self.noted(Change::Down, reason))
    }

    /// What others see, since when, and why.
    pub(crate) fn seen(&self) -> (OriginState, SystemTime, Option<String>) {
        let state = if self.down.load(Ordering::Relaxed) {
            OriginState::Down
        } else if self.until.load(Ordering::Relaxed) != 0 {
            OriginState::PassedOver
        } else {
            OriginState::Up
        };
        let note = self.note.lock().unwrap_or_else(PoisonError::into_inner);
        (state, note.since, note.reason.clone())
    }

    fn noted(&self, change: Change, reason: Option<&str>) -> Change {
        let note = Note {
            since: SystemTime::now(),
            reason: reason.map(str::to_owned),
        };
        *self.note.lock().unwrap_or_else(PoisonError::into_inner) = note;
        change
    }
}

impl Admission {
    /// When asking again makes sense.
    pub(crate) const fn after(self, interval: Duration) -> Duration {
        match self {
            Self::Yes | Self::Trial => Duration::ZERO,
            Self::In(left) => Duration::from_millis(left),
            Self::Down => interval,
        }
    }
}

/// Checks in a row, and what they come to.
#[derive(Debug)]
pub(crate) struct Tally {
    serves: bool,
    /// Results in a row that say the opposite.
    against: u32,
}

impl Tally {
    /// An origin is taken to serve until its checks say otherwise.
    pub(crate) const fn new() -> Self {
        Self {
            serves: true,
            against: 0,
        }
    }

    /// One more result; what is concluded now.
    pub(crate) const fn add(&mut self, passed: bool, passes: u32, fails: u32) -> bool {
        if passed == self.serves {
            self.against = 0;
            return self.serves;
        }
        self.against += 1;
        let enough = if passed { passes } else { fails };
        if self.against >= enough {
            self.serves = passed;
            self.against = 0;
        }
        self.serves
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_that_refuses_is_passed_over_ever_longer_and_tried_by_one() {
        let condition = Condition::new();
        assert_eq!(condition.admit(0), Admission::Yes);
        let mut now = 0;
        for (attempt, pause) in [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]
            .into_iter()
            .enumerate()
        {
            let change = condition.refused(now, "refused");
            assert_eq!(change, (attempt == 0).then_some(Change::PassedOver));
            assert_eq!(condition.admit(now), Admission::In(pause), "{attempt}");
            assert_eq!(condition.admit(now + pause - 1), Admission::In(1));
            now += pause;
            assert_eq!(condition.admit(now), Admission::Trial);
            assert_eq!(condition.admit(now), Admission::In(TRIAL));
        }
        assert_eq!(condition.seen().0, OriginState::PassedOver);
        assert_eq!(condition.seen().2.as_deref(), Some("refused"));
        assert_eq!(condition.connected(), Some(Change::Returned));
        assert_eq!(condition.connected(), None);
        assert_eq!(condition.admit(now), Admission::Yes);
        // The next time begins small.
        assert_eq!(condition.refused(now, "again"), Some(Change::PassedOver));
        assert_eq!(condition.admit(now), Admission::In(FIRST));
    }

    #[test]
    fn a_trial_that_is_never_heard_of_is_followed_by_another() {
        let condition = Condition::new();
        condition.refused(0, "refused");
        assert_eq!(condition.admit(FIRST), Admission::Trial);
        assert_eq!(condition.admit(FIRST + TRIAL), Admission::Trial);
    }

    #[test]
    fn checks_take_an_origin_out_and_back_and_say_so_once() {
        let condition = Condition::new();
        assert_eq!(condition.concluded(true, None), None);
        let down = condition.concluded(false, Some("status 500"));
        assert_eq!(down, Some(Change::Down));
        assert_eq!(condition.concluded(false, Some("status 500")), None);
        assert_eq!(condition.admit(0), Admission::Down);
        assert_eq!(condition.seen().0, OriginState::Down);
        // Refusing connections on top of it is no news.
        assert_eq!(condition.refused(0, "refused"), None);
        assert_eq!(condition.connected(), None);
        assert_eq!(condition.admit(0), Admission::Down);
        assert_eq!(condition.concluded(true, None), Some(Change::Returned));
        assert_eq!(condition.admit(0), Admission::Yes);
    }

    #[test]
    fn a_check_that_passes_ends_the_passing_over() {
        let condition = Condition::new();
        condition.refused(0, "refused");
        assert_eq!(condition.concluded(true, None), Some(Change::Returned));
        assert_eq!(condition.admit(0), Admission::Yes);
    }

    #[test]
    fn a_conclusion_takes_as_many_results_in_a_row_as_the_policy_says() {
        let mut tally = Tally::new();
        for (passed, serves) in [
            (false, true),
            (false, true),
            (true, true),
            (false, true),
            (false, true),
            (false, false),
            (true, false),
            (false, false),
            (true, false),
            (true, true),
            (false, true),
        ] {
            assert_eq!(tally.add(passed, 2, 3), serves);
        }
    }
}
