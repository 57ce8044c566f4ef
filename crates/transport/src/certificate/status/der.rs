//! The little of DER that a status is made of.
//!
//! Absent on purpose: tags of several bytes and lengths without an end, neither of which a
//! status holds.

pub(super) const ENUMERATED: u8 = 0x0a;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const NULL: u8 = 0x05;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;

/// `[number]` around other values.
pub(super) const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// `[number]` in the place of a plain value's own tag.
pub(super) const fn bare(number: u8) -> u8 {
    0x80 | number
}

/// One value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value<'a> {
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
    /// With its tag and length.
    pub(super) whole: &'a [u8],
}

/// Values in a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next value, whatever it is.
    pub(super) fn any(&mut self) -> Option<Value<'a>> {
        let (&[tag, first], rest) = self.0.split_first_chunk()?;
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x83 => {
                let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                let length = length
                    .iter()
                    .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
                (length, rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        let whole = self.0.get(..self.0.len() - rest.len())?;
        self.0 = rest;
        Some(Value {
            tag,
            content,
            whole,
        })
    }

    /// The next value, if it has this tag; nothing is taken otherwise.
    pub(super) fn optional(&mut self, tag: u8) -> Option<Value<'a>> {
        let mut ahead = *self;
        let value = ahead.any().filter(|value| value.tag == tag)?;
        *self = ahead;
        Some(value)
    }

    /// What is inside the next value, which has this tag.
    pub(super) fn inside(&mut self, tag: u8) -> Option<Self> {
        Some(Self(self.optional(tag)?.content))
    }

    /// The one value that is left, with this tag.
    pub(super) fn only(mut self, tag: u8) -> Option<Value<'a>> {
        let value = self.optional(tag)?;
        self.is_empty().then_some(value)
    }
}

/// A value of these parts.
pub(super) fn value(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut made = vec![tag];
    match u8::try_from(length) {
        Ok(short @ 0..=0x7f) => made.push(short),
        _ => {
            let bytes = length.to_be_bytes();
            let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
            let bytes = bytes.get(zeros..).unwrap_or_default();
            // At most eight.
            made.push(0x80 | bytes.len() as u8);
            made.extend_from_slice(bytes);
        }
    }
    made.extend(parts.iter().copied().flatten());
    made
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_made_is_read_back() {
        for length in [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000] {
            let content = vec![7; length];
            let made = value(OCTET_STRING, &[&content]);
            let read = Reader(&made).only(OCTET_STRING).map(|value| value.content);
            assert_eq!(read, Some(&content[..]), "{length}");
            assert!(Reader(&made).only(SEQUENCE).is_none());
            assert!(Reader(&made[..made.len() - 1]).any().is_none(), "{length}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_are_read_twice_or_beyond_the_end(bytes: Vec<u8>) {
            let mut reader = Reader(&bytes);
            let mut taken = 0;
            while let Some(value) = reader.any() {
                taken += value.whole.len();
                prop_assert!(value.content.len() < value.whole.len());
            }
            prop_assert_eq!(taken + reader.0.len(), bytes.len());
        }
    }
}
