//! The first messages of a server, read strictly and without trust: `ServerHello`,
//! `Certificate`, `ServerKeyExchange`, or an alert.
//!
//! Formats: as in [`super::hello`]. Nothing is decrypted: under TLS 1.3 the reading ends behind
//! the `ServerHello`, before it at the end of the flight. A record, a message and the whole
//! are bounded; what is badly formed is told, never guessed at.

use policy::Language;

use super::suite::Suite;
use crate::finding::Fault;

/// The longest record (RFC 5246, 6.2.3).
const RECORD: usize = (1 << 14) + 2048;
/// The longest handshake message that is kept.
const MESSAGE: usize = 1 << 17;
/// What one server may send in all.
const WHOLE: usize = 1 << 18;
/// Certificates of a chain.
const CHAIN: usize = 16;
/// The random of a `ServerHello` that is a `HelloRetryRequest` (RFC 8446, 4.1.3).
const RETRY: [u8; 32] = [
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
    0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
];

/// Bytes that are no TLS, or no TLS that could be told from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a TLS message: {}", .0.in_language(Language::En))]
pub struct Malformed(pub Fault);

/// What a server chose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerHello {
    /// The version, the extension that overrides it read.
    pub version: u16,
    /// The cipher suite.
    pub suite: u16,
    /// The compression method; 0 is none.
    pub compression: u8,
    /// The group of a key share, or the one asked for.
    pub group: Option<u16>,
    /// Renegotiation is protected (RFC 5746).
    pub renegotiation: bool,
    /// The master secret is bound to the handshake (RFC 7627).
    pub extended_master_secret: bool,
}

/// Everything that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flight {
    /// The choice.
    pub hello: Option<ServerHello>,
    /// The chain as it was sent, in DER.
    pub chain: Vec<Vec<u8>>,
    /// The named group of an ephemeral exchange.
    pub group: Option<u16>,
    /// The bits of the prime of a Diffie-Hellman exchange.
    pub prime_bits: Option<usize>,
    /// The description of an alert.
    pub alert: Option<u8>,
    /// Whether nothing more is to come that can be read.
    pub ended: bool,
}

/// Reads the bytes of one server as they come.
#[derive(Debug, Default)]
pub struct Reader {
    bytes: Vec<u8>,
    messages: Vec<u8>,
    taken: usize,
    flight: Flight,
}

impl Reader {
    /// A reader of nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was read so far.
    pub const fn flight(&self) -> &Flight {
        &self.flight
    }

    /// Takes what came.
    ///
    /// # Errors
    /// The bytes are no flight of a server. What was read before stays.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Malformed> {
        self.taken = self.taken.saturating_add(bytes.len());
        if self.taken > WHOLE {
            return Err(Malformed(Fault::new(
                "une réponse TLS sans fin",
                "a flight without end",
            )));
        }
        self.bytes.extend_from_slice(bytes);
        let mut at = 0;
        while !self.flight.ended {
            let Some((kind, length)) = header(&self.bytes[at..])? else {
                break;
            };
            let Some(body) = self.bytes.get(at + 5..at + 5 + length) else {
                break;
            };
            match kind {
                21 => {
                    let [_, description] = body else {
                        return Err(Malformed(Fault::new(
                            "une alerte d’une autre longueur",
                            "an alert of another length",
                        )));
                    };
                    self.flight.alert = Some(*description);
                    // A warning about the name does not end a handshake (RFC 6066, 3).
                    self.flight.ended = body[0] == 2 || *description != 112;
                }
                22 => {
                    self.messages.extend_from_slice(body);
                    self.messages()?;
                }
                // Behind the ServerHello of TLS 1.3.
                20 | 23 if self.flight.hello.is_some() => self.flight.ended = true,
                _ => {
                    return Err(Malformed(Fault::new(
                        "un enregistrement hors de sa place",
                        "a record out of place",
                    )));
                }
            }
            at += 5 + length;
        }
        self.bytes.drain(..at);
        Ok(())
    }

    fn messages(&mut self) -> Result<(), Malformed> {
        while let [kind, a, b, c, rest @ ..] = &self.messages[..] {
            let length = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
            if length > MESSAGE {
                return Err(Malformed(Fault::new(
                    "un message sans fin",
                    "a message without end",
                )));
            }
            let Some(body) = rest.get(..length) else {
                break;
            };
            let kind = *kind;
            match (kind, &self.flight.hello) {
                (2, None) => {
                    let hello = server_hello(body)?;
                    self.flight.ended = hello.version >= 0x0304;
                    self.flight.hello = Some(hello);
                }
                (0, None) => {}
                (_, None) => {
                    return Err(Malformed(Fault::new(
                        "un autre message avant ServerHello",
                        "another message before ServerHello",
                    )));
                }
                (2, Some(_)) => {
                    return Err(Malformed(Fault::new("deux ServerHello", "two ServerHello")));
                }
                (11, Some(_)) if self.flight.chain.is_empty() => {
                    self.flight.chain = certificates(body)?
                }
                (12, Some(hello)) => {
                    let (group, bits) = exchange(body, Suite(hello.suite))?;
                    (self.flight.group, self.flight.prime_bits) = (group, bits);
                }
                (14, Some(_)) => self.flight.ended = true,
                // CertificateStatus and CertificateRequest.
                (22 | 13, Some(_)) => {}
                _ => {
                    return Err(Malformed(Fault::new(
                        "un message hors de sa place",
                        "a message out of place",
                    )));
                }
            }
            self.messages.drain(..4 + length);
            if self.flight.ended {
                break;
            }
        }
        Ok(())
    }
}

/// Kind and length of the record at hand.
fn header(bytes: &[u8]) -> Result<Option<(u8, usize)>, Malformed> {
    match bytes {
        [kind, ..] if !(20..=23).contains(kind) => Err(Malformed(Fault::new(
            "pas un enregistrement TLS",
            "no record of TLS",
        ))),
        [_, major, ..] if *major != 3 => Err(Malformed(Fault::new(
            "pas une version de TLS",
            "no version of TLS",
        ))),
        [kind, _, _, high, low, ..] => {
            let length = usize::from(*high) << 8 | usize::from(*low);
            match length {
                0 => Err(Malformed(Fault::new(
                    "un enregistrement vide",
                    "an empty record",
                ))),
                1..=RECORD => Ok(Some((*kind, length))),
                _ => Err(Malformed(Fault::new(
                    "un enregistrement trop long",
                    "a record of too many bytes",
                ))),
            }
        }
        _ => Ok(None),
    }
}

fn server_hello(body: &[u8]) -> Result<ServerHello, Malformed> {
    let mut cursor = Cursor(body);
    let mut hello = ServerHello {
        version: cursor.u16()?,
        ..ServerHello::default()
    };
    let is_retry = cursor.take(32)? == RETRY;
    let session = usize::from(cursor.u8()?);
    if session > 32 {
        return Err(Malformed(Fault::new(
            "un numéro de session trop long",
            "a session number of too many bytes",
        )));
    }
    cursor.take(session)?;
    hello.suite = cursor.u16()?;
    hello.compression = cursor.u8()?;
    if cursor.0.is_empty() {
        return Ok(hello);
    }
    let mut extensions = Cursor(cursor.list()?);
    cursor.end()?;
    let mut seen = Vec::new();
    while !extensions.0.is_empty() {
        let number = extensions.u16()?;
        let mut value = Cursor(extensions.list()?);
        if seen.contains(&number) {
            return Err(Malformed(Fault::new(
                "une extension en double",
                "an extension twice",
            )));
        }
        seen.push(number);
        match number {
            43 => hello.version = value.u16()?,
            51 => {
                hello.group = Some(value.u16()?);
                if !is_retry {
                    value.list()?;
                }
            }
            0xff01 => hello.renegotiation = true,
            23 => hello.extended_master_secret = true,
            _ => continue,
        }
        if !matches!(number, 0xff01) {
            value.end()?;
        }
    }
    Ok(hello)
}

fn certificates(body: &[u8]) -> Result<Vec<Vec<u8>>, Malformed> {
    let mut cursor = Cursor(body);
    let mut list = Cursor(cursor.long_list()?);
    cursor.end()?;
    let mut chain = Vec::new();
    while !list.0.is_empty() {
        if chain.len() == CHAIN {
            return Err(Malformed(Fault::new(
                "une chaîne de trop de certificats",
                "a chain of too many certificates",
            )));
        }
        chain.push(list.long_list()?.to_vec());
    }
    Ok(chain)
}

/// Group, or bits of the prime, of a `ServerKeyExchange`. What follows them is a signature.
fn exchange(body: &[u8], suite: Suite) -> Result<(Option<u16>, Option<usize>), Malformed> {
    let mut cursor = Cursor(body);
    if suite.is_elliptic() {
        // A curve that is not named is written out, and nothing is known of it.
        return match cursor.u8()? {
            3 => Ok((Some(cursor.u16()?), None)),
            _ => Ok((None, None)),
        };
    }
    if suite.is_finite() {
        let prime = cursor.list()?;
        let start = prime
            .iter()
            .position(|byte| *byte != 0)
            .unwrap_or(prime.len());
        let bits = match prime.get(start) {
            Some(first) => (prime.len() - start) * 8 - first.leading_zeros() as usize,
            None => 0,
        };
        return Ok((None, Some(bits)));
    }
    // An export suite sends a short RSA key.
    Ok((None, None))
}

/// Whether an answer is the `ServerHello` of SSL 2, and how many suites it names. `None`
/// while more is needed.
///
/// # Errors
/// It is something else.
pub fn ssl2(bytes: &[u8]) -> Result<Option<usize>, Malformed> {
    let other = Malformed(Fault::new(
        "pas un ServerHello de SSL 2",
        "no ServerHello of SSL 2",
    ));
    let [first, low, body @ ..] = bytes else {
        return Ok(None);
    };
    if first & 0x80 == 0 {
        return Err(other);
    }
    let length = usize::from(first & 0x7f) << 8 | usize::from(*low);
    if length < 11 {
        return Err(other);
    }
    let Some(fixed) = body.get(..11) else {
        return if body.first().is_some_and(|kind| *kind != 4) {
            Err(other)
        } else {
            Ok(None)
        };
    };
    let number = |at: usize| usize::from(fixed[at]) << 8 | usize::from(fixed[at + 1]);
    if fixed[0] != 4
        || number(3) != 2
        || number(7) % 3 != 0
        || 11 + number(5) + number(7) + number(9) != length
    {
        return Err(other);
    }
    Ok(Some(number(7) / 3))
}

/// Bytes that are taken from the front.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Malformed(Fault::new(
            "un message coupé",
            "a message cut short",
        )))?;
        self.0 = rest;
        Ok(taken)
    }

    fn u8(&mut self) -> Result<u8, Malformed> {
        Ok(self.take(1)?[0])
    }

    fn u16(&mut self) -> Result<u16, Malformed> {
        let bytes = self.take(2)?;
        Ok(u16::from(bytes[0]) << 8 | u16::from(bytes[1]))
    }

    fn list(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.u16()?;
        self.take(usize::from(length))
    }

    fn long_list(&mut self) -> Result<&'a [u8], Malformed> {
        let high = usize::from(self.u8()?);
        let low = usize::from(self.u16()?);
        self.take(high << 16 | low)
    }

    const fn end(&self) -> Result<(), Malformed> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Malformed(Fault::new(
                "des octets après la fin",
                "bytes behind the end",
            )))
        }
    }
}

#[cfg(test)]
mod tests;
