//! A scan for programs. `scan --schema` prints its JSON Schema.

use policy::Language;
use scan::tls::{Seen, Spoken, Tls, group_name};
use scan::{Chain, Finding, Scan, shown};
use serde_json::{Value, json};

use super::Sites;

/// The number of this format; it changes when a field changes its meaning.
pub(super) const VERSION: u32 = 1;

pub(super) fn scans(sites: &Sites, language: Language) -> Value {
    json!({
        "version": VERSION,
        "rempart": env!("CARGO_PKG_VERSION"),
        "language": language.to_string(),
        "sites": sites.answered.iter().map(|scan| site(scan, language)).collect::<Vec<_>>(),
        "silent": sites.silent.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn site(scan: &Scan, language: Language) -> Value {
    let way = |steps: &[(String, Option<u16>)]| -> Vec<Value> {
        steps
            .iter()
            .map(|(address, status)| json!({ "url": address, "status": status }))
            .collect()
    };
    json!({
        "url": scan.address.to_string(),
        "partial": scan.is_partial,
        "looked-at": scan.looked.iter().map(|area| area.name()).collect::<Vec<_>>(),
        "from-http": way(&scan.from_http),
        "from-https": way(&scan.from_https),
        "pages": scan.pages,
        "tls": scan.tls.as_ref().map(tls),
        "certificate": scan.chain.as_ref().map(chain),
        "hsts": scan.promise.as_ref().map(|promise| json!({
            "field": promise.field,
            "max-age": promise.announced.map(|announced| announced.max_age),
            "include-subdomains": promise.announced.map(|announced| announced.include_subdomains),
            "preload": promise.announced.map(|announced| announced.preload),
            "preload-lacks": promise.preload_lacks.iter().map(|lack| lack.in_language(language)).collect::<Vec<_>>(),
        })),
        "findings": scan.findings.iter().map(|one| finding(one, language)).collect::<Vec<_>>(),
        "left-out": scan.left_out,
    })
}

pub(super) fn finding(finding: &Finding, language: Language) -> Value {
    let kind = finding.kind;
    json!({
        "code": kind.code,
        "severity": kind.severity.name(),
        "area": kind.area.name(),
        "clause": kind.clause.id,
        "reference": kind.clause.reference(language),
        "to-be-confirmed": kind.clause.to_be_confirmed(),
        "place": finding.place,
        "url": finding.url,
        "message": kind.in_language(language),
        "proof": finding.proof.in_language(language),
        "fix": kind.fix(language),
        "decisions": finding.decisions.iter().map(|decision| decision.reference(language)).collect::<Vec<_>>(),
    })
}

fn tls(tls: &Tls) -> Value {
    let seen = |seen: Seen| match seen {
        Seen::Yes => Value::Bool(true),
        Seen::No => Value::Bool(false),
        Seen::Unknown => Value::Null,
    };
    json!({
        "versions": tls.spoken.iter().map(version).collect::<Vec<_>>(),
        "not-looked-at": tls.unseen.iter().map(|version| version.name()).collect::<Vec<_>>(),
        "server-order": seen(tls.own_order),
        "dh-bits": tls.prime_bits,
        "compression": seen(tls.compression),
        "secure-renegotiation": seen(tls.renegotiation),
        "extended-master-secret": seen(tls.extended_master_secret),
        "fallback-signal": seen(tls.fallback),
        "unknown-name-served": seen(tls.serves_any_name),
    })
}

fn version(spoken: &Spoken) -> Value {
    json!({
        "version": spoken.version.name(),
        "suites": spoken.suites.iter().map(|suite| suite.name()).collect::<Vec<_>>(),
        "groups": spoken.groups.iter().map(|group| group_name(*group)).collect::<Vec<_>>(),
    })
}

fn chain(chain: &Chain) -> Value {
    json!({
        "trusted": chain.is_trusted,
        "names-host": chain.names_host,
        "in-order": chain.is_in_order,
        "for-servers": chain.is_for_servers,
        "status-address": chain.has_status,
        "stapled": chain.is_stapled,
        "chain": chain.certificates.iter().map(|one| json!({
            "subject": shown(&one.subject),
            "issuer": shown(&one.issuer),
            "names": one.names.iter().map(|name| shown(name)).collect::<Vec<_>>(),
            "not-before": one.not_before,
            "not-after": one.not_after,
            "key": one.key,
            "signature": one.signature,
        })).collect::<Vec<_>>(),
    })
}

/// The JSON Schema of [`scans`]; that of a comparison stands in it, as `$defs.comparison`.
pub(super) fn schema() -> Value {
    let text = json!({ "type": "string" });
    let flag = json!({ "type": "boolean" });
    let maybe = |kind: &str| json!({ "type": [kind, "null"] });
    let list = |items: Value| json!({ "type": "array", "items": items });
    let words = |words: Vec<&str>| json!({ "enum": words });
    let object = |fields: Value| {
        let names: Vec<&String> = fields.as_object().expect("an object").keys().collect();
        json!({ "type": "object", "additionalProperties": false, "required": names, "properties": fields })
    };
    let optional = |mut object: Value| {
        object["type"] = json!(["object", "null"]);
        object
    };
    let way = list(object(json!({ "url": text, "status": maybe("integer") })));
    let tls = optional(object(json!({
        "versions": list(object(json!({ "version": text, "suites": list(text.clone()), "groups": list(text.clone()) }))),
        "not-looked-at": list(text.clone()),
        "server-order": maybe("boolean"), "dh-bits": maybe("integer"), "compression": maybe("boolean"),
        "secure-renegotiation": maybe("boolean"), "extended-master-secret": maybe("boolean"),
        "fallback-signal": maybe("boolean"), "unknown-name-served": maybe("boolean"),
    })));
    let certificate = optional(object(json!({
        "trusted": flag, "names-host": flag, "in-order": flag, "for-servers": flag,
        "status-address": flag, "stapled": flag,
        "chain": list(object(json!({
            "subject": text, "issuer": text, "names": list(text.clone()),
            "not-before": { "type": "integer" }, "not-after": { "type": "integer" },
            "key": text, "signature": text,
        }))),
    })));
    let hsts = optional(object(json!({
        "field": maybe("string"), "max-age": maybe("integer"), "include-subdomains": maybe("boolean"),
        "preload": maybe("boolean"), "preload-lacks": list(text.clone()),
    })));
    let areas: Vec<&str> = scan::Area::ALL.iter().map(|area| area.name()).collect();
    let severities: Vec<&str> = scan::Severity::ALL
        .iter()
        .map(|severity| severity.name())
        .collect();
    let codes: Vec<&str> = scan::kind::all().map(|kind| kind.code).collect();
    let finding = object(json!({
        "code": words(codes), "severity": words(severities.clone()), "area": words(areas.clone()),
        "clause": text, "reference": text, "to-be-confirmed": flag, "place": text, "url": text,
        "message": text, "proof": text, "fix": text, "decisions": list(text.clone()),
    }));
    let gone = object(json!({
        "code": text, "place": text, "url": text, "severity": words(severities),
        "message": text, "proof": text,
    }));
    let findings = list(finding.clone());
    let mut schema = object(json!({
        "version": { "const": VERSION },
        "rempart": text,
        "language": words(vec!["fr", "en"]),
        "sites": list(object(json!({
            "url": text, "partial": flag, "looked-at": list(words(areas)),
            "from-http": way, "from-https": way, "pages": list(text.clone()),
            "tls": tls, "certificate": certificate, "hsts": hsts, "findings": list(finding),
            "left-out": { "type": "integer" },
        }))),
        "silent": list(text.clone()),
    }));
    let comparison = object(json!({
        "version": { "const": VERSION },
        "mended": list(gone.clone()), "not-looked-at": list(gone),
        "new": findings.clone(), "remaining": findings, "scan": schema.clone(),
    }));
    schema["$defs"] = json!({ "comparison": comparison });
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("rempart scan");
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_a_certificate_steer_nothing() {
        let one = scan::Certificate {
            subject: "CN=a\u{202e}b".to_owned(),
            issuer: "CN=\u{1b}[2J".to_owned(),
            names: vec!["a\u{ffff}.fr".to_owned()],
            not_before: 0,
            not_after: 0,
            key: "Ed25519".to_owned(),
            key_bits: None,
            signature: "Ed25519".to_owned(),
            is_self_issued: false,
            is_self_signed: false,
        };
        let chain = chain(&Chain {
            certificates: vec![one],
            is_unreadable: false,
            is_trusted: false,
            names_host: false,
            is_for_servers: true,
            is_in_order: true,
            has_status: false,
            has_issuer_address: false,
            is_stapled: false,
        });
        let one = &chain["chain"][0];
        assert_eq!(one["subject"], "CN=a\u{fffd}b");
        assert_eq!(one["issuer"], "CN=\u{fffd}[2J");
        assert_eq!(one["names"][0], "a\u{fffd}.fr");
    }
}
