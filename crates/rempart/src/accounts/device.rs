//! A trusted device is trusted for one password of each of its accounts.
//!
//! Clause: CNIL 2022-100, case 2 (an unlock weighed against the lock-out of a victim). The
//! token of [`access`] names a device of an account and ends by time; here it also names the
//! generation of the password, so that a reset or a compromise forgets every device.
//!
//! One cookie holds the tokens of the [`MOST`] accounts that signed in last from this browser: a
//! family that shares one has none of its members locked out by strangers, and is not written
//! to about a new device each time that another one signs in.

use std::fmt;
use std::time::Duration;

use access::{DeviceToken, Visitor};

use super::Accounts;
use crate::account::Account;
use crate::credential::Generation;
use crate::random::hex;

/// What a browser keeps to be known again. A secret of little worth: whoever steals it has
/// tries of his own on a few accounts, no access.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceCookie {
    text: String,
    lifetime: Duration,
}

/// Accounts that one browser may be known for.
const MOST: usize = 5;

/// Between two accounts, and between the generation and the token of one. Neither is in them.
const BETWEEN_ACCOUNTS: char = '~';
const BETWEEN: char = '.';

/// More bytes than any token has.
const LONGEST: usize = 128;

impl DeviceCookie {
    /// The name of the cookie. Its prefix keeps other hosts of the domain from setting it.
    pub const NAME: &str = DeviceToken::COOKIE;

    /// The cookie of an account whose password is of the generation `new`, and until now was of
    /// `old`, with what the browser has of other accounts.
    pub(super) fn new(
        token: &DeviceToken,
        new: Generation,
        old: Generation,
        sent: Option<&str>,
    ) -> Self {
        let (new, old) = (hex(new.bytes()), hex(old.bytes()));
        let mut text = format!("{new}{BETWEEN}{}", token.as_str());
        let others = entries(sent.unwrap_or_default())
            .filter(|(generation, _)| *generation != new && *generation != old);
        for (generation, token) in others.take(MOST - 1) {
            text += &format!("{BETWEEN_ACCOUNTS}{generation}{BETWEEN}{token}");
        }
        Self {
            text,
            lifetime: token.lifetime(),
        }
    }

    /// The token in the text of a cookie, if one is of the generation of a password.
    pub(super) fn token(cookie: &str, generation: Generation) -> Option<&str> {
        let own = hex(generation.bytes());
        entries(cookie)
            .find(|(generation, _)| *generation == own)
            .map(|(_, token)| token)
    }

    /// The text to keep: letters, digits, `-`, `_`, `.` and `~`.
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

impl Accounts {
    /// The cookie of a browser whose person proved to be the owner by a link. None if the system
    /// gives no randomness: the person goes on without.
    pub(super) fn trusted(
        &self,
        account: &Account,
        new: Generation,
        old: Generation,
        visitor: &Visitor<'_>,
    ) -> Option<DeviceCookie> {
        let trusted = self.login.throttle().trust(account.as_str(), self.now());
        let token = trusted.ok().flatten()?;
        Some(DeviceCookie::new(&token, new, old, visitor.device))
    }
}

/// The generations and tokens of a cookie, which a browser may have made up. What is read is
/// written back, so it holds no sign that a field of HTTP may not.
fn entries(cookie: &str) -> impl Iterator<Item = (&str, &str)> {
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    cookie
        .split(BETWEEN_ACCOUNTS)
        .take(MOST)
        .filter_map(|entry| entry.split_once(BETWEEN))
        .filter(move |(generation, token)| {
            generation.len() == 32
                && token.len() <= LONGEST
                && generation.bytes().chain(token.bytes()).all(is_sign)
        })
}

impl fmt::Debug for DeviceCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceCookie(..)")
    }
}
