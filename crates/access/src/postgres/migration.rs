//! The tables that the counters need, and whether they are there.
//!
//! Applied only when somebody asks for it, with a user who owns the schema: the user of the
//! service needs no right to change a table, see `docs/STORES.md`. The steps are SQL files of
//! this crate, so an operator may read them, or apply them by hand.

use deadpool_postgres::tokio_postgres::Error;
use deadpool_postgres::tokio_postgres::error::SqlState;

use super::{Borrowed, Pool, failure};
use crate::remote::{Endpoint, OpenError, cause};
use crate::store::StoreError;

/// The name of the counters among the parts of rempart.
const PART: &str = "counters";

/// Each brings the tables from the version before it to its own, the first to version 1, and
/// writes its line into `rempart.migration`.
const STEPS: [&str; 1] = [include_str!("../../migrations/0001_counters.sql")];

/// One migration at a time in a database. Any number serves that nobody else uses.
const LOCK: &str = "SELECT pg_advisory_xact_lock(8317427611301094992)";

const RIGHTS: &str = "SELECT \
    has_table_privilege('rempart.counter', 'SELECT') \
    AND has_table_privilege('rempart.counter', 'INSERT') \
    AND has_table_privilege('rempart.counter', 'UPDATE') \
    AND has_table_privilege('rempart.counter', 'DELETE'), pg_is_in_recovery()";

/// What a migration found and left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migrated {
    /// The version before; 0 without tables.
    pub from: i32,
    /// The version after.
    pub to: i32,
}

/// Creates the tables of the counters, or brings them to this version. Does nothing if they
/// are there. Several programs may do so at once.
///
/// # Errors
/// See [`OpenError`]. The tables are then as they were.
pub async fn migrate(endpoint: &Endpoint) -> Result<Migrated, OpenError> {
    apply(endpoint, PART, &STEPS).await
}

/// Applies the steps of one part of rempart that its database has not yet seen, all of them or
/// none. A step must write its line into `rempart.migration`, as those of the counters do.
///
/// # Errors
/// See [`OpenError`]. The tables are then as they were.
pub async fn apply(endpoint: &Endpoint, part: &str, steps: &[&str]) -> Result<Migrated, OpenError> {
    let pool = Pool::open(endpoint).await?;
    let connection = pool.borrow().await.map_err(unreachable)?;
    // A table may take longer to change than an attempt may wait. Each statement must see what
    // was committed while the lock was waited for.
    let begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; \
        SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '1min'";
    connection.batch_execute(begin).await.map_err(refusal)?;
    connection.batch_execute(LOCK).await.map_err(refusal)?;
    let from = version(&connection, part).await?;
    let needed = i32::try_from(steps.len()).expect("a few steps");
    if from > needed {
        return Err(OpenError::Migration {
            found: Some(from),
            needed,
        });
    }
    let seen = usize::try_from(from).unwrap_or_default();
    for step in &steps[seen..] {
        connection.batch_execute(step).await.map_err(refusal)?;
    }
    connection.batch_execute("COMMIT").await.map_err(refusal)?;
    connection.give_back();
    Ok(Migrated { from, to: needed })
}

/// Whether the tables and the rights are as the store needs them.
pub(super) async fn check(pool: &Pool) -> Result<(), OpenError> {
    let connection = pool.borrow().await.map_err(unreachable)?;
    let needed = i32::try_from(STEPS.len()).expect("a few steps");
    let found = version(&connection, PART).await?;
    if found != needed {
        return Err(OpenError::Migration {
            found: (found > 0).then_some(found),
            needed,
        });
    }
    let row = connection.query_one(RIGHTS, &[]).await.map_err(refusal)?;
    let (allowed, replica): (bool, bool) = (row.get(0), row.get(1));
    connection.give_back();
    match (allowed, replica) {
        (_, true) => Err(OpenError::ReadOnly),
        (false, _) => Err(OpenError::Forbidden(
            "SELECT, INSERT, UPDATE, DELETE ON rempart.counter".to_owned(),
        )),
        (true, false) => Ok(()),
    }
}

/// The version of a part; 0 if it was never applied.
async fn version(connection: &Borrowed, part: &str) -> Result<i32, OpenError> {
    // Asked first, because a query of a missing table would end the transaction.
    let seen = "SELECT to_regclass('rempart.migration') IS NOT NULL";
    let seen = connection.query_one(seen, &[]).await.map_err(refusal)?;
    if !seen.get::<_, bool>(0) {
        return Ok(0);
    }
    let newest = "SELECT coalesce(max(version), 0) FROM rempart.migration WHERE part = $1";
    let row = connection.query_one(newest, &[&part]).await;
    Ok(row.map_err(refusal)?.get(0))
}

fn refusal(error: Error) -> OpenError {
    match error.code() {
        Some(code) if *code == SqlState::INSUFFICIENT_PRIVILEGE => {
            OpenError::Forbidden("USAGE ON SCHEMA rempart, SELECT ON rempart.migration".to_owned())
        }
        Some(code) if *code == SqlState::READ_ONLY_SQL_TRANSACTION => OpenError::ReadOnly,
        _ => unreachable(failure(&error)),
    }
}

fn unreachable(error: StoreError) -> OpenError {
    OpenError::Unreachable(cause(error))
}
