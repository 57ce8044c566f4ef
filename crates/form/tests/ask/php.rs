//! PHP's rules for fields, written apart from ours: `php_register_variable_ex` and
//! `php_default_treat_data` of PHP 8, its reader of `multipart/form-data` (`rfc1867.c`), and
//! `json_decode`.

use serde_json::Value;

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
        register(wanted, &decode(name), &decode(value), &mut seen);
    }
    seen
}

/// A variable as PHP makes one of a name.
fn register(wanted: &[u8], name: &[u8], value: &[u8], seen: &mut Seen) {
    let name = until_nul(name);
    let name = name
        .strip_prefix(b" ")
        .map_or(name, |rest| rest.trim_ascii_start());
    let Some(open) = name.iter().position(|&byte| byte == b'[') else {
        if mangle(name) == wanted {
            *seen = Seen::Text(value.to_vec());
        }
        return;
    };
    // A bracket that nothing closes becomes part of the name.
    let closed = name[open..].contains(&b']');
    if closed && open > 0 && mangle(&name[..open]) == wanted {
        *seen = Seen::Array;
    }
}

fn until_nul(text: &[u8]) -> &[u8] {
    text.split(|&byte| byte == 0).next().unwrap_or_default()
}

/// The field of a plain name in a body of parts.
pub(crate) fn part(wanted: &[u8], boundary: &[u8], body: &[u8]) -> Seen {
    let mut seen = Seen::Nothing;
    let opening = [b"--", boundary].concat();
    let closing = [b"\n", &opening[..]].concat();
    let mut lines = Lines(body);
    while lines.by_ref().any(|line| line == opening) {
        let mut disposition: Option<Vec<u8>> = None;
        let mut current: Option<(Vec<u8>, Vec<u8>)> = None;
        let keep = |header: Option<(Vec<u8>, Vec<u8>)>, found: &mut Option<Vec<u8>>| {
            if let Some((key, value)) = header
                && key.eq_ignore_ascii_case(b"content-disposition")
                && found.is_none()
            {
                *found = Some(value);
            }
        };
        for line in lines.by_ref().take_while(|line| !line.is_empty()) {
            let colon = line.iter().position(|&byte| byte == b':');
            match (colon.filter(|_| !is_space(line[0])), &mut current) {
                (Some(colon), _) => {
                    let value = trim_start(&line[colon + 1..]).to_vec();
                    keep(
                        current.replace((line[..colon].to_vec(), value)),
                        &mut disposition,
                    );
                }
                (None, Some((_, value))) => value.extend_from_slice(line),
                (None, None) => {}
            }
        }
        keep(current, &mut disposition);
        let Some(disposition) = disposition else {
            continue;
        };
        let (mut name, mut file) = (None, false);
        let mut rest = trim_start(&disposition);
        while !rest.is_empty() {
            let (pair, after) = word(rest, b';');
            rest = trim_start(after);
            if pair.contains(&b'=') {
                let (key, value) = word(pair, b'=');
                if key.eq_ignore_ascii_case(b"name") {
                    name = Some(configured(value));
                }
                file |= key.eq_ignore_ascii_case(b"filename");
            }
        }
        // At the end of the body a piece of the boundary is enough.
        let end = (0..lines.0.len()).find(|&at| {
            let rest = &lines.0[at..];
            rest.starts_with(&closing) || closing.starts_with(rest)
        });
        let (value, after) = lines.0.split_at(end.unwrap_or(lines.0.len()));
        lines.0 = after;
        match name {
            Some(name) if !file => {
                let cut = end.and_then(|_| value.strip_suffix(b"\r"));
                let value = cut.unwrap_or(value);
                register(wanted, &name, value, &mut seen);
            }
            Some(_) => {}
            None => break,
        }
    }
    seen
}

/// Lines that end in LF, without a CR before it, as far as their first NUL.
struct Lines<'b>(&'b [u8]);

impl<'b> Iterator for Lines<'b> {
    type Item = &'b [u8];

    fn next(&mut self) -> Option<&'b [u8]> {
        let end = self.0.iter().position(|&byte| byte == b'\n')?;
        let line = &self.0[..end];
        self.0 = &self.0[end + 1..];
        Some(until_nul(line.strip_suffix(b"\r").unwrap_or(line)))
    }
}

/// `isspace` of C.
fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

fn trim_start(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|&byte| !is_space(byte));
    &text[start.unwrap_or(text.len())..]
}

/// `php_ap_getword`: up to a sign that stands in no quotes, and what comes after it.
fn word(text: &[u8], stop: u8) -> (&[u8], &[u8]) {
    let mut at = 0;
    while at < text.len() && text[at] != stop {
        let quote = text[at];
        at += 1;
        if quote != b'"' && quote != b'\'' {
            continue;
        }
        while at < text.len() && text[at] != quote {
            let escaped = text[at] == b'\\' && text.get(at + 1) == Some(&quote);
            at += if escaped { 2 } else { 1 };
        }
        at = (at + 1).min(text.len());
    }
    let after = text[at..].iter().position(|&byte| byte != stop);
    (
        &text[..at],
        &text[after.map_or(text.len(), |more| at + more)..],
    )
}

/// `php_ap_getword_conf`: what stands in quotes, or up to a blank.
fn configured(text: &[u8]) -> Vec<u8> {
    let text = trim_start(text);
    let (quote, text) = match text {
        [quote @ (b'"' | b'\''), rest @ ..] => (Some(*quote), rest),
        text => {
            let end = text.iter().position(|&byte| is_space(byte));
            (None, &text[..end.unwrap_or(text.len())])
        }
    };
    let mut word = Vec::new();
    let mut bytes = text.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if Some(byte) == quote {
            break;
        }
        let escapes = byte == b'\\';
        let next = bytes.peek().copied();
        match next.filter(|&next| escapes && (next == b'\\' || Some(next) == quote)) {
            Some(next) => {
                word.push(next);
                bytes.next();
            }
            None => word.push(byte),
        }
    }
    word
}

/// The field of a plain name in a JSON object, where the last of two wins; `None` where the
/// model ends before `json_decode` does, in depth and in the size of numbers.
pub(crate) fn json(wanted: &str, body: &[u8]) -> Option<Seen> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Some(match members.get(wanted) {
            None => Seen::Nothing,
            Some(Value::String(text)) => Seen::Text(text.clone().into_bytes()),
            Some(_) => Seen::Array,
        }),
        Ok(_) => Some(Seen::Nothing),
        Err(error)
            if ["recursion", "range"]
                .iter()
                .any(|why| error.to_string().contains(why)) =>
        {
            None
        }
        Err(_) => Some(Seen::Nothing),
    }
}

/// Whether a key of that name is anywhere in a JSON text, letter case apart, as binders of models
/// look for it.
pub(crate) fn is_in_json(wanted: &str, body: &[u8]) -> bool {
    fn is_in(wanted: &str, value: &Value) -> bool {
        match value {
            Value::Object(members) => members
                .iter()
                .any(|(key, value)| key.eq_ignore_ascii_case(wanted) || is_in(wanted, value)),
            Value::Array(values) => values.iter().any(|value| is_in(wanted, value)),
            _ => false,
        }
    }
    serde_json::from_slice(body).is_ok_and(|value| is_in(wanted, &value))
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
