//! `[journal]`: what is noted of sign-ins and changes, and for how long.
//!
//! Clauses: CNIL 2022-100, §64 (attempts are logged, without passwords and without
//! identifiers that are not known), and the CNIL's guide of 2024 (kept for six to twelve
//! months, protected from those logged).

use std::path::PathBuf;
use std::time::Duration;

use crate::Size;

pub(crate) mod parse;

/// `[journal]`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct JournalPolicy {
    /// The folder of its files; `None` writes nothing.
    pub folder: Option<PathBuf>,
    /// How long each entry is kept. Default 183 days.
    pub keep: Duration,
    /// The most that its files take together. Default 4 GiB.
    pub most: Size,
}

const DAY: u64 = 24 * 60 * 60;

impl JournalPolicy {
    /// The shortest time that the CNIL's guide recommends: six months.
    pub const SHORTEST: Duration = Duration::from_secs(180 * DAY);

    /// The longest time that the CNIL's guide recommends unless more is justified: a year.
    pub const LONGEST: Duration = Duration::from_secs(366 * DAY);
}

impl Default for JournalPolicy {
    fn default() -> Self {
        Self {
            folder: None,
            keep: Duration::from_secs(183 * DAY),
            most: Size::mib(4096),
        }
    }
}
