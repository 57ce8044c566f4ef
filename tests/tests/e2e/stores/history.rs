//! Long random histories: a store that computes for itself agrees with the pure machine.
//!
//! The contract has shorter ones. These also bend the rules: limits of a thousand, factors
//! close to one, moments at the end of time, rules that change between two attempts.

use std::collections::HashMap;
use std::time::Duration;

use access::{
    Ask, Bucket, Cell, CounterKey, Presence, Record, Restriction, Rule, Store, Tally, Timestamp,
    Verdict, decide, take_back,
};
use policy::access::{Block, Delay, Limit, Unlock};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::{ask, key};

/// What happens next.
#[derive(Debug, Clone)]
enum Step {
    Admit {
        account: u64,
        rule: usize,
        source: Rule,
        /// 0 proved, 1 not, else as the failures stood when that was last asked for.
        presence: u8,
    },
    /// The attempt under way at a place succeeds.
    Succeed(usize),
    Unlock(u64),
    /// Microseconds that pass; back if negative.
    Pass(i64),
    /// The last wait that was told passes, but for a few microseconds more or less.
    WaitOut(i64),
}

#[derive(Debug, Clone)]
struct History {
    start: u64,
    /// Each history has its own keys, so that one server serves all.
    run: u64,
    /// The rules that its attempts are asked under.
    rules: Vec<Rule>,
    steps: Vec<Step>,
}

/// Runs histories on a store and on the machine side by side.
pub(super) fn agree(runtime: &tokio::runtime::Runtime, store: &impl Store, histories: u32) {
    let mut runner = TestRunner::new(Config {
        cases: histories,
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&history(), |history| {
            runtime.block_on(play(store, &history))
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

async fn play(store: &impl Store, history: &History) -> Result<(), TestCaseError> {
    let mut records: HashMap<CounterKey, Record> = HashMap::new();
    let mut under_way: Vec<Ask> = Vec::new();
    let (mut micros, mut told, mut asked) = (history.start, 0, Tally::default());
    let name = |number: u64| key(history.run.wrapping_mul(1_000).wrapping_add(number));
    for step in &history.steps {
        let now = Timestamp::from_micros(micros);
        match step {
            Step::Pass(time) => micros = micros.saturating_add_signed(*time),
            Step::WaitOut(more) => micros = micros.saturating_add_signed(told + more),
            Step::Unlock(account) => {
                records.remove(&name(*account));
                let done = store.unlock(name(*account), now).await;
                prop_assert!(done.is_ok(), "{done:?}");
            }
            Step::Succeed(place) if !under_way.is_empty() => {
                let ask = under_way.swap_remove(place % under_way.len());
                with(&mut records, &ask, take_back);
                let done = store.succeed(&ask).await;
                prop_assert!(done.is_ok(), "{done:?}");
            }
            Step::Succeed(_) => {}
            Step::Admit {
                account,
                rule,
                source,
                presence,
            } => {
                let rule = history.rules[rule % history.rules.len()];
                let counters = [
                    (name(*account), rule),
                    (name(100), *source),
                    (name(200 + account % 2), *source),
                ];
                let mut ask = ask(&counters, now);
                ask.presence = match presence {
                    0 => Presence::Proved,
                    1 => Presence::Unproved,
                    _ => Presence::ProvedAt(asked),
                };
                let expected = with(&mut records, &ask, decide);
                let verdict = store.admit(&ask).await;
                prop_assert!(
                    matches!(&verdict, Ok(verdict) if *verdict == expected),
                    "{verdict:?} instead of {expected:?} for {ask:?}"
                );
                match expected {
                    Verdict::Admit => under_way.push(ask),
                    Verdict::Wait(_, wait) => {
                        told = i64::try_from(wait.as_micros()).expect("below 2^53");
                    }
                    Verdict::ProvePresence(_, tally) => asked = tally,
                    Verdict::Blocked(_) => {}
                }
            }
        }
    }
    Ok(())
}

fn with<T>(
    records: &mut HashMap<CounterKey, Record>,
    ask: &Ask,
    act: impl FnOnce(&Ask, &mut [Cell]) -> T,
) -> T {
    let mut cells: Vec<Cell> = ask
        .counters
        .iter()
        .map(|counter| {
            let record = records.get(&counter.key).cloned();
            Cell::new(&counter.rule, record).expect("a key has one kind of rule")
        })
        .collect();
    let answer = act(ask, &mut cells);
    for (counter, cell) in ask.counters.iter().zip(cells) {
        if !cell.changed() {
            continue;
        }
        // What may be dropped is dropped, as every store does.
        if cell.idle_at().is_some_and(|moment| moment <= ask.now) {
            records.remove(&counter.key);
        } else {
            records.insert(counter.key, cell.into_record());
        }
    }
    answer
}

fn history() -> impl Strategy<Value = History> {
    let start = prop_oneof![
        4 => 1_700_000_000_000_000..1_900_000_000_000_000_u64,
        1 => 0..100_000_000_u64,
        1 => (1_u64 << 53) - 1_000_000_000..(1 << 53),
    ];
    let rules = prop_oneof![
        // Nearly always one rule; sometimes the policy changes.
        4 => proptest::collection::vec(restriction(), 1),
        1 => proptest::collection::vec(restriction(), 2..4),
    ];
    let steps = proptest::collection::vec(step(), 1..120);
    (start, any::<u64>(), rules, steps).prop_map(|(start, run, rules, steps)| History {
        start,
        run,
        rules,
        steps,
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..3_u64, any::<usize>(), limit(), 0..4_u8).prop_map(
            |(account, rule, source, presence)| Step::Admit { account, rule, source, presence }
        ),
        2 => any::<usize>().prop_map(Step::Succeed),
        1 => (0..3_u64).prop_map(Step::Unlock),
        4 => passing().prop_map(Step::Pass),
        4 => (-2..3_i64).prop_map(Step::WaitOut),
    ]
}

fn passing() -> impl Strategy<Value = i64> {
    const SECOND: i64 = 1_000_000;
    prop_oneof![
        2 => 0..3_i64,
        4 => 0..10 * SECOND,
        2 => 0..5_000 * SECOND,
        2 => 0..200_000 * SECOND,
        1 => 0..4_000_000 * SECOND,
        1 => -15 * SECOND..0,
        1 => -200_000 * SECOND..0,
    ]
}

fn restriction() -> impl Strategy<Value = Rule> {
    let delay = (1..10_000_u64, 1.0..4.0_f64, 1..5_000_u64, 1..40_u32).prop_map(
        |(first, factor, more, limit)| {
            let mut delay = Delay::default();
            delay.first = Duration::from_nanos(first * 1_234_567);
            delay.factor = factor;
            delay.max = delay.first + Duration::from_nanos(more * 987_654_321);
            delay.attempts_per_day = limit;
            Restriction::Delay(delay)
        },
    );
    let block = (1..6_u32, 0..200_000_u64).prop_map(|(after, seconds)| {
        let mut block = Block::default();
        block.after = after;
        block.unlock = match seconds {
            0..60_000 => Unlock::Link,
            seconds => Unlock::After(Duration::from_secs(seconds)),
        };
        Restriction::Block(block)
    });
    prop_oneof![
        6 => delay,
        3 => block,
        2 => (0..5_u32).prop_map(|after| Restriction::Captcha { after }),
        1 => Just(Restriction::None),
    ]
    .prop_map(Rule::Restriction)
}

fn limit() -> impl Strategy<Value = Rule> {
    (1..9_u32, 1..100_000_000_000_u64).prop_map(|(failures, nanos)| {
        Rule::Bucket(Bucket::from(Limit {
            failures,
            window: Duration::from_nanos(nanos * 37),
        }))
    })
}
