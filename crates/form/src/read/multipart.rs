//! `multipart/form-data`, RFC 7578, in the one shape that browsers send.
//!
//! Readers differ on everything else: text before and after, bare line feeds, a boundary that
//! starts another, unquoted or escaped names, `name*=`, parts encoded once more. All of it is
//! refused. The delimiter may stand nowhere but where a part starts or ends.

use encoding_rs::Encoding;
use memchr::memmem;

use super::{Field, MOST_FIELDS, Value};
use crate::Ambiguity;

pub(super) fn read<'b>(
    body: &'b [u8],
    boundary: &[u8],
    fields: &mut Vec<Field<'b>>,
) -> Result<(), Ambiguity> {
    let delimiter = [b"--", boundary].concat();
    let finder = memmem::Finder::new(&delimiter);
    let mut rest = body
        .strip_prefix(&delimiter[..])
        .ok_or(Ambiguity::Multipart)?;
    loop {
        if let Some(end) = rest.strip_prefix(b"--") {
            return match end {
                b"" | b"\r\n" => Ok(()),
                _ => Err(Ambiguity::Multipart),
            };
        }
        if fields.len() > MOST_FIELDS {
            return Err(Ambiguity::TooManyFields);
        }
        let part = rest.strip_prefix(b"\r\n").ok_or(Ambiguity::Multipart)?;
        let next = finder.find(part).ok_or(Ambiguity::Multipart)?;
        let whole = part[..next]
            .strip_suffix(b"\r\n")
            .ok_or(Ambiguity::Multipart)?;
        fields.push(self::part(whole)?);
        rest = &part[next + delimiter.len()..];
    }
}

/// Fields, an empty line, a value.
fn part(whole: &[u8]) -> Result<Field<'_>, Ambiguity> {
    let end = memmem::find(whole, b"\r\n\r\n").ok_or(Ambiguity::Multipart)?;
    let (head, value) = (&whole[..end], &whole[end + 4..]);
    let mut disposition = None;
    let mut media = None;
    for line in split_lines(head)? {
        let (name, value) = header(line)?;
        let place = match name.to_ascii_lowercase().as_slice() {
            b"content-disposition" => &mut disposition,
            b"content-type" => &mut media,
            // Some clients say what is not needed.
            b"content-length" => continue,
            b"content-transfer-encoding" if is_unencoded(value) => continue,
            _ => return Err(Ambiguity::Multipart),
        };
        if place.replace(value).is_some() {
            return Err(Ambiguity::Multipart);
        }
    }
    let (name, is_file) = names(disposition.ok_or(Ambiguity::Multipart)?)?;
    let value = match (is_file, media) {
        (true, _) => Value::Odd(Ambiguity::File),
        (false, None) => Value::Part(value, None),
        (false, Some(media)) => match text_charset(media) {
            Some(charset) => Value::Part(value, charset),
            None => Value::Odd(Ambiguity::NotText),
        },
    };
    Field::of_bytes(name, value)
}

/// Lines that end in CR LF, none of them bare or folded.
fn split_lines(head: &[u8]) -> Result<Vec<&[u8]>, Ambiguity> {
    let mut lines = Vec::new();
    let mut rest = head;
    while let Some(end) = memmem::find(rest, b"\r\n") {
        lines.push(&rest[..end]);
        rest = &rest[end + 2..];
    }
    lines.push(rest);
    let odd = |line: &&[u8]| {
        line.is_empty()
            || line.starts_with(b" ")
            || line
                .iter()
                .any(|&byte| byte.is_ascii_control() && byte != b'\t')
    };
    match lines.len() > 8 || lines.iter().any(odd) {
        true => Err(Ambiguity::Multipart),
        false => Ok(lines),
    }
}

fn header(line: &[u8]) -> Result<(&[u8], &[u8]), Ambiguity> {
    let colon = memchr::memchr(b':', line).ok_or(Ambiguity::Multipart)?;
    let name = &line[..colon];
    let is_token = !name.is_empty()
        && name
            .iter()
            .all(|&byte| byte.is_ascii_alphanumeric() || byte == b'-');
    match is_token {
        true => Ok((name, line[colon + 1..].trim_ascii())),
        false => Err(Ambiguity::Multipart),
    }
}

fn is_unencoded(value: &[u8]) -> bool {
    [&b"binary"[..], b"8bit", b"7bit"]
        .iter()
        .any(|one| value.eq_ignore_ascii_case(one))
}

/// `form-data; name="a"`, perhaps `; filename="b"`: the name, and whether it is a file.
fn names(disposition: &[u8]) -> Result<(Vec<u8>, bool), Ambiguity> {
    let odd = Ambiguity::Multipart;
    let mut rest = disposition.strip_prefix(b"form-data").ok_or(odd)?;
    let (mut name, mut file) = (None, None);
    while !rest.is_empty() {
        rest = rest.strip_prefix(b";").ok_or(odd)?.trim_ascii_start();
        let equals = memchr::memchr(b'=', rest).ok_or(odd)?;
        let place = match &rest[..equals] {
            b"name" => &mut name,
            b"filename" => &mut file,
            _ => return Err(odd),
        };
        let quoted = rest[equals + 1..].strip_prefix(b"\"").ok_or(odd)?;
        let end = memchr::memchr(b'"', quoted).ok_or(odd)?;
        let text = &quoted[..end];
        if memchr::memchr2(b'\\', 0, text).is_some() || place.replace(text).is_some() {
            return Err(odd);
        }
        rest = &quoted[end + 1..];
    }
    Ok((name.ok_or(odd)?.to_vec(), file.is_some()))
}

/// The charset of a part that is text; `None` when it is something else.
fn text_charset(media: &[u8]) -> Option<Option<&'static Encoding>> {
    let media = std::str::from_utf8(media).ok()?.to_ascii_lowercase();
    let rest = media.strip_prefix("text/plain")?;
    if rest.is_empty() {
        return Some(None);
    }
    let charset = rest
        .strip_prefix(';')?
        .trim_start()
        .strip_prefix("charset=")?;
    Encoding::for_label(charset.trim_matches('"').as_bytes()).map(Some)
}
