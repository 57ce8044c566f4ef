//! What an audit says: counts, findings with their clause, what to do.
//!
//! Clauses: CNIL 2022-100, conservation. Where a finding is like the facts of a published
//! sanction, the decision is named as it was reported, and no more is claimed.

use password::hash::foreign::Weak;
use policy::clause::{self, Clause};
use policy::hash::LegacyFormat;
use policy::{Language, Policy};
use scan::decision::{self, Decision};
use serde_json::{Value, json};

use super::tally::{Sort, Tally};
use crate::locale::pick;
use crate::report::document::{Block, Document, Entry, Mark};

/// A sign, its class, its word in French and in English. They are those of a scan: a report's say
/// where a policy stands.
type Sign = (&'static str, &'static str, (&'static str, &'static str));
const GRAVE: Sign = ("▲", "high", ("grave", "grave"));
const TO_FOLLOW: Sign = ("◆", "medium", ("à suivre", "to follow"));

/// One thing found.
pub(super) struct Finding {
    code: &'static str,
    clause: &'static Clause,
    count: u64,
    grave: bool,
    fr: (String, &'static str),
    en: (String, &'static str),
    /// Decisions that were reported for the like.
    decisions: Vec<&'static Decision>,
}

impl Finding {
    pub(super) const fn is_grave(&self) -> bool {
        self.grave
    }
}

/// Everything found, the gravest first.
pub(super) fn findings(tally: &mut Tally, policy: &Policy) -> Vec<Finding> {
    let (equal, salts) = (tally.equal_texts(), tally.shared_salts());
    let weak = |wanted: fn(Weak) -> bool| {
        tally.count(|sort| matches!(sort, Sort::Weak(place) if wanted(Weak::ALL[place])))
    };
    let clear = tally.count(|sort| sort == Sort::Plaintext);
    let unknown = tally.count(|sort| matches!(sort, Sort::Unknown | Sort::Malformed));
    let unsalted = weak(is_unsalted);
    let fast = weak(|weak| !is_unsalted(weak));
    let other = tally.count(|sort| matches!(sort, Sort::Unsupported | Sort::TooDear));
    let old = tally.count(|sort| matches!(sort, Sort::Foreign(_) | Sort::Argon2Old));
    let accepted = |sort: Sort| matches!(sort, Sort::Foreign(place) if !policy.hash().accept.contains(&LegacyFormat::ALL[place]));
    let not_accepted = tally.count(accepted);
    let keyed = policy.hash().pepper.is_some();
    let mut found = vec![
        Finding {
            code: "audit-plaintext",
            clause: &clause::CNIL_NEVER_STORED_IN_CLEAR,
            count: clear,
            grave: true,
            fr: (
                "mots de passe en clair".into(),
                "changez-les tous : faites passer chaque compte par une réinitialisation",
            ),
            en: (
                "passwords in clear".into(),
                "have them all changed: send every account through a reset",
            ),
            decisions: decision::KEPT_IN_CLEAR.into(),
        },
        Finding {
            code: "audit-unknown",
            clause: &clause::CNIL_NEVER_STORED_IN_CLEAR,
            count: unknown,
            grave: true,
            fr: (
                "textes qu’aucune fonction connue n’écrit, peut-être des mots de passe en clair"
                    .into(),
                "regardez-en quelques-uns sur place ; s’ils sont en clair, faites-les changer",
            ),
            en: (
                "texts that no known function writes, perhaps passwords in clear".into(),
                "look at some of them where they are; if they are in clear, have them changed",
            ),
            decisions: Vec::new(),
        },
        Finding {
            code: "audit-unsalted",
            clause: &clause::CNIL_OBSOLETE_HASH,
            count: unsalted,
            grave: true,
            fr: (
                "empreintes rapides et sans sel".into(),
                "enveloppez la table dans Argon2 aujourd’hui : `rempart wrap`",
            ),
            en: (
                "fast hashes without salt".into(),
                "lay Argon2 over the table today: `rempart wrap`",
            ),
            decisions: like(tally, is_unsalted),
        },
        Finding {
            code: "audit-fast",
            clause: &clause::CNIL_OBSOLETE_HASH,
            count: fast,
            grave: true,
            fr: (
                "empreintes salées d’une fonction rapide ou dépassée".into(),
                "enveloppez la table dans Argon2 aujourd’hui : `rempart wrap`",
            ),
            en: (
                "salted hashes of a fast or outdated function".into(),
                "lay Argon2 over the table today: `rempart wrap`",
            ),
            decisions: like(tally, |weak| !is_unsalted(weak)),
        },
        Finding {
            code: "audit-unsupported",
            clause: &clause::CNIL_OBSOLETE_HASH,
            count: other,
            grave: true,
            fr: (
                "empreintes de fonctions que rempart ne calcule pas, ou trop chères à calculer"
                    .into(),
                "faites passer ces comptes par une réinitialisation",
            ),
            en: (
                "hashes of functions that rempart does not compute, or too dear to compute".into(),
                "send these accounts through a reset",
            ),
            decisions: Vec::new(),
        },
        Finding {
            code: "audit-shared-salt",
            clause: &clause::CNIL_SALT,
            count: salts.records,
            grave: true,
            fr: (
                format!(
                    "empreintes dont le sel sert à d’autres (le même jusqu’à {} fois)",
                    salts.largest
                ),
                "un sel est tiré pour chaque mot de passe ; renouvelez ces empreintes à la connexion",
            ),
            en: (
                format!(
                    "hashes whose salt others use too (the same up to {} times)",
                    salts.largest
                ),
                "a salt is drawn for each password; renew these hashes at sign-in",
            ),
            decisions: Vec::new(),
        },
        Finding {
            code: "audit-equal",
            clause: &clause::CNIL_SALT,
            count: equal.records,
            grave: true,
            fr: (
                format!(
                    "textes égaux à un autre : des comptes partagent un mot de passe (jusqu’à {})",
                    equal.largest
                ),
                "sans sel, celui d’un compte donne les autres ; enveloppez, et faites changer les plus fréquents",
            ),
            en: (
                format!(
                    "texts equal to another: accounts share a password (up to {})",
                    equal.largest
                ),
                "without salt, one account gives away the others; wrap, and have the most frequent changed",
            ),
            decisions: Vec::new(),
        },
        Finding {
            code: "audit-cheap",
            clause: &clause::CNIL_UPGRADE_HASH,
            count: tally.cheap,
            grave: false,
            fr: (
                "empreintes Argon2 moins chères que ne le demande la politique".into(),
                "elles se renouvellent à la connexion, par la bibliothèque",
            ),
            en: (
                "Argon2 hashes that cost less than the policy asks".into(),
                "they are renewed at sign-in, by the library",
            ),
            decisions: Vec::new(),
        },
        Finding {
            code: "audit-legacy",
            clause: &clause::CNIL_UPGRADE_HASH,
            count: old,
            grave: false,
            fr: (
                format!(
                    "empreintes d’une autre fonction que l’Argon2id d’aujourd’hui, dont {not_accepted} d’un format absent de `hash.accept`"
                ),
                "acceptez le format, et elles se renouvellent à la connexion ; ou enveloppez la table",
            ),
            en: (
                format!(
                    "hashes of another function than today’s Argon2id, {not_accepted} of them in a format not in `hash.accept`"
                ),
                "accept the format, and they are renewed at sign-in; or wrap the table",
            ),
            decisions: Vec::new(),
        },
        Finding {
            code: "audit-unkeyed",
            clause: &clause::CNIL_KEY_APART,
            count: if keyed { tally.unkeyed } else { 0 },
            grave: false,
            fr: (
                "empreintes Argon2 sans la clé que la politique prévoit".into(),
                "elles la prennent à la connexion",
            ),
            en: (
                "Argon2 hashes without the key that the policy provides".into(),
                "they take it at sign-in",
            ),
            decisions: Vec::new(),
        },
    ];
    found.retain(|finding| finding.count > 0);
    found
}

/// The decisions about such hashes as there are in the dump. Where a notation stands for several
/// functions, nobody knows which of them made it, and none is named for its function.
fn like(tally: &Tally, wanted: fn(Weak) -> bool) -> Vec<&'static Decision> {
    let mut found: Vec<&'static Decision> = Vec::new();
    for (place, weak) in Weak::ALL.into_iter().enumerate() {
        if !wanted(weak) || tally.count(|sort| sort == Sort::Weak(place)) == 0 {
            continue;
        }
        let of_function: &[&'static Decision] = match weak {
            // Not what is made of a thousand rounds of it: md5crypt, apr1.
            Weak::Md5Hex | Weak::DjangoMd5 | Weak::LdapSmd5 => &decision::KEPT_AS_MD5,
            Weak::Sha1Hex | Weak::DjangoSha1 => &decision::KEPT_AS_SHA1,
            _ => &[],
        };
        let of_salt: &[&'static Decision] = match is_unsalted(weak) {
            true => &decision::KEPT_WITHOUT_SALT,
            false => &[],
        };
        for one in of_function.iter().chain(of_salt) {
            if !found.contains(one) {
                found.push(one);
            }
        }
    }
    found
}

const fn is_unsalted(weak: Weak) -> bool {
    password::hash::inspect::Made::Weak(weak).is_unsalted()
}

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
