//! What an index is made of: files, and folders of range files, in the order given.
//!
//! A range file is named by the five hexadecimal digits that its hashes begin with, with or
//! without `.txt` and `.gz`, in one case. A folder may hold a million of them, so their names
//! are not kept: eight bytes each are enough to make them again.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::UNIX_EPOCH;

use flate2::bufread::MultiGzDecoder;

use super::row::PREFIX_DIGITS;

/// Bytes of one buffer before, and of one behind, a decoder.
const BUFFER: usize = 256 * 1024;

/// Bytes that an open file holds: two buffers, and a decoder's window and tables.
pub(crate) const MEMORY: usize = 2 * BUFFER + 128 * 1024;

/// What a range file counts for in the progress, so that a million of them need not be
/// asked for their length: about that of a real one.
const RANGE_LENGTH: u64 = 40 * 1024;

/// One input of a build.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) path: PathBuf,
    parts: Parts,
}

#[derive(Debug)]
enum Parts {
    /// One file: its length in bytes and when it was changed.
    One { length: u64, changed: u128 },
    /// A folder: its range files in order, and how many other things it holds.
    Ranges { ranges: Vec<Range>, others: u64 },
}

/// One file of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Range {
    prefix: u32,
    ending: u8,
    lower: bool,
}

/// The ends of the names of range files.
const ENDINGS: [&str; 4] = ["", ".txt", ".gz", ".txt.gz"];

impl Input {
    /// Looks at a path; reads nothing but a folder's list.
    pub(crate) fn find(path: &Path) -> io::Result<Self> {
        let about = fs::metadata(path)?;
        let parts = if about.is_dir() {
            let (mut ranges, mut others) = (Vec::new(), 0);
            for entry in fs::read_dir(path)? {
                match entry?.file_name().to_str().and_then(Range::from_name) {
                    Some(range) => ranges.push(range),
                    None => others += 1,
                }
            }
            ranges.sort_unstable();
            Parts::Ranges { ranges, others }
        } else {
            let changed = about
                .modified()
                .ok()
                .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            Parts::One {
                length: about.len(),
                changed: changed.map_or(0, |time| time.as_nanos()),
            }
        };
        Ok(Self {
            path: path.to_owned(),
            parts,
        })
    }

    /// How many files there are to read.
    pub(crate) const fn files(&self) -> usize {
        match &self.parts {
            Parts::One { .. } => 1,
            Parts::Ranges { ranges, .. } => ranges.len(),
        }
    }

    /// The path of a file.
    pub(crate) fn file(&self, at: usize) -> PathBuf {
        match self.range(at) {
            Some(range) => self.path.join(range.name()),
            None => self.path.clone(),
        }
    }

    /// The prefix of every hash in a file, if it is a range file.
    pub(crate) fn prefix(&self, at: usize) -> Option<u32> {
        self.range(at).map(|range| range.prefix)
    }

    /// How much there is to read in the files before this one, in the unit of the progress.
    pub(crate) const fn length_before(&self, at: usize) -> u64 {
        match self.parts {
            Parts::One { length, .. } => {
                if at == 0 {
                    0
                } else {
                    length
                }
            }
            Parts::Ranges { .. } => at as u64 * RANGE_LENGTH,
        }
    }

    /// How much there is to read, in the unit of the progress.
    pub(crate) const fn length(&self) -> u64 {
        self.length_before(self.files())
    }

    /// How many of the 1,048,576 ranges a folder lacks, and how much in it is no range file;
    /// `None` for a file.
    pub(crate) fn gaps(&self) -> Option<(u64, u64)> {
        let Parts::Ranges { ranges, others } = &self.parts else {
            return None;
        };
        let mut prefixes: Vec<u32> = ranges.iter().map(|range| range.prefix).collect();
        prefixes.dedup();
        Some(((1 << 20) - prefixes.len() as u64, *others))
    }

    /// Text that differs when the input does, to know an interrupted build again.
    pub(crate) fn mark(&self) -> String {
        let path = self.path.display();
        match &self.parts {
            Parts::One { length, changed } => format!("file {path} {length} {changed}"),
            Parts::Ranges { ranges, .. } => format!("folder {path} {}", ranges.len()),
        }
    }

    fn range(&self, at: usize) -> Option<&Range> {
        match &self.parts {
            Parts::One { .. } => None,
            Parts::Ranges { ranges, .. } => ranges.get(at),
        }
    }
}

impl Range {
    fn from_name(name: &str) -> Option<Self> {
        let (digits, end) = name.split_at_checked(PREFIX_DIGITS)?;
        let ending = ENDINGS.iter().position(|known| *known == end)? as u8;
        // The sign that `from_str_radix` would take is no digit.
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let prefix = u32::from_str_radix(digits, 16).ok()?;
        [false, true]
            .map(|lower| Self {
                prefix,
                ending,
                lower,
            })
            .into_iter()
            .find(|range| range.name() == name)
    }

    fn name(self) -> String {
        let ending = ENDINGS[usize::from(self.ending)];
        if self.lower {
            format!("{:05x}{ending}", self.prefix)
        } else {
            format!("{:05X}{ending}", self.prefix)
        }
    }
}

/// An open file: its text, unpacked if it is packed.
pub(crate) struct Text {
    pub(crate) reader: Box<dyn BufRead>,
    /// Bytes read from the disk, for the progress.
    pub(crate) read: Rc<Cell<u64>>,
}

/// Opens a file at an offset of its text. Packed files are known by their first bytes, not by
/// their name, and are unpacked again up to the offset.
pub(crate) fn open(path: &Path, offset: u64) -> io::Result<Text> {
    let read = Rc::new(Cell::new(0));
    let file = Counted {
        file: File::open(path)?,
        read: Rc::clone(&read),
    };
    let mut file = BufReader::with_capacity(BUFFER, file);
    let mut reader: Box<dyn BufRead> = if file.fill_buf()?.starts_with(b"\x1f\x8b") {
        Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(file)))
    } else if offset > 0 && file.seek(SeekFrom::Start(offset)).is_ok() {
        read.set(offset);
        return Ok(Text {
            reader: Box::new(file),
            read,
        });
    } else {
        Box::new(file)
    };
    let skipped = io::copy(&mut reader.by_ref().take(offset), &mut io::sink())?;
    if skipped < offset {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Text { reader, read })
}

/// A file that counts what is read from it.
struct Counted {
    file: File,
    read: Rc<Cell<u64>>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        self.read.set(self.read.get() + length as u64);
        Ok(length)
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn range_files_are_known_by_their_names() {
        for (name, prefix) in [
            ("00000", Some(0)),
            ("FFFFF", Some(0xfffff)),
            ("abcde.txt", Some(0xabcde)),
            ("12345.gz", Some(0x12345)),
            ("0A1B2.txt.gz", Some(0xa1b2)),
            ("0a1B2", None),
            ("0000", None),
            ("000000", None),
            ("+0000", None),
            ("00000.md", None),
            ("00é00", None),
            ("README", None),
        ] {
            let range = Range::from_name(name);
            assert_eq!(range.map(|range| range.prefix), prefix, "{name}");
            assert!(range.is_none_or(|range| range.name() == name), "{name}");
        }
    }

    #[test]
    fn a_folder_lists_its_ranges_in_order_and_its_gaps() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["FFFFF", "0000a.txt", "00001", "00001.gz", "notes"] {
            fs::write(folder.path().join(name), "").expect("written");
        }
        let input = Input::find(folder.path()).expect("found");
        let names: Vec<PathBuf> = (0..input.files()).map(|at| input.file(at)).collect();
        let wanted = ["00001", "00001.gz", "0000a.txt", "FFFFF"].map(|n| folder.path().join(n));
        assert_eq!(names, wanted);
        assert_eq!(input.prefix(2), Some(10));
        assert_eq!(input.gaps(), Some(((1 << 20) - 3, 1)));
    }

    #[test]
    fn text_is_read_from_an_offset_packed_or_not() {
        use std::io::Write;
        let folder = tempfile::tempdir().expect("a folder");
        let (plain, packed) = (folder.path().join("a"), folder.path().join("b"));
        let text: Vec<u8> = (0..1_000_000_u32)
            .map(|n| (n / 7) as u8 % 64 + b' ')
            .collect();
        fs::write(&plain, &text).expect("written");
        // Two members, as tools that pack in parallel write.
        let mut bytes = Vec::new();
        for half in text.chunks(500_000) {
            let mut encoder =
                flate2::write::GzEncoder::new(&mut bytes, flate2::Compression::fast());
            encoder.write_all(half).expect("packed");
            encoder.finish().expect("packed");
        }
        fs::write(&packed, &bytes).expect("written");
        for path in [&plain, &packed] {
            for offset in [0, 1, 300_000, 700_001, 1_000_000] {
                let mut found = Vec::new();
                let mut file = open(path, offset as u64).expect("opened");
                file.reader.read_to_end(&mut found).expect("read");
                assert!(found == text[offset..], "{path:?} from {offset}");
                assert_eq!(file.read.get(), fs::metadata(path).expect("there").len());
            }
        }
        fs::write(&packed, &bytes[..bytes.len() - 20]).expect("written");
        let mut cut = open(&packed, 0).expect("opened");
        assert!(cut.reader.read_to_end(&mut Vec::new()).is_err());
        assert!(
            open(&plain, 1_000_001)
                .is_ok_and(|mut text| text.reader.fill_buf().is_ok_and(<[u8]>::is_empty))
        );
    }
}
