//! A password given to a person by somebody else.
//!
//! Clauses: [`policy::clause::CNIL_GENERATED`] (from a secure generator, with the entropy of
//! the case), [`policy::clause::CNIL_HUMAN_RESET`] and [`policy::clause::CNIL_FIRST_LOGIN`]
//! (temporary, changed at the first sign-in; staff learn no lasting password). Nobody chooses
//! it, and it cannot be had a second time.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use access::{Timestamp, Visitor};
use journal::{By, Kind};
use password::generate::{Generator, Wishes};
use zeroize::Zeroizing;

use super::{Accounts, Sessions, within};
use crate::account::Account;
use crate::credential::{Credential, Origin};
use crate::error::FlowError;
use crate::notice::{Notice, What};

/// A password that was attributed. Dropping it unread loses it: attribute another.
#[must_use]
#[derive(Debug)]
#[non_exhaustive]
pub struct Attributed {
    /// To be given to the person, by another way than the notice.
    pub password: TemporaryPassword,
    /// The moment from which it is refused.
    pub until: Timestamp,
    /// The sessions to end.
    pub revoke: Sessions,
    /// What to deliver.
    pub notices: Vec<Notice>,
}

/// The text of an attributed password: wiped when dropped, shown by nothing but
/// [`TemporaryPassword::expose`].
///
/// ```compile_fail,E0277
/// fn show(password: rempart::accounts::TemporaryPassword) {
///     println!("{password}");
/// }
/// ```
pub struct TemporaryPassword(Zeroizing<String>);

impl TemporaryPassword {
    /// The text, to be shown once to the person it is for.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TemporaryPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TemporaryPassword(..)")
    }
}

impl Accounts {
    /// Gives an account a temporary password, and makes the account if there is none. Call it
    /// only for an operator who has checked who asks. Links, sessions and trusted devices of the
    /// account end; it is open if it was blocked. With the address that the person comes from, if
    /// it is known, their own failures there are forgotten too: without it they may have to wait
    /// for some hours, or come from elsewhere.
    ///
    /// # Errors
    /// When a store does not answer, the record cannot be read, no password can be generated
    /// under the policy, or the hash cannot be computed.
    pub async fn attribute(
        &self,
        account: &Account,
        source: Option<IpAddr>,
    ) -> Result<Attributed, FlowError> {
        let (text, accepted) = self.generated().await?;
        let hash = self.login.hash(accepted).await?;
        let now = self.now();
        let lifetime = self.login.policy().login().temporary_password_lifetime;
        let until = now.after(lifetime);
        let origin = Origin::Attributed { until };
        let history = self.history();
        let fresh = Credential::new(hash.clone(), now, origin)?;
        // An account that comes and goes between the two is told as busy, and can be tried again.
        let mut kept = within(self.store.insert(account, &fresh.record())).await?;
        if !kept {
            kept = self
                .update(account, |present| {
                    Ok(Some(present.changed(hash.clone(), now, origin, history)?))
                })
                .await?
                .is_some();
        }
        if !kept {
            return Err(FlowError::Busy);
        }
        let kind = Kind::TemporaryIssued {
            account: self.login.key(account.as_str()),
            by: By::Operator,
        };
        self.login.note(kind, None);
        // The password is in place; an account that stays blocked can still be unlocked.
        let visitor = Visitor {
            source,
            ..Visitor::new(account.as_str())
        };
        if self.login.open_counters(&visitor).await.is_ok() {
            self.unlocked(account, By::Operator, &Visitor::new(account.as_str()));
        }
        Ok(Attributed {
            password: TemporaryPassword(text),
            until,
            revoke: Sessions::All,
            notices: vec![Notice::new(account, What::Attributed { lifetime })],
        })
    }

    /// One password of the policy's first form, off the event loop. The generator tries the
    /// judge at its first use, and is kept.
    async fn generated(&self) -> Result<(Zeroizing<String>, password::Accepted), FlowError> {
        let (slot, login) = (self.generator.clone(), self.login.clone());
        tokio::task::spawn_blocking(move || {
            let generator = match slot.get() {
                Some(generator) => generator,
                None => {
                    let policy = login.policy();
                    let wishes = Wishes::new(policy.language()).base(login.base());
                    let made = Generator::new(policy.password(), &wishes)?;
                    slot.get_or_init(|| made)
                }
            };
            Ok(generator.generate()?.into_parts())
        })
        .await
        .map_err(|_| FlowError::Stopped)?
    }

    /// How long an attributed password works.
    pub fn temporary_lifetime(&self) -> Duration {
        self.login.policy().login().temporary_password_lifetime
    }
}
