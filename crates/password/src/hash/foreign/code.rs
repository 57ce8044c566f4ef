//! The alphabets in which hashes are written.
//!
//! Decoding is not strict about case or leftover bits here: whoever decodes a digest encodes
//! it again and compares, see [`Parsed::check`](super::parsed::Parsed::check).

use base64ct::{Base64, Base64Bcrypt, Base64Pbkdf2, Base64ShaCrypt, Base64Unpadded, Encoding as _};
use zeroize::Zeroizing;

/// How the bytes of a digest are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    HexLower,
    HexUpper,
    /// With `=`.
    Base64,
    /// Without `=`.
    Unpadded,
    /// passlib's: `.` for `+`, without `=`.
    Passlib,
    /// OpenBSD's, `./A…Za…z0…9`.
    Bcrypt,
    /// crypt(3)'s, `./0…9A…Za…z`, low bits first.
    Crypt,
    /// crypt(3)'s, over the bytes in the order of `$1$`.
    CryptMd5,
    /// crypt(3)'s, over the bytes in the order of `$5$`.
    CryptSha256,
    /// crypt(3)'s, over the bytes in the order of `$6$`.
    CryptSha512,
}

impl Code {
    /// The text of some bytes.
    pub(super) fn encode(self, bytes: &[u8]) -> String {
        match self {
            Self::HexLower => hex(bytes, false),
            Self::HexUpper => hex(bytes, true),
            Self::Base64 => Base64::encode_string(bytes),
            Self::Unpadded => Base64Unpadded::encode_string(bytes),
            Self::Passlib => Base64Pbkdf2::encode_string(bytes),
            Self::Bcrypt => Base64Bcrypt::encode_string(bytes),
            Self::Crypt => Base64ShaCrypt::encode_string(bytes),
            Self::CryptMd5 | Self::CryptSha256 | Self::CryptSha512 => {
                let mut mixed = Zeroizing::new(Vec::with_capacity(bytes.len()));
                mixed.extend((0..bytes.len()).filter_map(|at| bytes.get(self.place(at))));
                Base64ShaCrypt::encode_string(&mixed)
            }
        }
    }

    /// The bytes of a text, if it is one of this code.
    pub(super) fn decode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::HexLower | Self::HexUpper => unhex(text),
            Self::Base64 => Base64::decode_vec(text).ok(),
            Self::Unpadded => Base64Unpadded::decode_vec(text).ok(),
            Self::Passlib => Base64Pbkdf2::decode_vec(text).ok(),
            Self::Bcrypt => Base64Bcrypt::decode_vec(text).ok(),
            Self::Crypt => Base64ShaCrypt::decode_vec(text).ok(),
            Self::CryptMd5 | Self::CryptSha256 | Self::CryptSha512 => {
                let mixed = Base64ShaCrypt::decode_vec(text).ok()?;
                let mut bytes = vec![0; mixed.len()];
                for (place, byte) in mixed.into_iter().enumerate() {
                    *bytes.get_mut(self.place(place))? = byte;
                }
                Some(bytes)
            }
        }
    }

    /// Which byte of the digest is written at a place. Each of the three functions writes
    /// groups of three bytes that lie a third of the digest apart, in an order of its own.
    const fn place(self, at: usize) -> usize {
        let (group, seat) = (at / 3, at % 3);
        match self {
            Self::CryptMd5 => match at {
                12 => 5,
                13 => 10,
                14 => 4,
                15 => 11,
                _ => group + 6 * (2 - seat),
            },
            Self::CryptSha256 => match at {
                30 | 31 => at,
                _ => group + 10 * ((2 - seat + 2 * group) % 3),
            },
            Self::CryptSha512 => match at {
                63 => at,
                _ => group + 21 * ((2 - seat + group) % 3),
            },
            _ => at,
        }
    }
}

/// Hexadecimal digits.
pub(super) fn hex(bytes: &[u8], upper: bool) -> String {
    let digits = if upper {
        b"0123456789ABCDEF"
    } else {
        b"0123456789abcdef"
    };
    let both = |byte: &u8| [byte >> 4, byte & 15].map(|digit| digits[usize::from(digit)]);
    let text = bytes.iter().flat_map(both).collect();
    String::from_utf8(text).expect("digits are ASCII")
}

/// Base64 with padding.
pub(super) fn base64(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}

/// The salt of bcrypt: 22 signs for 16 bytes. The last has four bits that no byte takes;
/// some writers leave them set, and every reader leaves them out.
pub(super) fn bcrypt_salt(text: &str) -> Option<Vec<u8>> {
    const SIGNS: &[u8] = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let last = text.bytes().next_back()?;
    let value = SIGNS.iter().position(|&sign| sign == last)?;
    let mut plain = text.get(..text.len() - 1)?.to_owned();
    plain.push(char::from(SIGNS[value & 0x30]));
    Base64Bcrypt::decode_vec(&plain).ok()
}

/// The place of a sign in the alphabet of crypt(3).
pub(super) fn crypt_value(sign: u8) -> Option<u8> {
    match sign {
        b'.' | b'/' => Some(sign - b'.'),
        b'0'..=b'9' => Some(sign - b'0' + 2),
        b'A'..=b'Z' => Some(sign - b'A' + 12),
        b'a'..=b'z' => Some(sign - b'a' + 38),
        _ => None,
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |sign: u8| {
        let value = char::from(sign).to_digit(16)?;
        u8::try_from(value).ok()
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs
        .iter()
        .map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?));
    rest.is_empty().then(|| bytes.collect())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_orders_of_crypt_are_those_of_its_tables() {
        // The first and last groups as the sources of crypt(3) list them, highest byte first.
        let rows: &[(Code, usize, &[[usize; 3]])] = &[
            (
                Code::CryptMd5,
                16,
                &[[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5]],
            ),
            (
                Code::CryptSha256,
                32,
                &[[0, 10, 20], [21, 1, 11], [12, 22, 2], [3, 13, 23]],
            ),
            (
                Code::CryptSha512,
                64,
                &[[0, 21, 42], [22, 43, 1], [44, 2, 23], [3, 24, 45]],
            ),
        ];
        for (code, bytes, groups) in rows {
            for (group, [high, middle, low]) in groups.iter().enumerate() {
                let places = [0, 1, 2].map(|seat| code.place(3 * group + seat));
                assert_eq!(places, [*low, *middle, *high], "{code:?} {group}");
            }
            let mut all: Vec<usize> = (0..*bytes).map(|at| code.place(at)).collect();
            all.sort_unstable();
            assert!(all.into_iter().eq(0..*bytes), "{code:?}");
        }
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        let bytes: Vec<u8> = (0..64_u8).map(|at| at.wrapping_mul(37) ^ 11).collect();
        for (code, length) in [
            (Code::HexLower, 7),
            (Code::HexUpper, 7),
            (Code::Base64, 20),
            (Code::Unpadded, 20),
            (Code::Passlib, 20),
            (Code::Bcrypt, 23),
            (Code::Crypt, 32),
            (Code::CryptMd5, 16),
            (Code::CryptSha256, 32),
            (Code::CryptSha512, 64),
        ] {
            let bytes = &bytes[..length];
            assert_eq!(
                code.decode(&code.encode(bytes)).as_deref(),
                Some(bytes),
                "{code:?}"
            );
        }
    }
}
