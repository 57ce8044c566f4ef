//! How far an interrupted build had come: a small text file beside its runs.
//!
//! It is written after the runs that it counts are on the disk, under another name, and then
//! renamed, so that it is whole and true whenever it is read. Its last line is a checksum;
//! a state that does not match is no state.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::str::FromStr;

use super::row::BadRow;
use super::runs::Run;
use crate::index::shape::checksum;

/// The file in the working folder.
pub(crate) const NAME: &str = "state";

/// The first line; a later program with other habits changes the number.
const FIRST: &str = "rempart breach build 1";

/// How many bad lines are remembered with their place.
pub(crate) const NAMED: usize = 5;

/// What was read so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// Where to read on.
    pub(crate) at: Position,
    pub(crate) counts: Counts,
    /// The places of the first bad lines.
    pub(crate) bad: Vec<(Position, BadRow)>,
    pub(crate) runs: Vec<Run>,
}

/// A place in the inputs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Position {
    /// Which input, and which file of it if it is a folder.
    pub(crate) input: usize,
    pub(crate) file: usize,
    /// Bytes and lines of its text before this place.
    pub(crate) offset: u64,
    pub(crate) line: u64,
}

/// What became of the lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Lines read.
    pub lines: u64,
    /// Rows left out because the password was seen fewer times than asked.
    pub rare: u64,
    /// Rows with a count of 0, which only pad an answer.
    pub padding: u64,
    /// Bad rows.
    pub bad: u64,
    /// Lines of a list of passwords that nobody can type: not UTF-8, or longer than 4 KiB.
    pub untypable: u64,
}

/// Reads the state of this build; `None` if the folder has none, or a damaged one.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`]: it is the state of another build.
pub(crate) fn load(folder: &Path, mark: u64) -> io::Result<Option<State>> {
    let Ok(text) = fs::read_to_string(folder.join(NAME)) else {
        return Ok(None);
    };
    let Some((found, state)) = decode(&text) else {
        return Ok(None);
    };
    if found == mark {
        Ok(Some(state))
    } else {
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

/// Makes a state durable. `mark` is that of the inputs and options.
pub(crate) fn save(folder: &Path, mark: u64, state: &State) -> io::Result<()> {
    let written = folder.join("state.new");
    let mut file = File::create(&written)?;
    file.write_all(encode(mark, state).as_bytes())?;
    file.sync_data()?;
    fs::rename(written, folder.join(NAME))
}

fn encode(mark: u64, state: &State) -> String {
    let State {
        at,
        counts,
        bad,
        runs,
    } = state;
    let mut text = format!("{FIRST}\nmark {mark}\nat {}\n", place(at));
    text += &format!(
        "counts {} {} {} {} {}\n",
        counts.lines, counts.rare, counts.padding, counts.bad, counts.untypable
    );
    for (at, reason) in bad {
        let reason = BadRow::ALL.iter().position(|known| known == reason);
        text += &format!("bad {} {}\n", place(at), reason.unwrap_or(0));
    }
    for run in runs {
        text += &format!("run {} {}\n", run.keys, run.last);
    }
    let sum = checksum(text.as_bytes());
    text + &format!("sum {sum}\n")
}

fn place(at: &Position) -> String {
    format!("{} {} {} {}", at.input, at.file, at.offset, at.line)
}

fn decode(text: &str) -> Option<(u64, State)> {
    let (body, sum) = text.strip_suffix('\n')?.rsplit_once('\n')?;
    let body = format!("{body}\n");
    if sum != format!("sum {}", checksum(body.as_bytes())) {
        return None;
    }
    let mut lines = body.lines();
    if lines.next()? != FIRST {
        return None;
    }
    let mut state = State::default();
    let mut mark = None;
    for line in lines {
        let mut words = line.split(' ');
        let name = words.next()?;
        let mut words = Words(words);
        match name {
            "mark" => mark = Some(words.next()?),
            "at" => state.at = words.place()?,
            "counts" => {
                state.counts = Counts {
                    lines: words.next()?,
                    rare: words.next()?,
                    padding: words.next()?,
                    bad: words.next()?,
                    untypable: words.next()?,
                }
            }
            "bad" => {
                let at = words.place()?;
                let reason = BadRow::ALL.get(words.next::<usize>()?)?;
                state.bad.push((at, *reason));
            }
            "run" => state.runs.push(Run {
                keys: words.next()?,
                last: words.next()?,
            }),
            _ => return None,
        }
    }
    Some((mark?, state))
}

struct Words<'a>(std::str::Split<'a, char>);

impl Words<'_> {
    fn next<T: FromStr>(&mut self) -> Option<T> {
        self.0.next()?.parse().ok()
    }

    fn place(&mut self) -> Option<Position> {
        Some(Position {
            input: self.next()?,
            file: self.next()?,
            offset: self.next()?,
            line: self.next()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some_state() -> State {
        let at = Position {
            input: 2,
            file: 77,
            offset: 1 << 40,
            line: 9,
        };
        State {
            at,
            counts: Counts {
                lines: 1,
                rare: 2,
                padding: 3,
                bad: 4,
                untypable: 5,
            },
            bad: BadRow::ALL.map(|reason| (at, reason)).to_vec(),
            runs: [3, u64::MAX].map(|last| Run { keys: 8, last }).to_vec(),
        }
    }

    #[test]
    fn a_state_reads_back_for_its_own_build_only() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(load(folder.path(), 1).is_ok_and(|state| state.is_none()));
        save(folder.path(), 1, &some_state()).expect("saved");
        let found = load(folder.path(), 1).expect("loaded");
        assert_eq!(found, Some(some_state()));
        let other = load(folder.path(), 2).expect_err("another build");
        assert_eq!(other.kind(), io::ErrorKind::AlreadyExists);
    }

    #[test]
    fn a_damaged_state_is_no_state() {
        let text = encode(1, &some_state());
        assert!(decode(&text).is_some());
        for cut in 0..text.len() {
            assert!(decode(&text[..cut]).is_none(), "cut at {cut}");
        }
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let changed = String::from_utf8(bytes).expect("ASCII");
            assert!(decode(&changed).is_none(), "changed at {at}");
        }
    }
}
