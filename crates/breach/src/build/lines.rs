//! The lines of a text, of which none may be larger than a limit, with their places.

use std::io::{self, BufRead, Read};

/// Reads lines one by one into the same buffer.
pub(crate) struct Lines<R> {
    reader: R,
    line: Vec<u8>,
    longest: usize,
    /// Bytes of text read.
    pub(crate) offset: u64,
    /// Lines read: the number of the last one, counted from 1.
    pub(crate) number: u64,
}

/// One line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// Its bytes without LF or CR LF.
    Bytes(&'a [u8]),
    /// Longer than the limit; the rest of it is skipped.
    TooLong,
}

impl<R: BufRead> Lines<R> {
    /// Lines of at most `longest` bytes, from a place in the text.
    pub(crate) fn new(reader: R, longest: usize, offset: u64, number: u64) -> Self {
        Self {
            reader,
            // The line and its end.
            line: Vec::with_capacity(longest + 2),
            longest,
            offset,
            number,
        }
    }

    /// The next line, or `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        let limit = self.longest as u64 + 2;
        let length = self
            .reader
            .by_ref()
            .take(limit)
            .read_until(b'\n', &mut self.line)?;
        if length == 0 {
            return Ok(None);
        }
        self.offset += length as u64;
        self.number += 1;
        let mut line = self.line.as_slice();
        if let Some(whole) = line.strip_suffix(b"\n") {
            line = whole;
        } else if length as u64 == limit {
            self.offset += self.reader.skip_until(b'\n')? as u64;
            return Ok(Some(Line::TooLong));
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        Ok(Some(if line.len() > self.longest {
            Line::TooLong
        } else {
            Line::Bytes(line)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_places_whatever_their_ends_and_lengths() {
        let text = b"one\r\n\n12345\r\n123456\n1234567\n12345678901234567890\r\nlast";
        let mut lines = Lines::new(&text[..], 5, 0, 0);
        let mut found = Vec::new();
        while let Some(line) = lines.next().expect("memory") {
            found.push(match line {
                Line::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                Line::TooLong => "too long".to_owned(),
            });
            let (offset, number) = (lines.offset as usize, lines.number);
            let again = &text[offset..];
            let rest = Lines::new(again, 5, lines.offset, number);
            assert_eq!((rest.offset, rest.number), (offset as u64, number));
            assert!(offset == text.len() || text[offset - 1] == b'\n');
        }
        let long = "too long";
        assert_eq!(found, ["one", "", "12345", long, long, long, "last"]);
        assert_eq!((lines.offset, lines.number), (text.len() as u64, 7));
    }
}
