//! From the bytes of a field to the text that was typed.
//!
//! A page that is not in UTF-8 sends signs that its charset lacks as `&#8364;`. A judge has to
//! see the sign: its seven letters would make the password longer than what was typed.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use policy::site::Charset;

use crate::{Ambiguity, Typed};

/// What a charset of the policy is to browsers: Latin-1 is Windows-1252 to all of them.
pub(crate) fn encoding(charset: Charset) -> &'static Encoding {
    match charset {
        Charset::Utf8 => UTF_8,
        Charset::Windows1252 | Charset::Latin1 => WINDOWS_1252,
    }
}

/// Text of bytes. Every buffer has its size from the start, so that none is left behind.
pub(crate) fn decode(bytes: Vec<u8>, charset: Charset) -> Result<Typed, Ambiguity> {
    if bytes.contains(&0) {
        drop(zeroize::Zeroizing::new(bytes));
        return Err(Ambiguity::Nul);
    }
    if encoding(charset) == UTF_8 {
        return match String::from_utf8(bytes) {
            Ok(text) => Ok(Typed::new(text)),
            Err(error) => {
                drop(zeroize::Zeroizing::new(error.into_bytes()));
                Err(Ambiguity::Bytes)
            }
        };
    }
    let bytes = zeroize::Zeroizing::new(bytes);
    let (text, _) = encoding(charset).decode_without_bom_handling(&bytes);
    let text = zeroize::Zeroizing::new(text.into_owned());
    Ok(Typed::new(references(&text)))
}

/// Decimal references decoded, as browsers write them for signs that the charset lacks.
fn references(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("&#") {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        let digits = rest[2..]
            .bytes()
            .take_while(u8::is_ascii_digit)
            .take(8)
            .count();
        let sign = rest[2..2 + digits].parse().ok().and_then(char::from_u32);
        match sign {
            // What the charset has, no browser writes so.
            Some(sign) if rest[2 + digits..].starts_with(';') && !sign.is_ascii() => {
                decoded.push(sign);
                rest = &rest[2 + digits + 1..];
            }
            _ => {
                decoded.push_str("&#");
                rest = &rest[2..];
            }
        }
    }
    decoded.push_str(rest);
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_what_was_typed() {
        let read = |bytes: &[u8], charset| {
            decode(bytes.to_vec(), charset).map(|typed| typed.expose().to_owned())
        };
        let latin = Charset::Latin1;
        for (bytes, charset, expected) in [
            (&b"\xc3\xa9"[..], Charset::Utf8, Ok("é")),
            (b"\xe9", Charset::Utf8, Err(Ambiguity::Bytes)),
            (b"\xc0\xaf", Charset::Utf8, Err(Ambiguity::Bytes)),
            (b"a\0", Charset::Utf8, Err(Ambiguity::Nul)),
            (b"a\0", latin, Err(Ambiguity::Nul)),
            (b"\xe9", latin, Ok("é")),
            (b"\x80", Charset::Windows1252, Ok("€")),
            (b"&#8364;", Charset::Utf8, Ok("&#8364;")),
            (b"a&#28450;b", latin, Ok("a漢b")),
            (b"&#65;", latin, Ok("&#65;")),
            (b"&#x20ac;", latin, Ok("&#x20ac;")),
            (b"&#8364", latin, Ok("&#8364")),
            (b"&#;&#", latin, Ok("&#;&#")),
            (b"&#99999999;", latin, Ok("&#99999999;")),
        ] {
            assert_eq!(
                read(bytes, charset),
                expected.map(str::to_owned),
                "{bytes:?}"
            );
        }
    }
}
