//! The policy that a report is about, and which file it was.

use std::fmt::Write;

use policy::Policy;
use sha2::{Digest, Sha256};

/// One loaded policy with its name and text.
#[derive(Debug)]
pub(super) struct Subject<'p> {
    pub(super) name: String,
    pub(super) text: &'p str,
    pub(super) policy: &'p Policy,
}

impl Subject<'_> {
    /// The SHA-256 of the file, so that a report kept for years names what it judged.
    pub(super) fn fingerprint(&self) -> String {
        let mut hex = String::new();
        for byte in Sha256::digest(self.text) {
            let _ = write!(hex, "{byte:02x}");
        }
        hex
    }
}
