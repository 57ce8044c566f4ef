//! One request and its answer, as they were watched.

use std::fmt;

use base64ct::{Base64, Encoding as _};
use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderMap, StatusCode};
use policy::site::{Charset, Encoding};
use zeroize::Zeroizing;

use crate::media::Kind;
use crate::{Ambiguity, Brought, Head, Typed, answer, charset, read};

/// What the person was asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Sign in with a wrong password.
    Failed,
    /// Sign in with the right one.
    Good,
    /// Change a password.
    Change,
    /// Open an account.
    SignUp,
}

/// One request and its answer. What was typed is wiped when it is dropped.
pub struct Exchange {
    /// The method, as it was sent.
    pub method: String,
    /// The path, as it was sent.
    pub path: String,
    /// What follows `?`.
    pub query: Option<Zeroizing<String>>,
    /// The fields of the request, as the origin got them.
    pub headers: HeaderMap,
    /// The body, whole.
    pub body: Zeroizing<Vec<u8>>,
    /// The status of the answer.
    pub status: StatusCode,
    /// The fields of the answer, before anything in them is changed.
    pub answer: HeaderMap,
    /// The start of the answer's body, where it is text.
    pub text: Vec<u8>,
}

/// What a request says.
#[derive(Default)]
pub(super) struct Read {
    /// How its body is written; `None` without one, or when it is no form.
    pub(super) encoding: Option<Encoding>,
    /// Every field that has a text.
    pub(super) fields: Vec<Sent>,
    /// The user and the password of `Authorization: Basic`.
    pub(super) basic: Option<(Typed, Typed)>,
}

/// A field that was sent.
pub(super) struct Sent {
    pub(super) name: String,
    pub(super) value: Typed,
    pub(super) in_query: bool,
}

impl Exchange {
    /// What the request says. The charset is that of the answer's page.
    pub(super) fn read(&self) -> Result<Read, Ambiguity> {
        let mut read = Read {
            basic: self.basic(),
            ..Read::default()
        };
        let query = self.query.as_ref().map_or("", |query| query.as_str());
        let (kind, fields) = read::every(&self.headers, query, &self.body)?;
        read.encoding = match kind {
            Some(Kind::Urlencoded) => Some(Encoding::Urlencoded),
            Some(Kind::Multipart(_)) => Some(Encoding::Multipart),
            Some(Kind::Json) => Some(Encoding::Json),
            _ => None,
        };
        for field in fields {
            let Ok(name) = std::str::from_utf8(field.name.literal()) else {
                continue;
            };
            // A file, a number or a list is nobody's password.
            let Ok(value) = field.value.text(self.charset()) else {
                continue;
            };
            read.fields.push(Sent {
                name: name.to_owned(),
                value,
                in_query: field.in_query,
            });
        }
        Ok(read)
    }

    /// Its head, as the gate would read it.
    pub(super) fn head(&self) -> Head<'_> {
        Head {
            method: &self.method,
            path: &self.path,
            query: self.query.as_ref().map(|query| query.as_str()),
            headers: &self.headers,
            has_body: !self.body.is_empty(),
        }
    }

    /// Whether the request itself is why its answer leads to a place, so that a rule of this
    /// pattern would not be believed.
    pub(super) fn says_itself(&self, pattern: &str, place: &str) -> bool {
        let mut brought = Brought::to(std::iter::once(pattern), &self.head());
        if let Ok(read) = self.read() {
            let fields = read.fields.iter();
            fields.for_each(|field| brought.add(field.value.expose()));
        }
        brought.explains(place)
    }

    /// The charset of the answer's page, which is that of the form as a rule.
    pub(super) fn charset(&self) -> Charset {
        let media = self.answer.get(http::header::CONTENT_TYPE);
        let text = media.and_then(|media| media.to_str().ok()).unwrap_or("");
        let text = text.to_ascii_lowercase();
        if text.contains("charset=iso-8859-1") || text.contains("charset=latin1") {
            Charset::Latin1
        } else if text.contains("charset=windows-1252") {
            Charset::Windows1252
        } else {
            Charset::Utf8
        }
    }

    /// Names of the cookies that the browser sent.
    pub(super) fn cookies_sent(&self) -> impl Iterator<Item = String> {
        let lines = self.headers.get_all(COOKIE).iter();
        let pairs = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'));
        pairs.filter_map(|pair| {
            let (name, _) = pair.split_once('=')?;
            Some(name.trim().to_owned())
        })
    }

    /// Names of the cookies that the answer sets and does not delete.
    pub(super) fn cookies_kept(&self) -> Vec<String> {
        answer::kept(&self.answer)
    }

    fn basic(&self) -> Option<(Typed, Typed)> {
        let value = self.headers.get(AUTHORIZATION)?.to_str().ok()?;
        let (scheme, rest) = value.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let mut bytes = Zeroizing::new(vec![0; rest.len()]);
        let length = Base64::decode(rest.trim(), &mut bytes).ok()?.len();
        bytes.truncate(length);
        let colon = memchr::memchr(b':', &bytes)?;
        let charset = match std::str::from_utf8(&bytes) {
            Ok(_) => Charset::Utf8,
            Err(_) => Charset::Windows1252,
        };
        let half = |half: &[u8]| charset::decode(half.to_vec(), charset).ok();
        Some((half(&bytes[..colon])?, half(&bytes[colon + 1..])?))
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Exchange(..)")
    }
}
