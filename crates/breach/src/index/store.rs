//! The bytes of an index: in memory, or a file mapped into it.
//!
//! A file of at least 64 MiB is mapped, so that a question reads the one or two pages that it
//! needs. Smaller ones are read whole, which costs less than the risk below.
//!
//! The risk of a map: if another process cuts the file short while it is open, the system
//! ends this process with SIGBUS at the next question about the lost part. Nothing in Rust
//! can turn that into an error. So an index must be replaced by renaming a new file over it,
//! as `breach build` does, never written in place; what is mapped then stays whole.

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::ops::Deref;
use std::path::Path;

use memmap2::Mmap;

/// Files of at least this many bytes are mapped.
const MAPPED_FROM: u64 = 64 << 20;

/// How the bytes will be read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Access {
    /// From beginning to end: the system may read ahead.
    Whole,
    /// A page here and there: reading ahead would bring thirty pages for one.
    Jumps,
}

pub(crate) enum Store {
    Memory(Cow<'static, [u8]>),
    Mapped(Mmap),
}

impl Store {
    /// Opens a file for reading.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Self::open_mapped_from(path, MAPPED_FROM)
    }

    /// Tells the system what to expect. A system that cannot be told is only slower.
    pub(crate) fn expect(&self, access: Access) {
        #[cfg(unix)]
        if let Self::Mapped(map) = self {
            let _ = map.advise(match access {
                Access::Whole => memmap2::Advice::Sequential,
                Access::Jumps => memmap2::Advice::Random,
            });
        }
        #[cfg(not(unix))]
        let _ = access;
    }

    fn open_mapped_from(path: &Path, least: u64) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let about = file.metadata()?;
        if about.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        // A pipe or a device says 0 and is never read beyond what is read whole.
        if about.len() < least {
            let mut bytes = Vec::with_capacity(about.len() as usize);
            (&mut file).take(least).read_to_end(&mut bytes)?;
            return Ok(Self::Memory(bytes.into()));
        }
        Ok(Self::Mapped(map(&file)?))
    }
}

/// Maps a whole file for reading.
#[allow(unsafe_code, reason = "a file can be mapped in no other way")]
fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: the map is private, read only, and outlives the descriptor. What the compiler
    // cannot see is another process changing the file meanwhile. Overwritten bytes would
    // appear as other numbers, and each number read from the map is compared with the bounds
    // of the map before it is used as a place (`Index::found`, `Index::entry`), however
    // often the file was checked before. A file cut short ends the process with SIGBUS: no
    // invalid memory is read. Indexes are replaced by renaming, which does neither.
    unsafe { Mmap::map(file) }
}

impl Deref for Store {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Memory(bytes) => bytes,
            Self::Mapped(map) => map,
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::Memory(_) => "Memory",
            Self::Mapped(_) => "Mapped",
        };
        write!(f, "{kind}({} bytes)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_files_are_read_and_large_ones_mapped() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bytes");
        std::fs::write(&path, [7; 10_000]).expect("written");
        for (least, kind) in [(10_001, "Memory"), (10_000, "Mapped")] {
            let store = Store::open_mapped_from(&path, least).expect("opened");
            assert_eq!(format!("{store:?}"), format!("{kind}(10000 bytes)"));
            assert_eq!(*store, [7; 10_000]);
        }
    }

    #[test]
    fn a_mapped_file_stays_whole_when_replaced_by_renaming() {
        let folder = tempfile::tempdir().expect("a folder");
        let [path, other] = ["old", "new"].map(|name| folder.path().join(name));
        std::fs::write(&path, [1; 10_000]).expect("written");
        std::fs::write(&other, [2; 5]).expect("written");
        let store = Store::open_mapped_from(&path, 1).expect("opened");
        std::fs::rename(&other, &path).expect("renamed");
        assert_eq!(*store, [1; 10_000]);
    }
}
