//! Faults of a policy file: what, where, why (the clause) and how to mend it.
//!
//! A report holds every fault of one run. It prints for people in the style of a compiler
//! and for programs as JSON; both say the same.
//!
//! Absent on purpose: the text of the file. A fault keeps byte offsets only, and the caller
//! hands the text back to print it, so that a report never carries what the file says.

use std::fmt;
use std::ops::Range;

use serde_json::json;

use crate::clause::Clause;
use crate::code::Code;
use crate::{Language, Text};

mod render;

/// Whether a fault stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file can be used, and something in it deserves a look.
    Warning,
}

impl Severity {
    /// `error` or `warning`, as in machine-readable output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }

    /// The word that a person reads.
    pub const fn word(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Error, Language::Fr) => "erreur",
            (Self::Warning, Language::Fr) => "attention",
            (_, Language::En) => self.name(),
        }
    }
}

/// One fault in a policy file.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Fault {
    /// Kebab-case, unique and stable; [`crate::explain_fault`] explains it.
    pub code: &'static str,
    /// Whether it stands in the way.
    pub severity: Severity,
    /// What is wrong, in one sentence without a full stop.
    pub message: Text,
    /// What is under the caret.
    pub label: Text,
    /// Where, in bytes of the text that was loaded. On character boundaries.
    pub span: Range<usize>,
    /// The requirement that the value falls short of.
    pub clause: Option<&'static Clause>,
    /// How to mend it.
    pub fix: Text,
    /// Where a secret starts. From there on the line is never printed back.
    pub(crate) secret: Option<usize>,
}

impl Fault {
    /// An error. The label and the fix are empty until given.
    pub(crate) fn error(code: Code, span: Range<usize>, message: Text) -> Self {
        Self {
            code: code.name,
            severity: Severity::Error,
            message,
            label: Text::new("", ""),
            span,
            clause: None,
            fix: Text::new("", ""),
            secret: None,
        }
    }

    /// A warning. The label and the fix are empty until given.
    pub(crate) fn warning(code: Code, span: Range<usize>, message: Text) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, span, message)
        }
    }

    /// What is under the caret.
    pub(crate) fn label(mut self, fr: impl Into<String>, en: impl Into<String>) -> Self {
        self.label = Text::new(fr, en);
        self
    }

    /// How to mend it.
    pub(crate) fn fix(mut self, fr: impl Into<String>, en: impl Into<String>) -> Self {
        self.fix = Text::new(fr, en);
        self
    }

    /// Keeps the value out of what is printed: it is a secret.
    pub(crate) fn hidden(self) -> Self {
        let start = self.span.start;
        self.hidden_from(start)
    }

    /// Keeps the line out of what is printed, from a byte of the text on.
    pub(crate) fn hidden_from(mut self, secret: usize) -> Self {
        self.secret = Some(secret);
        self
    }

    /// The requirement that the value falls short of.
    pub(crate) fn clause(mut self, clause: &'static Clause) -> Self {
        self.clause = Some(clause);
        self
    }
}

/// Every fault found in one run, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    faults: Vec<Fault>,
}

impl Report {
    /// A report of some faults, put in the order of the file.
    pub(crate) fn new(mut faults: Vec<Fault>) -> Self {
        faults.sort_by_key(|fault| (fault.span.start, fault.severity));
        Self { faults }
    }

    /// The same report with more faults of the same text, such as those of a judge
    /// ([`crate::Trouble`]).
    #[must_use]
    pub fn with(self, faults: impl IntoIterator<Item = Fault>) -> Self {
        let mut all = self.faults;
        all.extend(faults);
        Self::new(all)
    }

    /// Every fault, errors and warnings, in the order of the file.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    /// Whether at least one fault stands in the way.
    pub fn has_errors(&self) -> bool {
        self.faults
            .iter()
            .any(|fault| fault.severity == Severity::Error)
    }

    /// The report for people, in the style of a compiler, one blank line between faults and
    /// a line end after the last. `file_name` is printed as given; `text` is the text that
    /// was loaded. Colour is ANSI.
    pub fn render(&self, file_name: &str, text: &str, language: Language, colour: bool) -> String {
        render::render(&self.faults, file_name, text, language, colour)
    }

    /// The report for programs: an array of objects with `code`, `severity`, `message`,
    /// `label`, `file`, `line`, `column`, `end` (`line` and `column` after the last
    /// character), `clause` (`id` and printed `reference`, or null) and `fix`. Lines and
    /// columns count from 1; columns count characters.
    pub fn to_json(&self, file_name: &str, text: &str, language: Language) -> serde_json::Value {
        self.faults
            .iter()
            .map(|fault| {
                let start = Position::of(text, fault.span.start);
                let end = Position::of(text, fault.span.end.max(fault.span.start));
                json!({
                    "code": fault.code,
                    "severity": fault.severity.name(),
                    "message": fault.message.in_language(language),
                    "label": fault.label.in_language(language),
                    "file": file_name,
                    "line": start.line,
                    "column": start.column,
                    "end": { "line": end.line, "column": end.column },
                    "clause": fault.clause.map(|clause| json!({
                        "id": clause.id,
                        "reference": clause.reference(language),
                    })),
                    "fix": fault.fix.in_language(language),
                })
            })
            .collect()
    }
}

/// One line per fault, `severity[code]: message`, in English: for logs. [`Report::render`]
/// is what a person should read.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            let (end, severity) = (if index == 0 { "" } else { "\n" }, fault.severity.name());
            write!(f, "{end}{severity}[{}]: {}", fault.code, fault.message.en)?;
        }
        Ok(())
    }
}

impl std::error::Error for Report {}

/// A place in a text, for people: both counts start from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    /// Line, ended by a line feed.
    pub(crate) line: usize,
    /// Column, in characters.
    pub(crate) column: usize,
}

impl Position {
    /// The place of a byte offset. Past the end, or inside a character, it is the place of
    /// the nearest character boundary before.
    pub(crate) fn of(text: &str, offset: usize) -> Self {
        let before = &text[..text.floor_char_boundary(offset)];
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        Self {
            line: before.bytes().filter(|&byte| byte == b'\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let text = "a = 1\nélan = 2\n";
        for (offset, line, column) in [
            (0, 1, 1),
            (4, 1, 5),
            (6, 2, 1),
            // Inside `é`, which takes two bytes.
            (7, 2, 1),
            (8, 2, 2),
            (text.len(), 3, 1),
            (10_000, 3, 1),
        ] {
            assert_eq!(
                Position::of(text, offset),
                Position { line, column },
                "offset {offset}"
            );
        }
    }
}
