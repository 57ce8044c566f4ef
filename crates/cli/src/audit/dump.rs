//! The stored texts of a dump, one after the other, whatever wrote the dump.
//!
//! | kind | a stored text is |
//! |-|-|
//! | lines | a line |
//! | passwd | the second field of a line, between colons (`passwd`, `shadow`, `htpasswd`) |
//! | table | a column of CSV, with commas or semicolons, or of TSV |
//! | json-lines | a member of the object on a line |
//! | ldif | each `userPassword`, in base64 or not, folded or not |
//!
//! A record is bounded, and so is what is kept of one: a dump of any length takes the same
//! memory. A record that cannot be read is counted, not passed over: nobody knows what it holds.

mod json;
mod kind;

use std::borrow::Cow;
use std::io::{self, BufRead};

use base64ct::{Base64, Encoding as _};
use serde::de::DeserializeSeed;

use json::{Member, usual_member};
pub(super) use kind::{Kind, has_separators, is_name};
use kind::{holds_names, is_usual};

use crate::table::{Dialect, LONGEST, Record, Records};

/// A dump that is being read.
pub(super) struct Dump<R> {
    reader: Reader<R>,
    /// What is being looked at: each line takes the memory of the one before.
    record: Record,
    /// Bytes read so far.
    pub(super) done: u64,
    /// Records that could not be read so far.
    pub(super) unreadable: u64,
}

enum Reader<R> {
    Lines(R),
    Passwd(R),
    Table {
        records: Records<R>,
        dialect: Dialect,
        place: usize,
        /// The first record, where it holds no names.
        first: Option<Record>,
    },
    JsonLines {
        reader: R,
        member: String,
    },
    Ldif {
        reader: R,
        /// A line that was read to see whether it goes on the one before.
        next: Option<Vec<u8>>,
    },
}

/// Why a dump cannot be read.
#[derive(Debug)]
pub(super) enum DumpError {
    Io(io::Error),
    /// No column of this name, or none that goes by a usual one; the columns there are.
    Column(Vec<String>),
    /// No member was named, and none of the first object goes by a usual name.
    Member,
    /// A column of a kind that has none.
    NoColumns,
}

impl From<io::Error> for DumpError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl<R: BufRead> Dump<R> {
    /// Begins a dump. `column` is the name or the number of a column, or the name of a
    /// member.
    pub(super) fn open(mut reader: R, kind: Kind, column: Option<&str>) -> Result<Self, DumpError> {
        let mut done = 0;
        let reader = match kind {
            Kind::Lines | Kind::Passwd | Kind::Ldif if column.is_some() => {
                return Err(DumpError::NoColumns);
            }
            Kind::Lines => Reader::Lines(reader),
            Kind::Passwd => Reader::Passwd(reader),
            Kind::Ldif => Reader::Ldif { reader, next: None },
            Kind::JsonLines => {
                let member = match column {
                    Some(column) => column.to_owned(),
                    None => usual_member(&mut reader)?,
                };
                Reader::JsonLines { reader, member }
            }
            Kind::Table => {
                let first = reader.fill_buf()?;
                let line = first
                    .split(|&byte| byte == b'\n')
                    .next()
                    .unwrap_or_default();
                let dialect = match line.contains(&b',') || line.contains(&b';') {
                    // A column alone has no separator, and its hashes may hold any.
                    false if !line.contains(&b'\t') => Dialect::Quoted(0),
                    _ => Dialect::of(line),
                };
                let mut records = Records::new(reader, dialect);
                let header = records.next()?.unwrap_or_default();
                done += header.bytes.len() as u64;
                let names: Vec<String> = header
                    .fields(dialect)
                    .map(|field| {
                        let text = header.text(&field, dialect);
                        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
                        String::from_utf8_lossy(text).into_owned()
                    })
                    .collect();
                let named = match column {
                    Some(column) => names.iter().position(|name| name == column),
                    None => names.iter().position(|name| is_usual(name)),
                };
                let numbered = || {
                    let number = column?.parse::<usize>().ok()?.checked_sub(1)?;
                    (number < names.len()).then_some(number)
                };
                let Some(place) = named.or_else(numbered) else {
                    return Err(DumpError::Column(names));
                };
                let is_header = named.is_some() || holds_names(&names, place);
                Reader::Table {
                    records,
                    dialect,
                    place,
                    first: (!is_header).then_some(header),
                }
            }
        };
        Ok(Self {
            reader,
            record: Record::default(),
            done,
            unreadable: 0,
        })
    }

    /// The next stored text, without the spaces around it; `Some(None)` for a record that has
    /// none.
    ///
    /// # Errors
    /// When reading fails, or a record has no end.
    pub(super) fn next(&mut self) -> io::Result<Option<Option<Cow<'_, [u8]>>>> {
        let (record, done) = (&mut self.record, &mut self.done);
        let text = match &mut self.reader {
            Reader::Lines(reader) => {
                if !line(reader, &mut record.bytes, done)? {
                    return Ok(None);
                }
                text_of(&record.bytes)
            }
            Reader::Passwd(reader) => {
                loop {
                    if !line(reader, &mut record.bytes, done)? {
                        return Ok(None);
                    }
                    if !record.bytes.starts_with(b"#") && !record.bytes.is_empty() {
                        break;
                    }
                }
                let mut fields = record.bytes.split(|&byte| byte == b':');
                fields.nth(1).and_then(text_of)
            }
            Reader::Table {
                records,
                dialect,
                place,
                first,
            } => {
                if let Some(first) = first.take() {
                    *record = first;
                } else if records.read(record)? {
                    *done += record.bytes.len() as u64;
                } else {
                    return Ok(None);
                }
                let field = record.fields(*dialect).nth(*place);
                let text = field.map(|field| record.text(&field, *dialect));
                return Ok(Some(text.filter(|text| !text.is_empty())));
            }
            Reader::JsonLines { reader, member } => {
                while line(reader, &mut record.bytes, done)? {
                    if record.bytes.trim_ascii().is_empty() {
                        continue;
                    }
                    let mut json = serde_json::Deserializer::from_slice(&record.bytes);
                    let text = Member(member).deserialize(&mut json);
                    let text = text.and_then(|text| json.end().map(|()| text));
                    match text {
                        Ok(text) => return Ok(Some(text.and_then(|text| owned(text.as_bytes())))),
                        Err(_) => self.unreadable += 1,
                    }
                }
                return Ok(None);
            }
            Reader::Ldif { reader, next } => loop {
                match ldif(reader, next, done)? {
                    None => return Ok(None),
                    Some(Some(text)) => return Ok(Some(owned(&text))),
                    Some(None) => self.unreadable += 1,
                }
            },
        };
        Ok(Some(text.map(Cow::Borrowed)))
    }
}

/// A text without the spaces around it; `None` for none at all.
fn text_of(bytes: &[u8]) -> Option<&[u8]> {
    let text = bytes.trim_ascii();
    (!text.is_empty()).then_some(text)
}

/// The same, of bytes that do not stay.
fn owned<'text>(bytes: &[u8]) -> Option<Cow<'text, [u8]>> {
    text_of(bytes).map(|text| Cow::Owned(text.to_vec()))
}

/// Reads the next line, without its end, in the place of another; false when there is none.
fn line(reader: &mut impl BufRead, line: &mut Vec<u8>, done: &mut u64) -> io::Result<bool> {
    line.clear();
    let read = io::Read::take(&mut *reader, LONGEST as u64 + 1).read_until(b'\n', line)?;
    *done += read as u64;
    if read > LONGEST {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "a line without end",
        ));
    }
    while line
        .last()
        .is_some_and(|&byte| byte == b'\n' || byte == b'\r')
    {
        line.pop();
    }
    Ok(read > 0)
}

/// The next `userPassword`, its continuation lines joined (RFC 2849); nothing inside where it
/// cannot be decoded, or stands elsewhere.
fn ldif(
    reader: &mut impl BufRead,
    next: &mut Option<Vec<u8>>,
    done: &mut u64,
) -> io::Result<Option<Option<Vec<u8>>>> {
    let mut more = Vec::new();
    loop {
        let mut whole = match next.take() {
            Some(first) => first,
            None if line(reader, &mut more, done)? => std::mem::take(&mut more),
            None => return Ok(None),
        };
        while line(reader, &mut more, done)? {
            match more.strip_prefix(b" ") {
                Some(rest) if whole.len() + rest.len() <= LONGEST => whole.extend_from_slice(rest),
                _ => {
                    *next = Some(std::mem::take(&mut more));
                    break;
                }
            }
        }
        let Some(colon) = whole.iter().position(|&byte| byte == b':') else {
            continue;
        };
        let (name, value) = whole.split_at(colon);
        let name = name.split(|&byte| byte == b';').next().unwrap_or(name);
        if !name.eq_ignore_ascii_case(b"userPassword") {
            continue;
        }
        let encoded = match value {
            [b':', b':', encoded @ ..] => std::str::from_utf8(encoded.trim_ascii()).ok(),
            [b':', b'<', ..] => None,
            _ => return Ok(Some(Some(value[1..].to_vec()))),
        };
        return Ok(Some(
            encoded.and_then(|encoded| Base64::decode_vec(encoded).ok()),
        ));
    }
}

#[cfg(test)]
mod tests;
