//! A report on the terminal, and in Markdown.

use std::fmt::Write;

use super::document::{Block, Chart, Document, Entry};
use crate::locale::pick;

/// Columns of a bar on the terminal.
const WIDTH: usize = 50;
/// Columns of a line of text.
const LINE: usize = 96;

pub(super) fn text(document: &Document) -> String {
    let mut text = format!(
        "{}\n{}\n",
        document.title,
        "=".repeat(document.title.chars().count())
    );
    for block in &document.blocks {
        match block {
            Block::Heading(heading) => {
                let rule = "-".repeat(heading.chars().count());
                let _ = write!(text, "\n{heading}\n{rule}\n");
            }
            Block::Paragraph(paragraph) => wrap(&mut text, "", paragraph),
            Block::Facts(facts) => {
                let wide = facts.iter().map(|(name, _)| name.chars().count()).max();
                for (name, value) in facts {
                    let space = wide.unwrap_or(0) - name.chars().count();
                    let _ = writeln!(text, "  {name}{}  {value}", " ".repeat(space));
                }
            }
            Block::List(items) => {
                for item in items {
                    wrap(&mut text, "  - ", item);
                }
            }
            Block::Entries(entries) => entries
                .iter()
                .for_each(|entry| text_entry(&mut text, entry)),
            Block::Chart(chart) => text_chart(&mut text, chart),
        }
    }
    text
}

fn text_entry(text: &mut String, entry: &Entry) {
    let id = entry.id.map(|id| format!("  [{id}]")).unwrap_or_default();
    let _ = writeln!(
        text,
        "  {} {}  {}{id}",
        entry.mark.sign, entry.mark.word, entry.lead
    );
    wrap(text, "      ", &entry.text);
    for note in &entry.notes {
        wrap(text, "      > ", note);
    }
}

fn text_chart(text: &mut String, chart: &Chart) {
    let column = |bits| (chart.place(bits) / 100.0 * WIDTH as f64).round() as usize;
    for bar in &chart.bars {
        let full = column(bar.bits);
        let drawn: String = (0..=WIDTH)
            .map(|at| match at {
                at if chart.floors.iter().any(|&floor| column(floor) == at) => '|',
                at if at < full => {
                    if bar.enough {
                        '#'
                    } else {
                        '/'
                    }
                }
                _ => ' ',
            })
            .collect();
        let _ = writeln!(text, "  {}", bar.label);
        let _ = writeln!(text, "    {}  {}", drawn.trim_end(), bar.words);
    }
    let mut scale = vec![' '; WIDTH + 8];
    for floor in chart.floors {
        for (offset, sign) in floor.to_string().chars().enumerate() {
            scale[column(floor) + offset] = sign;
        }
    }
    let scale: String = scale.into_iter().collect();
    let _ = writeln!(text, "    {} bits", scale.trim_end());
    wrap(text, "  ", &chart.caption);
}

/// Lines of at most [`LINE`] columns; those after the first stand under its text.
fn wrap(text: &mut String, first: &str, words: &str) {
    let under = " ".repeat(first.chars().count());
    let (mut line, mut used) = (first.to_owned(), 0);
    for word in words.split(' ') {
        let long = word.chars().count();
        if used > 0 && line.chars().count() + 1 + long > LINE {
            let _ = writeln!(text, "{line}");
            line.clone_from(&under);
            used = 0;
        }
        if used > 0 {
            line.push(' ');
        }
        line.push_str(word);
        used += long;
    }
    let _ = writeln!(text, "{line}");
}

pub(super) fn markdown(document: &Document) -> String {
    let mut text = format!("# {}\n", escape(&document.title));
    for block in &document.blocks {
        text.push('\n');
        match block {
            Block::Heading(heading) => {
                let _ = writeln!(text, "## {}", escape(heading));
            }
            Block::Paragraph(paragraph) => {
                let _ = writeln!(text, "{}", escape(paragraph));
            }
            Block::Facts(facts) => {
                for (name, value) in facts {
                    let colon = pick(document.language, " :", ":");
                    let _ = writeln!(text, "- **{}**{colon} {}", escape(name), escape(value));
                }
            }
            Block::List(items) => {
                for item in items {
                    let _ = writeln!(text, "- {}", escape(item));
                }
            }
            Block::Entries(entries) => {
                text.push_str("| | | |\n|-|-|-|\n");
                for entry in entries {
                    let id = entry.id.map(|id| format!(" `{id}`")).unwrap_or_default();
                    let mut said = escape(&entry.text);
                    for note in &entry.notes {
                        let _ = write!(said, "<br>*{}*", escape(note));
                    }
                    let (mark, lead) = (&entry.mark, escape(&entry.lead));
                    let _ = writeln!(
                        text,
                        "| {} {} | {lead}{id} | {said} |",
                        mark.sign, mark.word
                    );
                }
            }
            Block::Chart(chart) => {
                let colon = pick(document.language, " :", ":");
                for bar in &chart.bars {
                    let sign = if bar.enough { "✓" } else { "✗" };
                    let _ = writeln!(
                        text,
                        "- {sign} {}{colon} {}",
                        escape(&bar.label),
                        escape(&bar.words)
                    );
                }
                let _ = write!(text, "\n{}\n", escape(&chart.caption));
            }
        }
    }
    text
}

/// Text that Markdown shows as it is: a reason of the operator cannot become markup.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' => {
                escaped.push('\\');
                escaped.push(sign);
            }
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\n' | '\r' => escaped.push(' '),
            sign => escaped.push(sign),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_wrapped_under_their_text() {
        let mut text = String::new();
        wrap(&mut text, "  - ", &"mot ".repeat(40));
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.len() > 1);
        assert!(lines.iter().all(|line| line.chars().count() <= LINE));
        assert!(lines[1].starts_with("    mot"), "{text}");
    }

    #[test]
    fn markdown_shows_what_was_written() {
        assert_eq!(escape("a|b *c* <i>"), "a\\|b \\*c\\* &lt;i&gt;");
    }
}
