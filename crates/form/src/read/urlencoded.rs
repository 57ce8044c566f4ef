//! `application/x-www-form-urlencoded`, in a body and in a query (WHATWG URL, 5.1).
//!
//! A body is read strictly: a `%` that starts no escape and a raw `;` are read in as many ways
//! as there are origins, and browsers send neither. A query is written by hand as often as by a
//! browser: there, what is odd matters only where it touches a watched name.

use super::field::unescape;
use super::{Field, MOST_FIELDS, Value};
use crate::Ambiguity;
use crate::name::{Meeting, Name};

pub(super) fn body<'b>(body: &'b [u8], fields: &mut Vec<Field<'b>>) -> Result<(), Ambiguity> {
    if memchr::memchr(b';', body).is_some() {
        return Err(Ambiguity::Semicolon);
    }
    for piece in body
        .split(|&byte| byte == b'&')
        .filter(|piece| !piece.is_empty())
    {
        if fields.len() > MOST_FIELDS {
            return Err(Ambiguity::TooManyFields);
        }
        let (name, value) = halves(piece);
        if !is_escaped_well(value) {
            return Err(Ambiguity::Percent);
        }
        let name = unescape(name).ok_or(Ambiguity::Percent)?;
        fields.push(Field::of_bytes(name, Value::Percent(value))?);
    }
    Ok(())
}

/// Keeps the fields of a query that an origin may take for one of `names`, and `_method`.
pub(super) fn query<'q>(
    query: &'q str,
    names: &[&Name],
    fields: &mut Vec<Field<'q>>,
) -> Result<(), Ambiguity> {
    let method = Name::new(b"_method".to_vec());
    let mut pieces = 0;
    for whole in query.as_bytes().split(|&byte| byte == b'&') {
        let pieces_of = whole.split(|&byte| byte == b';').enumerate();
        // A key in brackets may hold the sign itself: `pass[a;]`.
        let name = halves(whole).0;
        let holds = |sign| memchr::memchr(sign, name).is_some();
        let unsplit = (holds(b';') && (holds(b'[') || holds(b'%'))).then_some((1, whole));
        for (index, piece) in pieces_of.chain(unsplit) {
            if piece.is_empty() {
                continue;
            }
            // Each is compared with every name, so their number is what this costs.
            pieces += 1;
            if pieces > MOST_FIELDS {
                return Err(Ambiguity::TooManyFields);
            }
            let (name, value) = halves(piece);
            let mut name = unescape(name).unwrap_or_else(|| unescape_loosely(name));
            // PHP ends a name at a NUL.
            if let Some(end) = memchr::memchr(0, &name) {
                name.truncate(end);
            }
            let field = Field {
                name: Name::new(name),
                value: Value::Percent(value),
                in_query: true,
                split: index > 0,
            };
            let mut watched = names.iter().copied().chain([&method]);
            if watched.any(|watched| field.name.meets(watched) != Meeting::Other) {
                fields.push(field);
            }
        }
    }
    Ok(())
}

/// Every value of a query, decoded; a name where there is no value.
pub(crate) fn values(query: &str) -> impl Iterator<Item = Vec<u8>> {
    let pieces = query.split(['&', ';']).take(MOST_FIELDS);
    pieces.map(|piece| {
        let (name, value) = halves(piece.as_bytes());
        unescape_loosely(if value.is_empty() { name } else { value })
    })
}

fn halves(piece: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b'=', piece) {
        Some(at) => (&piece[..at], &piece[at + 1..]),
        None => (piece, &[]),
    }
}

fn is_escaped_well(raw: &[u8]) -> bool {
    let digit = |at: usize| raw.get(at).is_some_and(u8::is_ascii_hexdigit);
    memchr::memchr_iter(b'%', raw).all(|at| digit(at + 1) && digit(at + 2))
}

/// As IIS and lenient readers do: `%u0070` is `p`, and a lone `%` stays.
pub(crate) fn unescape_loosely(raw: &[u8]) -> Vec<u8> {
    let hex = |high: u8, low: u8| {
        let digit = |byte: u8| char::from(byte).to_digit(16);
        u8::try_from(digit(high)? * 16 + digit(low)?).ok()
    };
    let mut decoded = Vec::with_capacity(raw.len());
    let mut at = 0;
    while at < raw.len() {
        let escaped = match raw[at..] {
            [b'%', b'u' | b'U', b'0', b'0', high, low, ..] => hex(high, low).map(|byte| (byte, 6)),
            [b'%', high, low, ..] => hex(high, low).map(|byte| (byte, 3)),
            [b'+', ..] => Some((b' ', 1)),
            _ => None,
        };
        let (byte, length) = escaped.unwrap_or((raw[at], 1));
        decoded.push(byte);
        at += length;
    }
    decoded
}
