//! Accounts in one redb file, for one process on one machine.
//!
//! Each change is one transaction that is on the disk before it is answered, so that a
//! process or a machine that dies loses none that it answered. One change runs at a time;
//! the others wait without a thread.

use std::ops::Bound;
use std::path::Path;
use std::sync::Arc;

use ::redb::{
    Database, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition, TableError,
    WriteTransaction,
};
use access::Timestamp;
use tokio::sync::Semaphore;

use super::{Answer, Credentials, Digest, Purpose, Record, SWEPT, Slot, StoreError, Token, Which};
use crate::Account;
use crate::credential::text::{moment, seconds};

/// Name → text of the record.
const ACCOUNTS: TableDefinition<'_, &str, &str> = TableDefinition::new("rempart-accounts");
/// Name → seconds since 1970, for [`Which::Untold`].
const UNTOLD: TableDefinition<'_, &str, u64> = TableDefinition::new("rempart-untold");
/// Slot and purpose → digest, end and text.
const TOKENS: TableDefinition<'_, (&str, u8), ([u8; 32], u64, &str)> =
    TableDefinition::new("rempart-links");
/// Digest → slot and purpose.
const DIGESTS: TableDefinition<'_, [u8; 32], (&str, u8)> =
    TableDefinition::new("rempart-link-digests");
/// End, in seconds since 1970, and digest. A token that was taken leaves its own here, to be
/// swept in its turn.
const ENDS: TableDefinition<'_, (u64, [u8; 32]), ()> = TableDefinition::new("rempart-link-ends");

/// Accounts in one redb file. Clones share it.
#[derive(Clone)]
pub struct Redb {
    database: Arc<Database>,
    /// One change at a time. The permit moves into the change.
    change: Arc<Semaphore>,
}

impl Redb {
    /// Opens a file, or makes it, readable by its owner only: it holds hashes and names.
    ///
    /// # Errors
    /// When the file cannot be made or read, is open to others than its owner, is no redb file, or
    /// another process has it open.
    pub fn open(file: &Path) -> Result<Self, StoreError> {
        access::private_file(file).map_err(|why| StoreError::Storage(why.into()))?;
        Self::new(Arc::new(Database::create(file).map_err(storage)?))
    }

    /// Keeps accounts in a database that the application has open, in tables whose names
    /// begin with `rempart-`. Who may read its file is the application's to see to: it will hold
    /// hashes and names.
    ///
    /// # Errors
    /// When the tables cannot be made, or tables of those names are not ours.
    pub fn new(database: Arc<Database>) -> Result<Self, StoreError> {
        let write = database.begin_write().map_err(storage)?;
        write.open_table(ACCOUNTS).map_err(table)?;
        write.open_table(UNTOLD).map_err(table)?;
        write.open_table(TOKENS).map_err(table)?;
        write.open_table(DIGESTS).map_err(table)?;
        write.open_table(ENDS).map_err(table)?;
        write.commit().map_err(storage)?;
        Ok(Self {
            database,
            change: Arc::new(Semaphore::new(1)),
        })
    }

    fn see<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<'_, T> {
        Box::pin(async move {
            let database = self.database.clone();
            tokio::task::spawn_blocking(move || work(&database.begin_read().map_err(storage)?))
                .await
                .map_err(storage)?
        })
    }

    /// One transaction, committed if `work` says so.
    fn change<T: Send + 'static>(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<(Commit, T), StoreError> + Send + 'static,
    ) -> Answer<'_, T> {
        Box::pin(async move {
            let permit = self.change.clone().acquire_owned().await.map_err(storage)?;
            let database = self.database.clone();
            tokio::task::spawn_blocking(move || {
                let _permit = permit;
                let write = database.begin_write().map_err(storage)?;
                let (commit, answer) = work(&write)?;
                match commit {
                    Commit::Yes => write.commit().map_err(storage)?,
                    Commit::No => write.abort().map_err(storage)?,
                }
                Ok(answer)
            })
            .await
            .map_err(storage)?
        })
    }
}

/// Whether a transaction changed anything.
enum Commit {
    Yes,
    No,
}

/// Keeps a record and the moment that it is found by.
fn keep(write: &WriteTransaction, name: &str, record: &Record) -> Result<(), StoreError> {
    let mut accounts = write.open_table(ACCOUNTS).map_err(table)?;
    accounts.insert(name, record.as_str()).map_err(storage)?;
    let mut untold = write.open_table(UNTOLD).map_err(table)?;
    match record.untold() {
        Some(since) => untold.insert(name, seconds(since)).map_err(storage)?,
        None => untold.remove(name).map_err(storage)?,
    };
    Ok(())
}

fn kept(write: &WriteTransaction, name: &str) -> Result<Option<String>, StoreError> {
    let accounts = write.open_table(ACCOUNTS).map_err(table)?;
    let record = accounts.get(name).map_err(storage)?;
    Ok(record.map(|record| record.value().to_owned()))
}

fn take(write: &WriteTransaction, digest: &Digest) -> Result<Option<Token>, StoreError> {
    let mut digests = write.open_table(DIGESTS).map_err(table)?;
    let Some((slot, code)) = digests
        .remove(digest.bytes())
        .map_err(storage)?
        .map(|place| {
            let (slot, code) = place.value();
            (slot.to_owned(), code)
        })
    else {
        return Ok(None);
    };
    let mut tokens = write.open_table(TOKENS).map_err(table)?;
    let row = tokens.remove((slot.as_str(), code)).map_err(storage)?;
    let row = row.map(|row| (row.value().1, row.value().2.to_owned()));
    token(slot, code, *digest, row).map(Some)
}

/// Forgets some tokens that are past their time.
fn sweep(write: &WriteTransaction, now: u64) -> Result<(), StoreError> {
    for _ in 0..SWEPT {
        let mut ends = write.open_table(ENDS).map_err(table)?;
        let first = ends.first().map_err(storage)?.map(|row| row.0.value());
        let Some((until, digest)) = first.filter(|(until, _)| *until <= now) else {
            return Ok(());
        };
        ends.remove((until, digest)).map_err(storage)?;
        drop(ends);
        take(write, &Digest::new(digest))?;
    }
    Ok(())
}

fn token(
    slot: String,
    code: u8,
    digest: Digest,
    row: Option<(u64, String)>,
) -> Result<Token, StoreError> {
    match (Purpose::from_code(code), row) {
        (Some(purpose), Some((until, text))) => Ok(Token {
            slot: Slot::kept(slot),
            purpose,
            digest,
            text,
            until: moment(until),
        }),
        _ => Err(StoreError::Corrupt("a token without its row".into())),
    }
}

impl Credentials for Redb {
    fn read<'a>(&'a self, account: &'a Account) -> Answer<'a, Option<Record>> {
        let name = account.as_str().to_owned();
        self.see(move |read| {
            let accounts = read.open_table(ACCOUNTS).map_err(table)?;
            let record = accounts.get(name.as_str()).map_err(storage)?;
            Ok(record.map(|record| Record::kept(record.value().to_owned())))
        })
    }

    fn insert<'a>(&'a self, account: &'a Account, new: &'a Record) -> Answer<'a, bool> {
        let (name, new) = (account.as_str().to_owned(), new.clone());
        self.change(move |write| {
            if kept(write, &name)?.is_some() {
                return Ok((Commit::No, false));
            }
            keep(write, &name, &new)?;
            Ok((Commit::Yes, true))
        })
    }

    fn replace<'a>(
        &'a self,
        account: &'a Account,
        expected: &'a Record,
        new: &'a Record,
    ) -> Answer<'a, bool> {
        let name = account.as_str().to_owned();
        let (expected, new) = (expected.clone(), new.clone());
        self.change(move |write| {
            if kept(write, &name)?.as_deref() != Some(expected.as_str()) {
                return Ok((Commit::No, false));
            }
            keep(write, &name, &new)?;
            Ok((Commit::Yes, true))
        })
    }

    fn remove<'a>(&'a self, account: &'a Account) -> Answer<'a, bool> {
        let name = account.as_str().to_owned();
        let slot = Slot::of(account);
        self.change(move |write| {
            for purpose in Purpose::ALL {
                let digest = write
                    .open_table(TOKENS)
                    .map_err(table)?
                    .get((slot.as_str(), purpose.code()))
                    .map_err(storage)?
                    .map(|row| Digest::new(row.value().0));
                if let Some(digest) = digest {
                    take(write, &digest)?;
                }
            }
            let mut untold = write.open_table(UNTOLD).map_err(table)?;
            untold.remove(name.as_str()).map_err(storage)?;
            let mut accounts = write.open_table(ACCOUNTS).map_err(table)?;
            let was = accounts.remove(name.as_str()).map_err(storage)?.is_some();
            Ok((Commit::Yes, was))
        })
    }

    fn put_token<'a>(&'a self, token: &'a Token, now: Timestamp) -> Answer<'a, ()> {
        let token = token.clone();
        self.change(move |write| {
            sweep(write, seconds(now))?;
            let place = (token.slot.as_str(), token.purpose.code());
            let (digest, until) = (*token.digest.bytes(), seconds(token.until));
            let mut ends = write.open_table(ENDS).map_err(table)?;
            ends.insert((until, digest), ()).map_err(storage)?;
            let mut tokens = write.open_table(TOKENS).map_err(table)?;
            let older = tokens
                .insert(place, (digest, until, token.text.as_str()))
                .map_err(storage)?
                .map(|row| row.value().0);
            let mut digests = write.open_table(DIGESTS).map_err(table)?;
            if let Some(older) = older {
                digests.remove(older).map_err(storage)?;
            }
            digests.insert(digest, place).map_err(storage)?;
            Ok((Commit::Yes, ()))
        })
    }

    fn look_token<'a>(&'a self, digest: &'a Digest) -> Answer<'a, Option<Token>> {
        let digest = *digest;
        self.see(move |read| {
            let digests = read.open_table(DIGESTS).map_err(table)?;
            let Some(place) = digests.get(digest.bytes()).map_err(storage)? else {
                return Ok(None);
            };
            let (slot, code) = place.value();
            let tokens = read.open_table(TOKENS).map_err(table)?;
            let row = tokens.get((slot, code)).map_err(storage)?;
            let row = row.map(|row| (row.value().1, row.value().2.to_owned()));
            token(slot.to_owned(), code, digest, row).map(Some)
        })
    }

    fn take_token<'a>(&'a self, digest: &'a Digest) -> Answer<'a, Option<Token>> {
        let digest = *digest;
        self.change(move |write| {
            Ok(match take(write, &digest)? {
                None => (Commit::No, None),
                Some(token) => (Commit::Yes, Some(token)),
            })
        })
    }

    fn page<'a>(
        &'a self,
        which: Which,
        after: Option<&'a Account>,
        most: usize,
    ) -> Answer<'a, Vec<(Account, Record)>> {
        let after = after.map(|account| account.as_str().to_owned());
        self.see(move |read| {
            let start = after.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
            let range = (start, Bound::Unbounded);
            let accounts = read.open_table(ACCOUNTS).map_err(table)?;
            let mut page = Vec::new();
            match which {
                Which::All => {
                    for row in accounts.range::<&str>(range).map_err(storage)?.take(most) {
                        let (name, record) = row.map_err(storage)?;
                        let record = Record::kept(record.value().to_owned());
                        page.push((Account::kept(name.value()), record));
                    }
                }
                Which::Untold => {
                    let untold = read.open_table(UNTOLD).map_err(table)?;
                    for row in untold.range::<&str>(range).map_err(storage)?.take(most) {
                        let (name, _) = row.map_err(storage)?;
                        let Some(record) = accounts.get(name.value()).map_err(storage)? else {
                            return Err(StoreError::Corrupt("a compromise of nobody".into()));
                        };
                        let record = Record::kept(record.value().to_owned());
                        page.push((Account::kept(name.value()), record));
                    }
                }
            }
            Ok(page)
        })
    }
}

/// An error of redb names files and tables, and nothing that is kept in them.
fn storage(error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Storage(Box::new(error))
}

fn table(error: TableError) -> StoreError {
    match error {
        TableError::Storage(error) => storage(error),
        other => StoreError::Corrupt(Box::new(other)),
    }
}

impl std::fmt::Debug for Redb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redb(..)")
    }
}

#[cfg(test)]
mod tests;
