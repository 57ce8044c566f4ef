//! A table as text: records, the field of the hash in each, and what takes its place.
//!
//! CSV is read as RFC 4180 has it, with commas or semicolons; TSV has no quotes; without a
//! column a line is a hash. What is not the hash is never decoded and keeps every byte.

use std::borrow::Cow;
use std::io::{self, BufRead};
use std::ops::Range;

/// Bytes of one record, at most.
pub(crate) const LONGEST: usize = 1024 * 1024;

/// How fields are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// The whole line is one field.
    Lines,
    /// Tabs, without quotes.
    Tabs,
    /// This byte, with quotes.
    Quoted(u8),
}

/// One record, with the end of its line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Record {
    pub(crate) bytes: Vec<u8>,
    /// The line where it begins, from 1.
    pub(crate) line: u64,
    /// Whether it has its end: the last of a table may have none, or be cut off.
    pub(crate) whole: bool,
}

/// The records of a table, one after the other.
#[derive(Debug)]
pub(crate) struct Records<R> {
    reader: R,
    dialect: Dialect,
    line: u64,
}

impl Dialect {
    /// What stands between two fields.
    const fn separator(self) -> Option<u8> {
        match self {
            Self::Lines => None,
            Self::Tabs => Some(b'\t'),
            Self::Quoted(separator) => Some(separator),
        }
    }

    /// Whether a quote that means something stands in the bytes. Most records have none, and
    /// are taken apart many bytes at a time.
    fn has_quote(self, bytes: &[u8]) -> bool {
        matches!(self, Self::Quoted(_)) && memchr::memchr(b'"', bytes).is_some()
    }

    /// That of a table whose first line is known: the separator that it has most of.
    pub(crate) fn of(first: &[u8]) -> Self {
        let count = |sign: u8| first.iter().filter(|&&byte| byte == sign).count();
        if first.contains(&b'\t') {
            Self::Tabs
        } else if count(b';') > count(b',') {
            Self::Quoted(b';')
        } else {
            Self::Quoted(b',')
        }
    }
}

impl<R: BufRead> Records<R> {
    pub(crate) const fn new(reader: R, dialect: Dialect) -> Self {
        Self {
            reader,
            dialect,
            line: 1,
        }
    }

    /// The next record, in memory of its own.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(crate) fn next(&mut self) -> io::Result<Option<Record>> {
        let mut record = Record::default();
        Ok(self.read(&mut record)?.then_some(record))
    }

    /// Reads the next record in the place of another, whose memory it takes; false at the end.
    ///
    /// # Errors
    /// When reading fails, or a record is longer than [`LONGEST`] bytes: then a quote is
    /// probably left open.
    pub(crate) fn read(&mut self, record: &mut Record) -> io::Result<bool> {
        record.bytes.clear();
        record.line = self.line;
        let mut at = At::Start;
        loop {
            let known = record.bytes.len();
            let room = (LONGEST + 1 - known) as u64;
            io::Read::take(&mut self.reader, room).read_until(b'\n', &mut record.bytes)?;
            if record.bytes.len() > LONGEST {
                let error = TooLong(record.line);
                return Err(io::Error::new(io::ErrorKind::InvalidData, error));
            }
            let read = &record.bytes[known..];
            record.whole = read.ends_with(b"\n");
            self.line += u64::from(record.whole);
            // A line without a quote opens none.
            if at == At::Quoted || self.dialect.has_quote(read) {
                at = read
                    .iter()
                    .fold(at, |at, &byte| at.next(byte, self.dialect));
            }
            if !record.whole || at != At::Quoted {
                return Ok(!record.bytes.is_empty());
            }
        }
    }
}

/// Where a byte of a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// A field begins.
    Start,
    /// In a field, where quotes mean nothing.
    Plain,
    /// Between quotes.
    Quoted,
    /// After the quote that ends them, unless it is the first of two.
    Closed,
}

impl At {
    /// The place after a byte.
    const fn next(self, byte: u8, dialect: Dialect) -> Self {
        let (separator, quote) = match dialect {
            Dialect::Lines => return Self::Plain,
            Dialect::Tabs => (b'\t', false),
            Dialect::Quoted(separator) => (separator, byte == b'"'),
        };
        match self {
            Self::Quoted if quote => Self::Closed,
            Self::Quoted => Self::Quoted,
            Self::Start | Self::Closed if quote => Self::Quoted,
            _ if byte == separator => Self::Start,
            _ => Self::Plain,
        }
    }
}

/// A record without end, at this line.
#[derive(Debug)]
pub(crate) struct TooLong(pub(crate) u64);

impl std::fmt::Display for TooLong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a record without end at line {}", self.0)
    }
}

impl std::error::Error for TooLong {}

impl Record {
    /// Where each field lies, with its quotes.
    pub(crate) fn fields(&self, dialect: Dialect) -> Fields<'_> {
        let end = self.bytes.len() - self.ending();
        Fields {
            bytes: &self.bytes[..end],
            dialect,
            has_quote: dialect.has_quote(&self.bytes[..end]),
            begin: Some(0),
        }
    }

    /// What a field says: without quotes, and without the spaces around it.
    pub(crate) fn text(&self, field: &Range<usize>, dialect: Dialect) -> Cow<'_, [u8]> {
        let raw = &self.bytes[field.clone()];
        let inner = match dialect {
            Dialect::Quoted(_) => raw
                .strip_prefix(b"\"")
                .and_then(|raw| raw.strip_suffix(b"\"")),
            _ => None,
        };
        let Some(inner) = inner.filter(|inner| inner.contains(&b'"')) else {
            return Cow::Borrowed(inner.unwrap_or(raw).trim_ascii());
        };
        let mut text = Vec::with_capacity(inner.len());
        let mut bytes = inner.iter();
        while let Some(&byte) = bytes.next() {
            text.push(byte);
            if byte == b'"' {
                // The second of two.
                bytes.next();
            }
        }
        Cow::Owned(text.trim_ascii().to_vec())
    }

    /// The record with other text in one field, every other byte kept.
    pub(crate) fn with(&self, field: &Range<usize>, text: &str, dialect: Dialect) -> Vec<u8> {
        let quoted = match dialect {
            Dialect::Quoted(separator) => {
                self.bytes[field.clone()].starts_with(b"\"")
                    || text.bytes().any(|byte| byte == separator || byte == b'"')
            }
            _ => false,
        };
        let text = if quoted {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text.to_owned()
        };
        let (before, after) = (&self.bytes[..field.start], &self.bytes[field.end..]);
        [before, text.as_bytes(), after].concat()
    }

    fn ending(&self) -> usize {
        if self.bytes.ends_with(b"\r\n") {
            2
        } else {
            usize::from(self.bytes.ends_with(b"\n"))
        }
    }
}

/// Where the fields of a record lie, one after the other.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'r> {
    bytes: &'r [u8],
    dialect: Dialect,
    has_quote: bool,
    /// Where the next one begins; `None` after the last.
    begin: Option<usize>,
}

impl Iterator for Fields<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let begin = self.begin?;
        let rest = &self.bytes[begin..];
        let length = if self.has_quote {
            let mut at = At::Start;
            rest.iter().position(|&byte| {
                at = at.next(byte, self.dialect);
                at == At::Start
            })
        } else {
            let separator = self.dialect.separator();
            separator.and_then(|separator| memchr::memchr(separator, rest))
        };
        self.begin = length.map(|length| begin + length + 1);
        Some(begin..length.map_or(self.bytes.len(), |length| begin + length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMA: Dialect = Dialect::Quoted(b',');

    fn records(text: &[u8], dialect: Dialect) -> Vec<Record> {
        let mut records = Records::new(text, dialect);
        std::iter::from_fn(|| records.next().expect("memory")).collect()
    }

    #[test]
    fn a_table_is_its_records_and_nothing_is_lost() {
        let table =
            b"id,hash,note\r\n1,abc,\"two\nlines, \"\"quoted\"\"\"\n2,,\"\"\n3,\"x\"\"y\",z";
        let found = records(table, COMMA);
        let lines: Vec<u64> = found.iter().map(|record| record.line).collect();
        assert_eq!(lines, [1, 2, 4, 5]);
        let all: Vec<u8> = found
            .iter()
            .flat_map(|record| record.bytes.clone())
            .collect();
        assert_eq!(all, table);
        let texts = |record: &Record| -> Vec<String> {
            let texts = record
                .fields(COMMA)
                .map(|field| record.text(&field, COMMA).into_owned());
            texts
                .map(|text| String::from_utf8(text).expect("UTF-8"))
                .collect()
        };
        assert_eq!(texts(&found[0]), ["id", "hash", "note"]);
        assert_eq!(texts(&found[1]), ["1", "abc", "two\nlines, \"quoted\""]);
        assert_eq!(texts(&found[2]), ["2", "", ""]);
        assert_eq!(texts(&found[3]), ["3", "x\"y", "z"]);
        let whole = found.iter().map(|record| record.whole);
        assert!(whole.eq([true, true, true, false]));
        // Cut off inside quotes, after the end of a line.
        let cut = records(b"1,\"two\n", COMMA);
        assert!(cut.len() == 1 && !cut[0].whole);
    }

    /// A record with a quote goes byte by byte, one without does not; both split alike.
    #[test]
    fn quotes_change_how_a_record_is_read_and_not_what_it_says() {
        for number in 0..3_usize.pow(7) {
            let signs = (0..7).map(|place| [b'a', b',', b'\t'][number / 3_usize.pow(place) % 3]);
            let plain: Vec<u8> = signs.collect();
            for (dialect, separator) in [(COMMA, b','), (Dialect::Tabs, b'\t')] {
                let split: Vec<&[u8]> = plain.split(|&byte| byte == separator).collect();
                let quoted = [&plain[..], &[separator], b"\"z\"\n"].concat();
                for (text, count) in [(&plain, split.len()), (&quoted, split.len() + 1)] {
                    let found = records(text, dialect);
                    let fields = found[0].fields(dialect);
                    assert_eq!(fields.clone().count(), count, "{text:?}");
                    for (field, expected) in fields.zip(&split) {
                        assert_eq!(&found[0].bytes[field], *expected, "{text:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn quotes_mean_nothing_in_lines_and_between_tabs() {
        for (dialect, fields) in [(Dialect::Lines, 1), (Dialect::Tabs, 2), (COMMA, 2)] {
            let found = records(b"\"a\t\"b\n5\" screen,c\tx\n", dialect);
            if dialect != COMMA {
                assert_eq!(found.len(), 2, "{dialect:?}");
            }
            let last = found.last().expect("a record");
            assert_eq!(last.fields(dialect).count(), fields, "{dialect:?}");
        }
        // Two in the middle of a field open none.
        assert_eq!(records(b"a\"\",\"b\n\",c\nd\n", COMMA).len(), 2);
    }

    #[test]
    fn a_hash_is_replaced_and_quoted_where_it_must_be() {
        let hash = "$w$m=1,t=2";
        for (dialect, line, column, expected) in [
            (
                COMMA,
                &b"1,abc,x\r\n"[..],
                1,
                &b"1,\"$w$m=1,t=2\",x\r\n"[..],
            ),
            (COMMA, b"1,\"abc\"", 1, b"1,\"$w$m=1,t=2\""),
            (COMMA, b"abc\n", 0, b"\"$w$m=1,t=2\"\n"),
            (Dialect::Quoted(b';'), b"1;abc\n", 1, b"1;$w$m=1,t=2\n"),
            (
                Dialect::Quoted(b';'),
                b"1;\"abc\"\n",
                1,
                b"1;\"$w$m=1,t=2\"\n",
            ),
            (
                Dialect::Tabs,
                b"1\tabc\t\xff\n",
                1,
                b"1\t$w$m=1,t=2\t\xff\n",
            ),
            (Dialect::Lines, b"abc\r\n", 0, b"$w$m=1,t=2\r\n"),
        ] {
            let record = &records(line, dialect)[0];
            let field = record.fields(dialect).nth(column).expect("a field");
            assert_eq!(*record.text(&field, dialect), *b"abc");
            let written = record.with(&field, hash, dialect);
            assert_eq!(written, expected);
            let again = &records(&written, dialect)[0];
            let field = again.fields(dialect).nth(column).expect("a field");
            assert_eq!(*again.text(&field, dialect), *hash.as_bytes());
        }
    }

    #[test]
    fn a_record_without_end_is_told_by_its_line() {
        let mut table = b"a,b\n1,\"".to_vec();
        table.resize(LONGEST + 100, b'x');
        let mut reader = Records::new(&table[..], COMMA);
        assert!(reader.next().expect("a record").is_some());
        let error = reader.next().expect_err("no end");
        assert!(error.to_string().contains("line 2"), "{error}");
    }

    #[test]
    fn the_first_line_tells_the_dialect() {
        for (first, dialect) in [
            ("a,b", COMMA),
            ("a", COMMA),
            ("a;b", Dialect::Quoted(b';')),
            ("a;b,c", COMMA),
            ("a\tb,c", Dialect::Tabs),
        ] {
            assert_eq!(Dialect::of(first.as_bytes()), dialect, "{first}");
        }
    }
}
