//! The matrices that no job is using, wiped, for the next ones.
//!
//! They lie within the memory budget like those at work: a job that reserves memory which
//! idle matrices hold makes them go.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError};

use password::hash::Matrix;

/// Idle matrices, at most one per worker.
#[derive(Debug)]
pub(super) struct Pool {
    idle: Mutex<Vec<Matrix>>,
    most: usize,
    budget_kib: u32,
}

/// A matrix at work, back in the pool when dropped.
#[derive(Debug)]
pub(super) struct Borrowed<'p> {
    pool: &'p Pool,
    matrix: Matrix,
}

impl Pool {
    pub(super) const fn new(most: usize, budget_kib: u32) -> Self {
        Self {
            idle: Mutex::new(Vec::new()),
            most,
            budget_kib,
        }
    }

    /// A matrix for a job that has reserved `need_kib`, when `free_kib` of the budget are
    /// reserved by nobody. One that holds more than the job reserved is no match.
    pub(super) fn take(&self, need_kib: u32, free_kib: u32) -> Borrowed<'_> {
        let mut idle = self.lock();
        let fitting = idle.iter().enumerate();
        let fitting = fitting.filter(|(_, matrix)| matrix.kib() <= need_kib);
        let best = fitting.max_by_key(|(_, matrix)| matrix.kib());
        let best = best.map(|(place, _)| place);
        let matrix = best.map(|place| idle.swap_remove(place));
        let mut gone = Vec::new();
        while held(&idle) > u64::from(free_kib) {
            gone.extend(idle.pop());
        }
        drop(idle);
        // Given back to the system without the lock.
        drop(gone);
        Borrowed {
            pool: self,
            matrix: matrix.unwrap_or_else(|| Matrix::capped(self.budget_kib)),
        }
    }

    /// What each idle matrix holds.
    #[cfg(test)]
    pub(super) fn held_kib(&self) -> Vec<u32> {
        self.lock().iter().map(Matrix::kib).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Matrix>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn held(idle: &[Matrix]) -> u64 {
    idle.iter().map(|matrix| u64::from(matrix.kib())).sum()
}

impl Deref for Borrowed<'_> {
    type Target = Matrix;

    fn deref(&self) -> &Matrix {
        &self.matrix
    }
}

impl DerefMut for Borrowed<'_> {
    fn deref_mut(&mut self) -> &mut Matrix {
        &mut self.matrix
    }
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        let matrix = std::mem::take(&mut self.matrix);
        let mut idle = self.pool.lock();
        if idle.len() < self.pool.most {
            idle.push(matrix);
        }
    }
}
