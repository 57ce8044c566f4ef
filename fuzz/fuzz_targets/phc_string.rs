//! Any text is a stored hash or an error, and a hash reads back as it was written.
#![no_main]

use password::hash::StoredHash;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(hash) = StoredHash::parse(text) {
        assert_eq!(hash.as_str(), text);
        assert!(StoredHash::parse(hash.as_str()).is_ok_and(|again| again == hash));
    }
});
