//! `wrap`: a whole table of weak hashes under Argon2 at once, with nobody's password known.
//!
//! Clauses: [`clause::CNIL_OBSOLETE_HASH`], [`clause::CNIL_UPGRADE_HASH`]. EDF renewed hashes
//! at sign-in only, and was fined for the tail that never came back.
//!
//! The output grows in a file beside it, `OUT.part`, record by record in the order of the
//! input, and takes its name at the end. A run that was killed goes on: what `OUT.part` holds
//! is compared with the input, half a record at its end is cut off, and the rest is wrapped. The
//! input must be the same to the byte from the first run to the last.
//!
//! Absent on purpose: a connection to a database. Export the two columns, wrap, and import
//! with an update that asks for the old hash too.
//!
//! [`clause::CNIL_OBSOLETE_HASH`]: policy::clause::CNIL_OBSOLETE_HASH
//! [`clause::CNIL_UPGRADE_HASH`]: policy::clause::CNIL_UPGRADE_HASH

mod crew;
mod part;
mod row;
mod words;

use std::fs::File;
use std::io::{self, BufReader, Read};

use policy::Language;
use sha2::{Digest, Sha256};

use super::args::Wrap;
use crate::args::Cli;
use crate::meter::Meter;
use crate::source;
use crate::table::{self, Dialect, Record, Records};
use crate::{Answer, Failure, Outcome};
use crew::Crew;
use part::{Part, PartError};
use row::{Column, Counts};
use words::{no_column, summary, told};

/// Records wrapped for each worker between two writes: a second of work, lost at most when
/// the machine stops.
const BATCH: usize = 32;

/// Wraps the table; exit code 1 if some hashes could not be wrapped and stay as they were.
pub(crate) fn run(cli: &Cli, options: &Wrap) -> Outcome {
    let (source, policy, language) = source::open(cli)?;
    let hasher = super::open(&source, &policy, language)?;
    let mut table = Table::open(options, language)?;
    let mut part = Part::open(&options.output, table.digest.clone())
        .map_err(|error| told(&error, options, language))?;
    let mut counts = Counts::default();
    let mut meter = Meter::new(table.length, language);

    let resumed = part
        .catch_up(&mut table, &mut counts, &hasher)
        .map_err(|error| told(&error, options, language))?;
    meter.begin(table.done);
    let mut crew = Crew::new(hasher, policy.hash());
    loop {
        let batch = table
            .take(crew.workers() * BATCH)
            .map_err(|error| told(&PartError::Input(error), options, language))?;
        if batch.is_empty() {
            break;
        }
        let done = crew
            .wrap(table.column, &batch)
            .map_err(|error| super::failed(error, language))?;
        for (record, (_, fate)) in batch.iter().zip(&done) {
            counts.add(record.line, *fate);
        }
        part.write(done.iter().map(|(bytes, _)| bytes.as_slice()))
            .map_err(|error| told(&error, options, language))?;
        meter.show(table.done);
    }
    meter.clear();
    part.finish(&hex(table.read))
        .map_err(|error| told(&error, options, language))?;
    anstream::eprint!("{}", summary(options, &counts, resumed, language));
    Ok(match counts.unreadable.is_empty() {
        true => Answer::Yes,
        false => Answer::No,
    })
}

/// The table to read, after its header.
struct Table {
    records: Records<BufReader<File>>,
    column: Column,
    header: Option<Record>,
    length: u64,
    /// Of the whole file.
    digest: String,
    /// Bytes read.
    done: u64,
    /// Their digest.
    read: Sha256,
}

impl Table {
    fn open(options: &Wrap, language: Language) -> Result<Self, Failure> {
        let fail = |error: io::Error| told(&PartError::Input(error), options, language);
        let mut file = File::open(&options.input).map_err(fail)?;
        let digest = digest(&mut file).map_err(fail)?;
        let length = file.metadata().map_err(fail)?.len();
        let mut reader = BufReader::new(file);
        let Some(wanted) = &options.column else {
            let (dialect, place) = (Dialect::Lines, 0);
            return Ok(Self {
                records: Records::new(reader, dialect),
                column: Column { dialect, place },
                header: None,
                length,
                digest,
                done: 0,
                read: Sha256::new(),
            });
        };
        let dialect = Dialect::of(&peek(&mut reader).map_err(fail)?);
        let mut records = Records::new(reader, dialect);
        let header = match options.no_header {
            true => None,
            false => records.next().map_err(fail)?,
        };
        let first = header
            .as_ref()
            .map_or(&[][..], |header| header.bytes.as_slice());
        let (done, read) = (first.len() as u64, Sha256::new_with_prefix(first));
        let place = place(wanted, header.as_ref(), dialect)
            .ok_or_else(|| no_column(wanted, options, language))?;
        Ok(Self {
            records,
            column: Column { dialect, place },
            header,
            length,
            digest,
            done,
            read,
        })
    }

    /// The next records, this many at most.
    fn take(&mut self, count: usize) -> io::Result<Vec<Record>> {
        let mut batch = Vec::new();
        while batch.len() < count
            && let Some(record) = self.records.next()?
        {
            self.done += record.bytes.len() as u64;
            self.read.update(&record.bytes);
            batch.push(record);
        }
        Ok(batch)
    }
}

/// The digest of a whole file, which is then at its beginning again. A pipe has none.
fn digest(file: &mut File) -> io::Result<String> {
    let mut digest = Sha256::new();
    let mut some = vec![0; 64 * 1024];
    loop {
        match file.read(&mut some)? {
            0 => break,
            count => digest.update(&some[..count]),
        }
    }
    io::Seek::rewind(file)?;
    Ok(hex(digest))
}

fn hex(digest: Sha256) -> String {
    let bytes = digest.finalize();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The first line, without taking it.
fn peek(reader: &mut BufReader<File>) -> io::Result<Vec<u8>> {
    use io::{Seek, SeekFrom};
    let mut first = Vec::new();
    io::BufRead::read_until(
        &mut reader.by_ref().take(table::LONGEST as u64),
        b'\n',
        &mut first,
    )?;
    reader.seek(SeekFrom::Start(0))?;
    Ok(first)
}

/// The place of a column by its name or number; names come first.
fn place(wanted: &str, header: Option<&Record>, dialect: Dialect) -> Option<usize> {
    let names = header.map(|header| {
        let fields = header.fields(dialect);
        fields.map(move |field| header.text(&field, dialect))
    });
    let named = names.clone().and_then(|mut names| {
        names.position(|name| {
            // Some exports put a mark before the first name.
            let name = name.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&name);
            name == wanted.as_bytes()
        })
    });
    let numbered = || {
        let place = wanted.parse::<usize>().ok()?.checked_sub(1)?;
        let most = names.map_or(usize::MAX, Iterator::count);
        (place < most).then_some(place)
    };
    named.or_else(numbered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_found_by_name_then_by_number() {
        let dialect = Dialect::Quoted(b',');
        let header = Record {
            bytes: b"\xef\xbb\xbfid,\"the hash\",2\r\n".to_vec(),
            line: 1,
            whole: true,
        };
        for (wanted, with, without) in [
            ("id", Some(0), None),
            ("the hash", Some(1), None),
            ("2", Some(2), Some(1)),
            ("1", Some(0), Some(0)),
            ("3", Some(2), Some(2)),
            ("4", None, Some(3)),
            ("0", None, None),
            ("-1", None, None),
            ("ID", None, None),
        ] {
            assert_eq!(place(wanted, Some(&header), dialect), with, "{wanted}");
            assert_eq!(place(wanted, None, dialect), without, "{wanted}");
        }
    }
}
