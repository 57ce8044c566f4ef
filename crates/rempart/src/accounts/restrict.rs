//! How many links are sent and followed.
//!
//! Clauses: CNIL 2022-100, case 2 (nobody is locked out by strangers) and reset.
//!
//! Each address has a bucket of its own, whether or not it has an account: a few links at
//! once, freed evenly over the lifetime of a link. Nobody's mailbox is flooded, and whoever
//! finds the bucket full has a link that still works. Each source has the same counter as for
//! its sign-ins. Only the latter is told: a full mailbox answers like any other.

use std::time::Duration;

use access::{Admission, Throttle, Visitor};
use policy::access::{AccessPolicy, Limit, Mechanism};

use crate::error::FlowError;
use crate::login::Login;

/// Links to one address in the lifetime of one.
const SENT: u32 = 4;
/// Times that the links of one account are followed, in the lifetime of one: each may compute
/// as many hashes as the policy keeps former passwords.
const FOLLOWED: u32 = 12;

/// The counters of links.
#[derive(Clone)]
pub(super) struct Links {
    sent: Throttle,
    followed: Throttle,
}

/// Whether a link may be sent or followed.
pub(super) enum Room {
    Yes,
    /// The address, or the account, had too many already.
    Full(Duration),
    /// The source, for which it says nothing about any account.
    Wait(Duration),
}

impl Links {
    pub(super) fn new(login: &Login) -> Self {
        let policy = login.policy();
        let window = policy.login().reset_link_lifetime;
        let rules = |failures| {
            let mut rules: AccessPolicy = policy.access().clone();
            rules.mechanism = Mechanism::None;
            rules.trusted_device = None;
            rules.limits.pair = None;
            rules.limits.site = Some(Limit { failures, window });
            rules
        };
        Self {
            sent: login.throttle().under(&rules(SENT)),
            followed: login.throttle().under(&rules(FOLLOWED)),
        }
    }

    /// Counts a link about to be sent to the address of `name`.
    pub(super) async fn send(
        &self,
        login: &Login,
        purpose: &str,
        name: &str,
        visitor: &Visitor<'_>,
    ) -> Result<Room, FlowError> {
        room(&self.sent, login, &format!("sent {purpose}"), name, visitor).await
    }

    /// Counts a link of `name` that is followed.
    pub(super) async fn follow(
        &self,
        login: &Login,
        name: &str,
        visitor: &Visitor<'_>,
    ) -> Result<Room, FlowError> {
        room(&self.followed, login, "followed", name, visitor).await
    }
}

/// The counter of one name is that of a "site" of its own, under the same store and key.
async fn room(
    throttle: &Throttle,
    login: &Login,
    what: &str,
    name: &str,
    visitor: &Visitor<'_>,
) -> Result<Room, FlowError> {
    let own = throttle.for_site(&format!("{what} {name}"));
    Ok(match own.admit(visitor, login.now()).await? {
        // Never taken back: it counts what was sent, not what failed.
        Admission::Go(_) => Room::Yes,
        Admission::Wait {
            scope: access::Scope::Site,
            time,
        } => Room::Full(time),
        Admission::Wait { time, .. } => Room::Wait(time),
        // Neither is a rule here.
        Admission::ProvePresence | Admission::Blocked => Room::Wait(Duration::from_secs(60)),
    })
}
