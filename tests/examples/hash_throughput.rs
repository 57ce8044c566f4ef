//! How many hashes a second the service makes, by its workers and its memory budget.
//!
//! ```text
//! cargo run --release -p rempart-tests --example hash_throughput -- 5
//! ```
//!
//! The argument is the seconds of each row. Prints a table in Markdown for
//! `docs/PERFORMANCE.md`: ratios are to one worker, measured again just before each row, so
//! that what else the machine does falls on both alike. Eight requests for each worker wait at
//! any moment, and each compares a wrong password at the reference costs, 19 MiB in two passes.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use policy::{HashPolicy, Size};
use rempart::Password;
use rempart::hashing::Service;
use tokio::task::JoinSet;

/// Workers, and the budget in MiB.
const ROWS: [(usize, u64); 9] = [
    (1, 256),
    (2, 256),
    (4, 256),
    (8, 256),
    // Fewer matrices than workers: memory is what bounds.
    (8, 19),
    (8, 38),
    (8, 76),
    (8, 152),
    (16, 512),
];

/// Requests that wait for each worker.
const LINE: usize = 8;

#[tokio::main]
async fn main() {
    let seconds = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let lasting = Duration::from_secs_f64(f64::max(seconds.unwrap_or(5.0), 0.1));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    println!("{cores} cores.\n");
    println!(
        "| workers | budget | at once, at most | hashes a second | of one worker | median wait | 99 of 100 |"
    );
    println!("|-:|-:|-:|-:|-:|-:|-:|");
    for (workers, mib) in ROWS {
        let alone = run(1, 256, lasting).await;
        let row = run(workers, mib, lasting).await;
        let most = workers.min(usize::try_from(mib / 19).unwrap_or(usize::MAX));
        println!(
            "| {workers} | {mib} MiB | {most} | {:.1} | {:.2} | {:.0} ms | {:.0} ms |",
            row.rate,
            row.rate / alone.rate,
            row.at(50) * 1e3,
            row.at(99) * 1e3,
        );
    }
}

/// What one row measured.
struct Row {
    rate: f64,
    /// Seconds from asking to the answer, in order.
    times: Vec<f64>,
}

impl Row {
    fn at(&self, percent: usize) -> f64 {
        let place = self.times.len().saturating_sub(1) * percent / 100;
        self.times.get(place).copied().unwrap_or(f64::NAN)
    }
}

async fn run(workers: usize, mib: u64, lasting: Duration) -> Row {
    let mut policy = HashPolicy::default();
    policy.workers = Some(workers);
    policy.memory_budget = Size::mib(mib);
    // Nobody is turned away: what is measured is the work.
    policy.queue_deadline = Duration::from_secs(60);
    let service = Service::open(&policy, Path::new("")).expect("a service");
    // The memory of each worker is there before the clock starts.
    let first = (0..workers).map(|_| check(service.clone()));
    first.collect::<JoinSet<()>>().join_all().await;

    let (begun, done) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    let mut running = JoinSet::new();
    for _ in 0..workers * LINE {
        let (service, done) = (service.clone(), done.clone());
        running.spawn(async move {
            let mut times = Vec::new();
            while begun.elapsed() < lasting {
                let asked = Instant::now();
                check(service.clone()).await;
                times.push(asked.elapsed().as_secs_f64());
                // What ends after the time is not counted.
                if begun.elapsed() < lasting {
                    done.fetch_add(1, Ordering::Relaxed);
                }
            }
            times
        });
    }
    let mut times: Vec<f64> = running.join_all().await.into_iter().flatten().collect();
    times.sort_by(f64::total_cmp);
    Row {
        rate: done.load(Ordering::Relaxed) as f64 / lasting.as_secs_f64(),
        times,
    }
}

async fn check(service: Service) {
    let typed = Password::read(b"wrong".to_vec(), 256);
    let checked = service.check(typed, None, [7; 16]).await;
    drop(checked.expect("a turn"));
}
