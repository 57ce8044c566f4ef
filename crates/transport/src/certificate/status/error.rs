//! Why there is nothing to staple, in words.

use std::time::SystemTime;

use policy::{Language, Text};

use crate::certificate::error::day;

/// Why an answer about a certificate is not stapled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text(Language::En))]
#[non_exhaustive]
pub enum StatusError {
    /// The file of the certificate does not hold that of its issuer.
    NoIssuer,
    /// It is no answer at all, or one that no handshake should carry.
    Unreadable,
    /// The responder would not say (RFC 6960, 4.2.1, gives the codes).
    Refused {
        /// `responseStatus`.
        code: u8,
    },
    /// It is about another certificate.
    AboutAnother,
    /// Who signed it does not speak for the issuer.
    Stranger,
    /// Its signature is wrong, or made by what nobody trusts any more.
    Signature,
    /// The responder does not know the certificate.
    Unknown,
    /// **The authority took the certificate back.**
    Revoked {
        /// Since when.
        at: SystemTime,
    },
    /// It does not say until when it is true.
    NoEnd,
    /// It is only true later.
    NotYet {
        /// From when.
        from: SystemTime,
    },
    /// It was only true until now.
    Over {
        /// Until when.
        until: SystemTime,
    },
}

impl StatusError {
    /// What a person reads.
    pub fn text(&self, language: Language) -> String {
        self.texts().in_language(language).to_owned()
    }

    fn texts(&self) -> Text {
        match self {
            Self::NoIssuer => Text::new(
                "Le fichier ne contient pas le certificat de l’autorité : ajoutez-le à la suite de celui du site.",
                "The file does not hold the certificate of the authority: add it behind that of the site.",
            ),
            Self::Unreadable => Text::new(
                "Le répondeur a envoyé autre chose qu’une réponse OCSP.",
                "The responder sent something that is no OCSP response.",
            ),
            Self::Refused { code } => {
                let (fr, en) = match code {
                    1 => ("question mal formée", "malformed request"),
                    2 => ("erreur interne", "internal error"),
                    3 => ("réessayer plus tard", "try later"),
                    5 => ("signature exigée", "signature required"),
                    6 => (
                        "non autorisé, ou certificat inconnu",
                        "not authorised, or certificate unknown",
                    ),
                    _ => ("code inconnu", "unknown code"),
                };
                Text::new(
                    format!("Le répondeur n’a pas voulu répondre ({fr})."),
                    format!("The responder would not answer ({en})."),
                )
            }
            Self::AboutAnother => Text::new(
                "La réponse du répondeur porte sur un autre certificat.",
                "The responder answered about another certificate.",
            ),
            Self::Stranger => Text::new(
                "La réponse n’est signée ni par l’autorité du certificat ni par son délégué.",
                "The answer is signed neither by the authority of the certificate nor by its delegate.",
            ),
            Self::Signature => Text::new(
                "La signature de la réponse est fausse, ou d’un genre qui n’est pas accepté.",
                "The signature of the answer is wrong, or of a kind that is not accepted.",
            ),
            Self::Unknown => Text::new(
                "Le répondeur ne connaît pas ce certificat.",
                "The responder does not know this certificate.",
            ),
            Self::Revoked { at } => {
                let day = day(*at);
                Text::new(
                    format!(
                        "L’AUTORITÉ A RÉVOQUÉ CE CERTIFICAT le {day} : demandez-en un autre, avec une clé neuve."
                    ),
                    format!(
                        "THE AUTHORITY REVOKED THIS CERTIFICATE on {day}: ask for another, with a new key."
                    ),
                )
            }
            Self::NoEnd => Text::new(
                "La réponse ne dit pas jusqu’à quand elle vaut (nextUpdate) : on ne peut pas l’agrafer.",
                "The answer does not say until when it holds (nextUpdate): it cannot be stapled.",
            ),
            Self::NotYet { from } => {
                let day = day(*from);
                Text::new(
                    format!("La réponse ne vaut qu’à partir du {day} : comparez les horloges."),
                    format!("The answer only holds from {day}: compare the clocks."),
                )
            }
            Self::Over { until } => {
                let day = day(*until);
                Text::new(
                    format!("La réponse ne valait que jusqu’au {day}."),
                    format!("The answer only held until {day}."),
                )
            }
        }
    }
}
