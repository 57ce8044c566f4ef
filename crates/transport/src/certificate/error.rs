//! Why a certificate or its key was refused, and what to do.

use std::time::SystemTime;

use policy::{Clause, Language, Text, clause};

/// Why a chain and its key may not be served. Positions count from 1, the site's own
/// certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The chain is not well-formed PEM.
    #[error("the certificate file is not readable PEM")]
    ChainUnreadable,
    /// The chain holds no certificate.
    #[error("the certificate file holds no certificate")]
    NoCertificate,
    /// The chain holds more certificates than any real one.
    #[error("the certificate file holds more than {max} certificates")]
    ChainTooLong {
        /// The most that are read.
        max: usize,
    },
    /// A certificate of the chain cannot be parsed.
    #[error("certificate {position} of the chain cannot be parsed")]
    CertificateUnreadable {
        /// Its position.
        position: usize,
    },
    /// The key file holds no private key.
    #[error("the key file holds no private key")]
    NoKey,
    /// The private key cannot be parsed, or is of a kind that TLS does not use.
    #[error("the private key cannot be read")]
    KeyUnreadable,
    /// The private key needs a passphrase.
    #[error("the private key is encrypted")]
    KeyEncrypted,
    /// The private key belongs to no certificate of the chain.
    #[error("the private key does not belong to the certificate")]
    KeyMismatch,
    /// The private key belongs to a later certificate of the chain.
    #[error("the site's own certificate is at position {position}, not first")]
    LeafNotFirst {
        /// Where it is.
        position: usize,
    },
    /// A certificate was not issued by the next one.
    #[error("certificate {position} was not issued by the next one")]
    ChainBroken {
        /// The position of the first of the two.
        position: usize,
    },
    /// A certificate has expired.
    #[error("certificate {position} expired on {}", day(*.not_after))]
    Expired {
        /// Its position.
        position: usize,
        /// When.
        not_after: SystemTime,
    },
    /// A certificate is not valid yet.
    #[error("certificate {position} is valid only from {}", day(*.not_before))]
    NotYetValid {
        /// Its position.
        position: usize,
        /// From when it is.
        not_before: SystemTime,
    },
    /// An RSA key under 2048 bits.
    #[error("certificate {position} has an RSA key of {bits} bits")]
    RsaTooSmall {
        /// The position of the certificate.
        position: usize,
        /// The size of the modulus.
        bits: usize,
    },
    /// A key that is neither RSA, P-256, P-384, P-521 nor Ed25519.
    #[error("certificate {position} has a key of a kind that is not accepted")]
    KeyKindRefused {
        /// The position of the certificate.
        position: usize,
    },
    /// A signature made with MD5, SHA-1 or an unknown algorithm.
    #[error("certificate {position} is signed with an algorithm that is not accepted")]
    WeakSignature {
        /// The position of the certificate.
        position: usize,
    },
    /// The certificate names nothing: it has no subject alternative name.
    #[error("the certificate has no subject alternative name")]
    NoNames,
    /// The certificate is an authority's.
    #[error("the certificate is an authority's, not a site's")]
    Authority,
    /// Its extended key usage does not hold `serverAuth`.
    #[error("the certificate is not meant for servers")]
    NotForServers,
    /// Its key usage does not hold `digitalSignature`.
    #[error("the certificate may not be used to sign a handshake")]
    NotForSigning,
}

impl CertificateError {
    /// The requirement that does not hold; `None` when the files just cannot be used.
    pub const fn clause(&self) -> Option<&'static Clause> {
        match self {
            Self::RsaTooSmall { .. } | Self::KeyKindRefused { .. } => Some(&clause::TLS_KEY_SIZES),
            Self::WeakSignature { .. } => Some(&clause::ANSSI_TLS_SIGNATURES),
            Self::NoNames | Self::Authority | Self::NotForServers | Self::NotForSigning => {
                Some(&clause::ANSSI_TLS_CERTIFICATE)
            }
            _ => None,
        }
    }

    /// What happened and what to do, for the operator.
    pub fn text(&self, language: Language) -> String {
        self.texts().in_language(language).to_owned()
    }

    fn texts(&self) -> Text {
        match self {
            Self::ChainUnreadable => Text::new(
                "Le fichier du certificat n’est pas un PEM lisible. Copiez-le de nouveau, avec ses lignes BEGIN et END.",
                "The certificate file is not readable PEM. Copy it again, with its BEGIN and END lines.",
            ),
            Self::NoCertificate => Text::new(
                "Le fichier du certificat n’en contient aucun. Indiquez la chaîne complète (souvent « fullchain.pem »).",
                "The certificate file holds none. Name the full chain (often “fullchain.pem”).",
            ),
            Self::ChainTooLong { max } => Text::new(
                format!(
                    "Le fichier contient plus de {max} certificats. N’y laissez que celui du site et ses intermédiaires."
                ),
                format!(
                    "The file holds more than {max} certificates. Keep only the site’s own and its intermediates."
                ),
            ),
            Self::CertificateUnreadable { position } => Text::new(
                format!(
                    "Le certificat n° {position} de la chaîne est illisible. Demandez de nouveau le fichier à l’autorité."
                ),
                format!(
                    "Certificate {position} of the chain cannot be read. Fetch the file again from the authority."
                ),
            ),
            Self::NoKey => Text::new(
                "Le fichier de la clé ne contient aucune clé privée. Indiquez le fichier qui commence par « BEGIN PRIVATE KEY ».",
                "The key file holds no private key. Name the file that begins with “BEGIN PRIVATE KEY”.",
            ),
            Self::KeyUnreadable => Text::new(
                "La clé privée est illisible ou d’un type que TLS n’emploie pas. Fournissez une clé PKCS#8, par exemple P-256.",
                "The private key cannot be read, or is of a kind that TLS does not use. Give a PKCS#8 key, for example P-256.",
            ),
            Self::KeyEncrypted => Text::new(
                "La clé privée est protégée par une phrase secrète. Déchiffrez-la avec « openssl pkey » et limitez le fichier à son propriétaire.",
                "The private key is protected by a passphrase. Decrypt it with “openssl pkey” and keep the file to its owner.",
            ),
            Self::KeyMismatch => Text::new(
                "La clé privée n’est pas celle du certificat. Indiquez la clé qui a servi à la demande.",
                "The private key is not the certificate’s. Name the key that the request was made with.",
            ),
            Self::LeafNotFirst { position } => Text::new(
                format!(
                    "Le certificat du site est le n° {position} du fichier. Placez-le en tête, suivi de ses intermédiaires."
                ),
                format!(
                    "The site’s own certificate is number {position} in the file. Put it first, its intermediates after it."
                ),
            ),
            Self::ChainBroken { position } => Text::new(
                format!(
                    "Le certificat n° {position} n’a pas été émis par le suivant. Rangez la chaîne : site, puis chaque émetteur à son tour."
                ),
                format!(
                    "Certificate {position} was not issued by the next one. Order the chain: site, then each issuer in turn."
                ),
            ),
            Self::Expired {
                position,
                not_after,
            } => {
                let day = day(*not_after);
                Text::new(
                    format!("Le certificat n° {position} a expiré le {day}. Renouvelez-le."),
                    format!("Certificate {position} expired on {day}. Renew it."),
                )
            }
            Self::NotYetValid {
                position,
                not_before,
            } => {
                let day = day(*not_before);
                Text::new(
                    format!(
                        "Le certificat n° {position} n’est valable qu’à partir du {day}. Vérifiez l’horloge, ou attendez."
                    ),
                    format!(
                        "Certificate {position} is valid only from {day}. Check the clock, or wait."
                    ),
                )
            }
            Self::RsaTooSmall { position, bits } => Text::new(
                format!(
                    "Le certificat n° {position} a une clé RSA de {bits} bits ; il en faut au moins 2048. Demandez-en un avec une clé P-256 ou RSA 3072."
                ),
                format!(
                    "Certificate {position} has an RSA key of {bits} bits; at least 2048 are needed. Ask for one with a P-256 or RSA 3072 key."
                ),
            ),
            Self::KeyKindRefused { position } => Text::new(
                format!(
                    "Le certificat n° {position} a une clé d’un type refusé. Sont admis : RSA, P-256, P-384, P-521 et Ed25519."
                ),
                format!(
                    "Certificate {position} has a key of a refused kind. Accepted: RSA, P-256, P-384, P-521 and Ed25519."
                ),
            ),
            Self::WeakSignature { position } => Text::new(
                format!(
                    "Le certificat n° {position} est signé avec un algorithme refusé (MD5, SHA-1 ou inconnu). Demandez-en un signé avec SHA-256."
                ),
                format!(
                    "Certificate {position} is signed with a refused algorithm (MD5, SHA-1 or unknown). Ask for one signed with SHA-256."
                ),
            ),
            Self::NoNames => Text::new(
                "Le certificat ne nomme aucun site (« subjectAltName » absent) : les navigateurs le refusent. Demandez-en un qui porte les noms du site.",
                "The certificate names no site (no “subjectAltName”): browsers refuse it. Ask for one with the names of the site.",
            ),
            Self::Authority => Text::new(
                "Ce certificat est celui d’une autorité, pas d’un site. Demandez un certificat de serveur, ou employez « certificate = \"dev\" » pour un essai.",
                "This certificate is an authority’s, not a site’s. Ask for a server certificate, or use “certificate = \"dev\"” for a trial.",
            ),
            Self::NotForServers => Text::new(
                "Ce certificat n’est pas prévu pour un serveur (« serverAuth » absent). Demandez un certificat de serveur.",
                "This certificate is not meant for a server (no “serverAuth”). Ask for a server certificate.",
            ),
            Self::NotForSigning => Text::new(
                "Ce certificat ne permet pas de signer (« digitalSignature » absent), ce que TLS exige. Demandez un certificat de serveur.",
                "This certificate may not sign (no “digitalSignature”), which TLS needs. Ask for a server certificate.",
            ),
        }
    }
}

/// The UTC day, `YYYY-MM-DD`.
pub(super) fn day(time: SystemTime) -> String {
    match jiff::Timestamp::try_from(time) {
        Ok(time) => time.strftime("%Y-%m-%d").to_string(),
        // Only past the year 9999, where some certificates put their end.
        Err(_) => "9999-12-31".to_owned(),
    }
}
