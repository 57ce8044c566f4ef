//! How many attempts a second a shared store decides, and how long one waits.
//!
//! `cargo run --release -p rempart-tests --features e2e --example store_speed`, on a machine
//! with nothing else to do. Starts its own servers. `docs/STORES.md` has the figures.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use access::contract::asks;
use access::postgres::{Postgres, migrate};
use access::redis::Redis;
use access::remote::Endpoint;
use access::{Store, Timestamp, Verdict};
use rempart_tests::{postgres, redis};
use tokio::task::JoinSet;

/// Sign-ins under way at once.
const AT_ONCE: [u64; 2] = [1, 64];
const LASTING: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() {
    println!("store; attempts at once; decisions a second; median; 99 of 100");
    let server = redis::Redis::with(&[]);
    let store = open_redis(&server).await;
    measure("Redis, nothing on disk", store).await;
    let server = redis::Redis::start();
    let store = open_redis(&server).await;
    measure("Redis, appendfsync always", store).await;
    let server = postgres::Postgres::start();
    let endpoint = Endpoint::new(server.url(postgres::Postgres::OWNER))
        .password(postgres::Postgres::PASSWORD)
        .connections(32);
    migrate(&endpoint).await.expect("a new database");
    let store = Postgres::open(&endpoint).await.expect("a new server");
    measure("PostgreSQL", Arc::new(store)).await;
}

async fn open_redis(server: &redis::Redis) -> Arc<Redis> {
    let endpoint = Endpoint::new(server.url());
    Arc::new(Redis::open(&endpoint).await.expect("a new server"))
}

async fn measure<S: Store>(name: &str, store: Arc<S>) {
    for at_once in AT_ONCE {
        for (what, one_account) in [("new accounts", false), ("one account, refused", true)] {
            let (decisions, mut times) = run(store.clone(), at_once, one_account).await;
            times.sort_unstable();
            let at = |share: usize| times[(times.len() - 1) * share / 100];
            println!(
                "{name}, {what}; {at_once}; {}; {:?}; {:?}",
                decisions / LASTING.as_secs(),
                at(50),
                at(99)
            );
        }
    }
}

/// Attempts for some seconds: how many, and how long each took.
async fn run<S: Store>(store: Arc<S>, at_once: u64, one_account: bool) -> (u64, Vec<Duration>) {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let end = Instant::now() + LASTING;
    let mut workers = JoinSet::new();
    for _ in 0..at_once {
        let store = store.clone();
        workers.spawn(async move {
            let mut times = Vec::new();
            while Instant::now() < end {
                let number = match one_account {
                    true => 0,
                    false => NEXT.fetch_add(1, Ordering::Relaxed) + 1,
                };
                let ask = asks::sign_in(number, number, Timestamp::from(SystemTime::now()));
                let begun = Instant::now();
                let verdict = store.admit(&ask).await.expect("an answer");
                times.push(begun.elapsed());
                assert!(one_account || verdict == Verdict::Admit, "{verdict:?}");
            }
            times
        });
    }
    let times: Vec<Duration> = workers.join_all().await.into_iter().flatten().collect();
    (times.len() as u64, times)
}
