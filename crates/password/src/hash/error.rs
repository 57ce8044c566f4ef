//! Why a text is no stored hash, and why no hash could be computed.
//!
//! Clause: [`policy::clause::REMPART_CLOSED`]: an error is never a "yes", and never a wrong
//! password either. No text here quotes a hash, a key or a password.

use std::fmt;

use policy::Language;
use policy::hash::LegacyFormat;

use super::KeyId;
#[cfg(feature = "foreign")]
use super::foreign::ForeignError;

/// Why a text is not a hash that can be verified. Says where, without quoting it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoredHashError {
    /// Longer than any hash that is accepted.
    TooLong,
    /// Not `$argon2id$…`, `$argon2i$…` or `$argon2d$…`.
    Algorithm,
    /// A version other than 16 and 19.
    Version,
    /// The costs are not `m=…,t=…,p=…` in plain decimal.
    Parameters,
    /// The name of the pepper's key (`keyid=`) is not base64 of 1 to 8 letters, digits,
    /// dots, hyphens or underscores.
    KeyId,
    /// The costs exceed the ceiling, or are impossible with Argon2.
    Cost,
    /// The salt is not base64 of 8 to 64 bytes.
    Salt,
    /// The tag is not base64 of 12 to 64 bytes.
    Tag,
    /// Fields are missing or follow the tag.
    Fields,
    /// Not a hash of another system that can be verified, or a wrap that cannot be read.
    #[cfg(feature = "foreign")]
    Foreign(ForeignError),
}

impl StoredHashError {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLong => "hash-too-long",
            Self::Algorithm => "hash-algorithm",
            Self::Version => "hash-version",
            Self::Parameters => "hash-parameters",
            Self::KeyId => "hash-key-id",
            Self::Cost => "hash-cost",
            Self::Salt => "hash-salt",
            Self::Tag => "hash-tag",
            Self::Fields => "hash-fields",
            #[cfg(feature = "foreign")]
            Self::Foreign(error) => error.code(),
        }
    }

    /// What is wrong, where, and what to do.
    pub fn message(self, language: Language) -> String {
        let (fr, en) = match self {
            Self::TooLong => (
                "L’empreinte dépasse 4 096 caractères ; vérifiez que la valeur copiée est bien une empreinte et rien d’autre.",
                "The hash is longer than 4,096 characters; check that the value copied is a hash and nothing else.",
            ),
            Self::Algorithm => (
                "Le début de l’empreinte n’est ni $argon2id$, ni $argon2i$, ni $argon2d$ ; d’autres formats ne se vérifient pas ici.",
                "The hash does not begin with $argon2id$, $argon2i$ or $argon2d$; other formats cannot be verified here.",
            ),
            Self::Version => (
                "La version (v=) n’est ni 16 ni 19, les seules qui existent ; la valeur est sans doute abîmée.",
                "The version (v=) is neither 16 nor 19, the only ones there are; the value is probably damaged.",
            ),
            Self::Parameters => (
                "Les coûts ne se lisent pas ; attendu : m=19456,t=2,p=1, dans cet ordre, sans zéro en tête.",
                "The costs cannot be read; expected: m=19456,t=2,p=1, in this order, without leading zeros.",
            ),
            Self::Cost => (
                "Les coûts dépassent 1 Gio, 32 passes ou 64 voies, ou donnent moins de 8 Kio par voie ; cette empreinte n’est pas vérifiée : faites réinitialiser le mot de passe de ce compte.",
                "The costs exceed 1 GiB, 32 passes or 64 lanes, or give less than 8 KiB per lane; have the account reset its password to get a new hash.",
            ),
            Self::KeyId => (
                "Le nom de la clé du poivre (keyid=) n’est pas du base64 de 1 à 8 lettres, chiffres, points, tirets ou tirets bas ; cette empreinte vient d’un autre programme.",
                "The name of the pepper’s key (keyid=) is not base64 of 1 to 8 letters, digits, dots, hyphens or underscores; this hash comes from another program.",
            ),
            Self::Salt => (
                "Le sel (4e champ) n’est pas du base64 sans remplissage de 8 à 64 octets ; la valeur est sans doute tronquée.",
                "The salt (4th field) is not unpadded base64 of 8 to 64 bytes; the value is probably cut short.",
            ),
            Self::Tag => (
                "Le condensé (dernier champ) n’est pas du base64 sans remplissage de 12 à 64 octets ; la valeur est sans doute tronquée.",
                "The tag (last field) is not unpadded base64 of 12 to 64 bytes; the value is probably cut short.",
            ),
            Self::Fields => (
                "Il manque des champs ou il y en a trop ; attendu : $argon2id$v=19$m=…,t=…,p=…$sel$condensé.",
                "Fields are missing or too many; expected: $argon2id$v=19$m=…,t=…,p=…$salt$tag.",
            ),
            #[cfg(feature = "foreign")]
            Self::Foreign(error) => return error.message(language),
        };
        let text = match language {
            Language::Fr => fr,
            Language::En => en,
        };
        text.to_owned()
    }
}

impl fmt::Display for StoredHashError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Language::En))
    }
}

impl std::error::Error for StoredHashError {}

/// Why nothing could be decided about a password. Refuse, and try later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HashError {
    /// The system has not the memory of one hash, or the matrix may not grow to it.
    Memory,
    /// The system gave no randomness.
    Randomness,
    /// The costs are not costs of Argon2 (memory under 8 KiB per lane, or a zero).
    Cost,
    /// The hash was made with a key of the pepper that is not among those of the policy.
    UnknownKey(KeyId),
    /// The hash is of a format that the policy does not accept.
    NotAccepted(LegacyFormat),
    /// The function of another system that made the hash, or lies below it, asks for more work
    /// than the policy's `accept-cost`.
    TooDear {
        /// Its work, in new hashes.
        times: u64,
    },
}

impl HashError {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Memory => "hash-memory",
            Self::Randomness => "hash-randomness",
            Self::Cost => "hash-impossible-cost",
            Self::UnknownKey(_) => "hash-unknown-key",
            Self::NotAccepted(_) => "hash-not-accepted",
            Self::TooDear { .. } => "hash-too-dear",
        }
    }

    /// Whether it is the stored hash that cannot be verified under this policy, while others can.
    pub const fn concerns_one_hash(self) -> bool {
        match self {
            Self::Cost | Self::UnknownKey(_) | Self::NotAccepted(_) | Self::TooDear { .. } => true,
            Self::Memory | Self::Randomness => false,
        }
    }

    /// What is wrong and what to do, for the operator.
    pub fn message(self, language: Language) -> String {
        match (self, language) {
            (Self::Memory, Language::Fr) => "mémoire insuffisante pour un calcul d’empreinte ; baissez `memory` ou `workers` dans [hash]".into(),
            (Self::Memory, Language::En) => "not enough memory for one hash; lower `memory` or `workers` in [hash]".into(),
            (Self::Randomness, Language::Fr) => "le système ne fournit pas d’aléa ; réessayez, puis voyez l’état du système".into(),
            (Self::Randomness, Language::En) => "the system gives no randomness; try again, then look at the state of the system".into(),
            (Self::Cost, Language::Fr) => "ces coûts sont impossibles avec Argon2 ; `memory` est d’au moins 8 Kio par voie".into(),
            (Self::Cost, Language::En) => "these costs are not possible with Argon2; `memory` is at least 8 KiB per lane".into(),
            (Self::UnknownKey(id), Language::Fr) => format!("l’empreinte est poivrée avec la clé « {id} », que `pepper` dans [hash] ne fournit pas ; remettez cette clé dans le fichier du poivre"),
            (Self::UnknownKey(id), Language::En) => format!("the hash is peppered with the key \"{id}\", which `pepper` in [hash] does not hold; put that key back into the file of the pepper"),
            (Self::NotAccepted(format), Language::Fr) => format!("l’empreinte est de format {0}, que la politique n’accepte pas ; ajoutez \"{0}\" à `accept` dans [hash]", format.name()),
            (Self::TooDear { times }, Language::Fr) => format!("l’empreinte demande le travail de {times} empreintes neuves, plus que `accept-cost` dans [hash] n’en permet ; portez-le à {times}, ou faites réinitialiser le mot de passe de ce compte"),
            (Self::TooDear { times }, Language::En) => format!("the hash asks for the work of {times} new hashes, more than `accept-cost` in [hash] lets it; set that to {times}, or have this account reset its password"),
            (Self::NotAccepted(format), Language::En) => format!("the hash is of the format {0}, which the policy does not accept; add \"{0}\" to `accept` in [hash]", format.name()),
        }
    }
}

impl fmt::Display for HashError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Language::En))
    }
}

impl std::error::Error for HashError {}
