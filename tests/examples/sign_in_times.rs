//! Does the time of a sign-in tell anything about the account? The test of dudect (Reparaz,
//! Balasch, Verbauwhede: "Dude, is my code constant time?", 2017), on the whole flow.
//!
//! ```text
//! cargo run --release -p rempart-tests --example sign_in_times -- 1000
//! ```
//!
//! Each row compares two kinds of sign-in, made in an order drawn by chance, about as many of
//! each as the argument says. Welch's t is taken over all times and again over those under a
//! cut, which is a share of both kinds *together*: cut apart, each kind would lose a tail of
//! its own, and with it the spread that t is measured against. The largest t counts. An
//! absolute t of 4.5 or more is a difference, as dudect has it; the program then ends with
//! code 1.
//!
//! Two rows watch over the others. "The same again" must show nothing. "Half a millisecond
//! more" is a difference made on purpose; a run that does not see it proves nothing, and ends
//! with code 2. "Seen from" is the difference of means that would have had a t of 4.5.
//!
//! A busy machine hides differences, so run it on a quiet one. Absent on purpose: a place among
//! the tests, where a figure of time has none; a right password, whose answer tells by itself.

use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use rempart::{Account, Accounts, Credential, Login, StoredHash, Visitor, store};

/// From this absolute t on, dudect speaks of a difference.
const DIFFERENCE: f64 = 4.5;

/// Shares of all times of a row that are kept, the slowest left out.
const CUTS: [f64; 5] = [1.0, 0.99, 0.95, 0.9, 0.75];

/// The difference made on purpose: a thirtieth of a hash at the reference costs.
const MORE: Duration = Duration::from_micros(500);

/// Restriction off, since a thousand failures are wanted.
const OPEN: &str = "version = 1\n[hash]\naccept = [\"bcrypt\"]\n\
    [access]\nmechanism = \"none\"\n[access.limits]\nsource = 0\npair = 0\n";

/// Blocked after a few failures, without a limit for sources.
const BLOCK: &str = "version = 1\n[access]\nmechanism = \"block\"\n\
    [access.limits]\nsource = 0\npair = 0\n";

/// Hashes of passwords that nobody here types: of lower cost than the policy's, and of PHP.
const OLD: &str = "$argon2id$v=19$m=8192,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
const BCRYPT: &str = "$2y$08$58oX64c86yU.hUy43IrEs./xdWeueOo4uFrgwopxfdPvtWwyqD1UG";

/// One kind of sign-in.
#[derive(Clone, Copy)]
struct Kind<'k> {
    name: &'k str,
    typed: &'k [u8],
    more: Duration,
}

const fn kind<'k>(name: &'k str, typed: &'k [u8]) -> Kind<'k> {
    let more = Duration::ZERO;
    Kind { name, typed, more }
}

/// What a row found.
struct Found {
    /// The largest absolute t, with its sign.
    t: f64,
    /// The difference of means over all but the slowest tenth, in seconds.
    difference: f64,
    /// The same difference that would have had a t of [`DIFFERENCE`].
    seen_from: f64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let count = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let count: usize = count.unwrap_or(1000).max(50);
    let open = crowd(OPEN).await;
    let block = crowd(BLOCK).await;
    for name in ["ana", "nobody"] {
        while !matches!(
            sign_in(&block, kind(name, b"wrong")).await,
            rempart::accounts::SignIn::Blocked(_)
        ) {}
    }
    let long = vec![b'x'; 100_000];
    let known = kind("ana", b"wrong");
    let more = Kind {
        more: MORE,
        ..known
    };
    let rows = [
        ("the same again", &open, known),
        ("half a millisecond more, on purpose", &open, more),
        ("an unknown account", &open, kind("nobody", b"wrong")),
        ("no name at all", &open, kind("\u{7}", b"wrong")),
        ("an empty password", &open, kind("ana", b"")),
        ("an over-long password", &open, kind("ana", &long)),
        (
            "an empty password, unknown account",
            &open,
            kind("nobody", b""),
        ),
        ("a hash of another age", &open, kind("leo", b"wrong")),
        ("a hash of another system", &open, kind("max", b"wrong")),
        ("a temporary password", &open, kind("eve", b"wrong")),
        (
            "blocked: an unknown account",
            &block,
            kind("nobody", b"wrong"),
        ),
    ];
    let (mut differs, mut sees) = (false, false);
    println!(
        "| against a known account and a wrong password | t | difference | seen from |\n|-|-:|-:|-:|"
    );
    for (what, accounts, other) in rows {
        let found = compare(accounts, count, known, other).await;
        let Found {
            t,
            difference,
            seen_from,
        } = found;
        let (difference, seen_from) = (difference * 1e6, seen_from * 1e6);
        println!("| {what} | {t:.2} | {difference:.0} µs | {seen_from:.0} µs |");
        match other.more > Duration::ZERO {
            true => sees = t >= DIFFERENCE,
            false => differs |= t.abs() >= DIFFERENCE,
        }
    }
    match (differs, sees) {
        (_, false) => {
            println!(
                "\nNothing is proved: the difference made on purpose was not seen. Sign in more often, or on a quieter machine."
            );
            ExitCode::from(2)
        }
        (true, _) => ExitCode::from(1),
        (false, true) => ExitCode::SUCCESS,
    }
}

/// Ana with a password of today, Eve with one that was given to her, Leo and Max with hashes
/// that wait to be renewed.
async fn crowd(policy: &str) -> Accounts {
    let loaded = policy::load(policy).expect("a lawful policy");
    let foreign = !loaded.policy.hash().accept.is_empty();
    let login = Login::new(&loaded).expect("a login flow");
    let accounts = Accounts::new(login, store::Memory::new());
    let created = accounts
        .create(&Visitor::new("ana"), b"Tulipe+Orage=27kW".to_vec(), &[])
        .await;
    drop(created.expect("an account"));
    if !foreign {
        return accounts;
    }
    let account = |name| Account::read(name).expect("a name");
    drop(
        accounts
            .attribute(&account("eve"))
            .await
            .expect("a password"),
    );
    for (name, text) in [("leo", OLD), ("max", BCRYPT)] {
        let hash = StoredHash::parse(text).expect("a hash");
        let credential = Credential::import(hash, SystemTime::now().into()).expect("randomness");
        assert!(
            accounts
                .import(&account(name), &credential)
                .await
                .expect("kept")
        );
    }
    // Their classes are known from the first sight on.
    for name in ["leo", "max"].repeat(10) {
        drop(sign_in(&accounts, kind(name, b"wrong")).await);
    }
    accounts
}

/// Two kinds of sign-in, in an order that no clock can follow.
async fn compare(accounts: &Accounts, count: usize, one: Kind<'_>, other: Kind<'_>) -> Found {
    let mut times = [Vec::new(), Vec::new()];
    let mut chance = 0x9e37_79b9_7f4a_7c15_u64;
    for turn in 0..2 * count + WARM {
        // xorshift: the order only has to be unlike any rhythm of the machine.
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        let which = usize::from(chance >> 63 == 1);
        let kind = [one, other][which];
        let begun = Instant::now();
        let answer = sign_in(accounts, kind).await;
        let taken = begun.elapsed();
        drop(answer);
        if turn >= WARM {
            times[which].push(taken.as_secs_f64());
        }
    }
    let cuts = CUTS.map(|share| Welch::under(&times, share));
    let largest = cuts
        .iter()
        .map(Welch::t)
        .max_by(|a, b| a.abs().total_cmp(&b.abs()));
    let usual = &cuts[3];
    Found {
        t: largest.expect("there are cuts"),
        difference: usual.difference,
        seen_from: DIFFERENCE * usual.error,
    }
}

/// Sign-ins of each row that are not counted.
const WARM: usize = 20;

async fn sign_in(accounts: &Accounts, kind: Kind<'_>) -> rempart::accounts::SignIn {
    let answer = accounts
        .sign_in(&Visitor::new(kind.name), kind.typed.to_vec())
        .await;
    if kind.more > Duration::ZERO {
        let begun = Instant::now();
        while begun.elapsed() < kind.more {
            std::hint::spin_loop();
        }
    }
    answer.expect("an answer")
}

/// Welch's test of two samples whose spreads may differ.
struct Welch {
    /// Of the means: the second less the first.
    difference: f64,
    /// The standard error of that.
    error: f64,
}

impl Welch {
    /// Over the times that are among this share of both samples together.
    fn under(times: &[Vec<f64>; 2], share: f64) -> Self {
        let mut all = times.concat();
        all.sort_by(f64::total_cmp);
        let place = (all.len() as f64 * share).ceil() as usize;
        let most = all[place.clamp(1, all.len()) - 1];
        let [one, other] = [0, 1].map(|which: usize| {
            let kept = times[which].iter().filter(|time| **time <= most);
            moments(&kept.copied().collect::<Vec<f64>>())
        });
        Self {
            difference: other.mean - one.mean,
            error: (one.variance / one.count + other.variance / other.count).sqrt(),
        }
    }

    fn t(&self) -> f64 {
        self.difference / self.error
    }
}

struct Moments {
    count: f64,
    mean: f64,
    variance: f64,
}

fn moments(times: &[f64]) -> Moments {
    let count = times.len() as f64;
    let mean = times.iter().sum::<f64>() / count;
    let squares = times.iter().map(|time| (time - mean).powi(2)).sum::<f64>();
    let variance = squares / (count - 1.0);
    Moments {
        count,
        mean,
        variance,
    }
}
