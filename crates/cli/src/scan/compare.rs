//! What changed between a scan that was kept and the one just made: before and after the gate,
//! or from one release to the next.
//!
//! A finding is the same when its code and its place are: the name of the site and its ports may
//! change between the two.

use std::collections::BTreeMap;
use std::path::Path;

use policy::Language;
use scan::Scan;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{content, json};
use crate::Failure;
use crate::locale::pick;
use crate::report::document::{Block, Document, Entry, Mark};
use crate::source::io_reason;

/// The longest file that is read, in bytes.
const LONGEST: u64 = 64 << 20;

/// A scan that was kept.
pub(super) struct Before {
    findings: BTreeMap<(String, String), Kept>,
}

/// What is needed of a finding that was kept.
#[derive(Deserialize)]
struct Kept {
    code: String,
    place: String,
    severity: String,
    reference: String,
    message: String,
    proof: String,
}

#[derive(Deserialize)]
struct File {
    version: u32,
    sites: Vec<Site>,
}

#[derive(Deserialize)]
struct Site {
    findings: Vec<Kept>,
}

impl Before {
    pub(super) fn read(path: &Path, language: Language) -> Result<Self, Failure> {
        let name = path.display();
        let fail = |fr: &str, en: &str| {
            Failure::new(match language {
                Language::Fr => format!(
                    "rempart : {name} : {fr}\n  à faire : nommez un fichier écrit par `rempart scan --format json`"
                ),
                Language::En => format!(
                    "rempart: {name}: {en}\n  fix: name a file written by `rempart scan --format json`"
                ),
            })
        };
        let read = std::fs::metadata(path).and_then(|known| match known.len() > LONGEST {
            true => Err(std::io::ErrorKind::FileTooLarge.into()),
            false => std::fs::read(path),
        });
        let text = read.map_err(|error| {
            let (fr, en) = io_reason(&error);
            fail(&fr, &en)
        })?;
        let file: File = serde_json::from_slice(&text)
            .map_err(|_| fail("ce n’est pas un scan", "this is no scan"))?;
        if file.version != json::VERSION {
            return Err(fail(
                "scan d’une autre version du format",
                "a scan of another version of the format",
            ));
        }
        let kept = file.sites.into_iter().flat_map(|site| site.findings);
        Ok(Self {
            findings: kept
                .map(|one| ((one.code.clone(), one.place.clone()), one))
                .collect(),
        })
    }

    /// Gone, new and remaining findings.
    fn changes<'s>(&'s self, scans: &'s [Scan]) -> Changes<'s> {
        let now: Vec<&scan::Finding> = scans.iter().flat_map(|scan| &scan.findings).collect();
        let is_known = |finding: &scan::Finding| {
            self.findings
                .contains_key(&(finding.kind.code.to_owned(), finding.place.clone()))
        };
        let gone = self.findings.values().filter(|kept| {
            !now.iter()
                .any(|finding| finding.key() == (kept.code.as_str(), kept.place.as_str()))
        });
        let (remain, new) = now.iter().copied().partition(|finding| is_known(finding));
        Changes {
            gone: gone.collect(),
            new,
            remain,
        }
    }

    pub(super) fn document(&self, scans: &[Scan], language: Language) -> Document {
        let changes = self.changes(scans);
        let heading = |fr: &str, en: &str, count: usize| {
            Block::Heading(format!("{} ({count})", pick(language, fr, en)))
        };
        let entries = |list: &[&scan::Finding]| {
            Block::Entries(
                list.iter()
                    .map(|one| content::entry(one, language))
                    .collect(),
            )
        };
        let gone = changes.gone.iter().map(|kept| Entry {
            mark: Mark {
                sign: "✓",
                class: "kept",
                word: pick(language, "réparé", "mended").to_owned(),
            },
            lead: kept.reference.clone(),
            id: scan::kind::all()
                .find(|kind| kind.code == kept.code)
                .map(|kind| kind.code),
            text: kept.message.clone(),
            notes: vec![format!(
                "{}{}",
                pick(language, "était : ", "was: "),
                kept.proof
            )],
        });
        Document {
            title: content::title(scans, language),
            language,
            blocks: vec![
                Block::Facts(vec![
                    (
                        pick(language, "Disparus", "Gone").to_owned(),
                        changes.gone.len().to_string(),
                    ),
                    (
                        pick(language, "Nouveaux", "New").to_owned(),
                        changes.new.len().to_string(),
                    ),
                    (
                        pick(language, "Restent", "Remaining").to_owned(),
                        changes.remain.len().to_string(),
                    ),
                ]),
                heading("Disparus", "Gone", changes.gone.len()),
                Block::Entries(gone.collect()),
                heading("Nouveaux", "New", changes.new.len()),
                entries(&changes.new),
                heading("Restent", "Remaining", changes.remain.len()),
                entries(&changes.remain),
            ],
        }
    }

    pub(super) fn json(&self, scans: &[Scan], language: Language) -> Value {
        let changes = self.changes(scans);
        let list = |list: &[&scan::Finding]| {
            list.iter()
                .map(|one| json::finding(one, language))
                .collect::<Vec<_>>()
        };
        json!({
            "version": json::VERSION,
            "gone": changes.gone.iter().map(|kept| json!({
                "code": kept.code, "place": kept.place, "severity": kept.severity,
                "message": kept.message, "proof": kept.proof,
            })).collect::<Vec<_>>(),
            "new": list(&changes.new),
            "remaining": list(&changes.remain),
            "scan": json::scans(scans, language),
        })
    }
}

struct Changes<'s> {
    gone: Vec<&'s Kept>,
    new: Vec<&'s scan::Finding>,
    remain: Vec<&'s scan::Finding>,
}
