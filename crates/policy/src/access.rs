//! `[access]`: how attempts on an account are restricted.
//!
//! Clauses: CNIL 2022-100, case 2 (a growing delay, a captcha, or a block after at most
//! ten failures) and case 3 (a block after three).

use std::path::PathBuf;
use std::time::Duration;

use crate::hash::SecretSource;

pub(crate) mod parse;

/// `[access]`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AccessPolicy {
    /// What happens after failures.
    pub mechanism: Mechanism,
    /// Where the counters live.
    pub store: Store,
    /// How long a silent store is waited for. From 10 ms to 30 s, default 500 ms.
    pub store_deadline: Duration,
    /// What is answered while the store does not.
    pub when_store_is_down: WhenStoreIsDown,
    /// Where the key is kept that turns identifiers into account keys. Always there with a
    /// shared store.
    pub key: Option<SecretSource>,
    /// How long a device that has signed in keeps counters of its own; `None` never. Default
    /// 90 days.
    pub trusted_device: Option<Duration>,
    /// Caps beside those of the account.
    pub limits: Limits,
}

/// `[access.limits]`: failures of a source, of a source on one account, and of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Of one source (an IPv4 address, an IPv6 /64) over all accounts. Default 100 in 1 h.
    pub source: Option<Limit>,
    /// Of one source on one account. Default 8 in 24 h.
    pub pair: Option<Limit>,
    /// Of the whole site. None by default.
    pub site: Option<Limit>,
}

/// At most so many failures at once, freed evenly over a window: a bucket that leaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// From 1 to 1,000,000.
    pub failures: u32,
    /// From 1 s to 30 days.
    pub window: Duration,
}

/// The word of `trusted-device`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoDevice {
    /// No device is trusted.
    Never,
}

/// `mechanism`.
#[derive(Debug, Clone, PartialEq)]
pub enum Mechanism {
    /// Wait longer after each failure.
    Delay(Delay),
    /// Refuse after a number of consecutive failures.
    Block(Block),
    /// Ask for a proof that a person is there; the application provides it.
    Captcha(Captcha),
    /// `"none"`: attempts are not restricted, so only case `password-alone` is lawful.
    None,
}

/// The words of `mechanism`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MechanismKind {
    /// See [`Mechanism::Delay`].
    Delay,
    /// See [`Mechanism::Block`].
    Block,
    /// See [`Mechanism::Captcha`].
    Captcha,
    /// See [`Mechanism::None`].
    None,
}

/// `[access.delay]`: after the n-th failure in a row the wait is `first × factor^(n-1)`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Delay {
    /// The wait after the first failure. Default 4 s.
    pub first: Duration,
    /// What each further failure multiplies the wait by. Over 1; default 2.
    pub factor: f64,
    /// The longest wait. Default 1 h.
    pub max: Duration,
    /// Attempts allowed in any 24 h, from 1 to 1000. Default 25, which is also the most that
    /// case `restricted-access` admits without a deviation.
    pub attempts_per_day: u32,
}

/// `[access.block]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Block {
    /// Consecutive failures before the block. Default 10 (preset `nist` has its own). Without a deviation, at most 10 in
    /// case `restricted-access` and at most 3 in case `device-unlock`.
    pub after: u32,
    /// How the block ends. Default: a link.
    pub unlock: Unlock,
}

/// `unlock`: how a blocked account opens again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlock {
    /// A link sent over a channel validated beforehand.
    Link,
    /// A person of the operator, after checking who asks.
    Operator,
    /// The passing of time. Never in case `device-unlock`; in case `restricted-access` it
    /// leaves at most 25 attempts a day, unless a deviation names the clause.
    After(Duration),
}

/// The words of `unlock`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnlockWord {
    /// See [`Unlock::Link`].
    Link,
    /// See [`Unlock::Operator`].
    Operator,
}

/// `[access.captcha]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Captcha {
    /// Failures before the proof is asked. From 0 to 10; default 3.
    pub after: u32,
}

/// `store`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Store {
    /// In this process; lost at restart.
    Memory,
    /// `"redb:PATH"`, a file on one machine.
    Redb(PathBuf),
    /// `"redis://…"`, shared. A URL with a password is refused; name a secret.
    Redis(Server),
    /// `"postgres://…"`, shared.
    Postgres(Server),
}

/// The address of a shared store, without its password.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Server {
    /// The URL, never with a password in it.
    pub url: String,
    /// `store-password`: where its password is kept.
    pub password: Option<SecretSource>,
}

/// `when-store-is-down`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenStoreIsDown {
    /// `"closed"`: nobody signs in. The default.
    Closed,
    /// `"open"`: attempts pass unrestricted; in the other cases than `password-alone` it
    /// needs a deviation.
    Open,
}

impl Mechanism {
    pub(crate) const fn kind(&self) -> MechanismKind {
        match self {
            Self::Delay(_) => MechanismKind::Delay,
            Self::Block(_) => MechanismKind::Block,
            Self::Captcha(_) => MechanismKind::Captcha,
            Self::None => MechanismKind::None,
        }
    }
}

impl Default for AccessPolicy {
    fn default() -> Self {
        Self {
            mechanism: Mechanism::Delay(Delay::default()),
            store: Store::Memory,
            store_deadline: Duration::from_millis(500),
            when_store_is_down: WhenStoreIsDown::Closed,
            key: None,
            trusted_device: Some(Duration::from_secs(90 * 24 * 60 * 60)),
            limits: Limits::default(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        let limit = |failures, hours: u64| {
            Some(Limit {
                failures,
                window: Duration::from_secs(hours * 60 * 60),
            })
        };
        Self {
            source: limit(100, 1),
            pair: limit(8, 24),
            site: None,
        }
    }
}

impl Delay {
    /// No wait but for the rest of the day, after so many attempts: from 1 to 1000.
    pub const fn only_per_day(attempts: u32) -> Self {
        Self {
            first: Duration::ZERO,
            factor: 2.0,
            max: Duration::ZERO,
            attempts_per_day: attempts,
        }
    }

    /// The wait after a number of failures in a row; none after none.
    pub fn after(&self, failures: u32) -> Duration {
        if failures == 0 {
            return Duration::ZERO;
        }
        let exponent = i32::try_from(failures - 1).unwrap_or(i32::MAX);
        let seconds = self.first.as_secs_f64() * self.factor.powi(exponent);
        // Past the longest wait the product may be infinite, which `min` absorbs.
        Duration::from_secs_f64(seconds.min(self.max.as_secs_f64()))
    }
}

impl Default for Delay {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(4),
            factor: 2.0,
            max: Duration::from_secs(3600),
            attempts_per_day: 25,
        }
    }
}

impl Default for Block {
    fn default() -> Self {
        Self {
            after: 10,
            unlock: Unlock::Link,
        }
    }
}

impl Default for Captcha {
    fn default() -> Self {
        Self { after: 3 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_delay_passes_one_minute_after_five_failures() {
        let delay = Delay::default();
        assert_eq!(delay.after(0), Duration::ZERO);
        assert_eq!(delay.after(1), Duration::from_secs(4));
        assert!(delay.after(5) > Duration::from_secs(60));
        assert_eq!(delay.after(u32::MAX), delay.max);
    }
}
