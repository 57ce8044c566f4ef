//! The report for people, laid out by `annotate-snippets`.

use std::borrow::Cow;

use annotate_snippets::{
    Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str,
};

use super::{Fault, Position, Severity};
use crate::Language;

pub(super) fn render(
    faults: &[Fault],
    file_name: &str,
    text: &str,
    language: Language,
    colour: bool,
) -> String {
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let secrets: Vec<_> = faults.iter().filter_map(|fault| fault.secret).collect();
    let mut out = String::new();
    for (index, fault) in faults.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let group = group(fault, file_name, text, &secrets, language);
        out.push_str(renderer.render(&[group]).trim_end());
        out.push('\n');
    }
    out
}

fn group<'a>(
    fault: &'a Fault,
    file_name: &'a str,
    text: &'a str,
    secrets: &[usize],
    language: Language,
) -> Group<'a> {
    let level = match fault.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let (clause, fix) = match language {
        Language::Fr => ("exigence\u{a0}", "correction\u{a0}"),
        Language::En => ("clause", "fix"),
    };
    let note = |name: &'static str, message: String| Level::NOTE.with_name(name).message(message);
    let mut group = Group::with_title(
        level
            .with_name(fault.severity.word(language))
            .primary_title(fault.message.in_language(language))
            .id(fault.code),
    );
    let place = Position::of(text, fault.span.start);
    let label = normalize_untrusted_str(fault.label.in_language(language));
    group = match Excerpt::of(text, fault, secrets) {
        Excerpt::Line { line, start, end } => group.element(
            Snippet::source(line)
                .path(file_name)
                .line_start(place.line)
                .annotation(mark(start, end, label)),
        ),
        Excerpt::Window { part, start, end } => group
            .element(
                Origin::path(file_name)
                    .line(place.line)
                    .char_column(place.column),
            )
            .element(
                Snippet::source(part)
                    .line_start(place.line)
                    .annotation(mark(start, end, label)),
            ),
    };
    if let Some(of) = fault.clause {
        group = group.element(note(clause, of.reference(language)));
    }
    let advice = fault.fix.in_language(language);
    if !advice.is_empty() {
        group = group.element(note(fix, normalize_untrusted_str(advice)));
    }
    group
}

fn mark<'a>(start: usize, end: usize, label: String) -> Annotation<'a> {
    AnnotationKind::Primary.span(start..end).label(label)
}

/// What is shown of the text, and where the fault lies in it. Bounded, so that a file of one
/// long line costs no more to print than another.
enum Excerpt<'a> {
    /// The line on which the fault starts, cut some way after it.
    Line {
        line: Cow<'a, str>,
        start: usize,
        end: usize,
    },
    /// A part of a long line, whose columns are no longer those of the file.
    Window {
        part: Cow<'a, str>,
        start: usize,
        end: usize,
    },
}

impl<'a> Excerpt<'a> {
    /// Bytes shown before a fault of a long line, and after any fault.
    const AROUND: usize = 400;

    /// `secrets` are the places where a secret starts; nothing of the line is shown from
    /// there on, whatever the fault.
    fn of(text: &'a str, fault: &Fault, secrets: &[usize]) -> Self {
        let start = text.floor_char_boundary(fault.span.start);
        let end = text.floor_char_boundary(fault.span.end.max(start));
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let whole = start - line_start <= Self::AROUND;
        let from = if whole {
            line_start
        } else {
            text.ceil_char_boundary(start - Self::AROUND)
        };
        let to = text.floor_char_boundary(line_end.min(start + Self::AROUND));
        let shown = text[from..to].trim_end_matches('\r');
        let secret = secrets
            .iter()
            .copied()
            .filter(|secret| (from..from + shown.len()).contains(secret))
            .min();
        let shown = match secret {
            Some(secret) => Cow::Owned(format!("{}…", &text[from..secret])),
            None => Cow::Borrowed(shown),
        };
        let clamp = |at: usize| at.clamp(from, from + shown.len()) - from;
        let (start, end) = (
            shown.floor_char_boundary(clamp(start)),
            shown.ceil_char_boundary(clamp(end)),
        );
        if whole {
            Self::Line {
                line: shown,
                start,
                end,
            }
        } else {
            Self::Window {
                part: shown,
                start,
                end,
            }
        }
    }
}
