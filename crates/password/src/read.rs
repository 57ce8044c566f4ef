//! A typed password, read once and never shown again.
//!
//! Clauses: [`clause::RFC8265_OPAQUE`] (OpaqueString: spaces mapped, NFC, nothing empty, case
//! kept), [`clause::CNIL_MAX_LENGTH`] (a cap against denial of service). Length counts code
//! points after NFC. The byte cap comes first, because normalising is work too.
//!
//! Departs from RFC 8265 in one point: unassigned and ignorable code points are let through.
//! Refusing them would make the verdict depend on the version of the Unicode tables, and
//! joined emoji would be refused although the CNIL asks for the widest choice.
//!
//! Absent on purpose: a public way back to the text, `Clone`, comparison and serialisation.
//! The normaliser keeps a few characters at a time in buffers that it does not wipe.

use std::fmt;
use std::sync::OnceLock;

use policy::{Clause, Language, clause};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::fold;

/// Bytes read per character allowed. NFC may join four code points of four bytes at most,
/// so no password within the cap is refused for its encoding.
const BYTES_PER_CHARACTER: usize = 16;

/// Bytes of NFC per byte of UTF-8, at most (Unicode Standard Annex 15).
const NFC_GROWTH: usize = 3;
/// Bytes of NFD text per byte of NFC text, with margin: see [`fold`].
const NFD_GROWTH: usize = 4;

/// A password in memory: wiped on drop; not cloned, compared, shown or serialised.
///
/// ```compile_fail,E0277
/// let password = password::Password::read(b"secret".to_vec(), 256).unwrap();
/// println!("{password}");
/// ```
pub struct Password {
    text: Zeroizing<String>,
    /// What was typed, where preparing it changed something: other systems hashed that.
    raw: Option<Zeroizing<Vec<u8>>>,
    /// Made when a rule first asks for it; several do.
    folded: OnceLock<Zeroizing<String>>,
}

/// Why bytes are not a password. Says nothing of their content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadError {
    /// No byte at all.
    Empty,
    /// More than `max` characters.
    TooLong {
        /// The cap of the policy, in code points.
        max: usize,
    },
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// A NUL, at which some systems would cut the password.
    Nul,
    /// A control character or a noncharacter.
    Control,
}

impl Password {
    /// Reads a password as RFC 8265 prepares an `OpaqueString`. The bytes are wiped
    /// whatever the outcome.
    ///
    /// # Errors
    /// When the bytes are empty, longer than `max_length` code points allow, not UTF-8, or
    /// hold a control character.
    pub fn read(bytes: Vec<u8>, max_length: usize) -> Result<Self, ReadError> {
        let bytes = Zeroizing::new(bytes);
        let too_long = ReadError::TooLong { max: max_length };
        if bytes.is_empty() {
            return Err(ReadError::Empty);
        }
        if bytes.len() > max_length.saturating_mul(BYTES_PER_CHARACTER) {
            return Err(too_long);
        }
        let typed = std::str::from_utf8(&bytes).map_err(|_| ReadError::NotUtf8)?;
        if typed.contains('\0') {
            return Err(ReadError::Nul);
        }
        if typed.contains(is_refused) {
            return Err(ReadError::Control);
        }
        // Reserved whole, so that growth leaves no copy of the beginning behind.
        let mut text = Zeroizing::new(String::with_capacity(typed.len() * NFC_GROWTH));
        text.extend(typed.chars().map(plain_space).nfc());
        if text.chars().count() > max_length {
            return Err(too_long);
        }
        let is_changed = bytes.as_slice() != text.as_bytes();
        Ok(Self {
            text,
            raw: is_changed.then_some(bytes),
            folded: OnceLock::new(),
        })
    }

    /// The bytes as they were typed, if they are others than those of the text.
    pub(crate) fn raw(&self) -> Option<&[u8]> {
        self.raw.as_deref().map(Vec::as_slice)
    }

    /// The only way to the text, beside [`Password::raw`]. Search both names to audit every use.
    pub(crate) fn expose(&self) -> &str {
        &self.text
    }

    /// Whether an index of leaked passwords has it, with its accents joined or apart: leaks
    /// hold what was typed, and some systems type them apart.
    pub fn is_in(&self, index: &breach::Index) -> bool {
        if index.contains(&self.text) {
            return true;
        }
        if self.text.is_ascii() {
            return false;
        }
        let mut apart = Zeroizing::new(String::with_capacity(self.text.len() * NFD_GROWTH));
        apart.extend(self.text.nfd());
        index.contains(&apart)
    }

    /// The text folded for comparison, see [`fold::folded`].
    pub(crate) fn folded(&self) -> &str {
        self.folded.get_or_init(|| fold::folded(&self.text))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

/// Spaces of every width become the plain one (RFC 8265, 4.2.2).
const fn plain_space(sign: char) -> char {
    match sign {
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            ' '
        }
        other => other,
    }
}

fn is_refused(sign: char) -> bool {
    let noncharacter = matches!(sign, '\u{fdd0}'..='\u{fdef}') || (sign as u32) & 0xfffe == 0xfffe;
    sign.is_control() || noncharacter
}

impl ReadError {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "password-empty",
            Self::TooLong { .. } => "password-too-long",
            Self::NotUtf8 => "password-not-utf8",
            Self::Nul => "password-nul",
            Self::Control => "password-control",
        }
    }

    /// The clause that asks for the refusal.
    pub const fn clause(self) -> &'static Clause {
        match self {
            Self::TooLong { .. } => &clause::CNIL_MAX_LENGTH,
            Self::Empty | Self::NotUtf8 | Self::Nul | Self::Control => &clause::RFC8265_OPAQUE,
        }
    }

    /// What is wrong, for the person who typed.
    pub fn message(self, language: Language) -> String {
        match (self, language) {
            (Self::Empty, Language::Fr) => "Le mot de passe est vide.".to_owned(),
            (Self::Empty, Language::En) => "The password is empty.".to_owned(),
            (Self::TooLong { max }, Language::Fr) => {
                format!("Le mot de passe dépasse {max} caractères.")
            }
            (Self::TooLong { max }, Language::En) => {
                format!("The password is longer than {max} characters.")
            }
            (Self::NotUtf8, Language::Fr) => {
                "Le mot de passe n’est pas du texte en UTF-8.".to_owned()
            }
            (Self::NotUtf8, Language::En) => "The password is not UTF-8 text.".to_owned(),
            (Self::Nul, Language::Fr) => "Le mot de passe contient un octet nul.".to_owned(),
            (Self::Nul, Language::En) => "The password contains a NUL byte.".to_owned(),
            (Self::Control, Language::Fr) => {
                "Le mot de passe contient un caractère de commande.".to_owned()
            }
            (Self::Control, Language::En) => {
                "The password contains a control character.".to_owned()
            }
        }
    }

    /// What to do next.
    pub const fn advice(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Empty, Language::Fr) => "Saisissez un mot de passe.",
            (Self::Empty, Language::En) => "Type a password.",
            (Self::TooLong { .. }, Language::Fr) => "Choisissez un mot de passe plus court.",
            (Self::TooLong { .. }, Language::En) => "Choose a shorter password.",
            (Self::NotUtf8, Language::Fr) => {
                "Vérifiez l’encodage du formulaire ou du terminal, ou tapez d’autres caractères."
            }
            (Self::NotUtf8, Language::En) => {
                "Check the encoding of the form or terminal, or type other characters."
            }
            (Self::Nul | Self::Control, Language::Fr) => {
                "Retirez tabulations, retours à la ligne et caractères invisibles, souvent venus d’un copier-coller."
            }
            (Self::Nul | Self::Control, Language::En) => {
                "Remove tabs, line ends and invisible characters, which often come with a paste."
            }
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Language::En))
    }
}

impl std::error::Error for ReadError {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<Password, ReadError> {
        Password::read(text.as_bytes().to_vec(), 50)
    }

    #[test]
    fn text_is_kept_as_rfc_8265_prepares_it() {
        // Rows of RFC 8265, table 3, and our own. The stored text is compared here only.
        for (typed, kept) in [
            (
                "correct horse battery staple",
                "correct horse battery staple",
            ),
            (
                "Correct Horse Battery Staple",
                "Correct Horse Battery Staple",
            ),
            ("\u{3c0}\u{df}\u{e5}", "\u{3c0}\u{df}\u{e5}"),
            ("Jack of \u{2666}s", "Jack of \u{2666}s"),
            ("foo\u{1680}bar", "foo bar"),
            ("mot\u{a0}de\u{202f}passe", "mot de passe"),
            ("e\u{301}te\u{301}", "\u{e9}t\u{e9}"),
            ("A\u{30a}", "\u{c5}"),
            ("\u{212b}", "\u{c5}"),
            ("\u{fb01}", "\u{fb01}"),
            ("👩\u{200d}💻", "👩\u{200d}💻"),
        ] {
            assert_eq!(read(typed).expect(typed).expose(), kept);
        }
    }

    #[test]
    fn bytes_that_are_no_password_are_refused_for_their_own_reason() {
        let long = ReadError::TooLong { max: 50 };
        let rows: &[(&[u8], ReadError)] = &[
            (b"", ReadError::Empty),
            (b"pass\0word", ReadError::Nul),
            (b"my cat is a \tby", ReadError::Control),
            (b"pass\x7fword", ReadError::Control),
            ("pass\u{85}word".as_bytes(), ReadError::Control),
            ("pass\u{fdd0}".as_bytes(), ReadError::Control),
            ("pass\u{1ffff}".as_bytes(), ReadError::Control),
            (b"pass\xffword", ReadError::NotUtf8),
            (b"\xed\xa0\x80", ReadError::NotUtf8),
            (&[b'a'; 51], long),
            (&[b'a'; 801], long),
            (&[0xff; 801], long),
        ];
        for (bytes, error) in rows {
            assert_eq!(Password::read(bytes.to_vec(), 50).unwrap_err(), *error);
        }
    }

    #[test]
    fn length_counts_code_points_after_nfc() {
        for (typed, length) in [
            ("abc", 3),
            ("éèà", 3),
            ("e\u{301}", 1),
            ("👍", 1),
            // Four code points that NFC joins into one.
            ("α\u{313}\u{300}\u{345}", 1),
        ] {
            let bytes = typed.as_bytes().to_vec();
            assert!(Password::read(bytes.clone(), length).is_ok(), "{typed}");
            assert!(Password::read(bytes, length - 1).is_err(), "{typed}");
        }
        // Fifty characters pass however they are written down.
        assert!(read(&"α\u{313}\u{300}\u{345}".repeat(50)).is_ok());
        assert!(read(&"👍".repeat(50)).is_ok());
        assert!(read(&"👍".repeat(51)).is_err());
    }

    #[test]
    fn the_cap_comes_before_any_other_work() {
        // Were the bytes looked at first, each of these would get another answer, and the
        // normaliser would be at work for seconds on the last.
        let marks = "a".to_owned() + &"\u{316}\u{301}".repeat(2_600_000) + "\0";
        for bytes in [vec![0xff; 10 << 20], vec![0; 10 << 20], marks.into_bytes()] {
            assert_eq!(
                Password::read(bytes, 256).unwrap_err(),
                ReadError::TooLong { max: 256 }
            );
        }
    }

    #[test]
    fn the_maximum_is_told_and_nothing_is_cut() {
        for letter in ["a", "é", "e\u{301}", "中", "😀"] {
            let whole = letter.repeat(49) + "!";
            let composed: String = whole.nfc().collect();
            assert_eq!(read(&whole).expect("fifty characters").expose(), composed);
            let over = letter.repeat(50) + "!";
            let error = read(&over).expect_err("one too many");
            assert_eq!(error, ReadError::TooLong { max: 50 });
            assert_eq!(
                error.message(Language::Fr),
                "Le mot de passe dépasse 50 caractères."
            );
            assert_eq!(
                error.message(Language::En),
                "The password is longer than 50 characters."
            );
            assert_eq!(error.clause().id, "cnil-max-length");
        }
    }

    #[test]
    fn what_was_typed_is_kept_only_where_it_is_something_else() {
        for typed in ["abc", "\u{e9}t\u{e9}", "👩\u{200d}💻"] {
            assert_eq!(read(typed).expect(typed).raw(), None);
        }
        for typed in ["e\u{301}te\u{301}", "mot\u{a0}de", "\u{212b}"] {
            assert_eq!(read(typed).expect(typed).raw(), Some(typed.as_bytes()));
        }
    }

    #[test]
    fn debug_shows_nothing() {
        let password = read("canary-47").expect("valid");
        assert_eq!(format!("{:?}", Some(password)), "Some(Password(..))");
    }

    #[test]
    fn normalising_never_outgrows_its_room() {
        for letter in (1..=0x3_1350).filter_map(char::from_u32) {
            let text: String = std::iter::repeat_n(letter, 4).collect();
            if let Ok(password) = read(&text) {
                assert_eq!(
                    password.text.capacity(),
                    text.len() * NFC_GROWTH,
                    "{letter:?}"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..900)) {
            let _ = Password::read(bytes, 50);
        }

        #[test]
        fn reading_again_changes_nothing(text in "\\PC{1,40}") {
            if let Ok(once) = Password::read(text.into_bytes(), 256) {
                let twice = Password::read(once.expose().as_bytes().to_vec(), 256).expect("already prepared");
                prop_assert_eq!(once.expose(), twice.expose());
            }
        }

        #[test]
        fn composed_and_decomposed_text_read_alike(text in "\\PC{1,40}") {
            let decomposed: String = text.nfd().collect();
            let (one, other) = (Password::read(text.into_bytes(), 256), Password::read(decomposed.into_bytes(), 256));
            match (one, other) {
                (Ok(one), Ok(other)) => prop_assert_eq!(one.expose(), other.expose()),
                (one, other) => prop_assert_eq!(one.err(), other.err()),
            }
        }
    }
}
