//! The restriction of one account, as a pure function of its history.
//!
//! Clauses: CNIL 2022-100, case 2: the delay grows, passes one minute after five failures,
//! and at most 25 attempts are allowed in 24 hours; or the account blocks after at most ten
//! failures in a row. Case 3: it blocks after three.

use std::time::Duration;

use policy::access::{AccessPolicy, Block, Delay, Mechanism, Unlock};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Time since a fixed moment of the caller's choice (the Unix epoch, a process start).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Timestamp(Duration);

impl Timestamp {
    /// A moment, as the time since the caller's fixed moment.
    pub const fn new(since: Duration) -> Self {
        Self(since)
    }

    /// The time from `earlier` to this moment; zero if the clock went back.
    pub const fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

/// How attempts are restricted: the part of `[access]` that decides by counting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Restriction {
    /// Wait longer after each failure.
    Delay(Delay),
    /// Refuse after a number of consecutive failures.
    Block(Block),
    /// Ask for a proof of presence after a number of failures.
    Captcha {
        /// Failures before the proof is asked.
        after: u32,
    },
    /// No restriction.
    None,
}

/// What one account's counter holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    failures: u32,
    last_failure: Timestamp,
    /// Admitted attempts of the last 24 hours that did not succeed, oldest first; never
    /// longer than the limit.
    attempts: Vec<Timestamp>,
}

/// Whether an attempt may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Yes; its failure is counted already.
    Admit,
    /// Not before this much time has passed.
    Wait(Duration),
    /// Only with a proof that a person is there, which the application checks.
    ProvePresence,
    /// Not until the account is unlocked, by [`State::unlock`].
    Blocked,
}

impl Restriction {
    /// The restriction that a policy asks for.
    pub fn of(access: &AccessPolicy) -> Self {
        match &access.mechanism {
            Mechanism::Delay(delay) => Self::Delay(*delay),
            Mechanism::Block(block) => Self::Block(*block),
            Mechanism::Captcha(captcha) => Self::Captcha {
                after: captcha.after,
            },
            Mechanism::None => Self::None,
        }
    }
}

impl State {
    /// Asks for an attempt. If it is admitted, its failure is counted here and now.
    ///
    /// `presence` says that the application has checked a captcha or another factor; it
    /// counts for nothing under other mechanisms.
    pub fn admit(&mut self, now: Timestamp, rule: &Restriction, presence: bool) -> Decision {
        let decision = self.decide(now, rule, presence);
        if decision == Decision::Admit {
            self.failures = self.failures.saturating_add(1);
            self.last_failure = now;
            if let Restriction::Delay(_) = rule {
                self.attempts.push(now);
            }
        }
        decision
    }

    /// Takes back the failures in a row after a success, and the day's count of the attempt
    /// admitted at `admitted`. Failed attempts of the day stay counted: signing in must not
    /// give a guesser his attempts back.
    pub fn succeed(&mut self, admitted: Timestamp) {
        self.failures = 0;
        if let Some(index) = self
            .attempts
            .iter()
            .rposition(|&attempt| attempt == admitted)
        {
            self.attempts.remove(index);
        }
    }

    /// Opens a blocked account, after the application has checked who asks.
    pub fn unlock(&mut self) {
        self.failures = 0;
        self.attempts.clear();
    }

    /// Whether nothing here could restrict an attempt at `now`: the counter may be dropped.
    pub fn is_idle(&self, now: Timestamp, rule: &Restriction) -> bool {
        match rule {
            Restriction::None => true,
            _ if self.failures == 0 && self.attempts.is_empty() => true,
            // A failure is forgotten after a day without another.
            _ => now.since(self.last_failure) >= DAY && !self.blocked(now, rule),
        }
    }

    fn decide(&mut self, now: Timestamp, rule: &Restriction, presence: bool) -> Decision {
        match rule {
            Restriction::None => Decision::Admit,
            Restriction::Delay(delay) => self.delay(now, delay),
            Restriction::Block(_) if self.blocked(now, rule) => Decision::Blocked,
            Restriction::Block(block) => {
                // A block that ends by time starts its count again.
                if self.failures >= block.after {
                    self.failures = 0;
                }
                Decision::Admit
            }
            Restriction::Captcha { after } if self.failures >= *after && !presence => {
                Decision::ProvePresence
            }
            Restriction::Captcha { .. } => Decision::Admit,
        }
    }

    fn delay(&mut self, now: Timestamp, delay: &Delay) -> Decision {
        // A clock that went back makes `since` zero: the wait starts again, never shortens.
        let waited = now.since(self.last_failure);
        let wait = delay.after(self.failures).saturating_sub(waited);
        self.attempts.retain(|&attempt| now.since(attempt) < DAY);
        let window = match self.attempts.first() {
            Some(&oldest) if self.attempts.len() >= delay.attempts_per_day as usize => {
                DAY.saturating_sub(now.since(oldest))
            }
            _ => Duration::ZERO,
        };
        match wait.max(window) {
            Duration::ZERO => Decision::Admit,
            wait => Decision::Wait(wait),
        }
    }

    fn blocked(&self, now: Timestamp, rule: &Restriction) -> bool {
        let Restriction::Block(block) = rule else {
            return false;
        };
        self.failures >= block.after
            && match block.unlock {
                Unlock::After(time) => now.since(self.last_failure) < time,
                Unlock::Link | Unlock::Operator => true,
            }
    }
}

#[cfg(test)]
mod tests {
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
            assert_eq!(state.admit(at(now), &delay(), false), Decision::Admit);
            assert_eq!(
                state.admit(at(now), &delay(), false),
                Decision::Wait(Duration::from_secs(wait))
            );
            now += wait;
        }
    }

    #[test]
    fn a_refused_attempt_does_not_lengthen_the_wait() {
        let mut state = State::default();
        state.admit(at(0), &delay(), false);
        for second in 0..4 {
            let left = Duration::from_secs(4 - second);
            assert_eq!(
                state.admit(at(second), &delay(), false),
                Decision::Wait(left)
            );
        }
        assert_eq!(state.admit(at(4), &delay(), false), Decision::Admit);
    }

    #[test]
    fn success_ends_the_wait_but_not_the_count_of_failures() {
        let (mut state, mut now) = (State::default(), 0);
        for _ in 0..24 {
            assert_eq!(state.admit(at(now), &delay(), false), Decision::Admit);
            now += 3600;
        }
        // However often the owner signs in, the day's 24 failures stay counted.
        now -= 600;
        for _ in 0..100 {
            state.failures = 0;
            assert_eq!(state.admit(at(now), &delay(), false), Decision::Admit);
            state.succeed(at(now));
        }
        assert_eq!(state.admit(at(now), &delay(), false), Decision::Admit);
        state.failures = 0;
        assert!(matches!(
            state.admit(at(now), &delay(), false),
            Decision::Wait(_)
        ));
        assert_eq!(
            state.admit(at(DAY.as_secs()), &delay(), false),
            Decision::Admit
        );
    }

    #[test]
    fn a_block_needs_unlocking() {
        let rule = rule(
            "[access]\nmechanism = \"block\"\n[access.block]\nafter = 3\nunlock = \"operator\"",
        );
        let mut state = State::default();
        for _ in 0..3 {
            assert_eq!(state.admit(at(0), &rule, false), Decision::Admit);
        }
        assert_eq!(state.admit(at(1_000_000), &rule, false), Decision::Blocked);
        assert!(!state.is_idle(at(1_000_000), &rule));
        state.unlock();
        assert_eq!(state.admit(at(1_000_000), &rule, false), Decision::Admit);
    }

    #[test]
    fn a_block_by_time_opens_by_itself() {
        let rule =
            rule("[access]\nmechanism = \"block\"\n[access.block]\nafter = 2\nunlock = \"15m\"");
        let mut state = State::default();
        state.admit(at(0), &rule, false);
        state.admit(at(0), &rule, false);
        assert_eq!(state.admit(at(899), &rule, false), Decision::Blocked);
        assert_eq!(state.admit(at(900), &rule, false), Decision::Admit);
        assert_eq!(state.admit(at(900), &rule, false), Decision::Admit);
        assert_eq!(state.admit(at(900), &rule, false), Decision::Blocked);
    }

    #[test]
    fn captcha_is_asked_after_its_failures() {
        let rule = Restriction::Captcha { after: 1 };
        let mut state = State::default();
        assert_eq!(state.admit(at(0), &rule, false), Decision::Admit);
        assert_eq!(state.admit(at(0), &rule, false), Decision::ProvePresence);
        assert_eq!(state.admit(at(0), &rule, true), Decision::Admit);
    }

    #[test]
    fn a_clock_that_goes_back_never_shortens_a_wait() {
        let mut state = State::default();
        state.admit(at(100), &delay(), false);
        assert_eq!(
            state.admit(at(50), &delay(), false),
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
                if state.admit(at(now), &delay(), false) == Decision::Admit {
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
}
