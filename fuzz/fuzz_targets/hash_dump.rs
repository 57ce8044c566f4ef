//! A dump of stored hashes, of each kind: no panic, an end, and no more texts than bytes.
#![no_main]

#[allow(dead_code, unused)]
#[path = "../../crates/cli/src/table.rs"]
mod table;

/// Named and placed as in the command line, since its parts are visible here only.
#[path = "../../crates/cli/src/audit"]
mod audit {
    #[allow(dead_code, unused)]
    mod dump;

    use dump::{Dump, Kind};

    pub(super) fn read(bytes: &[u8]) {
        let _ = [true, false].map(|has_column| Kind::of(bytes, has_column));
        for (kind, column) in [
            (Kind::Lines, None),
            (Kind::Passwd, None),
            (Kind::Table, Some("1")),
            (Kind::Table, None),
            (Kind::JsonLines, Some("hash")),
            (Kind::JsonLines, None),
            (Kind::Ldif, None),
        ] {
            let Ok(mut dump) = Dump::open(bytes, kind, column) else {
                continue;
            };
            let mut texts = 0;
            while let Ok(Some(text)) = dump.next() {
                texts += 1;
                assert!(text.is_none_or(|text| text.len() <= bytes.len()));
                assert!(texts <= bytes.len() + 1);
            }
            assert!(dump.done <= bytes.len() as u64);
        }
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| audit::read(bytes));
