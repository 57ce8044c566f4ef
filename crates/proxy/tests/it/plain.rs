//! The plain listener: redirects, refusals, and nothing else.

use tokio::io::AsyncWriteExt;

use crate::support::{Answer, HOST, Origin, Setting, World};

#[tokio::test]
async fn get_and_head_go_to_the_same_place_over_https() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    let port = world.gate.https_addr().port();
    for (target, path) in [
        ("/a/b?c=d&e=%2F", "/a/b?c=d&e=%2F"),
        ("//evil.test/x", "//evil.test/x"),
        ("/", "/"),
        ("/%0d%0aX:y", "/%0d%0aX:y"),
    ] {
        let answer = world
            .ask_plain(&format!("GET {target} HTTP/1.1\r\nHost: {HOST}\r\n\r\n"))
            .await;
        assert_eq!(answer.status, 308, "{target}");
        assert_eq!(
            answer.one("location"),
            format!("https://{HOST}:{port}{path}")
        );
        assert_eq!(answer.one("connection"), "close");
        assert_eq!(answer.one("cache-control"), "no-store");
    }
    assert!(origin.seen().is_empty());
}

#[tokio::test]
async fn the_host_of_a_redirect_is_the_configured_one() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    for (line, host, status) in [
        ("GET / HTTP/1.1", "evil.test", 421),
        ("GET / HTTP/1.1", "www.example.test.evil.test", 421),
        ("GET / HTTP/1.1", "www.example.test.", 400),
        ("GET / HTTP/1.1", "user@www.example.test", 400),
        ("GET / HTTP/1.1", "www.example.test:x", 400),
        ("GET / HTTP/1.1", "", 400),
        ("GET http://evil.test/ HTTP/1.1", HOST, 421),
        ("GET / HTTP/1.1", "www.example.test\r\nHost: evil.test", 400),
        ("CONNECT www.example.test:443 HTTP/1.1", HOST, 405),
        ("TRACE / HTTP/1.1", HOST, 405),
    ] {
        let answer = world
            .ask_plain(&format!("{line}\r\nHost: {host}\r\n\r\n"))
            .await;
        assert_eq!(answer.status, status, "{line} {host}");
        assert!(answer.all("location").is_empty(), "{line} {host}");
    }
    // Written otherwise, the same name leads to the name of the policy.
    let answer = world
        .ask_plain("GET /x HTTP/1.1\r\nHost: WWW.Example.TEST:80\r\n\r\n")
        .await;
    assert!(
        answer
            .one("location")
            .starts_with("https://www.example.test:")
    );
}

#[tokio::test]
async fn credentials_in_clear_are_refused_and_the_person_is_told() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    for (line, fields, status) in [
        (
            "POST /login",
            "Content-Length: 17\r\n\r\nuser=a&password=b",
            403,
        ),
        ("PUT /x", "Content-Length: 0\r\n\r\n", 403),
        ("DELETE /x", "\r\n", 403),
        ("GET /", "Authorization: Basic YTpi\r\n\r\n", 403),
        ("OPTIONS /", "\r\n", 403),
        ("GET /", "Cookie: session=1\r\n\r\n", 308),
    ] {
        let answer = world
            .ask_plain(&format!("{line} HTTP/1.1\r\nHost: {HOST}\r\n{fields}"))
            .await;
        assert_eq!(answer.status, status, "{line}");
        let told = answer.text().contains("has just been exposed");
        assert_eq!(
            told,
            status == 403 && !line.starts_with("OPTIONS"),
            "{line}"
        );
    }
    assert!(origin.seen().is_empty());
    assert_eq!(origin.connections(), 0);
}

#[tokio::test]
async fn the_page_speaks_the_language_of_the_client() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    let answer = world
        .ask_plain(&format!(
            "POST / HTTP/1.1\r\nHost: {HOST}\r\nAccept-Language: fr\r\nContent-Length: 0\r\n\r\n"
        ))
        .await;
    assert!(answer.text().contains("vient d’être exposé"));
    let answer = world
        .ask_plain(&format!(
            "POST / HTTP/1.1\r\nHost: {HOST}\r\nAccept: application/json\r\nContent-Length: 0\r\n\r\n"
        ))
        .await;
    assert_eq!(answer.one("content-type"), "application/problem+json");
    assert!(answer.text().contains("\"status\":403"));
}

#[tokio::test]
async fn a_policy_may_refuse_instead_of_redirecting() {
    let origin = Origin::site().await;
    let world = World::with(
        origin.address,
        Setting {
            transport: "redirect = \"refuse\"",
            ..Setting::default()
        },
    )
    .await;
    let answer = world
        .ask_plain(&format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n"))
        .await;
    assert_eq!(answer.status, 403);
    assert!(answer.all("location").is_empty());
    assert!(answer.text().contains("https://"));
}

#[tokio::test]
async fn http_spoken_to_the_tls_listener_is_treated_as_plain() {
    let origin = Origin::site().await;
    let world = World::before(origin.address).await;
    let port = world.gate.https_addr().port();
    for (request, status) in [
        (
            format!("GET /x?y HTTP/1.1\r\nHost: {HOST}:{port}\r\n\r\n"),
            308,
        ),
        (
            format!("POST /x HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 3\r\n\r\na=b"),
            403,
        ),
        ("GET / HTTP/1.1\r\nHost: evil.test\r\n\r\n".to_owned(), 421),
    ] {
        let mut stream = world.tcp().await;
        stream.write_all(request.as_bytes()).await.expect("sent");
        let answer = Answer::read(&mut stream).await;
        assert_eq!(answer.status, status, "{request}");
        assert!(answer.all("strict-transport-security").is_empty());
        if status == 308 {
            assert_eq!(answer.one("location"), format!("https://{HOST}:{port}/x?y"));
        }
    }
    assert!(origin.seen().is_empty());
}
