//! What becomes of sign-ins when more arrive than the machine can hash: those that are let in
//! must not wait past the deadline, and the rest must be told at once or by then.
//!
//! ```text
//! cargo run --release -p rempart-tests --example sign_in_overload -- 10
//! ```
//!
//! The argument is the seconds of each row. First the capacity is measured: what a line that is
//! never empty gets through. Then sign-ins arrive by chance at a multiple of it, whether or not
//! the ones before have their answer, and each is timed from the moment at which it was due, so
//! that a slow answer delays nobody's clock. Prints a table in Markdown for
//! `docs/PERFORMANCE.md`; the bound of the last column is the queue deadline and the slowest of
//! a hundred hashes without a line. Ends with code 1 where 99 of 100 are over it by a tenth.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use rempart::hashing::HashingError;
use rempart::{Accounts, FlowError, Login, Visitor, store};
use tokio::task::JoinSet;

/// Restriction off: what is measured is the hashing service.
const POLICY: &str = "version = 1\n[hash]\nqueue-deadline = \"1s\"\n\
    [access]\nmechanism = \"none\"\n[access.limits]\nsource = 0\npair = 0\n";
const DEADLINE: Duration = Duration::from_secs(1);

/// Arrivals, in multiples of the capacity.
const RATES: [f64; 5] = [0.5, 0.9, 1.2, 2.0, 5.0];

/// Over the bound by this much is a fault of ours, not of the machine.
const MARGIN: f64 = 1.1;

#[tokio::main]
async fn main() -> ExitCode {
    let seconds = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let lasting = Duration::from_secs_f64(f64::max(seconds.unwrap_or(10.0), 1.0));
    let loaded = policy::load(POLICY).expect("a lawful policy");
    let login = Login::new(&loaded).expect("a login flow");
    let accounts = Accounts::new(login, store::Memory::new());
    let created = accounts
        .create(&Visitor::new("ana"), b"Tulipe+Orage=27kW".to_vec(), &[])
        .await;
    drop(created.expect("an account"));

    let workers = accounts.login().hashing().load().free_workers;
    let capacity = capacity(&accounts, workers, lasting).await;
    let mut within = true;
    println!("{workers} workers, {capacity:.0} sign-ins a second, queue deadline {DEADLINE:?}.\n");
    println!(
        "| arrivals, of the capacity | served, of the capacity | told \"overloaded\" | served: median | 99 of 100 | slowest | told after, slowest | deadline and one hash |"
    );
    println!("|-:|-:|-:|-:|-:|-:|-:|-:|");
    for rate in RATES {
        let row = arrive(&accounts, rate * capacity, lasting).await;
        let bound = DEADLINE + row.hash;
        let (served, told) = (row.served.len(), row.told.len());
        let share = served as f64 / lasting.as_secs_f64() / capacity;
        let refused = 100.0 * told as f64 / (served + told).max(1) as f64;
        let [median, most, slowest] = [50, 99, 100].map(|percent| at(&row.served, percent));
        println!(
            "| {rate:.1} | {share:.2} | {refused:.0} % | {} | {} | {} | {} | {} |",
            millis(median),
            millis(most),
            millis(slowest),
            millis(at(&row.told, 100)),
            millis(bound),
        );
        within &= most.as_secs_f64() <= MARGIN * bound.as_secs_f64();
    }
    ExitCode::from(u8::from(!within))
}

/// Sign-ins a second while the line is never empty and never too long.
async fn capacity(accounts: &Accounts, workers: usize, lasting: Duration) -> f64 {
    let begun = Instant::now();
    let mut running = JoinSet::new();
    for _ in 0..workers * 4 {
        let accounts = accounts.clone();
        running.spawn(async move {
            let mut done = 0_u32;
            while begun.elapsed() < lasting {
                assert!(sign_in(&accounts).await, "the line is short");
                done += 1;
            }
            done
        });
    }
    let done: u32 = running.join_all().await.into_iter().sum();
    f64::from(done) / begun.elapsed().as_secs_f64()
}

/// What became of the sign-ins of one row.
struct Row {
    /// From the moment at which each was due, in order.
    served: Vec<Duration>,
    told: Vec<Duration>,
    /// The slowest of a hundred without a line, just before.
    hash: Duration,
}

/// Sign-ins that arrive by chance, so many a second.
async fn arrive(accounts: &Accounts, rate: f64, lasting: Duration) -> Row {
    let mut hash = Duration::ZERO;
    for _ in 0..100 {
        let begun = Instant::now();
        assert!(sign_in(accounts).await, "nobody else is there");
        hash = hash.max(begun.elapsed());
    }
    let (begun, mut due) = (tokio::time::Instant::now(), 0.0);
    let (mut chance, mut running) = (0x9e37_79b9_7f4a_7c15_u64, JoinSet::new());
    loop {
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        // Times between arrivals of a crowd whose members know nothing of each other.
        let even = (chance >> 11) as f64 / (1_u64 << 53) as f64;
        due += -(1.0 - even).ln() / rate;
        if due >= lasting.as_secs_f64() {
            break;
        }
        let moment = begun + Duration::from_secs_f64(due);
        tokio::time::sleep_until(moment).await;
        let accounts = accounts.clone();
        running.spawn(async move { (sign_in(&accounts).await, moment.elapsed()) });
    }
    let answers = running.join_all().await;
    let of = |served: bool| {
        let some = answers.iter().filter(|(answer, _)| *answer == served);
        let mut times: Vec<Duration> = some.map(|(_, time)| *time).collect();
        times.sort_unstable();
        times
    };
    let (served, told) = (of(true), of(false));
    Row { served, told, hash }
}

/// Whether it was served. Any answer but a typed overload is a fault.
async fn sign_in(accounts: &Accounts) -> bool {
    let answer = accounts
        .sign_in(&Visitor::new("ana"), b"wrong".to_vec())
        .await;
    match answer {
        Ok(_) => true,
        Err(FlowError::Hashing(HashingError::Overloaded { .. })) => false,
        Err(error) => panic!("{error}"),
    }
}

fn at(times: &[Duration], percent: usize) -> Duration {
    let place = times.len().saturating_sub(1) * percent / 100;
    times.get(place).copied().unwrap_or_default()
}

fn millis(time: Duration) -> String {
    format!("{} ms", time.as_millis())
}
