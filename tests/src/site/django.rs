//! The administration pages of Django, served by Django's own server on SQLite, with one account.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;

use crate::process::{Running, free_port};

/// The account that may do everything.
pub const LOGIN: &str = "jean";
/// Its password, which no policy admits: the site checks none.
pub const PASSWORD: &str = "secret";

/// A running Django. Dropping it ends it.
#[derive(Debug)]
pub struct Django {
    _running: Running,
    /// Where it serves plain HTTP, below `/admin/`.
    pub address: SocketAddr,
}

impl Django {
    /// Starts it in `folder`.
    ///
    /// # Panics
    /// When it does not start; the message holds its output.
    pub fn start(folder: &Path) -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let script = folder.join("django_site.py");
        std::fs::write(&script, include_str!("django.py")).expect("a temporary folder is writable");
        let mut command = Command::new("/usr/bin/python3");
        command
            .arg(&script)
            .arg(folder.join("django.sqlite"))
            .arg(address.to_string())
            .current_dir(folder);
        let mut running = Running::start("django", &mut command, folder);
        running.wait_for_port(address);
        Self {
            _running: running,
            address,
        }
    }
}
