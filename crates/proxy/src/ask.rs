//! One request of the gate's own, on a connection of its own, with a bounded answer.
//!
//! Authorities and responders are asked a few times in a week, so a pool would save nothing worth
//! its states. The caller keeps the deadline.
//!
//! Absent on purpose: redirects, which would let whoever answers choose where the gate asks next,
//! and proxies.

use std::io;

use bytes::Bytes;
use http::header::{CONNECTION, HOST};
use http::uri::PathAndQuery;
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Http(#[from] hyper::Error),
    #[error("the answer is over {} KiB", .0 / 1024)]
    TooLarge(usize),
}

/// The host, IPv6 without brackets, and the port of an address with this scheme.
pub(crate) fn place(uri: &Uri, scheme: &str, port: u16) -> Option<(String, u16)> {
    if uri.scheme_str() != Some(scheme) {
        return None;
    }
    let host = uri.host()?;
    let bare = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    Some((
        bare.unwrap_or(host).to_owned(),
        uri.port_u16().unwrap_or(port),
    ))
}

/// Sends a request to an absolute address on a connection that leads there, and reads an answer
/// of at most `largest` bytes.
pub(crate) async fn ask<S>(
    stream: S,
    request: Request<Full<Bytes>>,
    largest: usize,
) -> Result<Response<Bytes>, AskError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let (mut head, body) = request.into_parts();
    // Not `authority`, which may hold a name and a password.
    let host = head.uri.host().map(|host| match head.uri.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    });
    let host = host.and_then(|host| HeaderValue::try_from(host).ok());
    let path = head.uri.path_and_query().cloned();
    head.uri = Uri::from(path.unwrap_or_else(|| PathAndQuery::from_static("/")));
    if let Some(host) = host {
        head.headers.insert(HOST, host);
    }
    head.headers
        .insert(CONNECTION, HeaderValue::from_static("close"));
    let request = Request::from_parts(head, body);

    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let exchange = async {
        let (head, body) = sender.send_request(request).await?.into_parts();
        let body = Limited::new(body, largest).collect().await;
        let body = body.map_err(|error| match error.downcast::<hyper::Error>() {
            Ok(error) => AskError::Http(*error),
            Err(other) if other.is::<LengthLimitError>() => AskError::TooLarge(largest),
            Err(other) => AskError::Io(io::Error::other(other)),
        })?;
        Ok(Response::from_parts(head, body.to_bytes()))
    };
    // The connection lives as long as its one exchange, and no longer.
    tokio::pin!(exchange, connection);
    tokio::select! {
        response = &mut exchange => response,
        ended = &mut connection => {
            ended?;
            exchange.await
        }
    }
}
