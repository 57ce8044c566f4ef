//! One open file: whole lines or none.

use std::fs::File;
use std::io::{self, Write};

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Batch, Lost};
use crate::folder::{Folder, is_removed};
use crate::{FileName, Loss};

/// An open file of the journal, locked for as long as it is open.
pub(super) struct Output {
    file: File,
    name: FileName,
    part: u32,
    /// Bytes of whole lines.
    size: u64,
    /// What is lost with the file if it is removed.
    held: Lost,
    /// The file is in no folder any more: writing to it would be writing to nobody.
    gone: bool,
    /// The file ends in the middle of a line that could not be cut off.
    torn: bool,
    /// The last write failed, and that was said.
    failing: bool,
}

impl Output {
    /// Makes a file of a day, with the first free part from `part`.
    pub(super) fn create(
        folder: &Folder,
        day: Date,
        opened: Timestamp,
        part: u32,
    ) -> io::Result<Self> {
        for part in part..FileName::PARTS {
            let name = FileName::new(day, opened, std::process::id(), part);
            match folder.create(&name) {
                Ok(file) => {
                    return Ok(Self {
                        file,
                        name,
                        part,
                        size: 0,
                        held: Lost::default(),
                        gone: false,
                        torn: false,
                        failing: false,
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::QuotaExceeded.into())
    }

    pub(super) fn day(&self) -> Date {
        self.name.day()
    }

    pub(super) const fn name(&self) -> &FileName {
        &self.name
    }

    pub(super) const fn part(&self) -> u32 {
        self.part
    }

    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    pub(super) const fn is_gone(&self) -> bool {
        self.gone
    }

    /// What is lost, if the file has been removed. Told once.
    pub(super) fn lost_if_removed(&mut self) -> Lost {
        self.gone = self.gone || is_removed(&self.file);
        if self.gone {
            std::mem::take(&mut self.held)
        } else {
            Lost::default()
        }
    }

    /// Writes a batch; how many of its lines are in the file, whole.
    pub(super) fn write(&mut self, batch: &Batch) -> usize {
        if self.gone {
            return 0;
        }
        if self.torn {
            // The line end belongs to the torn line and to none of ours.
            match self.file.write_all(b"\n") {
                Ok(()) => self.torn = false,
                Err(error) => {
                    self.warn(&error);
                    return 0;
                }
            }
        }
        let text = batch.text.as_bytes();
        let mut written = 0;
        let outcome = loop {
            match self.file.write(&text[written..]) {
                Ok(0) => break Err(io::ErrorKind::WriteZero.into()),
                Ok(more) => written += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Err(error),
            }
            if written == text.len() {
                break Ok(());
            }
        };
        let whole = batch.ends.partition_point(|&(end, _)| end <= written);
        let kept = whole.checked_sub(1).map_or(0, |last| batch.ends[last].0);
        self.size += kept as u64;
        for &(_, load) in &batch.ends[..whole] {
            self.held.add(load, Loss::Removed);
        }
        match outcome {
            Ok(()) => self.failing = false,
            Err(error) => {
                self.warn(&error);
                // Cutting off needs no space.
                self.torn = written > kept && self.file.set_len(self.size).is_err();
            }
        }
        whole
    }

    /// Brings everything to the disk.
    pub(super) fn sync(&mut self) {
        if let Err(error) = self.file.sync_data() {
            self.warn(&error);
        }
    }

    /// Says once that writing fails.
    pub(super) fn warn(&mut self, error: &io::Error) {
        if !self.failing {
            tracing::warn!(
                target: "rempart::journal",
                file = self.name.as_str(),
                %error,
                "the journal cannot be written; what is lost is counted"
            );
        }
        self.failing = true;
    }
}
