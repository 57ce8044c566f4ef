//! The words that an event may hold instead of text.
//!
//! Clause: [`policy::clause::CNIL_LOG_NO_SECRET`]. A text that came from outside has no way in:
//! closed lists are enums, and what other crates name (a finding, a reason to renew) is a
//! `&'static str`, which only the program's own source can hold.

use std::fmt;

use policy::Language;

/// A word of the program's own source: kebab-case ASCII of at most [`Word::LONGEST`] bytes.
///
/// A typed text lives shorter than the program, so it is no word:
///
/// ```compile_fail,E0597
/// let typed = String::from("hunter2");
/// let word = journal::Word::new(&typed);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Word(&'static str);

/// The codes of what is wrong with a password; never a part of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings(Vec<Word>);

macro_rules! words {
    ($(
        $(#[$about:meta])*
        $name:ident { $( $(#[$meaning:meta])* $variant:ident = $word:literal, $fr:literal, $en:literal; )+ }
    )+) => { $(
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name { $( $(#[$meaning])* $variant, )+ }

        impl $name {
            /// Every word of the list.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )+ ];

            /// The word in the journal: stable, kebab-case.
            pub const fn word(self) -> &'static str {
                match self { $( Self::$variant => $word, )+ }
            }

            /// The word for people.
            pub const fn text(self, language: Language) -> &'static str {
                match (self, language) {
                    $( (Self::$variant, Language::Fr) => $fr, (Self::$variant, Language::En) => $en, )+
                }
            }
        }
    )+ };
}

words! {
    /// What a counter that restricted an attempt counts.
    Scope {
        /// An account.
        Account = "account", "compte", "account";
        /// All spellings of one name.
        Alike = "alike", "graphies d’un même nom", "spellings of one name";
        /// A device that has signed in to an account before.
        Device = "device", "appareil connu", "known device";
        /// A source on one account.
        Pair = "pair", "source sur un compte", "source on one account";
        /// A source, over all accounts.
        Source = "source", "source", "source";
        /// The whole site.
        Site = "site", "site entier", "whole site";
        /// A counter that this version of the journal has no word for.
        Other = "other", "autre compteur", "another counter";
    }

    /// Whether a device that signs in was known.
    Device {
        /// It holds a token of an earlier sign-in.
        Trusted = "trusted", "appareil connu", "known device";
        /// It does not.
        Other = "other", "appareil inconnu", "unknown device";
    }

    /// What was answered while the store of counters did not.
    StoreAnswer {
        /// The attempt was refused.
        Closed = "closed", "tentative refusée", "attempt refused";
        /// The attempt passed unrestricted.
        Open = "open", "tentative admise sans restriction", "attempt passed unrestricted";
        /// The password was right, but the attempt may stay counted as a failure.
        Counted = "counted", "connexion admise, peut-être encore comptée comme un échec", "signed in, perhaps still counted as a failure";
    }

    /// Who did it.
    By {
        /// The person of the account.
        Person = "person", "la personne", "the person";
        /// A person of the operator.
        Operator = "operator", "l’exploitant", "the operator";
        /// The application, by itself.
        System = "system", "l’application", "the application";
    }

    /// Why a password must be changed before anything else.
    ChangeReason {
        /// It was attributed.
        Temporary = "temporary", "mot de passe attribué", "attributed password";
        /// It was marked as compromised.
        Compromised = "compromised", "mot de passe compromis", "compromised password";
        /// A privileged account's password has reached its age.
        Renewal = "renewal", "renouvellement d’un compte à privilèges", "renewal of a privileged account";
    }

    /// What an account is, for the renewal of its password.
    Rank {
        /// It is privileged.
        Privileged = "privileged", "compte à privilèges", "privileged account";
        /// It is like any other.
        Ordinary = "ordinary", "compte ordinaire", "ordinary account";
    }

    /// Why a link was refused.
    LinkFault {
        /// No such link was issued, or it was damaged on the way.
        Unknown = "unknown", "lien inconnu", "unknown link";
        /// It is past its time.
        Expired = "expired", "lien expiré", "expired link";
        /// It has served, or a later one or another password took its place.
        Spent = "spent", "lien déjà utilisé ou remplacé", "link used or replaced";
    }

    /// A notice that the application has to deliver. The link of a reset is not among them: it
    /// would tell known accounts from unknown ones.
    Notice {
        /// The password has changed.
        PasswordChanged = "password-changed", "mot de passe changé", "password changed";
        /// The contact has changed; the former one is told.
        ContactChanged = "contact-changed", "contact changé", "contact changed";
        /// The password was compromised.
        Compromised = "compromised", "mot de passe compromis", "password compromised";
        /// The account is blocked, and how it opens.
        Blocked = "blocked", "compte bloqué", "account blocked";
        /// A device that was not known has signed in.
        Device = "device", "appareil inconnu", "unknown device";
        /// A temporary password was issued.
        Temporary = "temporary", "mot de passe attribué", "attributed password";
    }

    /// Which accounts were marked as compromised together.
    Affected {
        /// Those of a list.
        Listed = "listed", "ceux d’une liste", "those of a list";
        /// Every account.
        All = "all", "tous", "all";
    }

    /// Why events were lost.
    Loss {
        /// They came faster than they could be written.
        Queue = "queue", "file d’attente pleine", "queue full";
        /// The disk was full or faulty.
        Disk = "disk", "écriture impossible", "could not be written";
        /// Their file was removed while it was open.
        Removed = "removed", "fichier supprimé pendant l’écriture", "file removed while written";
    }
}

impl Word {
    /// The most bytes of a word.
    pub const LONGEST: usize = 40;

    /// A word. What is none (another sign than a-z, 0-9, `-` and `.`, or too long) becomes
    /// `unlisted`: a journal must not end a program.
    pub const fn new(word: &'static str) -> Self {
        if is_word(word) {
            Self(word)
        } else {
            Self("unlisted")
        }
    }

    /// The word itself.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

const fn is_word(word: &str) -> bool {
    let bytes = word.as_bytes();
    if bytes.is_empty() || bytes.len() > Word::LONGEST {
        return false;
    }
    let mut index = 0;
    while index < bytes.len() {
        if !matches!(bytes[index], b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.') {
            return false;
        }
        index += 1;
    }
    true
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Findings {
    /// The most codes of one event; further ones are left out.
    pub const MOST: usize = 32;

    /// The codes of findings, each once, in their order.
    pub fn new(codes: impl IntoIterator<Item = &'static str>) -> Self {
        let mut kept: Vec<Word> = Vec::new();
        for word in codes.into_iter().map(Word::new) {
            if kept.len() == Self::MOST {
                break;
            }
            if !kept.contains(&word) {
                kept.push(word);
            }
        }
        Self(kept)
    }

    /// The codes.
    pub fn codes(&self) -> &[Word] {
        &self.0
    }
}

impl From<access::Scope> for Scope {
    fn from(scope: access::Scope) -> Self {
        match scope {
            access::Scope::Account => Self::Account,
            access::Scope::Alike => Self::Alike,
            access::Scope::Device => Self::Device,
            access::Scope::Pair => Self::Pair,
            access::Scope::Source => Self::Source,
            access::Scope::Site => Self::Site,
            _ => Self::Other,
        }
    }
}
