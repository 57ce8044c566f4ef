//! `Authorization: Basic`, RFC 7617.
//!
//! Lenient readers skip signs that are not Base64, and some decode whatever the scheme, so a
//! site whose forms take Basic beside their fields admits no other scheme on their paths.

use base64ct::{Base64, Encoding as _};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use policy::site::{Charset, Encoding, SiteForm};
use zeroize::Zeroizing;

use crate::{Ambiguity, Typed, charset};

/// A user and a password, as bytes.
pub(super) struct Pair {
    bytes: Zeroizing<Vec<u8>>,
    colon: usize,
}

/// The pair of a request; `None` without the field, or with a scheme that is none of the
/// form's business.
pub(super) fn read(headers: &HeaderMap, form: &SiteForm) -> Result<Option<Pair>, Ambiguity> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Ambiguity::Authorization);
    }
    let value = value.to_str().map_err(|_| Ambiguity::Authorization)?;
    let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
    if !scheme.eq_ignore_ascii_case("basic") {
        let plain = !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphabetic());
        return match plain && form.encodings == [Encoding::Basic] {
            true => Ok(None),
            false => Err(Ambiguity::Authorization),
        };
    }
    let mut bytes = Zeroizing::new(vec![0; rest.len()]);
    let length = Base64::decode(rest, &mut bytes)
        .map_err(|_| Ambiguity::Authorization)?
        .len();
    bytes.truncate(length);
    let colon = memchr::memchr(b':', &bytes).ok_or(Ambiguity::Authorization)?;
    Ok(Some(Pair { bytes, colon }))
}

impl Pair {
    /// The user and the password. A client that knows no charset sends Latin-1.
    pub(super) fn typed(&self, form: &SiteForm) -> Result<(Typed, Typed), Ambiguity> {
        let charset = match std::str::from_utf8(&self.bytes) {
            Ok(_) if form.charset == Charset::Utf8 => Charset::Utf8,
            _ => Charset::Windows1252,
        };
        let user = charset::decode(self.bytes[..self.colon].to_vec(), charset)?;
        let password = charset::decode(self.bytes[self.colon + 1..].to_vec(), charset)?;
        Ok((user, password))
    }
}
