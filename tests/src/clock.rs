//! A clock that jumps: libfaketime in front of one program, told by a file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The clock of the programs that were started under it.
#[derive(Debug)]
pub struct Clock {
    file: PathBuf,
}

impl Clock {
    /// A clock that is right, kept in `folder/clock`.
    pub fn new(folder: &Path) -> Self {
        let clock = Self {
            file: folder.join("clock"),
        };
        clock.set("+0");
        clock
    }

    /// Puts a program that is not started yet under this clock. What it measures between two
    /// moments goes on as always; only the date jumps.
    ///
    /// # Panics
    /// When libfaketime is not installed.
    pub fn rule<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command
            .env("LD_PRELOAD", library())
            .env("FAKETIME_TIMESTAMP_FILE", &self.file)
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    }

    /// Sets the clock so far from the real one, as `+2h` or `-3650d`: at once, not by halves.
    pub fn set(&self, offset: &str) {
        let fresh = self.file.with_extension("new");
        fs::write(&fresh, offset).expect("a temporary folder is writable");
        fs::rename(&fresh, &self.file).expect("a temporary folder is writable");
    }
}

/// The library, wherever this machine's architecture has it.
fn library() -> String {
    let folders = fs::read_dir("/usr/lib").expect("a system");
    let found = folders.filter_map(|folder| {
        let path = folder.ok()?.path().join("faketime/libfaketimeMT.so.1");
        path.is_file().then(|| path.display().to_string())
    });
    let mut found = found.collect::<Vec<_>>();
    found
        .pop()
        .expect("libfaketime is installed; tests/run installs what is missing")
}
