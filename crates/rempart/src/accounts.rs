//! The life of an account's password, from registration to removal.
//!
//! Clauses: CNIL 2022-100, creation, change and renewal, compromise
//! ([`policy::clause::CNIL_SELF_CHANGE`], [`policy::clause::CNIL_RESET_LINK`],
//! [`policy::clause::CNIL_HUMAN_RESET`], [`policy::clause::CNIL_COMPROMISE`],
//! [`policy::clause::CNIL_NOTIFY_CHANGE`]).
//!
//! [`Accounts`] is a [`Login`] and a store of records. Each flow is one method, and each method
//! gives an enum to match: what became of it, the [`Notice`]s to deliver, the sessions to end.
//! Nothing tells whether an identifier exists: asking to register or for a link answers the
//! same, writes one token and computes the same hashes for all.
//!
//! Every change is a compare-and-set over the whole record, so a future that is dropped at any
//! point leaves the record as it was or as it should be. A failure is counted before a hash is
//! computed, and only a right password takes it back.
//!
//! Absent on purpose: sessions and mail. Outcomes name the sessions to end, and a session may
//! keep the [`Generation`] of the password that opened it: see [`Accounts::generation`].

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use access::{Timestamp, Visitor};
use password::Context;
use password::generate::Generator;
use password::hash::{EARLIER, StoredHash};
use zeroize::Zeroizing;

use crate::account::Account;
use crate::credential::{Credential, Generation};
use crate::error::FlowError;
use crate::login::Login;
use crate::notice::Notice;
use crate::store::{Answer, Credentials, Record, StoreError};

mod attribute;
mod change;
mod compromise;
mod device;
mod keep;
mod link;
mod register;
mod reset;
mod restrict;
mod sign_in;
mod unlock;

pub use attribute::{Attributed, TemporaryPassword};
pub use change::Change;
pub use compromise::{Batch, Due, DueList, Incident, Marked};
pub use device::DeviceCookie;
pub use link::LinkToken;
pub use register::{Confirm, Create, Register};
pub use reset::Reset;
pub use sign_in::{MustChange, SignIn, SignedIn};
pub use unlock::Unlock;

/// How often a change is tried again because somebody else changed the same record.
const TRIES: usize = 8;

/// How long a store of accounts is waited for.
const DEADLINE: Duration = Duration::from_secs(5);

/// All accounts of an application. Clone it freely: clones share everything.
#[derive(Clone)]
pub struct Accounts {
    login: Login,
    store: Arc<dyn Credentials>,
    generator: Arc<OnceLock<Generator>>,
}

/// What became of a request for a link. The same for every identifier: show the same page.
#[must_use]
#[derive(Debug)]
pub enum Asked {
    /// Say that a message is on its way *if* there is such an account. Deliver the notices
    /// after the answer, so that its time does not tell.
    Sent(Vec<Notice>),
    /// Too many requests from this source, or to the whole site: not before this much time.
    Wait(Duration),
}

/// Why a new password was refused.
#[derive(Debug)]
#[non_exhaustive]
pub enum Refused {
    /// It is not good enough: show the findings. Never empty.
    Weak(password::Assessment),
    /// It is the current one or, under `history`, one of those before.
    Used,
}

/// Which sessions and trusted devices of the account must end.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sessions {
    /// All but the one that asked.
    Others,
    /// All of them.
    All,
}

impl Accounts {
    /// The accounts of a store under the policy of a login flow. The store must tell names apart
    /// byte for byte, as [`Credentials`] says: nothing else restricts their spellings together.
    pub fn new(login: Login, store: impl Credentials) -> Self {
        Self {
            login: login.with_exact_names(),
            store: Arc::new(store),
            generator: Arc::new(OnceLock::new()),
        }
    }

    /// The login flow beneath.
    pub fn login(&self) -> &Login {
        &self.login
    }

    /// Which password an account has; `None` if there is no such account. A session that was
    /// opened with another one is over.
    ///
    /// # Errors
    /// When the store gives no answer or the record cannot be read.
    pub async fn generation(&self, account: &Account) -> Result<Option<Generation>, FlowError> {
        Ok(self
            .find(account)
            .await?
            .map(|(_, credential)| credential.generation))
    }

    /// The record of an account and what it says.
    async fn find(&self, account: &Account) -> Result<Option<(Record, Credential)>, FlowError> {
        let Some(record) = within(self.store.read(account)).await? else {
            return Ok(None);
        };
        match Credential::parse(record.as_str()) {
            Ok(credential) => Ok(Some((record, credential))),
            Err(error) => {
                let account = self.login.key(account.as_str());
                self.login
                    .note(journal::Kind::RecordUnreadable { account }, None);
                Err(error.into())
            }
        }
    }

    /// The same for what a visitor typed, which may be no name at all: that is looked up too, and
    /// a record is read for nobody, so that it takes as long. A record that cannot be read is told
    /// to the journal, and to the visitor it is nobody's: an error would tell that it is there.
    async fn find_typed(
        &self,
        typed: &str,
    ) -> Result<Option<(Account, Record, Credential)>, FlowError> {
        let account = Account::read(typed);
        let nobody = Account::nobody();
        let found = match self.find(account.as_ref().unwrap_or(&nobody)).await {
            Err(FlowError::Record(_)) => None,
            found => found?,
        };
        match (account, found) {
            (Some(account), Some((record, credential))) => Ok(Some((account, record, credential))),
            _ => {
                let record = Record::new(Credential::DECOY.to_owned(), None);
                drop(std::hint::black_box(Credential::parse(record.as_str())));
                Ok(None)
            }
        }
    }

    /// Changes a record as long as `step` gives another one, from what it is at that moment.
    /// `None` when there is no account or `step` gives nothing.
    async fn update(
        &self,
        account: &Account,
        mut step: impl FnMut(&Credential) -> Result<Option<Credential>, FlowError> + Send,
    ) -> Result<Option<Credential>, FlowError> {
        for _ in 0..TRIES {
            let Some((record, credential)) = self.find(account).await? else {
                return Ok(None);
            };
            let Some(next) = step(&credential)? else {
                return Ok(None);
            };
            if within(self.store.replace(account, &record, &next.record())).await? {
                return Ok(Some(next));
            }
        }
        Err(FlowError::Busy)
    }

    /// Judges a new password and hashes it, unless it was used before: at most one hash for
    /// each former one that the policy keeps, one for the current one and one for itself; all but
    /// the last twice where preparing changed what was typed.
    async fn renew(
        &self,
        account: &Account,
        typed: Zeroizing<Vec<u8>>,
        words: &[&str],
        current: &Credential,
        visitor: &Visitor<'_>,
    ) -> Result<Result<StoredHash, Refused>, FlowError> {
        let key = Some(self.login.key(account.as_str()));
        let context = context(account, words);
        let mut accepted = match self.login.judged(typed, context).await? {
            Ok(accepted) => accepted,
            Err(assessment) => {
                self.note(crate::login::refused(key, &assessment), visitor);
                return Ok(Err(Refused::Weak(assessment)));
            }
        };
        let former = current.former.iter().take(self.history());
        // One that cannot be read is passed over, like one that cannot be verified.
        let former = former.filter_map(|hash| StoredHash::parse(hash).ok());
        let earlier: Vec<StoredHash> = std::iter::once(current.hash.clone())
            .chain(former)
            .collect();
        for some in earlier.chunks(EARLIER) {
            let hashing = self.login.hashing();
            let (used, back) = hashing.was_used(accepted, some.to_vec()).await?;
            accepted = back;
            if used {
                let findings = journal::Findings::new(["used-before"]);
                let kind = journal::Kind::PasswordRefused {
                    account: key,
                    findings,
                };
                self.note(kind, visitor);
                return Ok(Err(Refused::Used));
            }
        }
        self.login.hash(accepted).await.map(Ok)
    }

    fn history(&self) -> usize {
        self.login.policy().login().history as usize
    }

    fn now(&self) -> Timestamp {
        self.login.now()
    }

    fn note(&self, kind: journal::Kind, visitor: &Visitor<'_>) {
        self.login.note(kind, Some(visitor));
    }
}

/// What a password of an account may not be built on.
fn context(account: &Account, words: &[&str]) -> Context {
    Context::new([account.as_str()].iter().chain(words))
}

/// Waits for the store, no longer than a person waits for a page.
async fn within<T>(answer: Answer<'_, T>) -> Result<T, FlowError> {
    match tokio::time::timeout(DEADLINE, answer).await {
        Ok(answered) => Ok(answered?),
        Err(_) => Err(StoreError::Silent.into()),
    }
}

impl std::fmt::Debug for Accounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Accounts(..)")
    }
}

#[cfg(test)]
mod tests;
