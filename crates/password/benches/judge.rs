//! What a judgement and a hash cost. Figures: `docs/PERFORMANCE.md`.
#![allow(missing_docs, reason = "criterion's macros make undocumented items")]
#![allow(clippy::unwrap_used, reason = "a bench may stop at a fault")]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use password::hash::Hasher;
use password::{Context, Judge};
use policy::Policy;

/// Typed by people, random, phrases: each is judged once per iteration.
const REALISTIC: [&str; 8] = [
    "Soleil2024!",
    "Tr0ub4dor&3",
    "JeanDupont75!",
    "9fK!r2Vq#tZ7",
    "aB3aB3aB3aB3aB",
    "cheval pile agrafe correct piano rivage onze",
    "7281930465728193",
    "MonChatS'appelleFelix1",
];

/// The slowest found among tens of thousands of mixtures of substitutions, repeats and
/// common words.
const WORST: [&str; 3] = [
    "5!33@$3{7%2|@<+$9",
    "0{@14$!{9298|8aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "a1a1a1a1a1a1a1a1a1a1a1a1a1a1$|[(79|7!1|3",
];

fn judge(c: &mut Criterion) {
    let policy = Policy::reference();
    let judge = Judge::new(policy.password());
    let context = Context::new([
        "jean.dupont@mairie-exemple.fr",
        "Jean Dupont",
        "Mairie d’Exemple",
    ]);
    let mut group = c.benchmark_group("judge");
    group.sample_size(30);
    for (kind, texts) in [("realistic", &REALISTIC[..]), ("worst", &WORST)] {
        for text in texts {
            group.bench_function(format!("{kind}/{text}"), |b| {
                b.iter(|| judge.read_and_assess(black_box(text).as_bytes().to_vec(), &context));
            });
            group.bench_function(format!("bare zxcvbn/{text}"), |b| {
                b.iter(|| zxcvbn::zxcvbn(black_box(text), &[]));
            });
        }
    }
    group.finish();
}

fn hash(c: &mut Criterion) {
    let policy = Policy::reference();
    let judge = Judge::new(policy.password());
    let hasher = Hasher::new(policy.hash()).unwrap();
    let accepted = || {
        judge
            .read_and_judge(b"9fK!r2Vq#tZ7".to_vec(), &Context::none())
            .unwrap()
    };
    let mut group = c.benchmark_group("hash");
    group.sample_size(20);
    group.bench_function("19 MiB, 2 passes, 1 lane", |b| {
        b.iter_batched(
            accepted,
            |accepted| hasher.hash(accepted).unwrap(),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, judge, hash);
criterion_main!(benches);
