//! The first step: reads the inputs into runs, and remembers how far it came.

use super::error::Fault;
use super::input::{self, Input};
use super::lines::{Line, Lines};
use super::row::{self, BadRow};
use super::runs::{self, Runs};
use super::state::{Counts, Position};
use super::work::Work;
use super::{Options, Report, Step, tell};
use crate::index::shape::checksum;
use crate::{Digest, Kind};

/// Bytes of buffers beside the keys.
pub(crate) const MEMORY: usize = input::MEMORY + runs::MEMORY + LONGEST_PASSWORD;

/// Rows longer than this are bad: a hash, a colon and a count of 64 bits are 61 bytes.
const LONGEST_ROW: usize = 128;

/// Passwords longer than this in a plain list are left out: no policy lets them be typed.
const LONGEST_PASSWORD: usize = 4096;

/// Lines between two calls of the report.
const REPORT_LINES: u64 = 1 << 16;

/// Reads every line that an earlier, interrupted build has not read.
pub(crate) fn gather(
    inputs: &[Input],
    options: &Options,
    work: &mut Work,
    runs: &mut Runs,
    report: &mut Report<'_>,
) -> Result<(), Fault> {
    let total = inputs.iter().map(Input::length).sum();
    let mut before = 0;
    let start = work.state.at;
    for (number, input) in inputs.iter().enumerate() {
        if number >= start.input {
            let first = if number == start.input { start.file } else { 0 };
            for file in first..input.files() {
                if work.state.at.input != number || work.state.at.file != file {
                    work.state.at = Position {
                        input: number,
                        file,
                        offset: 0,
                        line: 0,
                    };
                }
                let mut told = |read: u64| {
                    let done = before + input.length_before(file) + read;
                    tell(report, Step::Reading, done.min(total), total)
                };
                gather_file(inputs, options, work, runs, &mut told)?;
            }
        }
        before += input.length();
    }
    work.state.at = Position {
        input: inputs.len(),
        ..Position::default()
    };
    Ok(())
}

/// Reads the file that the state stands in, from where the state stands.
fn gather_file(
    inputs: &[Input],
    options: &Options,
    work: &mut Work,
    runs: &mut Runs,
    told: &mut dyn FnMut(u64) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let at = work.state.at;
    let input = &inputs[at.input];
    let path = input.file(at.file);
    let failed = |error| Fault::Read(path.clone(), error);
    let text = input::open(&path, at.offset).map_err(failed)?;
    let longest = if options.plain {
        LONGEST_PASSWORD
    } else {
        LONGEST_ROW
    };
    let prefix = input.prefix(at.file).filter(|_| !options.plain);
    let mut lines = Lines::new(text.reader, longest, at.offset, at.line);
    told(text.read.get())?;
    while let Some(line) = lines.next().map_err(failed)? {
        work.state.counts.lines += 1;
        let key = if options.plain {
            password(line, options.kind, &mut work.state.counts)
        } else {
            match row(line, options, prefix, &mut work.state.counts) {
                Ok(key) => key,
                Err(reason) => {
                    let place = Position {
                        line: lines.number,
                        ..work.state.at
                    };
                    work.bad_line(inputs, place, reason)?;
                    None
                }
            }
        };
        if let Some(key) = key {
            runs.push(key);
        }
        if lines.number.is_multiple_of(REPORT_LINES) {
            told(text.read.get())?;
        }
        if runs.is_full() {
            work.state.at.offset = lines.offset;
            work.state.at.line = lines.number;
            runs.flush().map_err(|error| work.failed(error))?;
            work.save(runs.runs())?;
        }
    }
    Ok(())
}

/// The key of a password, if it is one that can be typed.
fn password(line: Line<'_>, kind: Kind, counts: &mut Counts) -> Option<u64> {
    if let Line::Bytes(bytes) = line
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return (!text.is_empty()).then(|| Digest::of(kind, text).key());
    }
    counts.untypable += 1;
    None
}

/// The key of a row, if it is to be kept. Empty lines are nothing.
fn row(
    line: Line<'_>,
    options: &Options,
    prefix: Option<u32>,
    counts: &mut Counts,
) -> Result<Option<u64>, BadRow> {
    let Line::Bytes(bytes) = line else {
        return Err(BadRow::TooLong);
    };
    if bytes.is_empty() {
        return Ok(None);
    }
    let row = row::parse(bytes, options.kind, prefix)?;
    if row.count == 0 {
        counts.padding += 1;
    } else if row.count < options.least_count {
        counts.rare += 1;
    } else {
        return Ok(Some(row.key));
    }
    Ok(None)
}

/// A number that tells this gathering from another. Memory and rate are no part of it: they
/// may change when an interrupted build goes on.
pub(crate) fn mark(inputs: &[Input], options: &Options) -> u64 {
    let mut text = format!("{} {} {}", options.kind, options.plain, options.least_count);
    for input in inputs {
        text += &format!("\n{}", input.mark());
    }
    checksum(text.as_bytes())
}
