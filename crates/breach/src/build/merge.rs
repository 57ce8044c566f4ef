//! Joins ascending sources of keys into one, with what is equal in its kept bits once.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::io;

/// An ascending source of keys.
pub(crate) type Source<'a> = Box<dyn Iterator<Item = io::Result<u64>> + 'a>;

/// The keys of all sources in ascending order, cut to their first bits, each once.
pub(crate) struct Merged<'a> {
    sources: Vec<Source<'a>>,
    /// The next key of each source that has one, and the number of that source.
    heads: BinaryHeap<Reverse<(u64, usize)>>,
    mask: u64,
    last: Option<u64>,
}

impl<'a> Merged<'a> {
    /// Keys equal in their first `bits` are one key, whose other bits are zero.
    pub(crate) fn new(mut sources: Vec<Source<'a>>, bits: u32) -> io::Result<Self> {
        let mut heads = BinaryHeap::with_capacity(sources.len());
        for (number, source) in sources.iter_mut().enumerate() {
            if let Some(key) = source.next() {
                heads.push(Reverse((key?, number)));
            }
        }
        Ok(Self {
            sources,
            heads,
            mask: u64::MAX << (64 - bits),
            last: None,
        })
    }
}

impl Iterator for Merged<'_> {
    type Item = io::Result<u64>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mut head = self.heads.peek_mut()?;
            let Reverse((key, number)) = *head;
            match self.sources[number].next() {
                // Going down the heap from the top costs less than a pop and a push.
                Some(Ok(next)) => *head = Reverse((next, number)),
                Some(Err(error)) => return Some(Err(error)),
                None => {
                    PeekMut::pop(head);
                }
            }
            let key = key & self.mask;
            if self.last != Some(key) {
                self.last = Some(key);
                return Some(Ok(key));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    fn source(keys: impl IntoIterator<Item = u64, IntoIter: 'static>) -> Source<'static> {
        Box::new(keys.into_iter().map(Ok))
    }

    proptest! {
        #[test]
        fn a_merge_is_the_union_of_what_is_kept(
            sets in prop::collection::vec(prop::collection::btree_set(any::<u64>(), 0..50), 0..8),
            bits in 3_u32..=64,
        ) {
            let mask = u64::MAX << (64 - bits);
            let union: BTreeSet<u64> = sets.iter().flatten().map(|key| key & mask).collect();
            let merged = Merged::new(sets.into_iter().map(source).collect(), bits).expect("memory");
            let keys: Vec<u64> = merged.map(|key| key.expect("memory")).collect();
            prop_assert!(keys.iter().copied().eq(union));
        }
    }

    #[test]
    fn a_source_that_fails_fails_the_merge() {
        let broken = std::iter::once(Ok(3)).chain([Err(io::ErrorKind::UnexpectedEof.into())]);
        let merged = Merged::new(vec![source([1, 5]), Box::new(broken)], 64).expect("heads");
        assert!(merged.collect::<io::Result<Vec<u64>>>().is_err());
    }
}
