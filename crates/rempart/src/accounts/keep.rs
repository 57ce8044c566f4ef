//! What else an operator or the application says about an account.
//!
//! Clauses: [`policy::clause::CNIL_RESET_CHANNEL`] (an address changed lately receives no link,
//! the former one is told), [`policy::clause::CNIL_PRIVILEGED_RENEWAL`].

use std::time::Duration;

use journal::{Kind, Rank};

use super::{Accounts, within};
use crate::account::Account;
use crate::credential::Credential;
use crate::error::FlowError;
use crate::notice::{Notice, To, What};

/// What a record keeps moments to.
const SECOND: Duration = Duration::from_secs(1);

impl Accounts {
    /// Says that the address to which links go has changed: every link that was sent to the
    /// former one ends at once, and no other is sent before the policy's `contact-delay`.
    /// Deliver the notices to both addresses. `None` if there is no such account.
    ///
    /// Ask for the current password before the change, as [`Accounts::sign_in`] does.
    ///
    /// # Errors
    /// When the store does not answer or the record cannot be read.
    pub async fn contact_changed(
        &self,
        account: &Account,
    ) -> Result<Option<Vec<Notice>>, FlowError> {
        let now = self.now();
        let changed = self
            .update(account, |present| {
                // Records keep whole seconds, and clocks go back: two changes are never at one
                // moment, so that a link to the address between them is bound to neither other.
                let after = present.contact.map(|last| last.after(SECOND));
                Ok(Some(Credential {
                    contact: Some(after.map_or(now, |after| after.max(now))),
                    ..present.clone()
                }))
            })
            .await?;
        if changed.is_none() {
            return Ok(None);
        }
        let key = self.login.key(account.as_str());
        self.login.note(Kind::ContactChanged { account: key }, None);
        Ok(Some(vec![
            Notice::new(account, What::ContactChanged).to(To::FormerContact),
            Notice::new(account, What::ContactChanged),
        ]))
    }

    /// Says whether an account is privileged, so that its password is renewed as the policy's
    /// `privileged-renewal` asks; whether there is such an account.
    ///
    /// # Errors
    /// When the store does not answer or the record cannot be read.
    pub async fn set_privileged(
        &self,
        account: &Account,
        privileged: bool,
    ) -> Result<bool, FlowError> {
        let changed = self.update(account, |present| {
            Ok(Some(Credential {
                privileged,
                ..present.clone()
            }))
        });
        let changed = changed.await?.is_some();
        if changed {
            let account = self.login.key(account.as_str());
            let rank = match privileged {
                true => Rank::Privileged,
                false => Rank::Ordinary,
            };
            self.login.note(Kind::RankChanged { account, rank }, None);
        }
        Ok(changed)
    }

    /// Brings in the password of an account from elsewhere: [`Credential::import`]. Whether
    /// the account was not there yet.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn import(
        &self,
        account: &Account,
        credential: &Credential,
    ) -> Result<bool, FlowError> {
        within(self.store.insert(account, &credential.record())).await
    }

    /// Forgets an account, its links included; whether there was one. End all its sessions.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn remove(&self, account: &Account) -> Result<bool, FlowError> {
        let removed = within(self.store.remove(account)).await?;
        if removed {
            let account = self.login.key(account.as_str());
            self.login.note(Kind::AccountRemoved { account }, None);
        }
        Ok(removed)
    }

    /// What is known of the password of an account, for the pages of an operator.
    ///
    /// # Errors
    /// When the store does not answer or the record cannot be read.
    pub async fn credential(&self, account: &Account) -> Result<Option<Credential>, FlowError> {
        Ok(self.find(account).await?.map(|(_, credential)| credential))
    }
}
