//! Why nothing could be begun, and why nothing could be decided.
//!
//! Clause: [`policy::clause::REMPART_CLOSED`]: an error is never a "yes". A wrong password, a
//! refused one, a spent link are answers; these are not. No text here quotes a record, a hash
//! or a name.

use access::{OpenError as CountersError, ThrottleError};
use password::OpenError;
use password::generate::GenerateError;
use policy::Language;

use crate::credential::CredentialError;
use crate::hashing::HashingError;
use crate::random::NoRandomness;
use crate::store::StoreError;

/// Why a login flow cannot be had under this policy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// A word list, an index or a key that the policy names could not be read whole.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The counters cannot be opened.
    #[error(transparent)]
    Counters(#[from] CountersError),
    /// The journal's folder is not as it must be.
    #[cfg(unix)]
    #[error(transparent)]
    Journal(#[from] journal::OpenError),
    /// The store that several programs share cannot be reached or is not ready.
    #[cfg(any(feature = "redis", feature = "postgres"))]
    #[error(transparent)]
    Connect(#[from] access::remote::ConnectError),
}

/// Why nothing was decided. Refuse, and try later: a failure that was counted stays counted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FlowError {
    /// No hash could be computed: overload or memory.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The counters did not answer, and the policy says that nobody signs in then.
    #[error(transparent)]
    Counters(#[from] ThrottleError),
    /// The store of accounts gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The record of this account, or what a link is bound to, cannot be read.
    #[error(transparent)]
    Record(#[from] CredentialError),
    /// Others changed the same account so often meanwhile that nothing was written.
    #[error("the account is being changed by others; try again")]
    Busy,
    /// Too many passwords are being judged at once.
    #[error("too many passwords are being judged; try again")]
    Crowded,
    /// No password can be generated under this policy.
    #[error(transparent)]
    Generate(#[from] GenerateError),
    /// The system gave no randomness.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// The runtime is shutting down.
    #[error("the thread that judges passwords ended early")]
    Stopped,
}

impl FlowError {
    /// Whether it passes by itself in seconds: answer 503 and ask to try again.
    pub const fn is_overload(&self) -> bool {
        matches!(
            self,
            Self::Hashing(HashingError::Overloaded { .. }) | Self::Busy | Self::Crowded
        )
    }

    /// What to tell the person, who can do nothing about it.
    pub const fn message(&self, language: Language) -> &'static str {
        match (self.is_overload(), language) {
            (true, Language::Fr) => {
                "Beaucoup de personnes se connectent en ce moment. Réessayez dans quelques secondes."
            }
            (true, Language::En) => {
                "Many people are signing in at the moment. Try again in a few seconds."
            }
            (false, Language::Fr) => {
                "Le service est momentanément indisponible. Réessayez dans quelques minutes."
            }
            (false, Language::En) => {
                "The service is unavailable for a moment. Try again in a few minutes."
            }
        }
    }
}
