use super::*;
use proptest::prelude::*;

fn at(seconds: u64) -> Timestamp {
    Timestamp::new(Duration::from_secs(seconds))
}

fn rule(text: &str) -> Restriction {
    let text = format!("version = 1\n{text}");
    Restriction::of(
        policy::load(&text)
            .expect("a lawful policy")
            .policy
            .access(),
    )
}

fn delay() -> Restriction {
    Restriction::Delay(Delay::default())
}

#[test]
fn waits_double_and_pass_one_minute_after_five_failures() {
    let (mut state, mut now) = (State::default(), 0);
    for wait in [4, 8, 16, 32, 64] {
        assert_eq!(
            state.admit(at(now), &delay(), Presence::Unproved),
            Decision::Admit
        );
        assert_eq!(
            state.admit(at(now), &delay(), Presence::Unproved),
            Decision::Wait(Duration::from_secs(wait))
        );
        now += wait;
    }
}

#[test]
fn a_refused_attempt_does_not_lengthen_the_wait() {
    let mut state = State::default();
    state.admit(at(0), &delay(), Presence::Unproved);
    for second in 0..4 {
        let left = Duration::from_secs(4 - second);
        assert_eq!(
            state.admit(at(second), &delay(), Presence::Unproved),
            Decision::Wait(left)
        );
    }
    assert_eq!(
        state.admit(at(4), &delay(), Presence::Unproved),
        Decision::Admit
    );
}

#[test]
fn success_ends_the_wait_but_not_the_count_of_failures() {
    let (mut state, mut now) = (State::default(), 0);
    for _ in 0..24 {
        assert_eq!(
            state.admit(at(now), &delay(), Presence::Unproved),
            Decision::Admit
        );
        now += 3600;
    }
    // However often the owner signs in, the day's 24 failures stay counted.
    now -= 600;
    for _ in 0..100 {
        state.failures = 0;
        assert_eq!(
            state.admit(at(now), &delay(), Presence::Unproved),
            Decision::Admit
        );
        state.succeed(at(now));
    }
    assert_eq!(
        state.admit(at(now), &delay(), Presence::Unproved),
        Decision::Admit
    );
    state.failures = 0;
    assert!(matches!(
        state.admit(at(now), &delay(), Presence::Unproved),
        Decision::Wait(_)
    ));
    assert_eq!(
        state.admit(at(DAY.as_secs()), &delay(), Presence::Unproved),
        Decision::Admit
    );
}

#[test]
fn a_block_needs_unlocking() {
    let rule =
        rule("[access]\nmechanism = \"block\"\n[access.block]\nafter = 3\nunlock = \"operator\"");
    let mut state = State::default();
    for _ in 0..3 {
        assert_eq!(
            state.admit(at(0), &rule, Presence::Unproved),
            Decision::Admit
        );
    }
    assert_eq!(
        state.admit(at(1_000_000), &rule, Presence::Unproved),
        Decision::Blocked
    );
    assert!(!state.is_idle(at(1_000_000), &rule));
    state.unlock();
    assert_eq!(
        state.admit(at(1_000_000), &rule, Presence::Unproved),
        Decision::Admit
    );
}

#[test]
fn a_block_by_time_opens_by_itself() {
    let rule = rule("[access]\nmechanism = \"block\"\n[access.block]\nafter = 2\nunlock = \"15m\"");
    let mut state = State::default();
    state.admit(at(0), &rule, Presence::Unproved);
    state.admit(at(0), &rule, Presence::Unproved);
    assert_eq!(
        state.admit(at(899), &rule, Presence::Unproved),
        Decision::Blocked
    );
    assert_eq!(
        state.admit(at(900), &rule, Presence::Unproved),
        Decision::Admit
    );
    assert_eq!(
        state.admit(at(900), &rule, Presence::Unproved),
        Decision::Admit
    );
    assert_eq!(
        state.admit(at(900), &rule, Presence::Unproved),
        Decision::Blocked
    );
}

#[test]
fn captcha_is_asked_after_its_failures() {
    let rule = Restriction::Captcha { after: 1 };
    let mut state = State::default();
    assert_eq!(
        state.admit(at(0), &rule, Presence::Unproved),
        Decision::Admit
    );
    let one = Tally {
        failures: 1,
        last_failure: at(0),
    };
    let asked = Decision::ProvePresence(one);
    assert_eq!(state.admit(at(0), &rule, Presence::Unproved), asked);
    assert_eq!(state.admit(at(0), &rule, Presence::Proved), Decision::Admit);
}

#[test]
fn a_clock_that_goes_back_never_shortens_a_wait() {
    let mut state = State::default();
    state.admit(at(100), &delay(), Presence::Unproved);
    assert_eq!(
        state.admit(at(50), &delay(), Presence::Unproved),
        Decision::Wait(Duration::from_secs(4))
    );
}

proptest! {
    /// Whatever the history, at most 25 failed attempts pass in any 24 hours.
    #[test]
    fn the_day_limit_holds(steps in proptest::collection::vec((0_u64..20_000, any::<bool>()), 1..400)) {
        let (mut state, mut now) = (State::default(), 0);
        let mut failed: Vec<u64> = Vec::new();
        for (step, success) in steps {
            now += step;
            if state.admit(at(now), &delay(), Presence::Unproved) == Decision::Admit {
                match success {
                    true => state.succeed(at(now)),
                    false => failed.push(now),
                }
            }
        }
        for (index, &start) in failed.iter().enumerate() {
            let inside = failed[index..].iter().filter(|&&time| time - start < DAY.as_secs()).count();
            prop_assert!(inside <= 25, "{inside} failures in the day after {start}");
        }
    }
}
