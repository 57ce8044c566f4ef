//! Any bytes are an index or an error, and an index answers whatever it holds.
//!
//! A fuzzer compiles the checksums away (`cfg(fuzzing)`), so that it gets behind them.
#![no_main]

use breach::{Digest, Index, Kind};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(index) = Index::from_bytes(bytes.to_vec()) else {
        return;
    };
    assert!(index.false_hit_rate() >= 0.0);
    for kind in Kind::ALL {
        for chunk in bytes.chunks(20) {
            let hex: String = chunk.iter().map(|byte| format!("{byte:02x}")).collect();
            let digest = Digest::from_hex(&format!("{hex:0<width$}", width = 2 * kind.length()));
            if let Some(digest) = digest {
                assert_eq!(index.look_up(&digest).is_ok(), digest.kind() == index.kind());
            }
        }
    }
    let _ = index.contains("azerty");
    let _ = index.verify();
});
