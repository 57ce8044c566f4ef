use axum::body::Body;
use axum::response::IntoResponse;

use super::*;
use crate::store;

fn accounts(more: &str) -> Accounts {
    let text = format!("version = 1\nlanguage = \"fr\"\n{more}");
    let loaded = policy::load(&text)
        .unwrap_or_else(|report| panic!("{}", report.render("test", &text, Language::En, false)));
    Accounts::new(
        Login::new(&loaded).expect("a login flow"),
        store::Memory::new(),
    )
}

/// What a handler sees of a request with these fields from this peer.
async fn seen(accounts: &Accounts, peer: &str, fields: &[(&str, &str)]) -> Client {
    let peer: IpAddr = peer.parse().expect("an address");
    let mut request = Request::builder();
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let (mut parts, _) = request.body(()).expect("a request").into_parts();
    let peer = SocketAddr::new(peer, 50_000);
    parts.extensions.insert(ConnectInfo(peer));
    let client = Client::from_request_parts(&mut parts, accounts).await;
    client.expect("a client")
}

#[tokio::test]
async fn a_source_is_what_trusted_proxies_say_and_no_more() {
    let near = accounts("");
    let far = accounts("[transport]\ntrusted-proxies = [\"10.0.0.0/8\"]\n");
    let rows: [(&Accounts, &str, &[&str], &str); 18] = [
        // A stranger may write what he likes.
        (&near, "192.0.2.1", &["203.0.113.9"], "192.0.2.1"),
        (&near, "192.0.2.1", &[], "192.0.2.1"),
        // The gate on this machine says who came; what came with him is his own word.
        (&near, "127.0.0.1", &["203.0.113.9"], "203.0.113.9"),
        (&near, "::1", &["198.51.100.7, 203.0.113.9"], "203.0.113.9"),
        (
            &near,
            "::ffff:127.0.0.1",
            &["198.51.100.7", "203.0.113.9"],
            "203.0.113.9",
        ),
        (
            &near,
            "127.0.0.1",
            &["127.0.0.1, 203.0.113.9"],
            "203.0.113.9",
        ),
        (&near, "127.0.0.1", &["::ffff:203.0.113.9"], "203.0.113.9"),
        // Several proxies of ours, one behind the other.
        (
            &far,
            "127.0.0.1",
            &["1.1.1.1, 203.0.113.9, 10.1.2.3"],
            "203.0.113.9",
        ),
        (&far, "10.1.2.3", &["1.1.1.1, 203.0.113.9"], "203.0.113.9"),
        (&far, "11.1.2.3", &["203.0.113.9"], "11.1.2.3"),
        // Some proxies write the port, or brackets.
        (&near, "127.0.0.1", &["203.0.113.9:5678"], "203.0.113.9"),
        (&near, "127.0.0.1", &["[2001:db8::9]:5678"], "2001:db8::9"),
        (&near, "127.0.0.1", &["[2001:db8::9]"], "2001:db8::9"),
        (
            &far,
            "127.0.0.1",
            &["203.0.113.9:1, 10.1.2.3:2"],
            "203.0.113.9",
        ),
        (&near, "127.0.0.1", &["203.0.113.9:x"], "127.0.0.1"),
        (&near, "127.0.0.1", &["[203.0.113.9]"], "127.0.0.1"),
        // What cannot be read ends what is believed.
        (&near, "127.0.0.1", &["203.0.113.9, unknown"], "127.0.0.1"),
        (&far, "127.0.0.1", &["203.0.113.9, , 10.1.2.3"], "10.1.2.3"),
    ];
    for (accounts, peer, lines, expected) in rows {
        let fields: Vec<_> = lines
            .iter()
            .map(|line| ("x-forwarded-for", *line))
            .collect();
        let client = seen(accounts, peer, &fields).await;
        assert_eq!(client.source().to_string(), expected, "{peer} {lines:?}");
        assert_eq!(client.visitor("ana").source, Some(client.source()));
    }
}

#[tokio::test]
async fn a_server_that_does_not_tell_the_peer_is_told_so() {
    let (mut parts, ()) = Request::new(()).into_parts();
    let client = Client::from_request_parts(&mut parts, &accounts("")).await;
    assert_eq!(client.err().expect("refused").into_response().status(), 500);
}

#[tokio::test]
async fn the_cookie_and_the_language_are_read() {
    let accounts = accounts("");
    let device = |client: Client| client.visitor("ana").device.map(str::to_owned);
    let name = DeviceCookie::NAME;
    for (cookie, expected) in [
        (format!("a=b; {name}=x.y"), Some("x.y")),
        (format!("{name}=x=y"), Some("x=y")),
        (format!("x{name}=x.y; other={name}"), None),
        (String::new(), None),
    ] {
        let client = seen(&accounts, "::1", &[("cookie", &cookie)]).await;
        assert_eq!(device(client).as_deref(), expected, "{cookie}");
    }
    for (asked, expected) in [
        ("en", Language::En),
        ("en-GB,fr;q=0.5", Language::En),
        ("de, fr;q=0.4, EN-us;q=0.8", Language::En),
        ("fr, en", Language::Fr),
        ("en;q=0", Language::Fr),
        ("eng, de", Language::Fr),
        ("", Language::Fr),
    ] {
        let client = seen(&accounts, "::1", &[("accept-language", asked)]).await;
        assert_eq!(client.language(), expected, "{asked}");
    }
}

#[test]
fn forms_of_other_sites_are_turned_away() {
    let (host, near) = (("host", "example.fr"), ("host", "localhost:3000"));
    for (method, fields, allowed) in [
        ("POST", &[host, ("origin", "https://example.fr")][..], true),
        ("POST", &[host, ("origin", "https://evil.example")], false),
        (
            "POST",
            &[host, ("origin", "https://example.fr.evil.example")],
            false,
        ),
        ("POST", &[host, ("origin", "null")], false),
        // Whoever is between writes into a page in plain HTTP what he likes.
        ("POST", &[host, ("origin", "http://example.fr")], false),
        ("POST", &[host, ("origin", "ftp://example.fr")], false),
        ("POST", &[near, ("origin", "http://localhost:3000")], true),
        ("POST", &[near, ("origin", "http://localhost:4000")], false),
        (
            "POST",
            &[("host", "[::1]:3000"), ("origin", "http://[::1]:3000")],
            true,
        ),
        (
            "POST",
            &[("host", "127.0.0.1"), ("origin", "http://127.0.0.1")],
            true,
        ),
        ("TRACE", &[host, ("sec-fetch-site", "cross-site")], false),
        ("HEAD", &[host, ("sec-fetch-site", "cross-site")], true),
        ("POST", &[host, ("origin", "")], false),
        ("POST", &[host], true),
        ("POST", &[host, ("sec-fetch-site", "same-origin")], true),
        ("POST", &[host, ("sec-fetch-site", "none")], true),
        ("POST", &[host, ("sec-fetch-site", "same-site")], false),
        ("POST", &[host, ("sec-fetch-site", "cross-site")], false),
        ("GET", &[host, ("sec-fetch-site", "cross-site")], true),
        ("GET", &[host, ("origin", "https://evil.example")], true),
    ] {
        let mut request = Request::builder().method(method).uri("/");
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).expect("a request");
        assert_eq!(is_welcome(&request), allowed, "{method} {fields:?}");
    }
}

#[tokio::test]
async fn a_device_cookie_joins_the_other_cookies_of_a_response() {
    let accounts = accounts(
        "[hash]\nmemory = \"64 KiB\"\niterations = 1\n[[deviation]]\n\
        clause = \"asvs-hash-cost\"\nreason = \"tests count hashes, not time\"\n",
    );
    let visitor = Visitor::new("ana@example.fr");
    let typed = b"9fK!r2Vq#tZ7".to_vec();
    let made = accounts.create(&visitor, typed.clone(), &[]).await;
    assert!(matches!(made, Ok(crate::accounts::Create::Done(_))));
    let Ok(crate::accounts::SignIn::Yes(signed_in)) = accounts.sign_in(&visitor, typed).await
    else {
        panic!("the right password");
    };
    let text = signed_in
        .device
        .as_ref()
        .expect("a cookie")
        .as_str()
        .to_owned();
    let session = [(header::SET_COOKIE, "session=1")];
    let response = (session, signed_in.device, "welcome").into_response();
    let cookies: Vec<_> = response
        .headers()
        .get_all(header::SET_COOKIE)
        .iter()
        .collect();
    assert_eq!(cookies.len(), 2);
    let device = cookies[1].to_str().expect("ASCII");
    assert!(
        device.starts_with(&format!("{}={text}; Max-Age=", DeviceCookie::NAME)),
        "{device}"
    );
    let client = seen(&accounts, "::1", &[("cookie", device)]).await;
    assert_eq!(client.visitor("").device, Some(text.as_str()));
}
