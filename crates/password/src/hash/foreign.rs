//! Hashes that other systems wrote: read, verified, and renewed by whoever calls.
//!
//! Clauses: CNIL 2022-100, conservation (hashes follow the state of the art: a table is
//! carried over and renewed, never left as it was); [`policy::clause::REMPART_COST_CEILING`].
//!
//! | format | texts |
//! |-|-|
//! | bcrypt | `$2a$ $2b$ $2y$` (PHP, htpasswd), `$wp$2y$` (WordPress), `bcrypt$` and `bcrypt_sha256$` (Django), `{bcrypt}` (Spring) |
//! | pbkdf2 | Django, Werkzeug, passlib, the PHC's form, Spring, Keycloak, `{PBKDF2-SHA256}` |
//! | scrypt | `$scrypt$ln=…`, Django, Werkzeug, Spring |
//! | sha-crypt | `$5$ $6$` |
//! | yescrypt | `$y$` |
//! | phpass | `$P$ $H$` |
//! | ldap-ssha | `{SSHA}` and its longer kin |
//!
//! [`read`] also finds the Argon2 strings that Django, Spring, Keycloak and directories carry
//! in forms of their own. `{CRYPT}` and the identifiers of Dovecot carry what follows them.
//!
//! Costs are capped before any work: see [`CostClass`]. Which formats are accepted is the
//! policy's word, in `accept` of `[hash]`; this module only says what a hash is. Weak ones
//! are not verified at all: [`ForeignError::OnlyWrapped`] names them, and a [`Recipe`] lets
//! Argon2 be laid over their table.
//!
//! A password is compared as its bytes are. Where writer and reader disagree:
//!
//! - bcrypt reads 72 bytes. PHP, OpenBSD and Python's bcrypt before 5.0 cut there in silence;
//!   Go and Python's since 5.0 refuse to write a hash of more. Both verify here, and
//!   [`Match::YesCut`] says that the rest was not looked at.
//! - A NUL ends the password in C, and is hashed by others. No password with a NUL matches.
//! - WordPress trims what is typed, so `$wp$` does too.
//!
//! Absent on purpose: writing any of these formats.

use std::fmt;

use policy::hash::LegacyFormat;
use subtle::ConstantTimeEq as _;

use super::HashError;

mod braces;
mod class;
mod code;
mod compute;
mod crypt;
mod digest;
mod effort;
mod error;
mod keycloak;
mod md5_crypt;
mod parsed;
mod weak;
mod web;
mod weight;

pub use class::CostClass;
pub use effort::Shortfall;
pub use error::{ForeignError, Notation, Unsupported};
pub use weak::{Recipe, Weak};

use error::Kind;
use parsed::Parsed;

/// Bytes of the longest text read: a credential of Keycloak with its label is under 1 KiB.
const TEXT: usize = 2048;

/// What a stored text holds.
#[derive(Debug, Clone)]
pub enum Carried {
    /// An Argon2 hash, which another system wrote in a form of its own.
    Argon2 {
        /// The same hash as a PHC string, not checked yet.
        phc: String,
    },
    /// A hash of another function.
    Foreign(Foreign),
}

/// A hash of another function, with its costs capped.
#[derive(Clone)]
pub struct Foreign {
    format: LegacyFormat,
    parsed: Parsed,
}

/// The answer to "is this the password?".
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// It is not.
    No,
    /// It is.
    Yes,
    /// Its first 72 bytes are, and nothing after them was ever looked at: the hash is
    /// bcrypt's.
    YesCut,
}

/// Reads a stored text of any system but ours.
///
/// # Errors
/// When it is not a hash that can be verified; the error says what it is, where that is
/// known.
pub fn read(text: &str) -> Result<Carried, ForeignError> {
    match take_apart(text)? {
        Taken::Argon2 { phc } => Ok(Carried::Argon2 { phc }),
        Taken::Parsed(parsed) => match parsed.kind {
            Kind::Foreign(format) => Ok(Carried::Foreign(Foreign { format, parsed })),
            Kind::Weak(weak) => Err(ForeignError::OnlyWrapped(weak)),
        },
    }
}

impl Foreign {
    /// Reads a stored text that is not Argon2.
    ///
    /// # Errors
    /// As [`read`]; and [`ForeignError::Unknown`] for Argon2, which
    /// [`StoredHash`](super::StoredHash) reads.
    pub fn parse(text: &str) -> Result<Self, ForeignError> {
        match read(text)? {
            Carried::Foreign(foreign) => Ok(foreign),
            Carried::Argon2 { .. } => Err(ForeignError::Unknown),
        }
    }

    /// The format, as the policy names it.
    pub const fn format(&self) -> LegacyFormat {
        self.format
    }

    /// What one verification costs.
    pub const fn class(&self) -> CostClass {
        self.parsed.class
    }

    /// Memory of one verification, in KiB, for a budget shared with others.
    pub const fn memory_kib(&self) -> u64 {
        self.parsed.class.memory_kib()
    }

    /// The salt, empty where there is none.
    pub(super) fn salt(&self) -> &[u8] {
        &self.parsed.salt
    }

    /// Whether the password is the one that the hash was made from. The tags are compared in
    /// constant time, and the work is the same for every password of one length.
    ///
    /// # Errors
    /// When the system has not the memory.
    pub fn verify(&self, password: &[u8]) -> Result<Match, HashError> {
        let function = self.parsed.class.0;
        let tag = function.compute(password, &self.parsed.salt)?;
        let same = bool::from(tag.ct_eq(&self.parsed.tag));
        Ok(if !same || !function.takes(password) {
            Match::No
        } else if function.cuts(password) {
            Match::YesCut
        } else {
            Match::Yes
        })
    }
}

/// A hash is a secret: whoever has it can try passwords at leisure.
impl fmt::Debug for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Foreign(..)")
    }
}

impl Match {
    /// Whether it is the password.
    pub const fn is_yes(self) -> bool {
        !matches!(self, Self::No)
    }
}

/// A text taken apart, weak hashes too.
enum Taken {
    Argon2 { phc: String },
    Parsed(Parsed),
}

/// The salt of a text that is taken apart, weak hashes too.
pub(super) fn salt_of(text: &str) -> Option<Vec<u8>> {
    match take_apart(text).ok()? {
        Taken::Argon2 { .. } => None,
        Taken::Parsed(parsed) => Some(parsed.salt),
    }
}

/// What a text is, by its first signs.
fn take_apart(text: &str) -> Result<Taken, ForeignError> {
    if text.len() > TEXT {
        return Err(ForeignError::TooLong);
    }
    if keycloak::is_json(text) {
        return keycloak::read(text).map_err(|fault| fault.of(Notation::Keycloak));
    }
    if ["{noop}", "plain$"]
        .iter()
        .any(|mark| text.starts_with(mark))
    {
        return Err(ForeignError::Plaintext);
    }
    // A label in JSON may have accents; no hash has, and slices of ASCII never cut a sign.
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ForeignError::Unknown);
    }
    match text.as_bytes() {
        [b'{', ..] => braces::read(text),
        [b'$', ..] => crypt::read(text),
        _ if text.contains('$') => web::read(text),
        _ => web::bare(text),
    }
}

#[cfg(test)]
mod tests;
