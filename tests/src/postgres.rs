//! A real PostgreSQL on a free port of loopback, in a temporary folder, that can be stopped,
//! killed, frozen and started again on what it kept.
//!
//! PostgreSQL refuses to run as root, so root runs it as the user `postgres` of its package.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;

use crate::authority::Files;
use crate::process::{Running, children, free_port, output_of, signal};

/// A server of the test's own. Dropping it ends it.
#[derive(Debug)]
pub struct Postgres {
    running: Option<Running>,
    settings: Vec<String>,
    port: u16,
    starts: u32,
    folder: TempDir,
}

impl Postgres {
    /// The user who may do everything.
    pub const OWNER: &'static str = "owner";
    /// The owner's password.
    pub const PASSWORD: &'static str = "owner's password";

    /// A server with the settings of its package.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// A server with settings of its own, such as `max_connections=200`.
    pub fn with(settings: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data = folder.path().join("data");
        let password = folder.path().join("password");
        fs::write(&password, Self::PASSWORD).expect("a temporary folder is writable");
        if is_root() {
            output_of(
                Command::new("chown")
                    .args(["-R", "postgres:postgres"])
                    .arg(folder.path()),
            );
        }
        output_of(
            program("initdb")
                .args(["--username", Self::OWNER, "--auth", "scram-sha-256"])
                .args(["--encoding", "UTF8", "--locale", "C", "--no-sync"])
                .arg("--pwfile")
                .arg(&password)
                .arg("--pgdata")
                .arg(&data),
        );
        let mut postgres = Self {
            running: None,
            settings: settings.iter().map(ToString::to_string).collect(),
            port: free_port(),
            starts: 0,
            folder,
        };
        postgres.start_again();
        postgres
    }

    /// A server that also speaks TLS, and asks it of everyone who comes over TCP.
    pub fn with_tls(files: &Files) -> Self {
        let mut postgres = Self::with(&[]);
        postgres.stop();
        let data = postgres.data();
        for (from, to) in [(&files.chain, "server.crt"), (&files.key, "server.key")] {
            let to = data.join(to);
            fs::copy(from, &to).expect("a copy in a temporary folder");
            if is_root() {
                output_of(Command::new("chown").arg("postgres:postgres").arg(&to));
            }
        }
        fs::write(
            data.join("pg_hba.conf"),
            "hostssl all all 127.0.0.1/32 scram-sha-256\n",
        )
        .expect("a temporary folder is writable");
        postgres.settings.push("ssl=on".to_owned());
        postgres.start_again();
        postgres
    }

    /// The port of 127.0.0.1.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The address of the first database for a user.
    pub fn url(&self, user: &str) -> String {
        format!("postgres://{user}@127.0.0.1:{}/postgres", self.port)
    }

    /// Starts the server again, on the same port and folder.
    pub fn start_again(&mut self) {
        self.starts += 1;
        let mut command = program("postgres");
        command
            .args(["-p", &self.port.to_string()])
            .args(["-c", "listen_addresses=127.0.0.1"])
            .arg("-D")
            .arg(self.data())
            .arg("-k")
            .arg(self.folder.path());
        for setting in &self.settings {
            command.args(["-c", setting]);
        }
        let name = format!("postgres-{}", self.starts);
        let mut running = Running::start(&name, &mut command, self.folder.path());
        running.wait_for_port(SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)));
        running.wait_for(|log| log.contains("ready to accept connections").then_some(()));
        self.running = Some(running);
    }

    /// Ends the server as an operator would who does not wait for clients.
    pub fn stop(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.signal("INT");
            running.ended();
        }
    }

    /// Ends the server and its processes without a word.
    pub fn kill(&mut self) {
        let Some(mut running) = self.running.take() else {
            return;
        };
        let children = children(running.id());
        running.signal("KILL");
        signal_all(&children, "KILL");
        running.ended();
        // Their shared memory must be gone before another server starts.
        while children.iter().any(|id| is_alive(*id)) {
            sleep(Duration::from_millis(10));
        }
    }

    /// Stops the clock of the server and its processes: sockets stay open, nothing answers.
    pub fn freeze(&self) {
        self.signal("STOP");
    }

    /// Lets a frozen server go on.
    pub fn thaw(&self) {
        self.signal("CONT");
    }

    /// What the server answers to SQL from its owner, values separated by `|`.
    pub fn ask(&self, sql: &str) -> String {
        let mut command = Command::new("psql");
        command
            .args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d"])
            .arg(self.url(Self::OWNER))
            .env("PGPASSWORD", Self::PASSWORD)
            .args(["-c", sql]);
        output_of(&mut command).trim_end().to_owned()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn signal(&self, name: &str) {
        let running = self.running.as_ref().expect("a server that runs");
        running.signal(name);
        signal_all(&children(running.id()), name);
    }
}

/// A frozen process does not hear that it should end; a plain `TERM` waits for clients.
impl Drop for Postgres {
    fn drop(&mut self) {
        if self.running.is_some() {
            self.thaw();
            self.stop();
        }
    }
}

/// A program of the newest server installed, as a user that it accepts.
fn program(name: &str) -> Command {
    let mut versions: Vec<_> = fs::read_dir("/usr/lib/postgresql")
        .map(|folder| folder.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    versions.sort();
    let path = versions
        .pop()
        .unwrap_or_else(|| "/usr/lib/postgresql/none".into())
        .join("bin")
        .join(name);
    assert!(
        path.exists(),
        "{} is missing; tests/run installs it",
        path.display()
    );
    if !is_root() {
        return Command::new(path);
    }
    let mut command = Command::new("setpriv");
    command
        .args([
            "--reuid=postgres",
            "--regid=postgres",
            "--clear-groups",
            "--",
        ])
        .arg(path)
        .current_dir("/");
    command
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|folder| folder.uid() == 0)
}

fn signal_all(ids: &[u32], name: &str) {
    for id in ids {
        signal(*id, name);
    }
}

fn is_alive(id: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // A zombie holds nothing any more.
    Path::new(&format!("/proc/{id}")).exists() && !status.contains(") Z ")
}
