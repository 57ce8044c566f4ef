//! Two forms of an identifier: one for each account, and one for all spellings that some
//! directory takes for one account. Both are for counting only and are never shown or kept.
//!
//! The second errs on the side of one counter for two names: a directory that compares names
//! more loosely than we do would let a guesser try one account under many spellings. Compared
//! with, and not stricter than: LDAP's string preparation (RFC 4518), the case- and
//! accent-insensitive collations of MySQL and SQL Server, mail servers that ignore case.
//!
//! Absent on purpose: signs that look alike in different scripts (no directory takes them for
//! one), and what mail providers ignore (dots, `+tag`), since the account's name here is not
//! theirs to read.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// The most bytes that are looked at of what counts: no directory has longer names. What does not
/// count takes no place among them, and how much is left out is not looked at, or a name with a
/// thousand spaces behind it would be as many names as one likes.
const MOST: usize = 1024;

/// Gives the characters that tell two accounts apart: all but surrounding space, in lower case
/// and composed (NFC).
pub(super) fn exact(identifier: &str, mut to: impl FnMut(char)) {
    let name = identifier.trim();
    // The cut may leave space at the end.
    let name = name[..name.floor_char_boundary(MOST)].trim_end();
    if name.is_ascii() {
        name.chars().for_each(|sign| to(sign.to_ascii_lowercase()));
    } else {
        // Composed last: the lower case of İ is two characters, which no form joins again.
        name.chars()
            .flat_map(char::to_lowercase)
            .nfc()
            .for_each(&mut to);
    }
}

/// Gives the characters that all spellings of one name have in common, in a time linear in the
/// identifier.
pub(super) fn alike(identifier: &str, mut to: impl FnMut(char)) {
    let mut left = Some(MOST);
    let mut give = |character: char| {
        left = left.and_then(|left| left.checked_sub(character.len_utf8()));
        left.map(|_| to(character)).is_some()
    };
    let mut space = Space::Leading;
    let mut one = |character: char| {
        if character.is_whitespace() {
            space = match space {
                Space::Leading => Space::Leading,
                Space::None | Space::Pending => Space::Pending,
            };
            return true;
        }
        if character.is_control() || is_invisible(character) {
            return true;
        }
        let before = (space == Space::Pending).then_some(' ');
        space = Space::None;
        // By way of upper case, which ß and ss, σ and ς, ı and i have in common; ẞ, which is
        // upper case already, must become ß before.
        let upper = character.to_lowercase().flat_map(char::to_uppercase);
        let lower = upper.flat_map(char::to_lowercase);
        let bare = lower.filter(|character| !is_mark(*character));
        before.into_iter().chain(bare).all(&mut give)
    };
    // Each until no more is looked at.
    let _ = if identifier.is_ascii() {
        identifier.chars().all(one)
    } else {
        let bare = |character: &char| !is_mark(*character);
        // Marks go before too: the form would keep a thousand on one letter to put them in order.
        identifier
            .chars()
            .filter(bare)
            .nfkd()
            .filter(bare)
            .all(&mut one)
    };
}

/// Whether space stands between what was given and what comes.
#[derive(Clone, Copy, PartialEq)]
enum Space {
    /// Nothing was given, so space is not either.
    Leading,
    /// No space.
    None,
    /// One space, however many were written, if anything comes.
    Pending,
}

/// A mark that combines with a letter, such as an accent.
fn is_mark(character: char) -> bool {
    !character.is_ascii() && canonical_combining_class(character) != 0
}

/// Whether a character shows nothing, so that collations skip it: the
/// `Default_Ignorable_Code_Point` of Unicode 17, among them what turns the direction of text.
pub fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}
