//! What a foreign hash takes of the processor, told in blocks of Argon2.
//!
//! One block is one KiB in one pass: a hash of 19 MiB in two passes has 38,912. The weights are
//! round figures of processor time, so that one ceiling holds for every function: between those
//! of a processor with instructions for SHA, where PBKDF2-SHA-256 takes a third of what is said
//! here, and of one without, where it takes twice. The bench `weights` measures them anew. They
//! are for a password of usual length: `$5$`, `$6$` and phpass read it at each round, and take
//! up to eight times as long for the longest.

use super::class::{CostClass, Function};
use super::digest::Digest;

impl CostClass {
    /// The processor time of one verification, in blocks of Argon2 (KiB × passes) that take
    /// about as long. Never zero.
    pub const fn weight(&self) -> u64 {
        match self.0 {
            Function::Bcrypt { cost, .. } => 96 << cost,
            Function::Scrypt { log_n, r, p, .. } => half(((r as u64) << log_n) * p as u64),
            Function::Yescrypt { log_n, r } => half((r as u64) << log_n),
            Function::Pbkdf2 {
                digest,
                rounds,
                tag,
            } => {
                let each = (tag as u64).div_ceil(digest.bytes() as u64);
                let rounds = rounds as u64 * each;
                match digest {
                    Digest::Md5 | Digest::Sha1 | Digest::Sha256 => half(rounds),
                    Digest::Sha384 | Digest::Sha512 => rounds,
                }
            }
            Function::ShaCrypt { rounds, .. } => half(rounds as u64),
            Function::Phpass { log_rounds } => half(1 << log_rounds),
            Function::Md5Crypt { .. } => half(1_000),
            Function::Once { .. } => 1,
        }
    }
}

/// Half of it, rounded up.
const fn half(blocks: u64) -> u64 {
    blocks.div_ceil(2)
}
