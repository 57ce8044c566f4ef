//! Does the time of a sign-in tell anything about the account? The test of dudect, on the
//! whole flow: two kinds of sign-in in random order, their slowest tenth cut off, Welch's t
//! between the rest.
//!
//! ```text
//! cargo run --release -p rempart-tests --example sign_in_times -- 1000
//! ```
//!
//! An absolute t of 4.5 or more is a difference, as dudect has it; the program then ends with
//! code 1. A busy machine hides differences, so run it on a quiet one. Absent on purpose: a place among the tests, where a figure of time has none.

use std::process::ExitCode;
use std::time::{Instant, SystemTime};

use rempart::{Account, Accounts, Credential, Login, StoredHash, Visitor, store};

/// From this absolute t on, dudect speaks of a difference.
const DIFFERENCE: f64 = 4.5;

/// Restriction off, since a thousand failures are wanted; a cost at the floor.
const POLICY: &str = "version = 1\n[hash]\nmemory = \"12 MiB\"\niterations = 3\n\
    [access]\nmechanism = \"none\"\n[access.limits]\nsource = 0\npair = 0\n";

/// A hash of lower cost than the policy's, of a password that nobody has.
const OLD: &str = "$argon2id$v=19$m=8192,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

#[tokio::main]
async fn main() -> ExitCode {
    let count = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let count: usize = count.unwrap_or(1000);
    let accounts = crowd().await;
    let long = vec![b'x'; 100_000];
    let rows: [(&str, &str, &[u8]); 6] = [
        ("the same again", "ana", b"wrong"),
        ("an unknown account", "nobody", b"wrong"),
        ("no name at all", "\u{7}", b"wrong"),
        ("an empty password", "ana", b""),
        ("an over-long password", "ana", &long),
        ("a hash of another age", "leo", b"wrong"),
    ];
    let mut found = false;
    println!("| against a known account and a wrong password | t |\n|-|-|");
    for (what, name, typed) in rows {
        let t = compare(&accounts, count, ("ana", b"wrong"), (name, typed)).await;
        found |= t.abs() >= DIFFERENCE;
        println!("| {what} | {t:.2} |");
    }
    ExitCode::from(u8::from(found))
}

/// Ana with a password of today, Leo with a hash that waits to be renewed.
async fn crowd() -> Accounts {
    let loaded = policy::load(POLICY).expect("a lawful policy");
    let login = Login::new(&loaded).expect("a login flow");
    let accounts = Accounts::new(login, store::Memory::new());
    let visitor = Visitor::new("ana");
    let created = accounts
        .create(&visitor, b"Tulipe+Orage=27kW".to_vec(), &[])
        .await;
    drop(created.expect("an account"));
    let old = StoredHash::parse(OLD).expect("a hash");
    let credential = Credential::import(old, SystemTime::now().into()).expect("randomness");
    let leo = Account::read("leo").expect("a name");
    assert!(accounts.import(&leo, &credential).await.expect("kept"));
    // The class of Leo's hash is known from its first sight on.
    for _ in 0..20 {
        time(&accounts, "leo", b"wrong").await;
    }
    accounts
}

/// Welch's t between two kinds of sign-in, made in an order that no clock can follow.
async fn compare(
    accounts: &Accounts,
    count: usize,
    one: (&str, &[u8]),
    other: (&str, &[u8]),
) -> f64 {
    let mut times = [Vec::new(), Vec::new()];
    let mut chance = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..2 * count {
        // xorshift: the order only has to be unlike any rhythm of the machine.
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        let which = usize::from(chance >> 63 == 1);
        let (name, typed) = [one, other][which];
        times[which].push(time(accounts, name, typed).await);
    }
    let [one, other] = times.map(cut);
    let ((mean, spread), (other_mean, other_spread)) = (moments(&one), moments(&other));
    (mean - other_mean) / (spread / one.len() as f64 + other_spread / other.len() as f64).sqrt()
}

async fn time(accounts: &Accounts, name: &str, typed: &[u8]) -> f64 {
    let (visitor, typed) = (Visitor::new(name), typed.to_vec());
    let begun = Instant::now();
    let answer = accounts.sign_in(&visitor, typed).await;
    let taken = begun.elapsed();
    assert!(answer.is_ok(), "{answer:?}");
    taken.as_secs_f64()
}

/// Without the slowest tenth, which is the machine's.
fn cut(mut times: Vec<f64>) -> Vec<f64> {
    times.sort_by(f64::total_cmp);
    times.truncate(times.len() * 9 / 10);
    times
}

fn moments(times: &[f64]) -> (f64, f64) {
    let count = times.len() as f64;
    let mean = times.iter().sum::<f64>() / count;
    let spread = times.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (count - 1.0);
    (mean, spread)
}
