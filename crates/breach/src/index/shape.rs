//! Where things are in an index file, and the header that says so.
//!
//! ```text
//! header   64 bytes
//! table    2^prefix + 1 numbers of 64 bits: where each bucket starts, then the count
//! entries  the rest of each key, packed, in ascending order; at least 64 zero bits after
//! sums     one checksum of 64 bits per MiB of entries
//! ```
//!
//! A key is the first `key_bits` of a hash. Its first `prefix_bits` choose the bucket and are
//! not stored; the others are. All numbers are little endian. Every byte of the file is
//! under one checksum, and nothing may follow the last.
//!
//! Checksums are the first 64 bits of a SHA-1. They find accidents, not forgery: who can
//! write the file can write its checksums too.

use sha1::{Digest as _, Sha1};

use super::error::{Fault, Part};
use crate::Kind;

/// The first bytes of every index. The high bit and the two line ends are changed by a
/// transfer as text, so that one is found at once.
pub(crate) const MAGIC: [u8; 8] = *b"\x89RIDX\r\n\n";

/// The version of the layout that this program writes and reads.
pub(crate) const VERSION: u32 = 1;

/// The length of the header in bytes.
pub(crate) const HEADER: usize = 64;

/// How many bytes of entries one checksum covers.
pub(crate) const BLOCK: usize = 1 << 20;

/// How many prefix bits a file may have: few keep the table small, many keep buckets short.
const PREFIX: std::ops::RangeInclusive<u32> = 8..=32;

/// Most bits stored per entry: with any bit offset they fit in one load of 64 bits.
const MOST_STORED: u32 = 56;

/// What the header of an index says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) kind: Kind,
    pub(crate) prefix_bits: u32,
    pub(crate) key_bits: u32,
    pub(crate) entries: u64,
    /// Passwords seen fewer times than this were left out.
    pub(crate) least_count: u64,
    pub(crate) table_sum: u64,
    pub(crate) sums_sum: u64,
}

impl Header {
    /// The form of an index of about so many entries with keys of so many bits, at least 9.
    #[cfg(feature = "build")]
    pub(crate) fn plan(kind: Kind, entries: u64, key_bits: u32) -> Self {
        let key_bits = key_bits.clamp(PREFIX.start() + 1, 64);
        // 64 to 128 entries per bucket: a bucket is a few cache lines on one page, and the
        // table costs at most one bit per entry, what a further prefix bit would save.
        let prefix_bits = (entries / 64).max(1).ilog2().clamp(*PREFIX.start(), 26);
        Self {
            kind,
            prefix_bits: prefix_bits.min(key_bits - 1),
            key_bits,
            entries,
            least_count: 1,
            table_sum: 0,
            sums_sum: 0,
        }
    }

    /// The fewest key bits that keep false hits among so many entries at or below a rate;
    /// more than 64 if no index can.
    #[cfg(feature = "build")]
    pub(crate) fn bits_for(entries: u64, rate: f64) -> u32 {
        // A float too large for the type becomes its greatest value.
        (entries.max(1) as f64 / rate).log2().ceil() as u32
    }

    /// Bits stored per entry.
    pub(crate) const fn stored_bits(&self) -> u32 {
        self.key_bits - self.prefix_bits
    }

    /// The chance that a hash drawn at random is found although it was never put in.
    pub(crate) fn false_hit_rate(&self) -> f64 {
        self.entries as f64 / 2f64.powi(self.key_bits as i32)
    }

    #[cfg(feature = "build")]
    pub(crate) fn encode(&self) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[12] = match self.kind {
            Kind::Sha1 => 1,
            Kind::Ntlm => 2,
        };
        bytes[13] = self.prefix_bits as u8;
        bytes[14] = self.key_bits as u8;
        for (place, number) in [
            (16, self.entries),
            (24, self.least_count),
            (32, self.table_sum),
            (40, self.sums_sum),
        ] {
            bytes[place..place + 8].copy_from_slice(&number.to_le_bytes());
        }
        let sum = checksum(&bytes[..HEADER - 8]);
        bytes[HEADER - 8..].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    /// Reads the header at the start of a file.
    pub(crate) fn decode(file: &[u8]) -> Result<Self, Fault> {
        if file.len() < MAGIC.len() || file[..MAGIC.len()] != MAGIC {
            return Err(Fault::Foreign);
        }
        let Some(bytes) = file.first_chunk::<HEADER>() else {
            return Err(Fault::Truncated {
                found: file.len() as u64,
                expected: HEADER as u64,
            });
        };
        let version = u32::from_le_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]);
        if version != VERSION {
            return Err(Fault::Version(version));
        }
        let damaged = Fault::Damaged(Part::Header);
        if number(bytes, HEADER / 8 - 1) != Some(checksum(&bytes[..HEADER - 8])) {
            return Err(damaged);
        }
        let field = |place| number(bytes, place).unwrap_or(0);
        let header = Self {
            kind: match bytes[12] {
                1 => Kind::Sha1,
                2 => Kind::Ntlm,
                _ => return Err(damaged),
            },
            prefix_bits: u32::from(bytes[13]),
            key_bits: u32::from(bytes[14]),
            entries: field(2),
            least_count: field(3),
            table_sum: field(4),
            sums_sum: field(5),
        };
        let stored = header.key_bits.checked_sub(header.prefix_bits);
        let sound = PREFIX.contains(&header.prefix_bits)
            && header.key_bits <= 64
            && stored.is_some_and(|stored| (1..=MOST_STORED).contains(&stored))
            && bytes[15] == 0
            && field(6) == 0;
        if sound { Ok(header) } else { Err(damaged) }
    }
}

/// Where the parts of a file begin, and how long it is, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Places {
    pub(crate) data: u64,
    pub(crate) sums: u64,
    pub(crate) end: u64,
}

impl Places {
    /// The places that a header implies; `None` if no file could be so long.
    pub(crate) fn of(header: &Header) -> Option<Self> {
        let table = ((1_u64 << header.prefix_bits) + 1) * 8;
        let data = HEADER as u64 + table;
        let bits = header.entries.checked_mul(header.stored_bits().into())?;
        // One more word, so that a load of 64 bits at the last entry stays inside.
        let length = bits.div_ceil(64).checked_add(1)?.checked_mul(8)?;
        let sums = data.checked_add(length)?;
        let end = sums.checked_add(length.div_ceil(BLOCK as u64).checked_mul(8)?)?;
        Some(Self { data, sums, end })
    }
}

/// The number at a place counted in numbers, if there is one.
pub(crate) fn number(bytes: &[u8], place: usize) -> Option<u64> {
    let start = place.checked_mul(8)?;
    let bytes = bytes.get(start..)?.first_chunk()?;
    Some(u64::from_le_bytes(*bytes))
}

/// The checksum of a run of bytes.
pub(crate) fn checksum(bytes: &[u8]) -> u64 {
    finish(Sha1::new_with_prefix(bytes))
}

/// The checksum of what went into a hash. A fuzzer cannot make one, so there it is 0 and what
/// lies behind the checksums is reached.
pub(crate) fn finish(hash: Sha1) -> u64 {
    if cfg!(fuzzing) {
        return 0;
    }
    let hash = hash.finalize();
    hash.first_chunk()
        .map_or(0, |first| u64::from_le_bytes(*first))
}

#[cfg(all(test, feature = "build"))]
mod tests {
    use super::*;

    #[test]
    fn a_plan_meets_its_rate_with_short_buckets() {
        for (entries, rate, prefix, key) in [
            (1, 1e-6, 8, 20),
            (1_000, 1e-6, 8, 30),
            (100_000, 1e-6, 10, 37),
            (100_000_000, 1e-6, 20, 47),
            (1_600_000_000, 1e-6, 24, 51),
            (1_600_000_000, 1e-9, 24, 61),
            (1_600_000_000, 0.01, 24, 38),
            (1, 0.5, 8, 9),
        ] {
            let plan = Header::plan(Kind::Sha1, entries, Header::bits_for(entries, rate));
            assert_eq!(
                (plan.prefix_bits, plan.key_bits),
                (prefix, key),
                "{entries} {rate}"
            );
            assert!(plan.false_hit_rate() <= rate);
        }
        assert_eq!(Header::bits_for(1_600_000_000, 1e-12), 71);
        let narrow = Header::plan(Kind::Sha1, 1_000_000_000, 12);
        assert_eq!((narrow.prefix_bits, narrow.stored_bits()), (11, 1));
    }

    #[test]
    fn a_header_reads_back() {
        let header = Header {
            kind: Kind::Ntlm,
            prefix_bits: 12,
            key_bits: 60,
            entries: 123_456,
            least_count: 7,
            table_sum: 0x0123_4567_89ab_cdef,
            sums_sum: 42,
        };
        assert_eq!(Header::decode(&header.encode()).ok(), Some(header));
    }

    #[test]
    fn a_header_that_no_file_could_match_has_no_places() {
        let header = Header {
            entries: u64::MAX / 3,
            ..Header::plan(Kind::Sha1, 1, 64)
        };
        assert_eq!(Places::of(&header), None);
    }
}
