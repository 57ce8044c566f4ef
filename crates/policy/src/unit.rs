//! Quantities with their unit in the type.

use std::fmt;

/// An amount of entropy, in bits. It describes a *policy* (the set of passwords allowed),
/// never one typed password (CNIL 2022-100, definitions).
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Bits(f64);

impl Bits {
    /// A stated number of bits.
    pub const fn new(bits: f64) -> Self {
        Self(bits)
    }

    /// `log2(pool^length)`: `length` free choices among `pool` signs.
    pub fn of(length: usize, pool: usize) -> Self {
        if length == 0 || pool == 0 {
            return Self(0.0);
        }
        Self(length as f64 * (pool as f64).log2())
    }

    /// The number itself, for arithmetic and machine-readable output.
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// Two decimals, the precision that the CNIL's own examples need (79.55).
impl fmt::Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2}", self.0)
    }
}

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(u64);

impl Size {
    /// A number of bytes.
    pub const fn bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// A number of kibibytes (1,024 bytes).
    pub const fn kib(kib: u64) -> Self {
        Self(kib * 1024)
    }

    /// A number of mebibytes (1,024 KiB).
    pub const fn mib(mib: u64) -> Self {
        Self(mib * 1024 * 1024)
    }

    /// The number of bytes.
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// The largest binary unit that divides the size exactly: `19 MiB`, `16 KiB`, `100 B`.
impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
        for (unit, name) in UNITS {
            if self.0 != 0 && self.0.is_multiple_of(unit) {
                return write!(f, "{} {name}", self.0 / unit);
            }
        }
        write!(f, "{} B", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_of_a_policy() {
        // The first example is lawful by name although the formula gives less than 80.
        for (length, pool, bits) in [
            (12, 99, "79.55"),
            (12, 94, "78.66"),
            (13, 99, "86.18"),
            (14, 62, "83.36"),
            (8, 99, "53.03"),
            (8, 62, "47.63"),
            (15, 10, "49.83"),
            (16, 10, "53.15"),
            (4, 10, "13.29"),
            (0, 99, "0.00"),
        ] {
            assert_eq!(
                Bits::of(length, pool).to_string(),
                bits,
                "{length} over {pool}"
            );
        }
    }

    #[test]
    fn sizes_print_in_their_largest_exact_unit() {
        for (size, text) in [
            (Size::mib(19), "19 MiB"),
            (Size::kib(16), "16 KiB"),
            (Size::bytes(1500), "1500 B"),
            (Size::bytes(0), "0 B"),
        ] {
            assert_eq!(size.to_string(), text);
        }
    }
}
