//! Judgements off the event loop, bounded in number.
//!
//! Clauses: [`clause::REMPART_DEADLINES`], [`clause::REMPART_CLOSED`]. A judgement costs
//! milliseconds of processor time and may wait for the online service that the policy asks:
//! without a bound, whoever sends forms would take every thread from those who read pages. So
//! many are judged at once, so many wait for a moment, and the rest is told to come back.
//!
//! A permit moves into the job: a client that leaves starts no other beside its own.
//!
//! [`clause::REMPART_DEADLINES`]: policy::clause::REMPART_DEADLINES
//! [`clause::REMPART_CLOSED`]: policy::clause::REMPART_CLOSED

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;

/// Judgements that wait for their turn, over all sites.
const WAITING: usize = 256;

/// How long one waits for it.
const PATIENCE: Duration = Duration::from_secs(2);

/// So many at once, and so many that wait.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    patience: Duration,
}

/// There is no turn to be had now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Crowded;

impl Line {
    /// One for everything that this machine judges for others.
    pub(crate) fn new(turns: usize) -> Self {
        Self::of(turns, PATIENCE)
    }

    fn of(turns: usize, patience: Duration) -> Self {
        Self {
            places: Arc::new(Semaphore::new(turns + WAITING)),
            turns: Arc::new(Semaphore::new(turns)),
            patience,
        }
    }

    /// Waits for a turn and runs work on a blocking thread.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Crowded> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| Crowded)?;
        let turn = timeout(self.patience, Arc::clone(&self.turns).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(Crowded);
        };
        let done = tokio::task::spawn_blocking(move || {
            let _permits = (place, turn);
            work()
        });
        done.await.map_err(|_| Crowded)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn who_waits_too_long_or_finds_no_place_is_sent_away() {
        let line = Line::of(1, Duration::from_millis(500));
        let (go, held) = mpsc::channel::<()>();
        let first = tokio::spawn({
            let line = line.clone();
            async move { line.run(move || held.recv()).await }
        });
        while line.turns.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let waiting: Vec<_> = (0..WAITING)
            .map(|_| {
                let line = line.clone();
                tokio::spawn(async move { line.run(|| ()).await })
            })
            .collect();
        while line.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(line.run(|| ()).await, Err(Crowded), "no place");
        for waiting in waiting {
            assert_eq!(waiting.await.expect("ran"), Err(Crowded), "no turn");
        }
        // What is under way keeps its turn although its client has left.
        first.abort();
        assert!(first.await.is_err());
        assert_eq!(line.turns.available_permits(), 0);
        go.send(()).expect("the work waits");
        while line.turns.available_permits() == 0 {
            tokio::task::yield_now().await;
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(line.run(|| 7).await, Ok(7));
    }
}
