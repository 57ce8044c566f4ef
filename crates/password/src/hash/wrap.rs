//! Argon2 laid over the hash of another function, with nobody's password known.
//!
//! Clauses: CNIL 2022-100, conservation; [`clause::CNIL_OBSOLETE_HASH`] (EDF and Doctissimo
//! were fined for tables left in MD5 and SHA-512), [`clause::CNIL_UPGRADE_HASH`].
//!
//! ```text
//! stored text = "$wrapped$" recipe phc
//! recipe      = the old text with its digest blanked, in base64url: see `foreign::Recipe`
//! phc         = "$argon2id$v=19$…", over the bytes of the old text
//! ```
//!
//! To verify, the recipe makes the old text again from what was typed, and Argon2 is computed
//! over it. The old text is nowhere kept, so a table is as strong as Argon2 makes it from the
//! moment it is wrapped; at the next sign-in the password itself is hashed.
//!
//! Absent on purpose: a way back, and a wrap of a wrap.
//!
//! [`clause::CNIL_OBSOLETE_HASH`]: policy::clause::CNIL_OBSOLETE_HASH
//! [`clause::CNIL_UPGRADE_HASH`]: policy::clause::CNIL_UPGRADE_HASH

use super::foreign::{ForeignError, Recipe};
use super::phc::Parts;
use super::{HashError, Hasher, Matrix, StoredHash, StoredHashError};

/// How a wrapped hash begins.
const MARK: &str = "$wrapped$";

/// A recipe of the old text, and the Argon2 hash over it.
#[derive(Clone)]
pub(super) struct Wrapped {
    pub(super) recipe: Recipe,
    pub(super) parts: Parts,
}

/// What became of a stored text that was to be wrapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrap {
    /// This is to be stored in its place.
    Wrapped(StoredHash),
    /// It is Argon2 already, alone or over another hash: leave it.
    Strong,
}

/// Why a stored text was not wrapped. Says nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrapError {
    /// It is no hash that is read here.
    Unreadable(StoredHashError),
    /// The hash over it could not be computed.
    Hash(HashError),
    /// It takes more work than the policy's `accept-cost`, and a wrap would not take that away.
    TooDear(HashError),
}

impl Hasher {
    /// Lays Argon2 over the stored text of any other function, weak ones too, with nobody's
    /// password known. What verified before verifies afterwards, and nothing else.
    ///
    /// # Errors
    /// When the text is no hash that is read here, or memory or randomness is missing.
    pub fn wrap(&self, text: &str, matrix: &mut Matrix) -> Result<Wrap, WrapError> {
        match StoredHash::parse(text) {
            Ok(hash) if hash.is_argon2() => return Ok(Wrap::Strong),
            Ok(_) | Err(StoredHashError::Foreign(ForeignError::OnlyWrapped(_))) => {}
            Err(error) => return Err(WrapError::Unreadable(error)),
        }
        let recipe = Recipe::of(text)
            .map_err(|error| WrapError::Unreadable(StoredHashError::Foreign(error)))?;
        if let Some(error) = self.too_dear(recipe.class()) {
            return Err(WrapError::TooDear(error));
        }
        let parts = self
            .make(text.as_bytes(), matrix)
            .map_err(WrapError::Hash)?;
        Ok(Wrap::Wrapped(StoredHash::wrapped(
            format!("{MARK}{recipe}{parts}"),
            Wrapped { recipe, parts },
        )))
    }
}

impl Wrapped {
    /// Reads a wrapped hash, if the text begins like one.
    pub(super) fn parse(text: &str) -> Option<Result<Self, StoredHashError>> {
        let rest = text.strip_prefix(MARK)?;
        let end = rest.find('$').unwrap_or(rest.len());
        let (recipe, phc) = rest.split_at(end);
        Some(
            Recipe::parse(recipe)
                .map_err(StoredHashError::Foreign)
                .and_then(|recipe| {
                    let parts = Parts::parse(phc)?;
                    Ok(Self { recipe, parts })
                }),
        )
    }

    /// Whether the password makes the old text that Argon2 was laid over.
    pub(super) fn is_made_by(
        &self,
        hasher: &Hasher,
        password: &[u8],
        matrix: &mut Matrix,
    ) -> Result<bool, HashError> {
        hasher.count(super::CostClass::foreign(self.recipe.class()));
        let old = self.recipe.text_of(password)?;
        hasher.is_tag_of(&old, &self.parts, matrix)
    }
}
