//! Reads tables with their places in the text, and collects every fault on the way.
//!
//! serde stops at the first fault and forgets places, so sections are read by hand through
//! [`Section`]. What a key may be set to comes from [`crate::keys`]; a section names the key
//! and receives a value of its type, or nothing when it is absent or its fault is reported.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::Text;
use crate::clause::Clause;
use crate::code;
use crate::keys::{Key, Table};
use crate::nearest::nearest;
use crate::report::Fault;

mod faults;
mod mismatch;
mod quantity;
pub(crate) mod unit;
mod value;

pub(crate) use faults::Faults;
pub(crate) use value::{Chain, OneOrMore, Pairs, Value, Word, WordOr, words};

/// A place in the text, in bytes.
pub(crate) type Span = Range<usize>;

/// One table of the file, present or not.
pub(crate) struct Section<'s, 'i> {
    spec: &'static Table,
    values: Option<&'s DeTable<'i>>,
    /// The header, or the whole text's start for the root.
    span: Span,
    faults: &'s mut Faults,
}

impl<'s, 'i> Section<'s, 'i> {
    /// A table, whose unknown keys are reported here.
    pub(crate) fn open(
        spec: &'static Table,
        values: Option<&'s DeTable<'i>>,
        span: Span,
        faults: &'s mut Faults,
    ) -> Self {
        for (key, _) in values.into_iter().flatten() {
            let name: &str = key.get_ref();
            let known = spec.key(name).is_some() || spec.children().any(|t| t.name() == name);
            if !known {
                faults.push_with(|| unknown_key(spec, key));
            }
        }
        let section = Self {
            spec,
            values,
            span,
            faults,
        };
        section.require()
    }

    /// Reports the required keys that are absent.
    fn require(mut self) -> Self {
        let Some(values) = self.values else {
            return self;
        };
        for key in self.spec.keys.iter().filter(|key| key.required) {
            if !values.contains_key(key.name) {
                self.missing(key.name);
            }
        }
        self
    }

    /// Reports that a key is absent, for one that is required in some tables only.
    pub(crate) fn missing(&mut self, name: &str) {
        let key = self.specification(name);
        self.faults.push(
            Fault::error(
                code::MISSING_KEY,
                self.span.clone(),
                Text::new(
                    format!("la clé `{name}` manque"),
                    format!("the key `{name}` is missing"),
                ),
            )
            .label("dans cette table", "in this table")
            .fix(
                format!("ajouter `{name}` : {}", lower_first(key.fr)),
                format!("add `{name}`: {}", lower_first(key.en)),
            ),
        );
    }

    /// Whether the table is written in the file.
    pub(crate) fn is_present(&self) -> bool {
        self.values.is_some()
    }

    /// The header of the table.
    pub(crate) fn span(&self) -> Span {
        self.span.clone()
    }

    /// Whether a key is written, well or badly.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.is_some_and(|values| values.contains_key(name))
    }

    /// Where a key's name is written.
    pub(crate) fn key_span(&self, name: &str) -> Span {
        self.values
            .and_then(|values| values.get_key_value(name))
            .map_or(self.span.clone(), |(key, _)| key.span())
    }

    /// The value of a key; `None` when it is absent or its fault is reported.
    pub(crate) fn read<T: Value>(&mut self, name: &str) -> Option<Spanned<T>> {
        let key = self.specification(name);
        let value = self.values?.get(name)?;
        let read = T::read(key, value, self.faults)?;
        Some(Spanned::new(value.span(), read))
    }

    /// Sets `place` to the value of a key if it is there, and tells where it is.
    pub(crate) fn set<T: Value>(&mut self, name: &str, place: &mut T) -> Option<Span> {
        let value = self.read(name)?;
        let span = value.span();
        *place = value.into_inner();
        Some(span)
    }

    /// Sets `place` to `Some` value of a key if it is there, and tells where it is.
    pub(crate) fn set_some<T: Value>(&mut self, name: &str, place: &mut Option<T>) -> Option<Span> {
        let value = self.read(name)?;
        let span = value.span();
        *place = Some(value.into_inner());
        Some(span)
    }

    /// A table inside this one, empty when it is not written.
    pub(crate) fn table(&mut self, name: &str) -> Section<'_, 'i> {
        let spec = self.child(name);
        let value = self.values.and_then(|values| values.get(name));
        let (values, span) = match value.map(|value| (value.get_ref(), value.span())) {
            Some((DeValue::Table(values), span)) => (Some(values), span),
            Some((_, span)) => {
                self.faults.push(wrong_table(spec, span));
                (None, self.span.clone())
            }
            None => (None, self.span.clone()),
        };
        Section::open(spec, values, span, self.faults)
    }

    /// Reads each table of a repeated one, and tells whether there is any.
    pub(crate) fn tables(&mut self, name: &str, mut read: impl FnMut(Section<'_, 'i>)) -> bool {
        let spec = self.child(name);
        let Some(value) = self.values.and_then(|values| values.get(name)) else {
            return false;
        };
        let DeValue::Array(items) = value.get_ref() else {
            self.faults.push(wrong_table(spec, value.span()));
            return true;
        };
        for item in items.iter() {
            match item.get_ref() {
                DeValue::Table(values) => {
                    read(Section::open(spec, Some(values), item.span(), self.faults));
                }
                _ => self.faults.push(wrong_table(spec, item.span())),
            }
        }
        true
    }

    /// Adds a fault.
    pub(crate) fn fault(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// Adds a fault that takes some work to word; see [`Faults::push_with`].
    pub(crate) fn fault_with(&mut self, fault: impl FnOnce() -> Fault) {
        self.faults.push_with(fault);
    }

    /// Adds a value under the floor of a clause; see [`Faults::depart`].
    pub(crate) fn depart(&mut self, clause: &'static Clause, fault: Fault) {
        self.faults.depart(clause, fault);
    }

    fn specification(&self, name: &str) -> &'static Key {
        self.spec
            .key(name)
            .expect("sections read keys of the specification; the tests read every section")
    }

    fn child(&self, name: &str) -> &'static Table {
        self.spec
            .children()
            .find(|table| table.name() == name)
            .expect("sections read tables of the specification; the tests read every section")
    }
}

fn unknown_key(spec: &'static Table, key: &Spanned<toml::de::DeString<'_>>) -> Fault {
    let written: &str = key.get_ref();
    let shown = shorten(written);
    let names = || {
        spec.keys
            .iter()
            .map(|key| key.name)
            .chain(spec.children().map(Table::name))
    };
    let fault = Fault::error(
        code::UNKNOWN_KEY,
        key.span(),
        Text::new(
            format!("la clé `{shown}` n’existe pas"),
            format!("there is no key `{shown}`"),
        ),
    );
    let fault = if names_secret(written) {
        fault.hidden_from(key.span().end)
    } else {
        fault
    };
    let place = match spec.path {
        "" => Text::new("hors de toute table", "outside any table"),
        _ => Text::new(
            format!("dans {}", spec.header()),
            format!("in {}", spec.header()),
        ),
    };
    let fault = fault.label(place.fr, place.en);
    if let Some(near) = nearest(written, names()) {
        return fault.fix(format!("écrire `{near}`"), format!("write `{near}`"));
    }
    // The right name in the wrong table is the other common slip.
    let elsewhere = crate::keys::tables()
        .iter()
        .find(|table| table.key(written).is_some());
    if let Some(table) = elsewhere {
        let place = match table.path {
            "" => Text::new("en tête du fichier", "at the top of the file"),
            _ => Text::new(table.header(), table.header()),
        };
        return fault.fix(
            format!("déplacer la ligne vers {}", place.fr),
            format!("move the line to {}", place.en),
        );
    }
    let list = names().collect::<Vec<_>>().join(", ");
    fault.fix(
        format!("retirer la ligne, ou choisir parmi : {list}"),
        format!("remove the line, or choose among: {list}"),
    )
}

fn wrong_table(spec: &'static Table, span: Span) -> Fault {
    let header = spec.header();
    Fault::error(
        code::WRONG_TYPE,
        span,
        Text::new(
            format!("`{}` s’écrit comme une table", spec.path),
            format!("`{}` is written as a table", spec.path),
        ),
    )
    .label(format!("{header} attendu"), format!("expected {header}"))
    .fix(
        format!("écrire {header} sur une ligne, puis les clés dessous"),
        format!("write {header} on a line, then the keys below it"),
    )
}

/// A text of the file inside a message: short, since a file may hold anything.
pub(crate) fn shorten(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Where a line that seems to hold a secret stops being printed: after the name that tells.
/// For keys that are misspelt and values that are not TOML, where nothing better is known.
pub(crate) fn secret_in(line: &str) -> Option<usize> {
    let lower = line.to_ascii_lowercase();
    SECRET_WORDS
        .iter()
        .filter_map(|word| Some(lower.find(word)? + word.len()))
        // A user in front of a server may have a password, and so may an escape or a query.
        .chain(
            lower
                .contains(['@', '%', '?'])
                .then(|| lower.find("://"))
                .flatten(),
        )
        .chain(misspelt_secret(line))
        .min()
}

/// The first `=` of a line that comes after a name like that of a secret.
fn misspelt_secret(line: &str) -> Option<usize> {
    let mut ends = line.match_indices('=').map(|(end, _)| end).take(16);
    ends.find(|&end| {
        let name = line[..end].trim_end().trim_end_matches(['"', '\'']);
        let name = name.rsplit([' ', '\t', '{', ',', '.', '"', '\'']).next();
        name.is_some_and(|name| name.len() <= 64 && names_secret(name))
    })
}

/// What the name of a secret may hold, in either language.
const SECRET_WORDS: [&str; 8] = [
    "pepper",
    "poivre",
    "pass",
    "pwd",
    "mdp",
    "secret",
    "token",
    "credential",
];

/// Whether the value of a key that does not exist may be a secret: the name says so, or is a
/// slip away from a key that holds one.
fn names_secret(written: &str) -> bool {
    let lower = written.to_ascii_lowercase();
    // An address may hold a password too.
    let words = ["store", "upstream"].into_iter().chain(SECRET_WORDS);
    let keys = crate::keys::secrets().map(|key| key.name);
    SECRET_WORDS.iter().any(|word| lower.contains(word))
        || nearest(written, words.chain(keys)).is_some()
}

/// A sentence of the specification as the end of another sentence.
fn lower_first(sentence: &str) -> String {
    let sentence = sentence.trim_end_matches('.');
    let mut chars = sentence.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
