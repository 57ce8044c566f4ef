//! May this account try again now?
//!
//! Clauses: CNIL 2022-100, case 2 (a growing delay, or a block after at most ten failures)
//! and case 3 (a block after three). [`state`] is a pure machine: time is an argument.
//!
//! An [`Attempt`] is a permitted try whose failure is already counted; only
//! [`Attempt::succeed`] takes it back. Unknown accounts count like known ones, because
//! nothing here knows which accounts exist.
//!
//! Absent on purpose: the clock, and identifiers. What reaches a counter is an
//! [`AccountKey`], a keyed hash.

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
mod key;
mod memory;
mod record;
mod time;

pub use bucket::{Bucket, Level};
pub use key::{AccountKey, KeyMaker};
pub use memory::Memory;
pub use record::{Cell, Record, RecordError, decide, take_back};
pub use state::{Decision, Restriction};
pub use store::{Ask, Counter, CounterKey, Rule, Scope, Store, StoreError, Verdict};
pub use time::Timestamp;
