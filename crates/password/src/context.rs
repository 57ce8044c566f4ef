//! Words about the person and the service: login, names, e-mail address, site.
//!
//! Clause: [`policy::clause::CNIL_CONTEXT`]. A password built on such a word is among the
//! first that anyone tries.
//!
//! Entries are split at the signs that join words in names and addresses, and also kept
//! joined, because `jean.dupont` is typed `jeandupont` as often. Order never matters, and
//! neither the number of entries nor their length can make the work grow.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt;

use crate::fold;

/// Characters read of one entry.
const ENTRY: usize = 256;
/// Words kept. When there are more, the longest stay: short ones weigh least.
const WORDS: usize = 32;
/// Characters of the longest word kept; a longer piece is no word.
const WORD: usize = 64;
/// Characters of the shortest word kept.
const SHORTEST: usize = 3;

/// The words that a password may not be built on. Folded, bounded, without order.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Context {
    words: BTreeSet<(Reverse<usize>, String)>,
}

impl Context {
    /// From whatever the application knows: login, names, e-mail address, name of the site.
    pub fn new<I>(entries: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut context = Self::default();
        for entry in entries {
            context.add(entry.as_ref());
        }
        context
    }

    /// Without any word.
    pub fn none() -> Self {
        Self::default()
    }

    /// The words, the longest first, then in alphabetical order.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|(_, word)| word.as_str())
    }

    fn add(&mut self, entry: &str) {
        let read: String = entry.chars().take(ENTRY).collect();
        let folded = fold::folded(&read);
        // An address also counts by its two halves: `jean.dupont`, `exemple.fr`.
        for half in folded.split('@') {
            self.keep(half.chars().filter(|sign| sign.is_alphanumeric()).collect());
            for word in half.split(|sign: char| !sign.is_alphanumeric()) {
                self.keep(word.to_owned());
            }
        }
    }

    fn keep(&mut self, word: String) {
        let length = word.chars().count();
        if !(SHORTEST..=WORD).contains(&length) {
            return;
        }
        self.words.insert((Reverse(length), word));
        if self.words.len() > WORDS {
            self.words.pop_last();
        }
    }
}

/// Shows how many words there are, not which: they identify a person.
impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Context({} words)", self.words.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(entries: &[&str]) -> Vec<String> {
        Context::new(entries).words().map(str::to_owned).collect()
    }

    #[test]
    fn entries_are_split_and_joined() {
        assert_eq!(
            words(&["Jean.Dupont@exemple-mairie.fr"]),
            [
                "exemplemairiefr",
                "jeandupont",
                "exemple",
                "dupont",
                "mairie",
                "jean"
            ]
        );
        assert_eq!(words(&["Zoé Le Goff"]), ["zoelegoff", "goff", "zoe"]);
        assert_eq!(words(&["", "a", "--", "\u{301}"]), [""; 0]);
    }

    #[test]
    fn too_many_words_keep_the_longest_in_any_order() {
        let entries: Vec<String> = (0..1000)
            .map(|n| format!("{}{n}", "w".repeat(n % 70)))
            .collect();
        let forward = Context::new(&entries);
        let backward = Context::new(entries.iter().rev());
        assert_eq!(forward, backward);
        assert_eq!(forward.words().count(), WORDS);
        assert!(forward.words().all(|word| word.chars().count() >= WORD - 3));
    }

    #[test]
    fn debug_does_not_identify_anyone() {
        assert_eq!(
            format!("{:?}", Context::new(["ana@example.fr"])),
            "Context(3 words)"
        );
    }
}
