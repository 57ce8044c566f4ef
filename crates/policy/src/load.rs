//! Text in, a policy or a report of every fault out.
//!
//! One pass: TOML with its places, then each section, then the rules between tables, then
//! the deviations. A fault never hides another one, except on lines that are not TOML:
//! what was meant there cannot be known.

use std::collections::BTreeSet;

use toml::de::{DeTable, Error};

use crate::clause::{self, Clause};
use crate::code;
use crate::cross::{self, Places};
use crate::keys;
use crate::read::{Faults, Section, Span, Word, secret_in, shorten};
use crate::report::{Fault, Report};
use crate::{
    Deviation, Language, Policy, Preset, Text, access, hash, journal, login, password, process,
    site, transport,
};

/// A policy, and what its file gives to think about.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Loaded {
    /// The policy, without a fault.
    pub policy: Policy,
    /// Warnings only.
    pub warnings: Report,
}

/// Reads a policy file.
///
/// The text is read whole and once; nothing it names is opened. Time and memory are bounded
/// by its size, which is at most 1 MiB. Whether a deviation has run out is not judged here:
/// see [`Policy::expired_deviations`].
///
/// # Errors
///
/// Every fault of the file, with the warnings, when at least one is an error.
pub fn load(text: &str) -> Result<Loaded, Report> {
    if text.len() > MOST_BYTES {
        return Err(Report::new(vec![too_large(text.len())]));
    }
    let (document, errors) = DeTable::parse_recoverable(text);
    let document = document.into_inner();
    let mut faults = Faults::default();
    let policy = sections(&document, &mut faults);

    let mut found = faults.into_found();
    if !errors.is_empty() {
        let lines = BrokenLines::of(text, &errors);
        found.retain(|fault| fault.code != code::MISSING_KEY.name && !lines.contain(&fault.span));
        found.extend(
            errors
                .iter()
                .take(Faults::MOST)
                .map(|error| syntax(text, error)),
        );
    }
    let report = Report::new(found);
    match policy {
        Some(policy) if !report.has_errors() => Ok(Loaded {
            policy,
            warnings: report,
        }),
        _ => Err(report),
    }
}

/// The most bytes of a policy file.
const MOST_BYTES: usize = 1 << 20;

/// Every section, then the rules between them. `None` only beside a fault.
fn sections(document: &DeTable<'_>, faults: &mut Faults) -> Option<Policy> {
    let root_table = keys::table("").expect("the specification has a root");
    let mut root = Section::open(root_table, Some(document), 0..0, faults);
    version(&mut root);
    let mut preset = Preset::Cnil;
    root.set("preset", &mut preset);
    let mut policy = Policy::of(preset);
    root.set("language", &mut policy.language);
    policy.password = password::parse::parse(root.table("password"), preset);
    let case = policy.password.case;
    policy.hash = hash::parse::parse(root.table("hash"));
    policy.access = access::parse::parse(root.table("access"), preset, case);
    policy.login = login::parse::parse(root.table("login"), preset);
    policy.journal = journal::parse::parse(root.table("journal"));
    policy.transport = transport::parse::parse(root.table("transport"), preset);
    policy.process = process::parse::parse(root.table("process"));

    let mut written = 0;
    let mut taken = site::parse::Taken::new();
    root.tables("site", |section| {
        written += 1;
        policy
            .sites
            .extend(site::parse::parse(section, &mut taken, written));
    });
    let mut explained: Vec<(Deviation, Span)> = Vec::new();
    root.tables("deviation", |section| explained.extend(deviation(section)));

    let places = Places(document);
    cross::case_and_access(case, &policy.access, &places, faults);
    cross::preset_and_access(preset, &policy.access, &places, faults);
    cross::case_and_sites(case, written, &places, faults);
    cross::case_and_forms(&policy, &places, faults);
    cross::block_and_forms(&policy, &places, faults);
    cross::captcha_and_forms(&policy, &places, faults);
    cross::hsts_and_sites(&policy, &places, faults);
    transport::acme::parse::acme_and_sites(&policy, &places, faults);
    settle(&explained, faults);
    policy.deviations = explained
        .into_iter()
        .map(|(deviation, _)| deviation)
        .collect();
    // A site left out has its fault reported, so that the policy is never returned without it.
    (policy.sites.len() == written).then_some(policy)
}

fn version(root: &mut Section<'_, '_>) {
    let Some(version) = root.read::<i64>("version") else {
        return;
    };
    if *version.get_ref() != 1 {
        root.fault(
            Fault::error(
                code::UNSUPPORTED_VERSION,
                version.span(),
                Text::new(
                    format!(
                        "la version {} du format n’est pas connue",
                        version.get_ref()
                    ),
                    format!("version {} of the format is not known", version.get_ref()),
                ),
            )
            .label("connue : 1", "known: 1")
            .fix(
                "écrire `version = 1`, ou employer un rempart plus récent",
                "write `version = 1`, or use a later rempart",
            ),
        );
    }
}

/// One `[[deviation]]`, with the place of its clause.
fn deviation(mut section: Section<'_, '_>) -> Option<(Deviation, Span)> {
    let named = section.read::<String>("clause");
    let mut found = None;
    if let Some(id) = &named {
        found = clause::find(id.get_ref());
        if found.is_none() {
            section.fault_with(|| unknown_clause(id.get_ref(), id.span()));
        }
    }
    let reason = section.read::<String>("reason");
    if let Some(reason) = &reason
        && letters(reason.get_ref()) < LEAST_REASON
    {
        section.fault(short_reason(reason.span()));
    }
    let mut until = None;
    section.set_some("until", &mut until);
    let deviation = Deviation {
        clause: found?,
        reason: reason?.into_inner(),
        until,
    };
    Some((deviation, named?.span()))
}

/// The least number of letters of a reason: a word is not an explanation, nor is a row of
/// signs.
const LEAST_REASON: usize = 10;

fn letters(text: &str) -> usize {
    text.chars().filter(|sign| sign.is_alphabetic()).count()
}

/// Excuses the departures whose clause a deviation names, and warns of the deviations that
/// excuse nothing.
fn settle(explained: &[(Deviation, Span)], faults: &mut Faults) {
    let mut used: BTreeSet<&'static str> = BTreeSet::new();
    faults.settle(|clause: &'static Clause| {
        let named = explained
            .iter()
            .any(|(deviation, _)| deviation.clause.id == clause.id);
        if named {
            used.insert(clause.id);
        }
        named
    });
    for (deviation, span) in explained {
        if !used.contains(deviation.clause.id) {
            faults.push(unused_deviation(deviation.clause, span.clone()));
        }
    }
}

/// The lines that hold a syntax error, as byte ranges.
struct BrokenLines(Vec<Span>);

impl BrokenLines {
    fn of(text: &str, errors: &[Error]) -> Self {
        let line = |error: &Error| {
            let at = text.floor_char_boundary(error.span()?.start);
            let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
            let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
            Some(start..end + 1)
        };
        Self(errors.iter().take(Faults::MOST).filter_map(line).collect())
    }

    fn contain(&self, span: &Span) -> bool {
        self.0.iter().any(|line| line.contains(&span.start))
    }
}

fn syntax(text: &str, error: &Error) -> Fault {
    let span = error.span().unwrap_or(0..0);
    let span = text.floor_char_boundary(span.start)..text.ceil_char_boundary(span.end);
    let line_start = text[..span.start].rfind('\n').map_or(0, |end| end + 1);
    let line = text[line_start..].lines().next().unwrap_or("");
    let fault = if error.message().starts_with("duplicate key") {
        Fault::error(
            code::DUPLICATE_KEY,
            span,
            Text::new("écrit deux fois", "written twice"),
        )
        .label("déjà écrit plus haut", "already written above")
        .fix(
            "n’en garder qu’un ; une table répétée s’écrit [[entre doubles crochets]]",
            "keep one; a repeated table is written [[in double brackets]]",
        )
    } else {
        let detail = shorten(error.message());
        Fault::error(
            code::SYNTAX,
            span,
            Text::new("ce n’est pas du TOML valide", "this is not valid TOML"),
        )
        .label(format!("l’analyseur dit : {detail}"), detail)
        .fix(
            "écrire une `clé = valeur` par ligne, les textes entre guillemets",
            "write one `key = value` per line, texts in quotes",
        )
    };
    match secret_in(line) {
        Some(secret) => fault.hidden_from(line_start + secret),
        None => fault,
    }
}

fn too_large(bytes: usize) -> Fault {
    Fault::error(
        code::TOO_LARGE,
        0..0,
        Text::new(
            format!("le fichier a {bytes} octets, plus que le maximum de 1 Mio"),
            format!("the file has {bytes} bytes, over the maximum of 1 MiB"),
        ),
    )
    .fix(
        "vérifier que c’est bien une politique",
        "check that it is a policy",
    )
}

fn unknown_clause(id: &str, span: Span) -> Fault {
    let shown = shorten(id);
    let fault = Fault::error(
        code::UNKNOWN_CLAUSE,
        span,
        Text::new(
            format!("aucune exigence ne s’appelle `{shown}`"),
            format!("no clause is called `{shown}`"),
        ),
    )
    .label("nom inconnu", "unknown name");
    match clause::nearest(id) {
        Some(near) => fault.fix(format!("écrire \"{near}\""), format!("write \"{near}\"")),
        None => fault.fix(
            "choisir un nom dans docs/RULES.md",
            "choose a name in docs/RULES.md",
        ),
    }
}

fn short_reason(span: Span) -> Fault {
    Fault::error(
        code::DEVIATION_WITHOUT_REASON,
        span,
        Text::new(
            "cette raison n’explique pas l’écart",
            "this reason does not explain the deviation",
        ),
    )
    .label(
        format!("moins de {LEAST_REASON} lettres"),
        format!("under {LEAST_REASON} letters"),
    )
    .fix(
        "dire en une phrase ce qui protège à la place",
        "say in a sentence what protects instead",
    )
}

fn unused_deviation(clause: &'static Clause, span: Span) -> Fault {
    let id = clause.id;
    Fault::warning(
        code::DEVIATION_UNUSED,
        span,
        Text::new(
            format!("la politique respecte `{id}` : cet écart ne sert pas"),
            format!("the policy meets `{id}`: this deviation is not needed"),
        ),
    )
    .clause(clause)
    .label("aucun réglage ne s’en écarte", "no setting departs from it")
    .fix("retirer l’écart", "remove the deviation")
}

impl Word for Language {
    const WORDS: &'static [(&'static str, Self)] = &[("fr", Self::Fr), ("en", Self::En)];
}

impl Word for Preset {
    const WORDS: &'static [(&'static str, Self)] = &[
        (Self::Cnil.name(), Self::Cnil),
        (Self::Anssi.name(), Self::Anssi),
        (Self::Nist.name(), Self::Nist),
        (Self::Asvs.name(), Self::Asvs),
    ];
}
