//! The PHC string of Argon2, read strictly.
//!
//! `$argon2id$v=19$m=19456,t=2,p=1$SALT$TAG`, with `m`, `t` and `p` in this order, decimal
//! without leading zeros, and base64 without padding, as the reference implementation writes
//! it. A string without `v=` is of version 0x10: that is what the versions before 0x13 wrote.
//! `keyid=` may follow `p`: the name of the pepper's key, in base64, 8 bytes at most, as the
//! PHC text on Argon2 has it.
//!
//! The costs are capped here, before anything is allocated: [`Cost::CEILING`].
//!
//! Absent on purpose: the field `data`, which would change the tag unseen.

use std::fmt;

use base64ct::{Base64Unpadded, Encoding};
use policy::HashPolicy;
use policy::hash::Cost;

use super::{KeyId, StoredHashError};

/// Bytes of a salt: the floor is Argon2's own.
const SALT: std::ops::RangeInclusive<usize> = 8..=64;
/// Bytes of a tag: the floor is the reference implementation's.
const TAG: std::ops::RangeInclusive<usize> = 12..=64;

/// What an Argon2 hash was made with, and its tag.
#[derive(Clone)]
pub(super) struct Parts {
    pub(super) work: Work,
    /// The key of the pepper, if one was used.
    pub(super) key: Option<KeyId>,
    pub(super) salt: Vec<u8>,
    pub(super) tag: Vec<u8>,
}

/// What makes one computation of Argon2 cost what it costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Work {
    pub(super) variant: Variant,
    pub(super) version: Version,
    pub(super) cost: Cost,
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

impl Work {
    /// The work of a new hash: Argon2id, version 0x13.
    pub(super) const fn live(cost: Cost) -> Self {
        Self {
            variant: Variant::Id,
            version: Version::V13,
            cost,
        }
    }
}

impl Parts {
    /// Reads a PHC string of Argon2.
    pub(super) fn parse(text: &str) -> Result<Self, StoredHashError> {
        use StoredHashError as Error;
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
        let mut parameters = fields.next().ok_or(Error::Fields)?;
        let version = match parameters.strip_prefix("v=") {
            None => Version::V10,
            Some(version) => {
                parameters = fields.next().ok_or(Error::Fields)?;
                match version {
                    "16" => Version::V10,
                    "19" => Version::V13,
                    _ => return Err(Error::Version),
                }
            }
        };
        let (cost, key) = parse_parameters(parameters)?;
        let salt = fields.next().ok_or(Error::Fields)?;
        let tag = fields.next().ok_or(Error::Fields)?;
        if fields.next().is_some() {
            return Err(Error::Fields);
        }
        Ok(Self {
            work: Work {
                variant,
                version,
                cost,
            },
            key,
            salt: decode(salt)
                .filter(|salt| SALT.contains(&salt.len()))
                .ok_or(Error::Salt)?,
            tag: decode(tag)
                .filter(|tag| TAG.contains(&tag.len()))
                .ok_or(Error::Tag)?,
        })
    }
}

/// The PHC string, with its version always written.
impl fmt::Display for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${}", self.work)?;
        if let Some(key) = self.key {
            let key = Base64Unpadded::encode_string(key.as_str().as_bytes());
            write!(f, ",keyid={key}")?;
        }
        let (salt, tag) = (
            Base64Unpadded::encode_string(&self.salt),
            Base64Unpadded::encode_string(&self.tag),
        );
        write!(f, "${salt}${tag}")
    }
}

/// `argon2id$v=19$m=19456,t=2,p=1`.
impl fmt::Display for Work {
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
        write!(
            f,
            "{variant}$v={version}$m={memory_kib},t={iterations},p={parallelism}"
        )
    }
}

fn parse_parameters(text: &str) -> Result<(Cost, Option<KeyId>), StoredHashError> {
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
    let key = match fields.next() {
        None => None,
        Some(field) => Some(parse_key(field)?),
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
    Ok((cost, key))
}

fn parse_key(field: &str) -> Result<KeyId, StoredHashError> {
    let name = field
        .strip_prefix("keyid=")
        .ok_or(StoredHashError::Parameters)?;
    decode(name)
        .and_then(|bytes| KeyId::new(std::str::from_utf8(&bytes).ok()?))
        .ok_or(StoredHashError::KeyId)
}

fn decode(text: &str) -> Option<Vec<u8>> {
    Base64Unpadded::decode_vec(text).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: &str = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

    #[test]
    fn a_good_hash_is_written_as_it_was_read() {
        let keyed = GOOD.replace("p=1", "p=1,keyid=MjAyNmE");
        for text in [GOOD, &keyed] {
            let parts = Parts::parse(text).expect("a hash");
            assert_eq!(parts.to_string(), text);
        }
        let key = Parts::parse(&keyed).expect("a hash").key;
        assert_eq!(key, KeyId::new("2026a"));
    }

    #[test]
    fn a_hash_without_version_is_of_version_ten() {
        let parts = Parts::parse(&GOOD.replace("v=19$", "")).expect("a hash");
        assert_eq!(parts.work.version, Version::V10);
    }

    #[test]
    fn everything_else_is_refused_for_its_own_reason() {
        use StoredHashError as Error;
        let rows: &[(&str, &str, Error)] = &[
            ("", "", Error::Algorithm),
            (GOOD, "", Error::Algorithm),
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
            (
                "m=256,t=2,p=1",
                "m=256,t=2,p=1,data=MjAyNmE",
                Error::Parameters,
            ),
            (
                "m=256,t=2,p=1",
                "keyid=MjAyNmE,m=256,t=2,p=1",
                Error::Parameters,
            ),
            ("p=1", "p=1,keyid=MjAyNmE,data=MjAyNmE", Error::Parameters),
            ("p=1", "p=1,", Error::Parameters),
            // Nothing, a byte that is no letter, nine letters, padding, no base64.
            ("p=1", "p=1,keyid=", Error::KeyId),
            ("p=1", "p=1,keyid=AA", Error::KeyId),
            ("p=1", "p=1,keyid=MTIzNDU2Nzg5", Error::KeyId),
            ("p=1", "p=1,keyid=MjAyNg==", Error::KeyId),
            ("p=1", "p=1,keyid=2026!", Error::KeyId),
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
            assert_eq!(Parts::parse(&text).err(), Some(*error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC{0,300}") {
            let _ = Parts::parse(&text);
        }

        #[test]
        fn what_is_read_is_written_back(
            (memory, iterations, lanes) in (512u32..=1 << 20, 1u32..=32, 1u32..=64),
            salt in proptest::collection::vec(any::<u8>(), SALT),
            tag in proptest::collection::vec(any::<u8>(), TAG),
            key in "[A-Za-z0-9._-]{0,8}",
        ) {
            let mut cost = Cost::REFERENCE;
            (cost.memory_kib, cost.iterations, cost.parallelism) = (memory, iterations, lanes);
            let made = Parts { work: Work::live(cost), key: KeyId::new(&key), salt, tag };
            let read = Parts::parse(&made.to_string()).expect("within the caps");
            prop_assert_eq!(read.to_string(), made.to_string());
            prop_assert!(read.work == made.work && read.key == made.key);
            prop_assert!(read.salt == made.salt && read.tag == made.tag);
        }
    }
}
