//! A hash taken apart: what to compute, and where its digest lies in the text.

use std::ops::Range;

use zeroize::Zeroizing;

use super::class::{CostClass, Function};
use super::code::Code;
use super::error::{ForeignError, Kind, Notation};

/// Bytes of a digest: those that writers use. Of a short one, many passwords would be right.
const TAGS: [usize; 6] = [16, 20, 23, 32, 48, 64];
/// Bytes of a salt.
const SALT: std::ops::RangeInclusive<usize> = 0..=128;

/// A hash taken apart.
#[derive(Clone)]
pub(super) struct Parsed {
    /// Whether it may be verified, or only wrapped.
    pub(super) kind: Kind,
    pub(super) class: CostClass,
    pub(super) salt: Vec<u8>,
    pub(super) tag: Vec<u8>,
    /// Where the digest is written; `None` where it cannot be replaced in the text.
    pub(super) field: Option<Field>,
}

/// The part of a text that depends on the password.
#[derive(Clone)]
pub(super) struct Field {
    pub(super) place: Range<usize>,
    pub(super) code: Code,
    /// Bytes that are encoded together with the digest: a salt before it …
    pub(super) lead: Vec<u8>,
    /// … or after it.
    pub(super) trail: Vec<u8>,
}

/// Why a text is not a hash of its notation.
pub(super) enum Fault {
    /// It cannot be read.
    Fields,
    /// It asks for too much work.
    Cost,
}

impl Parsed {
    /// The parts, checked against the caps.
    pub(super) fn new(
        kind: Kind,
        function: Function,
        salt: Vec<u8>,
        tag: Vec<u8>,
    ) -> Result<Self, Fault> {
        if !TAGS.contains(&tag.len()) || !SALT.contains(&salt.len()) {
            return Err(Fault::Fields);
        }
        if !function.is_within_caps() {
            return Err(Fault::Cost);
        }
        Ok(Self {
            kind,
            class: CostClass(function),
            salt,
            tag,
            field: None,
        })
    }

    /// The same, with its digest at a place of the text.
    pub(super) fn written(self, place: Range<usize>, code: Code) -> Self {
        self.written_with(place, code, Vec::new(), Vec::new())
    }

    /// The same, with bytes that share the field of the digest.
    pub(super) fn written_with(
        mut self,
        place: Range<usize>,
        code: Code,
        lead: Vec<u8>,
        trail: Vec<u8>,
    ) -> Self {
        self.field = Some(Field {
            place,
            code,
            lead,
            trail,
        });
        self
    }

    /// The same in a longer text, of which `bytes` come before.
    pub(super) fn after(mut self, bytes: usize) -> Self {
        if let Some(Field { place, .. }) = &mut self.field {
            *place = place.start + bytes..place.end + bytes;
        }
        self
    }

    /// The same, if the digest is written in this text as its writer writes it: the same
    /// hash has one text only, and a wrapped text can be computed again.
    pub(super) fn check(self, text: &str) -> Result<Self, Fault> {
        match &self.field {
            Some(field) if !field.is_written(text, &self.tag) => Err(Fault::Fields),
            _ => Ok(self),
        }
    }
}

impl Field {
    /// The text with another digest in this field.
    pub(super) fn splice(&self, text: &str, tag: &[u8]) -> Option<String> {
        let Range { start, end } = self.place;
        let (before, after) = (text.get(..start)?, text.get(end..)?);
        Some([before, &self.digest(tag), after].concat())
    }

    /// Whether the field of the text holds this digest as its writer writes it.
    fn is_written(&self, text: &str, tag: &[u8]) -> bool {
        text.get(self.place.clone()) == Some(self.digest(tag).as_str())
    }

    /// What this field says for a digest.
    fn digest(&self, tag: &[u8]) -> Zeroizing<String> {
        Zeroizing::new(match (&self.lead[..], &self.trail[..]) {
            ([], []) => self.code.encode(tag),
            (lead, trail) => {
                let bytes = Zeroizing::new([lead, tag, trail].concat());
                self.code.encode(&bytes)
            }
        })
    }
}

impl Fault {
    /// The error of a text in this notation.
    pub(super) const fn of(self, notation: Notation) -> ForeignError {
        match self {
            Self::Fields => ForeignError::Malformed(notation),
            Self::Cost => ForeignError::Cost(notation),
        }
    }
}

/// A number as every writer writes it: decimal digits without a sign or a leading zero. One
/// that is too large for its type is the largest, which is over every cap.
pub(super) fn number(text: &str) -> Result<u32, Fault> {
    let plain = !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'));
    if plain {
        Ok(text.parse().unwrap_or(u32::MAX))
    } else {
        Err(Fault::Fields)
    }
}

/// The exponent of a power of two.
pub(super) fn power(number: u32) -> Result<u8, Fault> {
    if number.is_power_of_two() {
        u8::try_from(number.ilog2()).map_err(|_| Fault::Fields)
    } else if number == u32::MAX {
        Err(Fault::Cost)
    } else {
        Err(Fault::Fields)
    }
}

/// The length of something short; what is longer is refused for its length elsewhere.
pub(super) fn short(length: usize) -> u8 {
    u8::try_from(length).unwrap_or(u8::MAX)
}
