//! Settings whose behaviour comes with later work.
//!
//! They are parsed and checked like any other; which ones they are is a property of
//! [`crate::keys`], and this module only looks for them in a file.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::keys::{Key, Kind, Support, Table};
use crate::read::{Span, unit};
use crate::report::Position;
use crate::{Preset, Text, keys};

/// A setting that `rempart serve` cannot honour yet.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pending {
    /// The dotted path of the key, such as `hash.pepper`.
    pub key: String,
    /// Line in the file, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What a person reads.
    pub message: Text,
}

/// Every pending setting of a document without fault.
pub(crate) fn find(document: &DeTable<'_>, text: &str, preset: Preset) -> Vec<Pending> {
    let mut spans = Vec::new();
    let root = keys::table("").expect("the specification has a root");
    walk(root, document, preset, &mut spans);
    located(spans, text)
}

/// The same with their places.
fn located(mut spans: Vec<(String, Span)>, text: &str) -> Vec<Pending> {
    spans.sort_by_key(|(_, span)| span.start);
    let mut places = Places::new(text);
    spans
        .into_iter()
        .map(|(key, span)| {
            let Position { line, column } = places.next(span.start);
            let message = Text::new(
                format!(
                    "`{key}` est lu, mais cette version ne sait pas encore appliquer cette valeur"
                ),
                format!("`{key}` is read, but this version cannot honour this value yet"),
            );
            Pending {
                key,
                line,
                column,
                message,
            }
        })
        .collect()
}

/// Places that come in the order of the text, found in one pass over it however many they
/// are. [`Position::of`] starts from the top each time.
struct Places<'t> {
    /// What follows the last place.
    rest: &'t str,
    /// Bytes before it.
    offset: usize,
    position: Position,
}

impl<'t> Places<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            rest: text,
            offset: 0,
            position: Position { line: 1, column: 1 },
        }
    }

    /// The place of a byte offset that is not before the last one.
    fn next(&mut self, offset: usize) -> Position {
        let ahead = offset.saturating_sub(self.offset);
        let (passed, rest) = self.rest.split_at(self.rest.floor_char_boundary(ahead));
        if let Some((before, line)) = passed.rsplit_once('\n') {
            self.position.line += before.bytes().filter(|&byte| byte == b'\n').count() + 1;
            self.position.column = line.chars().count() + 1;
        } else {
            self.position.column += passed.chars().count();
        }
        self.offset += passed.len();
        self.rest = rest;
        self.position
    }
}

fn walk(
    table: &'static Table,
    values: &DeTable<'_>,
    preset: Preset,
    found: &mut Vec<(String, Span)>,
) {
    for key in table.keys {
        if let Some(value) = values.get(key.name) {
            let path = table.path_of(key.name);
            let default = preset.default_of(&path).unwrap_or(key.default);
            if is_pending(key, default, value) {
                found.push((path, value.span()));
            }
        }
    }
    for child in table.children() {
        let Some(value) = values.get(child.name()) else {
            continue;
        };
        let tables: Vec<&Spanned<DeValue<'_>>> = match value.get_ref() {
            DeValue::Array(items) => items.iter().collect(),
            _ => vec![value],
        };
        for item in tables {
            if let DeValue::Table(inner) = item.get_ref() {
                walk(child, inner, preset, found);
            }
        }
    }
}

fn is_pending(key: &Key, default: &str, value: &Spanned<DeValue<'_>>) -> bool {
    match key.support {
        Support::Full => false,
        Support::DefaultOnly => match DeValue::parse(default) {
            Ok(default) => !same(key.kind, value.get_ref(), default.get_ref()),
            // A key without a default has no value that is honoured.
            Err(_) => true,
        },
    }
}

/// Whether two values of a key say the same: `"60m"` is `"1h"`.
fn same(kind: Kind, one: &DeValue<'_>, other: &DeValue<'_>) -> bool {
    match (kind, one, other) {
        (Kind::Duration { .. }, DeValue::String(one), DeValue::String(other)) => {
            one == other
                || matches!(
                    (unit::duration(one), unit::duration(other)),
                    (Some(one), Some(other)) if one == other
                )
        }
        (Kind::Size { .. }, DeValue::String(one), DeValue::String(other)) => {
            matches!((unit::size(one), unit::size(other)), (Ok(one), Ok(other)) if one == other)
        }
        (_, DeValue::String(one), DeValue::String(other)) => one == other,
        (_, DeValue::Boolean(one), DeValue::Boolean(other)) => one == other,
        (_, DeValue::Integer(one), DeValue::Integer(other)) => {
            let number = |integer: &toml::de::DeInteger<'_>| {
                i64::from_str_radix(integer.as_str(), integer.radix()).ok()
            };
            number(one) == number(other)
        }
        (_, DeValue::Array(one), DeValue::Array(other)) => one.is_empty() && other.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pending_setting_says_where_it_is() {
        for (text, places) in [
            ("\nnow = true\nsoon = true\n", &[(3, 8)][..]),
            ("soon = false", &[]),
        ] {
            let document = DeTable::parse(text).expect("TOML");
            let mut spans = Vec::new();
            walk(&keys::WAITING, document.get_ref(), Preset::Cnil, &mut spans);
            let found = located(spans, text);
            let found_at: Vec<_> = found.iter().map(|one| (one.line, one.column)).collect();
            assert_eq!(found_at, places, "{text}");
            assert!(found.iter().all(|one| one.message.fr.contains("`soon`")));
        }
    }

    #[test]
    fn places_in_order_are_those_found_one_by_one() {
        let text = "a = 1\nélan = 2, é = 3\n\n\nb = 4\n";
        let mut places = Places::new(text);
        let boundaries = (0..=text.len()).filter(|&offset| text.is_char_boundary(offset));
        // Some places are skipped, some asked for twice.
        for offset in boundaries.filter(|offset| offset % 3 != 0) {
            let expected = Position::of(text, offset);
            assert_eq!(places.next(offset), expected, "offset {offset}");
            assert_eq!(places.next(offset), expected, "offset {offset} again");
        }
    }
}
