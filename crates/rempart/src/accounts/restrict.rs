//! How many links are sent and followed.
//!
//! Clauses: CNIL 2022-100, case 2 (nobody is locked out by strangers) and reset.
//!
//! Each address has a bucket of its own, whether or not it has an account: a few links at
//! once, freed evenly over the lifetime of a link. Nobody's mailbox is flooded, and whoever
//! finds the bucket full has a link that still works. Each source has the same counter as for
//! its sign-ins. Only the latter is told: a full mailbox answers like any other. The message that
//! an account is blocked has a bucket of one a day: who blocks it over and over is no nuisance.

use std::time::Duration;

use access::{Admission, Throttle, Visitor};
use policy::access::{AccessPolicy, Limit, Mechanism};

use super::Accounts;
use crate::account::Account;
use crate::error::FlowError;
use crate::login::Login;
use crate::notice::{Notice, What};

/// Links to one address in the lifetime of one.
const SENT: u32 = 4;
/// Times that the links of one account are followed, in the lifetime of one: each may compute
/// as many hashes as the policy keeps former passwords.
const FOLLOWED: u32 = 12;
/// How often a person is told that the account is blocked, at most.
const WARNED: Limit = Limit {
    failures: 1,
    window: Duration::from_secs(24 * 60 * 60),
};

/// The counters of links.
#[derive(Clone)]
pub(super) struct Links {
    sent: Throttle,
    followed: Throttle,
    warned: Throttle,
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
        let rules = |limit| {
            let mut rules: AccessPolicy = policy.access().clone();
            rules.mechanism = Mechanism::None;
            rules.trusted_device = None;
            rules.limits.pair = None;
            rules.limits.site = Some(limit);
            rules
        };
        let a_few = |failures| rules(Limit { failures, window });
        // The source of an attempt on a blocked account has been counted for it.
        let mut warned = rules(WARNED);
        warned.limits.source = None;
        Self {
            sent: login.throttle().under(&a_few(SENT)),
            followed: login.throttle().under(&a_few(FOLLOWED)),
            warned: login.throttle().under(&warned),
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

impl Accounts {
    /// What to tell the person of a blocked account: that it is blocked, once a day whatever
    /// strangers do. The same work for an identifier that nobody has.
    pub(super) async fn warned(
        &self,
        visitor: &Visitor<'_>,
        found: Option<&Account>,
    ) -> Vec<Notice> {
        let name = Account::read(visitor.identifier);
        let name = name.as_ref().map_or("", Account::as_str);
        let room = room(&self.links.warned, &self.login, "warned", name, visitor).await;
        match (room, found) {
            (Ok(Room::Yes), Some(account)) => vec![Notice::new(account, What::Blocked)],
            // Nor is a counter that does not answer a reason to write.
            _ => Vec::new(),
        }
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
