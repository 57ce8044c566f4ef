//! When a certificate is ordered: a pure machine over what is known and the time.
//!
//! Clauses: RFC 9773, 4.2 (a random moment inside the window that the authority suggests) and
//! 4.3 (when to ask again); RFC 8555, 6.6 (`rateLimited`, `Retry-After`). Where nothing is
//! suggested, a certificate is renewed when a third of its life is left.
//!
//! The random moment is drawn from the certificate itself, so that a restart and every gate
//! that shares the folder draw the same one, and certificates made on one day are not all
//! renewed on one day.
//!
//! Clocks jump. An instant from the future was written by a clock that was wrong: it holds
//! nothing back. A certificate that is not valid yet is waited for, since the next one would
//! not be valid either.

use std::time::{Duration, SystemTime};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Longest time between two looks at anything, so that no wrong instant lasts.
const LONGEST_SLEEP: Duration = HOUR;
/// After a success, so that an authority whose windows lie in the past is not flooded.
const AFTER_SUCCESS: Duration = Duration::from_secs(5 * 60);
/// Longest `Retry-After` that is believed.
const LONGEST_WISH: Duration = DAY.saturating_mul(7);
/// When the authority has no suggestion, or gave none that makes sense (RFC 9773, 4.3.3).
pub(crate) const ASK_AGAIN: Duration = HOUR.saturating_mul(6);

/// What is known of the certificate of one site.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Standing {
    /// The certificate at hand, good or expired.
    pub(crate) held: Option<Held>,
    /// What the authority suggests for it; `None` until asked.
    pub(crate) advice: Option<Advice>,
    /// The last order and how it went; `None` before the first.
    pub(crate) last: Option<Attempt>,
}

/// A certificate, as far as its renewal goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Held {
    pub(crate) not_before: SystemTime,
    pub(crate) not_after: SystemTime,
    /// It comes from the authority in force and covers every host of the site.
    pub(crate) fits: bool,
    /// From 0 to 1, drawn from the certificate.
    pub(crate) lot: f64,
}

/// The authority's answer about when to renew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Advice {
    /// The suggested window; `None` when the authority suggests nothing.
    pub(crate) window: Option<(SystemTime, SystemTime)>,
    /// When the answer was given.
    pub(crate) given: SystemTime,
    /// After how long to ask again.
    pub(crate) good_for: Duration,
}

/// An order that ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attempt {
    pub(crate) at: SystemTime,
    /// Failures in a row, this one included; zero is a success.
    pub(crate) failures: u32,
    /// How long to leave the authority alone after it.
    pub(crate) wait: Duration,
}

/// Why an order failed, as far as the next one goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setback {
    /// The authority was not reached or did not answer sensibly: nothing was counted.
    Unreachable,
    /// Its end is not known: the gate was stopped or killed.
    Interrupted,
    /// It said no, or found no proof: it counts such failures.
    Refused,
    /// It said that we ask too often.
    Limited,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Order a certificate now.
    Order(Why),
    /// Ask the authority when to renew.
    Ask,
    /// Nothing, and look again at this time or before.
    Wait(SystemTime),
}

/// Why a certificate is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// There is none.
    Missing,
    /// It misses a host or comes from another authority.
    Unfit,
    /// Its time has come.
    Due,
}

/// How late a renewal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Alarm {
    /// It is not.
    None,
    /// Half of the time kept for it has passed.
    Late,
    /// A third of that time is left, or a week.
    Urgent,
    /// The certificate has ended.
    Over,
}

impl Standing {
    /// What to do at `now`. `renew_before` is the policy's.
    pub(crate) fn next(&self, renew_before: Option<Duration>, now: SystemTime) -> Step {
        let sleep = |until: SystemTime| Step::Wait(until.min(now + LONGEST_SLEEP));
        let order = |why| match self.held_back(now) {
            Some(until) => sleep(until),
            None => Step::Order(why),
        };
        let held = match &self.held {
            None => return order(Why::Missing),
            Some(held) if !held.fits => return order(Why::Unfit),
            Some(held) => held,
        };
        if now < held.not_before {
            return sleep(held.not_before);
        }
        let due = self.due(held, renew_before);
        if now >= due {
            return order(Why::Due);
        }
        match self.advice {
            Some(advice) if !advice.is_over(now) => sleep(due.min(advice.given + advice.good_for)),
            _ => Step::Ask,
        }
    }

    /// When the certificate at hand is to be renewed.
    fn due(&self, held: &Held, renew_before: Option<Duration>) -> SystemTime {
        let kept = held.kept(renew_before);
        // Up to a tenth earlier, never later.
        let usual = held.not_after - kept - kept.mul_f64(held.lot / 10.0);
        let window = self.advice.and_then(|advice| advice.window);
        match window {
            Some((start, end)) if start < end && start < held.not_after => {
                let length = end.duration_since(start).unwrap_or_default();
                // However late the window, some time is left for failures.
                (start + length.mul_f64(held.lot)).min(held.not_after - kept / 2)
            }
            _ => usual,
        }
    }

    /// Until when the last attempt holds the next one back, if it does.
    fn held_back(&self, now: SystemTime) -> Option<SystemTime> {
        let last = self.last?;
        let until = last.at + last.wait;
        (last.at <= now && now < until).then_some(until)
    }

    /// How late the renewal is at `now`.
    pub(crate) fn alarm(&self, renew_before: Option<Duration>, now: SystemTime) -> Alarm {
        let Some(held) = &self.held else {
            return Alarm::None;
        };
        let left = held.not_after.duration_since(now).unwrap_or_default();
        let kept = held.kept(renew_before);
        if left.is_zero() {
            Alarm::Over
        } else if left <= kept / 3 || left < DAY * 7 && kept > DAY * 14 {
            Alarm::Urgent
        } else if left <= kept / 2 {
            Alarm::Late
        } else {
            Alarm::None
        }
    }

    /// An order succeeded.
    pub(crate) fn succeeded(&mut self, now: SystemTime) {
        self.advice = None;
        self.last = Some(Attempt {
            at: now,
            failures: 0,
            wait: AFTER_SUCCESS,
        });
    }

    /// An order failed. `wish` is the authority's `Retry-After`; `chance`, from 0 to 1, keeps
    /// gates that failed together from coming back together.
    pub(crate) fn failed(
        &mut self,
        setback: Setback,
        wish: Option<Duration>,
        chance: f64,
        now: SystemTime,
    ) {
        let failures = self.last.map_or(0, |last| last.failures).saturating_add(1);
        let (first, longest) = match setback {
            Setback::Unreachable => (Duration::from_secs(5), HOUR),
            Setback::Interrupted => (Duration::from_secs(15), HOUR),
            // Let's Encrypt forgives five failures an hour for each name.
            Setback::Refused => (MINUTE * 5, HOUR * 6),
            Setback::Limited => (HOUR, HOUR * 12),
        };
        let doubled = first.saturating_mul(1 << (failures - 1).min(16));
        let wait = doubled.min(longest).mul_f64(0.75 + chance / 2.0);
        let wish = wish.unwrap_or_default().min(LONGEST_WISH);
        self.last = Some(Attempt {
            at: now,
            failures,
            wait: wait.max(wish),
        });
    }
}

impl Held {
    /// The time kept for renewal, at the end of the certificate's life: never more than half
    /// of it, or a certificate shorter than the setting would be renewed without end.
    fn kept(&self, renew_before: Option<Duration>) -> Duration {
        let life = self.not_after.duration_since(self.not_before);
        let life = life.unwrap_or_default();
        renew_before.unwrap_or(life / 3).min(life / 2)
    }
}

impl Advice {
    /// Whether it is time to ask again. An answer from the future is no answer.
    fn is_over(&self, now: SystemTime) -> bool {
        now < self.given || now >= self.given + self.good_for
    }
}

#[cfg(test)]
mod tests;
