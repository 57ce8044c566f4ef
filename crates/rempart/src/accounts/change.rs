//! Changing one's own password.
//!
//! Clauses: [`policy::clause::CNIL_SELF_CHANGE`] (unaided, under the rules of creation),
//! [`policy::clause::CNIL_NOTIFY_CHANGE`], [`policy::clause::CNIL_HISTORY`]. The current
//! password is asked, also of who is signed in: a session left open is no proof. Asking it is
//! an attempt like a sign-in.

use std::time::Duration;

use access::Visitor;
use journal::Kind;
use zeroize::Zeroizing;

use super::sign_in::seen;
use super::{Accounts, DeviceCookie, Refused, Sessions};
use crate::account::Account;
use crate::credential::{Generation, Origin};
use crate::error::FlowError;
use crate::login::Compared;
use crate::notice::{Notice, What};

/// What became of a change.
#[must_use]
#[derive(Debug)]
pub enum Change {
    /// The new password is in place.
    Done {
        /// Whose.
        account: Account,
        /// Which password it is, for the session that goes on.
        generation: Generation,
        /// What this browser may keep: devices are trusted for one password.
        device: Option<DeviceCookie>,
        /// The sessions to end.
        revoke: Sessions,
        /// What to deliver.
        notices: Vec<Notice>,
    },
    /// The current password is right, the new one refused.
    Refused(Refused),
    /// The current password was attributed and its time is over.
    Expired,
    /// The current password is wrong, the account unknown, or another change came first; say
    /// no more than that.
    No,
    /// Too many failures: not before this much time.
    Wait(Duration),
    /// Too many failures: only after a captcha or another factor.
    ProvePresence,
    /// Too many failures: not until the account is unlocked. As for
    /// [`SignIn::Blocked`](super::SignIn::Blocked).
    Blocked(Vec<Notice>),
}

impl Accounts {
    /// Changes a password whose current one is typed. `words` are what the new one may not be
    /// built on beside the name of the account: names of the person and of the service.
    ///
    /// At most one hash for each former password that the policy keeps is computed, and three
    /// more: the current one typed, the new one against the current one, the new one. All but the
    /// last are computed twice where preparing changed what was typed.
    ///
    /// # Errors
    /// As for [`Accounts::sign_in`]. The password is as it was, or, if the store failed while
    /// writing, as it should be.
    pub async fn change(
        &self,
        visitor: &Visitor<'_>,
        current: Vec<u8>,
        new: Vec<u8>,
        words: &[&str],
    ) -> Result<Change, FlowError> {
        let (current, new) = (Zeroizing::new(current), Zeroizing::new(new));
        let found = self.find_typed(visitor.identifier).await?;
        let seen = seen(visitor, found.as_ref());
        let stored = found.as_ref().map(|(_, _, credential)| &credential.hash);
        let known = stored.is_some();
        let compared = self.login.compare(&seen, current, stored, known).await?;
        let (attempt, account, credential) = match (compared, found) {
            (Compared::Right(_, attempt), Some((account, _, credential))) => {
                (attempt, account, credential)
            }
            (Compared::No | Compared::Right(..), found) => {
                self.note(
                    match found {
                        Some((account, ..)) => Kind::ChangeFailed {
                            account: self.login.key(account.as_str()),
                        },
                        None => Kind::SignInFailed { account: None },
                    },
                    visitor,
                );
                return Ok(Change::No);
            }
            (Compared::Wait(time), _) => return Ok(Change::Wait(time)),
            (Compared::ProvePresence, _) => return Ok(Change::ProvePresence),
            (Compared::Blocked, found) => {
                let found = found.as_ref().map(|(account, ..)| account);
                return Ok(Change::Blocked(self.warned(visitor, found).await));
            }
        };
        let key = self.login.key(account.as_str());
        if credential.has_expired(self.now()) {
            self.note(Kind::TemporaryExpired { account: key }, visitor);
            return Ok(Change::Expired);
        }
        // The current password is right, whatever becomes of the new one.
        let success = self.login.settled(*attempt, visitor).await;
        let hash = match self
            .renew(&account, new, words, &credential, visitor)
            .await?
        {
            Ok(hash) => hash,
            Err(refused) => return Ok(Change::Refused(refused)),
        };
        let (now, history) = (self.now(), self.history());
        let changed = self
            .update(&account, |present| {
                // A renewed hash is of the same password, any other change is not.
                if present.generation != credential.generation {
                    return Ok(None);
                }
                let hash = hash.clone();
                Ok(Some(present.changed(hash, now, Origin::Chosen, history)?))
            })
            .await?;
        let Some(changed) = changed else {
            self.note(Kind::ChangeFailed { account: key }, visitor);
            return Ok(Change::No);
        };
        self.note(Kind::PasswordChanged { account: key }, visitor);
        let token = success.device_token().ok().flatten();
        let (new, old) = (changed.generation, credential.generation);
        Ok(Change::Done {
            generation: new,
            device: token.map(|token| DeviceCookie::new(&token, new, old, visitor.device)),
            revoke: Sessions::Others,
            notices: vec![Notice::new(&account, What::PasswordChanged)],
            account,
        })
    }
}
