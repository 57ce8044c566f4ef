//! One account, however its identifier is spelt.
//!
//! Many sites trim, fold or strip what is typed before they look an account up (WordPress drops
//! accents, DokuWiki turns most signs into `_`), so a guesser could spread tries over spellings.
//! All of them together have a day's cap, under the loosest one. Accounts that share it share
//! that cap, which costs a wait at worst; the failures in a row that a success forgets, and the
//! browsers that are known, are those of what was typed.
//!
//! Absent on purpose: `ü` for `ue` and `y`, `å` for `aa`, and other letters than the Latin ones
//! written in them, which differ by country and would make one of too many names.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::Typed;

/// Most bytes of an identifier.
const LONGEST: usize = 1024;

/// Whether every origin reads an identifier as one text. WordPress drops `<…>`, also where
/// nothing closes it, and `&…;`, so that `admin<1`, `admin<2` and so on are all `admin` to it;
/// others keep them. No spelling could stand for both.
pub(crate) fn is_plain(identifier: &str) -> bool {
    let reference = identifier
        .find('&')
        .is_some_and(|at| identifier[at..].contains(';'));
    identifier.len() <= LONGEST
        && !reference
        && !identifier.contains(|sign: char| sign == '<' || sign.is_control())
}

/// The loosest spelling: escapes dropped, accents and letter case too, then all but letters,
/// digits and `@`. Costs one pass.
pub fn fold(identifier: &str) -> Typed {
    let mut plain = zeroize::Zeroizing::new(String::with_capacity(identifier.len()));
    let mut rest = identifier;
    while let Some(sign) = rest.chars().next() {
        let escape = sign == '%'
            && rest
                .as_bytes()
                .get(1..3)
                .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
        if escape {
            rest = &rest[3..];
            continue;
        }
        plain.push(sign);
        rest = &rest[sign.len_utf8()..];
    }
    let folded: String = plain
        .nfkd()
        .filter(|&sign| !is_combining_mark(sign))
        .flat_map(char::to_lowercase)
        .flat_map(letters)
        .filter(|&sign| sign.is_alphanumeric() || sign == '@')
        .collect();
    // Signs alone are still an account, and must not all be the same one.
    match folded.is_empty() {
        true => Typed::new(identifier.to_lowercase()),
        false => Typed::new(folded),
    }
}

/// Letters that no accent makes, as WordPress (`remove_accents`), DokuWiki and the collations of
/// databases write them.
fn letters(sign: char) -> impl Iterator<Item = char> {
    let plain = match sign {
        'ß' => ['s', 's'],
        'æ' => ['a', 'e'],
        'œ' => ['o', 'e'],
        'þ' => ['t', 'h'],
        'ø' => ['o', '\0'],
        'đ' | 'ð' => ['d', '\0'],
        'ħ' => ['h', '\0'],
        'ı' => ['i', '\0'],
        'ĸ' => ['k', '\0'],
        'ł' => ['l', '\0'],
        'ŋ' => ['n', '\0'],
        'ŧ' => ['t', '\0'],
        'ƒ' => ['f', '\0'],
        '€' => ['e', '\0'],
        sign => [sign, '\0'],
    };
    plain.into_iter().filter(|&sign| sign != '\0')
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
            "jean%20.dupont",
            "jéan.dupont",
            "jean_dupont",
            "ｊｅａｎ.dupont",
            "jean\u{301}.dupont",
        ] {
            assert_eq!(fold(spelling).expose(), "jeandupont", "{spelling}");
        }
        for (spelling, plain) in [
            ("Weißbäcker", "weissbacker"),
            ("SØRENSEN", "sorensen"),
            ("Łukasz Đorđe", "lukaszdorde"),
            ("Ðórr Þæ", "dorrthae"),
            ("Cœur", "coeur"),
            ("Iıİi", "iiii"),
            ("ŧħĸŋƒ€", "thknfe"),
        ] {
            assert_eq!(fold(spelling).expose(), plain, "{spelling}");
        }
        for (one, other) in [("a@b.fr", "ab.fr"), ("a", "b"), ("!", "?")] {
            assert_ne!(fold(one), fold(other), "{one} {other}");
        }
    }

    #[test]
    fn an_identifier_that_origins_cut_is_not_plain() {
        for (identifier, plain) in [
            ("jean", true),
            ("Jean Dupont & fils", true),
            ("R&D", true),
            ("a;b&c", true),
            ("a > b", true),
            ("admin<1", false),
            ("admin<script>1</script>", false),
            ("ad&x;min", false),
            ("&amp;&", false),
            ("admin\u{1}", false),
            ("admin\n", false),
            ("admin\u{85}", false),
        ] {
            assert_eq!(is_plain(identifier), plain, "{identifier:?}");
        }
        assert!(is_plain(&"a".repeat(LONGEST)));
        assert!(!is_plain(&"a".repeat(LONGEST + 1)));
    }
}
