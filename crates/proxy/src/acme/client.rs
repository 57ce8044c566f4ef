//! How the authority is reached: HTTP/1.1 over TLS, one connection per request.
//!
//! What matters is that a dead or mad authority costs a bounded time and a bounded memory: every
//! request has a deadline and every answer a cap.
//!
//! Clauses: RFC 8555, 6.1 (https alone); RFC 9110, 10.2.3 (`Retry-After`).
//!
//! Absent on purpose: redirects, which RFC 8555 gives no place.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full};
use instant_acme::{BodyWrapper, BytesResponse, HttpClient};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::progress::system_time;
use super::trouble::{Trouble, quote};
use crate::ask::{AskError, ask, place};

/// For one whole exchange.
const DEADLINE: Duration = Duration::from_secs(30);
/// Largest answer: a chain of certificates is a few KiB.
const LARGEST: usize = 256 * 1024;

/// The way to one authority.
#[derive(Clone)]
pub(crate) struct Client {
    tls: Arc<ClientConfig>,
    /// What the last answer asked for.
    wish: Arc<Mutex<Option<Duration>>>,
}

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    #[error("not an https address: {0}")]
    Address(String),
    #[error(transparent)]
    Ask(#[from] AskError),
    #[error("no answer within {} s", DEADLINE.as_secs())]
    Late,
}

impl Client {
    pub(crate) fn new(tls: Arc<ClientConfig>) -> Self {
        Self {
            tls,
            wish: Arc::default(),
        }
    }

    /// The `Retry-After` of the last answer, if it had one.
    pub(crate) fn wish(&self) -> Option<Duration> {
        *self.wish.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn exchange(
        self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Result<Response<Full<Bytes>>, ClientError> {
        let (head, body) = request.into_parts();
        let Ok(body) = body.collect().await;
        let wrong = || ClientError::Address(quote(&head.uri.to_string()));
        let (name, port) = place(&head.uri, "https", 443).ok_or_else(wrong)?;
        let stream = TcpStream::connect((name.as_str(), port)).await;
        let server = ServerName::try_from(name).map_err(io::Error::other);
        let tls = TlsConnector::from(self.tls);
        let stream = tls.connect(server.map_err(AskError::Io)?, stream.map_err(AskError::Io)?);
        let stream = stream.await.map_err(AskError::Io)?;
        let request = Request::from_parts(head, Full::new(body.to_bytes()));
        let response = ask(stream, request, LARGEST).await?;
        let wish = response.headers().get(RETRY_AFTER);
        *self.wish.lock().unwrap_or_else(PoisonError::into_inner) =
            wish.and_then(|value| retry_after(value, SystemTime::now()));
        Ok(response.map(Full::new))
    }
}

impl HttpClient for Client {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, instant_acme::Error>> + Send>> {
        let client = self.clone();
        *self.wish.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Box::pin(async move {
            let exchange = tokio::time::timeout(DEADLINE, client.exchange(request));
            let response = match exchange.await {
                Ok(response) => response,
                Err(_elapsed) => Err(ClientError::Late),
            };
            match response {
                Ok(response) => Ok(BytesResponse::from(response)),
                Err(error) => Err(instant_acme::Error::Other(Box::new(error))),
            }
        })
    }
}

impl ClientError {
    pub(crate) fn trouble(&self) -> Trouble {
        let mut detail = self.to_string();
        let mut source = std::error::Error::source(self).and_then(std::error::Error::source);
        while let Some(inner) = source {
            detail += &format!(": {inner}");
            source = inner.source();
        }
        let detail = quote(&detail);
        match self {
            Self::Address(_) | Self::Ask(AskError::Http(_) | AskError::TooLarge(_)) => {
                Trouble::NotAcme { detail }
            }
            Self::Ask(AskError::Io(_)) | Self::Late => Trouble::Unreachable { detail },
        }
    }
}

/// Seconds, or a date.
fn retry_after(value: &HeaderValue, now: SystemTime) -> Option<Duration> {
    let value = value.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?;
    system_time(date.timestamp()).duration_since(now).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_addresses_are_asked() {
        for (address, expected) in [
            ("https://a.fr/directory", Some(("a.fr", 443))),
            ("https://a.fr:14000/dir", Some(("a.fr", 14000))),
            ("https://[::1]:14000/dir", Some(("::1", 14000))),
            ("http://a.fr/directory", None),
            ("/directory", None),
        ] {
            let uri = address.parse().expect("an address");
            let place = place(&uri, "https", 443);
            let place = place.as_ref().map(|(host, port)| (host.as_str(), *port));
            assert_eq!(place, expected, "{address}");
        }
    }

    #[test]
    fn a_wish_to_wait_is_read_as_seconds_or_as_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_700);
        for (value, expected) in [
            ("120", Some(120)),
            ("0", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(77)),
            // Already past, or no answer at all.
            ("Sun, 06 Nov 1993 08:49:37 GMT", None),
            ("-1", None),
            ("soon", None),
            ("", None),
        ] {
            let wish = retry_after(&HeaderValue::from_static(value), now);
            assert_eq!(wish.map(|wish| wish.as_secs()), expected, "{value}");
        }
    }
}
