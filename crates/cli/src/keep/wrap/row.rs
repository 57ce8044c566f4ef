//! What one record of a table becomes.

use std::collections::BTreeMap;
use std::ops::Range;

use password::hash::foreign::{ForeignError, Recipe};
use password::hash::{HashError, Hasher, Matrix, StoredHash, StoredHashError, Wrap, WrapError};
use policy::Language;

use crate::locale::pick;

use crate::table::{Dialect, Record};

/// Lines shown for each reason.
const SHOWN: usize = 20;

/// The column of the hashes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) dialect: Dialect,
    /// From 0.
    pub(super) place: usize,
}

/// What became of the hash of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Argon2 lies over it: what it was, by its name in both languages.
    Wrapped([&'static str; 2]),
    /// It is Argon2 already.
    Strong,
    /// There is none.
    Empty,
    /// It cannot be wrapped, and stays as it was.
    Unreadable(Why),
}

/// Why a hash cannot be wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// It is no hash that is read here.
    Hash(StoredHashError),
    /// It is a credential of Keycloak, which has no text to wrap.
    Foreign(ForeignError),
    /// It takes more work than the policy accepts.
    TooDear(HashError),
    /// The record is too short to have one.
    NoColumn,
    /// It is not UTF-8.
    NotText,
}

/// The lines of one reason.
#[derive(Debug)]
pub(super) struct Lines {
    pub(super) why: Why,
    pub(super) count: u64,
    /// The first of them.
    pub(super) first: Vec<u64>,
}

/// What became of all of them.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) wrapped: BTreeMap<[&'static str; 2], u64>,
    pub(super) strong: u64,
    pub(super) empty: u64,
    /// By code.
    pub(super) unreadable: BTreeMap<&'static str, Lines>,
}

/// A record that would be left alone, or the text to wrap and where it stands.
enum Found {
    Left(Fate),
    Weak(Range<usize>, String, Recipe),
}

impl Column {
    /// The record to write, and what became of its hash.
    pub(super) fn wrap(
        self,
        record: &Record,
        hasher: &Hasher,
        matrix: &mut Matrix,
    ) -> Result<(Vec<u8>, Fate), HashError> {
        let (field, text, recipe) = match self.find(record, hasher) {
            Found::Left(fate) => return Ok((record.bytes.clone(), fate)),
            Found::Weak(field, text, recipe) => (field, text, recipe),
        };
        match hasher.wrap(&text, matrix) {
            Ok(Wrap::Wrapped(hash)) => Ok((
                record.with(&field, hash.as_str(), self.dialect),
                Fate::Wrapped(name(&recipe)),
            )),
            Ok(Wrap::Strong) => Ok((record.bytes.clone(), Fate::Strong)),
            Err(WrapError::Hash(error)) => Err(error),
            Err(WrapError::Unreadable(error)) => {
                Ok((record.bytes.clone(), Fate::Unreadable(Why::Hash(error))))
            }
            Err(WrapError::TooDear(error)) => {
                Ok((record.bytes.clone(), Fate::Unreadable(Why::TooDear(error))))
            }
        }
    }

    /// Whether `written` is what a run before this one made of the record, and what became of
    /// its hash.
    pub(super) fn recognise(
        self,
        record: &Record,
        written: &Record,
        hasher: &Hasher,
    ) -> Option<Fate> {
        let (field, recipe) = match self.find(record, hasher) {
            Found::Left(fate) => return (record.bytes == written.bytes).then_some(fate),
            Found::Weak(field, _, recipe) => (field, recipe),
        };
        let other = written.fields(self.dialect).nth(self.place)?;
        let (own_before, own_after) = (&record.bytes[..field.start], &record.bytes[field.end..]);
        let (before, after) = (&written.bytes[..other.start], &written.bytes[other.end..]);
        let hash = String::from_utf8(written.text(&other, self.dialect).into_owned()).ok()?;
        let same = own_before == before
            && own_after == after
            && StoredHash::parse(&hash).is_ok()
            && hash.strip_prefix("$wrapped$")?.split('$').next()? == recipe.to_string();
        same.then(|| Fate::Wrapped(name(&recipe)))
    }

    fn find(self, record: &Record, hasher: &Hasher) -> Found {
        let Some(field) = record.fields(self.dialect).nth(self.place) else {
            // An empty line has one empty field; another record is cut short.
            let empty = record.fields(self.dialect).all(|field| field.is_empty());
            return Found::Left(match empty {
                true => Fate::Empty,
                false => Fate::Unreadable(Why::NoColumn),
            });
        };
        let text = record.text(&field, self.dialect);
        if text.is_empty() {
            return Found::Left(Fate::Empty);
        }
        let Ok(text) = String::from_utf8(text.into_owned()) else {
            return Found::Left(Fate::Unreadable(Why::NotText));
        };
        match (Recipe::of(&text), StoredHash::parse(&text)) {
            (Ok(recipe), _) => match hasher.too_dear(recipe.class()) {
                Some(error) => Found::Left(Fate::Unreadable(Why::TooDear(error))),
                None => Found::Weak(field, text, recipe),
            },
            // What is read and has no recipe is Argon2, or Keycloak's JSON.
            (Err(error), Ok(hash)) => Found::Left(match hash.is_argon2() {
                true => Fate::Strong,
                false => Fate::Unreadable(Why::Foreign(error)),
            }),
            (Err(_), Err(error)) => Found::Left(Fate::Unreadable(Why::Hash(error))),
        }
    }
}

impl Counts {
    pub(super) fn add(&mut self, line: u64, fate: Fate) {
        match fate {
            Fate::Wrapped(name) => *self.wrapped.entry(name).or_default() += 1,
            Fate::Strong => self.strong += 1,
            Fate::Empty => self.empty += 1,
            Fate::Unreadable(why) => {
                let lines = self.unreadable.entry(why.code()).or_insert(Lines {
                    why,
                    count: 0,
                    first: Vec::new(),
                });
                lines.count += 1;
                if lines.first.len() < SHOWN {
                    lines.first.push(line);
                }
            }
        }
    }

    pub(super) fn total_wrapped(&self) -> u64 {
        self.wrapped.values().sum()
    }
}

impl Why {
    const fn code(self) -> &'static str {
        match self {
            Self::Hash(error) => error.code(),
            Self::Foreign(error) => error.code(),
            Self::TooDear(error) => error.code(),
            Self::NoColumn => "column-missing",
            Self::NotText => "not-text",
        }
    }

    /// What it is, and what to do.
    pub(super) fn message(self, language: Language) -> String {
        match self {
            Self::Hash(error) => error.message(language),
            Self::Foreign(error) => error.message(language),
            Self::TooDear(error) => error.message(language),
            Self::NoColumn => pick(
                language,
                "La ligne a moins de colonnes que l’en-tête ; vérifiez le séparateur et les guillemets.",
                "The line has fewer columns than the header; check the separator and the quotes.",
            )
            .to_owned(),
            Self::NotText => pick(
                language,
                "La valeur n’est pas de l’UTF-8, ce qu’est toute empreinte ; vérifiez la colonne.",
                "The value is not UTF-8, as every hash is; check the column.",
            )
            .to_owned(),
        }
    }
}

/// What people call a hash that is wrapped, in French and English.
fn name(recipe: &Recipe) -> [&'static str; 2] {
    match (recipe.weak(), recipe.format()) {
        (Some(weak), _) => [weak.name(Language::Fr), weak.name(Language::En)],
        (None, Some(format)) => [format.name(); 2],
        (None, None) => ["autre", "other"],
    }
}
