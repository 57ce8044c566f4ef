//! Identifiers become keys before they reach a counter or a log.
//!
//! Clause: CNIL 2022-100, logging (§64): an unrecognised identifier may be a password typed
//! in the wrong field, so it is never kept. An unkeyed hash would not do: identifiers can
//! be guessed and hashed again.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Makes account keys under one secret. Two makers agree only if they share the secret.
pub struct KeyMaker {
    secret: Zeroizing<[u8; 32]>,
}

/// An account as the counters know it: 128 bits of HMAC-SHA-256 over its identifier.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AccountKey([u8; 16]);

impl KeyMaker {
    /// A maker with a secret drawn now, for counters that live as long as the process.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut secret = Zeroizing::new([0; 32]);
        getrandom::fill(secret.as_mut())?;
        Ok(Self { secret })
    }

    /// A maker with a given secret, for counters shared by several processes.
    pub fn with_secret(secret: [u8; 32]) -> Self {
        Self {
            secret: Zeroizing::new(secret),
        }
    }

    /// The key of an identifier. Surrounding space and letter case do not matter, so that
    /// `Ana@example.fr` cannot be tried again as `ana@example.fr`.
    pub fn account(&self, identifier: &str) -> AccountKey {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_ref())
            .expect("HMAC takes a key of any length");
        for lower in identifier.trim().chars().flat_map(char::to_lowercase) {
            mac.update(lower.encode_utf8(&mut [0; 4]).as_bytes());
        }
        let digest = mac.finalize().into_bytes();
        let mut key = [0; 16];
        key.copy_from_slice(&digest[..16]);
        AccountKey(key)
    }
}

impl AccountKey {
    /// The key's bytes, uniformly distributed.
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for KeyMaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyMaker(..)")
    }
}

/// Enough of the key to follow one account through a log.
impl fmt::Debug for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountKey(")?;
        for byte in &self.0[..4] {
            write!(f, "{byte:02x}")?;
        }
        f.write_str("…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_space_do_not_open_a_second_counter() {
        let maker = KeyMaker::with_secret([7; 32]);
        assert_eq!(
            maker.account("Ana@Example.fr "),
            maker.account("ana@example.fr")
        );
        assert_ne!(
            maker.account("ana@example.fr"),
            maker.account("ana@example.org")
        );
    }

    #[test]
    fn another_secret_gives_another_key() {
        let one = KeyMaker::with_secret([1; 32]).account("ana");
        assert_ne!(one, KeyMaker::with_secret([2; 32]).account("ana"));
    }

    #[test]
    fn debug_shows_neither_secret_nor_identifier() {
        let maker = KeyMaker::with_secret([0x41; 32]);
        let text = format!("{maker:?} {:?}", maker.account("ana"));
        assert!(
            !text.contains("ana") && !text.contains("AAAA") && !text.contains("65, 65"),
            "{text}"
        );
    }
}
