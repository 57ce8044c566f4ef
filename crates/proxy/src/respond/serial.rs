//! An answer as bytes, where hyper is not there to write it.

use bytes::Bytes;
use http::Response;
use http::header::CONNECTION;

/// The bytes of an answer on HTTP/1.1, for a connection that hyper is giving up.
pub(crate) fn serialise(response: &Response<Bytes>) -> Vec<u8> {
    let status = response.status();
    let mut bytes = format!(
        "HTTP/1.1 {} {}\r\n",
        status.as_u16(),
        status.canonical_reason().unwrap_or_default()
    )
    .into_bytes();
    let mut field = |name: &[u8], value: &[u8]| {
        bytes.extend_from_slice(name);
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value);
        bytes.extend_from_slice(b"\r\n");
    };
    for (name, value) in response.headers() {
        field(name.as_str().as_bytes(), value.as_bytes());
    }
    let length = response.body().len().to_string();
    field(b"content-length", length.as_bytes());
    field(CONNECTION.as_str().as_bytes(), b"close");
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(response.body());
    bytes
}
