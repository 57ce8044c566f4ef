//! Passwords that others may know.
//!
//! Clause: [`policy::clause::CNIL_COMPROMISE`]: the person is told within 72 hours, changes the
//! password at the next sign-in, and is advised to change it wherever it is reused. It is not
//! the notice to the CNIL of article 33, which has 72 hours of its own.
//!
//! The duty to tell outlives the change: whoever happens to change the password first must
//! still hear that others may know the old one. [`Accounts::due`] lists who is still to be told.

use access::Timestamp;
use journal::{Affected, Kind};

use super::{Accounts, Sessions, within};
use crate::account::Account;
use crate::credential::{Compromise, Credential, Generation};
use crate::error::FlowError;
use crate::notice::{Notice, What};
use crate::store::Which;

/// Accounts of one page.
const PAGE: usize = 500;

/// An account whose password was marked.
#[must_use]
#[derive(Debug)]
#[non_exhaustive]
pub struct Marked {
    /// The sessions to end.
    pub revoke: Sessions,
    /// No later than this the person is told.
    pub tell_by: Timestamp,
    /// What to deliver; then call [`Accounts::told`].
    pub notices: Vec<Notice>,
}

/// Some of all accounts, marked.
#[must_use]
#[derive(Debug)]
#[non_exhaustive]
pub struct Batch {
    /// Each account and what follows.
    pub marked: Vec<(Account, Marked)>,
    /// Where to go on; `None` when all are marked.
    pub next: Option<Account>,
}

/// A person who is still to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Due {
    /// Whose password it is.
    pub account: Account,
    /// Since when it is known.
    pub since: Timestamp,
    /// No later than this the person is told.
    pub tell_by: Timestamp,
    /// Whether that moment has passed.
    pub late: bool,
}

impl Accounts {
    /// Marks the password of an account: it opens nothing before it is changed, and every
    /// link, session and trusted device of it ends. `None` if there is no such account.
    ///
    /// # Errors
    /// When the store does not answer or the record cannot be read.
    pub async fn compromise(&self, account: &Account) -> Result<Option<Marked>, FlowError> {
        let marked = self.mark(account, self.now()).await?;
        if marked.is_some() {
            let account = self.login.key(account.as_str());
            self.login.note(Kind::CompromiseMarked { account }, None);
        }
        Ok(marked)
    }

    /// Marks several; those that do not exist are passed over.
    ///
    /// # Errors
    /// As for [`Accounts::compromise`]. Those before are marked; marking again changes nothing
    /// for whom was not told yet.
    pub async fn compromise_many(
        &self,
        accounts: &[Account],
    ) -> Result<Vec<(Account, Marked)>, FlowError> {
        let now = self.now();
        let mut all = Vec::new();
        for account in accounts {
            if let Some(marked) = self.mark(account, now).await? {
                all.push((account.clone(), marked));
            }
        }
        self.note_many(Affected::Listed, all.len());
        Ok(all)
    }

    /// Marks the next accounts of all, from the first one after `after`, at most 500 in one
    /// call. Go on from [`Batch::next`], also after an error or a restart.
    ///
    /// # Errors
    /// As for [`Accounts::compromise`].
    pub async fn compromise_all(&self, after: Option<&Account>) -> Result<Batch, FlowError> {
        let page = within(self.store.page(Which::All, after, PAGE)).await?;
        let next = (page.len() == PAGE)
            .then(|| page.last().map(|(account, _)| account.clone()))
            .flatten();
        let now = self.now();
        let mut marked = Vec::new();
        for (account, _) in page {
            if let Some(one) = self.mark(&account, now).await? {
                marked.push((account, one));
            }
        }
        self.note_many(Affected::All, marked.len());
        Ok(Batch { marked, next })
    }

    /// Notes that a person was told of a compromise; whether there was something to tell.
    ///
    /// # Errors
    /// When the store does not answer or the record cannot be read.
    pub async fn told(&self, account: &Account) -> Result<bool, FlowError> {
        let now = self.now();
        let told = self.update(account, |present| {
            Ok(present
                .compromise
                .filter(|found| found.told.is_none())
                .map(|found| {
                    // Told and changed: nothing is left of it.
                    let compromise = (!found.changed).then_some(Compromise {
                        told: Some(now),
                        ..found
                    });
                    Credential {
                        compromise,
                        ..present.clone()
                    }
                }))
        });
        Ok(told.await?.is_some())
    }

    /// Who is still to be told, at most `most` from the first account after `after`, in the
    /// order of names. Call it daily and whenever notices were delivered.
    ///
    /// # Errors
    /// When the store does not answer or a record cannot be read.
    pub async fn due(&self, after: Option<&Account>, most: usize) -> Result<Vec<Due>, FlowError> {
        let now = self.now();
        let page = within(self.store.page(Which::Untold, after, most)).await?;
        let mut due = Vec::with_capacity(page.len());
        for (account, record) in page {
            let credential = Credential::parse(record.as_str())?;
            // Told since the page was read.
            let Some(found) = credential.compromise.filter(|found| found.told.is_none()) else {
                continue;
            };
            let tell_by = self.tell_by(found.since);
            due.push(Due {
                account,
                since: found.since,
                tell_by,
                late: now > tell_by,
            });
        }
        Ok(due)
    }

    async fn mark(&self, account: &Account, now: Timestamp) -> Result<Option<Marked>, FlowError> {
        let marked = self
            .update(account, |present| {
                // Who was not told yet is told of the earliest.
                let untold = present.compromise.filter(|found| found.told.is_none());
                Ok(Some(Credential {
                    compromise: Some(Compromise {
                        since: untold.map_or(now, |found| found.since.min(now)),
                        told: None,
                        changed: false,
                    }),
                    generation: Generation::draw()?,
                    ..present.clone()
                }))
            })
            .await?;
        Ok(marked.map(|credential| {
            let since = credential.compromise.map_or(now, |found| found.since);
            let tell_by = self.tell_by(since);
            Marked {
                revoke: Sessions::All,
                tell_by,
                notices: vec![Notice::new(account, What::Compromised { tell_by })],
            }
        }))
    }

    fn tell_by(&self, since: Timestamp) -> Timestamp {
        let delay = self.login.policy().login().compromise_delay;
        Timestamp::new(since.since(Timestamp::default()) + delay)
    }

    fn note_many(&self, affected: Affected, count: usize) {
        if count > 0 {
            let count = count as u64;
            self.login
                .note(Kind::CompromisesMarked { affected, count }, None);
        }
    }
}
