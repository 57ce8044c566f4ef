//! The output while it grows: `OUT.part`, for its owner alone, and how a run goes on with it.
//!
//! The input's records and its own come in the same order, so how many whole records it holds
//! says where to go on. `OUT.part.of` beside it holds the digest of the input that it was
//! begun with: were the hash of one account changed in between, its record would look the same,
//! and an import by the new hash would bring the old password back.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use password::hash::Hasher;

use super::Table;
use super::row::Counts;
use crate::table::Records;

pub(super) struct Part {
    file: File,
    path: PathBuf,
    output: PathBuf,
    /// Where the digest of the input lies.
    of: PathBuf,
    digest: String,
}

/// Why the output could not be written.
#[derive(Debug)]
pub(super) enum PartError {
    /// The output is there already.
    Exists,
    /// Another run has the part.
    Busy,
    /// The part does not begin as the input makes it.
    Other {
        /// The line of the input where they differ.
        line: u64,
    },
    /// The input is another one than at the beginning.
    Changed,
    Input(io::Error),
    Output(io::Error),
}

/// The name of the part of an output.
pub(super) fn beside(output: &Path) -> PathBuf {
    let mut name = OsString::from(output);
    name.push(".part");
    name.into()
}

impl Part {
    /// Opens the part of an output that is not there yet, or makes one, for an input with this
    /// digest.
    pub(super) fn open(output: &Path, digest: String) -> Result<Self, PartError> {
        if output.symlink_metadata().is_ok() {
            return Err(PartError::Exists);
        }
        let path = beside(output);
        let file = own(&path, false).map_err(PartError::Output)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(PartError::Busy),
            Err(TryLockError::Error(error)) => return Err(PartError::Output(error)),
        }
        let mut of = OsString::from(&path);
        of.push(".of");
        let part = Self {
            file,
            path,
            output: output.to_owned(),
            of: of.into(),
            digest,
        };
        part.is_of_input()?;
        Ok(part)
    }

    /// Whether it was begun with this input; notes which one if it is empty.
    fn is_of_input(&self) -> Result<(), PartError> {
        if self.file.metadata().map_err(PartError::Output)?.len() == 0 {
            return own(&self.of, true)
                .and_then(|mut of| {
                    of.write_all(self.digest.as_bytes())?;
                    of.sync_all()
                })
                .map_err(PartError::Output);
        }
        match fs::read(&self.of) {
            Ok(digest) if digest == self.digest.as_bytes() => Ok(()),
            Ok(_) => Err(PartError::Changed),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(PartError::Changed),
            Err(error) => Err(PartError::Output(error)),
        }
    }

    /// Reads the input as far as the part has it, and writes the header if it is empty.
    /// Whether there was anything.
    pub(super) fn catch_up(
        &mut self,
        table: &mut Table,
        counts: &mut Counts,
        hasher: &Hasher,
    ) -> Result<bool, PartError> {
        let dialect = table.column.dialect;
        let reader = self.file.try_clone().map_err(PartError::Output)?;
        let mut written = Records::new(BufReader::new(reader), dialect);
        let mut kept = 0;
        let mut header = table.header.take();
        loop {
            let record = written.next().map_err(PartError::Output)?;
            // A record without the end of its line was cut off, or is the last one.
            let Some(record) = record.filter(|record| record.whole) else {
                break;
            };
            if let Some(first) = header.take() {
                if record.bytes != first.bytes {
                    return Err(PartError::Other { line: 1 });
                }
            } else {
                let source = table.take(1).map_err(PartError::Input)?.pop();
                let Some(source) = source else {
                    return Err(PartError::Other { line: record.line });
                };
                let other = PartError::Other { line: source.line };
                let fate = table.column.recognise(&source, &record, hasher);
                let fate = fate.ok_or(other)?;
                counts.add(source.line, fate);
            }
            kept += record.bytes.len() as u64;
        }
        let set = self.file.set_len(kept).and_then(|()| {
            self.file.seek(SeekFrom::Start(kept))?;
            Ok(())
        });
        set.map_err(PartError::Output)?;
        if let Some(first) = header {
            self.write(std::iter::once(first.bytes.as_slice()))?;
        }
        Ok(kept > 0)
    }

    /// Adds records and waits until they are on the disk.
    pub(super) fn write<'b>(
        &mut self,
        records: impl Iterator<Item = &'b [u8]>,
    ) -> Result<(), PartError> {
        let bytes: Vec<u8> = records.flatten().copied().collect();
        self.file
            .write_all(&bytes)
            .and_then(|()| self.file.sync_data())
            .map_err(PartError::Output)
    }

    /// Gives the part the name of the output, if nothing took it in the meantime and what was
    /// read has the digest of the input.
    pub(super) fn finish(self, read: &str) -> Result<(), PartError> {
        if read != self.digest {
            return Err(PartError::Changed);
        }
        self.file.sync_all().map_err(PartError::Output)?;
        match fs::hard_link(&self.path, &self.output) {
            Ok(()) => fs::remove_file(&self.path).map_err(PartError::Output)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(PartError::Exists);
            }
            // A file system without links: a moment in which another could take the name.
            Err(_) if self.output.symlink_metadata().is_ok() => return Err(PartError::Exists),
            Err(_) => fs::rename(&self.path, &self.output).map_err(PartError::Output)?,
        }
        fs::remove_file(&self.of).map_err(PartError::Output)
    }
}

/// Opens a file for its owner alone, or makes it.
fn own(path: &Path, truncate: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options
        .read(true)
        .write(true)
        .create(true)
        .truncate(truncate);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
