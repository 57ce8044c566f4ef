//! The working folder of a build: its lock, its state, its runs, and the index to be.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::error::{BadLine, Fault};
use super::input::Input;
use super::row::BadRow;
use super::runs::{self, Run};
use super::state::{self, Position, State};

#[derive(Debug)]
pub(crate) struct Work {
    pub(crate) folder: PathBuf,
    pub(crate) state: State,
    mark: u64,
    /// Held as long as the build runs.
    _lock: File,
}

impl Work {
    /// Opens the folder beside the output, with the state of this build if it has one.
    pub(crate) fn open(output: &Path, mark: u64) -> Result<Self, Fault> {
        let mut name = output.as_os_str().to_owned();
        name.push(".partial");
        let folder = PathBuf::from(name);
        let failed = |error| Fault::Write(folder.clone(), error);
        if output.is_dir() {
            return Err(Fault::Write(
                output.to_owned(),
                io::ErrorKind::IsADirectory.into(),
            ));
        }
        match fs::create_dir(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(failed(error));
            }
            _ => {}
        }
        let lock = File::create(folder.join(LOCK)).map_err(failed)?;
        // A file system without locks does not stop a build; it only guards it less.
        if let Err(TryLockError::WouldBlock) = lock.try_lock() {
            return Err(Fault::Busy(folder));
        }
        let state = match state::load(&folder, mark) {
            Err(_) => return Err(Fault::OtherBuild(folder)),
            Ok(Some(state)) if !runs::all_there(&folder, &state.runs) => {
                return Err(Fault::Damaged(folder));
            }
            Ok(state) => state.unwrap_or_default(),
        };
        Ok(Self {
            folder,
            state,
            mark,
            _lock: lock,
        })
    }

    /// Makes the state durable with these runs.
    pub(crate) fn save(&mut self, runs: &[Run]) -> Result<(), Fault> {
        if runs.len() > runs::MOST {
            return Err(Fault::TooManyRuns);
        }
        self.state.runs = runs.to_vec();
        state::save(&self.folder, self.mark, &self.state).map_err(|error| self.failed(error))
    }

    /// Counts a bad line and remembers the first ones.
    ///
    /// # Errors
    /// There are too many.
    pub(crate) fn bad_line(
        &mut self,
        inputs: &[Input],
        at: Position,
        reason: BadRow,
    ) -> Result<(), Fault> {
        let state = &mut self.state;
        state.counts.bad += 1;
        if state.bad.len() < state::NAMED {
            state.bad.push((at, reason));
        }
        if state.counts.bad > MOST_BAD {
            return Err(Fault::Bad(state.counts.bad, self.bad_lines(inputs)));
        }
        Ok(())
    }

    /// The first bad lines, with their files.
    pub(crate) fn bad_lines(&self, inputs: &[Input]) -> Vec<BadLine> {
        let line = |(at, reason): &(Position, BadRow)| BadLine {
            file: inputs[at.input].file(at.file),
            line: at.line,
            reason: *reason,
        };
        self.state.bad.iter().map(line).collect()
    }

    /// Where the index is written until it is whole.
    pub(crate) fn index(&self) -> PathBuf {
        self.folder.join("index")
    }

    /// Puts the finished index in its place and removes the working files.
    pub(crate) fn publish(&self, output: &Path) -> Result<(), Fault> {
        let failed = |error| Fault::Write(output.to_owned(), error);
        fs::rename(self.index(), output).map_err(failed)?;
        sync_folder(output).map_err(failed)?;
        // From here the index is there. A working file that stays is only in the way of
        // another build, which says so.
        self.remove();
        Ok(())
    }

    /// Removes the working files if there is nothing in them to go on from, or nothing good.
    pub(crate) fn clean_up_after(&self, fault: &Fault) {
        let useless = matches!(fault, Fault::Nothing | Fault::Bad(..) | Fault::TooManyRuns);
        if useless || !self.folder.join(state::NAME).exists() {
            self.remove();
        }
    }

    fn remove(&self) {
        runs::remove(&self.folder);
        let _ = fs::remove_file(self.index());
        for name in [state::NAME, LOCK] {
            let _ = fs::remove_file(self.folder.join(name));
        }
        let _ = fs::remove_dir(&self.folder);
    }

    /// What a failure of the working files means.
    pub(crate) fn failed(&self, error: io::Error) -> Fault {
        match error.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
                Fault::Damaged(self.folder.clone())
            }
            _ => Fault::Write(self.folder.clone(), error),
        }
    }
}

/// More bad lines than this, and the input is not what it should be.
const MOST_BAD: u64 = 1_000;

/// The file whose lock says that a build is running.
const LOCK: &str = "lock";

/// Makes a renaming durable.
fn sync_folder(file: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let folder = match file.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
