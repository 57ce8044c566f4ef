//! Does the time of a sign-in tell anything about the account? The test of dudect (Reparaz,
//! Balasch, Verbauwhede: "Dude, is my code constant time?", 2017), on the whole flow.
//!
//! ```text
//! cargo run --release -p rempart-tests --example sign_in_times -- 1500
//! ```
//!
//! Each row compares two kinds of sign-in, made in pairs one right after the other, the order
//! within a pair drawn by chance, as many pairs as the argument says. A machine that slows down
//! for a second slows both of a pair. Student's t is taken over the differences within all pairs,
//! and again over the pairs whose slower half is under a cut, which treats both kinds alike. The
//! largest t counts. An absolute t of 4.5 or more is a difference, as dudect has it; the program
//! then ends with code 1.
//!
//! Hashes are made cheap here: what the hash itself takes varies by a tenth on any machine, and
//! at the reference costs that would hide whatever else differs. That as many hashes of each
//! class are computed is counted by the tests of `rempart`; this program is about the rest.
//!
//! Both of a pair type the same, and each pair another text: what one text takes with the salt of one
//! account and not with that of another is chance, and would be the same chance in every pair.
//!
//! Some rows watch over the others. "And again" and "another of its class" must show nothing. "A
//! tenth of a millisecond more" is a difference made on purpose; a run that does not see it proves
//! nothing, and ends with code 2. "Seen from" is the difference of means that would have had a t
//! of 4.5.
//!
//! A busy machine hides differences, so run it on a quiet one. Absent on purpose: a place among
//! the tests, where a figure of time has none; a right password, whose answer tells by itself.

use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use rempart::{Account, Accounts, Credential, Login, StoredHash, Visitor, store};

/// From this absolute t on, dudect speaks of a difference.
const DIFFERENCE: f64 = 4.5;

/// In seconds: a difference under a microsecond is printed and not counted. Only the row of two
/// blocked accounts, which computes no hash, is steady enough to show one, and only from within.
const LEAST: f64 = 1e-6;

/// Shares of all pairs of a row that are kept, those with the slowest sign-ins left out.
const CUTS: [f64; 5] = [1.0, 0.99, 0.95, 0.9, 0.75];

/// The difference made on purpose: under a hundredth of a hash at the reference costs.
const MORE: Duration = Duration::from_micros(100);

/// Restriction off, since a thousand failures are wanted.
const OPEN: &str = "\n[access]\nmechanism = \"none\"\n[access.limits]\nsource = 0\npair = 0\n";

/// The same with hashes of other systems and ages, so that a sign-in is one hash of each class.
const MIXED: &str = "accept = [\"bcrypt\"]\n\
    [access]\nmechanism = \"none\"\n[access.limits]\nsource = 0\npair = 0\n";

/// Blocked after a few failures, without a limit for sources.
const BLOCK: &str = "\n[access]\nmechanism = \"block\"\n[access.limits]\nsource = 0\npair = 0\n";

/// What the three begin with.
const CHEAP: &str = "version = 1\n\
    [[deviation]]\nclause = \"asvs-hash-cost\"\nreason = \"what is not the hash is timed\"\n\
    [hash]\nmemory = \"2 MiB\"\niterations = 2\n";

/// Hashes of passwords that nobody here types: of lower cost than the policy's, and of PHP.
const OLD: &str = "$argon2id$v=19$m=1024,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
const BCRYPT: &str = "$2y$04$58oX64c86yU.hUy43IrEs./xdWeueOo4uFrgwopxfdPvtWwyqD1UG";

/// One kind of sign-in.
#[derive(Clone, Copy)]
struct Kind<'k> {
    name: &'k str,
    typed: Typed,
    more: Duration,
}

/// What is typed, never the password.
#[derive(Clone, Copy)]
enum Typed {
    /// Another text in each pair.
    Wrong,
    Empty,
    TooLong,
}

impl Typed {
    fn of_pair(self, pair: usize) -> Vec<u8> {
        match self {
            Self::Wrong => format!("wrong {pair:06}").into_bytes(),
            Self::Empty => Vec::new(),
            Self::TooLong => vec![b'x'; 100_000],
        }
    }
}

const fn kind(name: &str, typed: Typed) -> Kind<'_> {
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
    let mixed = crowd(MIXED).await;
    let block = crowd(BLOCK).await;
    for name in ["ana", "ona"] {
        while !matches!(
            sign_in(&block, kind(name, Typed::Wrong), 0).await,
            rempart::accounts::SignIn::Blocked(_)
        ) {}
    }
    let known = kind("ana", Typed::Wrong);
    let more = Kind {
        more: MORE,
        ..known
    };
    // Whoever types knows what he typed: only the account differs between the two of a row.
    let rows = [
        ("a known account, and again", &open, known, known),
        (
            "a tenth of a millisecond more, on purpose",
            &open,
            known,
            more,
        ),
        ("unknown", &open, known, kind("ona", Typed::Wrong)),
        ("no name at all", &open, known, kind("\u{7}", Typed::Wrong)),
        (
            "unknown, an empty password",
            &open,
            kind("ana", Typed::Empty),
            kind("ona", Typed::Empty),
        ),
        (
            "unknown, an over-long password",
            &open,
            kind("ana", Typed::TooLong),
            kind("ona", Typed::TooLong),
        ),
        (
            "hashes of three classes: a known account, and again",
            &mixed,
            known,
            known,
        ),
        (
            "hashes of three classes: another of its class",
            &mixed,
            known,
            kind("ida", Typed::Wrong),
        ),
        (
            "unknown, hashes of three classes",
            &mixed,
            known,
            kind("ona", Typed::Wrong),
        ),
        (
            "a hash of another age",
            &mixed,
            known,
            kind("leo", Typed::Wrong),
        ),
        (
            "a hash of another system",
            &mixed,
            known,
            kind("max", Typed::Wrong),
        ),
        (
            "a temporary password",
            &mixed,
            known,
            kind("eve", Typed::Wrong),
        ),
        (
            "unknown, both blocked",
            &block,
            known,
            kind("ona", Typed::Wrong),
        ),
    ];
    let (mut differs, mut sees) = (false, false);
    println!(
        "| against a known account with the same typed | t | difference | seen from |\n|-|-:|-:|-:|"
    );
    for (what, accounts, one, other) in rows {
        let found = compare(accounts, count, one, other).await;
        let t = found.t;
        let (difference, seen_from) = (found.difference * 1e6, found.seen_from * 1e6);
        println!("| {what} | {t:.2} | {difference:.1} µs | {seen_from:.1} µs |");
        match other.more > Duration::ZERO {
            true => sees = t >= DIFFERENCE,
            false => differs |= t.abs() >= DIFFERENCE && found.difference.abs() >= LEAST,
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

/// Ana and Ida with a password of today, Eve with one that was given to her, Leo and Max with hashes
/// that wait to be renewed.
async fn crowd(policy: &str) -> Accounts {
    let loaded = policy::load(&format!("{CHEAP}{policy}")).expect("a lawful policy");
    let foreign = !loaded.policy.hash().accept.is_empty();
    let login = Login::new(&loaded).expect("a login flow");
    let accounts = Accounts::new(login, store::Memory::new());
    for name in ["ana", "ida"] {
        let created = accounts
            .create(&Visitor::new(name), b"Tulipe+Orage=27kW".to_vec(), &[])
            .await;
        drop(created.expect("an account"));
    }
    if !foreign {
        return accounts;
    }
    let account = |name| Account::read(name).expect("a name");
    drop(
        accounts
            .attribute(&account("eve"), None)
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
        drop(sign_in(&accounts, kind(name, Typed::Wrong), 0).await);
    }
    accounts
}

/// Pairs of two kinds of sign-in, in an order that no clock can follow.
async fn compare(accounts: &Accounts, count: usize, one: Kind<'_>, other: Kind<'_>) -> Found {
    let mut pairs = Vec::with_capacity(count);
    let mut chance = 0x9e37_79b9_7f4a_7c15_u64;
    for turn in 0..count + WARM {
        // xorshift: the order only has to be unlike any rhythm of the machine.
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        let first = usize::from(chance >> 63 == 1);
        let mut pair = [0.0; 2];
        for which in [first, 1 - first] {
            let begun = Instant::now();
            let answer = sign_in(accounts, [one, other][which], turn).await;
            pair[which] = begun.elapsed().as_secs_f64();
            drop(answer);
        }
        if turn >= WARM {
            pairs.push(pair);
        }
    }
    let cuts = CUTS.map(|share| Paired::under(&pairs, share));
    let largest = cuts
        .iter()
        .map(Paired::t)
        .max_by(|a, b| a.abs().total_cmp(&b.abs()));
    let usual = &cuts[3];
    Found {
        t: largest.expect("there are cuts"),
        difference: usual.difference,
        seen_from: DIFFERENCE * usual.error,
    }
}

/// Pairs of each row that are not counted.
const WARM: usize = 20;

async fn sign_in(accounts: &Accounts, kind: Kind<'_>, pair: usize) -> rempart::accounts::SignIn {
    let answer = accounts
        .sign_in(&Visitor::new(kind.name), kind.typed.of_pair(pair))
        .await;
    if kind.more > Duration::ZERO {
        let begun = Instant::now();
        while begun.elapsed() < kind.more {
            std::hint::spin_loop();
        }
    }
    answer.expect("an answer")
}

/// Student's test of differences within pairs.
struct Paired {
    /// The mean: the second of a pair less the first.
    difference: f64,
    /// The standard error of that.
    error: f64,
}

impl Paired {
    /// Over the share of pairs whose slower half is the fastest.
    fn under(pairs: &[[f64; 2]], share: f64) -> Self {
        let mut pairs = pairs.to_vec();
        let slower = |pair: &[f64; 2]| pair[0].max(pair[1]);
        pairs.sort_by(|a, b| slower(a).total_cmp(&slower(b)));
        pairs.truncate(((pairs.len() as f64 * share).ceil() as usize).max(2));
        let count = pairs.len() as f64;
        let differences = || pairs.iter().map(|[one, other]| other - one);
        let difference = differences().sum::<f64>() / count;
        let squares = differences().map(|found| (found - difference).powi(2));
        let variance = squares.sum::<f64>() / (count - 1.0);
        Self {
            difference,
            error: (variance / count).sqrt(),
        }
    }

    fn t(&self) -> f64 {
        self.difference / self.error
    }
}
