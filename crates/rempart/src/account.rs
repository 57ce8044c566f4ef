//! The name of an account, as stores and counters know it.
//!
//! Clause: CNIL 2022-100, case 2: one account has one counter and one password however its
//! identifier is typed. Surrounding space, letter case, and whether an accent is a character of
//! its own (NFC) do not matter, exactly as in [`access::KeyMaker::account`], so that
//! `Ana@example.fr ` opens neither a second counter nor a second account.
//!
//! Characters that show nothing are refused, and with them those that turn the direction of
//! text: two names that look the same would be two people's.
//!
//! A message goes to the address of the *account*, never to what was typed: `K` (the kelvin
//! sign) becomes `k`, and whoever typed it must not receive the link of somebody else.

use std::fmt;

use policy::Language;
use unicode_normalization::UnicodeNormalization;

/// An identifier, trimmed, in lower case and composed (NFC): from 1 to 320 bytes, without control
/// characters and without those that show nothing.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Account(String);

impl Account {
    /// The most bytes of a name: those of the longest e-mail address.
    pub const LONGEST: usize = 320;

    /// Reads what a person typed; `None` where no account can have that name. Such an
    /// identifier is answered like one that nobody has.
    pub fn read(typed: &str) -> Option<Self> {
        Self::check(typed).ok()
    }

    /// The same for a person who chooses it, and who must be told what is wrong with it.
    ///
    /// # Errors
    /// Where no account can have that name.
    pub fn check(typed: &str) -> Result<Self, NameFault> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(NameFault::Empty);
        }
        // Looked at before it is copied: lower case may be longer, by a few bytes each.
        if typed.len() > Self::LONGEST {
            return Err(NameFault::TooLong);
        }
        if typed.contains(char::is_control) {
            return Err(NameFault::Control);
        }
        if typed.contains(access::is_invisible) {
            return Err(NameFault::Invisible);
        }
        // Composed last: the lower case of İ is two characters, which no form joins again.
        let name: String = typed.chars().flat_map(char::to_lowercase).nfc().collect();
        match name.len() <= Self::LONGEST {
            true => Ok(Self(name)),
            false => Err(NameFault::TooLong),
        }
    }

    /// A name that nobody can have, to be looked up where one could not be read.
    pub(crate) fn nobody() -> Self {
        Self(" ".to_owned())
    }

    /// The name that was kept in a store, as it was kept.
    pub(crate) fn kept(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// The name, to be stored or to find an address by. It identifies a person: no log.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why no account can have a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameFault {
    /// Nothing was typed but space.
    Empty,
    /// It has more than [`Account::LONGEST`] bytes.
    TooLong,
    /// It holds a control character, such as the end of a line.
    Control,
    /// It holds a character that shows nothing, or that turns the direction of text.
    Invisible,
}

impl NameFault {
    /// What is wrong and what to do, for the person who typed it.
    pub const fn message(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Empty, Language::Fr) => "L’identifiant est vide. Tapez-en un.",
            (Self::Empty, Language::En) => "The identifier is empty. Type one.",
            (Self::TooLong, Language::Fr) => {
                "L’identifiant dépasse 320 octets. Choisissez-en un plus court."
            }
            (Self::TooLong, Language::En) => {
                "The identifier is longer than 320 bytes. Choose a shorter one."
            }
            (Self::Control, Language::Fr) => {
                "L’identifiant contient un caractère de commande, tel qu’un retour à la ligne. Retirez-le, ou tapez l’identifiant au lieu de le coller."
            }
            (Self::Control, Language::En) => {
                "The identifier contains a control character, such as the end of a line. Remove it, or type the identifier instead of pasting it."
            }
            (Self::Invisible, Language::Fr) => {
                "L’identifiant contient un caractère invisible : deux identifiants paraîtraient le même. Tapez-le au lieu de le coller."
            }
            (Self::Invisible, Language::En) => {
                "The identifier contains an invisible character: two identifiers would look the same. Type it instead of pasting it."
            }
        }
    }
}

impl fmt::Display for NameFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message(Language::En))
    }
}

impl std::error::Error for NameFault {}

/// Says nothing of the person.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Account(..)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_account_has_one_name() {
        for (typed, name) in [
            ("ana@example.fr", Some("ana@example.fr")),
            (" Ana@Example.FR\u{a0}", Some("ana@example.fr")),
            ("mi\u{212a}e", Some("mike")),
            // Another letter is another account, however alike it looks.
            ("m\u{131}ke", Some("m\u{131}ke")),
            ("an\u{e1}", Some("an\u{e1}")),
            // An accent that is a character of its own is the same name.
            ("ana\u{301}", Some("an\u{e1}")),
            ("ANA\u{301}", Some("an\u{e1}")),
            ("\u{212b}sa", Some("\u{e5}sa")),
            ("", None),
            (" \t ", None),
            ("ana\0", None),
            ("ana\nbcc: eve", None),
        ] {
            let read = Account::read(typed);
            assert_eq!(read.as_ref().map(Account::as_str), name, "{typed:?}");
        }
        assert!(Account::read(&"a".repeat(320)).is_some());
        assert!(Account::read(&"a".repeat(321)).is_none());
        // Two bytes that become three.
        assert!(Account::read(&"\u{23a}".repeat(160)).is_none());
    }

    #[test]
    fn what_is_wrong_with_a_name_is_said() {
        let long = "a".repeat(321);
        let grows = "\u{23a}".repeat(160);
        for (typed, fault) in [
            ("", NameFault::Empty),
            ("\u{a0} ", NameFault::Empty),
            (&long, NameFault::TooLong),
            (&grows, NameFault::TooLong),
            ("ana\u{7f}", NameFault::Control),
            ("an\u{ad}a", NameFault::Invisible),
            ("ana\u{200b}", NameFault::Invisible),
            ("\u{feff}ana", NameFault::Invisible),
            ("ana\u{200d}", NameFault::Invisible),
            ("\u{202e}ana", NameFault::Invisible),
            ("ana\u{2066}x\u{2069}", NameFault::Invisible),
            ("ana\u{fe0f}", NameFault::Invisible),
            ("ana\u{e0041}", NameFault::Invisible),
        ] {
            assert_eq!(Account::check(typed), Err(fault), "{typed:?}");
            assert_eq!(Account::read(typed), None, "{typed:?}");
        }
        let mut seen = std::collections::BTreeSet::new();
        for fault in [
            NameFault::Empty,
            NameFault::TooLong,
            NameFault::Control,
            NameFault::Invisible,
        ] {
            for language in [Language::Fr, Language::En] {
                assert!(seen.insert(fault.message(language)), "{fault:?}: twice");
            }
        }
    }

    proptest! {
        #[test]
        fn a_name_reads_as_itself(typed in "\\PC{1,20}") {
            if let Some(account) = Account::read(&typed) {
                prop_assert_eq!(Account::read(account.as_str()), Some(account));
            }
        }
    }

    #[test]
    fn a_name_and_its_counter_agree() {
        let maker = access::KeyMaker::with_secret([3; 32]);
        for typed in [" Ana@Example.FR ", "MI\u{212a}E", "\u{130}stanbul", "ΣΑΣ"] {
            let account = Account::read(typed).expect("a name");
            assert_eq!(
                maker.account(typed),
                maker.account(account.as_str()),
                "{typed}"
            );
        }
    }

    #[test]
    fn debug_shows_no_name() {
        let account = Account::read("ana@example.fr").expect("a name");
        assert_eq!(format!("{account:?}"), "Account(..)");
    }
}
