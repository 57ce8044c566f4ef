//! A stored hash: the PHC string of Argon2, read strictly.
//!
//! `$argon2id$v=19$m=19456,t=2,p=1$SALT$TAG`, with `m`, `t` and `p` in this order, decimal
//! without leading zeros, and base64 without padding, as the reference implementation writes
//! it. A string without `v=` is of version 0x10: that is what the versions before 0x13 wrote.
//!
//! The costs are capped here, before anything is allocated: [`Cost::CEILING`].
//!
//! Absent on purpose: `keyid` and `data` fields, which would change the tag unseen. Errors
//! never quote the text: it is a secret too.

use std::fmt;

use base64ct::{Base64Unpadded, Encoding};
use policy::hash::Cost;
use policy::{HashPolicy, Language};

/// Bytes of the longest text read; the longest hash that passes the other checks is shorter.
const TEXT: usize = 256;
/// Bytes of a salt: the floor is Argon2's own.
const SALT: std::ops::RangeInclusive<usize> = 8..=64;
/// Bytes of a tag: the floor is the reference implementation's.
const TAG: std::ops::RangeInclusive<usize> = 12..=64;

/// The hash of a password, as kept in a database. Its costs are capped.
///
/// `Debug` shows nothing of it.
///
/// ```compile_fail,E0599
/// // Text becomes a hash only through `parse`, which caps its costs.
/// let stored = password::hash::StoredHash::from("$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHQ$dGFndGFndGFndGFn".to_owned());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct StoredHash {
    text: String,
    parts: Parts,
}

/// What a hash was made with, and its tag.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) variant: Variant,
    pub(super) version: Version,
    pub(super) cost: Cost,
    pub(super) salt: Vec<u8>,
    pub(super) tag: Vec<u8>,
}

/// The variants of Argon2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variant {
    D,
    I,
    Id,
}

/// The versions of Argon2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    V10,
    V13,
}

/// Why a text is not a hash that can be verified. Says where, without quoting it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoredHashError {
    /// Longer than any Argon2 hash that is accepted.
    TooLong,
    /// Not `$argon2id$…`, `$argon2i$…` or `$argon2d$…`.
    Algorithm,
    /// A version other than 16 and 19.
    Version,
    /// The costs are not `m=…,t=…,p=…` in plain decimal.
    Parameters,
    /// The costs exceed the ceiling, or are impossible with Argon2.
    Cost,
    /// The salt is not base64 of 8 to 64 bytes.
    Salt,
    /// The tag is not base64 of 12 to 64 bytes.
    Tag,
    /// Fields are missing or follow the tag.
    Fields,
}

impl StoredHash {
    /// Reads a stored hash.
    ///
    /// # Errors
    /// When the text is not an Argon2 hash within the caps.
    pub fn parse(text: &str) -> Result<Self, StoredHashError> {
        use StoredHashError as Error;
        if text.len() > TEXT {
            return Err(Error::TooLong);
        }
        let mut fields = text.split('$');
        if fields.next() != Some("") {
            return Err(Error::Algorithm);
        }
        let variant = match fields.next() {
            Some("argon2id") => Variant::Id,
            Some("argon2i") => Variant::I,
            Some("argon2d") => Variant::D,
            _ => return Err(Error::Algorithm),
        };
        let mut costs = fields.next().ok_or(Error::Fields)?;
        let version = match costs.strip_prefix("v=") {
            None => Version::V10,
            Some(version) => {
                costs = fields.next().ok_or(Error::Fields)?;
                match version {
                    "16" => Version::V10,
                    "19" => Version::V13,
                    _ => return Err(Error::Version),
                }
            }
        };
        let cost = parse_cost(costs)?;
        let salt = fields.next().ok_or(Error::Fields)?;
        let tag = fields.next().ok_or(Error::Fields)?;
        if fields.next().is_some() {
            return Err(Error::Fields);
        }
        let parts = Parts {
            variant,
            version,
            cost,
            salt: decode(salt)
                .filter(|salt| SALT.contains(&salt.len()))
                .ok_or(Error::Salt)?,
            tag: decode(tag)
                .filter(|tag| TAG.contains(&tag.len()))
                .ok_or(Error::Tag)?,
        };
        Ok(Self {
            text: text.to_owned(),
            parts,
        })
    }

    /// The text to store, as it was read or made.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn new(parts: Parts) -> Self {
        Self {
            text: parts.to_string(),
            parts,
        }
    }

    pub(super) const fn parts(&self) -> &Parts {
        &self.parts
    }
}

/// A hash is a secret: whoever has it can try passwords at leisure.
impl fmt::Debug for StoredHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredHash(..)")
    }
}

impl Parts {
    /// The parts of a new hash: Argon2id, version 0x13.
    pub(super) const fn live(cost: Cost, salt: Vec<u8>, tag: Vec<u8>) -> Self {
        Self {
            variant: Variant::Id,
            version: Version::V13,
            cost,
            salt,
            tag,
        }
    }
}

/// The PHC string, with its version always written.
impl fmt::Display for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variant = match self.variant {
            Variant::D => "argon2d",
            Variant::I => "argon2i",
            Variant::Id => "argon2id",
        };
        let version = match self.version {
            Version::V10 => 16,
            Version::V13 => 19,
        };
        let Cost {
            memory_kib,
            iterations,
            parallelism,
            ..
        } = self.cost;
        let (salt, tag) = (
            Base64Unpadded::encode_string(&self.salt),
            Base64Unpadded::encode_string(&self.tag),
        );
        write!(
            f,
            "${variant}$v={version}$m={memory_kib},t={iterations},p={parallelism}${salt}${tag}"
        )
    }
}

fn parse_cost(text: &str) -> Result<Cost, StoredHashError> {
    let mut fields = text.split(',');
    let mut field = |name: &str| {
        let digits = fields.next()?.strip_prefix(name)?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
        // Longer than any u32: a number still, but over every ceiling.
        plain
            .then(|| digits.parse::<u32>().unwrap_or(u32::MAX))
            .filter(|_| !digits.is_empty())
    };
    let (Some(memory), Some(iterations), Some(parallelism)) =
        (field("m="), field("t="), field("p="))
    else {
        return Err(StoredHashError::Parameters);
    };
    if fields.next().is_some() {
        return Err(StoredHashError::Parameters);
    }
    let ceiling = Cost::CEILING;
    let within = memory <= ceiling.memory_kib
        && iterations <= ceiling.iterations
        && parallelism <= ceiling.parallelism
        && memory >= 8 * parallelism;
    if !within {
        return Err(StoredHashError::Cost);
    }
    // `Cost` can be built in its own crate only, so one is taken from there and filled in.
    let mut cost = HashPolicy::default().cost;
    cost.memory_kib = memory;
    cost.iterations = iterations;
    cost.parallelism = parallelism;
    Ok(cost)
}

fn decode(text: &str) -> Option<Vec<u8>> {
    Base64Unpadded::decode_vec(text).ok()
}

impl StoredHashError {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLong => "hash-too-long",
            Self::Algorithm => "hash-algorithm",
            Self::Version => "hash-version",
            Self::Parameters => "hash-parameters",
            Self::Cost => "hash-cost",
            Self::Salt => "hash-salt",
            Self::Tag => "hash-tag",
            Self::Fields => "hash-fields",
        }
    }

    /// What is wrong, where, and what to do.
    pub const fn message(self, language: Language) -> &'static str {
        let (fr, en) = match self {
            Self::TooLong => (
                "L’empreinte dépasse 256 caractères ; vérifiez que la valeur copiée est bien une empreinte Argon2 et rien d’autre.",
                "The hash is longer than 256 characters; check that the value copied is an Argon2 hash and nothing else.",
            ),
            Self::Algorithm => (
                "Le début de l’empreinte n’est ni $argon2id$, ni $argon2i$, ni $argon2d$ ; d’autres formats ne se vérifient pas ici.",
                "The hash does not begin with $argon2id$, $argon2i$ or $argon2d$; other formats cannot be verified here.",
            ),
            Self::Version => (
                "La version (v=) n’est ni 16 ni 19, les seules qui existent ; la valeur est sans doute abîmée.",
                "The version (v=) is neither 16 nor 19, the only ones there are; the value is probably damaged.",
            ),
            Self::Parameters => (
                "Les coûts ne se lisent pas ; attendu : m=19456,t=2,p=1, dans cet ordre, sans zéro en tête.",
                "The costs cannot be read; expected: m=19456,t=2,p=1, in this order, without leading zeros.",
            ),
            Self::Cost => (
                "Les coûts dépassent 1 Gio, 32 passes ou 64 voies, ou donnent moins de 8 Kio par voie ; refaites cette empreinte à la prochaine connexion du compte, après réinitialisation.",
                "The costs exceed 1 GiB, 32 passes or 64 lanes, or give less than 8 KiB per lane; have the account reset its password to get a new hash.",
            ),
            Self::Salt => (
                "Le sel (4e champ) n’est pas du base64 sans remplissage de 8 à 64 octets ; la valeur est sans doute tronquée.",
                "The salt (4th field) is not unpadded base64 of 8 to 64 bytes; the value is probably cut short.",
            ),
            Self::Tag => (
                "Le condensé (dernier champ) n’est pas du base64 sans remplissage de 12 à 64 octets ; la valeur est sans doute tronquée.",
                "The tag (last field) is not unpadded base64 of 12 to 64 bytes; the value is probably cut short.",
            ),
            Self::Fields => (
                "Il manque des champs ou il y en a trop ; attendu : $argon2id$v=19$m=…,t=…,p=…$sel$condensé.",
                "Fields are missing or too many; expected: $argon2id$v=19$m=…,t=…,p=…$salt$tag.",
            ),
        };
        match language {
            Language::Fr => fr,
            Language::En => en,
        }
    }
}

impl fmt::Display for StoredHashError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message(Language::En))
    }
}

impl std::error::Error for StoredHashError {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: &str = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

    #[test]
    fn a_good_hash_is_kept_as_written() {
        let hash = StoredHash::parse(GOOD).expect("a hash");
        assert_eq!(hash.as_str(), GOOD);
        assert_eq!(hash.parts().to_string(), GOOD);
        assert_eq!(format!("{hash:?}"), "StoredHash(..)");
    }

    #[test]
    fn a_hash_without_version_is_of_version_ten() {
        let parts = StoredHash::parse(&GOOD.replace("v=19$", ""))
            .expect("a hash")
            .parts;
        assert_eq!(parts.version, Version::V10);
    }

    #[test]
    fn everything_else_is_refused_for_its_own_reason() {
        use StoredHashError as Error;
        let long = "$".repeat(257);
        let rows: &[(&str, &str, Error)] = &[
            ("", "", Error::Algorithm),
            (GOOD, "", Error::Algorithm),
            (GOOD, long.as_str(), Error::TooLong),
            ("$argon2id", "argon2id", Error::Algorithm),
            ("$argon2id", "argon2$argon2id", Error::Algorithm),
            ("argon2id", "argon2x", Error::Algorithm),
            ("argon2id", "Argon2id", Error::Algorithm),
            ("argon2id", "2y", Error::Algorithm),
            ("v=19", "v=18", Error::Version),
            ("v=19", "v=0x13", Error::Version),
            ("v=19", "v=", Error::Version),
            ("m=256,t=2,p=1", "m=256,p=1,t=2", Error::Parameters),
            ("m=256,t=2,p=1", "m=256,t=2", Error::Parameters),
            ("m=256,t=2,p=1", "m=256,t=2,p=1,keyid=AA", Error::Parameters),
            ("m=256,t=2,p=1", "m=0256,t=2,p=1", Error::Parameters),
            ("m=256,t=2,p=1", "m=+256,t=2,p=1", Error::Parameters),
            ("m=256,t=2,p=1", "m= 256,t=2,p=1", Error::Parameters),
            ("m=256,t=2,p=1", "m=,t=2,p=1", Error::Parameters),
            ("m=256,t=2,p=1", "m=256,t=0,p=1", Error::Parameters),
            // 4 TiB, more than 32 bits, one over each ceiling, too little per lane.
            ("m=256", "m=4294967295", Error::Cost),
            ("m=256", "m=99999999999999999999999999", Error::Cost),
            ("m=256", "m=1048577", Error::Cost),
            ("t=2", "t=33", Error::Cost),
            ("p=1", "p=65", Error::Cost),
            ("p=1", "p=33", Error::Cost),
            ("c29tZXNhbHRzb21lc2FsdA", "c29tZXNhbA", Error::Salt),
            ("c29tZXNhbHRzb21lc2FsdA", "", Error::Salt),
            (
                "c29tZXNhbHRzb21lc2FsdA",
                "c29tZXNhbHRzb21lc2FsdA==",
                Error::Salt,
            ),
            // The last sign has bits that no byte takes.
            (
                "c29tZXNhbHRzb21lc2FsdA",
                "c29tZXNhbHRzb21lc2FsdB",
                Error::Salt,
            ),
            (
                "c29tZXNhbHRzb21lc2FsdA",
                "c29tZXNhbHR_b21lc2FsdA",
                Error::Salt,
            ),
            (
                "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
                "nf65EOgL",
                Error::Tag,
            ),
            (
                "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
                "n f6",
                Error::Tag,
            ),
            ("Gi/4", "Gi/4$", Error::Fields),
            ("Gi/4", "Gi/4\n", Error::Tag),
            (
                "$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
                "",
                Error::Fields,
            ),
        ];
        for (from, to, error) in rows {
            let text = if from.is_empty() {
                String::new()
            } else {
                GOOD.replace(from, to)
            };
            assert_eq!(StoredHash::parse(&text).unwrap_err(), *error, "{text}");
        }
    }

    #[test]
    fn errors_do_not_echo_the_hash_and_differ() {
        let all = [
            StoredHashError::TooLong,
            StoredHashError::Algorithm,
            StoredHashError::Version,
            StoredHashError::Parameters,
            StoredHashError::Cost,
            StoredHashError::Salt,
            StoredHashError::Tag,
            StoredHashError::Fields,
        ];
        let mut seen = std::collections::BTreeSet::new();
        for error in all {
            for text in [
                error.code(),
                error.message(Language::Fr),
                error.message(Language::En),
            ] {
                assert!(seen.insert(text), "{text}: twice");
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC{0,300}") {
            let _ = StoredHash::parse(&text);
        }

        #[test]
        fn what_is_read_is_written_back(
            (memory, iterations, lanes) in (512u32..=1 << 20, 1u32..=32, 1u32..=64),
            salt in proptest::collection::vec(any::<u8>(), SALT),
            tag in proptest::collection::vec(any::<u8>(), TAG),
        ) {
            let mut cost = Cost::REFERENCE;
            (cost.memory_kib, cost.iterations, cost.parallelism) = (memory, iterations, lanes);
            let made = StoredHash::new(Parts::live(cost, salt, tag));
            let read = StoredHash::parse(made.as_str()).expect("within the caps");
            prop_assert!(read == made);
        }
    }
}
