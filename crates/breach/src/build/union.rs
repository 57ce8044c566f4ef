//! The second step: merges the runs, and the old index in an update, into the new index.

use super::error::Fault;
use super::merge::{Merged, Source};
use super::runs::{self, Run};
use super::work::Work;
use super::{Options, Report, Step, tell};
use crate::Index;
use crate::index::shape::Header;
use crate::index::write::{self, Writer};

/// Bytes of buffers beside those of the runs: the writer's, checksums of blocks, heads.
pub(crate) const MEMORY: usize = write::MEMORY + (1 << 20);

/// Everything that goes into the index.
pub(crate) struct Union<'a> {
    work: &'a Work,
    runs: &'a [Run],
    old: Option<&'a Index>,
    /// Bytes of the buffer of each run.
    buffer: usize,
}

impl<'a> Union<'a> {
    /// The runs of a build and the old index, to be merged in so many bytes.
    pub(crate) fn new(
        work: &'a Work,
        runs: &'a [Run],
        old: Option<&'a Index>,
        memory: u64,
    ) -> Self {
        let spare = memory.saturating_sub(MEMORY as u64);
        let buffer = spare / runs.len().max(1) as u64;
        Self {
            work,
            runs,
            old,
            buffer: buffer.clamp(8 << 10, 1 << 20) as usize,
        }
    }

    /// Bytes of buffers held while merging.
    pub(crate) const fn memory(&self) -> u64 {
        (MEMORY + self.buffer * self.runs.len()) as u64
    }

    /// The form of the index, from the exact number of different keys.
    pub(crate) fn plan(&self, options: &Options, report: &mut Report<'_>) -> Result<Header, Fault> {
        let most_bits = self.old.map_or(64, Index::bits);
        let keys = match (self.runs, self.old) {
            ([], None) => 0,
            // A run has no key twice.
            ([run], None) => run.keys,
            _ => self.count(most_bits, report)?,
        };
        if keys == 0 {
            return Err(Fault::Nothing);
        }
        let bits = match (options.false_hit_rate, self.old) {
            (None, Some(old)) => old.bits(),
            (rate, _) => Header::bits_for(keys, rate.unwrap_or(Options::DEFAULT_RATE)),
        };
        if bits > most_bits {
            return Err(Fault::Rate {
                least: keys as f64 / 2f64.powi(most_bits as i32),
            });
        }
        let mut plan = Header::plan(options.kind, keys, bits);
        plan.least_count = options
            .least_count
            .max(self.old.map_or(1, Index::least_count));
        Ok(plan)
    }

    fn count(&self, bits: u32, report: &mut Report<'_>) -> Result<u64, Fault> {
        let mut keys = 0;
        self.each(bits, Step::Counting, report, &mut |_| {
            keys += 1;
            Ok(())
        })?;
        Ok(keys)
    }

    /// Writes the index where the work wants it.
    pub(crate) fn write(&self, plan: Header, report: &mut Report<'_>) -> Result<(), Fault> {
        let failed = |error| self.work.failed(error);
        let mut writer = Writer::create(&self.work.index(), plan).map_err(failed)?;
        self.each(plan.key_bits, Step::Writing, report, &mut |key| {
            writer.push(key)
        })?;
        writer.finish().map_err(failed)?;
        Ok(())
    }

    /// Does something with each key, in ascending order and each once.
    fn each(
        &self,
        bits: u32,
        step: Step,
        report: &mut Report<'_>,
        act: &mut dyn FnMut(u64) -> std::io::Result<()>,
    ) -> Result<(), Fault> {
        let failed = |error| self.work.failed(error);
        let mut sources: Vec<Source<'_>> = Vec::with_capacity(self.runs.len() + 1);
        for (number, run) in self.runs.iter().enumerate() {
            let keys = runs::read(&self.work.folder, number, run, self.buffer);
            sources.push(Box::new(keys.map_err(failed)?));
        }
        if let Some(old) = self.old {
            sources.push(Box::new(old.keys().map(Ok)));
        }
        let total =
            self.runs.iter().map(|run| run.keys).sum::<u64>() + self.old.map_or(0, Index::entries);
        for (done, key) in Merged::new(sources, bits).map_err(failed)?.enumerate() {
            act(key.map_err(failed)?).map_err(failed)?;
            if (done as u64).is_multiple_of(1 << 18) {
                tell(report, step, done as u64, total)?;
            }
        }
        Ok(())
    }
}
