//! What else an operator or the application says about an account.
//!
//! Clauses: [`policy::clause::CNIL_RESET_CHANNEL`] (an address changed lately receives no link,
//! the former one is told), [`policy::clause::CNIL_PRIVILEGED_RENEWAL`].

use journal::Kind;

use super::{Accounts, within};
use crate::account::Account;
use crate::credential::Credential;
use crate::error::FlowError;
use crate::notice::{Notice, To, What};

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
                Ok(Some(Credential {
                    contact: Some(now),
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
        Ok(changed.await?.is_some())
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
        within(self.store.remove(account)).await
    }

    /// What is known of the password of an account, for the pages of an operator.
    ///
    /// # Errors
    /// When the store does not answer or the record cannot be read.
    pub async fn credential(&self, account: &Account) -> Result<Option<Credential>, FlowError> {
        Ok(self.find(account).await?.map(|(_, credential)| credential))
    }
}
