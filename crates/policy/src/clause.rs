//! The register of clauses: every requirement that a setting or a refusal answers to.
//!
//! A rule names its clause, so reports, documents and tests print the same reference.
//! Evidence tells how sure we are: what is only recalled or second-hand prints as "to be
//! confirmed", never as a requirement.
//!
//! The sentences are our own. A number is given only where a source that we saw cites one;
//! an empty number is an honest gap, not an omission.
//!
//! Absent on purpose: the figures. A floor sits beside the setting that it bounds.

mod anssi;
mod asvs;
mod cnil;
mod cnil_life;
mod explain;
mod hsts;
mod http;
mod nist;
mod register;
mod rempart;
mod rules;
mod tls;

use crate::Language;

pub use anssi::*;
pub use asvs::*;
pub use cnil::*;
pub use cnil_life::*;
pub use hsts::*;
pub use http::*;
pub use nist::*;
pub use register::{find, nearest, register};
pub use rempart::*;
pub use rules::rules_markdown;
pub use tls::*;

/// One requirement of a published text.
#[derive(Debug, PartialEq, Eq)]
pub struct Clause {
    /// Stable kebab-case name, used in `[[deviation]]` and by `explain`.
    pub id: &'static str,
    /// The text it comes from.
    pub source: Source,
    /// Where in that text: paragraph, section or rule number. Empty when none is established.
    pub number: &'static str,
    /// How strongly the text puts it.
    pub force: Force,
    /// How we know.
    pub evidence: Evidence,
    /// The requirement in French, in our own words.
    pub fr: &'static str,
    /// The requirement in English, in our own words.
    pub en: &'static str,
}

/// Published texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// CNIL, délibération 2022-100 of 21 July 2022.
    Cnil2022,
    /// CNIL, Guide de la sécurité des données personnelles, 2024.
    CnilGuide2024,
    /// ANSSI-PG-078 v2.0, authentication and passwords.
    AnssiPg078,
    /// ANSSI SDE-NT-35 v1.2, TLS.
    AnssiTls,
    /// ANSSI-PA-009 v2.0, web sites.
    AnssiWeb,
    /// NIST SP 800-63B-4.
    Nist80063b,
    /// OWASP ASVS 5.0.
    Asvs5,
    /// OWASP Password Storage Cheat Sheet.
    OwaspStorage,
    /// RFC 6265bis, cookies (draft).
    Rfc6265bis,
    /// RFC 6797, HSTS.
    Rfc6797,
    /// RFC 7239, Forwarded.
    Rfc7239,
    /// RFC 8265, PRECIS for passwords.
    Rfc8265,
    /// RFC 9106, Argon2.
    Rfc9106,
    /// RFC 9110, HTTP semantics.
    Rfc9110,
    /// RFC 9112, HTTP/1.1.
    Rfc9112,
    /// RFC 9113, HTTP/2.
    Rfc9113,
    /// RFC 9325, use of TLS.
    Rfc9325,
    /// Mozilla Server Side TLS 6.0.
    MozillaTls,
    /// The requirements of hstspreload.org.
    HstsPreload,
    /// A choice of rempart itself.
    Rempart,
}

/// How strongly a text puts a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Force {
    /// May.
    May,
    /// Should.
    Should,
    /// Must.
    Must,
}

/// How we know what a text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// The text itself, or an official text that restates it, was read.
    Read,
    /// A third party reports it.
    Reported,
    /// It is remembered.
    Recalled,
    /// It follows by arithmetic or by our own design.
    Derived,
}

impl Clause {
    /// The requirement in one language.
    pub const fn in_language(&self, language: Language) -> &'static str {
        match language {
            Language::Fr => self.fr,
            Language::En => self.en,
        }
    }

    /// Whether a person still has to check this against the text.
    pub const fn to_be_confirmed(&self) -> bool {
        matches!(self.evidence, Evidence::Reported | Evidence::Recalled)
    }

    /// The reference as printed everywhere: `RFC 6797, 7.2`, or
    /// `CNIL 2022-100, §37 (to be confirmed)` while nobody has checked the text.
    pub fn reference(&self, language: Language) -> String {
        let mut reference = self.source.short_name(language).to_owned();
        if !self.number.is_empty() {
            reference.push_str(", ");
            reference.push_str(self.number);
        }
        if self.to_be_confirmed() {
            reference.push_str(match language {
                Language::Fr => " (à confirmer)",
                Language::En => " (to be confirmed)",
            });
        }
        reference
    }
}

impl Source {
    /// Every source, in the order of `docs/RULES.md`.
    pub const ALL: [Self; 20] = [
        Self::Cnil2022,
        Self::CnilGuide2024,
        Self::AnssiPg078,
        Self::AnssiTls,
        Self::AnssiWeb,
        Self::Nist80063b,
        Self::Asvs5,
        Self::OwaspStorage,
        Self::Rfc6265bis,
        Self::Rfc6797,
        Self::Rfc7239,
        Self::Rfc8265,
        Self::Rfc9106,
        Self::Rfc9110,
        Self::Rfc9112,
        Self::Rfc9113,
        Self::Rfc9325,
        Self::MozillaTls,
        Self::HstsPreload,
        Self::Rempart,
    ];

    /// The name that references print.
    pub const fn short_name(self, language: Language) -> &'static str {
        match self {
            Self::Cnil2022 => "CNIL 2022-100",
            Self::CnilGuide2024 => match language {
                Language::Fr => "CNIL, guide de la sécurité 2024",
                Language::En => "CNIL, security guide 2024",
            },
            Self::AnssiPg078 => "ANSSI-PG-078 v2.0",
            Self::AnssiTls => "ANSSI SDE-NT-35 v1.2",
            Self::AnssiWeb => "ANSSI-PA-009 v2.0",
            Self::Nist80063b => "NIST SP 800-63B-4",
            Self::Asvs5 => "OWASP ASVS 5.0",
            Self::OwaspStorage => "OWASP Password Storage",
            Self::Rfc6265bis => "RFC 6265bis",
            Self::Rfc6797 => "RFC 6797",
            Self::Rfc7239 => "RFC 7239",
            Self::Rfc8265 => "RFC 8265",
            Self::Rfc9106 => "RFC 9106",
            Self::Rfc9110 => "RFC 9110",
            Self::Rfc9112 => "RFC 9112",
            Self::Rfc9113 => "RFC 9113",
            Self::Rfc9325 => "RFC 9325",
            Self::MozillaTls => "Mozilla Server Side TLS 6.0",
            Self::HstsPreload => "hstspreload.org",
            Self::Rempart => match language {
                Language::Fr => "règle propre à rempart",
                Language::En => "rempart’s own rule",
            },
        }
    }

    /// What the text is about, as a heading.
    pub const fn title(self, language: Language) -> &'static str {
        let (fr, en) = match self {
            Self::Cnil2022 => (
                "Délibération 2022-100 du 21 juillet 2022 : mots de passe",
                "Délibération 2022-100 of 21 July 2022: passwords",
            ),
            Self::CnilGuide2024 => (
                "Guide de la sécurité des données personnelles, 2024",
                "Guide to the security of personal data, 2024",
            ),
            Self::AnssiPg078 => (
                "Authentification et mots de passe",
                "Authentication and passwords",
            ),
            Self::AnssiTls => ("Recommandations pour TLS", "Recommendations for TLS"),
            Self::AnssiWeb => (
                "Mise en œuvre sûre d’un site web",
                "Running a web site safely",
            ),
            Self::Nist80063b => (
                "Authentification et cycle de vie des authentifiants",
                "Authentication and authenticator life cycle",
            ),
            Self::Asvs5 => (
                "Vérification de la sécurité des applications",
                "Application security verification",
            ),
            Self::OwaspStorage => (
                "Conservation des mots de passe",
                "Password storage cheat sheet",
            ),
            Self::Rfc6265bis => ("Cookies (projet approuvé)", "Cookies (approved draft)"),
            Self::Rfc6797 => ("HSTS", "HSTS"),
            Self::Rfc7239 => ("Le champ Forwarded", "The Forwarded field"),
            Self::Rfc8265 => (
                "Comparer les mots de passe en Unicode (PRECIS)",
                "Comparing Unicode passwords (PRECIS)",
            ),
            Self::Rfc9106 => ("Argon2", "Argon2"),
            Self::Rfc9110 => ("Sémantique de HTTP", "HTTP semantics"),
            Self::Rfc9112 => ("HTTP/1.1", "HTTP/1.1"),
            Self::Rfc9113 => ("HTTP/2", "HTTP/2"),
            Self::Rfc9325 => ("Bon usage de TLS", "Good use of TLS"),
            Self::MozillaTls => (
                "TLS côté serveur, recommandations de Mozilla",
                "Server side TLS, Mozilla’s recommendations",
            ),
            Self::HstsPreload => (
                "Liste de préchargement HSTS des navigateurs",
                "The browsers’ HSTS preload list",
            ),
            Self::Rempart => ("Choix de rempart", "Choices of rempart"),
        };
        match language {
            Language::Fr => fr,
            Language::En => en,
        }
    }
}

impl Force {
    /// The force in words.
    pub const fn word(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::May, Language::Fr) => "possible",
            (Self::May, Language::En) => "may",
            (Self::Should, Language::Fr) => "recommandé",
            (Self::Should, Language::En) => "should",
            (Self::Must, Language::Fr) => "obligatoire",
            (Self::Must, Language::En) => "must",
        }
    }
}

impl Evidence {
    /// The evidence in one word.
    pub const fn word(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Read, Language::Fr) => "lu",
            (Self::Read, Language::En) => "read",
            (Self::Reported, Language::Fr) => "rapporté",
            (Self::Reported, Language::En) => "reported",
            (Self::Recalled, Language::Fr) => "de mémoire",
            (Self::Recalled, Language::En) => "recalled",
            (Self::Derived, Language::Fr) => "déduit",
            (Self::Derived, Language::En) => "derived",
        }
    }
}
