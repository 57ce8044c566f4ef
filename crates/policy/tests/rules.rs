//! `docs/RULES.md` is what the register says.

use std::path::Path;

use policy::clause::{register, rules_markdown};
use policy::{Language, clause};

#[test]
fn the_document_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/RULES.md");
    if std::env::var_os("REMPART_BLESS").is_some() {
        std::fs::write(&path, rules_markdown()).expect("docs/RULES.md can be written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == rules_markdown(),
        "docs/RULES.md is stale: REMPART_BLESS=1 cargo test -p rempart-policy writes it anew"
    );
}

#[test]
fn the_document_has_a_row_for_every_clause() {
    let page = rules_markdown();
    for clause in register() {
        let row = format!("| `{}` |", clause.id);
        assert_eq!(page.matches(&row).count(), 1, "{}", clause.id);
    }
}

#[test]
fn a_clause_explains_itself_with_its_keys() {
    let text = clause::CNIL_MAX_LENGTH.explain(Language::En);
    assert_eq!(
        text,
        "CNIL 2022-100, §31 (to be confirmed) [cnil-max-length]\n\
         A maximum length protects the server against denial of service, and is never under 50 characters.\n\
         Force: a must in this text (to be confirmed).\n\
         Evidence: reported by a third party, to be confirmed against the text.\n\
         Keys of the policy that answer to it:\n  \
         password.max-length: Longest password read, in characters; at least 50.\n"
    );
    let text = clause::CNIL_MAX_LENGTH.explain(Language::Fr);
    assert!(text.contains("selon ce texte (à confirmer).\n"), "{text}");
    let text = clause::CNIL_PASTE.explain(Language::Fr);
    assert!(text.contains("selon ce texte.\n"), "{text}");
    assert!(
        text.contains("Aucune clé de la politique n’y répond"),
        "{text}"
    );
    for clause in register() {
        for language in [Language::Fr, Language::En] {
            assert!(clause.explain(language).ends_with('\n'));
        }
    }
}
