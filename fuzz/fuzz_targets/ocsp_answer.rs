//! What a responder says is read without a panic, and believed only whole and in its time.
#![no_main]

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use transport::certificate::{Identity, StatusQuestion};

/// Within the hour of the answer among the seeds.
const NOW: Duration = Duration::from_secs(1_795_948_200);

static QUESTION: LazyLock<StatusQuestion> = LazyLock::new(|| {
    let chain = include_bytes!("../../crates/transport/tests/certificates/ocsp.pem");
    let key = include_bytes!("../../crates/transport/tests/certificates/ocsp.key");
    let identity = Identity::from_pem(chain, key, SystemTime::UNIX_EPOCH + NOW);
    let question = identity.expect("a pair").status_question();
    question.expect("an issuer").expect("a responder")
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let now = SystemTime::UNIX_EPOCH + NOW;
    if let Ok(status) = QUESTION.read(bytes, now) {
        assert_eq!(status.answer(), bytes);
        assert!(status.next_update() > now);
        // It is not believed a moment longer.
        assert!(QUESTION.read(bytes, status.next_update()).is_err());
    }
});
