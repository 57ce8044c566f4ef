//! How a password is kept: Argon2id, in a PHC string, with a pepper if the policy has one.
//!
//! Clauses: CNIL 2022-100, conservation (a non-reversible function made for the purpose, one
//! random salt of 128 bits per password), RFC 9106, [`clause::OWASP_ARGON2`],
//! [`clause::CNIL_KEY_APART`]. The CNIL gives no cost; the policy's floor is OWASP's.
//!
//! [`Hasher::hash`] takes an [`Accepted`], so nothing unjudged is ever kept; the one other
//! way to a hash, [`Hasher::renew`], takes the proof that the password was kept already.
//! [`StoredHash::parse`] caps the costs, so no stored text can ask for more than
//! [`Cost::CEILING`]. [`Hasher::check`] is the whole comparison of a sign-in: it compares in
//! constant time and does the same work whatever the outcome.
//!
//! Each call blocks its thread for tens of milliseconds and borrows a [`Matrix`], the memory
//! of one hash, which is wiped before it is given back. Run it on a blocking thread and bound
//! how many run at once: memory × threads is the real cost.
//!
//! [`clause::OWASP_ARGON2`]: policy::clause::OWASP_ARGON2
//! [`clause::CNIL_KEY_APART`]: policy::clause::CNIL_KEY_APART

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use argon2::{Argon2, Params};
use policy::hash::{Cost, LegacyFormat};
use policy::{HashPolicy, Language, Text};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{Accepted, OpenError, Password};

#[cfg(feature = "foreign")]
pub mod foreign;

mod check;
mod class;
mod error;
#[cfg(feature = "foreign")]
pub mod inspect;
mod matrix;
mod pepper;
mod phc;
mod renew;
mod stored;
#[cfg(feature = "foreign")]
mod wrap;

pub use check::{Checked, EARLIER, Plan, Verified};
pub use class::{CLASSES, CostClass};
pub use error::{HashError, StoredHashError};
pub use matrix::Matrix;
pub use pepper::{KeyId, Pepper};
pub use renew::RenewReason;
pub use stored::StoredHash;
#[cfg(feature = "foreign")]
pub use wrap::{Wrap, WrapError};

use class::{InUse, Limits, Tally};
use phc::{Parts, Variant, Version, Work};
use stored::Form;

/// Bytes of a new salt: 128 bits, the CNIL's and ANSSI's floor.
const SALT: usize = 16;
/// Bytes of a new tag: 256 bits, as RFC 9106 recommends.
const TAG: usize = 32;

/// Makes and verifies hashes under one policy. Clones share its keys and counts.
#[derive(Clone)]
pub struct Hasher {
    inner: Arc<Inner>,
}

struct Inner {
    cost: Cost,
    pepper: Option<Pepper>,
    /// Formats of other systems that are verified.
    #[cfg_attr(not(feature = "foreign"), expect(dead_code, reason = "there are none"))]
    accept: Vec<LegacyFormat>,
    in_use: InUse,
    tally: Tally,
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

impl Hasher {
    /// A hasher under a policy, with the keys of its pepper. A relative path starts from
    /// `base`, the folder of the policy.
    ///
    /// # Errors
    /// When the keys cannot be read or are not secret, the costs are impossible with Argon2,
    /// or the system gives no randomness.
    pub fn open(policy: &HashPolicy, base: &Path) -> Result<Self, OpenError> {
        let pepper = policy.pepper.as_ref();
        let pepper = pepper
            .map(|source| Pepper::open(source, base))
            .transpose()?;
        let fail = |error: HashError| {
            OpenError::without_file(Text::new(
                error.message(Language::Fr),
                error.message(Language::En),
            ))
        };
        if let (false, Some(format)) = (cfg!(feature = "foreign"), policy.accept.first()) {
            let name = format.name();
            return Err(OpenError::without_file(Text::new(
                format!(
                    "ce programme ne sait pas vérifier {name}, que nomme `accept` dans [hash] : le construire avec la fonctionnalité `foreign`, ou retirer ce format"
                ),
                format!(
                    "this program cannot verify {name}, which `accept` in [hash] names: build it with the feature `foreign`, or remove that format"
                ),
            )));
        }
        let work = Work::live(policy.cost);
        params(work.cost, TAG).map_err(fail)?;
        Ok(Self {
            inner: Arc::new(Inner {
                cost: policy.cost,
                pepper,
                accept: policy.accept.clone(),
                in_use: InUse::new(CostClass::argon2(work), Limits::of(policy)),
                tally: Tally::default(),
            }),
        })
    }

    /// Hashes a password that the judge accepted, with a salt of its own.
    ///
    /// # Errors
    /// When memory or randomness is missing.
    pub fn hash(&self, accepted: Accepted, matrix: &mut Matrix) -> Result<StoredHash, HashError> {
        let password = accepted.password().expose().as_bytes();
        Ok(StoredHash::argon2(self.make(password, matrix)?))
    }

    /// Whether the prepared text of the password is what the hash was made from: one hash is
    /// computed and compared in constant time. For a sign-in use [`Hasher::check`].
    ///
    /// # Errors
    /// When memory is missing, or the hash needs a key that the policy has not. A wrong
    /// password is an answer, not an error.
    pub fn verify(
        &self,
        password: &Password,
        stored: &StoredHash,
        matrix: &mut Matrix,
    ) -> Result<Verification, HashError> {
        self.verify_bytes(password.expose().as_bytes(), stored, matrix)
    }

    fn verify_bytes(
        &self,
        bytes: &[u8],
        stored: &StoredHash,
        matrix: &mut Matrix,
    ) -> Result<Verification, HashError> {
        if let Some(error) = self.obstacle(stored) {
            return Err(error);
        }
        let (right, reason) = match stored.form() {
            Form::Argon2(parts) => (
                self.is_tag_of(bytes, parts, matrix)?,
                renew::reason(parts, self.inner.cost, self.current_key()),
            ),
            #[cfg(feature = "foreign")]
            Form::Wrapped(wrapped) => {
                let whole = wrapped.recipe.class().reads_whole(bytes);
                let right = wrapped.is_made_by(self, bytes, matrix)?;
                (right, whole.then_some(RenewReason::Wrapped))
            }
            #[cfg(feature = "foreign")]
            Form::Foreign(foreign) => {
                self.count(CostClass::foreign(foreign.class()));
                (
                    foreign.verify(bytes)?.is_yes(),
                    (foreign.class().reads_whole(bytes)).then_some(RenewReason::Foreign),
                )
            }
        };
        Ok(match (right, reason) {
            (false, _) => Verification::No,
            (true, None) => Verification::Yes,
            (true, Some(reason)) => Verification::YesRenew(reason),
        })
    }

    /// The memory of a new hash, in KiB.
    pub fn memory_kib(&self) -> u32 {
        self.inner.cost.memory_kib
    }

    /// How often each class of hash was computed since this hasher was opened, for metrics
    /// and tests.
    pub fn tally(&self) -> Vec<(CostClass, u64)> {
        self.inner.tally.all()
    }

    /// A new Argon2 hash at the costs and with the key of the policy.
    fn make(&self, password: &[u8], matrix: &mut Matrix) -> Result<Parts, HashError> {
        let mut parts = Parts {
            work: Work::live(self.inner.cost),
            key: self.current_key(),
            salt: random::<SALT>()?.to_vec(),
            tag: Vec::new(),
        };
        let tag = self.compute(password, &parts.work, parts.key, &parts.salt, TAG, matrix)?;
        parts.tag = tag.to_vec();
        Ok(parts)
    }

    fn is_tag_of(
        &self,
        password: &[u8],
        parts: &Parts,
        matrix: &mut Matrix,
    ) -> Result<bool, HashError> {
        let Parts {
            work,
            key,
            salt,
            tag,
        } = parts;
        let computed = self.compute(password, work, *key, salt, tag.len(), matrix)?;
        Ok(computed.ct_eq(tag).into())
    }

    /// One computation of Argon2: the tag of a password.
    fn compute(
        &self,
        password: &[u8],
        work: &Work,
        key: Option<KeyId>,
        salt: &[u8],
        length: usize,
        matrix: &mut Matrix,
    ) -> Result<Zeroizing<Vec<u8>>, HashError> {
        let algorithm = match work.variant {
            Variant::D => argon2::Algorithm::Argon2d,
            Variant::I => argon2::Algorithm::Argon2i,
            Variant::Id => argon2::Algorithm::Argon2id,
        };
        let version = match work.version {
            Version::V10 => argon2::Version::V0x10,
            Version::V13 => argon2::Version::V0x13,
        };
        let params = params(work.cost, length)?;
        let blocks = params.block_count();
        let argon2 = match key {
            None => Argon2::new(algorithm, version, params),
            Some(id) => Argon2::new_with_secret(self.key(id)?, algorithm, version, params)
                .map_err(|_| HashError::Cost)?,
        };
        let mut tag = Zeroizing::new(vec![0; length]);
        self.count(CostClass::argon2(*work));
        argon2
            .hash_password_into_with_memory(password, salt, &mut tag, matrix.lend(blocks)?)
            .map_err(|_| HashError::Cost)?;
        Ok(tag)
    }

    fn count(&self, class: CostClass) {
        self.inner.tally.add(class);
    }

    fn current_key(&self) -> Option<KeyId> {
        let pepper = self.inner.pepper.as_ref()?;
        Some(pepper.current().0)
    }

    fn key(&self, id: KeyId) -> Result<&[u8], HashError> {
        let pepper = self.inner.pepper.as_ref();
        let key = pepper.and_then(|pepper| pepper.find(id));
        key.ok_or(HashError::UnknownKey(id))
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher")
            .field("cost", &self.inner.cost)
            .field("pepper", &self.inner.pepper)
            .finish_non_exhaustive()
    }
}

fn params(cost: Cost, tag: usize) -> Result<Params, HashError> {
    let Cost {
        memory_kib,
        iterations,
        parallelism,
        ..
    } = cost;
    Params::new(memory_kib, iterations, parallelism, Some(tag)).map_err(|_| HashError::Cost)
}

fn random<const N: usize>() -> Result<[u8; N], HashError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| HashError::Randomness)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
