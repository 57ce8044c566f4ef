//! How a client likes to be answered: in which language, as a page or as data.
//!
//! Clauses: RFC 9110, 12.5.1 (`Accept`) and 12.5.4 (`Accept-Language`). Both are hints, so
//! what cannot be read counts for nothing.
//!
//! Absent on purpose: other languages and wildcards; the language of the policy is the answer
//! to both.

use http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use policy::Language;
use transport::framing;

/// How the client likes to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Manner {
    pub(crate) language: Language,
    pub(crate) format: Format,
}

/// A page or a problem document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Html,
    Json,
}

/// What a client says about it, unread: most requests are answered by their origin.
#[derive(Debug, Default)]
pub(crate) struct Wishes(Option<Box<HeaderMap>>);

impl Wishes {
    /// Of a request that goes on.
    pub(crate) fn of_request(headers: &HeaderMap) -> Self {
        let mut wishes: Option<Box<HeaderMap>> = None;
        for name in [ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE] {
            for value in headers.get_all(&name) {
                let wishes = wishes.get_or_insert_default();
                wishes.append(name.clone(), value.clone());
            }
        }
        Self(wishes)
    }

    /// How it likes to be answered.
    pub(crate) fn manner(&self, default: Language) -> Manner {
        match &self.0 {
            Some(headers) => Manner::of_request(headers, default),
            None => Manner::of_request(&HeaderMap::new(), default),
        }
    }
}

impl Manner {
    /// What the client asks for; `default` when it states no preference between the two
    /// languages.
    pub(crate) fn of_request(headers: &HeaderMap, default: Language) -> Self {
        Self {
            language: language(headers).unwrap_or(default),
            format: format(headers),
        }
    }

    /// The same of a head that was refused, as far as it can be read.
    pub(crate) fn of_bytes(head: &[u8], default: Language) -> Self {
        let mut headers = HeaderMap::new();
        for (name, value) in framing::fields(head) {
            for known in [ACCEPT, ACCEPT_LANGUAGE] {
                if name.eq_ignore_ascii_case(known.as_str().as_bytes())
                    && let Ok(value) = HeaderValue::from_bytes(value)
                {
                    headers.insert(known, value);
                }
            }
        }
        Self::of_request(&headers, default)
    }
}

/// The preferred of our two languages, by `Accept-Language` (RFC 9110, 12.5.4).
fn language(headers: &HeaderMap) -> Option<Language> {
    let mut best: Option<(f32, Language)> = None;
    for range in elements(headers, &ACCEPT_LANGUAGE) {
        let (tag, weight) = weighted(range);
        let language = match tag.split('-').next().unwrap_or(tag) {
            primary if primary.eq_ignore_ascii_case("fr") => Language::Fr,
            primary if primary.eq_ignore_ascii_case("en") => Language::En,
            _ => continue,
        };
        if weight > best.map_or(0.0, |(weight, _)| weight) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

/// A problem document for those that accept JSON and no page, or send JSON and accept anything.
fn format(headers: &HeaderMap) -> Format {
    let mut json = sends_json(headers);
    for range in elements(headers, &ACCEPT) {
        let (kind, weight) = weighted(range);
        if weight > 0.0 {
            if kind.eq_ignore_ascii_case("text/html") {
                return Format::Html;
            }
            json |= kind.eq_ignore_ascii_case("application/json")
                || kind.eq_ignore_ascii_case("application/problem+json");
        }
    }
    if json { Format::Json } else { Format::Html }
}

fn sends_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next());
    kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

/// The elements of a list field, at most 32 of them.
fn elements<'a>(headers: &'a HeaderMap, name: &http::HeaderName) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .take(32)
}

/// An element and its `q`, 1 when absent, 0 when malformed.
fn weighted(element: &str) -> (&str, f32) {
    let mut parts = element.split(';').map(str::trim);
    let value = parts.next().unwrap_or_default();
    let weight = parts
        .find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
        .map_or(1.0, |q| q.parse().unwrap_or(0.0));
    (value, weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manner(accept: Option<&str>, accept_language: Option<&str>) -> Manner {
        let mut headers = HeaderMap::new();
        for (name, value) in [(ACCEPT, accept), (ACCEPT_LANGUAGE, accept_language)] {
            if let Some(value) = value {
                headers.insert(name, value.parse().expect("a value"));
            }
        }
        Manner::of_request(&headers, Language::Fr)
    }

    #[test]
    fn language_follows_the_client_then_the_policy() {
        for (asked, language) in [
            (None, Language::Fr),
            (Some("en-GB,en;q=0.9"), Language::En),
            (Some("fr-CA, en;q=0.8"), Language::Fr),
            (Some("de, en;q=0.2, fr;q=0.1"), Language::En),
            (Some("de"), Language::Fr),
            (Some("en;q=0"), Language::Fr),
            (Some("en;q=x, fr;q=0.1"), Language::Fr),
            (Some(",;,;q=,"), Language::Fr),
        ] {
            assert_eq!(manner(None, asked).language, language, "{asked:?}");
        }
    }

    #[test]
    fn programs_get_a_problem_document_and_people_a_page() {
        for (asked, format) in [
            (None, Format::Html),
            (Some("*/*"), Format::Html),
            (Some("application/json"), Format::Json),
            (Some("application/problem+json, */*;q=0.1"), Format::Json),
            (Some("application/json, text/html"), Format::Html),
            (Some("application/json;q=0"), Format::Html),
        ] {
            assert_eq!(manner(asked, None).format, format, "{asked:?}");
        }
    }

    #[test]
    fn whoever_sends_json_is_answered_in_json() {
        for (accept, kind, format) in [
            ("*/*", "application/json; charset=utf-8", Format::Json),
            ("text/html", "application/json", Format::Html),
            ("*/*", "application/x-www-form-urlencoded", Format::Html),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            let manner = Manner::of_request(&headers, Language::Fr);
            assert_eq!(manner.format, format, "{accept} {kind}");
        }
    }
}
