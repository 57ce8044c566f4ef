//! An offline index of leaked passwords: one file, sorted, asked in place.
//!
//! Answers to NIST SP 800-63B and ASVS 6.2.12 (a new password is compared with a set of
//! leaked ones) without telling anybody what is asked.
//!
//! The index keeps the first N bits of each hash. A leaked password is always found. One that
//! never leaked is found with the probability that [`Index::false_hit_rate`] states, because
//! its first N bits may be those of another. Such a hit refuses a good password; it never
//! lets a bad one pass. The layout is in `docs/BREACH.md`.
//!
//! Absent on purpose: how often a password leaked. `breach build --least-count` makes that
//! choice once, when the index is made.

mod error;
pub(crate) mod shape;
mod store;
#[cfg(all(test, feature = "build"))]
mod tests;
#[cfg(feature = "build")]
pub(crate) mod write;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

pub use error::IndexError;
use error::{Fault, Part};
use shape::{BLOCK, HEADER, Header, Places, checksum, number};
use store::{Access, Store};

use crate::{Digest, Kind};

/// A set of leaked passwords, ready to be asked from any thread. Share it in an `Arc`.
#[derive(Debug)]
pub struct Index {
    path: Option<PathBuf>,
    header: Header,
    /// Where the entries begin and end, in bytes.
    data: usize,
    sums: usize,
    store: Store,
}

impl Index {
    /// Opens an index file: maps it if it is large, reads it otherwise, and checks its
    /// header, its length and its table. [`Index::verify`] checks the rest.
    ///
    /// Replace an open index by renaming a new file over it, never by writing into it: a
    /// mapped file that is cut short ends the process with SIGBUS.
    ///
    /// # Errors
    /// The file cannot be read, is no index or one of another version, is shorter or longer
    /// than it says, or is damaged in a part that is checked here.
    pub fn open(path: &Path) -> Result<Self, IndexError> {
        let named = |fault| IndexError::new(Some(path.to_owned()), fault);
        let store = Store::open(path).map_err(|error| named(Fault::Io(error)))?;
        Self::read(Some(path.to_owned()), store).map_err(named)
    }

    /// An index in memory, such as one that a program carries in itself.
    ///
    /// # Errors
    /// As [`Index::open`], but for reading.
    pub fn from_bytes(bytes: impl Into<Cow<'static, [u8]>>) -> Result<Self, IndexError> {
        Self::read(None, Store::Memory(bytes.into())).map_err(|fault| IndexError::new(None, fault))
    }

    /// Whether a password is in the set. It is hashed as the index asks; an index is made of
    /// raw texts, so the caller decides on normalisation.
    pub fn contains(&self, password: &str) -> bool {
        self.holds(Digest::of(self.kind(), password).key())
    }

    /// Whether the password with this hash is in the set.
    ///
    /// # Errors
    /// The hash is not of the kind of the index: the answer is unknown, not "no".
    pub fn look_up(&self, digest: &Digest) -> Result<bool, IndexError> {
        if digest.kind() == self.kind() {
            return Ok(self.holds(digest.key()));
        }
        Err(self.fault(Fault::OtherKind {
            index: self.kind(),
            asked: digest.kind(),
        }))
    }

    /// Which hash the index is made of.
    pub const fn kind(&self) -> Kind {
        self.header.kind
    }

    /// How many different entries it has.
    pub const fn entries(&self) -> u64 {
        self.header.entries
    }

    /// How many bits of each hash it keeps.
    pub const fn bits(&self) -> u32 {
        self.header.key_bits
    }

    /// The probability that a password that is not in the set is found all the same: the
    /// number of entries over the number of keys.
    pub fn false_hit_rate(&self) -> f64 {
        self.header.false_hit_rate()
    }

    /// Passwords seen fewer times than this were left out when it was made.
    pub const fn least_count(&self) -> u64 {
        self.header.least_count
    }

    /// The length of the file in bytes.
    pub fn length(&self) -> u64 {
        self.store.len() as u64
    }

    /// Checks every byte: each block of entries against its checksum, their order, and that
    /// nothing hides behind the last one. Reads the whole file.
    ///
    /// # Errors
    /// The first damage found, with its place.
    pub fn verify(&self) -> Result<(), IndexError> {
        self.store.expect(Access::Whole);
        let result = self.verify_entries().map_err(|fault| self.fault(fault));
        self.store.expect(Access::Jumps);
        result
    }

    /// The keys in ascending order, each with its stored bits first and zeros after.
    #[cfg(feature = "build")]
    pub(crate) fn keys(&self) -> impl Iterator<Item = u64> + '_ {
        let unused = 64 - self.header.key_bits;
        let stored = self.header.stored_bits();
        (0..1_u64 << self.header.prefix_bits).flat_map(move |bucket| {
            let range = self.bucket(bucket).unwrap_or(0..0);
            range.filter_map(move |at| Some((bucket << stored | self.entry(at)?) << unused))
        })
    }

    fn read(path: Option<PathBuf>, store: Store) -> Result<Self, Fault> {
        let header = Header::decode(&store)?;
        let found = store.len() as u64;
        let places = Places::of(&header).ok_or(Fault::Damaged(Part::Header))?;
        let expected = places.end;
        if found < expected {
            return Err(Fault::Truncated { found, expected });
        }
        if found > expected {
            return Err(Fault::Extended { found, expected });
        }
        // Both lie inside the file, whose length is a `usize`.
        let (data, sums) = (places.data as usize, places.sums as usize);
        let index = Self {
            path,
            header,
            data,
            sums,
            store,
        };
        index.store.expect(Access::Whole);
        if checksum(&index.store[HEADER..data]) != header.table_sum || !index.table_ascends() {
            return Err(Fault::Damaged(Part::Table));
        }
        if checksum(&index.store[sums..]) != header.sums_sum {
            return Err(Fault::Damaged(Part::Sums));
        }
        index.store.expect(Access::Jumps);
        Ok(index)
    }

    fn table_ascends(&self) -> bool {
        let (numbers, _) = self.store[HEADER..self.data].as_chunks::<8>();
        let mut numbers = numbers.iter().map(|bytes| u64::from_le_bytes(*bytes));
        let mut last = 0;
        numbers.next() == Some(0)
            && numbers.all(|number| number >= std::mem::replace(&mut last, number))
            && last == self.entries()
    }

    fn holds(&self, key: u64) -> bool {
        let Header {
            prefix_bits,
            key_bits,
            ..
        } = self.header;
        let wanted = key >> (64 - key_bits) & self.mask();
        self.bucket(key >> (64 - prefix_bits))
            .is_some_and(|bucket| self.found(bucket, wanted))
    }

    /// Halves a bucket until one entry is left. What lies outside the file is not found.
    fn found(&self, bucket: std::ops::Range<u64>, wanted: u64) -> bool {
        let (mut low, mut high) = (bucket.start, bucket.end);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.entry(middle) {
                Some(entry) if entry < wanted => low = middle + 1,
                Some(_) => high = middle,
                None => return false,
            }
        }
        low < bucket.end && self.entry(low) == Some(wanted)
    }

    /// The places of the entries of a bucket, in entries.
    fn bucket(&self, bucket: u64) -> Option<std::ops::Range<u64>> {
        let table = &self.store[HEADER..self.data];
        let bucket = usize::try_from(bucket).ok()?;
        let (start, end) = (number(table, bucket)?, number(table, bucket + 1)?);
        // Checked again, since a mapped file may be written into after it was opened.
        (start <= end && end <= self.entries()).then_some(start..end)
    }

    /// The stored bits of an entry, if it lies inside the entries.
    fn entry(&self, at: u64) -> Option<u64> {
        let bit = at.checked_mul(self.header.stored_bits().into())?;
        let byte = usize::try_from(bit / 8).ok()?;
        let data = &self.store[self.data..self.sums];
        let word = data.get(byte..)?.first_chunk()?;
        Some(u64::from_le_bytes(*word) >> (bit % 8) & self.mask())
    }

    const fn mask(&self) -> u64 {
        (1 << self.header.stored_bits()) - 1
    }

    fn verify_entries(&self) -> Result<(), Fault> {
        let place = |at: usize| Fault::Damaged(Part::Entries((self.data + at) as u64));
        let data = &self.store[self.data..self.sums];
        for (block, bytes) in data.chunks(BLOCK).enumerate() {
            if number(&self.store[self.sums..], block) != Some(checksum(bytes)) {
                return Err(place(block * BLOCK));
            }
        }
        for bucket in 0..1_u64 << self.header.prefix_bits {
            let range = self.bucket(bucket).ok_or(Fault::Damaged(Part::Table))?;
            let mut last = None;
            for at in range {
                let entry = self.entry(at);
                if entry <= last {
                    let byte = at * u64::from(self.header.stored_bits()) / 8;
                    return Err(place(byte as usize / BLOCK * BLOCK));
                }
                last = entry;
            }
        }
        let bits = self.entries() * u64::from(self.header.stored_bits());
        let (byte, bit) = ((bits / 8) as usize, bits % 8);
        let hidden = data[byte] >> bit != 0 || data[byte + 1..].iter().any(|&byte| byte != 0);
        if hidden {
            return Err(place(byte / BLOCK * BLOCK));
        }
        Ok(())
    }

    fn fault(&self, fault: Fault) -> IndexError {
        IndexError::new(self.path.clone(), fault)
    }
}
