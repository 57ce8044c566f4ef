//! The comparison of a sign-in: one answer, and the same work for every outcome.
//!
//! Clauses: [`clause::REMPART_COUNT_UNKNOWN_ACCOUNTS`] (an outsider cannot tell a known
//! account from an unknown one), [`clause::CNIL_UPGRADE_HASH`].
//!
//! A check computes one hash of each class in use (see [`CostClass`]), the real one for the
//! class of the stored hash and decoys for the others. An unknown account, an empty or
//! over-long password, a hash that cannot be verified: decoys for all. What remains to be
//! told apart: the renewal after a success, and an Argon2 hash far dearer than new ones. Each
//! account has a salt of its own for its decoys, which whoever asks for a [`Plan`] gives: the time
//! of one computation varies a little with its salt, and one salt for all would be one time.
//!
//! Other systems hashed what was typed as it came, with accents apart or spaces of another
//! width. Where preparing changed what was typed, all is computed a second time over the bytes
//! as they came: for every account alike, so that only the visitor's own text tells.
//!
//! A check that says yes gives a [`Verified`], the only thing beside an [`Accepted`] that a
//! new hash can be made from.
//!
//! [`clause::REMPART_COUNT_UNKNOWN_ACCOUNTS`]: policy::clause::REMPART_COUNT_UNKNOWN_ACCOUNTS
//! [`clause::CNIL_UPGRADE_HASH`]: policy::clause::CNIL_UPGRADE_HASH

use zeroize::Zeroizing;

use super::phc::Work;
use super::{
    CostClass, Form, HashError, Hasher, Matrix, RenewReason, SALT, StoredHash, TAG, Verification,
};
use crate::{Accepted, Password, ReadError};

/// Earlier hashes that one new password is compared with, at most.
pub const EARLIER: usize = 24;

/// Stands for what could not be read, at a usual length.
const NOBODY: &[u8] = b"no password";

/// What one check will compute. Made by [`Hasher::plan`], used once.
#[derive(Debug)]
pub struct Plan {
    stored: Option<StoredHash>,
    classes: Vec<CostClass>,
    /// The salt of decoys.
    salt: [u8; SALT],
    kib: u32,
}

/// The answer of a check.
#[must_use]
#[derive(Debug)]
pub enum Checked {
    /// It is not the password, or there is no such account.
    No,
    /// It is the password.
    Yes(Verified),
}

/// A password that was just compared with its stored hash and found right.
///
/// Nobody else can make one, so that no unjudged text is ever hashed:
///
/// ```compile_fail,E0451
/// # fn forge(password: password::Password) {
/// let verified = password::hash::Verified { password, reason: None };
/// # }
/// ```
///
/// And a renewal takes nothing else:
///
/// ```compile_fail,E0308
/// # fn skip(hasher: password::hash::Hasher, password: password::Password, matrix: &mut password::hash::Matrix) {
/// hasher.renew(password, matrix);
/// # }
/// ```
#[derive(Debug)]
pub struct Verified {
    password: Password,
    reason: Option<RenewReason>,
}

impl Hasher {
    /// Prepares a check of an account's stored hash, `None` if there is no such account or it
    /// has no hash. `salt` is that of decoys: another for each name, the same whenever that name is
    /// tried, and not to be guessed, such as 16 bytes of a keyed hash of the identifier.
    pub fn plan(&self, stored: Option<&StoredHash>, salt: [u8; 16]) -> Plan {
        let stored = stored.cloned();
        let (in_use, mut own) = (&self.inner.in_use, Vec::new());
        let mut classes = match &stored {
            // A hash that nobody can verify brings no class with it.
            Some(hash) if self.obstacle(hash).is_none() => {
                own = hash.classes();
                in_use.with(&own)
            }
            _ => in_use.all(),
        };
        // A hash that was not taken up leaves less of the budget to decoys.
        while classes.len() > 1 && !in_use.holds(&[&*classes, &own].concat()) {
            classes.pop();
        }
        // In one order whoever asks, or what the processor still holds would tell whose turn it is.
        // The name of a class is looked at where two take the same time and memory.
        classes.sort_by_cached_key(|class| {
            let name = class.to_string();
            (class.weight(), class.memory_kib(), name)
        });
        Plan {
            kib: CostClass::memory_of(&[&*classes, &own].concat()),
            stored,
            classes,
            salt,
        }
    }

    /// Compares what was typed, as [`Password::read`] answers it, with the hash of the plan.
    /// The work is that of the plan for every outcome, twice if preparing changed the text.
    ///
    /// # Errors
    /// When memory is missing, or the hash cannot be verified under this policy. A wrong
    /// password is an answer, not an error.
    pub fn check(
        &self,
        typed: Result<Password, ReadError>,
        plan: Plan,
        matrix: &mut Matrix,
    ) -> Result<Checked, HashError> {
        let obstacle = plan.stored.as_ref().and_then(|hash| self.obstacle(hash));
        let (comparable, own) = match (&plan.stored, obstacle) {
            (Some(stored), None) if typed.is_ok() => (Some(stored), stored.classes()),
            _ => (None, Vec::new()),
        };
        let (prepared, raw) = match &typed {
            Ok(password) => (password.expose().as_bytes(), password.raw()),
            Err(_) => (NOBODY, None),
        };
        // Of another function, or of Argon2 over one, a plain yes says that it did not read all.
        let reads_whole = comparable.is_some_and(|hash| matches!(hash.form(), Form::Argon2(_)));
        let mut verification = Verification::No;
        for (bytes, is_raw) in [(Some(prepared), false), (raw, true)] {
            let Some(bytes) = bytes else { continue };
            let mut comparison = comparable;
            let mut found = Verification::No;
            // What an account has is compared where a decoy of its class would be spent.
            for class in &plan.classes {
                if !own.contains(class) {
                    class.spend(self, bytes, &plan.salt, matrix)?;
                } else if let Some(stored) = comparison.take() {
                    found = self.verify_bytes(bytes, stored, matrix)?;
                }
            }
            if let Some(stored) = comparison {
                found = self.verify_bytes(bytes, stored, matrix)?;
            }
            verification = match found {
                Verification::No => verification,
                Verification::Yes if is_raw && reads_whole => {
                    Verification::YesRenew(RenewReason::Unprepared)
                }
                found => found,
            };
        }
        if let Some(error) = obstacle {
            return Err(error);
        }
        let reason = match verification {
            Verification::No => return Ok(Checked::No),
            Verification::Yes => None,
            Verification::YesRenew(reason) => Some(reason),
        };
        // Only a password that could be read was verified.
        Ok(typed.map_or(Checked::No, |password| {
            Checked::Yes(Verified { password, reason })
        }))
    }

    /// The work of a check without password or account, for a refusal that must take the
    /// time of one.
    ///
    /// # Errors
    /// When memory is missing.
    pub fn spend(&self, matrix: &mut Matrix) -> Result<(), HashError> {
        let plan = self.plan(None, [0; SALT]);
        self.check(Err(ReadError::Empty), plan, matrix).map(drop)
    }

    /// Makes the hash of a password again, at the costs and with the key of the policy. Write
    /// it only if the stored hash is still the one that was checked, so that a change of the
    /// password in between is not undone.
    ///
    /// # Errors
    /// When memory or randomness is missing.
    pub fn renew(&self, verified: Verified, matrix: &mut Matrix) -> Result<StoredHash, HashError> {
        let password = verified.password.expose().as_bytes();
        Ok(StoredHash::argon2(self.make(password, matrix)?))
    }

    /// Whether an accepted password is one of an account's earlier ones, prepared or as it was
    /// typed. Each of the first [`EARLIER`] hashes is computed, found or not, and twice if preparing
    /// changed the text; the rest is not looked at. One that cannot be verified under this policy is
    /// passed over: a new password is the way out of it.
    ///
    /// # Errors
    /// When memory is missing.
    pub fn was_used(
        &self,
        accepted: &Accepted,
        earlier: &[StoredHash],
        matrix: &mut Matrix,
    ) -> Result<bool, HashError> {
        let mut found = false;
        let password = accepted.password();
        let prepared = password.expose().as_bytes();
        let earlier = earlier.iter().take(EARLIER);
        for stored in earlier.filter(|stored| self.obstacle(stored).is_none()) {
            for bytes in std::iter::once(prepared).chain(password.raw()) {
                found |= self.verify_bytes(bytes, stored, matrix)? != Verification::No;
            }
        }
        Ok(found)
    }

    /// Why a hash cannot be verified under this policy, if it cannot.
    pub(super) fn obstacle(&self, stored: &StoredHash) -> Option<HashError> {
        #[cfg(feature = "foreign")]
        if let super::Form::Foreign(foreign) = stored.form()
            && !self.inner.accept.contains(&foreign.format())
        {
            return Some(HashError::NotAccepted(foreign.format()));
        }
        #[cfg(feature = "foreign")]
        if let Some(class) = stored.foreign_class()
            && let Some(error) = self.too_dear(class)
        {
            return Some(error);
        }
        let id = stored.key()?;
        self.key(id).err()
    }

    /// Why the work of another function is more than the policy lets a sign-in take, if it is.
    #[cfg(feature = "foreign")]
    pub fn too_dear(&self, class: super::foreign::CostClass) -> Option<HashError> {
        let times = self.inner.in_use.limits().excess(class)?;
        Some(HashError::TooDear { times })
    }

    /// The tag of a decoy.
    pub(super) fn decoy_argon2(
        &self,
        password: &[u8],
        work: &Work,
        salt: &[u8; SALT],
        matrix: &mut Matrix,
    ) -> Result<Zeroizing<Vec<u8>>, HashError> {
        self.compute(password, work, self.current_key(), salt, TAG, matrix)
    }
}

impl Plan {
    /// The memory that the check will take, in KiB.
    pub const fn memory_kib(&self) -> u32 {
        self.kib
    }
}

impl Verified {
    /// Why the stored hash should be made again, if it should.
    pub const fn reason(&self) -> Option<RenewReason> {
        self.reason
    }
}

#[cfg(test)]
mod tests;
