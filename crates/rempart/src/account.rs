//! The name of an account, as stores and counters know it.
//!
//! Clause: CNIL 2022-100, case 2: one account has one counter and one password however its
//! identifier is typed. Surrounding space and letter case do not matter, exactly as in
//! [`access::KeyMaker::account`], so that `Ana@example.fr ` opens neither a second counter
//! nor a second account.
//!
//! A message goes to the address of the *account*, never to what was typed: `K` (the kelvin
//! sign) becomes `k`, and whoever typed it must not receive the link of somebody else.

use std::fmt;

/// An identifier, trimmed and in lower case: from 1 to 320 bytes, without control characters.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Account(String);

impl Account {
    /// The most bytes of a name: those of the longest e-mail address.
    pub const LONGEST: usize = 320;

    /// Reads what a person typed; `None` where no account can have that name. Such an
    /// identifier is answered like one that nobody has.
    pub fn read(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        // Looked at before it is copied: lower case may be longer, by a few bytes each.
        if typed.is_empty() || typed.len() > Self::LONGEST || typed.contains(char::is_control) {
            return None;
        }
        let name: String = typed.chars().flat_map(char::to_lowercase).collect();
        (name.len() <= Self::LONGEST).then_some(Self(name))
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

/// Says nothing of the person.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Account(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_account_has_one_name() {
        for (typed, name) in [
            ("ana@example.fr", Some("ana@example.fr")),
            (" Ana@Example.FR\u{a0}", Some("ana@example.fr")),
            ("mi\u{212a}e", Some("mike")),
            // Another letter is another account, however alike it looks.
            ("m\u{131}ke", Some("m\u{131}ke")),
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
