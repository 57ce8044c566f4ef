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

pub mod state;

pub mod store;

mod bucket;
mod key;
mod memory;

pub use bucket::{Bucket, Level};
pub use key::{AccountKey, KeyMaker};
pub use memory::{Admission, Attempt, Memory};
pub use state::{Decision, Restriction, Timestamp};
pub use store::{Ask, Counter, CounterKey, Rule, Scope, Store, StoreError, Verdict};
