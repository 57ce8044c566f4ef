//! Numbers that nobody can foretell, each as likely as any other.
//!
//! Chance comes from outside, so that tests repeat: only [`System`] asks the system. Numbers
//! under a bound are drawn by rejection; a remainder of the division alone would make the
//! small ones likelier.

use super::GenerateError;

/// A source of 32 bits, each value as likely.
pub(super) trait Chance {
    /// The next 32 bits.
    ///
    /// # Errors
    /// When the source has nothing to give.
    fn next(&mut self) -> Result<u32, GenerateError>;

    /// A number under `bound`, each as likely.
    ///
    /// # Errors
    /// When the source has nothing to give.
    fn below(&mut self, bound: u32) -> Result<u32, GenerateError> {
        loop {
            if let Some(number) = fair(self.next()?, bound) {
                return Ok(number);
            }
        }
    }
}

/// The system's generator.
pub(super) struct System;

impl Chance for System {
    fn next(&mut self) -> Result<u32, GenerateError> {
        getrandom::u32().map_err(|_| GenerateError::Randomness)
    }
}

/// A draw over all of 32 bits brought under `bound`; `None` in the last, incomplete round.
const fn fair(drawn: u32, bound: u32) -> Option<u32> {
    let rounds = u32::MAX / bound * bound;
    if drawn < rounds {
        Some(drawn % bound)
    } else {
        None
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// SplitMix64: uniform, and the same in every run.
    pub(in crate::generate) struct Repeatable(pub(in crate::generate) u64);

    impl Chance for Repeatable {
        fn next(&mut self) -> Result<u32, GenerateError> {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut bits = self.0;
            bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            Ok(((bits ^ (bits >> 31)) >> 32) as u32)
        }
    }

    /// A source that has run dry.
    pub(in crate::generate) struct Dry;

    impl Chance for Dry {
        fn next(&mut self) -> Result<u32, GenerateError> {
            Err(GenerateError::Randomness)
        }
    }

    /// Whether counts are as even as chance makes them: the chi-square statistic stays
    /// within five deviations of its mean. With a repeatable source the answer never changes.
    pub(in crate::generate) fn are_even(counts: &[u32]) -> bool {
        let expected =
            counts.iter().map(|&count| f64::from(count)).sum::<f64>() / counts.len() as f64;
        let statistic: f64 = counts
            .iter()
            .map(|&count| (f64::from(count) - expected).powi(2) / expected)
            .sum();
        let freedom = (counts.len() - 1) as f64;
        assert!(expected >= 20.0, "too few draws to tell");
        (statistic - freedom).abs() < 5.0 * (2.0 * freedom).sqrt()
    }

    #[test]
    fn a_draw_of_the_incomplete_round_is_thrown_away() {
        const HALF: u32 = u32::MAX / 2 + 1;
        for (drawn, bound, number) in [
            (0, 99, Some(0)),
            (100, 99, Some(1)),
            (u32::MAX, 99, None),
            (u32::MAX, 1, None),
            (HALF - 1, HALF, Some(HALF - 1)),
            (HALF, HALF, None),
        ] {
            assert_eq!(fair(drawn, bound), number, "{drawn} under {bound}");
        }
    }

    #[test]
    fn numbers_under_a_bound_are_even() {
        let mut chance = Repeatable(1);
        // The last bound loses a third of the draws: a remainder alone would double the rest.
        for (bound, groups) in [(7, 7_u32), (99, 99), (7776, 7776), (u32::MAX / 3 * 2, 64)] {
            let mut counts = vec![0; groups as usize];
            for _ in 0..groups * 40 {
                let number = chance.below(bound).expect("never dry");
                assert!(number < bound);
                counts[(u64::from(number) * u64::from(groups) / u64::from(bound)) as usize] += 1;
            }
            assert!(are_even(&counts), "under {bound}");
        }
    }

    #[test]
    fn uneven_counts_are_noticed() {
        // One value in a hundred never drawn, and one drawn twice as often.
        let mut counts = vec![100; 100];
        assert!(!are_even(&counts), "too even to be chance");
        let mut chance = Repeatable(2);
        counts.fill(0);
        for _ in 0..10_000 {
            let number = chance.below(100).expect("never dry");
            counts[if number == 7 { 8 } else { number as usize }] += 1;
        }
        assert!(!are_even(&counts));
    }
}
