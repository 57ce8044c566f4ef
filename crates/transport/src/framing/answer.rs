//! The answers of an origin: their heads, and where their bodies end.
//!
//! An origin whose answer two programs frame in two ways is not to be trusted with the next
//! request: a bare LF, a length beside a coding, two lengths are faults here, whatever follows.
//! Clauses: RFC 9112, 4 (status line), 6.1 and 6.3 (length of a body), 7.1 (chunks), 9.3 (how
//! long a connection lasts); RFC 9110, 6.5 (trailers), 15.2 (interim answers), 15.3.5 (204).
//!
//! Old servers are forgiven what two programs read alike: the same length twice, a reason that
//! is left out with its space, blanks behind the size of a chunk.

use bytes::Bytes;
use http::header::CONNECTION;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::chunk::Chunks;
use super::head::Head;
use super::line::{field, trimmed};
use super::{Body, Fault, TRAILERS};

/// Interim answers before one final answer.
const INTERIM: u8 = 32;
/// Fields of a trailer section.
const TRAILER_FIELDS: usize = 100;

/// Reads the heads that answer one request.
#[derive(Debug)]
pub struct AnswerReader {
    most: usize,
    fields: usize,
    /// The request was `HEAD`: its answer has no body, whatever it announces.
    bodiless: bool,
    head: Head,
    status: u16,
    interim: u8,
}

/// What begins with the bytes that were shown.
#[derive(Debug)]
pub enum Answered {
    /// An interim answer, and its size. What follows it is to be shown next.
    Interim(StatusCode, usize),
    /// The answer.
    Final(AnswerHead),
}

/// A head that every program reads alike.
#[derive(Debug)]
pub struct AnswerHead {
    /// Its size, its last line included.
    pub size: usize,
    /// From 101 on; 101 is followed by another protocol.
    pub status: StatusCode,
    /// What follows it.
    pub body: AnswerBody,
    is_1_1: bool,
    fields: usize,
}

/// How far the body of an answer is.
#[derive(Debug)]
pub struct AnswerBody(Stage);

#[derive(Debug)]
enum Stage {
    Length(u64),
    Chunks(Chunks),
    Trailers(Head),
    /// It ends where the connection does.
    Close,
    Over,
}

/// What the bytes that were shown are, behind the `skip` bytes that are of the framing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// How many bytes are nobody's.
    pub skip: usize,
    /// What is behind them.
    pub then: Part,
}

/// See [`Piece`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// So many bytes of the body.
    Data(usize),
    /// What needs more bytes than there are.
    More,
    /// A trailer section of so many bytes, see [`trailers`]. The body is over.
    Trailers(usize),
    /// Nothing: the body is over.
    End,
}

impl AnswerReader {
    /// For an answer whose head has at most so many bytes and fields; `bodiless` after `HEAD`.
    pub const fn new(most: usize, fields: usize, bodiless: bool) -> Self {
        Self {
            most,
            fields,
            bodiless,
            head: Head::new(),
            status: 0,
            interim: 0,
        }
    }

    /// Reads a head. `bytes` start with the answer, or behind the interim answer before it; none
    /// while more are needed.
    ///
    /// # Errors
    /// A [`Fault`] of the head. Nothing more is to be read from the connection.
    pub fn read(&mut self, bytes: &[u8]) -> Result<Option<Answered>, Fault> {
        let status = &mut self.status;
        let caps = (self.most, self.fields);
        let read = self.head.answer(bytes, caps, |line| {
            let (code, is_1_1) = status_line(line)?;
            *status = code;
            Ok(is_1_1)
        });
        let Some(size) = read? else {
            return Ok(None);
        };
        let head = std::mem::replace(&mut self.head, Head::new());
        let status = StatusCode::from_u16(self.status).map_err(|_| Fault::StatusLine)?;
        if matches!(self.status, 100..=199 | 204) && head.body() != Body::None {
            return Err(Fault::Bodiless);
        }
        if status.is_informational() && status != StatusCode::SWITCHING_PROTOCOLS {
            self.interim += 1;
            if self.interim > INTERIM {
                return Err(Fault::Interim);
            }
            return Ok(Some(Answered::Interim(status, size)));
        }
        let body = match (head.body(), self.status) {
            _ if self.bodiless => Stage::Over,
            (_, 101 | 204 | 304) => Stage::Over,
            (Body::Chunked, _) => Stage::Chunks(Chunks::of_answer()),
            (Body::Length(length), _) => Stage::Length(length),
            (Body::None, _) if head.announces() => Stage::Over,
            (Body::None, _) => Stage::Close,
        };
        Ok(Some(Answered::Final(AnswerHead {
            size,
            status,
            body: AnswerBody(body),
            is_1_1: head.is_1_1(),
            fields: head.fields(),
        })))
    }
}

impl AnswerHead {
    /// Its fields; `head` are its bytes.
    ///
    /// # Errors
    /// A [`Fault`] of a field.
    pub fn fields(&self, head: &Bytes) -> Result<HeaderMap, Fault> {
        let mut fields = HeaderMap::with_capacity(self.fields);
        let start = line_end(head).unwrap_or(head.len());
        collect(head, start, &mut fields)?;
        Ok(fields)
    }

    /// Whether the connection may serve another exchange, by these fields of it.
    pub fn persists(&self, fields: &HeaderMap) -> bool {
        if matches!(self.body.0, Stage::Close) || self.status == StatusCode::SWITCHING_PROTOCOLS {
            return false;
        }
        let mut persists = self.is_1_1;
        for value in fields.get_all(CONNECTION) {
            for option in value.as_bytes().split(|byte| *byte == b',') {
                let option = trimmed(option);
                if option.eq_ignore_ascii_case(b"close") {
                    return false;
                }
                persists |= option.eq_ignore_ascii_case(b"keep-alive");
            }
        }
        persists
    }
}

impl AnswerBody {
    /// What comes next in `bytes`, which begin where the last piece ended. The bytes of a piece
    /// are shown once; those of which more are needed, again.
    ///
    /// # Errors
    /// A [`Fault`] of the framing.
    pub fn next(&mut self, bytes: &[u8]) -> Result<Piece, Fault> {
        let mut skip = 0;
        loop {
            let then = match &mut self.0 {
                Stage::Length(left) => {
                    let here = usize::try_from(*left)
                        .unwrap_or(usize::MAX)
                        .min(bytes.len());
                    *left -= here as u64;
                    if *left == 0 {
                        self.0 = Stage::Over;
                    }
                    data(here)
                }
                Stage::Close => data(bytes.len()),
                Stage::Over => Part::End,
                Stage::Chunks(chunks) => {
                    let (framing, here) = chunks.data(bytes)?;
                    skip = framing;
                    let Some(here) = here else {
                        self.0 = Stage::Trailers(Head::of_answer());
                        continue;
                    };
                    data(here)
                }
                Stage::Trailers(section) => {
                    match section.trailers(&bytes[skip..], TRAILERS, TRAILER_FIELDS)? {
                        None => Part::More,
                        Some(size) => {
                            self.0 = Stage::Over;
                            match size {
                                2 => {
                                    skip += 2;
                                    Part::End
                                }
                                size => Part::Trailers(size),
                            }
                        }
                    }
                }
            };
            return Ok(Piece { skip, then });
        }
    }

    /// Whether it has all come.
    pub const fn is_over(&self) -> bool {
        matches!(self.0, Stage::Over)
    }

    /// Whether it is whole where the connection ends now.
    pub const fn may_end_here(&self) -> bool {
        matches!(self.0, Stage::Over | Stage::Close)
    }

    /// How many bytes are still to come, where that is known.
    pub const fn left(&self) -> Option<u64> {
        match self.0 {
            Stage::Length(left) => Some(left),
            Stage::Over => Some(0),
            Stage::Chunks(_) | Stage::Trailers(_) | Stage::Close => None,
        }
    }
}

/// The fields of a trailer section.
///
/// # Errors
/// A [`Fault`] of a field.
pub fn trailers(section: &Bytes) -> Result<HeaderMap, Fault> {
    let mut fields = HeaderMap::new();
    collect(section, 0, &mut fields)?;
    Ok(fields)
}

/// The fields from `start` to the empty line. The values are not copied.
fn collect(section: &Bytes, start: usize, fields: &mut HeaderMap) -> Result<(), Fault> {
    let mut at = start;
    while let Some(size) = line_end(&section[at..]) {
        let line = &section[at..at + size];
        at += size;
        let line = line.strip_suffix(b"\r\n").ok_or(Fault::LineEnd)?;
        if line.is_empty() {
            return Ok(());
        }
        let (name, value) = field(line)?;
        let name = HeaderName::from_bytes(name).map_err(|_| Fault::Name)?;
        let value = HeaderValue::from_maybe_shared(section.slice_ref(trimmed(value)));
        fields.append(name, value.map_err(|_| Fault::Control)?);
    }
    Ok(())
}

/// The size of the first line, its LF included.
fn line_end(bytes: &[u8]) -> Option<usize> {
    memchr::memchr(b'\n', bytes).map(|at| at + 1)
}

const fn data(size: usize) -> Part {
    match size {
        0 => Part::More,
        size => Part::Data(size),
    }
}

/// The status, and whether this is HTTP/1.1.
fn status_line(line: &[u8]) -> Result<(u16, bool), Fault> {
    let (version, rest) = line.split_at_checked(9).ok_or(Fault::StatusLine)?;
    let is_1_1 = match version {
        b"HTTP/1.1 " => true,
        b"HTTP/1.0 " => false,
        _ => return Err(Fault::StatusLine),
    };
    match rest {
        // The space before an empty reason is often forgotten, and nothing hangs on it.
        [a @ b'1'..=b'5', b @ b'0'..=b'9', c @ b'0'..=b'9']
        | [a @ b'1'..=b'5', b @ b'0'..=b'9', c @ b'0'..=b'9', b' ', ..] => {
            let digit = |sign: &u8| u16::from(sign - b'0');
            Ok((digit(a) * 100 + digit(b) * 10 + digit(c), is_1_1))
        }
        _ => Err(Fault::StatusLine),
    }
}
