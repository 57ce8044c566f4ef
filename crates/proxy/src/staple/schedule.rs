//! When to ask a responder: again at half of what is left, and after a failure ever more seldom.
//!
//! Nothing here asks the clock. What varies is drawn from the certificate itself, so that those
//! made on one day are not all asked about in one minute.

use std::time::Duration;

const HOUR: Duration = Duration::from_secs(60 * 60);
/// After the first failure.
const FIRST: Duration = Duration::from_secs(5);
/// No certificate is asked about more often.
const SHORTEST: Duration = Duration::from_secs(5);

/// After a good answer that holds for another `left`: between 40 and 60 % of it.
pub(super) fn after_good(left: Duration, lot: f64) -> Duration {
    left.mul_f64(0.4 + 0.2 * lot).max(SHORTEST)
}

/// After some failures in a row: 5 s, 10 s … an hour, a fifth more or less, and several times
/// before what is stapled is over.
pub(super) fn after_failures(failures: u32, left: Option<Duration>, lot: f64) -> Duration {
    let doubled = 1_u32.checked_shl(failures.saturating_sub(1));
    let wait = doubled.map_or(HOUR, |times| FIRST.saturating_mul(times).min(HOUR));
    let wait = wait.mul_f64(0.8 + 0.4 * lot);
    let most = left.map_or(wait, |left| left / 4);
    wait.min(most).max(SHORTEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_good_answer_is_renewed_at_half_of_its_life() {
        for (left, lot, expected) in [
            (HOUR * 100, 0.0, HOUR * 40),
            (HOUR * 100, 0.5, HOUR * 50),
            (HOUR * 100, 1.0, HOUR * 60),
            (s(2), 0.5, SHORTEST),
            (Duration::ZERO, 1.0, SHORTEST),
        ] {
            let found = after_good(left, lot);
            let off = found.abs_diff(expected);
            assert!(off < s(1), "{left:?} {lot}: {found:?}");
        }
    }

    #[test]
    fn failures_are_asked_about_ever_more_seldom_but_before_the_end() {
        for (failures, left, lot, expected) in [
            (1, None, 0.5, s(5)),
            (2, None, 0.5, s(10)),
            (10, None, 0.5, s(2560)),
            (11, None, 0.5, HOUR),
            (40, None, 0.5, HOUR),
            (u32::MAX, None, 1.0, s(4320)),
            (3, None, 0.0, s(16)),
            (1, None, 0.0, SHORTEST),
            (11, Some(HOUR * 48), 0.5, HOUR),
            (11, Some(HOUR), 0.5, s(900)),
            (11, Some(s(4)), 0.5, SHORTEST),
        ] {
            let found = after_failures(failures, left, lot);
            let off = found.abs_diff(expected);
            assert!(off < s(1), "{failures} {left:?} {lot}: {found:?}");
        }
    }
}
