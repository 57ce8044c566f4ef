//! What tells a good sign-in from a bad one: a cookie, then JSON, then the status and where it
//! leads, which prove nothing, then the page.
//!
//! What is proposed has to hold for every account, and stands in a file: of JSON only a word for
//! yes or no, and of a place no part that may be the operator's own.
//!
//! A cookie that somebody has who is not signed in tells nothing: a session cookie is set on the
//! first visit, so whoever guesses without cookies would get it with every wrong password. A
//! text of the page is taken from its links, since a page that repeats what was typed escapes the
//! signs of a link.

use std::collections::BTreeSet;

use http::header::LOCATION;
use serde_json::Value;

use super::exchange::Exchange;
use super::note::Note;
use crate::{ANSWER_BYTES, Typed, glob};

/// One rule of `success`: what is written must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) status: Option<u16>,
    pub(super) location: Option<String>,
    pub(super) set_cookie: Option<String>,
    pub(super) json: Option<(String, String)>,
    pub(super) body: Option<String>,
}

/// Names of cookies that come and go with every request.
const FLEETING: [&str; 14] = [
    "csrf", "xsrf", "flash", "message", "toast", "notice", "lang", "locale", "theme", "consent",
    "return", "redirect", "next", "visit",
];
/// Names that promise a session.
const SESSION: [&str; 9] = [
    "auth", "logged", "login", "sess", "sid", "token", "user", "remember", "jwt",
];

/// A rule that holds for the good answer and for no failed one, and how sure it is. The answers
/// of `failed` are those of bad passwords; `strangers` are cookies that anybody gets.
pub(super) fn success(
    failed: &[&Exchange],
    good: &[Exchange],
    strangers: &BTreeSet<String>,
    typed: &[Typed],
) -> Option<(Rule, Note)> {
    let last = good.last()?;
    if failed.is_empty() {
        return None;
    }
    by_cookie(failed, last, strangers, typed)
        .or_else(|| by_json(failed, last, typed))
        .or_else(|| by_status(failed, last))
        .or_else(|| by_location(failed, last, typed))
        .or_else(|| by_page(failed, last, typed))
}

/// Whether a text repeats something that was typed, or a part of the name in an address of mail.
pub(super) fn repeats(text: &str, typed: &[Typed]) -> bool {
    let text = text.to_lowercase();
    let holds = |part: &str| part.len() >= 3 && text.contains(part);
    typed.iter().any(|typed| {
        let typed = zeroize::Zeroizing::new(typed.expose().to_lowercase());
        let name = typed.split_once('@').map_or("", |(name, _)| name);
        holds(&typed) || name.split(|sign: char| !sign.is_alphanumeric()).any(holds)
    })
}

/// Whether a text is something that was typed.
pub(super) fn is_typed(text: &str, typed: &[Typed]) -> bool {
    let mut typed = typed.iter();
    text.len() >= 3 && typed.any(|typed| typed.expose().eq_ignore_ascii_case(text))
}

/// Whether a piece of a text was made for one visit: long, with digits.
pub(super) fn is_made_up(piece: &str) -> bool {
    let long = piece.len() >= 16 && piece.bytes().any(|byte| byte.is_ascii_digit());
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=');
    long && piece.bytes().all(sign)
}

fn by_cookie(
    failed: &[&Exchange],
    good: &Exchange,
    strangers: &BTreeSet<String>,
    typed: &[Typed],
) -> Option<(Rule, Note)> {
    let of_failures: BTreeSet<String> = failed.iter().flat_map(|one| one.cookies_kept()).collect();
    let is_known = |pattern: &str| {
        let mut known = of_failures.iter().chain(strangers);
        known.any(|name| glob::matches(pattern, name))
    };
    let mut patterns: Vec<String> = good
        .cookies_kept()
        .into_iter()
        .filter(|name| {
            let lower = name.to_ascii_lowercase();
            !FLEETING.iter().any(|word| lower.contains(word)) && !repeats(name, typed)
        })
        .map(|name| without_digest(&name))
        .filter(|pattern| !is_known(pattern))
        .collect();
    patterns.sort_by_key(|pattern| {
        let lower = pattern.to_ascii_lowercase();
        !SESSION.iter().any(|word| lower.contains(word))
    });
    let name = patterns.into_iter().next()?;
    let rule = Rule {
        set_cookie: Some(name.clone()),
        ..Rule::default()
    };
    Some((rule, Note::ByCookie(name)))
}

/// The name of a cookie, with `*` for a digest at its end: that of a site under one name is
/// another under the next.
fn without_digest(name: &str) -> String {
    let digits = name.bytes().rev().take_while(u8::is_ascii_hexdigit).count();
    let (kept, digest) = name.split_at(name.len() - digits);
    match digits >= 16 && kept.len() >= 2 && digest.bytes().any(|byte| byte.is_ascii_digit()) {
        true => format!("{kept}*"),
        false => name.to_owned(),
    }
}

fn by_status(failed: &[&Exchange], good: &Exchange) -> Option<(Rule, Note)> {
    let status = good.status.as_u16();
    let is_good = (200..400).contains(&status);
    if !is_good || failed.iter().any(|one| one.status == good.status) {
        return None;
    }
    let rule = Rule {
        status: Some(status),
        ..Rule::default()
    };
    let mut others: Vec<u16> = failed.iter().map(|one| one.status.as_u16()).collect();
    others.dedup();
    Some((rule, Note::ByStatus(status, others)))
}

/// Where an answer leads, without scheme and host.
fn leads(exchange: &Exchange) -> Option<String> {
    let text = exchange.answer.get(LOCATION)?.to_str().ok()?;
    let local = match text.find("://") {
        Some(at) => text[at + 3..]
            .find('/')
            .map_or("/", |slash| &text[at + 3 + slash..]),
        None => text,
    };
    (!local.is_empty() && !local.contains('*')).then(|| local.to_owned())
}

/// Whether a piece of a place is a number, which may be that of one account.
fn is_number(piece: &str) -> bool {
    !piece.is_empty() && piece.bytes().all(|byte| byte.is_ascii_digit())
}

fn by_location(failed: &[&Exchange], good: &Exchange, typed: &[Typed]) -> Option<(Rule, Note)> {
    let place = leads(good)?;
    let path = place.split(['?', '#']).next().unwrap_or_default();
    // From the plainest to the most general; what is made for one visit is left out, and so is
    // what may be one account's.
    let is_own = |piece: &str| is_made_up(piece) || is_number(piece);
    let mut patterns = Vec::new();
    if !place.split(['/', '?', '=', '&', '#']).any(is_own) {
        patterns.push(place.clone());
    }
    if !path.split('/').any(is_made_up) {
        let pieces = path.split('/');
        let pieces = pieces.map(|piece| if is_number(piece) { "*" } else { piece });
        patterns.push(format!("{}*", pieces.collect::<Vec<_>>().join("/")).replace("**", "*"));
    }
    let tells = |pattern: &String| {
        !repeats(pattern, typed)
            && pattern.bytes().any(|byte| byte.is_ascii_alphanumeric())
            && !good.says_itself(pattern, &place)
            && !failed.iter().any(|one| {
                one.status == good.status
                    && leads(one).is_some_and(|to| glob::matches(pattern, &to))
            })
    };
    // `/` alone is a place too, but `/*` is every place.
    let pattern = match place.as_str() {
        "/" if failed.iter().all(|one| leads(one).as_deref() != Some("/"))
            && !good.says_itself("/", "/") =>
        {
            "/".to_owned()
        }
        _ => patterns.into_iter().find(tells)?,
    };
    let status = good.status.as_u16();
    let rule = Rule {
        status: Some(status),
        location: Some(pattern.clone()),
        ..Rule::default()
    };
    Some((rule, Note::ByLocation(pattern)))
}

/// The scalars of a JSON answer that may tell, by pointer.
fn scalars(value: &Value, pointer: &str, found: &mut Vec<(String, String)>) {
    if found.len() >= 200 || pointer.len() > 200 {
        return;
    }
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                let key = key.replace('~', "~0").replace('/', "~1");
                scalars(value, &format!("{pointer}/{key}"), found);
            }
        }
        Value::Bool(_) | Value::Number(_) => found.push((pointer.to_owned(), value.to_string())),
        Value::String(text)
            if text.len() <= 24
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphabetic() || b"-_".contains(&byte)) =>
        {
            found.push((pointer.to_owned(), text.clone()));
        }
        _ => {}
    }
}

fn json_of(exchange: &Exchange) -> Option<Vec<(String, String)>> {
    let text = &exchange.text;
    let value: Value = serde_json::from_slice(&text[..text.len().min(ANSWER_BYTES)]).ok()?;
    let mut found = Vec::new();
    scalars(&value, "", &mut found);
    Some(found)
}

/// Keys whose value says whether it went well.
const VERDICTS: [&str; 14] = [
    "success",
    "succeeded",
    "successful",
    "ok",
    "status",
    "state",
    "result",
    "code",
    "error",
    "valid",
    "authenticated",
    "loggedin",
    "isloggedin",
    "isauthenticated",
];

/// Whether the last key of a pointer says so.
fn is_verdict(pointer: &str) -> bool {
    let key = pointer.rsplit('/').next().unwrap_or_default();
    let key: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
    VERDICTS.contains(&key.to_ascii_lowercase().as_str())
}

fn by_json(failed: &[&Exchange], good: &Exchange, typed: &[Typed]) -> Option<(Rule, Note)> {
    let others: Vec<_> = failed.iter().filter_map(|one| json_of(one)).collect();
    if others.len() < failed.len() {
        return None;
    }
    let mut telling: Vec<_> = json_of(good)?
        .into_iter()
        .filter(|(pointer, value)| {
            let said =
                |other: &Vec<(String, String)>| other.contains(&(pointer.clone(), value.clone()));
            !repeats(pointer, typed) && !repeats(value, typed) && !others.iter().any(said)
        })
        .collect();
    // Other values may be those of one account: its name, its number, what it has chosen.
    let in_others = |pointer: &String| {
        let mut others = others.iter();
        others.all(|other| other.iter().any(|(name, _)| name == pointer))
    };
    telling.retain(|(pointer, value)| {
        let is_top = pointer.matches('/').count() == 1;
        match value.as_str() {
            "true" | "false" => is_verdict(pointer) || in_others(pointer),
            _ => is_verdict(pointer) && (is_top || in_others(pointer)),
        }
    });
    // What a bad answer has too under another value comes first, then a word for yes.
    telling.sort_by_key(|(pointer, value)| {
        let is_yes = matches!(value.as_str(), "true" | "false");
        (!in_others(pointer), !is_verdict(pointer), !is_yes)
    });
    let (pointer, value) = telling.into_iter().next()?;
    let note = Note::ByJson(pointer.clone());
    let rule = Rule {
        json: Some((pointer, value)),
        ..Rule::default()
    };
    Some((rule, note))
}

/// A link of the good page that no failed one has; the way out of the site if there is one.
fn by_page(failed: &[&Exchange], good: &Exchange, typed: &[Typed]) -> Option<(Rule, Note)> {
    let start = |exchange: &Exchange| {
        let text = &exchange.text[..exchange.text.len().min(ANSWER_BYTES)];
        String::from_utf8_lossy(text).into_owned()
    };
    let page = start(good);
    let others: Vec<String> = failed.iter().map(|one| start(one)).collect();
    let mut links: Vec<&str> = Vec::new();
    for opening in ["href=\"", "action=\"", "href='", "action='"] {
        let quote = &opening[opening.len() - 1..];
        for (at, _) in page.match_indices(opening) {
            let inside = &page[at + opening.len()..];
            let Some(end) = inside.find(quote).filter(|end| (1..=120).contains(end)) else {
                continue;
            };
            let link = &page[at..at + opening.len() + end + quote.len()];
            let made_up = inside[..end]
                .split(['/', '?', '=', '&', ';', '#'])
                .any(is_made_up);
            let plain = link
                .bytes()
                .all(|byte| (b' '..=b'~').contains(&byte) && byte != b'\\');
            if plain && !made_up && !repeats(link, typed) && links.len() < 500 {
                links.push(link);
            }
        }
    }
    links.retain(|link| !others.iter().any(|other| other.contains(link)));
    let leaves = |link: &str| {
        let lower = link.to_ascii_lowercase();
        [
            "logout",
            "signout",
            "sign_out",
            "sign-out",
            "logoff",
            "deconnexion",
            "deconnecter",
        ]
        .iter()
        .any(|word| lower.contains(word))
    };
    let out = links.iter().find(|link| leaves(link)).or(links.first())?;
    let rule = Rule {
        body: Some((*out).to_owned()),
        ..Rule::default()
    };
    Some((rule, Note::ByPage))
}
