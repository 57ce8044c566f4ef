//! Every kind: its code, its texts, its line.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use jiff::Timestamp;
use policy::Language;
use proptest::prelude::*;
use serde_json::json;

use super::examples::{account, events, kinds};
use super::{asked, at};
use crate::{Code, Entry, Event, Findings, Kind, LONGEST, Scope, SiteName, Word, line};

const LANGUAGES: [Language; 2] = [Language::Fr, Language::En];

fn line_of(event: &Event) -> String {
    let mut line = String::new();
    line::write(&mut line, 7, event);
    line
}

#[test]
fn every_code_has_an_example() {
    let examples: Vec<Code> = kinds().iter().map(Kind::code).collect();
    assert_eq!(examples, Code::ALL);
}

#[test]
fn codes_are_unique_kebab_case_and_told_in_both_languages() {
    let mut names = BTreeSet::new();
    let mut texts = BTreeSet::new();
    for &code in Code::ALL {
        let name = code.name();
        assert!(names.insert(name), "{name} twice");
        assert!(
            name.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
                && !name.starts_with('-')
                && !name.ends_with('-'),
            "{name}"
        );
        assert_eq!(Code::parse(name), Some(code));
        for language in LANGUAGES {
            let text = code.text(language);
            assert!(
                text.ends_with('.') && !text.contains('\n'),
                "{name}: {text}"
            );
            assert!(texts.insert(text), "{name}: {text} twice");
        }
    }
    assert_eq!(Code::parse("no-such-code"), None);
}

#[test]
fn every_event_is_one_line_in_both_languages() {
    for event in events() {
        let [fr, en] = LANGUAGES.map(|language| event.text(language));
        for text in [&fr, &en] {
            assert!(!text.contains(['\n', '{', '"']), "{text}");
        }
        assert_ne!(fr, en);
        assert!(fr.starts_with(event.code().text(Language::Fr)), "{fr}");
        assert!(en.starts_with(event.code().text(Language::En)), "{en}");
    }
}

#[test]
fn texts_name_what_is_known() {
    let event = Event::new(
        at("2026-11-24T22:05:04Z"),
        Kind::SignInDelayed {
            account: None,
            scope: Scope::Source,
            wait: Duration::from_millis(7001),
        },
    )
    .from(IpAddr::from([192, 0, 2, 1]));
    assert_eq!(
        event.text(Language::Fr),
        "Tentative refusée avant la fin du délai. (compteur : source ; source : 192.0.2.1 ; attente : 8 s)"
    );
    assert_eq!(
        event.text(Language::En),
        "Attempt refused before the end of the delay. (counter: source; source: 192.0.2.1; wait: 8 s)"
    );
}

#[test]
fn every_line_is_bounded_ascii_and_reads_back() {
    for event in events() {
        let line = line_of(&event);
        let body = line.strip_suffix('\n').expect("a line end");
        assert!(line.len() <= LONGEST, "{line}");
        assert!(
            body.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
            "{line}"
        );
        let entry = Entry::parse(body.as_bytes()).expect("an entry");
        assert_eq!(entry.code(), Some(event.code()));
        assert_eq!((entry.number, entry.at), (7, event.at));
        assert_eq!(entry.account, event.account());
        assert_eq!(entry.source, event.source.map(|source| source.address()));
        assert_eq!(entry.port, event.source.and_then(|source| source.port()));
        for language in LANGUAGES {
            assert_eq!(entry.text(language), event.text(language));
        }
    }
}

/// The form of a line is a contract: this one is written out.
#[test]
fn a_line_has_this_form() {
    let event = Event::new(
        at("2026-11-24T22:05:04.1234567Z"),
        Kind::PasswordRefused {
            account: Some(account()),
            findings: Findings::new(["too-few-characters", "common-password"]),
        },
    )
    .from(
        "[::ffff:192.0.2.1]:443"
            .parse::<std::net::SocketAddr>()
            .expect("an address"),
    );
    assert_eq!(
        line_of(&event),
        format!(
            "{{\"v\":1,\"n\":7,\"at\":\"2026-11-24T22:05:04.123456Z\",\"kind\":\"password-refused\",\
             \"account\":\"{}\",\"source\":\"192.0.2.1\",\"port\":443,\
             \"findings\":[\"too-few-characters\",\"common-password\"]}}\n",
            account()
        )
    );
    assert_eq!(
        asked(at("2026-11-24T22:05:04Z")).json(),
        json!({"at": "2026-11-24T22:05:04.000000Z", "kind": "reset-asked"})
    );
}

#[test]
fn the_longest_event_fits_in_a_line() {
    let words: Vec<&'static str> = (0..Findings::MOST)
        .map(|index| -> &'static str {
            format!("{:a<width$}", format!("{index}-"), width = Word::LONGEST).leak()
        })
        .collect();
    let findings = Findings::new(words);
    assert_eq!(findings.codes().len(), Findings::MOST);
    let host = format!("{}.fr", "a".repeat(250));
    let event = Event::new(
        Timestamp::MIN,
        Kind::PasswordRefused {
            account: Some(account()),
            findings,
        },
    )
    .from(std::net::SocketAddr::from((
        Ipv6Addr::from([0xff; 16]),
        65_535,
    )))
    .on(SiteName::of(&site(&host)));
    let mut line = String::new();
    line::write(&mut line, u64::MAX, &event);
    assert!(
        line.contains(&host) && line.len() <= LONGEST,
        "{}",
        line.len()
    );
}

#[test]
fn what_is_no_word_is_not_kept() {
    for text in [
        "",
        "Upper",
        "a b",
        "a\nb",
        "é",
        "a_b",
        "\"",
        &"a".repeat(41),
    ] {
        let leaked: &'static str = text.to_owned().leak();
        assert_eq!(Word::new(leaked).as_str(), "unlisted", "{text:?}");
    }
    assert_eq!(
        Word::new("too-few-characters").as_str(),
        "too-few-characters"
    );
}

#[test]
fn an_altered_site_breaks_no_line() {
    for name in ["a\nb", "a\"b", "", "é", &"a".repeat(254)] {
        assert_eq!(SiteName::of(&site(name)).as_str(), "unnamed", "{name:?}");
    }
    assert_eq!(
        SiteName::of(&site("www.example.fr")).as_str(),
        "www.example.fr"
    );
}

fn site(host: &str) -> policy::Site {
    let policy = "version = 1\n[[site]]\nhosts = [\"www.example.fr\"]\n\
                  upstream = \"http://127.0.0.1:8080\"\ncertificate = \"dev\"\n";
    let loaded = policy::load(policy).expect("a policy");
    let mut site = loaded.policy.sites()[0].clone();
    site.hosts = vec![host.to_owned()];
    site
}

proptest! {
    /// Any time, wait, count and address gives a line that reads back.
    #[test]
    fn any_event_reads_back(
        microseconds in Timestamp::MIN.as_microsecond()..=Timestamp::MAX.as_microsecond(),
        wait in any::<Duration>(),
        address in any::<IpAddr>(),
        port in proptest::option::of(any::<u16>()),
    ) {
        let kind = Kind::SignInDelayed { account: Some(account()), scope: Scope::Site, wait };
        let event = Event::new(Timestamp::from_microsecond(microseconds).expect("in range"), kind);
        let event = match port {
            Some(port) => event.from(std::net::SocketAddr::new(address, port)),
            None => event.from(address),
        };
        let line = line_of(&event);
        prop_assert!(line.len() <= LONGEST);
        let entry = Entry::parse(line.trim_end().as_bytes()).expect("an entry");
        prop_assert_eq!(entry.at, event.at);
        prop_assert_eq!(entry.source, Some(address.to_canonical()));
        prop_assert_eq!(entry.port, port);
        let told = entry.details["wait_ms"].as_u64().expect("a whole number");
        prop_assert_eq!(u128::from(told), wait.as_millis().min((1 << 53) - 1));
    }
}
