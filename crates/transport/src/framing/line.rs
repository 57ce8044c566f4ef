//! The lines of a head: which bytes they may hold, and how they come apart.
//!
//! Clauses: RFC 9110, 5.6.2 (tokens), 5.5 (values); RFC 9112, 3 (request line); RFC 3986, 2
//! (what a target may hold).

use super::Fault;

const TOKEN: u8 = 1;
const TARGET: u8 = 2;
const METHOD: u8 = 4;
const HOST: u8 = 8;

/// What each byte may stand in.
static CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte: usize = 0x21;
    while byte < 0x7F {
        let sign = byte as u8;
        if sign.is_ascii_alphanumeric() || is_among(sign, b"!#$%&'*+-.^_`|~") {
            table[byte] |= TOKEN;
        }
        // Browsers leave some signs in a query that RFC 3986 would have encoded; those that
        // delimit a URI in text, and the fragment, are never sent.
        if !is_among(sign, b"\"#<>") {
            table[byte] |= TARGET;
        }
        // Methods are case-sensitive, and no registered one has a small letter: `get` is a
        // way past a check that compares and a program that does not.
        if sign.is_ascii_uppercase() || sign.is_ascii_digit() || is_among(sign, b"-_") {
            table[byte] |= METHOD;
        }
        if sign.is_ascii_alphanumeric() || is_among(sign, b"-._:[]") {
            table[byte] |= HOST;
        }
        byte += 1;
    }
    table
}

const fn is_among(sign: u8, signs: &[u8]) -> bool {
    let mut at = 0;
    while at < signs.len() {
        if signs[at] == sign {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether a byte may stand in a token.
pub(super) fn is_token(byte: u8) -> bool {
    CLASS[usize::from(byte)] & TOKEN != 0
}

/// How many bytes from the start are of a class.
fn span(bytes: &[u8], class: u8) -> usize {
    bytes
        .iter()
        .position(|byte| CLASS[usize::from(*byte)] & class == 0)
        .unwrap_or(bytes.len())
}

/// How many control characters there are, HTAB aside.
///
/// Written so that the compiler takes sixteen bytes at a time: this is the one pass over
/// every byte of a head.
pub(super) fn controls(bytes: &[u8]) -> usize {
    bytes
        .chunks(128)
        .map(|chunk| {
            let found = chunk.iter().fold(0u8, |found, &byte| {
                found + u8::from((byte < 0x20) & (byte != b'\t') | (byte == 0x7F))
            });
            usize::from(found)
        })
        .sum()
}

/// A value without the spaces and tabs around it.
pub(super) fn trimmed(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

/// A well-formed request line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestLine<'a> {
    /// In capitals.
    pub method: &'a [u8],
    /// A path, `*`, or an absolute target. Visible ASCII.
    pub target: &'a [u8],
    /// Whether this is HTTP/1.1 and not HTTP/1.0.
    pub is_1_1: bool,
}

impl<'a> RequestLine<'a> {
    /// Reads a line without its end.
    ///
    /// # Errors
    /// A [`Fault`] of the line, of the method, of the target's characters or of the version.
    pub fn parse(line: &'a [u8]) -> Result<Self, Fault> {
        let method = &line[..span(line, TOKEN)];
        if line.get(method.len()) != Some(&b' ') || method.is_empty() {
            return Err(Fault::RequestLine);
        }
        let rest = &line[method.len() + 1..];
        let target = &rest[..span(rest, TARGET)];
        let version = match rest.get(target.len()) {
            Some(b' ') if !target.is_empty() => &rest[target.len() + 1..],
            Some(0x21..) if !target.is_empty() => return Err(Fault::Target),
            _ => return Err(Fault::RequestLine),
        };
        let is_1_1 = match version {
            b"HTTP/1.1" => true,
            b"HTTP/1.0" => false,
            [b'H', b'T', b'T', b'P', b'/', b'0'..=b'9', b'.', b'0'..=b'9'] => {
                return Err(Fault::Version);
            }
            _ => return Err(Fault::RequestLine),
        };
        check_method(method)?;
        Ok(Self {
            method,
            target,
            is_1_1,
        })
    }

    /// Judges a method and a target that came without a line, as over HTTP/2, like those of a
    /// line. `target` is a path with its query, or `*`.
    ///
    /// # Errors
    /// A [`Fault`] of the method, of the target's characters or of its form.
    pub fn check(method: &'a [u8], target: &'a [u8]) -> Result<(), Fault> {
        check_method(method)?;
        if span(target, TARGET) < target.len() {
            return Err(Fault::Target);
        }
        let is_1_1 = true;
        let line = Self {
            method,
            target,
            is_1_1,
        };
        line.served()
    }

    /// Whether the method and the form of the target are among those that are served.
    pub(super) fn served(&self) -> Result<(), Fault> {
        if matches!(self.method, b"CONNECT" | b"TRACE") {
            return Err(Fault::MethodRefused);
        }
        check_target(self)
    }
}

fn check_method(method: &[u8]) -> Result<(), Fault> {
    // The longest registered method has 17 letters.
    if method.len() > 32 || span(method, METHOD) < method.len() {
        return Err(Fault::MethodUnknown);
    }
    Ok(())
}

/// A field line, its value untrimmed.
///
/// # Errors
/// A [`Fault`] of the name.
pub(super) fn field(line: &[u8]) -> Result<(&[u8], &[u8]), Fault> {
    let name = span(line, TOKEN);
    match line.get(name) {
        Some(b':') if name > 0 => Ok((&line[..name], &line[name + 1..])),
        Some(b' ' | b'\t') if name == 0 => Err(Fault::Folded),
        Some(b' ' | b'\t') if trimmed(&line[name..]).first() == Some(&b':') => {
            Err(Fault::SpaceBeforeColon)
        }
        _ => Err(Fault::Name),
    }
}

/// Whether every byte may stand in a `Host` field, and there is one.
pub(super) fn is_host(value: &[u8]) -> bool {
    !value.is_empty() && span(value, HOST) == value.len()
}

/// Whether a target is of a form that is served, for this method.
fn check_target(line: &RequestLine<'_>) -> Result<(), Fault> {
    let path = match line.target {
        [b'/', ..] => line.target,
        b"*" if line.method == b"OPTIONS" => return Ok(()),
        target => {
            let rest = after_scheme(target).ok_or(Fault::TargetForm)?;
            let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?'));
            let (authority, path) = rest.split_at(end.unwrap_or(rest.len()));
            let text = std::str::from_utf8(authority).map_err(|_| Fault::HostInvalid)?;
            crate::host::Host::parse(text).map_err(|_| Fault::HostInvalid)?;
            path
        }
    };
    // Before the query, a backslash is a slash to some programs, and no browser sends either
    // of these.
    let path = path.split(|byte| *byte == b'?').next().unwrap_or_default();
    if memchr::memchr2(b'\\', b'`', path).is_some() {
        return Err(Fault::Target);
    }
    Ok(())
}

fn after_scheme(target: &[u8]) -> Option<&[u8]> {
    [&b"http://"[..], b"https://"]
        .into_iter()
        .find_map(|scheme| {
            let (start, rest) = target.split_at_checked(scheme.len())?;
            start.eq_ignore_ascii_case(scheme).then_some(rest)
        })
}

/// The fields of a head, read as far as they can be: for a refused head, of which somebody
/// still wants to know the language that its sender speaks. The first line is left out.
pub fn fields(head: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    head.split(|byte| *byte == b'\n')
        .skip(1)
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .take_while(|line| !line.is_empty())
        .filter_map(|line| field(line).ok())
        .map(|(name, value)| (name, trimmed(value)))
}
