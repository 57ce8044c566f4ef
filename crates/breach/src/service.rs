//! What a judge asks of an online service, whoever speaks to it.

use std::fmt;

use crate::Digest;

/// A service that knows leaked passwords by the SHA-1 of their text.
///
/// May block for as long as the policy's deadline: judge on a thread that may.
pub trait LeakService: Send + Sync + fmt::Debug {
    /// Whether the password of this hash has leaked; `None` when no answer came.
    fn has_leaked(&self, sha1: &Digest) -> Option<bool>;
}
