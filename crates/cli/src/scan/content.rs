//! A scan in words, before anybody chose how to print it.

use policy::Language;
use scan::tls::{Seen, Tls, group_name};
use scan::{Area, Chain, Finding, Scan, Severity, shown};

use crate::locale::pick;
use crate::report::document::{Block, Document, Entry, Mark};

/// Suites of a version that are shown to a person; JSON has them all.
const SHOWN: usize = 6;

pub(super) fn document(scans: &[Scan], language: Language) -> Document {
    let mut blocks = Vec::new();
    for scan in scans {
        if scans.len() > 1 {
            blocks.push(Block::Heading(scan.address.to_string()));
        }
        blocks.push(Block::Facts(facts(scan, language)));
        blocks.push(Block::Heading(
            pick(language, "Constats", "Findings").to_owned(),
        ));
        blocks.push(if scan.findings.is_empty() {
            Block::Paragraph(
                pick(
                    language,
                    "Rien à redire sur ce qui a été regardé.",
                    "Nothing to say about what was looked at.",
                )
                .to_owned(),
            )
        } else {
            Block::Entries(
                scan.findings
                    .iter()
                    .map(|finding| entry(finding, language))
                    .collect(),
            )
        });
        blocks.push(Block::Heading(pick(language, "Portée", "Reach").to_owned()));
        blocks.push(Block::List(reach(scan, language)));
    }
    Document {
        title: title(scans, language),
        language,
        blocks,
    }
}

pub(super) fn title(scans: &[Scan], language: Language) -> String {
    let names: Vec<String> = scans.iter().map(|scan| scan.address.to_string()).collect();
    format!(
        "{} {}",
        pick(language, "Vu de l’extérieur :", "Seen from outside:"),
        names.join(", ")
    )
}

pub(super) fn entry(finding: &Finding, language: Language) -> Entry {
    let kind = finding.kind;
    let mut notes = vec![
        format!(
            "{}{} — {}",
            pick(language, "preuve : ", "proof: "),
            finding.url,
            finding.proof.in_language(language)
        ),
        format!(
            "{}{}",
            pick(language, "à faire : ", "fix: "),
            kind.fix(language)
        ),
    ];
    notes.extend(scan::decision::sentence(kind.decisions, language));
    Entry {
        mark: mark(kind.severity, language),
        lead: kind.clause.reference(language),
        id: Some(kind.code),
        text: kind.in_language(language).to_owned(),
        notes,
    }
}

pub(super) fn mark(severity: Severity, language: Language) -> Mark {
    let (sign, class) = match severity {
        Severity::High => ("✗", "below"),
        Severity::Medium => ("≈", "explained"),
        Severity::Low => ("→", "yours"),
        Severity::Note => ("·", "stated"),
    };
    Mark {
        sign,
        class,
        word: severity.word(language).to_owned(),
    }
}

fn facts(scan: &Scan, language: Language) -> Vec<(String, String)> {
    let fact = |fr: &str, en: &str, value: String| (pick(language, fr, en).to_owned(), value);
    let count = |severity| {
        scan.findings
            .iter()
            .filter(|finding| finding.kind.severity == severity)
            .count()
    };
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
        let lacks: Vec<&str> = promise
            .preload_lacks
            .iter()
            .map(|lack| lack.in_language(language))
            .collect();
        facts.push(fact(
            "Préchargement, il manque",
            "Preloading, missing",
            match lacks.is_empty() {
                true => pick(
                    language,
                    "rien de ce qui se voit d’ici",
                    "nothing that can be seen from here",
                )
                .to_owned(),
                false => lacks.join(", "),
            },
        ));
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

/// Why a scan is partial; `None` when it is not.
pub(super) fn partial(scan: &Scan, language: Language) -> Option<String> {
    let unseen: Vec<&str> = scan
        .tls
        .iter()
        .flat_map(|tls| &tls.unseen)
        .map(|version| version.name())
        .collect();
    if scan.is_over {
        let words = pick(
            language,
            "le temps ou les connexions ont manqué : le scan est partiel",
            "time or connections ran out: the scan is partial",
        );
        return Some(words.to_owned());
    }
    scan.is_partial.then(|| {
        let mut words = pick(
            language,
            "des poignées de main sont restées sans réponse lisible : le scan est partiel",
            "some handshakes got no answer that can be read: the scan is partial",
        )
        .to_owned();
        if !unseen.is_empty() {
            let lead = pick(language, " ; on ne sait rien de ", "; nothing is known of ");
            words.push_str(&format!("{lead}{}", unseen.join(", ")));
        }
        words
    })
}

fn reach(scan: &Scan, language: Language) -> Vec<String> {
    let words = |areas: Vec<Area>| {
        areas
            .into_iter()
            .map(|area| area.word(language))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let (seen, unseen) = Area::ALL
        .into_iter()
        .partition::<Vec<_>, _>(|area| scan.looked.contains(area));
    let mut list = vec![format!(
        "{}{}",
        pick(language, "regardé : ", "looked at: "),
        words(seen)
    )];
    if !unseen.is_empty() {
        list.push(format!(
            "{}{}",
            pick(
                language,
                "pas regardé, donc pas jugé : ",
                "not looked at, so not judged: "
            ),
            words(unseen)
        ));
    }
    if !scan.pages.is_empty() {
        list.push(format!(
            "{}{}",
            pick(language, "pages lues : ", "pages read: "),
            scan.pages.join(", ")
        ));
    }
    list.extend(partial(scan, language));
    list.push(pick(
        language,
        "ce qui ne se voit pas d’ici : la conservation des mots de passe (`rempart audit`), la restriction d’accès, les formulaires faits par un script, l’organisation",
        "what cannot be seen from here: how passwords are kept (`rempart audit`), restricted access, forms made by a script, the organisation",
    ).to_owned());
    list.push(
        pick(
            language,
            "ce n’est pas un avis juridique ; « à confirmer » : connu par des tiers ou de mémoire",
            "this is not legal advice; “to be confirmed”: known from others or from memory",
        )
        .to_owned(),
    );
    list
}
