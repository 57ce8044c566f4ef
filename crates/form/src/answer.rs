//! Whether the origin let a person in, told from its answer.
//!
//! Rules of failure are asked first, then those of success; the first that holds decides. Where no
//! rule of failure is written, all that is no success is a failure. What cannot be read counts
//! against the person: a compressed body, JSON cut short.
//!
//! A success by the status and by where the answer leads is told apart: an origin may answer so to
//! what it has not read (a static file, a redirect of everything), so whoever finds such an answer
//! must not be given more than the one failure that it cost. Where it leads is worth less still if
//! the request said so itself: see [`Brought`].

mod brought;

pub use brought::Brought;

use http::header::{CONTENT_ENCODING, LOCATION, SET_COOKIE};
use http::{HeaderMap, StatusCode};
use policy::site::AnswerRule;
use serde_json::Value;

use crate::{Form, glob};

/// Most bytes of an answer's body that are looked at; the caller need keep no more.
pub const ANSWER_BYTES: usize = 64 * 1024;

/// What an answer to a sign-in means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The person is in.
    Success,
    /// They may be: a rule of success holds, and it looks at nothing but the status and where the
    /// answer leads.
    Unproven,
    /// They are not.
    Failure,
    /// No rule of either kind holds, where both are written.
    Undecided,
}

impl Form {
    /// Whether [`Form::outcome`] looks at the body: then the origin has to be asked for an
    /// uncompressed answer.
    pub fn asks_for_answer_body(&self) -> bool {
        let policy = self.policy();
        let mut rules = policy.failure.iter().chain(&policy.success);
        rules.any(|rule| rule.body.is_some() || !rule.json.is_empty())
    }

    /// What the origin's answer means, before anything in it is mended. `body` is its start,
    /// [`ANSWER_BYTES`] at most, or all of it when it is shorter; `brought` is of the request that
    /// is answered.
    pub fn outcome(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
        brought: &Brought,
    ) -> Outcome {
        let policy = self.policy();
        let body = &body[..body.len().min(ANSWER_BYTES)];
        let coded = headers
            .get_all(CONTENT_ENCODING)
            .iter()
            .any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"));
        let body = (!coded).then_some(body);
        let holds = |rule: &AnswerRule, unreadable| {
            rule.status
                .is_none_or(|range| range.contains(status.as_u16()))
                && rule
                    .location
                    .as_deref()
                    .is_none_or(|pattern| leads_to(headers, pattern))
                && rule
                    .set_cookie
                    .as_deref()
                    .is_none_or(|pattern| sets(headers, pattern))
                && rule.body.as_deref().is_none_or(|text| {
                    body.map_or(unreadable, |body| {
                        memchr::memmem::find(body, text.as_bytes()).is_some()
                    })
                })
                && (rule.json.is_empty() || says(body, rule).unwrap_or(unreadable))
        };
        if policy.failure.iter().any(|rule| holds(rule, true)) {
            return Outcome::Failure;
        }
        let echoes = location(headers).is_some_and(|to| brought.explains(to));
        let mut held = policy.success.iter().filter(|rule| {
            let is_echo = echoes && brought::is_told_by_place(rule);
            !is_echo && holds(rule, false)
        });
        if let Some(first) = held.next() {
            let proven = !first.proves_nothing() || held.any(|rule| !rule.proves_nothing());
            match proven {
                true => Outcome::Success,
                false => Outcome::Unproven,
            }
        } else if policy.failure.is_empty() {
            Outcome::Failure
        } else {
            Outcome::Undecided
        }
    }
}

/// Whether `Location` is as a pattern says, whole or without scheme and host.
fn leads_to(headers: &HeaderMap, pattern: &str) -> bool {
    location(headers).is_some_and(|location| {
        glob::matches(pattern, location) || glob::matches(pattern, local(location))
    })
}

fn location(headers: &HeaderMap) -> Option<&str> {
    headers.get(LOCATION)?.to_str().ok()
}

/// An address without scheme and host.
fn local(address: &str) -> &str {
    match address.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => address,
    }
}

/// Whether a cookie whose name is as a pattern says is set, and not deleted. The last line of
/// a name counts, as it does to browsers.
fn sets(headers: &HeaderMap, pattern: &str) -> bool {
    let mut cookies = cookies(headers).into_iter();
    cookies.any(|(name, kept)| kept && glob::matches(pattern, name))
}

/// The names of the cookies that are set, and not deleted.
pub(crate) fn kept(headers: &HeaderMap) -> Vec<String> {
    let cookies = cookies(headers).into_iter();
    let kept = cookies.filter(|&(_, kept)| kept);
    kept.map(|(name, _)| name.to_owned()).collect()
}

/// Each cookie that is set, and whether it is kept.
fn cookies(headers: &HeaderMap) -> Vec<(&str, bool)> {
    let mut found: Vec<(&str, bool)> = Vec::new();
    for line in headers.get_all(SET_COOKIE).iter().take(100) {
        let Some((name, rest)) = line.to_str().ok().and_then(|line| line.split_once('=')) else {
            continue;
        };
        let name = name.trim();
        found.retain(|(known, _)| *known != name);
        found.push((name, is_kept(rest)));
    }
    found
}

/// Whether a cookie's value and attributes keep it.
fn is_kept(rest: &str) -> bool {
    let mut parts = rest.split(';');
    let value = parts.next().unwrap_or_default().trim().trim_matches('"');
    let emptied = matches!(value, "" | "deleted" | "+" | "%20");
    let over = parts.any(|attribute| {
        let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "max-age" => value.starts_with('-') || value == "0",
            "expires" => value.contains("1970"),
            _ => false,
        }
    });
    !emptied && !over
}

/// Whether a JSON body has the values of a rule; `None` when it is no JSON.
fn says(body: Option<&[u8]>, rule: &AnswerRule) -> Option<bool> {
    let value: Value = serde_json::from_slice(body?).ok()?;
    let holds = rule.json.iter().all(|condition| {
        let text = match value.pointer(&condition.name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Array(_) | Value::Object(_)) | None => return false,
            Some(scalar) => scalar.to_string(),
        };
        condition.values.contains(&text)
    });
    Some(holds)
}
