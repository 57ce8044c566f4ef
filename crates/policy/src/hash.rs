//! `[hash]`: how a password is kept.
//!
//! Clauses: CNIL 2022-100 (conservation: a non-reversible function with a salt or a key),
//! which names Argon2 but gives no cost. The floor of the costs is that of
//! OWASP ASVS 5.0, appendix C.

use std::path::PathBuf;
use std::time::Duration;

use crate::Size;

pub(crate) mod parse;

/// `[hash]`. The algorithm is Argon2id, the only one for new hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HashPolicy {
    /// The Argon2id costs of new hashes.
    pub cost: Cost,
    /// How many hashes run at once; `None` is one per processor core.
    pub workers: Option<usize>,
    /// The memory that all running hashes may take together.
    pub memory_budget: Size,
    /// How long a hash may wait for its turn. From 100 ms to 1 min, default 5 s.
    pub queue_deadline: Duration,
    /// Where the pepper is kept, if there is one. Never the pepper itself.
    pub pepper: Option<SecretSource>,
    /// Formats of stored hashes accepted beside Argon2id, to be renewed at sign-in.
    pub accept: Vec<LegacyFormat>,
    /// The work that one of them may take, in new hashes (or in hashes of the reference costs,
    /// where new ones cost less). Also the most that all of them add to every sign-in. From 1
    /// to 1,024, default 32.
    pub accept_cost: u32,
}

/// `algorithm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// The only one for new hashes.
    Argon2id,
}

/// Argon2 costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cost {
    /// Memory of one hash, in KiB. From 8 × `parallelism`; the reference is 19,456 (19 MiB).
    pub memory_kib: u32,
    /// Passes over the memory. The reference is 2.
    pub iterations: u32,
    /// Lanes. The reference is 1.
    pub parallelism: u32,
}

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// `{ file = "PATH" }`, readable by its owner only.
    File(PathBuf),
    /// `{ variable = "NAME" }`, an environment variable.
    Variable(String),
}

/// Stored hashes of other systems that may be verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegacyFormat {
    /// `$2a$`, `$2b$`, `$2y$`.
    Bcrypt,
    /// scrypt in its usual text forms.
    Scrypt,
    /// PBKDF2 in its usual text forms.
    Pbkdf2,
    /// `$5$` and `$6$`.
    ShaCrypt,
    /// `$y$`.
    Yescrypt,
    /// `$P$` and `$H$`.
    Phpass,
    /// `{SSHA}` and its family.
    LdapSsha,
}

impl Default for HashPolicy {
    fn default() -> Self {
        Self {
            cost: Cost::REFERENCE,
            workers: None,
            memory_budget: Size::mib(256),
            queue_deadline: Duration::from_secs(5),
            pepper: None,
            accept: Vec::new(),
            accept_cost: 32,
        }
    }
}

impl LegacyFormat {
    /// Every format.
    pub const ALL: [Self; 7] = [
        Self::Bcrypt,
        Self::Scrypt,
        Self::Pbkdf2,
        Self::ShaCrypt,
        Self::Yescrypt,
        Self::Phpass,
        Self::LdapSsha,
    ];

    /// The word of the policy file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bcrypt => "bcrypt",
            Self::Scrypt => "scrypt",
            Self::Pbkdf2 => "pbkdf2",
            Self::ShaCrypt => "sha-crypt",
            Self::Yescrypt => "yescrypt",
            Self::Phpass => "phpass",
            Self::LdapSsha => "ldap-ssha",
        }
    }
}

impl Cost {
    /// The reference costs: 19 MiB, 2 passes, 1 lane (OWASP ASVS 5.0, appendix C, and the
    /// Password Storage Cheat Sheet).
    pub const REFERENCE: Self = Self {
        memory_kib: 19_456,
        iterations: 2,
        parallelism: 1,
    };

    /// The most that a *stored* hash may ask for before it is verified: 1 GiB, 32 passes,
    /// 64 lanes. An imported hash could otherwise ask for 4 TiB.
    pub const CEILING: Self = Self {
        memory_kib: 1 << 20,
        iterations: 32,
        parallelism: 64,
    };

    /// The least memory, in KiB, for a number of passes (OWASP ASVS 5.0, appendix C).
    pub const fn floor_kib(iterations: u32) -> u32 {
        match iterations {
            0 | 1 => 46 * 1024,
            2 => 19 * 1024,
            _ => 12 * 1024,
        }
    }
}
