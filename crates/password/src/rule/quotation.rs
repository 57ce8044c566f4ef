//! Refuses quotations, proverbs, songs and titles that everybody knows by heart.
//!
//! Clause: [`policy::clause::REMPART_QUOTATION`]. No text asks for this rule: it is what
//! counting words honestly comes to, since a known sentence is one choice, not seven.
//!
//! The rule: words in a row that a quotation of the list has in the same order are
//! *borrowed*, from four words on, or three where they are a whole quotation. Words are those
//! of a passphrase, but for apostrophes, which join here (`c’est` and `cest` are one word);
//! so neither case, accents, plurals, separators nor single letters hide one. A password whose letters, all run together, are those of a whole quotation is
//! borrowed too (`JePenseDoncJeSuis!`). What is left when the borrowed words are taken out
//! must meet a form of the policy by itself: seven words of one's own beside a proverb are
//! as good as without it.
//!
//! The list (`data/quotations.txt`) becomes two sorted tables of hashes the first time. A
//! password costs one search per word; a false hit is rarer than one in 2^40 and only refuses.
//!
//! Absent on purpose: quotations of one or two words (the other lists have those), and
//! quotations run together with words of one's own.

use std::ops::Range;
use std::sync::LazyLock;

use policy::PasswordPolicy;
use unicode_normalization::char::is_combining_mark;
use zeroize::Zeroizing;

use super::form::{self, phrase};
use crate::{Password, fold, sign};

/// One quotation per line; blank lines and lines that begin with `#` do not count.
const QUOTATIONS: &str = include_str!("../../data/quotations.txt");

/// Words in a row that make a part of a quotation.
const PART: usize = 4;
/// Words of the shortest quotation.
const SHORTEST: usize = 3;
/// Letters of the shortest quotation that is recognised with its words run together.
const SHORTEST_JOINED: usize = 8;

static KNOWN: LazyLock<Known> = LazyLock::new(|| Known::new(QUOTATIONS));

/// Whether the password holds a quotation, and without it meets no form of the policy.
pub(crate) fn is_mostly_quotation(password: &Password, policy: &PasswordPolicy) -> bool {
    KNOWN
        .without(password.expose())
        .is_some_and(|left| !form::is_met(&left, policy))
}

/// Quotations as hashes, sorted.
struct Known {
    /// Parts of [`PART`] words, and the quotations of [`SHORTEST`].
    parts: Box<[u64]>,
    /// The letters of whole quotations.
    joined: Box<[u64]>,
}

impl Known {
    fn new(list: &str) -> Self {
        let (mut parts, mut joined) = (Vec::new(), Vec::new());
        let lines = list.lines().map(str::trim);
        for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let folded = spelling(line);
            let words: Vec<&str> = phrase::words(&folded).map(phrase::root).collect();
            match words.len() {
                SHORTEST => parts.push(hash_of_words(&words)),
                _ => parts.extend(words.windows(PART).map(hash_of_words)),
            }
            let letters = letters(&folded);
            if words.len() >= SHORTEST && letters.clone().count() >= SHORTEST_JOINED {
                joined.push(hash_of_letters(letters));
            }
        }
        Self {
            parts: sorted(parts),
            joined: sorted(joined),
        }
    }

    /// The text without what it borrows from quotations; `None` if it borrows nothing.
    fn without(&self, text: &str) -> Option<Zeroizing<String>> {
        let folded = spelling(text);
        let letters = hash_of_letters(letters(&folded));
        if self.joined.binary_search(&letters).is_ok() {
            let mut left = Zeroizing::new(String::with_capacity(text.len()));
            left.extend(text.chars().filter(|&sign| !is_of_word(sign)));
            return Some(left);
        }
        // Nearly every password ends here, before a copy of each word is made.
        let roots: Vec<&str> = phrase::words(&folded).map(phrase::root).collect();
        if !self.borrowed(&roots).contains(&true) {
            return None;
        }
        let words = Words::of(text);
        let borrowed = self.borrowed(&words.roots());
        let mut left = Zeroizing::new(String::with_capacity(text.len()));
        let mut from = 0;
        for (place, _) in words
            .places
            .iter()
            .zip(borrowed)
            .filter(|(_, borrowed)| *borrowed)
        {
            left.push_str(&text[from..place.start]);
            from = place.end;
        }
        left.push_str(&text[from..]);
        Some(left)
    }

    /// Which words belong to a part of a quotation.
    fn borrowed(&self, roots: &[&str]) -> Vec<bool> {
        let mut borrowed = vec![false; roots.len()];
        for length in [SHORTEST, PART] {
            for (at, part) in roots.windows(length).enumerate() {
                if self.parts.binary_search(&hash_of_words(part)).is_ok() {
                    borrowed[at..at + length].fill(true);
                }
            }
        }
        borrowed
    }
}

/// The words of a text as typed, by their places, and folded.
struct Words {
    places: Vec<Range<usize>>,
    folded: Vec<Zeroizing<String>>,
}

impl Words {
    fn of(text: &str) -> Self {
        let (mut places, mut folded) = (Vec::new(), Vec::new());
        let mut from = 0;
        for run in text.split_inclusive(|sign: char| !is_of_word(sign)) {
            let word = run.trim_end_matches(|sign: char| !is_of_word(sign));
            let place = from..from + word.len();
            from += run.len();
            let spelling = spelling(word);
            if phrase::words(&spelling).eq([spelling.as_str()]) {
                places.push(place);
                folded.push(spelling);
            }
        }
        Self { places, folded }
    }

    fn roots(&self) -> Vec<&str> {
        let words = self.folded.iter();
        words.map(|word| phrase::root(word.as_str())).collect()
    }
}

/// The folded text with the words on both sides of an apostrophe joined.
fn spelling(text: &str) -> Zeroizing<String> {
    let mut folded = fold::folded(text);
    folded.retain(|sign| !is_apostrophe(sign));
    folded
}

/// Letters, the marks on them, which folding takes off, and apostrophes.
fn is_of_word(sign: char) -> bool {
    sign::is_letter(sign) || is_combining_mark(sign) || is_apostrophe(sign)
}

const fn is_apostrophe(sign: char) -> bool {
    matches!(sign, '\'' | '’' | '‘' | 'ʼ')
}

fn letters(folded: &str) -> impl Iterator<Item = char> + Clone + '_ {
    folded.chars().filter(|sign| sign::is_letter(*sign))
}

fn hash_of_words(words: &[&str]) -> u64 {
    let bytes = words.iter().flat_map(|word| word.bytes().chain([0]));
    hash(bytes)
}

fn hash_of_letters(letters: impl Iterator<Item = char>) -> u64 {
    hash(letters.flat_map(|letter| u32::from(letter).to_le_bytes()))
}

/// FNV-1a. Stable between runs, and nothing is gained by making it collide.
fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn sorted(mut hashes: Vec<u64>) -> Box<[u64]> {
    hashes.sort_unstable();
    hashes.dedup();
    hashes.into()
}

#[cfg(test)]
mod tests {
    use policy::{Language, Policy};

    use super::*;

    const LIST: &str = "# a comment\n\n\
        Maître Corbeau, sur un arbre perché, tenait en son bec un fromage.\n\
        Je pense, donc je suis\n\
        Liberté, égalité, fraternité\n\
        Carpe diem\n\
        cest la vie\n";

    #[test]
    fn what_is_left_without_quotations() {
        let known = Known::new(LIST);
        for (text, left) in [
            ("je pense donc je suis", Some("    ")),
            // Accents, case, separators and plurals hide nothing.
            ("JE-PENSE-DÔNC-JE-SUIS", Some("----")),
            ("je pense... donc je suis 2024", Some(" ...    2024")),
            ("maîtres corbeaux sur un arbre", Some("    ")),
            // A part of four words, in the middle, at either end; not of three.
            (
                "tulipe arbre perché tenait en orage",
                Some("tulipe     orage"),
            ),
            ("arbre perché tenait", None),
            ("sur un sapin perché tenait", None),
            // A whole quotation of three words; not of two.
            ("liberté égalité fraternité", Some("  ")),
            ("liberté égalité", None),
            ("carpe diem", None),
            // Order counts.
            ("fraternité égalité liberté", None),
            // An apostrophe joins, whichever it is and whether it is there.
            ("C'est la vie", Some("  ")),
            ("C’est la vie !", Some("   !")),
            ("cest-la-vie", Some("--")),
            ("c est la vie", Some("   ")),
            ("'liberté' 'égalité' 'fraternité'", Some("  ")),
            // Single letters are no words.
            ("je pense donc à je suis", Some("   à  ")),
            // Run together, whole only.
            ("JePenseDoncJeSuis2024!", Some("2024!")),
            ("je pen se donc je suis", Some("     ")),
            ("JePenseDoncJeSuisTulipe", None),
            ("", None),
            ("1234", None),
        ] {
            let found = known.without(text);
            assert_eq!(found.as_ref().map(|left| left.as_str()), left, "{text}");
        }
    }

    #[test]
    fn decomposed_letters_keep_their_place() {
        let known = Known::new(LIST);
        // A mark that no letter composes with stays in the text after NFC.
        let text = "x\u{325}y liberte\u{325} egalite fraternite fin";
        let left = known.without(text).expect("a quotation");
        assert_eq!(left.as_str(), "x\u{325}y    fin");
    }

    #[test]
    fn what_is_left_must_be_enough() {
        let policy = Policy::reference().password().clone();
        for (text, refused) in [
            (
                "Maître corbeau, sur un arbre perché, tenait en son bec",
                true,
            ),
            ("La nuit, tous les chats sont gris !", true),
            (
                "maître corbeau sur un arbre perché granit ourlet vigie tilleul motte escale",
                true,
            ),
            (
                "maître corbeau sur un arbre perché granit ourlet vigie tilleul motte escale zinc",
                false,
            ),
            ("Je pense donc je suis 2024 !", true),
            ("Je pense donc je suis Tulipe+Orage=27kW", false),
            ("granit ourlet vigie tilleul motte escale zinc", false),
        ] {
            let password = Password::read(text.as_bytes().to_vec(), 256).expect("a password");
            assert_eq!(is_mostly_quotation(&password, &policy), refused, "{text}");
        }
    }

    #[test]
    fn a_refused_quotation_says_so_and_what_to_add() {
        let policy = Policy::reference().password().clone();
        let judge = crate::Judge::new(&policy);
        let typed = "Maître corbeau, sur un arbre perché, tenait en son bec";
        let verdict = judge.read_and_assess(typed.as_bytes().to_vec(), &crate::Context::none());
        let finding = verdict
            .findings()
            .iter()
            .find(|finding| finding.code() == "known-quotation")
            .expect("a quotation");
        assert_eq!(finding.clause().id, "rempart-quotation");
        assert_eq!(
            finding.message(Language::Fr),
            "On y reconnaît une citation, un proverbe, une chanson ou un titre connus."
        );
        assert!(
            finding
                .advice(Language::En)
                .starts_with("Add unrelated words")
        );

        let mut lenient = policy;
        lenient.refuse.common = false;
        let verdict = crate::Judge::new(&lenient)
            .read_and_assess(typed.as_bytes().to_vec(), &crate::Context::none());
        assert!(
            verdict
                .findings()
                .iter()
                .all(|finding| finding.code() != "known-quotation")
        );
    }

    #[test]
    fn every_quotation_of_the_list_is_recognised_whole() {
        let policy = Policy::reference().password().clone();
        let mut entries = 0;
        for line in QUOTATIONS.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            entries += 1;
            let folded = spelling(line);
            if phrase::words(&folded).count() < SHORTEST {
                continue;
            }
            let password = Password::read(line.as_bytes().to_vec(), 4096).expect(line);
            assert!(is_mostly_quotation(&password, &policy), "{line}");
        }
        assert!(entries >= 20, "{entries} quotations");
    }

    #[test]
    fn a_long_text_of_borrowed_words_leaves_nothing() {
        // 4,096 characters of the shortest words, all of them borrowed.
        let known = Known::new("un un un un un");
        let text = "un ".repeat(1365);
        assert_eq!(Words::of(&text).roots().len(), 1365);
        let left = known.without(&text).expect("a quotation");
        assert_eq!(left.trim(), "");
    }
}
