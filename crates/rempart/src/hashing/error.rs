//! Why the service computed no hash.

use std::fmt;
use std::time::Duration;

use password::hash::HashError;
use policy::Language;

/// Why no hash was computed. Nothing was decided: refuse, and try later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HashingError {
    /// Too many requests wait already, or this one waited until its deadline. Answer 503 and
    /// ask to try again.
    Overloaded {
        /// Requests that were waiting.
        waiting: usize,
        /// How long this one waited; zero if it was turned away at once.
        waited: Duration,
    },
    /// One computation, with what runs beside it, takes more memory than the whole budget.
    TooLarge {
        /// What it takes, in KiB.
        needed_kib: u32,
        /// What there is, in KiB.
        budget_kib: u32,
    },
    /// The hash itself could not be computed.
    Hash(HashError),
    /// The runtime is shutting down, or the job panicked.
    Stopped,
}

impl HashingError {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Overloaded { .. } => "hashing-overloaded",
            Self::TooLarge { .. } => "hashing-too-large",
            Self::Hash(error) => error.code(),
            Self::Stopped => "hashing-stopped",
        }
    }

    /// Whether it is the stored hash that cannot be verified, while others can. The work of a
    /// comparison was done all the same.
    pub const fn concerns_one_hash(self) -> bool {
        match self {
            Self::TooLarge { .. } => true,
            Self::Hash(error) => error.concerns_one_hash(),
            Self::Overloaded { .. } | Self::Stopped => false,
        }
    }

    /// What is wrong and what to do, for the operator.
    pub fn message(self, language: Language) -> String {
        match (self, language) {
            (Self::Overloaded { waiting, waited }, Language::Fr) => format!(
                "trop de calculs d’empreintes à la fois : {waiting} attendent, celui-ci a attendu {} ms ; réessayez dans quelques secondes, ou ajustez `workers` et `memory-budget` dans [hash]",
                waited.as_millis()
            ),
            (Self::Overloaded { waiting, waited }, Language::En) => format!(
                "too many hashes at once: {waiting} wait, this one waited {} ms; try again in a few seconds, or adjust `workers` and `memory-budget` in [hash]",
                waited.as_millis()
            ),
            (
                Self::TooLarge {
                    needed_kib,
                    budget_kib,
                },
                Language::Fr,
            ) => format!(
                "ce calcul d’empreinte prend {needed_kib} Kio, plus que tout le budget de {budget_kib} Kio ; augmentez `memory-budget` dans [hash]"
            ),
            (
                Self::TooLarge {
                    needed_kib,
                    budget_kib,
                },
                Language::En,
            ) => format!(
                "this computation takes {needed_kib} KiB, more than the whole budget of {budget_kib} KiB; raise `memory-budget` in [hash]"
            ),
            (Self::Hash(error), _) => error.message(language),
            (Self::Stopped, Language::Fr) => {
                "le calcul a été interrompu : le programme s’arrête ou a une faute ; réessayez"
                    .into()
            }
            (Self::Stopped, Language::En) => {
                "the hash was interrupted: the program is stopping or has a fault; try again".into()
            }
        }
    }
}

impl From<HashError> for HashingError {
    fn from(error: HashError) -> Self {
        Self::Hash(error)
    }
}

impl fmt::Display for HashingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Language::En))
    }
}

impl std::error::Error for HashingError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Hash(error) => Some(error),
            _ => None,
        }
    }
}
