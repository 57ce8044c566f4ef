//! Duties of an organisation that no clause of the register states and no software keeps:
//! a conformity file without them would look whole and not be.
//!
//! The articles of the GDPR are named from memory, so each prints "to be confirmed".

use super::Words;
use crate::Language;

/// A duty beside passwords and connections.
#[derive(Debug)]
#[non_exhaustive]
pub struct Beyond {
    /// Where it comes from.
    reference: Words,
    /// What to do.
    pub words: Words,
}

impl Beyond {
    /// Where it comes from, to be confirmed.
    pub const fn reference(&self, language: Language) -> &'static str {
        self.reference.in_language(language)
    }
}

/// Every one of them.
pub fn beyond() -> &'static [Beyond] {
    BEYOND
}

const fn article(fr: &'static str, en: &'static str, words: Words) -> Beyond {
    Beyond {
        reference: Words { fr, en },
        words,
    }
}

const BEYOND: &[Beyond] = &[
    article(
        "RGPD, article 28 (à confirmer)",
        "GDPR, article 28 (to be confirmed)",
        Words {
            fr: "Un contrat avec chaque sous-traitant : hébergeur, courriel, autorité de certificats, service de mots de passe divulgués.",
            en: "A contract with each processor: hosting, e-mail, certificate authority, service of leaked passwords.",
        },
    ),
    article(
        "RGPD, articles 13 et 14 (à confirmer)",
        "GDPR, articles 13 and 14 (to be confirmed)",
        Words {
            fr: "Les mentions d’information : quelles données, pourquoi, combien de temps, quels droits.",
            en: "The notices: which data, why, for how long, with which rights.",
        },
    ),
    article(
        "RGPD, articles 33 et 34 (à confirmer)",
        "GDPR, articles 33 and 34 (to be confirmed)",
        Words {
            fr: "La notification d’une violation à la CNIL, sous 72 heures, et s’il le faut aux personnes ; elle ne se confond pas avec l’avis de compromission d’un mot de passe.",
            en: "Notifying a breach to the CNIL within 72 hours, and to the persons where needed; it is not the same as telling somebody that a password is compromised.",
        },
    ),
    article(
        "RGPD, article 5, 1 e (à confirmer)",
        "GDPR, article 5(1)(e) (to be confirmed)",
        Words {
            fr: "La durée de conservation des données et la suppression des comptes inactifs.",
            en: "How long data are kept, and the removal of unused accounts.",
        },
    ),
    article(
        "RGPD, article 30 (à confirmer)",
        "GDPR, article 30 (to be confirmed)",
        Words {
            fr: "Le registre des traitements, où figurent les comptes, le journal et les compteurs de tentatives.",
            en: "The record of processing, with the accounts, the journal and the counters of attempts.",
        },
    ),
    article(
        "RGPD, article 32 (à confirmer)",
        "GDPR, article 32 (to be confirmed)",
        Words {
            fr: "Le reste de la sécurité : mises à jour, sauvegardes, habilitations, données bancaires, chiffrement au repos.",
            en: "The rest of security: updates, backups, access rights, bank data, encryption at rest.",
        },
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_says_so() {
        for duty in beyond() {
            assert!(duty.reference(Language::Fr).ends_with("(à confirmer)"));
            assert!(duty.reference(Language::En).ends_with("(to be confirmed)"));
        }
    }
}
