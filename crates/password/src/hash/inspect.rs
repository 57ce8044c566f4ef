//! What a stored text says of itself: no password is asked and nothing is computed.
//!
//! Clauses: CNIL 2022-100, conservation (an audit of a table tells unsalted and outdated
//! functions, and salts that are not each password's own).
//!
//! Absent on purpose: the digest and the salt themselves. An audit compares marks of them,
//! keyed with a number drawn for one run, so that nothing of a table can leave with a report.

use std::hash::BuildHasher;

use policy::hash::{Cost, LegacyFormat};

use super::foreign::{CostClass, ForeignError, Unsupported, Weak};
use super::phc::{Parts, Variant, Version};
use super::stored::Form;
use super::{StoredHash, StoredHashError, foreign};

/// A stored text, classified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Inspection {
    /// What made it.
    pub made: Made,
    /// A mark of its salt: the same for the same salt, within one run. `None` where the text
    /// has no salt, or is not read.
    pub salt: Option<u64>,
}

/// What made a stored text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Made {
    /// Argon2id, version 0x13.
    Argon2id {
        /// Its costs.
        cost: Cost,
        /// Whether a key (pepper) went into it.
        keyed: bool,
    },
    /// Argon2i, Argon2d, or a version before 0x13.
    Argon2Old {
        /// Its costs.
        cost: Cost,
    },
    /// Argon2id over the hash of another function.
    Wrapped {
        /// Its costs.
        cost: Cost,
        /// Whether a key (pepper) went into it.
        keyed: bool,
    },
    /// A function made for passwords, other than Argon2.
    Foreign {
        /// Its format, as the policy names it.
        format: LegacyFormat,
        /// Its costs.
        class: CostClass,
    },
    /// A fast or outdated function: only to be wrapped.
    Weak(Weak),
    /// Known by name, and not read here.
    Unsupported(Unsupported),
    /// A known notation that asks for more work than one sign-in may take.
    TooDear,
    /// A known notation, not written as its writers write it.
    Malformed,
    /// The password itself, by its own notation.
    Plaintext,
    /// Like no hash known here: perhaps the password itself.
    Unknown,
}

/// Classifies a stored text. `marks` is drawn once for a run.
pub fn inspect(text: &str, marks: &impl BuildHasher) -> Inspection {
    let mark = |salt: &[u8]| (!salt.is_empty()).then(|| marks.hash_one(salt));
    let (made, salt) = match StoredHash::parse(text) {
        Ok(stored) => match stored.form() {
            Form::Argon2(parts) => (argon2(parts), mark(&parts.salt)),
            Form::Wrapped(wrapped) => {
                let made = Made::Wrapped {
                    cost: wrapped.parts.work.cost,
                    keyed: wrapped.parts.key.is_some(),
                };
                (made, mark(&wrapped.parts.salt))
            }
            Form::Foreign(foreign) => {
                let (format, class) = (foreign.format(), foreign.class());
                (Made::Foreign { format, class }, mark(foreign.salt()))
            }
        },
        Err(StoredHashError::Foreign(error)) => match error {
            ForeignError::OnlyWrapped(weak) => {
                let made = Made::Weak(weak);
                // Most of such a table is bare digests: there is no salt to look for.
                let salt = (!made.is_unsalted()).then(|| foreign::salt_of(text));
                (made, salt.flatten().and_then(|salt| mark(&salt)))
            }
            ForeignError::Unsupported(unsupported) => (Made::Unsupported(unsupported), None),
            ForeignError::Cost(_) => (Made::TooDear, None),
            ForeignError::Malformed(_) => (Made::Malformed, None),
            ForeignError::Plaintext => (Made::Plaintext, None),
            _ => (Made::Unknown, None),
        },
        Err(StoredHashError::Algorithm | StoredHashError::TooLong) => (Made::Unknown, None),
        Err(_) => (Made::Malformed, None),
    };
    Inspection { made, salt }
}

fn argon2(parts: &Parts) -> Made {
    let cost = parts.work.cost;
    match (parts.work.variant, parts.work.version) {
        (Variant::Id, Version::V13) => Made::Argon2id {
            cost,
            keyed: parts.key.is_some(),
        },
        _ => Made::Argon2Old { cost },
    }
}

impl Made {
    /// Whether Argon2 can be laid over it with nobody's password known.
    pub const fn can_be_wrapped(self) -> bool {
        matches!(self, Self::Weak(_) | Self::Foreign { .. })
    }

    /// Whether the function uses no salt at all: equal passwords have equal hashes.
    pub const fn is_unsalted(self) -> bool {
        matches!(
            self,
            Self::Weak(
                Weak::Md5Hex
                    | Weak::Sha1Hex
                    | Weak::Sha256Hex
                    | Weak::Sha384Hex
                    | Weak::Sha512Hex
                    | Weak::LdapDigest
            )
        )
    }
}

#[cfg(test)]
mod tests {
    use std::hash::RandomState;

    use super::*;

    #[test]
    fn a_text_is_classified_and_its_salt_marked() {
        let marks = RandomState::new();
        let cost = |memory_kib, iterations| {
            let mut cost = Cost::REFERENCE;
            (cost.memory_kib, cost.iterations) = (memory_kib, iterations);
            cost
        };
        let argon2 = |variant: &str, salt: &str| {
            format!(
                "${variant}$v=19$m=19456,t=2,p=1${salt}$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI"
            )
        };
        const BCRYPT: &str = "$2y$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";
        let bcrypt = foreign::Foreign::parse(BCRYPT).expect("a hash").class();
        for (text, made, salted) in [
            (
                argon2("argon2id", "MTIzNDU2Nzg5MDEyMzQ1Ng"),
                Made::Argon2id {
                    cost: cost(19_456, 2),
                    keyed: false,
                },
                true,
            ),
            (
                argon2("argon2i", "MTIzNDU2Nzg5MDEyMzQ1Ng"),
                Made::Argon2Old {
                    cost: cost(19_456, 2),
                },
                true,
            ),
            (
                BCRYPT.into(),
                Made::Foreign {
                    format: LegacyFormat::Bcrypt,
                    class: bcrypt,
                },
                true,
            ),
            (
                "6d33843ec7f0f7a4ba46bed3b1e0f9ef".into(),
                Made::Weak(Weak::Md5Hex),
                false,
            ),
            (
                "md5$abcdef$6d33843ec7f0f7a4ba46bed3b1e0f9ef".into(),
                Made::Weak(Weak::DjangoMd5),
                true,
            ),
            ("Soleil2024!".into(), Made::Unknown, false),
        ] {
            let found = inspect(&text, &marks);
            assert_eq!(found.made, made, "{text}");
            assert_eq!(found.salt.is_some(), salted, "{text}");
        }
        let salt = |text: &str| inspect(text, &marks).salt;
        let (one, other) = ("MTIzNDU2Nzg5MDEyMzQ1Ng", "MTIzNDU2Nzg5MDEyMzQ1Nw");
        assert_eq!(
            salt(&argon2("argon2id", one)),
            salt(&argon2("argon2i", one))
        );
        assert_ne!(
            salt(&argon2("argon2id", one)),
            salt(&argon2("argon2id", other))
        );
    }
}
