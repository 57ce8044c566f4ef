//! Lists of words that passphrases are drawn from: the two that are built in, and the
//! operator's (`word-list` of a form).
//!
//! Clause: [`policy::clause::CNIL_GENERATED`]. What a list is worth is its real size, so a
//! list says exactly which of its words may stand together.
//!
//! A file has one word per line, in UTF-8. Blank lines and lines that begin with `#` do not
//! count; digits before a word, as Diceware lists have them, are left out, and so are hyphens
//! and apostrophes inside one. Words become lower case. A word has two to thirty-two letters
//! and appears once; there are 1,000 to 200,000 of them, in no more than 4 MiB.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use policy::Language;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::fault::{Fault, Flaw, ListError};
use crate::fold;
use crate::rule::form::phrase;

const FRENCH: &str = include_str!("../../data/phrase-french.txt");
const ENGLISH: &str = include_str!("../../data/phrase-english.txt");

/// Bytes of the largest file.
const LARGEST: u64 = 4 << 20;
/// Words of the shortest list. Under ten bits a word, a phrase is long to type.
pub(super) const LEAST_WORDS: usize = 1000;
/// Words of the longest list.
pub(super) const MOST_WORDS: usize = 200_000;
/// Letters of the longest word.
pub(super) const LONGEST_WORD: usize = 32;
/// Faults told at once.
const FAULTS: usize = 20;

static BUILT_IN: LazyLock<[WordList; 2]> =
    LazyLock::new(|| [FRENCH, ENGLISH].map(|text| WordList::of(text.lines().map(str::to_owned))));

/// Words to draw from, all different. Clones share them.
#[derive(Clone)]
pub struct WordList {
    /// The shortest first, so that the words up to some length are the first ones.
    words: Arc<[Word]>,
}

/// One word of a list.
pub(super) struct Word {
    pub(super) text: Box<str>,
    /// Characters of `text`.
    pub(super) length: usize,
    /// Words of the same group count as one in a passphrase: `péché`, `pêche`, `pêches`.
    pub(super) group: usize,
}

impl WordList {
    /// The list shipped with rempart for a language.
    pub fn built_in(language: Language) -> Self {
        let [french, english] = &*BUILT_IN;
        match language {
            Language::Fr => french.clone(),
            Language::En => english.clone(),
        }
    }

    /// Reads a file of one word per line.
    ///
    /// # Errors
    /// When it cannot be read or is no such list: every fault with its line, up to twenty.
    pub fn read(file: &Path) -> Result<Self, ListError> {
        let name = file.display().to_string();
        let whole = |flaw| ListError::new(&name, vec![Fault { line: None, flaw }]);
        let mut bytes = Vec::new();
        File::open(file)
            .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
            .map_err(|error| whole(Flaw::Unreadable(error.kind())))?;
        if bytes.len() as u64 > LARGEST {
            return Err(whole(Flaw::TooLarge { mebibytes: 4 }));
        }
        Self::parse(&name, &bytes)
    }

    /// Reads the content of a file; `name` is what errors call it.
    ///
    /// # Errors
    /// When it is no list: every fault with its line, up to twenty.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, ListError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut faults = Vec::new();
        let mut lines = HashMap::<String, usize>::new();
        let mut words = Vec::new();
        for (index, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
            let number = index + 1;
            let word = match std::str::from_utf8(line) {
                Ok(line) => word_of(line),
                Err(_) => Err(Flaw::NotUtf8),
            };
            let flaw = match word {
                Ok(None) => continue,
                Ok(Some(word)) => match lines.get(&word) {
                    Some(&first) => Flaw::Twice { first },
                    None => {
                        lines.insert(word.clone(), number);
                        words.push(word);
                        continue;
                    }
                },
                Err(flaw) => flaw,
            };
            faults.push(Fault {
                line: Some(number),
                flaw,
            });
            if faults.len() == FAULTS {
                break;
            }
        }
        let count = words.len();
        let flaw = match count {
            _ if !faults.is_empty() => None,
            0..LEAST_WORDS => Some(Flaw::TooFew { words: count }),
            LEAST_WORDS..=MOST_WORDS => None,
            _ => Some(Flaw::TooMany { words: count }),
        };
        faults.extend(flaw.map(|flaw| Fault { line: None, flaw }));
        if faults.is_empty() {
            Ok(Self::of(words))
        } else {
            Err(ListError::new(name, faults))
        }
    }

    /// How many words it has.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether it has no word, which no list has.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The words of at most `longest` characters.
    pub(super) fn up_to(&self, longest: usize) -> &[Word] {
        &self.words[..self.words.partition_point(|word| word.length <= longest)]
    }

    /// A list of sound, different words.
    pub(super) fn of(words: impl IntoIterator<Item = String>) -> Self {
        let mut groups = HashMap::<String, usize>::new();
        let mut words: Vec<Word> = words
            .into_iter()
            .map(|text| {
                let root = phrase::root(&fold::folded(&text)).to_owned();
                let next = groups.len();
                Word {
                    length: text.chars().count(),
                    group: *groups.entry(root).or_insert(next),
                    text: text.into(),
                }
            })
            .collect();
        words.sort_by(|one, other| (one.length, &one.text).cmp(&(other.length, &other.text)));
        Self {
            words: words.into(),
        }
    }
}

impl std::fmt::Debug for WordList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WordList({} words)", self.len())
    }
}

/// The word of a line, `None` where there is none.
fn word_of(line: &str) -> Result<Option<String>, Flaw> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let dice = line.trim_start_matches(|sign: char| sign.is_ascii_digit());
    let written = match dice.strip_prefix([' ', '\t']) {
        Some(word) if dice.len() < line.len() => word.trim_start(),
        _ => line,
    };
    let word: String = written
        .nfc()
        .flat_map(char::to_lowercase)
        .nfc()
        .filter(|sign| !matches!(sign, '-' | '\'' | '’'))
        .collect();
    let is_letter = |sign: char| sign.is_alphabetic() || is_combining_mark(sign);
    if !word.chars().all(is_letter) || word.starts_with(is_combining_mark) {
        return Err(Flaw::NotLetters);
    }
    if word.chars().count() > LONGEST_WORD {
        return Err(Flaw::TooLong);
    }
    // What the judge counts as one word, which two letters that fold into one are not.
    let folded = fold::folded(&word);
    if !phrase::words(&folded).eq([folded.as_str()]) {
        return Err(Flaw::TooShort);
    }
    Ok(Some(word))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::io::ErrorKind;

    use super::*;

    /// A list of `count` words made of letters only, then some more lines.
    fn list(count: usize, more: &str) -> Vec<u8> {
        let letter = |number: usize| char::from(b'a' + (number % 26) as u8);
        let mut text = String::new();
        for number in 0..count {
            text.extend([
                'q',
                letter(number / 676),
                letter(number / 26),
                letter(number),
                '\n',
            ]);
        }
        (text + more).into_bytes()
    }

    #[test]
    fn lines_and_the_word_they_hold() {
        for (line, word) in [
            ("cheval", Ok(Some("cheval"))),
            ("  Été \r", Ok(Some("été"))),
            ("e\u{301}te\u{301}", Ok(Some("été"))),
            ("11111 abaisser", Ok(Some("abaisser"))),
            ("11111\tabaisser", Ok(Some("abaisser"))),
            ("t-shirt", Ok(Some("tshirt"))),
            ("aujourd’hui", Ok(Some("aujourdhui"))),
            ("", Ok(None)),
            (" \t ", Ok(None)),
            ("# abaisser", Ok(None)),
            ("11111", Err(Flaw::NotLetters)),
            ("11111abaisser", Err(Flaw::NotLetters)),
            ("pomme de terre", Err(Flaw::NotLetters)),
            ("abaisser # verbe", Err(Flaw::NotLetters)),
            ("mot2passe", Err(Flaw::NotLetters)),
            ("zéro\0", Err(Flaw::NotLetters)),
            ("a", Err(Flaw::TooShort)),
            ("-", Err(Flaw::TooShort)),
            ("a\u{316}", Err(Flaw::TooShort)),
            (&"a".repeat(32), Ok(Some(&*"a".repeat(32)))),
            (&"a".repeat(33), Err(Flaw::TooLong)),
        ] {
            let expected = word.map(|word| word.map(str::to_owned));
            assert_eq!(word_of(line), expected, "{line:?}");
        }
    }

    #[test]
    fn a_file_is_refused_for_each_of_its_faults() {
        type Faults<'a> = &'a [(Option<usize>, Flaw)];
        let rows: &[(Vec<u8>, Faults<'_>)] = &[
            (list(1000, ""), &[]),
            (list(1000, "\n# end\n12345 plus\n"), &[]),
            ([b"\xef\xbb\xbf".as_slice(), &list(1000, "")].concat(), &[]),
            (list(999, ""), &[(None, Flaw::TooFew { words: 999 })]),
            (Vec::new(), &[(None, Flaw::TooFew { words: 0 })]),
            (
                list(1000, "deux mots\nx\nqaaa\nQAAB\n"),
                &[
                    (Some(1001), Flaw::NotLetters),
                    (Some(1002), Flaw::TooShort),
                    (Some(1003), Flaw::Twice { first: 1 }),
                    (Some(1004), Flaw::Twice { first: 2 }),
                ],
            ),
            (
                [list(1000, ""), b"\xff\xfe\n".to_vec()].concat(),
                &[(Some(1001), Flaw::NotUtf8)],
            ),
        ];
        for (bytes, expected) in rows {
            let found = match WordList::parse("mots.txt", bytes) {
                Ok(_) => Vec::new(),
                Err(error) => error.faults().to_vec(),
            };
            let expected: Vec<Fault> = expected
                .iter()
                .map(|&(line, flaw)| Fault { line, flaw })
                .collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn no_file_is_read_without_end() {
        let here = std::env::temp_dir();
        let read = |file: &Path| match WordList::read(file) {
            Ok(list) => panic!("{list:?}"),
            Err(error) => error.faults().to_vec(),
        };
        let fault = |flaw| vec![Fault { line: None, flaw }];
        assert_eq!(
            read(&here.join("no-such-list-of-words.txt")),
            fault(Flaw::Unreadable(ErrorKind::NotFound))
        );
        #[cfg(unix)]
        assert_eq!(
            read(Path::new("/dev/zero")),
            fault(Flaw::TooLarge { mebibytes: 4 })
        );
        // A million faults are told as twenty.
        let many = WordList::parse("mots.txt", &b"1\n".repeat(1_000_000)).expect_err("no list");
        assert_eq!(many.faults().len(), FAULTS);
        let mut long = String::new();
        for number in 0..=MOST_WORDS {
            let word: String = format!("{number:06}")
                .bytes()
                .map(|digit| char::from(digit - b'0' + b'a'))
                .collect();
            long += &word;
            long.push('\n');
        }
        let long = WordList::parse("mots.txt", long.as_bytes()).expect_err("no list");
        assert_eq!(
            long.faults(),
            fault(Flaw::TooMany {
                words: MOST_WORDS + 1
            })
        );
    }

    #[test]
    fn words_that_count_as_one_are_of_one_group() {
        let words = ["pêche", "péché", "pêches", "tulipe", "de", "des"];
        let list = WordList::of(words.map(str::to_owned));
        let group = |text: &str| {
            let word = list.words.iter().find(|word| &*word.text == text);
            word.expect("in the list").group
        };
        assert_eq!(group("pêche"), group("péché"));
        assert_eq!(group("pêche"), group("pêches"));
        let groups: BTreeSet<usize> = list.words.iter().map(|word| word.group).collect();
        assert_eq!(groups.len(), 4);
        assert_eq!(list.up_to(3).len(), 2);
        assert_eq!(list.up_to(5).len(), 4);
    }

    #[test]
    fn the_lists_built_in_are_sound() {
        for (language, text) in [(Language::Fr, FRENCH), (Language::En, ENGLISH)] {
            let read = WordList::parse("built in", text.as_bytes()).expect("a sound list");
            let list = WordList::built_in(language);
            assert_eq!(list.len(), read.len());
            assert!(list.len() >= 4000, "{language}: {} words", list.len());
            for (one, other) in list.words.iter().zip(read.words.iter()) {
                assert_eq!(one.text, other.text);
            }
        }
    }
}
