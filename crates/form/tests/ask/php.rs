//! PHP's rules for urlencoded fields, written apart from ours: `php_register_variable_ex` and
//! `php_default_treat_data` of PHP 8.

/// What a field is to PHP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Not there.
    Nothing,
    /// A text.
    Text(Vec<u8>),
    /// An array, of whatever.
    Array,
}

/// The field of a plain name in a query or a body: the last of a thousand wins.
pub(crate) fn field(wanted: &[u8], text: &[u8]) -> Seen {
    let mut seen = Seen::Nothing;
    let pieces = text
        .split(|&byte| byte == b'&')
        .filter(|piece| !piece.is_empty());
    for piece in pieces.take(1000) {
        let (name, value) = match piece.iter().position(|&byte| byte == b'=') {
            Some(at) => (&piece[..at], &piece[at + 1..]),
            None => (piece, &[][..]),
        };
        let name = decode(name);
        let name = name.split(|&byte| byte == 0).next().unwrap_or_default();
        let name = name
            .strip_prefix(b" ")
            .map_or(name, |rest| rest.trim_ascii_start());
        let Some(open) = name.iter().position(|&byte| byte == b'[') else {
            if mangle(name) == wanted {
                seen = Seen::Text(decode(value));
            }
            continue;
        };
        // A bracket that nothing closes becomes part of the name.
        let closed = name[open..].contains(&b']');
        if closed && open > 0 && mangle(&name[..open]) == wanted {
            seen = Seen::Array;
        }
    }
    seen
}

fn mangle(name: &[u8]) -> Vec<u8> {
    let sign = |&byte: &u8| {
        if matches!(byte, b' ' | b'.') {
            b'_'
        } else {
            byte
        }
    };
    name.iter().map(sign).collect()
}

fn decode(raw: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut at = 0;
    while at < raw.len() {
        let digits = raw
            .get(at + 1..at + 3)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = digits
            .filter(|digits| raw[at] == b'%' && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (escaped, raw[at]) {
            (Some(byte), _) => decoded.push(byte),
            (None, b'+') => decoded.push(b' '),
            (None, byte) => decoded.push(byte),
        }
        at += if escaped.is_some() { 3 } else { 1 };
    }
    decoded
}
