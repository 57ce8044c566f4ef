//! The target of the redirect from plain HTTP.
//!
//! Clauses: RFC 6797, 7.2 (redirect to the same place over https); RFC 9110, 10.2.2
//! (`Location`) and 7.7 (path and query bytes unchanged). The host comes from the policy,
//! never from the request: a redirect that echoes a `Host` field sends people wherever an
//! attacker says.

use http::HeaderValue;

use crate::host::bracketed;

/// Why no redirect can be written. Answer 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedirectError {
    /// The path does not begin with `/`, so it would run into the host.
    #[error("the path does not begin with a slash")]
    Path,
    /// A byte that may not stand in a field value.
    #[error("the path holds a control character")]
    Byte,
}

/// `https://host[:port]/path?query`, for a `Location` field.
///
/// `host` is a configured name or address; the port is left out when it is 443. An empty
/// path is `/`.
///
/// # Errors
/// The path and query cannot follow a host: see [`RedirectError`].
pub fn target(
    host: &str,
    https_port: u16,
    path_and_query: &str,
) -> Result<HeaderValue, RedirectError> {
    let path = if path_and_query.is_empty() {
        "/"
    } else {
        path_and_query
    };
    if !path.starts_with('/') {
        return Err(RedirectError::Path);
    }
    let target = format!("{}{path}", origin(host, https_port));
    HeaderValue::try_from(target).map_err(|_| RedirectError::Byte)
}

/// `https://host`, with the port unless it is 443.
pub fn origin(host: &str, https_port: u16) -> String {
    let host = bracketed(host);
    match https_port {
        443 => format!("https://{host}"),
        port => format!("https://{host}:{port}"),
    }
}

#[cfg(test)]
mod tests {
    use policy::clause;

    use super::*;

    #[test]
    fn the_target_is_the_configured_host_and_the_same_path() {
        let rows = [
            (("www.example.fr", 443, "/"), Ok("https://www.example.fr/")),
            (("www.example.fr", 443, ""), Ok("https://www.example.fr/")),
            (
                ("www.example.fr", 8443, "/a?b=c&d"),
                Ok("https://www.example.fr:8443/a?b=c&d"),
            ),
            (("192.0.2.1", 443, "/a"), Ok("https://192.0.2.1/a")),
            (
                ("2001:db8::1", 8443, "/a"),
                Ok("https://[2001:db8::1]:8443/a"),
            ),
            (("[2001:db8::1]", 443, "/a"), Ok("https://[2001:db8::1]/a")),
            // Bytes stay as they came: no decoding, no normalising, no merging of slashes.
            (
                ("a.fr", 443, "//evil.example/%2e%2e/../?%0d%0a"),
                Ok("https://a.fr//evil.example/%2e%2e/../?%0d%0a"),
            ),
            (("a.fr", 443, "@evil.example"), Err(RedirectError::Path)),
            (("a.fr", 443, ".evil.example/"), Err(RedirectError::Path)),
            (("a.fr", 443, "*"), Err(RedirectError::Path)),
            (("a.fr", 443, "?x"), Err(RedirectError::Path)),
            (
                ("a.fr", 443, "/\r\nSet-Cookie: a=b"),
                Err(RedirectError::Byte),
            ),
        ];
        for ((host, port, path), expected) in rows {
            let found = target(host, port, path);
            let found = found
                .as_ref()
                .map(|value| value.to_str().unwrap())
                .map_err(|error| *error);
            assert_eq!(found, expected, "{}: {path}", clause::HSTS_REDIRECT.id);
        }
    }
}
