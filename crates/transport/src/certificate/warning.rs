//! What does not forbid serving a certificate, but needs a person.

use std::time::{Duration, SystemTime};

use policy::{Clause, Language, Text, clause};

use super::Identity;
use super::error::day;
use super::parse::Leaf;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Days before the end from which a certificate is worth a warning.
const SOON: u32 = 14;

/// The longest validity that ANSSI SDE-NT-35, R25 accepts, in days.
const LONGEST: u32 = 825;

/// Something to mend about a certificate that is served all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateWarning {
    /// It ends within 14 days.
    EndsSoon {
        /// The end of its validity.
        not_after: SystemTime,
    },
    /// It is valid for more than 825 days (ANSSI SDE-NT-35, R25).
    LongValidity {
        /// Its validity in whole days.
        days: u64,
    },
    /// It does not name one of the site's hosts, so browsers refuse it there.
    NotCovered {
        /// That host.
        host: String,
    },
    /// It is its own issuer: browsers refuse it, and with HSTS leave no way around.
    SelfSigned,
    /// It names a responder, and the file lacks the authority's certificate: its status cannot
    /// be asked.
    NoIssuer,
    /// It must be served with its status, and names no responder to ask (RFC 7633).
    StatusImpossible,
}

impl CertificateWarning {
    pub(super) fn of(
        leaf: &Leaf,
        identity: &Identity,
        now: SystemTime,
        hosts: &[String],
    ) -> Vec<Self> {
        let mut warnings = Vec::new();
        let not_after = leaf.not_after;
        if now + DAY * SOON >= not_after {
            warnings.push(Self::EndsSoon { not_after });
        }
        let validity = not_after
            .duration_since(leaf.not_before)
            .unwrap_or_default();
        if validity > DAY * LONGEST {
            let days = validity.as_secs() / DAY.as_secs();
            warnings.push(Self::LongValidity { days });
        }
        for host in hosts.iter().filter(|host| !identity.covers(host)) {
            warnings.push(Self::NotCovered { host: host.clone() });
        }
        if leaf.self_signed {
            warnings.push(Self::SelfSigned);
        }
        if leaf.has_responder && identity.status_question().is_err() {
            warnings.push(Self::NoIssuer);
        }
        if leaf.must_staple && !leaf.has_responder {
            warnings.push(Self::StatusImpossible);
        }
        warnings
    }

    /// The requirement that does not hold; `None` for what no text forbids.
    pub const fn clause(&self) -> Option<&'static Clause> {
        match self {
            Self::LongValidity { .. } => Some(&clause::ANSSI_TLS_VALIDITY),
            Self::SelfSigned => Some(&clause::HSTS_NO_CLICK_THROUGH),
            Self::NoIssuer | Self::StatusImpossible => Some(&clause::TLS_REVOCATION),
            Self::EndsSoon { .. } | Self::NotCovered { .. } => None,
        }
    }

    /// What a person reads.
    pub fn text(&self, language: Language) -> String {
        let text = match self {
            Self::EndsSoon { not_after } => {
                let day = day(*not_after);
                Text::new(
                    format!("Le certificat expire le {day} : renouvelez-le."),
                    format!("The certificate expires on {day}: renew it."),
                )
            }
            Self::LongValidity { days } => Text::new(
                format!(
                    "Le certificat est valable {days} jours ; l’ANSSI demande au plus {LONGEST}. \
                     Demandez-en un plus court au prochain renouvellement."
                ),
                format!(
                    "The certificate is valid for {days} days; ANSSI asks for at most {LONGEST}. \
                     Ask for a shorter one at the next renewal."
                ),
            ),
            Self::NotCovered { host } => Text::new(
                format!(
                    "Le certificat ne nomme pas {host} : les navigateurs le refuseront à cette \
                     adresse. Demandez un certificat qui porte ce nom, ou retirez-le du site."
                ),
                format!(
                    "The certificate does not name {host}: browsers will refuse it there. Ask \
                     for a certificate with that name, or remove the name from the site."
                ),
            ),
            Self::SelfSigned => Text::new(
                "Le certificat s’est signé lui-même : les navigateurs le refusent, et HSTS ôte \
                 tout moyen de passer outre. Demandez-en un à une autorité.",
                "The certificate is self-signed: browsers refuse it, and HSTS leaves no way \
                 around. Ask an authority for one.",
            ),
            Self::NoIssuer => Text::new(
                "Le fichier du certificat ne contient pas celui de l’autorité : des navigateurs \
                 ne sauront pas le vérifier, et son état ne peut pas être agrafé. Ajoutez-le à \
                 la suite.",
                "The certificate file does not hold that of the authority: some browsers cannot \
                 verify it, and its status cannot be stapled. Add it behind.",
            ),
            Self::StatusImpossible => Text::new(
                "Le certificat exige que son état soit agrafé (must-staple) et ne nomme aucun \
                 répondeur : des navigateurs le refuseront. Demandez-en un sans cette exigence.",
                "The certificate demands its status to be stapled (must-staple) and names no \
                 responder: some browsers will refuse it. Ask for one without that demand.",
            ),
        };
        text.in_language(language).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use rcgen::CertificateParams;

    use super::*;
    use crate::certificate::tests::{Changes, issued, load, now, stored};

    #[test]
    fn what_needs_a_person_is_said() {
        let host = ["www.example.fr".to_owned()];
        let long = |params: &mut CertificateParams| params.not_after = (now() + DAY * 900).into();
        let soon = |params: &mut CertificateParams| params.not_after = (now() + DAY * 14).into();
        let not_soon =
            |params: &mut CertificateParams| params.not_after = (now() + DAY * 15).into();
        let other = [
            "other.fr".to_owned(),
            "www.example.fr".to_owned(),
            "192.0.2.1".to_owned(),
        ];
        let not_covered = |host: &str| CertificateWarning::NotCovered {
            host: host.to_owned(),
        };
        let rows: [(Changes, &[String], Vec<CertificateWarning>); 5] = [
            (|_| {}, &host, vec![]),
            (
                soon,
                &host,
                vec![CertificateWarning::EndsSoon {
                    not_after: now() + DAY * 14,
                }],
            ),
            (not_soon, &host, vec![]),
            (
                long,
                &host,
                vec![CertificateWarning::LongValidity { days: 910 }],
            ),
            (
                |_| {},
                &other,
                vec![not_covered("other.fr"), not_covered("192.0.2.1")],
            ),
        ];
        for (changes, hosts, expected) in rows {
            let warnings = load(&issued(changes)).unwrap().warnings(now(), hosts);
            assert_eq!(warnings, expected);
            for warning in warnings {
                assert_ne!(warning.text(Language::Fr), warning.text(Language::En));
            }
        }
        let warnings = load(&stored!("secp521r1")).unwrap().warnings(now(), &host);
        assert!(
            warnings.contains(&CertificateWarning::SelfSigned),
            "{warnings:?}"
        );
    }
}
