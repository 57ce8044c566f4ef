use std::io::{Cursor, Read, Result, Write};

use super::*;
use crate::finding::Fault;
use crate::http::Trouble;
use crate::https::Refusal;
use crate::net::Silence;
use crate::tls::{Seen, Spoken, Suite, Tls, Version};
use crate::walk::{End, Hop, Walk};
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
    found.list.iter().map(|finding| finding.kind.code).collect()
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
    let finding = &found.list[0];
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
            !found.list.is_empty(),
            is_told,
            "{attributes}: {:?}",
            codes(&found)
        );
    }
}

fn tls(spoken: &[Version], unseen: &[Version], malformed: Option<Fault>) -> Tls {
    let spoken = spoken.iter().map(|version| Spoken {
        version: *version,
        suites: vec![Suite(0x1301)],
        groups: Vec::new(),
    });
    Tls {
        spoken: spoken.collect(),
        unseen: unseen.to_vec(),
        is_cut: false,
        own_order: Seen::Unknown,
        prime_bits: None,
        compression: Seen::Unknown,
        renegotiation: Seen::Unknown,
        extended_master_secret: Seen::Unknown,
        fallback: Seen::Unknown,
        serves_any_name: Seen::Unknown,
        chain: Vec::new(),
        malformed,
        silence: None,
    }
}

fn walk(url: &str, hops: Vec<Hop>, end: End) -> Walk {
    Walk {
        start: Address::parse(url).expect("an address"),
        hops,
        end,
        stopped_at: None,
        shown: None,
    }
}

#[test]
fn only_a_refusal_says_that_there_is_no_https() {
    let silent = |silence| End::Trouble(Trouble::Silence(silence));
    let all = &Version::ALL[..];
    let garbage = Some(Fault::new("pas du TLS", "no TLS"));
    let page = || vec![hop("", "")];
    for (plain, https, tls, is_accused) in [
        (page(), silent(Silence::Refused), tls(&[], all, None), true),
        (
            page(),
            End::Tls(Refusal::Silent),
            tls(&[], all, garbage),
            true,
        ),
        (page(), End::Tls(Refusal::Silent), tls(&[], &[], None), true),
        (
            page(),
            End::Tls(Refusal::Silent),
            tls(&[Version::Tls10], &[], None),
            true,
        ),
        // Nobody knows what a server speaks that was not asked to the end.
        (
            page(),
            End::Tls(Refusal::Silent),
            tls(&[], all, None),
            false,
        ),
        (
            page(),
            End::Tls(Refusal::Silent),
            tls(&[], &[Version::Tls12], None),
            false,
        ),
        (
            page(),
            End::Tls(Refusal::Certificate),
            tls(&[], &[], None),
            false,
        ),
        (
            page(),
            End::Tls(Refusal::Silent),
            tls(&[Version::Tls13], &[], None),
            false,
        ),
        (page(), silent(Silence::Slow), tls(&[], all, None), false),
        (page(), silent(Silence::Over), tls(&[], all, None), false),
        (page(), silent(Silence::Name), tls(&[], all, None), false),
        (page(), silent(Silence::Closed), tls(&[], all, None), false),
        (
            page(),
            silent(Silence::Unreachable),
            tls(&[], all, None),
            false,
        ),
        // Nothing was heard in clear either: perhaps there is no site.
        (
            Vec::new(),
            silent(Silence::Refused),
            tls(&[], all, None),
            false,
        ),
    ] {
        let plain_end = match plain.is_empty() {
            true => silent(Silence::Slow),
            false => End::Page,
        };
        let row = format!("{https:?} {:?} {:?}", tls.spoken, tls.unseen);
        let plain = walk("http://www.example.fr/", plain, plain_end);
        let https = walk("https://www.example.fr/", Vec::new(), https);
        let mut found = Found::default();
        cleartext::check(&mut found, &plain, &https, &tls);
        assert_eq!(
            codes(&found).contains(&"scan-no-https"),
            is_accused,
            "{row}"
        );
    }
}

#[test]
fn a_server_of_tls_13_alone_is_told_to_serve_any_name() {
    let mut found = Found::default();
    let at = Address::parse("www.example.fr").expect("an address");
    let tls = Tls {
        serves_any_name: Seen::Yes,
        ..tls(&[Version::Tls13], &[], None)
    };
    super::tls::check(&mut found, &at, &tls);
    assert_eq!(codes(&found), ["scan-tls-any-name"]);
}

/// The decisions of each finding of a page, by who was decided about.
fn named(html: &str) -> Vec<(&'static str, Vec<&'static str>)> {
    let (mut found, hop) = (Found::default(), hop("", html));
    pages::check(&mut found, &hop, &page::read(&hop.answer.body, None));
    let named = found.list.iter().map(|finding| {
        let who = finding.decisions.iter().map(|decision| decision.who);
        (finding.kind.code, who.collect())
    });
    named.collect()
}

#[test]
fn a_finding_names_the_decisions_of_its_own_figure() {
    let field = |attributes: &str| {
        format!(
            "<form method=post><input type=password name=p autocomplete=new-password {attributes}></form>"
        )
    };
    for (attributes, code, who) in [
        (
            "maxlength=7",
            "scan-password-max-short",
            &["Infogreffe"][..],
        ),
        (
            "maxlength=8",
            "scan-password-max-restricted",
            &["Infogreffe"],
        ),
        ("maxlength=10", "scan-password-max-restricted", &[]),
        ("maxlength=20", "scan-password-max", &[]),
        ("minlength=1", "scan-password-min-short", &["KG COM"]),
        (
            "minlength=6",
            "scan-password-min-short",
            &["Discord", "Spartoo"],
        ),
        ("minlength=7", "scan-password-min-short", &[]),
        ("minlength=8", "scan-password-min", &[]),
        // A keyboard of digits keeps no letter out.
        (
            "minlength=6 inputmode=numeric",
            "scan-password-min-short",
            &["Discord", "Spartoo"],
        ),
        ("minlength=12 inputmode=numeric", "", &[]),
        (
            "pattern=[0-9]{6,}",
            "scan-password-digits",
            &["Brico Privé"],
        ),
        ("pattern=[0-9]{15,}", "scan-password-digits", &[]),
    ] {
        let expected = (!code.is_empty()).then(|| (code, who.to_vec()));
        assert_eq!(
            named(&field(attributes)),
            Vec::from_iter(expected),
            "{attributes}"
        );
    }
}

#[test]
fn a_code_of_a_card_or_of_one_sign_in_is_no_password() {
    for field in [
        "name=cvv maxlength=3",
        "name=x autocomplete=cc-csc maxlength=4",
        "name=x autocomplete='section-pay cc-csc' maxlength=4",
        "name=card-code pattern=[0-9]{3}",
        // Nor is one that is good for one sign-in.
        "name=otp maxlength=6",
        "name=code_sms pattern=[0-9]{6}",
        "name=x autocomplete='section-a one-time-code' maxlength=6",
    ] {
        let html = format!("<form method=post action=/pay><input type=password {field}></form>");
        assert_eq!(of_page("", &html), [""; 0], "{field}");
    }
}

#[test]
fn words_to_look_for_are_nothing_about_a_person() {
    for (form, code) in [
        ("<form action=/cherche><input name=q></form>", None),
        ("<form><input type=search name=x></form>", None),
        ("<form><input name=search><input type=submit></form>", None),
        ("<form><input name=email></form>", Some("scan-clear-form")),
        (
            "<form><input name=q><input name=email></form>",
            Some("scan-clear-form"),
        ),
    ] {
        let (mut found, mut hop) = (Found::default(), hop("", form));
        hop.address.is_https = false;
        cleartext::page(&mut found, &hop, Some(&page::read(&hop.answer.body, None)));
        let told = codes(&found);
        let expected: Vec<&str> = code.into_iter().chain(["scan-clear-page"]).collect();
        assert_eq!(told, expected, "{form}");
    }
    // Over HTTPS, a form that goes to http: the same, and no decision about persons.
    let search = "<form action=http://www.example.fr/><input name=q></form>";
    assert_eq!(named(search), [("scan-form-action-clear", Vec::new())]);
    let person = "<form action=http://www.example.fr/><input name=email></form>";
    let who = vec!["Sénat", "15 mises en demeure"];
    assert_eq!(named(person), [("scan-form-action-clear", who)]);
}

#[test]
fn a_page_of_ten_thousand_fields_has_a_bounded_number_of_findings() {
    let mut html = String::new();
    for form in 0..100 {
        html.push_str(&format!("<form action=/{form}>"));
        for field in 0..100 {
            html.push_str(&format!(
                "<input type=password name=p{field} maxlength=4 autocomplete=off onpaste='return false'>"
            ));
        }
        html.push_str("</form>");
    }
    let began = std::time::Instant::now();
    let (mut found, hop) = (Found::default(), hop("", &html));
    pages::check(&mut found, &hop, &page::read(&hop.answer.body, None));
    assert_eq!(found.list.len(), 4 * 20, "{:?}", codes(&found));
    assert_eq!(found.left_out, 30_100 - 80);
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
}

/// Each thing that the preload list asks for is told where it is missing, and alone.
#[test]
fn what_keeps_a_name_from_the_preload_list_is_told() {
    let whole = "max-age=31536000; includeSubDomains; preload";
    for (field, is_sound, to, lacks) in [
        (whole, true, "https://www.example.fr/", &[][..]),
        (
            whole,
            false,
            "https://www.example.fr/",
            &["a valid certificate"],
        ),
        (
            whole,
            true,
            "https://example.fr/",
            &["a redirect of port 80 to the same name"],
        ),
        (
            whole,
            true,
            "http://www.example.fr/in",
            &["a redirect of port 80 to the same name"],
        ),
        (
            "max-age=31535999; includeSubDomains; preload",
            true,
            "https://www.example.fr/",
            &["max-age of at least one year"],
        ),
        (
            "max-age=31536000; preload",
            true,
            "https://www.example.fr/",
            &["includeSubDomains"],
        ),
        (
            "max-age=31536000; includeSubDomains",
            true,
            "https://www.example.fr/",
            &["the preload directive, to be written last"],
        ),
        ("", true, "https://www.example.fr/", &["the field itself"]),
    ] {
        let fields = match field {
            "" => String::new(),
            field => format!("Strict-Transport-Security: {field}\r\n"),
        };
        let at = |url: &str| {
            let mut hop = hop(&fields, "");
            hop.address = Address::parse(url).expect("an address");
            hop
        };
        let first = "http://www.example.fr/";
        let plain = walk(first, vec![at(first), at(to)], End::Page);
        let secure = at("https://www.example.fr/");
        let promise = hsts::check(&mut Found::default(), &secure, is_sound, Some(&plain));
        let told = promise.expect("a host with a name").preload_lacks;
        let told: Vec<_> = told
            .iter()
            .map(|lack| lack.in_language(policy::Language::En))
            .collect();
        assert_eq!(told, lacks, "{field} {is_sound} {to}");
    }
}
