//! A throttle as the policy describes it.

use std::path::Path;

use policy::Text;
use policy::access::{AccessPolicy, Store as Place};

use super::Throttle;
use crate::{KeyError, KeyMaker, Memory, StoreError};

/// Why a throttle cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There is no key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// This program was built without that store.
    #[error("{}", self.text().en)]
    NotBuilt {
        /// The feature that it needs.
        feature: &'static str,
    },
}

impl Throttle {
    /// The throttle that a policy asks for. Relative paths begin at `base`, the policy's
    /// folder.
    ///
    /// # Errors
    /// When there is no key, the store cannot be opened, or this program was built without it.
    pub fn open(policy: &AccessPolicy, base: &Path) -> Result<Self, OpenError> {
        let keys = KeyMaker::open(policy.key.as_ref(), &policy.store, base)?;
        match &policy.store {
            Place::Memory => Ok(Self::new(Memory::new(COUNTERS), keys, policy)),
            #[cfg(feature = "redb")]
            Place::Redb(path) => {
                let store = crate::Redb::open(&base.join(path))?;
                Ok(Self::new(store, keys, policy))
            }
            #[cfg(not(feature = "redb"))]
            Place::Redb(_) => Err(OpenError::NotBuilt { feature: "redb" }),
            Place::Redis(_) => Err(OpenError::NotBuilt { feature: "redis" }),
            Place::Postgres(_) => Err(OpenError::NotBuilt {
                feature: "postgres",
            }),
        }
    }
}

impl OpenError {
    /// What happened and what to do, in both languages.
    pub fn text(&self) -> Text {
        match self {
            Self::Key(error) => error.text(),
            Self::Store(error) => error.text(),
            Self::NotBuilt { feature } => Text::new(
                format!(
                    "ce programme ne connaît pas le dépôt de [access] ; il faut le construire \
                     avec la fonctionnalité « {feature} »"
                ),
                format!(
                    "this program does not know the store of [access]; build it with the feature \
                     `{feature}`"
                ),
            ),
        }
    }
}

/// Counters of each scope in memory before unknown ones share some.
const COUNTERS: usize = 100_000;
