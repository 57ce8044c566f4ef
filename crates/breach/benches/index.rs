//! What a warm question costs, beside a binary search over the plain sorted keys in memory.
//! Figures: `docs/BREACH.md`.
#![allow(missing_docs, reason = "criterion's macros make undocumented items")]
#![allow(clippy::unwrap_used, reason = "a bench may stop at a fault")]

use std::hint::black_box;
use std::ops::ControlFlow;

use breach::build::{Options, build};
use breach::{Digest, Index};
use criterion::{Criterion, criterion_group, criterion_main};

/// Enough that neither the index nor the array fits in the caches of a processor.
const ENTRIES: u64 = 4_000_000;

/// Questions asked in turn, half of them of leaked passwords.
const ASKED: usize = 1 << 16;

fn made() -> Index {
    let folder = tempfile::tempdir().unwrap();
    let (list, output) = (folder.path().join("list"), folder.path().join("index"));
    let text: Vec<String> = (0..ENTRIES).map(|n| format!("motdepasse{n}")).collect();
    std::fs::write(&list, text.join("\n")).unwrap();
    let options = Options {
        plain: true,
        ..Options::default()
    };
    let never = &mut |_| ControlFlow::Continue(());
    build(&output, &[list], &options, never).unwrap().index
}

fn first_bits(digest: &Digest) -> u64 {
    u64::from_be_bytes(*digest.bytes().first_chunk().unwrap())
}

fn warm(c: &mut Criterion) {
    let index = made();
    let mut plain: Vec<u64> = (0..ENTRIES)
        .map(|n| first_bits(&Digest::sha1_of(&format!("motdepasse{n}"))))
        .collect();
    plain.sort_unstable();
    let asked: Vec<(String, Digest)> = (0..ASKED as u64)
        .map(|n| format!("motdepasse{}", n * 7_919 % (2 * ENTRIES)))
        .map(|text| {
            let digest = Digest::sha1_of(&text);
            (text, digest)
        })
        .collect();
    let mut group = c.benchmark_group("warm question");
    let mut turn = 0;
    let mut next = || {
        turn = (turn + 1) % ASKED;
        &asked[turn]
    };
    group.bench_function("the index, by hash", |b| {
        b.iter(|| index.look_up(black_box(&next().1)).unwrap());
    });
    group.bench_function("the index, by password", |b| {
        b.iter(|| index.contains(black_box(&next().0)));
    });
    group.bench_function("a binary search over the plain keys", |b| {
        b.iter(|| {
            plain
                .binary_search(&first_bits(black_box(&next().1)))
                .is_ok()
        });
    });
    group.bench_function("SHA-1 alone", |b| {
        b.iter(|| Digest::sha1_of(black_box(&next().0)));
    });
    group.finish();
}

criterion_group!(benches, warm);
criterion_main!(benches);
