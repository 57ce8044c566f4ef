//! Choosing a password without the old one, through a link.
//!
//! Clauses: [`policy::clause::CNIL_RESET_LINK`], [`policy::clause::CNIL_RESET_CHANNEL`] (a
//! contact changed lately receives none). Whoever asks learns nothing: the same answer, one
//! token written, no hash computed, whether or not the address is known.
//!
//! The link stays until a password is accepted, so that a refused one can be mended on the same
//! page; it ends with the change itself, because it is bound to the password that it replaces.

use std::time::Duration;

use access::{Room, Visitor};
use journal::{By, Kind, LinkFault};

use super::link::{To, to_nobody};
use super::{Accounts, Asked, DeviceCookie, Refused, Sessions};
use crate::account::Account;
use crate::credential::{Generation, Origin};
use crate::error::FlowError;
use crate::notice::{Notice, What};
use crate::store::{Purpose, Slot};

/// What became of a reset.
#[must_use]
#[derive(Debug)]
pub enum Reset {
    /// The new password is in place, and the account is open if it was blocked.
    Done {
        /// Whose.
        account: Account,
        /// Which password it is, for a session that is opened now.
        generation: Generation,
        /// What this browser may keep, so that strangers who go on trying do not keep its
        /// person out of the first sign-in.
        device: Option<DeviceCookie>,
        /// The sessions to end.
        revoke: Sessions,
        /// What to deliver.
        notices: Vec<Notice>,
    },
    /// The link is good, the new password refused. The same link works again.
    Refused(Refused),
    /// The link was never made, is past its time, has served, or a later one or another
    /// password took its place. Offer to ask for another.
    Stale,
    /// The link was followed too often, or too many requests came from this source or to the whole
    /// site: not before this much time.
    Wait(Duration),
}

impl Accounts {
    /// Asks for a link that lets a person choose another password. Show the same page for
    /// every identifier.
    ///
    /// # Errors
    /// When a store does not answer, the record cannot be read, or the system gives no
    /// randomness.
    pub async fn ask_reset(&self, visitor: &Visitor<'_>) -> Result<Asked, FlowError> {
        self.ask(visitor, Purpose::Reset).await
    }

    /// Keeps one link, for the person or for nobody.
    pub(super) async fn ask(
        &self,
        visitor: &Visitor<'_>,
        purpose: Purpose,
    ) -> Result<Asked, FlowError> {
        let (word, kind) = match purpose {
            Purpose::Unlock => ("unlock", Kind::UnlockAsked),
            _ => ("reset", Kind::ResetAsked),
        };
        let found = self.find_typed(visitor.identifier).await?;
        let to = match &found {
            Some((account, ..)) => Slot::of(account),
            None => self.nobody(visitor.identifier),
        };
        let room = self.send(word, &to, visitor).await?;
        self.note(kind, visitor);
        match room {
            Room::Yes => {}
            // The mailbox has a link that still works. Nobody's may be full of strangers' requests,
            // which is no reason to be faster.
            Room::Full(_) => {
                self.make_link_for_nobody(visitor, purpose).await?;
                return Ok(Asked::Sent(Vec::new()));
            }
            Room::Wait(_, time) => return Ok(Asked::Wait(time)),
        }
        let delay = self.login.policy().login().contact_delay;
        let Some((account, _, credential)) = found else {
            self.make_link_for_nobody(visitor, purpose).await?;
            return Ok(Asked::Sent(Vec::new()));
        };
        if credential.has_new_contact(self.now(), delay) {
            self.make_link_for_nobody(visitor, purpose).await?;
            let changed = credential.contact.unwrap_or_default();
            let until = changed.after(delay);
            let held = Notice::new(&account, What::Held { until });
            return Ok(Asked::Sent(vec![held]));
        }
        let to = To::of(&credential);
        let token = self.make_link(Slot::of(&account), purpose, to).await?;
        let lifetime = self.lifetime();
        let what = match purpose {
            Purpose::Unlock => What::Unlock { token, lifetime },
            _ => What::Reset { token, lifetime },
        };
        Ok(Asked::Sent(vec![Notice::new(&account, what)]))
    }

    /// Keeps a link that nobody will have, for the time that it takes to keep one.
    async fn make_link_for_nobody(
        &self,
        visitor: &Visitor<'_>,
        purpose: Purpose,
    ) -> Result<(), FlowError> {
        let slot = self.nobody(visitor.identifier);
        self.make_link(slot, purpose, to_nobody()?).await.map(drop)
    }

    /// Replaces a password through a link. `words` are what the new one may not be built on
    /// beside the name of the account. The identifier of the visitor is not looked at: the link
    /// says whose account it is.
    ///
    /// At most one hash for each former password that the policy keeps is computed, and two
    /// more: the new one against the current one, the new one. All but the last are computed twice
    /// where preparing changed what was typed.
    ///
    /// # Errors
    /// When a store does not answer, the record cannot be read, or the hash cannot be computed.
    pub async fn reset(
        &self,
        secret: &str,
        visitor: &Visitor<'_>,
        new: Vec<u8>,
        words: &[&str],
    ) -> Result<Reset, FlowError> {
        let new = zeroize::Zeroizing::new(new);
        let link = match self.follow(secret, Purpose::Reset).await? {
            Ok(link) => link,
            Err(reason) => return Ok(self.stale(None, reason, visitor)),
        };
        let account = link.account;
        let key = self.login.key(account.as_str());
        let room = self.followed(&account, visitor).await?;
        if let Room::Full(time) | Room::Wait(_, time) = room {
            return Ok(Reset::Wait(time));
        }
        let found = self.find(&account).await?;
        let Some((_, credential)) = found.filter(|(_, found)| link.bound.is(found)) else {
            return Ok(self.stale(Some(key), LinkFault::Spent, visitor));
        };
        let hash = match self
            .renew(&account, new, words, &credential, visitor)
            .await?
        {
            Ok(hash) => hash,
            Err(refused) => return Ok(Reset::Refused(refused)),
        };
        let (now, history) = (self.now(), self.history());
        let changed = self
            .update(&account, |present| {
                if !link.bound.is(present) {
                    return Ok(None);
                }
                let hash = hash.clone();
                Ok(Some(present.changed(hash, now, Origin::Chosen, history)?))
            })
            .await?;
        let Some(changed) = changed else {
            return Ok(self.stale(Some(key), LinkFault::Spent, visitor));
        };
        self.note(Kind::ResetDone { account: key }, visitor);
        // What follows is tidying: the link is dead by its binding, the password in place.
        let _ = self.take_link(&link.digest).await;
        let owner = Visitor {
            identifier: account.as_str(),
            device: None,
            ..*visitor
        };
        if self.login.open_counters(&owner).await.is_ok() {
            self.unlocked(&account, By::Person, visitor);
        }
        let (new, old) = (changed.generation, credential.generation);
        Ok(Reset::Done {
            generation: new,
            device: self.trusted(&account, new, old, visitor),
            revoke: Sessions::All,
            notices: vec![Notice::new(&account, What::PasswordReset)],
            account,
        })
    }

    fn stale(
        &self,
        account: Option<journal::Account>,
        reason: LinkFault,
        visitor: &Visitor<'_>,
    ) -> Reset {
        self.note(Kind::ResetRefused { account, reason }, visitor);
        Reset::Stale
    }
}
