//! The tests of the journal, by what they try to break.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use policy::JournalPolicy;
use tempfile::TempDir;

use crate::{Entry, Event, Journal, Kind, Settings, Sink};

mod canary;
mod crash;
mod examples;
mod guard;
mod kinds;
mod life;
mod loss;
mod page;
mod reading;

/// A folder of a journal, within one that the test owns.
struct Place {
    folder: TempDir,
    policy: JournalPolicy,
}

/// A clock that a test sets, and may stop whoever asks it.
#[derive(Clone)]
struct Hand(Arc<(Mutex<Face>, Condvar)>);

struct Face {
    now: Timestamp,
    held: bool,
    waiting: bool,
}

/// Long enough for any machine; nothing is measured with it.
const AMPLE: Duration = Duration::from_secs(120);

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut policy = JournalPolicy::default();
        policy.folder = Some(PathBuf::from("journal"));
        Self { folder, policy }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("journal")
    }

    fn open(&self, clock: &Hand) -> Journal {
        self.open_with(clock, |_| {})
    }

    fn open_with(&self, clock: &Hand, change: impl FnOnce(&mut Settings)) -> Journal {
        let mut settings = Settings::default();
        let hand = clock.clone();
        settings.clock = Box::new(move || hand.read());
        change(&mut settings);
        Journal::open_with(&self.policy, self.folder.path(), settings).expect("a journal")
    }

    /// The names of everything in the folder, sorted.
    fn names(&self) -> Vec<String> {
        names(&self.path())
    }

    /// The days of the files, each file once.
    fn days(&self) -> Vec<String> {
        let names = self.names();
        names.iter().map(|name| name[..10].to_owned()).collect()
    }

    /// Every entry; the folder must hold nothing else.
    fn entries(&self) -> Vec<Entry> {
        entries(&self.path())
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    names.sort();
    names
}

fn entries(folder: &Path) -> Vec<Entry> {
    crate::read(folder)
        .expect("a folder")
        .collect::<Result<_, _>>()
        .expect("whole lines only")
}

/// How many entries are of a kind.
fn count(entries: &[Entry], kind: &str) -> usize {
    entries.iter().filter(|entry| entry.kind == kind).count()
}

/// The sum of a field over the entries of a kind.
fn sum(entries: &[Entry], kind: &str, field: &str) -> u64 {
    entries
        .iter()
        .filter(|entry| entry.kind == kind)
        .map(|entry| entry.details[field].as_u64().expect("a count"))
        .sum()
}

fn flush(journal: &Journal) {
    assert!(journal.flush(AMPLE), "the journal answers");
}

/// An event that is easily counted.
fn asked(at: Timestamp) -> Event {
    Event::new(at, Kind::ResetAsked)
}

fn note_many(journal: &Journal, at: Timestamp, count: usize) {
    for _ in 0..count {
        journal.note(asked(at));
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

impl Hand {
    fn new(now: &str) -> Self {
        let face = Face {
            now: at(now),
            held: false,
            waiting: false,
        };
        Self(Arc::new((Mutex::new(face), Condvar::new())))
    }

    fn read(&self) -> Timestamp {
        let (face, change) = &*self.0;
        let mut face = face.lock().expect("a clock");
        face.waiting = face.held;
        change.notify_all();
        let mut face = change.wait_while(face, |face| face.held).expect("a clock");
        face.waiting = false;
        face.now
    }

    fn set(&self, now: &str) -> Timestamp {
        self.0.0.lock().expect("a clock").now = at(now);
        at(now)
    }

    /// Stops the next one that asks.
    fn hold(&self) {
        self.0.0.lock().expect("a clock").held = true;
    }

    /// Waits until somebody is stopped.
    fn wait_for_somebody(&self) {
        let (face, change) = &*self.0;
        let face = face.lock().expect("a clock");
        let (_face, late) = change
            .wait_timeout_while(face, AMPLE, |face| !face.waiting)
            .expect("a clock");
        assert!(!late.timed_out(), "somebody asks the clock");
    }

    fn release(&self) {
        self.0.0.lock().expect("a clock").held = false;
        self.0.1.notify_all();
    }
}
