//! One spelling for words that people take for the same: case, accents and leet folded.
//!
//! Folding serves comparison only; what is kept is the password as read. Every folded copy
//! of a password is wiped, and its room is reserved beforehand so that growth leaves no
//! copy behind.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use zeroize::Zeroizing;

/// Bytes of folded text per byte of NFC text, with margin: canonical decomposition takes at
/// most three, lower case one and a half more.
const GROWTH: usize = 5;

/// The text in lower case and without accents: `Été` and `ete` fold alike.
pub(crate) fn folded(text: &str) -> Zeroizing<String> {
    let mut folded = room_for(text);
    for letter in text.nfd().filter(|&sign| !is_combining_mark(sign)) {
        match plain(letter) {
            Some(letters) => folded.extend(letters.chars().map(|l| l.to_ascii_lowercase())),
            None => folded.extend(
                letter
                    .to_lowercase()
                    .filter(|&sign| !is_combining_mark(sign)),
            ),
        }
    }
    folded
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
pub(crate) const fn plain(letter: char) -> Option<&'static str> {
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
            ("한글", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}"),
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
