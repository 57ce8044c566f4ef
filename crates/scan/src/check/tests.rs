use std::io::{Cursor, Read, Result, Write};

use super::*;
use crate::walk::Hop;
use crate::{http, page};

/// A server that has said everything.
struct Server(Cursor<String>);

impl Read for Server {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize> {
        self.0.read(bytes)
    }
}

impl Write for Server {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

fn hop(fields: &str, body: &str) -> Hop {
    let says = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{fields}\r\n{body}");
    let mut server = Server(Cursor::new(says));
    Hop {
        address: Address::parse("https://www.example.fr/").expect("an address"),
        answer: http::ask(&mut server, "www.example.fr", "/").expect("an answer"),
    }
}

fn codes(found: &Found) -> Vec<&'static str> {
    found.0.iter().map(|finding| finding.kind.code).collect()
}

/// The findings of a page.
fn of_page(fields: &str, html: &str) -> Vec<&'static str> {
    let (mut found, hop) = (Found::default(), hop(fields, html));
    let page = page::read(&hop.answer.body, None);
    pages::check(&mut found, &hop, &page);
    codes(&found)
}

#[test]
fn nothing_that_a_server_writes_steers_a_report() {
    for sign in [
        '\0',
        '\u{1b}',
        '\n',
        '\u{9b}',
        '\u{ad}',
        '\u{200b}',
        '\u{200e}',
        '\u{2028}',
        '\u{2029}',
        '\u{202a}',
        '\u{202e}',
        '\u{2066}',
        '\u{2069}',
        '\u{feff}',
        '\u{fdd0}',
        '\u{fffe}',
        '\u{ffff}',
        '\u{1fffe}',
        '\u{10ffff}',
        '\u{e0041}',
    ] {
        assert_eq!(shown(&format!("a{sign}b")), "a\u{fffd}b", "{sign:?}");
    }
    for text in ["Société Éàç", "日本 \u{5d0} \u{1f600}", "\u{fffd}", "a b"] {
        assert_eq!(shown(text), text);
    }
    assert_eq!(shown(&"x".repeat(400)).chars().count(), 301);

    let mut found = Found::default();
    let at = Address::parse("www.example.fr").expect("an address");
    found.add(
        &crate::kind::SLOW,
        "a\u{202e}",
        &at,
        Text::new("b\u{2066}", "c\u{ffff}"),
    );
    let finding = &found.0[0];
    assert_eq!(finding.place, "a\u{fffd}");
    assert_eq!(finding.proof, Text::new("b\u{fffd}", "c\u{fffd}"));
}

#[test]
fn a_page_that_upgrades_what_it_loads_is_not_mixed() {
    let meta = "<meta http-equiv=content-security-policy content=upgrade-insecure-requests>";
    let load = "<script src=http://www.example.fr/x.js></script>";
    for (fields, html, is_mixed) in [
        ("", load.to_owned(), true),
        ("", format!("{meta}{load}"), false),
        (
            "Content-Security-Policy: upgrade-insecure-requests\r\n",
            load.to_owned(),
            false,
        ),
        (
            "Content-Security-Policy: img-src *\r\nContent-Security-Policy: a b; Upgrade-Insecure-Requests\r\n",
            load.to_owned(),
            false,
        ),
        (
            "Content-Security-Policy: report-uri /upgrade-insecure-requests\r\n",
            load.to_owned(),
            true,
        ),
        (
            "Content-Security-Policy-Report-Only: upgrade-insecure-requests\r\n",
            load.to_owned(),
            true,
        ),
    ] {
        let mixed = of_page(fields, &html).contains(&"scan-mixed-content");
        assert_eq!(mixed, is_mixed, "{fields}{html}");
    }
}

#[test]
fn a_maximum_is_as_grave_as_what_it_leaves_possible() {
    for (max, code) in [
        (1, Some("scan-password-max-short")),
        (7, Some("scan-password-max-short")),
        (8, Some("scan-password-max-restricted")),
        (11, Some("scan-password-max-restricted")),
        (12, Some("scan-password-max")),
        (49, Some("scan-password-max")),
        (50, None),
    ] {
        let html = format!("<form method=post><input type=password name=p maxlength={max}></form>");
        assert_eq!(of_page("", &html), Vec::from_iter(code), "{max}");
        let html = format!(
            "<form method=post><input type=password name=p></form>Mot de passe : {max} caractères maximum"
        );
        assert_eq!(of_page("", &html), Vec::from_iter(code), "{max}, in words");
    }
}

#[test]
fn a_field_elsewhere_on_the_page_lends_no_digits_to_the_password() {
    let html = "<form method=post><label>Mot de passe <input type=password name=p></label>
        <label>Téléphone (10 chiffres) <input name=t></label></form>";
    assert_eq!(of_page("", html), [""; 0]);
}

#[test]
fn cookies_that_are_taken_away_need_no_care() {
    for (attributes, is_told) in [
        ("", true),
        ("; Expires=Thu, 01 Jan 1970 00:00:00 GMT", false),
        ("; expires=Thu, 01-Jan-1970 00:00:01 GMT; path=/", false),
        ("; Expires=Wed, 21 Oct 2037 07:28:00 GMT", true),
        ("; Expires=soon", true),
        ("; Max-Age=0", false),
        ("; Max-Age=-1", false),
        // Max-Age goes before Expires.
        ("; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", true),
        ("; Max-Age=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT", false),
    ] {
        let mut found = Found::default();
        let hop = hop(&format!("Set-Cookie: a=b{attributes}\r\n"), "");
        cookies::check(&mut found, &hop, 1_764_000_000);
        assert_eq!(
            !found.0.is_empty(),
            is_told,
            "{attributes}: {:?}",
            codes(&found)
        );
    }
}
