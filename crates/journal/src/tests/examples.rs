//! One event of each kind, with every field that it may have.

use std::net::SocketAddr;
use std::time::Duration;

use access::KeyMaker;

use super::at;
use crate::{
    Account, Affected, By, ChangeReason, Device, Event, FileName, Findings, Kind, LinkFault, Loss,
    Notice, Rank, Scope, StoreAnswer, Word,
};

pub(super) const IDENTIFIER: &str = "canary-identifier@example.fr";

pub(super) fn account() -> Account {
    KeyMaker::with_secret([7; 32]).account(IDENTIFIER).into()
}

/// Events as they come, from a source where there is one.
pub(super) fn events() -> Vec<Event> {
    let source: SocketAddr = "192.0.2.1:50123".parse().expect("an address");
    let moment = at("2026-11-24T22:05:04.123456Z");
    kinds()
        .into_iter()
        .map(|kind| {
            let own = [
                "journal", "events", "line", "files", "deletion", "over", "clock", "policy",
            ];
            let from_outside = !own.iter().any(|own| kind.code().name().starts_with(own));
            let event = Event::new(moment, kind);
            if from_outside {
                event.from(source)
            } else {
                event
            }
        })
        .collect()
}

pub(super) fn kinds() -> Vec<Kind> {
    let account = account();
    let some = Some(account);
    let file = "2026-11-24_20261124T220504.123456Z_0000012345_0000.jsonl";
    let file = FileName::parse(file).expect("a name");
    vec![
        Kind::SignedIn {
            account,
            device: Device::Trusted,
        },
        Kind::SignInFailed { account: some },
        Kind::SignInDelayed {
            account: some,
            scope: Scope::Account,
            wait: Duration::from_secs(8),
        },
        Kind::SignInBlocked {
            account: some,
            scope: Scope::Account,
        },
        Kind::PresenceAsked {
            account: some,
            scope: Scope::Pair,
        },
        Kind::SignInOverloaded,
        Kind::StoreDown {
            answer: StoreAnswer::Closed,
        },
        Kind::StoreMayForget,
        Kind::Unlocked {
            account: some,
            scope: Scope::Account,
            by: By::Person,
        },
        Kind::ChangeRequired {
            account,
            reason: ChangeReason::Compromised,
        },
        Kind::TemporaryExpired { account },
        Kind::WeakPassword {
            account: some,
            findings: Findings::new(["leaked-password"]),
        },
        Kind::DeviceTrusted { account },
        Kind::Registered { account },
        Kind::PasswordAccepted { account: some },
        Kind::PasswordRefused {
            account: some,
            findings: Findings::new(["too-few-characters", "common-password"]),
        },
        Kind::PasswordChanged { account },
        Kind::ChangeFailed { account },
        Kind::ResetAsked,
        Kind::AskedTooOften {
            scope: Scope::Source,
            wait: Duration::from_secs(36),
        },
        Kind::UnlockAsked,
        Kind::UnlockRefused {
            account: some,
            reason: LinkFault::Spent,
        },
        Kind::ConfirmRefused {
            reason: LinkFault::Unknown,
        },
        Kind::ResetRefused {
            account: some,
            reason: LinkFault::Expired,
        },
        Kind::ResetDone { account },
        Kind::TemporaryIssued {
            account,
            by: By::Operator,
        },
        Kind::ContactChanged { account },
        Kind::RankChanged {
            account,
            rank: Rank::Privileged,
        },
        Kind::AccountRemoved { account },
        Kind::CompromiseMarked { account },
        Kind::CompromisesMarked {
            affected: Affected::Listed,
            count: 1200,
        },
        Kind::NoticeDue {
            account,
            notice: Notice::Compromised,
            until: at("2026-11-27T22:05:04Z"),
        },
        Kind::HashRenewed {
            account,
            reason: Word::new("cost"),
        },
        Kind::HashesWrapped { count: 90_000 },
        Kind::RecordUnreadable { account },
        Kind::PolicyLoaded {
            preset: Word::new("cnil"),
            deviations: 1,
        },
        Kind::PolicyRefused { faults: 2 },
        Kind::JournalOpened {
            version: Word::new("0.1.0"),
            process: 12_345,
        },
        Kind::JournalClosed,
        Kind::EventsLost {
            count: 311,
            reason: Loss::Disk,
        },
        Kind::LineClosed { file, bytes: 57 },
        Kind::FilesDeleted {
            count: 2,
            before: "2026-05-25".parse().expect("a day"),
        },
        Kind::DeletionPutOff { count: 180 },
        Kind::OverMost {
            bytes: 5 << 30,
            most: 4 << 30,
        },
        Kind::ClockWentBack {
            by: Duration::from_secs(7200),
        },
    ]
}
