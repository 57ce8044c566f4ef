//! What a person is told, and what the application delivers.
//!
//! Clauses: [`policy::clause::CNIL_NOTIFY_CHANGE`] (a change of password is notified),
//! [`policy::clause::CNIL_COMPROMISE`], [`policy::clause::CNIL_RESET_CHANNEL`],
//! [`policy::clause::CNIL_NEVER_SENT_IN_CLEAR`] (no lasting password travels in clear).
//!
//! A notice is a typed event: which account, which of its addresses, what. Its texts are ready
//! in French and English, and hold no secret but that of a link. No password, not even a
//! temporary one, is ever in a notice.
//!
//! Absent on purpose: addresses and delivery.

use std::fmt;
use std::time::Duration;

use access::Timestamp;
use policy::Language;
use zeroize::Zeroizing;

use crate::account::Account;
use crate::accounts::LinkToken;

mod text;

/// Something to tell the person of an account. Deliver it or say why not: the CNIL asks for it.
#[must_use = "a notice is to be delivered"]
#[derive(Debug)]
#[non_exhaustive]
pub struct Notice {
    /// Whose account it is. The message goes to an address *kept* for it, never to one that
    /// somebody has just typed.
    pub account: Account,
    /// Which of its addresses.
    pub to: To,
    /// What happened.
    pub what: What,
}

/// An address of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// The present one.
    Contact,
    /// The one before the last change.
    FormerContact,
}

/// What a person is told.
#[derive(Debug)]
#[non_exhaustive]
pub enum What {
    /// Somebody registered this address: the link opens the account.
    Confirm {
        /// The secret of the link.
        token: LinkToken,
        /// How long it works.
        lifetime: Duration,
    },
    /// Somebody registered this address, which has an account.
    AlreadyRegistered,
    /// The account is open.
    Registered,
    /// Somebody asked for another password.
    Reset {
        /// The secret of the link.
        token: LinkToken,
        /// How long it works.
        lifetime: Duration,
    },
    /// Somebody asked for another password, and the address changed too lately.
    Held {
        /// From then on a link can be sent.
        until: Timestamp,
    },
    /// Somebody asked to open the blocked account.
    Unlock {
        /// The secret of the link.
        token: LinkToken,
        /// How long it works.
        lifetime: Duration,
    },
    /// Too many wrong passwords: nobody signs in before the account is unlocked.
    Blocked,
    /// The password was changed.
    PasswordChanged,
    /// The password was replaced through a link.
    PasswordReset,
    /// A temporary password was attributed.
    Attributed {
        /// How long it works.
        lifetime: Duration,
    },
    /// Others may know the password.
    Compromised {
        /// No later than this the person is told.
        tell_by: Timestamp,
    },
    /// The address to which links go has changed.
    ContactChanged,
    /// Somebody signed in from a device that was not known.
    NewDevice,
}

/// What the texts need to know of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Site {
    /// Its name, as people know it.
    pub name: String,
    /// Where a registration is confirmed, up to the secret: `https://example.fr/confirm?link=`.
    pub confirm: String,
    /// Where another password is chosen, up to the secret.
    pub reset: String,
    /// Where an account is unlocked, up to the secret.
    pub unlock: String,
}

/// A message in one language.
pub struct Message {
    /// Its subject: one line, without secret.
    pub subject: String,
    /// Its text, of several lines. May hold the link: wiped when dropped, no log.
    pub text: Zeroizing<String>,
}

impl Notice {
    pub(crate) fn new(account: &Account, what: What) -> Self {
        Self {
            account: account.clone(),
            to: To::Contact,
            what,
        }
    }

    /// The same for another address.
    pub(crate) fn to(self, to: To) -> Self {
        Self { to, ..self }
    }

    /// The message in one language.
    pub fn message(&self, site: &Site, language: Language) -> Message {
        text::message(self, site, language)
    }

    /// The secret of the link in it, if it has one.
    pub const fn token(&self) -> Option<&LinkToken> {
        match &self.what {
            What::Confirm { token, .. }
            | What::Reset { token, .. }
            | What::Unlock { token, .. } => Some(token),
            _ => None,
        }
    }
}

impl Site {
    /// A site with its pages at `/confirm`, `/reset` and `/unlock` under `origin`, such as
    /// `https://example.fr`, and the secret in the parameter `link`.
    pub fn new(name: impl Into<String>, origin: &str) -> Self {
        let page = |name| format!("{}/{name}?link=", origin.trim_end_matches('/'));
        Self {
            name: name.into(),
            confirm: page("confirm"),
            reset: page("reset"),
            unlock: page("unlock"),
        }
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}
