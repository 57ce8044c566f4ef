//! What changes from one policy to another: states, settings, forms, deviations, and the sites with
//! what is described of each.

use std::collections::BTreeSet;

use jiff::civil::Date;
use policy::Language;
use policy::standing::{Standing, State};
use serde_json::{Value, json};

use super::content;
use super::document::{Block, Document, Entry};
use super::subject::Subject;
use crate::locale::pick;
use crate::shortest;

/// One clause whose state or settings are not the same.
struct Change<'p> {
    old: Standing<'p>,
    new: Standing<'p>,
}

fn changes<'p>(old: &Subject<'p>, new: &Subject<'p>) -> Vec<Change<'p>> {
    let pairs = old.policy.standing().into_iter().zip(new.policy.standing());
    pairs
        .filter(|(old, new)| old.state != new.state || old.settings != new.settings)
        .map(|(old, new)| Change { old, new })
        .collect()
}

/// Whether nothing that a report tells is different.
pub(super) fn is_empty(old: &Subject<'_>, new: &Subject<'_>) -> bool {
    changes(old, new).is_empty()
        && forms(old, Language::En) == forms(new, Language::En)
        && sites(old) == sites(new)
}

/// Each host, and each form that is described of it: its kind and its path.
fn sites(subject: &Subject<'_>) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for site in subject.policy.sites() {
        for host in &site.hosts {
            lines.insert(host.clone());
            let forms = site.forms.iter();
            lines.extend(
                forms.map(|form| format!("{host} {} {}", form.kind.name(), form.paths.join(" "))),
            );
        }
    }
    lines
}

fn forms(subject: &Subject<'_>, language: Language) -> Vec<String> {
    let password = subject.policy.password();
    password
        .forms
        .iter()
        .map(|form| {
            shortest::shape(password, form)
                .in_language(language)
                .to_owned()
        })
        .collect()
}

pub(super) fn document(
    old: &Subject<'_>,
    new: &Subject<'_>,
    day: Date,
    language: Language,
) -> Document {
    let heading = |fr: &str, en: &str| Block::Heading(pick(language, fr, en).to_owned());
    let mut blocks = vec![Block::Facts(vec![
        (
            pick(language, "Avant", "Before").to_owned(),
            format!("{} ({})", old.name, &old.fingerprint()[..16]),
        ),
        (
            pick(language, "Après", "After").to_owned(),
            format!("{} ({})", new.name, &new.fingerprint()[..16]),
        ),
        (
            pick(language, "Établi le", "As of").to_owned(),
            day.to_string(),
        ),
    ])];
    if is_empty(old, new) {
        blocks.push(Block::Paragraph(
            pick(
                language,
                "Rien de ce qu’un rapport dit ne change.",
                "Nothing that a report tells is different.",
            )
            .to_owned(),
        ));
    }
    let (before, after) = (forms(old, language), forms(new, language));
    if before != after {
        blocks.push(heading("Formes admises", "Admitted forms"));
        let gone = before.iter().filter(|form| !after.contains(form));
        let come = after.iter().filter(|form| !before.contains(form));
        let lines = gone
            .map(|form| format!("{}{form}", pick(language, "retirée : ", "gone: ")))
            .chain(come.map(|form| format!("{}{form}", pick(language, "ajoutée : ", "new: "))));
        blocks.push(Block::List(lines.collect()));
    }
    let (before, after) = (sites(old), sites(new));
    if before != after {
        blocks.push(heading("Sites et formulaires", "Sites and forms"));
        let gone = before.difference(&after);
        let come = after.difference(&before);
        let lines = gone
            .map(|line| format!("{}{line}", pick(language, "retiré : ", "gone: ")))
            .chain(come.map(|line| format!("{}{line}", pick(language, "ajouté : ", "new: "))));
        blocks.push(Block::List(lines.collect()));
    }
    let changes = changes(old, new);
    if !changes.is_empty() {
        blocks.push(heading("Exigences", "Requirements"));
        let entries = changes.iter().map(|change| entry(change, day, language));
        blocks.push(Block::Entries(entries.collect()));
    }
    Document {
        title: pick(
            language,
            "Ce qui change d’une politique à l’autre",
            "What changes from one policy to the other",
        )
        .to_owned(),
        language,
        blocks,
    }
}

fn entry(change: &Change<'_>, day: Date, language: Language) -> Entry {
    let mut entry = content::entry(&change.new, day, language);
    let (old, new) = (change.old.state, change.new.state);
    entry.notes.clear();
    if old != new {
        let (old_word, new_word) = (old.words(language), new.words(language));
        entry.notes.push(format!("{old_word} → {new_word}"));
    }
    if let State::Explained(deviation) = new {
        entry.notes.push(format!(
            "{}{}",
            pick(language, "raison : ", "reason: "),
            deviation.reason
        ));
    }
    let colon = pick(language, " :", ":");
    let value = |standing: &Standing<'_>, key: &str| {
        let setting = standing.settings.iter().find(|setting| setting.key == key);
        setting.map_or("–".to_owned(), |setting| setting.value.clone())
    };
    let mut keys: Vec<&str> = Vec::new();
    for setting in change.old.settings.iter().chain(&change.new.settings) {
        if !keys.contains(&setting.key.as_str()) {
            keys.push(&setting.key);
        }
    }
    for key in keys {
        let (before, after) = (value(&change.old, key), value(&change.new, key));
        if before != after {
            entry.notes.push(format!("{key}{colon} {before} → {after}"));
        }
    }
    entry
}

pub(super) fn json(old: &Subject<'_>, new: &Subject<'_>, day: Date, language: Language) -> Value {
    let side = |subject: &Subject<'_>| {
        json!({
            "name": subject.name,
            "sha256": subject.fingerprint(),
            "forms": forms(subject, language),
            "sites": sites(subject),
        })
    };
    let settings = |standing: &Standing<'_>| {
        standing
            .settings
            .iter()
            .map(|setting| (setting.key.clone(), json!(setting.value)))
            .collect::<serde_json::Map<_, _>>()
    };
    let changes: Vec<Value> = changes(old, new)
        .iter()
        .map(|change| {
            json!({
                "id": change.new.clause.id,
                "before": { "state": change.old.state.name(), "settings": settings(&change.old) },
                "after": { "state": change.new.state.name(), "settings": settings(&change.new) },
            })
        })
        .collect();
    json!({
        "version": 1,
        "day": day.to_string(),
        "before": side(old),
        "after": side(new),
        "changes": changes,
    })
}
