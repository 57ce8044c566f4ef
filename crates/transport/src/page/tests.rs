//! Pages before and after, whole and in pieces.

use policy::site::Scheme;
use proptest::prelude::*;

use super::*;

fn place() -> Place {
    Place {
        names: vec!["www.example.fr".to_owned(), "example.fr".to_owned()],
        upstreams: vec![Upstream::new(Scheme::Http, "127.0.0.1", 8080)],
        https_port: 443,
        http_port: Some(80),
    }
}

fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(*name, HeaderValue::from_static(value));
    }
    headers
}

/// A page in pieces of some size.
fn rewrite(page: &[u8], content_type: &'static str, size: usize) -> Vec<u8> {
    let mut headers = headers(&[("content-type", content_type)]);
    let mut rewriting = Page::start(&mut headers, Some(place()), None).expect("a page");
    let mut out = Vec::new();
    for piece in page.chunks(size) {
        out.extend(rewriting.write(piece));
    }
    out.extend(rewriting.end());
    out
}

#[test]
fn addresses_of_this_site_and_nothing_else() {
    for (before, after) in [
        (
            "<a href=http://www.example.fr/a?u=http://www.example.fr/>x</a>",
            "<a href=\"https://www.example.fr/a?u=http://www.example.fr/\">x</a>",
        ),
        (
            "<form action='HTTP://EXAMPLE.fr:8080/in' method=post>",
            "<form action=\"https://example.fr/in\" method=post>",
        ),
        (
            "<img src=\" http://127.0.0.1:8080/i.png\" alt=\"a &amp; b\">",
            "<img src=\"https://www.example.fr/i.png\" alt=\"a &amp; b\">",
        ),
        (
            "<img srcset=\"http://example.fr/1.png 1x, /2.png 2x,http://example.fr/3.png 3x\">",
            "<img srcset=\"https://example.fr/1.png 1x, /2.png 2x,https://example.fr/3.png 3x\">",
        ),
        (
            "<p style=\"background:url('http://example.fr/b.png')\">",
            "<p style=\"background:url('https://example.fr/b.png')\">",
        ),
        (
            "<meta http-equiv=Refresh content='3; url=http://www.example.fr/next'>",
            "<meta http-equiv=Refresh content=\"3; url=https://www.example.fr/next\">",
        ),
        (
            "<svg><use xlink:href='http://example.fr/s.svg#a'/></svg>",
            "<svg><use xlink:href=\"https://example.fr/s.svg#a\" /></svg>",
        ),
        (
            "<a href=\"http://example.fr/?q=&quot;&amp;r\">",
            "<a href=\"https://example.fr/?q=&quot;&amp;r\">",
        ),
    ] {
        for size in [1, 7, 4096] {
            let found = rewrite(before.as_bytes(), "text/html; charset=utf-8", size);
            assert_eq!(String::from_utf8_lossy(&found), after, "pieces of {size}");
        }
    }
}

#[test]
fn what_is_not_surely_this_site_passes_byte_for_byte() {
    for page in [
        "<a href='http://other.example/'>http://www.example.fr/</a>",
        "<a href=http://www.example.fr:3000/><a href=https://www.example.fr/><a href=/a>",
        "<script>location='http://www.example.fr/'</script>",
        "<!-- <a href=http://www.example.fr/> --><textarea><a href=http://www.example.fr/></textarea>",
        "<a href=http://www.example.fr.evil.example/><a href=\"http://www.example.fr@evil.example/\">",
        "<a title=http://www.example.fr/ data-x=http://www.example.fr/>",
        "<meta name=refresh content='3; url=http://www.example.fr/'>",
        "<a href=\"https://t.example/?u=http://www.example.fr/\">",
        "<p style='background:url(http://other.example/?(http://www.example.fr/)'",
        "<a href='http://www.example.fr",
    ] {
        let found = rewrite(page.as_bytes(), "text/html", 4096);
        assert_eq!(String::from_utf8_lossy(&found), page);
    }
}

#[test]
fn other_charsets_keep_their_bytes() {
    // é in Latin-1, in an attribute that changes and in text that does not.
    let page = b"<a title=\xe9 href=http://example.fr/\xe9>\xe9</a>";
    let expected = b"<a title=\xe9 href=\"https://example.fr/\xe9\">\xe9</a>";
    assert_eq!(
        rewrite(page, "text/html; charset=\"ISO-8859-1\"", 3),
        expected
    );
    assert_eq!(rewrite(page, "text/html", 3), expected);
}

#[test]
fn only_pages_that_may_be_changed_are() {
    for (lines, changed) in [
        (&[("content-type", "text/html")][..], true),
        (
            &[("content-type", "application/xhtml+xml; charset=utf-8")],
            true,
        ),
        (
            &[
                ("content-type", "text/html"),
                ("content-encoding", "identity"),
            ],
            true,
        ),
        (
            &[("content-type", "text/html"), ("content-encoding", "gzip")],
            false,
        ),
        (
            &[
                ("content-type", "text/html"),
                ("cache-control", "private, no-transform"),
            ],
            false,
        ),
        (&[("content-type", "text/html; charset=utf-16le")], false),
        (&[("content-type", "text/plain")], false),
        (&[], false),
    ] {
        let before = headers(lines);
        let mut after = before.clone();
        assert_eq!(
            Page::start(&mut after, Some(place()), None).is_some(),
            changed,
            "{lines:?}"
        );
        assert!(changed || after == before, "{lines:?}");
    }
}

#[test]
fn the_head_says_that_the_page_is_not_the_origin_s() {
    let mut found = headers(&[
        ("content-type", "text/html"),
        ("content-length", "10"),
        ("accept-ranges", "bytes"),
        ("etag", "\"a\""),
    ]);
    assert!(Page::start(&mut found, Some(place()), None).is_some());
    assert_eq!(
        found,
        headers(&[("content-type", "text/html"), ("etag", "W/\"a\"")])
    );
}

#[test]
fn a_page_too_large_to_hold_passes_on_unchanged() {
    let mut page = b"<a href=http://example.fr/>1</a><a title='".to_vec();
    page.resize(page.len() + 3 * MEMORY, b'x');
    page.extend_from_slice(b"'><a href=http://example.fr/>2</a>");
    let found = rewrite(&page, "text/html", 8192);
    assert!(found.starts_with(b"<a href=\"https://example.fr/\">1</a>"));
    assert_eq!(
        found.len(),
        page.len() + 3,
        "one address gained an s and quotes"
    );
    assert!(found.ends_with(b"'><a href=http://example.fr/>2</a>"));
}

proptest! {
    #[test]
    fn bytes_without_this_site_never_change(page: Vec<u8>, size in 1_usize..64) {
        prop_assert_eq!(rewrite(&page, "text/html", size), page);
    }

    #[test]
    fn pieces_do_not_matter(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "<a href='http://example.fr/x'>", "</a>", "text", "<", ">", "'", "\"", "=",
                "<!--", "-->", "<script>", "</script>", "<style>", "</style>", "<svg>", "<p ",
                "style=\"", "http://example.fr/", "\u{e9}", "&amp;",
            ]),
            0..40,
        ),
        size in 1_usize..16,
    ) {
        let page = parts.concat();
        let whole = rewrite(page.as_bytes(), "text/html; charset=utf-8", usize::MAX);
        prop_assert_eq!(rewrite(page.as_bytes(), "text/html; charset=utf-8", size), whole);
    }
}
