use super::HostError::*;
use super::*;
use http::HeaderValue;
use proptest::prelude::*;

#[test]
fn authorities_are_read_strictly() {
    let long = "a".repeat(64);
    let longest = format!(
        "{}.fr",
        [
            "a".repeat(63),
            "b".repeat(63),
            "c".repeat(63),
            "d".repeat(59)
        ]
        .join(".")
    );
    type Parts = (&'static str, Option<u16>, bool);
    let rows: &[(&str, Result<Parts, HostError>)] = &[
        ("www.example.fr", Ok(("www.example.fr", None, false))),
        (
            "WWW.Example.FR:8443",
            Ok(("www.example.fr", Some(8443), false)),
        ),
        ("localhost:1", Ok(("localhost", Some(1), false))),
        ("my_host:65535", Ok(("my_host", Some(65535), false))),
        (
            "xn--bcher-kva.example",
            Ok(("xn--bcher-kva.example", None, false)),
        ),
        ("3com.example", Ok(("3com.example", None, false))),
        ("192.0.2.1:80", Ok(("192.0.2.1", Some(80), true))),
        ("[2001:DB8:0::1]", Ok(("2001:db8::1", None, true))),
        ("[::1]:443", Ok(("::1", Some(443), true))),
        ("", Err(Empty)),
        ("user@example.fr", Err(UserInfo)),
        ("user:secret@example.fr:80", Err(UserInfo)),
        ("example.fr, other.fr", Err(Character)),
        ("exa mple.fr", Err(Character)),
        ("example.fr/path", Err(Character)),
        ("example.fr?x", Err(Character)),
        ("ex%61mple.fr", Err(Character)),
        ("bücher.example", Err(Character)),
        ("example.fr\\@evil.example", Err(UserInfo)),
        ("*.example.fr", Err(Character)),
        ("example.fr.", Err(TrailingDot)),
        ("example.fr.:443", Err(TrailingDot)),
        (".", Err(TrailingDot)),
        (".example.fr", Err(Label)),
        ("example..fr", Err(Label)),
        ("-a.example.fr", Err(Label)),
        ("a-.example.fr", Err(Label)),
        (":80", Err(Label)),
        (long.as_str(), Err(Label)),
        (longest.as_str(), Err(Label)),
        ("127.1", Err(Address)),
        ("192.0.2.256", Err(Address)),
        ("192.0.2.01", Err(Address)),
        ("2130706433", Err(Address)),
        ("0x7f000001", Err(Address)),
        ("evil.0x", Err(Address)),
        ("[::1", Err(Address)),
        ("[127.0.0.1]", Err(Address)),
        ("[fe80::1%eth0]", Err(Address)),
        ("[v1.x]", Err(Address)),
        ("[::1]x:80", Err(Address)),
        ("::1", Err(Port)),
        ("example.fr:", Err(Port)),
        ("example.fr:0", Err(Port)),
        ("example.fr:080", Err(Port)),
        ("example.fr:+80", Err(Port)),
        ("example.fr:65536", Err(Port)),
        ("example.fr:80:80", Err(Port)),
        ("example.fr:80 ", Err(Port)),
    ];
    for (text, expected) in rows {
        let host = Host::parse(text);
        let found = host
            .as_ref()
            .map(|host| (host.name(), host.port(), host.is_ip()));
        assert_eq!(
            found,
            expected.as_ref().copied(),
            "{}: `{text}`",
            clause::ONE_HOST.id
        );
    }
}

#[test]
fn a_request_asks_for_exactly_one_host() {
    const ONE: &[&str] = &["www.example.fr"];
    let (h1, h2, h0) = (Version::HTTP_11, Version::HTTP_2, Version::HTTP_10);
    type Row = (
        &'static Clause,
        Version,
        &'static str,
        &'static [&'static str],
        Result<&'static str, HostError>,
    );
    let rows: &[Row] = &[
        (&clause::ONE_HOST, h1, "/", ONE, Ok("www.example.fr")),
        (&clause::ONE_HOST, h1, "/", &[], Err(Missing)),
        (&clause::ONE_HOST, h0, "/", &[], Err(Missing)),
        (&clause::ONE_HOST, h1, "/", &["a.fr", "a.fr"], Err(Several)),
        (&clause::ONE_HOST, h1, "/", &[""], Err(Empty)),
        (&clause::ONE_HOST, h1, "http://a.fr/", &[], Err(Missing)),
        (
            &clause::ONE_HOST,
            h1,
            "http://a.fr/",
            &["b@c"],
            Err(UserInfo),
        ),
        (&clause::ABSOLUTE_FORM, h1, "http://a.fr/", ONE, Ok("a.fr")),
        (
            &clause::ABSOLUTE_FORM,
            h1,
            "http://u@a.fr/",
            ONE,
            Err(UserInfo),
        ),
        (
            &clause::HTTP2_PSEUDO_FIELDS,
            h2,
            "https://a.fr/",
            &[],
            Ok("a.fr"),
        ),
        (
            &clause::HTTP2_PSEUDO_FIELDS,
            h2,
            "https://a.fr/",
            &["A.fr"],
            Ok("a.fr"),
        ),
        (
            &clause::HTTP2_PSEUDO_FIELDS,
            h2,
            "https://a.fr/",
            &["b.fr"],
            Err(Several),
        ),
    ];
    for (clause, version, uri, fields, expected) in rows {
        let mut headers = HeaderMap::new();
        for field in *fields {
            headers.append(HOST, HeaderValue::from_static(field));
        }
        let host = Host::of_request(*version, &uri.parse().unwrap(), &headers);
        let expected = expected.map(str::to_owned);
        assert_eq!(
            host.map(|host| host.to_string()),
            expected,
            "{}: {uri} {fields:?}",
            clause.id
        );
    }
}

#[test]
fn every_error_speaks_both_languages() {
    for error in [
        Missing,
        Several,
        Empty,
        UserInfo,
        Character,
        Label,
        TrailingDot,
        Address,
        Port,
    ] {
        assert_ne!(error.text(Language::Fr), error.text(Language::En));
    }
}

proptest! {
    #[test]
    fn what_is_read_is_written_the_same(text in "[a-zA-Z0-9_.:\\[\\]-]{0,40}") {
        if let Ok(host) = Host::parse(&text) {
            prop_assert_eq!(Host::parse(&host.to_string()), Ok(host));
        }
    }

    #[test]
    fn names_and_addresses_round_trip(name in "[a-z]{1,20}(\\.[a-z][a-z0-9]{0,9}){0,3}", address: std::net::IpAddr, port in 1u16..) {
        for bare in [name, bracketed(&address.to_string()).to_string()] {
            for text in [bare.clone(), format!("{bare}:{port}")] {
                prop_assert_eq!(Host::parse(&text).unwrap().to_string(), text);
            }
        }
    }

    #[test]
    fn arbitrary_text_never_panics(text in ".{0,300}") {
        let _ = Host::parse(&text);
        let _ = is_address(&text);
    }
}
