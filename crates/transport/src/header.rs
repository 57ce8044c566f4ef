//! Fields that may not pass the gate.
//!
//! Clauses: RFC 9110, 7.6.1 (fields of one hop, and those that `Connection` names), 6.5.1
//! (trailers), 11.7 (proxy authentication is for the next hop); RFC 8470, 5.1 (`Early-Data`
//! is for the gate alone); RFC 3875, 4.1.18 (CGI folds field names into variables, so two
//! names become one).
//!
//! Absent on purpose: the framing fields of HTTP/1.1 themselves. hyper has read them, and
//! writes its own on the other side.

use http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, EXPECT, FORWARDED, HOST, LOCATION, MAX_FORWARDS,
    ORIGIN, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, SET_COOKIE, STRICT_TRANSPORT_SECURITY, TE,
    TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName};
use policy::{Clause, Language, Text, clause};
use smallvec::SmallVec;

/// Fields of one hop, whether or not `Connection` names them.
///
/// `Proxy-Authenticate` and `Proxy-Authorization` are here because the gate asks nobody for
/// proxy credentials: whatever comes is not for the origin, nor from it for the client.
/// `Trailer` is not: it announces fields that the gate passes on.
const HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    HeaderName::from_static("proxy-connection"),
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-authentication-info"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Fields that `Connection` may never remove: they say who asks, for what, and how the
/// answer is protected. A client that names one wants a check here and its absence there.
const PROTECTED: [HeaderName; 14] = [
    AUTHORIZATION,
    CACHE_CONTROL,
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    CONTENT_RANGE,
    CONTENT_SECURITY_POLICY,
    CONTENT_TYPE,
    COOKIE,
    FORWARDED,
    HOST,
    LOCATION,
    ORIGIN,
    SET_COOKIE,
    STRICT_TRANSPORT_SECURITY,
];

/// Prefix of the fields that only the gate may add.
const INTERNAL: &str = "x-rempart-";

/// Why a request head was refused. Answer 400.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderFault {
    /// A field name that CGI and PHP cannot tell from another one.
    #[error("the field name `{0}` is ambiguous for CGI programs")]
    Ambiguous(HeaderName),
}

impl HeaderFault {
    /// The requirement behind the refusal.
    pub const fn clause(&self) -> &'static Clause {
        &clause::REMPART_NAME_GUARD
    }

    /// What a person reads.
    pub fn text(&self, language: Language) -> String {
        let Self::Ambiguous(name) = self;
        Text::new(
            format!(
                "Le champ d’en-tête « {name} » a été refusé : son nom contient « _ » ou « . », \
                 que certains programmes confondent avec « - ». Employez un tiret."
            ),
            format!(
                "The header field “{name}” was refused: its name holds “_” or “.”, which some \
                 programs take for “-”. Use a hyphen."
            ),
        )
        .in_language(language)
        .to_owned()
    }
}

/// Removes what concerns one connection only: the fields of one hop, and every field that
/// any `Connection` line names, except those that may not be named (RFC 9110, 7.6.1).
///
/// `TE` goes with the rest. Call [`accepts_trailers`] first, and send a `TE: trailers` of
/// the gate's own when it is true.
pub fn strip_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .filter_map(|option| HeaderName::from_bytes(option.trim_ascii()).ok())
        .filter(|name| !is_protected(name))
        .collect();
    for name in named {
        headers.remove(name);
    }
    remove_where(headers, |name| {
        starts_with_any(name, b"cpktu") && HOP_BY_HOP.contains(name)
    });
}

/// Removes the fields of which `is_doomed` is true. A head has few fields and there are many
/// names that may not pass: looking at each field costs less than asking for each name.
pub(crate) fn remove_where(headers: &mut HeaderMap, is_doomed: impl Fn(&HeaderName) -> bool) {
    let doomed: SmallVec<[HeaderName; 8]> = headers
        .keys()
        .filter(|name| is_doomed(name))
        .cloned()
        .collect();
    for name in doomed {
        headers.remove(name);
    }
}

/// Whether a name begins with one of these letters, which spares most names the comparison with
/// a list.
pub(crate) fn starts_with_any(name: &HeaderName, letters: &[u8]) -> bool {
    let first = name.as_str().as_bytes().first();
    first.is_some_and(|first| letters.contains(first))
}

/// Whether the sender said `TE: trailers` (RFC 9110, 10.1.4): only then may trailers be
/// sent back to it.
pub fn accepts_trailers(headers: &HeaderMap) -> bool {
    headers
        .get_all(TE)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .any(|coding| {
            let name = coding.split(|byte| *byte == b';').next();
            name.unwrap_or_default()
                .trim_ascii()
                .eq_ignore_ascii_case(b"trailers")
        })
}

/// Drops from a trailer section what must be known before the content: framing, routing,
/// authentication, cookies and the fields of one hop (RFC 9110, 6.5.1).
pub fn sanitise_trailers(trailers: &mut HeaderMap) {
    remove_where(trailers, is_barred_from_trailers);
}

/// Whether a field must be known before the content, and so may not be a trailer.
pub(crate) fn is_barred_from_trailers(name: &HeaderName) -> bool {
    const REST: [HeaderName; 3] = [EXPECT, MAX_FORWARDS, TRAILER];
    HOP_BY_HOP.contains(name)
        || REST.contains(name)
        || is_protected(name)
        || is_cgi_ambiguous(name.as_str())
}

/// Fields by which a proxy tells an origin about a client's certificate: `Client-Cert` (RFC
/// 9440), and what others made up before it.
const CLIENT_CERTIFICATE: [&str; 8] = [
    "client-cert",
    "x-client-cert",
    "x-client-verify",
    "ssl-client",
    "x-ssl-client",
    "x-ssl-cert",
    "x-tls-client",
    "x-amzn-mtls",
];

/// Removes what no client may send through: `Proxy` (CGI would make it `HTTP_PROXY`, which
/// programs obey), `Early-Data` (none is accepted here, so none can be announced),
/// `X-Rempart-*` and every claim about a client's certificate. Other fields keep their values, lines and order.
///
/// # Errors
/// A field name is ambiguous for CGI programs: see [`is_cgi_ambiguous`].
pub fn sanitise_request(headers: &mut HeaderMap) -> Result<(), HeaderFault> {
    if let Some(name) = headers.keys().find(|name| is_cgi_ambiguous(name.as_str())) {
        return Err(HeaderFault::Ambiguous(name.clone()));
    }
    remove_where(headers, |name| {
        starts_with_any(name, b"cepsx") && {
            let name = name.as_str();
            is_internal(name) || matches!(name, "proxy" | "early-data")
        }
    });
    Ok(())
}

/// Removes the fields that [`sanitise_request`] refuses. Whether there were any.
pub fn drop_ambiguous(headers: &mut HeaderMap) -> bool {
    let before = headers.len();
    remove_where(headers, |name| is_cgi_ambiguous(name.as_str()));
    headers.len() < before
}

/// Whether CGI, FastCGI or PHP would fold this field name into that of another field:
/// `X_Forwarded_For` and `X.Forwarded.For` both become `HTTP_X_FORWARDED_FOR`.
pub fn is_cgi_ambiguous(name: &str) -> bool {
    name.contains(['_', '.'])
}

/// Whether a field may come from the gate alone.
fn is_internal(name: &str) -> bool {
    name.starts_with(INTERNAL)
        || CLIENT_CERTIFICATE
            .iter()
            .any(|claim| name.starts_with(claim))
}

fn is_protected(name: &HeaderName) -> bool {
    let text = name.as_str();
    PROTECTED.contains(name)
        || text.starts_with("x-forwarded-")
        || text == "x-real-ip"
        || is_internal(text)
}

#[cfg(test)]
mod tests;
