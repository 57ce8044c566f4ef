//! What changed between a scan that was kept and the one just made: before and after the gate,
//! or from one release to the next.
//!
//! A finding is the same when its site, its code and its place are. A site is known by its host,
//! whatever its ports; where both scans have one site alone, it may have changed its name too.
//!
//! What is not found any more is mended only where somebody looked for it: what this scan did not
//! look at stands in a list of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use policy::Language;
use scan::{Address, Kind, Scan};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Sites, content, json};
use crate::Failure;
use crate::locale::pick;
use crate::report::document::{Block, Document, Entry, Mark};
use crate::source::io_reason;

/// The longest file that is read, in bytes.
const LONGEST: u64 = 64 << 20;

/// A scan that was kept.
pub(super) struct Before {
    findings: BTreeMap<Key, Kept>,
    hosts: BTreeSet<String>,
}

/// Host of the site, code, place.
type Key = (String, String, String);

/// What is needed of a finding that was kept.
#[derive(Deserialize)]
struct Kept {
    code: String,
    place: String,
    url: String,
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
    url: String,
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
        let (mut findings, mut hosts) = (BTreeMap::new(), BTreeSet::new());
        for site in file.sites {
            let Some(Address { host, .. }) = Address::parse(&site.url) else {
                return Err(fail("ce n’est pas un scan", "this is no scan"));
            };
            for kept in site.findings {
                let key = (host.clone(), kept.code.clone(), kept.place.clone());
                findings.insert(key, kept);
            }
            hosts.insert(host);
        }
        Ok(Self { findings, hosts })
    }

    /// What is mended, new, remaining, and what nobody looked at this time.
    fn changes<'s>(&'s self, sites: &'s Sites) -> Changes<'s> {
        let scans = &sites.answered;
        let named = |address: &Address| address.host.clone();
        let now: BTreeSet<String> = scans
            .iter()
            .map(|scan| named(&scan.address))
            .chain(sites.silent.iter().map(named))
            .collect();
        // A site alone is the same under another name.
        let alone = match (self.hosts.first(), self.hosts.len(), now.len()) {
            (Some(before), 1, 1) => Some(before),
            _ => None,
        };
        let host = |scan: &Scan| match alone {
            Some(before) => before.clone(),
            None => scan.address.host.clone(),
        };
        let mut found = BTreeMap::new();
        for scan in scans {
            for finding in &scan.findings {
                let (code, place) = finding.key();
                let key = (host(scan), code.to_owned(), place.to_owned());
                found.entry(key).or_insert(finding);
            }
        }
        let is_looked_at = |site: &str, kept: &Kept| {
            let (Some(kind), Some(at)) = (kept.kind(), Address::parse(&kept.url)) else {
                return false;
            };
            let mut of_site = scans.iter().filter(|scan| host(scan) == site);
            of_site.any(|scan| scan.judges_at(kind, &at))
        };
        let gone = self
            .findings
            .iter()
            .filter(|(key, _)| !found.contains_key(*key));
        let (mended, unseen) =
            gone.partition::<Vec<_>, _>(|((site, ..), kept)| is_looked_at(site, kept));
        let (remain, new) = found
            .into_iter()
            .partition::<Vec<_>, _>(|(key, _)| self.findings.contains_key(key));
        let mut remain: Vec<_> = remain.into_iter().map(|(_, finding)| finding).collect();
        let mut new: Vec<_> = new.into_iter().map(|(_, finding)| finding).collect();
        for list in [&mut remain, &mut new] {
            list.sort_by_key(|finding| std::cmp::Reverse(finding.kind.severity));
        }
        Changes {
            mended: mended.into_iter().map(|(_, kept)| kept).collect(),
            unseen: unseen.into_iter().map(|(_, kept)| kept).collect(),
            new,
            remain,
        }
    }

    pub(super) fn document(&self, sites: &Sites, language: Language) -> Document {
        let changes = self.changes(sites);
        let (mended, unseen) = (
            Mark {
                sign: "✓",
                class: "kept",
                word: pick(language, "réparé", "mended").to_owned(),
            },
            Mark {
                sign: "?",
                class: "apart",
                word: pick(language, "pas regardé", "not looked at").to_owned(),
            },
        );
        let words = [
            ("Réparés", "Mended", changes.mended.len()),
            (
                "Nouveaux, ou pas regardés la fois d’avant",
                "New, or not looked at before",
                changes.new.len(),
            ),
            (
                "Pas regardés cette fois",
                "Not looked at this time",
                changes.unseen.len(),
            ),
            ("Restent", "Remaining", changes.remain.len()),
        ]
        .map(|(fr, en, count)| (pick(language, fr, en), count));
        let facts = words.map(|(name, count)| (name.to_owned(), count.to_string()));
        let mut blocks = vec![Block::Facts(facts.into())];
        let silent = sites.silent.iter();
        let silent: Vec<String> = silent
            .map(|address| content::silent_site(address, language))
            .collect();
        if !silent.is_empty() {
            blocks.push(Block::List(silent));
        }
        let lists = [
            kept(&changes.mended, &mended, language),
            content::entries(changes.new.iter().copied(), language),
            kept(&changes.unseen, &unseen, language),
            content::entries(changes.remain.iter().copied(), language),
        ];
        for ((name, count), entries) in words.into_iter().zip(lists) {
            blocks.push(Block::Heading(format!("{name} ({count})")));
            blocks.push(Block::Entries(entries));
        }
        Document {
            title: content::title(sites, language),
            language,
            blocks,
        }
    }

    pub(super) fn json(&self, sites: &Sites, language: Language) -> Value {
        let changes = self.changes(sites);
        let list = |list: &[&scan::Finding]| {
            list.iter()
                .map(|one| json::finding(one, language))
                .collect::<Vec<_>>()
        };
        json!({
            "version": json::VERSION,
            "mended": list_kept(&changes.mended, language),
            "not-looked-at": list_kept(&changes.unseen, language),
            "new": list(&changes.new),
            "remaining": list(&changes.remain),
            "scan": json::scans(sites, language),
        })
    }
}

impl Kept {
    fn kind(&self) -> Option<&'static Kind> {
        scan::kind::all().find(|kind| kind.code == self.code)
    }

    /// What is wrong, in the language of this scan rather than that of the one that was kept.
    fn message(&self, language: Language) -> &str {
        self.kind()
            .map_or(&self.message, |kind| kind.in_language(language))
    }

    fn reference(&self, language: Language) -> String {
        self.kind().map_or_else(
            || self.reference.clone(),
            |kind| kind.clause.reference(language),
        )
    }
}

/// Findings that were kept and are not there any more, with one entry for each.
fn kept(list: &[&Kept], mark: &Mark, language: Language) -> Vec<Entry> {
    let entry = |kept: &&Kept| Entry {
        mark: mark.clone(),
        lead: kept.reference(language),
        id: kept.kind().map(|kind| kind.code),
        text: kept.message(language).to_owned(),
        notes: vec![format!(
            "{}{} — {}",
            pick(language, "était : ", "was: "),
            kept.url,
            kept.proof
        )],
    };
    list.iter().map(entry).collect()
}

fn list_kept(list: &[&Kept], language: Language) -> Vec<Value> {
    let one = |kept: &&Kept| {
        json!({
            "code": kept.code, "place": kept.place, "url": kept.url, "severity": kept.severity,
            "message": kept.message(language), "proof": kept.proof,
        })
    };
    list.iter().map(one).collect()
}

struct Changes<'s> {
    mended: Vec<&'s Kept>,
    unseen: Vec<&'s Kept>,
    new: Vec<&'s scan::Finding>,
    remain: Vec<&'s scan::Finding>,
}
