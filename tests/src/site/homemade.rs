//! Sites that somebody made at home, of which no preset knows: PHP's own server with one script of
//! `tests/homemade/`.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;

use crate::process::{Running, free_port};
use crate::root;

/// A running site. Dropping it ends it.
#[derive(Debug)]
pub struct Homemade {
    _php: Running,
    /// Where it serves plain HTTP.
    pub address: SocketAddr,
}

impl Homemade {
    /// Starts a script; its data and its sessions go to `folder`.
    ///
    /// # Panics
    /// When PHP is not installed or does not start.
    pub fn start(folder: &Path, script: &str) -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let mut command = Command::new("php");
        command
            .args(["-n", "-S", &address.to_string(), "-d"])
            .arg(format!("session.save_path={}", folder.display()))
            .arg(root().join("tests/homemade").join(script))
            .env("SITE_DATA", folder);
        let mut php = Running::start("php", &mut command, folder);
        php.wait_for_port(address);
        Self { _php: php, address }
    }
}
