//! Cookies, which PHP puts among the fields.
//!
//! `$_REQUEST` has them unless `request_order` says otherwise, and a PHP without a `php.ini`
//! says nothing: there a cookie named as the password is the password. No browser has one, so it
//! is refused. One named as the identifier is common (a site that remembers who signed in), and
//! is refused where it names another account than the field.

use http::HeaderMap;
use http::header::COOKIE;

use super::urlencoded::unescape_loosely;
use crate::name::Name;
use crate::{Ambiguity, account};

/// Most cookies that are looked at. More are refused where a form is watched.
const MOST: usize = 300;

/// Whether an origin may take a cookie for a field of this name.
pub(crate) fn may_be(headers: &HeaderMap, name: &Name) -> bool {
    let mut count = 0;
    pairs(headers).any(|(cookie, _)| {
        count += 1;
        count > MOST || Name::new(unescape_loosely(cookie)).fills(name)
    })
}

/// Whether a cookie names another account than the field of the identifier.
pub(super) fn agrees(headers: &HeaderMap, name: &Name, identifier: &str) -> Result<(), Ambiguity> {
    let account = account::fold(identifier);
    for (cookie, value) in pairs(headers).take(MOST) {
        if !Name::new(unescape_loosely(cookie)).fills(name) {
            continue;
        }
        let value = String::from_utf8(unescape_loosely(value)).map_err(|_| Ambiguity::Cookie)?;
        if !account::is_plain(&value) || account::fold(&value) != account {
            return Err(Ambiguity::Cookie);
        }
    }
    Ok(())
}

/// The values of the cookies, decoded.
pub(crate) fn values(headers: &HeaderMap) -> impl Iterator<Item = Vec<u8>> {
    let pairs = pairs(headers).take(MOST);
    pairs.map(|(_, value)| unescape_loosely(value))
}

fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&[u8], &[u8])> {
    headers
        .get_all(COOKIE)
        .iter()
        .flat_map(|line| line.as_bytes().split(|&byte| byte == b';'))
        .map(|pair| match memchr::memchr(b'=', pair) {
            Some(at) => (pair[..at].trim_ascii(), pair[at + 1..].trim_ascii()),
            None => (pair.trim_ascii(), &[][..]),
        })
        .filter(|(name, _)| !name.is_empty())
}
