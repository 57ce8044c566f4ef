//! An audit in words and for programs: counts, what the hashes are, what was found of them.

use password::hash::foreign::Weak;
use policy::Language;
use policy::hash::LegacyFormat;
use scan::decision;
use serde_json::{Value, json};

use super::finding::Finding;
use super::tally::{Sort, Tally};
use crate::locale::pick;
use crate::report::document::{Block, Document, Entry, Mark};

/// A sign, its class, its word in French and in English. They are those of a scan: a report's say
/// where a policy stands.
type Sign = (&'static str, &'static str, (&'static str, &'static str));
const GRAVE: Sign = ("▲", "high", ("grave", "grave"));
const TO_FOLLOW: Sign = ("◆", "medium", ("à suivre", "to follow"));

fn name(sort: Sort, language: Language) -> String {
    let (fr, en) = match sort {
        Sort::Argon2id => ("Argon2id", "Argon2id"),
        Sort::Argon2Old => (
            "Argon2i, Argon2d ou ancienne version",
            "Argon2i, Argon2d or an old version",
        ),
        Sort::Wrapped => (
            "Argon2id sur une autre empreinte",
            "Argon2id over another hash",
        ),
        Sort::Foreign(place) => return LegacyFormat::ALL[place].name().to_owned(),
        Sort::Weak(place) => return Weak::ALL[place].name(language).to_owned(),
        Sort::Obsolete => (
            "DES et autres méthodes dépassées de crypt(3)",
            "DES and other outdated methods of crypt(3)",
        ),
        Sort::Unsupported => ("fonction non calculée ici", "function not computed here"),
        Sort::TooDear => ("trop chère à calculer", "too dear to compute"),
        Sort::Malformed => ("mal écrite", "badly written"),
        Sort::Plaintext => ("en clair", "in clear"),
        Sort::Unknown => ("inconnu", "unknown"),
    };
    pick(language, fr, en).to_owned()
}

/// How many could be wrapped at once.
fn wrappable(tally: &Tally) -> u64 {
    tally.count(|sort| matches!(sort, Sort::Weak(_) | Sort::Foreign(_)))
}

/// The costs of other functions than Argon2. Those that differ in the length of a salt or a digest
/// alone follow one another, and are told as one.
fn foreign_costs(tally: &Tally) -> Vec<(String, u64)> {
    let mut costs: Vec<(String, u64)> = Vec::new();
    for (class, count) in tally.foreign_costs.iter() {
        let cost = class.to_string();
        match costs.last_mut() {
            Some((last, known)) if *last == cost => *known += count,
            _ => costs.push((cost, count)),
        }
    }
    costs
}

pub(super) fn document(
    tally: &Tally,
    findings: &[Finding],
    file: &str,
    policy: &str,
    language: Language,
) -> Document {
    let heading = |fr: &str, en: &str| Block::Heading(pick(language, fr, en).to_owned());
    let fact = |fr: &str, en: &str, value: String| (pick(language, fr, en).to_owned(), value);
    let mut facts = vec![
        fact("Fichier", "File", file.to_owned()),
        fact("Politique", "Policy", policy.to_owned()),
        fact("Enregistrements", "Records", tally.records.to_string()),
        fact("Sans empreinte", "Without a hash", tally.empty.to_string()),
        fact(
            "Comptes fermés",
            "Closed accounts",
            tally.locked.to_string(),
        ),
        fact(
            "À envelopper d’un coup",
            "To be wrapped at once",
            wrappable(tally).to_string(),
        ),
    ];
    if tally.unreadable > 0 {
        facts.push(fact(
            "Illisibles",
            "Unreadable",
            tally.unreadable.to_string(),
        ));
    }
    if tally.is_partial {
        facts.push(fact(
            "Égalités cherchées",
            "Repeats looked for",
            format!(
                "{} {}",
                pick(language, "parmi les premiers", "among the first"),
                super::tally::MOST
            ),
        ));
    }
    let mut formats: Vec<(String, String)> = tally
        .made
        .iter()
        .map(|(sort, count)| (name(*sort, language), count.to_string()))
        .collect();
    formats.extend(tally.costs.iter().map(|((memory, passes, lanes), count)| {
        (
            format!("  m={memory},t={passes},p={lanes}"),
            count.to_string(),
        )
    }));
    let foreign = foreign_costs(tally).into_iter();
    formats.extend(foreign.map(|(cost, count)| (format!("  {cost}"), count.to_string())));
    let others = tally.costs.others + tally.foreign_costs.others;
    if others > 0 {
        formats.push((
            format!("  {}", pick(language, "autres coûts", "other costs")),
            others.to_string(),
        ));
    }
    let entries = findings.iter().map(|finding| entry(finding, language));
    let mut blocks = vec![
        Block::Paragraph(verdict(tally, findings, language)),
        Block::Facts(facts),
        heading("Ce que sont les empreintes", "What the hashes are"),
        Block::Facts(formats),
        heading("Constats", "Findings"),
    ];
    blocks.push(if findings.is_empty() {
        Block::Paragraph(
            match tally.unreadable {
                0 => pick(
                    language,
                    "Rien à redire : chaque empreinte est celle que la politique demande.",
                    "Nothing to say: each hash is what the policy asks for.",
                ),
                _ => pick(
                    language,
                    "Rien à redire de ce qui a été lu ; tout ne l’a pas été.",
                    "Nothing to say of what was read; not everything was.",
                ),
            }
            .to_owned(),
        )
    } else {
        Block::Entries(entries.collect())
    });
    if !findings.is_empty() {
        blocks.push(heading("Comment lire", "How to read this"));
        blocks.push(Block::List(legend(language)));
    }
    Document {
        title: pick(
            language,
            "Audit d’empreintes de mots de passe",
            "Audit of password hashes",
        )
        .to_owned(),
        language,
        blocks,
    }
}

/// The whole in one sentence.
fn verdict(tally: &Tally, findings: &[Finding], language: Language) -> String {
    let grave = findings.iter().filter(|finding| finding.grave).count();
    let mut verdict = match (language, grave, findings.len()) {
        (Language::Fr, 0, 0) => {
            "Chaque empreinte lue est celle que la politique demande.".to_owned()
        }
        (Language::En, 0, 0) => "Each hash that was read is what the policy asks for.".to_owned(),
        (Language::Fr, 0, count) => format!("Rien de grave ; {count} constat(s) à suivre."),
        (Language::En, 0, count) => format!("Nothing grave; {count} finding(s) to follow."),
        (Language::Fr, ..) => format!(
            "{grave} constat(s) grave(s) : qui vole cette table retrouve vite des mots de passe."
        ),
        (Language::En, ..) => {
            format!("{grave} grave finding(s): whoever steals this table soon finds passwords.")
        }
    };
    if tally.unreadable > 0 {
        verdict.push_str(pick(
            language,
            " Tout n’a pas été lu.",
            " Not everything was read.",
        ));
    }
    verdict
}

fn legend(language: Language) -> Vec<String> {
    let colon = pick(language, " :", ":");
    let line = |(sign, _, word): Sign, fr: &str, en: &str| {
        let word = pick(language, word.0, word.1);
        format!("{sign} {word}{colon} {}", pick(language, fr, en))
    };
    let mut lines = vec![
        line(
            GRAVE,
            "à faire aujourd’hui ; ces mots de passe sont à lire, ou à retrouver en peu de temps",
            "to be done today; these passwords can be read, or found in little time",
        ),
        line(
            TO_FOLLOW,
            "à renouveler, à la connexion le plus souvent",
            "to be renewed, at sign-in most often",
        ),
    ];
    lines.extend(crate::scan::about_decisions(language));
    lines
}

fn entry(finding: &Finding, language: Language) -> Entry {
    let (what, fix) = match language {
        Language::Fr => &finding.fr,
        Language::En => &finding.en,
    };
    let (sign, class, word) = match finding.grave {
        true => GRAVE,
        false => TO_FOLLOW,
    };
    let word = pick(language, word.0, word.1);
    let mut notes = vec![format!("{}{fix}", pick(language, "à faire : ", "fix: "))];
    notes.extend(decision::sentence(&finding.decisions, language));
    Entry {
        mark: Mark {
            sign,
            class,
            word: word.to_owned(),
        },
        lead: finding.clause.reference(language),
        id: Some(finding.code),
        text: format!("{} × {what}", finding.count),
        notes,
    }
}

pub(super) fn json(tally: &Tally, findings: &[Finding], file: &str, language: Language) -> Value {
    json!({
        "version": 1,
        "file": file,
        "records": tally.records,
        "empty": tally.empty,
        "closed": tally.locked,
        "unreadable": tally.unreadable,
        "wrappable": wrappable(tally),
        "partial": tally.is_partial,
        "formats": tally.made.iter().map(|(sort, count)| json!({
            "format": name(*sort, Language::En),
            "count": count,
        })).collect::<Vec<_>>(),
        "argon2": tally.costs.iter().map(|((memory, passes, lanes), count)| json!({
            "memory-kib": memory, "iterations": passes, "parallelism": lanes, "count": count,
        })).collect::<Vec<_>>(),
        "argon2-other-costs": tally.costs.others,
        "other-functions": foreign_costs(tally).into_iter().map(|(cost, count)| json!({
            "cost": cost, "count": count,
        })).collect::<Vec<_>>(),
        "other-functions-other-costs": tally.foreign_costs.others,
        "findings": findings.iter().map(|finding| {
            let (what, fix) = match language {
                Language::Fr => &finding.fr,
                Language::En => &finding.en,
            };
            json!({
                "code": finding.code,
                "grave": finding.grave,
                "clause": finding.clause.id,
                "reference": finding.clause.reference(language),
                "count": finding.count,
                "message": what,
                "fix": fix,
                "decisions": finding.decisions.iter().map(|one| one.reference(language)).collect::<Vec<_>>(),
            })
        }).collect::<Vec<_>>(),
    })
}
