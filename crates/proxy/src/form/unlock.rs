//! Opening an account that too many failed sign-ins through the gate have blocked.
//!
//! Clause: [`clause::CNIL_UNLOCK`]. The operator checks who asks, then opens the counter in the
//! store that the gates share. The identifier is folded as the gate folds it.
//!
//! [`clause::CNIL_UNLOCK`]: policy::clause::CNIL_UNLOCK

use std::path::Path;
use std::time::SystemTime;

use access::remote::ConnectError;
use access::{Throttle, ThrottleError, Timestamp, Visitor};
use policy::access::Store;
use policy::{Policy, Text};

/// Why the account was not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnlockError {
    /// No site of the policy has that host and a sign-in form.
    #[error("no site of that host has a sign-in form")]
    NoSite,
    /// The counters are in the memory of the gate.
    #[error("the counters are in the memory of the gate")]
    InMemory,
    /// The counters cannot be reached.
    #[error(transparent)]
    Counters(#[from] ConnectError),
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] ThrottleError),
}

/// Opens the account of an identifier, as it is typed in the sign-in form, on the site of a
/// host. Relative paths of the policy begin at `base`, its folder.
///
/// # Errors
/// See [`UnlockError`]; whether the account is open is not known after [`UnlockError::Store`].
pub async fn unlock(
    policy: &Policy,
    base: &Path,
    host: &str,
    identifier: &str,
) -> Result<(), UnlockError> {
    let is_here =
        |site: &&policy::Site| site.signs_in() && site.hosts.iter().any(|name| name == host);
    let site = policy
        .sites()
        .iter()
        .find(is_here)
        .ok_or(UnlockError::NoSite)?;
    let access = policy.access();
    if access.store == Store::Memory {
        return Err(UnlockError::InMemory);
    }
    let name = site.hosts.first().map_or("", String::as_str);
    let counters = Throttle::connect(access, base).await?.for_site(name);
    let alike = ::form::account(identifier);
    let visitor = Visitor {
        alike: Some(alike.expose()),
        ..Visitor::new(identifier)
    };
    let now = Timestamp::from(SystemTime::now());
    counters.unlock(&visitor, now).await?;
    counters.unlock_alike(&visitor, now).await?;
    Ok(())
}

impl UnlockError {
    /// What happened and what to do, in both languages.
    pub fn text(&self) -> Text {
        match self {
            Self::NoSite => Text::new(
                "aucun site de la politique n’a ce nom et un formulaire de connexion ([[site.form]] de kind \"sign-in\")",
                "no site of the policy has that host and a sign-in form ([[site.form]] of kind \"sign-in\")",
            ),
            Self::InMemory => Text::new(
                "les compteurs sont dans la mémoire de la porte ([access] store = \"memory\") : redémarrez-la, ou choisissez un dépôt redis:// ou postgres://",
                "the counters are in the memory of the gate ([access] store = \"memory\"): restart it, or choose a store redis:// or postgres://",
            ),
            Self::Counters(error) => error.text(),
            Self::Store(error) => Text::new(
                format!("le dépôt des compteurs ne répond pas ({error}) ; vérifier qu’il tourne"),
                format!("the store of counters does not answer ({error}); check that it runs"),
            ),
        }
    }
}
