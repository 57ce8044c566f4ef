//! One question to a responder: HTTP in clear, as RFC 6960, A.1 has it, since what comes back is
//! signed. A dead or mad responder costs a bounded time and a bounded memory.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Method, Request, StatusCode, Uri};
use http_body_util::Full;
use tokio::net::TcpStream;
use transport::certificate::{LARGEST_STATUS, Status, StatusQuestion};

use super::Trouble;
use crate::acme::quote;
use crate::ask::{AskError, ask, place};

/// For one whole exchange.
const DEADLINE: Duration = Duration::from_secs(15);

/// The status of a certificate, asked now and verified.
pub(super) async fn status(question: &StatusQuestion) -> Result<Status, Trouble> {
    let uri: Uri = question.responder().parse().map_err(|_| Trouble::Place)?;
    let (host, port) = place(&uri, "http", 80).ok_or(Trouble::Place)?;
    let exchange = async {
        let stream = TcpStream::connect((host.as_str(), port)).await?;
        let request = Request::builder()
            .method(Method::POST)
            .uri(uri)
            .header(CONTENT_TYPE, "application/ocsp-request")
            .header(ACCEPT, "application/ocsp-response")
            .body(Full::new(Bytes::from(question.request())))
            .map_err(std::io::Error::other)?;
        ask(stream, request, LARGEST_STATUS).await
    };
    let unreachable = |detail: &str| Trouble::Unreachable {
        detail: quote(detail),
    };
    let answered = tokio::time::timeout(DEADLINE, exchange).await;
    let answer = answered
        .map_err(|_elapsed| unreachable(&format!("{} s", DEADLINE.as_secs())))?
        .map_err(|error: AskError| unreachable(&error.to_string()))?;
    if answer.status() != StatusCode::OK {
        return Err(Trouble::Http {
            status: answer.status().as_u16(),
        });
    }
    let read = question.read(answer.body(), SystemTime::now());
    read.map_err(Trouble::Status)
}
