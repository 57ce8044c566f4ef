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
mod tests {
    use super::*;

    /// Any day: the certificate of these tests begins then and lasts 90 days.
    fn start() -> SystemTime {
        SystemTime::UNIX_EPOCH + DAY * 20_000
    }

    fn day(days: f64) -> SystemTime {
        let length = DAY.mul_f64(days.abs());
        if days < 0.0 {
            start() - length
        } else {
            start() + length
        }
    }

    fn held(lot: f64) -> Held {
        Held {
            not_before: start(),
            not_after: start() + DAY * 90,
            fits: true,
            lot,
        }
    }

    /// No suggestion, asked at this time.
    fn silent(given: SystemTime) -> Option<Advice> {
        Some(Advice {
            window: None,
            given,
            good_for: DAY * 365,
        })
    }

    /// The first tenth of a day on which a certificate is ordered.
    fn ordered_on(standing: &Standing, renew_before: Option<Duration>) -> Option<f64> {
        let tenths = (0..1000).map(|tenth| f64::from(tenth) / 10.0);
        tenths.into_iter().find(|&at| {
            let step = standing.next(renew_before, day(at));
            matches!(step, Step::Order(_))
        })
    }

    #[test]
    fn a_certificate_is_renewed_in_its_last_third_or_when_the_authority_says() {
        let window = |start, end| {
            Some(Advice {
                window: Some((day(start), day(end))),
                ..silent(day(0.0)).expect("an answer")
            })
        };
        let before = |days: u32| Some(DAY * days);
        for (what, lot, advice, renew_before, expected) in [
            ("a third is left", 0.0, silent(day(0.0)), None, 60.0),
            ("or a little more", 1.0, silent(day(0.0)), None, 57.0),
            ("the policy says", 0.0, silent(day(0.0)), before(20), 70.0),
            ("but not all of it", 0.0, silent(day(0.0)), before(89), 45.0),
            ("start of a window", 0.0, window(40.0, 50.0), None, 40.0),
            ("inside a window", 0.5, window(40.0, 50.0), None, 45.0),
            (
                "a window before the policy",
                0.5,
                window(40.0, 50.0),
                before(5),
                45.0,
            ),
            (
                "a window already past: revoked",
                0.9,
                window(-9.0, -1.0),
                None,
                0.0,
            ),
            ("a window too late", 0.5, window(88.0, 89.0), None, 75.0),
            (
                "a window after the end",
                0.0,
                window(91.0, 92.0),
                None,
                60.0,
            ),
            ("an inverted window", 0.0, window(50.0, 40.0), None, 60.0),
        ] {
            let standing = Standing {
                held: Some(held(lot)),
                advice,
                last: None,
            };
            assert_eq!(
                ordered_on(&standing, renew_before),
                Some(expected),
                "{what}"
            );
        }
    }

    #[test]
    fn what_to_do_follows_what_is_known() {
        let now = day(1.0);
        let unfit = Held {
            fits: false,
            ..held(0.0)
        };
        let advice = |given, good_for| {
            Some(Advice {
                window: None,
                given,
                good_for,
            })
        };
        for (what, held, advice, expected) in [
            ("none", None, None, Step::Order(Why::Missing)),
            ("a host more", Some(unfit), None, Step::Order(Why::Unfit)),
            ("never asked", Some(held(0.0)), None, Step::Ask),
            (
                "asked a while ago",
                Some(held(0.0)),
                advice(day(0.5), HOUR),
                Step::Ask,
            ),
            (
                "asked in the future",
                Some(held(0.0)),
                advice(day(2.0), HOUR),
                Step::Ask,
            ),
            (
                "asked just now",
                Some(held(0.0)),
                advice(now, MINUTE),
                Step::Wait(now + MINUTE),
            ),
            (
                "nothing to do for long",
                Some(held(0.0)),
                silent(now),
                Step::Wait(now + HOUR),
            ),
        ] {
            let standing = Standing {
                held,
                advice,
                last: None,
            };
            assert_eq!(standing.next(None, now), expected, "{what}");
        }
    }

    #[test]
    fn a_jump_of_the_clock_neither_orders_for_nothing_nor_holds_back_for_ever() {
        let mut standing = Standing {
            held: Some(held(0.0)),
            advice: silent(day(0.0)),
            last: None,
        };
        // Back before the certificate: wait, an hour at a time.
        let past = day(-300.0);
        assert_eq!(standing.next(None, past), Step::Wait(past + HOUR));
        // Far ahead: it looks expired, an order fails, and the failure is dated there.
        let ahead = day(4000.0);
        assert_eq!(standing.next(None, ahead), Step::Order(Why::Due));
        standing.failed(Setback::Refused, None, 0.5, ahead);
        assert!(matches!(standing.next(None, ahead), Step::Wait(_)));
        // Back to the right time, on which it is due: nothing holds it back.
        assert_eq!(standing.next(None, day(61.0)), Step::Order(Why::Due));
        assert_eq!(standing.next(None, day(1.0)), Step::Wait(day(1.0) + HOUR));
    }

    #[test]
    fn failures_wait_longer_each_time_up_to_a_bound() {
        let waits = |setback, wish| {
            let mut standing = Standing::default();
            (0..20).map(move |_| {
                standing.failed(setback, wish, 0.5, start());
                standing.last.map(|last| last.wait.as_secs())
            })
        };
        let first = |setback, wish: Option<Duration>| -> Vec<u64> {
            waits(setback, wish).take(4).flatten().collect()
        };
        let last = |setback, wish| waits(setback, wish).nth(19).flatten();
        assert_eq!(first(Setback::Unreachable, None), [5, 10, 20, 40]);
        assert_eq!(last(Setback::Unreachable, None), Some(3600));
        assert_eq!(first(Setback::Refused, None), [300, 600, 1200, 2400]);
        assert_eq!(last(Setback::Refused, None), Some(6 * 3600));
        assert_eq!(first(Setback::Limited, None), [3600, 7200, 14400, 28800]);
        assert_eq!(last(Setback::Limited, None), Some(12 * 3600));
        let day = Some(DAY);
        assert_eq!(first(Setback::Limited, day), [86400; 4]);
        let year = Some(DAY * 365);
        assert_eq!(first(Setback::Refused, year), [7 * 86400; 4]);

        // Chance spreads it by a quarter each way; a success forgets every failure.
        for (chance, wait) in [(0.0, 225), (1.0, 375)] {
            let mut standing = Standing::default();
            standing.failed(Setback::Refused, None, chance, start());
            assert_eq!(standing.last.map(|last| last.wait.as_secs()), Some(wait));
            standing.succeeded(start());
            standing.failed(Setback::Refused, None, chance, start());
            assert_eq!(standing.last.map(|last| last.failures), Some(1));
        }
    }

    #[test]
    fn five_refusals_take_more_than_an_hour() {
        let mut standing = Standing::default();
        let (mut now, mut orders) = (start(), 0);
        while now < start() + HOUR {
            match standing.next(None, now) {
                Step::Order(_) => {
                    orders += 1;
                    standing.failed(Setback::Refused, None, 0.0, now);
                }
                Step::Wait(until) => now = until.max(now + Duration::from_secs(1)),
                Step::Ask => unreachable!("there is no certificate to ask about"),
            }
        }
        assert!((3..=5).contains(&orders), "{orders}");
    }

    #[test]
    fn a_success_is_not_followed_by_another_order_at_once() {
        // An authority whose window always lies in the past.
        let mut standing = Standing {
            held: Some(held(0.0)),
            advice: None,
            last: None,
        };
        standing.succeeded(day(1.0));
        standing.advice = Some(Advice {
            window: Some((day(-2.0), day(-1.0))),
            given: day(1.0),
            good_for: HOUR,
        });
        let until = day(1.0) + AFTER_SUCCESS;
        assert_eq!(standing.next(None, day(1.0)), Step::Wait(until));
        assert_eq!(standing.next(None, until), Step::Order(Why::Due));
    }

    #[test]
    fn a_late_renewal_is_told_long_before_the_end() {
        let long = Standing {
            held: Some(held(0.0)),
            ..Standing::default()
        };
        let short = Standing {
            held: Some(Held {
                not_after: start() + DAY * 6,
                ..held(0.0)
            }),
            ..Standing::default()
        };
        for (standing, before, rows) in [
            // 30 days are kept: warned from 15 days, loud from 10.
            (
                &long,
                None,
                &[
                    (74.9, Alarm::None),
                    (75.0, Alarm::Late),
                    (79.9, Alarm::Late),
                    (80.0, Alarm::Urgent),
                    (89.9, Alarm::Urgent),
                    (90.0, Alarm::Over),
                    (900.0, Alarm::Over),
                ][..],
            ),
            // 18 days are kept: loud in the last week.
            (
                &long,
                Some(DAY * 18),
                &[
                    (80.9, Alarm::None),
                    (81.0, Alarm::Late),
                    (83.0, Alarm::Late),
                    (83.1, Alarm::Urgent),
                ],
            ),
            // Two days are kept: a certificate of six days is not always urgent.
            (
                &short,
                None,
                &[
                    (0.0, Alarm::None),
                    (4.9, Alarm::None),
                    (5.0, Alarm::Late),
                    (5.4, Alarm::Urgent),
                ],
            ),
        ] {
            for &(at, alarm) in rows {
                assert_eq!(standing.alarm(before, day(at)), alarm, "day {at}");
            }
        }
        assert_eq!(Standing::default().alarm(None, start()), Alarm::None);
    }
}
