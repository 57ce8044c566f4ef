//! The scripts that decide inside Redis, and the arguments that they read.
//!
//! One call is one round trip, and Redis runs nothing else meanwhile: several counters are
//! asked and counted together. The scripts do what [`decide`](crate::decide) and
//! [`take_back`](crate::take_back) do; a test compares them over random histories.
//!
//! Whatever could differ between two ways of computing is computed here: Lua adds, compares
//! and stores whole microseconds below 2^53 and nothing else.

use std::time::Duration;

use ::redis::{Cmd, Script, Value};
use policy::access::{Delay, Unlock};

use crate::state::{Presence, Tally};
use crate::store::{Ask, CounterKey, Rule, TakenBack, Verdict};
use crate::time::micros;
use crate::{Restriction, Timestamp};

/// The text of a script and its name in Redis.
pub(super) struct Program {
    text: &'static str,
    script: Script,
}

impl Program {
    pub(super) fn admit() -> Self {
        Self::new(concat!(
            include_str!("common.lua"),
            include_str!("admit.lua")
        ))
    }

    pub(super) fn succeed() -> Self {
        Self::new(concat!(
            include_str!("common.lua"),
            include_str!("succeed.lua")
        ))
    }

    fn new(text: &'static str) -> Self {
        Self {
            text,
            script: Script::new(text),
        }
    }

    /// The call by name, which Redis answers with `NOSCRIPT` if it does not know the script:
    /// after a restart, or after `SCRIPT FLUSH`.
    pub(super) fn call(&self, keys: &[Vec<u8>], arguments: &[Vec<u8>]) -> Cmd {
        command("EVALSHA", self.script.get_hash(), keys, arguments)
    }

    /// The call with the text, which Redis keeps for the next.
    pub(super) fn call_with_text(&self, keys: &[Vec<u8>], arguments: &[Vec<u8>]) -> Cmd {
        command("EVAL", self.text, keys, arguments)
    }
}

fn command(name: &str, script: &str, keys: &[Vec<u8>], arguments: &[Vec<u8>]) -> Cmd {
    let mut command = ::redis::cmd(name);
    command.arg(script).arg(keys.len()).arg(keys).arg(arguments);
    command
}

/// `rempart:{NAME}:HEX`. The braces keep all counters in one slot of a cluster, as a script
/// needs; the hexadecimal digits are those that a log shows.
pub(super) fn key(name: &str, key: &CounterKey) -> Vec<u8> {
    use std::fmt::Write;
    let mut text = format!("rempart:{{{name}}}:");
    for byte in key.bytes() {
        write!(text, "{byte:02x}").expect("a string can be written to");
    }
    text.into_bytes()
}

pub(super) fn admit_arguments(ask: &Ask) -> Vec<Vec<u8>> {
    match ask.presence {
        Presence::Unproved => arguments(ask, "0"),
        Presence::Proved => arguments(ask, "1"),
        Presence::ProvedAt(tally) => {
            let last = tally.last_failure.micros();
            arguments(ask, &format!("{} {last}", tally.failures))
        }
    }
}

pub(super) fn succeed_arguments(ask: &Ask) -> Vec<Vec<u8>> {
    let taken_back = match ask.taken_back {
        TakenBack::Row => "0",
        TakenBack::One => "1",
        TakenBack::Unproven => "2",
    };
    arguments(ask, taken_back)
}

/// The moment, what the script wants to know beside it, and the rules.
fn arguments(ask: &Ask, flag: &str) -> Vec<Vec<u8>> {
    let mut arguments = Vec::with_capacity(ask.counters.len() + 2);
    arguments.push(ask.now.micros().to_string().into_bytes());
    arguments.push(flag.into());
    arguments.extend(ask.counters.iter().map(|counter| rule(&counter.rule)));
    arguments
}

/// What the script answered, or nothing if it is no answer of this script.
pub(super) fn verdict(ask: &Ask, answer: &Value) -> Option<Verdict> {
    let Value::Array(numbers) = answer else {
        return None;
    };
    if numbers.len() != ask.counters.len() * 3 {
        return None;
    }
    let mut verdict = Verdict::Admit;
    for (counter, told) in ask.counters.iter().zip(numbers.chunks_exact(3)) {
        let scope = counter.scope;
        let each = match told {
            [Value::Int(0), ..] => Verdict::Admit,
            [Value::Int(1), Value::Int(wait), _] => {
                Verdict::Wait(scope, Duration::from_micros(u64::try_from(*wait).ok()?))
            }
            [Value::Int(2), Value::Int(failures), Value::Int(last)] => {
                let tally = Tally {
                    failures: u32::try_from(*failures).ok()?,
                    last_failure: Timestamp::from_micros(u64::try_from(*last).ok()?),
                };
                Verdict::ProvePresence(scope, tally)
            }
            [Value::Int(3), ..] => Verdict::Blocked(scope),
            _ => return None,
        };
        verdict = verdict.stricter(each);
    }
    Some(verdict)
}

/// A rule as `common.lua` reads it.
fn rule(rule: &Rule) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(96);
    match rule {
        Rule::Restriction(Restriction::Delay(delay)) => {
            bytes.push(b'D');
            let limit = delay
                .attempts_per_day
                .clamp(1, crate::state::State::MOST_ATTEMPTS as u32);
            bytes.extend(limit.to_be_bytes());
            waits(delay, |wait| time(&mut bytes, wait));
        }
        Rule::Restriction(Restriction::Block(block)) => {
            bytes.push(b'B');
            bytes.extend(block.after.to_be_bytes());
            match block.unlock {
                Unlock::After(after) => {
                    bytes.push(1);
                    time(&mut bytes, micros(after));
                }
                Unlock::Link | Unlock::Operator => {
                    bytes.push(0);
                    time(&mut bytes, 0);
                }
            }
        }
        Rule::Restriction(Restriction::Captcha { after }) => {
            bytes.push(b'C');
            bytes.extend(after.to_be_bytes());
        }
        Rule::Restriction(Restriction::None) => bytes.push(b'N'),
        Rule::Bucket(bucket) => {
            bytes.push(b'L');
            time(&mut bytes, micros(bucket.cost()));
            time(&mut bytes, micros(bucket.capacity()));
        }
    }
    bytes
}

/// The waits after 1, 2, … failures, up to the first that is the longest. A factor so close
/// to 1 that the longest is not reached in [`STEPS`] failures jumps to it there.
fn waits(delay: &Delay, mut each: impl FnMut(u64)) {
    let longest = micros(delay.max);
    for failures in 1..STEPS {
        let wait = micros(delay.after(failures));
        each(wait);
        if wait >= longest {
            return;
        }
    }
    each(longest);
}

fn time(bytes: &mut Vec<u8>, micros: u64) {
    let micros = micros.min(Timestamp::MAX.micros());
    bytes.extend(&micros.to_be_bytes()[1..]);
}

const STEPS: u32 = 256;
