//! Reading the journal again: every whole line of every file, whatever happened to the rest.
//!
//! Files come in the order of their names, by day, then by journal. Lines of two journals of
//! one day are not mixed: sort by [`Entry::at`] where that matters. Memory is bounded by
//! one line and the list of files.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use crate::folder::Folder;
use crate::{Entry, FileName, LONGEST};

/// The entries of a folder.
///
/// # Errors
/// When the folder is none or cannot be listed. What is wrong with one line or one file
/// is an item of the iterator.
pub fn read(folder: &Path) -> io::Result<Entries> {
    let folder = Folder::look(folder)?;
    let mut files: Vec<FileName> = folder.files()?.into_iter().map(|(name, _)| name).collect();
    files.reverse();
    Ok(Entries {
        folder,
        files,
        open: None,
    })
}

/// See [`read`].
#[derive(Debug)]
pub struct Entries {
    folder: Folder,
    /// Those still to come, the next one last.
    files: Vec<FileName>,
    open: Option<Open>,
}

/// Something in a file that is no entry. Reading goes on after it.
#[derive(Debug, thiserror::Error)]
#[error("{file}, line {line}: {kind}")]
#[non_exhaustive]
pub struct Fault {
    /// The file.
    pub file: FileName,
    /// The line, from 1.
    pub line: u64,
    /// What is wrong.
    pub kind: FaultKind,
}

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FaultKind {
    /// The last line has no end: it is being written, or its writer was ended.
    #[error("the line has no end")]
    Unfinished,
    /// The line is no entry: it was torn and ended later, or altered.
    #[error("the line is no entry")]
    Broken,
    /// The line is longer than any entry.
    #[error("the line is longer than any entry")]
    TooLong,
    /// The line was written by a later version, whose form this one does not know.
    #[error("the line has form {0}, which this version cannot read")]
    Later(u64),
    /// The rest of the file cannot be read.
    #[error("the file cannot be read: {0}")]
    Io(io::Error),
}

#[derive(Debug)]
struct Open {
    name: FileName,
    file: BufReader<File>,
    line: u64,
}

impl Iterator for Entries {
    type Item = Result<Entry, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some(open) = &mut self.open else {
                let name = self.files.pop()?;
                match self.folder.read(&name) {
                    Ok(file) => {
                        self.open = Some(Open {
                            name,
                            file: BufReader::new(file),
                            line: 0,
                        });
                        continue;
                    }
                    // Its time was over since the folder was listed.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(error) => {
                        return Some(Err(Fault {
                            file: name,
                            line: 0,
                            kind: FaultKind::Io(error),
                        }));
                    }
                }
            };
            let Some(line) = open.next() else {
                self.open = None;
                continue;
            };
            let item = line.map_err(|kind| Fault {
                file: open.name.clone(),
                line: open.line,
                kind,
            });
            if let Err(Fault {
                kind: FaultKind::Io(_),
                ..
            }) = item
            {
                self.open = None;
            }
            return Some(item);
        }
    }
}

impl Open {
    fn next(&mut self) -> Option<Result<Entry, FaultKind>> {
        let mut line = Vec::with_capacity(256);
        let most = LONGEST as u64;
        match self.file.by_ref().take(most).read_until(b'\n', &mut line) {
            Ok(0) => return None,
            Ok(_) => self.line += 1,
            Err(error) => return Some(Err(FaultKind::Io(error))),
        }
        Some(match line.pop() {
            Some(b'\n') => Entry::parse(&line).map_err(|version| match version {
                Some(version) => FaultKind::Later(version),
                None => FaultKind::Broken,
            }),
            _ if line.len() + 1 < LONGEST => Err(FaultKind::Unfinished),
            _ => match self.skip() {
                Ok(()) => Err(FaultKind::TooLong),
                Err(error) => Err(FaultKind::Io(error)),
            },
        })
    }

    /// Passes over the rest of a line.
    fn skip(&mut self) -> io::Result<()> {
        loop {
            let here = match self.file.fill_buf() {
                Ok([]) => return Ok(()),
                Ok(here) => here,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            match here.iter().position(|&byte| byte == b'\n') {
                Some(end) => {
                    self.file.consume(end + 1);
                    return Ok(());
                }
                None => {
                    let all = here.len();
                    self.file.consume(all);
                }
            }
        }
    }
}
