//! From a TOML value to a typed one, after the specification of its key.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::unit::{self, SizeError};
use super::{Faults, Span, shorten};
use crate::code::{self, Code};
use crate::hash::SecretSource;
use crate::keys::{Key, Kind};
use crate::nearest::nearest;
use crate::report::Fault;
use crate::{Size, Text};

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

impl Value for f64 {
    fn read(key: &'static Key, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<Self> {
        let Kind::Number { min, max } = key.kind else {
            return mismatch(key);
        };
        let number = match value.get_ref() {
            DeValue::Integer(_) => whole(value).map(|whole| whole as f64),
            DeValue::Float(float) => float.as_str().parse().ok(),
            _ => {
                faults.push(wrong_type(key, value));
                return None;
            }
        };
        // Neither NaN nor an infinity lies in any range.
        match number.filter(|number| (min..=max).contains(number)) {
            None => {
                faults.push(out_of_range(&min, &max, value.span()));
                None
            }
            number => number,
        }
    }
}

impl Value for Duration {
    fn read(key: &'static Key, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<Self> {
        let text = string(key, value, faults)?;
        duration(key, text, value.span(), faults)
    }
}

impl<W: Word> Value for WordOr<W, Duration> {
    fn read(key: &'static Key, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<Self> {
        let text = string(key, value, faults)?;
        match W::of(text) {
            Some(word) => Some(Self::Word(word)),
            None => duration(key, text, value.span(), faults).map(Self::Value),
        }
    }
}

impl Value for Size {
    fn read(key: &'static Key, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<Self> {
        let Kind::Size { min, max } = key.kind else {
            return mismatch(key);
        };
        let text = string(key, value, faults)?;
        let span = value.span();
        match unit::size(text) {
            Ok(size) if (min..=max).contains(&size) => Some(size),
            Ok(_) => {
                faults.push(out_of_range(&min, &max, span));
                None
            }
            Err(SizeError::Decimal(binary)) => {
                faults.push(
                    unreadable(code::BAD_SIZE, text, span, "une taille", "a size").fix(
                        format!("écrire l’unité binaire, {binary}"),
                        format!("write the binary unit, {binary}"),
                    ),
                );
                None
            }
            Err(SizeError::Unreadable) => {
                faults.push(
                    unreadable(code::BAD_SIZE, text, span, "une taille", "a size").fix(
                        "écrire un nombre entier et une unité, comme \"64 MiB\"",
                        "write a whole number and a unit, such as \"64 MiB\"",
                    ),
                );
                None
            }
        }
    }
}

impl Value for SocketAddr {
    fn read(key: &'static Key, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<Self> {
        let text = string(key, value, faults)?;
        address(text, value.span(), faults)
    }
}

impl<W: Word> Value for WordOr<W, SocketAddr> {
    fn read(key: &'static Key, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<Self> {
        let text = string(key, value, faults)?;
        match W::of(text) {
            Some(word) => Some(Self::Word(word)),
            None => address(text, value.span(), faults).map(Self::Value),
        }
    }
}

impl Value for jiff::civil::Date {
    fn read(key: &'static Key, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<Self> {
        let text = match value.get_ref() {
            DeValue::Datetime(date) => date.to_string(),
            DeValue::String(text) => text.clone().into_owned(),
            _ => {
                faults.push(wrong_type(key, value));
                return None;
            }
        };
        // A time or an offset would be ignored by the parser of dates.
        let date = Some(&text)
            .filter(|text| text.len() == "2026-12-31".len())
            .and_then(|text| text.parse().ok());
        if date.is_none() {
            faults.push(
                unreadable(code::BAD_DATE, &text, value.span(), "une date", "a date").fix(
                    "écrire année-mois-jour, comme 2026-12-31",
                    "write year-month-day, such as 2026-12-31",
                ),
            );
        }
        date
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
fn mismatch<T>(key: &Key) -> Option<T> {
    debug_assert!(false, "`{}` is read as another type", key.name);
    None
}

fn string<'v>(
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

fn whole(value: &Spanned<DeValue<'_>>) -> Option<i64> {
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

fn duration(key: &'static Key, text: &str, span: Span, faults: &mut Faults) -> Option<Duration> {
    let Kind::Duration { min, max, words } = key.kind else {
        return mismatch(key);
    };
    match unit::duration(text) {
        Some(duration) if (min..=max).contains(&duration) => Some(duration),
        Some(_) => {
            faults.push(out_of_range(&unit::show(min), &unit::show(max), span));
            None
        }
        None => {
            let words = words();
            let (fr, en) = match nearest(text, words.iter().copied()) {
                Some(near) => (format!("écrire \"{near}\""), format!("write \"{near}\"")),
                None if words.is_empty() => (
                    "écrire un nombre et une unité, comme \"15m\" ou \"2 days\"".to_owned(),
                    "write a number and a unit, such as \"15m\" or \"2 days\"".to_owned(),
                ),
                None => (
                    format!("écrire une durée, comme \"15m\", ou : {}", words.join(", ")),
                    format!(
                        "write a duration, such as \"15m\", or: {}",
                        words.join(", ")
                    ),
                ),
            };
            faults.push(
                unreadable(code::BAD_DURATION, text, span, "une durée", "a duration").fix(fr, en),
            );
            None
        }
    }
}

fn address(text: &str, span: Span, faults: &mut Faults) -> Option<SocketAddr> {
    let read = text.parse().ok();
    if read.is_none() {
        faults.push(
            unreadable(
                code::BAD_ADDRESS,
                text,
                span,
                "une adresse d’écoute",
                "a listening address",
            )
            .fix(
                "écrire adresse:port, comme \"0.0.0.0:443\" ou \"[::]:443\"",
                "write address:port, such as \"0.0.0.0:443\" or \"[::]:443\"",
            ),
        );
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

fn unreadable(code: Code, text: &str, span: Span, fr: &str, en: &str) -> Fault {
    let shown = shorten(text);
    Fault::error(
        code,
        span,
        Text::new(
            format!("« {shown} » n’est pas {fr}"),
            format!("`{shown}` is not {en}"),
        ),
    )
    .label(
        format!("{fr} est attendue ici"),
        format!("{en} is expected here"),
    )
}

fn unknown_word(words: &[&'static str], text: &str, span: Span) -> Fault {
    let shown = shorten(text);
    let fault = Fault::error(
        code::UNKNOWN_WORD,
        span,
        Text::new(
            format!("le mot « {shown} » n’est pas admis ici"),
            format!("the word `{shown}` is not admitted here"),
        ),
    );
    let list = words.join(", ");
    let fault = fault.label(format!("admis : {list}"), format!("admitted: {list}"));
    match nearest(text, words.iter().copied()) {
        Some(near) => fault.fix(format!("écrire \"{near}\""), format!("write \"{near}\"")),
        None => fault.fix(
            format!("choisir parmi : {list}"),
            format!("choose among: {list}"),
        ),
    }
}

fn out_of_range(min: &impl ToString, max: &impl ToString, span: Span) -> Fault {
    let (min, max) = (min.to_string(), max.to_string());
    Fault::error(
        code::OUT_OF_RANGE,
        span,
        Text::new(
            "valeur hors de l’intervalle admis",
            "value outside the admitted range",
        ),
    )
    .label(format!("de {min} à {max}"), format!("from {min} to {max}"))
    .fix(
        format!("choisir une valeur de {min} à {max}"),
        format!("choose a value from {min} to {max}"),
    )
}

fn secret_in_file(span: Span) -> Fault {
    Fault::error(
        code::SECRET_IN_FILE,
        span,
        Text::new(
            "un secret ne s’écrit pas dans la politique",
            "a secret does not stand in the policy",
        ),
    )
    .clause(&crate::clause::REMPART_NO_SECRET_IN_FILE)
    .hidden()
    .label("retirer cette valeur", "remove this value")
    .fix(
        "nommer son emplacement : { file = \"CHEMIN\" } ou { variable = \"NOM\" }, et changer ce secret s’il était réel",
        "name where it is kept: { file = \"PATH\" } or { variable = \"NAME\" }, and change this secret if it was real",
    )
}

fn wrong_type(key: &'static Key, value: &Spanned<DeValue<'_>>) -> Fault {
    let (expected, found) = (expected(key), found(value.get_ref()));
    Fault::error(
        code::WRONG_TYPE,
        value.span(),
        Text::new(
            format!("`{}` attend {}", key.name, expected.fr),
            format!("`{}` takes {}", key.name, expected.en),
        ),
    )
    .label(format!("ici, {}", found.fr), format!("here, {}", found.en))
    .fix(
        format!("écrire {}", expected.fr),
        format!("write {}", expected.en),
    )
}

/// What a key takes, in words with an example.
fn expected(key: &Key) -> Text {
    let words = |words: crate::keys::Words| {
        let list: Vec<_> = words().iter().map(|word| format!("\"{word}\"")).collect();
        list.join(", ")
    };
    match key.kind {
        Kind::Text => Text::new("un texte entre guillemets", "a text in quotes"),
        Kind::Path => Text::new("un chemin entre guillemets", "a path in quotes"),
        Kind::Word(list) => Text::new(
            format!("un mot entre guillemets : {}", words(list)),
            format!("a word in quotes: {}", words(list)),
        ),
        Kind::Texts => Text::new(
            "une liste de textes, comme [\"a\", \"b\"]",
            "a list of texts, such as [\"a\", \"b\"]",
        ),
        Kind::WordList(list) => Text::new(
            format!("une liste de mots parmi {}", words(list)),
            format!("a list of words among {}", words(list)),
        ),
        Kind::Integer { .. } => Text::new("un nombre entier", "a whole number"),
        Kind::Number { .. } => Text::new("un nombre", "a number"),
        Kind::Boolean => Text::new("true ou false", "true or false"),
        Kind::Duration { .. } => Text::new(
            "une durée entre guillemets, comme \"15m\"",
            "a duration in quotes, such as \"15m\"",
        ),
        Kind::Size { .. } => Text::new(
            "une taille entre guillemets, comme \"64 MiB\"",
            "a size in quotes, such as \"64 MiB\"",
        ),
        Kind::Address(_) => Text::new(
            "une adresse d’écoute, comme \"0.0.0.0:443\"",
            "a listening address, such as \"0.0.0.0:443\"",
        ),
        Kind::Date => Text::new("une date, comme 2026-12-31", "a date, such as 2026-12-31"),
        Kind::Secret => Text::new(
            "{ file = \"CHEMIN\" } ou { variable = \"NOM\" }",
            "{ file = \"PATH\" } or { variable = \"NAME\" }",
        ),
        Kind::Certificate(list) => Text::new(
            format!(
                "{}, ou {{ chain = \"CHEMIN\", key = \"CHEMIN\" }}",
                words(list)
            ),
            format!("{}, or {{ chain = \"PATH\", key = \"PATH\" }}", words(list)),
        ),
    }
}

fn found(value: &DeValue<'_>) -> Text {
    match value {
        DeValue::String(_) => Text::new("un texte", "a text"),
        DeValue::Integer(_) => Text::new("un nombre entier", "a whole number"),
        DeValue::Float(_) => Text::new("un nombre à virgule", "a decimal number"),
        DeValue::Boolean(_) => Text::new("un booléen", "a boolean"),
        DeValue::Datetime(_) => Text::new("une date", "a date"),
        DeValue::Array(_) => Text::new("une liste", "a list"),
        DeValue::Table(_) => Text::new("une table", "a table"),
    }
}
