//! A small world around a gate: an authority, certificates in a folder, origins, clients.

mod origin;

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use policy::Policy;
use proxy::{Captured, Gate, LogSink, Options};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use transport::dev::Authority;

pub(crate) use origin::{Origin, Seen, read_request};

/// The name of the site in most tests.
pub(crate) const HOST: &str = "www.example.test";

/// Longest wait for anything that should happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A running gate and everything that a client needs to reach it.
pub(crate) struct World {
    pub(crate) gate: Gate,
    pub(crate) folder: TempDir,
    pub(crate) authority: Authority,
    pub(crate) log: Captured,
}

/// The parts of a policy file that a test changes.
#[derive(Default)]
pub(crate) struct Setting {
    /// Lines of `[transport]`.
    pub(crate) transport: &'static str,
    /// Lines after the last `[[site]]`, and tables of their own.
    pub(crate) site: String,
    /// Further `[[site]]` tables.
    pub(crate) more: String,
    /// Whether the gate only observes.
    pub(crate) observe: bool,
    /// The origins of the site, when it is not the one alone.
    pub(crate) upstreams: Vec<String>,
}

impl World {
    /// A gate in front of one origin, with the defaults.
    pub(crate) async fn before(origin: SocketAddr) -> Self {
        Self::with(origin, Setting::default()).await
    }

    /// A gate in front of one origin.
    pub(crate) async fn with(origin: SocketAddr, setting: Setting) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let authority = Authority::new(SystemTime::now()).expect("an authority");
        issue(&authority, folder.path(), HOST, &[HOST]);
        for (file, hosts) in [
            ("other.example.test", &["other.example.test"][..]),
            ("both", &["one.example.test", "two.example.test"]),
        ] {
            issue(&authority, folder.path(), file, hosts);
        }
        let policy = policy(&text(origin, &setting));
        let (sink, log) = LogSink::capture();
        let mut options = options(folder.path(), sink, &authority);
        options.observe = setting.observe;
        let gate = Gate::start(policy, options).await.expect("a gate");
        Self {
            gate,
            folder,
            authority,
            log,
        }
    }

    pub(crate) async fn plain(&self) -> TcpStream {
        let address = self.gate.http_addr().expect("a plain listener");
        TcpStream::connect(address).await.expect("connected")
    }

    pub(crate) async fn tcp(&self) -> TcpStream {
        let address = self.gate.https_addr();
        TcpStream::connect(address).await.expect("connected")
    }

    /// A TLS connection for a name, speaking HTTP/1.1.
    pub(crate) async fn tls(&self, name: &str) -> TlsStream<TcpStream> {
        self.handshake(name, &[b"http/1.1"]).await.expect("TLS")
    }

    pub(crate) async fn handshake(
        &self,
        name: &str,
        alpn: &[&[u8]],
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let mut config = client_config(&self.authority);
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        let name = ServerName::try_from(name.to_owned()).expect("a name");
        let stream = self.tcp().await;
        TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await
    }

    /// One request on a connection of its own, and its answer.
    pub(crate) async fn ask(&self, request: &str) -> Answer {
        let mut stream = self.tls(HOST).await;
        stream.write_all(request.as_bytes()).await.expect("sent");
        Answer::read(&mut stream).await
    }

    /// One GET of the site.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n"))
            .await
    }

    /// One request in clear, and its answer.
    pub(crate) async fn ask_plain(&self, request: &str) -> Answer {
        let mut stream = self.plain().await;
        stream.write_all(request.as_bytes()).await.expect("sent");
        Answer::read(&mut stream).await
    }

    /// The log, once it holds this many lines.
    pub(crate) async fn log_lines(&self, count: usize) -> Vec<String> {
        for _ in 0..200 {
            let lines: Vec<String> = self.log.text().lines().map(str::to_owned).collect();
            if lines.len() >= count {
                return lines;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{count} lines expected, got: {}", self.log.text());
    }

    /// The journal, in the folder `journal`, once it has a line of a kind.
    pub(crate) async fn journal_with(&self, kind: &str) -> String {
        let folder = self.folder.path().join("journal");
        let mut text = String::new();
        for _ in 0..200 {
            text = std::fs::read_dir(&folder)
                .expect("a folder")
                .filter_map(|entry| std::fs::read_to_string(entry.ok()?.path()).ok())
                .collect();
            if text.contains(kind) {
                return text;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{kind} expected: {text}");
    }

    /// How often something became of a form, by the administration's listener.
    pub(crate) async fn metric(&self, event: &str) -> u64 {
        let address = self.gate.admin_addr().expect("an admin listener");
        let mut stream = TcpStream::connect(address).await.expect("connected");
        let request = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
        stream.write_all(request).await.expect("sent");
        let answer = Answer::read(&mut stream).await;
        let name = format!("\"{event}\"");
        let lines = answer.text();
        let line = lines.lines().find(|line| line.contains(&name));
        let line = line.unwrap_or_else(|| panic!("{event} in {lines}"));
        let value = line.rsplit(' ').next().expect("a value");
        value.parse().expect("a number")
    }
}

pub(crate) fn options(folder: &Path, log: LogSink, authority: &Authority) -> Options {
    let root = CertificateDer::from_pem_slice(authority.cert_pem().as_bytes()).expect("PEM");
    Options {
        base: folder.to_owned(),
        state: folder.join("state"),
        log,
        trust: vec![root],
        // So that what one client leaves to the next is the same each time.
        threads: NonZeroUsize::new(1),
        ..Options::default()
    }
}

/// Writes `NAME.pem` and `NAME-key.pem`.
pub(crate) fn issue(authority: &Authority, folder: &Path, name: &str, hosts: &[&str]) {
    use std::os::unix::fs::PermissionsExt;
    let hosts: Vec<String> = hosts.iter().map(|&host| host.to_owned()).collect();
    let issued = authority.issue(&hosts, SystemTime::now()).expect("issued");
    let key = folder.join(format!("{name}-key.pem"));
    std::fs::write(folder.join(format!("{name}.pem")), &issued.chain).expect("written");
    std::fs::write(&key, issued.key.as_bytes()).expect("written");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).expect("a mode");
}

/// A policy file with one site at `origin`.
pub(crate) fn text(origin: SocketAddr, setting: &Setting) -> String {
    let mut text = format!(
        "version = 1\nlanguage = \"en\"\n\n[transport]\nhttp = \"127.0.0.1:0\"\n\
         https = \"127.0.0.1:0\"\naccess-log = \"json\"\n{}\n\n",
        setting.transport
    );
    let site = site(&[HOST], &format!("http://{origin}"), HOST);
    let site = match setting.upstreams.as_slice() {
        [] => site,
        several => site.replace(&format!("\"http://{origin}\""), &format!("{several:?}")),
    };
    text.push_str(&site);
    let _ = write!(text, "{}\n{}", setting.site, setting.more);
    text
}

/// A `[[site]]` with the certificate files of a name.
pub(crate) fn site(hosts: &[&str], upstream: &str, certificate: &str) -> String {
    format!(
        "[[site]]\nhosts = {hosts:?}\nupstream = \"{upstream}\"\n\
         certificate = {{ chain = \"{certificate}.pem\", key = \"{certificate}-key.pem\" }}\n"
    )
}

pub(crate) fn policy(text: &str) -> Policy {
    match policy::load(text) {
        Ok(loaded) => loaded.policy,
        Err(report) => panic!("{report:?}\n{text}"),
    }
}

pub(crate) fn client_config(authority: &Authority) -> ClientConfig {
    let root = CertificateDer::from_pem_slice(authority.cert_pem().as_bytes()).expect("PEM");
    let mut roots = RootCertStore::empty();
    roots.add(root).expect("a root");
    transport::tls::client_config(roots)
}

/// An HTTP/1.1 answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether the body ended as its framing says.
    pub(crate) complete: bool,
}

impl Answer {
    /// Reads one answer; a connection closed without one has status 0.
    pub(crate) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Self {
        tokio::time::timeout(PATIENCE, Self::read_now(stream))
            .await
            .expect("an answer in time")
    }

    async fn read_now(stream: &mut (impl AsyncRead + Unpin)) -> Self {
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(end) = find(&bytes, b"\r\n\r\n") {
                break end;
            }
            if !read_some(stream, &mut bytes).await {
                return Self {
                    status: 0,
                    fields: Vec::new(),
                    body: bytes,
                    complete: false,
                };
            }
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut body = bytes.split_off(end + 4);
        let mut lines = head.split("\r\n");
        let status = lines.next().expect("a status line");
        let status: u16 = status[9..12].parse().expect("a status");
        let fields: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let value = |name: &str| {
            let found = fields.iter().find(|(field, _)| field == name);
            found.map(|(_, value)| value.clone())
        };
        let mut complete = true;
        if status == 204 || status == 304 || (100..200).contains(&status) {
            // No body.
        } else if value("transfer-encoding").is_some() {
            while !body.ends_with(b"0\r\n\r\n") {
                if !read_some(stream, &mut body).await {
                    complete = false;
                    break;
                }
            }
            body = unchunk(&body);
        } else if let Some(length) = value("content-length") {
            let length: usize = length.parse().expect("a length");
            while body.len() < length {
                if !read_some(stream, &mut body).await {
                    complete = false;
                    break;
                }
            }
        } else {
            while read_some(stream, &mut body).await {}
        }
        Self {
            status,
            fields,
            body,
            complete,
        }
    }

    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let found = self.fields.iter().filter(|(field, _)| field == name);
        found.map(|(_, value)| value.as_str()).collect()
    }

    /// The value of a field that is there once.
    pub(crate) fn one(&self, name: &str) -> &str {
        let all = self.all(name);
        assert_eq!(all.len(), 1, "{name}: {self:?}");
        all[0]
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// The statuses of everything that comes until the connection ends.
pub(crate) async fn statuses(stream: &mut (impl AsyncRead + Unpin)) -> Vec<String> {
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes);
    let _ = tokio::time::timeout(PATIENCE, end).await.expect("an end");
    let text = String::from_utf8_lossy(&bytes);
    let answers = text.split("HTTP/1.").skip(1);
    // A page may speak of HTTP/1.1 too.
    let digits = |status: &&str| status.bytes().all(|byte| byte.is_ascii_digit());
    let statuses = answers.filter_map(|answer| answer.get(2..5)).filter(digits);
    statuses.map(str::to_owned).collect()
}

async fn read_some(stream: &mut (impl AsyncRead + Unpin), into: &mut Vec<u8>) -> bool {
    let mut piece = [0; 16 * 1024];
    match stream.read(&mut piece).await {
        Ok(0) | Err(_) => false,
        Ok(size) => {
            into.extend_from_slice(&piece[..size]);
            true
        }
    }
}

fn unchunk(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = find(bytes, b"\r\n") {
        let size = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let size = usize::from_str_radix(&size, 16).expect("a chunk size");
        let start = end + 2;
        if size == 0 || bytes.len() < start + size + 2 {
            break;
        }
        body.extend_from_slice(&bytes[start..start + size]);
        bytes = &bytes[start + size + 2..];
    }
    body
}

pub(crate) fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes
        .windows(needle.len())
        .position(|window| window == needle)
}
