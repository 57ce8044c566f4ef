//! From what was seen to what is found. Pure: no socket is open any more.

pub(crate) mod behaviour;
pub(crate) mod certificate;
pub(crate) mod cleartext;
pub(crate) mod cookies;
pub(crate) mod fields;
pub(crate) mod hsts;
pub(crate) mod pages;
pub(crate) mod tls;

use std::collections::{HashMap, HashSet};

use policy::{Language, Text};

use crate::address::Address;
use crate::decision::Decision;
use crate::finding::{Finding, Kind};

/// Findings of one kind at one address that are kept: a page of ten thousand fields has one
/// fault, not ten thousand.
const MOST: usize = 20;

/// The findings of one target as they come in.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) list: Vec<Finding>,
    /// Those that are over the cap.
    pub(crate) left_out: u64,
    known: HashSet<(&'static str, String)>,
    counts: HashMap<(&'static str, String), usize>,
}

impl Found {
    /// Adds a finding, unless the same is there already at the same place.
    pub(crate) fn add(&mut self, kind: &'static Kind, place: &str, at: &Address, proof: Text) {
        self.like(kind, place, at, proof, kind.decisions);
    }

    /// A finding whose figure tells which decisions it is like.
    pub(crate) fn like(
        &mut self,
        kind: &'static Kind,
        place: &str,
        at: &Address,
        proof: Text,
        decisions: &'static [&'static Decision],
    ) {
        let (place, url) = (shown(place), at.to_string());
        let key = (kind.code, place.clone());
        if self.known.contains(&key) {
            return;
        }
        let count = self.counts.entry((kind.code, url.clone())).or_default();
        if *count == MOST {
            self.left_out += 1;
            return;
        }
        *count += 1;
        self.known.insert(key);
        self.list.push(Finding {
            kind,
            place,
            url,
            proof: Text::new(
                shown(proof.in_language(Language::Fr)),
                shown(proof.in_language(Language::En)),
            ),
            decisions,
        });
    }

    /// A finding whose proof is the same in both languages.
    pub(crate) fn say(
        &mut self,
        kind: &'static Kind,
        place: &str,
        at: &Address,
        proof: impl Into<String>,
    ) {
        let proof = proof.into();
        self.add(kind, place, at, Text::new(proof.clone(), proof));
    }
}

/// What comes from a server, fit for a terminal, a page and XML: no sign that steers, hides or
/// turns round what stands beside it, nothing that is no character, and at most 300 signs.
pub fn shown(text: &str) -> String {
    let clean = text
        .chars()
        .map(|sign| if steers(sign) { '\u{fffd}' } else { sign });
    let mut clean: String = clean.take(301).collect();
    if clean.chars().count() > 300 {
        clean.pop();
        clean.push('…');
    }
    clean
}

/// Signs of the Unicode categories Cc, Cf, Zl and Zp, and noncharacters (Unicode 17, 23.7).
fn steers(sign: char) -> bool {
    sign.is_control()
        || u32::from(sign) & 0xfffe == 0xfffe
        || matches!(sign,
            '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}'
            | '\u{890}' | '\u{891}' | '\u{8e2}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fdd0}'..='\u{fdef}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0001}' | '\u{e0020}'..='\u{e007f}')
}

#[cfg(test)]
mod tests;
