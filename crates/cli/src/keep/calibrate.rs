//! `calibrate`: the costs that this machine can afford, measured as it will be used.
//!
//! Clauses: [`clause::ASVS_HASH_COST`], [`clause::OWASP_ARGON2`]. A hash that is fast alone is
//! slow beside others, since they share memory and cores: what is proposed keeps the target
//! while as many run at once as the policy lets.
//!
//! The output is TOML: what was measured in comments, then the lines for the policy.
//!
//! [`clause::ASVS_HASH_COST`]: policy::clause::ASVS_HASH_COST
//! [`clause::OWASP_ARGON2`]: policy::clause::OWASP_ARGON2

mod measure;
mod search;

use std::fmt::Write;
use std::io::IsTerminal;
use std::time::Duration;

use policy::hash::Cost;
use policy::{Language, Size};
use serde_json::json;

use super::args::Calibrate;
use crate::args::{Cli, Format};
use crate::locale::pick;
use crate::{Answer, Failure, Outcome, rules, source};
use measure::MeasureError;
use search::{Bounds, Found, Row};

/// What the proposal is for.
#[derive(Debug, Clone, Copy)]
struct Wish {
    target: Duration,
    concurrency: usize,
    budget: Size,
}

/// Prints the proposal; exit code 1 if no cost above the floor keeps the target.
pub(crate) fn run(cli: &Cli, options: &Calibrate) -> Outcome {
    let (_, policy, language) = source::open(cli)?;
    let hash = policy.hash();
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let wish = Wish {
        target: options.target,
        concurrency: options
            .concurrency
            .map_or_else(|| hash.workers.unwrap_or_else(cores), usize::from),
        budget: options.memory.unwrap_or(hash.memory_budget),
    };
    let each_mib = wish.budget.get() / wish.concurrency as u64 / (1024 * 1024);
    let bounds = Bounds {
        target: wish.target,
        each_mib: u32::try_from(each_mib)
            .unwrap_or(u32::MAX)
            .min(Cost::CEILING.memory_kib / 1024),
        policy: hash.cost,
    };
    let terminal = std::io::stderr().is_terminal();
    let found = search::search(bounds, |cost| {
        if terminal {
            let (mib, passes) = (cost.memory_kib / 1024, cost.iterations);
            anstream::eprint!("\r{mib} MiB × {passes} …\x1b[K");
        }
        measure::measure(cost, wish.concurrency)
    });
    if terminal {
        anstream::eprint!("\r\x1b[K");
    }
    let found = found.map_err(|error| match error {
        MeasureError::Open(error) => Failure::told(error.message(language), language),
        MeasureError::Hash(error) => super::failed(error, language),
    })?;
    rules::print(&match options.format {
        Format::Text => text(&wish, &found, language),
        Format::Json => format!("{}\n", as_json(&wish, &found)),
    });
    Ok(match found.proposed {
        Some(_) => Answer::Yes,
        None => Answer::No,
    })
}

fn text(wish: &Wish, found: &Found, language: Language) -> String {
    let Wish {
        target,
        concurrency,
        budget,
    } = wish;
    let (millis, most) = (target.as_millis(), unit(*budget, language));
    let mut text = match language {
        Language::Fr => format!(
            "# Mesuré sur cette machine, {concurrency} calculs à la fois, mémoire réemployée.\n# Cible : {millis} ms pour 19 calculs sur 20, {most} en tout au plus.\n#\n#   mémoire  passes      seul   médiane  19 sur 20  par seconde     en tout\n"
        ),
        Language::En => format!(
            "# Measured on this machine, {concurrency} hashes at once, memory reused.\n# Target: {millis} ms for 19 hashes of 20, {most} in all at most.\n#\n#    memory  passes     alone    median   19 of 20   per second      in all\n"
        ),
    };
    for row in &found.rows {
        let kib = u64::from(row.cost.memory_kib);
        let memory = unit(Size::kib(kib), language);
        let all = unit(Size::kib(kib * *concurrency as u64), language);
        let [alone, median, p95] =
            [row.alone, row.median, row.p95].map(|time| figure(time, language) + " ms");
        let rate = decimal(row.per_second, language);
        let _ = writeln!(
            text,
            "# {memory:>9} {:>7} {alone:>9} {median:>9} {p95:>10} {rate:>12} {all:>11}",
            row.cost.iterations
        );
    }
    text += "#\n";
    let Some(cost) = found.proposed else {
        text += pick(
            language,
            "# Aucun coût au-dessus du plancher de l’OWASP ne tient la cible ici.\n# À faire : une cible plus longue (--target), moins de calculs à la fois (--concurrency),\n# plus de mémoire (--memory), ou une machine plus rapide.\n",
            "# No cost above the OWASP floor keeps the target here.\n# Fix: a longer target (--target), fewer hashes at once (--concurrency),\n# more memory (--memory), or a faster machine.\n",
        );
        return text;
    };
    let memory = Size::kib(u64::from(cost.memory_kib));
    let (passes, lanes) = (cost.iterations, cost.parallelism);
    text + &format!(
        "[hash]\nmemory = \"{memory}\"\niterations = {passes}\nparallelism = {lanes}\nworkers = {concurrency}\nmemory-budget = \"{budget}\"\n"
    )
}

fn as_json(wish: &Wish, found: &Found) -> serde_json::Value {
    let millis = |time: Duration| (time.as_secs_f64() * 1e5).round() / 100.0;
    let cost = |cost: &Cost| {
        json!({
            "memory_kib": cost.memory_kib,
            "iterations": cost.iterations,
            "parallelism": cost.parallelism,
        })
    };
    let rows = found.rows.iter().map(|row: &Row| {
        json!({
            "cost": cost(&row.cost),
            "alone_ms": millis(row.alone),
            "median_ms": millis(row.median),
            "p95_ms": millis(row.p95),
            "per_second": (row.per_second * 100.0).round() / 100.0,
            "all_kib": u64::from(row.cost.memory_kib) * wish.concurrency as u64,
        })
    });
    json!({
        "target_ms": millis(wish.target),
        "concurrency": wish.concurrency,
        "memory_budget_kib": wish.budget.get() / 1024,
        "measured": rows.collect::<Vec<_>>(),
        "proposed": found.proposed.as_ref().map(cost),
    })
}

/// Milliseconds with one decimal.
fn figure(time: Duration, language: Language) -> String {
    decimal(time.as_secs_f64() * 1e3, language)
}

/// A size in words; the lines for the policy are in the units of its file.
fn unit(size: Size, language: Language) -> String {
    let text = size.to_string();
    match language {
        Language::Fr => text.replace("iB", "io"),
        Language::En => text,
    }
}

fn decimal(number: f64, language: Language) -> String {
    let text = format!("{number:.1}");
    match language {
        Language::Fr => text.replace('.', ","),
        Language::En => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(proposed: bool) -> Found {
        let mut cost = Cost::REFERENCE;
        cost.memory_kib = 64 * 1024;
        let row = Row {
            cost,
            alone: Duration::from_micros(41_260),
            median: Duration::from_millis(52),
            p95: Duration::from_millis(61),
            per_second: 38.25,
        };
        Found {
            rows: vec![row],
            proposed: proposed.then_some(cost),
        }
    }

    const WISH: Wish = Wish {
        target: Duration::from_millis(100),
        concurrency: 2,
        budget: Size::mib(256),
    };

    #[test]
    fn a_proposal_loads_as_a_policy() {
        for language in [Language::Fr, Language::En] {
            let text = text(&WISH, &found(true), language);
            let policy = policy::load(&format!("version = 1\n{text}")).expect("a policy");
            let hash = policy.policy.hash();
            assert_eq!(Some(hash.cost), found(true).proposed);
            assert_eq!((hash.workers, hash.memory_budget), (Some(2), WISH.budget));
            let (each, all) = match language {
                Language::Fr => (" 64 Mio", "128 Mio"),
                Language::En => (" 64 MiB", "128 MiB"),
            };
            for shown in [each, all, "100 ms"] {
                assert!(text.contains(shown), "{shown} in {text}");
            }
        }
        assert!(text(&WISH, &found(true), Language::Fr).contains("41,3 ms"));
        assert!(text(&WISH, &found(true), Language::En).contains("41.3 ms"));
    }

    #[test]
    fn no_proposal_says_what_to_change_and_sets_nothing() {
        for language in [Language::Fr, Language::En] {
            let text = text(&WISH, &found(false), language);
            assert!(text.lines().all(|line| line.starts_with('#')), "{text}");
            assert!(text.contains("--target"));
        }
        assert!(as_json(&WISH, &found(false))["proposed"].is_null());
    }
}
