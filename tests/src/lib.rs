//! What the tests of this package share: the binary under test, children that end with
//! their owner, a test authority, real sites and a real browser.
//!
//! Two test programs use it. `it` runs everywhere with `cargo test`. `e2e` needs servers
//! and a browser from Debian: `tests/run` installs them and builds it with
//! `--features e2e`; there, a missing server is a failure, never a skipped test.
//!
//! Everything here panics instead of returning errors: a harness that cannot do its work
//! is a failed test, and the message is what a person needs.

pub mod authority;
pub mod binary;
pub mod browser;
pub mod clock;
pub mod curl;
pub mod gate;
pub mod hashes;
pub mod mariadb;
pub mod pebble;
pub mod postgres;
pub mod process;
pub mod raw;
pub mod redis;
pub mod site;
pub mod visitor;
pub mod wire;

use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("this package lies in a folder of the repository")
        .to_path_buf()
}
