//! A scan in words, before anybody chose how to print it.

use std::collections::BTreeSet;

use policy::Language;
use scan::{Address, Area, Finding, Scan, Severity};

use super::Sites;
use super::facts::facts;
use crate::locale::pick;
use crate::report::document::{Block, Document, Entry, Mark};

/// Proofs of one kind that are shown to a person; JSON has them all.
const PROOFS: usize = 5;

pub(super) fn document(sites: &Sites, language: Language) -> Document {
    let heading = |fr: &str, en: &str| Block::Heading(pick(language, fr, en).to_owned());
    let mut blocks = vec![Block::Paragraph(verdict(sites, language))];
    let silent = sites.silent.iter();
    let silent: Vec<String> = silent
        .map(|address| silent_site(address, language))
        .collect();
    if !silent.is_empty() {
        blocks.push(Block::List(silent));
    }
    for scan in &sites.answered {
        if sites.answered.len() > 1 {
            blocks.push(Block::Heading(scan.address.to_string()));
        }
        blocks.push(Block::Facts(facts(scan, language)));
        blocks.push(heading("Constats", "Findings"));
        if scan.findings.is_empty() {
            blocks.push(Block::Paragraph(
                pick(
                    language,
                    "Rien à redire sur ce qui a été regardé.",
                    "Nothing to say about what was looked at.",
                )
                .to_owned(),
            ));
        } else {
            blocks.push(Block::Entries(entries(&scan.findings, language)));
        }
        blocks.push(heading("Portée", "Reach"));
        blocks.push(Block::List(reach(scan, language)));
    }
    blocks.push(heading("Comment lire", "How to read this"));
    blocks.push(Block::List(legend(language)));
    Document {
        title: title(sites, language),
        language,
        blocks,
    }
}

pub(super) fn title(sites: &Sites, language: Language) -> String {
    let names: Vec<String> = sites
        .answered
        .iter()
        .map(|scan| scan.address.to_string())
        .collect();
    format!(
        "{} {}",
        pick(language, "Vu de l’extérieur :", "Seen from outside:"),
        names.join(", ")
    )
}

/// What nobody heard anything of.
pub(super) fn silent_site(address: &Address, language: Language) -> String {
    match language {
        Language::Fr => format!("{address} ne répond ni en HTTP ni en HTTPS"),
        Language::En => format!("{address} answers neither over HTTP nor over HTTPS"),
    }
}

/// The whole in one sentence.
fn verdict(sites: &Sites, language: Language) -> String {
    let count = |severity| -> usize {
        let of = |scan: &Scan| kinds(&scan.findings, severity);
        sites.answered.iter().map(of).sum()
    };
    let (high, medium, low) = (
        count(Severity::High),
        count(Severity::Medium),
        count(Severity::Low),
    );
    let mut verdict = match (language, high, medium, low) {
        (Language::Fr, 0, 0, 0) => "Rien à corriger dans ce qui a été regardé.".to_owned(),
        (Language::En, 0, 0, 0) => "Nothing to mend in what was looked at.".to_owned(),
        (Language::Fr, 0, 0, _) => format!("Rien de grave : {low} bonne(s) pratique(s) manquent."),
        (Language::En, 0, 0, _) => format!("Nothing grave: {low} good practice(s) are missing."),
        (Language::Fr, 0, ..) => {
            format!("Rien de grave, mais {medium} exigence(s) ne sont pas remplies.")
        }
        (Language::En, 0, ..) => format!("Nothing grave, but {medium} requirement(s) are not met."),
        (Language::Fr, ..) => format!(
            "{high} constat(s) grave(s) : un mot de passe, ou les données d’un visiteur, sont exposés ; et {medium} exigence(s) non remplie(s)."
        ),
        (Language::En, ..) => format!(
            "{high} grave finding(s): a password, or a visitor’s data, is exposed; and {medium} requirement(s) not met."
        ),
    };
    if sites.answered.iter().any(|scan| scan.is_partial) || !sites.silent.is_empty() {
        verdict.push_str(pick(
            language,
            " Tout n’a pas été regardé.",
            " Not everything was looked at.",
        ));
    }
    verdict
}

/// How many kinds of a severity there are.
pub(super) fn kinds(findings: &[Finding], severity: Severity) -> usize {
    let of = findings.iter().map(|finding| finding.kind);
    let of = of.filter(|kind| kind.severity == severity);
    of.map(|kind| kind.code).collect::<BTreeSet<_>>().len()
}

/// One entry for each kind, in the order of the first finding of each; its places below it.
pub(super) fn entries<'f>(
    findings: impl IntoIterator<Item = &'f Finding>,
    language: Language,
) -> Vec<Entry> {
    let mut kinds: Vec<Vec<&Finding>> = Vec::new();
    for finding in findings {
        let known = kinds
            .iter_mut()
            .find(|kind| kind[0].kind.code == finding.kind.code);
        match known {
            Some(known) => known.push(finding),
            None => kinds.push(vec![finding]),
        }
    }
    kinds.iter().map(|kind| entry(kind, language)).collect()
}

/// The findings of one kind; there is at least one.
fn entry(findings: &[&Finding], language: Language) -> Entry {
    let kind = findings[0].kind;
    let mut proofs: Vec<String> = Vec::new();
    let mut decisions = Vec::new();
    for finding in findings {
        let proof = finding.proof.in_language(language);
        let line = format!(
            "{}{} — {proof}",
            pick(language, "preuve : ", "proof: "),
            finding.url
        );
        if !proofs.contains(&line) {
            proofs.push(line);
        }
        for decision in finding.decisions {
            if !decisions.contains(decision) {
                decisions.push(*decision);
            }
        }
    }
    let more = proofs.len().saturating_sub(PROOFS);
    proofs.truncate(PROOFS);
    let mut notes = proofs;
    if more > 0 {
        notes.push(match language {
            Language::Fr => format!("et {more} autre(s) ; le JSON les a tous"),
            Language::En => format!("and {more} more; the JSON has them all"),
        });
    }
    notes.push(format!(
        "{}{}",
        pick(language, "à faire : ", "fix: "),
        kind.fix(language)
    ));
    notes.extend(scan::decision::sentence(&decisions, language));
    Entry {
        mark: mark(kind.severity, language),
        lead: kind.clause.reference(language),
        id: Some(kind.code),
        text: kind.in_language(language).to_owned(),
        notes,
    }
}

/// Signs of its own: those of a report say where a policy stands.
pub(super) fn mark(severity: Severity, language: Language) -> Mark {
    let (sign, class) = match severity {
        Severity::High => ("▲", "high"),
        Severity::Medium => ("◆", "medium"),
        Severity::Low => ("◇", "low"),
        Severity::Note => ("○", "known"),
    };
    Mark {
        sign,
        class,
        word: severity.word(language).to_owned(),
    }
}

fn legend(language: Language) -> Vec<String> {
    let meaning = |severity| match severity {
        Severity::High => pick(
            language,
            "un mot de passe, ou les données d’un visiteur, sont exposés",
            "a password, or a visitor’s data, is exposed",
        ),
        Severity::Medium => pick(
            language,
            "une exigence n’est pas remplie",
            "a requirement is not met",
        ),
        Severity::Low => pick(
            language,
            "une bonne pratique manque",
            "good practice is missing",
        ),
        Severity::Note => pick(language, "rien n’est demandé", "nothing is asked"),
    };
    let colon = pick(language, " :", ":");
    let mut lines: Vec<String> = Severity::ALL
        .into_iter()
        .rev()
        .map(|severity| {
            let mark = mark(severity, language);
            format!("{} {}{colon} {}", mark.sign, mark.word, meaning(severity))
        })
        .collect();
    lines.extend(about_decisions(language));
    lines
}

/// What the words beside a decision mean, and what they do not.
pub(crate) fn about_decisions(language: Language) -> [String; 2] {
    [
            pick(
                language,
                "« faits voisins » : une décision publiée dont les faits rapportés ressemblent à ce constat ; aucune ne dit qu’un autre site serait sanctionné",
                "“like facts”: a published decision whose reported facts resemble this finding; none says that another site would be sanctioned",
            ),
            pick(
                language,
                "« à confirmer » : connu par des tiers ou de mémoire ; ce n’est pas un avis juridique",
                "“to be confirmed”: known from others or from memory; this is not legal advice",
            ),
        ]
        .map(str::to_owned)
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
    if scan.left_out > 0 {
        list.push(match language {
            Language::Fr => format!("constats de trop, laissés de côté : {}", scan.left_out),
            Language::En => format!(
                "findings left out as too many of one kind: {}",
                scan.left_out
            ),
        });
    }
    list.push(pick(
        language,
        "ce qui ne se voit pas d’ici : la conservation des mots de passe (`rempart audit`), la restriction d’accès, les formulaires faits par un script, l’organisation",
        "what cannot be seen from here: how passwords are kept (`rempart audit`), restricted access, forms made by a script, the organisation",
    ).to_owned());
    list
}
