//! Writes an index from keys in ascending order, in memory that does not grow with them.
//!
//! The table comes before the entries and is complete only after the last one. Both are
//! written in one pass, through two descriptors of the same file, each at its own place.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use sha1::{Digest as _, Sha1};

use super::shape::{BLOCK, HEADER, Header, Places, checksum, finish};

/// Bytes that a writer holds: one block, and the buffer of the table.
pub(crate) const MEMORY: usize = BLOCK + TABLE_BUFFER;

const TABLE_BUFFER: usize = 64 * 1024;

#[derive(Debug)]
pub(crate) struct Writer {
    header: Header,
    table: BufWriter<File>,
    table_sum: Sha1,
    data: File,
    block: Vec<u8>,
    sums: Vec<u8>,
    /// Bits that fill no word yet, lowest first, and how many.
    pending: u128,
    pending_bits: u32,
    /// Buckets whose start is written.
    buckets: u64,
    /// The last key, shifted down to its stored bits.
    last: Option<u64>,
    entries: u64,
}

impl Writer {
    /// Begins a file of the planned form. How many entries there are is known at its end.
    pub(crate) fn create(path: &Path, plan: Header) -> io::Result<Self> {
        let places = Places::of(&plan).ok_or(io::ErrorKind::FileTooLarge)?;
        let mut data = File::create(path)?;
        data.seek(SeekFrom::Start(places.data))?;
        let mut table = OpenOptions::new().write(true).open(path)?;
        table.seek(SeekFrom::Start(HEADER as u64))?;
        Ok(Self {
            header: plan,
            table: BufWriter::with_capacity(TABLE_BUFFER, table),
            table_sum: Sha1::new(),
            data,
            block: Vec::with_capacity(BLOCK),
            sums: Vec::new(),
            pending: 0,
            pending_bits: 0,
            buckets: 0,
            last: None,
            entries: 0,
        })
    }

    /// Adds the first bits of a key; equal neighbours become one entry.
    ///
    /// # Errors
    /// The file cannot be written, or the key is smaller than the last one.
    pub(crate) fn push(&mut self, key: u64) -> io::Result<()> {
        let key = key >> (64 - self.header.key_bits);
        if self.last == Some(key) {
            return Ok(());
        }
        if self.last > Some(key) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "keys out of order",
            ));
        }
        self.last = Some(key);
        let stored = self.header.stored_bits();
        self.start_buckets((key >> stored) + 1)?;
        self.entries += 1;
        self.pending |= u128::from(key & ((1 << stored) - 1)) << self.pending_bits;
        self.pending_bits += stored;
        if self.pending_bits >= 64 {
            self.write_word()?;
        }
        Ok(())
    }

    /// Ends the file, makes it durable and tells what its header says.
    pub(crate) fn finish(mut self) -> io::Result<Header> {
        // The last start is the end of the last bucket.
        self.start_buckets((1 << self.header.prefix_bits) + 1)?;
        self.table.flush()?;
        while self.pending_bits > 0 {
            self.write_word()?;
        }
        // The spare word that `Places` promises.
        self.write_word()?;
        self.end_block()?;
        self.header.entries = self.entries;
        self.data.write_all(&self.sums)?;
        debug_assert_eq!(
            Places::of(&self.header).map(|places| places.end),
            self.data.stream_position().ok()
        );
        self.header.sums_sum = checksum(&self.sums);
        self.header.table_sum = finish(self.table_sum);
        self.data.seek(SeekFrom::Start(0))?;
        self.data.write_all(&self.header.encode())?;
        self.data.sync_all()?;
        Ok(self.header)
    }

    /// Writes where buckets start, up to this number of them.
    fn start_buckets(&mut self, upto: u64) -> io::Result<()> {
        let start = self.entries.to_le_bytes();
        while self.buckets < upto {
            self.table.write_all(&start)?;
            self.table_sum.update(start);
            self.buckets += 1;
        }
        Ok(())
    }

    fn write_word(&mut self) -> io::Result<()> {
        self.block
            .extend_from_slice(&(self.pending as u64).to_le_bytes());
        self.pending >>= 64;
        self.pending_bits = self.pending_bits.saturating_sub(64);
        if self.block.len() == BLOCK {
            self.end_block()?;
        }
        Ok(())
    }

    fn end_block(&mut self) -> io::Result<()> {
        if !self.block.is_empty() {
            self.sums
                .extend_from_slice(&checksum(&self.block).to_le_bytes());
            self.data.write_all(&self.block)?;
            self.block.clear();
        }
        Ok(())
    }
}
