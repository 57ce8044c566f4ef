//! A bounded number of connections to PostgreSQL, and none that is half used.
//!
//! A connection that is dropped instead of [given back](Borrowed::give_back) is closed: its
//! transaction may be open, and its answers belong to somebody who no longer waits. Making one
//! goes on when the caller has gone, so that a server slow to connect to is reached at all. At
//! most as many are made at once as there may be, so a frozen server lets nothing grow.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::tokio_postgres::config::{Host, SslMode};
use deadpool_postgres::tokio_postgres::error::SqlState;
use deadpool_postgres::tokio_postgres::types::ToSql;
use deadpool_postgres::tokio_postgres::{Client, Config, Error, Statement};
use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, PoolError, RecyclingMethod, Runtime,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::failure;
use super::tls::Connector;
use crate::Cause;
use crate::remote::{Endpoint, OpenError, has_password, tls};
use crate::store::StoreError;

/// Connections to one database, shared by cloning.
#[derive(Clone, Debug)]
pub struct Pool {
    pool: deadpool_postgres::Pool,
    places: Arc<Semaphore>,
}

/// One connection. Closed when dropped, unless it is given back.
#[derive(Debug)]
pub struct Borrowed {
    object: Option<Object>,
    _place: OwnedSemaphorePermit,
}

impl Pool {
    /// Connections to a database, at most as many as the endpoint says. The first is made
    /// now, to know that it works.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(endpoint: &Endpoint) -> Result<Self, OpenError> {
        let (config, connector) = settings(endpoint).await?;
        let recycling = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let session = session(endpoint.patience);
        let pool =
            deadpool_postgres::Pool::builder(Manager::from_config(config, connector, recycling))
                .max_size(endpoint.connections)
                .runtime(Runtime::Tokio1)
                .create_timeout(Some(endpoint.patience * SLOW))
                .post_create(Hook::async_fn(move |client, _| {
                    let session = session.clone();
                    Box::pin(async move {
                        let set = client.batch_execute(&session).await;
                        set.map_err(HookError::Backend)
                    })
                }))
                .build()
                .expect("a pool with timeouts has a runtime");
        match pool.get().await {
            Ok(_) => Ok(Self {
                pool,
                places: Arc::new(Semaphore::new(endpoint.connections)),
            }),
            Err(error) => Err(refusal(&error)),
        }
    }

    /// A connection, as soon as one is free. The caller sets the deadline.
    ///
    /// # Errors
    /// When none can be made.
    pub async fn borrow(&self) -> Result<Borrowed, StoreError> {
        let place = self.places.clone().acquire_owned().await;
        let place = place.expect("the places are never closed");
        let pool = self.pool.clone();
        // With a place in hand it waits for the server only. If nobody waits for it any more,
        // the connection goes to the pool, unused.
        let made = tokio::spawn(async move { (pool.get().await, place) });
        match made.await {
            Ok((Ok(object), place)) => Ok(Borrowed {
                object: Some(object),
                _place: place,
            }),
            Ok((Err(error), _)) => Err(no_connection(&error)),
            Err(_) => Err(StoreError::Unreachable(
                Cause::new("le programme se termine", "the runtime is ending").into(),
            )),
        }
    }

    /// Runs one statement by itself; says how many rows it touched.
    ///
    /// # Errors
    /// When the database gives no answer. The statement may have run.
    pub async fn run(
        &self,
        statement: &str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, StoreError> {
        let connection = self.borrow().await?;
        let statement = connection.statement(statement).await?;
        let rows = connection.execute(&statement, values).await;
        let rows = rows.map_err(|error| failure(&error))?;
        connection.give_back();
        Ok(rows)
    }
}

impl Borrowed {
    /// Lets the next attempt have the connection. No transaction may be open and no answer
    /// outstanding.
    pub fn give_back(mut self) {
        drop(self.object.take());
    }

    /// A statement, prepared once for each connection.
    ///
    /// # Errors
    /// When the database does not accept it or gives no answer.
    pub async fn statement(&self, text: &str) -> Result<Statement, StoreError> {
        let object = self.object.as_ref().expect("taken only when given back");
        let statement = object.prepare_cached(text).await;
        statement.map_err(|error| failure(&error))
    }
}

impl Deref for Borrowed {
    type Target = Client;

    fn deref(&self) -> &Client {
        self.object.as_ref().expect("taken only when given back")
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        if let Some(object) = self.object.take() {
            drop(Object::take(object));
        }
    }
}

/// How many times the patience a server gets that answers, but slowly. Proving a password costs
/// both sides thousands of hashes, and after a restart all connections do so at once.
const SLOW: u32 = 5;

/// What each connection is told first. No statement lasts for ever, and a client that vanishes
/// in the middle of a transaction does not keep its locks.
fn session(patience: Duration) -> String {
    let patience = (patience * SLOW).as_millis();
    format!(
        "SET statement_timeout = {patience}; \
         SET lock_timeout = {patience}; \
         SET idle_in_transaction_session_timeout = {patience}; \
         SELECT set_config('synchronous_commit', 'on', false) \
         WHERE current_setting('synchronous_commit') = 'off'"
    )
}

async fn settings(endpoint: &Endpoint) -> Result<(Config, Connector), OpenError> {
    if has_password(&endpoint.url) {
        return Err(OpenError::SecretInAddress);
    }
    if !["postgres://", "postgresql://"]
        .iter()
        .any(|scheme| endpoint.url.starts_with(scheme))
    {
        return Err(OpenError::Address);
    }
    let mut config: Config = endpoint.url.parse().map_err(|_| OpenError::Address)?;
    if config.get_password().is_some() {
        return Err(OpenError::SecretInAddress);
    }
    let asked = match config.get_ssl_mode() {
        SslMode::Disable => Some(false),
        SslMode::Require => Some(true),
        _ => None,
    };
    let mut encrypts = false;
    for host in config.get_hosts() {
        // A socket in the file system is this machine.
        let Host::Tcp(host) = host else { continue };
        encrypts |= match asked {
            Some(asked) => endpoint.encrypts(host, asked)?,
            None => !endpoint.encrypts(host, false).is_ok_and(|tls| !tls),
        };
    }
    // An address beside the name would be connected to instead of it.
    if config.get_hosts().is_empty() || !config.get_hostaddrs().is_empty() {
        return Err(OpenError::Address);
    }
    let verify = match encrypts {
        true => Some(tls::client(endpoint.authorities.clone()).await?),
        false => None,
    };
    config
        .ssl_mode(if encrypts {
            SslMode::Require
        } else {
            SslMode::Disable
        })
        .application_name("rempart")
        .connect_timeout(endpoint.patience)
        .keepalives_idle(Duration::from_secs(30))
        .tcp_user_timeout(endpoint.patience * 10);
    if let Some(password) = &endpoint.password {
        config.password(password.as_bytes());
    }
    Ok((config, Connector::new(verify)))
}

/// Why there is no connection for an attempt.
fn no_connection(error: &PoolError) -> StoreError {
    match error {
        PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error))
            if error.code().is_some() =>
        {
            failure(error)
        }
        PoolError::Timeout(_) => StoreError::Unreachable(
            Cause::new("PostgreSQL ne répond pas", "PostgreSQL does not answer").into(),
        ),
        _ => StoreError::Unreachable(
            Cause::new(
                "aucune connexion à PostgreSQL",
                "no connection to PostgreSQL",
            )
            .into(),
        ),
    }
}

/// Why there is no first connection.
fn refusal(error: &PoolError) -> OpenError {
    let error: &Error = match error {
        PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => error,
        PoolError::Timeout(_) => {
            return OpenError::Unreachable(
                Cause::new("le serveur ne répond pas", "the server does not answer").into(),
            );
        }
        _ => {
            return OpenError::Unreachable(
                Cause::new("la connexion se rompt", "the connection breaks").into(),
            );
        }
    };
    match error.code() {
        Some(code)
            if [
                SqlState::INVALID_PASSWORD,
                SqlState::INVALID_AUTHORIZATION_SPECIFICATION,
            ]
            .contains(code) =>
        {
            OpenError::WrongPassword
        }
        Some(code) if *code == SqlState::UNDEFINED_DATABASE => OpenError::Unreachable(
            Cause::new(
                "la base de l’adresse n’existe pas",
                "the database of the address does not exist",
            )
            .into(),
        ),
        Some(code) if *code == SqlState::CANNOT_CONNECT_NOW => OpenError::Unreachable(
            Cause::new(
                "le serveur démarre ou s’arrête",
                "the server is starting or stopping",
            )
            .into(),
        ),
        Some(code) if *code == SqlState::TOO_MANY_CONNECTIONS => OpenError::Unreachable(
            Cause::new(
                "le serveur n’a plus de connexion libre",
                "the server has no connection left",
            )
            .into(),
        ),
        Some(_) => OpenError::Unreachable(
            Cause::new(
                "le serveur refuse la connexion",
                "the server refuses the connection",
            )
            .into(),
        ),
        // The crate tells these apart by their texts only.
        None => match error.to_string() {
            text if text.contains("TLS") => OpenError::Unreachable(
                Cause::new(
                    "pas de connexion chiffrée avec un certificat vérifiable",
                    "no encrypted connection with a certificate that can be verified",
                )
                .into(),
            ),
            text if text.contains("configuration") || text.contains("authentication") => {
                OpenError::WrongPassword
            }
            _ => OpenError::Unreachable(
                Cause::new(
                    "la connexion est refusée ou se rompt",
                    "the connection is refused or breaks",
                )
                .into(),
            ),
        },
    }
}
