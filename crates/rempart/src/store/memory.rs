//! Accounts in this process, lost when it ends: for tests and first steps.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard};

use access::Timestamp;

use super::{Answer, Credentials, Digest, Purpose, Record, SWEPT, Slot, Token, Which};
use crate::Account;

/// Accounts in this process, lost when it ends.
#[derive(Default)]
pub struct Memory {
    tables: Mutex<Tables>,
}

#[derive(Default)]
struct Tables {
    accounts: BTreeMap<Account, Record>,
    tokens: HashMap<Digest, Token>,
    newest: HashMap<(Slot, Purpose), Digest>,
    /// When each token ends, the earliest first.
    ends: BTreeSet<(Timestamp, Digest)>,
    /// Tokens kept so far, for tests of equal work.
    #[cfg(test)]
    puts: usize,
}

impl Memory {
    /// Without any account.
    pub fn new() -> Self {
        Self::default()
    }

    #[cfg(test)]
    pub(crate) fn puts(&self) -> usize {
        self.tables().puts
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        // Nothing below panics half way through a change.
        self.tables
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Tables {
    fn take(&mut self, digest: &Digest) -> Option<Token> {
        let token = self.tokens.remove(digest)?;
        self.newest.remove(&(token.slot.clone(), token.purpose));
        self.ends.remove(&(token.until, token.digest));
        Some(token)
    }

    fn sweep(&mut self, now: Timestamp) {
        for _ in 0..SWEPT {
            match self.ends.first() {
                Some(&(until, digest)) if until <= now => self.take(&digest),
                _ => return,
            };
        }
    }
}

/// What a store in memory answers is known at once.
fn at_once<'a, T: Send + 'a>(answer: T) -> Answer<'a, T> {
    Box::pin(std::future::ready(Ok(answer)))
}

impl Credentials for Memory {
    fn read<'a>(&'a self, account: &'a Account) -> Answer<'a, Option<Record>> {
        at_once(self.tables().accounts.get(account).cloned())
    }

    fn insert<'a>(&'a self, account: &'a Account, new: &'a Record) -> Answer<'a, bool> {
        let mut tables = self.tables();
        let free = !tables.accounts.contains_key(account);
        if free {
            tables.accounts.insert(account.clone(), new.clone());
        }
        at_once(free)
    }

    fn replace<'a>(
        &'a self,
        account: &'a Account,
        expected: &'a Record,
        new: &'a Record,
    ) -> Answer<'a, bool> {
        let mut tables = self.tables();
        let record = tables
            .accounts
            .get_mut(account)
            .filter(|record| record.as_str() == expected.as_str());
        at_once(match record {
            Some(record) => {
                record.clone_from(new);
                true
            }
            None => false,
        })
    }

    fn remove<'a>(&'a self, account: &'a Account) -> Answer<'a, bool> {
        let mut tables = self.tables();
        for purpose in Purpose::ALL {
            if let Some(digest) = tables.newest.get(&(Slot::of(account), purpose)).copied() {
                tables.take(&digest);
            }
        }
        at_once(tables.accounts.remove(account).is_some())
    }

    fn put_token<'a>(&'a self, token: &'a Token, now: Timestamp) -> Answer<'a, ()> {
        let mut tables = self.tables();
        #[cfg(test)]
        {
            tables.puts += 1;
        }
        tables.sweep(now);
        let place = (token.slot.clone(), token.purpose);
        if let Some(older) = tables.newest.get(&place).copied() {
            tables.take(&older);
        }
        tables.newest.insert(place, token.digest);
        tables.ends.insert((token.until, token.digest));
        tables.tokens.insert(token.digest, token.clone());
        at_once(())
    }

    fn look_token<'a>(&'a self, digest: &'a Digest) -> Answer<'a, Option<Token>> {
        at_once(self.tables().tokens.get(digest).cloned())
    }

    fn take_token<'a>(&'a self, digest: &'a Digest) -> Answer<'a, Option<Token>> {
        at_once(self.tables().take(digest))
    }

    fn page<'a>(
        &'a self,
        which: Which,
        after: Option<&'a Account>,
        most: usize,
    ) -> Answer<'a, Vec<(Account, Record)>> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        at_once(
            self.tables()
                .accounts
                .range::<Account, _>((start, Bound::Unbounded))
                .filter(|(_, record)| which == Which::All || record.untold().is_some())
                .take(most)
                .map(|(account, record)| (account.clone(), record.clone()))
                .collect(),
        )
    }
}

/// Says how many accounts there are.
impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Memory({} accounts)", self.tables().accounts.len())
    }
}
