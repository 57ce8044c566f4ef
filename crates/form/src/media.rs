//! `Content-Type`, read strictly: what one origin takes for a form, another must not take for
//! something else. RFC 9110, 8.3.
//!
//! PHP takes the first `boundary` of the whole line, also inside another name; others take the
//! last, or `boundary*`. So a form has the parameters of a form and no other, as browsers send
//! them. Types are known by a list: some origins read any `multipart/…` or `…json` as a form.

use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use policy::site::Encoding;

use crate::Ambiguity;

/// What the body of a request is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Media {
    pub(crate) kind: Kind,
    /// The charset parameter, when there is one.
    pub(crate) charset: Option<&'static encoding_rs::Encoding>,
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
    /// Nobody knows what some origin takes it for.
    Other,
}

impl Kind {
    fn of(top: &str, sub: &str, boundary: Option<String>) -> Option<Self> {
        Some(match (top, sub) {
            ("application", "x-www-form-urlencoded") => Self::Urlencoded,
            ("multipart", "form-data") => {
                let boundary = boundary.filter(|boundary| is_boundary(boundary))?;
                Self::Multipart(boundary.into_bytes())
            }
            (top, sub) if top != "multipart" && sub.contains("json") => Self::Json,
            ("text" | "application", "xml") => Self::Xml,
            ("image" | "audio" | "video" | "font", _) => Self::Opaque,
            ("text", "plain" | "html" | "css" | "csv" | "calendar" | "markdown")
            | ("application", "octet-stream" | "pdf" | "zip" | "gzip") => Self::Opaque,
            _ => Self::Other,
        })
    }

    /// The encoding of a form that is written so.
    pub(crate) fn encoding(&self) -> Option<Encoding> {
        match self {
            Self::Urlencoded => Some(Encoding::Urlencoded),
            Self::Multipart(_) => Some(Encoding::Multipart),
            Self::Json => Some(Encoding::Json),
            Self::Xml => Some(Encoding::XmlRpc),
            Self::Opaque | Self::Other => None,
        }
    }

    /// Whether a type of this kind may have a parameter beside those of a form.
    fn admits(&self, name: &str) -> bool {
        match self {
            Self::Opaque | Self::Other => true,
            // A version, a profile: nobody reads a body by them.
            Self::Json => {
                !name.ends_with('*') && !name.contains("charset") && !name.contains("boundary")
            }
            Self::Urlencoded | Self::Multipart(_) | Self::Xml => false,
        }
    }
}

/// The type of a request's body.
pub(crate) fn of(headers: &HeaderMap) -> Result<Media, Ambiguity> {
    let mut codings = headers.get_all(CONTENT_ENCODING).iter();
    if codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(Ambiguity::ContentEncoding);
    }
    // The charset of a telephone of long ago, which ASP.NET prefers to that of the type.
    if headers.contains_key("x-up-devcap-post-charset") {
        return Err(Ambiguity::Charset);
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
    let mut others = Vec::new();
    while let Some(parameter) = rest.strip_prefix(';') {
        let parameter = parameter.trim_start_matches([' ', '\t']);
        if parameter.is_empty() {
            break;
        }
        let (name, value, after) = self::parameter(parameter)?;
        rest = after.trim_start_matches([' ', '\t']);
        match name {
            "boundary" if top == "multipart" && boundary.is_none() => boundary = Some(value),
            "charset" if charset.is_none() => {
                charset = Some(encoding_rs::Encoding::for_label(value.as_bytes())?);
            }
            "boundary" | "charset" => return None,
            other => others.push(other.to_ascii_lowercase()),
        }
    }
    if !rest.is_empty() && rest != ";" {
        return None;
    }
    let kind = Kind::of(top, sub, boundary)?;
    let sound = others.iter().all(|name| kind.admits(name));
    sound.then_some(Media { kind, charset })
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
            ("multipart/form-data; Boundary=x1", None),
            ("multipart/form-data; xboundary=x2; boundary=x1", None),
            ("multipart/form-data; boundary=x1; xboundary=x2", None),
            ("multipart/form-data; boundary=x1; boundary*=x2", None),
            ("multipart/form-data; boundary=x1; x=y", None),
            ("application/x-www-form-urlencoded; xcharset=utf-16", None),
            ("application/x-www-form-urlencoded; charset*=utf-16", None),
            ("application/x-www-form-urlencoded; boundary=x1", None),
            ("application/json; profile=a", Some(Kind::Json)),
            ("application/json; Charset=utf-16", None),
            ("image/png; name=a", Some(Kind::Opaque)),
            ("multipart/form-data; boundary=x1, x2", None),
            ("multipart/form-data; boundary=\"x\\1\"", None),
            ("multipart/form-data; boundary=\"x 1\"", None),
            ("multipart/form-data", None),
            ("multipart/form-data; boundary=", None),
            ("application/json", Some(Kind::Json)),
            ("application/problem+json", Some(Kind::Json)),
            ("text/json", Some(Kind::Json)),
            ("text/x-json", Some(Kind::Json)),
            ("application/jsonrequest", Some(Kind::Json)),
            ("text/xml", Some(Kind::Xml)),
            ("image/png", Some(Kind::Opaque)),
            ("text/plain", Some(Kind::Opaque)),
            ("multipart/mixed; boundary=x1", Some(Kind::Other)),
            ("application/x-url-encoded", Some(Kind::Other)),
            ("application/soap+xml", Some(Kind::Other)),
            ("", None),
            ("a", None),
            ("/", None),
        ] {
            assert_eq!(read(text).map(|media| media.kind), expected, "{text}");
        }
    }
}
