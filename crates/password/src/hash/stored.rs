//! A stored hash, whatever it was made with.
//!
//! Clauses: CNIL 2022-100, conservation; [`policy::clause::CNIL_UPGRADE_HASH`] (a hash of
//! another age or system is verified, then made again).
//!
//! [`StoredHash::parse`] caps the costs before anything is computed, so no stored text can
//! ask for more than [`Cost::CEILING`].
//!
//! Absent on purpose: digests without salt or cost, such as bare MD5. They are never
//! verified as they are.
//!
//! [`Cost::CEILING`]: policy::hash::Cost::CEILING

use std::fmt;

use super::class::CostClass;
#[cfg(feature = "foreign")]
use super::foreign::{Carried, Foreign};
use super::phc::Parts;
#[cfg(feature = "foreign")]
use super::wrap::Wrapped;
use super::{KeyId, StoredHashError};

/// Bytes of the longest text read; no hash that passes the other checks is longer.
const TEXT: usize = 4096;

/// The hash of a password, as kept in a database. Its costs are capped.
///
/// `Debug` shows nothing of it. Two are equal when their texts are.
///
/// ```compile_fail,E0277
/// // Text becomes a hash only through `parse`, which caps its costs.
/// let stored = password::hash::StoredHash::from("$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHQ$dGFndGFndGFndGFn".to_owned());
/// ```
#[derive(Clone)]
pub struct StoredHash {
    text: String,
    form: Form,
}

/// What a stored text turned out to be.
#[derive(Clone)]
pub(super) enum Form {
    /// Argon2 over the password.
    Argon2(Parts),
    /// Argon2 over the hash of another function.
    #[cfg(feature = "foreign")]
    Wrapped(Box<Wrapped>),
    /// Another function.
    #[cfg(feature = "foreign")]
    Foreign(Box<Foreign>),
}

impl StoredHash {
    /// Reads a stored hash.
    ///
    /// # Errors
    /// When the text is no hash that can be verified, or its costs exceed the caps.
    pub fn parse(text: &str) -> Result<Self, StoredHashError> {
        if text.len() > TEXT {
            return Err(StoredHashError::TooLong);
        }
        Ok(Self {
            text: text.to_owned(),
            form: read(text)?,
        })
    }

    /// The text to store, as it was read or made.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is Argon2, over the password or over another hash: no table needs to be
    /// saved from it.
    pub const fn is_argon2(&self) -> bool {
        match &self.form {
            Form::Argon2(_) => true,
            #[cfg(feature = "foreign")]
            Form::Wrapped(_) => true,
            #[cfg(feature = "foreign")]
            Form::Foreign(_) => false,
        }
    }

    /// The memory of one verification, in KiB.
    pub fn memory_kib(&self) -> u32 {
        CostClass::memory_of(&self.classes())
    }

    /// The memory of verifying several hashes, one after the other, in KiB.
    pub fn memory_kib_of(several: &[Self]) -> u32 {
        let classes: Vec<CostClass> = several.iter().flat_map(Self::classes).collect();
        CostClass::memory_of(&classes)
    }

    /// The computations of one verification, one or two, in their order.
    pub(super) fn classes(&self) -> Vec<CostClass> {
        match &self.form {
            Form::Argon2(parts) => vec![CostClass::argon2(parts.work)],
            #[cfg(feature = "foreign")]
            Form::Wrapped(wrapped) => vec![
                CostClass::foreign(wrapped.recipe.class()),
                CostClass::argon2(wrapped.parts.work),
            ],
            #[cfg(feature = "foreign")]
            Form::Foreign(foreign) => vec![CostClass::foreign(foreign.class())],
        }
    }

    /// The computation of another function, if there is one.
    #[cfg(feature = "foreign")]
    pub(super) const fn foreign_class(&self) -> Option<super::foreign::CostClass> {
        match &self.form {
            Form::Argon2(_) => None,
            Form::Wrapped(wrapped) => Some(wrapped.recipe.class()),
            Form::Foreign(foreign) => Some(foreign.class()),
        }
    }

    /// The key of the pepper that it was made with.
    pub(super) fn key(&self) -> Option<KeyId> {
        match &self.form {
            Form::Argon2(parts) => parts.key,
            #[cfg(feature = "foreign")]
            Form::Wrapped(wrapped) => wrapped.parts.key,
            #[cfg(feature = "foreign")]
            Form::Foreign(_) => None,
        }
    }

    pub(super) fn argon2(parts: Parts) -> Self {
        Self {
            text: parts.to_string(),
            form: Form::Argon2(parts),
        }
    }

    #[cfg(feature = "foreign")]
    pub(super) fn wrapped(text: String, wrapped: Wrapped) -> Self {
        Self {
            text,
            form: Form::Wrapped(Box::new(wrapped)),
        }
    }

    pub(super) const fn form(&self) -> &Form {
        &self.form
    }
}

#[cfg(not(feature = "foreign"))]
fn read(text: &str) -> Result<Form, StoredHashError> {
    Ok(Form::Argon2(Parts::parse(text)?))
}

/// Argon2 by its mark, a wrapped hash by ours, anything else as other systems write it.
#[cfg(feature = "foreign")]
fn read(text: &str) -> Result<Form, StoredHashError> {
    if text.is_empty() || text.starts_with("$argon2") {
        return Ok(Form::Argon2(Parts::parse(text)?));
    }
    if let Some(wrapped) = Wrapped::parse(text) {
        return Ok(Form::Wrapped(Box::new(wrapped?)));
    }
    match super::foreign::read(text).map_err(StoredHashError::Foreign)? {
        Carried::Argon2 { phc } => Ok(Form::Argon2(Parts::parse(&phc)?)),
        Carried::Foreign(foreign) => Ok(Form::Foreign(Box::new(foreign))),
    }
}

impl PartialEq for StoredHash {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for StoredHash {}

/// A hash is a secret: whoever has it can try passwords at leisure.
impl fmt::Debug for StoredHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredHash(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

    #[test]
    fn a_hash_is_kept_as_written_and_not_shown() {
        for text in [GOOD.to_owned(), GOOD.replace("v=19$", "")] {
            let hash = StoredHash::parse(&text).expect("a hash");
            assert_eq!(hash.as_str(), text);
            assert_eq!(format!("{hash:?}"), "StoredHash(..)");
            assert_eq!(hash.memory_kib(), 256);
        }
    }

    #[test]
    fn what_is_too_long_is_not_looked_at() {
        let text = GOOD.to_owned() + &"$".repeat(TEXT);
        assert_eq!(StoredHash::parse(&text), Err(StoredHashError::TooLong));
    }
}
