//! `[login]`: the life of a password after it was chosen.
//!
//! Clauses: CNIL 2022-100, change, renewal and reset; compromise and information.

use std::time::Duration;

pub(crate) mod parse;

/// `[login]`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoginPolicy {
    /// How long a reset link works. At most 24 h, default 1 h.
    pub reset_link_lifetime: Duration,
    /// How long an attributed (temporary) password works before it must be changed. Default 24 h.
    pub temporary_password_lifetime: Duration,
    /// After how long a privileged account's password is renewed; `None` never. Default 365 days.
    pub privileged_renewal: Option<Duration>,
    /// How many former passwords are refused. 0 to 24, default 0.
    pub history: u32,
    /// How soon the person is told of a compromise. At most 72 h, the default.
    pub compromise_delay: Duration,
    /// How long a contact that has just changed cannot receive a link. Default 24 h.
    pub contact_delay: Duration,
}

/// The word of `privileged-renewal`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Never {
    /// No renewal.
    Never,
}

const HOUR: u64 = 60 * 60;

impl LoginPolicy {
    /// The longest life of a reset link (CNIL 2022-100, to be confirmed).
    pub const LONGEST_RESET_LINK: Duration = Duration::from_secs(24 * HOUR);

    /// The latest notice of a compromise (CNIL 2022-100, to be confirmed).
    pub const LONGEST_COMPROMISE_DELAY: Duration = Duration::from_secs(72 * HOUR);
}

impl Default for LoginPolicy {
    fn default() -> Self {
        Self {
            reset_link_lifetime: Duration::from_secs(HOUR),
            temporary_password_lifetime: Duration::from_secs(24 * HOUR),
            privileged_renewal: Some(Duration::from_secs(365 * 24 * HOUR)),
            history: 0,
            compromise_delay: Duration::from_secs(72 * HOUR),
            contact_delay: Duration::from_secs(24 * HOUR),
        }
    }
}
