//! Real sites from Debian, each with servers, ports and data of its own.
//!
//! They run as whoever runs the tests, in a temporary folder, on 127.0.0.1 only. Nothing
//! of the machine's own nginx or PHP configuration is read or changed.

pub mod adminer;
pub mod django;
pub mod dokuwiki;
pub mod homemade;
pub mod mediawiki;
pub mod nginx;
pub mod php;
pub mod phpmyadmin;
pub mod tomcat;
pub mod wordpress;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

/// A line of PHP's pool that makes its mail go to a file.
fn sendmail(folder: &Path, mail: &Path) -> String {
    let program = folder.join("sendmail");
    let text = format!("#!/bin/sh\ncat >> {}\n", mail.display());
    fs::write(&program, text).expect("a temporary folder is writable");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).expect("a mode");
    format!("php_admin_value[sendmail_path] = {}", program.display())
}

/// Whether the tests run as root: servers then need to be told to keep that user, because
/// their files lie in a folder that only this user can read.
pub(crate) fn as_root() -> bool {
    let output = Command::new("id")
        .arg("-u")
        .output()
        .expect("id is part of every system");
    output.stdout.trim_ascii() == b"0"
}
