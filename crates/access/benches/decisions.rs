//! How many attempts a second a store decides.
//!
//! Goal: a million in memory on one core, with the four counters that an attempt asks. The last
//! group counts what a login flow pays: four keyed hashes beside the decision.
//!
//! `cargo bench -p rempart-access --all-features`

use std::future::Future;
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use access::contract::asks;
use access::{Ask, KeyMaker, Memory, Redb, Store, Throttle, Timestamp, Visitor};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use policy::access::AccessPolicy;

const ACCOUNTS: u64 = 50_000;

/// The attempts of many accounts from many sources, a tenth of a millisecond apart.
fn ask(number: u64) -> Ask {
    let mut ask = asks::sign_in(number % ACCOUNTS, number % 5_000, moment(number));
    ask.counters.push(asks::site());
    ask
}

fn moment(number: u64) -> Timestamp {
    Timestamp::new(Duration::from_secs(1_800_000_000) + Duration::from_micros(number * 100))
}

fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => unreachable!("memory answers at once"),
    }
}

fn memory(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("memory");
    group.throughput(Throughput::Elements(1));
    let store = Memory::new(200_000);
    let mut number = 0;
    group.bench_function("admit, four counters", |bencher| {
        bencher.iter_batched_ref(
            || {
                number += 1;
                ask(number)
            },
            |ask| black_box(now(store.admit(ask)).expect("an answer")),
            BatchSize::SmallInput,
        );
    });
    let store = Memory::new(200_000);
    let mut number = 0;
    group.bench_function("admit and succeed, four counters", |bencher| {
        bencher.iter_batched_ref(
            || {
                number += 1;
                ask(number)
            },
            |ask| {
                let verdict = now(store.admit(ask)).expect("an answer");
                now(store.succeed(ask)).expect("an answer");
                black_box(verdict)
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

fn redb(criterion: &mut Criterion) {
    const TOGETHER: u64 = 1_000;
    let folder = tempfile::tempdir().expect("a folder");
    let path: &Path = folder.path();
    let store = std::sync::Arc::new(Redb::open(&path.join("counters.redb")).expect("a file"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let mut group = criterion.benchmark_group("redb");
    group.sample_size(10);
    group.throughput(Throughput::Elements(TOGETHER));
    let mut number = 0;
    group.bench_function("admit, four counters, a thousand at once", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async {
                let calls: Vec<_> = (0..TOGETHER)
                    .map(|_| {
                        number += 1;
                        let (store, ask) = (store.clone(), ask(number));
                        tokio::spawn(async move { store.admit(&ask).await })
                    })
                    .collect();
                for call in calls {
                    let _ = black_box(call.await.expect("no panic").expect("an answer"));
                }
            });
        });
    });
    group.finish();
}

fn throttle(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("throttle");
    group.throughput(Throughput::Elements(1));
    let policy = AccessPolicy::default();
    let throttle = Throttle::new(
        Memory::new(200_000),
        KeyMaker::with_secret([7; 32]),
        &policy,
    );
    let names: Vec<String> = (0..ACCOUNTS)
        .map(|number| format!("person-{number}@example.fr"))
        .collect();
    let mut number = 0_usize;
    group.bench_function("admit over memory, keys made", |bencher| {
        bencher.iter(|| {
            number += 1;
            let source = u32::try_from(number % 5_000).expect("small");
            let visitor = Visitor {
                source: Some(IpAddr::V4(Ipv4Addr::from(source))),
                ..Visitor::new(&names[number % names.len()])
            };
            let admission = now(throttle.admit(&visitor, moment(number as u64)));
            black_box(admission.expect("an answer"))
        });
    });
    group.finish();
}

criterion_group!(benches, memory, redb, throttle);
criterion_main!(benches);
