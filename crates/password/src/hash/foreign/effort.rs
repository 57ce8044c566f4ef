//! A foreign cost in words, and beside what OWASP asks of its function.
//!
//! Clause: [`policy::clause::OWASP_OTHERS`]. It gives a figure for bcrypt, for scrypt with one lane
//! and for PBKDF2 with SHA-256. The settings of scrypt with more lanes, and the rounds of PBKDF2
//! with SHA-1 and SHA-512, are recalled. Functions without a figure are not judged.

use std::fmt;

use super::class::{CostClass, Function};
use super::digest::Digest;

/// bcrypt: what OWASP asks, and a sixteenth of its work.
const BCRYPT: (u8, u8) = (10, 6);
/// PBKDF2: fewer rounds were too few in RFC 2898, of the year 2000, already.
const PBKDF2_FAST: u32 = 1_000;
/// scrypt: of less than 1 MiB nothing is left that is hard on memory.
const SCRYPT_FAST_KIB: u64 = 1_024;

/// How a cost falls short of what OWASP asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortfall {
    /// It is lower.
    Low,
    /// It is so low that the function is as good as a fast one.
    Fast,
}

impl CostClass {
    /// Whether and how the cost falls short; `None` where it is enough, or no figure is known.
    pub const fn shortfall(&self) -> Option<Shortfall> {
        let (is_fast, is_low) = match self.0 {
            Function::Bcrypt { cost, .. } => (cost < BCRYPT.1, cost < BCRYPT.0),
            Function::Pbkdf2 { digest, rounds, .. } => {
                let asked = match digest {
                    Digest::Md5 | Digest::Sha1 => 1_300_000,
                    Digest::Sha256 => 600_000,
                    Digest::Sha384 | Digest::Sha512 => 210_000,
                };
                (rounds < PBKDF2_FAST, rounds < asked)
            }
            Function::Scrypt { log_n, r, p, .. } => {
                let lanes = match log_n {
                    0..=12 => u32::MAX,
                    13 => 10,
                    14 => 5,
                    15 => 3,
                    16 => 2,
                    _ => 1,
                };
                let kib = (r as u64) << log_n >> 3;
                (kib < SCRYPT_FAST_KIB, r < 8 || p < lanes)
            }
            _ => (false, false),
        };
        match (is_fast, is_low) {
            (true, _) => Some(Shortfall::Fast),
            (_, true) => Some(Shortfall::Low),
            _ => None,
        }
    }
}

/// As whoever runs the function names its costs.
impl fmt::Display for CostClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Function::Bcrypt { cost, .. } => write!(f, "bcrypt cost={cost}"),
            Function::Scrypt { log_n, r, p, .. } => write!(f, "scrypt N=2^{log_n},r={r},p={p}"),
            Function::Yescrypt { log_n, r } => write!(f, "yescrypt N=2^{log_n},r={r}"),
            Function::Pbkdf2 { digest, rounds, .. } => {
                write!(f, "PBKDF2-{} i={rounds}", name(digest))
            }
            Function::ShaCrypt { digest, rounds, .. } => {
                write!(f, "{}-crypt rounds={rounds}", name(digest))
            }
            Function::Phpass { log_rounds } => write!(f, "phpass rounds=2^{log_rounds}"),
            Function::Md5Crypt { .. } => f.write_str("MD5-crypt"),
            Function::Once { digest, .. } => f.write_str(name(digest)),
        }
    }
}

const fn name(digest: Digest) -> &'static str {
    match digest {
        Digest::Md5 => "MD5",
        Digest::Sha1 => "SHA-1",
        Digest::Sha256 => "SHA-256",
        Digest::Sha384 => "SHA-384",
        Digest::Sha512 => "SHA-512",
    }
}

#[cfg(test)]
mod tests {
    use super::super::class::Before;
    use super::*;

    #[test]
    fn a_cost_is_told_and_judged_by_its_own_function() {
        let bcrypt = |cost| Function::Bcrypt {
            cost,
            before: Before::Nothing,
        };
        let pbkdf2 = |digest, rounds| Function::Pbkdf2 {
            digest,
            rounds,
            tag: 32,
        };
        let scrypt = |log_n, r, p| Function::Scrypt {
            log_n,
            r,
            p,
            tag: 32,
        };
        let (low, fast) = (Some(Shortfall::Low), Some(Shortfall::Fast));
        for (function, text, expected) in [
            (bcrypt(4), "bcrypt cost=4", fast),
            (bcrypt(5), "bcrypt cost=5", fast),
            (bcrypt(6), "bcrypt cost=6", low),
            (bcrypt(9), "bcrypt cost=9", low),
            (bcrypt(10), "bcrypt cost=10", None),
            (pbkdf2(Digest::Sha256, 1), "PBKDF2-SHA-256 i=1", fast),
            (pbkdf2(Digest::Sha256, 999), "PBKDF2-SHA-256 i=999", fast),
            (pbkdf2(Digest::Sha256, 1_000), "PBKDF2-SHA-256 i=1000", low),
            (
                pbkdf2(Digest::Sha256, 599_999),
                "PBKDF2-SHA-256 i=599999",
                low,
            ),
            (
                pbkdf2(Digest::Sha256, 600_000),
                "PBKDF2-SHA-256 i=600000",
                None,
            ),
            (pbkdf2(Digest::Sha1, 600_000), "PBKDF2-SHA-1 i=600000", low),
            (
                pbkdf2(Digest::Sha512, 210_000),
                "PBKDF2-SHA-512 i=210000",
                None,
            ),
            (scrypt(9, 8, 1), "scrypt N=2^9,r=8,p=1", fast),
            (scrypt(10, 8, 1), "scrypt N=2^10,r=8,p=1", low),
            (scrypt(14, 8, 1), "scrypt N=2^14,r=8,p=1", low),
            (scrypt(14, 8, 5), "scrypt N=2^14,r=8,p=5", None),
            (scrypt(16, 8, 1), "scrypt N=2^16,r=8,p=1", low),
            (scrypt(17, 8, 1), "scrypt N=2^17,r=8,p=1", None),
            (scrypt(17, 1, 1), "scrypt N=2^17,r=1,p=1", low),
            (
                Function::Yescrypt { log_n: 12, r: 32 },
                "yescrypt N=2^12,r=32",
                None,
            ),
        ] {
            let class = CostClass(function);
            assert_eq!(
                (class.to_string().as_str(), class.shortfall()),
                (text, expected)
            );
        }
    }
}
