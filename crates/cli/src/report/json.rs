//! A report for programs. `report --schema` prints its JSON Schema.

use jiff::civil::Date;
use policy::Language;
use policy::standing::{Standing, State, beyond};
use serde_json::{Value, json};

use super::subject::Subject;
use crate::shortest;

/// The number of this format; it changes when a field changes its meaning.
const VERSION: u32 = 1;

pub(super) fn report(subject: &Subject<'_>, day: Date, language: Language) -> Value {
    let policy = subject.policy;
    let password = policy.password();
    let forms: Vec<Value> = password
        .forms
        .iter()
        .map(|form| {
            let conformity = form.conformity(password.case);
            json!({
                "shape": shortest::shape(password, form).in_language(language),
                "bits": conformity.map(|found| found.bits()).or(form.bits()).map(|bits| bits.get()),
                "conforms": conformity.is_some(),
                "example": match conformity {
                    Some(policy::password::Conformity::Example(example)) => Some(example.name()),
                    _ => None,
                },
            })
        })
        .collect();
    let expired = policy.expired_deviations(day).count();
    json!({
        "version": VERSION,
        "rempart": env!("CARGO_PKG_VERSION"),
        "day": day.to_string(),
        "language": language.to_string(),
        "policy": {
            "name": subject.name,
            "sha256": subject.fingerprint(),
            "preset": policy.preset().name(),
            "case": password.case.name(),
        },
        "expired-deviations": expired,
        "forms": forms,
        "clauses": policy.standing().iter().map(|standing| clause(standing, day, language)).collect::<Vec<_>>(),
        "beyond": beyond().iter().map(|duty| json!({
            "reference": duty.reference(language),
            "text": duty.words.in_language(language),
        })).collect::<Vec<_>>(),
    })
}

fn clause(standing: &Standing<'_>, day: Date, language: Language) -> Value {
    let clause = standing.clause;
    let deviation = match standing.state {
        State::Explained(deviation) => Some(json!({
            "reason": deviation.reason,
            "until": deviation.until.map(|until| until.to_string()),
            "expired": deviation.until.is_some_and(|until| until < day),
        })),
        _ => None,
    };
    let duty = match standing.state {
        State::Yours(words) => Some(words.in_language(language)),
        _ => None,
    };
    json!({
        "id": clause.id,
        "reference": clause.reference(language),
        "force": clause.force.word(Language::En),
        "evidence": clause.evidence.word(Language::En),
        "to-be-confirmed": clause.to_be_confirmed(),
        "text": clause.in_language(language),
        "state": standing.state.name(),
        "parts": standing.parts.iter().map(|part| part.name()).collect::<Vec<_>>(),
        "settings": standing.settings.iter().map(|setting| json!({
            "key": setting.key,
            "value": setting.value,
        })).collect::<Vec<_>>(),
        "deviation": deviation,
        "duty": duty,
    })
}

/// The JSON Schema of [`report`].
pub(super) fn schema() -> Value {
    let text = json!({ "type": "string" });
    let maybe = |kind: &str| json!({ "type": [kind, "null"] });
    let object = |fields: Value| {
        let names: Vec<&String> = fields.as_object().expect("an object").keys().collect();
        json!({
            "type": "object",
            "additionalProperties": false,
            "required": names,
            "properties": fields,
        })
    };
    let list = |items: Value| json!({ "type": "array", "items": items });
    let words = |words: &[&str]| json!({ "enum": words });
    let mut deviation = object(json!({
        "reason": text, "until": maybe("string"), "expired": { "type": "boolean" },
    }));
    deviation["type"] = json!(["object", "null"]);
    let mut schema = object(json!({
        "version": { "const": VERSION },
        "rempart": text,
        "day": { "type": "string", "format": "date" },
        "language": words(&["fr", "en"]),
        "policy": object(json!({ "name": text, "sha256": text, "preset": text, "case": text })),
        "expired-deviations": { "type": "integer", "minimum": 0 },
        "forms": list(object(json!({
            "shape": text, "bits": maybe("number"), "conforms": { "type": "boolean" },
            "example": maybe("string"),
        }))),
        "clauses": list(object(json!({
            "id": text, "reference": text,
            "force": words(&["may", "should", "must"]),
            "evidence": words(&["read", "reported", "recalled", "derived"]),
            "to-be-confirmed": { "type": "boolean" },
            "text": text,
            "state": words(&["kept", "library", "explained", "below", "yours", "apart", "stated"]),
            "parts": list(text.clone()),
            "settings": list(object(json!({ "key": text, "value": text }))),
            "deviation": deviation,
            "duty": maybe("string"),
        }))),
        "beyond": list(object(json!({ "reference": text, "text": text }))),
    }));
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("rempart report");
    schema
}
