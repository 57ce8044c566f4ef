//! A PROXY header is the same however its bytes come, and ends where it says.
#![no_main]

use transport::proxy_protocol::{LONGEST, parse};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let whole = parse(bytes);
    for end in 0..bytes.len().min(LONGEST + 1) {
        match parse(&bytes[..end]) {
            // More may come, unless there is nothing that could.
            Ok(None) => assert!(end < LONGEST),
            // What was decided stays decided.
            early => {
                assert_eq!(early, whole);
                if let Ok(Some(header)) = early {
                    assert_eq!(header.length, end);
                }
                return;
            }
        }
    }
});
