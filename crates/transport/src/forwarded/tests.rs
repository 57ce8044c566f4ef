use policy::clause;
use proptest::prelude::*;

use super::*;

fn nets(texts: &[&str]) -> Vec<IpNet> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// Field lines, in order.
type Lines = &'static [(&'static str, &'static str)];

fn headers(lines: Lines) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(*name, HeaderValue::from_static(value));
    }
    headers
}

#[test]
fn the_client_is_the_nearest_address_that_is_not_trusted() {
    const XFF: &str = "x-forwarded-for";
    const RFC: &str = "forwarded";
    let trusted = nets(&["10.0.0.0/8", "fd00::/8"]);
    let rows: &[(&str, Lines, &str, &str)] = &[
        // Nobody is believed but a trusted peer.
        ("192.0.2.9:1", &[], "192.0.2.9", "192.0.2.9"),
        (
            "192.0.2.9:1",
            &[(XFF, "10.0.0.1")],
            "192.0.2.9",
            "192.0.2.9",
        ),
        (
            "192.0.2.9:1",
            &[(RFC, "for=10.0.0.1")],
            "192.0.2.9",
            "192.0.2.9",
        ),
        ("10.0.0.1:1", &[], "10.0.0.1", "10.0.0.1"),
        (
            "10.0.0.1:1",
            &[(XFF, "192.0.2.1")],
            "192.0.2.1",
            "192.0.2.1, 10.0.0.1",
        ),
        // What the client wrote itself lies to the left, and is dropped.
        (
            "10.0.0.1:1",
            &[(XFF, "127.0.0.1, 192.0.2.1")],
            "192.0.2.1",
            "192.0.2.1, 10.0.0.1",
        ),
        (
            "10.0.0.1:1",
            &[(XFF, "127.0.0.1"), (XFF, "192.0.2.1")],
            "192.0.2.1",
            "192.0.2.1, 10.0.0.1",
        ),
        (
            "10.0.0.1:1",
            &[(XFF, "127.0.0.1, 192.0.2.1, 10.0.0.3"), (XFF, "10.0.0.2")],
            "192.0.2.1",
            "192.0.2.1, 10.0.0.3, 10.0.0.2, 10.0.0.1",
        ),
        (
            "10.0.0.1:1",
            &[(XFF, "10.0.0.3, 10.0.0.2")],
            "10.0.0.3",
            "10.0.0.3, 10.0.0.2, 10.0.0.1",
        ),
        // A hop that reports no address ends the walk.
        (
            "10.0.0.1:1",
            &[(XFF, "192.0.2.1, unknown")],
            "10.0.0.1",
            "10.0.0.1",
        ),
        (
            "10.0.0.1:1",
            &[(XFF, "192.0.2.1, unknown, 10.0.0.2")],
            "10.0.0.2",
            "10.0.0.2, 10.0.0.1",
        ),
        ("10.0.0.1:1", &[(XFF, "192.0.2.1,")], "10.0.0.1", "10.0.0.1"),
        ("10.0.0.1:1", &[(XFF, "")], "10.0.0.1", "10.0.0.1"),
        (
            "10.0.0.1:1",
            &[(XFF, "192.0.2.1; DROP TABLE")],
            "10.0.0.1",
            "10.0.0.1",
        ),
        // Ports, brackets and IPv4 in IPv6 form.
        (
            "10.0.0.1:1",
            &[(XFF, "192.0.2.1:4711")],
            "192.0.2.1",
            "192.0.2.1, 10.0.0.1",
        ),
        (
            "10.0.0.1:1",
            &[(XFF, "[2001:db8::1]:4711")],
            "2001:db8::1",
            "2001:db8::1, 10.0.0.1",
        ),
        (
            "10.0.0.1:1",
            &[(XFF, "2001:db8::1")],
            "2001:db8::1",
            "2001:db8::1, 10.0.0.1",
        ),
        (
            "[::ffff:10.0.0.1]:1",
            &[(XFF, "::ffff:192.0.2.1")],
            "192.0.2.1",
            "192.0.2.1, 10.0.0.1",
        ),
        (
            "[fd00::1]:1",
            &[(XFF, "192.0.2.1")],
            "192.0.2.1",
            "192.0.2.1, fd00::1",
        ),
        // A quote left open by the client swallows nothing.
        (
            "10.0.0.1:1",
            &[(XFF, "\"x, 192.0.2.1")],
            "192.0.2.1",
            "192.0.2.1, 10.0.0.1",
        ),
        (
            "10.0.0.1:1",
            &[(RFC, "for=\"x, for=192.0.2.1")],
            "192.0.2.1",
            "192.0.2.1, 10.0.0.1",
        ),
        // RFC 7239, when there is no X-Forwarded-For.
        (
            "10.0.0.1:1",
            &[(RFC, "for=192.0.2.1")],
            "192.0.2.1",
            "192.0.2.1, 10.0.0.1",
        ),
        (
            "10.0.0.1:1",
            &[(RFC, "proto=http; For=\"[2001:db8::1]:47\";by=x")],
            "2001:db8::1",
            "2001:db8::1, 10.0.0.1",
        ),
        (
            "10.0.0.1:1",
            &[
                (RFC, "for=1.1.1.1, for=192.0.2.1;host=\"a,b\""),
                (RFC, "for=10.0.0.2"),
            ],
            "192.0.2.1",
            "192.0.2.1, 10.0.0.2, 10.0.0.1",
        ),
        (
            "10.0.0.1:1",
            &[(RFC, "for=_hidden")],
            "10.0.0.1",
            "10.0.0.1",
        ),
        (
            "10.0.0.1:1",
            &[(RFC, "for=1.1.1.1;for=192.0.2.1")],
            "10.0.0.1",
            "10.0.0.1",
        ),
        (
            "10.0.0.1:1",
            &[(RFC, "for=\"192.0.2.1")],
            "10.0.0.1",
            "10.0.0.1",
        ),
        (
            "10.0.0.1:1",
            &[(RFC, "for=1.1.1.1"), (XFF, "192.0.2.1")],
            "192.0.2.1",
            "192.0.2.1, 10.0.0.1",
        ),
    ];
    let host = Host::parse("www.example.fr").unwrap();
    for (peer, lines, client, chain) in rows {
        let mut headers = headers(lines);
        let peer = peer.parse().unwrap();
        let found = rebuild(&mut headers, peer, &host, Proto::Https, &trusted);
        let clause = clause::FORWARDED_TRUST.id;
        assert_eq!(found.to_string(), *client, "{clause}: {peer} {lines:?}");
        assert_eq!(
            headers[X_FORWARDED_FOR], *chain,
            "{clause}: {peer} {lines:?}"
        );
    }
}

#[test]
fn the_origin_is_told_the_same_facts_twice() {
    let rows = [
        (
            "192.0.2.9:1",
            "www.example.fr",
            Proto::Https,
            "443",
            "for=192.0.2.9;host=\"www.example.fr\";proto=https",
        ),
        (
            "192.0.2.9:1",
            "www.example.fr:8443",
            Proto::Https,
            "8443",
            "for=192.0.2.9;host=\"www.example.fr:8443\";proto=https",
        ),
        (
            "[2001:db8::1]:1",
            "www.example.fr",
            Proto::Http,
            "80",
            "for=\"[2001:db8::1]\";host=\"www.example.fr\";proto=http",
        ),
        (
            "192.0.2.9:1",
            "[2001:db8::2]",
            Proto::Https,
            "443",
            "for=192.0.2.9;host=\"[2001:db8::2]\";proto=https",
        ),
        (
            "[fd00::1]:1",
            "a.fr",
            Proto::Https,
            "443",
            "for=192.0.2.1, for=\"[fd00::1]\";host=\"a.fr\";proto=https",
        ),
    ];
    for (peer, host, proto, port, forwarded) in rows {
        let host = Host::parse(host).unwrap();
        let mut headers = headers(&[("x-forwarded-for", "192.0.2.1")]);
        rebuild(
            &mut headers,
            peer.parse().unwrap(),
            &host,
            proto,
            &nets(&["fd00::/8"]),
        );
        let clause = clause::FORWARDED_SYNTAX.id;
        assert_eq!(headers[FORWARDED], forwarded, "{clause}");
        assert_eq!(headers[X_FORWARDED_HOST], host.to_string(), "{clause}");
        assert_eq!(headers[X_FORWARDED_PORT], port, "{clause}");
        assert_eq!(headers[X_FORWARDED_PROTO], proto.name(), "{clause}");
        // Neither the gate's own address nor its name is told.
        assert!(
            !forwarded.contains("by="),
            "{}",
            clause::FORWARDED_PRIVACY.id
        );
    }
}

#[test]
fn every_other_claim_is_removed_whoever_sends_it() {
    let host = Host::parse("www.example.fr").unwrap();
    for peer in ["192.0.2.9:1", "10.0.0.1:1"] {
        let mut headers = HeaderMap::new();
        for name in CLAIMS.iter().chain(&[
            HeaderName::from_static("x-forwarded-server"),
            HeaderName::from_static("x-forwarded-prefix"),
            HeaderName::from_static("x-forwarded-user"),
        ]) {
            headers.append(name, HeaderValue::from_static("192.0.2.66"));
            headers.append(name, HeaderValue::from_static("192.0.2.67"));
        }
        headers.append("accept", HeaderValue::from_static("*/*"));
        rebuild(
            &mut headers,
            peer.parse().unwrap(),
            &host,
            Proto::Https,
            &nets(&["10.0.0.0/8"]),
        );
        let mut names: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        let expected = [
            "accept",
            "forwarded",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-port",
            "x-forwarded-proto",
        ];
        assert_eq!(names, expected, "{}", clause::FORWARDED_TRUST.id);
        assert_eq!(headers.len(), expected.len());
    }
}

proptest! {
    #[test]
    fn an_untrusted_peer_is_always_its_own_client(value: Vec<u8>, peer: SocketAddr) {
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_bytes(&value) {
            headers.insert(X_FORWARDED_FOR, value.clone());
            headers.insert(FORWARDED, value);
        }
        let host = Host::parse("www.example.fr").unwrap();
        let found = rebuild(&mut headers, peer, &host, Proto::Https, &[]);
        prop_assert_eq!(found, peer.ip().to_canonical());
    }

    #[test]
    fn arbitrary_fields_of_a_trusted_peer_never_panic(value in "[ -~\\t]{0,80}", peer: SocketAddr) {
        let everybody = nets(&["0.0.0.0/0", "::/0"]);
        let host = Host::parse("www.example.fr").unwrap();
        for name in [X_FORWARDED_FOR, FORWARDED] {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::try_from(value.as_str()).unwrap());
            rebuild(&mut headers, peer, &host, Proto::Https, &everybody);
        }
    }
}
