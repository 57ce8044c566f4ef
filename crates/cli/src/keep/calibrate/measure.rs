//! How long hashes take: alone, then so many at once, in reused memory as the service has it.

use std::path::Path;
use std::sync::{Barrier, Mutex, PoisonError};
use std::time::{Duration, Instant};

use password::OpenError;
use password::hash::{HashError, Hasher, Matrix};
use policy::HashPolicy;
use policy::hash::Cost;

use super::search::Row;

/// Hashes measured alone.
const ALONE: usize = 5;

/// About how long the hashes of one thread are measured together.
const SPAN: Duration = Duration::from_secs(1);

/// Why nothing could be measured.
#[derive(Debug)]
pub(super) enum MeasureError {
    Open(OpenError),
    Hash(HashError),
}

/// Measures one cost with `threads` hashes at once.
pub(super) fn measure(cost: Cost, threads: usize) -> Result<Row, MeasureError> {
    let mut policy = HashPolicy::default();
    policy.cost = cost;
    let hasher = Hasher::open(&policy, Path::new("")).map_err(MeasureError::Open)?;

    let mut matrix = Matrix::new();
    // The first hash of a matrix pays for its memory.
    time(&hasher, &mut matrix)?;
    let mut alone = times(&hasher, &mut matrix, ALONE)?;
    alone.sort_unstable();
    let alone = rank(&alone, 50);
    let count = SPAN.as_secs_f64() / alone.as_secs_f64().max(1e-6);
    let count = (count as usize).clamp(5, 50);
    drop(matrix);

    let (all, start) = (Mutex::new(Vec::new()), Barrier::new(threads));
    let spans: Result<Vec<Duration>, MeasureError> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut matrix = Matrix::new();
                    let ready = time(&hasher, &mut matrix);
                    // Reached by all, also by a thread that failed: none waits for ever.
                    start.wait();
                    ready?;
                    let began = Instant::now();
                    let times = times(&hasher, &mut matrix, count)?;
                    let span = began.elapsed();
                    all.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .extend(times);
                    Ok(span)
                })
            })
            .collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, _>| match thread.join() {
            Ok(span) => span,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        running.into_iter().map(join).collect()
    });
    let longest = spans?.into_iter().max().unwrap_or(SPAN);
    let mut all = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    all.sort_unstable();
    Ok(Row {
        cost,
        alone,
        median: rank(&all, 50),
        p95: rank(&all, 95),
        per_second: all.len() as f64 / longest.as_secs_f64().max(1e-6),
    })
}

fn times(
    hasher: &Hasher,
    matrix: &mut Matrix,
    count: usize,
) -> Result<Vec<Duration>, MeasureError> {
    (0..count).map(|_| time(hasher, matrix)).collect()
}

fn time(hasher: &Hasher, matrix: &mut Matrix) -> Result<Duration, MeasureError> {
    let began = Instant::now();
    hasher.spend(matrix).map_err(MeasureError::Hash)?;
    Ok(began.elapsed())
}

/// The time that so many of a hundred stay under; of times in order.
fn rank(times: &[Duration], percent: usize) -> Duration {
    let place = (times.len() * percent).div_ceil(100).max(1) - 1;
    times.get(place).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_of_the_nearest_measure() {
        let times: Vec<Duration> = (1..=20).map(Duration::from_millis).collect();
        for (percent, millis) in [(50, 10), (95, 19), (100, 20), (1, 1)] {
            assert_eq!(rank(&times, percent), Duration::from_millis(millis));
        }
        assert_eq!(rank(&times[..1], 95), Duration::from_millis(1));
        assert_eq!(rank(&[], 95), Duration::ZERO);
    }

    #[test]
    fn a_measure_has_every_figure() {
        let mut cost = Cost::REFERENCE;
        (cost.memory_kib, cost.iterations) = (256, 1);
        let row = measure(cost, 2).expect("memory");
        assert_eq!(row.cost, cost);
        assert!(row.alone > Duration::ZERO && row.median <= row.p95);
        assert!(row.per_second > 0.0);
    }
}
