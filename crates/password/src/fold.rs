//! One spelling for words that people take for the same: case, accents and leet folded.
//!
//! Folding serves comparison only; what is kept is the password as read. Every folded copy
//! of a password is wiped, and its room is reserved beforehand so that growth leaves no
//! copy behind.

use unicode_normalization::char::{decompose_canonical, is_combining_mark};
use zeroize::Zeroizing;

/// Bytes of folded text per byte of NFC text, with margin: canonical decomposition takes at
/// most three, lower case one and a half more.
const GROWTH: usize = 5;

/// The text in lower case and without accents: `Été` and `ete` fold alike.
pub(crate) fn folded(text: &str) -> Zeroizing<String> {
    let mut folded = room_for(text);
    for sign in text.chars() {
        fold(sign, |letter| folded.push(letter));
    }
    folded
}

/// What one sign folds to: nothing for a mark alone, several letters for `œ`.
///
/// Syllables of Hangul stay whole: their parts are no accents, and three times as many.
pub(crate) fn fold(sign: char, mut push: impl FnMut(char)) {
    match sign {
        _ if sign.is_ascii() => push(sign.to_ascii_lowercase()),
        '\u{ac00}'..='\u{d7a3}' => push(sign),
        _ => decompose_canonical(sign, |part| {
            if is_combining_mark(part) {
                return;
            }
            match plain(part) {
                Some(letters) => letters
                    .bytes()
                    .for_each(|l| push(l.to_ascii_lowercase().into())),
                None => part
                    .to_lowercase()
                    .filter(|&sign| !is_combining_mark(sign))
                    .for_each(&mut push),
            }
        }),
    }
}

/// One sign for each family of signs that replace one another in leet: `P@55` and `pass`
/// give the same. Applies to folded text, on both sides of a comparison.
pub(crate) const fn unleet(sign: char) -> char {
    match sign {
        '4' | '@' => 'a',
        '8' => 'b',
        '(' | '{' | '[' | '<' => 'c',
        '3' | '€' => 'e',
        '6' | '9' => 'g',
        '1' | '!' | '|' | 'l' => 'i',
        '0' => 'o',
        '5' | '$' => 's',
        '7' | '+' => 't',
        '2' => 'z',
        other => other,
    }
}

fn room_for(text: &str) -> Zeroizing<String> {
    Zeroizing::new(String::with_capacity(text.len() * GROWTH))
}

/// Letters that no decomposition turns into plain ones.
const fn plain(letter: char) -> Option<&'static str> {
    Some(match letter {
        'œ' => "oe",
        'Œ' => "OE",
        'æ' => "ae",
        'Æ' => "AE",
        'ß' => "ss",
        'ẞ' => "SS",
        'ø' => "o",
        'Ø' => "O",
        'đ' => "d",
        'Đ' => "D",
        'ł' => "l",
        'Ł' => "L",
        'ı' => "i",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_people_take_for_the_same_fold_alike() {
        for (text, lower) in [
            ("Été", "ete"),
            ("CŒUR", "coeur"),
            ("Straße", "strasse"),
            ("İstanbul", "istanbul"),
            ("ἄλφα", "αλφα"),
            ("\u{d55c}\u{ae00}", "\u{d55c}\u{ae00}"),
            ("a1!", "a1!"),
            ("\u{301}", ""),
        ] {
            assert_eq!(folded(text).as_str(), lower);
        }
    }

    #[test]
    fn leet_families_meet() {
        let unleet = |text: &str| text.chars().map(unleet).collect::<String>();
        for (leet, word) in [("p@55", "pass"), ("m4r1e", "marie"), ("l0u1ou", "louiou")] {
            assert_eq!(unleet(leet), unleet(word));
        }
    }

    #[test]
    fn folding_never_outgrows_its_room() {
        for letter in (1..=0x3_1350).filter_map(char::from_u32) {
            let text: String = std::iter::repeat_n(letter, 4).collect();
            let room = text.len() * GROWTH;
            assert_eq!(folded(&text).capacity(), room, "{letter:?} folded");
        }
    }
}
