//! One account, however its identifier is spelt.
//!
//! Many sites trim, fold or strip what is typed before they look an account up (WordPress drops
//! tags and accents, DokuWiki turns most signs into `_`), so a guesser could spread tries over
//! spellings. All of them together have a day's cap, under the loosest one. Accounts that share
//! it share that cap, which costs a wait at worst; the failures in a row that a success forgets,
//! and the browsers that are known, are those of what was typed.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::Typed;

/// The loosest spelling: tags, escapes and references dropped, accents and letter case too,
/// then all but letters, digits and `@`.
pub fn fold(identifier: &str) -> Typed {
    let mut plain = zeroize::Zeroizing::new(String::with_capacity(identifier.len()));
    let mut rest = identifier;
    while let Some(sign) = rest.chars().next() {
        let dropped = match sign {
            '<' => rest.find('>').map(|end| end + 1),
            '&' => rest.find(';').map(|end| end + 1),
            '%' => rest
                .as_bytes()
                .get(1..3)
                .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
                .then_some(3),
            _ => None,
        };
        match dropped {
            Some(end) => rest = &rest[end..],
            None => {
                plain.push(sign);
                rest = &rest[sign.len_utf8()..];
            }
        }
    }
    let folded: String = plain
        .nfkd()
        .filter(|&sign| !is_combining_mark(sign))
        .flat_map(char::to_lowercase)
        .filter(|&sign| sign.is_alphanumeric() || sign == '@')
        .collect();
    // Signs alone are still an account, and must not all be the same one.
    match folded.is_empty() {
        true => Typed::new(identifier.to_lowercase()),
        false => Typed::new(folded),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_account_are_one() {
        for spelling in [
            "jean.dupont",
            "Jean.Dupont",
            " jean.dupont ",
            "jean<b>.dupont",
            "jean%20.dupont",
            "jean&amp;.dupont",
            "jéan.dupont",
            "jean_dupont",
            "ｊｅａｎ.dupont",
            "jean\u{301}.dupont",
        ] {
            assert_eq!(fold(spelling).expose(), "jeandupont", "{spelling}");
        }
        for (one, other) in [("a@b.fr", "ab.fr"), ("a", "b"), ("!", "?")] {
            assert_ne!(fold(one), fold(other), "{one} {other}");
        }
    }
}
