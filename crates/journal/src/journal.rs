//! The journal that `[journal]` asks for.
//!
//! Every event goes to `tracing` in the caller's thread, then through a bounded queue to
//! the thread that writes. The caller never waits: an event that finds the queue full is
//! counted, and the count is written.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use policy::{JournalPolicy, Size};

use crate::folder::Folder;
use crate::writer::{Clock, Job, Order, Writer};
use crate::{Event, OpenError, Sink, sink};

/// A journal at work. Clones share one file and one thread.
///
/// When the last one is dropped, what is queued is written; that takes a moment, and at most
/// five seconds if the disk does not answer.
#[derive(Debug, Clone)]
pub struct Journal {
    /// `None` where the policy names no folder: events go to `tracing` only.
    file: Option<Arc<Handle>>,
}

/// How a journal is opened, beside what the policy says.
#[non_exhaustive]
pub struct Settings {
    /// Events that may wait to be written. At least 1; default 8,192, about 2 MiB.
    pub queue: usize,
    /// The size at which a file is closed and another part of the day begun. Default 64 MiB.
    pub part: Size,
    /// Tells the time. Default: the system's clock.
    pub clock: Clock,
}

#[derive(Debug)]
struct Handle {
    queue: Option<SyncSender<Job>>,
    crowded: Arc<AtomicU64>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// How long the last handle waits for the disk.
const FAREWELL: Duration = Duration::from_secs(5);

/// How often somebody who waits looks again.
const MOMENT: Duration = Duration::from_millis(1);

impl Journal {
    /// The journal of a policy; its folder is looked for from `base`, the policy's own.
    ///
    /// # Errors
    /// When the folder is a link, belongs to another user, is open to others, or cannot be
    /// written to. Check at start: a sign-in that cannot be noted goes on.
    pub fn open(policy: &JournalPolicy, base: &Path) -> Result<Self, OpenError> {
        Self::open_with(policy, base, Settings::default())
    }

    /// The same, with settings.
    ///
    /// # Errors
    /// As for [`Journal::open`].
    pub fn open_with(
        policy: &JournalPolicy,
        base: &Path,
        settings: Settings,
    ) -> Result<Self, OpenError> {
        let Some(folder) = &policy.folder else {
            return Ok(Self { file: None });
        };
        let crowded = Arc::new(AtomicU64::new(0));
        let order = Order {
            keep: policy.keep,
            most: policy.most.get(),
            part: settings.part.get(),
            clock: settings.clock,
            crowded: Arc::clone(&crowded),
        };
        let writer = Writer::open(Folder::open(&base.join(folder))?, order)?;
        let (queue, jobs) = sync_channel(settings.queue.max(1));
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || writer.run(&jobs))
            .map_err(OpenError::Thread)?;
        Ok(Self {
            file: Some(Arc::new(Handle {
                queue: Some(queue),
                crowded,
                thread: Mutex::new(Some(thread)),
            })),
        })
    }

    /// Waits until everything noted so far is on the disk, or told as lost; false if that
    /// takes longer than `within`. It blocks its thread.
    pub fn flush(&self, within: Duration) -> bool {
        let Some(queue) = self.file.as_ref().and_then(|file| file.queue.as_ref()) else {
            return true;
        };
        let begun = Instant::now();
        let (done, answer) = sync_channel(1);
        let mut job = Job::Flush(done);
        loop {
            match queue.try_send(job) {
                Ok(()) => break,
                Err(TrySendError::Disconnected(_)) => return false,
                Err(TrySendError::Full(_)) if begun.elapsed() >= within => return false,
                Err(TrySendError::Full(back)) => job = back,
            }
            std::thread::sleep(MOMENT);
        }
        answer
            .recv_timeout(within.saturating_sub(begun.elapsed()))
            .is_ok()
    }
}

impl Sink for Journal {
    fn note(&self, event: Event) {
        sink::trace(&event);
        if let Some(file) = &self.file {
            file.note(event);
        }
    }
}

impl Handle {
    fn note(&self, event: Event) {
        let queued = self
            .queue
            .as_ref()
            .is_some_and(|queue| queue.try_send(Job::Note(event)).is_ok());
        if !queued && self.crowded.fetch_add(1, Ordering::Relaxed) == 0 {
            tracing::warn!(
                target: "rempart::journal",
                "events come faster than they can be written; what is lost is counted"
            );
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.queue = None;
        let thread = self
            .thread
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let begun = Instant::now();
        while thread.as_ref().is_some_and(|thread| !thread.is_finished())
            && begun.elapsed() < FAREWELL
        {
            std::thread::sleep(MOMENT);
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            queue: 8192,
            part: Size::mib(64),
            clock: Box::new(Timestamp::now),
        }
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("queue", &self.queue)
            .field("part", &self.part)
            .finish_non_exhaustive()
    }
}
