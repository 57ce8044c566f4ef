//! How one origin is reached: the address, and for https who must be there and what is spoken.
//!
//! An https origin is verified always: its certificate must carry the expected name under an
//! authority that is trusted, the system's or the one that the site names. There is no way
//! around it. Clauses: RFC 9110, 4.3.4; RFC 7301 (ALPN); RFC 9113, 3.2 and 3.3.

use std::sync::Arc;

use policy::site::{Alpn, OriginPolicy, Scheme, Upstream};
use rustls::ClientConfig;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::socket::Socket;
use crate::upstream::UpstreamError;

/// One origin and the way to it. Two of them are equal when one's connections serve the other.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    upstream: Upstream,
    alpn: Vec<Alpn>,
    server_name: Option<String>,
    /// The authorities that the site names; the system's when there are none.
    roots: Option<Arc<[CertificateDer<'static>]>>,
    tls: Option<Tls>,
}

/// The TLS settings of an https origin.
#[derive(Debug, Clone)]
struct Tls {
    name: ServerName<'static>,
    /// Offers what the policy says.
    offered: Arc<ClientConfig>,
    /// Offers HTTP/1.1 alone, for what only that can carry.
    alone: Arc<ClientConfig>,
}

/// What both ends of a connection speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spoken {
    /// One exchange at a time.
    Http11,
    /// Many at once.
    Http2,
}

impl Way {
    /// The way to an origin. `verified` holds the TLS settings for `roots`; a way without them
    /// reaches no https origin.
    pub(crate) fn new(
        upstream: Upstream,
        origin: &OriginPolicy,
        roots: Option<Arc<[CertificateDer<'static>]>>,
        verified: Option<&ClientConfig>,
    ) -> Self {
        let name = origin.server_name.as_ref().unwrap_or(&upstream.host);
        let tls = match (upstream.scheme, verified) {
            (Scheme::Https, Some(verified)) => {
                ServerName::try_from(name.clone()).ok().map(|name| Tls {
                    name,
                    offered: offering(verified, &origin.alpn),
                    alone: offering(verified, &[Alpn::Http11]),
                })
            }
            _ => None,
        };
        Self {
            upstream,
            alpn: origin.alpn.clone(),
            server_name: origin.server_name.clone(),
            roots,
            tls,
        }
    }

    pub(crate) const fn upstream(&self) -> &Upstream {
        &self.upstream
    }

    /// Whether a connection may carry many exchanges at once.
    pub(crate) fn may_share(&self) -> bool {
        match self.upstream.scheme {
            Scheme::Http => false,
            Scheme::Https => self.alpn.contains(&Alpn::H2),
            Scheme::H2c => true,
        }
    }

    /// Whether HTTP/1.1 can be spoken, which an upgrade needs.
    pub(crate) fn may_upgrade(&self) -> bool {
        match self.upstream.scheme {
            Scheme::Http => true,
            Scheme::Https => self.alpn.contains(&Alpn::Http11),
            Scheme::H2c => false,
        }
    }

    /// A new connection; one for a single exchange speaks HTTP/1.1.
    pub(crate) async fn dial(&self, single: bool) -> Result<(Socket, Spoken), UpstreamError> {
        let stream = TcpStream::connect((self.upstream.host.as_str(), self.upstream.port))
            .await
            .map_err(UpstreamError::Connect)?;
        // Without it the last piece of a request waits for an acknowledgement.
        let _ = stream.set_nodelay(true);
        let tls = match (self.upstream.scheme, &self.tls) {
            (Scheme::Http, _) => return Ok((Socket::Plain(stream), Spoken::Http11)),
            (Scheme::H2c, _) => return Ok((Socket::Plain(stream), Spoken::Http2)),
            (Scheme::Https, Some(tls)) => tls,
            (Scheme::Https, None) => {
                // The snapshot gives every https origin its settings; without them, no byte
                // leaves.
                return Err(UpstreamError::Tls(std::io::Error::other("no TLS settings")));
            }
        };
        let config = if single { &tls.alone } else { &tls.offered };
        let stream = TlsConnector::from(Arc::clone(config))
            .connect(tls.name.clone(), stream)
            .await
            .map_err(UpstreamError::Tls)?;
        let spoken = match stream.get_ref().1.alpn_protocol() {
            Some(b"h2") => Spoken::Http2,
            // One that knows no ALPN speaks what all of them speak.
            _ if single || self.alpn.contains(&Alpn::Http11) => Spoken::Http11,
            _ => {
                let error = std::io::Error::other("it does not speak HTTP/2");
                return Err(UpstreamError::Tls(error));
            }
        };
        Ok((Socket::Tls(Box::new(stream)), spoken))
    }
}

impl PartialEq for Way {
    fn eq(&self, other: &Self) -> bool {
        self.upstream == other.upstream
            && self.alpn == other.alpn
            && self.server_name == other.server_name
            && self.roots == other.roots
    }
}

/// The same settings, with these protocols offered.
fn offering(config: &ClientConfig, protocols: &[Alpn]) -> Arc<ClientConfig> {
    let mut config = config.clone();
    config.alpn_protocols = protocols
        .iter()
        .map(|alpn| alpn.name().as_bytes().to_vec())
        .collect();
    Arc::new(config)
}
