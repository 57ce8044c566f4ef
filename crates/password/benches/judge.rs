//! What a judgement costs. Figures: `docs/JUDGE.md`.
//!
//! Beside criterion's own lines, two tables in Markdown: a list of mixed passwords, judged and
//! given to the bare zxcvbn crate in turn, and inputs made to cost, at the highest `max-length`.
#![allow(missing_docs, reason = "criterion's macros make undocumented items")]
#![allow(clippy::unwrap_used, reason = "a bench may stop at a fault")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
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

/// Common passwords, most frequent first: what the mixed list is made of.
const COMMON: &str = include_str!("../data/passwords.txt");
/// Passwords of the mixed list.
const MIXED: usize = 1_000;
/// Times that each is measured; the shortest counts.
const TIMES: usize = 5;

/// Pieces of inputs made to cost, each repeated up to the cap.
const HOSTILE: [(&str, &str); 10] = [
    ("signs for letters", "4@({[<69!|1$57+2%"),
    ("readings of `1`", "1!1!|1l1i"),
    ("one letter", "a"),
    ("a common word", "passwordpassword1"),
    ("keys", "azertyuiopqsdfghjklm"),
    ("telephone numbers", "0612345678"),
    ("dates", "14/07/1989"),
    ("short words", "je t'aime "),
    ("a folded letter", "é"),
    ("joined emoji", "👩\u{200d}👧"),
];
/// The highest `max-length`.
const CAP: usize = 4096;

fn judge(c: &mut Criterion) {
    let policy = Policy::reference();
    let judge = Judge::new(policy.password());
    let context = context();
    let mut group = c.benchmark_group("judge");
    group.sample_size(30);
    for text in REALISTIC {
        group.bench_function(text, |b| {
            b.iter(|| judge.read_and_assess(black_box(text).as_bytes().to_vec(), &context));
        });
        group.bench_function(format!("bare zxcvbn/{text}"), |b| {
            b.iter(|| zxcvbn::zxcvbn(black_box(text), &[]));
        });
    }
    group.finish();
    mixed(&judge, &context);
    hostile(&context);
}

fn context() -> Context {
    Context::new([
        "jean.dupont@mairie-exemple.fr",
        "Jean Dupont",
        "Mairie d’Exemple",
    ])
}

/// The judge and the bare crate in turn on each password of a mixed list.
fn mixed(judge: &Judge, context: &Context) {
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for text in list() {
        ours.push(shortest(|| {
            judge.read_and_assess(black_box(&text).as_bytes().to_vec(), context);
        }));
        bare.push(shortest(|| {
            zxcvbn::zxcvbn(black_box(&text), &[]);
        }));
    }
    ours.sort_unstable();
    bare.sort_unstable();
    println!("| {MIXED} mixed passwords | judge | bare zxcvbn | ratio |\n|-|-:|-:|-:|");
    let row = |name, ours: Duration, bare: Duration| {
        let (ours, bare) = (micros(ours), micros(bare));
        println!(
            "| {name} | {ours:.1} µs | {bare:.1} µs | {:.2} |",
            ours / bare
        );
    };
    row("median", ours[MIXED / 2], bare[MIXED / 2]);
    row("99 of 100", ours[MIXED * 99 / 100], bare[MIXED * 99 / 100]);
    row("slowest", ours[MIXED - 1], bare[MIXED - 1]);
    row(
        "mean",
        ours.iter().sum::<Duration>() / MIXED as u32,
        bare.iter().sum::<Duration>() / MIXED as u32,
    );
}

/// Common passwords, alone and decorated in four ways, and as many random strings.
fn list() -> Vec<String> {
    let common: Vec<&str> = COMMON.lines().step_by(90).take(MIXED / 2).collect();
    let mut state = 2026_u64;
    let mut random = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut list = Vec::with_capacity(MIXED);
    for (place, word) in common.iter().cycle().take(MIXED / 2).enumerate() {
        let year = 1950 + random(77);
        let other = common[random(common.len() as u64) as usize];
        list.push(match place % 5 {
            0 => (*word).to_owned(),
            1 => format!("{}{}{year}!", word[..1].to_uppercase(), &word[1..]),
            2 => format!("{word}{other}{}", random(100)),
            3 => format!("{word} {other} {word} {other}"),
            _ => word.replace('a', "@").replace('e', "3").replace('o', "0"),
        });
        let length = 8 + random(9);
        list.push(
            (0..length)
                .map(|_| (b'!' + random(94) as u8) as char)
                .collect(),
        );
    }
    list
}

/// Inputs made to cost. The bare crate reads a hundred characters of them.
fn hostile(context: &Context) {
    let text = format!("version = 1\n[password]\nmax-length = {CAP}\n");
    let policy = policy::load(&text).unwrap().policy;
    let judge = Judge::new(policy.password());
    println!("\n| {CAP} characters of | judge | bare zxcvbn, on 100 of them |\n|-|-:|-:|");
    for (name, piece) in HOSTILE {
        let long: String = piece.chars().cycle().take(CAP).collect();
        let ours = shortest(|| {
            judge.read_and_assess(black_box(&long).as_bytes().to_vec(), context);
        });
        let began = Instant::now();
        black_box(zxcvbn::zxcvbn(black_box(&long), &[]));
        let bare = began.elapsed();
        println!(
            "| {name} | {:.0} µs | {:.0} µs |",
            micros(ours),
            micros(bare)
        );
    }
}

/// The shortest of a few runs: what the work takes when nothing else disturbs it.
fn shortest(mut work: impl FnMut()) -> Duration {
    (0..TIMES)
        .map(|_| {
            let began = Instant::now();
            work();
            began.elapsed()
        })
        .min()
        .unwrap_or_default()
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

criterion_group!(benches, judge);
criterion_main!(benches);
