//! Events in words, French and English, from the same fields as the journal.

use policy::{Language, Size};
use serde_json::{Map, Value as Json};

use crate::{
    Affected, By, ChangeReason, Device, Entry, Event, LinkFault, Loss, Notice, Rank, Scope,
    StoreAnswer,
};

impl Event {
    /// What happened, in one line.
    pub fn text(&self, language: Language) -> String {
        let Json::Object(mut fields) = self.json() else {
            unreachable!("an event is an object");
        };
        fields.remove("at");
        fields.remove("kind");
        line(self.code().text(language), &fields, language)
    }
}

impl Entry {
    /// What happened, in one line. Texts of the file are shown without control characters.
    pub fn text(&self, language: Language) -> String {
        let mut fields = self.details.clone();
        if let Some(account) = self.account {
            fields.insert("account".to_owned(), account.to_string().into());
        }
        if let Some(source) = self.source {
            fields.insert("source".to_owned(), source.to_string().into());
        }
        if let Some(site) = &self.site {
            fields.insert("site".to_owned(), site.as_str().into());
        }
        let what = self
            .code()
            .map_or(self.kind.as_str(), |code| code.text(language));
        let what: String = what.chars().filter(|sign| !sign.is_control()).collect();
        line(&what, &fields, language)
    }
}

/// `Sentence. (label: value; label: value)`
fn line(what: &str, fields: &Map<String, Json>, language: Language) -> String {
    let (colon, semicolon) = match language {
        Language::Fr => (" : ", " ; "),
        Language::En => (": ", "; "),
    };
    let details: Vec<String> = fields
        .iter()
        .filter(|(name, _)| *name != "port")
        .map(|(name, value)| {
            let text: String = value_text(name, value, language)
                .chars()
                .filter(|sign| !sign.is_control())
                .collect();
            match label(name, language) {
                Some(label) => format!("{label}{colon}{text}"),
                None => text,
            }
        })
        .collect();
    if details.is_empty() {
        what.to_owned()
    } else {
        format!("{what} ({})", details.join(semicolon))
    }
}

/// What a field is called; `None` for one that this version does not know.
fn label(field: &str, language: Language) -> Option<&'static str> {
    let (fr, en) = match field {
        "account" => ("compte", "account"),
        "affected" => ("comptes", "accounts"),
        "answer" => ("réponse", "answer"),
        "before" => ("antérieurs au", "before"),
        "by" => ("auteur", "by"),
        "by_ms" => ("recul", "by"),
        "bytes" => ("taille", "size"),
        "count" => ("nombre", "number"),
        "deviations" => ("écarts", "deviations"),
        "device" => ("appareil", "device"),
        "faults" => ("erreurs", "faults"),
        "file" => ("fichier", "file"),
        "findings" => ("constats", "findings"),
        "most" => ("prévu", "planned"),
        "notice" => ("avis", "notice"),
        "preset" => ("règles", "preset"),
        "process" => ("processus", "process"),
        "rank" => ("rang", "rank"),
        "reason" => ("raison", "reason"),
        "scope" => ("compteur", "counter"),
        "site" => ("site", "site"),
        "source" => ("source", "source"),
        "until" => ("au plus tard", "no later than"),
        "version" => ("version", "version"),
        "wait_ms" => ("attente", "wait"),
        _ => return None,
    };
    Some(match language {
        Language::Fr => fr,
        Language::En => en,
    })
}

fn value_text(field: &str, value: &Json, language: Language) -> String {
    match (field, value) {
        ("account", Json::String(account)) => account.chars().take(8).chain(['…']).collect(),
        ("wait_ms" | "by_ms", Json::Number(time)) => duration(time.as_u64().unwrap_or(u64::MAX)),
        ("bytes" | "most", Json::Number(size)) => {
            Size::bytes(size.as_u64().unwrap_or(u64::MAX)).to_string()
        }
        (_, Json::String(word)) => known(field, word, language).unwrap_or(word).to_owned(),
        (_, Json::Array(words)) => {
            let words: Vec<&str> = words.iter().filter_map(Json::as_str).collect();
            words.join(", ")
        }
        (_, other) => other.to_string(),
    }
}

/// The text of a word of a closed list.
fn known<'a>(field: &str, word: &str, language: Language) -> Option<&'a str> {
    macro_rules! find {
        ($($list:ident),+) => {
            None $( .or_else(|| $list::ALL.iter().find(|known| known.word() == word).map(|known| known.text(language))) )+
        };
    }
    match field {
        "scope" => find!(Scope),
        "device" => find!(Device),
        "answer" => find!(StoreAnswer),
        "by" => find!(By),
        "reason" => find!(ChangeReason, LinkFault, Loss),
        "notice" => find!(Notice),
        "rank" => find!(Rank),
        "affected" => find!(Affected),
        _ => None,
    }
}

/// In the largest unit that leaves at least two of it, rounded up.
fn duration(milliseconds: u64) -> String {
    for (unit, name) in [(3_600_000, "h"), (60_000, "min"), (1000, "s")] {
        if milliseconds >= 2 * unit {
            return format!("{} {name}", milliseconds.div_ceil(unit));
        }
    }
    format!("{milliseconds} ms")
}
