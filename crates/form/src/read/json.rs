//! JSON, RFC 8259, as strictly as the strictest reader.
//!
//! serde_json does the syntax (no mark in front, no trailing data, UTF-8 only) but for lone
//! surrogates in what nobody asked for. One pass over what
//! it found sound then gives every key of the outermost object, and every key inside other objects
//! that some origin may take for a watched one: a binder that looks for `Password` in a model, or
//! ignores letter case. Values stay as they stand in the body, so that nothing typed is copied
//! before it is wanted. Keys twice are seen because each becomes a field.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use zeroize::Zeroizing;

use super::{Field, MOST_FIELDS, Value};
use crate::name::{Meeting, Name};
use crate::{Ambiguity, Typed};

/// What stands outermost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    Object,
    /// A list, a text, a number: it has no fields of its own.
    Other,
}

/// The fields that one of `names` may be: all at the top, and further in those alone.
pub(super) fn read<'b>(
    body: &'b [u8],
    names: &[&Name],
    fields: &mut Vec<Field<'b>>,
) -> Result<Root, Ambiguity> {
    let words = Words::of(names);
    walk(body, |found| {
        let is_top = found.inside.len() == 1;
        if !is_top && !words.touch(found.key) {
            return Ok(());
        }
        let name = found.name();
        let meets = |watched: &&Name| name.meets(watched) != Meeting::Other;
        if !is_top && !names.iter().any(meets) {
            return Ok(());
        }
        // An object on the way to a watched name is no field itself.
        if found.shape == Shape::Object && names.iter().any(|watched| name.holds(watched)) {
            return Ok(());
        }
        keep(fields, name, found.shape)
    })
}

/// Every field, those of objects inside objects too. What is no object has none.
pub(super) fn every<'b>(body: &'b [u8], fields: &mut Vec<Field<'b>>) -> Result<(), Ambiguity> {
    let root = walk(body, |found| {
        let shallow = found.inside.len() <= SHALLOW && !found.inside.iter().any(|one| one.is_list);
        match shallow && found.shape != Shape::Object {
            true => keep(fields, found.name(), found.shape),
            false => Ok(()),
        }
    });
    root.map(drop)
}

/// Whether a body could be JSON: its first sign begins an object or a list, or is one that lenient
/// readers skip in front of them (a mark, a comment). Nobody's browser begins a form so.
pub(super) fn may_be(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    matches!(body.trim_ascii_start(), [b'{' | b'[' | b'/' | b'#', ..])
}

fn keep<'b>(fields: &mut Vec<Field<'b>>, name: Name, shape: Shape<'b>) -> Result<(), Ambiguity> {
    if fields.len() > MOST_FIELDS {
        return Err(Ambiguity::TooManyFields);
    }
    let value = match shape {
        Shape::Text(raw) => Value::Json(raw),
        Shape::Object | Shape::Other => Value::Odd(Ambiguity::NotText),
    };
    fields.push(Field {
        name,
        value,
        in_query: false,
        split: false,
    });
    Ok(())
}

/// Objects inside objects that are opened when every field is wanted.
const SHALLOW: usize = 6;

/// Objects and lists inside each other; no form comes near, and readers end at a hundred (Ruby),
/// five hundred (PHP) or a thousand (Jackson, Python).
const DEEPEST: usize = 1000;

/// Pieces of a name that are kept, and bytes of each: more than any watched name has.
const PIECES: usize = 16;
const PIECE_BYTES: usize = 256;

/// A key and what it stands for.
struct Found<'w, 'b> {
    /// The objects and lists around it, the outermost first.
    inside: &'w [Frame<'b>],
    key: &'w str,
    shape: Shape<'b>,
}

/// An object or a list that is open.
struct Frame<'b> {
    /// Its own key; none at the top and inside a list.
    key: Option<Cow<'b, str>>,
    is_list: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape<'b> {
    /// A string, quotes and all.
    Text(&'b str),
    Object,
    Other,
}

impl Found<'_, '_> {
    /// The name as a form would write it: `user[pass]`, and `[]` for a list on the way.
    fn name(&self) -> Name {
        let around = self.inside[1..].iter();
        let pieces = around.map(|frame| frame.key.as_deref().unwrap_or_default());
        let mut pieces: Vec<&str> = pieces.chain([self.key]).collect();
        if pieces.len() > PIECES {
            pieces.drain(1..pieces.len() - PIECES);
            // Where it begins is not where a watched name does.
            pieces[0] = "\u{2026}";
        }
        let mut name = Vec::new();
        for (place, piece) in pieces.into_iter().enumerate() {
            let piece = &piece.as_bytes()[..piece.len().min(PIECE_BYTES)];
            match place {
                0 => name.extend_from_slice(piece),
                _ => name.extend([b"[", piece, b"]"].concat()),
            }
        }
        Name::new(name)
    }
}

/// The words that watched names are made of.
struct Words<'n> {
    words: Vec<&'n [u8]>,
    /// One of them has other signs than letters and digits of ASCII, so that any key may be it.
    any: bool,
}

impl<'n> Words<'n> {
    fn of(names: &[&'n Name]) -> Self {
        let literals = || names.iter().map(|name| name.literal());
        Self {
            words: literals().flat_map(words).collect(),
            any: literals().any(|name| !name.is_ascii() || words(name).next().is_none()),
        }
    }

    /// Whether a key has one of them, in any letter case. Most have none, and cost no more.
    fn touch(&self, key: &str) -> bool {
        let is_one = |word: &[u8]| self.words.iter().any(|one| one.eq_ignore_ascii_case(word));
        self.any || !key.is_ascii() || words(key.as_bytes()).any(is_one)
    }
}

fn words(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    name.split(|byte| !byte.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// One pass over a body, which is JSON or refused. Needs no more memory than its depth.
fn walk<'b>(
    body: &'b [u8],
    mut tell: impl FnMut(Found<'_, 'b>) -> Result<(), Ambiguity>,
) -> Result<Root, Ambiguity> {
    let text = std::str::from_utf8(body).map_err(|_| Ambiguity::Json)?;
    serde_json::from_str::<IgnoredAny>(text).map_err(|_| Ambiguity::Json)?;
    let mut inside: Vec<Frame<'b>> = Vec::new();
    let mut key: Option<Cow<'b, str>> = None;
    let mut at = 0;
    while let Some(&byte) = body.get(at) {
        let start = at;
        let shape = match byte {
            b'"' => {
                at = end_of_string(text, at).ok_or(Ambiguity::Json)?;
                let raw = &text[start..at];
                let rest = body[at..].trim_ascii_start();
                if rest.first() == Some(&b':') {
                    key = Some(key_of(raw)?);
                    at = body.len() - rest.len() + 1;
                    continue;
                }
                Shape::Text(raw)
            }
            b'{' => Shape::Object,
            b'}' | b']' => {
                inside.pop();
                at += 1;
                continue;
            }
            b',' | b' ' | b'\t' | b'\n' | b'\r' => {
                at += 1;
                continue;
            }
            _ => Shape::Other,
        };
        if let Some(key) = &key {
            tell(Found {
                inside: &inside,
                key,
                shape,
            })?;
        }
        let key = key.take();
        match byte {
            b'{' | b'[' if inside.len() >= DEEPEST => return Err(Ambiguity::Json),
            b'{' | b'[' => {
                inside.push(Frame {
                    key,
                    is_list: byte == b'[',
                });
                at += 1;
            }
            b'"' => {}
            // A number or a word.
            _ => {
                let ends =
                    |byte: &u8| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace();
                let length = body[at..].iter().position(ends);
                at += length.unwrap_or(body.len() - at);
            }
        }
    }
    Ok(match body.trim_ascii_start().first() {
        Some(b'{') => Root::Object,
        _ => Root::Other,
    })
}

/// Behind the quote that ends a string, in a text that is sound but for surrogates: where half of
/// a pair stands alone, some readers take nothing of the whole.
fn end_of_string(text: &str, start: usize) -> Option<usize> {
    let body = text.as_bytes();
    let mut at = start + 1;
    while let Some(found) = memchr::memchr2(b'"', b'\\', &body[at..]) {
        at += found;
        at = match body[at..] {
            [b'\\', b'u', ..] => text.len() - unicode(&text[at + 2..])?.1.len(),
            [b'\\', ..] => at + 2,
            _ => return Some(at + 1),
        };
    }
    None
}

fn key_of(raw: &str) -> Result<Cow<'_, str>, Ambiguity> {
    let inner = &raw[1..raw.len() - 1];
    match inner.contains('\\') {
        false => Ok(Cow::Borrowed(inner)),
        true => unquote(raw).map(|key| Cow::Owned(key.expose().to_owned())),
    }
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
