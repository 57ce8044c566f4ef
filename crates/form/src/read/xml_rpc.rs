//! XML-RPC calls, in the plain shape that clients send.
//!
//! A small reader of its own, since strictness is the point: no DOCTYPE, comment, CDATA,
//! attribute, entity or letter case of another kind, which readers treat in different ways.
//! The parameters are fields by their position from 0, beside `methodName`. A watched value
//! has no space around it, because some servers trim.

use zeroize::Zeroizing;

use super::{Field, MOST_FIELDS, Value};
use crate::Ambiguity;

const ODD: Ambiguity = Ambiguity::XmlRpc;

pub(super) fn read<'b>(body: &'b [u8], fields: &mut Vec<Field<'b>>) -> Result<(), Ambiguity> {
    let text = std::str::from_utf8(body).map_err(|_| ODD)?;
    let legal = |sign: char| !sign.is_control() || matches!(sign, '\t' | '\n' | '\r');
    if !text.chars().all(|sign| legal(sign) && sign != '\u{feff}') {
        return Err(ODD);
    }
    let mut call = Cursor(text);
    call.declaration()?;
    call.expect("<methodCall>")?;
    call.expect("<methodName>")?;
    let method = call.text()?;
    call.expect("</methodName>")?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:/".contains(&byte);
    if method.is_empty() || !method.bytes().all(plain) {
        return Err(ODD);
    }
    if method.eq_ignore_ascii_case("system.multicall") {
        return Err(Ambiguity::Multicall);
    }
    fields.push(Field::body(b"methodName".to_vec(), Value::Text(method)));
    if call.take("<params>") {
        let mut position = 0;
        while call.take("<param>") {
            call.expect("<value>")?;
            let value = call.value()?;
            call.expect("</param>")?;
            if position >= MOST_FIELDS {
                return Err(Ambiguity::TooManyFields);
            }
            fields.push(Field::body(position.to_string().into_bytes(), value));
            position += 1;
        }
        call.expect("</params>")?;
    } else {
        call.take("<params/>");
    }
    call.expect("</methodCall>")?;
    call.blanks();
    match call.0 {
        "" => Ok(()),
        _ => Err(ODD),
    }
}

/// What is left to read.
struct Cursor<'b>(&'b str);

impl<'b> Cursor<'b> {
    fn blanks(&mut self) {
        self.0 = self.0.trim_start_matches([' ', '\t', '\r', '\n']);
    }

    /// `<?xml version="1.0"?>`, perhaps with UTF-8 as its encoding.
    fn declaration(&mut self) -> Result<(), Ambiguity> {
        let Some(rest) = self.0.strip_prefix("<?xml ") else {
            return Ok(());
        };
        let end = rest.find("?>").ok_or(ODD)?;
        let inner = rest[..end].replace('\'', "\"").to_ascii_lowercase();
        let inner: Vec<&str> = inner.split_ascii_whitespace().collect();
        match inner[..] {
            ["version=\"1.0\""] | ["version=\"1.0\"", "encoding=\"utf-8\""] => {
                self.0 = &rest[end + 2..];
                Ok(())
            }
            _ => Err(ODD),
        }
    }

    fn take(&mut self, tag: &str) -> bool {
        self.blanks();
        match self.0.strip_prefix(tag) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, tag: &str) -> Result<(), Ambiguity> {
        self.take(tag).then_some(()).ok_or(ODD)
    }

    /// Text up to the next tag, references decoded into one buffer of full size.
    fn text(&mut self) -> Result<Zeroizing<String>, Ambiguity> {
        let end = self.0.find('<').ok_or(ODD)?;
        let (mut raw, rest) = self.0.split_at(end);
        self.0 = rest;
        let mut text = Zeroizing::new(String::with_capacity(raw.len()));
        while let Some(at) = raw.find('&') {
            text.push_str(&raw[..at]);
            let end = raw[at..].find(';').ok_or(ODD)?;
            text.push(reference(&raw[at + 1..at + end]).ok_or(ODD)?);
            raw = &raw[at + end + 1..];
        }
        text.push_str(raw);
        if text.contains("]]>") {
            return Err(ODD);
        }
        Ok(text)
    }

    /// What stands between `<value>` and `</value>`, both behind.
    fn value(&mut self) -> Result<Value<'b>, Ambiguity> {
        let before = self.0;
        self.blanks();
        if !self.0.starts_with('<') || self.0.starts_with("</") {
            // Without a type it is a string, blanks and all.
            self.0 = before;
            let text = self.text()?;
            self.close("</value>")?;
            return Ok(trimmed(text));
        }
        for kind in ["string", "int", "i4"] {
            if self.0.starts_with(&format!("<{kind}/>")) {
                self.0 = &self.0[kind.len() + 3..];
                self.expect("</value>")?;
                return Ok(Value::Text(Zeroizing::default()));
            }
            if self.0.starts_with(&format!("<{kind}>")) {
                self.0 = &self.0[kind.len() + 2..];
                let text = self.text()?;
                self.close(&format!("</{kind}>"))?;
                self.expect("</value>")?;
                return Ok(match kind {
                    "string" => trimmed(text),
                    _ => Value::Odd(Ambiguity::NotText),
                });
            }
        }
        self.skip()?;
        Ok(Value::Odd(Ambiguity::NotText))
    }

    fn close(&mut self, tag: &str) -> Result<(), Ambiguity> {
        self.0 = self.0.strip_prefix(tag).ok_or(ODD)?;
        Ok(())
    }

    /// Any other value, up to its `</value>`: tags that nest as they should.
    fn skip(&mut self) -> Result<(), Ambiguity> {
        let mut open: Vec<&str> = vec!["value"];
        while let Some(&inner) = open.last() {
            self.text()?;
            let end = self.0.find('>').ok_or(ODD)?;
            let tag = &self.0[1..end];
            self.0 = &self.0[end + 1..];
            if let Some(closed) = tag.strip_prefix('/') {
                if closed != inner {
                    return Err(ODD);
                }
                open.pop();
                continue;
            }
            let (name, empty) = match tag.strip_suffix('/') {
                Some(name) => (name, true),
                None => (tag, false),
            };
            if !TAGS.contains(&name) || open.len() > 64 {
                return Err(ODD);
            }
            if !empty {
                open.push(name);
            }
        }
        Ok(())
    }
}

const TAGS: [&str; 15] = [
    "value",
    "string",
    "int",
    "i4",
    "i8",
    "boolean",
    "double",
    "dateTime.iso8601",
    "base64",
    "nil",
    "array",
    "data",
    "struct",
    "member",
    "name",
];

/// A value without blanks around it.
fn trimmed<'b>(text: Zeroizing<String>) -> Value<'b> {
    match text.trim_matches(|sign: char| sign.is_ascii_whitespace() || sign == '\u{b}') == &**text {
        true => Value::Text(text),
        false => Value::Odd(ODD),
    }
}

/// The five of XML, and numbers.
fn reference(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let (digits, radix) = match number.strip_prefix('x') {
                Some(hex) => (hex, 16),
                None => (number, 10),
            };
            let sound = (1..=8).contains(&digits.len()) && !digits.starts_with(['+', '-']);
            let code = u32::from_str_radix(digits, radix).ok().filter(|_| sound)?;
            char::from_u32(code)
                .filter(|sign| !sign.is_control() || matches!(sign, '\t' | '\n' | '\r'))
        }
    }
}
