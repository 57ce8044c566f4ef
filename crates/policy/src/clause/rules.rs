//! `docs/RULES.md`: the register as a document.

use std::fmt::Write;

use super::{Clause, Source, register};
use crate::Language;

/// The whole of `docs/RULES.md`: one table per source. A test compares it with the file;
/// `REMPART_BLESS=1 cargo test -p rempart-policy` rewrites the file.
pub fn rules_markdown() -> String {
    let mut page = String::from(
        "# Rules\n\n\
         Every requirement that a setting or a refusal of rempart answers to. Generated from \
         `crates/policy/src/clause/`; `REMPART_BLESS=1 cargo test -p rempart-policy` writes it anew.\n\n\
         Toutes les exigences auxquelles répond un réglage ou un refus de rempart. Fichier généré.\n\n\
         The sentences are ours. *Evidence* tells how we know: `read` (the text, or an official \
         text that restates it), `derived` (arithmetic or design), `reported` and `recalled` \
         (to be confirmed against the text before anyone relies on it). A missing number means \
         that none is established.\n",
    );
    for source in Source::ALL {
        let clauses: Vec<_> = register()
            .iter()
            .filter(|clause| clause.source == source)
            .collect();
        // Writing to a `String` cannot fail.
        let _ = write!(
            page,
            "\n## {}: {}\n\n| id | number | force | evidence | français | English |\n|-|-|-|-|-|-|\n",
            source.short_name(Language::En),
            source.title(Language::En),
        );
        for clause in clauses {
            page.push_str(&row(clause));
        }
    }
    page
}

fn row(clause: &Clause) -> String {
    format!(
        "| `{}` | {} | {} | {} | {} | {} |\n",
        clause.id,
        clause.number,
        clause.force.word(Language::En),
        clause.evidence.word(Language::En),
        clause.fr,
        clause.en,
    )
}
