//! One line of a published corpus: `HASH:COUNT`, or `SUFFIX:COUNT` in a file of one range.
//!
//! The corpora are written by others and copied by many: either case, LF or CR LF, and a
//! missing count are all in use. Anything else is a bad row, which is counted and named by
//! its place, never shown.

use policy::Text;

use crate::Kind;
use crate::digest::hex;

/// What a good row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    /// The first 64 bits of the hash.
    pub(crate) key: u64,
    /// How often the password was seen; 0 marks a row that only pads an answer.
    pub(crate) count: u64,
}

/// Why a row is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadRow {
    /// The hash is too short or too long.
    Length,
    /// The hash has the length of one of the other kind.
    OtherKind,
    /// A sign of the hash is no hexadecimal digit.
    NotHex,
    /// The count is no number.
    Count,
    /// The line is longer than any row.
    TooLong,
}

impl BadRow {
    /// Every reason.
    pub const ALL: [Self; 5] = [
        Self::Length,
        Self::OtherKind,
        Self::NotHex,
        Self::Count,
        Self::TooLong,
    ];

    /// The reason in French and English.
    pub fn reason(self) -> Text {
        match self {
            Self::Length => Text::new(
                "l’empreinte n’a pas la bonne longueur",
                "the hash has a wrong length",
            ),
            Self::OtherKind => Text::new(
                "l’empreinte a la longueur de l’autre sorte (voir --kind)",
                "the hash has the length of the other kind (see --kind)",
            ),
            Self::NotHex => Text::new(
                "l’empreinte n’est pas hexadécimale",
                "the hash is not hexadecimal",
            ),
            Self::Count => Text::new(
                "le nombre d’occurrences n’est pas un nombre",
                "the count is not a number",
            ),
            Self::TooLong => Text::new("la ligne est trop longue", "the line is too long"),
        }
    }
}

/// Hexadecimal digits in the name of a range: 20 bits.
pub(crate) const PREFIX_DIGITS: usize = 5;

/// Hexadecimal digits in a key.
const KEY_DIGITS: usize = 16;

/// Reads a row without its line end. In a file of one range, `prefix` is its name and the
/// row has the rest of the hash.
pub(crate) fn parse(line: &[u8], kind: Kind, prefix: Option<u32>) -> Result<Row, BadRow> {
    let (hash, count) = match line.iter().position(|&byte| byte == b':') {
        Some(colon) => (&line[..colon], Some(&line[colon + 1..])),
        None => (line, None),
    };
    let known = if prefix.is_some() { PREFIX_DIGITS } else { 0 };
    if hash.len() + known != 2 * kind.length() {
        let other = Kind::ALL
            .into_iter()
            .any(|kind| hash.len() + known == 2 * kind.length());
        return Err(if other {
            BadRow::OtherKind
        } else {
            BadRow::Length
        });
    }
    let (first, rest) = hash.split_at(KEY_DIGITS - known);
    let mut key = u64::from(prefix.unwrap_or(0));
    for &digit in first {
        key = key << 4 | u64::from(hex(digit).ok_or(BadRow::NotHex)?);
    }
    if !rest.iter().all(u8::is_ascii_hexdigit) {
        return Err(BadRow::NotHex);
    }
    let count = match count {
        Some(digits) => number(digits).ok_or(BadRow::Count)?,
        None => 1,
    };
    Ok(Row { key, count })
}

fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, &digit| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_in_every_published_form() {
        let key = 0x5baa_61e4_c9b9_3f3f;
        let sha1 = "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8";
        for (line, count) in [
            (format!("{sha1}:10434004"), 10_434_004),
            (format!("{}:1", sha1.to_lowercase()), 1),
            (format!("{sha1}:0"), 0),
            (sha1.to_owned(), 1),
            (format!("{sha1}:18446744073709551615"), u64::MAX),
        ] {
            let row = Ok(Row { key, count });
            assert_eq!(parse(line.as_bytes(), Kind::Sha1, None), row, "{line}");
            assert_eq!(parse(&line.as_bytes()[5..], Kind::Sha1, Some(0x5baa6)), row);
        }
        let ntlm = b"8846F7EAEE8FB117AD06BDD830B7586C:3";
        let row = Ok(Row {
            key: 0x8846_f7ea_ee8f_b117,
            count: 3,
        });
        assert_eq!(parse(ntlm, Kind::Ntlm, None), row);
        assert_eq!(parse(&ntlm[5..], Kind::Ntlm, Some(0x8846f)), row);
    }

    #[test]
    fn bad_rows_say_why() {
        let sha1 = "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8";
        for (line, reason) in [
            ("password:3".to_owned(), BadRow::Length),
            (format!("{sha1}0:1"), BadRow::Length),
            (format!(" {sha1}:1"), BadRow::Length),
            (format!("{}:1", &sha1[..32]), BadRow::OtherKind),
            (format!("{}G:1", &sha1[..39]), BadRow::NotHex),
            (format!("G{}:1", &sha1[..39]), BadRow::NotHex),
            (format!("{sha1}:"), BadRow::Count),
            (format!("{sha1}:-1"), BadRow::Count),
            (format!("{sha1}:1 "), BadRow::Count),
            (format!("{sha1}:1:2"), BadRow::Count),
            (format!("{sha1}:18446744073709551616"), BadRow::Count),
            (String::new(), BadRow::Length),
            (":".to_owned(), BadRow::Length),
        ] {
            assert_eq!(
                parse(line.as_bytes(), Kind::Sha1, None),
                Err(reason),
                "{line}"
            );
        }
    }
}
