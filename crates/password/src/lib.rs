//! Is this password good enough, and how it is kept.
//!
//! A typed password goes one way: bytes → [`Password::read`] (cap, UTF-8, RFC 8265, NFC) →
//! [`Judge`] (rules from cheap to dear) → [`Accepted`], or a [`Refusal`] with at least one
//! [`Finding`] → [`hash::Hasher`] → [`hash::StoredHash`]. Only the judge makes an
//! [`Accepted`], and a new hash takes nothing else.
//!
//! Clauses: CNIL 2022-100, creation (forms, common passwords, context) and conservation;
//! RFC 8265, 4.2; RFC 9106. The bits that an [`Assessment`] reports belong to the policy's
//! form, never to the typed string.
//!
//! Everything here is plain, bounded work on the calling thread: a judgement takes
//! milliseconds, a hash tens of them. Run both off an event loop.
//!
//! Absent on purpose: a way to read a `Password` back, sockets, clocks and accounts.

pub mod generate;
pub mod hash;

mod assessment;
mod context;
mod finding;
mod fold;
mod judge;
mod read;
mod rule;
mod words;

pub use assessment::Assessment;
pub use context::Context;
pub use finding::{Finding, all_codes, explain};
pub use judge::{Accepted, Judge, Refusal};
pub use read::{Password, ReadError};
