//! Costs of hashes, and how many have them: a table has a few, and a hostile one any number.

use std::collections::BTreeMap;

/// Costs kept apart.
const APART: usize = 64;

/// How many hashes have each cost; those of further costs are counted together.
#[derive(Debug)]
pub(in crate::audit) struct Costs<C> {
    known: BTreeMap<C, u64>,
    /// Hashes whose cost is not kept apart.
    pub(in crate::audit) others: u64,
}

impl<C> Default for Costs<C> {
    fn default() -> Self {
        Self {
            known: BTreeMap::new(),
            others: 0,
        }
    }
}

impl<C: Ord> Costs<C> {
    pub(super) fn add(&mut self, cost: C, count: u64) {
        if let Some(known) = self.known.get_mut(&cost) {
            *known += count;
        } else if self.known.len() < APART {
            self.known.insert(cost, count);
        } else {
            self.others += count;
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.others += other.others;
        for (cost, count) in other.known {
            self.add(cost, count);
        }
    }

    /// Each cost kept apart, the lowest first.
    pub(in crate::audit) fn iter(&self) -> impl Iterator<Item = (&C, u64)> {
        self.known.iter().map(|(cost, count)| (cost, *count))
    }
}
