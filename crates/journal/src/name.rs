//! The names of the journal's files.
//!
//! `2026-11-24_20261124T220504.123456Z_0000012345_0000.jsonl`: the UTC day of its events, when
//! its journal was opened, the process, and a part. Names sort by day, then by journal, then
//! by part, and no two journals share a file.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

/// The name of a file of the journal; no other name is one.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileName(Arc<str>);

/// Days are told in ten characters (`2026-11-24`).
const DAY: usize = 10;
const LENGTH: usize = "2026-11-24_20261124T220504.123456Z_0000012345_0000.jsonl".len();
const SHAPE: &[u8; LENGTH] = b"0000-00-00_00000000T000000.000000Z_0000000000_0000.jsonl";

impl FileName {
    /// The most parts of one journal in one day.
    pub(crate) const PARTS: u32 = 10_000;

    pub(crate) fn new(day: Date, opened: Timestamp, process: u32, part: u32) -> Self {
        let opened = Offset::UTC.to_datetime(opened);
        let name = format!(
            "{day}_{}_{process:010}_{part:04}.jsonl",
            opened.strftime("%Y%m%dT%H%M%S.%6fZ")
        );
        Self(name.into())
    }

    /// A name found in a folder.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let fits = name.len() == LENGTH
            && name.bytes().zip(SHAPE).all(|(byte, &shape)| match shape {
                b'0' => byte.is_ascii_digit(),
                _ => byte == shape,
            });
        let known = fits && name[..DAY].parse::<Date>().is_ok();
        known.then(|| Self(name.into()))
    }

    /// The UTC day of its events.
    pub fn day(&self) -> Date {
        self.0[..DAY]
            .parse()
            .expect("a file name starts with a day")
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
