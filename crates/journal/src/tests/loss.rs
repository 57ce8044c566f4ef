//! Events that cannot be written: counted exactly, told as soon as possible.

use super::{Hand, Place, asked, at, count, flush, note_many, sum};
use crate::Sink;

const NOON: &str = "2026-11-24T12:00:00Z";

#[test]
fn a_full_queue_loses_what_does_not_fit_and_says_how_much() {
    let place = Place::new();
    let clock = Hand::new(NOON);
    let journal = place.open_with(&clock, |settings| settings.queue = 100);
    flush(&journal);
    // The writer asks the time before it takes an event, or after, and is stopped. Nothing
    // leaves the queue from then on.
    clock.hold();
    journal.note(asked(at(NOON)));
    clock.wait_for_somebody();
    note_many(&journal, at(NOON), 100 + 37);
    clock.release();
    drop(journal);
    let entries = place.entries();
    let written = count(&entries, "reset-asked") as u64;
    let lost = sum(&entries, "events-lost", "count");
    assert_eq!(written + lost, 1 + 100 + 37);
    assert!(lost == 37 || lost == 38, "{lost} lost");
    assert_eq!(count(&entries, "events-lost"), 1);
    let told = entries
        .iter()
        .find(|entry| entry.kind == "events-lost")
        .expect("it");
    assert_eq!(told.details["reason"], "queue");
}

#[test]
fn whatever_many_threads_note_is_written_or_counted() {
    let place = Place::new();
    let clock = Hand::new(NOON);
    let journal = place.open_with(&clock, |settings| settings.queue = 16);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| note_many(&journal, at(NOON), 5000));
        }
    });
    drop(journal);
    let entries = place.entries();
    let written = count(&entries, "reset-asked") as u64;
    assert_eq!(written + sum(&entries, "events-lost", "count"), 40_000);
}

#[test]
fn a_removed_file_is_begun_again_and_its_lines_counted() {
    let place = Place::new();
    let clock = Hand::new(NOON);
    let journal = place.open(&clock);
    note_many(&journal, at(NOON), 9);
    flush(&journal);
    for name in place.names() {
        std::fs::remove_file(place.path().join(name)).expect("a file");
    }
    flush_twice(&journal);
    note_many(&journal, at(NOON), 5);
    drop(journal);
    let entries = place.entries();
    assert_eq!(count(&entries, "reset-asked"), 5);
    // Nine, and that the journal was opened.
    assert_eq!(sum(&entries, "events-lost", "count"), 10);
    assert_eq!(entries[0].details["reason"], "removed");
}

#[test]
fn a_removed_folder_is_made_again() {
    let place = Place::new();
    let clock = Hand::new(NOON);
    let journal = place.open(&clock);
    note_many(&journal, at(NOON), 9);
    flush(&journal);
    std::fs::remove_dir_all(place.path()).expect("a folder");
    flush_twice(&journal);
    note_many(&journal, at(NOON), 5);
    drop(journal);
    let entries = place.entries();
    assert_eq!(count(&entries, "reset-asked"), 5);
    assert_eq!(sum(&entries, "events-lost", "count"), 10);
}

/// The second one writes something: a flush with nothing to write still looks at the file.
fn flush_twice(journal: &crate::Journal) {
    flush(journal);
    flush(journal);
}

/// Where the folder cannot be made again, events are counted until it can.
#[test]
fn a_folder_that_cannot_be_made_again_costs_events_until_it_can() {
    let place = Place::new();
    let clock = Hand::new(NOON);
    let journal = place.open(&clock);
    note_many(&journal, at(NOON), 9);
    flush(&journal);
    std::fs::remove_dir_all(place.path()).expect("a folder");
    std::fs::write(place.path(), "in the way").expect("a file");
    note_many(&journal, at(NOON), 4);
    flush(&journal);
    std::fs::remove_file(place.path()).expect("a file");
    note_many(&journal, at(NOON), 5);
    flush(&journal);
    note_many(&journal, at(NOON), 6);
    drop(journal);
    let entries = place.entries();
    let written = count(&entries, "reset-asked") as u64;
    let lost = sum(&entries, "events-lost", "count");
    // Of 24 noted and one that the journal was opened.
    assert_eq!(written + lost, 25, "{written} written");
    assert!(written >= 6, "{written} written");
}
