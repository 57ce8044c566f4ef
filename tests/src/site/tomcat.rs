//! Tomcat with its form log-in in front of `/app/inside/`, and one account.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;

use crate::process::Running;
use crate::root;

/// The account.
pub const LOGIN: &str = "jean";
/// Its password.
pub const PASSWORD: &str = "secret";

/// A running Tomcat. Dropping it ends it.
#[derive(Debug)]
pub struct Tomcat {
    _running: Running,
    /// Where it serves plain HTTP.
    pub address: SocketAddr,
}

impl Tomcat {
    /// Starts it in `folder`.
    ///
    /// # Panics
    /// When it does not start; the message holds its output.
    pub fn start(folder: &Path) -> Self {
        let mut command = Command::new("java");
        command
            .args(["-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp"])
            .arg("/usr/share/java/tomcat10-embed-core.jar")
            .arg(root().join("crates/form/tests/e2e/Oracle.java"))
            .arg(folder)
            .arg("stay");
        let mut running = Running::start("tomcat", &mut command, folder);
        let port = running.wait_for(|output| {
            let (_, rest) = output.split_once("port ")?;
            rest.split_once('\n')?.0.trim().parse().ok()
        });
        Self {
            _running: running,
            address: (Ipv4Addr::LOCALHOST, port).into(),
        }
    }
}
