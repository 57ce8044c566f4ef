//! Writes another HSTS promise in a policy file, and changes nothing else in it.
//!
//! Clause: RFC 6797, 11.2 (the promise changes by configuration only, never by itself).
//! Comments, order and spacing stay: only the bytes of one or two values are replaced, at the
//! places that the TOML reader gives. The result is loaded again and must be the same policy
//! but for the promise; otherwise nothing is written and the person is told the line.
//!
//! Absent on purpose: files. Text in, text out.

use toml::de::{DeTable, DeValue};

use crate::load::load;
use crate::read::Span;
use crate::transport::HstsStage;

/// What the promise becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promise {
    /// A stage of the ladder.
    Stage(HstsStage),
    /// `max-age=0`: browsers that come again forget the site; `preload` is taken back too.
    Forget,
}

/// A policy file with another promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// The whole text.
    pub text: String,
    /// The line that says the promise, from 1.
    pub line: usize,
}

/// The text cannot be changed by a machine: it has a fault, or is written in a way that leaves
/// no place for the line. A person writes [`Promise::line`] under `[transport.hsts]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoPlace;

impl std::fmt::Display for NoPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the policy file leaves no place for another HSTS promise")
    }
}

impl std::error::Error for NoPlace {}

impl Promise {
    /// The line of the policy file, without its end.
    pub fn line(self) -> String {
        match self {
            Self::Stage(stage) => format!("stage = \"{}\"", stage.name()),
            Self::Forget => "max-age = \"0s\"".to_owned(),
        }
    }

    /// Writes the promise in a policy file.
    ///
    /// # Errors
    /// [`NoPlace`]; the text is as it was.
    pub fn write(self, text: &str) -> Result<Edited, NoPlace> {
        let mut expected = load(text).map_err(|_| NoPlace)?.policy;
        let hsts = &mut expected.transport.hsts;
        hsts.max_age = match self {
            Self::Stage(stage) => stage.max_age(),
            Self::Forget => std::time::Duration::ZERO,
        };
        hsts.preload &= self != Self::Forget;

        let document = DeTable::parse(text).map_err(|_| NoPlace)?.into_inner();
        let mut changes = vec![self.place(text, &document)];
        if self == Self::Forget
            && let Some((_, preload)) = at(&document, "preload")
        {
            changes.push((preload, "false".to_owned()));
        }
        let start = changes[0].0.start;
        changes.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
        let mut edited = text.to_owned();
        for (span, new) in changes {
            if edited.get(span.clone()).is_none() {
                return Err(NoPlace);
            }
            edited.replace_range(span, &new);
        }
        if load(&edited).map_err(|_| NoPlace)?.policy != expected {
            return Err(NoPlace);
        }
        // No change before it adds a line.
        let before = text.get(..start).unwrap_or_default();
        // A table that is put at the end starts with an empty line and its header.
        let skipped = match start == text.len() {
            true => edited[start..].trim_end().matches('\n').count(),
            false => 0,
        };
        let line = 1 + before.matches('\n').count() + skipped;
        Ok(Edited { text: edited, line })
    }

    /// What is replaced by what; an empty span is a place to insert at.
    fn place(self, text: &str, document: &DeTable<'_>) -> (Span, String) {
        let line = self.line();
        let written = at(document, "stage").or_else(|| at(document, "max-age"));
        if let Some((key, value)) = written {
            return (key.start..value.end, line);
        }
        let Some((_, table)) = hsts_table(document) else {
            let end = if text.ends_with('\n') || text.is_empty() {
                ""
            } else {
                "\n"
            };
            let table = format!("{end}\n[transport.hsts]\n{line}\n");
            return (text.len()..text.len(), table);
        };
        if text[table.clone()].starts_with('{') {
            let filled = !text[table.clone()]
                .trim_matches(['{', '}'])
                .trim()
                .is_empty();
            let comma = if filled { "," } else { " " };
            let start = table.start + 1;
            return (start..start, format!(" {line}{comma}"));
        }
        // Below the header, whatever stands behind it on its line.
        let end = text[table.end..].find('\n').map(|end| table.end + end + 1);
        match end {
            Some(end) => (end..end, format!("{line}\n")),
            None => (text.len()..text.len(), format!("\n{line}\n")),
        }
    }
}

/// `[transport.hsts]`, with its place.
fn hsts_table<'d, 'i>(document: &'d DeTable<'i>) -> Option<(&'d DeTable<'i>, Span)> {
    let DeValue::Table(transport) = document.get("transport")?.get_ref() else {
        return None;
    };
    let hsts = transport.get("hsts")?;
    match hsts.get_ref() {
        DeValue::Table(table) => Some((table, hsts.span())),
        _ => None,
    }
}

/// The places of a key of `[transport.hsts]`: where its name starts, and its value.
fn at(document: &DeTable<'_>, key: &str) -> Option<(Span, Span)> {
    let (table, _) = hsts_table(document)?;
    let (name, value) = table.get_key_value(key)?;
    Some((name.span(), value.span()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_promise_changes() {
        let week = Promise::Stage(HstsStage::Week);
        let month = Promise::Stage(HstsStage::Month);
        for (promise, before, after, line) in [
            (
                week,
                "version = 1 # un\n[transport.hsts] # é\n# stage = \"x\"\nstage  = 'five-minutes' # why\n",
                "version = 1 # un\n[transport.hsts] # é\n# stage = \"x\"\nstage = \"week\" # why\n",
                4,
            ),
            (
                month,
                "version = 1\n[transport]\nhsts = { max-age = \"7d\", preload = false }\n",
                "version = 1\n[transport]\nhsts = { stage = \"month\", preload = false }\n",
                3,
            ),
            (
                week,
                "version = 1\n[transport]\nhsts.preload = false\nhsts.stage = \"five-minutes\"\n",
                "version = 1\n[transport]\nhsts.preload = false\nhsts.stage = \"week\"\n",
                4,
            ),
            (
                week,
                "version = 1\n[transport]\nhsts = {}\n",
                "version = 1\n[transport]\nhsts = { stage = \"week\" }\n",
                3,
            ),
            (
                week,
                "version = 1\n[transport.hsts] # é\npreload = false\n",
                "version = 1\n[transport.hsts] # é\nstage = \"week\"\npreload = false\n",
                3,
            ),
            (
                week,
                "version = 1",
                "version = 1\n\n[transport.hsts]\nstage = \"week\"\n",
                4,
            ),
            (
                week,
                "version = 1\n[transport.hsts]",
                "version = 1\n[transport.hsts]\nstage = \"week\"\n",
                3,
            ),
            (
                Promise::Forget,
                "version = 1\n[transport.hsts]\npreload = true # slow\ninclude-subdomains = true\n\
                 subdomains = [\"www\"]\nstage = \"two-years\" # top\n",
                "version = 1\n[transport.hsts]\npreload = false # slow\ninclude-subdomains = true\n\
                 subdomains = [\"www\"]\nmax-age = \"0s\" # top\n",
                6,
            ),
        ] {
            let edited = promise.write(before).unwrap();
            assert_eq!(
                (edited.text.as_str(), edited.line),
                (after, line),
                "{before}"
            );
        }
    }

    #[test]
    fn a_file_without_a_place_stays_as_it_is() {
        let week = Promise::Stage(HstsStage::Week);
        for text in [
            "version = 2",
            "version = 1\ntransport = { tls = \"modern\" }\n",
            "version = 1\n[transport.hsts]\nstage = 1\n",
        ] {
            assert_eq!(week.write(text), Err(NoPlace), "{text}");
        }
    }
}
