//! What is changed in a head on its way to the origin, and on its way back.
//!
//! Towards the origin: the fields of this hop go, claims about the client are replaced by
//! what the gate saw; method, path, query, body and every other field stay byte for byte.
//! Back: the fields of that hop go, and what would lead people off HTTPS is mended as the
//! site asks. Clauses: RFC 9110, 7.2, 7.6.1, 7.7; RFC 9112, 6.3; RFC 9113, 8.2.3.

use std::net::SocketAddr;
use std::sync::atomic::Ordering;

use http::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_LOCATION, COOKIE, EXPECT, HOST, LOCATION, REFRESH, TE,
    TRANSFER_ENCODING,
};
use http::uri::{Parts, PathAndQuery};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, request};
use policy::Site;
use policy::transport::TransportPolicy;
use transport::endless;
use transport::forwarded::{self, Proto};
use transport::hops::{self, Hops, HopsError, Pseudonym};
use transport::host::Host;
use transport::{cookie, csp, header, location};

use crate::check::Refused;
use crate::handshake::Proof;
use crate::respond::Notice;
use crate::route::Route;
use crate::stages::{Known, MARK};
use crate::tunnel;

const CLIENT_CERT: HeaderName = HeaderName::from_static("client-cert");

/// What the next stages need to know of the head as it came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    /// A WebSocket.
    pub(crate) tunnel: bool,
    /// Trailers, if the origin has any.
    pub(crate) trailers: bool,
}

/// Makes the head that the origin gets. Also gives the address of the client behind the
/// trusted proxies.
pub(crate) fn request(
    head: &mut request::Parts,
    known: &Known,
    peer: SocketAddr,
    transport: &TransportPolicy,
    gate: &Pseudonym,
    has_body: bool,
) -> Result<(Asked, std::net::IpAddr), Refused> {
    let asked = Asked {
        tunnel: tunnel::is_wanted(head),
        trailers: header::accepts_trailers(&head.headers),
    };
    if !only_chunked(&head.headers) {
        let reason = "head: a transfer coding other than chunked";
        return Err(Refused::new(Notice::UnknownCoding, reason));
    }
    // Over HTTP/2 a body needs no field that announces it.
    let is_chunked = head.headers.contains_key(TRANSFER_ENCODING)
        || (has_body && !head.headers.contains_key(CONTENT_LENGTH));
    let headers = &mut head.headers;
    one_length(headers)?;
    header::sanitise_request(headers).map_err(Refused::bad_head)?;
    header::strip_hop_by_hop(headers);
    if hops::count(&head.method, headers).map_err(Refused::bad_head)? == Hops::Here {
        return Err(Refused::new(Notice::Options, "head: no more hops"));
    }
    gate.sign(headers, head.version).map_err(looped)?;
    let client = match &known.facts {
        Some(facts) => facts.replace(headers),
        None => {
            let trusted = &transport.trusted_proxies;
            forwarded::rebuild(headers, peer, &known.host, Proto::Https, trusted)
        }
    };

    // hyper has answered it, or will.
    headers.remove(EXPECT);
    // Only this gate says it.
    headers.remove(MARK);
    join_cookies(headers);
    headers.insert(HOST, known.host_field.clone());
    if is_chunked {
        // A GET with a chunked body would lose it otherwise.
        let chunked = HeaderValue::from_static("chunked");
        headers.insert(TRANSFER_ENCODING, chunked);
    }
    if asked.tunnel {
        tunnel::announce(headers);
    } else if asked.trailers {
        for (name, value) in [(TE, "trailers"), (CONNECTION, "te")] {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    head.uri = origin_form(&head.uri)?;
    Ok((asked, client))
}

/// Tells the origin whose certificate the handshake verified (RFC 9440). What a client said
/// of itself went with the other claims.
pub(crate) fn introduce(headers: &mut HeaderMap, proof: &Proof) {
    if let Some(certificate) = proof.certificate() {
        headers.insert(CLIENT_CERT, certificate.clone());
    }
}

/// Makes the head that the client gets, but for repairs and its HSTS field. Refuses an answer whose body
/// would arrive under a coding that nobody names any more.
pub(crate) fn answer(status: StatusCode, headers: &mut HeaderMap) -> Result<(), Refused> {
    if !only_chunked(headers) {
        let reason = "origin: a transfer coding other than chunked";
        return Err(Refused::new(Notice::BadGateway, reason));
    }
    // RFC 9112, 6.3: with both, the length is not to be believed, nor passed on. RFC 9110,
    // 8.6: a 204 has none.
    if headers.contains_key(TRANSFER_ENCODING) || status == StatusCode::NO_CONTENT {
        headers.remove(CONTENT_LENGTH);
    }
    // Lengths that differ were refused; equal ones become one line.
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    if let (Some(length), Some(_)) = (lengths.next().cloned(), lengths.next()) {
        headers.insert(CONTENT_LENGTH, length);
    }
    header::strip_hop_by_hop(headers);
    Ok(())
}

/// Mends what would lead people off HTTPS, and adds the security fields that are missing, as the
/// site asks.
pub(crate) fn repair(headers: &mut HeaderMap, host: &Host, route: &Route, http_port: Option<u16>) {
    let site = &route.site;
    if site.repair.cookies {
        cookie::repair_all(headers, &site.repair);
    }
    if site.repair.location {
        mend_locations(headers, host, site, http_port);
    }
    if site.repair.upgrade_insecure {
        csp::upgrade_insecure(headers);
    }
    route.fields.set(headers);
}

/// What the client asked for, kept while its request is at the origin: enough to tell an
/// answer that leads back to it.
pub(crate) struct Request {
    method: Method,
    path: PathAndQuery,
    cookies: Option<HeaderValue>,
}

impl Request {
    /// Of a request as the origin gets it.
    pub(crate) fn of<B>(request: &http::Request<B>) -> Self {
        let path = request.uri().path_and_query().cloned();
        Self {
            method: request.method().clone(),
            path: path.unwrap_or_else(|| PathAndQuery::from_static("/")),
            cookies: request.headers().get(COOKIE).cloned(),
        }
    }

    /// The path and the query.
    pub(crate) fn path(&self) -> &str {
        self.path.as_str()
    }

    /// Refuses an answer, mended already, that sends the client back for ever.
    pub(crate) fn check(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        host: &Host,
        route: &Route,
    ) -> Result<(), Refused> {
        let asked = endless::Asked {
            method: &self.method,
            host,
            path: self.path.as_str(),
            cookies: self.cookies.as_ref(),
        };
        if !route.site.repair.stop_loops || !endless::is_endless(status, headers, &asked) {
            return Ok(());
        }
        if !route.told.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                site = host.name(),
                "the origin redirects https to the same address for ever, since it takes the \
                 visitor to be in clear; fix: make it read `X-Forwarded-Proto: https` (PHP and \
                 WordPress: `$_SERVER['HTTPS'] = 'on';` first in wp-config.php; Apache: \
                 `SetEnvIf X-Forwarded-Proto https HTTPS=on`; Tomcat: RemoteIpValve; Django: \
                 SECURE_PROXY_SSL_HEADER; Spring: server.forward-headers-strategy), or remove \
                 its redirect to https, which this gate makes already"
            );
        }
        let reason = "origin: redirects to the same address for ever; \
                      it does not read X-Forwarded-Proto";
        Err(Refused::new(Notice::EndlessRedirect, reason))
    }
}

/// One length, written in one way: over HTTP/2 a codec has compared them as numbers, and origins
/// differ in what they make of `010`.
fn one_length(headers: &mut HeaderMap) -> Result<(), Refused> {
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    let Some(first) = lengths.next() else {
        return Ok(());
    };
    let text = first.as_bytes();
    let is_short = text.len() < 19 && text.iter().all(u8::is_ascii_digit);
    let is_plain = is_short && matches!(text, [b'0'] | [b'1'..=b'9', ..]);
    if is_plain && lengths.next().is_none() {
        return Ok(());
    }
    let digits = first
        .to_str()
        .ok()
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let Some(length) = digits.and_then(|digits| digits.parse::<u64>().ok()) else {
        return Err(Refused::new(
            Notice::BadRequest,
            "head: a length that is no number",
        ));
    };
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    Ok(())
}

/// No transfer coding, or `chunked` alone: the one that is undone here (RFC 9112, 6.1).
fn only_chunked(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    let first = codings.next();
    first.is_none_or(|coding| coding.as_bytes().eq_ignore_ascii_case(b"chunked"))
        && codings.next().is_none()
}

/// The fields that name a place. The name and port of the request come first: that is where
/// the client sees the site.
fn mend_locations(headers: &mut HeaderMap, host: &Host, site: &Site, http_port: Option<u16>) {
    let fields = [LOCATION, CONTENT_LOCATION, REFRESH];
    if !fields.iter().any(|name| headers.contains_key(name)) {
        return;
    }
    let mut names = site.hosts.clone();
    names.sort_by_key(|name| name != host.name());
    let place = location::Site {
        names: &names,
        upstreams: &site.upstreams,
        https_port: host.port().unwrap_or(443),
        http_port,
    };
    for name in fields {
        let Some(value) = headers.get(&name) else {
            continue;
        };
        let mended = match name {
            REFRESH => location::repair_refresh(value, place),
            _ => location::repair(value, place),
        };
        if let Some(mended) = mended {
            headers.insert(name, mended);
        }
    }
}

/// A request that goes round in a circle ends here; any other fault is one of its head.
fn looped(error: HopsError) -> Refused {
    match error {
        HopsError::Loop => Refused::new(Notice::Loop, error.to_string()),
        HopsError::MaxForwards => Refused::bad_head(error),
    }
}

/// Path and query, byte for byte; `*` for `OPTIONS *`.
fn origin_form(uri: &Uri) -> Result<Uri, Refused> {
    let mut parts = Parts::default();
    parts.path_and_query = Some(match uri.path_and_query() {
        Some(path) => path.clone(),
        None => PathAndQuery::from_static("/"),
    });
    Uri::from_parts(parts).map_err(Refused::bad_head)
}

/// HTTP/2 may split the cookies over several fields; HTTP/1.1 has one (RFC 9113, 8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    let mut lines = headers.get_all(COOKIE).iter();
    let (Some(first), Some(second)) = (lines.next(), lines.next()) else {
        return;
    };
    let mut joined = first.as_bytes().to_vec();
    for line in std::iter::once(second).chain(lines) {
        joined.extend_from_slice(b"; ");
        joined.extend_from_slice(line.as_bytes());
    }
    if let Ok(value) = HeaderValue::from_bytes(&joined) {
        headers.insert(COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_keep_their_bytes() {
        for (target, path) in [
            ("/a%2Fb/../c;x?q=%20&&", "/a%2Fb/../c;x?q=%20&&"),
            ("https://www.example.fr/a?b", "/a?b"),
            ("https://www.example.fr", "/"),
            ("*", "*"),
            ("//evil/x", "//evil/x"),
        ] {
            let uri: Uri = target.parse().expect("a target");
            assert_eq!(origin_form(&uri).expect("a path").to_string(), path);
        }
    }

    #[test]
    fn a_length_goes_on_once_and_in_one_way() {
        for (sent, passed) in [
            (&[][..], Some(None)),
            (&["0"], Some(Some("0"))),
            (&["12"], Some(Some("12"))),
            (&["010"], Some(Some("10"))),
            (&["00"], Some(Some("0"))),
            (&["5", "5"], Some(Some("5"))),
            (&["5", "005"], Some(Some("5"))),
            (&[""], None),
            (&["+5"], None),
            (&["5, 5"], None),
            (&["99999999999999999999"], None),
        ] {
            let mut headers = HeaderMap::new();
            for length in sent {
                headers.append(CONTENT_LENGTH, HeaderValue::from_static(length));
            }
            let done = one_length(&mut headers).is_ok();
            let all: Vec<_> = headers.get_all(CONTENT_LENGTH).iter().collect();
            match passed {
                None => assert!(!done, "{sent:?}"),
                Some(passed) => assert_eq!(all, Vec::from_iter(passed), "{sent:?}"),
            }
        }
    }

    #[test]
    fn cookies_become_one_line_in_their_order() {
        for (lines, joined) in [
            (&["a=1"][..], "a=1"),
            (&["a=1", "b=2", "c=\"3; 4\""], "a=1; b=2; c=\"3; 4\""),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(COOKIE, HeaderValue::from_static(line));
            }
            join_cookies(&mut headers);
            let left: Vec<_> = headers.get_all(COOKIE).iter().collect();
            assert_eq!(left, [joined]);
        }
    }
}
