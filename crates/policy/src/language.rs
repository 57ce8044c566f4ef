//! French and English, together.

use std::fmt;

/// The two languages of every text that a person reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// French, the default: the rules are French.
    #[default]
    Fr,
    /// English.
    En,
}

/// One message in both languages, so that neither can be forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The French sentence.
    pub fr: String,
    /// The English sentence.
    pub en: String,
}

impl Text {
    /// A text from its two sentences.
    pub fn new(fr: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            fr: fr.into(),
            en: en.into(),
        }
    }

    /// The sentence in one language.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Fr => &self.fr,
            Language::En => &self.en,
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fr => "fr",
            Self::En => "en",
        })
    }
}
