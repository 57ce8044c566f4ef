//! What a hash costs, part by part. Figures and the comparison with other programs:
//! `docs/HASHES.md`.
#![allow(missing_docs, reason = "criterion's macros make undocumented items")]
#![allow(clippy::unwrap_used, reason = "a bench may stop at a fault")]

use std::hint::black_box;
use std::path::Path;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use password::hash::{Hasher, Matrix, StoredHash};
use password::{Context, Judge, Password};
use policy::Policy;
use policy::hash::Cost;
use zeroize::Zeroize;

const TEXT: &[u8] = b"9fK!r2Vq#tZ7";

fn hash(c: &mut Criterion) {
    let policy = Policy::reference();
    let judge = Judge::new(policy.password());
    let hasher = Hasher::open(policy.hash(), Path::new("")).unwrap();
    let mut matrix = Matrix::new();
    let accepted = || {
        judge
            .read_and_judge(TEXT.to_vec(), &Context::none())
            .unwrap()
    };
    let mut group = c.benchmark_group("hash at 19 MiB, 2 passes, 1 lane");
    group.sample_size(20);
    group.bench_function("new", |b| {
        b.iter_batched(
            accepted,
            |accepted| hasher.hash(accepted, &mut matrix).unwrap(),
            BatchSize::PerIteration,
        );
    });
    group.bench_function("new, in fresh memory", |b| {
        b.iter_batched(
            accepted,
            |accepted| hasher.hash(accepted, &mut Matrix::new()).unwrap(),
            BatchSize::PerIteration,
        );
    });
    let stored = hasher.hash(accepted(), &mut matrix).unwrap();
    let read = || Password::read(TEXT.to_vec(), 256);
    group.bench_function("sign-in, one class in use", |b| {
        b.iter(|| {
            let plan = hasher.plan(black_box(Some(&stored)), [0; 16]);
            hasher.check(read(), plan, &mut matrix).unwrap()
        });
    });
    let older = "$argon2id$v=19$m=12288,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    let older = StoredHash::parse(older).unwrap();
    group.bench_function("sign-in, two classes in use", |b| {
        let _ = hasher.plan(Some(&older), [0; 16]);
        b.iter(|| {
            let plan = hasher.plan(black_box(Some(&stored)), [0; 16]);
            hasher.check(read(), plan, &mut matrix).unwrap()
        });
    });
    group.finish();
}

/// The function beneath, in memory that is kept and not wiped, and the wiping alone.
fn parts(c: &mut Criterion) {
    let Cost {
        memory_kib,
        iterations,
        parallelism,
        ..
    } = Cost::REFERENCE;
    let params = Params::new(memory_kib, iterations, parallelism, Some(32)).unwrap();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut blocks = vec![Block::new(); argon2.params().block_count()];
    let mut group = c.benchmark_group("parts of it");
    group.sample_size(20);
    group.bench_function("Argon2 in kept memory", |b| {
        b.iter(|| {
            let mut tag = [0; 32];
            argon2
                .hash_password_into_with_memory(TEXT, &[7; 16], &mut tag, &mut blocks)
                .unwrap();
            tag
        });
    });
    group.bench_function("wiping", |b| {
        b.iter(|| black_box(&mut blocks).iter_mut().for_each(Zeroize::zeroize));
    });
    group.finish();
}

criterion_group!(benches, hash, parts);
criterion_main!(benches);
