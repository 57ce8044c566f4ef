//! The life of files: a day each, in parts, kept for their time and no longer.

use jiff::civil::date;
use jiff::{SignedDuration, ToSpan};
use policy::Size;

use super::{Hand, Place, asked, at, count, flush, note_many, sum};
use crate::{FileName, Sink};

const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

#[test]
fn each_utc_day_has_a_file() {
    let place = Place::new();
    let clock = Hand::new("2026-11-24T23:59:59.9Z");
    let journal = place.open(&clock);
    journal.note(asked(at("2026-11-24T23:59:59.95Z")));
    flush(&journal);
    journal.note(asked(clock.set("2026-11-25T00:00:00Z")));
    journal.note(asked(clock.set("2026-12-01T12:00:00Z")));
    drop(journal);
    assert_eq!(place.days(), ["2026-11-24", "2026-11-25", "2026-12-01"]);
    let entries = place.entries();
    let numbers: Vec<u64> = entries.iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, (0..entries.len() as u64).collect::<Vec<_>>());
    assert_eq!(count(&entries, "reset-asked"), 3);
    assert_eq!(entries.first().expect("a line").kind, "journal-opened");
    assert_eq!(entries.last().expect("a line").kind, "journal-closed");
}

#[test]
fn a_large_file_is_continued_in_parts_that_sort() {
    let place = Place::new();
    let clock = Hand::new("2026-11-24T12:00:00Z");
    let journal = place.open_with(&clock, |settings| settings.part = Size::bytes(1000));
    note_many(&journal, at("2026-11-24T12:00:00Z"), 200);
    drop(journal);
    let names = place.names();
    assert!(names.len() > 10, "{names:?}");
    for name in &names {
        let size = std::fs::metadata(place.path().join(name))
            .expect("a file")
            .len();
        assert!(size < 1000 + crate::LONGEST as u64, "{name}: {size}");
    }
    // Read in the order of their names, lines are in the order of their numbers.
    let numbers: Vec<u64> = place.entries().iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, (0..202).collect::<Vec<_>>());
}

#[test]
fn a_day_is_kept_for_its_time_and_no_longer() {
    let place = {
        let mut place = Place::new();
        place.policy.keep = 3 * DAY;
        place
    };
    let clock = Hand::new("2026-11-01T12:00:00Z");
    let journal = place.open(&clock);
    std::fs::write(place.path().join("2026-01-01_notes.txt"), "a stranger").expect("a file");
    let first = date(2026, 11, 1);
    for past in 0..20 {
        let today = first.saturating_add(i64::from(past).days());
        for hour in ["00:00:00", "11:59:59", "23:59:59"] {
            journal.note(asked(clock.set(&format!("{today}T{hour}Z"))));
            flush(&journal);
            let days = place.days();
            // The third day back has entries younger than three days until its end.
            let kept = (0..=past.min(3)).map(|ago| today.saturating_sub(i64::from(ago).days()));
            for day in kept {
                assert!(
                    days.contains(&day.to_string()),
                    "{today} {hour}: {day} of {days:?}"
                );
            }
            // Those before are wholly older.
            let oldest = days.iter().find(|day| *day != "2026-01-01").expect("a day");
            let oldest: jiff::civil::Date = oldest.parse().expect("a day");
            assert!(
                oldest >= today.saturating_sub(3.days()),
                "{today} {hour}: {days:?}"
            );
        }
    }
    drop(journal);
    assert!(place.names().contains(&"2026-01-01_notes.txt".to_owned()));
    let entries = place.entries();
    assert!(sum(&entries, "files-deleted", "count") > 0);
}

#[test]
fn a_clock_that_leaps_ahead_empties_nothing() {
    let place = Place::new();
    let clock = Hand::new("2026-11-22T12:00:00Z");
    let journal = place.open(&clock);
    for day in 22..25 {
        journal.note(asked(clock.set(&format!("2026-11-{day}T12:00:00Z"))));
        flush(&journal);
    }
    // A year ahead, for an hour or two.
    for time in [
        "2027-12-01T12:00:00Z",
        "2027-12-01T13:30:00Z",
        "2027-12-01T15:00:00Z",
    ] {
        clock.set(time);
        flush(&journal);
    }
    assert_eq!(
        place.days(),
        ["2026-11-22", "2026-11-23", "2026-11-24", "2027-12-01"]
    );
    // Put right again.
    journal.note(asked(clock.set("2026-11-24T15:10:00Z")));
    flush(&journal);
    let entries = place.entries();
    assert_eq!(count(&entries, "reset-asked"), 4);
    assert_eq!(count(&entries, "deletion-put-off"), 1, "said once a day");
    // The third is the one being written to.
    assert_eq!(sum(&entries, "deletion-put-off", "count"), 2);
    assert_eq!(count(&entries, "clock-went-back"), 1);
}

#[test]
fn a_long_absence_is_made_good_on_the_second_day() {
    let place = Place::new();
    let clock = Hand::new("2026-01-10T12:00:00Z");
    drop(place.open(&clock));
    clock.set("2026-11-24T12:00:00Z");
    drop(place.open(&clock));
    assert_eq!(place.days(), ["2026-01-10", "2026-11-24"]);
    clock.set("2026-11-25T12:00:00Z");
    drop(place.open(&clock));
    assert_eq!(place.days(), ["2026-11-24", "2026-11-25"]);
}

#[test]
fn a_clock_that_goes_back_a_little_opens_no_file() {
    let place = Place::new();
    let clock = Hand::new("2026-11-25T00:05:00Z");
    let journal = place.open(&clock);
    journal.note(asked(clock.set("2026-11-24T23:55:00Z")));
    flush(&journal);
    assert_eq!(place.days(), ["2026-11-25"]);
    // By days, it does: an entry must not be in the file of a later day, where it would
    // stay too long.
    journal.note(asked(clock.set("2026-11-20T12:00:00Z")));
    flush(&journal);
    journal.note(asked(clock.set("2026-11-25T00:06:00Z")));
    drop(journal);
    assert_eq!(place.days(), ["2026-11-20", "2026-11-25", "2026-11-25"]);
    let entries = place.entries();
    assert_eq!(count(&entries, "reset-asked"), 3);
    assert_eq!(count(&entries, "clock-went-back"), 2);
    let by = sum(&entries, "clock-went-back", "by_ms");
    let (first, second) = (
        SignedDuration::from_mins(10),
        SignedDuration::from_mins(4 * 1440 + 715),
    );
    assert_eq!(i128::from(by), (first + second).as_millis());
}

#[test]
fn growing_too_large_is_said_and_nothing_deleted() {
    let place = {
        let mut place = Place::new();
        place.policy.most = Size::bytes(2000);
        place
    };
    let clock = Hand::new("2026-11-24T12:00:00Z");
    let journal = place.open(&clock);
    note_many(&journal, at("2026-11-24T12:00:00Z"), 100);
    flush(&journal);
    for hour in 14..20 {
        clock.set(&format!("2026-11-24T{hour}:00:00Z"));
        flush(&journal);
    }
    let entries = place.entries();
    assert_eq!(count(&entries, "reset-asked"), 100);
    assert_eq!(count(&entries, "over-most"), 1, "said once a day");
    assert!(sum(&entries, "over-most", "bytes") > 2000);
}

#[test]
fn only_names_of_the_journal_are_files_of_it() {
    let name = "2026-11-24_20261124T220504.123456Z_0000012345_0000.jsonl";
    let sound = FileName::parse(name).expect("a name");
    assert_eq!(sound.day(), date(2026, 11, 24));
    let moment = at("2026-11-24T22:05:04.123456789Z");
    assert_eq!(FileName::new(date(2026, 11, 24), moment, 12_345, 0), sound);
    for other in [
        "",
        "2026-11-24",
        "2026-13-24_20261124T220504.123456Z_0000012345_0000.jsonl",
        "2026-11-24_20261124T220504.123456Z_0000012345_0000.json",
        "2026-11-24_20261124T220504.123456Z_0000012345_0000.jsonl.gz",
        "2026-11-24_20261124T220504.123456Z_00000a2345_0000.jsonl",
        "2026-11-24/20261124T220504.123456Z_0000012345_0000.jsonl",
        "２026-11-24_20261124T220504.123456Z_0000012345_0000.jso",
    ] {
        assert_eq!(FileName::parse(other), None, "{other}");
    }
}

#[test]
fn without_a_folder_nothing_is_written() {
    let mut place = Place::new();
    place.policy.folder = None;
    let journal = place.open(&Hand::new("2026-11-24T12:00:00Z"));
    note_many(&journal, at("2026-11-24T12:00:00Z"), 10);
    flush(&journal);
    assert_eq!(super::names(place.folder.path()), Vec::<String>::new());
}
