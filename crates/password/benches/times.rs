//! Our side of `tests/compare-hash`: computes hashes as it is told to on standard input, and
//! answers with what they took.
//!
//! A question is `VARIANT MEMORY_KIB PASSES LANES COUNT`, the answer is the time on the clock
//! and that of the processor (user and system), both in nanoseconds, for all of them.
//! Variants: `rempart` is the hasher as it ships; `kept` is the crate beneath in memory that is
//! reused and never wiped, `fresh` in memory taken anew for each hash; `wipe` wipes only.
#![allow(clippy::unwrap_used, reason = "a bench may stop at a fault")]

use std::io::BufRead;
use std::path::Path;
use std::time::Instant;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use password::hash::{Hasher, Matrix};
use policy::HashPolicy;
use rustix::time::{ClockId, clock_gettime};
use zeroize::Zeroize;

fn main() {
    // `cargo bench` starts every bench; this one has nothing to say to a person.
    if std::env::args().all(|argument| argument != "--serve") {
        return;
    }
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let [variant, memory, passes, lanes, count] = words[..] else {
            panic!("not a question: {line}");
        };
        let mut policy = HashPolicy::default();
        policy.cost.memory_kib = memory.parse().unwrap();
        policy.cost.iterations = passes.parse().unwrap();
        policy.cost.parallelism = lanes.parse().unwrap();
        let (wall, cpu) = measure(variant, &policy, count.parse().unwrap());
        println!("{wall} {cpu}");
    }
}

fn measure(variant: &str, policy: &HashPolicy, count: u32) -> (u128, u128) {
    let cost = policy.cost;
    let params = Params::new(cost.memory_kib, cost.iterations, cost.parallelism, Some(32));
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.unwrap());
    let mut blocks = vec![Block::new(); argon2.params().block_count()];
    let (text, salt, mut tag) = ([b'x'; 16], [7; 16], [0; 32]);
    match variant {
        "rempart" => {
            let hasher = Hasher::open(policy, Path::new("")).unwrap();
            let mut matrix = Matrix::new();
            times(count, || hasher.spend(&mut matrix).unwrap())
        }
        "kept" => times(count, || {
            argon2
                .hash_password_into_with_memory(&text, &salt, &mut tag, &mut blocks)
                .unwrap();
        }),
        "fresh" => times(count, || {
            argon2.hash_password_into(&text, &salt, &mut tag).unwrap();
        }),
        "wipe" => times(count, || blocks.iter_mut().for_each(Zeroize::zeroize)),
        _ => panic!("no variant {variant}"),
    }
}

/// The work once to warm up, then as often as asked.
fn times(count: u32, mut work: impl FnMut()) -> (u128, u128) {
    work();
    let (wall, cpu) = (Instant::now(), processor());
    (0..count).for_each(|_| work());
    (wall.elapsed().as_nanos(), processor() - cpu)
}

fn processor() -> u128 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    u128::try_from(time.tv_sec).unwrap() * 1_000_000_000 + u128::try_from(time.tv_nsec).unwrap()
}
