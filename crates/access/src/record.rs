//! What a store keeps of one counter, and how an attempt is decided over several of them.
//!
//! Clauses: as for [`state`](crate::state) and [`Bucket`]. Every store that can run our code
//! decides with [`decide`], so that none can differ.
//!
//! A record is a few bytes, in one form only: what does not read back to the same bytes is
//! corrupt. A corrupt record is an error, never an empty counter: whoever could damage one
//! would otherwise have his attempts back. It ends when the counter is unlocked.

use crate::state::{Decision, Presence, State};
use crate::store::{Ask, Rule, TakenBack, Verdict};
use crate::{Bucket, Level, Restriction, Timestamp};

/// What one counter holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// Under [`Rule::Restriction`].
    State(State),
    /// Under [`Rule::Bucket`].
    Level(Level),
}

/// A record that cannot be ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// Its first byte names no form that this version knows.
    #[error("a counter of an unknown form")]
    Form,
    /// It is cut off, too long, or not as this version writes it.
    #[error("a damaged counter")]
    Damaged,
    /// It is of the other kind than its key says.
    #[error("a counter of another kind than its key")]
    Kind,
}

/// One counter of an attempt while it is decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    kept: Kept,
    changed: bool,
}

/// A record together with the rule of its kind.
#[derive(Debug, Clone, PartialEq)]
enum Kept {
    State(State, Restriction),
    Level(Level, Bucket),
}

/// Asks every counter for the attempt, in the order of `ask.counters`. If all admit it, its
/// failure is counted in each; otherwise in none. Afterwards the cells that
/// [changed](Cell::changed) must be kept, whatever the verdict.
///
/// # Panics
/// When there are not as many cells as counters.
pub fn decide(ask: &Ask, cells: &mut [Cell]) -> Verdict {
    assert_eq!(ask.counters.len(), cells.len(), "one cell for each counter");
    let mut verdict = Verdict::Admit;
    for (counter, cell) in ask.counters.iter().zip(cells.iter_mut()) {
        let scope = counter.scope;
        verdict = verdict.stricter(match cell.check(ask.now, ask.presence) {
            Decision::Admit => Verdict::Admit,
            Decision::Wait(time) => Verdict::Wait(scope, time),
            Decision::ProvePresence(tally) => Verdict::ProvePresence(scope, tally),
            Decision::Blocked => Verdict::Blocked(scope),
        });
    }
    if verdict == Verdict::Admit {
        cells.iter_mut().for_each(|cell| cell.count(ask.now));
    }
    verdict
}

/// Takes back the failure of an attempt that was admitted at `ask.now` and succeeded, and the
/// failures in a row as `ask.taken_back` says.
///
/// # Panics
/// When there are not as many cells as counters.
pub fn take_back(ask: &Ask, cells: &mut [Cell]) {
    assert_eq!(ask.counters.len(), cells.len(), "one cell for each counter");
    for cell in cells {
        cell.take_back(ask);
    }
}

impl Record {
    /// The most bytes of a record.
    pub const LONGEST: usize = 10_000;

    /// A counter that has counted nothing.
    pub fn fresh(rule: &Rule) -> Self {
        match rule {
            Rule::Restriction(_) => Self::State(State::default()),
            Rule::Bucket(_) => Self::Level(Level::default()),
        }
    }

    /// The record as a few bytes: at most [`Record::LONGEST`], about 60 for an account in the
    /// middle of its day.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::State(state) => {
                let mut bytes = vec![STATE_1];
                put(&mut bytes, u64::from(state.failures));
                put(&mut bytes, state.last_failure.micros());
                put(&mut bytes, state.attempts.len() as u64);
                let mut before = 0;
                for attempt in &state.attempts {
                    put(&mut bytes, attempt.micros() - before);
                    before = attempt.micros();
                }
                bytes
            }
            Self::Level(level) => {
                let mut bytes = vec![LEVEL_1];
                put(&mut bytes, level.moment().micros());
                bytes
            }
        }
    }

    /// Reads what [`encode`](Self::encode) wrote.
    ///
    /// # Errors
    /// When it is not byte for byte what `encode` would write.
    pub fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        let (form, mut rest) = bytes.split_first().ok_or(RecordError::Damaged)?;
        let record = match *form {
            STATE_1 => {
                let failures = u32::try_from(take(&mut rest)?);
                let last_failure = moment(take(&mut rest)?)?;
                let count = take(&mut rest)?;
                if count > State::MOST_ATTEMPTS as u64 {
                    return Err(RecordError::Damaged);
                }
                let mut attempts = Vec::with_capacity(count as usize);
                let mut before = 0_u64;
                for _ in 0..count {
                    // Two numbers below 2^64 may overflow together.
                    before = before
                        .checked_add(take(&mut rest)?)
                        .ok_or(RecordError::Damaged)?;
                    attempts.push(moment(before)?);
                }
                Self::State(State {
                    failures: failures.map_err(|_| RecordError::Damaged)?,
                    last_failure,
                    attempts,
                })
            }
            LEVEL_1 => Self::Level(Level::empty_at(moment(take(&mut rest)?)?)),
            _ => return Err(RecordError::Form),
        };
        if rest.is_empty() {
            Ok(record)
        } else {
            Err(RecordError::Damaged)
        }
    }
}

impl Cell {
    /// A counter and its record, if the store has one.
    ///
    /// # Errors
    /// When the record is of the other kind than the counter's rule.
    pub fn new(rule: &Rule, record: Option<Record>) -> Result<Self, RecordError> {
        let kept = match (record.unwrap_or_else(|| Record::fresh(rule)), rule) {
            (Record::State(state), Rule::Restriction(rule)) => Kept::State(state, *rule),
            (Record::Level(level), Rule::Bucket(bucket)) => Kept::Level(level, *bucket),
            _ => return Err(RecordError::Kind),
        };
        Ok(Self {
            kept,
            changed: false,
        })
    }

    /// Whether the record must be kept.
    pub const fn changed(&self) -> bool {
        self.changed
    }

    /// The record, to be kept.
    pub fn into_record(self) -> Record {
        match self.kept {
            Kept::State(state, _) => Record::State(state),
            Kept::Level(level, _) => Record::Level(level),
        }
    }

    /// When the record may be dropped, if nothing more happens, and no decision changes.
    /// `None`: not before an unlock.
    pub fn idle_at(&self) -> Option<Timestamp> {
        match &self.kept {
            Kept::State(state, rule) => state.idle_at(rule),
            Kept::Level(level, _) => Some(level.idle_at()),
        }
    }

    pub(crate) fn take_back(&mut self, ask: &Ask) {
        match &mut self.kept {
            Kept::State(state, _) => {
                let others = state.failures.saturating_sub(1);
                if ask.taken_back != TakenBack::Unproven {
                    state.succeed(ask.now);
                }
                if ask.taken_back != TakenBack::Row {
                    state.failures = others;
                }
            }
            Kept::Level(level, bucket) => level.refund(ask.now, bucket),
        }
        self.changed = true;
    }

    fn check(&mut self, now: Timestamp, presence: Presence) -> Decision {
        match &mut self.kept {
            Kept::State(state, rule) => {
                self.changed |= state.settle(now, rule);
                state.check(now, rule, presence)
            }
            Kept::Level(level, bucket) => {
                self.changed |= level.settle(now, bucket);
                level.check(now, bucket)
            }
        }
    }

    fn count(&mut self, now: Timestamp) {
        match &mut self.kept {
            Kept::State(state, rule) => state.count(now, rule),
            Kept::Level(level, bucket) => level.count(now, bucket),
        }
        self.changed = true;
    }
}

/// Appends a number, seven bits to a byte, the lowest first; the last byte is below 128.
fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take(bytes: &mut &[u8]) -> Result<u64, RecordError> {
    let mut number = 0_u64;
    for place in 0..LONGEST_NUMBER {
        let (&byte, rest) = bytes.split_first().ok_or(RecordError::Damaged)?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << (7 * place);
        if byte < 0x80 {
            // A longer form of a shorter number is not ours.
            return if byte == 0 && place > 0 {
                Err(RecordError::Damaged)
            } else {
                Ok(number)
            };
        }
    }
    Err(RecordError::Damaged)
}

fn moment(micros: u64) -> Result<Timestamp, RecordError> {
    if micros > Timestamp::MAX.micros() {
        return Err(RecordError::Damaged);
    }
    Ok(Timestamp::from_micros(micros))
}

const STATE_1: u8 = 1;
const LEVEL_1: u8 = 2;

/// A number below 2^56, which a moment and a count are, takes at most eight bytes.
const LONGEST_NUMBER: u32 = 8;

#[cfg(test)]
mod tests;
