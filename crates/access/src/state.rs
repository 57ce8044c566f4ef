//! The restriction of one account, as a pure function of its history.
//!
//! Clauses: CNIL 2022-100, case 2: the delay grows, passes one minute after five failures,
//! and at most 25 attempts are allowed in 24 hours; or the account blocks after at most ten
//! failures in a row. Case 3: it blocks after three.
//!
//! A failure is counted when the attempt is admitted, and forgotten for one of three reasons:
//! a success, an unlock, or time (see [`State::idle_at`]). The law sets no time; ours is long
//! enough to be no way round the figures above, and finite, because a store cannot keep the
//! names that a guesser invents for ever.
//!
//! A clock that goes back shortens no wait. One that was set back by more than
//! [`Timestamp::SLACK`] makes the wait begin again, rather than last until it catches up.

use std::time::Duration;

use policy::access::{AccessPolicy, Block, Delay, Mechanism, Unlock};

use crate::Timestamp;

/// The window of `attempts-per-day`, and how long failures in a row are remembered where a
/// delay or a captcha answers them.
pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long failures in a row are remembered where a block answers them and has not begun.
pub const MONTH: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How attempts are restricted: the part of `[access]` that decides by counting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Restriction {
    /// Wait longer after each failure.
    Delay(Delay),
    /// Refuse after a number of consecutive failures.
    Block(Block),
    /// Ask for a proof of presence after a number of failures.
    Captcha {
        /// Failures before the proof is asked.
        after: u32,
    },
    /// No restriction.
    None,
}

/// What one account's counter holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    pub(crate) failures: u32,
    pub(crate) last_failure: Timestamp,
    /// Admitted attempts of the last 24 hours that did not succeed, oldest first; never
    /// longer than the limit.
    pub(crate) attempts: Vec<Timestamp>,
}

/// Whether an attempt may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Yes; its failure is counted already.
    Admit,
    /// Not before this much time has passed.
    Wait(Duration),
    /// Only with a proof of presence. The failures stand so, for [`Presence::ProvedAt`].
    ProvePresence(Tally),
    /// Not until the account is unlocked, by [`State::unlock`].
    Blocked,
}

/// What is known of whoever tries, under [`Restriction::Captcha`]; elsewhere it says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Presence {
    /// Nothing.
    #[default]
    Unproved,
    /// The application has checked a captcha or another factor for this very attempt.
    Proved,
    /// It was proved when the failures stood so. That is good for one attempt, since its failure
    /// moves them: of many at once with one proof, one is admitted. Only where no failure stands
    /// is it good again, once an attempt of its time has been taken back.
    ProvedAt(Tally),
}

/// How the failures in a row of one counter stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// How many.
    pub failures: u32,
    /// When the last one was: a row of as many that comes later is another.
    pub last_failure: Timestamp,
}

impl Restriction {
    /// The restriction that a policy asks for.
    pub fn of(access: &AccessPolicy) -> Self {
        match &access.mechanism {
            Mechanism::Delay(delay) => Self::Delay(*delay),
            Mechanism::Block(block) => Self::Block(*block),
            Mechanism::Captcha(captcha) => Self::Captcha {
                after: captcha.after,
            },
            Mechanism::None => Self::None,
        }
    }
}

impl State {
    /// The most attempts in a day that are told apart, which is also the most that the policy
    /// allows. A greater limit is taken as this one.
    pub const MOST_ATTEMPTS: usize = 1_000;

    /// Asks for an attempt. If it is admitted, its failure is counted here and now.
    ///
    /// `presence` counts for nothing under other mechanisms than a captcha.
    pub fn admit(&mut self, now: Timestamp, rule: &Restriction, presence: Presence) -> Decision {
        self.settle(now, rule);
        let decision = self.check(now, rule, presence);
        if decision == Decision::Admit {
            self.count(now, rule);
        }
        decision
    }

    /// Takes back the failures in a row after a success, and the day's count of the attempt
    /// admitted at `admitted`. Failed attempts of the day stay counted: signing in must not
    /// give a guesser his attempts back.
    pub fn succeed(&mut self, admitted: Timestamp) {
        self.failures = 0;
        if let Ok(index) = self.attempts.binary_search(&admitted) {
            self.attempts.remove(index);
        }
    }

    /// Opens a blocked account, after the application has checked who asks.
    pub fn unlock(&mut self) {
        *self = Self::default();
    }

    /// Whether nothing here could restrict an attempt at `now`: the counter may be dropped,
    /// and no decision changes.
    pub fn is_idle(&self, now: Timestamp, rule: &Restriction) -> bool {
        self.idle_at(rule).is_some_and(|moment| moment <= now)
    }

    /// When the counter may be dropped, if nothing more happens. `None`: not before an unlock.
    ///
    /// Under a delay or a captcha that is a [`DAY`] after the last failure, or when the wait is
    /// over if that is later; under a block, a [`MONTH`] after a failure that did not begin
    /// one, the end of a block by time, and never for a block that somebody must end. Always
    /// [`Timestamp::SLACK`] later than that, for the sake of a clock that goes back.
    pub fn idle_at(&self, rule: &Restriction) -> Option<Timestamp> {
        let day = match (rule, self.attempts.last()) {
            (Restriction::Delay(_), Some(last)) => last.after(DAY),
            _ => Timestamp::default(),
        };
        Some(match self.forgotten_at(rule)?.max(day) {
            nothing if nothing == Timestamp::default() => nothing,
            moment => moment.after(Timestamp::SLACK),
        })
    }

    /// When the failures in a row are forgotten.
    fn forgotten_at(&self, rule: &Restriction) -> Option<Timestamp> {
        if self.failures == 0 {
            return Some(Timestamp::default());
        }
        let memory = match rule {
            Restriction::None => return Some(Timestamp::default()),
            Restriction::Delay(delay) => delay.after(self.failures).max(DAY),
            Restriction::Captcha { .. } => DAY,
            Restriction::Block(block) if self.failures < block.after => MONTH,
            Restriction::Block(block) => match block.unlock {
                Unlock::After(time) => time,
                Unlock::Link | Unlock::Operator => return None,
            },
        };
        Some(self.last_failure.after(memory))
    }

    /// Forgets what time has made void. Says whether the clock had been set back, so that the
    /// state must be kept even if the attempt is refused.
    pub(crate) fn settle(&mut self, now: Timestamp, rule: &Restriction) -> bool {
        if self.failures == 0 {
            self.last_failure = Timestamp::default();
        }
        let latest = self.attempts.last().copied().unwrap_or_default();
        let moved = latest.max(self.last_failure).is_from_another_clock(now);
        if moved {
            for moment in self.attempts.iter_mut().chain([&mut self.last_failure]) {
                *moment = now.min(*moment);
            }
        }
        if self.forgotten_at(rule).is_some_and(|moment| moment <= now) {
            self.failures = 0;
        }
        if let Restriction::Delay(_) = rule {
            let old = self
                .attempts
                .partition_point(|attempt| attempt.after(DAY) <= now);
            self.attempts.drain(..old);
        } else {
            self.attempts.clear();
        }
        moved
    }

    /// What a settled state says.
    pub(crate) fn check(&self, now: Timestamp, rule: &Restriction, presence: Presence) -> Decision {
        match rule {
            Restriction::Delay(delay) => match self.due(delay).since(now) {
                Duration::ZERO => Decision::Admit,
                wait => Decision::Wait(wait),
            },
            // A block that ended by time was forgotten when the state was settled.
            Restriction::Block(block) if self.failures >= block.after => Decision::Blocked,
            Restriction::Captcha { after } if self.failures >= *after => match presence {
                Presence::Proved => Decision::Admit,
                Presence::ProvedAt(tally) if tally == self.tally() => Decision::Admit,
                Presence::ProvedAt(_) | Presence::Unproved => Decision::ProvePresence(self.tally()),
            },
            Restriction::Block(_) | Restriction::Captcha { .. } | Restriction::None => {
                Decision::Admit
            }
        }
    }

    /// The same whether a counter without failures is kept or was dropped.
    fn tally(&self) -> Tally {
        match self.failures {
            0 => Tally::default(),
            failures => Tally {
                failures,
                last_failure: self.last_failure,
            },
        }
    }

    pub(crate) fn count(&mut self, now: Timestamp, rule: &Restriction) {
        if let Restriction::None = rule {
            return;
        }
        // Clocks that share a store may differ a little: the last failure of a row is the latest.
        self.last_failure = match (self.failures, rule) {
            (0, _) => now,
            // Each moves it, so that what was proved before a try is not proved after it.
            (_, Restriction::Captcha { .. }) => {
                now.max(self.last_failure.after(Duration::from_micros(1)))
            }
            _ => now.max(self.last_failure),
        };
        self.failures = self.failures.saturating_add(1);
        if let Restriction::Delay(_) = rule {
            let place = self.attempts.partition_point(|attempt| *attempt <= now);
            self.attempts.insert(place, now);
        }
    }

    /// When the next attempt is due: after the wait, and with room in the day.
    fn due(&self, delay: &Delay) -> Timestamp {
        let wait = match self.failures {
            0 => Timestamp::default(),
            failures => self.last_failure.after(delay.after(failures)),
        };
        // All but one less than the limit must have left the window; the policy's limit may
        // have become smaller than what is kept.
        let limit = (delay.attempts_per_day as usize).clamp(1, Self::MOST_ATTEMPTS);
        let room = match self.attempts.len().checked_sub(limit) {
            Some(index) => self.attempts[index].after(DAY),
            None => Timestamp::default(),
        };
        wait.max(room)
    }
}

#[cfg(test)]
mod tests;
