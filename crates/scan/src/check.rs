//! From what was seen to what is found. Pure: no socket is open any more.

pub(crate) mod behaviour;
pub(crate) mod certificate;
pub(crate) mod cleartext;
pub(crate) mod cookies;
pub(crate) mod fields;
pub(crate) mod hsts;
pub(crate) mod pages;
pub(crate) mod tls;

use policy::Text;

use crate::address::Address;
use crate::finding::{Finding, Kind};

/// The findings of one target as they come in.
#[derive(Debug, Default)]
pub(crate) struct Found(pub(crate) Vec<Finding>);

impl Found {
    /// Adds a finding, unless the same is there already at the same place.
    pub(crate) fn add(&mut self, kind: &'static Kind, place: &str, at: &Address, proof: Text) {
        let place = shown(place);
        let finding = Finding {
            kind,
            place,
            url: at.to_string(),
            proof,
        };
        if !self.0.iter().any(|known| known.key() == finding.key()) {
            self.0.push(finding);
        }
    }

    /// A finding whose proof is the same in both languages.
    pub(crate) fn say(
        &mut self,
        kind: &'static Kind,
        place: &str,
        at: &Address,
        proof: impl Into<String>,
    ) {
        let proof = shown(&proof.into());
        self.add(kind, place, at, Text::new(proof.clone(), proof));
    }
}

/// What comes from a server, fit for a terminal: no control sign, and not too long.
pub(crate) fn shown(text: &str) -> String {
    let clean = text
        .chars()
        .map(|sign| if sign.is_control() { '\u{fffd}' } else { sign });
    let mut clean: String = clean.take(301).collect();
    if clean.chars().count() > 300 {
        clean.pop();
        clean.push('…');
    }
    clean
}
