//! What a computation costs, which costs are in use, and how often each was computed.
//!
//! Clause: [`policy::clause::REMPART_COUNT_UNKNOWN_ACCOUNTS`]: nothing that an outsider can
//! measure tells a known account from an unknown one. A sign-in therefore computes one hash
//! of *each* class in use, whatever its outcome.
//!
//! The classes in use are that of new hashes and those that stored hashes were seen to have,
//! [`CLASSES`] at most; the one not met for the longest time gives way. One forgotten account
//! must not slow every sign-in, so there are [`Limits`]: an Argon2 class far dearer than that
//! of new hashes is not taken up, and its own sign-ins can be told by their time until it is
//! renewed; a foreign class over the policy's `accept-cost` is not verified at all; and all
//! classes together stay within that cost and within the memory budget.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use policy::HashPolicy;
use policy::hash::Cost;

use super::phc::Work;
use super::{HashError, Hasher, Matrix, SALT};

/// Classes in use at once, that of new hashes included.
pub const CLASSES: usize = 4;

/// A class of Argon2 is taken up if it costs at most this many times a new hash, in memory ×
/// passes.
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

    /// The processor time of one computation, in blocks of Argon2: KiB × passes.
    pub fn weight(&self) -> u64 {
        match &self.0 {
            Inner::Argon2(work) => blocks(work.cost),
            #[cfg(feature = "foreign")]
            Inner::Foreign(class) => class.weight(),
        }
    }

    /// The memory of several computations, one after the other, in KiB: that of the dearest of
    /// Argon2, which keeps its matrix meanwhile, and that of the dearest of the rest.
    pub(super) fn memory_of(classes: &[Self]) -> u32 {
        let dearest = |argon2: bool| {
            let some = classes.iter().filter(|class| class.is_argon2() == argon2);
            some.map(Self::memory_kib).max().unwrap_or(0)
        };
        dearest(true).saturating_add(dearest(false))
    }

    const fn is_argon2(&self) -> bool {
        match &self.0 {
            Inner::Argon2(_) => true,
            #[cfg(feature = "foreign")]
            Inner::Foreign(_) => false,
        }
    }

    /// One computation of this class for nobody.
    pub(super) fn spend(
        &self,
        hasher: &Hasher,
        password: &[u8],
        salt: &[u8; SALT],
        matrix: &mut Matrix,
    ) -> Result<(), HashError> {
        match &self.0 {
            Inner::Argon2(work) => {
                let tag = hasher.decoy_argon2(password, work, salt, matrix)?;
                // Nothing reads the tag, so nothing else keeps the work from being left out.
                std::hint::black_box(tag.as_slice());
                Ok(())
            }
            #[cfg(feature = "foreign")]
            Inner::Foreign(class) => {
                hasher.count(*self);
                class.spend(password, salt)
            }
        }
    }
}

const fn blocks(cost: Cost) -> u64 {
    cost.memory_kib as u64 * cost.iterations as u64
}

/// What the classes in use may cost beside that of new hashes, for every sign-in pays them all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Blocks of one Argon2 class.
    argon2: u64,
    /// Blocks that `accept-cost` counts.
    #[cfg_attr(
        not(feature = "foreign"),
        expect(dead_code, reason = "no other function asks for it")
    )]
    unit: u64,
    /// Blocks of one foreign class.
    foreign: u64,
    /// Blocks of all classes together.
    all: u64,
    /// Memory of one sign-in, in KiB.
    kib: u32,
}

impl Limits {
    /// The limits of a policy. Its `accept-cost` counts new hashes, or those of the reference
    /// costs where these are dearer.
    pub(super) fn of(policy: &HashPolicy) -> Self {
        let live = blocks(policy.cost);
        let unit = live.max(blocks(Cost::REFERENCE));
        let argon2 = DEAREST * live;
        let foreign = unit * u64::from(policy.accept_cost);
        Self {
            argon2,
            unit,
            foreign,
            all: argon2.max(foreign),
            kib: u32::try_from(policy.memory_budget.get() / 1024).unwrap_or(u32::MAX),
        }
    }

    /// How many times a new hash a foreign class takes, if that is more than is accepted.
    #[cfg(feature = "foreign")]
    pub(super) fn excess(&self, class: super::foreign::CostClass) -> Option<u64> {
        let weight = class.weight();
        (weight > self.foreign).then(|| weight.div_ceil(self.unit))
    }

    /// Whether one class may be taken up beside that of new hashes.
    fn bear(&self, class: &CostClass, live: CostClass) -> bool {
        let most = if class.is_argon2() {
            self.argon2
        } else {
            self.foreign
        };
        class.weight() <= most && CostClass::memory_of(&[live, *class]) <= self.kib
    }

    /// Whether classes may be in use together, the first being that of new hashes.
    fn bear_all(&self, classes: &[CostClass]) -> bool {
        let beside = classes.iter().skip(1).map(CostClass::weight);
        let weight = beside.fold(0, u64::saturating_add);
        weight <= self.all && CostClass::memory_of(classes) <= self.kib
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
pub(super) struct InUse {
    classes: Mutex<Vec<CostClass>>,
    limits: Limits,
}

impl InUse {
    pub(super) fn new(live: CostClass, limits: Limits) -> Self {
        Self {
            classes: Mutex::new(vec![live]),
            limits,
        }
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
            } else if *class != live && self.limits.bear(class, live) {
                classes.truncate(CLASSES - 1);
                classes.insert(1, *class);
                while !self.limits.bear_all(&classes) {
                    classes.pop();
                }
            }
        }
        classes.clone()
    }

    /// Whether the memory of classes is within the budget.
    pub(super) fn holds(&self, classes: &[CostClass]) -> bool {
        CostClass::memory_of(classes) <= self.limits.kib
    }

    #[cfg(feature = "foreign")]
    pub(super) const fn limits(&self) -> Limits {
        self.limits
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<CostClass>> {
        self.classes.lock().unwrap_or_else(PoisonError::into_inner)
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
        let in_use = InUse::new(class(19), limits(256, 64));
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

    fn limits(mib: u64, accept_cost: u32) -> Limits {
        let mut policy = HashPolicy::default();
        (policy.memory_budget, policy.accept_cost) = (policy::Size::mib(mib), accept_cost);
        Limits::of(&policy)
    }

    #[test]
    fn all_classes_together_stay_within_the_limits() {
        // Two classes of ten new hashes are more than sixteen: the older one goes.
        let in_use = InUse::new(class(19), limits(256, 16));
        for (seen, expected) in [
            (100, &[19, 100][..]),
            (110, &[19, 110, 100]),
            (120, &[19, 120, 110]),
            (19, &[19, 120, 110]),
            (8, &[19, 8, 120, 110]),
        ] {
            let expected: Vec<CostClass> = expected.iter().map(|&mib| class(mib)).collect();
            assert_eq!(in_use.with(&[class(seen)]), expected, "{seen} seen");
        }
        // A class that fills the budget alone is not taken up, nor does it drive others out.
        let in_use = InUse::new(class(19), limits(64, 64));
        for (seen, expected) in [(64, &[19, 64][..]), (65, &[19, 64]), (12, &[19, 12, 64])] {
            let expected: Vec<CostClass> = expected.iter().map(|&mib| class(mib)).collect();
            assert_eq!(in_use.with(&[class(seen)]), expected, "{seen} seen");
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
