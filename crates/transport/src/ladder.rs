//! The HSTS ladder: what must be seen before a promise to browsers is made longer.
//!
//! Clauses: hstspreload.org ("five minutes, one week, one month": each stage is held for its
//! whole length before the next); RFC 6797, 11.2 (the length changes by configuration only),
//! 11.4 (subdomains). A promise can be made in a moment and taken back only in the browsers
//! that come again, so every step up rests on days that went well, and on nothing else.
//!
//! A day went well for a host when somebody was served over TLS under the present stage or a
//! longer one, and at most one client in a hundred turned the certificate down. Requests in
//! clear do not spoil a day: robots always knock at port 80, and browsers stop by themselves
//! once they know the promise. They hold a step back when they outnumber the connections over
//! TLS, since then most of the site's visitors have not got it yet.
//!
//! Absent on purpose: files, the clock, names that resolve. Counts and days come from outside.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use policy::transport::HstsStage;

/// A day, counted from 1970-01-01 in UTC.
pub type Day = i64;

/// What a gate saw of one host on one day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections over TLS.
    pub served: u64,
    /// Handshakes that the client ended because it did not trust the certificate.
    pub distrusted: u64,
    /// Handshakes that ended otherwise: no common version, a client that left.
    pub failed: u64,
    /// Requests in clear that were sent to https.
    pub redirected: u64,
    /// Requests in clear that were refused, with whatever they carried.
    pub exposed: u64,
    /// The shortest `max-age` announced, in seconds; `None` when nothing was.
    pub max_age: Option<u64>,
}

/// The days of one host that something was seen of.
pub type Days = BTreeMap<Day, Counts>;

/// How a host stands before the next stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Days that went well, back from yesterday without a bad one between.
    pub clean: u32,
    /// Days asked for.
    pub needed: u32,
    /// Sums over those days and today.
    pub sum: Counts,
    /// The day that ended the count, if a bad one did.
    pub bad: Option<Day>,
    /// What stands in the way.
    pub obstacle: Option<Obstacle>,
}

/// What keeps a host from the next stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// There are not enough days yet.
    Days,
    /// Clients turned the certificate down.
    Distrusted,
    /// Most visitors come in clear.
    Cleartext,
}

impl Counts {
    /// Whether a day with these counts speaks against a longer promise.
    const fn is_bad(&self) -> bool {
        self.distrusted > self.served / 100
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.served = self.served.saturating_add(other.served);
        self.distrusted = self.distrusted.saturating_add(other.distrusted);
        self.failed = self.failed.saturating_add(other.failed);
        self.redirected = self.redirected.saturating_add(other.redirected);
        self.exposed = self.exposed.saturating_add(other.exposed);
        self.max_age = match (self.max_age, other.max_age) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
    }
}

/// The stage that a `max-age` in seconds stands on: the highest that it reaches.
pub fn stage_of(max_age: u64) -> Option<HstsStage> {
    let mut stages = HstsStage::ALL.into_iter().rev();
    stages.find(|stage| stage.max_age().as_secs() <= max_age)
}

/// The stage after the one that a `max-age` in seconds stands on; `None` at the top.
pub fn next_stage(max_age: u64) -> Option<HstsStage> {
    let mut stages = HstsStage::ALL.into_iter();
    stages.find(|stage| stage.max_age().as_secs() > max_age)
}

/// Full days of good service that a step from a `max-age` in seconds asks for: as long as the
/// stage lasts in the browsers, one day at least; none where nothing is promised.
pub fn days_needed(max_age: u64) -> u32 {
    const DAY: u64 = 24 * 60 * 60;
    let Some(stage) = stage_of(max_age).filter(|_| max_age > 0) else {
        return 0;
    };
    u32::try_from(stage.max_age().as_secs().div_ceil(DAY)).unwrap_or(u32::MAX)
}

/// How a host stands on `today`, when `max_age` seconds are announced.
pub fn standing(days: &Days, today: Day, max_age: u64) -> Standing {
    let needed = days_needed(max_age);
    let mut standing = Standing {
        clean: 0,
        needed,
        sum: Counts::default(),
        bad: None,
        obstacle: None,
    };
    // Today is not over, but a bad one counts at once.
    for (&day, counts) in days.range(..=today).rev() {
        if counts.max_age.is_some_and(|announced| announced < max_age) {
            // Before the present stage.
            break;
        }
        if standing.clean == needed && day != today {
            break;
        }
        if counts.is_bad() {
            standing.sum += *counts;
            standing.bad = Some(day);
            break;
        }
        standing.sum += *counts;
        if day != today && counts.served > 0 && counts.max_age.is_some() {
            standing.clean += 1;
        }
    }
    let clear = standing.sum.redirected.saturating_add(standing.sum.exposed);
    standing.obstacle = if needed == 0 {
        None
    } else if standing.clean < needed {
        Some(match standing.bad {
            Some(_) => Obstacle::Distrusted,
            None => Obstacle::Days,
        })
    } else if standing.bad == Some(today) {
        Some(Obstacle::Distrusted)
    } else if clear > standing.sum.served {
        Some(Obstacle::Cleartext)
    } else {
        None
    };
    standing
}

#[cfg(test)]
mod tests {
    use policy::clause;

    use super::*;

    const WEEK: u64 = 7 * 24 * 60 * 60;

    fn counts(served: u64, distrusted: u64, redirected: u64, max_age: u64) -> Counts {
        Counts {
            served,
            distrusted,
            redirected,
            max_age: Some(max_age),
            ..Counts::default()
        }
    }

    #[test]
    fn stages_are_held_for_their_whole_length() {
        use HstsStage::{FiveMinutes, Month, TwoYears, Week};
        for (max_age, stage, next, days) in [
            (0, None, Some(FiveMinutes), 0),
            (1, None, Some(FiveMinutes), 0),
            (300, Some(FiveMinutes), Some(Week), 1),
            (WEEK - 1, Some(FiveMinutes), Some(Week), 1),
            (WEEK, Some(Week), Some(Month), 7),
            (30 * 86_400, Some(Month), Some(TwoYears), 30),
            (365 * 86_400, Some(Month), Some(TwoYears), 30),
            (730 * 86_400, Some(TwoYears), None, 730),
        ] {
            let clause = clause::PRELOAD_STAGES.id;
            assert_eq!(stage_of(max_age), stage, "{clause}: {max_age}");
            assert_eq!(next_stage(max_age), next, "{clause}: {max_age}");
            assert_eq!(days_needed(max_age), days, "{clause}: {max_age}");
        }
    }

    #[test]
    fn only_whole_good_days_of_the_present_stage_count() {
        let good = || counts(100, 1, 50, WEEK);
        let days = |changes: &[(Day, Option<Counts>)]| {
            let mut days: Days = (1..=10).map(|day| (day, good())).collect();
            for (day, counts) in changes {
                match counts {
                    Some(counts) => days.insert(*day, *counts),
                    None => days.remove(day),
                };
            }
            days
        };
        let quiet = Counts::default();
        for (changes, clean, obstacle) in [
            (&[][..], 7, None),
            // Days without visitors are not held against a site, nor counted.
            (&[(8, None), (7, Some(quiet))], 7, None),
            (&[(8, None), (7, None), (6, None)], 6, Some(Obstacle::Days)),
            // A shorter promise before.
            (
                &[(3, Some(counts(100, 0, 0, 300)))],
                6,
                Some(Obstacle::Days),
            ),
            (&[(2, Some(counts(100, 0, 0, 300)))], 7, None),
            // A certificate that was turned down, lately or today.
            (
                &[(5, Some(counts(100, 2, 0, WEEK)))],
                4,
                Some(Obstacle::Distrusted),
            ),
            (
                &[(10, Some(counts(10, 1, 0, WEEK)))],
                0,
                Some(Obstacle::Distrusted),
            ),
            (&[(2, Some(counts(100, 2, 0, WEEK)))], 7, None),
            // Most come in clear.
            (
                &[(9, Some(counts(100, 0, 5000, WEEK)))],
                7,
                Some(Obstacle::Cleartext),
            ),
        ] {
            let found = standing(&days(changes), 10, WEEK);
            assert_eq!(
                (found.clean, found.obstacle),
                (clean, obstacle),
                "{changes:?}"
            );
            assert_eq!(found.needed, 7);
        }
        // Today alone is no day.
        let today: Days = [(10, counts(5, 0, 0, 300))].into();
        assert_eq!(standing(&today, 10, 300).obstacle, Some(Obstacle::Days));
        assert_eq!(standing(&today, 11, 300).obstacle, None);
        // The first step needs nothing.
        assert_eq!(standing(&Days::new(), 10, 0).obstacle, None);
    }

    #[test]
    fn sums_never_overflow() {
        let mut sum = counts(u64::MAX, 0, 0, 5);
        sum += counts(1, u64::MAX, 0, 3);
        assert_eq!((sum.served, sum.max_age), (u64::MAX, Some(3)));
    }
}
