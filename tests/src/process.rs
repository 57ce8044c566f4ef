//! Children that end with their owner, and the waiting that goes with them.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A child process with its output in a file. Dropping it ends it.
#[derive(Debug)]
pub struct Running {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Running {
    /// Starts a program; both outputs go to `folder/NAME.log`.
    ///
    /// # Panics
    /// When the program cannot be started: the message names it.
    pub fn start(name: &str, command: &mut Command, folder: &Path) -> Self {
        let log = folder.join(format!("{name}.log"));
        let out = File::create(&log).expect("a log in a temporary folder");
        let err = out.try_clone().expect("a second handle on the log");
        let child = command
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .spawn()
            .unwrap_or_else(|error| {
                let program = command.get_program().display();
                panic!("{program} does not start: {error}; tests/run installs what is missing")
            });
        Self {
            name: name.to_owned(),
            child,
            log,
        }
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What the program wrote so far.
    pub fn output(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Waits until the output satisfies `found`.
    ///
    /// # Panics
    /// When the program ends first, or after 20 s; the message holds its output.
    pub fn wait_for<T>(&mut self, found: impl Fn(&str) -> Option<T>) -> T {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            let ended = self.child.try_wait().expect("a child can be waited for");
            let output = self.output();
            if let Some(value) = found(&output) {
                return value;
            }
            assert!(ended.is_none(), "{} ended early: {output}", self.name);
            assert!(
                Instant::now() < end,
                "{} never got ready: {output}",
                self.name
            );
            sleep(Duration::from_millis(20));
        }
    }

    /// Waits until a gate serves on an address. Its keeper listens earlier than that, before the
    /// worker has read the policy.
    ///
    /// # Panics
    /// As [`Self::wait_for`].
    pub fn wait_for_gate(&mut self, https: SocketAddr) {
        let word = format!(": https {https}");
        self.wait_for(|output| output.contains(&word).then_some(()));
    }

    /// Waits until something listens on an address.
    ///
    /// # Panics
    /// As [`Self::wait_for`].
    pub fn wait_for_port(&mut self, address: SocketAddr) {
        self.wait_for(|_| TcpStream::connect_timeout(&address, Duration::from_millis(200)).ok());
    }

    /// Waits up to 20 s for the program to end by itself; `None` when it goes on.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        let end = Instant::now() + Duration::from_secs(20);
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                return Some(status);
            }
            sleep(Duration::from_millis(10));
        }
        None
    }

    /// Sends a signal by name, such as `HUP`.
    pub fn signal(&self, name: &str) {
        signal(self.id(), name);
    }

    /// Asks the program to end and waits; insists after 20 s.
    pub fn stop(&mut self) -> ExitStatus {
        if let Ok(Some(status)) = self.child.try_wait() {
            return status;
        }
        self.signal("TERM");
        self.ended().unwrap_or_else(|| {
            let _ = self.child.kill();
            self.child.wait().expect("a child can be waited for")
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Sends a signal by name, such as `KILL`. A process that has ended meanwhile is no matter.
pub fn signal(id: u32, name: &str) {
    let done = Command::new("kill")
        .args([format!("-{name}"), id.to_string()])
        .stderr(Stdio::null())
        .status();
    assert!(done.is_ok(), "kill is part of every system");
}

/// The children of a process.
pub fn children(id: u32) -> Vec<u32> {
    let list = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
    let numbers = list.split_whitespace();
    numbers.filter_map(|number| number.parse().ok()).collect()
}

/// Waits up to 30 s until something is found.
///
/// # Panics
/// When it never is; the message says what.
pub fn eventually<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(value) = found() {
            return value;
        }
        assert!(Instant::now() < end, "never: {what}");
        sleep(Duration::from_millis(50));
    }
}

/// A port of 127.0.0.1 that nobody used a moment ago.
///
/// Another program may take it before it is bound again; loopback ports are handed out in
/// a circle, so that does not happen in practice.
pub fn free_port() -> u16 {
    /// The system may give a port twice while nobody listens on it.
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .and_then(|listener| listener.local_addr())
            .expect("loopback has a free port")
            .port();
        if given.insert(port) {
            return port;
        }
    }
}

/// Runs a program to its end and returns what it wrote on standard output.
///
/// # Panics
/// When it cannot be started or fails; the message holds both outputs.
pub fn output_of(command: &mut Command) -> String {
    let program = command.get_program().display().to_string();
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{program} does not start: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{program}: {}\n{text}{errors}",
        output.status
    );
    text
}
