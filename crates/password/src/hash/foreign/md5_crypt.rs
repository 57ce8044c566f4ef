//! `$1$` and `$apr1$`: the MD5 of `crypt(3)` and its copy in Apache's `htpasswd`.
//!
//! 1,000 rounds of MD5 whatever the text says, which is why neither is verified as it is:
//! [`Recipe`](super::Recipe) computes it to look below an Argon2 hash that was laid over it.

use zeroize::Zeroizing;

use super::digest::Digest;

const ROUNDS: usize = 1000;

/// The tag, in the order of the digest.
pub(super) fn md5_crypt(password: &[u8], salt: &[u8], apache: bool) -> Zeroizing<Vec<u8>> {
    let magic: &[u8] = if apache { b"$apr1$" } else { b"$1$" };
    let inner = Digest::Md5.of(&[password, salt, password]);

    let mut parts: Vec<&[u8]> = vec![password, magic, salt];
    let mut left = password.len();
    while left > 0 {
        let some = left.min(inner.len());
        parts.push(&inner[..some]);
        left -= some;
    }
    // For each bit of the length, from the lowest: a NUL where it is set, the first byte of
    // the password where it is not.
    let mut bits = password.len();
    while bits > 0 {
        parts.push(if bits & 1 == 1 { &[0] } else { &password[..1] });
        bits >>= 1;
    }
    let mut tag = Digest::Md5.of(&parts);

    for round in 0..ROUNDS {
        let odd = round % 2 == 1;
        let mut parts: Vec<&[u8]> = Vec::with_capacity(4);
        parts.push(if odd { password } else { &tag });
        if round % 3 != 0 {
            parts.push(salt);
        }
        if round % 7 != 0 {
            parts.push(password);
        }
        parts.push(if odd { &tag } else { password });
        let next = Digest::Md5.of(&parts);
        tag = next;
    }
    tag
}
