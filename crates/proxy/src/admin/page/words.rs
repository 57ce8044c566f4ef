//! What the page says, in French and English.

use std::time::Duration;

use policy::Language;
use policy::transport::HstsStage;

/// Every phrase of the page in one language.
pub(super) struct Words {
    pub(super) title: &'static str,
    pub(super) serves: &'static str,
    pub(super) serves_some: &'static str,
    pub(super) serves_nothing: &'static str,
    pub(super) ending: &'static str,
    pub(super) observing: &'static str,
    pub(super) stale: &'static str,
    pub(super) lost: &'static str,
    pub(super) running_for: &'static str,
    pub(super) connections: &'static str,
    pub(super) requests_open: &'static str,
    pub(super) sites: &'static str,
    pub(super) site: &'static str,
    pub(super) certificate: &'static str,
    pub(super) hsts: &'static str,
    pub(super) origin: &'static str,
    pub(super) answers: &'static str,
    pub(super) files: &'static str,
    pub(super) acme: &'static str,
    pub(super) development: &'static str,
    pub(super) valid: &'static str,
    pub(super) soon: &'static str,
    pub(super) ended: &'static str,
    pub(super) none_yet: &'static str,
    pub(super) days_left: &'static str,
    pub(super) missing: &'static str,
    pub(super) stapled: &'static str,
    pub(super) not_stapled: &'static str,
    pub(super) no_hsts: &'static str,
    pub(super) subdomains: &'static str,
    pub(super) preload: &'static str,
    pub(super) origin_failures: &'static str,
    pub(super) origin_up: &'static str,
    pub(super) origin_passed_over: &'static str,
    pub(super) origin_down: &'static str,
    pub(super) since: &'static str,
    pub(super) left: &'static str,
    pub(super) nothing: &'static str,
    pub(super) observed: &'static str,
    pub(super) protected: &'static str,
    pub(super) forms: &'static str,
    pub(super) refusals: &'static str,
    pub(super) faults: &'static str,
    pub(super) handshakes: &'static str,
    pub(super) reload: &'static str,
    pub(super) short_days: &'static str,
    pub(super) colon: &'static str,
    forgets: &'static str,
    stages: [&'static str; 4],
    days: &'static str,
    seconds: &'static str,
}

impl Words {
    pub(super) const fn of(language: Language) -> Self {
        match language {
            Language::Fr => Self {
                title: "La porte rempart",
                serves: "La porte sert tous ses sites.",
                serves_some: "La porte ne sert pas tous ses sites : voyez les certificats.",
                serves_nothing: "La porte ne sert aucun site : voyez les certificats.",
                ending: "La porte s’arrête : elle finit les requêtes en cours.",
                observing: "Elle observe seulement : la politique est notée, pas appliquée. Redémarrez sans --observe pour l’appliquer.",
                stale: "La dernière politique a été refusée : la précédente reste en vigueur. « rempart serve --check » dit pourquoi.",
                lost: "Lignes du journal perdues, faute de débit ou de place",
                running_for: "En service depuis",
                connections: "Connexions ouvertes",
                requests_open: "Requêtes en cours",
                sites: "Sites",
                site: "Site",
                certificate: "Certificat",
                hsts: "HSTS",
                origin: "Origine",
                answers: "Réponses",
                files: "par fichiers",
                acme: "par ACME",
                development: "de développement",
                valid: "valide",
                soon: "EXPIRE BIENTÔT",
                ended: "EXPIRÉ",
                none_yet: "AUCUN CERTIFICAT",
                days_left: "jours restants",
                missing: "Pas de certificat pour",
                stapled: "état OCSP joint, valable jusqu’au",
                not_stapled: "SANS SON ÉTAT OCSP",
                no_hsts: "rien d’annoncé",
                subdomains: "avec les sous-domaines",
                preload: "avec le préchargement",
                origin_failures: "échecs de l’origine",
                origin_up: "sert",
                origin_passed_over: "REFUSE LES CONNEXIONS",
                origin_down: "MANQUE SES CONTRÔLES",
                since: "depuis",
                left: "client parti",
                nothing: "rien",
                observed: "Ce que la politique refuserait ou corrigerait",
                protected: "Formulaires protégés",
                forms: "Ce que les formulaires sont devenus",
                refusals: "Refus depuis le démarrage",
                faults: "Requêtes mal formées, par faute",
                handshakes: "Poignées de main TLS manquées",
                reload: "Recharger",
                short_days: "j",
                colon: " :",
                forgets: "zéro : les navigateurs oublient",
                stages: [
                    "palier 1 sur 4 : cinq minutes",
                    "palier 2 sur 4 : une semaine",
                    "palier 3 sur 4 : un mois",
                    "palier 4 sur 4 : deux ans",
                ],
                days: "jours",
                seconds: "secondes",
            },
            Language::En => Self {
                title: "The rempart gate",
                serves: "The gate serves all its sites.",
                serves_some: "The gate does not serve all its sites: see the certificates.",
                serves_nothing: "The gate serves no site: see the certificates.",
                ending: "The gate is ending: it finishes open requests.",
                observing: "It only observes: the policy is noted, not enforced. Restart without --observe to enforce it.",
                stale: "The last policy was refused: the one before stays in force. “rempart serve --check” tells why.",
                lost: "Lines of the log lost, because writing was too slow, or there was no room",
                running_for: "Running for",
                connections: "Open connections",
                requests_open: "Open requests",
                sites: "Sites",
                site: "Site",
                certificate: "Certificate",
                hsts: "HSTS",
                origin: "Origin",
                answers: "Answers",
                files: "from files",
                acme: "by ACME",
                development: "for development",
                valid: "valid",
                soon: "ENDS SOON",
                ended: "ENDED",
                none_yet: "NO CERTIFICATE",
                days_left: "days left",
                missing: "No certificate for",
                stapled: "OCSP status stapled, good until",
                not_stapled: "WITHOUT ITS OCSP STATUS",
                no_hsts: "nothing announced",
                subdomains: "with subdomains",
                preload: "with preloading",
                origin_failures: "failures of the origin",
                origin_up: "serves",
                origin_passed_over: "REFUSES CONNECTIONS",
                origin_down: "FAILS ITS CHECKS",
                since: "since",
                left: "client left",
                nothing: "nothing",
                observed: "What the policy would refuse or mend",
                protected: "Protected forms",
                forms: "What became of forms",
                refusals: "Refusals since the start",
                faults: "Malformed requests, by fault",
                handshakes: "TLS handshakes that failed",
                reload: "Reload",
                short_days: "d",
                colon: ":",
                forgets: "zero: browsers forget",
                stages: [
                    "stage 1 of 4: five minutes",
                    "stage 2 of 4: a week",
                    "stage 3 of 4: a month",
                    "stage 4 of 4: two years",
                ],
                days: "days",
                seconds: "seconds",
            },
        }
    }

    /// How long browsers are told to remember.
    pub(super) fn stage(&self, age: Duration) -> String {
        if age.is_zero() {
            return self.forgets.to_owned();
        }
        let stages = HstsStage::ALL.into_iter().zip(self.stages);
        let known = stages.into_iter().find(|(stage, _)| stage.max_age() == age);
        match (known, age.as_secs()) {
            (Some((_, words)), _) => words.to_owned(),
            (None, seconds) if seconds >= 86_400 => format!("{} {}", seconds / 86_400, self.days),
            (None, seconds) => format!("{seconds} {}", self.seconds),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_age_is_told() {
        let words = Words::of(Language::En);
        for (seconds, told) in [
            (0, "zero: browsers forget"),
            (300, "stage 1 of 4: five minutes"),
            (63_072_000, "stage 4 of 4: two years"),
            (31_536_000, "365 days"),
            (301, "301 seconds"),
        ] {
            assert_eq!(words.stage(Duration::from_secs(seconds)), told);
        }
    }
}
