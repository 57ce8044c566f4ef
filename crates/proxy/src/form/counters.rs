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
//! Absent on purpose: a captcha. The gate could neither show nor check one; a policy that asks
//! for it beside sign-in forms is refused when it is loaded.
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
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let mut cookies = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='));
    let Some((_, value)) = cookies.find(|(name, _)| *name == NAME) else {
        return Vec::new();
    };
    value
        .split(BETWEEN)
        .filter(|token| token.len() <= LONGEST && token.bytes().all(is_sign))
        .take(MOST)
        .collect()
}

/// Takes the gate's cookie out of what goes to the origin, which has no use for it and may log
/// it. Every other byte stays.
pub(crate) fn take_away(headers: &mut HeaderMap) {
    let is_ours = |cookie: &[u8]| {
        let name = cookie.split(|&byte| byte == b'=').next();
        name.is_some_and(|name| name.trim_ascii() == NAME.as_bytes())
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
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, HeaderValue::from_static(cookie));
            assert_eq!(tokens(&headers), expected, "{cookie}");
        }
        let long = format!("{NAME}={}", "a".repeat(LONGEST + 1));
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::try_from(long).expect("a value"));
        assert!(tokens(&headers).is_empty());
    }
}
