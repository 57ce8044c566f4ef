//! Real origins as oracles: what they read is what we judged, or we refused.
//!
//! `tests/run` installs them from Debian. A missing program is a failure.

#[path = "../ask/mod.rs"]
mod ask;
#[path = "../ask/php.rs"]
mod model;

mod corpus;
mod django;
mod dokuwiki;
mod php;
mod servlet;
mod wire;
