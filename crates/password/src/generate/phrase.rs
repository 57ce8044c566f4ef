//! Passphrases: the set that they are drawn from, and its exact size.
//!
//! Clause: [`policy::clause::CNIL_GENERATED`]. Every phrase of `n` words of the list that
//! count as different is as likely: words are drawn one by one with replacement, and a phrase
//! in which two of them count as one is thrown away whole. With lists where no two words
//! count as one, that leaves `N·(N−1)…(N−n+1)` phrases; else the sum over each choice of `n`
//! groups of the product of their sizes, times `n!`.
//!
//! Words have letters only and the separator has none, so two different draws never give the
//! same text. Words too long for `max-length` are out of the set, and out of the count.

use policy::Bits;
use unicode_normalization::char::is_combining_mark;
use zeroize::Zeroizing;

use super::GenerateError;
use super::chance::Chance;
use super::list::{Word, WordList};

/// The most words of a phrase, as in the policy file.
pub(super) const MOST_WORDS: usize = 64;
/// Signs of the longest separator.
pub(super) const LONGEST_SEPARATOR: usize = 8;
/// Bytes of the separator and word at most, for the room of a phrase.
const BYTES_PER_WORD: usize = 4 * (super::list::LONGEST_WORD + LONGEST_SEPARATOR);

/// How the words of a phrase are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Manner {
    pub(super) separator: String,
    pub(super) capitalize: bool,
}

impl Default for Manner {
    /// A hyphen: every keyboard has it, and no form field trims it.
    fn default() -> Self {
        Self {
            separator: "-".to_owned(),
            capitalize: false,
        }
    }
}

/// The passphrases of one number of words.
pub(super) struct Phrases<'a> {
    words: &'a [Word],
    count: usize,
    manner: &'a Manner,
}

impl<'a> Phrases<'a> {
    pub(super) fn new(
        list: &'a WordList,
        count: usize,
        manner: &'a Manner,
        max_length: usize,
    ) -> Self {
        let separators = manner.separator.chars().count() * count.saturating_sub(1);
        let longest = max_length.saturating_sub(separators) / count.max(1);
        Self {
            words: list.up_to(longest),
            count,
            manner,
        }
    }

    /// How many words there are to choose from.
    pub(super) const fn choices(&self) -> usize {
        self.words.len()
    }

    /// The entropy of the set.
    pub(super) fn bits(&self) -> Bits {
        let share = self.share_of_different();
        if share <= 0.0 {
            return Bits::new(0.0);
        }
        Bits::new(Bits::of(self.count, self.words.len()).get() + share.log2())
    }

    /// A phrase of the set; `None` when the words drawn make none.
    pub(super) fn draw(
        &self,
        chance: &mut impl Chance,
    ) -> Result<Option<Zeroizing<String>>, GenerateError> {
        let mut drawn = Zeroizing::new(Vec::with_capacity(self.count));
        for _ in 0..self.count {
            drawn.push(chance.below(self.words.len() as u32)? as usize);
        }
        let repeats = |at: usize| {
            let group = self.words[drawn[at]].group;
            drawn[..at]
                .iter()
                .any(|&before| self.words[before].group == group)
        };
        if (1..self.count).any(repeats) {
            return Ok(None);
        }
        // Reserved whole, so that growth leaves no copy of the beginning behind.
        let mut text = Zeroizing::new(String::with_capacity(self.count * BYTES_PER_WORD));
        for (at, &word) in drawn.iter().enumerate() {
            if at > 0 {
                text.push_str(&self.manner.separator);
            }
            self.write(&self.words[word].text, &mut text);
        }
        Ok(Some(text))
    }

    fn write(&self, word: &str, text: &mut String) {
        let mut letters = word.chars();
        if self.manner.capitalize
            && let Some(first) = letters.next()
        {
            text.push(capital(first));
        }
        text.push_str(letters.as_str());
    }

    /// The share of draws whose words all count as different: for `n` words, `n!` times the
    /// `n`th elementary symmetric polynomial of the groups' shares. One pass over the groups
    /// keeps it for every number of words at once.
    fn share_of_different(&self) -> f64 {
        let mut groups: Vec<usize> = self.words.iter().map(|word| word.group).collect();
        groups.sort_unstable();
        let mut shares = vec![0.0; self.count + 1];
        shares[0] = 1.0;
        for group in groups.chunk_by(|one, other| one == other) {
            let weight = group.len() as f64 / groups.len() as f64;
            for words in (1..=self.count).rev() {
                shares[words] += words as f64 * weight * shares[words - 1];
            }
        }
        shares[self.count]
    }
}

/// The capital of a letter, where it is one letter that leads back: two different words stay
/// different with it.
fn capital(letter: char) -> char {
    let mut upper = letter.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(capital), None) if capital.to_lowercase().eq([letter]) => capital,
        _ => letter,
    }
}

/// Whether words stay apart with this between them, for the judge and for people.
pub(super) fn is_separator(text: &str) -> bool {
    (1..=LONGEST_SEPARATOR).contains(&text.chars().count())
        && !text.contains(|sign: char| {
            sign.is_alphabetic() || sign.is_control() || is_combining_mark(sign) || is_hidden(sign)
        })
}

/// Signs of no width, and those that turn the direction of text.
const fn is_hidden(sign: char) -> bool {
    matches!(
        sign,
        '\u{ad}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    ) || sign as u32 & 0xfffe == 0xfffe
        || matches!(sign, '\u{fdd0}'..='\u{fdef}')
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::super::chance::tests::{Dry, Repeatable, are_even};
    use super::*;

    fn list(words: &[&str]) -> WordList {
        WordList::of(words.iter().map(|&word| word.to_owned()))
    }

    /// Every phrase of a set, by trying every draw.
    fn members(list: &WordList, count: usize, manner: &Manner) -> BTreeSet<String> {
        /// Gives the numbers of one draw, in turn.
        struct Given(Vec<u32>);
        impl Chance for Given {
            fn next(&mut self) -> Result<u32, GenerateError> {
                self.0.pop().ok_or(GenerateError::Randomness)
            }
        }
        let phrases = Phrases::new(list, count, manner, 256);
        let draws = list.len().pow(count as u32);
        (0..draws)
            .filter_map(|mut number| {
                let mut given = Vec::new();
                for _ in 0..count {
                    given.push((number % list.len()) as u32);
                    number /= list.len();
                }
                let text = phrases.draw(&mut Given(given)).expect("enough numbers")?;
                Some(text.to_string())
            })
            .collect()
    }

    #[test]
    fn a_set_counted_one_by_one_has_the_same_bits() {
        let manners = [
            Manner::default(),
            Manner {
                separator: " + ".to_owned(),
                capitalize: true,
            },
        ];
        for words in [
            &["un", "deux", "trois", "quatre", "cinq"][..],
            // Groups of three, two and one.
            &["pêche", "péché", "pêches", "chat", "chats", "loup"],
            &["chat", "chats"],
            &["ss", "ßa", "ßb", "ıa", "ia"],
        ] {
            let list = list(words);
            for manner in &manners {
                for count in 1..=4 {
                    let counted = members(&list, count, manner).len();
                    let bits = Phrases::new(&list, count, manner, 256).bits().get();
                    let expected = (counted.max(1) as f64).log2();
                    assert!(
                        (bits - expected).abs() < 1e-9,
                        "{words:?}, {count} words: {bits} and {expected}"
                    );
                }
            }
        }
    }

    #[test]
    fn bits_of_seven_words_of_a_real_size() {
        // log2(7776 · 7775 · … · 7770), to ten decimals from a calculator of whole numbers.
        let words: Vec<String> = (0..7776u32)
            .map(|number| {
                let letter = |shift: u32| char::from(b'a' + (number / 6u32.pow(shift) % 6) as u8);
                (0..5).map(letter).collect()
            })
            .collect();
        let list = WordList::of(words);
        let manner = Manner::default();
        let bits = |count| Phrases::new(&list, count, &manner, 256).bits().get();
        let exact: f64 = (7770..=7776).map(|n| f64::from(n).log2()).sum();
        assert!((bits(7) - exact).abs() < 1e-9);
        assert_eq!(format!("{:.2}", bits(7)), "90.47");
        assert_eq!(format!("{:.2}", bits(5)), "64.62");
    }

    #[test]
    fn every_phrase_of_a_small_set_is_drawn_as_often() {
        let list = list(&["pêche", "pêches", "chat", "loup", "onze"]);
        let manner = Manner::default();
        let mut counts: BTreeMap<String, u32> = members(&list, 3, &manner)
            .into_iter()
            .map(|text| (text, 0))
            .collect();
        // 3! · (1·1·1 + 3·(2·1·1)) phrases.
        assert_eq!(counts.len(), 42);
        let phrases = Phrases::new(&list, 3, &manner, 256);
        let mut chance = Repeatable(5);
        for _ in 0..10_000 {
            if let Some(text) = phrases.draw(&mut chance).expect("never dry") {
                *counts.get_mut(text.as_str()).expect("a member") += 1;
            }
        }
        assert!(are_even(&counts.into_values().collect::<Vec<_>>()));
    }

    #[test]
    fn every_word_of_a_list_is_drawn_as_often() {
        let list = WordList::built_in(policy::Language::En);
        let manner = Manner::default();
        let phrases = Phrases::new(&list, 7, &manner, 4096);
        let mut counts: BTreeMap<&str, u32> =
            list.up_to(32).iter().map(|word| (&*word.text, 0)).collect();
        let mut chance = Repeatable(6);
        for _ in 0..list.len() * 6 {
            let Some(text) = phrases.draw(&mut chance).expect("never dry") else {
                continue;
            };
            for word in text.split('-') {
                *counts.get_mut(word).expect("of the list") += 1;
            }
        }
        assert!(are_even(&counts.into_values().collect::<Vec<_>>()));
    }

    #[test]
    fn words_too_long_for_the_room_are_not_counted() {
        let list = list(&["un", "deux", "trois", "quatre", "anticonstitutionnellement"]);
        let manner = Manner::default();
        for (max_length, choices) in [(256, 5), (20, 4), (19, 3), (14, 2), (8, 1), (7, 0)] {
            let phrases = Phrases::new(&list, 3, &manner, max_length);
            assert_eq!(phrases.choices(), choices, "{max_length}");
            assert_eq!(phrases.bits().get() > 0.0, choices >= 3, "{max_length}");
        }
    }

    #[test]
    fn separators_that_keep_words_apart() {
        for (text, sound) in [
            ("-", true),
            (" ", true),
            (", ", true),
            ("4", true),
            ("€", true),
            ("12345678", true),
            ("123456789", false),
            ("", false),
            ("a", false),
            ("-é-", false),
            ("\t", false),
            ("\u{301}", false),
            ("-\u{200b}", false),
            ("\u{202e}", false),
            ("\u{feff}", false),
            ("\u{ffff}", false),
            ("ª", false),
        ] {
            assert_eq!(is_separator(text), sound, "{text:?}");
        }
    }

    #[test]
    fn without_randomness_there_is_no_phrase() {
        let list = WordList::built_in(policy::Language::Fr);
        let manner = Manner::default();
        let drawn = Phrases::new(&list, 7, &manner, 256).draw(&mut Dry);
        assert_eq!(drawn.unwrap_err(), GenerateError::Randomness);
    }
}
