//! Real sites from Debian, each with servers, ports and data of its own.
//!
//! They run as whoever runs the tests, in a temporary folder, on 127.0.0.1 only. Nothing
//! of the machine's own nginx or PHP configuration is read or changed.

pub mod dokuwiki;
pub mod nginx;
pub mod php;

use std::process::Command;

/// Whether the tests run as root: servers then need to be told to keep that user, because
/// their files lie in a folder that only this user can read.
fn as_root() -> bool {
    let output = Command::new("id")
        .arg("-u")
        .output()
        .expect("id is part of every system");
    output.stdout.trim_ascii() == b"0"
}
