//! The answer to a range query: every leaked hash that begins with the same five digits.
//!
//! One row per hash, `SUFFIX:COUNT`, with CRLF or LF between rows. Rows of count zero are
//! padding, which hides how many rows there are; some mirrors leave the count out. Anything
//! else is no answer at all: an error page must never read as "not leaked".

use zeroize::Zeroizing;

use crate::Digest;

/// Hexadecimal digits that are sent.
pub const PREFIX: usize = 5;
/// Hexadecimal digits of a SHA-1 after those.
const SUFFIX: usize = 35;
/// Rows of one answer at most; real ones hold some two thousand.
pub const ROWS: usize = 10_000;
/// Bytes of one answer at most.
pub const BYTES: usize = 640 * 1024;

/// The leaked hashes of one range: their last 35 digits, sorted.
#[derive(Clone, PartialEq, Eq)]
pub struct Range {
    suffixes: Vec<[u8; SUFFIX]>,
}

/// Why an answer cannot be read. Holds nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("row {row} of the answer is not a suffix and a count")]
pub struct RangeError {
    /// The row, from 1.
    pub row: usize,
}

/// Shows how many rows there are: which range it is says something of the password.
impl std::fmt::Debug for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Range({} rows)", self.suffixes.len())
    }
}

impl Range {
    /// Reads an answer.
    ///
    /// # Errors
    /// At the first row that is not a suffix with a count, past [`ROWS`] rows or [`BYTES`]
    /// bytes, and for an answer without any row: a real range is never empty.
    pub fn parse(body: &[u8]) -> Result<Self, RangeError> {
        let mut suffixes = Vec::new();
        let mut rows = 0;
        for line in body.split(|&byte| byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() {
                continue;
            }
            rows += 1;
            if rows > ROWS || body.len() > BYTES {
                return Err(RangeError { row: rows });
            }
            let (suffix, count) = row(line).ok_or(RangeError { row: rows })?;
            if count != Some(0) {
                suffixes.push(suffix);
            }
        }
        if rows == 0 {
            return Err(RangeError { row: 1 });
        }
        suffixes.sort_unstable();
        suffixes.dedup();
        Ok(Self { suffixes })
    }

    /// Whether the range has this hash; it must be one of the range's prefix.
    pub fn contains(&self, sha1: &Digest) -> bool {
        let hex = hex_of(sha1);
        hex[PREFIX..]
            .try_into()
            .is_ok_and(|suffix: [u8; SUFFIX]| self.suffixes.binary_search(&suffix).is_ok())
    }

    /// How many leaked hashes it has.
    pub const fn len(&self) -> usize {
        self.suffixes.len()
    }

    /// Whether every row was padding.
    pub const fn is_empty(&self) -> bool {
        self.suffixes.is_empty()
    }
}

/// The five digits that are sent of a hash, in upper case: all that the service learns.
pub fn prefix_of(sha1: &Digest) -> String {
    hex_of(sha1)[..PREFIX]
        .iter()
        .map(|&byte| char::from(byte))
        .collect()
}

/// The digits of a hash, in upper case.
fn hex_of(digest: &Digest) -> Zeroizing<Vec<u8>> {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut hex = Zeroizing::new(Vec::with_capacity(40));
    for byte in digest.bytes() {
        hex.extend([
            DIGITS[usize::from(byte >> 4)],
            DIGITS[usize::from(byte & 0xf)],
        ]);
    }
    hex
}

/// A suffix in upper case, and its count unless it is left out.
fn row(line: &[u8]) -> Option<([u8; SUFFIX], Option<u64>)> {
    let (suffix, rest) = line.split_at_checked(SUFFIX)?;
    if !suffix.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut upper: [u8; SUFFIX] = suffix.try_into().ok()?;
    upper.make_ascii_uppercase();
    if rest.is_empty() {
        return Some((upper, None));
    }
    let digits = rest.strip_prefix(b":")?;
    // A number of more digits than any count could have is no count.
    if digits.is_empty() || digits.len() > 18 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let count = digits
        .iter()
        .fold(0, |count: u64, digit| count * 10 + u64::from(digit - b'0'));
    Some((upper, Some(count)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// SHA-1 of `password`: 5BAA6 and the rest.
    const SUFFIX_OF_PASSWORD: &str = "1E4C9B93F3F0682250B6CF8331B7EE68FD8";

    #[test]
    fn only_five_digits_are_sent() {
        assert_eq!(prefix_of(&Digest::sha1_of("password")), "5BAA6");
    }

    #[test]
    fn rows_and_what_they_say() {
        let other = "0018A45C4D1DEF81644B54AB7F969B88D65";
        let lower = SUFFIX_OF_PASSWORD.to_lowercase();
        for (body, leaked) in [
            (format!("{SUFFIX_OF_PASSWORD}:10\r\n{other}:2"), Some(true)),
            (format!("{other}:2\n{lower}:10\n"), Some(true)),
            (format!("{SUFFIX_OF_PASSWORD}\n"), Some(true)),
            (
                format!("{SUFFIX_OF_PASSWORD}:0\r\n{other}:2\r\n"),
                Some(false),
            ),
            (format!("{other}:2"), Some(false)),
            (format!("{other}:0"), Some(false)),
            // No answer.
            (String::new(), None),
            ("\r\n\r\n".to_owned(), None),
            ("<html>error</html>".to_owned(), None),
            (format!("{other}:2\r\n<html>"), None),
            (format!("{other}:"), None),
            (format!("{other}:-1"), None),
            (format!("{other}:1 "), None),
            (format!("{other}:99999999999999999999"), None),
            (format!("{other}0:1"), None),
            (other[1..].to_owned(), None),
            (format!("{other} :1"), None),
        ] {
            let read = Range::parse(body.as_bytes()).ok();
            let found = read.map(|range| range.contains(&Digest::sha1_of("password")));
            assert_eq!(found, leaked, "{body:?}");
        }
    }

    #[test]
    fn an_answer_without_end_is_refused() {
        let row = format!("{SUFFIX_OF_PASSWORD}:1\n");
        assert!(Range::parse(row.repeat(ROWS).as_bytes()).is_ok());
        assert!(Range::parse(row.repeat(ROWS + 1).as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn padding_and_order_never_change_the_answer(
            leaked in proptest::collection::vec(any::<u32>(), 0..40),
            padding in proptest::collection::vec(any::<u32>(), 1..200),
            asked in any::<u32>(),
            crlf in any::<bool>(),
        ) {
            let suffix = |seed: &u32| format!("{seed:08X}{}", "AB".repeat(14))[..SUFFIX].to_owned();
            let mut rows: Vec<String> = leaked.iter().map(|seed| suffix(seed) + ":3").collect();
            rows.extend(padding.iter().filter(|seed| !leaked.contains(seed)).map(|seed| suffix(seed) + ":0"));
            rows.sort();
            prop_assume!(!rows.is_empty());
            let body = rows.join(if crlf { "\r\n" } else { "\n" });
            let range = Range::parse(body.as_bytes()).expect("a good answer");
            let digest = Digest::from_hex(&format!("00000{}", suffix(&asked))).expect("a hash");
            prop_assert_eq!(range.contains(&digest), leaked.contains(&asked));
        }

        #[test]
        fn any_bytes_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(range) = Range::parse(&body) {
                prop_assert!(body.len() >= range.len() * SUFFIX);
            }
        }
    }
}
