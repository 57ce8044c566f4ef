//! The report for people, laid out by `annotate-snippets`.

use annotate_snippets::{
    AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str,
};

use super::{Fault, Position, Severity};
use crate::Language;

/// A line longer than this is shown around the fault only.
const WIDEST: usize = 200;

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
    let mut out = String::new();
    for (index, fault) in faults.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let group = group(fault, file_name, text, language);
        out.push_str(renderer.render(&[group]).trim_end());
        out.push('\n');
    }
    out
}

fn group<'a>(fault: &'a Fault, file_name: &'a str, text: &'a str, language: Language) -> Group<'a> {
    let level = match fault.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let note = |name: &'static str, message: String| Level::NOTE.with_name(name).message(message);
    let (clause, fix) = match language {
        Language::Fr => ("exigence", "correction"),
        Language::En => ("clause", "fix"),
    };
    let position = Position::of(text, fault.span.start);
    let excerpt = Excerpt::of(text, fault);
    let mut group = level
        .with_name(fault.severity.word(language))
        .primary_title(fault.message.in_language(language))
        .id(fault.code)
        .element(
            Origin::path(file_name)
                .line(position.line)
                .char_column(position.column),
        )
        .element(
            Snippet::source(excerpt.line)
                .line_start(position.line)
                .annotation(
                    AnnotationKind::Primary
                        .span(excerpt.start..excerpt.end)
                        .label(normalize_untrusted_str(fault.label.in_language(language))),
                ),
        );
    if let Some(of) = fault.clause {
        group = group.element(note(clause, of.reference(language)));
    }
    let advice = fault.fix.in_language(language);
    if !advice.is_empty() {
        group = group.element(note(fix, normalize_untrusted_str(advice)));
    }
    group
}

/// The part of the text that is shown: the line on which the fault starts, or a window of
/// it, and where the fault lies in there. It bounds what one fault costs to print.
struct Excerpt<'a> {
    line: &'a str,
    start: usize,
    end: usize,
}

impl<'a> Excerpt<'a> {
    fn of(text: &'a str, fault: &Fault) -> Self {
        let start = text.floor_char_boundary(fault.span.start);
        let end = text.floor_char_boundary(fault.span.end.max(start));
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let from = text.ceil_char_boundary(line_start.max(start.saturating_sub(WIDEST)));
        let to = text.floor_char_boundary(line_end.min(start + WIDEST));
        let line = text[from..to].trim_end_matches('\r');
        let clamp = |at: usize| at.clamp(from, from + line.len()) - from;
        Self {
            line,
            start: clamp(start),
            end: clamp(end),
        }
    }
}
