//! The folder of the journal: nobody else reads it, and no link leads out of it.
//!
//! Clause: [`policy::clause::CNIL_LOG_PROTECTED`]. The folder belongs to the user of the
//! process, with mode 0700; files have mode 0600. The folder is opened once, without
//! following a link, and every file is named relative to it, so that renaming what lies above
//! redirects nothing. A file is only ever created, never opened by a name that was there.
//!
//! A writer holds a lock on its file for as long as it writes. A file that can be locked
//! has no writer any more: if it ends in the middle of a line, the line is ended.

use std::fs::{DirBuilder, File};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, FileExt};
use std::path::{Path, PathBuf};

use policy::{Language, Text};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use crate::FileName;
use crate::line::LONGEST;

/// An open folder.
#[derive(Debug)]
pub(crate) struct Folder {
    fd: OwnedFd,
    path: PathBuf,
}

/// Why a journal cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The folder is a symbolic link or no folder.
    #[error("{}: the folder of the journal is a link or no folder", .0.display())]
    NotAFolder(PathBuf),
    /// The folder belongs to another user.
    #[error("{}: the folder of the journal belongs to another user", .0.display())]
    NotOurs(PathBuf),
    /// Others than the owner may enter the folder.
    #[error("{}: the folder of the journal is open to others (mode {mode:03o})", .path.display())]
    Exposed {
        /// The folder.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The folder cannot be made, opened or written to.
    #[error("{}: the journal cannot be written: {error}", .path.display())]
    Io {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The system gave no thread.
    #[error("the journal got no thread: {0}")]
    Thread(io::Error),
}

impl OpenError {
    /// What is wrong and what to do, in both languages.
    pub fn text(&self) -> Text {
        match self {
            Self::NotAFolder(path) => Text::new(
                format!(
                    "Le dossier du journal, {}, est un lien symbolique ou n’est pas un dossier. Indiquez le dossier lui-même.",
                    path.display()
                ),
                format!(
                    "The folder of the journal, {}, is a symbolic link or no folder. Name the folder itself.",
                    path.display()
                ),
            ),
            Self::NotOurs(path) => Text::new(
                format!(
                    "Le dossier du journal, {}, appartient à un autre utilisateur. Donnez-le à celui qui exécute ce programme, ou indiquez un autre dossier.",
                    path.display()
                ),
                format!(
                    "The folder of the journal, {}, belongs to another user. Give it to the one that runs this program, or name another folder.",
                    path.display()
                ),
            ),
            Self::Exposed { path, mode } => Text::new(
                format!(
                    "Le dossier du journal, {}, est ouvert à d’autres (droits {mode:03o}). Fermez-le : chmod 700.",
                    path.display()
                ),
                format!(
                    "The folder of the journal, {}, is open to others (mode {mode:03o}). Close it: chmod 700.",
                    path.display()
                ),
            ),
            Self::Io { path, error } => Text::new(
                format!(
                    "Le journal ne peut pas être écrit dans {} : {error}. Vérifiez le chemin, les droits et la place.",
                    path.display()
                ),
                format!(
                    "The journal cannot be written in {}: {error}. Check the path, the rights and the space.",
                    path.display()
                ),
            ),
            Self::Thread(error) => Text::new(
                format!(
                    "Le journal n’a pas obtenu de fil d’exécution : {error}. Vérifiez les limites du système."
                ),
                format!("The journal got no thread: {error}. Check the limits of the system."),
            ),
        }
    }

    /// The same in one language.
    pub fn in_language(&self, language: Language) -> String {
        self.text().in_language(language).to_owned()
    }
}

impl Folder {
    /// Opens the folder for writing; makes it if it is not there.
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        let io = |error| OpenError::Io {
            path: path.to_owned(),
            error,
        };
        match DirBuilder::new().recursive(true).mode(0o700).create(path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(OpenError::NotAFolder(path.to_owned()));
            }
            Err(error) => return Err(io(error)),
        }
        let folder = Self::look(path).map_err(|error| {
            // A link gives one or the other, by the system.
            let no_folder = [Errno::NOTDIR, Errno::LOOP].map(Errno::raw_os_error);
            match error.raw_os_error() {
                Some(raw) if no_folder.contains(&raw) => OpenError::NotAFolder(path.to_owned()),
                _ => io(error),
            }
        })?;
        let about = rustix::fs::fstat(&folder.fd).map_err(|error| io(error.into()))?;
        if about.st_uid != rustix::process::geteuid().as_raw() {
            return Err(OpenError::NotOurs(path.to_owned()));
        }
        let mode = about.st_mode & 0o777;
        if mode & 0o077 != 0 {
            return Err(OpenError::Exposed {
                path: path.to_owned(),
                mode,
            });
        }
        Ok(folder)
    }

    /// Opens the folder for reading, whoever owns it.
    pub(crate) fn look(path: &Path) -> io::Result<Self> {
        // A slash at the end would follow a link; going through the components drops it.
        let path: PathBuf = path.components().collect();
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = rustix::fs::open(&path, flags, Mode::empty())?;
        Ok(Self { fd, path })
    }

    /// The folder that the path leads to by now.
    pub(crate) fn again(&self) -> Result<Self, OpenError> {
        Self::open(&self.path)
    }

    /// What went wrong in the folder, for whoever opens a journal.
    pub(crate) fn error(&self, error: io::Error) -> OpenError {
        OpenError::Io {
            path: self.path.clone(),
            error,
        }
    }

    /// Whether the path still leads to this folder.
    pub(crate) fn is_in_place(&self) -> bool {
        let here = rustix::fs::fstat(&self.fd);
        let there = rustix::fs::lstat(&self.path);
        matches!((here, there), (Ok(a), Ok(b)) if a.st_ino == b.st_ino && a.st_dev == b.st_dev)
    }

    /// Makes a file and takes its lock. Its name lasts through a loss of power.
    pub(crate) fn create(&self, name: &FileName) -> io::Result<File> {
        let flags = OFlags::WRONLY
            | OFlags::APPEND
            | OFlags::CREATE
            | OFlags::EXCL
            | OFlags::NOFOLLOW
            | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR;
        let file = File::from(rustix::fs::openat(&self.fd, name.as_str(), flags, mode)?);
        // Whoever looks for torn lines holds it for a moment at most.
        file.lock()?;
        rustix::fs::fsync(&self.fd)?;
        Ok(file)
    }

    /// Opens a file for reading.
    pub(crate) fn read(&self, name: &FileName) -> io::Result<File> {
        self.existing(name, OFlags::RDONLY)
    }

    /// The journal's files and their sizes, by name. Other names, links and folders are
    /// none of its files.
    pub(crate) fn files(&self) -> io::Result<Vec<(FileName, u64)>> {
        let mut files = Vec::new();
        for entry in Dir::read_from(&self.fd)? {
            let entry = entry?;
            let Some(name) = entry.file_name().to_str().ok().and_then(FileName::parse) else {
                continue;
            };
            let about = rustix::fs::statat(&self.fd, name.as_str(), AtFlags::SYMLINK_NOFOLLOW);
            match about {
                Ok(about) if is_file(&about) => {
                    files.push((name, u64::try_from(about.st_size).unwrap_or(0)));
                }
                // Another process may delete it meanwhile.
                Ok(_) | Err(Errno::NOENT) => {}
                Err(error) => return Err(error.into()),
            }
        }
        files.sort();
        Ok(files)
    }

    /// Deletes a file; false if another process was faster.
    pub(crate) fn remove(&self, name: &FileName) -> io::Result<bool> {
        match rustix::fs::unlinkat(&self.fd, name.as_str(), AtFlags::empty()) {
            Ok(()) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Ends a last line that its writer could not, and says how many bytes of it there are.
    /// `None` if the file ends with a whole line or is still being written.
    pub(crate) fn close_line(&self, name: &FileName) -> io::Result<Option<u64>> {
        let mut file = self.existing(name, OFlags::RDWR | OFlags::APPEND)?;
        if file.try_lock().is_err() {
            return Ok(None);
        }
        let about = rustix::fs::fstat(&file)?;
        // A file of ours has one name. A second one would be a way to somebody else's file.
        if about.st_nlink != 1 {
            return Ok(None);
        }
        let size = u64::try_from(about.st_size).unwrap_or(0);
        let mut tail = [0; LONGEST];
        let tail = &mut tail[..usize::try_from(size).map_or(LONGEST, |size| size.min(LONGEST))];
        file.read_exact_at(tail, size - tail.len() as u64)?;
        if tail.last().is_none_or(|&last| last == b'\n') {
            return Ok(None);
        }
        file.write_all(b"\n")?;
        file.sync_data()?;
        let torn = tail.iter().rev().take_while(|&&byte| byte != b'\n').count();
        Ok(Some(torn as u64))
    }

    fn existing(&self, name: &FileName, flags: OFlags) -> io::Result<File> {
        // Without `NONBLOCK`, a pipe of that name would hold us.
        let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(&self.fd, name.as_str(), flags, Mode::empty())?;
        if !is_file(&rustix::fs::fstat(&fd)?) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(File::from(fd))
    }
}

/// Whether a file has been removed from every folder.
pub(crate) fn is_removed(file: &File) -> bool {
    rustix::fs::fstat(file).is_ok_and(|about| about.st_nlink == 0)
}

fn is_file(about: &Stat) -> bool {
    FileType::from_raw_mode(about.st_mode) == FileType::RegularFile
}
