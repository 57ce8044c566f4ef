//! Any bytes and any context get a verdict, and a refusal has a reason.
//!
//! The context is what follows the first NUL, one entry per line.
#![no_main]

use std::sync::LazyLock;

use password::{Context, Judge};
use policy::{Language, Policy};

static JUDGE: LazyLock<Judge> = LazyLock::new(|| Judge::new(Policy::reference().password()));

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    let (typed, rest) = bytes.split_at(end);
    let known = String::from_utf8_lossy(rest);
    let assessment = JUDGE.read_and_assess(typed.to_vec(), &Context::new(known.lines()));
    assert_eq!(assessment.accepted(), assessment.findings().is_empty());
    assert!(assessment.guesses_log10().is_finite());
    let _ = assessment.to_json(Language::Fr);
});
