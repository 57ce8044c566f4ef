//! The chunked coding, byte by byte.
//!
//! Clauses: RFC 9112, 7.1 (sizes, the CRLF behind each chunk) and 7.1.1 (extensions, which are
//! ignored by whoever does not know them but must be well-formed and few).
//!
//! A byte that is in order passes at once: nothing here is held back, since nobody acts on
//! half a size line.

use super::Fault;
use super::line::is_token;

/// Digits of a chunk size. Fifteen hexadecimal digits cannot overflow 64 bits.
const DIGITS: u8 = 15;
/// Bytes of extensions in one message: they cost their reader work and carry nothing.
const EXTENSIONS: u16 = 4096;

/// How far a chunked body is.
#[derive(Debug)]
pub(super) struct Chunks {
    at: At,
    digits: u8,
    size: u64,
    extensions: u16,
    /// Blanks may stand behind a size: old servers write it before they know how long it is.
    forgiving: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Size,
    /// Behind a blank that stands behind a size.
    Blank,
    /// Behind a `;`.
    ExtensionName,
    ExtensionNameMore,
    /// Behind a `=`.
    ExtensionValue,
    ExtensionToken,
    ExtensionQuoted,
    ExtensionEscape,
    ExtensionQuotedEnd,
    SizeLf,
    Data,
    DataCr,
    DataLf,
}

/// Where the bytes of one call end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// Before the end of the last size line.
    Within,
    /// The last size line ends after this many bytes; the trailer section follows.
    Last(usize),
}

impl Chunks {
    pub(super) const fn new() -> Self {
        Self {
            at: At::Size,
            digits: 0,
            size: 0,
            extensions: 0,
            forgiving: false,
        }
    }

    /// Those of an answer, which may come from an old server.
    pub(super) const fn of_answer() -> Self {
        let mut chunks = Self::new();
        chunks.forgiving = true;
        chunks
    }

    /// The next data: how many of these bytes stand before it, and how many are it. None where
    /// the last size line ends after that many.
    pub(super) fn data(&mut self, bytes: &[u8]) -> Result<(usize, Option<usize>), Fault> {
        let mut next = 0;
        while self.at != At::Data {
            let Some(byte) = bytes.get(next) else {
                return Ok((next, Some(0)));
            };
            self.at = self.step(*byte)?;
            next += 1;
            if self.at == At::Data && self.size == 0 {
                return Ok((next, None));
            }
        }
        let rest = bytes.len() - next;
        let here = usize::try_from(self.size).unwrap_or(usize::MAX).min(rest);
        self.size -= here as u64;
        if self.size == 0 {
            self.at = At::DataCr;
        }
        Ok((next, Some(here)))
    }

    pub(super) fn advance(&mut self, bytes: &[u8]) -> Result<Progress, Fault> {
        let mut next = 0;
        while next < bytes.len() {
            if self.at == At::Data {
                let rest = bytes.len() - next;
                let here = usize::try_from(self.size).unwrap_or(usize::MAX).min(rest);
                self.size -= here as u64;
                next += here;
                if self.size == 0 {
                    self.at = At::DataCr;
                }
                continue;
            }
            self.at = self.step(bytes[next])?;
            next += 1;
            if self.at == At::Data && self.size == 0 {
                return Ok(Progress::Last(next));
            }
        }
        Ok(Progress::Within)
    }

    /// One byte that is not data.
    fn step(&mut self, byte: u8) -> Result<At, Fault> {
        match self.at {
            At::Size => match byte {
                b'\r' if self.digits > 0 => Ok(At::SizeLf),
                b';' if self.digits > 0 => self.extension(At::ExtensionName),
                b' ' | b'\t' if self.digits > 0 && self.forgiving => self.extension(At::Blank),
                _ => self.digit(byte),
            },
            At::Blank => match byte {
                b'\r' => Ok(At::SizeLf),
                b';' => self.extension(At::ExtensionName),
                b' ' | b'\t' => self.extension(At::Blank),
                _ => Err(Fault::ChunkSize),
            },
            At::SizeLf if byte == b'\n' => {
                self.digits = 0;
                Ok(At::Data)
            }
            At::DataCr if byte == b'\r' => Ok(At::DataLf),
            At::DataLf if byte == b'\n' => Ok(At::Size),
            At::DataCr | At::DataLf => Err(Fault::ChunkEnd),
            At::SizeLf => Err(Fault::LineEnd),
            At::ExtensionName if is_token(byte) => self.extension(At::ExtensionNameMore),
            At::ExtensionNameMore => match byte {
                b'=' => self.extension(At::ExtensionValue),
                _ => self.behind_extension(byte, At::ExtensionNameMore),
            },
            At::ExtensionValue if byte == b'"' => self.extension(At::ExtensionQuoted),
            At::ExtensionValue if is_token(byte) => self.extension(At::ExtensionToken),
            At::ExtensionToken => self.behind_extension(byte, At::ExtensionToken),
            At::ExtensionQuoted => match byte {
                b'"' => self.extension(At::ExtensionQuotedEnd),
                b'\\' => self.extension(At::ExtensionEscape),
                _ if is_text(byte) => self.extension(At::ExtensionQuoted),
                _ => Err(Fault::ChunkExtension),
            },
            At::ExtensionEscape if is_text(byte) => self.extension(At::ExtensionQuoted),
            At::ExtensionQuotedEnd if !is_token(byte) => {
                self.behind_extension(byte, At::ExtensionQuotedEnd)
            }
            At::ExtensionName
            | At::ExtensionValue
            | At::ExtensionEscape
            | At::ExtensionQuotedEnd
            | At::Data => Err(Fault::ChunkExtension),
        }
    }

    fn digit(&mut self, byte: u8) -> Result<At, Fault> {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            _ => return Err(Fault::ChunkSize),
        };
        if self.digits == DIGITS {
            return Err(Fault::ChunkSize);
        }
        // The size of the previous chunk was counted down to zero.
        self.digits += 1;
        self.size = self.size << 4 | u64::from(digit);
        Ok(At::Size)
    }

    /// What may follow a whole name or a whole value; `same` when it goes on.
    fn behind_extension(&mut self, byte: u8, same: At) -> Result<At, Fault> {
        match byte {
            b'\r' => Ok(At::SizeLf),
            b';' => self.extension(At::ExtensionName),
            _ if is_token(byte) => self.extension(same),
            _ => Err(Fault::ChunkExtension),
        }
    }

    /// Counts a byte of an extension.
    const fn extension(&mut self, then: At) -> Result<At, Fault> {
        if self.extensions == EXTENSIONS {
            return Err(Fault::ChunkExtension);
        }
        self.extensions += 1;
        Ok(then)
    }
}

/// What a quoted string may hold.
const fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~' | 0x80..)
}
