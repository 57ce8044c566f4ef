//! How a password is kept: Argon2id, in a PHC string.
//!
//! Clauses: CNIL 2022-100, conservation (a non-reversible function made for the purpose, one
//! random salt of 128 bits per password), RFC 9106, [`clause::OWASP_ARGON2`]. The CNIL gives
//! no cost; the policy's floor is OWASP's.
//!
//! [`Hasher::hash`] takes an [`Accepted`], so nothing unjudged is ever kept.
//! [`StoredHash::parse`] caps the costs, so no stored text can ask for more than
//! [`Cost::CEILING`]. [`Hasher::verify`] compares in constant time and says when a hash
//! should be made again.
//!
//! Each call blocks its thread for tens of milliseconds and takes the memory of one hash,
//! which is wiped before it is given back. Run it on a blocking thread and bound how many
//! run at once: memory × threads is the real cost.
//!
//! Absent on purpose: the formats of other systems and a pepper. [`Hasher::new`] refuses a
//! policy with a pepper rather than leave it out.
//!
//! [`clause::OWASP_ARGON2`]: policy::clause::OWASP_ARGON2

use argon2::{Argon2, Block, Params};
use policy::HashPolicy;
use policy::hash::Cost;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{Accepted, Password};

#[cfg(feature = "foreign")]
pub mod foreign;
mod phc;
mod renew;

pub use phc::{StoredHash, StoredHashError};
pub use renew::RenewReason;

use phc::{Parts, Variant, Version};

/// Bytes of a new salt: 128 bits, the CNIL's and ANSSI's floor.
const SALT: usize = 16;
/// Bytes of a new tag: 256 bits, as RFC 9106 recommends.
const TAG: usize = 32;

/// Makes and verifies hashes at the costs of one policy.
#[derive(Debug, Clone)]
pub struct Hasher {
    cost: Cost,
    decoy: StoredHash,
}

/// The answer to "is this the password?".
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    /// It is not.
    No,
    /// It is.
    Yes,
    /// It is, and the hash should be made again from it.
    YesRenew(RenewReason),
}

/// Why no hash could be computed. Nothing was decided: refuse, and try later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HashError {
    /// The system has not the memory of one hash.
    #[error("not enough memory for one hash; lower `memory` or `workers` in [hash]")]
    Memory,
    /// The system gave no randomness.
    #[error("the system gave no randomness")]
    Randomness,
    /// The costs are not costs of Argon2 (memory under 8 KiB per lane, or a zero).
    #[error("these costs are not possible with Argon2; `memory` is at least 8 KiB per lane")]
    Cost,
    /// The policy names a pepper, which this version cannot apply.
    #[error("`pepper` in [hash] is not honoured yet; remove it")]
    Pepper,
}

impl Hasher {
    /// A hasher at the costs of the policy, with its decoy.
    ///
    /// # Errors
    /// When the system gives no randomness, the costs are impossible, or the policy names a
    /// pepper.
    pub fn new(policy: &HashPolicy) -> Result<Self, HashError> {
        if policy.pepper.is_some() {
            return Err(HashError::Pepper);
        }
        // A random tag is the hash of no password that anybody could know, and verifying
        // against it is the work of any other hash.
        let tag = random::<TAG>()?;
        let decoy = StoredHash::new(Parts::live(
            policy.cost,
            random::<SALT>()?.to_vec(),
            tag.to_vec(),
        ));
        argon2(decoy.parts())?;
        Ok(Self {
            cost: policy.cost,
            decoy,
        })
    }

    /// Hashes a password that the judge accepted, with a salt of its own.
    ///
    /// # Errors
    /// When memory or randomness is missing.
    pub fn hash(&self, accepted: Accepted) -> Result<StoredHash, HashError> {
        let mut parts = Parts::live(self.cost, random::<SALT>()?.to_vec(), vec![0; TAG]);
        parts.tag = compute(accepted.password().expose().as_bytes(), &parts)?.to_vec();
        Ok(StoredHash::new(parts))
    }

    /// Whether the password is the one that the hash was made from. The tags are compared in
    /// constant time.
    ///
    /// # Errors
    /// When memory is missing. A wrong password is an answer, not an error.
    pub fn verify(
        &self,
        password: &Password,
        stored: &StoredHash,
    ) -> Result<Verification, HashError> {
        let parts = stored.parts();
        let tag = compute(password.expose().as_bytes(), parts)?;
        if !bool::from(tag.ct_eq(&parts.tag)) {
            return Ok(Verification::No);
        }
        Ok(renew::reason(parts, self.cost).map_or(Verification::Yes, Verification::YesRenew))
    }

    /// A hash of no known password at the costs of new hashes: verify against it when there
    /// is no account, so that time does not tell.
    pub const fn decoy(&self) -> &StoredHash {
        &self.decoy
    }

    /// The work of one verification without a password, for input that is none.
    ///
    /// # Errors
    /// When memory is missing.
    pub fn spend(&self) -> Result<(), HashError> {
        compute(b"", self.decoy.parts()).map(drop)
    }
}

/// The tag of a password under the parameters of `parts`, as long as the tag there.
fn compute(password: &[u8], parts: &Parts) -> Result<Zeroizing<Vec<u8>>, HashError> {
    let argon2 = argon2(parts)?;
    let count = argon2.params().block_count();
    let mut memory: Zeroizing<Vec<Block>> = Zeroizing::new(Vec::new());
    memory
        .try_reserve_exact(count)
        .map_err(|_| HashError::Memory)?;
    memory.resize(count, Block::new());
    let mut tag = Zeroizing::new(vec![0; parts.tag.len()]);
    argon2
        .hash_password_into_with_memory(password, &parts.salt, &mut tag, memory.as_mut_slice())
        .map_err(|_| HashError::Cost)?;
    Ok(tag)
}

fn argon2(parts: &Parts) -> Result<Argon2<'static>, HashError> {
    let Cost {
        memory_kib,
        iterations,
        parallelism,
        ..
    } = parts.cost;
    let params = Params::new(memory_kib, iterations, parallelism, Some(parts.tag.len()))
        .map_err(|_| HashError::Cost)?;
    let algorithm = match parts.variant {
        Variant::D => argon2::Algorithm::Argon2d,
        Variant::I => argon2::Algorithm::Argon2i,
        Variant::Id => argon2::Algorithm::Argon2id,
    };
    let version = match parts.version {
        Version::V10 => argon2::Version::V0x10,
        Version::V13 => argon2::Version::V0x13,
    };
    Ok(Argon2::new(algorithm, version, params))
}

fn random<const N: usize>() -> Result<[u8; N], HashError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| HashError::Randomness)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
