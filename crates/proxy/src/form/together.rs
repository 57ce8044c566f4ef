//! Tries of one password for one account that are under way together: they are one guess.
//!
//! Clause: [`clause::CNIL_RESTRICTION`]. A client with `Authorization: Basic` repeats it with every
//! request, and sends several at once. Each by itself would be counted as a failure until it is
//! answered, so that a page with its pictures would shut the account of whoever reads it.
//!
//! They share one attempt, whose failure is counted before the first of them leaves. It is taken
//! back when all of them were answered and none was refused: whoever sends a guess also to a page
//! that looks at no password gains nothing by its answer. Once one was refused, no other joins.
//! Where the answer to one of them says nothing for sure, the guess stays in the day's cap, whatever
//! was said of the others.
//!
//! Absent on purpose: forms. A person sends one once, and the limit of the policy holds for each
//! time that it is sent. What is shared is shared by one gate.
//!
//! [`clause::CNIL_RESTRICTION`]: policy::clause::CNIL_RESTRICTION

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use access::{Attempt, ThrottleError};

/// Most tries that share an attempt.
const MOST: usize = 64;

/// Every guess that is under way.
#[derive(Debug, Clone, Default)]
pub(crate) struct Together {
    guesses: Arc<Mutex<HashMap<Key, Arc<Guess>>>>,
    /// Drawn at the start, so that nobody finds two passwords of one key.
    hashers: [RandomState; 2],
}

type Key = [u64; 2];

/// One account and one password.
#[derive(Debug, Default)]
struct Guess {
    /// Tries that belong to it; changed under the lock of all guesses.
    tries: AtomicUsize,
    /// Held while the counters are asked.
    asked: tokio::sync::Mutex<Asked>,
    attempt: Mutex<Option<Attempt>>,
    /// One of them was refused, or never answered.
    failed: AtomicBool,
    /// The answer to one of them leaves it open whether the password was right.
    unproven: AtomicBool,
}

/// What the counters said to the first who came.
#[derive(Debug, Clone, Copy, Default)]
enum Asked {
    #[default]
    Nothing,
    Yes,
    No,
}

/// A try that is counted: by an attempt of its own, or by one that it shares.
#[derive(Debug)]
pub(crate) enum Counted {
    Alone(Attempt),
    Together(Share),
}

/// One try of a guess. Lost without a word, it failed.
#[derive(Debug)]
pub(crate) struct Share {
    guesses: Arc<Mutex<HashMap<Key, Arc<Guess>>>>,
    key: Key,
    guess: Arc<Guess>,
    is_over: bool,
}

impl Together {
    /// Joins those who try the same, or begins.
    pub(crate) fn join(&self, site: &str, identifier: &str, password: &str) -> Share {
        let key = std::array::from_fn(|at| self.hashers[at].hash_one((site, identifier, password)));
        let mut guesses = lock(&self.guesses);
        let open = guesses.get(&key).filter(|guess| {
            !guess.failed.load(Ordering::Relaxed) && guess.tries.load(Ordering::Relaxed) < MOST
        });
        let guess = open.map(Arc::clone).unwrap_or_default();
        guess.tries.fetch_add(1, Ordering::Relaxed);
        guesses.insert(key, Arc::clone(&guess));
        drop(guesses);
        Share {
            guesses: Arc::clone(&self.guesses),
            key,
            guess,
            is_over: false,
        }
    }
}

impl Counted {
    /// The password was right: the attempt, unless another try of it has had it.
    pub(crate) fn succeed(self) -> Option<Attempt> {
        match self {
            Self::Alone(attempt) => Some(attempt),
            Self::Together(share) => share.succeed(),
        }
    }

    /// Nothing was said against it: its failure is taken back.
    pub(crate) async fn excuse(self) {
        match self {
            Self::Alone(attempt) => told(attempt.excuse().await),
            Self::Together(share) => share.excuse().await,
        }
    }

    /// Whether it was right is not known: its failure is taken back, not its place in the day.
    pub(crate) async fn unproven(self) {
        match self {
            Self::Alone(attempt) => told(attempt.unproven().await),
            Self::Together(share) => {
                share.guess.unproven.store(true, Ordering::Relaxed);
                share.excuse().await;
            }
        }
    }
}

fn told(error: Option<ThrottleError>) {
    if let Some(error) = error {
        tracing::warn!(%error, "a try that did not fail may stay counted as a failure");
    }
}

impl Share {
    /// Has the counters asked by the first who comes. Where they say no, the others ask for
    /// themselves, all at once. `None` when the answer was no, and that is only noted.
    pub(crate) async fn admit<E>(
        mut self,
        ask: impl Future<Output = Result<Option<Attempt>, E>>,
    ) -> Result<Option<Counted>, E> {
        let guess = Arc::clone(&self.guess);
        let mut asked = guess.asked.lock().await;
        match *asked {
            Asked::Yes => return Ok(Some(Counted::Together(self))),
            Asked::No => {
                drop(asked);
                self.leave();
                return Ok(ask.await?.map(Counted::Alone));
            }
            Asked::Nothing => {}
        }
        let answer = ask.await;
        if let Ok(Some(attempt)) = answer {
            *lock(&guess.attempt) = Some(attempt);
            *asked = Asked::Yes;
            return Ok(Some(Counted::Together(self)));
        }
        *asked = Asked::No;
        self.leave();
        answer.map(|_| None)
    }

    /// The password was right: the attempt, unless one of the others had it.
    fn succeed(mut self) -> Option<Attempt> {
        let attempt = lock(&self.guess.attempt).take();
        self.leave();
        attempt
    }

    /// Nothing was said against it: the last who leaves takes back what they all may.
    async fn excuse(self) {
        let guess = Arc::clone(&self.guess);
        let Some(attempt) = self.unopposed() else {
            return;
        };
        match guess.unproven.load(Ordering::Relaxed) {
            true => told(attempt.unproven().await),
            false => told(attempt.excuse().await),
        }
    }

    /// The attempt, for the last who leaves, unless one of them failed.
    fn unopposed(mut self) -> Option<Attempt> {
        let is_last = self.leave();
        if !is_last || self.guess.failed.load(Ordering::Relaxed) {
            return None;
        }
        lock(&self.guess.attempt).take()
    }

    /// Whether nobody is left.
    fn leave(&mut self) -> bool {
        self.is_over = true;
        let mut guesses = lock(&self.guesses);
        let is_last = self.guess.tries.fetch_sub(1, Ordering::Relaxed) == 1;
        let is_this = |guess: &Arc<Guess>| Arc::ptr_eq(guess, &self.guess);
        if is_last && guesses.get(&self.key).is_some_and(is_this) {
            guesses.remove(&self.key);
        }
        is_last
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if !self.is_over {
            self.guess.failed.store(true, Ordering::Relaxed);
            self.leave();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::task::JoinSet;
    use tokio::time::{Instant, sleep};

    use super::*;

    #[test]
    fn what_is_shared_is_one_password_of_one_account_of_one_site() {
        let together = Together::default();
        let first = together.join("a.fr", "ana", "x");
        for (site, name, password, same) in [
            ("a.fr", "ana", "x", true),
            ("a.fr", "ana", "y", false),
            ("a.fr", "anax", "", false),
            ("a.fr", "Ana", "x", false),
            ("b.fr", "ana", "x", false),
        ] {
            let mut other = together.join(site, name, password);
            let shared = Arc::ptr_eq(&first.guess, &other.guess);
            assert_eq!(shared, same, "{site} {name} {password}");
            other.leave();
        }
        // Lost without a word, it failed: the next begin anew.
        drop(together.join("a.fr", "ana", "x"));
        let later = together.join("a.fr", "ana", "x");
        assert!(!Arc::ptr_eq(&first.guess, &later.guess));
        let many: Vec<Share> = (0..MOST)
            .map(|_| together.join("a.fr", "ana", "x"))
            .collect();
        let shared = many
            .iter()
            .filter(|one| Arc::ptr_eq(&one.guess, &later.guess));
        assert_eq!(shared.count(), MOST - 1);
        drop((first, later, many));
        assert!(lock(&together.guesses).is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn where_the_counters_say_no_nobody_waits_for_the_others() {
        let together = Together::default();
        let mut tasks = JoinSet::new();
        for _ in 0..10 {
            let share = together.join("a.fr", "ana", "x");
            tasks.spawn(async move {
                let ask = async {
                    sleep(Duration::from_secs(2)).await;
                    Err::<Option<Attempt>, &str>("the store is down")
                };
                share.admit(ask).await.err()
            });
        }
        let begun = Instant::now();
        let answers = tasks.join_all().await;
        assert!(
            answers
                .iter()
                .all(|answer| *answer == Some("the store is down"))
        );
        assert_eq!(begun.elapsed().as_secs(), 4);
        assert!(lock(&together.guesses).is_empty());
    }
}
