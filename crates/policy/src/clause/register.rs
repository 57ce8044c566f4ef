//! The whole register as one list, and how it is searched.

use std::sync::LazyLock;

use super::Clause;

/// Declares clauses of one source as constants, and `ALL` with every one of them, so that
/// no clause can be declared and left out of the register.
macro_rules! clauses {
    ($($name:ident: $source:ident, $id:literal, $number:literal, $force:ident, $evidence:ident,
        $fr:literal, $en:literal;)+) => {
        $(
            #[doc = $en]
            pub const $name: $crate::clause::Clause = $crate::clause::Clause {
                id: $id,
                source: $crate::clause::Source::$source,
                number: $number,
                force: $crate::clause::Force::$force,
                evidence: $crate::clause::Evidence::$evidence,
                fr: $fr,
                en: $en,
            };
        )+

        pub(in crate::clause) const ALL: &[&$crate::clause::Clause] = &[$(&$name),+];
    };
}
pub(super) use clauses;

static REGISTER: LazyLock<Vec<&'static Clause>> = LazyLock::new(|| {
    [
        super::cnil::ALL,
        super::cnil_life::ALL,
        super::anssi::ALL,
        super::nist::ALL,
        super::asvs::ALL,
        super::hsts::ALL,
        super::http::ALL,
        super::tls::ALL,
        super::rempart::ALL,
    ]
    .concat()
});

/// Every clause, grouped by subject.
pub fn register() -> &'static [&'static Clause] {
    &REGISTER
}

/// The clause of an identifier.
pub fn find(id: &str) -> Option<&'static Clause> {
    register().iter().copied().find(|clause| clause.id == id)
}

/// The identifier most like `id`, if one is near enough to be a slip of the hand.
pub fn nearest(id: &str) -> Option<&'static str> {
    crate::nearest::nearest(id, register().iter().map(|clause| clause.id))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::Language;
    use crate::clause::{Evidence, Source};

    #[test]
    fn every_clause_is_complete_and_unique() {
        let mut ids = BTreeSet::new();
        let mut sentences = BTreeSet::new();
        for clause in register() {
            let id = clause.id;
            assert!(ids.insert(id), "{id} twice");
            assert!(
                !id.is_empty()
                    && id
                        .bytes()
                        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
                "{id} is not kebab-case"
            );
            for language in [Language::Fr, Language::En] {
                let sentence = clause.in_language(language);
                assert!(sentences.insert(sentence), "{id}: sentence used twice");
                assert!(sentence.ends_with('.'), "{id}: {sentence}");
                assert!(!sentence.contains('|'), "{id} would break the table");
                assert!(sentence.len() > 20, "{id}: {sentence}");
            }
        }
    }

    #[test]
    fn every_source_has_a_clause() {
        for source in Source::ALL {
            assert!(
                register().iter().any(|clause| clause.source == source),
                "{source:?}"
            );
        }
    }

    #[test]
    fn uncertain_clauses_say_so() {
        for clause in register() {
            let uncertain = matches!(clause.evidence, Evidence::Recalled | Evidence::Reported);
            for (language, words) in [
                (Language::Fr, "(à confirmer)"),
                (Language::En, "(to be confirmed)"),
            ] {
                assert_eq!(
                    clause.reference(language).contains(words),
                    uncertain,
                    "{}",
                    clause.id
                );
            }
        }
    }

    #[test]
    fn references_read_as_people_cite_them() {
        use super::super::{CNIL_CASE_1, CNIL_COMMON_LIST, HSTS_ONLY_ENCRYPTED};
        for (clause, fr, en) in [
            (
                &CNIL_COMMON_LIST,
                "CNIL 2022-100, §37 (à confirmer)",
                "CNIL 2022-100, §37 (to be confirmed)",
            ),
            (&HSTS_ONLY_ENCRYPTED, "RFC 6797, 7.2", "RFC 6797, 7.2"),
            (&CNIL_CASE_1, "CNIL 2022-100", "CNIL 2022-100"),
        ] {
            assert_eq!(clause.reference(Language::Fr), fr);
            assert_eq!(clause.reference(Language::En), en);
        }
    }

    #[test]
    fn a_misspelt_clause_finds_its_neighbour() {
        assert_eq!(
            find("cnil-case-1").map(|clause| clause.id),
            Some("cnil-case-1")
        );
        assert!(find("cnil-case-9").is_none());
        assert_eq!(nearest("cnil-max-lenght"), Some("cnil-max-length"));
        assert_eq!(nearest("zzzzzzzz"), None);
    }
}
