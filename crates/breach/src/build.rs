//! Makes an [`Index`] from published corpora, in bounded memory, resumably.
//!
//! Inputs are the hash-ordered texts of leaked passwords (`HASH:COUNT`), packed with gzip or
//! not, folders of range files, or plain lists of passwords. Two steps:
//!
//! 1. **Gather.** The first 64 bits of each hash go to sorted runs in a working folder beside
//!    the output, named like it with `.partial`. Each time the memory is full, it is sorted
//!    and written, and a small state file says how far the reading came: the same command
//!    goes on from there after an interruption.
//! 2. **Write.** The runs, and the old index in an update, are merged into the new index in
//!    the working folder, which then takes its place by renaming. The output is the old file
//!    or the new one, whole, at any moment.
//!
//! The result depends on the set of passwords and the options only: not on the memory, the
//! order of the inputs, or interruptions.

mod error;
mod gather;
mod input;
mod lines;
mod merge;
mod row;
mod runs;
mod state;
#[cfg(test)]
mod tests;
mod union;
mod work;

use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use error::Fault;
pub use error::{BadLine, BuildError};
use input::Input;
pub use row::BadRow;
use runs::Runs;
pub use state::Counts;
use state::Position;
use union::Union;
use work::Work;

use crate::{Index, Kind};

/// Called often during a build; `Break` stops it as a power cut would.
pub type Report<'a> = dyn FnMut(Progress) -> ControlFlow<()> + 'a;

/// What to make, and from what.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Which hash the corpus and the index are made of. [`Kind::Sha1`] by default.
    pub kind: Kind,
    /// The inputs are passwords, one per line, instead of hashes.
    pub plain: bool,
    /// Leave out passwords seen fewer times. A row without a count was seen once. 1 by
    /// default: keep all.
    pub least_count: u64,
    /// The highest rate of false hits, above 0 and below 1. By default one in a million, or
    /// in an update the hash length of the old index.
    pub false_hit_rate: Option<f64>,
    /// Most bytes of buffers to hold, at least [`Options::LEAST_MEMORY`]. 256 MiB by default.
    pub memory: u64,
    /// An index whose entries are kept too. It may be the output itself.
    pub update: Option<PathBuf>,
}

impl Options {
    /// The least memory that a build may be given, in bytes.
    pub const LEAST_MEMORY: u64 = 16 << 20;

    /// One false hit in a million: an index of 1.6 billion entries takes 5.5 GB.
    pub const DEFAULT_RATE: f64 = 1e-6;
}

impl Default for Options {
    fn default() -> Self {
        Self {
            kind: Kind::Sha1,
            plain: false,
            least_count: 1,
            false_hit_rate: None,
            memory: 256 << 20,
            update: None,
        }
    }
}

/// How far a build has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub step: Step,
    /// How much of the step is done, of `total`, in a unit of its own.
    pub done: u64,
    /// How much there is to do.
    pub total: u64,
}

/// A part of a build that takes long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Checking the index to update.
    Checking,
    /// Reading the inputs.
    Reading,
    /// Counting different passwords, when runs overlap.
    Counting,
    /// Writing the index.
    Writing,
}

/// A finished build.
#[derive(Debug)]
#[non_exhaustive]
pub struct Built {
    /// The index, opened and checked as any other.
    pub index: Index,
    /// What became of the lines.
    pub counts: Counts,
    /// The first bad lines.
    pub bad: Vec<BadLine>,
    /// How many of the 1,048,576 ranges the folders lack: their passwords are not in the
    /// index.
    pub missing_ranges: u64,
    /// How many things in the folders are no range file.
    pub ignored_files: u64,
    /// Whether an interrupted build was continued.
    pub resumed: bool,
    /// Most bytes of buffers held at once.
    pub memory: u64,
}

/// Makes an index of `inputs` at `output`, which is replaced whole at the end.
///
/// # Errors
/// A path cannot be read or written, there is nothing to keep, too many lines are bad, the
/// options contradict each other or the old index, or `report` asked to stop.
pub fn build(
    output: &Path,
    inputs: &[PathBuf],
    options: &Options,
    report: &mut Report<'_>,
) -> Result<Built, BuildError> {
    if options.memory < Options::LEAST_MEMORY {
        return Err(BuildError(Fault::Memory {
            least: Options::LEAST_MEMORY,
        }));
    }
    let keys = (options.memory - gather::MEMORY as u64) / 8;
    let keys = usize::try_from(keys).unwrap_or(usize::MAX / 8);
    build_with(output, inputs, options, keys, report).map_err(BuildError)
}

/// [`build`] with room for so many keys in memory, which a test makes small.
fn build_with(
    output: &Path,
    inputs: &[PathBuf],
    options: &Options,
    capacity: usize,
    report: &mut Report<'_>,
) -> Result<Built, Fault> {
    let rate = options.false_hit_rate;
    if rate.is_some_and(|rate| !(rate > 0.0 && rate < 1.0)) {
        return Err(Fault::NoRate);
    }
    if inputs.is_empty() && options.update.is_none() {
        return Err(Fault::NoInput);
    }
    let inputs = find(inputs, options.plain)?;
    let old = match &options.update {
        Some(path) => Some(open_old(path, options.kind, report)?),
        None => None,
    };
    let mut work = Work::open(output, gather::mark(&inputs, options))?;
    let resumed = work.state.at != Position::default();
    let mut runs = Runs::new(&work.folder, capacity, work.state.runs.clone());
    let mut make = || {
        gather::gather(&inputs, options, &mut work, &mut runs, report)?;
        let runs = runs.finish().map_err(|error| work.failed(error))?;
        work.save(&runs)?;
        let union = Union::new(&work, &runs, old.as_ref(), options.memory);
        let plan = union.plan(options, report)?;
        union.write(plan, report)?;
        work.publish(output)?;
        Ok(union.memory())
    };
    let writing = match make() {
        Ok(memory) => memory,
        Err(mut fault) => {
            // If there is nothing because all of it is bad, the bad lines are the reason.
            if matches!(fault, Fault::Nothing) && work.state.counts.bad > 0 {
                fault = Fault::Bad(work.state.counts.bad, work.bad_lines(&inputs));
            }
            work.clean_up_after(&fault);
            return Err(fault);
        }
    };
    let gaps = || inputs.iter().filter_map(Input::gaps);
    Ok(Built {
        index: Index::open(output).map_err(Fault::Old)?,
        counts: work.state.counts,
        bad: work.bad_lines(&inputs),
        missing_ranges: gaps().map(|(missing, _)| missing).sum(),
        ignored_files: gaps().map(|(_, ignored)| ignored).sum(),
        resumed,
        memory: writing.max((gather::MEMORY + 8 * capacity) as u64),
    })
}

fn find(paths: &[PathBuf], plain: bool) -> Result<Vec<Input>, Fault> {
    let find = |path: &PathBuf| {
        let input = Input::find(path).map_err(|error| Fault::Read(path.clone(), error))?;
        if plain && input.gaps().is_some() {
            return Err(Fault::Read(path.clone(), ErrorKind::IsADirectory.into()));
        }
        if input.files() == 0 {
            return Err(Fault::NoRanges(path.clone()));
        }
        Ok(input)
    };
    paths.iter().map(find).collect()
}

/// Opens the index to update and checks all of it: damage would be sealed into the new one.
fn open_old(path: &Path, kind: Kind, report: &mut Report<'_>) -> Result<Index, Fault> {
    let old = Index::open(path).map_err(Fault::Old)?;
    if old.kind() != kind {
        return Err(Fault::OldKind {
            old: old.kind(),
            asked: kind,
        });
    }
    tell(report, Step::Checking, 0, 1)?;
    old.verify().map_err(Fault::Old)?;
    Ok(old)
}

fn tell(report: &mut Report<'_>, step: Step, done: u64, total: u64) -> Result<(), Fault> {
    match report(Progress { step, done, total }) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Fault::Stopped),
    }
}
