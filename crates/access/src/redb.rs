//! Counters in a file on one machine, which survive a restart and a crash.
//!
//! Clauses: as for [`Store`]. An answer is given after what it says is on the disk, so that no
//! attempt is lost with the process or the machine.
//!
//! One thread writes. It takes all calls that wait, decides them one after the other in one
//! transaction, makes it durable once, and answers: many calls share the cost of one disk
//! flush. The queue is bounded; a full one is an answer, not a wait. A call whose caller went
//! away before its turn is not counted, except a success and an unlock.
//!
//! Idle counters are swept in small steps, a few for each that is written, so that a flood of
//! invented names is forgotten as fast as it came and no call waits for a great cleaning.
//!
//! Absent on purpose: a second process. The file is locked by the first.

use std::fmt;
use std::path::Path;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use redb::{Builder, Database, DatabaseError, StorageError};
use tokio::sync::oneshot;

use crate::store::Answer;
use crate::{Ask, Cause, CounterKey, Store, StoreError, Timestamp, Verdict};

mod file;
mod table;
mod writer;

pub use file::private_file;
use writer::{Job, Writer};

/// Counters in a file. Dropping the last value waits for what is under way and closes the file.
pub struct Redb {
    /// `None` only while it is dropped.
    jobs: Option<SyncSender<Job>>,
    writer: Option<JoinHandle<()>>,
}

impl Redb {
    /// Opens the file of counters, or makes it, readable by its owner only. It blocks while it
    /// reads the file through, and a crash makes it repair the file.
    ///
    /// # Errors
    /// When the file is in use, is none of ours, or cannot be read and written by its owner
    /// only.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let path = path.to_owned();
        Self::with(move || open_file(&path))
    }

    /// Starts the writer. `open` is called again after a fault of the storage.
    fn with(
        open: impl Fn() -> Result<Database, StoreError> + Send + 'static,
    ) -> Result<Self, StoreError> {
        let writer = Writer::new(open)?;
        let (jobs, queue) = sync_channel(QUEUE);
        let writer = std::thread::Builder::new()
            .name("rempart-counters".to_owned())
            .spawn(move || writer.run(&queue))
            .map_err(|error| StoreError::Storage(error.into()))?;
        Ok(Self {
            jobs: Some(jobs),
            writer: Some(writer),
        })
    }

    async fn call<T>(
        &self,
        job: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Job,
    ) -> Result<T, StoreError> {
        let ended = || {
            StoreError::Unreachable(
                Cause::new(
                    "le fil qui écrit les compteurs s’est arrêté",
                    "the thread that writes counters ended",
                )
                .into(),
            )
        };
        let (reply, answer) = oneshot::channel();
        let jobs = self.jobs.as_ref().ok_or_else(ended)?;
        jobs.try_send(job(reply)).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Unreachable(
                Cause::new("trop d’appels l’attendent", "too many calls wait for it").into(),
            ),
            TrySendError::Disconnected(_) => ended(),
        })?;
        answer.await.unwrap_or_else(|_| Err(ended()))
    }
}

impl Store for Redb {
    fn admit<'a>(&'a self, ask: &'a Ask) -> Answer<'a, Verdict> {
        Box::pin(self.call(|reply| Job::Admit(ask.clone(), reply)))
    }

    fn succeed<'a>(&'a self, ask: &'a Ask) -> Answer<'a, ()> {
        Box::pin(self.call(|reply| Job::Succeed(ask.clone(), reply)))
    }

    fn unlock(&self, key: CounterKey, _now: Timestamp) -> Answer<'_, ()> {
        Box::pin(self.call(move |reply| Job::Unlock(key, reply)))
    }
}

impl Drop for Redb {
    fn drop(&mut self) {
        // The queue ends with its last sender, and the writer with the queue.
        drop(self.jobs.take());
        if let Some(writer) = self.writer.take() {
            // Whether it panicked changes nothing any more.
            let _ = writer.join();
        }
    }
}

impl fmt::Debug for Redb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redb(..)")
    }
}

fn open_file(path: &Path) -> Result<Database, StoreError> {
    private_file(path).map_err(|why| StoreError::Storage(why.into()))?;
    Builder::new()
        .set_cache_size(CACHE)
        // A file that was damaged is told as such, instead of being met later.
        .set_check_integrity_on_open(true)
        .create(path)
        .map_err(|error| {
            let why = format!("{}: {error}", path.display()).into();
            match error {
                DatabaseError::DatabaseAlreadyOpen => StoreError::InUse(why),
                DatabaseError::Storage(StorageError::Io(error))
                    if error.kind() != std::io::ErrorKind::InvalidData =>
                {
                    StoreError::Storage(why)
                }
                _ => StoreError::Corrupt(why),
            }
        })
}

/// How many calls may wait.
const QUEUE: usize = 4_096;

/// Memory for pages of the file, in bytes.
const CACHE: usize = 32 << 20;

#[cfg(test)]
mod tests;
