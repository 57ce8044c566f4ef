//! Proposals as text: TOML that stands under a `[[site]]`, with remarks.

use std::fmt::Write as _;

use policy::Language;
use policy::site::{Charset, Encoding};

use super::proposal::{Proposal, Table, Written};
use super::rule::Rule;

/// Columns of a remark.
const WIDTH: usize = 92;

impl Proposal {
    /// The table with its remarks, in one language. One that the policy does not admit is a
    /// comment.
    pub fn lines(&self, language: Language) -> String {
        let mut lines = String::new();
        for note in &self.notes {
            wrap(&note.message(language), &mut lines);
        }
        for line in self.table().lines() {
            let sign = if self.is_lawful { "" } else { "# " };
            let _ = writeln!(lines, "{sign}{line}");
        }
        lines
    }

    /// The table alone.
    pub(super) fn table(&self) -> String {
        let mut table = "[[site.form]]\n".to_owned();
        match &self.table {
            Table::Preset(software, base) => {
                pair(&mut table, "preset", software.name());
                if !base.is_empty() {
                    pair(&mut table, "base", base);
                }
            }
            Table::Form(form) => form.write(&mut table),
        }
        table
    }
}

impl Written {
    fn write(&self, table: &mut String) {
        pair(table, "kind", self.kind.name());
        match self.paths.as_slice() {
            [one] => pair(table, "path", one),
            several => {
                let list: Vec<String> = several.iter().map(|path| quoted(path)).collect();
                let _ = writeln!(table, "path = [{}]", list.join(", "));
            }
        }
        if !self.basic && self.method != "POST" {
            pair(table, "method", &self.method);
        }
        if let Some((name, value)) = &self.when {
            let _ = writeln!(table, "when = {{ {} = {} }}", quoted(name), quoted(value));
        }
        if self.encodings != [Encoding::Urlencoded, Encoding::Multipart] {
            let list: Vec<String> = self
                .encodings
                .iter()
                .map(|way| quoted(way.name()))
                .collect();
            let _ = writeln!(table, "encoding = [{}]", list.join(", "));
        }
        for (key, name) in [
            ("identifier", &self.identifier),
            ("current", &self.current),
            ("password", &self.password),
            ("confirm", &self.confirm),
        ] {
            if let Some(name) = name {
                pair(table, key, name);
            }
        }
        if !self.context.is_empty() {
            let list: Vec<String> = self.context.iter().map(|name| quoted(name)).collect();
            let _ = writeln!(table, "context = [{}]", list.join(", "));
        }
        if self.charset != Charset::Utf8 {
            pair(table, "charset", self.charset.name());
        }
        if self.basic {
            table.push_str(
                "failure = [{ status = \"401\" }]\nsuccess = [{ status = \"200-599\" }]\n",
            );
        } else if let Some(rule) = &self.success {
            let _ = writeln!(table, "success = [{{ {} }}]", rule.inline());
        }
    }
}

impl Rule {
    fn inline(&self) -> String {
        let mut parts = Vec::new();
        if let Some(status) = self.status {
            parts.push(format!("status = \"{status}\""));
        }
        for (key, text) in [
            ("location", &self.location),
            ("set-cookie", &self.set_cookie),
            ("body", &self.body),
        ] {
            if let Some(text) = text {
                parts.push(format!("{key} = {}", quoted(text)));
            }
        }
        if let Some((pointer, value)) = &self.json {
            parts.push(format!(
                "json = {{ {} = {} }}",
                quoted(pointer),
                quoted(value)
            ));
        }
        parts.join(", ")
    }
}

fn pair(table: &mut String, key: &str, value: &str) {
    let _ = writeln!(table, "{key} = {}", quoted(value));
}

/// A text of TOML, on one line: literal where it may be, so that quotes stay readable.
fn quoted(text: &str) -> String {
    let plain = !text.contains('\'') && !text.chars().any(char::is_control);
    if plain && text.contains(['"', '\\']) {
        return format!("'{text}'");
    }
    let mut quoted = String::from("\"");
    for sign in text.chars() {
        match sign {
            '"' | '\\' => quoted.extend(['\\', sign]),
            sign if sign.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(sign));
            }
            sign => quoted.push(sign),
        }
    }
    quoted.push('"');
    quoted
}

/// A remark as lines of comment. No line of it can become anything else.
fn wrap(text: &str, lines: &mut String) {
    let mut line = String::from("#");
    for word in text.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > WIDTH && line.len() > 1 {
            lines.push_str(&line);
            lines.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    lines.push_str(&line);
    lines.push('\n');
}
