//! What counts for names that found a full table: counters that several of them share.
//!
//! Clauses: CNIL 2022-100, case 2. A shared counter must restrict none of its names later than
//! a counter of its own would, whatever the others do:
//!
//! - a success takes back the one failure that it had counted here, not the failures in a row,
//!   which may be those of another name;
//! - an unlock leaves it alone (see `Shard::unlock`).
//!
//! One weakening, so that a flood does not lock out honest newcomers for ever: under a block, a
//! shared counter is forgotten a day after the last attempt that it admitted, whoever would
//! have to end the block. A name has at most the block's number of attempts in a day here (10
//! at most), fewer than the 25 of the clause's delay.

use super::Kept;
use crate::state::DAY;
use crate::store::TakenBack;
use crate::{Ask, Cell, Counter, CounterKey, Record, RecordError, Restriction, Rule, Timestamp};

/// The shared counters of one shard.
#[derive(Default)]
pub(super) struct Overflow(Vec<Option<Slot>>);

struct Slot {
    kept: Kept,
    /// The last attempts that were counted here and not taken back, at most [`UNDER_WAY`].
    under_way: Vec<Timestamp>,
}

impl Overflow {
    pub(super) fn record(&self, key: CounterKey, now: Timestamp) -> Option<Record> {
        let slot = self.0.get(self.place(key)?)?.as_ref()?;
        (!slot.kept.is_idle(now)).then(|| slot.kept.record.clone())
    }

    /// Keeps what was decided for a name; `counted` is the moment of the attempt if it was
    /// admitted. `most` is how many counters there are, made when the first is needed.
    pub(super) fn keep(
        &mut self,
        counter: &Counter,
        cell: Cell,
        most: usize,
        now: Timestamp,
        counted: Option<Timestamp>,
    ) {
        if self.0.is_empty() {
            self.0.resize_with(most.max(FEWEST), || None);
        }
        let Some(place) = self.place(counter.key) else {
            return;
        };
        let day = now.after(DAY).after(Timestamp::SLACK);
        let idle_at = match (cell.idle_at(), counter.rule) {
            (Some(moment), Rule::Restriction(Restriction::Block(_))) => Some(moment.min(day)),
            (moment, _) => moment.or(Some(day)),
        };
        let kept = Kept {
            idle_at,
            record: cell.into_record(),
            held_until: Timestamp::default(),
        };
        let slot = &mut self.0[place];
        if kept.is_idle(now) {
            *slot = None;
            return;
        }
        let before = slot.take().filter(|slot| !slot.kept.is_idle(now));
        let mut under_way = before.map(|slot| slot.under_way).unwrap_or_default();
        if let Some(moment) = counted {
            if under_way.len() == UNDER_WAY {
                under_way.remove(0);
            }
            under_way.push(moment);
        }
        *slot = Some(Slot { kept, under_way });
    }

    /// Takes back the failure of an attempt, if it was counted here.
    pub(super) fn take_back(&mut self, counter: &Counter, ask: &Ask) -> Result<(), RecordError> {
        let admitted = ask.now;
        let Some(entry) = self.place(counter.key).map(|place| &mut self.0[place]) else {
            return Ok(());
        };
        let Some(slot) = entry else { return Ok(()) };
        let counted = slot.under_way.iter().position(|moment| *moment == admitted);
        let Some(counted) = counted else {
            return Ok(());
        };
        let mut cell = Cell::new(&counter.rule, Some(slot.kept.record.clone()))?;
        cell.take_back(&Ask {
            taken_back: match ask.taken_back {
                TakenBack::Row => TakenBack::One,
                less => less,
            },
            ..ask.clone()
        });
        slot.under_way.remove(counted);
        // Not later than before: the day of a block begins with the last attempt admitted.
        if let Some(moment) = cell.idle_at() {
            slot.kept.idle_at = slot.kept.idle_at.map(|before| before.min(moment));
        }
        slot.kept.record = cell.into_record();
        if slot.kept.is_idle(admitted) {
            *entry = None;
        }
        Ok(())
    }

    fn place(&self, key: CounterKey) -> Option<usize> {
        let [_, first, second, third, fourth, ..] = *key.bytes();
        let number = u32::from_le_bytes([first, second, third, fourth]) as usize;
        number.checked_rem(self.0.len())
    }
}

/// Shared counters of a shard, however small its table is.
const FEWEST: usize = 64;

/// Attempts of one counter that may still succeed. More are not taken back, which is safe.
const UNDER_WAY: usize = 16;
