//! One request, and an answer that is read within bounds.
//!
//! Formats: RFC 9112. A scan has to read what browsers put up with, so faults that do not hide
//! where the body ends are noted and reading goes on. Nothing is unpacked: a page that comes
//! compressed is left as it is.

use std::io::{Read, Write};

use crate::finding::Fault;
use crate::net::Silence;

/// The longest head.
const HEAD: usize = 64 * 1024;
/// What is read of a body.
const BODY: usize = 1024 * 1024;
/// Fields of a head that are kept.
const FIELDS: usize = 256;
/// Interim answers that are passed over.
const INTERIM: usize = 8;
/// The longest line before a chunk.
const CHUNK_LINE: usize = 4096;

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Nothing, or not everything, came in time or at all.
    Silence(Silence),
    /// Head or body are longer than what is read.
    TooLarge,
    /// It is not HTTP, or not HTTP that all read alike.
    Malformed(Fault),
    /// It is packed although nobody asked.
    Encoded,
}

/// An answer, as far as it was read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    fields: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
    /// What was wrong with it.
    pub(crate) troubles: Vec<Trouble>,
    /// Whether something of it was left unread.
    is_cut: bool,
}

impl Answer {
    /// The values of a field, each line apart.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let of = move |(known, value): &'a (String, Vec<u8>)| (known == name).then_some(&value[..]);
        self.fields.iter().filter_map(of)
    }

    /// The first value of a field, as text.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        self.all(name)
            .next()
            .map(|value| String::from_utf8_lossy(value).into_owned())
    }

    /// Every value of a field, as one text with commas (RFC 9110, 5.3).
    pub(crate) fn joined(&self, name: &str) -> Option<String> {
        let values: Vec<String> = self
            .all(name)
            .map(|value| String::from_utf8_lossy(value).into_owned())
            .collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// Whether nothing of it was left unread.
    pub(crate) const fn is_whole(&self) -> bool {
        !self.is_cut
    }

    /// Whether a trouble left nothing of its body.
    pub(crate) fn is_unread(&self) -> bool {
        self.body.is_empty() && !self.troubles.is_empty()
    }

    /// Whether a browser shows it as a page.
    pub(crate) fn is_page(&self) -> bool {
        match self.field("content-type") {
            Some(value) => value.to_ascii_lowercase().contains("html"),
            None => self.body.trim_ascii_start().starts_with(b"<"),
        }
    }
}

/// Asks for a page and reads the answer.
///
/// # Errors
/// There is no head that can be read.
pub(crate) fn ask(
    stream: &mut (impl Read + Write),
    authority: &str,
    path: &str,
) -> Result<Answer, Trouble> {
    let version = env!("CARGO_PKG_VERSION");
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: rempart-scan/{version}\r\n\
         Accept: text/html, */*;q=0.1\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n"
    );
    let sent = stream
        .write_all(request.as_bytes())
        .and_then(|()| stream.flush());
    // A server may answer and hang up before it has read everything.
    let mut wire = Wire {
        stream,
        held: Vec::new(),
        ended: None,
    };
    if let Err(error) = sent {
        wire.ended = Some(Silence::from(&error));
    }
    let mut answer = Answer::default();
    for _ in 0..=INTERIM {
        let head = wire.head()?;
        answer = read_head(&head)?;
        if answer.status >= 200 || answer.status == 101 {
            break;
        }
    }
    if answer.status < 200 {
        return Err(Trouble::Malformed(Fault::new(
            "que des réponses provisoires",
            "only interim answers",
        )));
    }
    if !matches!(answer.status, 204 | 304) {
        wire.body(&mut answer);
    }
    let packed = answer
        .joined("content-encoding")
        .is_some_and(|value| !value.trim().eq_ignore_ascii_case("identity"));
    if packed {
        answer.is_cut = true;
        answer.troubles.push(Trouble::Encoded);
        answer.body.clear();
    }
    Ok(answer)
}

fn read_head(head: &[u8]) -> Result<Answer, Trouble> {
    let mut answer = Answer::default();
    if head
        .windows(2)
        .any(|pair| pair[1] == b'\n' && pair[0] != b'\r')
    {
        answer.troubles.push(Trouble::Malformed(Fault::new(
            "une ligne qui finit sans CR",
            "a line that ends without CR",
        )));
    }
    let mut lines = head
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let first = lines.next().unwrap_or_default();
    let status = match first {
        [
            b'H',
            b'T',
            b'T',
            b'P',
            b'/',
            b'1',
            b'.',
            b'0' | b'1',
            b' ',
            a,
            b,
            c,
            ..,
        ] => [*a, *b, *c],
        _ => {
            return Err(Trouble::Malformed(Fault::new(
                "pas de ligne d’état HTTP/1",
                "no status line of HTTP/1",
            )));
        }
    };
    if !status.iter().all(u8::is_ascii_digit) {
        return Err(Trouble::Malformed(Fault::new(
            "pas de code d’état",
            "no status",
        )));
    }
    answer.status = status
        .iter()
        .fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    for line in lines.filter(|line| !line.is_empty()) {
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            answer.troubles.push(Trouble::Malformed(Fault::new(
                "un champ replié",
                "a folded field",
            )));
            continue;
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            answer.troubles.push(Trouble::Malformed(Fault::new(
                "un champ sans deux-points",
                "a field without a colon",
            )));
            continue;
        };
        if answer.fields.len() == FIELDS {
            answer.is_cut = true;
            answer.troubles.push(Trouble::TooLarge);
            break;
        }
        let name = String::from_utf8_lossy(line[..colon].trim_ascii()).to_ascii_lowercase();
        answer
            .fields
            .push((name, line[colon + 1..].trim_ascii().to_vec()));
    }
    answer.troubles.dedup();
    Ok(answer)
}

/// A connection and what came too early.
struct Wire<'a, S> {
    stream: &'a mut S,
    held: Vec<u8>,
    ended: Option<Silence>,
}

impl<S: Read> Wire<'_, S> {
    /// Reads more; `false` when nothing more comes.
    fn more(&mut self) -> bool {
        if self.ended.is_some() {
            return false;
        }
        let mut piece = [0; 16 * 1024];
        match self.stream.read(&mut piece) {
            Ok(0) => self.ended = Some(Silence::Closed),
            Ok(read) => self.held.extend_from_slice(&piece[..read]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => self.ended = Some(Silence::from(&error)),
        }
        self.ended.is_none()
    }

    fn why(&self) -> Silence {
        self.ended.unwrap_or(Silence::Closed)
    }

    /// The next head, with its empty line.
    fn head(&mut self) -> Result<Vec<u8>, Trouble> {
        let mut looked = 0;
        loop {
            let from = looked;
            let end = self.held[from..]
                .iter()
                .enumerate()
                .find_map(|(place, byte)| {
                    let at = from + place;
                    let before = &self.held[..at];
                    let ends =
                        *byte == b'\n' && (before.ends_with(b"\n") || before.ends_with(b"\n\r"));
                    ends.then_some(at + 1)
                });
            if let Some(end) = end.filter(|end| *end <= HEAD) {
                return Ok(self.held.drain(..end).collect());
            }
            if self.held.len() > HEAD {
                return Err(Trouble::TooLarge);
            }
            looked = self.held.len();
            if !self.more() {
                return Err(match (self.why(), self.held.is_empty()) {
                    (silence, true) => Trouble::Silence(silence),
                    (Silence::Slow, false) => Trouble::Silence(Silence::Slow),
                    (_, false) => {
                        Trouble::Malformed(Fault::new("un en-tête coupé", "a head cut short"))
                    }
                });
            }
        }
    }

    fn body(&mut self, answer: &mut Answer) {
        let coding = answer
            .joined("transfer-encoding")
            .map(|value| value.to_ascii_lowercase());
        let lengths: Vec<Vec<u8>> = answer.all("content-length").map(<[u8]>::to_vec).collect();
        let trouble = match coding {
            Some(coding) => {
                if !lengths.is_empty() {
                    answer.troubles.push(Trouble::Malformed(Fault::new(
                        "deux délimitations du corps",
                        "two framings",
                    )));
                }
                match coding.trim() {
                    "chunked" => self.chunks(&mut answer.body),
                    _ => Err(Trouble::Malformed(Fault::new(
                        "un codage de transfert inconnu",
                        "an unknown transfer coding",
                    ))),
                }
            }
            None => match length(&lengths) {
                Ok(Some(length)) => self.length(length, &mut answer.body),
                Ok(None) => self.until_close(&mut answer.body),
                Err(trouble) => Err(trouble),
            },
        };
        if let Err(trouble) = trouble {
            answer.is_cut = true;
            answer.troubles.push(trouble);
        }
    }

    fn length(&mut self, length: u64, body: &mut Vec<u8>) -> Result<(), Trouble> {
        let wanted = usize::try_from(length).unwrap_or(usize::MAX).min(BODY);
        while self.held.len() < wanted && self.more() {}
        let got = self.held.len().min(wanted);
        body.extend(self.held.drain(..got));
        if length > BODY as u64 && got == BODY {
            return Err(Trouble::TooLarge);
        }
        if got < wanted {
            Err(self.cut())
        } else {
            Ok(())
        }
    }

    fn until_close(&mut self, body: &mut Vec<u8>) -> Result<(), Trouble> {
        while self.held.len() <= BODY && self.more() {}
        let large = self.held.len() > BODY;
        body.extend(self.held.drain(..).take(BODY));
        match (large, self.why()) {
            (true, _) => Err(Trouble::TooLarge),
            (false, Silence::Slow) => Err(Trouble::Silence(Silence::Slow)),
            _ => Ok(()),
        }
    }

    fn chunks(&mut self, body: &mut Vec<u8>) -> Result<(), Trouble> {
        loop {
            let line = self.line()?;
            let digits = line
                .split(|byte| *byte == b';')
                .next()
                .unwrap_or_default()
                .trim_ascii();
            let size = std::str::from_utf8(digits)
                .ok()
                .filter(|digits| (1..=16).contains(&digits.len()));
            let size = size.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
            let size = size.and_then(|digits| u64::from_str_radix(digits, 16).ok());
            let Some(size) = size else {
                return Err(Trouble::Malformed(Fault::new(
                    "un morceau sans taille",
                    "a chunk without a size",
                )));
            };
            if size == 0 {
                return Ok(());
            }
            let room = BODY - body.len();
            if size > room as u64 {
                self.length(room as u64, body)?;
                return Err(Trouble::TooLarge);
            }
            self.length(size, body)?;
            if !self.line()?.is_empty() {
                return Err(Trouble::Malformed(Fault::new(
                    "un morceau qui continue après sa fin",
                    "a chunk that goes on behind its end",
                )));
            }
        }
    }

    fn line(&mut self) -> Result<Vec<u8>, Trouble> {
        loop {
            if let Some(end) = self
                .held
                .iter()
                .take(CHUNK_LINE)
                .position(|byte| *byte == b'\n')
            {
                let line: Vec<u8> = self.held.drain(..=end).collect();
                let line = &line[..end];
                return Ok(line.strip_suffix(b"\r").unwrap_or(line).to_vec());
            }
            if self.held.len() > CHUNK_LINE {
                return Err(Trouble::Malformed(Fault::new(
                    "un morceau sans taille",
                    "a chunk without a size",
                )));
            }
            if !self.more() {
                return Err(self.cut());
            }
        }
    }

    fn cut(&self) -> Trouble {
        match self.why() {
            Silence::Slow => Trouble::Silence(Silence::Slow),
            _ => Trouble::Malformed(Fault::new("un corps coupé", "a body cut short")),
        }
    }
}

fn length(values: &[Vec<u8>]) -> Result<Option<u64>, Trouble> {
    let bad = Trouble::Malformed(Fault::new(
        "une longueur qui n’en est pas une",
        "a length that is none",
    ));
    let Some(first) = values.first() else {
        return Ok(None);
    };
    if values.iter().any(|value| value != first) {
        return Err(Trouble::Malformed(Fault::new(
            "deux longueurs",
            "two lengths",
        )));
    }
    let digits = std::str::from_utf8(first).map_err(|_| bad)?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(bad);
    }
    Ok(Some(digits.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests;
