//! What the meter of a form is given: its script, and verdicts.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderName, HeaderValue, Response};
use policy::Language;
use serde_json::Value;

use crate::meter::{SCRIPT, VERSION};

const RESOURCE: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The script. Asked for by its version it may be kept: another text has another address.
pub(crate) fn script(query: Option<&str>) -> Response<Bytes> {
    let asked = query.and_then(|query| query.strip_prefix("v="));
    let cache = match asked == Some(VERSION.as_str()) {
        true => "public, max-age=31536000, immutable",
        false => "no-cache",
    };
    answer(
        "text/javascript; charset=utf-8",
        cache,
        Bytes::from_static(SCRIPT.as_bytes()),
    )
}

/// A verdict, which nobody keeps.
pub(crate) fn verdict(verdict: &Value, language: Language) -> Response<Bytes> {
    let body = Bytes::from(verdict.to_string());
    let mut response = answer("application/json", "no-store", body);
    let language = match language {
        Language::Fr => "fr",
        Language::En => "en",
    };
    let language = HeaderValue::from_static(language);
    response.headers_mut().insert(CONTENT_LANGUAGE, language);
    response
}

fn answer(kind: &'static str, cache: &'static str, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    for (name, value) in [
        (CONTENT_TYPE, kind),
        (CACHE_CONTROL, cache),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (RESOURCE, "same-origin"),
    ] {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}
