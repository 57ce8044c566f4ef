//! What a hash of another system takes beside a new one of ours, and what its class says that
//! it weighs.
//!
//! ```text
//! cargo bench -p rempart-password --features foreign --bench weights
//! ```
//!
//! Processor time of the fastest of several runs, in turns with Argon2 at the reference costs,
//! as a multiple of that. Prints a table in Markdown for `docs/HASHES.md`. A busy machine adds
//! a tenth or two, which is why the weights are round figures.

use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use password::hash::foreign::Foreign;
use password::hash::{Hasher, Matrix};
use policy::HashPolicy;
use policy::hash::Cost;
use rustix::time::{ClockId, clock_gettime};

/// Runs of each, of which the fastest counts.
const RUNS: usize = 7;

/// What real systems write by themselves, and the salt and tag of nobody.
fn rows() -> Vec<(&'static str, String)> {
    let bcrypt = |cost| {
        format!(
            "$2y${cost}${}",
            "58oX64c86yU.hUy43IrEs./xdWeueOo4uFrgwopxfdPvtWwyqD1UG"
        )
    };
    let tag = "A".repeat(43);
    let long = "A".repeat(86);
    vec![
        ("bcrypt 10", bcrypt("10")),
        ("bcrypt 12, PHP 8.4", bcrypt("12")),
        ("PBKDF2-SHA-1, 720,000 rounds", format!("$pbkdf2$720000$c2FsdHNhbHQ${}", "A".repeat(27))),
        ("PBKDF2-SHA-256, 600,000 rounds, OWASP", format!("$pbkdf2-sha256$600000$c2FsdHNhbHQ${tag}")),
        ("PBKDF2-SHA-256, 1,500,000 rounds, Django 6.1", format!("$pbkdf2-sha256$1500000$c2FsdHNhbHQ${tag}")),
        ("PBKDF2-SHA-512, 220,000 rounds, OWASP", format!("$pbkdf2-sha512$220000$c2FsdHNhbHQ${}", long.clone())),
        ("scrypt 2^14, r 8, p 5, Django", format!("$scrypt$ln=14,r=8,p=5$c2FsdHNhbHQ${tag}")),
        ("scrypt 2^15, r 8, Werkzeug", format!("$scrypt$ln=15,r=8,p=1$c2FsdHNhbHQ${tag}")),
        ("scrypt 2^17, r 8, OWASP", format!("$scrypt$ln=17,r=8,p=1$c2FsdHNhbHQ${tag}")),
        ("`$5$`, 535,000 rounds, passlib", format!("$5$rounds=535000$saltsalt${}", "YAx1SmikXm7Qf.u70OOgAQ0Y8iYDcOkzACtb4swsLy2")),
        ("`$6$`, 5,000 rounds", "$6$6LkcErue5XJW.aij$43t7I8wpOSsTVAbWsc7fCMEt7zveRvdTFY3d3WJ3xO/jlUdOlsDgcV7ThEz8J39CBJLyQEWwegQmOcrD1D0nV/".into()),
        ("`$6$`, 656,000 rounds, passlib", "$6$rounds=656000$6LkcErue5XJW.aij$43t7I8wpOSsTVAbWsc7fCMEt7zveRvdTFY3d3WJ3xO/jlUdOlsDgcV7ThEz8J39CBJLyQEWwegQmOcrD1D0nV/".into()),
        ("`$y$j9T`, Debian", "$y$j9T$PP0EM5s6YfOrwp.mEA2lE/$tky6nJUs3NYaAQbfzfq0.j0LjbAnR3baREKNe1I2P33".into()),
        ("phpass 2^13, WordPress", "$P$B".to_owned() + "zoWg/nvxfDvMZ3HCOjWOW1briEOAG."),
        ("phpass 2^19, passlib", "$P$H".to_owned() + "zoWg/nvxfDvMZ3HCOjWOW1briEOAG."),
    ]
}

fn main() {
    let reference = Cost::REFERENCE;
    let blocks = u64::from(reference.memory_kib) * u64::from(reference.iterations);
    let hasher = Hasher::open(&HashPolicy::default(), Path::new("")).expect("a hasher");
    let mut matrix = Matrix::new();
    println!("| function | measured | weight |\n|-|-:|-:|");
    for (what, text) in rows() {
        let class = Foreign::parse(&text).expect(what).class();
        let mut best = [Duration::MAX; 2];
        for _ in 0..RUNS {
            let taken = [
                time(|| hasher.spend(&mut matrix).expect("memory")),
                time(|| {
                    class
                        .spend(black_box(b"9fK!r2Vq#tZ7"), &[0; 16])
                        .expect("memory")
                }),
            ];
            for (best, taken) in best.iter_mut().zip(taken) {
                *best = taken.min(*best);
            }
        }
        let measured = best[1].as_secs_f64() / best[0].as_secs_f64();
        let weight = class.weight() as f64 / blocks as f64;
        println!("| {what} | {measured:.2} | {weight:.2} |");
    }
}

/// Processor time of this thread.
fn time(work: impl FnOnce()) -> Duration {
    let now = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
    };
    let begun = now();
    work();
    now() - begun
}
