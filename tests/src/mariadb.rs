//! A real MariaDB on a Unix socket, in a temporary folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Running, output_of};
use crate::site::as_root;

/// A server of the test's own. Dropping it ends it.
#[derive(Debug)]
pub struct MariaDb {
    _running: Running,
    socket: PathBuf,
}

impl MariaDb {
    /// Starts a server with its data in `folder`; whoever may reach the socket is `root` in it.
    ///
    /// # Panics
    /// When mariadb-server is not installed or does not start.
    pub fn start(folder: &Path) -> Self {
        let data = folder.join("mariadb");
        let socket = folder.join("mariadb.sock");
        output_of(
            common("mariadb-install-db", &data)
                .arg("--auth-root-authentication-method=normal")
                .args(["--skip-test-db", "--skip-name-resolve"]),
        );
        let mut command = common("/usr/sbin/mariadbd", &data);
        command
            .arg(format!("--socket={}", socket.display()))
            .arg(format!(
                "--pid-file={}",
                folder.join("mariadb.pid").display()
            ))
            .args(["--skip-networking", "--innodb-flush-log-at-trx-commit=0"]);
        let mut running = Running::start("mariadb", &mut command, folder);
        running.wait_for(|log| log.contains("ready for connections").then_some(()));
        Self {
            _running: running,
            socket,
        }
    }

    /// Where it listens.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// What it answers to SQL from `root`, columns separated by tabs.
    pub fn ask(&self, sql: &str) -> String {
        let mut command = Command::new("mariadb");
        command
            .args(["--no-defaults", "--batch", "--skip-column-names"])
            .args(["--user=root", "--execute", sql])
            .arg("--socket")
            .arg(&self.socket);
        output_of(&mut command).trim_end().to_owned()
    }

    /// Makes a database and an account of the same name that owns it.
    pub fn make(&self, name: &str, password: &str) {
        self.ask(&format!(
            "create database {name}; create user {name}@localhost identified by '{password}'; \
             grant all on {name}.* to {name}@localhost"
        ));
    }
}

fn common(program: &str, data: &Path) -> Command {
    let mut command = Command::new(program);
    // Nothing of the machine's own configuration; little memory.
    command
        .arg("--no-defaults")
        .arg(format!("--datadir={}", data.display()))
        .arg("--innodb-log-file-size=4M");
    if as_root() {
        command.arg("--user=root");
    }
    command
}
