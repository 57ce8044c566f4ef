//! An index at scale, once: time, memory and size of a build, warm and cold questions.
//!
//! `cargo bench -p rempart-breach --bench scale -- [ENTRIES] [FOLDER] [plain]`. The input is
//! made by arithmetic, in order of hashes as a published corpus is, or with `plain` as a list
//! of passwords in no order of their hashes. Figures: `docs/BREACH.md`.
//!
//! Cold questions need the right to empty the system's cache of pages; without it, they are
//! left out. Everything made is deleted.
#![allow(clippy::unwrap_used, reason = "a bench may stop at a fault")]

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use breach::build::{Options, build};
use breach::{Digest, Index};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --all-targets` runs benches too, without this argument.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let mut arguments = arguments.into_iter().filter(|word| !word.starts_with("--"));
    let entries = arguments
        .next()
        .map_or(1_000_000, |text| text.parse().unwrap());
    let folder = arguments
        .next()
        .map_or_else(std::env::temp_dir, PathBuf::from);
    let plain = arguments.next().is_some();
    let folder = tempfile::tempdir_in(folder).unwrap();
    let (input, output) = (folder.path().join("input"), folder.path().join("index"));

    timed("input made", || generate(&input, entries, plain));
    println!("input: {} bytes", fs::metadata(&input).unwrap().len());
    let options = Options {
        plain,
        ..Options::default()
    };
    let built = timed("index built", || {
        let never = &mut |_| ControlFlow::Continue(());
        build(&output, std::slice::from_ref(&input), &options, never).unwrap()
    });
    println!("peak memory of the process: {}", status("VmHWM"));
    fs::remove_file(&input).unwrap();
    let index = built.index;
    println!(
        "index: {} entries, {} bytes, {:.2} bytes each, {} bits, rate {:.2e}",
        index.entries(),
        index.length(),
        index.length() as f64 / index.entries() as f64,
        index.bits(),
        index.false_hit_rate()
    );
    timed("every byte verified", || index.verify().unwrap());
    drop(index);
    let index = timed("opened warm", || Index::open(&output).unwrap());

    let there = questions(entries, plain, |n| n * 7_919 % entries);
    let absent: Vec<Digest> = (0..1_000_000)
        .map(|n| Digest::sha1_of(&format!("absent {n}")))
        .collect();
    let hits = |asked: &[Digest]| {
        let hit = |digest: &&Digest| index.look_up(digest).unwrap();
        asked.iter().filter(hit).count()
    };
    assert_eq!(hits(&there), there.len(), "a leaked password is not found");
    for (name, asked) in [("leaked", &there), ("not leaked", &absent)] {
        let start = Instant::now();
        let found = hits(asked);
        let each = start.elapsed() / asked.len() as u32;
        println!(
            "warm, {name}: {each:?} each, {found} found of {}",
            asked.len()
        );
    }
    // What is mapped stays in the cache of pages.
    drop(index);
    cold(&output, &there);
}

/// Questions to a file of which nothing is in memory but the table, which is read to be
/// checked when the file is opened.
fn cold(path: &Path, asked: &[Digest]) {
    File::open(path).unwrap().sync_all().unwrap();
    if fs::write("/proc/sys/vm/drop_caches", "1").is_err() {
        println!("cold: left out, the cache of pages may not be emptied");
        return;
    }
    let index = timed("opened cold", || Index::open(path).unwrap());
    let few = &asked[..2_000];
    let (faults, start) = (major_faults(), Instant::now());
    for digest in few {
        assert!(index.look_up(digest).unwrap());
    }
    println!(
        "cold entries, table in memory: {:?} each, {:.2} page faults from the disk each",
        start.elapsed() / few.len() as u32,
        (major_faults() - faults) as f64 / few.len() as f64
    );
}

/// The hashes of a million passwords of the input.
fn questions(entries: u64, plain: bool, number: impl Fn(u64) -> u64) -> Vec<Digest> {
    (0..1_000_000)
        .map(|n| match plain {
            true => Digest::sha1_of(&password(number(n))),
            false => Digest::from_hex(&hash(number(n), entries)).unwrap(),
        })
        .collect()
}

fn generate(path: &Path, entries: u64, plain: bool) {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path).unwrap());
    for n in 0..entries {
        match plain {
            true => writeln!(file, "{}", password(n)),
            false => write!(file, "{}:{}\r\n", hash(n, entries), 1 + n % 50),
        }
        .unwrap();
    }
    file.flush().unwrap();
}

fn password(n: u64) -> String {
    format!("motdepasse{n}")
}

/// The hash number `n` of so many in ascending order: somewhere in its own slice of all
/// hashes.
fn hash(n: u64, entries: u64) -> String {
    let slice = u64::MAX / entries;
    // The finaliser of SplitMix64 scatters the number well enough.
    let mut mixed = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    let first = n * slice + mixed % slice;
    format!("{first:016X}{mixed:016X}{:08X}", mixed as u32)
}

fn timed<T>(what: &str, act: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = act();
    println!("{what}: {:?}", round(start.elapsed()));
    result
}

fn round(time: Duration) -> Duration {
    Duration::from_micros(time.as_micros() as u64)
}

/// A field of the system's record of this process.
fn status(field: &str) -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    line.map_or("unknown", |rest| rest.trim_matches([':', '\t', ' ']))
        .to_owned()
}

/// Page faults of this process that had to wait for the disk.
fn major_faults() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    // Field 12 of proc_pid_stat(5); the two before the name's end are gone.
    let field = after_name.split_whitespace().nth(9);
    field.and_then(|text| text.parse().ok()).unwrap_or(0)
}
