//! `rempart serve` in front of an origin, with a chain from the test authority.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use crate::authority::{Authority, Files, Validity};
use crate::binary;
use crate::clock::Clock;
use crate::curl::Curl;
use crate::process::{Running, free_port};

/// A running gate for one site.
#[derive(Debug)]
pub struct Gate {
    /// The process.
    pub process: Running,
    /// The name of the site.
    pub host: String,
    /// The plain listener.
    pub http: SocketAddr,
    /// The TLS listener.
    pub https: SocketAddr,
    /// Whose root the clients trust.
    pub authority: Authority,
    /// The files of the site's certificate.
    pub files: Files,
}

/// The text of a policy for one site, with the listeners given.
pub fn policy(hosts: &[&str], origin: SocketAddr, http: u16, https: u16, files: &Files) -> String {
    format!(
        r#"version = 1
language = "en"

[transport]
http = "127.0.0.1:{http}"
https = "127.0.0.1:{https}"

[transport.hsts]
stage = "two-years"

[[site]]
hosts = {hosts:?}
upstream = "http://{origin}"
certificate = {{ chain = "{}", key = "{}" }}
"#,
        files.chain.display(),
        files.key.display(),
    )
}

impl Gate {
    /// Starts the gate for a site of one name. Its files go to `folder`.
    ///
    /// # Panics
    /// As [`Self::start_for`].
    pub fn start(folder: &Path, host: &str, origin: SocketAddr) -> Self {
        Self::start_for(folder, &[host], origin)
    }

    /// Starts the gate for a site of several names and waits until it listens; clients know
    /// it by the first.
    ///
    /// # Panics
    /// When it does not start; the message holds its output.
    pub fn start_for(folder: &Path, hosts: &[&str], origin: SocketAddr) -> Self {
        Self::start_program(&binary::path(), folder, hosts, origin)
    }

    /// The same for a site of one name, with more lines of the policy behind its own.
    ///
    /// # Panics
    /// As [`Self::start_for`].
    pub fn start_with(folder: &Path, host: &str, origin: SocketAddr, more: &str) -> Self {
        Self::start_saying(&binary::path(), folder, &[host], origin, more, None)
    }

    /// The same under a clock of its own.
    ///
    /// # Panics
    /// As [`Self::start_for`].
    pub fn start_under(
        clock: &Clock,
        folder: &Path,
        host: &str,
        origin: SocketAddr,
        more: &str,
    ) -> Self {
        let program = binary::path();
        Self::start_saying(&program, folder, &[host], origin, more, Some(clock))
    }

    /// The same with the binary at `program`.
    ///
    /// # Panics
    /// As [`Self::start_for`].
    pub fn start_program(
        program: &Path,
        folder: &Path,
        hosts: &[&str],
        origin: SocketAddr,
    ) -> Self {
        Self::start_saying(program, folder, hosts, origin, "", None)
    }

    fn start_saying(
        program: &Path,
        folder: &Path,
        hosts: &[&str],
        origin: SocketAddr,
        more: &str,
        clock: Option<&Clock>,
    ) -> Self {
        let authority = Authority::new(folder);
        let files = authority.issue(folder, hosts, Validity::Good);
        let (http, https) = (free_port(), free_port());
        let path = folder.join("policy.toml");
        let text = policy(hosts, origin, http, https, &files) + more;
        fs::write(&path, text).expect("a policy");
        let mut process = run(program, &path, folder, clock);
        let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        process.wait_for_gate(at(https));
        Self {
            process,
            host: hosts[0].to_owned(),
            http: at(http),
            https: at(https),
            authority,
            files,
        }
    }

    /// Starts a gate that was stopped once more, from this binary and with the policy as it is
    /// by now.
    ///
    /// # Panics
    /// As [`Self::start_for`].
    pub fn again(mut self, program: &Path, folder: &Path) -> Self {
        self.process = run(program, &folder.join("policy.toml"), folder, None);
        self.process.wait_for_gate(self.https);
        self
    }

    /// A curl that trusts the authority and finds the site here.
    pub fn curl(&self) -> Curl {
        Curl::new(&self.host, self.authority.root())
    }

    /// An https address of the site.
    pub fn url(&self, path: &str) -> String {
        format!("https://{}:{}{path}", self.host, self.https.port())
    }

    /// The same address in clear.
    pub fn plain_url(&self, path: &str) -> String {
        format!("http://{}:{}{path}", self.host, self.http.port())
    }
}

fn run(program: &Path, policy: &Path, folder: &Path, clock: Option<&Clock>) -> Running {
    let mut command = binary::rempart_at(program);
    command
        .arg("--policy")
        .arg(policy)
        .arg("serve")
        .arg("--state")
        .arg(folder.join("state"));
    if let Some(clock) = clock {
        clock.rule(&mut command);
    }
    Running::start("rempart", &mut command, folder)
}
