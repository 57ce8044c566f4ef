//! Whatever fields claim about the client, the origin is told one story in one line each, the
//! client is its peer unless a trusted proxy says otherwise, and reading what was written gives
//! the same client again.
#![no_main]

use std::net::SocketAddr;

use http::{HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;
use transport::forwarded::{Client, Proto, rebuild};
use transport::host::Host;

const TOLD: [&str; 5] =
    ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto"];
const NAMES: [&str; 6] =
    ["forwarded", "x-forwarded-for", "x-forwarded-x", "x-real-ip", "client-ip", "x-other"];

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let mut headers = HeaderMap::new();
    for line in input.split(|byte| *byte == b'\n') {
        let Some((&first, value)) = line.split_first() else { continue };
        let name = NAMES[usize::from(first) % NAMES.len()];
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
    let host = Host::parse("www.example.fr").expect("a host");
    let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().expect("a net")];
    for peer in ["192.0.2.9:1", "10.0.0.1:1", "[::ffff:10.0.0.1]:1"] {
        let peer: SocketAddr = peer.parse().expect("an address");
        let mut told = headers.clone();
        let others = told.get_all("x-other").iter().cloned().collect::<Vec<_>>();
        let client = rebuild(&mut told, peer, &host, Proto::Https, &trusted);
        assert_eq!(told.get_all("x-other").iter().cloned().collect::<Vec<_>>(), others);
        for name in TOLD {
            assert_eq!(told.get_all(name).iter().count(), 1, "{name}");
        }
        assert_eq!(told.keys_len(), TOLD.len() + usize::from(!others.is_empty()));
        if !trusted[0].contains(&peer.ip().to_canonical()) {
            assert_eq!(client, peer.ip());
        }
        // A gate behind this one, which trusts it, sees the same client.
        let next: SocketAddr = "10.0.0.2:1".parse().expect("an address");
        assert_eq!(Client::of_request(&told, next, &trusted).address, client);
    }
});
