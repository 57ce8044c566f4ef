//! From a TOML value to a typed one, after the specification of its key.

use std::path::PathBuf;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::mismatch::{out_of_range, secret_in_file, unknown_word, wrong_type};
use super::{Faults, Span};
use crate::Text;
use crate::code;
use crate::hash::SecretSource;
use crate::keys::{Key, Kind};
use crate::report::Fault;

/// A type that a key may be read as.
pub(crate) trait Value: Sized {
    /// The value, or its fault reported.
    fn read(key: &'static Key, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<Self>;
}

/// A type whose values are words of the file.
pub(crate) trait Word: Copy + 'static {
    /// Every word with its value, in the order of the documentation.
    const WORDS: &'static [(&'static str, Self)];

    /// The value of a word.
    fn of(word: &str) -> Option<Self> {
        let found = Self::WORDS.iter().find(|(name, _)| *name == word)?;
        Some(found.1)
    }
}

/// The words of a type, for the specification.
pub(crate) fn words<W: Word>() -> Vec<&'static str> {
    W::WORDS.iter().map(|&(word, _)| word).collect()
}

/// A word, or a value of another type.
pub(crate) enum WordOr<W, T> {
    /// One of the words.
    Word(W),
    /// Anything else.
    Value(T),
}

/// One text, or a list of them, each with its place.
pub(crate) struct OneOrMore(pub(crate) Vec<Spanned<String>>);

/// `{ name = "text" }`: names, each with one text or more.
pub(crate) struct Pairs(pub(crate) Vec<(Spanned<String>, OneOrMore)>);

/// `{ chain = "…", key = "…" }`.
pub(crate) struct Chain {
    /// The certificates.
    pub(crate) chain: PathBuf,
    /// The private key.
    pub(crate) key: PathBuf,
}

impl<W: Word> Value for W {
    fn read(key: &'static Key, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<Self> {
        let text = string(key, value, faults)?;
        let word = W::of(text);
        if word.is_none() {
            faults.push(unknown_word(&words::<W>(), text, value.span()));
        }
        word
    }
}

impl<W: Word> Value for Vec<Spanned<W>> {
    fn read(key: &'static Key, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<Self> {
        items(key, value, faults, |item, faults| {
            W::read(key, item, faults)
        })
    }
}

impl Value for Vec<Spanned<String>> {
    fn read(key: &'static Key, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<Self> {
        items(key, value, faults, |item, faults| {
            String::read(key, item, faults)
        })
    }
}

impl Value for OneOrMore {
    fn read(key: &'static Key, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<Self> {
        if value.get_ref().is_array() {
            return Vec::read(key, value, faults).map(Self);
        }
        let text = String::read(key, value, faults)?;
        Some(Self(vec![Spanned::new(value.span(), text)]))
    }
}

impl Value for Pairs {
    fn read(key: &'static Key, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<Self> {
        let DeValue::Table(table) = value.get_ref() else {
            faults.push(wrong_type(key, value));
            return None;
        };
        let mut pairs = Vec::new();
        for (name, value) in table {
            let text = sound_text(name.get_ref(), name.span(), faults);
            let values = OneOrMore::read(key, value, faults);
            if let (Some(text), Some(values)) = (text, values) {
                pairs.push((Spanned::new(name.span(), text.to_owned()), values));
            }
        }
        // What is left of a faulty condition would say something else.
        Some(Self(pairs)).filter(|pairs| pairs.0.len() == table.len())
    }
}

impl Value for String {
    fn read(key: &'static Key, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<Self> {
        let text = string(key, value, faults)?;
        sound_text(text, value.span(), faults).map(str::to_owned)
    }
}

impl Value for PathBuf {
    fn read(key: &'static Key, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<Self> {
        String::read(key, value, faults).map(Self::from)
    }
}

impl Value for bool {
    fn read(key: &'static Key, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<Self> {
        let read = value.get_ref().as_bool();
        if read.is_none() {
            faults.push(wrong_type(key, value));
        }
        read
    }
}

impl Value for u32 {
    fn read(key: &'static Key, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<Self> {
        integer(key, value, faults)
    }
}

impl Value for usize {
    fn read(key: &'static Key, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<Self> {
        integer(key, value, faults)
    }
}

impl Value for i64 {
    fn read(key: &'static Key, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<Self> {
        integer(key, value, faults)
    }
}

impl Value for SecretSource {
    fn read(key: &'static Key, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<Self> {
        let table = match value.get_ref() {
            DeValue::Table(table) => table,
            DeValue::String(_) => {
                faults.push(secret_in_file(value.span()));
                return None;
            }
            _ => {
                faults.push(wrong_type(key, value).hidden());
                return None;
            }
        };
        let (file, variable) = (table.get("file"), table.get("variable"));
        match (file, variable, table.len()) {
            (Some(file), None, 1) => PathBuf::read(key, file, faults).map(Self::File),
            (None, Some(variable), 1) => String::read(key, variable, faults).map(Self::Variable),
            _ => {
                faults.push(wrong_type(key, value).hidden());
                None
            }
        }
    }
}

impl<W: Word> Value for WordOr<W, Chain> {
    fn read(key: &'static Key, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<Self> {
        match value.get_ref() {
            DeValue::String(_) => W::read(key, value, faults).map(Self::Word),
            DeValue::Table(table) if table.len() == 2 => {
                let mut path = |name| path_in(key, table, name, value, faults);
                let (chain, file) = (path("chain"), path("key"));
                Some(Self::Value(Chain {
                    chain: chain?,
                    key: file?,
                }))
            }
            _ => {
                faults.push(wrong_type(key, value));
                None
            }
        }
    }
}

fn path_in(
    key: &'static Key,
    table: &DeTable<'_>,
    name: &str,
    whole: &Spanned<DeValue<'_>>,
    faults: &mut Faults,
) -> Option<PathBuf> {
    match table.get(name) {
        Some(value) => PathBuf::read(key, value, faults),
        None => {
            faults.push(wrong_type(key, whole));
            None
        }
    }
}

/// A section read a key as a type that its specification does not have.
pub(super) fn mismatch<T>(key: &Key) -> Option<T> {
    debug_assert!(false, "`{}` is read as another type", key.name);
    None
}

pub(super) fn string<'v>(
    key: &'static Key,
    value: &'v Spanned<DeValue<'_>>,
    faults: &mut Faults,
) -> Option<&'v str> {
    let text = value.get_ref().as_str();
    if text.is_none() {
        faults.push(wrong_type(key, value));
    }
    text
}

/// Every item of an array; the faulty ones are reported and left out.
fn items<T>(
    key: &'static Key,
    value: &Spanned<DeValue<'_>>,
    faults: &mut Faults,
    mut read: impl FnMut(&Spanned<DeValue<'_>>, &mut Faults) -> Option<T>,
) -> Option<Vec<Spanned<T>>> {
    let DeValue::Array(items) = value.get_ref() else {
        faults.push(wrong_type(key, value));
        return None;
    };
    let read: Vec<_> = items
        .iter()
        .filter_map(|item| Some(Spanned::new(item.span(), read(item, faults)?)))
        .collect();
    // A list of faults alone is not an empty list, which would be one fault more.
    Some(read).filter(|read| !read.is_empty() || items.is_empty())
}

pub(super) fn whole(value: &Spanned<DeValue<'_>>) -> Option<i64> {
    let integer = value.get_ref().as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

fn integer<T: TryFrom<i64>>(
    key: &'static Key,
    value: &Spanned<DeValue<'_>>,
    faults: &mut Faults,
) -> Option<T> {
    let Kind::Integer { min, max } = key.kind else {
        return mismatch(key);
    };
    if !value.get_ref().is_integer() {
        faults.push(wrong_type(key, value));
        return None;
    }
    let read = whole(value)
        .filter(|whole| (min..=max).contains(whole))
        .and_then(|whole| T::try_from(whole).ok());
    if read.is_none() {
        faults.push(out_of_range(&min, &max, value.span()));
    }
    read
}

/// A text that can be printed, compared and handed to the system.
fn sound_text<'t>(text: &'t str, span: Span, faults: &mut Faults) -> Option<&'t str> {
    const LONGEST: usize = 4096;
    if !text.trim().is_empty() && text.len() <= LONGEST && !text.chars().any(char::is_control) {
        return Some(text);
    }
    faults.push(
        Fault::error(
            code::BAD_TEXT,
            span,
            Text::new("ce texte ne convient pas", "this text does not do"),
        )
        .label(
            "vide, trop long, ou avec un caractère de contrôle",
            "empty, too long, or with a control character",
        )
        .fix(
            "écrire un texte visible d’au plus 4096 octets",
            "write a visible text of at most 4096 bytes",
        ),
    );
    None
}
