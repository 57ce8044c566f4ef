//! The thread that writes: lines into files, one file per UTC day and per part.
//!
//! Clauses: [`policy::clause::CNIL_LOG_ATTEMPTS`], [`policy::clause::CNIL_LOG_RETENTION`].
//!
//! What is written reaches the system at once, so that the end of this process loses nothing
//! of it. It reaches the disk within [`SYNC`], so that a loss of power loses no more than
//! that. A line that could not be written whole is cut off again, and counted; the count is
//! written as soon as writing works.
//!
//! Absent on purpose: keeping what could not be written. A full disk may last for days, and
//! memory would be the next thing to fill.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use crate::folder::Folder;
use crate::{Event, Kind, Loss, OpenError, line, sink};

mod look;
mod output;

use output::Output;

/// What the handles of a journal ask of its thread.
pub(crate) enum Job {
    Note(Event),
    /// Write everything, to the disk, then answer.
    Flush(SyncSender<()>),
}

/// Tells the time.
pub(crate) type Clock = Box<dyn Fn() -> Timestamp + Send>;

/// What a writer needs to know.
pub(crate) struct Order {
    pub(crate) keep: Duration,
    pub(crate) most: u64,
    /// The size at which a file is closed and another part begun.
    pub(crate) part: u64,
    pub(crate) clock: Clock,
    /// Events that found the queue full.
    pub(crate) crowded: Arc<AtomicU64>,
}

pub(crate) struct Writer {
    folder: Folder,
    order: Order,
    opened: Timestamp,
    output: Output,
    /// The number of the next line.
    number: u64,
    batch: Batch,
    lost: Lost,
    /// The latest time seen.
    seen: Timestamp,
    /// When the folder was last looked through, and what was said of it, by day.
    looked: Option<Timestamp>,
    said: look::Said,
    /// Since when something written waits for the disk.
    waiting: Option<Instant>,
}

/// Lines to be written together.
#[derive(Default)]
struct Batch {
    text: String,
    /// Where each line ends, and what is lost with it.
    ends: Vec<(usize, Load)>,
}

/// What a line carries.
#[derive(Clone, Copy)]
enum Load {
    Event,
    /// The count of earlier losses.
    Loss(Loss, u64),
}

/// Losses that no line has told yet, beside those of the queue.
#[derive(Default)]
struct Lost {
    queue: u64,
    disk: u64,
    removed: u64,
}

/// The latest that something written reaches the disk, while the disk keeps up.
pub(crate) const SYNC: Duration = Duration::from_secs(1);

/// How long an idle writer sleeps.
const IDLE: Duration = Duration::from_secs(60);

/// Bytes after which a batch is written.
const BATCH: usize = 64 * 1024;

/// How far an event may lie before the day of the open file and still go into it. Threads
/// hand over their events a little out of order, and clocks are corrected by a little.
const LATE: SignedDuration = SignedDuration::from_hours(1);

impl Writer {
    /// A writer with its first file, which says that the journal was opened.
    pub(crate) fn open(folder: Folder, order: Order) -> Result<Self, OpenError> {
        let opened = (order.clock)();
        let output =
            Output::create(&folder, day(opened), opened, 0).map_err(|error| folder.error(error))?;
        let mut writer = Self {
            folder,
            order,
            opened,
            output,
            number: 0,
            batch: Batch::default(),
            lost: Lost::default(),
            seen: opened,
            looked: None,
            said: look::Said::default(),
            waiting: None,
        };
        writer.say(Kind::JournalOpened {
            version: crate::Word::new(env!("CARGO_PKG_VERSION")),
            process: std::process::id(),
        });
        writer.write();
        Ok(writer)
    }

    /// Writes until every handle is gone.
    pub(crate) fn run(mut self, queue: &Receiver<Job>) {
        self.close_lines();
        let mut waiters = Vec::new();
        loop {
            self.watch();
            match queue.recv_timeout(self.patience()) {
                Ok(job) => {
                    self.take(job, &mut waiters);
                    while self.batch.text.len() < BATCH
                        && let Ok(job) = queue.try_recv()
                    {
                        self.take(job, &mut waiters);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.settle(!waiters.is_empty());
            for waiter in waiters.drain(..) {
                // Who waited may have gone.
                let _ = waiter.try_send(());
            }
        }
        self.say(Kind::JournalClosed);
        self.settle(true);
    }

    fn take(&mut self, job: Job, waiters: &mut Vec<SyncSender<()>>) {
        match job {
            Job::Note(event) => self.push(&event, Load::Event),
            Job::Flush(waiter) => waiters.push(waiter),
        }
    }

    /// How long to sleep: until something is due.
    fn patience(&self) -> Duration {
        match self.waiting {
            Some(since) => SYNC.saturating_sub(since.elapsed()),
            None if self.lost.any() => SYNC,
            None => IDLE,
        }
    }

    /// Writes what is there, tells what was lost, and brings both to the disk when it is time.
    fn settle(&mut self, now: bool) {
        self.write();
        let due = now || self.waiting.is_some_and(|since| since.elapsed() >= SYNC);
        if due {
            self.watch();
            self.lost.extend(self.output.lost_if_removed());
        }
        self.tell_losses();
        if due {
            self.waiting = None;
            self.output.sync();
        }
    }

    fn tell_losses(&mut self) {
        self.lost.queue += self.order.crowded.swap(0, Ordering::Relaxed);
        let lost = std::mem::take(&mut self.lost);
        for (count, reason) in [
            (lost.queue, Loss::Queue),
            (lost.disk, Loss::Disk),
            (lost.removed, Loss::Removed),
        ] {
            if count > 0 {
                let event = Event::new(self.seen, Kind::EventsLost { count, reason });
                self.push(&event, Load::Loss(reason, count));
            }
        }
        self.write();
    }

    /// An event of the journal itself.
    fn say(&mut self, kind: Kind) {
        let event = Event::new(self.seen, kind);
        sink::trace(&event);
        self.push(&event, Load::Event);
    }

    /// Adds a line to the batch, in the file of its day.
    fn push(&mut self, event: &Event, load: Load) {
        let wanted = self.wanted_day(event.at);
        if wanted != self.output.day() {
            self.write();
            // An event in the file of an earlier day would be deleted too early: better lost,
            // and counted, than gone without a trace.
            if !self.rotate(wanted) {
                self.lost.add(load, Loss::Disk);
                return;
            }
        } else if self.output.size() + self.batch.text.len() as u64 >= self.order.part {
            self.write();
            // A file grown too large is no harm.
            self.rotate(wanted);
        }
        line::write(&mut self.batch.text, self.number, event);
        self.number += 1;
        self.batch.ends.push((self.batch.text.len(), load));
    }

    /// The day of the file that an event goes into.
    fn wanted_day(&self, at: Timestamp) -> Date {
        let (of_event, open) = (day(at), self.output.day());
        if of_event < open
            && at
                >= start_of(open)
                    .saturating_sub(LATE)
                    .unwrap_or(Timestamp::MIN)
        {
            return open;
        }
        of_event
    }

    /// Begins a file; false if that cannot be done, and the earlier one stays open.
    fn rotate(&mut self, day: Date) -> bool {
        let part = if day == self.output.day() {
            self.output.part() + 1
        } else {
            0
        };
        let opened = self.opened;
        let create = |folder: &Folder| Output::create(folder, day, opened, part);
        let mut created = create(&self.folder);
        // The folder itself may be gone.
        if created.is_err() && self.reopen_folder() {
            created = create(&self.folder);
        }
        match created {
            Ok(output) => {
                self.output.sync();
                let mut earlier = std::mem::replace(&mut self.output, output);
                self.lost.extend(earlier.lost_if_removed());
                true
            }
            Err(error) => {
                self.output.warn(&error);
                false
            }
        }
    }

    /// Opens the folder again if its path leads elsewhere by now; whether it did.
    fn reopen_folder(&mut self) -> bool {
        if self.folder.is_in_place() {
            return false;
        }
        match self.folder.again() {
            Ok(folder) => {
                self.folder = folder;
                true
            }
            Err(error) => {
                tracing::warn!(target: "rempart::journal", %error, "the folder of the journal is gone");
                false
            }
        }
    }

    /// Writes the batch. What does not fit is counted and forgotten.
    fn write(&mut self) {
        if self.batch.ends.is_empty() {
            return;
        }
        if self.output.is_gone() {
            self.rotate(self.output.day());
        }
        let whole = self.output.write(&self.batch);
        for &(_, load) in &self.batch.ends[..whole] {
            if let Load::Loss(reason, count) = load {
                sink::trace(&Event::new(self.seen, Kind::EventsLost { count, reason }));
            }
        }
        for &(_, load) in &self.batch.ends[whole..] {
            self.lost.add(load, Loss::Disk);
            self.number -= 1;
        }
        self.batch.text.clear();
        self.batch.ends.clear();
        if whole > 0 {
            self.waiting.get_or_insert_with(Instant::now);
        }
    }
}

impl Lost {
    const fn any(&self) -> bool {
        self.queue > 0 || self.disk > 0 || self.removed > 0
    }

    /// Counts a line that is lost: an event for `reason`, a count as what it counted.
    const fn add(&mut self, load: Load, reason: Loss) {
        let (reason, count) = match load {
            Load::Event => (reason, 1),
            Load::Loss(reason, count) => (reason, count),
        };
        match reason {
            Loss::Queue => self.queue += count,
            Loss::Disk => self.disk += count,
            Loss::Removed => self.removed += count,
        }
    }

    const fn extend(&mut self, other: Self) {
        self.queue += other.queue;
        self.disk += other.disk;
        self.removed += other.removed;
    }
}

/// The UTC day of a moment.
pub(crate) fn day(at: Timestamp) -> Date {
    Offset::UTC.to_datetime(at).date()
}

fn start_of(day: Date) -> Timestamp {
    Offset::UTC
        .to_timestamp(day.at(0, 0, 0, 0))
        .unwrap_or(Timestamp::MIN)
}
