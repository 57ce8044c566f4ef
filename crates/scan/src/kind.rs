//! Everything that a scan can find, with its clause, its words and its fix.
//!
//! A severity says what the finding exposes, not what a court would say. Codes are part of the
//! contract.

mod below;
mod site;

pub use below::*;
pub use site::*;

use crate::finding::Kind;

/// Declares kinds as statics, and `ALL` with every one of them.
macro_rules! kinds {
    ($($name:ident: $code:literal, $severity:ident, $area:ident, $clause:ident, [$($decision:ident),*],
        $fr:literal, $en:literal, $fix_fr:literal, $fix_en:literal;)+) => {
        $(
            #[doc = $en]
            pub static $name: $crate::finding::Kind = $crate::finding::Kind {
                code: $code,
                severity: $crate::finding::Severity::$severity,
                area: $crate::finding::Area::$area,
                clause: &policy::clause::$clause,
                decisions: &[$(&$crate::decision::$decision),*],
                fr: $fr,
                en: $en,
                fix_fr: $fix_fr,
                fix_en: $fix_en,
            };
        )+

        pub(in crate::kind) const ALL: &[&$crate::finding::Kind] = &[$(&$name),+];
    };
}
use kinds;

/// Every kind, in the order of a report.
pub fn all() -> impl Iterator<Item = &'static Kind> {
    site::ALL.iter().chain(below::ALL).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn kinds_are_complete_and_unique() {
        let (mut codes, mut words) = (BTreeSet::new(), BTreeSet::new());
        for kind in all() {
            let code = kind.code;
            assert!(codes.insert(code), "{code} twice");
            assert!(
                code.starts_with("scan-")
                    && code.bytes().all(|byte| byte.is_ascii_lowercase()
                        || byte.is_ascii_digit()
                        || byte == b'-'),
                "{code}"
            );
            for text in [kind.fr, kind.en, kind.fix_fr, kind.fix_en] {
                assert!(text.len() > 10 && !text.ends_with('.'), "{code}: {text}");
            }
            assert!(
                words.insert(kind.fr) && words.insert(kind.en),
                "{code}: words used twice"
            );
        }
    }

    /// No decision is known that faults a missing HSTS field.
    #[test]
    fn no_finding_about_hsts_names_a_decision() {
        for kind in all().filter(|kind| kind.area == crate::finding::Area::Hsts) {
            assert!(kind.decisions.is_empty(), "{}", kind.code);
        }
    }
}
