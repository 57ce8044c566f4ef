//! How the value of a word says which lists have it, and how soon each comes to it.
//!
//! Shared by `build.rs`, which writes the values, and the matcher, which reads them. A value
//! holds up to five slots of twelve bits, the soonest list lowest: four bits of kind (from
//! one, so that zero means none) and eight of rank, as its base-10 logarithm in fortieths.

/// How many kinds there are.
pub(crate) const KINDS: usize = 8;
const SLOT: u32 = 12;
const SLOTS: usize = 5;
const FORTIETHS: f64 = 40.0;

/// The value of a word that is in these lists, by kind and rank from 1.
pub(crate) fn pack(lists: &[(usize, usize)]) -> u64 {
    let mut slots: Vec<(u64, u64)> = lists
        .iter()
        .map(|&(kind, rank)| {
            let fortieths = (rank.max(1) as f64).log10() * FORTIETHS;
            (fortieths.round().min(255.0) as u64, kind as u64 + 1)
        })
        .collect();
    slots.sort_unstable();
    slots
        .iter()
        .take(SLOTS)
        .enumerate()
        .fold(0, |value, (place, (rank, kind))| {
            value | (rank << 4 | kind) << (SLOT as usize * place)
        })
}

/// The kind and the base-10 logarithm of the rank of each list, the soonest first.
pub(crate) fn unpack(value: u64) -> impl Iterator<Item = (usize, f64)> {
    (0..SLOTS)
        .map(move |place| value >> (SLOT as usize * place) & 0xfff)
        .take_while(|&slot| slot != 0)
        .map(|slot| ((slot & 0xf) as usize - 1, (slot >> 4) as f64 / FORTIETHS))
}
