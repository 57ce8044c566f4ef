//! A server's first messages, whole or in two pieces: no panic, the same reading, bounded.
#![no_main]

use scan::tls::{Reader, ssl2};

libfuzzer_sys::fuzz_target!(|input: (usize, &[u8])| {
    let (cut, bytes) = input;
    let (first, second) = bytes.split_at(cut % (bytes.len() + 1));
    let mut whole = Reader::new();
    let told = whole.push(bytes);
    let mut parts = Reader::new();
    let parted = parts.push(first).and_then(|()| parts.push(second));
    // What was read before a fault does not depend on where the bytes were cut.
    if told.is_ok() {
        assert_eq!(parted, told);
        assert_eq!(parts.flight(), whole.flight());
    }
    assert!(whole.flight().chain.len() <= 16);
    let _ = ssl2(bytes);
});
