//! Refuses passwords that an attacker would guess soon.
//!
//! Clause: [`policy::clause::CNIL_GUESS`]: it may complement the form and never replaces it.
//! A password whose core is a common one must reach a thousand times the guesses asked of
//! others. The estimate itself is the subject of [`crate::guess`].

use policy::PasswordPolicy;

use crate::Password;
use crate::finding::Kind;
use crate::guess::{Estimate, Lists};

use super::common;

/// What a common core adds to the guesses asked for, in powers of ten: people choose `2024!`
/// far more often than its pieces would tell.
const DECORATED_MARGIN: f64 = 3.0;

/// What stands against a password of this estimate, if anything does.
pub(crate) fn check(
    password: &Password,
    estimate: &Estimate,
    policy: &PasswordPolicy,
    lists: &Lists,
) -> Option<Kind> {
    let least = policy.guess.min_log10;
    let common_core =
        policy.refuse.common && least > 0.0 && common::has_common_core(password, lists);
    if common_core && estimate.log10 < least + DECORATED_MARGIN {
        return Some(Kind::CommonDecorated);
    }
    (estimate.log10 < least).then_some(Kind::Guess {
        pattern: estimate.pattern,
    })
}
