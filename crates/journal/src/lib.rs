//! What happened: typed events without secrets, and the journal that keeps them.
//!
//! Clauses: CNIL 2022-100, logging (§64: attempts are logged, never with a password, its hash
//! or an identifier that is not known), and the CNIL's guide of 2024 (kept for six to twelve
//! months on a rolling basis, protected from those logged, analysed).
//!
//! An [`Event`] has no field that a typed text could enter: accounts are keyed hashes,
//! reasons are words of the program itself. A [`Sink`] takes events and never makes its
//! caller wait. `docs/JOURNAL.md` describes every kind and the form of a line.
//!
//! Absent on purpose: user agents, requested paths and every other text that a client
//! chooses; the access log of the gate has those that matter. Sending the journal elsewhere
//! is left to the collector of the site, for which the lines are made.

#[cfg(unix)]
mod folder;
#[cfg(unix)]
mod journal;
#[cfg(unix)]
mod read;
#[cfg(unix)]
mod writer;

mod code;
mod event;
mod kind;
mod line;
mod name;
mod sink;
mod text;
mod word;

pub use code::{Code, Weight};
pub use event::{Account, Event, SiteName, Source};
#[cfg(unix)]
pub use folder::OpenError;
#[cfg(unix)]
pub use journal::{Journal, Settings};
pub use kind::Kind;
pub use line::{Entry, LONGEST, VERSION};
pub use name::FileName;
#[cfg(unix)]
pub use read::{Entries, Fault, FaultKind, read};
pub use sink::{Collected, Silent, Sink, Traced};
pub use word::{
    Affected, By, ChangeReason, Device, Findings, LinkFault, Loss, Notice, Rank, Scope,
    StoreAnswer, Word,
};

#[cfg(all(test, unix))]
mod tests;
