//! Any bytes are a range of leaked hashes or an error, and never more rows than bytes.
#![no_main]

use breach::Digest;
use breach::range::Range;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(range) = Range::parse(bytes) {
        assert!(range.len() * 35 <= bytes.len());
        let _ = range.contains(&Digest::sha1_of("password"));
    }
});
