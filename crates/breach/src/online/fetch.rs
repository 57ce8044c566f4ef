//! One request to the service: connect, ask for a range, read the answer whole.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::Request;
use hyper::body::Body as _;
use hyper::header::{ACCEPT, HOST, TRANSFER_ENCODING, USER_AGENT};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::Down;
use crate::range::{self, Range};

/// Where ranges are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    encrypted: bool,
    /// As it stands in `Host`.
    authority: String,
    host: String,
    port: u16,
    /// What the prefix is added to; ends with a slash.
    path: String,
}

impl Target {
    /// Reads an address: `https`, or `http` to this machine; no credentials, no query.
    pub(super) fn parse(url: &str) -> Option<Self> {
        let uri: hyper::Uri = url.parse().ok()?;
        let encrypted = match uri.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let authority = uri.authority()?;
        let host = authority.host().to_owned();
        if uri.query().is_some() || authority.as_str().contains('@') || host.is_empty() {
            return None;
        }
        if !encrypted && !["127.0.0.1", "localhost", "[::1]"].contains(&host.as_str()) {
            return None;
        }
        Some(Self {
            encrypted,
            authority: authority.as_str().to_owned(),
            port: authority
                .port_u16()
                .unwrap_or(if encrypted { 443 } else { 80 }),
            host,
            path: format!("{}/", uri.path().trim_end_matches('/')),
        })
    }

    pub(super) const fn encrypted(&self) -> bool {
        self.encrypted
    }
}

/// The range of a prefix. The caller sets the deadline.
pub(super) async fn range(
    target: &Target,
    tls: Option<Arc<ClientConfig>>,
    prefix: &str,
) -> Result<Range, Down> {
    let host = match target.host.trim_matches(['[', ']']) {
        // In clear only this machine is asked, whatever the name resolves to.
        "localhost" if !target.encrypted => "127.0.0.1",
        host => host,
    };
    let stream = TcpStream::connect((host, target.port))
        .await
        .map_err(|_| Down::Unreachable)?;
    match tls {
        None => ask(stream, target, prefix).await,
        Some(tls) => {
            let name = ServerName::try_from(host.to_owned()).map_err(|_| Down::Unreachable)?;
            let stream = TlsConnector::from(tls)
                .connect(name, stream)
                .await
                .map_err(|_| Down::Unreachable)?;
            ask(stream, target, prefix).await
        }
    }
}

async fn ask<S>(stream: S, target: &Target, prefix: &str) -> Result<Range, Down>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|_| Down::Unreachable)?;
    let connection = tokio::spawn(connection);
    let request = Request::get(format!("{}{prefix}", target.path))
        .header(HOST, &target.authority)
        .header(USER_AGENT, concat!("rempart/", env!("CARGO_PKG_VERSION")))
        .header(ACCEPT, "text/plain")
        .header("add-padding", "true")
        .body(Empty::<Bytes>::new())
        .map_err(|_| Down::Unreachable)?;
    let answer = async {
        let response = sender
            .send_request(request)
            .await
            .map_err(|_| Down::Unreachable)?;
        let status = response.status().as_u16();
        if status != 200 {
            return Err(Down::Status(status));
        }
        // An answer that ends when the connection does may have been cut anywhere, and a cut
        // answer would read as "not leaked".
        let chunked = response
            .headers()
            .get(TRANSFER_ENCODING)
            .is_some_and(|coding| coding.as_bytes().eq_ignore_ascii_case(b"chunked"));
        if response.body().size_hint().exact().is_none() && !chunked {
            return Err(Down::Nonsense);
        }
        let body = Limited::new(response.into_body(), range::BYTES)
            .collect()
            .await
            .map_err(|_| Down::Nonsense)?
            .to_bytes();
        Range::parse(&body).map_err(|_| Down::Nonsense)
    }
    .await;
    connection.abort();
    answer
}
