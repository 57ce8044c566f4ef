//! Browsers that have signed in before, as their tokens say.
//!
//! Clause: CNIL 2022-100, case 2 (an unlock weighed against the lock-out of a victim).

use super::{Throttle, Visitor};
use crate::device::{Device, DeviceToken};
use crate::{AccountKey, Timestamp};

impl Throttle {
    /// A token for the browser of somebody who proved otherwise than by a password to be the
    /// owner of an account, such as by a link sent to its address. `None` under
    /// `trusted-device = "never"`.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn trust(
        &self,
        identifier: &str,
        now: Timestamp,
    ) -> Result<Option<DeviceToken>, getrandom::Error> {
        self.token(self.account(identifier), None, now)
    }

    /// The token of a device, or of one that is drawn.
    pub(super) fn token(
        &self,
        account: AccountKey,
        device: Option<Device>,
        now: Timestamp,
    ) -> Result<Option<DeviceToken>, getrandom::Error> {
        let Some(lifetime) = self.inner.rules.trusted_device else {
            return Ok(None);
        };
        let device = match device {
            Some(device) => device,
            None => Device::drawn()?,
        };
        Ok(Some(device.token(account, &self.inner.keys, now, lifetime)))
    }

    /// Which of some tokens is valid for an account at `now`, if one is: a browser that several
    /// people share may send several, and [`Visitor::device`] takes one.
    pub fn known<'t>(
        &self,
        identifier: &str,
        tokens: impl IntoIterator<Item = &'t str>,
        now: Timestamp,
    ) -> Option<&'t str> {
        let lifetime = self.inner.rules.trusted_device?;
        let (account, keys) = (self.account(identifier), &self.inner.keys);
        let mut tokens = tokens.into_iter();
        tokens.find(|token| Device::of(token, account, keys, now, lifetime).is_some())
    }

    pub(super) fn device(
        &self,
        visitor: &Visitor<'_>,
        account: AccountKey,
        now: Timestamp,
    ) -> Option<Device> {
        let lifetime = self.inner.rules.trusted_device?;
        Device::of(visitor.device?, account, &self.inner.keys, now, lifetime)
    }
}
