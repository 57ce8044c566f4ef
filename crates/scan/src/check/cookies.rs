//! Cookies that are set over HTTPS.
//!
//! Clauses: CNIL guide 2024 (Secure and HttpOnly); RFC 6265bis, 4.1.2 and 4.1.3; ASVS 3.3.

use policy::Text;

use super::{Found, shown};
use crate::kind;
use crate::walk::Hop;

/// Names that only sessions and their guards go by.
const SESSIONS: [&str; 12] = [
    "phpsessid",
    "jsessionid",
    "asp.net_sessionid",
    "aspsessionid",
    "session",
    "sessionid",
    "sid",
    "connect.sid",
    "laravel_session",
    "ci_session",
    "_session_id",
    "dokuwiki",
];

/// Cookies that a script has to read by design: tokens against forged requests.
const READ_BY_SCRIPTS: [&str; 3] = ["csrf", "xsrf", "consent"];

pub(crate) fn check(found: &mut Found, hop: &Hop) {
    let at = &hop.address;
    for line in hop.answer.all("set-cookie").take(50) {
        let name = name(line);
        let attributes = attributes(line);
        let has = |wanted: &str| attributes.iter().any(|(known, _)| known == wanted);
        let value = |wanted: &str| {
            attributes
                .iter()
                .rev()
                .find(|(known, _)| known == wanted)
                .map(|(_, value)| value.as_str())
        };
        // A cookie that is taken away needs no care.
        if value("max-age").is_some_and(|age| age.starts_with('-') || age == "0") {
            continue;
        }
        let listed: Vec<&str> = attributes.iter().map(|(name, _)| name.as_str()).collect();
        let proof = Text::new(
            format!("Set-Cookie: {name}=… ; attributs : {}", listed.join(", ")),
            format!("Set-Cookie: {name}=…; attributes: {}", listed.join(", ")),
        );
        let lower = name.to_ascii_lowercase();
        if !has("secure") {
            found.add(&kind::COOKIE_NOT_SECURE, &name, at, proof.clone());
        }
        if !has("httponly") && !READ_BY_SCRIPTS.iter().any(|word| lower.contains(word)) {
            found.add(&kind::COOKIE_NOT_HTTP_ONLY, &name, at, proof.clone());
        }
        let same_site = value("samesite").map(str::to_ascii_lowercase);
        let broken_prefix = (lower.starts_with("__secure-") && !has("secure"))
            || (lower.starts_with("__host-")
                && (!has("secure") || has("domain") || value("path") != Some("/")));
        if broken_prefix || (same_site.as_deref() == Some("none") && !has("secure")) {
            found.add(&kind::COOKIE_REFUSED, &name, at, proof.clone());
        }
        if same_site.is_none() {
            found.add(&kind::COOKIE_NO_SAME_SITE, &name, at, proof.clone());
        }
        let is_session = SESSIONS.iter().any(|session| lower.starts_with(session));
        if is_session && !lower.starts_with("__") {
            found.add(&kind::COOKIE_PREFIX_MISSING, &name, at, proof);
        }
    }
}

/// The name of a cookie. Its value is never kept: it may be a session.
pub(crate) fn name(line: &[u8]) -> String {
    let pair = line.split(|byte| *byte == b';').next().unwrap_or_default();
    let end = pair.iter().position(|byte| *byte == b'=').unwrap_or(0);
    shown(&String::from_utf8_lossy(pair[..end].trim_ascii()))
}

fn attributes(line: &[u8]) -> Vec<(String, String)> {
    let pieces = line.split(|byte| *byte == b';').skip(1).take(20);
    let text = pieces.map(|piece| String::from_utf8_lossy(piece).into_owned());
    text.map(|piece| match piece.split_once('=') {
        Some((name, value)) => (name.trim().to_ascii_lowercase(), value.trim().to_owned()),
        None => (piece.trim().to_ascii_lowercase(), String::new()),
    })
    .map(|(name, value)| (shown(&name), value))
    .filter(|(name, _)| !name.is_empty())
    .collect()
}
