//! Which costs to try, and which to propose.
//!
//! Clauses: [`clause::ASVS_HASH_COST`] (the floor), RFC 9106, 4 (the most memory that can be
//! afforded comes first, then passes). Two passes at least unless memory is at its floor:
//! with one pass Argon2id is the easiest to compute with less memory.
//!
//! Pure: how long a cost takes is asked of a function.
//!
//! [`clause::ASVS_HASH_COST`]: policy::clause::ASVS_HASH_COST

use std::time::Duration;

use policy::hash::Cost;

/// Measures of one search, at most, beyond the first two.
const TRIES: usize = 8;

/// Of the target, where a search is content.
const NEAR: f64 = 0.9;

/// Aimed at between two measures, so that noise does not lead past the target.
const AIM: f64 = 0.95;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// What 19 hashes of 20 stay under while the others run.
    pub(super) target: Duration,
    /// Memory for one hash.
    pub(super) each_mib: u32,
    /// The costs of the policy, of which the lanes are kept.
    pub(super) policy: Cost,
}

/// What one cost takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Row {
    pub(super) cost: Cost,
    /// The median of a hash that runs alone.
    pub(super) alone: Duration,
    /// The median, and what 19 of 20 stay under, while the others run.
    pub(super) median: Duration,
    pub(super) p95: Duration,
    /// Hashes a second, all together.
    pub(super) per_second: f64,
}

/// What was measured, in the order of memory and passes, and the best of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub(super) rows: Vec<Row>,
    /// `None`: no cost at or above the floor stays within the bounds.
    pub(super) proposed: Option<Cost>,
}

/// Searches the dearest cost within the bounds.
pub(super) fn search<E>(
    bounds: Bounds,
    measure: impl FnMut(Cost) -> Result<Row, E>,
) -> Result<Found, E> {
    let mut search = Search {
        bounds,
        measure,
        rows: Vec::new(),
    };
    let proposed = search.run()?;
    let mut rows = search.rows;
    rows.sort_by_key(|row| (row.cost.memory_kib, row.cost.iterations));
    Ok(Found { rows, proposed })
}

struct Search<M> {
    bounds: Bounds,
    measure: M,
    rows: Vec<Row>,
}

/// Which of the two figures of a cost is searched.
#[derive(Debug, Clone, Copy)]
enum Axis {
    /// MiB, at this many passes.
    Memory { passes: u32 },
    /// Passes, at this many MiB.
    Passes { mib: u32 },
}

impl<E, M: FnMut(Cost) -> Result<Row, E>> Search<M> {
    fn run(&mut self) -> Result<Option<Cost>, E> {
        let Bounds {
            target, each_mib, ..
        } = self.bounds;
        let least = |passes| Cost::floor_kib(passes) / 1024;
        if each_mib >= least(2) {
            let first = self.try_cost(least(2), 2)?;
            if first.p95 <= target {
                let memory = Axis::Memory { passes: 2 };
                let best = self.climb(memory, first, each_mib)?;
                if best.cost.memory_kib / 1024 < each_mib {
                    return Ok(Some(best.cost));
                }
                // Memory is at its bound, so the rest of the time goes to passes.
                let passes = Axis::Passes { mib: each_mib };
                let best = self.climb(passes, best, Cost::CEILING.iterations)?;
                return Ok(Some(best.cost));
            }
        }
        if each_mib >= least(3) {
            let last = self.try_cost(least(3), 3)?;
            return Ok((last.p95 <= target).then_some(last.cost));
        }
        Ok(None)
    }

    /// The highest figure along one axis that keeps the target, from a row that does.
    fn climb(&mut self, axis: Axis, from: Row, most: u32) -> Result<Row, E> {
        let target = self.bounds.target.as_secs_f64();
        let figure = |row: &Row| match axis {
            Axis::Memory { .. } => row.cost.memory_kib / 1024,
            Axis::Passes { .. } => row.cost.iterations,
        };
        let (mut best, mut last, mut over) = (from, from, most.saturating_add(1));
        for _ in 0..TRIES {
            let took = last.p95.as_secs_f64().max(1e-6);
            if figure(&best) >= most || best.p95.as_secs_f64() >= NEAR * target {
                break;
            }
            // Time grows with memory × passes, so the last measure says where to look.
            let aim = f64::from(figure(&last)) * AIM * target / took;
            let next = (aim.min(f64::from(most)) as u32).clamp(figure(&best) + 1, most);
            if next >= over {
                break;
            }
            last = match axis {
                Axis::Memory { passes } => self.try_cost(next, passes)?,
                Axis::Passes { mib } => self.try_cost(mib, next)?,
            };
            if last.p95.as_secs_f64() <= target {
                best = last;
            } else {
                over = next;
            }
        }
        Ok(best)
    }

    fn try_cost(&mut self, mib: u32, passes: u32) -> Result<Row, E> {
        let mut cost = self.bounds.policy;
        (cost.memory_kib, cost.iterations) = (mib * 1024, passes);
        let row = (self.measure)(cost)?;
        self.rows.push(row);
        Ok(row)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// A machine where a MiB and pass takes so many microseconds, whatever else runs.
    fn machine(micros: u64) -> impl FnMut(Cost) -> Result<Row, Infallible> {
        move |cost| {
            let work = u64::from(cost.memory_kib / 1024) * u64::from(cost.iterations);
            let time = Duration::from_micros(work * micros);
            Ok(Row {
                cost,
                alone: time,
                median: time,
                p95: time,
                per_second: 1.0,
            })
        }
    }

    fn bounds(millis: u64, each_mib: u32) -> Bounds {
        Bounds {
            target: Duration::from_millis(millis),
            each_mib,
            policy: Cost::REFERENCE,
        }
    }

    #[test]
    fn the_dearest_cost_within_the_bounds_is_proposed() {
        for (millis, each_mib, micros, expected) in [
            // Two passes, and memory to nine tenths of the target or more.
            (100, 1024, 500, Some((95, 2))),
            (1000, 1024, 500, Some((950, 2))),
            // Memory at its bound: passes.
            (100, 64, 100, Some((64, 15))),
            (100, 19, 500, Some((19, 10))),
            // Not more than the policy may say.
            (10_000, 19, 1, Some((19, 32))),
            // A slow machine, or little memory: the cheapest floor.
            (19, 1024, 500, Some((19, 2))),
            (18, 1024, 500, Some((12, 3))),
            (100, 18, 500, Some((12, 3))),
            // Nothing at all.
            (17, 1024, 500, None),
            (100, 11, 500, None),
        ] {
            let Ok(found) = search(bounds(millis, each_mib), machine(micros));
            let proposed = found
                .proposed
                .map(|cost| (cost.memory_kib / 1024, cost.iterations));
            assert_eq!(
                proposed, expected,
                "{millis} ms, {each_mib} MiB, {micros} µs"
            );
            assert!(found.rows.len() <= 2 + 2 * TRIES);
            assert!(found.rows.is_sorted_by_key(|row| row.cost.memory_kib));
        }
    }

    #[test]
    fn a_proposal_was_measured_keeps_the_target_and_the_floor() {
        // Times that jump about by a third, as on a busy machine.
        for seed in 0..50_u64 {
            let mut state = seed;
            let noisy = |cost: Cost| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let Ok(mut row) = machine(400)(cost);
                row.p95 = row.p95.mul_f64(0.83 + (state >> 60) as f64 / 48.0);
                Ok::<Row, Infallible>(row)
            };
            let bounds = bounds(60 + seed, 40 + seed as u32);
            let Ok(found) = search(bounds, noisy);
            let cost = found.proposed.expect("a fast machine");
            let row = found.rows.iter().find(|row| row.cost == cost);
            assert!(row.expect("measured").p95 <= bounds.target, "seed {seed}");
            assert!(cost.memory_kib >= Cost::floor_kib(cost.iterations));
            assert!(cost.memory_kib / 1024 <= bounds.each_mib);
        }
    }

    #[test]
    fn the_lanes_of_the_policy_are_kept() {
        let mut bounds = bounds(100, 64);
        bounds.policy.parallelism = 4;
        let Ok(found) = search(bounds, machine(500));
        assert!(found.rows.iter().all(|row| row.cost.parallelism == 4));
    }
}
