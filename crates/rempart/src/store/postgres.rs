//! Accounts in PostgreSQL, for any number of processes.
//!
//! Each method is one statement, so that it is done whole or not at all even if the caller or
//! the connection goes away. The tables are in `postgres.sql`, which
//! [`Postgres::migrate`] runs.
//!
//! What PostgreSQL says of a fault may quote the row at fault; only its five-letter code is
//! passed on.
//!
//! Absent on purpose: how to connect. The application has a pool, with TLS and roles of its
//! own.

use access::Timestamp;
use deadpool_postgres::tokio_postgres::error::SqlState;
use deadpool_postgres::tokio_postgres::types::{FromSql, ToSql};
use deadpool_postgres::tokio_postgres::{Error, Row};
use deadpool_postgres::{Object, Pool, PoolError};

use super::{
    Answer, Credentials, Digest, Purpose, Record, SWEPT, Slot, StoreError, Token, Which, Why,
};
use crate::Account;
use crate::credential::text::{moment, seconds};

/// Accounts in PostgreSQL 13 or later. Clones share the pool.
#[derive(Clone)]
pub struct Postgres {
    pool: Pool,
}

impl Postgres {
    /// What [`Postgres::migrate`] runs, for applications with migrations of their own.
    pub const MIGRATION: &'static str = include_str!("postgres.sql");

    /// Accounts in the first schema of the pool's search path.
    pub const fn new(pool: Pool) -> Self {
        Self { pool }
    }

    /// Makes the tables where they are missing, on a connection that it takes out of the pool and
    /// closes. Several processes may do so at once.
    ///
    /// # Errors
    /// When the server cannot be reached, or the role may not make tables.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        // Not given back: after an error, or if the caller goes away, the transaction would still be
        // open for whoever has the connection next.
        let client = Object::take(self.client().await?);
        client
            .batch_execute(&format!("{BEGIN}\n{}\nCOMMIT;", Self::MIGRATION))
            .await
            .map_err(fault)
    }

    async fn client(&self) -> Result<Object, StoreError> {
        self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) => fault(error),
            PoolError::Timeout(_) => StoreError::Silent,
            // A hook's own text is the application's, and may say anything.
            _ => StoreError::Unreachable("the pool is closed or gives no connection".into()),
        })
    }

    async fn rows(&self, statement: &str, values: Values<'_>) -> Result<Vec<Row>, StoreError> {
        let client = self.client().await?;
        let statement = client.prepare_cached(statement).await.map_err(fault)?;
        client.query(&statement, values).await.map_err(fault)
    }

    /// How many rows a statement changed.
    async fn change(&self, statement: &str, values: Values<'_>) -> Result<u64, StoreError> {
        let client = self.client().await?;
        let statement = client.prepare_cached(statement).await.map_err(fault)?;
        client.execute(&statement, values).await.map_err(fault)
    }
}

/// Each statement sees what was committed while the lock was waited for.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;";

type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

impl Credentials for Postgres {
    fn read<'a>(&'a self, account: &'a Account) -> Answer<'a, Option<Record>> {
        Box::pin(async move {
            let rows = self
                .rows(
                    "SELECT record FROM rempart_account WHERE account = $1",
                    &[&account.as_str()],
                )
                .await?;
            rows.first()
                .map(|row| Ok(Record::kept(column(row, 0)?)))
                .transpose()
        })
    }

    fn insert<'a>(&'a self, account: &'a Account, new: &'a Record) -> Answer<'a, bool> {
        Box::pin(async move {
            let changed = self
                .change(
                    "INSERT INTO rempart_account (account, record, untold) VALUES ($1, $2, $3)
                     ON CONFLICT (account) DO NOTHING",
                    &[&account.as_str(), &new.as_str(), &untold(new)],
                )
                .await?;
            Ok(changed == 1)
        })
    }

    fn replace<'a>(
        &'a self,
        account: &'a Account,
        expected: &'a Record,
        new: &'a Record,
    ) -> Answer<'a, bool> {
        Box::pin(async move {
            let changed = self
                .change(
                    "UPDATE rempart_account SET record = $3, untold = $4
                     WHERE account = $1 AND record = $2",
                    &[
                        &account.as_str(),
                        &expected.as_str(),
                        &new.as_str(),
                        &untold(new),
                    ],
                )
                .await?;
            Ok(changed == 1)
        })
    }

    fn remove<'a>(&'a self, account: &'a Account) -> Answer<'a, bool> {
        Box::pin(async move {
            let changed = self
                .change(
                    "WITH tokens AS (DELETE FROM rempart_token WHERE slot = $2)
                     DELETE FROM rempart_account WHERE account = $1",
                    &[&account.as_str(), &Slot::of(account).as_str()],
                )
                .await?;
            Ok(changed == 1)
        })
    }

    fn put_token<'a>(&'a self, token: &'a Token, now: Timestamp) -> Answer<'a, ()> {
        Box::pin(async move {
            self.change(
                // One statement sees each row once: that of the slot is replaced, not swept. Rows
                // that others are sweeping are theirs.
                "WITH swept AS (
                     DELETE FROM rempart_token WHERE digest IN (
                         SELECT digest FROM rempart_token
                         WHERE until <= $6 AND NOT (slot = $1 AND purpose = $2)
                         ORDER BY until LIMIT $7 FOR UPDATE SKIP LOCKED))
                 INSERT INTO rempart_token (slot, purpose, digest, bound, until)
                 VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (slot, purpose) DO UPDATE
                 SET digest = excluded.digest, bound = excluded.bound, until = excluded.until",
                &[
                    &token.slot.as_str(),
                    &i16::from(token.purpose.code()),
                    &token.digest.bytes().as_slice(),
                    &token.text,
                    &whole(token.until),
                    &whole(now),
                    &i64::try_from(SWEPT).unwrap_or(1),
                ],
            )
            .await
            .map(drop)
        })
    }

    fn look_token<'a>(&'a self, digest: &'a Digest) -> Answer<'a, Option<Token>> {
        Box::pin(async move {
            let rows = self
                .rows(
                    "SELECT slot, purpose, bound, until FROM rempart_token WHERE digest = $1",
                    &[&digest.bytes().as_slice()],
                )
                .await?;
            rows.first().map(|row| token(row, *digest)).transpose()
        })
    }

    fn take_token<'a>(&'a self, digest: &'a Digest) -> Answer<'a, Option<Token>> {
        Box::pin(async move {
            let rows = self
                .rows(
                    "DELETE FROM rempart_token WHERE digest = $1 RETURNING slot, purpose, bound, until",
                    &[&digest.bytes().as_slice()],
                )
                .await?;
            rows.first().map(|row| token(row, *digest)).transpose()
        })
    }

    fn page<'a>(
        &'a self,
        which: Which,
        after: Option<&'a Account>,
        most: usize,
    ) -> Answer<'a, Vec<(Account, Record)>> {
        Box::pin(async move {
            let statement = match which {
                Which::All => {
                    "SELECT account, record FROM rempart_account
                     WHERE account > $1 ORDER BY account LIMIT $2"
                }
                Which::Untold => {
                    "SELECT account, record FROM rempart_account
                     WHERE account > $1 AND untold IS NOT NULL ORDER BY account LIMIT $2"
                }
            };
            // No name is empty, so that every name comes after the empty one.
            let after = after.map_or("", Account::as_str);
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let rows = self.rows(statement, &[&after, &most]).await?;
            rows.iter()
                .map(|row| {
                    let name: String = column(row, 0)?;
                    Ok((Account::kept(&name), Record::kept(column(row, 1)?)))
                })
                .collect()
        })
    }
}

fn untold(record: &Record) -> Option<i64> {
    record.untold().map(whole)
}

/// A moment as a column keeps it. None is past the year 2255.
fn whole(moment: Timestamp) -> i64 {
    i64::try_from(seconds(moment)).unwrap_or(i64::MAX)
}

fn token(row: &Row, digest: Digest) -> Result<Token, StoreError> {
    let code: i16 = column(row, 1)?;
    let purpose = u8::try_from(code)
        .ok()
        .and_then(Purpose::from_code)
        .ok_or_else(|| StoreError::Corrupt("a token of an unknown purpose".into()))?;
    Ok(Token {
        slot: Slot::kept(column(row, 0)?),
        purpose,
        digest,
        text: column(row, 2)?,
        until: moment(u64::try_from(column::<i64>(row, 3)?).unwrap_or(0)),
    })
}

fn column<'r, T: FromSql<'r>>(row: &'r Row, place: usize) -> Result<T, StoreError> {
    row.try_get(place)
        .map_err(|_| StoreError::Corrupt("a column of another type".into()))
}

/// Whose fault it is, by the class of the code, without what may quote a row.
fn fault(error: Error) -> StoreError {
    let Some(code) = error.code() else {
        // Written without its cause, which may name a value.
        return StoreError::Unreachable(error.to_string().into());
    };
    let why: Why = format!("PostgreSQL error {}", code.code()).into();
    let is_missing = [
        SqlState::UNDEFINED_TABLE,
        SqlState::UNDEFINED_COLUMN,
        SqlState::INVALID_SCHEMA_NAME,
    ]
    .contains(code);
    match code.code().get(..2) {
        _ if is_missing => {
            let why = "its tables are missing or of another version; run the migration";
            StoreError::Corrupt(why.into())
        }
        // Connections, refused roles, a server that stops.
        Some("08" | "28" | "57") => StoreError::Unreachable(why),
        _ => StoreError::Storage(why),
    }
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Postgres(..)")
    }
}
