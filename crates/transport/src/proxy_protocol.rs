//! The header by which an intermediary says whose connection it passes on.
//!
//! Clauses: the PROXY protocol, versions 1 (section 2.1: one line of at most 107 bytes) and 2
//! (section 2.2: a signature of 12 bytes, then lengths). Whether the peer may send one is
//! judged before: a header from anybody else would be a way to choose one's own address.
//!
//! Strict where the text leaves a choice: an address or a number is written one way, a datagram
//! has no business on a stream, and a checksum that is there must be right. Absent on purpose:
//! what version 2 may add about the client's TLS, which nothing here believes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The most bytes of a header: the 16 of version 2, and 520 of addresses and additions.
pub const LONGEST: usize = 536;

/// The most bytes of a line of version 1, with its CRLF.
const LONGEST_LINE: usize = 107;
const LINE_START: &[u8] = b"PROXY ";
const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// The fixed part of version 2.
const FIXED: usize = 16;
/// The type of the addition that holds a checksum, and its size.
const CRC32C: (u8, usize) = (0x03, 4);

/// A whole header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Whose connection it is.
    pub announced: Announced,
    /// How many bytes it takes; what follows belongs to the connection.
    pub length: usize,
}

/// Whose connection it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Announced {
    /// A client's.
    Client {
        /// Where the client is.
        source: SocketAddr,
        /// Which address it had called.
        destination: SocketAddr,
    },
    /// The intermediary's own (`LOCAL`, a health check): the peer is who it seems to be.
    Peer,
    /// Somebody's without an address of the network (`UNKNOWN`, `UNSPEC`, a Unix socket). It is
    /// not the intermediary's: what the client says of itself is not to be believed.
    Unknown,
}

/// Why it is no header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It starts like neither version.
    #[error("no PROXY header")]
    Absent,
    /// It goes on past its limit: 107 bytes of version 1, [`LONGEST`] of version 2.
    #[error("the header is too long")]
    TooLong,
    /// A line of version 1 that is not of its form.
    #[error("the line is malformed")]
    Line,
    /// An address that no client can have, or written in another way than the usual.
    #[error("an address is malformed")]
    Address,
    /// Another version than 2, or a command that is not known.
    #[error("unknown version or command")]
    Command,
    /// Not TCP over IPv4 or IPv6, nor a Unix stream.
    #[error("unknown family or transport")]
    Family,
    /// Addresses or additions that do not fit into the length announced.
    #[error("a length is wrong")]
    Length,
    /// The checksum is not that of the header.
    #[error("the checksum is wrong")]
    Checksum,
}

/// Reads a header from the first bytes of a connection; `None` when more must come first.
///
/// Costs at most one pass over [`LONGEST`] bytes.
///
/// # Errors
/// [`Fault`]; the connection must be closed without an answer.
pub fn parse(bytes: &[u8]) -> Result<Option<Header>, Fault> {
    if bytes.starts_with(SIGNATURE) {
        return binary(bytes);
    }
    if bytes.starts_with(LINE_START) {
        return line(bytes);
    }
    if SIGNATURE.starts_with(bytes) || LINE_START.starts_with(bytes) {
        return Ok(None);
    }
    Err(Fault::Absent)
}

/// Version 1.
fn line(bytes: &[u8]) -> Result<Option<Header>, Fault> {
    let bytes = &bytes[..bytes.len().min(LONGEST_LINE)];
    let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
        // A CR may only be the last byte so far.
        let body = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        if body.iter().any(|byte| !is_sign(*byte)) {
            return Err(Fault::Line);
        }
        return match bytes.len() {
            LONGEST_LINE => Err(Fault::TooLong),
            _ => Ok(None),
        };
    };
    let text = bytes[LINE_START.len()..end]
        .strip_suffix(b"\r")
        .filter(|text| text.iter().all(|byte| is_sign(*byte)))
        .and_then(|text| std::str::from_utf8(text).ok())
        .ok_or(Fault::Line)?;
    let header = |announced| {
        Ok(Some(Header {
            announced,
            length: end + 1,
        }))
    };
    let mut words = text.split(' ');
    let family = words.next();
    if family == Some("UNKNOWN") {
        // Whatever follows means nothing.
        return header(Announced::Unknown);
    }
    let mut word = || words.next().ok_or(Fault::Line);
    let (source, destination) = (word()?, word()?);
    let (from, to) = (port(word()?)?, port(word()?)?);
    if words.next().is_some() {
        return Err(Fault::Line);
    }
    let read = |text: &str| match family {
        Some("TCP4") => text.parse().map(IpAddr::V4).map_err(|_| Fault::Address),
        Some("TCP6") => text.parse().map(IpAddr::V6).map_err(|_| Fault::Address),
        _ => Err(Fault::Line),
    };
    header(Announced::Client {
        source: client(SocketAddr::new(read(source)?, from))?,
        destination: SocketAddr::new(read(destination)?, to),
    })
}

/// What may stand in a line: printable ASCII and spaces.
const fn is_sign(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
}

/// A port in decimal, without a sign or a leading zero.
fn port(text: &str) -> Result<u16, Fault> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain || (text.len() > 1 && text.starts_with('0')) {
        return Err(Fault::Line);
    }
    text.parse().map_err(|_| Fault::Line)
}

/// Version 2.
fn binary(bytes: &[u8]) -> Result<Option<Header>, Fault> {
    let Some(&[command, family, high, low]) = bytes.get(SIGNATURE.len()..FIXED) else {
        return match bytes.get(SIGNATURE.len()) {
            Some(command) if !matches!(command, 0x20 | 0x21) => Err(Fault::Command),
            _ => Ok(None),
        };
    };
    let local = match command {
        0x20 => true,
        0x21 => false,
        _ => return Err(Fault::Command),
    };
    let length = FIXED + usize::from(u16::from_be_bytes([high, low]));
    if length > LONGEST {
        return Err(Fault::TooLong);
    }
    // How long the addresses of the family are.
    let addresses = match family {
        // Of an own connection the family means nothing, so nothing behind it can be read.
        _ if local => length - FIXED,
        0x00 => 0,
        0x11 => 12,
        0x21 => 36,
        0x31 => 216,
        _ => return Err(Fault::Family),
    };
    if FIXED + addresses > length {
        return Err(Fault::Length);
    }
    let Some(whole) = bytes.get(..length) else {
        return Ok(None);
    };
    let (block, additions) = whole[FIXED..].split_at(addresses);
    check_additions(whole, additions)?;
    let announced = match (local, family) {
        (false, 0x11 | 0x21) => {
            let (ips, ports) = block.split_at(addresses - 4);
            let (source, destination) = ips.split_at(ips.len() / 2);
            let at = |ip: &[u8], port: &[u8]| {
                let port = u16::from_be_bytes([port[0], port[1]]);
                Ok(SocketAddr::new(ip_of(ip).ok_or(Fault::Length)?, port))
            };
            Announced::Client {
                source: client(at(source, &ports[..2])?)?,
                destination: at(destination, &ports[2..])?,
            }
        }
        (true, _) => Announced::Peer,
        (false, _) => Announced::Unknown,
    };
    Ok(Some(Header { announced, length }))
}

fn ip_of(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(Ipv4Addr::from(four).into());
    }
    <[u8; 16]>::try_from(bytes)
        .ok()
        .map(|sixteen| Ipv6Addr::from(sixteen).into())
}

/// An address that a client can have, in its shortest form.
fn client(address: SocketAddr) -> Result<SocketAddr, Fault> {
    let ip = address.ip().to_canonical();
    let nobody = match ip {
        IpAddr::V4(ip) => ip.is_unspecified() || ip.is_multicast() || ip.is_broadcast(),
        IpAddr::V6(ip) => ip.is_unspecified() || ip.is_multicast(),
    };
    if nobody {
        return Err(Fault::Address);
    }
    Ok(SocketAddr::new(ip, address.port()))
}

/// Additions are skipped, but they must fill their place exactly, and a checksum must be right.
fn check_additions(whole: &[u8], additions: &[u8]) -> Result<(), Fault> {
    let mut rest = additions;
    let mut at = whole.len() - additions.len();
    let mut checked = false;
    while !rest.is_empty() {
        let [kind, high, low, ..] = *rest else {
            return Err(Fault::Length);
        };
        let size = usize::from(u16::from_be_bytes([high, low]));
        let value = rest.get(3..3 + size).ok_or(Fault::Length)?;
        if kind == CRC32C.0 {
            if size != CRC32C.1 || checked {
                return Err(Fault::Checksum);
            }
            checked = true;
            let place = at + 3..at + 3 + size;
            let sum = crc32c(whole.iter().enumerate().map(|(index, byte)| {
                // Its own place counts as zero.
                if place.contains(&index) { 0 } else { *byte }
            }));
            if value != sum.to_be_bytes() {
                return Err(Fault::Checksum);
            }
        }
        rest = &rest[3 + size..];
        at += 3 + size;
    }
    Ok(())
}

/// The checksum of RFC 4960, appendix B. Bit by bit: a header is short and comes once.
fn crc32c(bytes: impl Iterator<Item = u8>) -> u32 {
    const POLYNOMIAL: u32 = 0x82f6_3b78;
    !bytes.fold(!0, |sum: u32, byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| {
            (sum >> 1) ^ (POLYNOMIAL & (sum & 1).wrapping_neg())
        })
    })
}

#[cfg(test)]
mod tests;
