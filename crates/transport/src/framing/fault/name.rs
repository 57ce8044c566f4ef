//! The names of faults: a word for programs, a phrase for people.
//!
//! The English phrase is the one of [`std::fmt::Display`], so that a log and a page say the same.

use policy::Text;

use super::Fault;

impl Fault {
    /// Every fault, in the order of their declaration.
    pub const ALL: [Self; 31] = [
        Self::LineEnd,
        Self::Control,
        Self::EmptyLines,
        Self::RequestLine,
        Self::MethodUnknown,
        Self::MethodRefused,
        Self::Target,
        Self::TargetForm,
        Self::Version,
        Self::LineTooLong,
        Self::TooLarge,
        Self::TooManyFields,
        Self::Folded,
        Self::Name,
        Self::SpaceBeforeColon,
        Self::HostMissing,
        Self::HostTwice,
        Self::HostInvalid,
        Self::LengthInvalid,
        Self::LengthTwice,
        Self::LengthAndCoding,
        Self::CodingInvalid,
        Self::CodingUnknown,
        Self::CodingBeforeChunks,
        Self::ChunkSize,
        Self::ChunkExtension,
        Self::ChunkEnd,
        Self::Trailer,
        Self::StatusLine,
        Self::Bodiless,
        Self::Interim,
    ];

    /// Its name: kebab-case, unique and stable.
    pub const fn code(self) -> &'static str {
        match self {
            Self::LineEnd => "line-end",
            Self::Control => "control-character",
            Self::EmptyLines => "empty-lines",
            Self::RequestLine => "request-line",
            Self::MethodUnknown => "unknown-method",
            Self::MethodRefused => "refused-method",
            Self::Target => "target-character",
            Self::TargetForm => "target-form",
            Self::Version => "version",
            Self::LineTooLong => "line-too-long",
            Self::TooLarge => "too-large",
            Self::TooManyFields => "too-many-fields",
            Self::Folded => "folded-line",
            Self::Name => "field-name",
            Self::SpaceBeforeColon => "space-before-colon",
            Self::HostMissing => "no-host",
            Self::HostTwice => "two-hosts",
            Self::HostInvalid => "malformed-host",
            Self::LengthInvalid => "malformed-length",
            Self::LengthTwice => "two-lengths",
            Self::LengthAndCoding => "length-and-coding",
            Self::CodingInvalid => "malformed-coding",
            Self::CodingUnknown => "unknown-coding",
            Self::CodingBeforeChunks => "coding-over-http-1-0",
            Self::ChunkSize => "chunk-size",
            Self::ChunkExtension => "chunk-extension",
            Self::ChunkEnd => "chunk-end",
            Self::Trailer => "trailer",
            Self::StatusLine => "status-line",
            Self::Bodiless => "body-not-allowed",
            Self::Interim => "interim-answers",
        }
    }

    /// What a person reads.
    pub fn text(self) -> Text {
        let fr = match self {
            Self::LineEnd => "une ligne qui ne finit pas par CRLF",
            Self::Control => "un caractère de contrôle",
            Self::EmptyLines => "des lignes vides avant la requête",
            Self::RequestLine => "une ligne de requête mal formée",
            Self::MethodUnknown => "une méthode inconnue",
            Self::MethodRefused => "une méthode refusée",
            Self::Target => "un caractère interdit dans la cible",
            Self::TargetForm => "une cible de la mauvaise forme",
            Self::Version => "une version de HTTP qui n’est pas servie ici",
            Self::LineTooLong => "une ligne de requête trop longue",
            Self::TooLarge => "un en-tête trop volumineux",
            Self::TooManyFields => "trop de champs",
            Self::Folded => "une ligne pliée",
            Self::Name => "un nom de champ mal formé",
            Self::SpaceBeforeColon => "une espace avant deux-points",
            Self::HostMissing => "pas de Host",
            Self::HostTwice => "deux Host",
            Self::HostInvalid => "un Host mal formé",
            Self::LengthInvalid => "un Content-Length mal formé",
            Self::LengthTwice => "deux Content-Length",
            Self::LengthAndCoding => "Content-Length et Transfer-Encoding ensemble",
            Self::CodingInvalid => "un Transfer-Encoding mal formé",
            Self::CodingUnknown => "un codage autre que chunked",
            Self::CodingBeforeChunks => "Transfer-Encoding en HTTP/1.0",
            Self::ChunkSize => "une taille de morceau mal formée",
            Self::ChunkExtension => "une extension de morceau mal formée ou excessive",
            Self::ChunkEnd => "un morceau qui ne finit pas où sa taille le dit",
            Self::Trailer => "un champ qui ne peut pas suivre le corps",
            Self::StatusLine => "une ligne d’état mal formée",
            Self::Bodiless => "un corps là où l’état n’en admet pas",
            Self::Interim => "trop de réponses provisoires",
        };
        Text::new(fr, self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_fault_has_its_place_a_name_and_words_in_both_languages() {
        let mut codes = BTreeSet::new();
        for (place, fault) in Fault::ALL.into_iter().enumerate() {
            assert_eq!(fault as usize, place);
            let code = fault.code();
            assert!(codes.insert(code), "{code} twice");
            let plain =
                |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '-';
            assert!(code.chars().all(plain), "{code}");
            let text = fault.text();
            assert!(text.fr != text.en && !text.fr.is_empty(), "{code}");
        }
        // The last one declared: none is left out.
        assert_eq!(Fault::Interim as usize + 1, Fault::ALL.len());
    }
}
