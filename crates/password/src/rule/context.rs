//! Refuses passwords that are mostly words about the person or the service.
//!
//! Clause: [`policy::clause::CNIL_CONTEXT`].
//!
//! The rule: mark every place where a context word of at least four characters stands,
//! forwards or backwards, case, accents and leet (`@` for `a`) folded. If fewer than half of
//! the characters are left unmarked, the password is refused. `jeandupont2024` is refused,
//! `jean` among six other words is not. What is left may still be weak: the guess rule gets
//! the same words.

use zeroize::Zeroizing;

use crate::{Context, Password, fold};

/// Characters of the shortest word looked for; shorter ones occur in anything.
const SHORTEST: usize = 4;

/// Whether less than half of the password is its own.
pub(crate) fn is_mostly_context(password: &Password, context: &Context) -> bool {
    let folded = password.folded();
    let mut text = Zeroizing::new(Vec::with_capacity(folded.len()));
    text.extend(folded.chars().map(fold::unleet));
    let mut marked = vec![false; text.len()];
    for word in context.words() {
        let mut word: Vec<char> = word.chars().map(fold::unleet).collect();
        if word.len() < SHORTEST {
            continue;
        }
        mark(&text, &word, &mut marked);
        word.reverse();
        mark(&text, &word, &mut marked);
    }
    let own = marked.iter().filter(|&&marked| !marked).count();
    own * 2 < text.len()
}

fn mark(text: &[char], word: &[char], marked: &mut [bool]) {
    for (start, window) in text.windows(word.len()).enumerate() {
        if window == word {
            marked[start..start + word.len()].fill(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_against_what_is_known() {
        let context = Context::new(["jean.dupont@mairie-exemple.fr", "Zoë Lefèvre", "Acme"]);
        for (text, refused) in [
            ("JeanDupont2024!", true),
            ("tnopudnaej2024!", true),
            ("J3@nDup0nt2024!", true),
            ("mairie!Exemple1", true),
            ("Lefevre-Lefèvre", true),
            ("lefèvre91!", true),
            ("acmeacmeacme1!A", true),
            // Half of it is its own.
            ("Acme!7Kq", false),
            ("jean sous le grand pont de pierre", false),
            // Three letters occur in anything.
            ("Zoezoezoezoe12!", false),
            ("9fK!r2Vq#tZ7", false),
        ] {
            let password = Password::read(text.as_bytes().to_vec(), 256).expect("a password");
            assert_eq!(is_mostly_context(&password, &context), refused, "{text}");
            assert!(
                !is_mostly_context(&password, &Context::none()),
                "{text}, nothing known"
            );
        }
    }
}
