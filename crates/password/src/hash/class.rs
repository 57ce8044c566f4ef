//! What a computation costs, which costs are in use, and how often each was computed.
//!
//! Clause: [`policy::clause::REMPART_COUNT_UNKNOWN_ACCOUNTS`]: nothing that an outsider can
//! measure tells a known account from an unknown one. A sign-in therefore computes one hash
//! of *each* class in use, whatever its outcome.
//!
//! The classes in use are that of new hashes and those that stored hashes were seen to have,
//! [`CLASSES`] at most; the one not met for the longest time gives way. A class far dearer
//! than that of new hashes is not taken up, since one forgotten account would then slow
//! every sign-in: its own sign-ins can be told by their time until it is renewed.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use policy::hash::Cost;

use super::phc::Work;
use super::{HashError, Hasher, Matrix};

/// Classes in use at once, that of new hashes included.
pub const CLASSES: usize = 4;

/// A class is taken up if it costs at most this many times a new hash, in memory × passes.
const DEAREST: u64 = 8;

/// Classes counted apart; more would be a table of hashes gone wild.
const COUNTED: usize = 64;

/// The work of one computation. Two of one class take the same time and memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CostClass(Inner);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inner {
    Argon2(Work),
    #[cfg(feature = "foreign")]
    Foreign(super::foreign::CostClass),
}

impl CostClass {
    pub(super) const fn argon2(work: Work) -> Self {
        Self(Inner::Argon2(work))
    }

    #[cfg(feature = "foreign")]
    pub(super) const fn foreign(class: super::foreign::CostClass) -> Self {
        Self(Inner::Foreign(class))
    }

    /// Memory of one computation, in KiB.
    pub fn memory_kib(&self) -> u32 {
        match &self.0 {
            Inner::Argon2(work) => work.cost.memory_kib,
            #[cfg(feature = "foreign")]
            Inner::Foreign(class) => u32::try_from(class.memory_kib()).unwrap_or(u32::MAX),
        }
    }

    /// One computation of this class for nobody.
    pub(super) fn spend(
        &self,
        hasher: &Hasher,
        password: &[u8],
        matrix: &mut Matrix,
    ) -> Result<(), HashError> {
        match &self.0 {
            Inner::Argon2(work) => hasher.spend_argon2(password, work, matrix),
            #[cfg(feature = "foreign")]
            Inner::Foreign(class) => {
                hasher.count(*self);
                class.spend(password)
            }
        }
    }

    /// Whether it may be taken up beside that of new hashes. The work of a foreign class is
    /// bounded by its own caps, and by what the policy accepts.
    fn is_bearable(&self, live: &Self) -> bool {
        match (&self.0, &live.0) {
            (Inner::Argon2(own), Inner::Argon2(live)) => {
                let weight = |cost: Cost| u64::from(cost.memory_kib) * u64::from(cost.iterations);
                weight(own.cost) <= DEAREST * weight(live.cost)
            }
            #[cfg(feature = "foreign")]
            _ => true,
        }
    }
}

/// `argon2id$v=19$m=19456,t=2,p=1`.
impl fmt::Display for CostClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Inner::Argon2(work) => work.fmt(f),
            #[cfg(feature = "foreign")]
            Inner::Foreign(class) => write!(f, "{class:?}"),
        }
    }
}

/// The classes in use: that of new hashes first, then the last seen.
#[derive(Debug)]
pub(super) struct InUse(Mutex<Vec<CostClass>>);

impl InUse {
    pub(super) fn new(live: CostClass) -> Self {
        Self(Mutex::new(vec![live]))
    }

    pub(super) fn all(&self) -> Vec<CostClass> {
        self.lock().clone()
    }

    /// All classes in use once those of a stored hash are among them.
    pub(super) fn with(&self, seen: &[CostClass]) -> Vec<CostClass> {
        let mut classes = self.lock();
        let live = classes[0];
        for class in seen {
            let known = classes.iter().skip(1).position(|other| other == class);
            if let Some(place) = known {
                classes[1..=place + 1].rotate_right(1);
            } else if *class != live && class.is_bearable(&live) {
                classes.truncate(CLASSES - 1);
                classes.insert(1, *class);
            }
        }
        classes.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<CostClass>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How often each class was computed.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<Vec<(CostClass, u64)>>);

impl Tally {
    pub(super) fn add(&self, class: CostClass) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = counts.iter_mut().find(|(counted, _)| *counted == class);
        if let Some((_, count)) = known {
            *count = count.saturating_add(1);
        } else if counts.len() < COUNTED {
            counts.push((class, 1));
        }
    }

    pub(super) fn all(&self) -> Vec<(CostClass, u64)> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(mib: u32) -> CostClass {
        let mut cost = Cost::REFERENCE;
        cost.memory_kib = mib * 1024;
        CostClass::argon2(Work::live(cost))
    }

    #[test]
    fn the_class_not_met_for_longest_gives_way_and_the_live_one_never() {
        let in_use = InUse::new(class(19));
        for (seen, expected) in [
            (19, &[19][..]),
            (8, &[19, 8]),
            (9, &[19, 9, 8]),
            (8, &[19, 8, 9]),
            (10, &[19, 10, 8, 9]),
            (8, &[19, 8, 10, 9]),
            (11, &[19, 11, 8, 10]),
            (10, &[19, 10, 11, 8]),
            // Eight times dearer is taken up, more is not.
            (152, &[19, 152, 10, 11]),
            (153, &[19, 152, 10, 11]),
        ] {
            let expected: Vec<CostClass> = expected.iter().map(|&mib| class(mib)).collect();
            assert_eq!(in_use.with(&[class(seen)]), expected, "{seen} seen");
            assert_eq!(in_use.all(), expected);
        }
    }

    #[test]
    fn counts_are_kept_apart_and_bounded() {
        let tally = Tally::default();
        for mib in (1..=100).chain([1, 1, 2]) {
            tally.add(class(mib));
        }
        let all = tally.all();
        assert_eq!(all.len(), COUNTED);
        assert_eq!(all[..3], [(class(1), 3), (class(2), 2), (class(3), 1)]);
    }
}
