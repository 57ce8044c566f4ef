//! The functions beneath, as their crates compute them, with what is made of the password first.
//!
//! What holds the password or its digest is wiped here; the memory that crates take by themselves
//! is not: see [`super::class`].

use hmac::{KeyInit, Mac};
use zeroize::{Zeroize, Zeroizing};

use super::class::{BCRYPT_BYTES, Before};
use super::digest::Digest;
use crate::hash::HashError;

/// Asks for the memory and gives it back, because the crates that take it end the process
/// when there is none.
pub(super) fn probe(bytes: u64) -> Result<(), HashError> {
    let bytes = usize::try_from(bytes).map_err(|_| HashError::Memory)?;
    let mut memory: Vec<u8> = Vec::new();
    memory
        .try_reserve_exact(bytes)
        .map_err(|_| HashError::Memory)?;
    std::hint::black_box(memory.as_mut_ptr());
    Ok(())
}

pub(super) fn bcrypt(cost: u8, before: Before, password: &[u8], salt: &[u8]) -> Zeroizing<Vec<u8>> {
    let made;
    let password = match before {
        Before::Nothing => password,
        Before::Sha256Hex => {
            made = Zeroizing::new(super::code::hex(&Digest::Sha256.of(&[password]), false));
            made.as_bytes()
        }
        Before::WordPress => {
            made = wordpress(password);
            made.as_bytes()
        }
    };
    // The key ends with a NUL, unless it is cut before.
    let mut key = Zeroizing::new([0; BCRYPT_BYTES]);
    let read = password.len().min(BCRYPT_BYTES);
    key[..read].copy_from_slice(&password[..read]);
    let key = &key[..BCRYPT_BYTES.min(read + 1)];
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(salt) {
        *to = *from;
    }
    let mut tag = bcrypt::bcrypt(u32::from(cost), bytes, key);
    // The last of the 24 bytes has no place in the text.
    let out = Zeroizing::new(tag[..23].to_vec());
    tag.zeroize();
    out
}

/// What WordPress gives to bcrypt. It trims what is typed, so a password with a space at an
/// end is known without it.
fn wordpress(password: &[u8]) -> Zeroizing<String> {
    let mac = hmac::Hmac::<sha2::Sha384>::new_from_slice(b"wp-sha384")
        .expect("HMAC takes keys of any length");
    let mut tag = mac.chain_update(trimmed(password)).finalize().into_bytes();
    let text = Zeroizing::new(super::code::base64(&tag));
    tag.zeroize();
    text
}

/// The password as PHP's `trim` leaves it.
pub(super) fn trimmed(password: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b);
    let start = password.iter().position(|byte| !is_space(byte));
    let end = password.iter().rposition(|byte| !is_space(byte));
    match (start, end) {
        (Some(start), Some(end)) => &password[start..=end],
        _ => &[],
    }
}

pub(super) fn sha_crypt(
    digest: Digest,
    rounds: u32,
    password: &[u8],
    salt: &[u8],
) -> Result<Zeroizing<Vec<u8>>, HashError> {
    let params = sha_crypt::Params::new(rounds).map_err(|_| HashError::Cost)?;
    Ok(if digest == Digest::Sha256 {
        kept(sha_crypt::sha256_crypt(password, salt, params))
    } else {
        kept(sha_crypt::sha512_crypt(password, salt, params))
    })
}

/// A tag in memory that is wiped, and its first copy wiped at once.
fn kept<const N: usize>(mut tag: [u8; N]) -> Zeroizing<Vec<u8>> {
    let out = Zeroizing::new(tag.to_vec());
    tag.zeroize();
    out
}
