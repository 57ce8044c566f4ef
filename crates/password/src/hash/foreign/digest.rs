//! The digests that foreign hashes are built on.

use hmac::EagerHash;
use sha2::digest::Digest as Hash;
use zeroize::{Zeroize, Zeroizing};

/// A digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Digest {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Digest {
    /// Bytes of its value.
    pub(super) const fn bytes(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The digest whose value has a number of bytes.
    pub(super) fn of_length(bytes: usize) -> Option<Self> {
        [
            Self::Md5,
            Self::Sha1,
            Self::Sha256,
            Self::Sha384,
            Self::Sha512,
        ]
        .into_iter()
        .find(|digest| digest.bytes() == bytes)
    }

    /// The value over several parts in turn.
    pub(super) fn of(self, parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
        match self {
            Self::Md5 => value::<md5::Md5>(parts),
            Self::Sha1 => value::<sha1::Sha1>(parts),
            Self::Sha256 => value::<sha2::Sha256>(parts),
            Self::Sha384 => value::<sha2::Sha384>(parts),
            Self::Sha512 => value::<sha2::Sha512>(parts),
        }
    }

    /// PBKDF2 with HMAC over this digest (RFC 8018, 5.2).
    pub(super) fn pbkdf2(self, password: &[u8], salt: &[u8], rounds: u32, tag: &mut [u8]) {
        match self {
            Self::Md5 => pbkdf2::<md5::Md5>(password, salt, rounds, tag),
            Self::Sha1 => pbkdf2::<sha1::Sha1>(password, salt, rounds, tag),
            Self::Sha256 => pbkdf2::<sha2::Sha256>(password, salt, rounds, tag),
            Self::Sha384 => pbkdf2::<sha2::Sha384>(password, salt, rounds, tag),
            Self::Sha512 => pbkdf2::<sha2::Sha512>(password, salt, rounds, tag),
        }
    }
}

fn value<D: Hash>(parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let mut digest = D::new();
    for part in parts {
        digest.update(part);
    }
    let mut made = digest.finalize();
    let value = Zeroizing::new(made.to_vec());
    made.as_mut_slice().zeroize();
    value
}

fn pbkdf2<D: EagerHash>(password: &[u8], salt: &[u8], rounds: u32, tag: &mut [u8]) {
    pbkdf2::pbkdf2_hmac::<D>(password, salt, rounds, tag);
}
