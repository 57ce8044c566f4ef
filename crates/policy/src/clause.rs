//! The register of clauses: every requirement that a setting or a refusal answers to.
//!
//! A rule names its clause, so reports, documents and tests print the same reference.
//! Evidence tells how sure we are: what is only recalled or second-hand prints as "to be
//! confirmed", never as a requirement.

use crate::Language;

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
}
