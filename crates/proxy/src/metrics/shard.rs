//! One copy of some counts per thread, near enough.
//!
//! Threads are numbered as they first count and share a copy when there are more threads than
//! copies, so that a copy is written to by few, and correct whoever writes to it.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// More copies than this cost whoever reads more than they spare whoever counts.
const MOST: usize = 16;

/// Copies of some counts.
#[derive(Debug)]
pub(crate) struct Sharded<T>(Box<[Padded<T>]>);

/// Alone on its lines of cache; processors fetch them in pairs.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Padded<T>(T);

impl<T: Default> Default for Sharded<T> {
    fn default() -> Self {
        static COPIES: LazyLock<usize> = LazyLock::new(|| {
            let threads = std::thread::available_parallelism().map_or(1, usize::from);
            threads.next_power_of_two().min(MOST)
        });
        Self((0..*COPIES).map(|_| Padded::default()).collect())
    }
}

impl<T> Sharded<T> {
    /// The copy of this thread.
    pub(crate) fn here(&self) -> &T {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        thread_local! {
            static NUMBER: usize = NEXT.fetch_add(1, Ordering::Relaxed);
        }
        // A thread that is being torn down counts with the first.
        let number = NUMBER.try_with(|number| *number).unwrap_or(0);
        // There is a power of two of them, so the mask is a number of one.
        &self.0[number & (self.0.len() - 1)].0
    }

    /// The sum over all copies of what `of` reads. It wraps, as differences do that one thread
    /// begins and another ends.
    pub(crate) fn sum(&self, of: impl Fn(&T) -> u64) -> u64 {
        let copies = self.0.iter();
        copies.fold(0, |sum, copy| sum.wrapping_add(of(&copy.0)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    #[test]
    fn nothing_is_lost_between_threads() {
        let counts: Sharded<AtomicU64> = Sharded::default();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..1000 {
                        counts.here().fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(counts.sum(|count| count.load(Ordering::Relaxed)), 8000);
        assert!(counts.0.len().is_power_of_two() && counts.0.len() <= MOST);
    }

    #[test]
    fn what_one_thread_begins_another_may_end() {
        let open: Sharded<AtomicU64> = Sharded::default();
        let add = |by: u64| open.here().fetch_add(by, Ordering::Relaxed);
        std::thread::scope(|scope| scope.spawn(|| add(3)).join().map(|_| ())).expect("joined");
        std::thread::scope(|scope| scope.spawn(|| add(u64::MAX)).join().map(|_| ()))
            .expect("joined");
        assert_eq!(open.sum(|count| count.load(Ordering::Relaxed)), 2);
    }
}
