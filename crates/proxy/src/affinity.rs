//! What brings a visitor back to the origin that they had: their address, or a cookie.
//!
//! A site that keeps its sessions in files knows a visitor on one of its origins only. The
//! address needs no cookie, but many visitors may share one and one visitor may change theirs;
//! the cookie follows the browser. It holds a number and nothing of the visitor or of the
//! network behind the gate. Clauses: RFC 6265bis (draft), 4.1.3 (`__Host-`).
//!
//! With an address, each origin is weighed anew for it (highest random weight), so that only
//! the visitors of an origin that goes away move.

use std::net::IpAddr;

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};

/// The name of the cookie.
const NAME: &str = "__Host-rempart-origin";

/// Who asks, as far as the choice of an origin goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visitor {
    client: IpAddr,
    cookie: Option<Place>,
}

/// An origin by its place in the policy, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place(pub(crate) usize);

impl Visitor {
    /// The client behind the trusted proxies.
    pub(crate) const fn new(client: IpAddr) -> Self {
        Self {
            client,
            cookie: None,
        }
    }

    /// The same, with what their cookie says.
    pub(crate) fn with_cookie(self, headers: &HeaderMap) -> Self {
        Self {
            cookie: cookie(headers),
            ..self
        }
    }

    /// The origin that the cookie names, among so many.
    pub(crate) fn remembered(self, count: usize) -> Option<usize> {
        self.cookie
            .map(|place| place.0)
            .filter(|&place| place < count)
    }

    /// The places of these origins, the visitor's own first.
    pub(crate) fn order<'a>(self, names: impl Iterator<Item = &'a str>) -> Vec<usize> {
        let source = network(self.client);
        let mut weights: Vec<(u64, usize)> = names
            .enumerate()
            .map(|(place, name)| (weight(source, name), place))
            .collect();
        weights.sort_by(|one, other| other.cmp(one));
        weights.into_iter().map(|(_, place)| place).collect()
    }

    /// Has the browser remember the origin that has answered, if it does not yet.
    pub(crate) fn remember(self, place: Place, headers: &mut HeaderMap) {
        if self.cookie == Some(place) {
            return;
        }
        // Every request of the site is to reach the same origin, those that come from another
        // site too; what it holds proves and grants nothing.
        let cookie = format!(
            "{NAME}={}; Path=/; Secure; HttpOnly; SameSite=None",
            place.0 + 1
        );
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            headers.append(SET_COOKIE, cookie);
        }
    }
}

/// The place in the first cookie of our name, counted from 1 there.
fn cookie(headers: &HeaderMap) -> Option<Place> {
    let lines = headers.get_all(COOKIE).iter();
    let value = lines.flat_map(pairs).find_map(value)?;
    let number: usize = std::str::from_utf8(value).ok()?.parse().ok()?;
    number.checked_sub(1).map(Place)
}

/// The cookies of a line.
fn pairs(line: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    line.as_bytes().split(|&byte| byte == b';')
}

/// What a cookie holds, if it has our name.
fn value(pair: &[u8]) -> Option<&[u8]> {
    let pair = pair.trim_ascii();
    match pair.strip_prefix(NAME.as_bytes())? {
        [] => Some(&[]),
        rest => rest.trim_ascii_start().strip_prefix(b"="),
    }
}

/// Takes the cookies of our name out of a request: no origin has set them, and none is to be told
/// which other origins there are. The others keep their bytes and their order.
pub(crate) fn strip(headers: &mut HeaderMap) {
    let ours = |line: &HeaderValue| pairs(line).any(|pair| value(pair).is_some());
    if !headers.get_all(COOKIE).iter().any(ours) {
        return;
    }
    let lines: Vec<HeaderValue> = headers.get_all(COOKIE).iter().cloned().collect();
    headers.remove(COOKIE);
    for line in lines {
        if !ours(&line) {
            headers.append(COOKIE, line);
            continue;
        }
        let rest: Vec<&[u8]> = pairs(&line).filter(|pair| value(pair).is_none()).collect();
        let rest = rest.join(&b';');
        // Parts of a field value are one.
        if let Ok(rest) = HeaderValue::from_bytes(rest.trim_ascii())
            && !rest.is_empty()
        {
            headers.append(COOKIE, rest);
        }
    }
}

/// An IPv4 address, or the first 64 bits of an IPv6 one: the rest of it changes by itself.
fn network(client: IpAddr) -> u64 {
    match client.to_canonical() {
        IpAddr::V4(address) => u64::from(address.to_bits()),
        IpAddr::V6(address) => (address.to_bits() >> 64) as u64,
    }
}

/// How much a source is drawn to an origin: the same in every gate and after every restart.
/// FNV-1a, then the finaliser of SplitMix64, without which near sources draw alike.
fn weight(source: u64, name: &str) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in source.to_be_bytes().into_iter().chain(name.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 3] = [
        "http://10.0.0.1:80",
        "http://10.0.0.2:80",
        "http://10.0.0.3:80",
    ];

    fn visitor(client: &str) -> Visitor {
        Visitor::new(client.parse().expect("an address"))
    }

    #[test]
    fn sources_are_spread_and_stay_when_another_origin_goes() {
        let mut shares = [0; 3];
        for last in 0..=255 {
            for third in 0..12 {
                let visitor = visitor(&format!("192.0.{third}.{last}"));
                let order = visitor.order(NAMES.into_iter());
                shares[order[0]] += 1;
                // Without the last origin, nobody else moves.
                let fewer = visitor.order(NAMES.into_iter().take(2));
                if order[0] != 2 {
                    assert_eq!(fewer[0], order[0]);
                }
            }
        }
        for share in shares {
            assert!((850..1200).contains(&share), "{shares:?} of 3072");
        }
    }

    #[test]
    fn an_ipv6_network_is_one_source() {
        let order = |client: &str| visitor(client).order(NAMES.into_iter());
        assert_eq!(order("2001:db8:1:2::1"), order("2001:db8:1:2:ffff::9"));
        assert_eq!(order("::ffff:192.0.2.1"), order("192.0.2.1"));
    }

    #[test]
    fn only_a_cookie_that_names_an_origin_is_believed() {
        for (line, place) in [
            ("__Host-rempart-origin=1", Some(0)),
            ("a=b; __Host-rempart-origin=3; c=d", Some(2)),
            ("__Host-rempart-origin=4", None),
            ("__Host-rempart-origin=0", None),
            ("__Host-rempart-origin=-1", None),
            ("__Host-rempart-origin=", None),
            ("__Host-rempart-origin=99999999999999999999999", None),
            ("__Host-rempart-origins=1", None),
            ("x__Host-rempart-origin=1", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, HeaderValue::from_static(line));
            let visitor = visitor("192.0.2.1").with_cookie(&headers);
            assert_eq!(visitor.remembered(3), place, "{line}");
        }
    }

    #[test]
    fn an_origin_sees_every_cookie_but_ours() {
        let rows: [(&[&str], &[&str]); 9] = [
            (&["a=b; c=d"], &["a=b; c=d"]),
            (&["__Host-rempart-origin=1"], &[]),
            (&["a=b; __Host-rempart-origin=3; c=d"], &["a=b; c=d"]),
            (&["__Host-rempart-origin=3;a=b;;c"], &["a=b;;c"]),
            (&["a=b; __Host-rempart-origin=1"], &["a=b"]),
            // Whatever it holds, however often, with blanks that some origins ignore.
            (
                &["__Host-rempart-origin; a=b; __Host-rempart-origin =\"x\""],
                &["a=b"],
            ),
            (&["a=b", "__Host-rempart-origin=1", "c=d"], &["a=b", "c=d"]),
            // Other names.
            (&["__Host-rempart-origins=1"], &["__Host-rempart-origins=1"]),
            (&["x__Host-rempart-origin=1"], &["x__Host-rempart-origin=1"]),
        ];
        for (sent, left) in rows {
            let mut headers = HeaderMap::new();
            for line in sent {
                headers.append(COOKIE, HeaderValue::from_static(line));
            }
            strip(&mut headers);
            let seen: Vec<_> = headers.get_all(COOKIE).iter().collect();
            assert_eq!(seen, left, "{sent:?}");
        }
    }

    #[test]
    fn a_cookie_is_set_once() {
        let mut headers = HeaderMap::new();
        visitor("192.0.2.1").remember(Place(1), &mut headers);
        let set = headers[SET_COOKIE].to_str().expect("text").to_owned();
        assert_eq!(
            set,
            "__Host-rempart-origin=2; Path=/; Secure; HttpOnly; SameSite=None"
        );
        let mut request = HeaderMap::new();
        let sent = set.split(';').next().expect("a pair");
        request.insert(COOKIE, HeaderValue::from_str(sent).expect("a value"));
        let visitor = visitor("192.0.2.1").with_cookie(&request);
        for (place, count) in [(1, 0), (0, 1)] {
            let mut headers = HeaderMap::new();
            visitor.remember(Place(place), &mut headers);
            assert_eq!(headers.len(), count);
        }
    }
}
