//! What the authorities of the certificates say of them (OCSP), and what of it is stapled.
//!
//! Only a certificate that names a responder is asked about, beside the requests: neither a start
//! nor a handshake ever waits for a responder. What it says is stapled while it is good, verified
//! and not over; when it is over there is nothing to staple, which every browser takes, but for a
//! certificate that demands it (`must-staple`), about which the log is loud. Being revoked is the
//! one answer that somebody must act upon: the log says so each day, the page and the metrics as
//! long as it lasts, and what was stapled before is not shown any more.
//!
//! - `schedule.rs`: when to ask, without a clock.
//! - `responder.rs`: one question.
//! - `keeper.rs`: the loop of a gate.
//!
//! A responder may lie on any address: the operator's own certificate names it.
//!
//! Clauses: [`clause::TLS_REVOCATION`]; RFC 6960 through [`transport::certificate::Status`]; RFC
//! 8446, 4.4.2.1, and RFC 6066, 8, which rustls sends it by.
//!
//! Absent on purpose: keeping answers on disk. A gate that starts asks at once, and a successor
//! does before it serves many.
//!
//! [`clause::TLS_REVOCATION`]: policy::clause::TLS_REVOCATION

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use policy::{Language, Text};
use sha2::{Digest, Sha256};
use transport::certificate::{Identity, Status, StatusError};

use crate::certify::Shown;

mod keeper;
mod responder;
mod schedule;

pub(crate) use keeper::keep;

/// A certificate, by its SHA-256.
type Leaf = [u8; 32];

fn leaf(identity: &Identity) -> Leaf {
    let key = identity.certified_key();
    let leaf = key.cert.first().map_or(&[][..], |leaf| leaf);
    Sha256::digest(leaf).into()
}

/// What is known of every certificate that names a responder; kept over reloads.
#[derive(Default)]
pub(crate) struct Staples(Mutex<HashMap<Leaf, Known>>);

/// What is known of one.
#[derive(Debug, Clone, Default)]
struct Known {
    status: Option<Arc<Status>>,
    /// Why the last question came to nothing.
    trouble: Option<Trouble>,
}

/// How the certificates of one site that name a responder stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Until when what is stapled holds; `None` when for one of them nothing is.
    pub(crate) until: Option<SystemTime>,
    /// What is amiss with one of them.
    pub(crate) trouble: Option<Trouble>,
}

/// Why there is no good answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The certificate names a place that is not asked: only `http` is.
    Place,
    /// Nobody answered, or not in HTTP.
    Unreachable { detail: String },
    /// It answered with another status than 200.
    Http { status: u16 },
    /// What it said cannot be stapled.
    Status(StatusError),
}

impl Staples {
    /// The certificate as it is shown: with its status, if there is a good one.
    pub(crate) fn staple(&self, identity: &Arc<Identity>, now: SystemTime) -> Arc<Identity> {
        let known = self.lock();
        if known.is_empty() {
            return Arc::clone(identity);
        }
        let status = known
            .get(&leaf(identity))
            .and_then(|of| of.status.as_ref())
            .filter(|status| now < status.next_update());
        match status {
            Some(status) => Arc::new(identity.with_status(status)),
            None => Arc::clone(identity),
        }
    }

    /// How a site stands; `None` when no certificate of it names a responder.
    pub(crate) fn of_site(&self, shown: &Shown) -> Option<Standing> {
        let known = self.lock();
        let entries = shown.entries.iter();
        let of = entries.filter_map(|(_, identity)| known.get(&leaf(identity)));
        of.map(|known| Standing {
            until: known.status.as_ref().map(|status| status.next_update()),
            trouble: known.trouble.clone(),
        })
        .reduce(|one, other| Standing {
            until: one.until.zip(other.until).map(|(a, b)| a.min(b)),
            trouble: match one.is_revoked() {
                true => one.trouble,
                false => other.trouble.or(one.trouble),
            },
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Leaf, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Standing {
    /// The authority took one of them back.
    pub(crate) fn is_revoked(&self) -> bool {
        self.trouble.as_ref().is_some_and(Trouble::is_revoked)
    }
}

impl Trouble {
    pub(crate) fn is_revoked(&self) -> bool {
        matches!(self, Self::Status(StatusError::Revoked { .. }))
    }

    pub(crate) fn text(&self, language: Language) -> String {
        let text = match self {
            Self::Status(error) => return error.text(language),
            Self::Place => Text::new(
                "Le certificat nomme un répondeur OCSP qui n’est pas à une adresse http.",
                "The certificate names an OCSP responder that is not at an http address.",
            ),
            Self::Unreachable { detail } => Text::new(
                format!("Le répondeur OCSP du certificat ne répond pas ({detail})."),
                format!("The OCSP responder of the certificate does not answer ({detail})."),
            ),
            Self::Http { status } => Text::new(
                format!("Le répondeur OCSP du certificat a répondu par le statut {status}."),
                format!("The OCSP responder of the certificate answered with status {status}."),
            ),
        };
        text.in_language(language).to_owned()
    }
}
