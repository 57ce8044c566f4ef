//! The working memory of Argon2, reused and wiped.
//!
//! Clauses: CNIL 2022-100, conservation, and [`clause::REMPART_DEADLINES`] (bounded memory).
//! A block of a matrix lets a guess be tried for less than a whole hash (the first blocks of
//! the first pass need one short hash only), so the blocks of a hash are as secret as the
//! hash itself: they are wiped after each use, also when the work panics or fails.
//!
//! Reused because most of a hash in fresh memory is spent on page faults: the system clears
//! and maps each page at its first touch. `docs/HASHES.md` has the figures.
//!
//! Absent on purpose: huge pages asked for by hand. They need a cast that only `unsafe`
//! gives; the allocator of the C library asks for them where the operator tells it to.
//!
//! [`clause::REMPART_DEADLINES`]: policy::clause::REMPART_DEADLINES

use std::fmt;

use argon2::Block;
use policy::hash::Cost;
use zeroize::Zeroize;

use super::HashError;

/// Working memory for one hash at a time. Grows to what the dearest hash so far needed and is
/// kept at that; holds zeros whenever no hash is running.
///
/// One per thread that hashes: a hash borrows it for as long as it runs.
pub struct Matrix {
    blocks: Vec<Block>,
    most_kib: u32,
}

impl Matrix {
    /// An empty matrix that may grow to [`Cost::CEILING`], 1 GiB.
    pub const fn new() -> Self {
        Self::capped(Cost::CEILING.memory_kib)
    }

    /// An empty matrix that never grows past `most_kib` KiB: a hash that needs more is
    /// refused with [`HashError::Memory`].
    pub const fn capped(most_kib: u32) -> Self {
        Self {
            blocks: Vec::new(),
            most_kib,
        }
    }

    /// The memory that it holds, in KiB.
    pub fn kib(&self) -> u32 {
        u32::try_from(self.blocks.capacity()).unwrap_or(u32::MAX)
    }

    /// Whether it holds memory, and nothing but zeros.
    #[cfg(test)]
    pub(super) fn is_wiped(&self) -> bool {
        let mut words = self.blocks.iter().flat_map(AsRef::as_ref);
        !self.blocks.is_empty() && words.all(|word: &u64| *word == 0)
    }

    /// Lends the first `count` blocks of 1 KiB, to be wiped when they come back.
    pub(super) fn lend(&mut self, count: usize) -> Result<Lent<'_>, HashError> {
        if count > self.most_kib as usize {
            return Err(HashError::Memory);
        }
        if self.blocks.len() < count {
            // Given back before more is taken, so that the two never lie side by side and
            // zeros are not copied.
            self.blocks = Vec::new();
            self.blocks
                .try_reserve_exact(count)
                .map_err(|_| HashError::Memory)?;
            self.blocks.resize(count, Block::new());
        }
        Ok(Lent(&mut self.blocks[..count]))
    }
}

impl Default for Matrix {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Matrix({} KiB)", self.kib())
    }
}

/// Blocks at work: wiped when dropped, whatever became of the work.
pub(super) struct Lent<'m>(&'m mut [Block]);

impl AsMut<[Block]> for Lent<'_> {
    fn as_mut(&mut self) -> &mut [Block] {
        self.0
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        // Block by block: `Vec::zeroize` would pass over the memory twice.
        self.0.iter_mut().for_each(Zeroize::zeroize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn soil(lent: &mut Lent<'_>) {
        for block in lent.as_mut() {
            block.as_mut().fill(u64::MAX);
        }
    }

    #[test]
    fn blocks_come_back_wiped() {
        let mut matrix = Matrix::new();
        let mut lent = matrix.lend(64).expect("memory");
        soil(&mut lent);
        assert!(lent.as_mut().iter().all(|block| block.as_ref()[127] != 0));
        drop(lent);
        assert!(matrix.is_wiped());
    }

    #[test]
    fn a_panic_leaves_nothing_behind() {
        let mut matrix = Matrix::new();
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let mut lent = matrix.lend(64).expect("memory");
            soil(&mut lent);
            panic!("in the middle of a hash");
        }));
        assert!(ended.is_err());
        assert!(matrix.is_wiped());
    }

    #[test]
    fn memory_is_kept_between_hashes_and_grows_when_it_must() {
        let mut matrix = Matrix::new();
        assert_eq!(matrix.kib(), 0);
        drop(matrix.lend(64).expect("memory"));
        let place = matrix.blocks.as_ptr();
        drop(matrix.lend(16).expect("memory"));
        assert_eq!((matrix.blocks.as_ptr(), matrix.kib()), (place, 64));
        assert_eq!(matrix.lend(16).expect("memory").0.len(), 16);
        drop(matrix.lend(128).expect("memory"));
        assert_eq!(matrix.kib(), 128);
    }

    #[test]
    fn nothing_is_taken_past_the_cap() {
        let mut matrix = Matrix::capped(64);
        assert_eq!(matrix.lend(65).err(), Some(HashError::Memory));
        assert_eq!(matrix.kib(), 0);
        assert!(matrix.lend(64).is_ok());
    }

    #[test]
    fn debug_shows_the_size_only() {
        assert_eq!(format!("{:?}", Matrix::default()), "Matrix(0 KiB)");
    }
}
