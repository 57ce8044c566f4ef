//! Who is signed in: one row for each session, without its secret.
//!
//! A session holds the generation of the password that opened it. Every change and reset
//! draws another, so a session that should have ended is over even if its row is still there.

use std::time::Duration;

use deadpool_postgres::{Pool, PoolError};
use rempart::{Account, Accounts, Generation};
use sha2::{Digest, Sha256};

/// A session lasts no longer than a working day.
const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);

const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS member_session (
        digest bytea PRIMARY KEY,
        account text NOT NULL,
        generation bytea NOT NULL,
        opened timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX IF NOT EXISTS member_session_opened ON member_session (opened);
    CREATE INDEX IF NOT EXISTS member_session_account ON member_session (account)";

/// The sessions of the site.
#[derive(Clone)]
pub(crate) struct Sessions {
    pool: Pool,
}

/// An open session.
pub(crate) struct Session {
    pub(crate) account: Account,
}

impl Sessions {
    pub(crate) async fn new(pool: Pool) -> Result<Self, PoolError> {
        pool.get().await?.batch_execute(TABLE).await?;
        Ok(Self { pool })
    }

    /// Opens a session; the text is for its cookie and is kept nowhere.
    pub(crate) async fn open(
        &self,
        account: &Account,
        generation: Generation,
    ) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
        let secret = secret()?;
        let insert = "INSERT INTO member_session (digest, account, generation) VALUES ($1, $2, $3)";
        // Those past their time go, so that the table does not grow for ever.
        let sweep = "DELETE FROM member_session WHERE opened <= now() - make_interval(secs => $1)";
        let client = self.pool.get().await?;
        client.execute(sweep, &[&LIFETIME.as_secs_f64()]).await?;
        let generation = &generation.bytes()[..];
        client
            .execute(insert, &[&digest(&secret), &account.as_str(), &generation])
            .await?;
        Ok(secret)
    }

    /// The session of a cookie, if it is open and the password is still the one of then.
    pub(crate) async fn find(&self, secret: &str, accounts: &Accounts) -> Option<Session> {
        let select = "SELECT account, generation FROM member_session
                      WHERE digest = $1 AND opened > now() - make_interval(secs => $2)";
        let client = self.pool.get().await.ok()?;
        let row = client
            .query_opt(select, &[&digest(secret), &LIFETIME.as_secs_f64()])
            .await
            .ok()??;
        let account = Account::read(row.get(0))?;
        let generation: Vec<u8> = row.get(1);
        let present = accounts.generation(&account).await.ok()??;
        (present.bytes()[..] == generation).then_some(Session { account })
    }

    /// Ends the session of a cookie.
    pub(crate) async fn end(&self, secret: &str) -> Result<(), PoolError> {
        let delete = "DELETE FROM member_session WHERE digest = $1";
        let client = self.pool.get().await?;
        client.execute(delete, &[&digest(secret)]).await?;
        Ok(())
    }

    /// Ends every session of an account.
    pub(crate) async fn end_all(&self, account: &Account) -> Result<(), PoolError> {
        let delete = "DELETE FROM member_session WHERE account = $1";
        let client = self.pool.get().await?;
        client.execute(delete, &[&account.as_str()]).await?;
        Ok(())
    }
}

fn digest(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// 256 random bits in hexadecimal.
fn secret() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
