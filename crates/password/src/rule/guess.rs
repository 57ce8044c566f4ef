//! Refuses passwords that an attacker would guess soon.
//!
//! Clause: [`policy::clause::CNIL_GUESS`]: it may complement the form and never replaces it.
//! The estimate itself is the subject of [`crate::guess`].

use policy::PasswordPolicy;

use crate::finding::Kind;
use crate::guess::{Estimate, Pattern};
use crate::{Password, guess::Lists};

use super::common;

/// What stands against a password of this estimate, if anything does.
pub(crate) fn check(
    password: &Password,
    estimate: &Estimate,
    policy: &PasswordPolicy,
    lists: &Lists,
) -> Option<Kind> {
    if estimate.log10 >= policy.guess.min_log10 {
        return None;
    }
    if policy.refuse.common
        && estimate.pattern == Some(Pattern::Common)
        && common::has_common_core(password, lists)
    {
        return Some(Kind::CommonDecorated);
    }
    Some(Kind::Guess {
        pattern: estimate.pattern,
    })
}
