//! What is said of a value that its key cannot take.

use toml::Spanned;
use toml::de::DeValue;

use super::{Span, shorten};
use crate::code::{self, Code};
use crate::keys::{Key, Kind};
use crate::nearest::nearest;
use crate::report::Fault;
use crate::{Text, clause};

/// A text that is not what it should be. `fr` and `en` name that with its article.
pub(super) fn unreadable(code: Code, text: &str, span: Span, fr: &str, en: &str) -> Fault {
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

/// A word outside the list.
pub(super) fn unknown_word(words: &[&'static str], text: &str, span: Span) -> Fault {
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

/// A value outside its range, ends included.
pub(super) fn out_of_range(min: &impl ToString, max: &impl ToString, span: Span) -> Fault {
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

/// A secret where its place should be named. Never printed back.
pub(super) fn secret_in_file(span: Span) -> Fault {
    Fault::error(
        code::SECRET_IN_FILE,
        span,
        Text::new(
            "un secret ne s’écrit pas dans la politique",
            "a secret does not stand in the policy",
        ),
    )
    .clause(&clause::REMPART_NO_SECRET_IN_FILE)
    .hidden()
    .label("retirer cette valeur", "remove this value")
    .fix(
        "nommer son emplacement : { file = \"CHEMIN\" } ou { variable = \"NOM\" }, et changer ce secret s’il était réel",
        "name where it is kept: { file = \"PATH\" } or { variable = \"NAME\" }, and change this secret if it was real",
    )
}

/// A value of another type.
pub(super) fn wrong_type(key: &'static Key, value: &Spanned<DeValue<'_>>) -> Fault {
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
        Kind::TextOrTexts => Text::new(
            "un texte entre guillemets, ou une liste de textes comme [\"a\", \"b\"]",
            "a text in quotes, or a list of texts such as [\"a\", \"b\"]",
        ),
        Kind::WordList(list) => Text::new(
            format!("une liste de mots parmi {}", words(list)),
            format!("a list of words among {}", words(list)),
        ),
        Kind::Pairs => Text::new(
            "des noms et leurs textes, comme { do = \"login\" }",
            "names and their texts, such as { do = \"login\" }",
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

/// What is written, in words.
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
