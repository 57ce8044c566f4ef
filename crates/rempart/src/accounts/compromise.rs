//! Passwords that others may know.
//!
//! Clause: [`policy::clause::CNIL_COMPROMISE`]: the person is told within 72 hours, changes the
//! password at the next sign-in, and is advised to change it wherever it is reused. It is not
//! the notice to the CNIL of article 33, which has 72 hours of its own.
//!
//! The duty to tell outlives the change: whoever happens to change the password first must
//! still hear that others may know the old one. [`Accounts::due`] lists who is still to be told.
//!
//! A mark is of an [`Incident`]. To mark again for the same one changes nothing, so that what
//! failed half way is simply begun again: nobody changes twice, no link dies that was asked for
//! since, and the moment counts from which it was known first.

use access::Timestamp;
use journal::{Affected, Kind};

use super::{Accounts, Sessions, within};
use crate::account::Account;
use crate::credential::text::{moment, seconds};
use crate::credential::{Compromise, Credential, Generation};
use crate::error::FlowError;
use crate::notice::{Notice, What};
use crate::store::Which;

/// Accounts of one page.
const PAGE: usize = 500;

/// What a person is told of, for [`Accounts::told`]. An application may keep both with a message
/// that waits to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Incident {
    /// Since when it is known, in whole seconds.
    pub since: Timestamp,
    /// The password that the account had when this was read.
    pub generation: Generation,
}

/// An account whose password was marked.
#[must_use]
#[derive(Debug)]
#[non_exhaustive]
pub struct Marked {
    /// What was marked.
    pub incident: Incident,
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
    /// What there is to tell, and since when it is known.
    pub incident: Incident,
    /// No later than this the person is told.
    pub tell_by: Timestamp,
    /// Whether that moment has passed.
    pub late: bool,
}

impl Accounts {
    /// Marks the password of an account: it opens nothing before it is changed, and every
    /// link, session and trusted device of it ends. `None` if there is no such account. One whose
    /// person is still to be told, and to change it, is left as it is; one that was changed since
    /// is marked anew, as others may know the new password too.
    ///
    /// # Errors
    /// When the store does not answer or the record cannot be read.
    pub async fn compromise(&self, account: &Account) -> Result<Option<Marked>, FlowError> {
        let Some((marked, is_new)) = self.mark(account, None).await? else {
            return Ok(None);
        };
        if is_new {
            let account = self.login.key(account.as_str());
            self.login.note(Kind::CompromiseMarked { account }, None);
        }
        Ok(Some(marked))
    }

    /// Marks several of which it is known since the moment `known`, such as that of a leak's
    /// discovery; those that do not exist, and those whose password was chosen after that moment,
    /// are passed over.
    ///
    /// # Errors
    /// When the store does not answer. Those before are marked: begin again with the same moment,
    /// which changes nothing for them.
    pub async fn compromise_many(
        &self,
        accounts: &[Account],
        known: Timestamp,
    ) -> Result<Batch, FlowError> {
        self.mark_many(accounts.iter().cloned(), known, None, Affected::Listed)
            .await
    }

    /// The same for the next accounts of all, from the first one after `after`, at most 500 in
    /// one call. Go on from [`Batch::next`], also after an error or a restart, with the same
    /// moment.
    ///
    /// # Errors
    /// As for [`Accounts::compromise_many`].
    pub async fn compromise_all(
        &self,
        known: Timestamp,
        after: Option<&Account>,
    ) -> Result<Batch, FlowError> {
        let page = within(self.store.page(Which::All, after, PAGE)).await?;
        let next = after_page(&page, PAGE);
        let accounts = page.into_iter().map(|(account, _)| account);
        self.mark_many(accounts, known, next, Affected::All).await
    }

    /// Marks each account; one that cannot be read keeps none of the others from it.
    async fn mark_many(
        &self,
        accounts: impl Iterator<Item = Account> + Send,
        known: Timestamp,
        next: Option<Account>,
        affected: Affected,
    ) -> Result<Batch, FlowError> {
        let (mut marked, mut unreadable, mut count) = (Vec::new(), Vec::new(), 0);
        for account in accounts {
            match self.mark(&account, Some(known)).await {
                Ok(Some((one, is_new))) => {
                    count += u64::from(is_new);
                    marked.push((account, one));
                }
                Ok(None) => {}
                Err(FlowError::Record(_)) => unreadable.push(account),
                Err(error) => return Err(error),
            }
        }
        if count > 0 {
            let kind = Kind::CompromisesMarked { affected, count };
            self.login.note(kind, None);
        }
        Ok(Batch {
            marked,
            unreadable,
            next,
        })
    }

    /// Notes that a person was told of an incident; whether that was still to be done. Of a later
    /// one, which came while the message was under way, the person is still to be told.
    ///
    /// # Errors
    /// When the store does not answer or the record cannot be read.
    pub async fn told(&self, account: &Account, incident: Incident) -> Result<bool, FlowError> {
        let now = self.now();
        let told = self.update(account, |present| {
            Ok(present
                .compromise
                .filter(|found| found.told.is_none() && incident.is(found, present))
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
                incident: Incident::of(found, &credential),
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

    /// Marks an account of whose password it is known since a moment, now if none is given. `None`
    /// if there is no such account, or its password was chosen after that moment; and whether the
    /// mark is new.
    async fn mark(
        &self,
        account: &Account,
        known: Option<Timestamp>,
    ) -> Result<Option<(Marked, bool)>, FlowError> {
        let now = moment(seconds(self.now()));
        let mut as_it_is = None;
        let written = self
            .update(account, |present| {
                as_it_is = None;
                // Records keep whole seconds. A clock that was ahead hides nobody from who says now.
                let known = known.map_or(now.max(present.since), |known| moment(seconds(known)));
                if present.since > known {
                    return Ok(None);
                }
                let (since, generation) = match present.compromise {
                    // Told already, and since it is known. A clock that went back changes nothing.
                    Some(found)
                        if !found.changed
                            && found
                                .told
                                .is_some_and(|told| known <= told.max(found.since)) =>
                    {
                        as_it_is = Some(present.clone());
                        return Ok(None);
                    }
                    // Still to be told, and to change: by the earliest moment.
                    Some(found) if !found.changed && found.told.is_none() => {
                        if known >= found.since {
                            as_it_is = Some(present.clone());
                            return Ok(None);
                        }
                        (known, present.generation)
                    }
                    // Changed since, and others may know the new one too.
                    Some(found) if found.changed => (found.since.min(known), Generation::draw()?),
                    _ => (known, Generation::draw()?),
                };
                Ok(Some(Credential {
                    compromise: Some(Compromise {
                        since,
                        told: None,
                        changed: false,
                    }),
                    generation,
                    ..present.clone()
                }))
            })
            .await?;
        let is_new = written.is_some();
        let marked = written.or(as_it_is).and_then(|credential| {
            let found = credential.compromise?;
            let tell_by = self.tell_by(found.since);
            let told = || Notice::new(account, What::Compromised { tell_by });
            Some(Marked {
                incident: Incident::of(found, &credential),
                revoke: Sessions::All,
                tell_by,
                notices: found.told.is_none().then(told).into_iter().collect(),
            })
        });
        Ok(marked.map(|marked| (marked, is_new)))
    }

    fn tell_by(&self, since: Timestamp) -> Timestamp {
        let delay = self.login.policy().login().compromise_delay;
        since.after(delay)
    }
}

impl Incident {
    fn of(found: Compromise, credential: &Credential) -> Self {
        Self {
            since: moment(seconds(found.since)),
            generation: credential.generation,
        }
    }

    /// Whether it is the one of an account. A change of the password leaves the duty to tell of
    /// it; another mark draws another generation.
    fn is(&self, found: &Compromise, credential: &Credential) -> bool {
        let is_same = self.generation == credential.generation || found.changed;
        is_same && seconds(self.since) == seconds(found.since)
    }
}

/// Where to go on after a page of at most so many; `None` if it is not full.
fn after_page<T>(page: &[(Account, T)], most: usize) -> Option<Account> {
    let last = page.last().filter(|_| page.len() >= most)?;
    Some(last.0.clone())
}
