//! What a foreign hash costs, and the computation itself.
//!
//! A [`CostClass`] is a function with its costs and without salt or tag. Two hashes of one
//! class take the same work, so a decoy of the class hides whether there was a hash at all.
//!
//! The costs are capped by [`Function::is_within_caps`] before any class exists. The caps
//! bound one verification to 1 GiB and to seconds of one core (2 to 8, measured on a busy
//! one), and stay above what the systems that write these hashes do by themselves. The length
//! of the password is bounded too, as the functions of `crypt(3)` and phpass do work in
//! proportion to it.
//!
//! Absent on purpose: wiping the memory of scrypt and yescrypt, which their crates take and
//! give back by themselves. It holds what PBKDF2 made of the password, never the password.

use zeroize::Zeroizing;

use super::compute::{bcrypt, probe, sha_crypt, trimmed};
use super::digest::Digest;
use super::md5_crypt;
use crate::hash::HashError;

/// bcrypt: 2^16 rounds, about four seconds; PHP writes 2^12 and OWASP asks 2^10.
const BCRYPT_COST: std::ops::RangeInclusive<u8> = 4..=16;
/// PBKDF2: rounds × blocks of output; Django 6 writes 1.5 million, and OWASP asks 600,000.
/// A round of SHA-384 or SHA-512 counts twice: OWASP asks 220,000 of the latter.
const PBKDF2_ROUNDS: u64 = 10_000_000;
/// scrypt and yescrypt: `N × r × p`. At `p = 1` this is 1 GiB, the ceiling of Argon2's
/// memory; OWASP asks an eighth of it.
const SCRYPT_WORK: u64 = 1 << 23;
/// scrypt: lanes, which take memory of their own.
const SCRYPT_LANES: u32 = 64;
/// scrypt and yescrypt: 1 GiB, and what mixes it. With few steps and large blocks most of the
/// memory is what mixes.
const MEMORY: u64 = (1 << 30) + (1 << 20);
/// `$5$` and `$6$`: passlib writes 656,000 rounds, crypt(3) 5,000.
const SHA_CRYPT_ROUNDS: std::ops::RangeInclusive<u32> = 1_000..=1_000_000;
/// phpass: 2^20 rounds; passlib writes 2^19, WordPress and phpBB 2^13 at most.
const PHPASS_ROUNDS: std::ops::RangeInclusive<u8> = 7..=20;

/// Bytes of a password that bcrypt reads.
pub(super) const BCRYPT_BYTES: usize = 72;
/// Bytes of a password that `crypt(3)` reads: libxcrypt makes no hash of a longer one.
const CRYPT_BYTES: usize = 512;
/// Bytes of a password that phpass reads here, at each of its rounds. It takes four times as
/// many by itself; the policy's usual longest password, 256 characters, has no more.
const PHPASS_BYTES: usize = 1024;
/// Bytes of a password for the rest, which read it once.
const PASSWORD_BYTES: usize = 4096;

/// The work of verifying one foreign hash: its function and costs, without salt or tag.
///
/// Equal classes take equal work: the same number of rounds of the same function over the
/// same memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CostClass(pub(super) Function);

/// A function with its costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Function {
    /// 2^`cost` rounds, perhaps of a digest of the password.
    Bcrypt {
        cost: u8,
        before: Before,
    },
    Scrypt {
        log_n: u8,
        r: u32,
        p: u32,
        tag: u8,
    },
    Pbkdf2 {
        digest: Digest,
        rounds: u32,
        tag: u8,
    },
    /// The salt is hashed at each round, so its length counts.
    ShaCrypt {
        digest: Digest,
        rounds: u32,
        salt: u8,
    },
    Yescrypt {
        log_n: u8,
        r: u8,
    },
    /// 2^`log_rounds` rounds of MD5.
    Phpass {
        log_rounds: u8,
    },
    /// 1,000 rounds of MD5; the salt is hashed at each.
    Md5Crypt {
        apache: bool,
        salt: u8,
    },
    /// One digest of the password and a salt.
    Once {
        digest: Digest,
        order: Order,
    },
}

/// What is made of the password before bcrypt reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Before {
    Nothing,
    /// Django's `bcrypt_sha256`: the hexadecimal digits of SHA-256.
    Sha256Hex,
    /// WordPress since 6.8: the base64 of an HMAC-SHA-384 of the trimmed password.
    WordPress,
}

/// Where the salt goes in one digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Order {
    SaltFirst,
    SaltLast,
}

impl CostClass {
    /// Memory of one computation, in KiB, for a budget shared with others.
    pub const fn memory_kib(&self) -> u64 {
        self.0.memory().div_ceil(1024)
    }

    /// Whether the function reads every byte of the password.
    pub(in crate::hash) fn reads_whole(&self, password: &[u8]) -> bool {
        self.0.reads_whole(password)
    }

    /// The work of one verification against nobody's hash, for an account that is unknown or
    /// has no hash; of the salt, as much as the function reads.
    ///
    /// # Errors
    /// When the system has not the memory.
    pub fn spend(&self, password: &[u8], salt: &[u8; 16]) -> Result<(), HashError> {
        let tag = self.decoy(password, salt)?;
        // Nothing reads the tag, so nothing else keeps the work from being left out.
        std::hint::black_box(tag.as_slice());
        Ok(())
    }

    /// The tag of a decoy.
    pub(in crate::hash) fn decoy(
        &self,
        password: &[u8],
        salt: &[u8; 16],
    ) -> Result<Zeroizing<Vec<u8>>, HashError> {
        let salt = salt.get(..self.0.salt()).unwrap_or(salt);
        self.0.compute(password, salt)
    }
}

impl Function {
    /// Whether one computation stays within a few seconds and 1 GiB.
    pub(super) fn is_within_caps(self) -> bool {
        match self {
            Self::Bcrypt { cost, .. } => BCRYPT_COST.contains(&cost),
            Self::Scrypt { log_n, r, p, .. } => {
                (1..=30).contains(&log_n)
                    && r >= 1
                    && (1..=SCRYPT_LANES).contains(&p)
                    && (1_u64 << log_n)
                        .saturating_mul(u64::from(r))
                        .saturating_mul(u64::from(p))
                        <= SCRYPT_WORK
                    && self.memory() <= MEMORY
            }
            Self::Pbkdf2 {
                digest,
                rounds,
                tag,
            } => {
                let blocks = usize::from(tag).div_ceil(digest.bytes()) as u64;
                let weight = if digest.bytes() > 32 { 2 } else { 1 };
                rounds >= 1 && u64::from(rounds) * blocks * weight <= PBKDF2_ROUNDS
            }
            Self::ShaCrypt { rounds, .. } => SHA_CRYPT_ROUNDS.contains(&rounds),
            Self::Yescrypt { log_n, r } => {
                // crypt(3) writes nothing cheaper, and no other block size.
                (10..=30).contains(&log_n)
                    && (8..=32).contains(&r)
                    && (u64::from(r) << log_n) <= SCRYPT_WORK
            }
            Self::Phpass { log_rounds } => PHPASS_ROUNDS.contains(&log_rounds),
            Self::Md5Crypt { .. } | Self::Once { .. } => true,
        }
    }

    /// Bytes of working memory.
    const fn memory(self) -> u64 {
        match self {
            // Its four tables of 1 KiB and a little more.
            Self::Bcrypt { .. } => 5 * 1024,
            // One block for each step of N and each lane, and two to mix.
            Self::Scrypt { log_n, r, p, .. } => 128 * r as u64 * ((1 << log_n) + p as u64 + 2),
            // The same, and the three tables of 4 KiB of pwxform.
            Self::Yescrypt { log_n, r } => 128 * r as u64 * ((1 << log_n) + 3) + 12 * 1024,
            _ => 1024,
        }
    }

    /// Bytes of a salt, where their number changes the work, or a usual number.
    const fn salt(self) -> usize {
        match self {
            Self::ShaCrypt { salt, .. } | Self::Md5Crypt { salt, .. } => salt as usize,
            Self::Phpass { .. } => 8,
            _ => 16,
        }
    }

    /// Bytes of the password that the function reads; of a longer one there is no hash.
    pub(super) const fn password(self) -> usize {
        match self {
            Self::ShaCrypt { .. } | Self::Yescrypt { .. } | Self::Md5Crypt { .. } => CRYPT_BYTES,
            Self::Phpass { .. } => PHPASS_BYTES,
            _ => PASSWORD_BYTES,
        }
    }

    /// Whether a hash of this password can exist. A NUL ends the text in C, and a trailing
    /// one changes nothing in HMAC and bcrypt, so two passwords would have one hash.
    pub(super) fn takes(self, password: &[u8]) -> bool {
        password.len() <= self.password() && !password.contains(&0)
    }

    /// Whether the function reads the beginning of the password only.
    pub(super) fn cuts(self, password: &[u8]) -> bool {
        let whole = Before::Nothing;
        matches!(self, Self::Bcrypt { before, .. } if before == whole)
            && password.len() > BCRYPT_BYTES
    }

    /// Whether the function reads every byte of the password: of another one some part may be
    /// anything.
    pub(super) fn reads_whole(self, password: &[u8]) -> bool {
        let trims = matches!(self, Self::Bcrypt { before, .. } if before == Before::WordPress);
        let trimmed = trims && trimmed(password).len() != password.len();
        !(trimmed || self.cuts(password))
    }

    /// The tag of a password, which is cut where [`Self::password`] says.
    pub(super) fn compute(
        self,
        password: &[u8],
        salt: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, HashError> {
        let password = password.get(..self.password()).unwrap_or(password);
        match self {
            Self::Bcrypt { cost, before } => Ok(bcrypt(cost, before, password, salt)),
            Self::Scrypt { log_n, r, p, tag } => {
                probe(self.memory())?;
                let params = scrypt::Params::new(log_n, r, p).map_err(|_| HashError::Cost)?;
                let mut out = Zeroizing::new(vec![0; usize::from(tag)]);
                scrypt::scrypt(password, salt, &params, &mut out).map_err(|_| HashError::Cost)?;
                Ok(out)
            }
            Self::Pbkdf2 {
                digest,
                rounds,
                tag,
            } => {
                let mut out = Zeroizing::new(vec![0; usize::from(tag)]);
                digest.pbkdf2(password, salt, rounds, &mut out);
                Ok(out)
            }
            Self::ShaCrypt { digest, rounds, .. } => sha_crypt(digest, rounds, password, salt),
            Self::Yescrypt { log_n, r } => {
                probe(self.memory())?;
                let mode = yescrypt::Mode::Rw;
                let params = yescrypt::Params::new(mode, 1 << log_n, u32::from(r), 1)
                    .map_err(|_| HashError::Cost)?;
                let mut out = Zeroizing::new(vec![0; 32]);
                yescrypt::yescrypt(password, salt, &params, &mut out)
                    .map_err(|_| HashError::Cost)?;
                Ok(out)
            }
            Self::Phpass { log_rounds } => {
                let mut tag = Digest::Md5.of(&[salt, password]);
                for _ in 0..1_u32 << log_rounds {
                    tag = Digest::Md5.of(&[&tag, password]);
                }
                Ok(tag)
            }
            Self::Md5Crypt { apache, .. } => Ok(md5_crypt::md5_crypt(password, salt, apache)),
            Self::Once { digest, order } => Ok(match order {
                Order::SaltFirst => digest.of(&[salt, password]),
                Order::SaltLast => digest.of(&[password, salt]),
            }),
        }
    }
}
