//! The machine of one account against a naive model that keeps the whole history and computes
//! everything anew from it, over random histories on a virtual clock.
//!
//! The model was written from the sentences of the policy and of the machine's documentation,
//! not from its code: it has no counter, only a list of what happened.

use std::time::Duration;

use access::state::{DAY, Decision, MONTH, Presence, Restriction, State, Tally};
use access::{Bucket, Level, Timestamp};
use policy::access::{Block, Delay, Limit, Unlock};
use proptest::prelude::*;

/// One admitted attempt, as the model remembers it.
#[derive(Clone, Copy)]
struct Admitted {
    at: Duration,
    /// A later success or unlock has ended the row of failures that it was in.
    row_over: bool,
    /// It succeeded itself, its account was unlocked, or it is a day ago.
    taken_back: bool,
}

/// Everything that happened to one account.
#[derive(Default)]
struct History(Vec<Admitted>);

impl History {
    fn ask(&mut self, now: Duration, rule: &Restriction, presence: Presence) -> Decision {
        // A clock that was set back: what it has not reached is taken as the present.
        let counts_in_day = matches!(rule, Restriction::Delay(_));
        let set_back = self
            .0
            .iter()
            .filter(|each| !each.row_over || counts_in_day && !each.taken_back)
            .any(|each| each.at > now + Timestamp::SLACK);
        if set_back {
            self.0
                .iter_mut()
                .for_each(|each| each.at = each.at.min(now));
        }
        let row = self.row();
        let last = row.iter().max().copied().unwrap_or_default();
        let failures = row.len();
        // A row is forgotten when its time is over.
        let forgotten = failures > 0
            && match rule {
                Restriction::None => true,
                Restriction::Captcha { .. } => now >= last + DAY,
                Restriction::Delay(delay) => now >= last + DAY.max(wait(delay, failures)),
                Restriction::Block(block) if failures < block.after as usize => now >= last + MONTH,
                Restriction::Block(block) => match block.unlock {
                    Unlock::After(time) => now >= last + time,
                    Unlock::Link | Unlock::Operator => false,
                },
            };
        if forgotten {
            self.0.iter_mut().for_each(|each| each.row_over = true);
        }
        let failures = if forgotten { 0 } else { failures };
        // So is a failure that has left the day, also for a clock that goes back later.
        for admitted in &mut self.0 {
            admitted.taken_back |= admitted.at + DAY <= now;
        }
        let decision = match rule {
            Restriction::None => Decision::Admit,
            Restriction::Block(block) if failures >= block.after as usize => Decision::Blocked,
            Restriction::Block(_) => Decision::Admit,
            Restriction::Captcha { after } if failures >= *after as usize => {
                let stands = Tally {
                    failures: failures as u32,
                    last_failure: match failures {
                        0 => Timestamp::default(),
                        _ => Timestamp::new(last),
                    },
                };
                match presence {
                    Presence::Unproved => Decision::ProvePresence(stands),
                    Presence::ProvedAt(tally) if tally != stands => Decision::ProvePresence(stands),
                    _ => Decision::Admit,
                }
            }
            Restriction::Captcha { .. } => Decision::Admit,
            Restriction::Delay(delay) => {
                let mut due = Duration::ZERO;
                if failures > 0 {
                    due = last + wait(delay, failures);
                }
                // The first moment that has room among the failures of the day before it.
                let mut day: Vec<Duration> = self
                    .0
                    .iter()
                    .filter(|each| !each.taken_back)
                    .map(|each| each.at)
                    .collect();
                day.sort_unstable();
                let room = |moment: Duration| {
                    let inside = day.iter().filter(|at| **at + DAY > moment).count();
                    inside < delay.attempts_per_day as usize
                };
                let moment = std::iter::once(now)
                    .chain(day.iter().map(|at| *at + DAY))
                    .filter(|moment| *moment >= now)
                    .find(|moment| room(*moment))
                    .expect("the day after the last failure has room");
                match due.max(moment).saturating_sub(now) {
                    Duration::ZERO => Decision::Admit,
                    left => Decision::Wait(left),
                }
            }
        };
        if decision == Decision::Admit && *rule != Restriction::None {
            // Under a captcha no two failures of a row have one moment.
            let at = match rule {
                Restriction::Captcha { .. } if failures > 0 => {
                    now.max(last + Duration::from_micros(1))
                }
                _ => now,
            };
            self.0.push(Admitted {
                at,
                row_over: false,
                taken_back: false,
            });
        }
        decision
    }

    fn succeed(&mut self, admitted: Duration) {
        self.0.iter_mut().for_each(|each| each.row_over = true);
        if let Some(own) = self
            .0
            .iter_mut()
            .find(|each| each.at == admitted && !each.taken_back)
        {
            own.taken_back = true;
        }
    }

    fn unlock(&mut self) {
        for each in &mut self.0 {
            (each.row_over, each.taken_back) = (true, true);
        }
    }

    fn row(&self) -> Vec<Duration> {
        self.0
            .iter()
            .filter(|each| !each.row_over)
            .map(|each| each.at)
            .collect()
    }
}

/// `first × factor^(n-1)`, at most `max`, rounded up to the microsecond.
fn wait(delay: &Delay, failures: usize) -> Duration {
    let mut seconds = delay.first.as_secs_f64();
    for _ in 1..failures {
        seconds = (seconds * delay.factor).min(1e9);
    }
    let exact = Duration::from_secs_f64(seconds.min(delay.max.as_secs_f64()));
    Duration::from_micros(exact.as_nanos().div_ceil(1000) as u64)
}

#[derive(Debug, Clone)]
enum Step {
    Ask {
        proof: Proof,
    },
    Succeed {
        which: usize,
    },
    Unlock,
    Forward(u64),
    /// By milliseconds of a few seconds, or of a day.
    Back(u64),
}

#[derive(Debug, Clone, Copy)]
enum Proof {
    None,
    Checked,
    /// As the failures stood when the last proof was asked for.
    AsAsked,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        10 => (0_u8..4).prop_map(|kind| Step::Ask {
            proof: match kind {
                0 => Proof::Checked,
                1 => Proof::None,
                _ => Proof::AsAsked,
            },
        }),
        3 => (0_usize..3).prop_map(|which| Step::Succeed { which }),
        1 => Just(Step::Unlock),
        4 => (0_u64..5_000).prop_map(Step::Forward),
        4 => (0_u64..4_000_000).prop_map(Step::Forward),
        1 => (0_u64..40 * 86_400_000).prop_map(Step::Forward),
        1 => (0_u64..12_000).prop_map(Step::Back),
        1 => (0_u64..100_000_000).prop_map(Step::Back),
    ];
    proptest::collection::vec(step, 1..250)
}

fn rules() -> impl Strategy<Value = Restriction> {
    let delay = (1_u64..10_000, 1_u64..8, 1_u64..200_000, 1_u32..30).prop_map(
        |(first, quarters, max, day)| {
            let mut delay = Delay::default();
            delay.first = Duration::from_millis(first);
            // Quarters are exact in binary, so that the model may multiply in another order.
            delay.factor = 1.0 + quarters as f64 / 4.0;
            delay.max = Duration::from_secs(max);
            delay.attempts_per_day = day;
            Restriction::Delay(delay)
        },
    );
    let unlock = prop_oneof![
        Just(Unlock::Link),
        Just(Unlock::Operator),
        (1_u64..5_000_000).prop_map(|seconds| Unlock::After(Duration::from_secs(seconds))),
    ];
    let block = (1_u32..12, unlock).prop_map(|(after, unlock)| {
        let mut block = Block::default();
        (block.after, block.unlock) = (after, unlock);
        Restriction::Block(block)
    });
    prop_oneof![
        Just(Restriction::Delay(Delay::default())),
        delay,
        block,
        (0_u32..4).prop_map(|after| Restriction::Captcha { after }),
        Just(Restriction::None),
    ]
}

/// Far enough from zero for a clock that goes back.
const START: Duration = Duration::from_secs(1_800_000_000);

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(300)
    })]

    #[test]
    fn the_machine_decides_like_the_whole_history(
        rule in rules(),
        steps in steps(),
        drop_idle: bool,
    ) {
        let (mut state, mut history) = (State::default(), History::default());
        let (mut latest, mut asked) = (START, Tally::default());
        let (mut now, mut under_way) = (START, Vec::new());
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Step::Ask { proof } => {
                    let presence = match proof {
                        Proof::None => Presence::Unproved,
                        Proof::Checked => Presence::Proved,
                        Proof::AsAsked => Presence::ProvedAt(asked),
                    };
                    let decision = state.admit(Timestamp::new(now), &rule, presence);
                    let expected = history.ask(now, &rule, presence);
                    prop_assert_eq!(decision, expected, "step {} under {:?}", number, rule);
                    match decision {
                        Decision::Admit => under_way.push(now),
                        Decision::ProvePresence(tally) => asked = tally,
                        _ => {}
                    }
                }
                Step::Succeed { which } => {
                    if which < under_way.len() {
                        let admitted = under_way.swap_remove(which);
                        state.succeed(Timestamp::new(admitted));
                        history.succeed(admitted);
                    }
                }
                Step::Unlock => {
                    state.unlock();
                    history.unlock();
                }
                Step::Forward(by) => now += Duration::from_millis(by),
                Step::Back(by) => now = now.saturating_sub(Duration::from_millis(by)),
            }
            // What is idle may be dropped, and no later decision differs, unless the clock is
            // set back.
            if drop_idle {
                latest = latest.max(now);
                now = now.max(latest - Timestamp::SLACK);
                if state.is_idle(Timestamp::new(now), &rule) {
                    state = State::default();
                }
            }
        }
    }

    /// Whatever the history, never more than the limit fails at once, and never more than twice
    /// the limit in any window.
    #[test]
    fn a_bucket_keeps_its_two_limits(
        most in 1_u32..20,
        window in 1_u64..100_000,
        steps in proptest::collection::vec((0_u64..20_000, any::<bool>()), 1..400),
    ) {
        let bucket = Bucket::from(Limit { failures: most, window: Duration::from_millis(window) });
        let (mut level, mut now) = (Level::default(), START);
        let mut failed: Vec<Duration> = Vec::new();
        for (step, success) in steps {
            // Half of the steps come at once.
            now += Duration::from_millis(step.saturating_sub(10_000));
            if level.admit(Timestamp::new(now), &bucket) == Decision::Admit {
                match success {
                    true => level.refund(Timestamp::new(now), &bucket),
                    false => failed.push(now),
                }
            }
        }
        for (index, start) in failed.iter().enumerate() {
            let within = |time: Duration| {
                failed[index..].iter().filter(|at| **at < *start + time).count()
            };
            prop_assert!(within(Duration::from_nanos(1)) <= most as usize, "at once");
            prop_assert!(within(bucket.capacity()) <= 2 * most as usize, "in a window");
        }
    }

    /// A wait that is told is the wait that there is, to the microsecond, and a clock that goes
    /// back never makes it shorter.
    #[test]
    fn a_bucket_tells_its_wait(
        most in 1_u32..20,
        window in 1_u64..100_000_000,
        back in 0_u64..100_000_000,
    ) {
        let bucket = Bucket::from(Limit { failures: most, window: Duration::from_micros(window) });
        let now = Timestamp::new(START);
        let mut level = Level::default();
        for _ in 0..most {
            prop_assert_eq!(level.admit(now, &bucket), Decision::Admit);
        }
        let Decision::Wait(wait) = level.admit(now, &bucket) else {
            return Err(TestCaseError::fail("a full bucket admitted"));
        };
        let later = |time| Timestamp::new(START + time);
        let early = level.admit(later(wait - Duration::from_micros(1)), &bucket);
        prop_assert_eq!(early, Decision::Wait(Duration::from_micros(1)));
        let behind = Timestamp::new(START - Duration::from_micros(back));
        match level.admit(behind, &bucket) {
            Decision::Wait(longer) => prop_assert!(longer >= wait, "{:?} < {:?}", longer, wait),
            other => prop_assert!(false, "{:?} although the clock went back", other),
        }
        // If the clock was not set back, the end of the wait stands.
        if Duration::from_micros(back) <= Timestamp::SLACK {
            prop_assert_eq!(level.admit(later(wait), &bucket), Decision::Admit);
        }
    }
}
