use http::HeaderValue;
use policy::clause;
use proptest::prelude::*;

use super::*;

/// Field lines, in order.
type Lines<'a> = &'a [(&'static str, &'static str)];

fn headers(lines: Lines<'_>) -> HeaderMap {
    lines
        .iter()
        .map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        })
        .fold(HeaderMap::new(), |mut headers, (name, value)| {
            headers.append(name, value);
            headers
        })
}

#[test]
fn fields_of_one_hop_are_removed() {
    let rows: &[(Lines, Lines)] = &[
        (&[("connection", "close")], &[]),
        (
            &[
                ("connection", "x-one, X-Two"),
                ("x-one", "1"),
                ("x-two", "2"),
                ("x-three", "3"),
            ],
            &[("x-three", "3")],
        ),
        // A second line counts as much as the first.
        (
            &[
                ("connection", "x-one"),
                ("connection", "X-TWO"),
                ("x-one", "1"),
                ("x-two", "2"),
            ],
            &[],
        ),
        // All lines of a named field go.
        (
            &[("connection", "x-one"), ("x-one", "1"), ("x-one", "2")],
            &[],
        ),
        (&[("connection", " ,x-one,, \t,"), ("x-one", "1")], &[]),
        // What is no field name hides nothing that follows it.
        (&[("connection", "a b, \"x\", x-one"), ("x-one", "1")], &[]),
        (
            &[
                ("proxy-connection", "keep-alive"),
                ("keep-alive", "timeout=5"),
                ("te", "trailers"),
                ("transfer-encoding", "chunked"),
                ("upgrade", "websocket"),
                ("proxy-authenticate", "Basic"),
                ("proxy-authorization", "Basic eA=="),
                ("proxy-authentication-info", "x"),
                ("trailer", "x-sum"),
                ("accept", "*/*"),
            ],
            &[("trailer", "x-sum"), ("accept", "*/*")],
        ),
        (
            &[
                (
                    "connection",
                    "host, cookie, authorization, content-length, forwarded",
                ),
                (
                    "connection",
                    "X-Forwarded-For, X-Real-IP, x-rempart-verdict, Origin",
                ),
                ("host", "www.example.fr"),
                ("cookie", "a=b"),
                ("authorization", "Basic eA=="),
                ("content-length", "3"),
                ("forwarded", "for=192.0.2.1"),
                ("x-forwarded-for", "192.0.2.1"),
                ("x-real-ip", "192.0.2.1"),
                ("x-rempart-verdict", "weak"),
                ("origin", "https://www.example.fr"),
            ],
            &[
                ("host", "www.example.fr"),
                ("cookie", "a=b"),
                ("authorization", "Basic eA=="),
                ("content-length", "3"),
                ("forwarded", "for=192.0.2.1"),
                ("x-forwarded-for", "192.0.2.1"),
                ("x-real-ip", "192.0.2.1"),
                ("x-rempart-verdict", "weak"),
                ("origin", "https://www.example.fr"),
            ],
        ),
        (
            &[
                ("connection", "set-cookie, strict-transport-security"),
                ("set-cookie", "a=b"),
                ("strict-transport-security", "max-age=300"),
            ],
            &[
                ("set-cookie", "a=b"),
                ("strict-transport-security", "max-age=300"),
            ],
        ),
    ];
    for (before, after) in rows {
        let mut found = headers(before);
        strip_hop_by_hop(&mut found);
        assert_eq!(
            found,
            headers(after),
            "{}: {before:?}",
            clause::HOP_BY_HOP.id
        );
    }
}

#[test]
fn te_tells_whether_trailers_may_be_sent() {
    for (lines, accepts) in [
        (&[("te", "trailers")][..], true),
        (&[("te", "deflate;q=0.5, Trailers")], true),
        (&[("te", "gzip"), ("te", "trailers;q=0")], true),
        (&[("te", "x-trailers")], false),
        (&[], false),
    ] {
        assert_eq!(
            accepts_trailers(&headers(lines)),
            accepts,
            "{}: {lines:?}",
            clause::TRAILERS.id
        );
    }
}

#[test]
fn trailers_carry_neither_framing_nor_identity() {
    let mut trailers = headers(&[
        ("x-sum", "1"),
        ("grpc-status", "0"),
        ("content-length", "5"),
        ("transfer-encoding", "chunked"),
        ("host", "evil.example"),
        ("authorization", "Basic eA=="),
        ("set-cookie", "a=b"),
        ("strict-transport-security", "max-age=0"),
        ("trailer", "x"),
        ("x-rempart-verdict", "ok"),
        ("x_sum", "2"),
    ]);
    sanitise_trailers(&mut trailers);
    let kept = headers(&[("x-sum", "1"), ("grpc-status", "0")]);
    assert_eq!(trailers, kept, "{}", clause::TRAILERS.id);
}

#[test]
fn what_no_client_may_send_through_is_dropped() {
    let mut request = headers(&[
        ("cookie", "a=1"),
        ("proxy", "http://evil.example"),
        ("early-data", "1"),
        ("cookie", "b=2"),
        ("x-rempart-verdict", "weak"),
        ("client-cert", ":AAAA:"),
        ("client-cert-chain", ":AAAA:"),
        ("x-ssl-client-verify", "SUCCESS"),
        ("x-rempartition", "kept"),
        ("accept", "*/*"),
    ]);
    sanitise_request(&mut request).unwrap();
    let kept = headers(&[
        ("cookie", "a=1"),
        ("cookie", "b=2"),
        ("x-rempartition", "kept"),
        ("accept", "*/*"),
    ]);
    let clauses = [clause::REMPART_HTTPOXY.id, clause::TLS_NO_EARLY_DATA.id];
    assert_eq!(request, kept, "{clauses:?}");
}

#[test]
fn names_that_cgi_would_fold_are_refused() {
    for (name, ambiguous) in [
        ("x_forwarded_for", true),
        ("content_length", true),
        ("x.forwarded.for", true),
        ("_", true),
        ("x-forwarded-for", false),
        ("dnt", false),
    ] {
        let clause = clause::REMPART_NAME_GUARD.id;
        assert_eq!(is_cgi_ambiguous(name), ambiguous, "{clause}: {name}");
        let mut request = headers(&[("accept", "*/*"), (name, "1")]);
        let fault = sanitise_request(&mut request).err();
        let expected = ambiguous.then(|| HeaderFault::Ambiguous(HeaderName::from_static(name)));
        assert_eq!(fault, expected, "{clause}: {name}");
        if let Some(fault) = fault {
            assert_eq!(fault.clause().id, clause);
            assert_ne!(fault.text(Language::Fr), fault.text(Language::En));
        }
    }
}

proptest! {
    #[test]
    fn stripping_twice_is_stripping_once(
        lines in proptest::collection::vec(("(connection|te|upgrade|host|x-[a-c]|x_a)", any::<Vec<u8>>()), 0..12),
        options in "[a-cx, -]{0,20}",
    ) {
        let mut once = HeaderMap::new();
        for (name, value) in lines {
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                once.append(HeaderName::try_from(name).unwrap(), value);
            }
        }
        once.append(CONNECTION, HeaderValue::try_from(options).unwrap());
        strip_hop_by_hop(&mut once);
        let mut twice = once.clone();
        strip_hop_by_hop(&mut twice);
        prop_assert_eq!(&twice, &once);
        sanitise_trailers(&mut twice);
        let _ = sanitise_request(&mut once);
    }
}
