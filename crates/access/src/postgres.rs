//! Counters in a PostgreSQL that several programs share.
//!
//! Clauses: CNIL 2022-100, cases 2 and 3. An attempt is one transaction that locks the rows
//! of its counters in the order of their keys, so that no two wait for each other, and
//! decides with the same code as the store in memory. It takes two round trips; a refused
//! attempt changes no row and leaves none.
//!
//! A transaction that is not seen to its end takes its connection with it: PostgreSQL then
//! rolls back, and no half-used connection is ever handed to the next attempt. What was
//! committed is on disk (`synchronous_commit` is switched on if somebody switched it off).
//!
//! Absent on purpose: a second try of anything that may have been committed, and deadlines
//! of an attempt, which are the caller's. `docs/STORES.md` has the roles and the settings.

mod migration;
mod pool;
mod tls;

use std::fmt;
use std::time::Duration;

use deadpool_postgres::tokio_postgres::Error;
use deadpool_postgres::tokio_postgres::error::SqlState;
use deadpool_postgres::tokio_postgres::types::ToSql;
use tokio::task::JoinHandle;

use crate::remote::{Endpoint, OpenError};
use crate::store::{Answer, Ask, CounterKey, Store, StoreError, Verdict};
use crate::time::micros;
use crate::{Cause, Cell, Record, RecordError, Timestamp, decide, take_back};

pub use migration::{Migrated, apply, migrate};
pub use pool::{Borrowed, Pool};

/// The counters in a PostgreSQL.
pub struct Postgres {
    pool: Pool,
    sweeper: JoinHandle<()>,
}

/// Between two sweeps.
const SWEEP: Duration = Duration::from_secs(600);
/// Rows swept in one statement, so that none takes long.
const SWEPT_AT_ONCE: i64 = 1_000;
/// Attempts at a transaction that PostgreSQL itself gave up.
const TRIES: u32 = 3;

const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

/// Locks the rows of all keys in order, those that are missing by making them. An existing
/// row is locked without being written, which is what `WHERE false` is for.
const LOCK: &str = "INSERT INTO rempart.counter (key, record, idle_at) \
    SELECT wanted.key, ''::bytea, now() FROM unnest($1::bytea[]) AS wanted (key) \
    ORDER BY wanted.key \
    ON CONFLICT (key) DO UPDATE SET record = excluded.record WHERE false";

/// After [`LOCK`], in a statement of its own: its snapshot must be younger than the locks.
const READ: &str = "SELECT key, record FROM rempart.counter WHERE key = ANY ($1::bytea[])";

/// Locks the rows that are there and reads them as they are once locked. One that comes later
/// is not among them: nothing of it may be taken back, since nobody holds its lock.
const READ_AND_LOCK: &str = "SELECT key, record FROM rempart.counter \
    WHERE key = ANY ($1::bytea[]) ORDER BY key FOR UPDATE";

const WRITE: &str = "UPDATE rempart.counter AS kept SET record = new.record, \
    idle_at = date_trunc('hour', now() + new.seconds * interval '1 second') + interval '1 hour' \
    FROM unnest($1::bytea[], $2::bytea[], $3::bigint[]) AS new (key, record, seconds) \
    WHERE kept.key = new.key";

const DROP: &str = "DELETE FROM rempart.counter WHERE key = ANY ($1::bytea[])";

const SWEEP_SOME: &str = "DELETE FROM rempart.counter WHERE key IN (\
    SELECT key FROM rempart.counter WHERE idle_at < now() LIMIT $1 FOR UPDATE SKIP LOCKED)";

impl Postgres {
    /// Connects, and checks that the tables and the user's rights are as needed. Belongs to
    /// the tokio runtime that calls it. Creates nothing: see [`migrate`].
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(endpoint: &Endpoint) -> Result<Self, OpenError> {
        let pool = Pool::open(endpoint).await?;
        migration::check(&pool).await?;
        let sweeper = tokio::spawn(sweep_for_ever(pool.clone()));
        Ok(Self { pool, sweeper })
    }

    /// Deletes the rows on which no decision depends any more; says how many. The store does
    /// so by itself every ten minutes.
    ///
    /// # Errors
    /// When the database gives no answer.
    pub async fn sweep(&self) -> Result<u64, StoreError> {
        sweep(&self.pool).await
    }

    /// Runs a decision in a transaction, again if PostgreSQL gave it up before it was to be
    /// committed.
    async fn transact<T>(
        &self,
        ask: &Ask,
        rows: Rows,
        act: impl Fn(&Ask, &mut [Cell]) -> T,
    ) -> Result<T, StoreError> {
        for _ in 1..TRIES {
            match self.try_transact(ask, rows, &act).await {
                Err(Failed::GivenUp) => {}
                Err(Failed::For(error)) => return Err(error),
                Ok(answer) => return Ok(answer),
            }
        }
        match self.try_transact(ask, rows, &act).await {
            Ok(answer) => Ok(answer),
            Err(Failed::For(error)) => Err(error),
            Err(Failed::GivenUp) => Err(StoreError::Unreachable(
                Cause::new(
                    "PostgreSQL a renoncé plusieurs fois à la transaction",
                    "PostgreSQL gave the transaction up several times",
                )
                .into(),
            )),
        }
    }

    async fn try_transact<T>(
        &self,
        ask: &Ask,
        rows: Rows,
        act: impl Fn(&Ask, &mut [Cell]) -> T,
    ) -> Result<T, Failed> {
        let mut keys: Vec<&[u8]> = ask
            .counters
            .iter()
            .map(|counter| counter.key.bytes().as_slice())
            .collect();
        keys.sort_unstable();

        let connection = self.pool.borrow().await?;
        // Sent together, in this order: one round trip.
        let values: [&(dyn ToSql + Sync); 1] = [&keys];
        let rows = match rows {
            Rows::OfAll => {
                let (lock, read) = (
                    connection.statement(LOCK).await?,
                    connection.statement(READ).await?,
                );
                let (begun, locked, rows) = tokio::join!(
                    biased;
                    connection.batch_execute(BEGIN),
                    connection.execute(&lock, &values),
                    connection.query(&read, &values),
                );
                begun.and(locked).and(rows)
            }
            Rows::ThatExist => {
                let read = connection.statement(READ_AND_LOCK).await?;
                let (begun, rows) = tokio::join!(
                    biased;
                    connection.batch_execute(BEGIN),
                    connection.query(&read, &values),
                );
                begun.and(rows)
            }
        };
        let rows = match rows {
            Ok(rows) => rows,
            Err(error) if was_given_up(&error) => return Err(Failed::GivenUp),
            Err(error) => return Err(failure(&error).into()),
        };
        let mut records = Vec::with_capacity(rows.len());
        for row in &rows {
            let (key, record): (&[u8], &[u8]) = (
                column(row, 0).map_err(Failed::For)?,
                column(row, 1).map_err(Failed::For)?,
            );
            records.push((key, record));
        }
        let mut cells = Vec::with_capacity(ask.counters.len());
        for counter in &ask.counters {
            let record = records
                .iter()
                .find(|(key, _)| key == counter.key.bytes())
                .filter(|(_, record)| !record.is_empty())
                .map(|(_, record)| Record::decode(record))
                .transpose()
                .map_err(damaged)?;
            cells.push(Cell::new(&counter.rule, record).map_err(damaged)?);
        }

        let answer = act(ask, &mut cells);
        let locked: Vec<&[u8]> = records.iter().map(|(key, _)| *key).collect();
        let changes = Changes::of(ask, cells, &locked);
        self.finish(connection, &changes).await?;
        Ok(answer)
    }

    /// Writes what changed and commits, or rolls back if nothing did. One round trip.
    async fn finish(&self, connection: Borrowed, changes: &Changes<'_>) -> Result<(), Failed> {
        if changes.written.is_empty() && changes.dropped.is_empty() {
            connection
                .batch_execute("ROLLBACK")
                .await
                .map_err(|error| failure(&error))?;
            connection.give_back();
            return Ok(());
        }
        let (write, drop) = (
            connection.statement(WRITE).await?,
            connection.statement(DROP).await?,
        );
        let values: [&(dyn ToSql + Sync); 3] =
            [&changes.written, &changes.records, &changes.seconds];
        let (written, dropped, committed) = tokio::join!(
            biased;
            connection.execute(&write, &values),
            async {
                match changes.dropped.is_empty() {
                    true => Ok(0),
                    false => connection.execute(&drop, &[&changes.dropped]).await,
                }
            },
            connection.batch_execute("COMMIT"),
        );
        // After a failed statement `COMMIT` rolls back and calls that a success.
        written
            .and(dropped)
            .and(committed)
            .map_err(|error| failure(&error))?;
        connection.give_back();
        Ok(())
    }
}

impl Store for Postgres {
    fn admit<'a>(&'a self, ask: &'a Ask) -> Answer<'a, Verdict> {
        Box::pin(async move {
            if ask.counters.is_empty() {
                return Ok(Verdict::Admit);
            }
            self.transact(ask, Rows::OfAll, decide).await
        })
    }

    fn succeed<'a>(&'a self, ask: &'a Ask) -> Answer<'a, ()> {
        Box::pin(async move {
            if ask.counters.is_empty() {
                return Ok(());
            }
            self.transact(ask, Rows::ThatExist, take_back).await
        })
    }

    fn unlock(&self, key: CounterKey, _now: Timestamp) -> Answer<'_, ()> {
        Box::pin(async move {
            let keys = [key.bytes().as_slice()];
            self.pool.run(DROP, &[&&keys[..]]).await?;
            Ok(())
        })
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.sweeper.abort();
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Postgres(..)")
    }
}

/// Which rows a transaction locks.
#[derive(Clone, Copy)]
enum Rows {
    /// Those of all counters; missing ones are made.
    OfAll,
    /// Those that are there.
    ThatExist,
}

/// Rows to write and rows to delete.
struct Changes<'a> {
    written: Vec<&'a [u8]>,
    records: Vec<Vec<u8>>,
    /// Until each may be swept; none for one that stays until it is unlocked.
    seconds: Vec<Option<i64>>,
    dropped: Vec<&'a [u8]>,
}

impl<'a> Changes<'a> {
    /// Of the rows that are locked, and no others.
    fn of(ask: &'a Ask, cells: Vec<Cell>, locked: &[&[u8]]) -> Self {
        let mut changes = Self {
            written: Vec::new(),
            records: Vec::new(),
            seconds: Vec::new(),
            dropped: Vec::new(),
        };
        for (counter, cell) in ask.counters.iter().zip(cells) {
            let key = counter.key.bytes().as_slice();
            let idle = cell.idle_at();
            if !cell.changed() || !locked.contains(&key) {
                continue;
            }
            if idle.is_some_and(|moment| moment <= ask.now) {
                changes.dropped.push(key);
                continue;
            }
            changes.written.push(key);
            changes.records.push(cell.into_record().encode());
            changes.seconds.push(idle.map(|moment| {
                let left = micros(moment.since(ask.now)).div_ceil(1_000_000);
                i64::try_from(left).expect("a moment is below 2^53 microseconds")
            }));
        }
        changes
    }
}

/// How a transaction ended without an answer.
enum Failed {
    /// PostgreSQL gave it up before it was to be committed: it has counted nothing.
    GivenUp,
    For(StoreError),
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::For(error)
    }
}

fn was_given_up(error: &Error) -> bool {
    error.code().is_some_and(|code| {
        [
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
        ]
        .contains(code)
    })
}

fn damaged(error: RecordError) -> Failed {
    Failed::For(StoreError::Corrupt(Box::new(error)))
}

fn column(row: &deadpool_postgres::tokio_postgres::Row, place: usize) -> Result<&[u8], StoreError> {
    row.try_get(place).map_err(|_| {
        StoreError::Corrupt(
            Cause::new(
                "la table des compteurs a d’autres colonnes",
                "the table of counters has other columns",
            )
            .into(),
        )
    })
}

async fn sweep(pool: &Pool) -> Result<u64, StoreError> {
    let mut swept = 0;
    loop {
        let rows = pool.run(SWEEP_SOME, &[&SWEPT_AT_ONCE]).await?;
        swept += rows;
        if rows < SWEPT_AT_ONCE.unsigned_abs() {
            return Ok(swept);
        }
    }
}

async fn sweep_for_ever(pool: Pool) {
    loop {
        tokio::time::sleep(SWEEP).await;
        // A database that is away is swept the next time.
        let _ = sweep(&pool).await;
    }
}

fn is_missing(code: &SqlState) -> bool {
    [
        SqlState::UNDEFINED_TABLE,
        SqlState::UNDEFINED_COLUMN,
        SqlState::INVALID_SCHEMA_NAME,
    ]
    .contains(code)
}

/// What a failure means to the caller. The server's text is not repeated: it may hold a key.
fn failure(error: &Error) -> StoreError {
    let Some(code) = error.code() else {
        return StoreError::Unreachable(
            Cause::new(
                "la connexion à PostgreSQL s’est rompue",
                "the connection to PostgreSQL broke",
            )
            .into(),
        );
    };
    let why = match code.code().get(..2).unwrap_or_default() {
        _ if *code == SqlState::READ_ONLY_SQL_TRANSACTION => Cause::new(
            "ce PostgreSQL ne fait que lire",
            "this PostgreSQL only reads",
        ),
        _ if *code == SqlState::INSUFFICIENT_PRIVILEGE => Cause::new(
            "PostgreSQL ne l’autorise pas à l’utilisateur",
            "PostgreSQL does not allow the user that",
        ),
        _ if is_missing(code) => {
            return StoreError::Corrupt(
                Cause::new(
                    "les tables des compteurs manquent",
                    "the tables of the counters are missing",
                )
                .into(),
            );
        }
        "53" | "58" => Cause::new(
            "PostgreSQL n’a plus de place sur son disque, en mémoire, ou pour une connexion",
            "PostgreSQL has no room left on its disk, in its memory, or for connections",
        ),
        "XX" => {
            return StoreError::Corrupt(
                Cause::new(
                    "PostgreSQL a trouvé ses données abîmées",
                    "PostgreSQL found its own data damaged",
                )
                .into(),
            );
        }
        "57" | "55" => {
            return StoreError::Unreachable(
                Cause::new(
                    "PostgreSQL n’a pas répondu à temps, ou s’arrête",
                    "PostgreSQL did not answer in time, or stops",
                )
                .into(),
            );
        }
        "28" => {
            return StoreError::Unreachable(
                Cause::new(
                    "l’utilisateur ou le mot de passe est refusé",
                    "the user or the password is refused",
                )
                .into(),
            );
        }
        _ => {
            return StoreError::Unreachable(
                Cause::new(
                    "PostgreSQL refuse l’instruction",
                    "PostgreSQL refuses the statement",
                )
                .into(),
            );
        }
    };
    StoreError::Storage(why.into())
}
