//! May this account try again now?
//!
//! Clauses: CNIL 2022-100, case 2 (a growing delay, or a block after at most ten failures)
//! and case 3 (a block after three). [`state`] is a pure machine: time is an argument.
//!
//! Counters live in a [`Store`]: [`Memory`] here, others behind features, or one of your own,
//! which the suite of the feature `contract` checks. With the feature `tokio`, `Throttle` adds
//! keys, rules and a deadline: what a login flow uses. Without it nothing here needs a runtime.
//!
//! An `Attempt` is a permitted try whose failure is already counted; only `Attempt::succeed`
//! takes it back. Unknown accounts count like known ones, because nothing here knows which
//! accounts exist.
//!
//! Absent on purpose: the clock, and identifiers. What reaches a counter is a [`CounterKey`], a
//! keyed hash.

#[cfg(feature = "contract")]
pub mod contract;
pub mod state;

pub mod store;

#[cfg(feature = "remote")]
pub mod remote;

#[cfg(feature = "redis")]
pub mod redis;

#[cfg(feature = "postgres")]
pub mod postgres;

mod bucket;
#[cfg(feature = "tokio")]
pub mod captcha;
mod cause;
#[cfg(feature = "tokio")]
mod device;
mod key;
mod memory;
mod record;
#[cfg(feature = "redb")]
mod redb;
#[cfg(feature = "tokio")]
mod throttle;
mod time;

pub use bucket::{Bucket, Level};
#[cfg(feature = "tokio")]
pub use captcha::{AnswerFault, Challenge};
pub use cause::Cause;
#[cfg(feature = "tokio")]
pub use device::DeviceToken;
pub use key::{AccountKey, KeyError, KeyMaker, Source, is_invisible};
pub use memory::Memory;
pub use record::{Cell, Record, RecordError, decide, take_back};
#[cfg(feature = "redb")]
pub use redb::{Redb, private_file};
pub use state::{Decision, Presence, Restriction, Tally};
pub use store::{Ask, Counter, CounterKey, Rule, Scope, Store, StoreError, TakenBack, Verdict};
#[cfg(feature = "tokio")]
pub use throttle::{
    Admission, Attempt, OpenError, Room, Success, Throttle, ThrottleError, Visitor,
};
pub use time::Timestamp;
