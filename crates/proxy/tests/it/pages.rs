//! Pages whose links lead back to plain HTTP, mended on their way.

use std::io::Write as _;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{HOST, Origin, Setting, World};

/// A site that wants its pages mended.
fn setting(more: &str) -> Setting {
    Setting {
        site: format!("[site.repair]\nhtml = true\n{more}"),
        ..Setting::default()
    }
}

/// An answer of the origin with a body.
fn answer(fields: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = write!(
        bytes,
        "HTTP/1.1 200 OK\r\n{fields}Content-Length: {}\r\n\r\n",
        body.len()
    );
    bytes.extend_from_slice(body);
    bytes
}

#[tokio::test]
async fn a_page_is_mended_and_everything_else_is_not() {
    let link = format!("<a href=\"http://{HOST}/in\">in</a>");
    let mended = link.replace("http:", "https:");
    for (fields, expected) in [
        ("Content-Type: text/html\r\n", &mended),
        ("Content-Type: text/html; charset=ISO-8859-1\r\n", &mended),
        ("Content-Type: text/plain\r\n", &link),
        (
            "Content-Type: text/html\r\nContent-Encoding: gzip\r\n",
            &link,
        ),
        (
            "Content-Type: text/html\r\nCache-Control: no-transform\r\n",
            &link,
        ),
    ] {
        let body = link.clone();
        let origin = Origin::answering(move |_| answer(fields, body.as_bytes())).await;
        let world = World::with(origin.address, setting("")).await;
        let found = world.get("/").await;
        assert!(found.complete, "{fields}");
        assert_eq!(String::from_utf8_lossy(&found.body), *expected, "{fields}");
        // By default nothing is mended.
        let plain = World::before(origin.address).await;
        assert_eq!(plain.get("/").await.body, link.as_bytes(), "{fields}");
    }
}

#[tokio::test]
async fn a_large_page_in_pieces_arrives_whole_with_its_trailers() {
    let row = format!("<tr><td><a href='http://{HOST}/a'>é</a></td></tr>\n");
    let page = row.repeat(20_000);
    let expected = page.replace('\'', "\"").replace("\"http://", "\"https://");
    let body = page.clone();
    let origin = Origin::answering(move |_| {
        let mut bytes = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\
                          Transfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n"
            .to_vec();
        for piece in body.as_bytes().chunks(1021) {
            let _ = write!(bytes, "{:x}\r\n", piece.len());
            bytes.extend_from_slice(piece);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"0\r\nx-sum: 7\r\n\r\n");
        bytes
    })
    .await;
    let world = World::with(origin.address, setting("")).await;
    let found = world.get("/").await;
    assert!(found.complete);
    assert!(
        found.body == expected.as_bytes(),
        "{} bytes",
        found.body.len()
    );
    // The connection to the origin serves the next page too.
    assert!(world.get("/").await.complete);
    assert_eq!(origin.connections(), 1);
}

#[tokio::test]
async fn a_page_cut_short_is_no_whole_page() {
    let origin = Origin::raw(|mut stream| async move {
        let mut request = [0; 1024];
        let _ = stream.read(&mut request).await;
        let cut = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n<p>\r\n";
        let _ = stream.write_all(cut).await;
    })
    .await;
    let world = World::with(origin.address, setting("")).await;
    assert!(!world.get("/").await.complete);
}

#[tokio::test]
async fn a_head_request_and_a_part_have_no_page() {
    let origin = Origin::answering(|request| {
        if request.line.starts_with("HEAD") {
            return b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\n"
                .to_vec();
        }
        let part = format!("<a href=\"http://{HOST}/\">");
        format!(
            "HTTP/1.1 206 Partial Content\r\nContent-Type: text/html\r\n\
             Content-Range: bytes 0-{}/99\r\nContent-Length: {}\r\n\r\n{part}",
            part.len() - 1,
            part.len()
        )
        .into_bytes()
    })
    .await;
    let world = World::with(origin.address, setting("")).await;
    let head = world
        .ask(&format!(
            "HEAD / HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
        ))
        .await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert!(head.all("content-length").is_empty());
    let part = world.get("/").await;
    assert_eq!(part.status, 206);
    assert!(part.body.starts_with(b"<a href=\"http://"));
}

#[tokio::test]
async fn pages_are_asked_for_uncompressed_only_where_the_site_says_so() {
    let origin = Origin::site().await;
    for (more, accept, expected) in [
        ("html-uncompressed = true\n", "text/html,*/*", "identity"),
        ("html-uncompressed = true\n", "image/png,*/*", "gzip, br"),
        ("", "text/html", "gzip, br"),
    ] {
        let world = World::with(origin.address, setting(more)).await;
        let request = format!(
            "GET /200 HTTP/1.1\r\nHost: {HOST}\r\nAccept: {accept}\r\nAccept-Encoding: gzip, br\r\n\r\n"
        );
        assert_eq!(world.ask(&request).await.status, 200);
        let seen = origin.seen();
        let last = seen.last().expect("a request");
        assert_eq!(last.all("accept-encoding"), [expected], "{more}{accept}");
    }
}
