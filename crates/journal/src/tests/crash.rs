//! Ends that nobody planned: kill -9, a torn line, a full disk, several processes.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::{Hand, Place, at, count, entries, flush, note_many, sum};
use crate::{Fault, FaultKind, Journal};

const NOON: &str = "2026-11-24T12:00:00Z";
/// Where a child finds its folder.
const FOLDER: &str = "REMPART_JOURNAL_FOLDER";

/// This test program again, running one test that only children run.
fn child(test: &str, place: &Place, wrapper: &[&str]) -> Command {
    let program = std::env::current_exe().expect("this program");
    let mut command = match wrapper {
        [] => Command::new(program),
        [first, rest @ ..] => {
            let mut command = Command::new(first);
            command.args(rest).arg(program);
            command
        }
    };
    command
        .args(["--exact", "--ignored", "--nocapture", test])
        .env(FOLDER, place.folder.path())
        .stdout(Stdio::piped());
    command
}

/// The journal of a child, by the system's clock.
fn journal_of_child() -> Journal {
    let mut policy = policy::JournalPolicy::default();
    policy.folder = Some("journal".into());
    let base = std::env::var_os(FOLDER).expect("a folder");
    Journal::open(&policy, base.as_ref()).expect("a journal")
}

fn faults(place: &Place) -> Vec<Fault> {
    crate::read(&place.path())
        .expect("a folder")
        .filter_map(Result::err)
        .collect()
}

/// Waits for a line that holds a word.
fn wait_for(child: &mut Child, word: &str) {
    let output = BufReader::new(child.stdout.take().expect("an output"));
    let found = output
        .lines()
        .map_while(Result::ok)
        .any(|line| line.contains(word));
    assert!(found, "the child says {word}");
}

#[test]
fn kill_9_in_mid_write_costs_at_most_the_last_line() {
    for _ in 0..5 {
        let place = Place::new();
        let mut writing = child("tests::crash::child_writes_for_ever", &place, &[])
            .spawn()
            .expect("a child");
        wait_for(&mut writing, "ten thousand");
        writing.kill().expect("SIGKILL");
        writing.wait().expect("an end");

        let whole: Vec<u64> = crate::read(&place.path())
            .expect("a folder")
            .filter_map(Result::ok)
            .map(|entry| entry.number)
            .collect();
        // What was flushed before the signal is there, without a gap.
        assert!(whole.len() > 10_000, "{} lines", whole.len());
        assert_eq!(whole, (0..whole.len() as u64).collect::<Vec<_>>());
        let torn = faults(&place).len();
        assert!(torn <= 1, "{torn} torn lines");

        drop(place.open(&Hand::new(NOON)));
        let told: Vec<_> = crate::read(&place.path())
            .expect("a folder")
            .filter_map(Result::ok)
            .filter(|entry| entry.kind == "line-closed")
            .collect();
        assert_eq!(told.len(), torn, "a torn line is told once");
    }
}

#[test]
#[ignore = "run as a child"]
fn child_writes_for_ever() {
    let journal = journal_of_child();
    for round in 1.. {
        // Fewer than the queue holds, so that none is lost.
        note_many(&journal, jiff::Timestamp::now(), 4000);
        flush(&journal);
        if round % 3 == 0 {
            println!("ten thousand");
        }
    }
}

#[test]
fn a_torn_line_is_ended_at_the_next_start_and_told() {
    let place = Place::new();
    let clock = Hand::new(NOON);
    let journal = place.open(&clock);
    note_many(&journal, at(NOON), 3);
    drop(journal);
    // The end of a process in the middle of a write.
    let torn = place.path().join(&place.names()[0]);
    let text = std::fs::read_to_string(&torn).expect("a file");
    let last = text.lines().last().expect("a line").len();
    std::fs::write(&torn, &text[..text.len() - 1 - 10]).expect("a file");
    assert!(matches!(
        faults(&place)[..],
        [Fault {
            kind: FaultKind::Unfinished,
            line: 5,
            ..
        }]
    ));

    clock.set("2026-11-24T13:00:00Z");
    drop(place.open(&clock));
    assert!(
        std::fs::read_to_string(&torn)
            .expect("a file")
            .ends_with('\n')
    );
    assert!(matches!(
        faults(&place)[..],
        [Fault {
            kind: FaultKind::Broken,
            line: 5,
            ..
        }]
    ));
    let told: Vec<_> = crate::read(&place.path())
        .expect("a folder")
        .filter_map(Result::ok)
        .filter(|entry| entry.kind == "line-closed")
        .collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].details["bytes"], last - 10);
    assert_eq!(told[0].details["file"], place.names()[0].as_str());

    // Once is enough.
    clock.set("2026-11-24T14:00:00Z");
    drop(place.open(&clock));
    let all: Vec<_> = crate::read(&place.path())
        .expect("a folder")
        .filter_map(Result::ok)
        .collect();
    assert_eq!(count(&all, "line-closed"), 1);
}

#[test]
fn the_line_of_a_live_writer_is_left_alone() {
    let place = Place::new();
    let clock = Hand::new(NOON);
    let live = place.open(&clock);
    let file = place.path().join(&place.names()[0]);
    let mut beside = OpenOptions::new().append(true).open(&file).expect("a file");
    beside.write_all(b"{\"v\":1,\"n\"").expect("half a line");
    let before = std::fs::read(&file).expect("a file");
    let other = place.open(&clock);
    flush(&other);
    assert_eq!(std::fs::read(&file).expect("a file"), before);
    drop((live, other));
}

#[test]
fn processes_share_a_folder_and_no_file() {
    let place = Place::new();
    let children: Vec<Child> = (0..3)
        .map(|_| {
            child("tests::crash::child_writes_a_thousand", &place, &[])
                .spawn()
                .expect("a child")
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().expect("an end");
        assert!(output.status.success());
    }
    // Two more in this process, opened at the same instant.
    let clock = Hand::new("2026-11-24T12:00:00Z");
    let (one, two) = (place.open(&clock), place.open(&clock));
    std::thread::scope(|scope| {
        for journal in [&one, &two] {
            scope.spawn(move || note_many(journal, at(NOON), 1000));
        }
    });
    drop((one, two));
    assert_eq!(place.names().len(), 5);
    for name in place.names() {
        let text = std::fs::read_to_string(place.path().join(&name)).expect("a file");
        assert_eq!(text.matches("\"reset-asked\"").count(), 1000, "{name}");
    }
    let entries = place.entries();
    assert_eq!(count(&entries, "reset-asked"), 5000);
    assert_eq!(count(&entries, "journal-closed"), 5);
}

#[test]
#[ignore = "run as a child"]
fn child_writes_a_thousand() {
    note_many(&journal_of_child(), jiff::Timestamp::now(), 1000);
}

/// A limit on the size of files stands in for a full disk: the system writes what fits and
/// refuses the rest, in the middle of a line.
#[test]
fn a_full_disk_costs_what_does_not_fit_and_nothing_else() {
    let place = Place::new();
    // The signal that comes with this limit would end the child.
    let wrapper = ["sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""];
    let status = child("tests::crash::child_fills_the_disk", &place, &wrapper)
        .status()
        .expect("a child");
    assert!(status.success());
    let entries = entries(&place.path());
    let numbers: Vec<u64> = entries.iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, (0..numbers.len() as u64).collect::<Vec<_>>());
    let written = count(&entries, "reset-asked") as u64;
    let lost = sum(&entries, "events-lost", "count");
    assert_eq!(written + lost, 500 + 300 + 7, "{written} written");
    assert!(lost > 300, "{lost} lost");
    assert!(
        entries
            .iter()
            .all(|entry| entry.kind != "events-lost" || entry.details["reason"] == "disk")
    );
    // Told before what came after.
    let kinds: Vec<&str> = entries.iter().map(|entry| entry.kind.as_str()).collect();
    let told = kinds
        .iter()
        .position(|kind| *kind == "events-lost")
        .expect("told");
    assert_eq!(kinds.len() - told, 1 + 7 + 1, "{kinds:?}");
}

#[test]
#[ignore = "run as a child"]
fn child_fills_the_disk() {
    let journal = journal_of_child();
    let limit = |bytes| {
        let maximum = getrlimit(Resource::Fsize).maximum;
        setrlimit(
            Resource::Fsize,
            Rlimit {
                current: bytes,
                maximum,
            },
        )
        .expect("a limit");
    };
    limit(Some(16_001));
    let now = jiff::Timestamp::now();
    note_many(&journal, now, 500);
    flush(&journal);
    note_many(&journal, now, 300);
    flush(&journal);
    limit(None);
    flush(&journal);
    note_many(&journal, now, 7);
}
