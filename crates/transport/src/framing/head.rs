//! One head, or one trailer section, line by line.
//!
//! Clauses: RFC 9112, 2.2, 3.2, 5, 6.1, 6.3; RFC 9110, 6.5.1.

use http::HeaderName;
use memchr::memchr;

use super::line::{self, RequestLine, controls, field, trimmed};
use super::{Body, Fault, Limits};
use crate::header;

/// What is known of a head of which some lines may have come.
#[derive(Debug, Clone)]
pub(super) struct Head {
    /// Where the line that is being read begins.
    line: usize,
    /// Where to look on for its end.
    searched: usize,
    /// How many line ends were found.
    ends: usize,
    /// How far control characters were looked for, and how many line ends were before that.
    checked: (usize, usize),
    /// Lines of the head, without an empty one before it.
    lines: usize,
    /// One empty line came before the request line.
    padded: bool,
    is_1_1: bool,
    hosts: bool,
    upgrade: bool,
    length: Option<u64>,
    chunked: bool,
    /// Of an answer, which may come from an old program: the same length twice is one length,
    /// and a trailer that may not stand there is for its reader to drop.
    forgiving: bool,
}

/// What a line is to its head.
enum Line {
    /// Empty, before the first.
    Padding,
    /// One of several.
    Inner,
    /// The empty one at the end.
    Last,
}

impl Head {
    pub(super) const fn new() -> Self {
        Self {
            line: 0,
            searched: 0,
            ends: 0,
            checked: (0, 0),
            lines: 0,
            padded: false,
            is_1_1: false,
            hosts: false,
            upgrade: false,
            length: None,
            chunked: false,
            forgiving: false,
        }
    }

    /// The trailer section of an answer.
    pub(super) const fn of_answer() -> Self {
        let mut head = Self::new();
        head.forgiving = true;
        head
    }

    /// The size of the request head at the start of `bytes`, once it is there whole.
    pub(super) fn request(
        &mut self,
        bytes: &[u8],
        limits: &Limits,
    ) -> Result<Option<usize>, Fault> {
        let end = self.lines(bytes, |head, line| {
            if head.lines == 0 {
                return head.request_line(line, limits);
            }
            if line.is_empty() {
                return Ok(Line::Last);
            }
            if head.lines > limits.fields {
                return Err(Fault::TooManyFields);
            }
            head.field(line)?;
            Ok(Line::Inner)
        })?;
        let Some(end) = end else {
            if self.lines == 0 && bytes.len() - self.line >= limits.line {
                return Err(Fault::LineTooLong);
            }
            return if bytes.len() >= limits.head {
                Err(Fault::TooLarge)
            } else {
                Ok(None)
            };
        };
        if end > limits.head {
            return Err(Fault::TooLarge);
        }
        if !self.hosts {
            return Err(Fault::HostMissing);
        }
        Ok(Some(end))
    }

    /// The size of the trailer section at the start of `bytes`, once it is there whole.
    pub(super) fn trailers(
        &mut self,
        bytes: &[u8],
        most: usize,
        fields: usize,
    ) -> Result<Option<usize>, Fault> {
        let end = self.lines(bytes, |head, line| {
            if line.is_empty() {
                return Ok(Line::Last);
            }
            if head.lines == fields {
                return Err(Fault::TooManyFields);
            }
            let (name, _) = field(line)?;
            let name = HeaderName::from_bytes(name).map_err(|_| Fault::Name)?;
            if !head.forgiving && header::is_barred_from_trailers(&name) {
                return Err(Fault::Trailer);
            }
            Ok(Line::Inner)
        })?;
        if end.unwrap_or(bytes.len()) > most {
            return Err(Fault::TooLarge);
        }
        Ok(end)
    }

    /// The size of the answer head at the start of `bytes`, once it is there whole, its first
    /// line read by `first`, which tells whether it is of HTTP/1.1. It has at most so many bytes
    /// and fields.
    pub(super) fn answer(
        &mut self,
        bytes: &[u8],
        (most, fields): (usize, usize),
        mut first: impl FnMut(&[u8]) -> Result<bool, Fault>,
    ) -> Result<Option<usize>, Fault> {
        let end = self.lines(bytes, |head, line| {
            if head.lines == 0 {
                head.is_1_1 = first(line)?;
                head.forgiving = true;
                return Ok(Line::Inner);
            }
            if line.is_empty() {
                return Ok(Line::Last);
            }
            if head.lines > fields {
                return Err(Fault::TooManyFields);
            }
            let (name, value) = field(line)?;
            if matches!(name.len(), 14 | 17) {
                head.framing(name, value)?;
            }
            Ok(Line::Inner)
        })?;
        if end.unwrap_or(bytes.len()) > most {
            return Err(Fault::TooLarge);
        }
        Ok(end)
    }

    pub(super) const fn body(&self) -> Body {
        match self.length {
            _ if self.chunked => Body::Chunked,
            Some(0) | None => Body::None,
            Some(length) => Body::Length(length),
        }
    }

    /// How many fields there are in it.
    pub(super) const fn fields(&self) -> usize {
        self.lines.saturating_sub(1)
    }

    /// Whether a body of this length, or of chunks, was announced.
    pub(super) const fn announces(&self) -> bool {
        self.chunked || self.length.is_some()
    }

    pub(super) const fn is_1_1(&self) -> bool {
        self.is_1_1
    }

    pub(super) const fn asks_for_upgrade(&self) -> bool {
        self.upgrade
    }

    /// Judges every line that is complete; the size of the section once its last one is.
    fn lines(
        &mut self,
        bytes: &[u8],
        mut judge: impl FnMut(&mut Self, &[u8]) -> Result<Line, Fault>,
    ) -> Result<Option<usize>, Fault> {
        loop {
            let Some(found) = memchr(b'\n', &bytes[self.searched..]) else {
                self.check(bytes)?;
                self.plausible(&bytes[self.searched..])?;
                // A CR at the end is looked at again with what follows it.
                self.searched = bytes.len() - usize::from(bytes.ends_with(b"\r"));
                return Ok(None);
            };
            let end = self.searched + found;
            let Some(line) = bytes[self.line..end].strip_suffix(b"\r") else {
                return Err(Fault::LineEnd);
            };
            let judged = judge(self, line)?;
            self.line = end + 1;
            self.searched = end + 1;
            self.ends += 1;
            match judged {
                Line::Padding => {}
                Line::Inner => self.lines += 1,
                Line::Last => {
                    self.check(bytes)?;
                    return Ok(Some(end + 1));
                }
            }
        }
    }

    /// Whether the beginning of a line may go on as one. What cannot is refused at once
    /// instead of being held until a deadline.
    fn plausible(&self, bytes: &[u8]) -> Result<(), Fault> {
        let inner = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        match controls(inner) {
            0 => Ok(()),
            _ if inner.contains(&b'\r') => Err(Fault::LineEnd),
            _ => Err(Fault::Control),
        }
    }

    /// Each whole line ends with CRLF, and no other control character is in it.
    fn check(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let (from, ends) = self.checked;
        let fresh = &bytes[from..self.line];
        if controls(fresh) == 2 * (self.ends - ends) {
            self.checked = (self.line, self.ends);
            return Ok(());
        }
        let alone = fresh
            .windows(2)
            .any(|pair| pair[0] == b'\r' && pair[1] != b'\n');
        Err(if alone {
            Fault::LineEnd
        } else {
            Fault::Control
        })
    }

    fn request_line(&mut self, line: &[u8], limits: &Limits) -> Result<Line, Fault> {
        if line.is_empty() {
            if self.padded {
                return Err(Fault::EmptyLines);
            }
            self.padded = true;
            return Ok(Line::Padding);
        }
        if line.len() + 2 > limits.line {
            return Err(Fault::LineTooLong);
        }
        let line = RequestLine::parse(line)?;
        line.served()?;
        self.is_1_1 = line.is_1_1;
        Ok(Line::Inner)
    }

    #[inline]
    fn field(&mut self, line: &[u8]) -> Result<(), Fault> {
        let (name, value) = field(line)?;
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => self.host(value),
            7 if name.eq_ignore_ascii_case(b"upgrade") => {
                self.upgrade = self.is_1_1;
                Ok(())
            }
            14 | 17 => self.framing(name, value),
            _ => Ok(()),
        }
    }

    fn framing(&mut self, name: &[u8], value: &[u8]) -> Result<(), Fault> {
        if name.eq_ignore_ascii_case(b"content-length") {
            self.length(trimmed(value))
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.coding(trimmed(value))
        } else {
            Ok(())
        }
    }

    fn host(&mut self, value: &[u8]) -> Result<(), Fault> {
        if self.hosts {
            return Err(Fault::HostTwice);
        }
        if !line::is_host(trimmed(value)) {
            return Err(Fault::HostInvalid);
        }
        self.hosts = true;
        Ok(())
    }

    /// Digits only, no sign, no list, no zero in front, and no more than fit in 63 bits.
    fn length(&mut self, value: &[u8]) -> Result<(), Fault> {
        if self.chunked {
            return Err(Fault::LengthAndCoding);
        }
        if self.length.is_some() && !self.forgiving {
            return Err(Fault::LengthTwice);
        }
        let plain = match value {
            [b'0'] => true,
            [b'1'..=b'9', rest @ ..] => rest.len() < 18 && rest.iter().all(u8::is_ascii_digit),
            _ => false,
        };
        if !plain {
            return Err(Fault::LengthInvalid);
        }
        let digits = value.iter().map(|digit| u64::from(digit - b'0'));
        let length = digits.fold(0, |length, digit| length * 10 + digit);
        match self.length.replace(length) {
            Some(other) if other != length => Err(Fault::LengthTwice),
            _ => Ok(()),
        }
    }

    /// One line, and in it `chunked` alone.
    fn coding(&mut self, value: &[u8]) -> Result<(), Fault> {
        if !self.is_1_1 {
            return Err(Fault::CodingBeforeChunks);
        }
        if self.length.is_some() {
            return Err(Fault::LengthAndCoding);
        }
        if self.chunked {
            return Err(Fault::CodingInvalid);
        }
        if value.eq_ignore_ascii_case(b"chunked") {
            self.chunked = true;
            return Ok(());
        }
        let codings = value.split(|byte| *byte == b',').map(trimmed);
        let is_coding =
            |coding: &[u8]| !coding.is_empty() && coding.iter().copied().all(line::is_token);
        if !codings.clone().all(is_coding) {
            return Err(Fault::CodingInvalid);
        }
        let is_chunked = |coding: &[u8]| coding.eq_ignore_ascii_case(b"chunked");
        let last = codings.clone().next_back().is_some_and(is_chunked);
        match codings.filter(|coding| is_chunked(coding)).count() {
            // As in `gzip, chunked`.
            1 if last => Err(Fault::CodingUnknown),
            // Without `chunked` at the end there is no end: RFC 9112, 6.3 asks for 400.
            _ => Err(Fault::CodingInvalid),
        }
    }
}
