//! What is found: a kind with a stable code, a place, a proof.

use policy::{Clause, Language, Text};

use crate::decision::Decision;

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// To know; nothing is asked.
    Note,
    /// Good practice that is missing.
    Low,
    /// A requirement that is not met.
    Medium,
    /// A password, or a visitor's data, is exposed.
    High,
}

/// What a kind is about, and so what has to be looked at before its absence means anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// Plain HTTP.
    Cleartext,
    /// The HSTS field.
    Hsts,
    /// Versions, suites, groups.
    Tls,
    /// The certificate.
    Certificate,
    /// Cookies.
    Cookies,
    /// Fields of answers.
    Fields,
    /// Pages and their forms.
    Pages,
    /// How the server behaves towards a visitor.
    Behaviour,
}

/// One thing that a scan can find.
#[derive(Debug)]
pub struct Kind {
    /// Stable kebab-case name.
    pub code: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// What it is about.
    pub area: Area,
    /// What it answers to.
    pub clause: &'static Clause,
    /// Decisions whose facts every finding of the kind is like.
    pub decisions: &'static [&'static Decision],
    /// What is wrong, in French.
    pub fr: &'static str,
    /// What is wrong, in English.
    pub en: &'static str,
    /// What to do, in French.
    pub fix_fr: &'static str,
    /// What to do, in English.
    pub fix_en: &'static str,
}

/// What is wrong with bytes that cannot be read, in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    fr: &'static str,
    en: &'static str,
}

/// One thing found.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What.
    pub kind: &'static Kind,
    /// Where, without the name of the site, so that two scans can be compared: a path, a
    /// cookie, a suite.
    pub place: String,
    /// The address that it was seen at.
    pub url: String,
    /// What was seen.
    pub proof: Text,
    /// Decisions whose facts it is like: those of its kind, or those that fit its figure.
    pub decisions: &'static [&'static Decision],
}

impl Severity {
    /// Every severity, the least first.
    pub const ALL: [Self; 4] = [Self::Note, Self::Low, Self::Medium, Self::High];

    /// The name for programs and for `--fail-on`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// The severity in words.
    pub const fn word(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Note, Language::Fr) => "à savoir",
            (Self::Note, Language::En) => "note",
            (Self::Low, Language::Fr) => "faible",
            (Self::Low, Language::En) => "low",
            (Self::Medium, Language::Fr) => "moyen",
            (Self::Medium, Language::En) => "medium",
            (Self::High, Language::Fr) => "grave",
            (Self::High, Language::En) => "high",
        }
    }
}

impl Area {
    /// Every area, in the order of a report.
    pub const ALL: [Self; 8] = [
        Self::Cleartext,
        Self::Pages,
        Self::Tls,
        Self::Certificate,
        Self::Hsts,
        Self::Cookies,
        Self::Fields,
        Self::Behaviour,
    ];

    /// The name for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cleartext => "cleartext",
            Self::Hsts => "hsts",
            Self::Tls => "tls",
            Self::Certificate => "certificate",
            Self::Cookies => "cookies",
            Self::Fields => "fields",
            Self::Pages => "pages",
            Self::Behaviour => "behaviour",
        }
    }

    /// The heading in words.
    pub const fn word(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Cleartext, Language::Fr) => "HTTP en clair",
            (Self::Cleartext, Language::En) => "Plain HTTP",
            (Self::Hsts, _) => "HSTS",
            (Self::Tls, _) => "TLS",
            (Self::Certificate, Language::Fr) => "Certificat",
            (Self::Certificate, Language::En) => "Certificate",
            (Self::Cookies, _) => "Cookies",
            (Self::Fields, Language::Fr) => "Champs des réponses",
            (Self::Fields, Language::En) => "Fields of answers",
            (Self::Pages, Language::Fr) => "Pages et formulaires",
            (Self::Pages, Language::En) => "Pages and forms",
            (Self::Behaviour, Language::Fr) => "Comportement du serveur",
            (Self::Behaviour, Language::En) => "Behaviour of the server",
        }
    }
}

impl Kind {
    /// What is wrong, in one language.
    pub const fn in_language(&self, language: Language) -> &'static str {
        match language {
            Language::Fr => self.fr,
            Language::En => self.en,
        }
    }

    /// What to do, in one language.
    pub const fn fix(&self, language: Language) -> &'static str {
        match language {
            Language::Fr => self.fix_fr,
            Language::En => self.fix_en,
        }
    }
}

impl Fault {
    pub(crate) const fn new(fr: &'static str, en: &'static str) -> Self {
        Self { fr, en }
    }

    /// It in one language.
    pub const fn in_language(self, language: Language) -> &'static str {
        match language {
            Language::Fr => self.fr,
            Language::En => self.en,
        }
    }
}

impl From<Fault> for Text {
    fn from(fault: Fault) -> Self {
        Self::new(fault.fr, fault.en)
    }
}

impl Finding {
    /// What makes it the same finding in another scan.
    pub fn key(&self) -> (&'static str, &str) {
        (self.kind.code, &self.place)
    }
}
