//! What was seen of a site, whether it is a fault or not: ways, versions, certificate, HSTS.

use policy::Language;
use scan::tls::{Seen, Tls, group_name};
use scan::{Chain, Scan, Severity, shown};

use super::content::kinds;
use crate::locale::pick;

/// Suites of a version that are shown to a person; JSON has them all.
const SHOWN: usize = 6;

pub(super) fn facts(scan: &Scan, language: Language) -> Vec<(String, String)> {
    let fact = |fr: &str, en: &str, value: String| (pick(language, fr, en).to_owned(), value);
    let count = |severity| kinds(&scan.findings, severity);
    let counts: Vec<String> = Severity::ALL
        .iter()
        .rev()
        .map(|severity| format!("{} {}", count(*severity), severity.word(language)))
        .collect();
    let mut facts = vec![fact("Constats", "Findings", counts.join(", "))];
    for (name, way) in [("HTTP", &scan.from_http), ("HTTPS", &scan.from_https)] {
        if way.is_empty() {
            continue;
        }
        let steps: Vec<String> = way
            .iter()
            .map(|(address, status)| match status {
                Some(status) => format!("{address} ({status})"),
                None => format!("{address} (–)"),
            })
            .collect();
        facts.push((name.to_owned(), steps.join(" → ")));
    }
    if let Some(tls) = &scan.tls {
        facts.extend(tls_facts(tls, language));
    }
    if let Some(chain) = &scan.chain {
        facts.extend(chain_facts(chain, language));
    }
    if let Some(promise) = &scan.promise {
        let none = pick(language, "aucun", "none").to_owned();
        facts.push(("HSTS".to_owned(), promise.field.clone().unwrap_or(none)));
        // Preloading is nobody's duty: it is spoken of to whoever asks for it.
        let asks = promise.announced.is_some_and(|announced| announced.preload);
        let lacks = promise.preload_lacks.iter();
        let lacks: Vec<&str> = lacks.map(|lack| lack.in_language(language)).collect();
        if asks {
            facts.push(fact(
                "Préchargement demandé",
                "Preloading asked for",
                match lacks.is_empty() {
                    true => pick(
                        language,
                        "rien de ce qui se voit d’ici ne manque",
                        "nothing that can be seen from here is missing",
                    )
                    .to_owned(),
                    false => format!(
                        "{}{}",
                        pick(
                            language,
                            "sans effet tant que manquent : ",
                            "without effect while these are missing: "
                        ),
                        lacks.join(", ")
                    ),
                },
            ));
        }
    }
    facts
}

fn tls_facts(tls: &Tls, language: Language) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    for spoken in &tls.spoken {
        let suites: Vec<String> = spoken.suites.iter().map(|suite| suite.name()).collect();
        let mut shown = suites
            .iter()
            .take(SHOWN)
            .cloned()
            .collect::<Vec<_>>()
            .join(", ");
        if let Some(more @ 1..) = suites.len().checked_sub(SHOWN) {
            shown.push_str(&match language {
                Language::Fr => format!(" et {more} autres"),
                Language::En => format!(" and {more} more"),
            });
        }
        facts.push((spoken.version.name().to_owned(), shown));
        if !spoken.groups.is_empty() {
            let groups: Vec<String> = spoken
                .groups
                .iter()
                .map(|group| group_name(*group))
                .collect();
            facts.push((
                format!(
                    "{} {}",
                    spoken.version.name(),
                    pick(language, "groupes", "groups")
                ),
                groups.join(", "),
            ));
        }
    }
    if let Some(bits) = tls.prime_bits {
        facts.push(("Diffie-Hellman".to_owned(), format!("{bits} bits")));
    }
    let order = match tls.own_order {
        Seen::Yes => Some(pick(language, "du serveur", "the server’s")),
        Seen::No => Some(pick(language, "du client", "the client’s")),
        Seen::Unknown => None,
    };
    if let Some(order) = order {
        facts.push((
            pick(language, "Ordre des suites", "Order of suites").to_owned(),
            order.to_owned(),
        ));
    }
    facts
}

fn chain_facts(chain: &Chain, language: Language) -> Vec<(String, String)> {
    let Some(leaf) = chain.leaf() else {
        return Vec::new();
    };
    let fact = |fr: &str, en: &str, value: String| (pick(language, fr, en).to_owned(), value);
    let names: Vec<&str> = leaf.names.iter().take(8).map(String::as_str).collect();
    let day = |seconds: i64| match jiff::Timestamp::from_second(seconds) {
        Ok(time) => time.strftime("%Y-%m-%d").to_string(),
        Err(_) => "?".to_owned(),
    };
    vec![
        fact("Certificat de", "Certificate for", shown(&names.join(", "))),
        fact("Émis par", "Issued by", shown(&leaf.issuer)),
        fact(
            "Valable",
            "Valid",
            format!("{} → {}", day(leaf.not_before), day(leaf.not_after)),
        ),
        fact(
            "Clé et signature",
            "Key and signature",
            format!("{}, {}", leaf.key, leaf.signature),
        ),
        fact(
            "Chaîne",
            "Chain",
            match (chain.certificates.len(), language) {
                (count, Language::Fr) => format!("{count} certificat(s) envoyé(s)"),
                (count, Language::En) => format!("{count} certificate(s) sent"),
            },
        ),
    ]
}
