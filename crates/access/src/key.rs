//! Identifiers and addresses become keys before they reach a counter or a log.
//!
//! Clause: CNIL 2022-100, logging (§64): an unrecognised identifier may be a password typed
//! in the wrong field, so it is never kept. An unkeyed hash would not do: identifiers can
//! be guessed and hashed again, and there are few addresses.
//!
//! An account has the key of its name ([`KeyMaker::account`]), and all names that any usual
//! directory or database may take for one have another in common ([`KeyMaker::alike`]).
//! Everything that is hashed says first what it is, so that no account can have the counter of
//! an address.

use std::fmt;
use std::net::IpAddr;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::CounterKey;

mod canonical;
mod secret;

pub use canonical::is_invisible;
pub use secret::KeyError;

/// Makes keys under one secret. Two makers agree only if they share the secret and the site.
#[derive(Clone)]
pub struct KeyMaker {
    /// For what concerns all sites.
    root: Hmac<Sha256>,
    /// For what concerns one.
    site: Hmac<Sha256>,
}

/// An account, or all names that may be one, as the counters and the journal know it: 128 bits
/// of HMAC-SHA-256 over its identifier.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AccountKey([u8; 16]);

/// Where an attempt comes from, as far as one party can choose it at will: an IPv4 address, or
/// the /64 of an IPv6 address, of which a household or a rented machine has at least one whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// An IPv4 address, also one written as IPv6 (`::ffff:192.0.2.1`, `64:ff9b::192.0.2.1`).
    V4([u8; 4]),
    /// The first 64 bits of an IPv6 address.
    V6([u8; 8]),
}

/// What is hashed. The numbers are kept for ever: counters outlive this version.
#[derive(Clone, Copy)]
enum Domain {
    Account = 1,
    Source = 2,
    Pair = 3,
    Site = 4,
    #[cfg(feature = "tokio")]
    Device = 5,
    #[cfg(feature = "tokio")]
    Token = 6,
    OfSite = 7,
    Alike = 8,
    #[cfg(feature = "tokio")]
    Other = 9,
    #[cfg(feature = "tokio")]
    AllOther = 10,
    #[cfg(feature = "tokio")]
    Question = 11,
    #[cfg(feature = "tokio")]
    QuestionCover = 12,
    #[cfg(feature = "tokio")]
    DeviceDay = 13,
}

impl KeyMaker {
    /// A maker with a secret drawn now, for counters that live as long as the process.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut secret = Zeroizing::new([0; 32]);
        getrandom::fill(secret.as_mut())?;
        Ok(Self::keyed(secret.as_ref()))
    }

    /// A maker with a given secret of at least 256 random bits, for counters that are shared by
    /// several processes or outlive them.
    pub fn with_secret(secret: [u8; 32]) -> Self {
        Self::keyed(Zeroizing::new(secret).as_ref())
    }

    /// The same maker for one of several sites, whose accounts have nothing to do with those
    /// of the others although they may have the same names. Sources stay the same.
    #[must_use]
    pub fn for_site(&self, name: &str) -> Self {
        let mut mac = start(&self.root, Domain::OfSite);
        mac.update(name.as_bytes());
        let secret = Zeroizing::new(<[u8; 32]>::from(mac.finalize().into_bytes()));
        Self {
            root: self.root.clone(),
            site: Self::keyed(secret.as_ref()).site,
        }
    }

    /// The key of the account of an identifier: surrounding space, letter case, and whether an
    /// accent is a character of its own do not matter. Only the first 1 KiB of what does counts.
    pub fn account(&self, identifier: &str) -> AccountKey {
        self.name(Domain::Account, identifier, |name, to| {
            canonical::exact(name, to);
        })
    }

    /// What all spellings of an identifier have in common.
    ///
    /// Accents, compatibility forms, and characters that show nothing do not matter either, nor
    /// do they to the collations that databases use: a cap on this key holds for
    /// `Ana@example.fr`, `ana@example.fr` and `aná@example.fr` together, which may be one
    /// account. They may be several, too: a success on one must not forget the failures of
    /// another, and what a browser is trusted with is bound to [`KeyMaker::account`].
    pub fn alike(&self, identifier: &str) -> AccountKey {
        self.name(Domain::Alike, identifier, |name, to| {
            canonical::alike(name, to);
        })
    }

    /// The counter of something else than sign-ins, such as the links sent to one address.
    #[cfg(feature = "tokio")]
    pub(crate) fn other(&self, kind: &str, name: &str) -> CounterKey {
        let mut mac = start(&self.site, Domain::Other);
        mac.update(kind.as_bytes());
        mac.update(&[0]);
        mac.update(name.as_bytes());
        CounterKey::new(short(mac))
    }

    /// The counter of something else over all names of the site.
    #[cfg(feature = "tokio")]
    pub(crate) fn all_other(&self, kind: &str) -> CounterKey {
        let mut mac = start(&self.site, Domain::AllOther);
        mac.update(kind.as_bytes());
        CounterKey::new(short(mac))
    }

    fn name(
        &self,
        domain: Domain,
        identifier: &str,
        characters: impl FnOnce(&str, &mut dyn FnMut(char)),
    ) -> AccountKey {
        let mut mac = start(&self.site, domain);
        characters(identifier, &mut |character| {
            mac.update(character.encode_utf8(&mut [0; 4]).as_bytes());
        });
        AccountKey(short(mac))
    }

    /// The counter of a source, over all accounts and sites.
    pub fn source(&self, source: Source) -> CounterKey {
        let mut mac = start(&self.root, Domain::Source);
        mac.update(source.bytes());
        CounterKey::new(short(mac))
    }

    /// The counter of a source on one account.
    pub fn pair(&self, account: AccountKey, source: Source) -> CounterKey {
        let mut mac = start(&self.site, Domain::Pair);
        mac.update(&account.0);
        mac.update(source.bytes());
        CounterKey::new(short(mac))
    }

    /// The counter of the whole site.
    pub fn site(&self) -> CounterKey {
        CounterKey::new(short(start(&self.site, Domain::Site)))
    }

    /// The counter of a device on one account.
    #[cfg(feature = "tokio")]
    pub(crate) fn device(&self, account: AccountKey, id: &[u8; 16]) -> CounterKey {
        self.of_device(Domain::Device, account, id)
    }

    /// The counter of its attempts of a day.
    #[cfg(feature = "tokio")]
    pub(crate) fn device_day(&self, account: AccountKey, id: &[u8; 16]) -> CounterKey {
        self.of_device(Domain::DeviceDay, account, id)
    }

    #[cfg(feature = "tokio")]
    fn of_device(&self, domain: Domain, account: AccountKey, id: &[u8; 16]) -> CounterKey {
        let mut mac = start(&self.site, domain);
        mac.update(&account.0);
        mac.update(id);
        CounterKey::new(short(mac))
    }

    /// The seal of a device's token, begun with the account.
    #[cfg(feature = "tokio")]
    pub(crate) fn token(&self, account: AccountKey) -> Hmac<Sha256> {
        let mut mac = start(&self.site, Domain::Token);
        mac.update(&account.0);
        mac
    }

    /// The seal of a question in the place of a captcha, begun with the counter it is for.
    #[cfg(feature = "tokio")]
    pub(crate) fn question(&self, counter: CounterKey) -> Hmac<Sha256> {
        let mut mac = start(&self.site, Domain::Question);
        mac.update(counter.bytes());
        mac
    }

    /// What hides a part of such a question, begun.
    #[cfg(feature = "tokio")]
    pub(crate) fn question_cover(&self) -> Hmac<Sha256> {
        start(&self.site, Domain::QuestionCover)
    }

    fn keyed(secret: &[u8]) -> Self {
        let mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
        Self {
            root: mac.clone(),
            site: mac,
        }
    }
}

impl AccountKey {
    /// The key's bytes, uniformly distributed.
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// The counter of an account.
impl From<AccountKey> for CounterKey {
    fn from(key: AccountKey) -> Self {
        Self::new(key.0)
    }
}

impl Source {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::V4(address) => address,
            Self::V6(prefix) => prefix,
        }
    }
}

impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Self {
        let address = match address {
            IpAddr::V4(address) => return Self::V4(address.octets()),
            IpAddr::V6(address) => address,
        };
        let octets = address.octets();
        let (prefix, last) = octets.split_at(12);
        if prefix == MAPPED || prefix == TRANSLATED {
            let mut v4 = [0; 4];
            v4.copy_from_slice(last);
            return Self::V4(v4);
        }
        let mut network = [0; 8];
        network.copy_from_slice(&octets[..8]);
        Self::V6(network)
    }
}

impl fmt::Debug for KeyMaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyMaker(..)")
    }
}

/// Enough of the key to follow one account through a log.
impl fmt::Debug for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountKey(")?;
        for byte in &self.0[..4] {
            write!(f, "{byte:02x}")?;
        }
        f.write_str("…)")
    }
}

fn start(mac: &Hmac<Sha256>, domain: Domain) -> Hmac<Sha256> {
    let mut mac = mac.clone();
    mac.update(&[domain as u8]);
    mac
}

fn short(mac: Hmac<Sha256>) -> [u8; 16] {
    let digest = mac.finalize().into_bytes();
    let mut key = [0; 16];
    key.copy_from_slice(&digest[..16]);
    key
}

/// `::ffff:0:0/96` (RFC 4291, 2.5.5.2).
const MAPPED: [u8; 12] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/// `64:ff9b::/96`, where a translator puts IPv4 clients (RFC 6052, 2.1).
const TRANSLATED: [u8; 12] = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0];

#[cfg(test)]
mod tests;
