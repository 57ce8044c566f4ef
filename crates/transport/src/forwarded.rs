//! Who the client is, and what the origin is told about it.
//!
//! Clauses: RFC 7239, 4 and 6 (grammar: an IPv6 address is bracketed and quoted), 8.1 (what
//! comes from outside is not believed), 8.2 (no name or address of the gate's own side is
//! told). `X-Forwarded-*` has no standard; origins read it all the same, so both are written
//! from the same facts.
//!
//! Absent on purpose: `X-Real-IP` and other spellings of one address. Origins that believed
//! a client's would go on doing so; they are removed.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

use http::header::FORWARDED;
use http::{HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;

use crate::header;
use crate::host::{Host, bracketed};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Fields by which somebody claims to be an address, a host, a scheme or a path. Removed
/// from every request, beside `Forwarded` and all of `X-Forwarded-*`.
const CLAIMS: [HeaderName; 21] = [
    HeaderName::from_static("x-forwarded"),
    HeaderName::from_static("forwarded-for"),
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("x-client-ip"),
    HeaderName::from_static("client-ip"),
    HeaderName::from_static("true-client-ip"),
    HeaderName::from_static("x-cluster-client-ip"),
    HeaderName::from_static("cf-connecting-ip"),
    HeaderName::from_static("cf-connecting-ipv6"),
    HeaderName::from_static("fastly-client-ip"),
    HeaderName::from_static("x-originating-ip"),
    HeaderName::from_static("x-remote-ip"),
    HeaderName::from_static("x-remote-addr"),
    HeaderName::from_static("x-envoy-external-address"),
    HeaderName::from_static("x-original-host"),
    HeaderName::from_static("x-original-url"),
    HeaderName::from_static("x-rewrite-url"),
    HeaderName::from_static("x-http-host-override"),
    HeaderName::from_static("x-url-scheme"),
    HeaderName::from_static("x-scheme"),
    HeaderName::from_static("front-end-https"),
];

/// How the client reached the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proto {
    /// In clear.
    Http,
    /// Over TLS.
    Https,
}

/// Who the gate takes for the client.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Client {
    /// The nearest address that is not a trusted proxy; the peer's when nobody is trusted.
    /// An IPv4 address in IPv6 form is given as IPv4.
    pub address: IpAddr,
    /// The trusted proxies between it and the gate, nearest to the client first.
    pub through: Vec<IpAddr>,
}

impl Client {
    /// A client that is its own peer: nobody is trusted to speak for it.
    pub fn of_peer(peer: SocketAddr) -> Self {
        Self {
            address: peer.ip().to_canonical(),
            through: Vec::new(),
        }
    }

    /// Reads the way of a request, from the gate outwards: as long as the last known hop is
    /// trusted, the address that it reports is the next one. Whatever lies further is what
    /// the client wrote itself, and is not read.
    ///
    /// `X-Forwarded-For` is read if there is one, else `Forwarded`. A trusted proxy must
    /// overwrite or extend the one it uses and, if that is `Forwarded`, remove the other.
    /// A hop that reports something else than an address ends the walk.
    pub fn of_request(headers: &HeaderMap, peer: SocketAddr, trusted: &[IpNet]) -> Self {
        let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
        let mut address = peer.ip().to_canonical();
        let mut through = Vec::new();
        if is_trusted(&address) {
            let nearest_first = reported_hops(headers).into_iter().rev();
            for next in nearest_first.map_while(|reported| reported) {
                through.push(address);
                address = next;
                if !is_trusted(&address) {
                    break;
                }
            }
        }
        through.reverse();
        Self { address, through }
    }
}

/// Replaces every claim about the client by what the gate knows, and returns the client's
/// address (see [`Client::of_request`]).
///
/// `host` is the host asked for and `proto` the way it was asked. Both are the gate's own
/// observation, also behind a trusted proxy. The port told is that of `host`, else the
/// default of `proto`.
pub fn rebuild(
    headers: &mut HeaderMap,
    peer: SocketAddr,
    host: &Host,
    proto: Proto,
    trusted: &[IpNet],
) -> IpAddr {
    let client = Client::of_request(headers, peer, trusted);
    Facts::new(&client, host, proto).replace(headers)
}

/// What an origin is told of a client that asks for a host: made once, told with each request.
#[derive(Debug, Clone)]
pub struct Facts {
    client: IpAddr,
    fields: [(HeaderName, HeaderValue); 5],
}

impl Facts {
    /// What is told of a client that asked for `host` in this way.
    pub fn new(client: &Client, host: &Host, proto: Proto) -> Self {
        let hops = || std::iter::once(&client.address).chain(&client.through);
        let chain = hops().map(IpAddr::to_string).collect::<Vec<_>>().join(", ");
        let mut forwarded = hops()
            .map(|hop| format!("for={}", node(*hop)))
            .collect::<Vec<_>>()
            .join(", ");
        // The last element is the hop that the gate saw itself.
        let _ = write!(forwarded, ";host=\"{host}\";proto={}", proto.name());
        let port = host.port().unwrap_or(proto.default_port());
        let field = |(name, value)| {
            let value = HeaderValue::try_from(value)
                .expect("addresses, parsed hosts and numbers are visible ASCII");
            (name, value)
        };
        Self {
            client: client.address,
            fields: [
                (X_FORWARDED_FOR, chain),
                (X_FORWARDED_HOST, host.to_string()),
                (X_FORWARDED_PORT, port.to_string()),
                (X_FORWARDED_PROTO, proto.name().to_owned()),
                (FORWARDED, forwarded),
            ]
            .map(field),
        }
    }

    /// Replaces every claim about the client by these; returns the client's address.
    pub fn replace(&self, headers: &mut HeaderMap) -> IpAddr {
        remove_claims(headers);
        for (name, value) in &self.fields {
            headers.insert(name, value.clone());
        }
        self.client
    }
}

impl Proto {
    const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

fn remove_claims(headers: &mut HeaderMap) {
    header::remove_where(headers, |name| {
        header::starts_with_any(name, b"cftx")
            && (name.as_str().starts_with("x-forwarded-")
                || name == FORWARDED
                || CLAIMS.contains(name))
    });
}

/// What each hop reported about the one before it, furthest first. `None` is a hop that
/// reported no address (`unknown`, an obfuscated node, garbage).
fn reported_hops(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let mut hops = Vec::new();
    if headers.contains_key(X_FORWARDED_FOR) {
        for line in headers.get_all(X_FORWARDED_FOR) {
            match line.to_str() {
                Ok(text) => hops.extend(text.split(',').map(address_of)),
                Err(_) => hops.push(None),
            }
        }
        return hops;
    }
    let read = |element| address_of(for_of(element)?);
    for line in headers.get_all(FORWARDED) {
        match line.to_str() {
            // A client that leaves a quote open must not swallow what a proxy appended.
            Ok(text) if !is_balanced(text) => hops.extend(text.split(',').map(read)),
            Ok(text) => hops.extend(split_outside_quotes(text, ',').map(read)),
            Err(_) => hops.push(None),
        }
    }
    hops
}

/// The value of the only `for` of a `Forwarded` element, without its quotes.
fn for_of(element: &str) -> Option<&str> {
    let mut values = split_outside_quotes(element, ';').filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("for")
            .then(|| value.trim())
    });
    let value = values.next().filter(|_| values.next().is_none())?;
    match value.strip_prefix('"') {
        Some(quoted) => quoted.strip_suffix('"'),
        None => Some(value),
    }
}

/// An address, perhaps in brackets, perhaps with a port.
fn address_of(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let address = match text.parse::<IpAddr>() {
        Ok(address) => address,
        Err(_) => match text
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            Some(inner) => IpAddr::V6(inner.parse().ok()?),
            None => text.parse::<SocketAddr>().ok()?.ip(),
        },
    };
    Some(address.to_canonical())
}

/// RFC 7239, 6: an IPv6 address holds colons, so it is bracketed and quoted.
fn node(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("\"{}\"", bracketed(&address.to_string())),
    }
}

fn split_outside_quotes(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut is_outside = quotes();
    text.split(move |character| is_outside(character) && character == separator)
}

/// Whether every quote of the text is closed.
fn is_balanced(text: &str) -> bool {
    let mut is_outside = quotes();
    text.chars()
        .fold(true, |_, character| is_outside(character))
}

/// Tells, one character after the other, whether a quoted string (RFC 9110, 5.6.4) is closed
/// after it.
fn quotes() -> impl FnMut(char) -> bool {
    let (mut quoted, mut escaped) = (false, false);
    move |character| {
        if escaped {
            escaped = false;
        } else if character == '\\' && quoted {
            escaped = true;
        } else if character == '"' {
            quoted = !quoted;
        }
        !quoted
    }
}

#[cfg(test)]
mod tests;
