//! Letters and numbers of every script, told in the same short time.
//!
//! The tables of the standard library are searched, and for some scripts that takes a hundred
//! nanoseconds: four thousand such letters, looked at by each rule, would cost milliseconds.
//! `build.rs` writes the same answers as bits; above them the library is asked.

static LETTERS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/letters.bits"));
static NUMBERS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/numbers.bits"));

/// As [`char::is_alphabetic`].
pub(crate) fn is_letter(sign: char) -> bool {
    told_by(LETTERS, sign).unwrap_or_else(|| sign.is_alphabetic())
}

/// As [`char::is_numeric`].
pub(crate) fn is_number(sign: char) -> bool {
    told_by(NUMBERS, sign).unwrap_or_else(|| sign.is_numeric())
}

fn told_by(bits: &[u8], sign: char) -> Option<bool> {
    let place = sign as usize;
    bits.get(place / 8).map(|byte| byte >> (place % 8) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_is_what_the_library_says() {
        for sign in '\0'..=char::MAX {
            assert_eq!(is_letter(sign), sign.is_alphabetic(), "{sign:?}");
            assert_eq!(is_number(sign), sign.is_numeric(), "{sign:?}");
        }
    }
}
