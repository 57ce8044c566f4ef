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

/// Several accounts, marked.
#[must_use]
#[derive(Debug)]
#[non_exhaustive]
pub struct Batch {
    /// Each account and what follows.
    pub marked: Vec<(Account, Marked)>,
    /// Those whose record cannot be read: they are not marked, and nobody signs in to them.
    pub unreadable: Vec<Account>,
    /// Where to go on; `None` when all are marked.
    pub next: Option<Account>,
}

/// Some of the people who are still to be told.
#[must_use]
#[derive(Debug)]
#[non_exhaustive]
pub struct DueList {
    /// Each of them, in the order of names.
    pub due: Vec<Due>,
    /// Those whose record cannot be read: look for their marks in the journal.
    pub unreadable: Vec<Account>,
    /// Where to go on; `None` when these are all.
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
    /// When the store does not answer. Those before are marked; marking again changes nothing
    /// for whom was not told yet.
    pub async fn compromise_many(&self, accounts: &[Account]) -> Result<Batch, FlowError> {
        self.mark_many(accounts.iter().cloned(), None, Affected::Listed)
            .await
    }

    /// Marks the next accounts of all, from the first one after `after`, at most 500 in one
    /// call. Go on from [`Batch::next`], also after an error or a restart.
    ///
    /// # Errors
    /// As for [`Accounts::compromise`].
    pub async fn compromise_all(&self, after: Option<&Account>) -> Result<Batch, FlowError> {
        let page = within(self.store.page(Which::All, after, PAGE)).await?;
        let next = after_page(&page, PAGE);
        let accounts = page.into_iter().map(|(account, _)| account);
        self.mark_many(accounts, next, Affected::All).await
    }

    /// Marks each account; one that cannot be read keeps none of the others from it.
    async fn mark_many(
        &self,
        accounts: impl Iterator<Item = Account> + Send,
        next: Option<Account>,
        affected: Affected,
    ) -> Result<Batch, FlowError> {
        let now = self.now();
        let (mut marked, mut unreadable) = (Vec::new(), Vec::new());
        for account in accounts {
            match self.mark(&account, now).await {
                Ok(Some(one)) => marked.push((account, one)),
                Ok(None) => {}
                Err(FlowError::Record(_)) => unreadable.push(account),
                Err(error) => return Err(error),
            }
        }
        if !marked.is_empty() {
            let count = marked.len() as u64;
            let kind = Kind::CompromisesMarked { affected, count };
            self.login.note(kind, None);
        }
        Ok(Batch {
            marked,
            unreadable,
            next,
        })
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
    /// When the store does not answer.
    pub async fn due(&self, after: Option<&Account>, most: usize) -> Result<DueList, FlowError> {
        let now = self.now();
        let page = within(self.store.page(Which::Untold, after, most)).await?;
        let next = after_page(&page, most);
        let (mut due, mut unreadable) = (Vec::with_capacity(page.len()), Vec::new());
        for (account, record) in page {
            let Ok(credential) = Credential::parse(record.as_str()) else {
                unreadable.push(account);
                continue;
            };
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
        Ok(DueList {
            due,
            unreadable,
            next,
        })
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
        since.after(delay)
    }
}

/// Where to go on after a page of at most so many; `None` if it is not full.
fn after_page<T>(page: &[(Account, T)], most: usize) -> Option<Account> {
    let last = page.last().filter(|_| page.len() >= most)?;
    Some(last.0.clone())
}
