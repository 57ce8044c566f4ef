//! A scan as SARIF 2.1.0 (OASIS), which code hosts and dashboards read.
//!
//! Every kind is a rule, found or not, so that a dashboard can tell a fault that is gone from a
//! check that no longer exists.

use policy::Language;
use scan::{Address, Finding, Kind, Severity};
use serde_json::{Value, json};

use super::{Sites, content};

pub(super) fn log(sites: &Sites, language: Language) -> Value {
    let rules: Vec<&Kind> = scan::kind::all().collect();
    let results = sites.answered.iter().flat_map(|scan| &scan.findings);
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "rempart scan",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|kind| rule(kind, language)).collect::<Vec<_>>(),
            }},
            "invocations": [invocation(sites, language)],
            "columnKind": "unicodeCodePoints",
            "results": results.map(|finding| result(finding, &rules, language)).collect::<Vec<_>>(),
        }],
    })
}

/// Whether everything was looked at: a dashboard must not take what nobody asked for sound.
fn invocation(sites: &Sites, language: Language) -> Value {
    let notice = |words: String| json!({ "level": "warning", "message": { "text": words } });
    let partial = sites.answered.iter().filter_map(|scan| {
        let why = content::partial(scan, language)?;
        Some(format!("{}: {why}", scan.address))
    });
    let silent = sites.silent.iter();
    let silent = silent.map(|address| content::silent_site(address, language));
    let notices: Vec<Value> = partial.chain(silent).map(notice).collect();
    json!({
        "executionSuccessful": notices.is_empty(),
        "toolExecutionNotifications": notices,
    })
}

fn rule(kind: &Kind, language: Language) -> Value {
    json!({
        "id": kind.code,
        "shortDescription": { "text": kind.in_language(language) },
        "fullDescription": { "text": kind.clause.in_language(language) },
        "help": { "text": kind.fix(language) },
        "defaultConfiguration": { "level": level(kind.severity) },
        "properties": {
            "tags": ["security", kind.area.name()],
            "clause": kind.clause.id,
            "reference": kind.clause.reference(language),
            // A scale of ten that code hosts sort by.
            "security-severity": score(kind.severity),
        },
    })
}

fn result(finding: &Finding, rules: &[&Kind], language: Language) -> Value {
    let kind = finding.kind;
    let mut message = format!(
        "{}: {}",
        kind.in_language(language),
        finding.proof.in_language(language)
    );
    if let Some(decisions) = scan::decision::sentence(finding.decisions, language) {
        message.push_str(&format!(" ({decisions})"));
    }
    let host = Address::parse(&finding.url).map(|address| address.host);
    let host = host.unwrap_or_default();
    json!({
        "ruleId": kind.code,
        "ruleIndex": rules.iter().position(|rule| rule.code == kind.code),
        "level": level(kind.severity),
        "message": { "text": message },
        "locations": [{
            "physicalLocation": { "artifactLocation": { "uri": finding.url } },
            "logicalLocations": [{ "fullyQualifiedName": finding.place }],
        }],
        // With the host: the same place of two sites is not one finding.
        "partialFingerprints": { "hostCodeAndPlace/v1": format!("{host} {} {}", kind.code, finding.place) },
    })
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Note => "note",
    }
}

const fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Note => "0.0",
    }
}
