//! One look at a host from outside: does it answer over HTTPS, and what does it promise?
//!
//! Clauses: RFC 6797, 11.4 (every subdomain must answer over HTTPS before it is covered);
//! hstspreload.org. One connection, one `HEAD`, verified against the authorities of the
//! system, and a deadline for each step: a host that hangs costs seconds. Blocks; it is for
//! the command line, not for the gate.
//!
//! Absent on purpose: following redirects. What a host says by itself is what browsers keep.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use policy::Text;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, Stream};
use transport::framing;
use transport::hsts::Announced;

/// For one connection, and for one answer.
const DEADLINE: Duration = Duration::from_secs(5);
/// Addresses of one name that are tried.
const ADDRESSES: usize = 4;
/// Longest head of an answer.
const HEAD: usize = 64 * 1024;

/// How to look.
#[derive(Debug, Clone)]
pub struct Probe {
    config: Arc<ClientConfig>,
    connect_to: Option<SocketAddr>,
}

/// What a host answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// Its promise, if it makes one that browsers understand.
    pub announced: Option<Announced>,
}

/// Why a host could not be seen over HTTPS.
#[derive(Debug, thiserror::Error)]
pub enum ProbeTrouble {
    /// The name leads nowhere.
    #[error("the name does not resolve: {0}")]
    Name(io::Error),
    /// Nobody listens, or nobody answers in time.
    #[error("no connection: {0}")]
    Connect(io::Error),
    /// No TLS that a browser would accept.
    #[error("no TLS: {0}")]
    Tls(io::Error),
    /// Something that is not HTTP.
    #[error("no answer over HTTPS: {0}")]
    Answer(io::Error),
}

impl ProbeTrouble {
    /// What a person reads.
    pub fn text(&self) -> Text {
        let (Self::Name(error) | Self::Connect(error) | Self::Tls(error) | Self::Answer(error)) =
            self;
        let Text { fr, en } = Text::of_system(error);
        match self {
            Self::Name(_) => Text::new(
                format!("ce nom ne mène nulle part ({fr})"),
                format!("this name leads nowhere ({en})"),
            ),
            Self::Connect(_) => Text::new(
                format!("personne n’y répond sur le port https ({fr})"),
                format!("nobody answers there on the https port ({en})"),
            ),
            Self::Tls(_) => Text::new(
                format!("pas de TLS qu’un navigateur accepterait ({fr})"),
                format!("no TLS that a browser would accept ({en})"),
            ),
            Self::Answer(_) => Text::new(
                format!("pas de réponse HTTP sous TLS ({fr})"),
                format!("no HTTP answer over TLS ({en})"),
            ),
        }
    }
}

impl Probe {
    /// Trusts the authorities of the system, and those of a PEM file if one is named. With
    /// `connect_to`, every name is looked for at that address.
    ///
    /// # Errors
    /// The file cannot be read, or is no certificate.
    pub fn new(root: Option<&Path>, connect_to: Option<SocketAddr>) -> io::Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(root) = root {
            let certificates = CertificateDer::pem_file_iter(root).map_err(io::Error::other)?;
            for certificate in certificates {
                let certificate = certificate.map_err(io::Error::other)?;
                roots.add(certificate).map_err(io::Error::other)?;
            }
        }
        Ok(Self {
            config: Arc::new(transport::tls::client_config(roots)),
            connect_to,
        })
    }

    /// Looks at one host, on port 443.
    ///
    /// # Errors
    /// See [`ProbeTrouble`].
    pub fn look(&self, host: &str) -> Result<Answered, ProbeTrouble> {
        let mut stream = self.connect(host)?;
        let name = ServerName::try_from(host.to_owned());
        let name = name.map_err(|error| ProbeTrouble::Name(io::Error::other(error)))?;
        let mut tls = ClientConnection::new(Arc::clone(&self.config), name)
            .map_err(|error| ProbeTrouble::Tls(io::Error::other(error)))?;
        while tls.is_handshaking() {
            tls.complete_io(&mut stream).map_err(ProbeTrouble::Tls)?;
        }
        let mut tls = Stream::new(&mut tls, &mut stream);
        let head = ask(&mut tls, host).map_err(ProbeTrouble::Answer)?;
        let status = head
            .get(9..12)
            .and_then(|status| std::str::from_utf8(status).ok());
        let status = status.filter(|_| head.starts_with(b"HTTP/1."));
        let Some(status) = status.and_then(|status| status.parse().ok()) else {
            return Err(ProbeTrouble::Answer(io::ErrorKind::InvalidData.into()));
        };
        let mut promises = framing::fields(&head)
            .filter(|(name, _)| name.eq_ignore_ascii_case(b"strict-transport-security"));
        Ok(Answered {
            status,
            // Browsers obey the first (RFC 6797, 8.1).
            announced: promises
                .next()
                .and_then(|(_, value)| Announced::parse(value)),
        })
    }

    fn connect(&self, host: &str) -> Result<TcpStream, ProbeTrouble> {
        let addresses: Vec<SocketAddr> = match self.connect_to {
            Some(address) => vec![address],
            None => {
                let found = (host, 443).to_socket_addrs().map_err(ProbeTrouble::Name)?;
                found.take(ADDRESSES).collect()
            }
        };
        let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for address in addresses {
            let connected = TcpStream::connect_timeout(&address, DEADLINE).and_then(|stream| {
                stream.set_read_timeout(Some(DEADLINE))?;
                stream.set_write_timeout(Some(DEADLINE))?;
                Ok(stream)
            });
            match connected {
                Ok(stream) => return Ok(stream),
                Err(error) => last = error,
            }
        }
        Err(ProbeTrouble::Connect(last))
    }
}

/// Sends `HEAD /` and reads the head of the answer.
fn ask(stream: &mut (impl Read + Write), host: &str) -> io::Result<Vec<u8>> {
    let request = format!("HEAD / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let end = Instant::now() + DEADLINE;
    let mut head = Vec::new();
    let mut piece = [0; 4096];
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        if head.len() > HEAD {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        if Instant::now() > end {
            return Err(io::ErrorKind::TimedOut.into());
        }
        match stream.read(&mut piece)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => head.extend_from_slice(&piece[..read]),
        }
    }
    Ok(head)
}
