//! Where a shared store is, how it is spoken to, and why it could not be opened.
//!
//! Clauses: CNIL 2022-100, transport (no secret in clear over a network) and logging (no
//! password in a log). A password is sent in clear to this machine only; to any other host
//! the connection is encrypted and the server's certificate is verified, or nothing is sent.
//!
//! Absent on purpose: a way to skip the verification of a certificate.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use policy::Text;
use zeroize::Zeroizing;

use crate::cause::in_french;
use crate::store::{StoreError, Why};

mod connect;
pub(crate) mod tls;

pub use connect::ConnectError;

/// The address of a shared store, and how to speak to it.
///
/// ```
/// # use access::remote::Endpoint;
/// let endpoint = Endpoint::new("rediss://rempart@cache.example.fr/0")
///     .password("from a file that only the service can read")
///     .name("shop");
/// assert!(!format!("{endpoint:?}").contains("a file"));
/// ```
#[derive(Clone)]
pub struct Endpoint {
    pub(crate) url: String,
    pub(crate) password: Option<Zeroizing<String>>,
    pub(crate) name: String,
    pub(crate) authorities: Option<Vec<u8>>,
    pub(crate) clear_text: bool,
    pub(crate) patience: Duration,
    pub(crate) connections: usize,
}

/// Why a shared store could not be opened. The text tells an operator what to do, and holds
/// neither password nor key.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// The address is not one of this kind of store, or has parts that it may not have.
    Address,
    /// The address holds a password.
    SecretInAddress,
    /// There is no password where the policy says: nothing there, empty, over 1,024 bytes, no
    /// text, or a file that others than its owner may open.
    NoPassword {
        /// The file or the variable.
        place: String,
    },
    /// The host is another machine and the address asks for no encryption.
    ClearText,
    /// There is no authority to verify the server's certificate with.
    NoAuthority,
    /// No connection; the cause names no person.
    Unreachable(Why),
    /// The server does not accept the user or the password.
    WrongPassword,
    /// The server accepts the user but not what a store must do; the word names the command
    /// or the right that is missing.
    Forbidden(String),
    /// The Redis may drop counters when its memory is full; the word is its policy.
    Evicts(String),
    /// The server only reads: a replica.
    ReadOnly,
    /// The tables are not those that this version needs.
    Migration {
        /// The version found; `None` without tables.
        found: Option<i32>,
        /// The version needed.
        needed: i32,
    },
}

impl Endpoint {
    /// A store by its URL: `redis://`, `rediss://` (TLS), `postgres://`, with the user and
    /// the database (`redis://user@host:port/0`), never with the password.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            password: None,
            name: "rempart".to_owned(),
            authorities: None,
            clear_text: false,
            patience: Duration::from_secs(1),
            connections: 8,
        }
    }

    /// The password, wiped when the endpoint is dropped. The client library keeps a copy to
    /// connect again.
    #[must_use]
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.password = Some(Zeroizing::new(password.into()));
        self
    }

    /// What tells these counters from others in the same Redis: everything is kept under
    /// `rempart:{NAME}:`. Signs other than letters, digits, `-`, `_` and `.` are left out.
    /// Default `rempart`. PostgreSQL has its databases for that.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        let plain = |sign: &char| sign.is_ascii_alphanumeric() || "-_.".contains(*sign);
        self.name = name.chars().filter(plain).take(64).collect();
        self
    }

    /// The authorities that the server's certificate is verified with, as PEM, instead of
    /// those of the system.
    #[must_use]
    pub fn authorities(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.authorities = Some(pem.into());
        self
    }

    /// Speaks in clear to another machine when the address asks for it. For a private
    /// network between two containers; anyone on it reads the password and may free any
    /// account.
    #[must_use]
    pub fn danger_clear_text(mut self) -> Self {
        self.clear_text = true;
        self
    }

    /// How long connecting may take, and how long a connection may stay silent before it is
    /// replaced. At least 100 ms; default 1 s. What a sign-in waits is the caller's deadline.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience.max(Duration::from_millis(100));
        self
    }

    /// The most connections to a PostgreSQL, from 1. Default 8. A Redis needs one.
    #[must_use]
    pub fn connections(mut self, most: usize) -> Self {
        self.connections = most.max(1);
        self
    }

    /// Whether the connection is encrypted: always but to this machine, unless the caller
    /// accepted the danger.
    pub(crate) fn encrypts(&self, host: &str, asked: bool) -> Result<bool, OpenError> {
        match asked {
            true => Ok(true),
            false if self.clear_text || is_loopback(host) => Ok(false),
            false => Err(OpenError::ClearText),
        }
    }
}

/// The user part of an address may not hold a password.
pub(crate) fn has_password(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.rsplit_once('@').is_some_and(|(user, _)| {
        user.contains([':', '/', '?', '#']) || user.to_ascii_lowercase().contains("%3a")
    })
}

/// The cause of a failure.
pub(crate) fn cause(error: StoreError) -> Why {
    match error {
        StoreError::Unreachable(why)
        | StoreError::Corrupt(why)
        | StoreError::InUse(why)
        | StoreError::Storage(why) => why,
    }
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.to_canonical().is_loopback())
}

impl OpenError {
    /// What the operator reads.
    pub fn text(&self) -> Text {
        match self {
            Self::Address => Text::new(
                "l’adresse du dépôt des compteurs ne se lit pas ; écrire `redis://UTILISATEUR@HÔTE:PORT/0`, `rediss://…` (TLS) ou `postgres://UTILISATEUR@HÔTE/BASE`",
                "the address of the store of counters cannot be read; write `redis://USER@HOST:PORT/0`, `rediss://…` (TLS) or `postgres://USER@HOST/DATABASE`",
            ),
            Self::SecretInAddress => Text::new(
                "l’adresse du dépôt contient un mot de passe ; le retirer, le nommer avec `store-password`, et le changer s’il était réel",
                "the address of the store holds a password; remove it, name it with `store-password`, and change it if it was real",
            ),
            Self::NoPassword { place } => Text::new(
                format!(
                    "le mot de passe du dépôt ne peut pas être lu dans {place} ; l’y écrire, sur une ligne, lisible par son seul propriétaire (« chmod 600 »)"
                ),
                format!(
                    "the password of the store cannot be read from {place}; write it there, on one line, readable by its owner only (`chmod 600`)"
                ),
            ),
            Self::ClearText => Text::new(
                "le dépôt est sur une autre machine et son adresse est en clair : rien n’a été envoyé ; mettre TLS en place sur le serveur (`rediss://`, ou `ssl = on` pour PostgreSQL)",
                "the store is on another machine and its address is in clear: nothing was sent; set up TLS on the server (`rediss://`, or `ssl = on` for PostgreSQL)",
            ),
            Self::NoAuthority => Text::new(
                "aucune autorité pour vérifier le certificat du dépôt ; installer le paquet `ca-certificates`, ou donner l’autorité au format PEM",
                "no authority to verify the certificate of the store with; install the package `ca-certificates`, or give the authority as PEM",
            ),
            Self::Unreachable(why) => Text::new(
                format!(
                    "le dépôt des compteurs est injoignable ({}) ; vérifier que le serveur est démarré, son adresse et le pare-feu",
                    in_french(why)
                ),
                format!(
                    "the store of counters cannot be reached ({why}); check that the server runs, its address and the firewall"
                ),
            ),
            Self::WrongPassword => Text::new(
                "le dépôt des compteurs refuse l’utilisateur ou le mot de passe ; vérifier `store-password` et l’utilisateur de l’adresse",
                "the store of counters refuses the user or the password; check `store-password` and the user in the address",
            ),
            Self::Forbidden(what) => Text::new(
                format!(
                    "le dépôt des compteurs n’autorise pas « {what} » à cet utilisateur ; les droits nécessaires sont dans docs/STORES.md"
                ),
                format!(
                    "the store of counters does not allow `{what}` to this user; docs/STORES.md lists the rights that are needed"
                ),
            ),
            Self::Evicts(policy) => Text::new(
                format!(
                    "ce Redis jette des clés quand sa mémoire est pleine (maxmemory-policy {policy}) : un attaquant effacerait les compteurs ; régler `maxmemory-policy noeviction`, ou lui donner un Redis à part"
                ),
                format!(
                    "this Redis drops keys when its memory is full (maxmemory-policy {policy}): an attacker would erase the counters; set `maxmemory-policy noeviction`, or give them a Redis of their own"
                ),
            ),
            Self::ReadOnly => Text::new(
                "ce serveur ne fait que lire : c’est une réplique ; donner l’adresse du serveur principal",
                "this server only reads: it is a replica; give the address of the primary",
            ),
            Self::Migration {
                found: None,
                needed,
            } => Text::new(
                format!(
                    "les tables des compteurs manquent (version {needed}) ; appliquer la migration avec le rôle propriétaire, voir docs/STORES.md"
                ),
                format!(
                    "the tables of the counters are missing (version {needed}); apply the migration with the owner role, see docs/STORES.md"
                ),
            ),
            Self::Migration {
                found: Some(found),
                needed,
            } => Text::new(
                format!(
                    "les tables des compteurs sont en version {found}, ce programme demande la version {needed} ; appliquer la migration, ou mettre ce programme à jour"
                ),
                format!(
                    "the tables of the counters have version {found}, this program needs version {needed}; apply the migration, or update this program"
                ),
            ),
        }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreachable(why) => Some(why.as_ref()),
            _ => None,
        }
    }
}

/// Neither the password nor a user: an address may be mistyped into holding one.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.url.split_once("://").map_or("?", |(scheme, _)| scheme);
        write!(f, "Endpoint({scheme}, {})", self.name)
    }
}

#[cfg(test)]
mod tests;
