//! The form of a line, version 1: one JSON object, ASCII, at most [`LONGEST`] bytes.
//!
//! Nothing in a line is escaped, because nothing in an event could need it: names and words are
//! the program's own, accounts are hexadecimal, sites are host names. Writing is therefore
//! a matter of `write!`; reading goes through a whole JSON parser, as a file may hold anything.

use std::fmt::Write;
use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use crate::kind::Value;
use crate::{Account, Code, Event, Kind};

/// The version of the form. A reader refuses a line of a later one; within a version, kinds and
/// fields are added, never changed.
pub const VERSION: u64 = 1;

/// The most bytes of a line, its end included.
pub const LONGEST: usize = 2048;

/// A line of the journal, read again.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// The place of the line among those of its journal, from 0. A missing number is a line
    /// that somebody removed.
    pub number: u64,
    /// When it happened.
    pub at: Timestamp,
    /// The name of its kind, which a later version may have added.
    pub kind: String,
    /// The account that it concerns.
    pub account: Option<Account>,
    /// Where it came from.
    pub source: Option<IpAddr>,
    /// The port that it came from.
    pub port: Option<u16>,
    /// The site of the gate.
    pub site: Option<String>,
    /// The fields of its kind, in the order of their names.
    pub details: Map<String, Json>,
}

/// Appends the line of an event, its end included.
pub(crate) fn write(line: &mut String, number: u64, event: &Event) {
    // Writing into a `String` cannot fail.
    let _ = write!(
        line,
        "{{\"v\":{VERSION},\"n\":{number},\"at\":\"{:.6}\",\"kind\":\"{}\"",
        event.at,
        event.code().name()
    );
    if let Some(account) = event.account() {
        let _ = write!(line, ",\"account\":\"{account}\"");
    }
    if let Some(source) = event.source {
        let _ = write!(line, ",\"source\":\"{}\"", source.address());
        if let Some(port) = source.port() {
            let _ = write!(line, ",\"port\":{port}");
        }
    }
    if let Some(site) = &event.site {
        let _ = write!(line, ",\"site\":\"{}\"", site.as_str());
    }
    event.kind.fields(|name, value| {
        let _ = write!(line, ",\"{name}\":");
        value.write(line);
    });
    line.push_str("}\n");
}

impl Kind {
    /// The fields of the kind, as a JSON object.
    pub(crate) fn details(&self) -> impl std::fmt::Display {
        std::fmt::from_fn(|f| {
            let mut line = String::from("{");
            self.fields(|name, value| {
                let comma = if line.len() > 1 { "," } else { "" };
                let _ = write!(line, "{comma}\"{name}\":");
                value.write(&mut line);
            });
            line.push('}');
            f.write_str(&line)
        })
    }
}

impl Event {
    /// The event as an object: the fields of a line of the journal but `v` and `n`.
    pub fn json(&self) -> Json {
        let mut line = String::with_capacity(256);
        write(&mut line, 0, self);
        let mut object: Map<String, Json> =
            serde_json::from_str(&line).expect("a line is a JSON object");
        object.remove("v");
        object.remove("n");
        Json::Object(object)
    }
}

impl Entry {
    /// The kind, if this version knows it.
    pub fn code(&self) -> Option<Code> {
        Code::parse(&self.kind)
    }

    /// Reads a line without its end; `Err` with the version if it is a later one than ours.
    pub(crate) fn parse(line: &[u8]) -> Result<Self, Option<u64>> {
        let mut fields: Map<String, Json> = serde_json::from_slice(line).map_err(|_| None)?;
        let version = fields.remove("v").and_then(|v| v.as_u64()).ok_or(None)?;
        if version > VERSION {
            return Err(Some(version));
        }
        Self::of(fields).ok_or(None)
    }

    fn of(mut fields: Map<String, Json>) -> Option<Self> {
        let number = fields.remove("n")?.as_u64()?;
        let at = fields.remove("at")?.as_str()?.parse().ok()?;
        let Json::String(kind) = fields.remove("kind")? else {
            return None;
        };
        // A field that is there and not what it should be makes the line no entry.
        let account = match fields.remove("account") {
            Some(account) => Some(Account::parse(account.as_str()?)?),
            None => None,
        };
        let source = match fields.remove("source") {
            Some(source) => Some(source.as_str()?.parse().ok()?),
            None => None,
        };
        let port = match fields.remove("port") {
            Some(port) => Some(u16::try_from(port.as_u64()?).ok()?),
            None => None,
        };
        let site = match fields.remove("site") {
            Some(Json::String(site)) => Some(site),
            Some(_) => return None,
            None => None,
        };
        Some(Self {
            number,
            at,
            kind,
            account,
            source,
            port,
            site,
            details: fields,
        })
    }
}

impl Value<'_> {
    fn write(self, line: &mut String) {
        let _ = match self {
            Self::Word(word) => write!(line, "\"{word}\""),
            Self::Words(findings) => {
                line.push('[');
                for (index, word) in findings.codes().iter().enumerate() {
                    let comma = if index == 0 { "" } else { "," };
                    let _ = write!(line, "{comma}\"{word}\"");
                }
                line.push(']');
                Ok(())
            }
            Self::Count(count) => write!(line, "{count}"),
            Self::Time(time) => write!(line, "{}", milliseconds(time)),
            Self::Moment(moment) => write!(line, "\"{moment:.6}\""),
            Self::Day(day) => write!(line, "\"{day}\""),
            Self::File(file) => write!(line, "\"{file}\""),
        };
    }
}

/// At most what a JSON reader in any language takes for a whole number: 2^53 − 1.
fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).map_or(EXACT, |time| time.min(EXACT))
}

const EXACT: u64 = (1 << 53) - 1;
