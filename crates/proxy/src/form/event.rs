//! What may become of a protected request: what is counted by site, and shown.

use policy::Text;

/// What became of it. A request that signs in and sets a password may be several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FormEvent {
    /// A chosen password is good enough.
    Accepted,
    /// It is not.
    Refused,
    /// The request can be read in two ways.
    Unclear,
    /// A side door that is shut.
    Closed,
    /// It was too much at once, or came too slowly.
    Crowded,
    /// The origin let the person in.
    SignedIn,
    /// It may have: only the status of its answer, or where that leads, says so.
    Unproven,
    /// It did not.
    Failed,
    /// No rule knows the origin's answer. It counts as neither.
    Undecided,
    /// An attempt came too early.
    Delayed,
    /// An attempt on a blocked account.
    Blocked,
    /// The answer to a calculation was asked for.
    PresenceAsked,
    /// An attempt was let through by one.
    PresenceProved,
    /// What was brought as one is none: forged, for another account, or without its work.
    PresenceRefused,
    /// The store of counters did not answer.
    StoreDown,
    /// A password that signed in is one that the policy would refuse.
    Weak,
    /// A meter was told what is thought of a password.
    Metered,
    /// It was not, since too much was asked at once.
    MeterCrowded,
    /// A page forbids its meter.
    MeterForbidden,
}

impl FormEvent {
    pub(crate) const ALL: [Self; 19] = [
        Self::Accepted,
        Self::Refused,
        Self::Unclear,
        Self::Closed,
        Self::Crowded,
        Self::SignedIn,
        Self::Unproven,
        Self::Failed,
        Self::Undecided,
        Self::Delayed,
        Self::Blocked,
        Self::PresenceAsked,
        Self::PresenceProved,
        Self::PresenceRefused,
        Self::StoreDown,
        Self::Weak,
        Self::Metered,
        Self::MeterCrowded,
        Self::MeterForbidden,
    ];

    /// Its name in the metrics: kebab-case, unique and stable.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Accepted => "password-accepted",
            Self::Refused => "password-refused",
            Self::Unclear => "unclear",
            Self::Closed => "closed",
            Self::Crowded => "crowded",
            Self::SignedIn => "signed-in",
            Self::Unproven => "sign-in-unproven",
            Self::Failed => "sign-in-failed",
            Self::Undecided => "sign-in-undecided",
            Self::Delayed => "sign-in-delayed",
            Self::Blocked => "sign-in-blocked",
            Self::PresenceAsked => "presence-asked",
            Self::PresenceProved => "presence-proved",
            Self::PresenceRefused => "presence-refused",
            Self::StoreDown => "store-down",
            Self::Weak => "sign-in-weak",
            Self::Metered => "meter",
            Self::MeterCrowded => "meter-crowded",
            Self::MeterForbidden => "meter-forbidden",
        }
    }

    /// The same for people.
    pub(crate) fn text(self) -> Text {
        match self {
            Self::Accepted => Text::new(
                "Mots de passe choisis, acceptés",
                "Passwords chosen, accepted",
            ),
            Self::Refused => Text::new(
                "Mots de passe choisis, refusés",
                "Passwords chosen, refused",
            ),
            Self::Unclear => Text::new("Formulaires ambigus, refusés", "Ambiguous forms, refused"),
            Self::Closed => Text::new(
                "Accès fermés par la politique",
                "Accesses that the policy shuts",
            ),
            Self::Crowded => Text::new(
                "Formulaires en surnombre, refusés",
                "Forms too many at once, refused",
            ),
            Self::SignedIn => Text::new("Connexions réussies", "Sign-ins that succeeded"),
            Self::Unproven => Text::new(
                "Connexions réussies, à en croire le seul statut ou l’adresse de la réponse",
                "Sign-ins that succeeded by the status or the place of the answer alone",
            ),
            Self::Failed => Text::new("Connexions échouées", "Sign-ins that failed"),
            Self::Undecided => Text::new(
                "Connexions dont l’issue n’est pas connue, ni réussites ni échecs : complétez success, ou retirez failure",
                "Sign-ins whose outcome is not known, neither successes nor failures: complete success, or remove failure",
            ),
            Self::Delayed => Text::new(
                "Essais avant la fin du délai, refusés",
                "Attempts before the end of the delay, refused",
            ),
            Self::Blocked => Text::new(
                "Essais sur un compte bloqué, refusés",
                "Attempts on a blocked account, refused",
            ),
            Self::PresenceAsked => Text::new(
                "Essais auxquels la réponse à un calcul a été demandée",
                "Attempts that were asked for the answer to a calculation",
            ),
            Self::PresenceProved => Text::new(
                "Essais admis avec la réponse au calcul",
                "Attempts let through by the answer to the calculation",
            ),
            Self::PresenceRefused => Text::new(
                "Réponses au calcul fausses, ou pour un autre compte",
                "Answers to the calculation that are false, or for another account",
            ),
            Self::StoreDown => Text::new(
                "Essais pendant une panne des compteurs",
                "Attempts while the counters were down",
            ),
            Self::Weak => Text::new(
                "Connexions avec un mot de passe faible",
                "Sign-ins with a weak password",
            ),
            Self::Metered => Text::new("Verdicts donnés aux jauges", "Verdicts told to meters"),
            Self::MeterCrowded => Text::new(
                "Jauges sans verdict, questions en surnombre",
                "Meters without a verdict, too much asked at once",
            ),
            Self::MeterForbidden => Text::new(
                "Pages sans jauge : leur Content-Security-Policy n’admet pas 'self'",
                "Pages without a meter: their Content-Security-Policy admits no 'self'",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_place_a_name_and_words_in_both_languages() {
        let mut codes = std::collections::BTreeSet::new();
        for (place, event) in FormEvent::ALL.into_iter().enumerate() {
            assert_eq!(event as usize, place);
            assert!(codes.insert(event.code()));
            let text = event.text();
            assert!(text.fr != text.en && !text.fr.is_empty());
        }
        assert_eq!(FormEvent::MeterForbidden as usize + 1, FormEvent::ALL.len());
    }
}
