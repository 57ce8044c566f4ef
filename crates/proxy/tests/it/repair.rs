//! What the gate adds to an origin's answers, and the redirects that it does not pass on.

use crate::support::{HOST, Origin, Setting, World};

/// An origin with one fixed answer, and a gate with these tables of its site.
async fn world(answer: String, site: &str) -> World {
    let origin = Origin::answering(move |_| answer.clone().into_bytes()).await;
    let setting = Setting {
        site: site.to_owned(),
        ..Setting::default()
    };
    World::with(origin.address, setting).await
}

#[tokio::test]
async fn security_fields_are_added_and_cookies_follow_their_rules() {
    let answer = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nReferrer-Policy: no-referrer\r\n\
                  Set-Cookie: PHPSESSID=x; Expires=Wed, 21 Oct 2026 07:28:00 GMT\r\n\
                  Set-Cookie: lang=fr; SameSite=None\r\nContent-Length: 0\r\n\r\n";
    let site = "[[site.repair.cookie]]\nname = \"lang\"\nsame-site = \"lax\"\n\
                [site.headers]\ncontent-security-policy-report-only = \"img-src 'self'\"\n";
    let answer = world(answer.to_owned(), site).await.get("/").await;
    assert_eq!(answer.one("x-content-type-options"), "nosniff");
    assert_eq!(answer.one("referrer-policy"), "no-referrer");
    assert_eq!(answer.one("x-frame-options"), "SAMEORIGIN");
    assert_eq!(
        answer.one("content-security-policy-report-only"),
        "img-src 'self'"
    );
    assert_eq!(
        answer.all("content-security-policy"),
        ["upgrade-insecure-requests; frame-ancestors 'self'"]
    );
    assert_eq!(
        answer.all("set-cookie"),
        [
            "PHPSESSID=x; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Secure; HttpOnly",
            "lang=fr; SameSite=None; Secure; HttpOnly",
        ]
    );
}

#[tokio::test]
async fn a_redirect_to_the_same_address_is_stopped_with_the_fix() {
    // Of an origin that sends to https, and of one that sends to what it believes is itself.
    for scheme in ["https", "http"] {
        let answer = format!(
            "HTTP/1.1 301 Moved Permanently\r\nLocation: {scheme}://{HOST}/a?b\r\n\
             Content-Length: 0\r\n\r\n"
        );
        let world = world(answer, "").await;
        let answer = world.get("/a?b").await;
        assert_eq!(answer.status, 502, "{scheme}");
        assert!(answer.all("location").is_empty());
        let page = answer.text();
        assert!(page.contains("X-Forwarded-Proto: https"), "{page}");
        assert!(page.contains("The site redirects for ever"), "{page}");
        assert!(page.contains("Le site redirige sans fin"), "{page}");
        let line = world.log_lines(1).await.remove(0);
        assert!(line.contains("does not read X-Forwarded-Proto"), "{line}");
        // Another page is a redirect like any other.
        assert_eq!(world.get("/a").await.status, 301);
    }
}

#[tokio::test]
async fn a_redirect_to_the_same_address_passes_where_it_may_end_or_the_site_says_so() {
    let location = format!("Location: https://{HOST}/\r\nContent-Length: 0\r\n");
    let cookie = format!("HTTP/1.1 302 Found\r\nSet-Cookie: seen=1\r\n{location}\r\n");
    let world_of_cookies = world(cookie, "").await;
    assert_eq!(world_of_cookies.get("/").await.status, 302);
    let back = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\nCookie: a=b; seen=1\r\n\r\n");
    assert_eq!(world_of_cookies.ask(&back).await.status, 502);
    let post = format!("POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 0\r\n\r\n");

    let plain = format!("HTTP/1.1 302 Found\r\n{location}\r\n");
    assert_eq!(world(plain.clone(), "").await.ask(&post).await.status, 302);
    let passing = world(plain, "[site.repair]\nstop-loops = false\n").await;
    assert_eq!(passing.get("/").await.status, 302);
}
