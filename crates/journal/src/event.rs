//! One event: what happened, when, to which account, from where.
//!
//! Clauses: [`policy::clause::CNIL_LOG_ATTEMPTS`], [`policy::clause::CNIL_LOG_NO_SECRET`],
//! [`policy::clause::CNIL_LOG_NO_HASH`].
//!
//! The address of the source is kept whole: an abnormal connection is recognised by it, and
//! a shortened one would make two visitors one. It is personal data, kept as long as the
//! journal and named in `docs/JOURNAL.md` for those who must tell their users. The port is
//! kept where it is known: behind a shared address it is what tells users apart (RFC 6302).

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use access::AccountKey;
use jiff::Timestamp;

use crate::{Code, Kind};

/// One event. It holds no text that anyone typed: see [`Kind`] and [`Account`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// When it happened. In the journal to the microsecond.
    pub at: Timestamp,
    /// What happened, with the account if there is one.
    pub kind: Kind,
    /// Where it came from, if it came from somewhere.
    pub source: Option<Source>,
    /// The site of the gate that it concerns.
    pub site: Option<SiteName>,
}

/// An account that exists, as a keyed hash of its identifier.
///
/// Make one only for an account that was found. An identifier that nobody has may be a
/// password typed in the wrong field, and even its hash is then derived from a password:
/// such an event carries no account at all.
///
/// Only a key makes one, never a text:
///
/// ```compile_fail,E0277
/// let account = journal::Account::from("ana@example.fr");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Account([u8; 16]);

/// Where an attempt came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Source {
    /// The whole address; an IPv4 address within IPv6 as IPv4.
    address: IpAddr,
    /// The port, if it is known.
    port: Option<u16>,
}

/// The first name of a site of the policy: at most 253 bytes of ASCII, in lower case.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SiteName(Arc<str>);

impl Event {
    /// An event that happened at `at`.
    pub const fn new(at: Timestamp, kind: Kind) -> Self {
        Self {
            at,
            kind,
            source: None,
            site: None,
        }
    }

    /// The same event, from a source.
    #[must_use]
    pub fn from(mut self, source: impl Into<Source>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The same event, on a site of the gate.
    #[must_use]
    pub fn on(mut self, site: SiteName) -> Self {
        self.site = Some(site);
        self
    }

    /// The stable name of its kind.
    pub const fn code(&self) -> Code {
        self.kind.code()
    }

    /// The account that it concerns, if it concerns one that exists.
    pub const fn account(&self) -> Option<Account> {
        self.kind.account()
    }
}

impl Account {
    /// The bytes of the key.
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// What [`Display`](fmt::Display) wrote.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digit = |byte: u8| HEX.iter().position(|&digit| digit == byte);
        let pairs = text.as_bytes().chunks_exact(2);
        if text.len() != 32 {
            return None;
        }
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(pairs) {
            *byte = u8::try_from(digit(pair[0])? << 4 | digit(pair[1])?).ok()?;
        }
        Some(Self(bytes))
    }
}

impl From<AccountKey> for Account {
    fn from(key: AccountKey) -> Self {
        Self(*key.bytes())
    }
}

impl PartialEq<AccountKey> for Account {
    fn eq(&self, key: &AccountKey) -> bool {
        self.0 == *key.bytes()
    }
}

/// 32 hexadecimal digits.
impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = [0; 32];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(self.0) {
            pair[0] = HEX[usize::from(byte >> 4)];
            pair[1] = HEX[usize::from(byte & 15)];
        }
        f.write_str(str::from_utf8(&digits).expect("hexadecimal digits are ASCII"))
    }
}

const HEX: [u8; 16] = *b"0123456789abcdef";

/// Enough of the key to follow one account.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account({:.8}…)", self.to_string())
    }
}

impl Source {
    /// The whole address.
    pub const fn address(&self) -> IpAddr {
        self.address
    }

    /// The port, if it is known.
    pub const fn port(&self) -> Option<u16> {
        self.port
    }
}

impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Self {
        Self {
            address: address.to_canonical(),
            port: None,
        }
    }
}

impl From<SocketAddr> for Source {
    fn from(socket: SocketAddr) -> Self {
        Self {
            address: socket.ip().to_canonical(),
            port: Some(socket.port()),
        }
    }
}

impl SiteName {
    /// The most bytes of a host name (RFC 1035, 2.3.4).
    const LONGEST: usize = 253;

    /// The first name of a site. The policy has made sure of its signs and its length, and so
    /// does this: a line of the journal stays a line even if a program altered the name.
    pub fn of(site: &policy::Site) -> Self {
        let name = site.hosts.first().map_or("", String::as_str);
        let sound = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b':' | b'_');
        if name.is_empty() || name.len() > Self::LONGEST || !name.bytes().all(sound) {
            return Self("unnamed".into());
        }
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SiteName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
