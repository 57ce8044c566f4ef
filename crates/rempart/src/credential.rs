//! Everything that is known of one account's password.
//!
//! Clauses: CNIL 2022-100: an attributed password works until its change, and not for long
//! ([`policy::clause::CNIL_FIRST_LOGIN`]); a compromise forces a change
//! ([`policy::clause::CNIL_COMPROMISE`]); privileged accounts renew
//! ([`policy::clause::CNIL_PRIVILEGED_RENEWAL`]); a contact that has just changed receives no
//! link ([`policy::clause::CNIL_RESET_CHANNEL`]).
//!
//! It is kept as one line of compact JSON, so that an application needs one column and a
//! later version can add a field. A version or a field that is not known is refused: half of
//! a record read would be a forced change forgotten.
//!
//! Absent on purpose: the name and the addresses of the person.

use std::fmt;
use std::time::Duration;

use access::Timestamp;
use password::hash::{StoredHash, StoredHashError};

use crate::random;
use crate::store::Record;

pub(crate) mod text;

/// One account's password: its hash, where it comes from, and what it waits for.
#[derive(Clone)]
pub struct Credential {
    pub(crate) hash: StoredHash,
    pub(crate) generation: Generation,
    /// When the password was chosen or attributed.
    pub(crate) since: Timestamp,
    pub(crate) origin: Origin,
    /// The hashes before it, the newest first, as texts: they are taken apart when a new password is
    /// compared with them, so that a sign-in takes hardly longer the more there are (each is a
    /// hundred bytes to be read and copied).
    pub(crate) former: Vec<String>,
    pub(crate) compromise: Option<Compromise>,
    pub(crate) privileged: bool,
    /// When the address that links are sent to changed last.
    pub(crate) contact: Option<Timestamp>,
}

/// Where a password comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// The person chose it.
    Chosen,
    /// It was attributed: it must be changed, and works for no longer than this.
    Attributed {
        /// The moment from which it is refused.
        until: Timestamp,
    },
}

/// A password that others may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Compromise {
    /// When it became known.
    pub since: Timestamp,
    /// When the person was told.
    pub told: Option<Timestamp>,
    /// Whether the password was changed since; only the duty to tell is left then.
    pub changed: bool,
}

/// Which password of an account it is: 128 random bits, drawn again whenever the password
/// changes or is compromised, and kept when only its hash is renewed. Links and sessions hold
/// it, and die with it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Generation([u8; 16]);

/// Why a stored text is not a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// Longer than any record.
    #[error("the record of an account is longer than 64 KiB")]
    TooLong,
    /// No JSON, a field missing, unknown or twice, a value of another kind.
    #[error("the record of an account is not what rempart writes, near byte {near}")]
    Malformed {
        /// Where reading stopped, in bytes from 0.
        near: usize,
    },
    /// Written by a later version.
    #[error("the record of an account has version {0}; this program knows version 1")]
    Version(u64),
    /// A hash in it is no hash.
    #[error("a hash in the record of an account: {0}")]
    Hash(#[from] StoredHashError),
    /// More former hashes than any policy keeps.
    #[error("the record of an account has more than 24 former hashes")]
    History,
}

impl Credential {
    /// The most former hashes that a record may hold: the most that a policy asks for.
    pub const MOST_FORMER: usize = 24;

    /// The most bytes of a record.
    pub const LONGEST: usize = 64 * 1024;

    /// A record that is read where there is no account, for the time that this takes.
    pub(crate) const DECOY: &str = text::DECOY;

    /// A password that exists already, such as that of an application which comes to rempart:
    /// chosen at `since`, nothing else known.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn import(hash: StoredHash, since: Timestamp) -> Result<Self, random::NoRandomness> {
        Self::new(hash, since, Origin::Chosen)
    }

    pub(crate) fn new(
        hash: StoredHash,
        since: Timestamp,
        origin: Origin,
    ) -> Result<Self, random::NoRandomness> {
        Ok(Self {
            hash,
            generation: Generation::draw()?,
            since,
            origin,
            former: Vec::new(),
            compromise: None,
            privileged: false,
            contact: None,
        })
    }

    /// Reads the text of a record.
    ///
    /// # Errors
    /// When the text is not exactly what [`Credential::record`] writes.
    pub fn parse(text: &str) -> Result<Self, CredentialError> {
        text::parse(text)
    }

    /// The record to store.
    pub fn record(&self) -> Record {
        let untold = self
            .compromise
            .filter(|compromise| compromise.told.is_none())
            .map(|compromise| compromise.since);
        Record::new(text::write(self), untold)
    }

    /// The same account with another password: the hash that it had joins the former ones, of
    /// which `history` are kept, and a compromise forces no change any more. A password that
    /// was attributed takes no place among them: asking for one would otherwise make room for
    /// the old one.
    pub(crate) fn changed(
        &self,
        hash: StoredHash,
        since: Timestamp,
        origin: Origin,
        history: usize,
    ) -> Result<Self, random::NoRandomness> {
        let mut next = self.clone();
        let before = std::mem::replace(&mut next.hash, hash);
        if self.origin == Origin::Chosen {
            next.former.insert(0, before.as_str().to_owned());
        }
        next.former.truncate(history.min(Self::MOST_FORMER));
        next.generation = Generation::draw()?;
        next.since = since;
        next.origin = origin;
        // The duty to tell the person outlives the forced change.
        next.compromise = self
            .compromise
            .filter(|compromise| compromise.told.is_none())
            .map(|compromise| Compromise {
                changed: true,
                ..compromise
            });
        Ok(next)
    }

    /// The stored hash.
    pub const fn hash(&self) -> &StoredHash {
        &self.hash
    }

    /// Which password it is.
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// When the password was chosen or attributed.
    pub const fn since(&self) -> Timestamp {
        self.since
    }

    /// Where it comes from.
    pub const fn origin(&self) -> Origin {
        self.origin
    }

    /// Whether others may know it, and whether the person was told.
    pub const fn compromise(&self) -> Option<Compromise> {
        self.compromise
    }

    /// Whether the account is privileged, so that its password is renewed.
    pub const fn is_privileged(&self) -> bool {
        self.privileged
    }

    /// Whether the contact changed less than `delay` ago, so that no link may go there yet.
    pub(crate) fn has_new_contact(&self, now: Timestamp, delay: Duration) -> bool {
        // A clock that went back leaves the contact new.
        self.contact
            .is_some_and(|changed| now.since(changed) < delay)
    }
}

impl Generation {
    pub(crate) fn draw() -> Result<Self, random::NoRandomness> {
        random::bytes().map(Self)
    }

    /// The bytes, to be kept in a session.
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// From the bytes kept in a session.
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

/// Shows what is decided by, and no hash.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("origin", &self.origin)
            .field("compromise", &self.compromise)
            .field("privileged", &self.privileged)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Generation(..)")
    }
}
