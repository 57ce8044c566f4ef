//! A real Redis on a free port of loopback, in a temporary folder, that can be stopped,
//! killed, frozen and started again on what it kept.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::authority::Files;
use crate::process::{Running, free_port, output_of};

/// A server of the test's own. Dropping it ends it.
#[derive(Debug)]
pub struct Redis {
    running: Option<Running>,
    settings: Vec<String>,
    port: u16,
    password: Option<String>,
    tls: Option<PathBuf>,
    starts: u32,
    folder: TempDir,
}

impl Redis {
    /// A server that writes every command to its disk before it answers.
    pub fn start() -> Self {
        Self::with(&["--appendonly", "yes", "--appendfsync", "always"])
    }

    /// A server with settings of its own, as on its command line.
    pub fn with(settings: &[&str]) -> Self {
        Self::made(settings, None)
    }

    /// A server that speaks nothing but TLS. `root` is the authority to verify it with.
    pub fn with_tls(files: &Files, root: &std::path::Path) -> Self {
        let chain = files.chain.display().to_string();
        let key = files.key.display().to_string();
        let settings = [
            "--tls-cert-file",
            &chain,
            "--tls-key-file",
            &key,
            "--tls-auth-clients",
            "no",
        ];
        Self::made(&settings, Some(root.to_owned()))
    }

    fn made(settings: &[&str], tls: Option<PathBuf>) -> Self {
        let password = settings
            .iter()
            .position(|word| *word == "--requirepass")
            .map(|place| settings[place + 1].to_owned());
        let mut redis = Self {
            running: None,
            settings: settings.iter().map(ToString::to_string).collect(),
            port: free_port(),
            password,
            tls,
            starts: 0,
            folder: tempfile::tempdir().expect("a temporary folder"),
        };
        redis.start_again();
        redis
    }

    /// The port of 127.0.0.1.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The address, without user and password.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() {
            "rediss"
        } else {
            "redis"
        };
        format!("{scheme}://127.0.0.1:{}", self.port)
    }

    /// Starts the server again, on the same port and folder.
    pub fn start_again(&mut self) {
        self.starts += 1;
        let port = self.port.to_string();
        let listen = match self.tls {
            Some(_) => ["--port", "0", "--tls-port", &port],
            None => ["--tls-port", "0", "--port", &port],
        };
        let mut running = Running::start(
            &format!("redis-{}", self.starts),
            Command::new("redis-server")
                .args(["--bind", "127.0.0.1", "--save", "", "--daemonize", "no"])
                .args(listen)
                .arg("--dir")
                .arg(self.folder.path())
                .args(&self.settings),
            self.folder.path(),
        );
        running.wait_for_port(SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)));
        running.wait_for(|log| log.contains("Ready to accept connections").then_some(()));
        self.running = Some(running);
    }

    /// Asks the server to end, and waits.
    pub fn stop(&mut self) {
        self.running = None;
    }

    /// Ends the server without a word.
    pub fn kill(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.signal("KILL");
            running.ended();
        }
    }

    /// Stops the server's clock: its socket stays open and nothing answers.
    pub fn freeze(&self) {
        self.signal("STOP");
    }

    /// Lets a frozen server go on.
    pub fn thaw(&self) {
        self.signal("CONT");
    }

    /// What the server answers to one command.
    pub fn ask(&self, words: &[&str]) -> String {
        let mut command = Command::new("redis-cli");
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string()]);
        if let Some(password) = &self.password {
            command.env("REDISCLI_AUTH", password);
        }
        if let Some(root) = &self.tls {
            command.arg("--tls").arg("--cacert").arg(root);
        }
        output_of(command.args(words)).trim_end().to_owned()
    }

    fn signal(&self, name: &str) {
        self.running
            .as_ref()
            .expect("a server that runs")
            .signal(name);
    }
}

/// A frozen process does not hear that it should end.
impl Drop for Redis {
    fn drop(&mut self) {
        if let Some(running) = &self.running {
            running.signal("CONT");
        }
    }
}
