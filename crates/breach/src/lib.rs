//! Has this password leaked: an offline index, and the online range protocol.
//!
//! Answers to NIST SP 800-63B, ASVS 5 (6.2.12) and ANSSI PG-078 (R27): a new password is
//! compared with those that leaked. [`Index`] reads a file on this machine and asks nobody; `online`
//! asks a service over the network, and is off by default.
//!
//! Absent on purpose: the verdict. This crate says whether a password is in a set; what
//! follows from it is the judge's business.

#[cfg(feature = "build")]
pub mod build;
pub mod digest;
pub mod index;
#[cfg(feature = "online")]
pub mod online;
pub mod range;
mod service;

pub use digest::{Digest, Kind};
pub use index::{Index, IndexError};
pub use service::LeakService;
