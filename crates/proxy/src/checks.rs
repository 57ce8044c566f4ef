//! The checks of one origin: asked on a connection of its own for a page that answers when
//! all is well.
//!
//! A check looks like a request of the site, on the same way, with the same verification; what
//! it concludes is the business of [`crate::health`]. It ends with its origin.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{HOST, USER_AGENT};
use http::uri::Scheme;
use http::{HeaderValue, Request, StatusCode, Uri};
use http_body_util::Empty;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use policy::site::Health;
use tokio_util::task::AbortOnDropHandle;

use crate::dial::Spoken;
use crate::health::Tally;
use crate::origins::Origin;
use crate::socket::Socket;

/// Checks an origin for as long as it is there, if its site asks for that.
pub(crate) fn watch(origin: &Arc<Origin>) {
    let Some(health) = origin.health().cloned() else {
        return;
    };
    let origin = Arc::downgrade(origin);
    tokio::spawn(async move {
        let mut tally = Tally::new();
        while let Some(origin) = origin.upgrade() {
            let checked = tokio::time::timeout(health.timeout, check(&origin, &health)).await;
            let failure = match checked {
                Ok(Ok(status)) if health.status.contains(status.as_u16()) => None,
                Ok(Ok(status)) => Some(format!("check: status {}", status.as_u16())),
                Ok(Err(error)) => Some(format!("check: {error}")),
                Err(_elapsed) => Some("check: no answer in time".to_owned()),
            };
            let serves = tally.add(failure.is_none(), health.passes, health.fails);
            origin.concluded(serves, failure.as_deref());
            drop(origin);
            tokio::time::sleep(health.interval).await;
        }
    });
}

async fn check(
    origin: &Origin,
    health: &Health,
) -> Result<StatusCode, Box<dyn std::error::Error + Send + Sync>> {
    let (socket, spoken) = origin.pool().way().dial(false).await?;
    let scheme = match &socket {
        Socket::Plain(_) => Scheme::HTTP,
        Socket::Tls(_) => Scheme::HTTPS,
    };
    let host = match origin.site() {
        address if address.contains(':') => format!("[{address}]"),
        name => name.to_owned(),
    };
    let mut request = Request::new(Empty::<Bytes>::new());
    let headers = request.headers_mut();
    headers.insert(USER_AGENT, HeaderValue::from_static("rempart-check"));
    // A site that sends everyone to https is not to do so here.
    headers.insert("x-forwarded-proto", HeaderValue::from_static("https"));
    let io = TokioIo::new(socket);
    let answer = match spoken {
        Spoken::Http11 => {
            headers.insert(HOST, HeaderValue::try_from(host)?);
            *request.uri_mut() = health.path.parse()?;
            let (mut sender, connection) = http1::handshake(io).await?;
            let _driver = AbortOnDropHandle::new(tokio::spawn(connection));
            sender.send_request(request).await?
        }
        Spoken::Http2 => {
            *request.uri_mut() = Uri::builder()
                .scheme(scheme)
                .authority(host)
                .path_and_query(health.path.as_str())
                .build()?;
            let (mut sender, connection) = http2::handshake(TokioExecutor::new(), io).await?;
            let _driver = AbortOnDropHandle::new(tokio::spawn(connection));
            sender.send_request(request).await?
        }
    };
    Ok(answer.status())
}
