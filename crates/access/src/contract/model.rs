//! The simplest store: the pure machine over a map. And a source of histories for it.

use std::collections::HashMap;

use crate::store::Verdict;
use crate::{Ask, Cell, CounterKey, Record, decide, take_back};

/// What a store must agree with.
#[derive(Default)]
pub(super) struct Model(HashMap<CounterKey, Record>);

impl Model {
    pub(super) fn admit(&mut self, ask: &Ask) -> Verdict {
        self.with(ask, decide)
    }

    pub(super) fn succeed(&mut self, ask: &Ask) {
        self.with(ask, take_back);
    }

    pub(super) fn unlock(&mut self, key: CounterKey) {
        self.0.remove(&key);
    }

    fn with<T>(&mut self, ask: &Ask, act: impl FnOnce(&Ask, &mut [Cell]) -> T) -> T {
        let mut cells: Vec<Cell> = ask
            .counters
            .iter()
            .map(|counter| {
                let record = self.0.get(&counter.key).cloned();
                Cell::new(&counter.rule, record).expect("one rule for each key")
            })
            .collect();
        let answer = act(ask, &mut cells);
        for (counter, cell) in ask.counters.iter().zip(cells) {
            if cell.changed() {
                self.0.insert(counter.key, cell.into_record());
            }
        }
        answer
    }
}

/// Numbers that look random and are the same in every run, so that a failure comes again.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `sides`.
    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        // A Weyl sequence, stirred by two multiplications and three shifts.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        (mixed ^ (mixed >> 32)) % sides
    }
}
