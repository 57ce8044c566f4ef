//! The specification of the policy file: every table and key, once.
//!
//! The loader, the suggestions for misspelt keys, the JSON Schema, the list of settings
//! whose behaviour is not there yet, and the tests of the reference file all read this
//! list, so that none of them can drift from the others.
//!
//! Absent on purpose: floors and rules between keys. A key names the clauses that it
//! answers to; the section that reads it judges.

use std::time::Duration;

use crate::clause::Clause;
use crate::{Language, Size};

mod access;
mod admin;
mod hash;
mod journal;
mod login;
mod password;
mod process;
mod root;
mod schema;
mod site;
mod transport;

pub use schema::schema;

/// One table of the policy file.
#[derive(Debug)]
#[non_exhaustive]
pub struct Table {
    /// Dotted path from the root, whose own path is empty.
    pub path: &'static str,
    /// Whether it is written `[[path]]`, any number of times.
    pub repeated: bool,
    /// Its keys, in the order of the reference file.
    pub keys: &'static [Key],
    /// What it is about, in French.
    pub fr: &'static str,
    /// What it is about, in English.
    pub en: &'static str,
}

/// One key of a table.
#[derive(Debug)]
#[non_exhaustive]
pub struct Key {
    /// Its name, kebab-case.
    pub name: &'static str,
    /// What it may be set to.
    pub kind: Kind,
    /// The default as TOML; empty when there is none.
    pub default: &'static str,
    /// Whether it must be there whenever its table is.
    pub required: bool,
    /// The clauses that it answers to.
    pub clauses: &'static [&'static Clause],
    /// What it sets, in French.
    pub fr: &'static str,
    /// What it sets, in English.
    pub en: &'static str,
}

/// What a key may be set to.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Kind {
    /// Any text, not empty.
    Text,
    /// A path, not empty; relative to the policy file.
    Path,
    /// One of some words.
    Word(Words),
    /// An array of texts.
    Texts,
    /// A text, or an array of texts.
    TextOrTexts,
    /// An array of words.
    WordList(Words),
    /// `{ name = "text" }`: texts, or arrays of texts, by names of one's own.
    Pairs,
    /// A whole number, ends included.
    Integer {
        /// The least.
        min: i64,
        /// The most.
        max: i64,
    },
    /// A number, ends included.
    Number {
        /// The least.
        min: f64,
        /// The most.
        max: f64,
    },
    /// `true` or `false`.
    Boolean,
    /// A duration as text, or one of some words; ends included.
    Duration {
        /// The shortest.
        min: Duration,
        /// The longest.
        max: Duration,
        /// Words that may stand instead of a duration.
        words: Words,
    },
    /// A size as text, ends included.
    Size {
        /// The least.
        min: Size,
        /// The most.
        max: Size,
    },
    /// `"address:port"`, or one of some words.
    Address(Words),
    /// A day.
    Date,
    /// `{ file = "…" }` or `{ variable = "…" }`.
    Secret,
    /// One of some words, or `{ chain = "…", key = "…" }`.
    Certificate(Words),
}

/// A list of words, computed from the type that they name.
pub type Words = fn() -> Vec<&'static str>;

/// Every table of the policy file, parents before children.
pub fn tables() -> &'static [&'static Table] {
    TABLES
}

const TABLES: &[&Table] = &[
    &root::ROOT,
    &password::PASSWORD,
    &password::FORM,
    &password::GUESS,
    &password::GUESS_LISTS,
    &password::REFUSE,
    &password::REFUSE_ONLINE,
    &hash::HASH,
    &access::ACCESS,
    &access::DELAY,
    &access::BLOCK,
    &access::CAPTCHA,
    &access::LIMITS,
    &login::LOGIN,
    &journal::JOURNAL,
    &transport::TRANSPORT,
    &transport::LIMITS,
    &transport::DEADLINES,
    &transport::HSTS,
    &transport::ACME,
    &admin::ADMIN,
    &site::SITE,
    &site::CLIENTS,
    &site::ORIGIN,
    &site::HEALTH,
    &site::REPAIR,
    &site::COOKIE,
    &site::HEADERS,
    &site::LIMIT,
    &site::FORM,
    &site::SUCCESS,
    &site::FAILURE,
    &process::PROCESS,
    &root::DEVIATION,
];

/// The table of a dotted path.
pub fn table(path: &str) -> Option<&'static Table> {
    tables().iter().copied().find(|table| table.path == path)
}

/// Every key with its dotted path.
pub fn all() -> impl Iterator<Item = (String, &'static Key)> {
    tables()
        .iter()
        .flat_map(|table| table.keys.iter().map(|key| (table.path_of(key.name), key)))
}

/// Every key that names where a secret is kept.
pub(crate) fn secrets() -> impl Iterator<Item = &'static Key> {
    let keys = tables().iter().flat_map(|table| table.keys);
    keys.filter(|key| matches!(key.kind, Kind::Secret))
}

/// Every key that answers to a clause, with its dotted path.
pub fn answering(clause: &Clause) -> impl Iterator<Item = (String, &'static Key)> {
    all().filter(|(_, key)| key.clauses.iter().any(|of| of.id == clause.id))
}

impl Table {
    const fn new(
        path: &'static str,
        fr: &'static str,
        en: &'static str,
        keys: &'static [Key],
    ) -> Self {
        Self {
            path,
            repeated: false,
            keys,
            fr,
            en,
        }
    }

    const fn repeated(mut self) -> Self {
        self.repeated = true;
        self
    }

    /// The key of a name.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// The tables directly inside this one.
    pub fn children(&self) -> impl Iterator<Item = &'static Table> {
        tables()
            .iter()
            .copied()
            .filter(|table| !table.path.is_empty() && table.parent() == self.path)
    }

    /// The dotted path of something in this table.
    pub fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// The last part of the path.
    pub fn name(&self) -> &'static str {
        self.path.rsplit('.').next().unwrap_or(self.path)
    }

    /// The path of the table around this one; the root is its own parent.
    fn parent(&self) -> &'static str {
        self.path.rsplit_once('.').map_or("", |(parent, _)| parent)
    }

    /// How its header is written: `[path]` or `[[path]]`.
    pub fn header(&self) -> String {
        if self.repeated {
            format!("[[{}]]", self.path)
        } else {
            format!("[{}]", self.path)
        }
    }

    /// What the table is about.
    pub const fn in_language(&self, language: Language) -> &'static str {
        match language {
            Language::Fr => self.fr,
            Language::En => self.en,
        }
    }
}

impl Key {
    const fn new(
        name: &'static str,
        kind: Kind,
        default: &'static str,
        fr: &'static str,
        en: &'static str,
    ) -> Self {
        Self {
            name,
            kind,
            default,
            required: false,
            clauses: &[],
            fr,
            en,
        }
    }

    const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    const fn answers(mut self, clauses: &'static [&'static Clause]) -> Self {
        self.clauses = clauses;
        self
    }

    /// What the key sets.
    pub const fn in_language(&self, language: Language) -> &'static str {
        match language {
            Language::Fr => self.fr,
            Language::En => self.en,
        }
    }
}

/// No word.
fn no_words() -> Vec<&'static str> {
    Vec::new()
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_key_is_unique_and_documented() {
        let mut paths = BTreeSet::new();
        for (path, key) in all() {
            assert!(paths.insert(path.clone()), "{path} twice");
            for language in [Language::Fr, Language::En] {
                assert!(key.in_language(language).ends_with('.'), "{path}");
            }
            assert!(!key.required || key.default.is_empty(), "{path}");
        }
        for table in tables() {
            assert!(
                table.fr.ends_with('.') && table.en.ends_with('.'),
                "{}",
                table.path
            );
            assert_eq!(super::table(table.path).map(|t| t.path), Some(table.path));
        }
    }

    #[test]
    fn parents_come_before_children() {
        let mut seen = BTreeSet::from([""]);
        for table in tables() {
            assert!(seen.contains(table.parent()), "{}", table.path);
            seen.insert(table.path);
        }
    }
}
