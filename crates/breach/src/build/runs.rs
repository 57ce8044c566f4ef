//! Keys on their way: gathered in memory, sorted, and kept on disk as sorted runs.
//!
//! A published corpus is in order already, so each flush continues the last run and there is
//! one, however long. Unordered input makes one run per flush; [`merge`](super::merge) joins
//! them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Most runs: each is one open file while they are merged, and 256 is a usual limit.
pub(crate) const MOST: usize = 200;

/// Bytes of the buffer that writes a run.
pub(crate) const MEMORY: usize = 64 * 1024;

/// A sorted file of different keys of 64 bits, little endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) keys: u64,
    pub(crate) last: u64,
}

/// The runs of a build and the keys that are not in one yet.
#[derive(Debug)]
pub(crate) struct Runs {
    folder: PathBuf,
    keys: Vec<u64>,
    capacity: usize,
    runs: Vec<Run>,
}

impl Runs {
    /// Continues with these runs, with room for so many keys in memory.
    pub(crate) fn new(folder: &Path, capacity: usize, runs: Vec<Run>) -> Self {
        Self {
            folder: folder.to_owned(),
            keys: Vec::with_capacity(capacity),
            capacity,
            runs,
        }
    }

    pub(crate) fn push(&mut self, key: u64) {
        self.keys.push(key);
    }

    /// Whether the keys in memory must be flushed before the next one.
    pub(crate) const fn is_full(&self) -> bool {
        self.keys.len() >= self.capacity
    }

    /// The finished runs.
    pub(crate) fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// Sorts the keys in memory and makes them durable, in the last run if they follow it.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        // Keys in order cost one pass.
        self.keys.sort_unstable();
        self.keys.dedup();
        let continued = self
            .runs
            .last()
            .copied()
            .filter(|run| self.keys.first() >= Some(&run.last));
        let mut keys = self.keys.as_slice();
        if let (Some(run), Some((first, rest))) = (continued, keys.split_first())
            && *first == run.last
        {
            keys = rest;
        }
        let Some(&last) = keys.last() else {
            self.keys.clear();
            return Ok(());
        };
        let (number, before) = match continued {
            Some(run) => (self.runs.len() - 1, run.keys),
            None => (self.runs.len(), 0),
        };
        append(&path(&self.folder, number), before, keys)?;
        let run = Run {
            keys: before + keys.len() as u64,
            last,
        };
        self.runs.truncate(number);
        self.runs.push(run);
        self.keys.clear();
        Ok(())
    }

    /// Ends the gathering: frees the memory and gives the runs.
    pub(crate) fn finish(&mut self) -> io::Result<Vec<Run>> {
        self.flush()?;
        self.keys = Vec::new();
        Ok(std::mem::take(&mut self.runs))
    }
}

/// Writes keys after the first `before` of a run; what an interrupted build left behind them
/// is cut off.
fn append(path: &Path, before: u64, keys: &[u64]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)?;
    file.set_len(before * 8)?;
    file.seek(SeekFrom::End(0))?;
    let mut writer = BufWriter::with_capacity(MEMORY, file);
    for key in keys {
        writer.write_all(&key.to_le_bytes())?;
    }
    writer.into_inner()?.sync_data()
}

/// Whether the files of these runs are there, at least as long as they must be.
pub(crate) fn all_there(folder: &Path, runs: &[Run]) -> bool {
    runs.iter().enumerate().all(|(number, run)| {
        fs::metadata(path(folder, number)).is_ok_and(|about| about.len() >= run.keys * 8)
    })
}

/// Removes every run.
pub(crate) fn remove(folder: &Path) {
    for number in 0..=MOST {
        if fs::remove_file(path(folder, number)).is_err() {
            break;
        }
    }
}

/// The keys of a run, read through a buffer of so many bytes.
pub(crate) fn read(
    folder: &Path,
    number: usize,
    run: &Run,
    buffer: usize,
) -> io::Result<impl Iterator<Item = io::Result<u64>> + use<>> {
    let file = File::open(path(folder, number))?;
    let mut reader = BufReader::with_capacity(buffer, file);
    let mut bytes = [0; 8];
    Ok((0..run.keys).map(move |_| {
        reader.read_exact(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }))
}

fn path(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("run-{number:03}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(folder: &Path, runs: &[Run]) -> Vec<Vec<u64>> {
        let read = |(number, run)| {
            read(folder, number, run, 64)
                .expect("opened")
                .map(|key| key.expect("read"))
                .collect()
        };
        runs.iter().enumerate().map(read).collect()
    }

    #[test]
    fn ordered_flushes_continue_one_run_and_others_begin_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut runs = Runs::new(folder.path(), 3, Vec::new());
        for flush in [
            &[1, 2, 2][..],
            &[2, 5, 4],
            &[],
            &[5],
            &[3, 1, 9],
            &[9, 9],
            &[10, u64::MAX],
        ] {
            for key in flush {
                assert!(!runs.is_full());
                runs.push(*key);
            }
            runs.flush().expect("written");
        }
        let runs = runs.finish().expect("written");
        let wanted = [vec![1, 2, 4, 5], vec![1, 3, 9, 10, u64::MAX]];
        assert_eq!(all(folder.path(), &runs), wanted);
        assert!(all_there(folder.path(), &runs));
        remove(folder.path());
        assert!(!all_there(folder.path(), &runs[..1]));
        assert_eq!(fs::read_dir(folder.path()).expect("there").count(), 0);
    }

    #[test]
    fn what_was_written_after_the_last_checkpoint_is_written_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut runs = Runs::new(folder.path(), 2, Vec::new());
        runs.push(1);
        runs.flush().expect("written");
        let checkpoint = runs.runs().to_vec();
        runs.push(7);
        runs.flush().expect("written");
        let mut runs = Runs::new(folder.path(), 2, checkpoint);
        runs.push(3);
        let runs = runs.finish().expect("written");
        assert_eq!(all(folder.path(), &runs), [[1, 3]]);
    }
}
