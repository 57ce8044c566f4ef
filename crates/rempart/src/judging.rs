//! Judgements off the event loop, bounded in number.
//!
//! Clauses: [`clause::REMPART_DEADLINES`], [`clause::REMPART_CLOSED`]. Anybody may have a password
//! judged, before any counter knows him. A judgement costs little but may wait for the service
//! that the policy asks about leaked passwords: without a bound, those who choose a password
//! would take every blocking thread from those who sign in, whose hashes need them too.
//!
//! A permit moves into the job, so that a request that goes away starts no other beside its own.
//! What follows keystrokes has permits of its own, few, and no patience: it is the first to go.
//!
//! [`clause::REMPART_DEADLINES`]: policy::clause::REMPART_DEADLINES
//! [`clause::REMPART_CLOSED`]: policy::clause::REMPART_CLOSED

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use password::{Accepted, Assessment, Context, Judge, Refusal};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::error::FlowError;

/// Choices judged at once. They may all wait for a service, on threads of which there are 512.
const CHOICES: usize = 64;

/// Choices that wait for their turn.
const WAITING: usize = 256;

/// How long a glance waits for its turn. The next keystroke asks again.
const PATIENCE: Duration = Duration::from_millis(100);

/// The judge of one policy, and who may ask it now.
pub(crate) struct Judging {
    judge: Judge,
    choices: Line,
    glances: Line,
}

/// So many at once, and so many that wait for so long.
#[derive(Debug)]
struct Line {
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    patience: Duration,
}

impl Judging {
    /// `patience` is how long a choice waits for its turn.
    pub(crate) fn new(judge: Judge, patience: Duration) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            judge,
            choices: Line::new(CHOICES, WAITING, patience),
            // Half of the machine at most, so that typing slows nobody's sign-in.
            glances: Line::new(cores.div_ceil(2), WAITING, PATIENCE),
        }
    }

    pub(crate) const fn judge(&self) -> &Judge {
        &self.judge
    }

    /// Judges what a person chooses. What was typed is wiped also where no turn comes.
    pub(crate) async fn choice(
        &self,
        mut typed: Zeroizing<Vec<u8>>,
        context: Context,
    ) -> Result<Result<Accepted, Assessment>, FlowError> {
        let judge = self.judge.clone();
        self.choices
            .run(move || {
                judge
                    .read_and_judge(mem::take(&mut *typed), &context)
                    .map_err(Refusal::into_assessment)
            })
            .await
    }

    /// Says what this machine alone finds, while a person types.
    pub(crate) async fn glance(
        &self,
        mut typed: Zeroizing<Vec<u8>>,
        context: Context,
    ) -> Result<Assessment, FlowError> {
        let judge = self.judge.clone();
        self.glances
            .run(move || judge.read_and_glance(mem::take(&mut *typed), &context))
            .await
    }
}

impl Line {
    fn new(turns: usize, waiting: usize, patience: Duration) -> Self {
        Self {
            places: Arc::new(Semaphore::new(turns + waiting)),
            turns: Arc::new(Semaphore::new(turns)),
            patience,
        }
    }

    /// Waits for a turn and runs work on a blocking thread.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, FlowError> {
        let place = self.places.clone().try_acquire_owned();
        let place = place.map_err(|_| FlowError::Crowded)?;
        let turn = timeout(self.patience, self.turns.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| FlowError::Crowded)?;
        tokio::task::spawn_blocking(move || {
            let _permits = (place, turn);
            work()
        })
        .await
        .map_err(|_| FlowError::Stopped)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn a_line_runs_so_many_and_turns_away_who_waits_too_long_or_is_one_too_many() {
        let line = Arc::new(Line::new(1, 1, Duration::from_millis(50)));
        let (go, held) = mpsc::channel::<()>();
        let first = tokio::spawn({
            let line = line.clone();
            async move { line.run(move || held.recv()).await }
        });
        while line.turns.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let second = line.run(|| ());
        let mut second = std::pin::pin!(second);
        assert!(
            std::future::poll_fn(|context| std::task::Poll::Ready(second.as_mut().poll(context)))
                .await
                .is_pending()
        );
        let third = line.run(|| ()).await;
        assert!(matches!(third, Err(FlowError::Crowded)), "no place");
        let waited = second.await;
        assert!(matches!(waited, Err(FlowError::Crowded)), "no turn in time");
        // A request that goes away leaves its turn with the work that is under way.
        first.abort();
        assert!(first.await.is_err());
        assert_eq!(line.turns.available_permits(), 0);
        go.send(()).expect("the work waits");
        while line.turns.available_permits() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert!(line.run(|| ()).await.is_ok());
    }
}
