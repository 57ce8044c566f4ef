//! JSON, RFC 8259, as strictly as the strictest reader.
//!
//! serde_json does the syntax (no mark in front, no trailing data, UTF-8 only) and hands values
//! back as they stand in the body, so that nothing typed is copied before it is wanted. Keys
//! twice, case apart or not, are seen because every key of a watched object becomes a field.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::{Field, MOST_FIELDS, Value};
use crate::name::Name;
use crate::{Ambiguity, Typed};

pub(super) fn read<'b>(
    body: &'b [u8],
    names: &[&Name],
    fields: &mut Vec<Field<'b>>,
) -> Result<(), Ambiguity> {
    let text = std::str::from_utf8(body).map_err(|_| Ambiguity::Json)?;
    let opens = |name: &Name| names.iter().any(|watched| name.holds(watched));
    object(text, b"", &opens, fields)
}

/// Every field, those of objects inside objects too. What is no object has none.
pub(super) fn every<'b>(body: &'b [u8], fields: &mut Vec<Field<'b>>) -> Result<(), Ambiguity> {
    let text = std::str::from_utf8(body).map_err(|_| Ambiguity::Json)?;
    if !text.trim_start().starts_with('{') {
        return Ok(());
    }
    let is_shallow = |name: &Name| {
        let keys = name.literal().iter().filter(|&&byte| byte == b'[');
        keys.count() < DEEPEST
    };
    object(text, b"", &is_shallow, fields)
}

/// Objects inside objects that are opened when every field is wanted.
const DEEPEST: usize = 6;

/// The keys of an object, under the name that leads to it.
fn object<'b>(
    text: &'b str,
    prefix: &[u8],
    opens: &dyn Fn(&Name) -> bool,
    fields: &mut Vec<Field<'b>>,
) -> Result<(), Ambiguity> {
    let Object(pairs) = serde_json::from_str(text).map_err(|_| Ambiguity::Json)?;
    for (key, value) in pairs {
        if fields.len() > MOST_FIELDS {
            return Err(Ambiguity::TooManyFields);
        }
        if key.contains('\0') {
            return Err(Ambiguity::Nul);
        }
        let name = match prefix {
            [] => key.into_bytes(),
            prefix => [prefix, b"[", key.as_bytes(), b"]"].concat(),
        };
        let raw = value.get();
        let field = Field::body(
            name,
            match raw.as_bytes().first() {
                Some(b'"') => Value::Json(raw),
                _ => Value::Odd(Ambiguity::NotText),
            },
        );
        // Objects are opened only where a watched name leads into them, and each is read once.
        if raw.starts_with('{') && opens(&field.name) {
            object(raw, field.name.literal(), opens, fields)?;
        } else {
            fields.push(field);
        }
    }
    Ok(())
}

/// The text of a JSON string, decoded into one buffer of full size.
pub(super) fn unquote(raw: &str) -> Result<Typed, Ambiguity> {
    let inner = raw
        .strip_prefix('"')
        .and_then(|raw| raw.strip_suffix('"'))
        .ok_or(Ambiguity::Json)?;
    let mut text = Zeroizing::new(String::with_capacity(inner.len()));
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let mut signs = rest[at + 1..].chars();
        let sign = match signs.next().ok_or(Ambiguity::Json)? {
            sign @ ('"' | '\\' | '/') => sign,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let (sign, after) = unicode(signs.as_str()).ok_or(Ambiguity::Json)?;
                rest = after;
                text.push(sign);
                continue;
            }
            _ => return Err(Ambiguity::Json),
        };
        text.push(sign);
        rest = signs.as_str();
    }
    text.push_str(rest);
    if text.contains('\0') {
        return Err(Ambiguity::Nul);
    }
    Ok(Typed::new(std::mem::take(&mut *text)))
}

/// Four digits, or two times four for a pair of surrogates; alone, a surrogate is no sign.
fn unicode(text: &str) -> Option<(char, &str)> {
    let unit = |text: &str| {
        let digits = text.get(..4)?;
        let all = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        u32::from_str_radix(digits, 16).ok().filter(|_| all)
    };
    let first = unit(text)?;
    let rest = &text[4..];
    match first {
        0xd800..=0xdbff => {
            let rest = rest.strip_prefix("\\u")?;
            let second = unit(rest).filter(|unit| (0xdc00..=0xdfff).contains(unit))?;
            let sign = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            Some((char::from_u32(sign)?, &rest[4..]))
        }
        _ => Some((char::from_u32(first)?, rest)),
    }
}

/// The keys and raw values of one object, in their order.
struct Object<'b>(Vec<(String, &'b RawValue)>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Keys)
    }
}

struct Keys;

impl<'de> Visitor<'de> for Keys {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Object(pairs))
    }
}
