//! How the words of a passphrase are counted.
//!
//! Clauses: [`clause::CNIL_CASE_1_WORDS`], [`clause::CNIL_CASE_2_WORDS`]. They give a number
//! of words and no way to count; this one is ours:
//! - a word is a run of at least two letters, so separators collapse, and single letters and
//!   numbers are no words;
//! - a word counts once, whatever its case and accents;
//! - a word of at least four letters and the same word with a last `s` or `x` taken off count
//!   once together: `chat chats`, `bateau bateaux`. Shorter words are left alone, where the
//!   last letter makes another word more often than a plural (`de`, `des`; `do`, `dos`).
//!
//! Absent on purpose: cutting words that are run together, CamelCase included, because where
//! they join is a guess; other plurals (`cheval`, `chevaux`), which need a dictionary.
//!
//! [`clause::CNIL_CASE_1_WORDS`]: policy::clause::CNIL_CASE_1_WORDS
//! [`clause::CNIL_CASE_2_WORDS`]: policy::clause::CNIL_CASE_2_WORDS

use std::collections::HashSet;

use crate::sign;

/// Letters of the shortest word.
const SHORTEST_WORD: usize = 2;
/// Letters of the shortest word that may have a plural in `s` or `x`.
const SHORTEST_SINGULAR: usize = 3;

/// The words of a folded text, in order, repeats included.
pub(crate) fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded
        .split(|sign: char| !sign::is_letter(sign))
        .filter(|word| word.chars().nth(SHORTEST_WORD - 1).is_some())
}

/// What a folded word and its plural share.
pub(crate) fn root(word: &str) -> &str {
    match word.strip_suffix(['s', 'x']) {
        Some(singular) if singular.chars().nth(SHORTEST_SINGULAR - 1).is_some() => singular,
        _ => word,
    }
}

/// How many different words a folded text has.
pub(crate) fn different_words(folded: &str) -> usize {
    words(folded).map(root).collect::<HashSet<&str>>().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold;

    #[test]
    fn words_are_counted_once_and_apart() {
        for (text, count) in [
            ("cheval pile agrafe correct", 4),
            ("Cheval-pile_agrafe4correct", 4),
            ("cheval  --  pile ... agrafe,correct", 4),
            ("été ete ETE Été", 1),
            ("l’arbre a deux ans", 3),
            ("MotsCollésEnsemble", 1),
            ("un  un   un", 1),
            ("a b c d e f g", 0),
            ("1234 56 789 !!", 0),
            ("слово речь", 2),
            // Plurals, from four letters.
            ("chat chats Chat", 1),
            ("bateau bateaux", 1),
            ("genoux genou gêneux", 2),
            ("de des do dos", 4),
            ("cheval chevaux", 2),
            ("dog dogs glass glasses", 3),
        ] {
            assert_eq!(different_words(&fold::folded(text)), count, "{text}");
        }
    }
}
