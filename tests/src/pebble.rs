//! Pebble, the test server of the people who wrote RFC 8555, with its mock DNS.
//!
//! It listens on free loopback ports with a certificate from the test authority, finds every
//! name on 127.0.0.1, and looks for proofs on the ports that it is told. What it issues and
//! remembers lives as long as one process.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::authority::{Authority, Validity};
use crate::binary;
use crate::curl::Curl;
use crate::process::{Running, free_port, output_of};

/// A Pebble that can be started, stopped and started again on the same ports.
#[derive(Debug)]
pub struct Pebble {
    folder: PathBuf,
    authority: Authority,
    config: PathBuf,
    directory: SocketAddr,
    management: SocketAddr,
    dns: SocketAddr,
    _names: Running,
    process: Option<Running>,
}

/// Where a gate listens, and so where Pebble looks for proofs.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    /// The plain listener.
    pub http: u16,
    /// The TLS listener.
    pub https: u16,
}

/// An account opened by other means: its identifier and its key.
pub type ExternalAccount<'a> = (&'a str, &'a str);

impl Ports {
    /// Two free ones.
    pub fn free() -> Self {
        Self {
            http: free_port(),
            https: free_port(),
        }
    }
}

impl Pebble {
    /// Prepares one that looks for proofs on these ports, and does not start it.
    pub fn new(folder: &Path, ports: Ports, external: Option<ExternalAccount<'_>>) -> Self {
        let folder = folder.join("pebble");
        fs::create_dir(&folder).expect("a temporary folder is writable");
        let authority = Authority::new(&folder);
        let files = authority.issue(&folder, &["127.0.0.1"], Validity::Good);
        let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let (directory, management) = (at(free_port()), at(free_port()));
        let (dns, orders) = (at(free_port()), at(free_port()));
        let keys = external.map_or_else(|| json!({}), |(id, key)| json!({ id: key }));
        let config = json!({
            "pebble": {
                "listenAddress": directory.to_string(),
                "managementListenAddress": management.to_string(),
                "certificate": files.chain,
                "privateKey": files.key,
                "httpPort": ports.http,
                "tlsPort": ports.https,
                "ocspResponderURL": "",
                "externalAccountBindingRequired": external.is_some(),
                "externalAccountMACKeys": keys,
            }
        });
        let path = folder.join("pebble.json");
        fs::write(&path, config.to_string()).expect("a temporary folder is writable");
        let mut names = Command::new("pebble-challtestsrv");
        names.args(["-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""]);
        names.args(["-http01", "", "-https01", "", "-tlsalpn01", ""]);
        names.args(["-dns01", &dns.to_string()]);
        names.args(["-management", &orders.to_string()]);
        let mut names = Running::start("names", &mut names, &folder);
        names.wait_for_port(orders);
        Self {
            folder,
            authority,
            config: path,
            directory,
            management,
            dns,
            _names: names,
            process: None,
        }
    }

    /// Starts it with variables that inject faults, and waits until it listens.
    ///
    /// # Panics
    /// When it does not; the message holds its output.
    pub fn start(&mut self, faults: &[(&str, &str)]) {
        self.stop();
        let mut command = Command::new("pebble");
        command.arg("-config").arg(&self.config);
        command.args(["-dnsserver", &self.dns.to_string()]);
        // Validation is real unless a test says otherwise, and waits for nothing.
        command.env_remove("PEBBLE_VA_ALWAYS_VALID");
        command.env("PEBBLE_VA_NOSLEEP", "1");
        command.envs(faults.iter().copied());
        let mut process = Running::start("pebble", &mut command, &self.folder);
        process.wait_for_port(self.directory);
        process.wait_for_port(self.management);
        self.process = Some(process);
    }

    /// Ends it; all that it knew is forgotten.
    pub fn stop(&mut self) {
        self.process = None;
    }

    /// What it wrote since it was started last.
    pub fn output(&self) -> String {
        self.process
            .as_ref()
            .map_or_else(String::new, Running::output)
    }

    /// How many certificates it has issued since it was started last.
    pub fn issued(&self) -> usize {
        self.output().matches("Issued certificate").count()
    }

    /// Where its directory listens.
    pub fn address(&self) -> SocketAddr {
        self.directory
    }

    /// The certificate of the directory's listener, for another server in its place.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The root of what it issues now, in a file: it changes with each start.
    pub fn root(&self) -> PathBuf {
        let path = self.folder.join("issuer.pem");
        fs::write(&path, self.ask("/roots/0")).expect("a temporary folder is writable");
        path
    }

    /// `Valid` or `Revoked`, by the serial number of a certificate in hexadecimal.
    pub fn status_of(&self, serial: &str) -> String {
        let answer = self.ask(&format!("/cert-status-by-serial/{serial}"));
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        answer["Status"].as_str().expect("a status").to_owned()
    }

    fn ask(&self, path: &str) -> String {
        let curl = Curl::new("127.0.0.1", self.authority.root());
        let answer = curl.fetch(&[&format!("https://{}{path}", self.management)]);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.text()
    }

    /// `[transport.acme]` of a gate that orders here, with further lines.
    pub fn table(&self, lines: &str) -> String {
        format!(
            "[transport.acme]\ndirectory = \"https://{}/dir\"\nroot = {:?}\n\
             agree-to-terms = true\ncontacts = [\"admin@example.test\"]\n{lines}\n",
            self.directory,
            self.authority.root(),
        )
    }
}

/// A gate whose policy is any text.
#[derive(Debug)]
pub struct OrderingGate {
    /// The process; `None` while it is stopped.
    pub process: Option<Running>,
    folder: PathBuf,
    policy: PathBuf,
    /// `--state`.
    pub state: PathBuf,
    /// Where it listens.
    pub ports: Ports,
}

impl OrderingGate {
    /// Starts one under a name of its own, with its listeners and the tables given; the
    /// state folder may be shared.
    ///
    /// # Panics
    /// When it does not start; the message holds its output.
    pub fn start(folder: &Path, name: &str, state: &Path, ports: Ports, tables: &str) -> Self {
        let folder = folder.join(name);
        fs::create_dir(&folder).expect("a temporary folder is writable");
        let policy = folder.join("policy.toml");
        let text = format!(
            "version = 1\nlanguage = \"en\"\n[transport]\nhttp = \"127.0.0.1:{}\"\n\
             https = \"127.0.0.1:{}\"\n[transport.hsts]\nstage = \"two-years\"\n{tables}\n",
            ports.http, ports.https
        );
        fs::write(&policy, text).expect("a temporary folder is writable");
        let mut gate = Self {
            process: None,
            folder,
            policy,
            state: state.to_owned(),
            ports,
        };
        gate.restart();
        gate
    }

    /// Starts it again after it has ended.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub fn restart(&mut self) {
        self.process = None;
        let mut command = self.command();
        command.arg("serve").arg("--state").arg(&self.state);
        let mut process = Running::start("rempart", &mut command, &self.folder);
        process.wait_for_gate(SocketAddr::from((Ipv4Addr::LOCALHOST, self.ports.https)));
        self.process = Some(process);
    }

    /// Writes the policy anew and has it loaded.
    pub fn change_policy(&mut self, change: impl FnOnce(String) -> String) {
        let text = fs::read_to_string(&self.policy).expect("the policy of the gate");
        fs::write(&self.policy, change(text)).expect("a temporary folder is writable");
        self.running().signal("HUP");
    }

    /// The running process.
    ///
    /// # Panics
    /// When it is stopped.
    pub fn running(&mut self) -> &mut Running {
        self.process.as_mut().expect("the gate runs")
    }

    /// `rempart acme …` on the same policy and state folder: the exit code and both outputs.
    pub fn acme(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let mut command = self.command();
        command
            .arg("acme")
            .args(arguments)
            .arg("--state")
            .arg(&self.state);
        let output = command.output().expect("rempart starts");
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        (output.status.code(), text)
    }

    fn command(&self) -> Command {
        let mut command = binary::rempart();
        command.arg("--policy").arg(&self.policy);
        command
    }

    /// The serial number of what is shown for a name, in hexadecimal; `None` when the
    /// handshake is refused.
    pub fn serial(&self, host: &str) -> Option<String> {
        let mut command = Command::new("openssl");
        command.args([
            "s_client",
            "-connect",
            &format!("127.0.0.1:{}", self.ports.https),
        ]);
        match host.parse::<Ipv4Addr>() {
            Ok(_) => command.arg("-noservername"),
            Err(_) => command.args(["-servername", host]),
        };
        command.stdin(std::process::Stdio::null());
        let shown = command.output().expect("openssl is installed").stdout;
        let path = self.folder.join("shown.pem");
        fs::write(&path, &shown).expect("a temporary folder is writable");
        if !String::from_utf8_lossy(&shown).contains("BEGIN CERTIFICATE") {
            return None;
        }
        let mut command = Command::new("openssl");
        command
            .args(["x509", "-noout", "-serial", "-in"])
            .arg(&path);
        let text = output_of(&mut command);
        Some(text.trim().trim_start_matches("serial=").to_lowercase())
    }

    /// Waits until another certificate than `before` is shown for a name, and gives its
    /// serial number.
    ///
    /// # Panics
    /// When the gate ends first, or after 90 s; the message holds its output.
    pub fn wait_for_another(&mut self, host: &str, before: Option<&str>) -> String {
        let end = std::time::Instant::now() + std::time::Duration::from_secs(90);
        loop {
            if let Some(serial) = self.serial(host)
                && Some(serial.as_str()) != before
            {
                return serial;
            }
            let output = self.running().output();
            assert!(
                std::time::Instant::now() < end,
                "{host} has no new certificate: {output}"
            );
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
    }
}
