//! Marks of texts and salts: eight bytes each, keyed for the run, so many and no more.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Marks kept of each sort, by all threads together.
pub(in crate::audit) const MOST: usize = 1 << 25;
/// Marks that a thread may keep before it asks again.
const BLOCK: usize = 1024;
/// Marks that are moved at once, before the memory that they had is given back.
const MOVED: usize = 1 << 20;

/// What marks are made with, and how many more may be kept.
#[derive(Debug)]
pub(in crate::audit) struct Marks {
    keyed: RandomState,
    left: AtomicUsize,
}

/// How often something stands more than once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::audit) struct Repeats {
    /// Records that share it with another.
    pub(in crate::audit) records: u64,
    /// The most records with the same.
    pub(in crate::audit) largest: u64,
}

impl Marks {
    pub(in crate::audit) fn new(most: usize) -> Self {
        Self {
            keyed: RandomState::new(),
            left: AtomicUsize::new(most),
        }
    }

    pub(super) const fn keyed(&self) -> &RandomState {
        &self.keyed
    }

    pub(super) fn of(&self, text: &[u8]) -> u64 {
        self.keyed.hash_one(text)
    }

    /// Takes room for some marks; none where all is taken.
    pub(super) fn reserve(&self) -> usize {
        let (set, fetch) = (Ordering::Relaxed, Ordering::Relaxed);
        let rest = |left: usize| Some(left.saturating_sub(BLOCK));
        match self.left.fetch_update(set, fetch, rest) {
            Ok(left) | Err(left) => left.min(BLOCK),
        }
    }
}

/// Moves marks to others, and gives their memory back on the way: the two are never there twice.
pub(super) fn move_all(mut from: Vec<u64>, to: &mut Vec<u64>) {
    if to.is_empty() {
        *to = from;
        return;
    }
    while !from.is_empty() {
        to.extend(from.drain(from.len().saturating_sub(MOVED)..));
        from.shrink_to_fit();
    }
}

/// How many marks are equal to another; sorts them.
pub(super) fn repeats(marks: &mut [u64]) -> Repeats {
    marks.sort_unstable();
    let mut found = Repeats::default();
    for same in marks.chunk_by(|one, next| one == next) {
        if same.len() > 1 {
            found.records += same.len() as u64;
            found.largest = found.largest.max(same.len() as u64);
        }
    }
    found
}
