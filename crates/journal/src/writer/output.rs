//! One open file: whole lines or none.

use std::fs::File;
use std::io::{self, Write};

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Folder, is_removed};
use crate::FileName;

/// An open file of the journal, locked for as long as it is open.
pub(super) struct Output {
    file: File,
    name: FileName,
    part: u32,
    /// Bytes of whole lines.
    size: u64,
    /// Whole lines, for when the file turns out to be removed.
    lines: u64,
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
                        lines: 0,
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

    /// Whole lines written since this was last asked.
    pub(super) const fn take_lines(&mut self) -> u64 {
        std::mem::replace(&mut self.lines, 0)
    }

    pub(super) fn is_removed(&self) -> bool {
        is_removed(&self.file)
    }

    /// Writes lines that end at `ends`; how many of them are in the file, whole.
    pub(super) fn write(&mut self, text: &str, ends: &[usize]) -> usize {
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
        let mut written = 0;
        let outcome = loop {
            match self.file.write(&text.as_bytes()[written..]) {
                Ok(0) => break Err(io::ErrorKind::WriteZero.into()),
                Ok(more) => written += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Err(error),
            }
            if written == text.len() {
                break Ok(());
            }
        };
        let whole = ends.iter().take_while(|&&end| end <= written).count();
        let kept = whole.checked_sub(1).map_or(0, |last| ends[last]);
        self.size += kept as u64;
        self.lines += whole as u64;
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
