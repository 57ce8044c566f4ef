use http::header::CACHE_CONTROL;

use super::*;
use crate::manner::Format;

#[test]
fn every_notice_has_its_place_and_a_name() {
    let mut codes = std::collections::BTreeSet::new();
    for (place, notice) in Notice::ALL.into_iter().enumerate() {
        assert_eq!(notice as usize, place);
        assert!(codes.insert(notice.code()));
    }
    assert_eq!(Notice::ChangePassword as usize + 1, Notice::ALL.len());
}

#[test]
fn every_notice_is_said_in_both_languages_and_forms() {
    for notice in Notice::ALL {
        let mut bodies = Vec::new();
        for language in [policy::Language::Fr, policy::Language::En] {
            for format in [Format::Html, Format::Json] {
                let response = notice.response(Manner { language, format }, "0123abcd");
                assert_eq!(response.status(), notice.status());
                assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
                let body = String::from_utf8(response.into_body().to_vec()).expect("UTF-8");
                assert!(body.contains("0123abcd"), "{notice:?}");
                let (title, advice) = (notice.title(), notice.advice());
                for text in [&title.fr, &title.en, &advice.fr, &advice.en] {
                    assert!(
                        format == Format::Json || body.contains(text.as_str()),
                        "{text}"
                    );
                }
                bodies.push(body);
            }
        }
        bodies.sort();
        bodies.dedup();
        assert_eq!(
            bodies.len(),
            4,
            "{notice:?} is told apart in language and form"
        );
    }
}
