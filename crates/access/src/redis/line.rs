//! One connection to Redis, shared by every attempt, and a keeper who replaces it.
//!
//! The keeper notices a closed connection at once and a silent one by a `PING`, so that a
//! frozen server or a cut cable does not hold attempts for as long as TCP would. While there
//! is no connection, attempts are refused at once instead of queueing; nothing that was sent
//! is ever sent again, because it may have been counted.
//!
//! Absent on purpose: the crate's own `ConnectionManager`. It keeps a connection whose
//! server is silent, stops trying after a refused password, and reads the system's
//! authorities anew each time.

use std::sync::Arc;
use std::time::Duration;

use ::redis::aio::MultiplexedConnection;
use ::redis::{
    AsyncConnectionConfig, Cmd, ConnectionAddr, ErrorKind, IntoConnectionInfo, RedisConnectionInfo,
    RedisError, ServerErrorKind, Value,
};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;

use crate::Cause;
use crate::remote::{Endpoint, OpenError, has_password, tls};
use crate::store::StoreError;

/// Between two attempts to connect.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(50),
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_secs(1),
];
/// Attempts on their way at once; more wait for a place, each within its own deadline.
const IN_FLIGHT: usize = 4096;

/// The connection, kept up until this is dropped.
pub(super) struct Line {
    link: watch::Receiver<Link>,
    keeper: JoinHandle<()>,
}

#[derive(Clone)]
enum Link {
    /// A connection was lost or never made, and the first attempt to make one is under way.
    Connecting,
    Up(MultiplexedConnection),
    /// The last attempt to connect failed; others follow.
    Down(&'static str),
}

/// How to connect.
struct Target {
    host: String,
    port: u16,
    settings: RedisConnectionInfo,
    tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
    patience: Duration,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

type Driver = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

impl Line {
    /// Connects, and keeps connected. Belongs to the runtime that calls it.
    pub(super) async fn open(endpoint: &Endpoint) -> Result<Self, OpenError> {
        let target = Target::of(endpoint).await?;
        let (connection, driver) = target.connect().await.map_err(|why| why.at_open())?;
        let (sender, link) = watch::channel(Link::Up(connection.clone()));
        let keeper = tokio::spawn(keep(target, sender, connection, driver));
        Ok(Self { link, keeper })
    }

    /// Sends one command and waits for its answer. Sent once, whatever happens.
    pub(super) async fn ask(&self, command: &Cmd) -> Result<Value, RedisError> {
        let mut link = self.link.clone();
        let mut connection = loop {
            match &*link.borrow_and_update() {
                Link::Up(connection) => break connection.clone(),
                Link::Down(why) => return Err((ErrorKind::Io, *why).into()),
                Link::Connecting => {}
            }
            if link.changed().await.is_err() {
                return Err((ErrorKind::Io, NoLink::Ended.words()).into());
            }
        };
        match connection.send_packed_command(command).await? {
            Value::ServerError(error) => Err(error.into()),
            value => Ok(value),
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

/// Drives the connection until it ends or falls silent, then makes another, for ever.
async fn keep(
    target: Target,
    link: watch::Sender<Link>,
    mut connection: MultiplexedConnection,
    mut driver: Driver,
) {
    loop {
        tokio::select! {
            () = driver.as_mut() => {}
            () = silence(connection.clone(), target.patience) => {}
        }
        // Dropping the driver closes the socket and answers everyone who still waits.
        drop(driver);
        link.send_replace(Link::Connecting);
        let mut pauses = PAUSES.iter();
        (connection, driver) = loop {
            match target.connect().await {
                Ok(made) => break made,
                Err(why) => {
                    link.send_replace(Link::Down(why.words()));
                    sleep(*pauses.next().unwrap_or(&PAUSES[PAUSES.len() - 1])).await;
                }
            }
        };
        link.send_replace(Link::Up(connection.clone()));
    }
}

/// Returns when the server leaves a `PING` unanswered for as long as anyone would wait.
async fn silence(mut connection: MultiplexedConnection, patience: Duration) {
    let ping = ::redis::cmd("PING");
    loop {
        sleep(patience).await;
        // An error is an answer too: the driver ends by itself if the connection is lost.
        if timeout(patience, connection.send_packed_command(&ping))
            .await
            .is_err()
        {
            return;
        }
    }
}

impl Target {
    async fn of(endpoint: &Endpoint) -> Result<Self, OpenError> {
        if has_password(&endpoint.url) {
            return Err(OpenError::SecretInAddress);
        }
        let (asked, rest) = match endpoint.url.split_once("://") {
            Some(("redis", rest)) => (false, rest),
            Some(("rediss", rest)) => (true, rest),
            _ => return Err(OpenError::Address),
        };
        if rest.contains(['?', '#']) {
            return Err(OpenError::Address);
        }
        // TLS is ours, so the crate only reads the address.
        let info = format!("redis://{rest}")
            .into_connection_info()
            .map_err(|_| OpenError::Address)?;
        let ConnectionAddr::Tcp(host, port) = info.addr().clone() else {
            return Err(OpenError::Address);
        };
        let tls = match endpoint.encrypts(&host, asked)? {
            false => None,
            true => {
                let name = ServerName::try_from(host.clone()).map_err(|_| OpenError::Address)?;
                Some((tls::client(endpoint.authorities.clone()).await?, name))
            }
        };
        let mut settings = info.redis_settings().clone().set_skip_set_lib_name();
        if let Some(password) = &endpoint.password {
            settings = settings.set_password(password.as_str());
        }
        Ok(Self {
            host,
            port,
            settings,
            tls,
            patience: endpoint.patience,
        })
    }

    async fn connect(&self) -> Result<(MultiplexedConnection, Driver), NoLink> {
        timeout(self.patience, self.try_connect())
            .await
            .unwrap_or(Err(NoLink::Late))
    }

    async fn try_connect(&self) -> Result<(MultiplexedConnection, Driver), NoLink> {
        let stream = TcpStream::connect((self.host.as_str(), self.port))
            .await
            .map_err(|_| NoLink::Refused)?;
        stream.set_nodelay(true).map_err(|_| NoLink::Refused)?;
        let stream: Box<dyn Stream> = match &self.tls {
            None => Box::new(stream),
            Some((config, name)) => Box::new(
                TlsConnector::from(config.clone())
                    .connect(name.clone(), stream)
                    .await
                    .map_err(|_| NoLink::Tls)?,
            ),
        };
        let config = AsyncConnectionConfig::new()
            .set_response_timeout(None)
            .set_concurrency_limit(IN_FLIGHT);
        let (connection, driver) =
            MultiplexedConnection::new_with_config(&self.settings, stream, config)
                .await
                .map_err(|error| NoLink::of(&error))?;
        Ok((connection, Box::pin(driver)))
    }
}

/// Why there is no connection. No text of the server is repeated.
enum NoLink {
    Refused,
    Late,
    Tls,
    Login,
    Other,
    /// The runtime of the store has ended.
    Ended,
}

impl NoLink {
    fn of(error: &RedisError) -> Self {
        match error.kind() {
            ErrorKind::AuthenticationFailed => Self::Login,
            _ if error.code().is_some_and(is_login) => Self::Login,
            ErrorKind::Io => Self::Refused,
            _ => Self::Other,
        }
    }

    const ALL: [Self; 6] = [
        Self::Refused,
        Self::Late,
        Self::Tls,
        Self::Login,
        Self::Other,
        Self::Ended,
    ];

    const fn words(&self) -> &'static str {
        self.both().1
    }

    /// In French and English.
    const fn both(&self) -> (&'static str, &'static str) {
        match self {
            Self::Refused => (
                "la connexion est refusée ou se rompt",
                "the connection is refused or breaks",
            ),
            Self::Late => ("le serveur ne répond pas", "the server does not answer"),
            Self::Tls => (
                "pas de connexion chiffrée avec un certificat vérifiable",
                "no encrypted connection with a certificate that can be verified",
            ),
            Self::Login => (
                "l’utilisateur ou le mot de passe est refusé",
                "the user or the password is refused",
            ),
            Self::Other => (
                "le serveur refuse les premières commandes de l’utilisateur",
                "the server refuses the user's first commands",
            ),
            Self::Ended => ("le programme se termine", "the program is ending"),
        }
    }

    fn cause(&self) -> Cause {
        let (fr, en) = self.both();
        Cause::new(fr, en)
    }

    /// The cause of an error that [`Line::ask`] made of its words, or of one of a socket.
    fn told(words: &str) -> Cause {
        let known = Self::ALL.iter().find(|why| why.words() == words);
        known.unwrap_or(&Self::Refused).cause()
    }

    fn at_open(self) -> OpenError {
        match self {
            Self::Login => OpenError::WrongPassword,
            other => OpenError::Unreachable(other.cause().into()),
        }
    }
}

fn is_login(code: &str) -> bool {
    matches!(code, "WRONGPASS" | "NOAUTH")
}

/// Whether the user lacks a right: told by a code outside of a script, by a text inside.
pub(super) fn is_forbidden(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::NoPerm)
        || error.detail().is_some_and(|text| {
            text.contains("ACL failure in script") || text.contains("user executing the script")
        })
}

/// What a failed command means to the caller. The server's text is never repeated: it may
/// hold a key or an address.
pub(super) fn failure(error: &RedisError) -> StoreError {
    let code = error.code().unwrap_or_default();
    match error.kind() {
        ErrorKind::Server(ServerErrorKind::ReadOnly) => StoreError::Storage(
            Cause::new(
                "ce Redis ne fait que lire : c’est une réplique",
                "this Redis only reads: it is a replica",
            )
            .into(),
        ),
        _ if is_forbidden(error) => StoreError::Storage(
            Cause::new(
                "ce Redis n’autorise pas une commande à l’utilisateur",
                "this Redis does not allow the user to run a command",
            )
            .into(),
        ),
        ErrorKind::Server(ServerErrorKind::BusyLoading) => StoreError::Unreachable(
            Cause::new("Redis charge ses données", "Redis is loading its data").into(),
        ),
        _ if error.is_cluster_error() => StoreError::Unreachable(
            Cause::new(
                "ce Redis est une grappe et garde les compteurs sur un autre nœud",
                "this Redis is a cluster and keeps the counters on another node",
            )
            .into(),
        ),
        _ if code == "OOM" => StoreError::Storage(
            Cause::new(
                "la mémoire de Redis est pleine",
                "the memory of Redis is full",
            )
            .into(),
        ),
        _ if code == "MISCONF" => StoreError::Storage(
            Cause::new(
                "Redis ne peut pas écrire sur son disque",
                "Redis cannot write to its disk",
            )
            .into(),
        ),
        _ if is_login(code) => StoreError::Unreachable(
            Cause::new(
                "l’utilisateur ou le mot de passe est refusé",
                "the user or the password is refused",
            )
            .into(),
        ),
        _ if code == "REMPART" => StoreError::Corrupt(
            Cause::new(
                "un compteur contient ce que rempart n’a pas écrit",
                "a counter holds what rempart did not write",
            )
            .into(),
        ),
        ErrorKind::Io => StoreError::Unreachable(NoLink::told(error.category()).into()),
        _ => StoreError::Unreachable(
            Cause::new("Redis refuse la commande", "Redis refuses the command").into(),
        ),
    }
}
