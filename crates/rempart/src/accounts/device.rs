//! A trusted device is trusted for one password only.
//!
//! Clause: CNIL 2022-100, case 2 (an unlock weighed against the lock-out of a victim). The
//! token of [`access`] names a device of an account and ends by time; here it also names the
//! generation of the password, so that a reset or a compromise forgets every device.

use std::fmt;
use std::time::Duration;

use access::DeviceToken;

use crate::credential::{Credential, Generation};
use crate::random::hex;

/// What a browser keeps to be known again. A secret of little worth: whoever steals it has
/// tries of his own on one account, no access.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceCookie {
    text: String,
    lifetime: Duration,
}

/// Between the generation and the token; it is in neither.
const BETWEEN: char = '.';

impl DeviceCookie {
    /// The name of the cookie. Its prefix keeps other hosts of the domain from setting it.
    pub const NAME: &str = DeviceToken::COOKIE;

    pub(super) fn new(generation: Generation, token: &DeviceToken) -> Self {
        Self {
            text: format!("{}{BETWEEN}{}", hex(generation.bytes()), token.as_str()),
            lifetime: token.lifetime(),
        }
    }

    /// The token in the text of a cookie, if it is of the password that the account has.
    pub(super) fn token<'c>(cookie: &'c str, credential: &Credential) -> Option<&'c str> {
        let (generation, token) = cookie.split_once(BETWEEN)?;
        (generation == hex(credential.generation.bytes())).then_some(token)
    }

    /// The text to keep: letters, digits, `-`, `_` and `.`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How long it is valid from when it was given out.
    pub const fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// The value of a `Set-Cookie` field that keeps it.
    pub fn set_cookie(&self) -> String {
        format!(
            "{}={}; Max-Age={}; Path=/; Secure; HttpOnly; SameSite=Lax",
            Self::NAME,
            self.text,
            self.lifetime.as_secs()
        )
    }
}

impl fmt::Debug for DeviceCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceCookie(..)")
    }
}
