//! The JSON Schema of the policy file, for editors.
//!
//! It says what one key may be; floors and rules between keys are for `rempart lint`.

use serde_json::{Map, Value, json};
use toml::de::DeValue;

use super::{Key, Kind, Table, table};

/// The schema, in draft 2020-12. Descriptions are in both languages.
pub fn schema() -> Value {
    let root = table("").expect("the specification has a root");
    let mut schema = object(root);
    if let Some(map) = schema.as_object_mut() {
        map.insert(
            "$schema".into(),
            json!("https://json-schema.org/draft/2020-12/schema"),
        );
        map.insert("title".into(), json!("rempart policy.toml"));
    }
    schema
}

fn object(table: &Table) -> Value {
    let mut properties = Map::new();
    for key in table.keys {
        properties.insert(key.name.into(), property(key));
    }
    for child in table.children() {
        let inner = object(child);
        let value = if child.repeated {
            json!({ "type": "array", "items": inner, "description": describe(child.fr, child.en) })
        } else {
            inner
        };
        properties.insert(child.name().into(), value);
    }
    let required: Vec<_> = table
        .keys
        .iter()
        .filter(|key| key.required)
        .map(|key| key.name)
        .collect();
    json!({
        "type": "object",
        "description": describe(table.fr, table.en),
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn describe(fr: &str, en: &str) -> String {
    format!("{fr} / {en}")
}

fn property(key: &Key) -> Value {
    let mut value = kind(key.kind);
    if let Some(map) = value.as_object_mut() {
        map.insert("description".into(), describe(key.fr, key.en).into());
        if let Some(default) = default(key.default) {
            map.insert("default".into(), default);
        }
        if key.name == "version" {
            map.insert("const".into(), json!(1));
        }
    }
    value
}

fn kind(kind: Kind) -> Value {
    let text = || json!({ "type": "string", "minLength": 1 });
    match kind {
        Kind::Text | Kind::Path => text(),
        Kind::Word(words) => json!({ "type": "string", "enum": words() }),
        Kind::Texts => json!({ "type": "array", "items": text() }),
        Kind::TextOrTexts => json!({
            "anyOf": [text(), { "type": "array", "items": text(), "minItems": 1 }],
        }),
        Kind::WordList(words) => {
            json!({ "type": "array", "items": { "type": "string", "enum": words() } })
        }
        Kind::Pairs => json!({
            "type": "object",
            "additionalProperties": {
                "anyOf": [text(), { "type": "array", "items": text(), "minItems": 1 }],
            },
        }),
        Kind::Integer { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Number { min, max } => json!({ "type": "number", "minimum": min, "maximum": max }),
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Duration { words, .. } => or_words(
            words(),
            json!({ "type": "string", "pattern": "^\\s*[0-9]+(\\.[0-9]+)?\\s*[a-z]+" }),
        ),
        Kind::Size { .. } => {
            json!({ "type": "string", "pattern": "^\\s*[0-9]+\\s*(B|KiB|MiB|GiB)\\s*$" })
        }
        Kind::Address(words) => or_words(
            words(),
            json!({ "type": "string", "pattern": ":[0-9]{1,5}$" }),
        ),
        Kind::Date => json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" }),
        Kind::Secret => json!({ "oneOf": [only(&["file"]), only(&["variable"])] }),
        Kind::Certificate(words) => or_words(words(), only(&["chain", "key"])),
    }
}

/// A value of some shape, or one of some words.
fn or_words(words: Vec<&'static str>, shape: Value) -> Value {
    if words.is_empty() {
        return shape;
    }
    json!({ "anyOf": [{ "type": "string", "enum": words }, shape] })
}

/// A table of paths or names, all of them required.
fn only(names: &[&str]) -> Value {
    let properties: Map<_, _> = names
        .iter()
        .map(|&name| (name.to_owned(), json!({ "type": "string", "minLength": 1 })))
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": names,
        "additionalProperties": false,
    })
}

/// A default written in TOML, as JSON.
fn default(toml: &str) -> Option<Value> {
    let value = DeValue::parse(toml).ok()?;
    json_of(value.get_ref())
}

fn json_of(value: &DeValue<'_>) -> Option<Value> {
    Some(match value {
        DeValue::String(text) => json!(text),
        DeValue::Boolean(boolean) => json!(boolean),
        DeValue::Integer(integer) => json!(integer.as_str().parse::<i64>().ok()?),
        DeValue::Float(float) => json!(float.as_str().parse::<f64>().ok()?),
        DeValue::Array(items) => items
            .iter()
            .map(|item| json_of(item.get_ref()))
            .collect::<Option<Value>>()?,
        DeValue::Datetime(_) | DeValue::Table(_) => return None,
    })
}
