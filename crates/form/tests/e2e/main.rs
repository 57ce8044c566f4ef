//! Real origins as oracles: what they read is what we judged, or we refused.
//!
//! `tests/run` installs them from Debian. A missing program is a failure.

#[path = "../ask/mod.rs"]
mod ask;

mod corpus;
mod php;
mod servlet;
