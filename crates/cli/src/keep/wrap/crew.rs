//! The workers of a wrap: as many as the policy lets, within its memory budget.

use std::sync::atomic::{AtomicUsize, Ordering};

use password::hash::{HashError, Hasher, Matrix};
use policy::HashPolicy;

use super::row::{Column, Fate};
use crate::table::Record;

pub(super) struct Crew {
    hasher: Hasher,
    matrices: Vec<Matrix>,
}

/// The bytes to write for a record, and what became of its hash.
pub(super) type Done = (Vec<u8>, Fate);

impl Crew {
    pub(super) fn new(hasher: Hasher, policy: &HashPolicy) -> Self {
        let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let budget_kib = policy.memory_budget.get() / 1024;
        let fitting = budget_kib / u64::from(policy.cost.memory_kib.max(1));
        let workers = policy
            .workers
            .unwrap_or_else(cores)
            .min(usize::try_from(fitting).unwrap_or(usize::MAX))
            .max(1);
        let matrices = (0..workers).map(|_| Matrix::new()).collect();
        Self { hasher, matrices }
    }

    pub(super) const fn workers(&self) -> usize {
        self.matrices.len()
    }

    /// Wraps records on all workers; the answers are in their order.
    pub(super) fn wrap(
        &mut self,
        column: Column,
        batch: &[Record],
    ) -> Result<Vec<Done>, HashError> {
        let (next, hasher) = (AtomicUsize::new(0), &self.hasher);
        let mut done: Vec<(usize, Done)> = std::thread::scope(|scope| {
            let running: Vec<_> = self
                .matrices
                .iter_mut()
                .map(|matrix| {
                    let next = &next;
                    scope.spawn(move || {
                        let mut done = Vec::new();
                        // Each takes the next record that nobody has.
                        while let place = next.fetch_add(1, Ordering::Relaxed)
                            && let Some(record) = batch.get(place)
                        {
                            done.push((place, column.wrap(record, hasher, matrix)?));
                        }
                        Ok(done)
                    })
                })
                .collect();
            let mut all = Vec::with_capacity(batch.len());
            for thread in running {
                match thread.join() {
                    Ok(done) => all.extend(done?),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            Ok(all)
        })?;
        done.sort_unstable_by_key(|(place, _)| *place);
        Ok(done.into_iter().map(|(_, done)| done).collect())
    }
}
