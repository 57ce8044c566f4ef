//! `Content-Type`, read strictly: what one origin takes for a form, another must not take for
//! something else. RFC 9110, 8.3.

use encoding_rs::Encoding;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};

use crate::Ambiguity;

/// What the body of a request is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Media {
    pub(crate) kind: Kind,
    /// The charset parameter, when there is one.
    pub(crate) charset: Option<&'static Encoding>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Urlencoded,
    /// With its boundary.
    Multipart(Vec<u8>),
    Json,
    Xml,
    /// A file as it is, which no origin reads as a form.
    Opaque,
    Other,
}

/// The type of a request's body.
pub(crate) fn of(headers: &HeaderMap) -> Result<Media, Ambiguity> {
    let mut codings = headers.get_all(CONTENT_ENCODING).iter();
    if codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(Ambiguity::ContentEncoding);
    }
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (types.next(), types.next()) else {
        return Err(Ambiguity::TypeUnreadable);
    };
    let text = value.to_str().map_err(|_| Ambiguity::TypeUnreadable)?;
    read(text).ok_or(Ambiguity::TypeUnreadable)
}

fn read(text: &str) -> Option<Media> {
    let (essence, mut rest) = match text.find(';') {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let essence = essence.trim_matches([' ', '\t']).to_ascii_lowercase();
    let (top, sub) = essence.split_once('/')?;
    if !is_token(top) || !is_token(sub) {
        return None;
    }
    let mut boundary = None;
    let mut charset = None;
    while let Some(parameter) = rest.strip_prefix(';') {
        let parameter = parameter.trim_start_matches([' ', '\t']);
        if parameter.is_empty() {
            break;
        }
        let (name, value, after) = self::parameter(parameter)?;
        rest = after.trim_start_matches([' ', '\t']);
        match name.to_ascii_lowercase().as_str() {
            "boundary" if boundary.is_none() => boundary = Some(value),
            "charset" if charset.is_none() => {
                charset = Some(Encoding::for_label(value.as_bytes())?);
            }
            "boundary" | "charset" => return None,
            _ => {}
        }
    }
    if !rest.is_empty() && rest != ";" {
        return None;
    }
    let kind = match (top, sub) {
        ("application", "x-www-form-urlencoded") => Kind::Urlencoded,
        ("multipart", "form-data") => {
            let boundary = boundary.filter(|boundary| is_boundary(boundary))?;
            Kind::Multipart(boundary.into_bytes())
        }
        ("application", "json") => Kind::Json,
        ("application", sub) if sub.ends_with("+json") => Kind::Json,
        ("text" | "application", "xml") => Kind::Xml,
        ("image" | "audio" | "video", _) | ("application", "octet-stream") => Kind::Opaque,
        _ => Kind::Other,
    };
    Some(Media { kind, charset })
}

/// `name=value` or `name="value"`, and what comes after it.
fn parameter(text: &str) -> Option<(&str, String, &str)> {
    let (name, rest) = text.split_once('=')?;
    if !is_token(name) {
        return None;
    }
    if let Some(quoted) = rest.strip_prefix('"') {
        let end = quoted.find('"')?;
        // An escape inside quotes is read by some and not by others.
        let value = Some(&quoted[..end]).filter(|value| !value.contains('\\'))?;
        return Some((name, value.to_owned(), &quoted[end + 1..]));
    }
    let end = rest.find([';', ' ', '\t']).unwrap_or(rest.len());
    let value = &rest[..end];
    is_token(value).then(|| (name, value.to_owned(), &rest[end..]))
}

fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// RFC 2046, 5.1.1, without spaces and the signs that need quotes in some readers.
fn is_boundary(text: &str) -> bool {
    (1..=70).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"'+_-.=/:()".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_to_the_letter_or_not_at_all() {
        let multipart = Some(Kind::Multipart(b"x1".to_vec()));
        for (text, expected) in [
            ("application/x-www-form-urlencoded", Some(Kind::Urlencoded)),
            (
                "Application/X-WWW-Form-Urlencoded; charset=UTF-8",
                Some(Kind::Urlencoded),
            ),
            ("application/x-www-form-urlencoded;", Some(Kind::Urlencoded)),
            ("application/x-www-form-urlencoded,text/plain", None),
            ("application/x-www-form-urlencoded text", None),
            ("application/x-www-form-urlencoded; charset=x-none", None),
            (
                "application/x-www-form-urlencoded; charset=utf-8; charset=latin1",
                None,
            ),
            ("multipart/form-data; boundary=x1", multipart.clone()),
            ("multipart/form-data; boundary=\"x1\"", multipart),
            ("multipart/form-data; boundary=x1; boundary=x2", None),
            ("multipart/form-data; boundary=x1, x2", None),
            ("multipart/form-data; boundary=\"x\\1\"", None),
            ("multipart/form-data; boundary=\"x 1\"", None),
            ("multipart/form-data", None),
            ("multipart/form-data; boundary=", None),
            ("application/json", Some(Kind::Json)),
            ("application/problem+json", Some(Kind::Json)),
            ("text/xml", Some(Kind::Xml)),
            ("image/png", Some(Kind::Opaque)),
            ("text/plain", Some(Kind::Other)),
            ("", None),
            ("a", None),
            ("/", None),
        ] {
            assert_eq!(read(text).map(|media| media.kind), expected, "{text}");
        }
    }
}
