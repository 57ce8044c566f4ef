//! The thread that writes: many calls in one transaction.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use redb::Database;
use tokio::sync::oneshot;

use super::table::{COUNTERS, Counters, Trouble};
use crate::{Ask, Cell, CounterKey, StoreError, Verdict, decide, take_back};

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// A call.
pub(super) enum Job {
    Admit(Ask, Reply<Verdict>),
    Succeed(Ask, Reply<()>),
    Unlock(CounterKey, Reply<()>),
}

/// What a call is answered, once it is on the disk.
enum Outcome {
    /// Its caller went away before its turn.
    Skipped,
    Verdict(Result<Verdict, StoreError>),
    Done(Result<(), StoreError>),
}

pub(super) struct Writer<F> {
    open: F,
    /// `None` after a fault, until it is opened again.
    database: Option<Database>,
    failed: Instant,
    swept: Option<CounterKey>,
}

impl<F: Fn() -> Result<Database, StoreError>> Writer<F> {
    pub(super) fn new(open: F) -> Result<Self, StoreError> {
        let database = open()?;
        Ok(Self {
            open,
            database: Some(database),
            failed: Instant::now(),
            swept: None,
        })
    }

    /// Answers calls until nobody can make one any more.
    pub(super) fn run(mut self, queue: &Receiver<Job>) {
        while let Ok(job) = queue.recv() {
            let waiting = queue.try_iter().take(BATCH - 1);
            self.answer(std::iter::once(job).chain(waiting).collect());
        }
    }

    fn answer(&mut self, jobs: Vec<Job>) {
        // A damaged page may make the database panic where its checks did not see it.
        let outcomes = catch_unwind(AssertUnwindSafe(|| self.decide(&jobs)))
            .unwrap_or_else(|_| Err(redb::Error::Corrupted("a fault while reading".to_owned())));
        match outcomes {
            Ok(outcomes) => {
                for (job, outcome) in jobs.into_iter().zip(outcomes) {
                    job.reply(outcome);
                }
            }
            Err(error) => {
                // After a fault of the storage the database must be opened again.
                self.database = None;
                self.failed = Instant::now();
                jobs.into_iter().for_each(|job| job.fail(&error));
            }
        }
    }

    /// Decides all calls in one transaction, which is on the disk when this returns.
    fn decide(&mut self, jobs: &[Job]) -> Result<Vec<Outcome>, redb::Error> {
        self.reopen()?;
        let Some(database) = &self.database else {
            return Err(redb::Error::DatabaseClosed);
        };
        let write = database.begin_write()?;
        let mut counters = Counters::new(write.open_table(COUNTERS)?);
        let mut outcomes = Vec::with_capacity(jobs.len());
        let mut now = None;
        for job in jobs {
            outcomes.push(match job {
                Job::Admit(_, reply) if reply.is_closed() => Outcome::Skipped,
                Job::Admit(ask, _) => {
                    now = Some(ask.now);
                    Outcome::Verdict(apart(attempt(&mut counters, ask, decide))?)
                }
                Job::Succeed(ask, _) => {
                    Outcome::Done(apart(attempt(&mut counters, ask, take_back))?)
                }
                Job::Unlock(key, _) => {
                    counters.remove(*key)?;
                    Outcome::Done(Ok(()))
                }
            });
        }
        if let Some(now) = now {
            let count = SWEPT_PER_WRITE * counters.writes();
            if count > 0 {
                self.swept = counters.sweep(self.swept, count, now)?;
            }
        }
        let changed = counters.writes() > 0;
        drop(counters);
        if changed {
            write.commit()?;
        } else {
            write.abort()?;
        }
        Ok(outcomes)
    }

    fn reopen(&mut self) -> Result<(), redb::Error> {
        if self.database.is_none() {
            // Opening reads the file through, which a crowd must not make it do all the time.
            if self.failed.elapsed() < PAUSE {
                return Err(redb::Error::PreviousIo);
            }
            match (self.open)() {
                Ok(database) => self.database = Some(database),
                Err(error) => {
                    return Err(redb::Error::Io(std::io::Error::other(error.to_string())));
                }
            }
        }
        Ok(())
    }
}

/// Decides one call.
fn attempt<T>(
    counters: &mut Counters<'_>,
    ask: &Ask,
    act: impl FnOnce(&Ask, &mut [Cell]) -> T,
) -> Result<T, Trouble> {
    let cells: Result<Vec<Cell>, Trouble> = ask
        .counters
        .iter()
        .map(|counter| counters.cell(counter))
        .collect();
    let mut cells = cells?;
    let answer = act(ask, &mut cells);
    for (counter, cell) in ask.counters.iter().zip(cells) {
        counters.keep(counter, cell, ask.now)?;
    }
    Ok(answer)
}

/// Tells the fault of one call from a fault of all.
fn apart<T>(answer: Result<T, Trouble>) -> Result<Result<T, StoreError>, redb::Error> {
    match answer {
        Ok(answer) => Ok(Ok(answer)),
        Err(Trouble::Damaged(error)) => Ok(Err(error.into())),
        Err(Trouble::Storage(error)) => Err(error.into()),
    }
}

impl Job {
    /// A caller that went away needs no answer.
    fn reply(self, outcome: Outcome) {
        match (self, outcome) {
            (Self::Admit(_, reply), Outcome::Verdict(verdict)) => {
                let _ = reply.send(verdict);
            }
            (Self::Succeed(_, reply) | Self::Unlock(_, reply), Outcome::Done(done)) => {
                let _ = reply.send(done);
            }
            _ => {}
        }
    }

    fn fail(self, error: &redb::Error) {
        let why = error.to_string().into();
        let error = match error {
            redb::Error::Corrupted(_) => StoreError::Corrupt(why),
            _ => StoreError::Storage(why),
        };
        match self {
            Self::Admit(_, reply) => drop(reply.send(Err(error))),
            Self::Succeed(_, reply) | Self::Unlock(_, reply) => drop(reply.send(Err(error))),
        }
    }
}

/// Calls of one transaction at most.
const BATCH: usize = 512;

/// More than one, so that the sweep goes round faster than entries come.
const SWEPT_PER_WRITE: usize = 4;

/// How long after a fault of the storage it is opened again.
const PAUSE: Duration = Duration::from_secs(1);
