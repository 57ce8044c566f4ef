//! Cookies that are set over HTTPS.
//!
//! Clauses: CNIL guide 2024 (Secure and HttpOnly); RFC 6265bis, 4.1.2, 4.1.3 and 5.1.1 (dates);
//! ASVS 3.3.

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

/// `now` is in seconds of Unix time.
pub(crate) fn check(found: &mut Found, hop: &Hop, now: i64) {
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
        // A cookie that is taken away needs no care. Max-Age goes before Expires.
        let is_gone = match value("max-age").and_then(|age| age.parse::<i64>().ok()) {
            Some(age) => age <= 0,
            None => value("expires")
                .and_then(date)
                .is_some_and(|end| end <= now),
        };
        if is_gone {
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

/// A date as browsers read it in a cookie, in seconds of Unix time (RFC 6265bis, 5.1.1): four
/// parts in any order, and whatever else stands between them.
fn date(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let is_mark = |sign: char| sign != ':' && !sign.is_ascii_alphanumeric() && sign.is_ascii();
    let (mut clock, mut day, mut month, mut year) = (None, None, None, None);
    for part in text.split(is_mark).filter(|part| !part.is_empty()).take(20) {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let number = || part[..digits].parse::<i16>().ok();
        let named = || {
            let name = part.get(..3)?.to_ascii_lowercase();
            MONTHS
                .iter()
                .zip(1..)
                .find_map(|(month, at)| (*month == name).then_some(at))
        };
        if clock.is_none() && part.contains(':') {
            let numbers: Vec<i8> = part.split(':').flat_map(str::parse).collect();
            clock = <[i8; 3]>::try_from(numbers).ok();
        } else if day.is_none() && matches!(digits, 1 | 2) {
            day = number().and_then(|day| i8::try_from(day).ok());
        } else if month.is_none() && named().is_some() {
            month = named();
        } else if year.is_none() && matches!(digits, 2..=4) {
            year = number();
        }
    }
    let [hour, minute, second] = clock?;
    let year = match year? {
        year @ 70..=99 => year + 1900,
        year @ 0..=69 => year + 2000,
        year => year,
    };
    let date = jiff::civil::DateTime::new(year, month?, day?, hour, minute, second, 0).ok()?;
    let moment = jiff::tz::Offset::UTC.to_timestamp(date).ok()?;
    Some(moment.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_browsers_read_them() {
        for (text, seconds) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Thu, 01-Jan-1970 00:00:01 GMT", Some(1)),
            ("Thu, 01-Jan-70 00:00:10 GMT", Some(10)),
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(1_445_412_480)),
            ("Oct 21 07:28:00 2015", Some(1_445_412_480)),
            ("Wed, 32 Oct 2015 07:28:00 GMT", None),
            ("21 Oct 2015", None),
            ("0", None),
            ("é 01 Jan 1970 00:00:00", Some(0)),
            ("", None),
        ] {
            assert_eq!(date(text), seconds, "{text}");
        }
    }
}
