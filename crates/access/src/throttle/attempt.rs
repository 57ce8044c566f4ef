//! An attempt that was admitted, and what becomes of it.
//!
//! Clause: CNIL 2022-100, case 2: what is not known to have succeeded has failed.

use std::fmt;

use super::{Throttle, ThrottleError};
use crate::device::{Device, DeviceToken};
use crate::store::TakenBack;
use crate::{AccountKey, Ask, Presence, Timestamp};

/// One permitted try. Its failure is already counted, so losing this value (panic, timeout,
/// closed connection) never helps an attacker.
///
/// ```compile_fail,E0451
/// // An attempt cannot be made by hand, only admitted.
/// fn forge(other: access::Attempt) -> access::Attempt {
///     access::Attempt { unrestricted: None, ..other }
/// }
/// ```
///
/// ```compile_fail,E0382
/// // Nor does it succeed twice.
/// async fn twice(attempt: access::Attempt) {
///     attempt.succeed().await;
///     attempt.succeed().await;
/// }
/// ```
#[must_use = "an attempt not settled stays a failure"]
pub struct Attempt {
    pub(super) throttle: Throttle,
    pub(super) account: AccountKey,
    pub(super) device: Option<Device>,
    pub(super) ask: Ask,
    pub(super) unrestricted: Option<ThrottleError>,
}

/// An attempt that succeeded.
pub struct Success {
    throttle: Throttle,
    account: AccountKey,
    device: Option<Device>,
    at: Timestamp,
    unsettled: Option<ThrottleError>,
}

impl Attempt {
    /// The password was right: the failure is taken back, and with it the account's failures in
    /// a row. Also when the store is down, in which case the failure may stay counted.
    pub async fn succeed(self) -> Success {
        let unsettled = match self.unrestricted {
            // What may not have been counted is not taken back.
            Some(error) => Some(error),
            None if self.ask.counters.is_empty() => None,
            None => {
                let store = &self.throttle.inner.store;
                self.throttle.within(store.succeed(&self.ask)).await.err()
            }
        };
        Success {
            at: self.ask.now,
            throttle: self.throttle,
            account: self.account,
            device: self.device,
            unsettled,
        }
    }

    /// The attempt reached nobody, or was not refused where an answer cannot say more: its own
    /// failure is taken back, those before it stay, and the browser becomes no trusted device.
    /// Gives why the failure may still be counted, for the journal.
    pub async fn excuse(mut self) -> Option<ThrottleError> {
        self.ask.taken_back = TakenBack::One;
        self.succeed().await.unsettled
    }

    /// The attempt was answered, and whether it was right is not known: nothing says so that a
    /// guesser could not bring about, or nothing at all. As [`Attempt::excuse`], but it stays in the
    /// day's cap of the account and of its spellings. Gives why the failure may still be counted, for
    /// the journal.
    pub async fn unproven(mut self) -> Option<ThrottleError> {
        self.ask.taken_back = TakenBack::Unproven;
        self.succeed().await.unsettled
    }

    /// The account that is tried.
    pub const fn account(&self) -> AccountKey {
        self.account
    }

    /// Whether the attempt was made with the answer to a question: see
    /// [`Challenge`](crate::Challenge).
    pub const fn is_answered(&self) -> bool {
        matches!(self.ask.presence, Presence::ProvedAt(_))
    }

    /// Whether the attempt comes from a trusted device of the account.
    pub const fn is_from_trusted_device(&self) -> bool {
        self.device.is_some()
    }

    /// Why the attempt was admitted without being counted: the store was down, and the policy
    /// says `when-store-is-down = "open"`. For the journal.
    pub const fn unrestricted(&self) -> Option<&ThrottleError> {
        self.unrestricted.as_ref()
    }
}

impl Success {
    /// What the browser may keep to have a counter of its own from now on; the same device as
    /// before with its time begun again, if it had a valid token. `None` under
    /// `trusted-device = "never"`.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn device_token(&self) -> Result<Option<DeviceToken>, getrandom::Error> {
        self.throttle.token(self.account, self.device, self.at)
    }

    /// The account that signed in.
    pub const fn account(&self) -> AccountKey {
        self.account
    }

    /// Why the failure may still be counted. For the journal.
    pub const fn unsettled(&self) -> Option<&ThrottleError> {
        self.unsettled.as_ref()
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attempt({:?})", self.account)
    }
}

impl fmt::Debug for Success {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Success({:?})", self.account)
    }
}
