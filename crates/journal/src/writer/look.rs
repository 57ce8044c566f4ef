//! Looking through the folder: torn lines, files past their time, the size of it all.
//!
//! Clause: [`policy::clause::CNIL_LOG_RETENTION`].
//!
//! A file is deleted when the whole of its day lies further back than `keep`, so no entry goes
//! early and none stays a day too long. A deletion that would leave nothing of an earlier day
//! is put off until a second day has been written: a clock that has leapt ahead must not empty
//! the journal.

use std::time::Duration;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::{Writer, day};
use crate::{FileName, Kind};

/// On which day each warning was last given.
#[derive(Default)]
pub(super) struct Said {
    put_off: Option<Date>,
    over_most: Option<Date>,
}

/// How often the folder is looked through.
const OFTEN: SignedDuration = SignedDuration::from_hours(1);

/// A clock that goes back by less is being corrected.
const CORRECTION: SignedDuration = SignedDuration::from_secs(1);

impl Writer {
    /// Ends the lines that earlier processes could not.
    pub(super) fn close_lines(&mut self) {
        let files = match self.folder.files() {
            Ok(files) => files,
            Err(error) => return warn(&error),
        };
        for (file, size) in files {
            if size == 0 || file == *self.output.name() {
                continue;
            }
            match self.folder.close_line(&file) {
                Ok(Some(bytes)) => self.say(Kind::LineClosed { file, bytes }),
                Ok(None) => {}
                Err(error) => warn(&error),
            }
        }
        self.write();
    }

    /// Reads the clock, and looks through the folder if it is time.
    pub(super) fn watch(&mut self) {
        let now = (self.order.clock)();
        let back = self.seen.duration_since(now);
        let before = std::mem::replace(&mut self.seen, now);
        if back >= CORRECTION {
            let by = back.unsigned_abs();
            self.say(Kind::ClockWentBack { by });
        }
        let due = self
            .looked
            .is_none_or(|last| now.duration_since(last).abs() >= OFTEN || day(now) != day(before));
        if due {
            self.looked = Some(now);
            self.look(now);
        }
        self.write();
    }

    fn look(&mut self, now: Timestamp) {
        self.reopen_folder();
        let files = match self.folder.files() {
            Ok(files) => files,
            Err(error) => return warn(&error),
        };
        let left = self.delete_old(now, files);
        let bytes: u64 = left.iter().map(|(_, size)| size).sum();
        let most = self.order.most;
        if bytes > most && self.said.over_most != Some(day(now)) {
            self.said.over_most = Some(day(now));
            self.say(Kind::OverMost { bytes, most });
        }
    }

    /// Deletes what is past its time; what is left.
    fn delete_old(&mut self, now: Timestamp, files: Vec<(FileName, u64)>) -> Vec<(FileName, u64)> {
        let Some(before) = first_kept(now, self.order.keep) else {
            return files;
        };
        let (old, mut left): (Vec<_>, Vec<_>) = files
            .into_iter()
            .partition(|(name, _)| name.day() < before && name != self.output.name());
        if old.is_empty() {
            return left;
        }
        let recent = before..day(now);
        if !left.iter().any(|(name, _)| recent.contains(&name.day())) {
            if self.said.put_off != Some(day(now)) {
                self.said.put_off = Some(day(now));
                let count = old.len() as u64;
                self.say(Kind::DeletionPutOff { count });
            }
            left.extend(old);
            return left;
        }
        let mut count = 0;
        for (name, size) in old {
            match self.folder.remove(&name) {
                Ok(ours) => count += u64::from(ours),
                Err(error) => {
                    warn(&error);
                    left.push((name, size));
                }
            }
        }
        if count > 0 {
            self.say(Kind::FilesDeleted { count, before });
        }
        left
    }
}

/// The first day of which anything is kept.
fn first_kept(now: Timestamp, keep: Duration) -> Option<Date> {
    let keep = SignedDuration::try_from(keep).ok()?;
    now.checked_sub(keep).ok().map(day)
}

fn warn(error: &std::io::Error) {
    tracing::warn!(target: "rempart::journal", %error, "the folder of the journal cannot be looked through");
}
