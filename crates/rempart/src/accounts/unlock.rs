//! Opening a blocked account again.
//!
//! Clause: [`policy::clause::CNIL_UNLOCK`]: an unlock that resists impersonation (the link goes
//! to the contact of the account and names nobody) and lock-out (a stranger can neither use up
//! the links of a victim nor lock a device that the victim trusts).

use std::net::IpAddr;

use access::Visitor;
use journal::{By, Kind, LinkFault, Scope};
use policy::access::{Mechanism, Unlock as Way};

use super::{Accounts, Asked, DeviceCookie, within};
use crate::account::Account;
use crate::error::FlowError;
use crate::store::Purpose;

/// What became of a link that unlocks.
#[must_use]
#[derive(Debug)]
pub enum Unlock {
    /// The account is open again.
    Done {
        /// Whose.
        account: Account,
        /// What this browser may keep: strangers who go on trying block the account again, and
        /// not this browser.
        device: Option<DeviceCookie>,
    },
    /// The link was never made, is past its time or has served, or another password took
    /// its place.
    Stale,
}

impl Accounts {
    /// Whether the policy opens blocked accounts by a link (`unlock = "link"`).
    pub fn unlocks_by_link(&self) -> bool {
        matches!(
            &self.login.policy().access().mechanism,
            Mechanism::Block(block) if block.unlock == Way::Link
        )
    }

    /// Asks for a link that opens a blocked account. Show the same page for every identifier.
    /// Under a policy that does not unlock by link nothing is sent.
    ///
    /// # Errors
    /// As for [`Accounts::ask_reset`].
    pub async fn ask_unlock(&self, visitor: &Visitor<'_>) -> Result<Asked, FlowError> {
        if !self.unlocks_by_link() {
            return Ok(Asked::Sent(Vec::new()));
        }
        self.ask(visitor, Purpose::Unlock).await
    }

    /// Opens the account of a link. Call it when a form is sent, not when the link is opened:
    /// mail filters open links. The identifier of the visitor is not looked at.
    ///
    /// # Errors
    /// When a store does not answer. The link may have served then.
    pub async fn unlock(&self, secret: &str, visitor: &Visitor<'_>) -> Result<Unlock, FlowError> {
        let link = match self.follow(secret, Purpose::Unlock).await? {
            Ok(link) => link,
            Err(reason) => return Ok(self.still_blocked(None, reason, visitor)),
        };
        let account = link.account;
        let key = self.login.key(account.as_str());
        let found = self.find(&account).await?;
        let found = found.filter(|(_, found)| link.bound.is(found));
        let Some((_, credential)) = found else {
            return Ok(self.still_blocked(Some(key), LinkFault::Spent, visitor));
        };
        if !self.take_link(&link.digest).await? {
            return Ok(self.still_blocked(Some(key), LinkFault::Spent, visitor));
        }
        let owner = Visitor {
            identifier: account.as_str(),
            device: None,
            ..*visitor
        };
        self.login.open_counters(&owner).await?;
        self.unlocked(&account, By::Person, visitor);
        let generation = credential.generation;
        Ok(Unlock::Done {
            device: self.trusted(&account, generation, generation, visitor),
            account,
        })
    }

    /// Opens an account after a person of the operator has checked who asks. With the address
    /// that the person comes from, if it is known, their own failures there are forgotten too:
    /// without it they may have to wait for some hours more, or come from elsewhere.
    ///
    /// # Errors
    /// When the counters or the store do not answer.
    pub async fn unlock_by_operator(
        &self,
        account: &Account,
        source: Option<IpAddr>,
    ) -> Result<(), FlowError> {
        let visitor = Visitor {
            source,
            ..Visitor::new(account.as_str())
        };
        self.login.open_counters(&visitor).await?;
        // A name that nobody has is not for the journal.
        if within(self.store.read(account)).await?.is_some() {
            self.unlocked(account, By::Operator, &Visitor::new(account.as_str()));
        }
        Ok(())
    }

    pub(super) fn unlocked(&self, account: &Account, by: By, visitor: &Visitor<'_>) {
        let kind = Kind::Unlocked {
            account: Some(self.login.key(account.as_str())),
            scope: Scope::Account,
            by,
        };
        self.note(kind, visitor);
    }

    fn still_blocked(
        &self,
        account: Option<journal::Account>,
        reason: LinkFault,
        visitor: &Visitor<'_>,
    ) -> Unlock {
        self.note(Kind::UnlockRefused { account, reason }, visitor);
        Unlock::Stale
    }
}
