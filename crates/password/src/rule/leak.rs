//! Asks an online service whether a password has leaked.
//!
//! Clause: [`policy::clause::ASVS_BREACHED`]. The service itself is somebody else's: this
//! crate opens no connection. What becomes of a password when the answer does not come is
//! the policy's choice, `when-down`, which has no default.

use breach::LeakService;
use policy::password::{Online, WhenDown};

use crate::Password;
use crate::finding::Kind;

/// What stands against the password once the service was asked, if anything does.
pub(crate) fn ask(
    password: &Password,
    online: &Online,
    service: Option<&dyn LeakService>,
) -> Option<Kind> {
    let digest = breach::Digest::sha1_of(password.expose());
    match service.and_then(|service| service.has_leaked(&digest)) {
        Some(true) => Some(Kind::Leaked),
        Some(false) => None,
        None => (online.when_down == WhenDown::Refuse).then_some(Kind::Unchecked),
    }
}
