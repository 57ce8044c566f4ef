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

    /// What stands between `<value>` and `</value>`, both behind. IXR (WordPress) makes a
    /// parameter of every type that it knows and of none that it does not, so a value holds one
    /// child, and a parameter one that everybody knows.
    fn value(&mut self) -> Result<Value<'b>, Ambiguity> {
        if let Some(text) = self.untyped()? {
            return Ok(trimmed(text));
        }
        let value = if self.take("<string/>") {
            Value::Text(Zeroizing::default())
        } else if self.take("<string>") {
            let text = self.text()?;
            self.close("</string>")?;
            trimmed(text)
        } else if ["<i8>", "<nil"].iter().any(|tag| self.0.starts_with(tag)) {
            return Err(ODD);
        } else {
            self.typed(0)?;
            Value::Odd(Ambiguity::NotText)
        };
        self.expect("</value>")?;
        Ok(value)
    }

    /// The text of a value without a type, which is a string, blanks and all. `None` when it has
    /// a type.
    fn untyped(&mut self) -> Result<Option<Zeroizing<String>>, Ambiguity> {
        let before = self.0;
        self.blanks();
        if self.0.starts_with('<') && !self.0.starts_with("</") {
            return Ok(None);
        }
        self.0 = before;
        let text = self.text()?;
        self.close("</value>")?;
        Ok(Some(text))
    }

    /// One value with a type.
    fn typed(&mut self, depth: usize) -> Result<(), Ambiguity> {
        if depth > DEEPEST {
            return Err(ODD);
        }
        if self.take("<array>") {
            if !self.take("<data/>") {
                self.expect("<data>")?;
                while self.take("<value>") {
                    self.inner(depth)?;
                }
                self.expect("</data>")?;
            }
            return self.expect("</array>");
        }
        if self.take("<struct>") {
            while self.take("<member>") {
                self.expect("<name>")?;
                self.text()?;
                self.close("</name>")?;
                self.expect("<value>")?;
                self.inner(depth)?;
                self.expect("</member>")?;
            }
            return self.expect("</struct>");
        }
        if ["<struct/>", "<string/>", "<nil/>"]
            .iter()
            .any(|tag| self.take(tag))
        {
            return Ok(());
        }
        let end = self.0.find('>').ok_or(ODD)?;
        let kind = self.0[..end].strip_prefix('<').ok_or(ODD)?;
        if !SCALARS.contains(&kind) {
            return Err(ODD);
        }
        self.0 = &self.0[end + 1..];
        self.text()?;
        self.close("</")?;
        self.close(kind)?;
        self.close(">")
    }

    /// A value inside another, both tags behind.
    fn inner(&mut self, depth: usize) -> Result<(), Ambiguity> {
        if self.untyped()?.is_none() {
            self.typed(depth + 1)?;
            self.expect("</value>")?;
        }
        Ok(())
    }

    fn close(&mut self, tag: &str) -> Result<(), Ambiguity> {
        self.0 = self.0.strip_prefix(tag).ok_or(ODD)?;
        Ok(())
    }
}

/// Values inside values.
const DEEPEST: usize = 32;

const SCALARS: [&str; 8] = [
    "string",
    "int",
    "i4",
    "i8",
    "boolean",
    "double",
    "dateTime.iso8601",
    "base64",
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
