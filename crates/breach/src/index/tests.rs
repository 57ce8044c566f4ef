//! The reader against what the writer wrote, whole and damaged.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::shape::{BLOCK, HEADER, Header, Places};
use super::write::Writer;
use super::*;

/// The bytes of an index of these keys, in this form.
fn written(keys: &BTreeSet<u64>, prefix_bits: u32, key_bits: u32) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("index");
    let plan = Header {
        prefix_bits,
        key_bits,
        ..Header::plan(Kind::Sha1, 1, key_bits)
    };
    let mut writer = Writer::create(&path, plan).expect("created");
    for key in keys {
        writer.push(*key).expect("written");
    }
    writer.finish().expect("finished");
    std::fs::read(path).expect("read")
}

fn index(bytes: Vec<u8>) -> Index {
    Index::from_bytes(bytes).expect("an index")
}

/// Keys spread over every bucket, and some that share one.
fn some_keys(count: u64) -> BTreeSet<u64> {
    (0..count)
        .map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15))
        .chain((0..count / 4).map(|n| 0xabcd_0000_0000_0000 | n << 40))
        .chain([0, u64::MAX])
        .collect()
}

#[test]
fn the_index_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + std::fmt::Debug>() {}
    shared::<Index>();
}

#[test]
fn passwords_are_found_by_text_and_by_hash() {
    let leaked = ["azerty", "123456", "motdepasse", "é"];
    let keys = leaked.map(|text| Digest::sha1_of(text).key());
    let index = index(written(&keys.into(), 8, 40));
    for text in leaked {
        assert!(index.contains(text), "{text}");
        assert!(index.look_up(&Digest::sha1_of(text)).expect("same kind"));
    }
    for text in ["", "azertY", "e", "correct horse"] {
        assert!(!index.contains(text), "{text}");
    }
    let other = index.look_up(&Digest::ntlm_of("azerty"));
    assert!(matches!(
        other.expect_err("unknown").fault,
        Fault::OtherKind { .. }
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// What the index keeps of a key decides, and nothing else.
    #[test]
    fn the_index_agrees_with_a_set(
        keys in prop::collection::btree_set(
            prop_oneof![any::<u64>(), (0_u64..300).prop_map(|n| n << 40), (0_u64..64)],
            0..400,
        ),
        asked in prop::collection::vec(any::<u64>(), 50),
        prefix_bits in 8_u32..12,
        stored in 1_u32..=52,
    ) {
        let key_bits = prefix_bits + stored;
        let index = index(written(&keys, prefix_bits, key_bits));
        index.verify().expect("sound");
        let unused = 64 - key_bits;
        let kept: BTreeSet<u64> = keys.iter().map(|key| key >> unused << unused).collect();
        prop_assert_eq!(index.entries(), kept.len() as u64);
        prop_assert!(index.keys().eq(kept.iter().copied()));
        for key in keys.iter().chain(&asked) {
            for near in [key.wrapping_sub(1), *key, key.wrapping_add(1), key ^ 1 << unused] {
                prop_assert_eq!(index.holds(near), kept.contains(&(near >> unused << unused)));
            }
        }
    }
}

#[test]
fn false_hits_come_at_the_stated_rate() {
    let keys: BTreeSet<u64> = (0..1_000).map(scrambled).collect();
    let index = index(written(&keys, 8, 14));
    let rate = index.false_hit_rate();
    assert!((0.055..0.062).contains(&rate), "{rate}");
    let hits = (1_000..21_000)
        .filter(|n| index.holds(scrambled(*n)))
        .count();
    // About 1,180 expected, with a standard deviation of 33.
    assert!((1_050..1_310).contains(&hits), "{hits} hits at {rate}");
}

/// A number that looks drawn at random.
fn scrambled(n: u64) -> u64 {
    Digest::sha1_of(&n.to_string()).key()
}

#[test]
fn an_index_of_nothing_finds_nothing() {
    let index = index(written(&BTreeSet::new(), 8, 20));
    index.verify().expect("sound");
    assert!(!index.holds(0) && !index.holds(u64::MAX) && !index.contains(""));
    assert_eq!((index.entries(), index.false_hit_rate()), (0, 0.0));
}

#[test]
fn several_blocks_are_read_and_verified() {
    let keys = some_keys(250_000);
    let bytes = written(&keys, 10, 64);
    assert!(bytes.len() > BLOCK + BLOCK / 2);
    let index = index(bytes);
    index.verify().expect("sound");
    assert!(keys.iter().all(|key| index.holds(*key)));
    assert!(index.keys().eq(keys.iter().copied()));
}

#[test]
fn every_cut_is_refused_and_every_tail_too() {
    let bytes = written(&some_keys(40), 8, 33);
    for length in 0..bytes.len() {
        let error = Index::from_bytes(bytes[..length].to_vec()).expect_err("refused");
        match error.fault {
            Fault::Foreign => assert!(length < 8, "{length}"),
            Fault::Truncated { found, .. } => assert_eq!(found, length as u64),
            other => panic!("{length}: {other:?}"),
        }
    }
    for tail in [1, 8, 100_000] {
        let mut long = bytes.clone();
        long.resize(bytes.len() + tail, 0);
        let error = Index::from_bytes(long).expect_err("refused");
        assert!(matches!(error.fault, Fault::Extended { .. }), "{error}");
    }
}

#[test]
fn every_changed_bit_is_found_in_the_part_where_it_is() {
    let keys = some_keys(40);
    let bytes = written(&keys, 8, 33);
    let header = Header::decode(&bytes).expect("a header");
    let places = Places::of(&header).expect("places");
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            let fault = match Index::from_bytes(changed) {
                Err(error) => error.fault,
                Ok(index) => {
                    // The answers may be wrong, but there are answers.
                    for key in &keys {
                        index.holds(*key);
                    }
                    index.verify().expect_err("found").fault
                }
            };
            let place = at as u64;
            let right = match fault {
                Fault::Foreign => at < 8,
                Fault::Version(_) => (8..12).contains(&at),
                Fault::Damaged(Part::Header) => (12..HEADER).contains(&at),
                Fault::Damaged(Part::Table) => (HEADER as u64..places.data).contains(&place),
                Fault::Damaged(Part::Entries(_)) => (places.data..places.sums).contains(&place),
                Fault::Damaged(Part::Sums) => place >= places.sums,
                _ => false,
            };
            assert!(right, "byte {at} bit {bit}: {fault:?}");
        }
    }
}

/// Gives a changed file the checksums of what it holds, as a forger would.
fn resealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let header = Header::decode(&bytes).expect("a header");
    let places = Places::of(&header).expect("places");
    let (data, sums) = (places.data as usize, places.sums as usize);
    let blocks: Vec<u8> = bytes[data..sums]
        .chunks(BLOCK)
        .flat_map(|block| checksum(block).to_le_bytes())
        .collect();
    bytes[sums..].copy_from_slice(&blocks);
    let header = Header {
        table_sum: checksum(&bytes[HEADER..data]),
        sums_sum: checksum(&blocks),
        ..header
    };
    bytes[..HEADER].copy_from_slice(&header.encode());
    bytes
}

#[test]
fn a_forged_table_or_order_is_refused_whatever_its_checksums_say() {
    let bytes = written(&some_keys(40), 8, 33);
    assert!(Index::from_bytes(resealed(bytes.clone())).is_ok());
    let data = HEADER + 257 * 8;
    for (place, number) in [(0, 1), (1, u64::MAX), (5, 1_000), (256, 0), (256, u64::MAX)] {
        let mut forged = bytes.clone();
        forged[HEADER + place * 8..][..8].copy_from_slice(&u64::to_le_bytes(number));
        let error = Index::from_bytes(resealed(forged)).expect_err("refused");
        assert!(
            matches!(error.fault, Fault::Damaged(Part::Table)),
            "{error}"
        );
    }
    let end = bytes.len() - 8;
    for (forged, change) in [
        (data..end - 16, 0),
        (end - 8..end - 7, 1),
        (end - 1..end, 0x80),
    ] {
        let mut bytes = bytes.clone();
        bytes[forged].fill(change);
        let error = index(resealed(bytes)).verify().expect_err("refused");
        assert!(
            matches!(error.fault, Fault::Damaged(Part::Entries(_))),
            "{error}"
        );
    }
}

#[test]
fn what_is_no_index_is_refused_by_its_first_bytes() {
    for bytes in [
        &b""[..],
        b"\x89RIDX\r\n",
        b"000000005AD76BD555C1D6D771DE417A4B87E4B4:10\r\n",
        b"\x1f\x8b\x08\x00",
        &[0; 4096],
    ] {
        let error = Index::from_bytes(bytes.to_vec()).expect_err("refused");
        assert!(matches!(error.fault, Fault::Foreign), "{error}");
    }
}

#[test]
fn a_file_that_cannot_be_opened_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    for path in [folder.path().join("absent.idx"), folder.path().to_owned()] {
        let error = Index::open(&path).expect_err("refused");
        assert!(matches!(error.fault, Fault::Io(_)), "{error}");
        assert_eq!(error.path(), Some(path.as_path()));
    }
}
