//! The gate: sockets, hyper, stages.
//!
//! [`Gate::start`] puts sites behind TLS as a policy says; [`Gate::reload`] replaces the
//! policy without dropping a connection and never by a worse one; [`Gate::drain`] ends. What
//! a request goes through is one list, in `stages.rs`; every answer of the gate's own is made
//! in `respond.rs`. What a connection must look like is the business of
//! [`transport`]; this crate owns the sockets, the clock and the files, and orders
//! certificates ([`acme`]).
//!
//! [`form`] judges what forms send, with the judge that the library asks, and opens accounts that
//! failed sign-ins have blocked. [`Watch`] is a window on one site for the person who shows how
//! its forms work.

pub mod acme;
mod activity;
mod admin;
mod affinity;
mod announce;
mod answer;
mod ask;
mod bind;
mod body;
mod caps;
mod certify;
mod check;
mod checks;
mod dial;
mod drive;
mod error;
pub mod evidence;
pub mod form;
mod gate;
mod gather;
mod guard;
mod handshake;
mod health;
mod limit;
mod linger;
mod link;
mod listen;
mod log;
mod manner;
mod mend;
mod meter;
mod metrics;
mod mux;
mod nap;
mod observe;
mod origins;
mod pace;
mod plain;
mod preflight;
pub mod probe;
mod rate;
mod record;
mod respond;
mod rewrite;
mod route;
mod seldom;
mod socket;
mod stages;
mod staple;
mod state;
mod threads;
mod tunnel;
mod turn;
mod upstream;
mod visit;
mod watch;
mod wire;

pub use bind::Listeners;
pub use error::StartError;
pub use gate::{DrainOutcome, Gate, Options, Pulse, SiteCertificate, SiteOrigins};
pub use health::OriginState;
pub use log::{Captured, LogSink};
pub use origins::OriginStatus;
pub use preflight::{Finding, State, preflight};
pub use respond::TemplateError;
pub use state::AUTHORITY_FILE;
pub use watch::Watch;
