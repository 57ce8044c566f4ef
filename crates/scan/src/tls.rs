//! What a server speaks below HTTPS, by handshakes of our own.
//!
//! Clauses: RFC 9325, 3.1.1, 3.3, 3.5, 3.7, 4.1, 4.2, 4.5; ANSSI SDE-NT-35, R3 to R13, R19. No
//! handshake is finished: every answer that is asked for stands before the keys. A client
//! library would refuse to ask for what must be found here.
//!
//! Absent on purpose: attacks. Nothing is sent that a client of the time would not have sent.

mod flight;
mod hello;
mod probe;
mod suite;

pub use flight::{Flight, Malformed, Reader, ServerHello, ssl2};
pub(crate) use probe::look;
pub use suite::{Suite, Weakness, group_name, is_weak_group};

use crate::finding::Fault;
use crate::net::Silence;

/// A version of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// SSL 2.0, 1995.
    Ssl2,
    /// SSL 3.0, 1996.
    Ssl3,
    /// TLS 1.0, 1999.
    Tls10,
    /// TLS 1.1, 2006.
    Tls11,
    /// TLS 1.2, 2008.
    Tls12,
    /// TLS 1.3, 2018.
    Tls13,
}

impl Version {
    /// Every version, the oldest first.
    pub const ALL: [Self; 6] = [
        Self::Ssl2,
        Self::Ssl3,
        Self::Tls10,
        Self::Tls11,
        Self::Tls12,
        Self::Tls13,
    ];

    /// The usual name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ssl2 => "SSL 2.0",
            Self::Ssl3 => "SSL 3.0",
            Self::Tls10 => "TLS 1.0",
            Self::Tls11 => "TLS 1.1",
            Self::Tls12 => "TLS 1.2",
            Self::Tls13 => "TLS 1.3",
        }
    }

    /// The number on the wire.
    pub const fn number(self) -> u16 {
        match self {
            Self::Ssl2 => 0x0002,
            Self::Ssl3 => 0x0300,
            Self::Tls10 => 0x0301,
            Self::Tls11 => 0x0302,
            Self::Tls12 => 0x0303,
            Self::Tls13 => 0x0304,
        }
    }

    /// The number in the field that TLS 1.3 left behind.
    const fn legacy(self) -> u16 {
        match self {
            Self::Tls13 => 0x0303,
            other => other.number(),
        }
    }
}

/// What is known of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// Which.
    pub version: Version,
    /// The suites that the server takes, in the order in which it took them.
    pub suites: Vec<Suite>,
    /// The groups that it takes, likewise; none of SSL.
    pub groups: Vec<u16>,
}

/// Whether something was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Yes.
    Yes,
    /// No.
    No,
    /// It could not be looked at.
    Unknown,
}

/// What a server speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// Every version that it takes.
    pub spoken: Vec<Spoken>,
    /// Versions that were not looked at, because the scan was over or the server silent.
    pub unseen: Vec<Version>,
    /// A version has suites or groups that were not all asked for, likewise.
    pub is_cut: bool,
    /// The server follows its own order of suites; of TLS 1.2 or before.
    pub own_order: Seen,
    /// The bits of the prime of its Diffie-Hellman exchange.
    pub prime_bits: Option<usize>,
    /// It compresses.
    pub compression: Seen,
    /// Renegotiation is protected; of TLS 1.2 or before.
    pub renegotiation: Seen,
    /// The master secret is bound to the handshake; of TLS 1.2 or before.
    pub extended_master_secret: Seen,
    /// It refuses a client that pretends to have fallen back.
    pub fallback: Seen,
    /// It serves a name that is nobody's.
    pub serves_any_name: Seen,
    /// The chain of a version before TLS 1.3, which is sent in clear.
    pub chain: Vec<Vec<u8>>,
    /// It sent bytes that are no TLS.
    pub malformed: Option<Fault>,
    /// Nothing was heard.
    pub silence: Option<Silence>,
}

impl Tls {
    /// What is known of a version.
    pub fn of(&self, version: Version) -> Option<&Spoken> {
        self.spoken.iter().find(|spoken| spoken.version == version)
    }

    /// Whether everything that it takes in TLS 1.2 and 1.3 was seen, and none of these suites.
    pub(crate) fn has_no_suite_of(&self, suites: &[u16]) -> bool {
        let modern = [Version::Tls12, Version::Tls13];
        let is_seen = !self.is_cut && !modern.iter().any(|one| self.unseen.contains(one));
        let mut taken = modern
            .iter()
            .filter_map(|one| self.of(*one))
            .flat_map(|spoken| &spoken.suites);
        is_seen && !taken.any(|suite| suites.contains(&suite.0))
    }

    /// Whether a browser of today can speak to it.
    pub fn is_modern(&self) -> bool {
        self.of(Version::Tls12)
            .or(self.of(Version::Tls13))
            .is_some()
    }
}
