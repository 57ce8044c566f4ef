//! When a stored hash should be made again.
//!
//! Clauses: CNIL 2022-100, conservation (follow the state of the art; EDF was faulted for a
//! tail of hashes left as they were), [`policy::clause::ASVS_HASH_COST`].
//!
//! "Weaker" is a partial order. A hash is renewed when the policy asks for more memory or
//! more passes and for less of neither. Where one is higher and the other lower, the hash
//! stays: two applications with different policies on one database would otherwise renew
//! each other's hashes at every sign-in. Lanes do not count: they spread the same work.
//!
//! A hash made with another key of the pepper than the current one is renewed, so that a key
//! can be retired: see [`super::Pepper`].
//!
//! A hash of another function, or Argon2 over one, is renewed if that function read the whole
//! password. bcrypt reads 72 bytes and WordPress trims spaces: were a longer or padded
//! text hashed as it was typed, a slip of the finger would become the password.
//!
//! A hash under OWASP's floor is renewed in any case, if the policy's own costs reach that
//! floor, so that renewing always ends.

use policy::Language;
use policy::hash::Cost;

use super::phc::{Parts, Variant, Version};
use super::{KeyId, SALT, TAG};

/// Why a stored hash should be made again from the password just verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RenewReason {
    /// It was made by another function than Argon2.
    Foreign,
    /// It is Argon2 over the hash of another function.
    Wrapped,
    /// It was made of the text as it was typed; new hashes are made of the prepared text
    /// (RFC 8265).
    Unprepared,
    /// It is Argon2i or Argon2d; new hashes are Argon2id.
    Variant,
    /// It was made without the pepper, or with an older key of it.
    Pepper,
    /// It is of version 0x10 of Argon2; new hashes are of version 0x13.
    Version,
    /// Its salt is shorter than 128 bits.
    Salt,
    /// Its tag is shorter than 256 bits.
    Tag,
    /// It costs less than the policy asks, in memory or passes, and more in neither.
    Cost,
    /// It costs less than OWASP's floor.
    Floor,
}

/// The first reason to renew an Argon2 hash under a policy's costs and current key.
pub(super) fn reason(parts: &Parts, live: Cost, key: Option<KeyId>) -> Option<RenewReason> {
    let (work, cost) = (parts.work, parts.work.cost);
    let rows = [
        (parts.key != key, RenewReason::Pepper),
        (work.variant != Variant::Id, RenewReason::Variant),
        (work.version != Version::V13, RenewReason::Version),
        (parts.salt.len() < SALT, RenewReason::Salt),
        (parts.tag.len() < TAG, RenewReason::Tag),
        (is_weaker(cost, live), RenewReason::Cost),
        (
            is_under_floor(cost) && !is_under_floor(live),
            RenewReason::Floor,
        ),
    ];
    rows.into_iter()
        .find_map(|(holds, reason)| holds.then_some(reason))
}

const fn is_weaker(stored: Cost, live: Cost) -> bool {
    let lower = stored.memory_kib < live.memory_kib || stored.iterations < live.iterations;
    let higher = stored.memory_kib > live.memory_kib || stored.iterations > live.iterations;
    lower && !higher
}

const fn is_under_floor(cost: Cost) -> bool {
    cost.memory_kib < Cost::floor_kib(cost.iterations)
}

impl RenewReason {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Foreign => "renew-foreign",
            Self::Wrapped => "renew-wrapped",
            Self::Unprepared => "renew-unprepared",
            Self::Pepper => "renew-pepper",
            Self::Variant => "renew-variant",
            Self::Version => "renew-version",
            Self::Salt => "renew-salt",
            Self::Tag => "renew-tag",
            Self::Cost => "renew-cost",
            Self::Floor => "renew-floor",
        }
    }

    /// The reason in a few words, to follow a colon.
    pub const fn message(self, language: Language) -> &'static str {
        let (fr, en) = match self {
            Self::Foreign => (
                "l’empreinte vient d’une autre fonction qu’Argon2",
                "the hash was made by another function than Argon2",
            ),
            Self::Wrapped => (
                "l’empreinte est de l’Argon2 par-dessus une ancienne empreinte",
                "the hash is Argon2 over an older hash",
            ),
            Self::Unprepared => (
                "l’empreinte vient du texte tel qu’il a été tapé, sans préparation (RFC 8265)",
                "the hash was made of the text as it was typed, not prepared (RFC 8265)",
            ),
            Self::Pepper => (
                "l’empreinte n’est pas poivrée avec la clé actuelle",
                "the hash is not peppered with the current key",
            ),
            Self::Variant => (
                "l’empreinte n’est pas de l’Argon2id",
                "the hash is not Argon2id",
            ),
            Self::Version => (
                "l’empreinte est d’une ancienne version d’Argon2",
                "the hash is of an old version of Argon2",
            ),
            Self::Salt => (
                "le sel compte moins de 128 bits",
                "the salt has less than 128 bits",
            ),
            Self::Tag => (
                "le condensé compte moins de 256 bits",
                "the tag has less than 256 bits",
            ),
            Self::Cost => (
                "l’empreinte coûte moins que la politique ne le demande",
                "the hash costs less than the policy asks",
            ),
            Self::Floor => (
                "l’empreinte coûte moins que le plancher de l’OWASP",
                "the hash costs less than the OWASP floor",
            ),
        };
        match language {
            Language::Fr => fr,
            Language::En => en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::phc::Work;
    use super::*;

    fn cost(mib: u32, iterations: u32, parallelism: u32) -> Cost {
        let mut cost = Cost::REFERENCE;
        (cost.memory_kib, cost.iterations, cost.parallelism) =
            (mib * 1024, iterations, parallelism);
        cost
    }

    fn live(cost: Cost) -> Parts {
        Parts {
            work: Work::live(cost),
            key: None,
            salt: vec![0; SALT],
            tag: vec![0; TAG],
        }
    }

    #[test]
    fn costs_against_the_policy() {
        let policy = cost(19, 2, 1);
        for (stored, expected) in [
            (policy, None),
            (cost(64, 3, 4), None),
            (cost(19, 1, 1), Some(RenewReason::Cost)),
            (cost(18, 2, 1), Some(RenewReason::Cost)),
            // Higher in one, lower in the other, at the floor: it stays.
            (cost(46, 1, 1), None),
            (cost(12, 3, 1), None),
            // Higher in one, lower in the other, under the floor.
            (cost(45, 1, 1), Some(RenewReason::Floor)),
            (cost(7, 5, 1), Some(RenewReason::Floor)),
            // Lanes spread the same work.
            (cost(19, 2, 4), None),
        ] {
            assert_eq!(reason(&live(stored), policy, None), expected, "{stored:?}");
        }
    }

    #[test]
    fn other_marks_of_age() {
        let policy = cost(19, 2, 1);
        let change = |change: fn(&mut Parts)| {
            let mut parts = live(policy);
            change(&mut parts);
            reason(&parts, policy, None)
        };
        assert_eq!(
            change(|parts| parts.work.variant = Variant::I),
            Some(RenewReason::Variant)
        );
        assert_eq!(
            change(|parts| parts.work.variant = Variant::D),
            Some(RenewReason::Variant)
        );
        assert_eq!(
            change(|parts| parts.work.version = Version::V10),
            Some(RenewReason::Version)
        );
        assert_eq!(
            change(|parts| parts.salt.truncate(15)),
            Some(RenewReason::Salt)
        );
        assert_eq!(
            change(|parts| parts.tag.truncate(31)),
            Some(RenewReason::Tag)
        );
    }

    #[test]
    fn a_hash_follows_the_current_key() {
        let policy = cost(19, 2, 1);
        let [none, old, new] = [None, KeyId::new("2025"), KeyId::new("2026")];
        for (stored, current, expected) in [
            (none, none, None),
            (new, new, None),
            (none, new, Some(RenewReason::Pepper)),
            (old, new, Some(RenewReason::Pepper)),
        ] {
            let mut parts = live(policy);
            parts.key = stored;
            assert_eq!(reason(&parts, policy, current), expected, "{stored:?}");
        }
    }

    #[test]
    fn renewing_always_ends() {
        // From any hash, through any number of applications with policies of their own, no
        // renewal leads back: every policy is a step in an order without cycles.
        let memories = [7, 9, 12, 18, 19, 46, 64];
        let costs: Vec<Cost> = memories
            .iter()
            .flat_map(|&mib| (1..=4).map(move |passes| cost(mib, passes, 1)))
            .collect();
        let renews = |from: Cost, to: Cost| reason(&live(from), to, None).is_some();
        let mut reach: Vec<Vec<bool>> = costs
            .iter()
            .map(|&from| costs.iter().map(|&to| renews(from, to)).collect())
            .collect();
        for middle in 0..costs.len() {
            for from in 0..costs.len() {
                for to in 0..costs.len() {
                    reach[from][to] |= reach[from][middle] && reach[middle][to];
                }
            }
        }
        for (place, cost) in costs.iter().enumerate() {
            assert!(!reach[place][place], "{cost:?} is renewed into itself");
        }
        assert!(reach.iter().flatten().any(|&reached| reached));
    }

    #[test]
    fn reasons_are_distinct_in_both_languages() {
        use RenewReason as R;
        let mut seen = std::collections::BTreeSet::new();
        for reason in [
            R::Unprepared,
            R::Pepper,
            R::Variant,
            R::Version,
            R::Salt,
            R::Tag,
            R::Cost,
            R::Floor,
        ] {
            for text in [
                reason.code(),
                reason.message(Language::Fr),
                reason.message(Language::En),
            ] {
                assert!(seen.insert(text), "{text}: twice");
            }
        }
    }
}
