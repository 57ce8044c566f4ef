//! Devices that have signed in before, so that a stranger cannot lock out a known browser.
//!
//! Clauses: CNIL 2022-100, case 2 (an unlock weighed against the lock-out of a victim). Idea:
//! OWASP, "Slow Down Online Guessing Attacks with Device Cookies".
//!
//! Absent on purpose: a list of devices. A token says by itself what it is and is checked
//! without storage; it ends by time, or when the key of `[access]` changes. It proves nothing
//! about who holds it: it only decides which counter counts.

use std::fmt;
use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::Mac;

use crate::{AccountKey, CounterKey, KeyMaker, Timestamp};

/// What a browser keeps to be known again: given out after a success, for one account.
///
/// A valid one replaces the counters of the account and of the source on it by a counter of
/// the device, under the same restriction, and under a block or a captcha the day's cap on the
/// spellings of its name by one of its own. The counters of the source and of the site stay.
///
/// # What it means for the CNIL's figures
/// Délibération 2022-100 recommends at most 25 attempts in 24 hours for an account. Strangers
/// have these 25 together. Each trusted device has its own 25 beside them, so that an account
/// with n devices may see 25 × (n + 1): somebody who guesses from a device on which the right
/// password was typed before is counted apart from the others, not less. Who wants 25 in all
/// writes `trusted-device = "never"`, and accepts that a stranger can lock the owner out.
///
/// # How to keep it
/// In a cookie that only the server can read and that is sent over TLS only; [`set_cookie`]
/// makes the field. It is a secret of little worth: whoever steals it has tries of his own on
/// one account, no access.
///
/// [`set_cookie`]: Self::set_cookie
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceToken {
    text: String,
    lifetime: Duration,
}

/// A device, as a valid token names it.
#[derive(Clone, Copy)]
pub(crate) struct Device([u8; ID]);

impl DeviceToken {
    /// The name of the cookie. Its prefix keeps other hosts of the domain from setting it
    /// (RFC 6265bis, 4.1.3.2).
    pub const COOKIE: &str = "__Host-rempart-device";

    /// The token's text, of letters, digits, `-` and `_`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How long it is valid from when it was given out.
    pub const fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// The value of a `Set-Cookie` field that keeps the token.
    pub fn set_cookie(&self) -> String {
        format!(
            "{}={}; Max-Age={}; Path=/; Secure; HttpOnly; SameSite=Lax",
            Self::COOKIE,
            self.text,
            self.lifetime.as_secs()
        )
    }
}

/// A token is not for logs.
impl fmt::Debug for DeviceToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceToken(..)")
    }
}

impl Device {
    /// A device that was not known before.
    pub(crate) fn drawn() -> Result<Self, getrandom::Error> {
        let mut id = [0; ID];
        getrandom::fill(&mut id)?;
        Ok(Self(id))
    }

    /// The device of a token, if the token was sealed for this account under this key, not
    /// after `now` (give or take [`Timestamp::SLACK`]) and less than `lifetime` ago.
    pub(crate) fn of(
        token: &str,
        account: AccountKey,
        keys: &KeyMaker,
        now: Timestamp,
        lifetime: Duration,
    ) -> Option<Self> {
        let mut bytes = [0; TOKEN];
        let bytes = Base64UrlUnpadded::decode(token, &mut bytes).ok()?;
        let (content, seal) = bytes.split_at_checked(CONTENT)?;
        let mut mac = keys.token(account);
        mac.update(content);
        // In a time that does not depend on where they differ; a short seal is refused.
        mac.verify_slice(seal).ok()?;
        let (version, content) = content.split_first()?;
        let (id, issued) = content.split_first_chunk::<ID>()?;
        let issued = Timestamp::from_micros(u64::from_be_bytes(issued.try_into().ok()?));
        let valid = *version == VERSION
            && issued.since(now) <= Timestamp::SLACK
            && now.since(issued) < lifetime;
        valid.then_some(Self(*id))
    }

    /// A token that names this device, given out at `now`.
    pub(crate) fn token(
        self,
        account: AccountKey,
        keys: &KeyMaker,
        now: Timestamp,
        lifetime: Duration,
    ) -> DeviceToken {
        let mut bytes = Vec::with_capacity(TOKEN);
        bytes.push(VERSION);
        bytes.extend(self.0);
        bytes.extend(now.micros().to_be_bytes());
        let mut mac = keys.token(account);
        mac.update(&bytes);
        bytes.extend(mac.finalize().into_bytes());
        DeviceToken {
            text: Base64UrlUnpadded::encode_string(&bytes),
            lifetime,
        }
    }

    pub(crate) fn counter(self, account: AccountKey, keys: &KeyMaker) -> CounterKey {
        keys.device(account, &self.0)
    }

    /// The counter of its attempts of a day.
    pub(crate) fn day(self, account: AccountKey, keys: &KeyMaker) -> CounterKey {
        keys.device_day(account, &self.0)
    }
}

const VERSION: u8 = 1;
const ID: usize = 16;

/// The version, the device, and when the token was given out.
const CONTENT: usize = 1 + ID + 8;

/// The same with its seal, HMAC-SHA-256.
const TOKEN: usize = CONTENT + 32;

#[cfg(test)]
mod tests {
    use super::*;

    const LIFETIME: Duration = Duration::from_secs(90 * 86_400);

    fn at(seconds: u64) -> Timestamp {
        Timestamp::new(Duration::from_secs(1_800_000_000 + seconds))
    }

    fn keys() -> KeyMaker {
        KeyMaker::with_secret([7; 32])
    }

    fn token() -> String {
        let ana = keys().account("ana");
        let token = Device([5; ID]).token(ana, &keys(), at(0), LIFETIME);
        token.as_str().to_owned()
    }

    fn is_known(token: &str, name: &str, keys: &KeyMaker, now: Timestamp) -> bool {
        Device::of(token, keys.account(name), keys, now, LIFETIME).is_some()
    }

    #[test]
    fn a_token_is_valid_for_its_account_and_time_only() {
        let end = LIFETIME.as_secs();
        for (name, seconds, valid) in [
            ("ana", 0, true),
            (" ANA", 1, true),
            ("ana", end - 1, true),
            ("ana", end, false),
            ("bob", 1, false),
            ("", 1, false),
        ] {
            assert_eq!(
                is_known(&token(), name, &keys(), at(seconds)),
                valid,
                "{name} at {seconds} s"
            );
        }
        let before = |seconds: u64| Timestamp::new(Duration::from_secs(1_800_000_000 - seconds));
        assert!(is_known(&token(), "ana", &keys(), before(10)));
        assert!(!is_known(&token(), "ana", &keys(), before(11)));
        let shorter = Duration::from_secs(60);
        let ana = keys().account("ana");
        assert!(Device::of(&token(), ana, &keys(), at(60), shorter).is_none());
    }

    #[test]
    fn another_key_or_another_site_knows_no_token() {
        let other = KeyMaker::with_secret([8; 32]);
        assert!(!is_known(&token(), "ana", &other, at(1)));
        assert!(!is_known(&token(), "ana", &keys().for_site("shop"), at(1)));
    }

    #[test]
    fn a_token_changed_in_any_character_is_none() {
        let token = token();
        for place in 0..token.len() {
            for sign in ["A", "B", "_", "=", " ", "é", ""] {
                let mut forged = token.clone();
                forged.replace_range(place..=place, sign);
                if forged != token {
                    assert!(!is_known(&forged, "ana", &keys(), at(1)), "{forged}");
                }
            }
        }
        for forged in [String::new(), "A".repeat(10_000), token.repeat(2)] {
            assert!(!is_known(&forged, "ana", &keys(), at(1)));
        }
    }

    #[test]
    fn the_cookie_is_for_the_server_alone() {
        let ana = keys().account("ana");
        let token = Device([5; ID]).token(ana, &keys(), at(0), LIFETIME);
        assert_eq!(
            token.set_cookie(),
            format!(
                "__Host-rempart-device={}; Max-Age=7776000; Path=/; Secure; HttpOnly; SameSite=Lax",
                token.as_str()
            )
        );
        assert!(!format!("{token:?}").contains(token.as_str()));
    }
}
