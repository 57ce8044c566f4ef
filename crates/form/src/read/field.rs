//! One field of a request, its value still as it was sent.

use encoding_rs::Encoding;
use policy::site::Charset;
use zeroize::Zeroizing;

use super::json;
use crate::name::Name;
use crate::{Ambiguity, Typed, charset};

pub(crate) struct Field<'b> {
    pub(crate) name: Name,
    pub(crate) value: Value<'b>,
    /// In the query instead of the body.
    pub(crate) in_query: bool,
    /// Behind a `;`, which some origins take for a separator.
    pub(crate) split: bool,
}

/// A value as it was sent.
pub(crate) enum Value<'b> {
    /// With escapes and `+`.
    Percent(&'b [u8]),
    /// A part, with the charset that it announces.
    Part(&'b [u8], Option<&'static Encoding>),
    /// A JSON string, quotes and all.
    Json(&'b str),
    /// Decoded already.
    Text(Zeroizing<String>),
    /// Something that no form has here.
    Odd(Ambiguity),
}

impl<'b> Field<'b> {
    pub(crate) fn body(name: Vec<u8>, value: Value<'b>) -> Self {
        Self {
            name: Name::new(name),
            value,
            in_query: false,
            split: false,
        }
    }

    /// A field whose name came as bytes. Those of a control sign may begin another charset, or
    /// be dropped.
    pub(crate) fn of_bytes(name: Vec<u8>, value: Value<'b>) -> Result<Self, Ambiguity> {
        if name.contains(&0) {
            return Err(Ambiguity::Nul);
        }
        match name.iter().any(u8::is_ascii_control) {
            true => Err(Ambiguity::Name),
            false => Ok(Self::body(name, value)),
        }
    }
}

impl Value<'_> {
    /// What was typed.
    pub(crate) fn text(&self, charset: Charset) -> Result<Typed, Ambiguity> {
        match self {
            Self::Percent(raw) => {
                let bytes = unescape(raw).ok_or(Ambiguity::Percent)?;
                charset::decode(bytes, charset)
            }
            Self::Part(_, Some(announced)) if *announced != charset::encoding(charset) => {
                Err(Ambiguity::Charset)
            }
            Self::Part(bytes, _) => charset::decode(bytes.to_vec(), charset),
            Self::Json(raw) => json::unquote(raw),
            Self::Text(text) => charset::decode(text.as_bytes().to_vec(), Charset::Utf8),
            Self::Odd(ambiguity) => Err(*ambiguity),
        }
    }
}

/// Escapes and `+` decoded; `None` for a `%` that starts none. One buffer, of full size.
pub(crate) fn unescape(raw: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Zeroizing::new(Vec::with_capacity(raw.len()));
    let mut bytes = raw.iter();
    while let Some(&byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
                let (high, low) = (digit(bytes.next())?, digit(bytes.next())?);
                u8::try_from(high * 16 + low).ok()?
            }
            byte => byte,
        });
    }
    Some(std::mem::take(&mut *decoded))
}
