//! Hashes off the event loop, bounded in number, in memory and in waiting.
//!
//! Clauses: [`clause::REMPART_DEADLINES`], [`clause::REMPART_CLOSED`] (who is not served in
//! time is told so, never let in). Memory × hashes at once is what brings servers down: each
//! job reserves its own memory from the budget before it starts.
//!
//! A request takes a place in a queue of bounded length, waits for one of the workers, for its
//! memory and for a blocking thread, all together no longer than the deadline, and then runs. Worker and
//! memory move into the job, so that a request that goes away lets no other hash start beside
//! the one still running. What was typed moves along: it is wiped with the job, whether that
//! ran, never started or panicked. A job whose request is gone before it starts does not run.
//!
//! Needs a tokio runtime with its timer.
//!
//! Absent on purpose: priorities. All wait in one line, in the order of arrival.
//!
//! [`clause::REMPART_DEADLINES`]: policy::clause::REMPART_DEADLINES
//! [`clause::REMPART_CLOSED`]: policy::clause::REMPART_CLOSED

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use password::hash::{Checked, Hasher, Matrix, Plan, StoredHash, Verified};
use password::{Accepted, OpenError, Password, ReadError};
use policy::HashPolicy;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{Instant, timeout_at};

mod error;
mod pool;

pub use error::HashingError;

use pool::Pool;

/// Requests that may wait, for each worker. At 20 ms per hash these take 5 s, the usual
/// deadline: a longer line would only hold passwords in memory for nothing.
const WAITING: usize = 256;

/// Computes hashes within the limits of one policy. Clones share them.
#[derive(Debug, Clone)]
pub struct Service {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    hasher: Hasher,
    pool: Pool,
    workers: Arc<Semaphore>,
    memory: Arc<Semaphore>,
    budget_kib: u32,
    waiting: AtomicUsize,
    most_waiting: usize,
    deadline: Duration,
}

/// What the service is doing at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Load {
    /// Requests that wait for a worker or for memory.
    pub waiting: usize,
    /// Workers that are free.
    pub free_workers: usize,
    /// Memory of the budget that is free, in KiB.
    pub free_kib: u32,
}

/// One of the workers and the memory of one job, given back when dropped.
struct Permits {
    _worker: OwnedSemaphorePermit,
    _memory: OwnedSemaphorePermit,
}

impl Service {
    /// A service under a policy, with the keys of its pepper. A relative path starts from
    /// `base`, the folder of the policy.
    ///
    /// # Errors
    /// As for [`Hasher::open`].
    pub fn open(policy: &HashPolicy, base: &Path) -> Result<Self, OpenError> {
        Ok(Self::new(Hasher::open(policy, base)?, policy))
    }

    /// A service with a hasher of its own, within the limits of a policy.
    pub fn new(hasher: Hasher, policy: &HashPolicy) -> Self {
        let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let workers = policy.workers.unwrap_or_else(cores).max(1);
        let budget = policy.memory_budget.get() / 1024;
        let budget_kib = u32::try_from(budget).unwrap_or(u32::MAX);
        Self {
            inner: Arc::new(Inner {
                hasher,
                pool: Pool::new(workers, budget_kib),
                workers: Arc::new(Semaphore::new(workers)),
                memory: Arc::new(Semaphore::new(budget_kib as usize)),
                budget_kib,
                waiting: AtomicUsize::new(0),
                most_waiting: workers.saturating_mul(WAITING),
                deadline: policy.queue_deadline,
            }),
        }
    }

    /// Hashes a password that the judge accepted.
    ///
    /// # Errors
    /// When the service is overloaded, or memory or randomness is missing.
    pub async fn hash(&self, accepted: Accepted) -> Result<StoredHash, HashingError> {
        let kib = self.inner.hasher.memory_kib();
        let made = self.run(kib, move |hasher, matrix| hasher.hash(accepted, matrix));
        Ok(made.await??)
    }

    /// Compares what was typed, as [`Password::read`] answers it, with the stored hash of an
    /// account, `None` if there is no such account or it has none. The work is the same for
    /// every outcome: see [`Hasher::check`]. `salt` is that of decoys: see [`Hasher::plan`].
    ///
    /// # Errors
    /// When the service is overloaded, memory is missing, or the hash cannot be verified
    /// under this policy or within its budget. A wrong password is an answer, not an error.
    pub async fn check(
        &self,
        typed: Result<Password, ReadError>,
        stored: Option<&StoredHash>,
        salt: [u8; 16],
    ) -> Result<Checked, HashingError> {
        let plan = self.inner.hasher.plan(stored, salt);
        let needed = plan.memory_kib();
        // Alone or beside a new hash: decoys take the time of it.
        if stored.is_some() && needed > self.inner.budget_kib {
            let decoys = self.inner.hasher.plan(None, salt);
            let _ = self.carry_out(typed, decoys).await?;
            return Err(self.too_large(needed));
        }
        self.carry_out(typed, plan).await
    }

    async fn carry_out(
        &self,
        typed: Result<Password, ReadError>,
        plan: Plan,
    ) -> Result<Checked, HashingError> {
        let checked = self.run(plan.memory_kib(), move |hasher, matrix| {
            hasher.check(typed, plan, matrix)
        });
        Ok(checked.await??)
    }

    /// Makes the hash of a password that was just verified again: see [`Hasher::renew`].
    ///
    /// # Errors
    /// When the service is overloaded, or memory or randomness is missing. The old hash is
    /// as good as before.
    pub async fn renew(&self, verified: Verified) -> Result<StoredHash, HashingError> {
        let kib = self.inner.hasher.memory_kib();
        let made = self.run(kib, move |hasher, matrix| hasher.renew(verified, matrix));
        Ok(made.await??)
    }

    /// Whether an accepted password is one of an account's earlier ones, and the password
    /// back: see [`Hasher::was_used`]. One that takes more than the whole budget is passed over
    /// like those that cannot be verified.
    ///
    /// # Errors
    /// When the service is overloaded or memory is missing.
    pub async fn was_used(
        &self,
        accepted: Accepted,
        earlier: Vec<StoredHash>,
    ) -> Result<(bool, Accepted), HashingError> {
        let fits = |needed: u32| needed <= self.inner.budget_kib;
        let (mut used, mut accepted) = (false, accepted);
        let mut earlier: Vec<StoredHash> = earlier;
        earlier.retain(|stored| fits(stored.memory_kib()));
        // Each in a turn of its own where the budget does not hold what all would keep.
        let some = match fits(StoredHash::memory_kib_of(&earlier)) {
            true => earlier.len().max(1),
            false => 1,
        };
        for some in earlier.chunks(some).map(<[_]>::to_vec) {
            let needed = StoredHash::memory_kib_of(&some);
            let found = self.run(needed, move |hasher, matrix| {
                let used = hasher.was_used(&accepted, &some, matrix)?;
                Ok::<_, password::hash::HashError>((used, accepted))
            });
            let (found, back) = found.await??;
            (used, accepted) = (used | found, back);
        }
        Ok((used, accepted))
    }

    /// The hasher, for what needs no turn: its counts.
    pub fn hasher(&self) -> &Hasher {
        &self.inner.hasher
    }

    /// What is waiting and what is free.
    pub fn load(&self) -> Load {
        Load {
            waiting: self.inner.waiting.load(Ordering::Relaxed),
            free_workers: self.inner.workers.available_permits(),
            free_kib: self.inner.free_kib(),
        }
    }

    /// Waits for a turn and runs work that takes `kib` KiB of a matrix on a blocking thread.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        kib: u32,
        work: impl FnOnce(&Hasher, &mut Matrix) -> T + Send + 'static,
    ) -> Result<T, HashingError> {
        if kib > self.inner.budget_kib {
            return Err(self.too_large(kib));
        }
        let arrived = Instant::now();
        let permits = self.inner.admit(arrived, kib).await?;
        let (begin, begun) = oneshot::channel();
        let (answer, result) = oneshot::channel();
        let inner = self.inner.clone();
        tokio::task::spawn_blocking(move || {
            // Dropped last to first, also by a panic: who hears the answer finds the worker,
            // the memory and the matrix given back.
            let answer = answer;
            let permits = permits;
            // Nobody waits: the work goes unstarted, and with it what it holds, before its place
            // is free.
            if answer.is_closed() {
                drop(work);
                return;
            }
            let _ = begin.send(());
            let mut matrix = inner.pool.take(kib, inner.free_kib());
            let result = work(&inner.hasher, &mut matrix);
            drop(matrix);
            drop(permits);
            // Gone in the meantime: the result is wiped like the rest.
            let _ = answer.send(result);
        });
        // The runtime's blocking threads may all be busy with other work.
        if timeout_at(arrived + self.inner.deadline, begun)
            .await
            .is_err()
        {
            return Err(self.inner.overloaded(arrived));
        }
        result.await.map_err(|_| HashingError::Stopped)
    }

    fn too_large(&self, needed_kib: u32) -> HashingError {
        HashingError::TooLarge {
            needed_kib,
            budget_kib: self.inner.budget_kib,
        }
    }
}

impl Inner {
    /// Waits for a worker, then for memory. First come, first served.
    async fn admit(&self, arrived: Instant, kib: u32) -> Result<Permits, HashingError> {
        let place = Place::take(&self.waiting);
        if place.ahead >= self.most_waiting {
            return Err(HashingError::Overloaded {
                waiting: place.ahead,
                waited: Duration::ZERO,
            });
        }
        let (workers, memory) = (self.workers.clone(), self.memory.clone());
        let turn = async {
            Ok(Permits {
                _worker: workers.acquire_owned().await?,
                _memory: memory.acquire_many_owned(kib).await?,
            })
        };
        match timeout_at(arrived + self.deadline, turn).await {
            Ok(permits) => permits.map_err(|_: tokio::sync::AcquireError| HashingError::Stopped),
            Err(_) => Err(self.overloaded(arrived)),
        }
    }

    fn overloaded(&self, arrived: Instant) -> HashingError {
        HashingError::Overloaded {
            waiting: self.waiting.load(Ordering::Relaxed),
            waited: arrived.elapsed(),
        }
    }

    fn free_kib(&self) -> u32 {
        u32::try_from(self.memory.available_permits()).unwrap_or(u32::MAX)
    }
}

/// A place in the line, left when dropped.
struct Place<'s> {
    waiting: &'s AtomicUsize,
    /// Requests that were waiting before.
    ahead: usize,
}

impl<'s> Place<'s> {
    fn take(waiting: &'s AtomicUsize) -> Self {
        let ahead = waiting.fetch_add(1, Ordering::Relaxed);
        Self { waiting, ahead }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
