//! How many links are sent and followed.
//!
//! Clauses: CNIL 2022-100, case 2 (nobody is locked out by strangers) and reset.
//!
//! Each account has a bucket of its own: a few links at once, freed evenly over the lifetime of
//! a link. Nobody's mailbox is flooded, and whoever finds the bucket full has a link that still
//! works. Names that nobody has share a few thousand buckets, which costs nobody anything: asking
//! is cheap, and must not fill the counters. Whoever finds one of these full has the same work done
//! as anybody, since strangers may have filled it. Each source has the same counter as for its
//! sign-ins, and is counted whatever becomes of the name; each site has one for each kind of link.
//! Only these two are told: a full mailbox answers like any other. The message that an account is
//! blocked has a bucket of one a day: who blocks it over and over is no nuisance.

use std::net::IpAddr;
use std::time::Duration;

use access::{Room, Visitor};
use journal::{Kind, Scope};
use policy::access::Limit;

use super::Accounts;
use crate::account::Account;
use crate::error::FlowError;
use crate::notice::{Notice, What};
use crate::store::Slot;

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

impl Accounts {
    /// Counts a link about to be sent to an account, or to nobody, or an account about to be made.
    pub(super) async fn send(
        &self,
        purpose: &str,
        to: &Slot,
        visitor: &Visitor<'_>,
    ) -> Result<Room, FlowError> {
        let (kind, limit) = (format!("sent {purpose}"), self.a_few(SENT));
        let room = self.room(&kind, to.as_str(), limit, visitor.source).await?;
        self.note_room(&room, visitor);
        Ok(room)
    }

    /// Counts a link of an account that is followed.
    pub(super) async fn followed(
        &self,
        account: &Account,
        visitor: &Visitor<'_>,
    ) -> Result<Room, FlowError> {
        let (name, limit) = (account.as_str(), self.a_few(FOLLOWED));
        let room = self.room("followed", name, limit, visitor.source).await?;
        self.note_room(&room, visitor);
        Ok(room)
    }

    /// Says to the journal that there is no room, without the name: it may be nobody's.
    fn note_room(&self, room: &Room, visitor: &Visitor<'_>) {
        let (scope, wait) = match *room {
            Room::Yes => return,
            Room::Full(wait) => (Scope::Account, wait),
            Room::Wait(scope, wait) => (scope.into(), wait),
        };
        self.note(Kind::AskedTooOften { scope, wait }, visitor);
    }

    /// What to tell the person of a blocked account: that it is blocked, once a day whatever
    /// strangers do. The same work for an identifier that nobody has.
    pub(super) async fn warned(
        &self,
        visitor: &Visitor<'_>,
        found: Option<&Account>,
    ) -> Vec<Notice> {
        let name = Account::read(visitor.identifier);
        let name = name.as_ref().map_or("", Account::as_str);
        // The source of an attempt on a blocked account has been counted for it.
        match (self.room("warned", name, WARNED, None).await, found) {
            (Ok(Room::Yes), Some(account)) => vec![Notice::new(account, What::Blocked)],
            // Nor is a counter that does not answer a reason to write.
            _ => Vec::new(),
        }
    }

    fn a_few(&self, failures: u32) -> Limit {
        let window = self.lifetime();
        Limit { failures, window }
    }

    async fn room(
        &self,
        kind: &str,
        name: &str,
        limit: Limit,
        source: Option<IpAddr>,
    ) -> Result<Room, FlowError> {
        let counters = self.login.throttle();
        let counted = counters.count(kind, name, limit, source, self.now());
        Ok(counted.await?)
    }
}
