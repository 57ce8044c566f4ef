//! Where failed sign-ins are counted, and the browsers that have signed in before.
//!
//! Clauses: [`clause::CNIL_RESTRICTION`], [`clause::CNIL_UNLOCK`] (a stranger must not lock the
//! owner out). The counters are those of `[access]`: the same store, keys and rules as in the
//! library, so that an application and the gates before it can share them. Every form of a site
//! shares the counters of the site, so that a side door gives nobody more tries.
//!
//! Counters outlive a reload: a policy with the same store goes on with them under its rules.
//! A gate that only observes counts in memory and leaves a shared store alone.
//!
//! What a browser says by cookies is read here and goes no further: which accounts it has signed
//! in to, and its answer to the question that stands for a captcha ([`access::captcha`]).
//!
//! [`clause::CNIL_RESTRICTION`]: policy::clause::CNIL_RESTRICTION
//! [`clause::CNIL_UNLOCK`]: policy::clause::CNIL_UNLOCK

use std::path::Path;

use access::remote::ConnectError;
use access::{DeviceToken, KeyMaker, Memory, Success, Throttle};
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use policy::access::AccessPolicy;
use policy::{Policy, Site};

/// Accounts that one browser may be known for.
const MOST: usize = 5;
/// Between their tokens. None holds it.
const BETWEEN: char = '~';
/// More bytes than any token has.
const LONGEST: usize = 128;
/// The cookie. Not the library's own, which an application behind the gate may set.
const NAME: &str = "__Host-rempart-gate";

/// The cookie of an answer, which the script of the page sets: it is a proof of work, so there is
/// nothing in it that a script may not see.
pub(crate) const ANSWER: &str = "__Host-rempart-presence";
/// More bytes than any answer has.
const LONGEST_ANSWER: usize = 256;

/// Counters that a gate observes with, for so many of each kind.
const OBSERVED: usize = 100_000;

/// The counters of a policy; `None` when no site signs in.
pub(crate) async fn open(
    policy: &Policy,
    base: &Path,
    previous: Option<(&AccessPolicy, &Throttle)>,
    observe: bool,
) -> Result<Option<Throttle>, ConnectError> {
    if !policy.sites().iter().any(Site::signs_in) {
        return Ok(None);
    }
    let access = policy.access();
    if let Some((before, throttle)) = previous
        && before.store == access.store
        && before.key == access.key
    {
        return Ok(Some(throttle.under(access)));
    }
    if observe {
        let keys = KeyMaker::random().map_err(|_| access::KeyError::Randomness)?;
        return Ok(Some(Throttle::new(Memory::new(OBSERVED), keys, access)));
    }
    Throttle::connect(access, base).await.map(Some)
}

/// The tokens that a browser sent.
pub(crate) fn tokens(headers: &HeaderMap) -> Vec<&str> {
    let Some(value) = cookie(headers, NAME) else {
        return Vec::new();
    };
    value
        .split(BETWEEN)
        .filter(|token| token.len() <= LONGEST && token.bytes().all(is_sign))
        .take(MOST)
        .collect()
}

/// The answer that a browser sent, if it did.
pub(crate) fn answer(headers: &HeaderMap) -> Option<&str> {
    let is_sign = |byte| is_sign(byte) || byte == b'.';
    cookie(headers, ANSWER)
        .filter(|answer| answer.len() <= LONGEST_ANSWER && answer.bytes().all(is_sign))
}

/// A sign of base64url.
const fn is_sign(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn cookie<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    // In bytes: those of the site beside it may be no text (`nom=Jérôme`).
    let cookies = headers.get_all(COOKIE).iter();
    let mut cookies = cookies.flat_map(|line| line.as_bytes().split(|&byte| byte == b';'));
    let value = cookies.find_map(|cookie| {
        let named = cookie.trim_ascii().strip_prefix(wanted.as_bytes())?;
        named.strip_prefix(b"=")
    });
    str::from_utf8(value?).ok()
}

/// The names of both cookies.
const OURS: [&[u8]; 2] = [NAME.as_bytes(), ANSWER.as_bytes()];

/// Takes the gate's cookies out of what goes to the origin, which has no use for them and may log
/// them. Every other byte stays.
pub(crate) fn take_away(headers: &mut HeaderMap) {
    let is_ours = |cookie: &[u8]| {
        let name = cookie.split(|&byte| byte == b'=').next();
        name.is_some_and(|name| OURS.contains(&name.trim_ascii()))
    };
    let has_ours = |line: &HeaderValue| {
        let mut cookies = line.as_bytes().split(|&byte| byte == b';');
        cookies.any(is_ours)
    };
    if !headers.get_all(COOKIE).iter().any(has_ours) {
        return;
    }
    let lines: Vec<HeaderValue> = headers.get_all(COOKIE).iter().cloned().collect();
    headers.remove(COOKIE);
    for line in lines {
        let cookies = line.as_bytes().split(|&byte| byte == b';');
        let others: Vec<&[u8]> = cookies.filter(|cookie| !is_ours(cookie)).collect();
        let left = others.join(&b';');
        if let Ok(left) = HeaderValue::from_bytes(left.trim_ascii())
            && !left.is_empty()
        {
            headers.append(COOKIE, left);
        }
    }
}

/// The field that keeps the token of a browser that signed in, with those of other accounts.
/// `None` under `trusted-device = "never"`, and when the system gives no randomness: the person
/// goes on without.
pub(crate) fn keep(success: &Success, mine: Option<&str>, sent: &[String]) -> Option<HeaderValue> {
    let token: DeviceToken = success.device_token().ok()??;
    let mut text = token.as_str().to_owned();
    let others = sent.iter().filter(|other| Some(other.as_str()) != mine);
    for other in others.take(MOST - 1) {
        text.push(BETWEEN);
        text.push_str(other);
    }
    let lifetime = token.lifetime().as_secs();
    HeaderValue::try_from(format!(
        "{NAME}={text}; Max-Age={lifetime}; Path=/; Secure; HttpOnly; SameSite=Lax"
    ))
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_gets_every_cookie_but_ours() {
        for (lines, left) in [
            (
                &["a=b; __Host-rempart-gate=x~y; c=d"][..],
                &["a=b; c=d"][..],
            ),
            (&["__Host-rempart-gate=x"], &[]),
            (&["__Host-rempart-gate=x; a=b"], &["a=b"]),
            (&["a=b;__Host-rempart-gate=x"], &["a=b"]),
            (
                &["__Host-rempart-presence=x.y; a=b; __Host-rempart-gate=x"],
                &["a=b"],
            ),
            (&["a=b; __Host-rempart-presence"], &["a=b"]),
            (
                &["a=b;  c=\"d;e\" ; rempart-gate=1; x__Host-rempart-gate=2"],
                &["a=b;  c=\"d;e\" ; rempart-gate=1; x__Host-rempart-gate=2"],
            ),
            (&["a=1", "__Host-rempart-gate=x", "b=2"], &["a=1", "b=2"]),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(COOKIE, HeaderValue::from_static(line));
            }
            take_away(&mut headers);
            let seen: Vec<_> = headers.get_all(COOKIE).iter().collect();
            assert_eq!(seen, left, "{lines:?}");
        }
    }

    #[test]
    fn an_answer_is_read_whole_or_not_at_all() {
        let long = format!("{ANSWER}={}", "a".repeat(LONGEST_ANSWER + 1));
        for (cookie, expected) in [
            ("", None),
            ("a=b; __Host-rempart-presence=Ab-_.9; c=d", Some("Ab-_.9")),
            ("__Host-rempart-presence=", Some("")),
            ("__Host-rempart-presence", None),
            ("rempart-presence=a.b", None),
            ("__Host-rempart-presence=\"a.b\"", None),
            ("__Host-rempart-presence=a b", None),
            ("__Host-rempart-presence=a=b", None),
            (long.as_str(), None),
            // What the site keeps beside it is no text to us.
            ("nom=Jérôme; __Host-rempart-presence=a.b", Some("a.b")),
            ("__Host-rempart-presence=a.b; nom=Jérôme", Some("a.b")),
            ("__Host-rempart-presence=Jérôme", None),
        ] {
            let mut headers = HeaderMap::new();
            let value = HeaderValue::from_bytes(cookie.as_bytes()).expect("a value");
            headers.insert(COOKIE, value);
            assert_eq!(answer(&headers), expected, "{cookie}");
        }
    }

    #[test]
    fn a_browser_is_believed_tokens_and_nothing_else() {
        for (cookie, expected) in [
            ("", &[][..]),
            ("a=b; __Host-rempart-gate=one~two; c=d", &["one", "two"]),
            ("__Host-rempart-gate=a b~\"c\"~d,e~f", &["f"]),
            (
                "__Host-rempart-gate=1~2~3~4~5~6",
                &["1", "2", "3", "4", "5"],
            ),
            ("rempart-gate=one", &[]),
            ("nom=Jérôme; __Host-rempart-gate=one", &["one"]),
        ] {
            let mut headers = HeaderMap::new();
            let value = HeaderValue::from_bytes(cookie.as_bytes()).expect("a value");
            headers.insert(COOKIE, value);
            assert_eq!(tokens(&headers), expected, "{cookie}");
        }
        let long = format!("{NAME}={}", "a".repeat(LONGEST + 1));
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::try_from(long).expect("a value"));
        assert!(tokens(&headers).is_empty());
    }
}
